"""What the page on growth asks: totals of the Hub, births, their pace, answers to releases, diversity.

Here: selecting, joining names, picking the population that a figure speaks of, sums of days to months. Not
here: estimates, which the tables hold, and any words.
"""

import polars as pl

from dashboards.data.release import Release

#: Partial lists are only drawn when so many births of theirs have a day, for half of their models at least.
LEAST_DATED_BIRTHS, LEAST_DATED_PCT = 500, 50
NEWEST_WEEKS = 52


def hub_totals(release: Release) -> pl.DataFrame:
    """Give the reported totals of the whole Hub, with what the register says of each."""
    return release.frame(
        """
        select e.as_of_date, e.models, t.status, t.source, t.note
        from marts.explosion_weekly as e
        left join core.hub_totals as t on t.as_of_date = e.as_of_date and t.models = e.models
        where e.series = 'net_stock' and not e.is_illustration
        order by e.as_of_date
        """
    )


def hub_growth(release: Release) -> pl.DataFrame:
    """Give the growth between reports; its bounds are also read as doubling times."""
    return release.frame(
        """
        select from_date, to_date, from_models, to_models, days, added_per_day, growth_pct_per_week,
            growth_lower_pct, growth_upper_pct, doubling_days,
            case when growth_upper_pct > 0 then 7 * ln(2) / ln(1 + growth_upper_pct / 100) end
                as doubling_lower_days,
            case when growth_lower_pct > 0 then 7 * ln(2) / ln(1 + growth_lower_pct / 100) end
                as doubling_upper_days,
            regime
        from marts.hub_growth
        order by to_date, from_date
        """
    )


def hub_fit(release: Release) -> pl.DataFrame:
    """Give the line through the newest totals; one row at most."""
    return release.frame("from marts.hub_growth_fit")


def births_weekly(release: Release) -> pl.DataFrame:
    """Give the weekly births of each population that can be drawn, with the regime of the 26 weeks before.

    Whole populations come whole; partial lists only where enough of them tells when it was made.
    """
    return release.frame(
        f"""
        select e.series, e.scope, s.title, e.as_of_date, e.is_illustration, e.week_date, e.models,
            e.derivatives, e.is_unfinished, e.models_nowcast, e.models_nowcast_lower, e.models_nowcast_upper,
            g.regime, c.with_created_at_pct,
            cast(sum(e.models) over (partition by e.series, e.scope) as bigint) as births
        from marts.explosion_weekly as e
        left join core.snapshots as s
            on s.scope = e.scope and s.snapshot_date = e.as_of_date and s.is_model_list
        left join marts.coverage as c
            on c.scope = e.scope and c.newest_date = e.as_of_date and c.is_model_list
        left join marts.growth_rates as g
            on g.series = e.series and g.scope = e.scope and g.subject_kind = 'universe'
            and g.subject = 'all' and g.measure = 'models' and g.to_date = e.week_date + 6
        where e.series <> 'net_stock' and e.universe = 'all' and s.selection is null
        qualify not e.is_illustration or (c.with_created_at_pct >= {LEAST_DATED_PCT}
            and sum(e.models) over (partition by e.series, e.scope) >= {LEAST_DATED_BIRTHS})
        order by e.is_illustration, e.series, births desc, e.scope, e.week_date
        """  # noqa: S608 (numbers of this module)
    )


def growth_rates(release: Release) -> pl.DataFrame:
    """Give the rolling growth of all births and of the derivatives among them, and why there is none."""
    return release.frame(
        """
        select g.series, g.scope, s.title, g.as_of_date, g.measure, g.from_date, g.to_date, g.weeks, g.births,
            g.growth_pct_per_week, g.growth_lower_pct, g.growth_upper_pct, g.doubling_days,
            g.doubling_lower_days, g.doubling_upper_days, g.regime, g.status
        from marts.growth_rates as g
        left join core.snapshots as s
            on s.scope = g.scope and s.snapshot_date = g.as_of_date and s.is_model_list
        where g.subject_kind = 'universe' and g.subject = 'all' and g.measure in ('models', 'derivatives')
        order by g.series, g.scope, g.measure desc, g.to_date
        """
    )


