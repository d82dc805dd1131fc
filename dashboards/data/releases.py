"""What the page about releases asks: effects, multipliers, adoption at equal age.

Of several lists one is taken, since lists of different scope are never mixed: a whole population before a
part, then the one that says most; of readings first the one with the most baselines.
"""

from datetime import date

import polars as pl

from dashboards.data.release import Release


def register_date(release: Release) -> date | None:
    """Give the day of the registers: that of this release, since their rows have none of their own."""
    found: date | None = release.value("select max(as_of_date) from core.sources")
    return found


def effects(release: Release) -> pl.DataFrame:
    """Give the event study of one list: each big release, both outcomes, estimated or with the reason."""
    return release.frame(
        """
        with best as (
            select series, scope
            from marts.release_effects
            group by series, scope
            order by bool_or(is_illustration), count(effect) desc, max(as_of_date) desc, series, scope
            limit 1
        ),
        titles as (select scope, max(title) as title from core.snapshots group by scope)
        select e.*, t.title
        from marts.release_effects as e
        inner join best as b on b.series = e.series and b.scope = e.scope
        left join titles as t on t.scope = e.scope
        order by e.event_date, e.release_id, e.outcome
        """
    )


def multipliers(release: Release) -> pl.DataFrame:
    """Give for one list how many derivatives a release sets off, by size and horizon."""
    return release.frame(
        """
        with best as (
            select series, scope
            from marts.release_multipliers
            group by series, scope
            order by
                bool_or(is_illustration), count(derivatives_median) desc, max(as_of_date) desc, series, scope
            limit 1
        ),
        titles as (select scope, max(title) as title from core.snapshots group by scope)
        select m.*, t.title
        from marts.release_multipliers as m
        inner join best as b on b.series = m.series and b.scope = m.scope
        left join titles as t on t.scope = m.scope
        order by
            case m.size_class
                when 'below 3B' then 0
                when '3B to 10B' then 1
                when '10B to 40B' then 2
                else 3
            end,
            m.horizon_days
        """
    )


def adoption(release: Release) -> pl.DataFrame:
    """Give the readings of one list and one measure at equal ages, with their baseline where there is one."""
    return release.frame(
        """
        with best as (
            select measure, scope
            from marts.relative_adoption
            group by measure, scope
            order by count(ratio) desc, bool_or(is_illustration), count(*) desc, measure, scope
            limit 1
        ),
        titles as (select scope, max(title) as title from core.snapshots group by scope)
        select a.*, t.title
        from marts.relative_adoption as a
        inner join best as b on b.measure = a.measure and b.scope = a.scope
        left join titles as t on t.scope = a.scope
        order by a.age_days, a.value desc, a.model_id
        """
    )


def baselines(release: Release) -> pl.DataFrame:
    """Give how many readings each list has, and why there is no baseline where there is none."""
    return release.frame(
        """
        with titles as (select scope, max(title) as title from core.snapshots group by scope)
        select a.measure, a.scope, t.title, a.age_days, a.baseline_version, a.status, count(*) as readings
        from marts.relative_adoption as a
        left join titles as t on t.scope = a.scope
        group by all
        order by a.measure, a.scope, a.age_days, a.status
        """
    )
