"""What hangs on whom: which lists tell it, what a set of organizations takes with it, the simulator's shards.

Here: the figures for a given set of organizations as sql/examples/what_is_left_without.sql has them, and the
tables in the compact form that static/simulator.js reads. Not here: any words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from dashboards.data import lists
from dashboards.data.release import Release

UNREGISTERED = "unregistered"
#: What is counted, by the name that the command line and the address have for it.
WEIGHTS = {"downloads": "downloads_30d", "derivatives": "derivatives", "models": "models"}
FIGURES = ("gone", "broken", "lost_now", "stranded", "never_born_any", "never_born_all")
EVIDENCES = ("curated", "declared", "inferred")
HEADLINE_UNIVERSE = "generative_language"
ALL = "all"
_FAMILIES_OF_SETS = ("upstream", "paths", "needs", "losses")


@dataclass(frozen=True)
class ExposedList:
    """A list of models with what it tells: its universes, and those whose downloads; `rows` of exposure."""

    place: int
    snapshot_date: date
    scope: str
    title: str
    models: int | None
    models_with_downloads: int | None
    universes: tuple[str, ...]
    told: tuple[str, ...]
    evidences: tuple[str, ...]
    rows: int

    @property
    def universe(self) -> str:
        """Give the universe that is shown first."""
        return HEADLINE_UNIVERSE if HEADLINE_UNIVERSE in self.universes else ALL

    def weight(self, universe: str) -> str:
        """Give the weight that is shown first."""
        return "downloads_30d" if universe in self.told else "models"


def exposed_lists(release: Release) -> list[ExposedList]:
    """Give the lists that the exposure knows, that of the overview first, as the command line takes them."""
    found = release.frame(
        """
        select e.snapshot_date, e.scope, coalesce(min(s.title), e.scope) as title
        from marts.shutdown_exposure as e
        left join core.snapshots as s
            on s.scope = e.scope and s.snapshot_date = e.snapshot_date and s.is_model_list
        left join marts.headlines as h
            on h.headline = 'openai_meta_share' and h.universe = 'all'
            and h.scope = e.scope and h.as_of_date = e.snapshot_date
        where e.evidence = 'curated'
        group by e.snapshot_date, e.scope
        order by count(h.scope) = 0, e.snapshot_date desc, e.scope
        """
    )
    parts = release.frame(
        """
        select scope, evidence, universe, coalesce(sum(downloads_30d), 0) > 0 as is_told, count(*) as rows
        from marts.shutdown_exposure
        group by scope, evidence, universe
        order by scope, evidence, universe
        """
    )
    counted = lists.with_counts(release, found).select(*found.columns, "models", "with_downloads_30d")
    exposed = []
    for place, (day, scope, title, models, telling) in enumerate(counted.iter_rows()):
        own = parts.filter(pl.col("scope") == scope)
        curated = own.filter(pl.col("evidence") == "curated")
        told = tuple(curated.filter("is_told")["universe"])
        exposed.append(
            ExposedList(
                place, day, scope, title, models, telling, tuple(curated["universe"]),
                (*told, ALL) if told else (),
                tuple(each for each in EVIDENCES if each in set(own["evidence"])),
                int(curated["rows"].sum()),
            )
        )  # fmt: skip
    return exposed


def organizations(release: Release) -> pl.DataFrame:
    """Give the registered organizations by name."""
    return release.frame(
        """
        select organization_id, name, country, funding, status
        from core.organizations
        order by lower(name), organization_id
        """
    )


def losses(
    release: Release, exposed: ExposedList, universe: str, stopped: Sequence[str]
) -> dict[str, pl.DataFrame]:
    """Say what is lost if all of `stopped` delete their repositories: by weight, a row for each figure.

    Columns: figure, lower, upper, total (units of the weight), lower_share, upper_share. Curated evidence. A
    weight that the list does not tell is left out. The same as `cambrian shutdown`.
    """
    marked = _marked(release, exposed, universe, stopped)
    by_weight = {}
    for weight in WEIGHTS.values():
        sums = marked.filter(weight=weight).group_by("bound").agg(pl.col("total", *FIGURES).sum())
        rows = {row["bound"]: row for row in sums.iter_rows(named=True)}
        if not rows or not rows["lower"]["total"]:
            continue
        total = rows["lower"]["total"]
        frame = pl.DataFrame(
            {
                "figure": FIGURES,
                "lower": [rows["lower"][figure] for figure in FIGURES],
                "upper": [rows["upper"][figure] for figure in FIGURES],
                "total": [total] * len(FIGURES),
            }
        )
        by_weight[weight] = frame.with_columns(
            lower_share=(pl.col("lower") / total).round(9), upper_share=(pl.col("upper") / total).round(9)
        )
    return by_weight


def hit(
    release: Release, exposed: ExposedList, universe: str, stopped: Sequence[str], weight: str, column: str
) -> pl.DataFrame:
    """Give the lower bounds of `losses` by a column of core.organizations of the uploader, most unborn first.

    Columns: value (null where it is not known, UNREGISTERED where the uploader is not), lost, unborn, total.
    A country is not known of the unregistered either.
    """
    marked = _marked(release, exposed, universe, stopped).filter(weight=weight, bound="lower")
    named = marked.join(organizations(release), left_on="uploader", right_on="organization_id", how="left")
    if column == "funding":
        is_registered = pl.col("uploader") != UNREGISTERED
        named = named.with_columns(pl.when(is_registered).then(column).otherwise(pl.lit(UNREGISTERED)))
    return (
        named.group_by(value=column)
        .agg(
            lost=pl.col("lost_now").sum(), unborn=pl.col("never_born_any").sum(), total=pl.col("total").sum()
        )
        .filter(pl.col("unborn") > 0)
        .sort("unborn", "value", descending=[True, False])
    )


def unborn_families(
    release: Release, exposed: ExposedList, universe: str, stopped: Sequence[str], weight: str
) -> pl.DataFrame:
    """Give what would never have been born by the family of its root: value (empty where none), unborn."""
    rows = families(release, exposed.scope, exposed.snapshot_date, EVIDENCES[0])
    if universe != ALL:
        rows = rows.filter(universe=universe)
    is_met = pl.col("upstream").str.split("+").list.set_intersection(list(stopped)).list.len() > 0
    return (
        rows.filter(is_met)
        .group_by(value="family")
        .agg(unborn=pl.col(weight).sum())
        .filter(pl.col("unborn") > 0)
        .sort("unborn", "value", descending=[True, False])
    )


def _marked(release: Release, exposed: ExposedList, universe: str, stopped: Sequence[str]) -> pl.DataFrame:
    return release.frame(_LOSSES, "+".join(stopped), exposed.scope, universe, universe)


_LOSSES = """
    with stopped as (select string_split(?, '+') as certain),
    bounds as (
        select 'lower' as bound, certain, certain as names from stopped
        union all
        select 'upper', certain, list_append(certain, 'unknown') from stopped
    ),
    weights as (select unnest(['downloads_30d', 'derivatives', 'models']) as weight),
    marked as (
        select
            b.bound, e.uploader,
            e.models, e.derivatives, e.downloads_30d,
            list_contains(b.names, e.uploader) as is_gone,
            len(list_filter(string_split(e.needs, '|'),
                lambda f: list_has_all(b.names, string_split(f, '+')))) > 0 as lacks_base,
            len(list_filter(string_split(e.needs, '|'),
                lambda f: list_has_all(b.certain, string_split(f, '+')))) > 0 as surely_lacks_base,
            len(list_filter(string_split(e.losses, '|'),
                lambda f: list_has_all(b.names, string_split(f, '+')))) > 0 as loses_ancestor,
            list_has_any(b.names, string_split(e.upstream, '+')) as has_any,
            len(list_filter(string_split(e.paths, '|'),
                lambda f: not list_has_any(b.names, string_split(f, '+')))) = 0 as has_all
        from marts.shutdown_exposure as e
        cross join bounds as b
        where e.evidence = 'curated' and e.scope = ? and (? = 'all' or e.universe = ?)
    ),
    weighed as (
        select
            m.*, w.weight,
            case w.weight
                when 'models' then m.models when 'derivatives' then m.derivatives else m.downloads_30d
            end as amount
        from marked as m
        cross join weights as w
    )
    select
        bound,
        weight,
        uploader,
        cast(sum(amount) as bigint) as total,
        cast(sum(case when is_gone then amount else 0 end) as bigint) as gone,
        cast(sum(case when lacks_base and not is_gone then amount else 0 end) as bigint) as broken,
        cast(sum(case when is_gone or lacks_base then amount else 0 end) as bigint) as lost_now,
        cast(sum(case when loses_ancestor and not is_gone and not surely_lacks_base then amount else 0 end)
            as bigint) as stranded,
        cast(sum(case when has_any then amount else 0 end) as bigint) as never_born_any,
        cast(sum(case when has_all then amount else 0 end) as bigint) as never_born_all
    from weighed
    group by bound, weight, uploader
    order by bound, weight, uploader