def growth_by_subject(release: Release) -> pl.DataFrame:
    """Give the newest growth of each universe and of each origin's derivatives in others' hands."""
    return release.frame(
        """
        select g.series, g.scope, s.title, g.as_of_date, g.subject_kind, g.subject,
            coalesce(o.name, g.subject) as name, g.measure, g.from_date, g.to_date, g.births,
            g.growth_pct_per_week, g.growth_lower_pct, g.growth_upper_pct, g.doubling_days, g.regime, g.status
        from marts.growth_rates as g
        left join core.snapshots as s
            on s.scope = g.scope and s.snapshot_date = g.as_of_date and s.is_model_list
        left join core.organizations as o on g.subject_kind = 'origin' and o.organization_id = g.subject
        where (g.subject_kind = 'universe' and g.measure = 'models')
            or (g.subject_kind = 'origin' and g.measure = 'community_derivatives')
        qualify row_number() over (
            partition by g.series, g.scope, g.subject_kind, g.subject order by g.to_date desc
        ) = 1
        order by g.series, g.scope, g.subject_kind desc, g.births desc, g.subject
        """
    )


def turning_points(release: Release) -> pl.DataFrame:
    """Give the turns in growth of each universe, and the row that says why there is none."""
    return release.frame(
        """
        select p.series, p.scope, s.title, p.as_of_date, p.universe, p.turn, p.month_date, p.kind,
            p.growth_pct_per_month, p.is_provisional, p.least_swing_pct, p.months, p.status
        from marts.turning_points as p
        left join core.snapshots as s
            on s.scope = p.scope and s.snapshot_date = p.as_of_date and s.is_model_list
        order by p.series, p.scope, p.universe, p.turn
        """
    )


def births_by_universe(release: Release) -> pl.DataFrame:
    """Give monthly births by modality of one population: a whole one, else the list with most modalities.

    `unknown`: how many more births it has, of models of unknown task.
    """
    return release.frame(
        """
        with monthly as (
            select b.series, b.scope, b.as_of_date, b.is_illustration, b.universe as subject,
                cast(date_trunc('month', b.birth_date) as date) as month_date,
                cast(sum(b.models) as bigint) as births,
                last_day(any_value(b.birth_date)) > any_value(b.last_full_date) as is_unfinished
            from marts.births_daily as b
            where b.universe not in ('all', 'unknown')
            group by all
        ),
        subjects as (
            select series, scope, is_illustration, subject, sum(births) as births
            from monthly
            group by all
        ),
        chosen as (
            select series, scope
            from subjects
            group by series, scope, is_illustration
            order by is_illustration, count(*) filter (births >= 20) desc, sum(births) desc, series, scope
            limit 1
        )
        select m.series, m.scope, s.title, m.as_of_date, m.is_illustration, m.subject, m.subject as name,
            m.month_date as date, m.births, m.is_unfinished,
            (
                select coalesce(sum(u.models), 0)
                from marts.births_daily as u
                inner join chosen using (series, scope)
                where u.universe = 'unknown'
            ) as unknown
        from monthly as m
        inner join chosen using (series, scope)
        left join core.snapshots as s
            on s.scope = m.scope and s.snapshot_date = m.as_of_date and s.is_model_list
        order by m.subject, m.month_date
        """
    )


def births_by_origin(release: Release) -> pl.DataFrame:
    """Give the newest year of derivatives by origin of one population: a whole one, else the largest.

    `unknown`: how many more derivatives that year has, of unknown origin.
    """
    return release.frame(
        f"""
        with chosen as (
            select series, scope, max(week_date) as newest
            from marts.explosion_by_origin_weekly
            where derivatives > 0
            group by series, scope, is_illustration
            order by is_illustration, sum(derivatives) desc, series, scope
            limit 1
        ),
        year as (
            select b.*
            from marts.explosion_by_origin_weekly as b
            inner join chosen as c using (series, scope)
            where b.derivatives > 0 and b.week_date > c.newest - {7 * NEWEST_WEEKS}
        )
        select b.series, b.scope, s.title, b.as_of_date, b.is_illustration, b.origin as subject,
            coalesce(o.name, b.origin) as name, b.week_date as date, b.derivatives as births, b.is_unfinished,
            (select coalesce(sum(derivatives), 0) from year where origin = 'unknown') as unknown
        from year as b
        left join core.snapshots as s
            on s.scope = b.scope and s.snapshot_date = b.as_of_date and s.is_model_list
        left join core.organizations as o on o.organization_id = b.origin
        where b.origin <> 'unknown'
        order by b.origin, b.week_date
        """  # noqa: S608 (a number of this module)
    )


