"""How complete the lists are: their models, and how many of these tell each counter.

Here: counting. Not here: any words (dashboards/figures/lists).
"""

import polars as pl

from dashboards.data.release import Release


def counts(release: Release) -> pl.DataFrame:
    """Count the models of every list, and by counter those that tell it."""
    return release.frame(
        """
        select snapshot_date, scope, count(*) as models, count(downloads_30d) as with_downloads_30d,
            count(downloads_all_time) as with_downloads_all_time, count(likes) as with_likes
        from core.model_snapshots
        group by snapshot_date, scope
        order by snapshot_date, scope
        """
    )


def with_counts(release: Release, rows: pl.DataFrame) -> pl.DataFrame:
    """Put the counts beside rows that name a list by `snapshot_date` and `scope`; null for a list without."""
    return rows.join(
        counts(release), on=["snapshot_date", "scope"], how="left", nulls_equal=True, maintain_order="left"
    )
