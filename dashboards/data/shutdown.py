"""What the shutdown page asks: what hangs on whom, what silence costs, what withdrawals and platforms show.

Here: selecting from the published tables, the figures for a given set of organizations as
sql/examples/what_is_left_without.sql has them, and the tables in the compact form that static/simulator.js
reads. Not here: any words.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from dashboards.data.release import Release

UNREGISTERED = "unregistered"
#: What is counted, by the name that the command line and the address have for it.
WEIGHTS = {"downloads": "downloads_30d", "derivatives": "derivatives", "models": "models"}
FIGURES = ("gone", "broken", "lost_now", "stranded", "never_born_any", "never_born_all")
EVIDENCES = ("curated", "declared", "inferred")
HEADLINE_UNIVERSE = "generative_language"
ALL = "all"
_FAMILIES_OF_SETS = ("upstream", "paths", "needs", "losses")
_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class ExposedList:
    """A list of models with what it tells: its universes, and those whose downloads; `rows` of exposure."""

    place: int
    snapshot_date: date
    scope: str
    title: str
    is_whole: bool
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
        select e.snapshot_date, e.scope, coalesce(min(s.title), e.scope) as title,
            coalesce(bool_or(s.is_whole_population), false) as is_whole
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
    lists = []
    for place, (day, scope, title, is_whole) in enumerate(found.iter_rows()):
        own = parts.filter(pl.col("scope") == scope)
        curated = own.filter(pl.col("evidence") == "curated")
        told = tuple(curated.filter("is_told")["universe"])
        lists.append(
            ExposedList(
                place, day, scope, title, is_whole, tuple(curated["universe"]),
                (*told, ALL) if told else (),
                tuple(each for each in EVIDENCES if each in set(own["evidence"])),
                int(curated["rows"].sum()),
            )
        )  # fmt: skip
    return lists


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


# Freeze --------------------------------------------------------------------------------------------------


def freezes(release: Release) -> pl.DataFrame:
    """Give what a year without each organization costs, the list that shows most births first."""
    return release.frame(
        """
        select f.scope, f.as_of_date, f.organization_id, coalesce(o.name, f.organization_id) as organization,
            f.bases, f.releases, f.derivatives, f.undated_derivatives, f.existing_flow, f.loss, f.loss_error,
            f.lower, f.upper, f.past_year_flow, f.past_year_of_new_bases, f.status,
            coalesce(s.title, f.scope) as title
        from marts.shutdown_freeze as f
        left join core.organizations as o on o.organization_id = f.organization_id
        left join (
            select scope, any_value(title order by snapshot_date desc) as title
            from core.snapshots
            where is_model_list
            group by scope
        ) as s on s.scope = f.scope
        order by f.past_year_flow desc, f.scope, f.past_year_of_new_bases desc, f.organization_id
        """
    )


#: Why there is no estimate, as marts.shutdown_freeze says it, and the key of the words for it.
_REASONS = (
    ("days", r"the list tells births of (\S+) days; it takes (\S+)"),
    ("thin", r"the list tells the birth of (\S+) derivatives of (\S+) roots; it takes (\S+) of (\S+)"),
    ("undated", r"the release of the base is known for (\S+) of (\S+) derivatives"),
    ("few", r"(\S+) derivatives of (\S+) bases; it takes (\S+) of (\S+)"),
    ("uneven", r"as uneven as if (\S+) bases had all derivatives; it takes (\S+)"),
    ("releases", r"(\S+) releases in the past year; it takes (\S+)"),
    ("watched", r"at some age below a year only (\S+) bases were watched; it takes (\S+)"),
)
#: What stands for an organization without a derivative in the year.
NO_DERIVATIVE = "no_derivative"


def reason(status: str) -> tuple[str, dict[str, str]]:
    """Take a status apart: the key of its words and what fills their places; `told` where nobody knows it."""
    text = status.removeprefix("not estimable: ")
    for key, pattern in _REASONS:
        if found := re.fullmatch(pattern, text):
            return key, dict(zip("abcd", found.groups(), strict=False))
    key = status.partition(":")[0].strip()
    return (key, {}) if key in ("estimated", "illustration") else ("told", {"a": text})


def frozen_year(
    rows: pl.DataFrame, stopped: Sequence[str]
) -> tuple[tuple[float, float, float] | None, int, int]:
    """Say what a year without `stopped` costs: the estimate with its interval, and the count from to.

    rows: those of one list of `freezes`. Losses add up, and so do the squares of their errors; no estimate
    where one of them has none.
    """
    own = rows.filter(pl.col("organization_id").is_in(list(stopped)))
    counted = int(own["past_year_of_new_bases"].sum())
    at_most = counted + int(own["undated_derivatives"].sum())
    if own.height < len(set(stopped)) or own["loss"].null_count():
        return None, counted, at_most
    loss = float(own["loss"].sum())
    error = math.sqrt(sum(each**2 for each in own["loss_error"]))
    return (loss, *_log_normal(loss, error)), counted, at_most


def _log_normal(loss: float, error: float) -> tuple[float, float]:
    if loss <= 0:
        return loss, loss
    variance = math.log1p((error / loss) ** 2)
    middle, spread = math.log(loss) + variance / 2, _NORMAL_95 * math.sqrt(variance)
    return math.exp(middle - spread), math.exp(middle + spread)


def freeze_shard(release: Release) -> list[dict[str, Any]]:
    """Give the freeze of every list, for the script."""
    return [
        {
            "scope": scope,
            "rows": [
                [
                    row["organization_id"], row["releases"], row["loss"], row["loss_error"],
                    row["past_year_of_new_bases"], row["undated_derivatives"], *reason(row["status"]),
                ]
                for row in rows.iter_rows(named=True)
            ],
        }
        for (scope,), rows in freezes(release).partition_by("scope", as_dict=True).items()
    ]  # fmt: skip


# Evidence ------------------------------------------------------------------------------------------------


def curve(release: Release, exposed: ExposedList, universe: str, weight: str) -> pl.DataFrame:
    """Give what remains of a list as organizations stop, with their names."""
    return release.frame(
        """
        select c.loss, c.removal_order, c.removed, c.organizations, c.organization_id,
            coalesce(o.name, c.organization_id) as organization, c.remaining_share, c.lower, c.upper
        from marts.shutdown_curve as c
        left join core.organizations as o on o.organization_id = c.organization_id
        where c.scope = ? and c.universe = ? and c.weight = ?
        order by c.loss, c.removal_order, c.removed
        """,
        exposed.scope, universe, weight,
    )  # fmt: skip


def withdrawals(release: Release) -> pl.DataFrame:
    """Give the registered withdrawals in order of their days."""
    return release.frame(
        """
        select w.name, coalesce(o.name, w.organization_id) as organization, w.kind, w.event_date,
            w.event_precision, w.substitute_id, w.substitute_kind, w.substitution_date,
            w.days_to_substitution, w.children, w.adapters, w.status, w.note, w.source
        from marts.withdrawals as w
        left join core.organizations as o on o.organization_id = w.organization_id
        where w.basis = 'register'
        order by w.event_date, w.name
        """
    )


def absent_bases(release: Release) -> pl.DataFrame:
    """Give the bases that others name and no list has, the most named first."""
    return release.frame(
        """
        select w.model_id, coalesce(o.name, w.organization_id) as organization, w.children, w.adapters,
            w.hub_status
        from marts.withdrawals as w
        left join core.organizations as o on o.organization_id = w.organization_id
        where w.basis = 'named_only'
        order by w.children desc, w.model_id
        """
    )


def platforms(release: Release) -> pl.DataFrame:
    """Give what is read from each platform and what is known to lie elsewhere, the newest list first."""
    return release.frame(
        """
        select p.platform, p.subject, p.scope, p.snapshot_date, p.unit, p.number, p.downloads_30d, p.share,
            p.knowledge, coalesce(s.title, p.scope) as title
        from marts.platform_exposure as p
        left join core.snapshots as s
            on s.scope = p.scope and s.snapshot_date = p.snapshot_date and s.is_model_list
        order by p.snapshot_date desc nulls last, p.scope, p.subject, p.platform
        """
    )
