"""What the page of changes asks: vintages, what landed, new events, and models that are new in a list."""

from datetime import date, timedelta

import polars as pl

from dashboards.data.common import ModelList
from dashboards.data.overview import LIST_COLUMNS, LISTS, VINTAGES
from dashboards.data.release import Release

#: How old the list must at least be with which the newest one is compared.
WEEK = timedelta(days=7)


def vintages(release: Release) -> pl.DataFrame:
    """Give every number as it was published, the newest publication first."""
    return release.frame(
        f"""
        select h.*, {LIST_COLUMNS}
        from ({VINTAGES}) as h
        {LISTS}
        order by h.published_as_of_date desc, h.as_of_date desc, h.headline, h.universe, h.scope,
            h.vintage desc
        """  # noqa: S608 (put together from constants alone)
    )


def as_of_date(release: Release) -> date | None:
    """Give the day as of which the release was made; without live or shipped sources its newest vintage."""
    found: date | None = release.value(
        """
        select coalesce(
            (select max(as_of_date) from core.sources),
            (select max(published_as_of_date) from marts.headline_vintages)
        )
        """
    )
    return found


def landed(release: Release, number: int) -> pl.DataFrame:
    """Give the lists and series with the newest days, beside a list the Hub's newest total by its day."""
    return release.frame(
        """
        select c.newest_date, c.scope, c.title, c.source, c.rows, c.days, c.missing_days, c.is_model_list,
            c.is_whole_population, t.as_of_date as total_date, t.models as total
        from marts.coverage as c
        asof left join (from core.hub_totals where status = 'verified') as t
            on t.as_of_date <= c.newest_date
        where c.newest_date is not null
        order by c.newest_date desc, c.source, c.scope
        limit ?
        """,
        number,
    )


def events(release: Release, since: date) -> pl.DataFrame:
    """Give the verified events of the register after a day, the newest first."""
    return release.frame(
        """
        select event_date, date_precision, name, organization, kind
        from core.releases
        where status = 'verified' and event_date > ?
        order by event_date desc, release_id
        """,
        since,
    )


def newest_event(release: Release) -> pl.DataFrame:
    """Give the newest verified event; no row where there is none."""
    return release.frame(
        """
        select event_date, date_precision, name, organization, kind
        from core.releases
        where status = 'verified'
        order by event_date desc, release_id
        limit 1
        """
    )


def newest_list(release: Release) -> ModelList | None:
    """Give the newest list of models that tells downloads and is not of new or chosen models alone."""
    found = release.frame(
        """
        select s.snapshot_date, s.scope, coalesce(s.title, s.scope) as title
        from core.snapshots as s
        where s.is_model_list and s.selection is null and exists (
            select 1 from core.model_snapshots as m
            where m.snapshot_date = s.snapshot_date and m.scope = s.scope and m.downloads_30d > 0
        )
        order by s.snapshot_date desc, s.scope
        limit 1
        """
    )
    return ModelList(*found.row(0)) if found.height else None


def list_before(release: Release, newest: ModelList) -> date | None:
    """Give the day of the newest list of the same scope that is at least a week older."""
    found: date | None = release.value(
        """
        select max(snapshot_date) from core.snapshots
        where scope = ? and is_model_list and snapshot_date <= ?
        """,
        newest.scope, newest.snapshot_date - WEEK,
    )  # fmt: skip
    return found


def new_models(release: Release, newest: ModelList, before: date, number: int) -> pl.DataFrame:
    """Give the most downloaded models of a list that the earlier one did not have."""
    return release.frame(
        """
        select n.model_id, n.downloads_30d
        from core.model_snapshots as n
        left join core.model_snapshots as e
            on e.model_id = n.model_id and e.scope = n.scope and e.snapshot_date = ?
        where n.scope = ? and n.snapshot_date = ? and n.downloads_30d > 0 and e.model_id is null
        order by n.downloads_30d desc, n.model_id
        limit ?
        """,
        before, newest.scope, newest.snapshot_date, number,
    )  # fmt: skip