def families_born(release: Release) -> pl.DataFrame:
    """Give the day on which each family is first known to have been born, whole populations first.

    The tenth derivative of a partial list is never earlier than the true one, so the earliest of several
    lists is the best that is known. The life is that of the list, for whole populations alone.
    """
    return release.frame(
        """
        select f.family, f.organization_id, coalesce(o.name, f.organization_id) as organization,
            f.release_date, f.born_date,
            f.scope, s.title, f.as_of_date, f.is_illustration,
            case when not f.is_illustration then f.death_date end as death_date
        from marts.family_lives as f
        left join core.organizations as o on o.organization_id = f.organization_id
        left join core.snapshots as s
            on s.scope = f.scope and s.snapshot_date = f.as_of_date and s.is_model_list
        where not f.includes_variants and f.born_date is not null
        qualify row_number() over (
            partition by f.family order by f.is_illustration, f.born_date, f.scope, f.series
        ) = 1
        order by f.born_date, f.family
        """
    )


def responses(release: Release) -> pl.DataFrame:
    """Give the days from a generation's first release to its first and tenth derivative, the best known.

    A whole population before partial ones; of several upper bounds the least.
    """
    return release.frame(
        """
        select r.release_id, r.name, r.organization_id, coalesce(o.name, r.organization_id) as organization,
            r.family, r.release_date, r.scope, s.title, r.as_of_date, r.is_illustration,
            r.dated_derivatives, r.days_to_first, r.first_status, r.days_to_tenth, r.tenth_status
        from marts.release_responses as r
        left join core.organizations as o on o.organization_id = r.organization_id
        left join core.snapshots as s
            on s.scope = r.scope and s.snapshot_date = r.as_of_date and s.is_model_list
        where not r.includes_variants and r.measure = 'family' and r.is_first_of_family
        qualify row_number() over (
            partition by r.release_id
            order by r.is_illustration, r.days_to_tenth nulls last, r.days_to_first nulls last, r.scope,
                r.series
        ) = 1
        order by r.release_date, r.release_id
        """
    )


def stars(release: Release) -> pl.DataFrame:
    """Give the observed stars of repositories around families; `is_own` are those we asked GitHub for."""
    return release.frame(
        """
        select s.repository, s.family, s.date, s.stars_observed,
            s.date > coalesce(c.newest_date, date '1970-01-01') as is_own
        from marts.repository_stars_daily as s
        left join marts.coverage as c on c.source = 'github_stars'
        where s.stars_observed is not null and s.family is not null
        order by s.repository, s.date
        """
    )


def diversity_of_births(release: Release) -> pl.DataFrame:
    """Give the effective number of uploaders and of origins by month, of one population.

    Uploaders are counted at equal coverage, with an interval; origins as they are, with the bound of what is
    unknown. The population: a whole one, else the list with most months.
    """
    return release.frame(
        """
        with measures as (
            select *
            from marts.diversity_monthly
            where series <> 'downloads_30d' and universe = 'all' and evidence = 'curated'
                and value is not null and ((unit = 'uploader' and metric = 'hill_1_at_coverage')
                    or (unit = 'origin_organization' and metric = 'hill_1' and total >= 20))
        ),
        chosen as (
            select series, scope
            from measures
            where unit = 'uploader'
            group by series, scope, is_whole_population
            order by is_whole_population desc, count(*) desc, sum(total) desc, series, scope
            limit 1
        )
        select m.series, m.scope, s.title, m.as_of_date, m.universe, m.evidence, m.is_whole_population,
            m.month, m.unit, m.value,
            coalesce(m.lower, m.unknown_least) as lower, coalesce(m.upper, m.unknown_most) as upper,
            m.interval_kind, m.units, m.total, m.unknown_share, m.is_unfinished
        from measures as m
        inner join chosen using (series, scope)
        left join core.snapshots as s
            on s.scope = m.scope and s.snapshot_date = m.as_of_date and s.is_model_list
        order by m.unit desc, m.month
        """
    )


def diversity_of_downloads(release: Release, scope: str) -> pl.DataFrame:
    """Give the effective numbers of uploaders and origins of the downloads of a scope's newest list."""
    return release.frame(
        """
        select m.universe, m.unit, m.metric, m.value, m.without_one_least, m.without_one_most,
            m.lower, m.upper, m.interval_kind, m.unknown_least, m.unknown_most, m.units, m.total,
            m.unknown_share, m.series, m.scope, m.as_of_date
        from marts.diversity_monthly as m
        where m.series = 'downloads_30d' and m.scope = ? and m.value is not null
            and m.metric in ('hill_0', 'hill_1', 'hill_2')
            and ((m.unit = 'uploader' and m.evidence = 'any')
                or (m.unit = 'origin_organization' and m.evidence = 'curated'))
        qualify m.month = max(m.month) over ()
        order by m.universe desc, m.unit desc, m.metric
        """,
        scope,
    )
