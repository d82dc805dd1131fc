"""What several pages ask: the list that the headlines speak of, the releases, how new the data are.

Here and beside: selecting, joining names, ordering. Not here: any arithmetic that is not in a published table
already, and any words.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from dashboards.data.release import Release


@dataclass(frozen=True)
class ModelList:
    """One list of models: a population on a day."""

    snapshot_date: date
    scope: str
    title: str


def headline_list(release: Release) -> ModelList | None:
    """Give the list that the headlines speak of; None when no list is large enough."""
    found = release.frame(
        """
        select h.as_of_date, h.scope, coalesce(s.title, h.scope) as title
        from marts.headlines as h
        left join core.snapshots as s
            on s.scope = h.scope and s.snapshot_date = h.as_of_date and s.is_model_list
        where h.headline = 'dependent_share'
        order by h.as_of_date desc, h.scope
        limit 1
        """
    )
    return ModelList(*found.row(0)) if found.height else None


def is_whole(chosen: ModelList, lists: pl.DataFrame) -> bool:
    """Whether a list is of the whole Hub; `lists` are rows of the coverage."""
    found = lists.filter(
        pl.col("is_model_list"),
        pl.col("scope") == chosen.scope,
        pl.col("newest_date") == chosen.snapshot_date,
        pl.col("is_whole_population"),
    )
    return found.height > 0


def newest_date(release: Release) -> date | None:
    """Give the newest day that any source speaks of."""
    found: date | None = release.value("select max(newest_date) from marts.coverage")
    return found


def newest_list_date(release: Release) -> date | None:
    """Give the day of the newest list of models."""
    found: date | None = release.value("select max(newest_date) from marts.coverage where is_model_list")
    return found


def releases(release: Release) -> pl.DataFrame:
    """Give the dated events, verified or not."""
    return release.frame(
        """
        select release_id, event_date, date_precision, name, organization_id, organization, kind,
            modality, family, base_name, status, note
        from core.releases
        order by event_date, release_id
        """
    )


def coverage(release: Release) -> pl.DataFrame:
    """Give what is there and what is not."""
    return release.frame(
        """
        select source, scope, title, is_whole_population, is_model_list, first_date, newest_date, days,
            missing_days, rows, subjects, downloads_30d, with_downloads_pct, with_created_at_pct,
            with_task_pct, with_parent_pct, rejected_values
        from marts.coverage
        order by source, newest_date, scope
        """
    )


def snapshots(release: Release) -> pl.DataFrame:
    """Give every list and series with collector, licence and attribution; of live ones the newest."""
    return release.frame(
        """
        select source, snapshot_date, scope, title, is_whole_population, date_uncertainty_days, origin,
            licence, nullif(attribution, '') as attribution
        from core.snapshots
        qualify not is_live
            or row_number() over (partition by source, scope order by snapshot_date desc) = 1
        order by source, snapshot_date, scope
        """
    )


def sources(release: Release) -> pl.DataFrame:
    """Give each source with its newest day and what its last attempt said."""
    return release.frame(
        """
        select source, description, is_live, as_of_date, newest_date, newest_is_complete, age_days,
            cadence_days, is_stale, attempted_date, failure
        from core.sources
        order by is_live desc, is_stale desc, source
        """
    )
