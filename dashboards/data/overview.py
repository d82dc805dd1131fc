"""What the overview and the cards of the headlines ask: numbers, paces, classes, the heaviest.

Here: selecting and joining. Not here: arithmetic that a table already has, and words.
"""

import polars as pl

from dashboards.data.common import ModelList
from dashboards.data.release import Release


def numbers(release: Release) -> pl.DataFrame:
    """Give each headline with its vintage, and the one before it of the same population.

    `earlier_*` is what stands for the newest earlier day of the same number and scope; `previous_*` is what
    an earlier release said of the very same day. `unknown_share` and `models` are of the list and universe.
    """
    return release.frame(
        """
        with newest as (select * from marts.headline_vintages where is_newest)
        select h.headline, h.universe, h.as_of_date, h.scope, coalesce(s.title, c.title) as title,
            h.value, h.lower, h.upper, h.unit, h.denominator, p.with_parent_pct,
            v.vintage, v.published_as_of_date, v.is_revision, v.previous_value,
            e.as_of_date as earlier_date, e.value as earlier_value, e.lower as earlier_lower,
            e.upper as earlier_upper, d.unknown_share, n.total as models
        from marts.headlines as h
        left join core.snapshots as s
            on s.scope = h.scope and s.snapshot_date = h.as_of_date and s.is_model_list
        left join marts.coverage as c on c.scope = h.scope and c.source = 'hub_totals'
        left join marts.coverage as p
            on p.scope = h.scope and p.newest_date = h.as_of_date and p.is_model_list
        left join newest as v
            on v.headline = h.headline and v.universe = h.universe and v.scope = h.scope
            and v.as_of_date = h.as_of_date
        left join newest as e
            on e.headline = h.headline and e.universe = h.universe and e.scope = h.scope
            and e.as_of_date < h.as_of_date
        left join marts.dependence_shares as d
            on d.scope = h.scope and d.snapshot_date = h.as_of_date and d.universe = h.universe
            and d.evidence = 'curated' and d.weight = 'downloads_30d'
        left join marts.dependence_shares as n
            on n.scope = h.scope and n.snapshot_date = h.as_of_date and n.universe = h.universe
            and n.evidence = 'curated' and n.weight = 'models'
        where h.value is not null
        qualify row_number() over (
            partition by h.headline, h.universe order by e.as_of_date desc nulls last
        ) = 1
        order by h.headline, h.universe
        """
    )


def hub_growth(release: Release) -> pl.DataFrame:
    """Give the pace of the whole Hub between its totals, the newest last."""
    return release.frame(
        """
        from marts.hub_growth
        where regime is not null and growth_lower_pct is not null
        order by to_date, from_date
        """
    )


def hub_growth_fit(release: Release) -> pl.DataFrame:
    """Give the line through the newest totals; no row, or a status, where there is none."""
    return release.frame("from marts.hub_growth_fit")


def classes(release: Release, chosen: ModelList) -> pl.DataFrame:
    """Give the classes of a list's downloads, registers admitted, for the two universes of the headlines."""
    return release.frame(
        """
        select universe, total, first_party_share, derived_share, unknown_share, independent_share,
            dependent_lower, dependent_upper
        from marts.dependence_shares
        where snapshot_date = ? and scope = ? and evidence = 'curated' and weight = 'downloads_30d'
            and universe in ('generative_language', 'all') and total > 0
        order by universe desc
        """,
        chosen.snapshot_date, chosen.scope,
    )  # fmt: skip


def heaviest_models(release: Release, chosen: ModelList, universe: str) -> pl.DataFrame:
    """Give the most downloaded models of a list."""
    return release.frame(
        """
        select place, model_id, uploader, base_model_id, dependence_class, downloads_30d, share
        from marts.heaviest_models
        where snapshot_date = ? and scope = ? and universe = ?
        order by place
        """,
        chosen.snapshot_date, chosen.scope, universe,
    )  # fmt: skip


def heaviest_accounts(release: Release, chosen: ModelList, universe: str) -> pl.DataFrame:
    """Give the most downloaded accounts of a list."""
    return release.frame(
        """
        select place, account, organization, funding, models, downloads_30d, share, first_party_share,
            at_stake_share
        from marts.heaviest_accounts
        where snapshot_date = ? and scope = ? and universe = ?
        order by place
        """,
        chosen.snapshot_date, chosen.scope, universe,
    )  # fmt: skip


def big_releases(release: Release) -> list[str]:
    """Give the ids of the releases that were chosen in advance as big, for their names on the timeline."""
    found = release.frame("select distinct release_id from marts.release_effects order by release_id")
    return found["release_id"].to_list()