"""


def extent(release: Release, exposed: ExposedList, universe: str) -> dict[str, tuple[int, int]]:
    """Count a list: by weight all of it, and what stands on roots of which not all is known."""
    found = release.frame(
        """
        select
            list_contains(string_split(upstream, '+'), 'unknown') as is_open,
            cast(sum(models) as bigint) as models,
            cast(sum(derivatives) as bigint) as derivatives,
            cast(coalesce(sum(downloads_30d), 0) as bigint) as downloads_30d
        from marts.shutdown_exposure
        where evidence = 'curated' and scope = ? and (? = 'all' or universe = ?)
        group by is_open
        order by is_open
        """,
        exposed.scope, universe, universe,
    )  # fmt: skip
    unsure = found.filter("is_open")
    return {
        weight: (int(found[weight].sum()), int(unsure[weight].sum()))
        for weight in ("models", "derivatives", "downloads_30d")
    }


def families(release: Release, scope: str, day: date, evidence: str) -> pl.DataFrame:
    """Give models by the set of organizations above them and the family of their root: exact for any set.

    The sets are those of core.ancestry, which the command line reads. Models of which no organization is
    known are left out, since they are of no set.
    """
    return release.frame(
        """
        select universe, upstream, family, cast(count(*) as bigint) as models,
            cast(sum(is_derivative) as bigint) as derivatives,
            cast(sum(downloads_30d) as bigint) as downloads_30d
        from (
            select s.model_id, s.universe, s.downloads_30d, coalesce(r.family, '') as family,
                case when r.parents > 0 then 1 else 0 end as is_derivative,
                string_agg(a.organization_id, '+' order by a.organization_id) as upstream
            from core.model_snapshots as s
            inner join core.ancestry as a
                on a.model_id = s.model_id and a.evidence = ? and a.through_share > 0
                and a.organization_id <> 'unknown'
            inner join core.model_roots as r on r.model_id = s.model_id and r.evidence = a.evidence
            where s.scope = ? and s.snapshot_date = ?
            group by s.model_id, s.universe, s.downloads_30d, r.family, r.parents
        )
        group by universe, upstream, family
        order by universe, upstream, family
        """,
        evidence, scope, day,
    )  # fmt: skip


def exposure_shard(release: Release, scope: str, evidence: str) -> dict[str, Any]:
    """Give the exposure of a list as columns of numbers: sets of organizations stand once, by their place."""
    rows = release.frame(
        """
        select universe, uploader, upstream, paths, needs, losses, models, derivatives, downloads_30d
        from marts.shutdown_exposure
        where scope = ? and evidence = ?
        order by universe, upstream, paths, losses, needs, uploader
        """,
        scope, evidence,
    )  # fmt: skip
    return _compact(rows, _FAMILIES_OF_SETS, ("uploader",))


def families_shard(release: Release, exposed: ExposedList, evidence: str) -> dict[str, Any]:
    """Give `families` as columns of numbers; the names of the families stand once, by their place."""
    rows = families(release, exposed.scope, exposed.snapshot_date, evidence)
    names = sorted(set(rows["family"]))
    return _compact(rows, ("upstream",), ()) | {
        "names": names,
        "family": _codes(rows["family"], names),
    }


def _compact(rows: pl.DataFrame, of_sets: Sequence[str], of_names: Sequence[str]) -> dict[str, Any]:
    texts = sorted(set().union(*(set(rows[column]) for column in of_sets)))
    members = {name for text in texts for part in text.split("|") for name in part.split("+") if name}
    names = sorted(members.union(*(set(rows[column]) for column in of_names)))
    place = {name: str(code) for code, name in enumerate(names)}
    universes = sorted(set(rows["universe"]))
    return {
        "organizations": names,
        "universes": universes,
        "sets": [
            "|".join("+".join(place[name] for name in part.split("+")) for part in text.split("|"))
            if text
            else ""
            for text in texts
        ],
        "universe": _codes(rows["universe"], universes),
        **{column: _codes(rows[column], texts) for column in of_sets},
        **{column: _codes(rows[column], names) for column in of_names},
        **{weight: rows[weight].to_list() for weight in WEIGHTS.values()},
    }


def _codes(column: pl.Series, values: Sequence[str]) -> list[int]:
    codes = dict(zip(values, range(len(values)), strict=True))
    return [codes[value] for value in column]
