"""What the overview and the cards of the headlines ask: numbers, paces, classes, the heaviest.

Here: selecting and joining. Not here: arithmetic that a table already has, and words.
"""

import polars as pl

from dashboards.data.common import ModelList
from dashboards.data.release import Release

#: Every vintage with the bounds of the one before it, and whether it may be told: a doubling time is a number
#: only where the Hub surely grows.
VINTAGES = """
    select
        *,
        lag(lower) over number as previous_lower,
        lag(upper) over number as previous_upper,
        headline <> 'hub_doubling_days' or coalesce(
            max(case when headline = 'hub_growth_per_week' and is_newest then lower end) over day > 0, false
        ) as is_told
    from marts.headline_vintages
    window
        number as (partition by headline, universe, as_of_date, scope order by vintage),
        day as (partition by as_of_date, scope)
"""

#: What is known of the list of a headline `h`: its title, how much of the Hub it is, its models of the
#: universe, and the part of their downloads whose origin is not known.
LISTS = """
    left join core.snapshots as s
        on s.scope = h.scope and s.snapshot_date = h.as_of_date and s.is_model_list
    left join marts.coverage as c on c.scope = h.scope and c.source = 'hub_totals'
    left join marts.dependence_shares as n
        on n.scope = h.scope and n.snapshot_date = h.as_of_date and n.universe = h.universe
        and n.evidence = 'curated' and n.weight = 'models'
    left join marts.organization_shares as o
        on o.scope = h.scope and o.snapshot_date = h.as_of_date and o.universe = h.universe
        and o.evidence = 'curated' and o.organization_id = 'unknown'
"""
LIST_COLUMNS = """
    coalesce(s.title, c.title) as title, s.is_whole_population, n.total as models,
    o.origin_share as unknown_origin_share
"""


def numbers(release: Release) -> pl.DataFrame:
    """Give each headline with its vintage, and the one before it of the same population.

    `earlier_*` is what stands for the newest earlier day of the same number and scope; `previous_*` is what
    an earlier release said of the very same day.
    """
    return release.frame(
        f"""
        with newest as (select * from ({VINTAGES}) where is_newest)
        select h.headline, h.universe, h.as_of_date, h.scope, h.value, h.lower, h.upper, h.unit,
            h.denominator, v.vintage, v.published_as_of_date, v.is_revision, v.previous_value,
            v.previous_lower, v.previous_upper, true as is_told,
            e.as_of_date as earlier_date, e.value as earlier_value, e.lower as earlier_lower,
            e.upper as earlier_upper, {LIST_COLUMNS}
        from marts.headlines as h
        {LISTS}
        left join newest as v
            on v.headline = h.headline and v.universe = h.universe and v.scope = h.scope
            and v.as_of_date = h.as_of_date
        left join newest as e
            on e.headline = h.headline and e.universe = h.universe and e.scope = h.scope
            and e.as_of_date < h.as_of_date and e.is_told
        where h.value is not null and (h.headline <> 'hub_doubling_days' or exists (
            from marts.headlines as g where g.headline = 'hub_growth_per_week' and g.lower > 0
        ))
        qualify row_number() over (
            partition by h.headline, h.universe order by e.as_of_date desc nulls last
        ) = 1
        order by h.headline, h.universe
        """  # noqa: S608 (put together from this module alone)
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
