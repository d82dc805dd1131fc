"""Shutdown: what a set of organizations would take with it if they deleted their repositories.

Here: the figures for any set from marts.shutdown_exposure, and what remains as organizations stop one after
the other. Not here: how the exposure comes about (exposure), what ceases to come if they go silent (freeze).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.analysis.exposure import UNKNOWN, UNREGISTERED, WEIGHTS
from pipelines.analysis.lineage import ranges

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
#: Rows that fall, in order, and the step with which each does, from 0.
Fallen = tuple[IntArray, IntArray]

SHARE_DECIMALS = 9
#: How far the removal of organizations is followed, how many random orders there are, and their band.
STEPS = 20
ORDERS = 200
_BAND = (2.5, 97.5)
_FEWEST_RANKED = 2
_SEED = 20240829
RANKED_BY = ("downloads_30d", "derivatives")

FIGURES = ("gone", "broken", "lost_now", "stranded", "never_born_any", "never_born_all")


def shutdown(exposure: pl.DataFrame, organizations: Collection[str]) -> pl.DataFrame:
    """Say what is lost if all of `organizations` delete their repositories.

    exposure: rows of marts.shutdown_exposure of one snapshot, scope and evidence. Gives figure, weight,
    lower, upper, total: a row for each figure and weight, in units of the weight. Upper bounds are reached
    when all that is unknown stands on them. A weight that no row tells has null bounds.

    gone: uploaded by them. broken: adapters, not gone, whose base goes and has no known copy elsewhere.
    lost_now: gone or broken. stranded: neither, with an ancestor that goes and has no known copy elsewhere.
    never_born_any: one of them on any path to a root, the model itself included; never_born_all: on every.

    Raises ValueError for names that cannot be an organization's.
    """
    stopped = frozenset(organizations)
    if strangers := stopped & {UNKNOWN, UNREGISTERED, ""}:
        raise ValueError(f"{sorted(strangers)} are no organizations.")
    lower = _figures(exposure, stopped, certain=stopped)
    upper = _figures(exposure, stopped | {UNKNOWN}, certain=stopped)
    totals = exposure.select(_sum(weight) for weight in WEIGHTS).row(0, named=True)
    rows = [
        (figure, weight, lower[figure][weight], upper[figure][weight], totals[weight])
        for figure in FIGURES
        for weight in WEIGHTS
    ]
    schema: dict[str, Any] = {"figure": pl.String, "weight": pl.String}
    schema |= dict.fromkeys(("lower", "upper", "total"), pl.Int64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _figures(
    exposure: pl.DataFrame, stopped: frozenset[str], *, certain: frozenset[str]
) -> dict[str, dict[str, int | None]]:
    """Each figure by weight; what is certainly gone or broken cannot be stranded, whatever is unknown."""
    is_gone = pl.col("uploader").is_in(sorted(stopped))
    is_broken = ~is_gone & _any_whole(exposure, "needs", stopped)
    is_lost = is_gone | _any_whole(exposure, "needs", certain)
    rows = {
        "gone": is_gone,
        "broken": is_broken,
        "lost_now": is_gone | is_broken,
        "stranded": ~is_lost & _any_whole(exposure, "losses", stopped),
        "never_born_any": _each_met(exposure, "upstream", stopped),
        "never_born_all": _each_met(exposure, "paths", stopped),
    }
    return {
        figure: exposure.select(_sum(weight, is_hit) for weight in WEIGHTS).row(0, named=True)
        for figure, is_hit in rows.items()
    }


def _sum(weight: str, is_hit: pl.Expr | None = None) -> pl.Expr:
    """Add a weight up; null where no row tells it, 0 where none of those that do is hit."""
    amount = pl.col(weight) if is_hit is None else pl.when(is_hit).then(weight).otherwise(0)
    return pl.when(pl.col(weight).count() > 0).then(amount.sum()).cast(pl.Int64).alias(weight)


def sets_of(text: str) -> list[frozenset[str]]:
    """Read a family of sets."""
    return [frozenset(members.split("+")) for members in text.split("|")] if text else []


def _any_whole(exposure: pl.DataFrame, column: str, stopped: frozenset[str]) -> pl.Expr:
    """Rows that have a set of the family whole among `stopped`."""
    return _is_one_of(exposure, column, lambda sets: any(members <= stopped for members in sets))


def _each_met(exposure: pl.DataFrame, column: str, stopped: frozenset[str]) -> pl.Expr:
    """Rows of whose family each set meets `stopped`."""
    return _is_one_of(exposure, column, lambda sets: all(members & stopped for members in sets))


def _is_one_of(exposure: pl.DataFrame, column: str, holds: Callable[[list[frozenset[str]]], bool]) -> pl.Expr:
    texts = [text for text in exposure[column].unique() if holds(sets_of(text))]
    return pl.col(column).is_in(texts)


CURVE = {
    "snapshot_date": pl.Date,
    "scope": pl.String,
    "universe": pl.String,
    "weight": pl.String,
    "loss": pl.String,
    "removal_order": pl.String,
    "removed": pl.Int64,
    "organizations": pl.Int64,
    "organization_id": pl.String,
    "remaining_share": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
}


def curve(exposure: pl.DataFrame) -> pl.DataFrame:
    """Give marts.shutdown_curve: what remains of each list as organizations stop, one after the other.

    exposure: rows of marts.shutdown_exposure of one level of evidence. The random orders are the same on
    every run. Method: attack against failure of Albert, Jeong and Barabasi (2000), each step ranked anew.
    """
    with_all = pl.concat([exposure, exposure.with_columns(universe=pl.lit("all"))])
    groups = with_all.partition_by("snapshot_date", "scope", "universe", as_dict=True, maintain_order=True)
    frames = []
    for (snapshot_date, scope, universe), rows in groups.items():
        labels = {"snapshot_date": snapshot_date, "scope": scope, "universe": universe}
        frames += [
            frame.with_columns(pl.lit(each).alias(name) for name, each in labels.items()).select(*CURVE)
            for frame in _curves(rows)
        ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=CURVE)


def _curves(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """All orders of removal for one list and universe; none where nothing can be ranked."""
    upstream = pl.col("upstream").str.replace_all("+", "|", literal=True)
    uploader = pl.when(pl.col("uploader") != UNREGISTERED).then("uploader")
    needs = pl.when(pl.col("needs") != "").then("needs")
    families = {
        "lost_now": pl.concat_str(uploader, needs, separator="|", ignore_nulls=True),
        "never_born": upstream,
    }
    met = pl.concat([rows.select(family).to_series() for family in families.values()])
    names = _members(met)["name"].unique().sort()
    names = names.filter(names != UNKNOWN)
    if len(names) < _FEWEST_RANKED:
        return []
    random = np.random.default_rng(_SEED).random((ORDERS, len(names)))
    position = np.argsort(random, axis=1)
    orders = np.argsort(position, axis=1)[:, :STEPS]
    frames = []
    for loss, family in families.items():
        sums = rows.group_by(family.alias("family")).agg(pl.col(RANKED_BY).sum()).sort("family")
        members = _members(sums["family"])
        falls = _fall(members, names, sums.height), _fall(members, names, sums.height, unknown_falls=True)
        random_falls = [falls[0].fallen(order) for order in orders]
        for weight in RANKED_BY:
            amount = sums[weight].fill_null(0).to_numpy().astype(np.float64)
            own = dict(rows.group_by("uploader").agg(pl.col(weight).sum()).iter_rows())
            size = np.array([own.get(name) or 0 for name in names], dtype=np.float64)
            if amount.sum() > 0:
                made = _orders(falls, random_falls, amount, size, names)
                labels = {"loss": loss, "weight": weight}
                frames.append(made.with_columns(pl.lit(each).alias(name) for name, each in labels.items()))
    return frames


def _members(families: pl.Series) -> pl.DataFrame:
    """Take families of sets apart: row, clause (a set of any row), name; in order."""
    return (
        pl.DataFrame({"clause": families})
        .with_row_index("row")
        .with_columns(pl.col("clause").str.split("|"))
        .explode("clause")
        .filter(pl.col("clause") != "")
        .with_columns(clause=pl.int_range(pl.len()), name=pl.col("clause").str.split("+"))
        .explode("name")
    )


def _orders(
    falls: "tuple[_Fall, _Fall]",
    random_falls: list[Fallen],
    amount: FloatArray,
    size: FloatArray,
    names: pl.Series,
) -> pl.DataFrame:
    """Three curves: worst first, largest first, random. falls: what falls for sure, and with the unknown."""
    steps = min(STEPS, len(names))
    largest = np.lexsort((np.arange(len(names)), -size))
    targeted = {"worst_first": falls[0].worst_first(amount, largest, steps), "largest_first": largest[:steps]}
    frames = []
    for removal_order, order in targeted.items():
        upper, lower = (_remaining([fall.fallen(order)], amount, steps)[0] for fall in falls)
        frames.append(_steps(removal_order, [None, *names.gather(order)], upper, lower, upper))
    left = _remaining(random_falls, amount, steps)
    low, high = np.percentile(left, _BAND, axis=0)
    frames.append(_steps("random", [None] * (steps + 1), left.mean(axis=0), low, high))
    return pl.concat(frames).with_columns(organizations=pl.lit(len(names), pl.Int64))


def _steps(
    removal_order: str, taken: list[str | None], remaining: FloatArray, lower: FloatArray, upper: FloatArray
) -> pl.DataFrame:
    """One curve, from nobody removed on."""
    return pl.DataFrame(
        {
            "removal_order": [removal_order] * len(taken),
            "removed": range(len(taken)),
            "organization_id": taken,
            "remaining_share": remaining.round(SHARE_DECIMALS),
            "lower": lower.round(SHARE_DECIMALS),
            "upper": upper.round(SHARE_DECIMALS),
        },
        schema_overrides={"removed": pl.Int64, "organization_id": pl.String},
    )


def _remaining(falls: list[Fallen], amount: FloatArray, steps: int) -> FloatArray:
    """Give the share that stands after 0, 1, ... steps, orders x (steps + 1); time 0 is the first step."""
    fallen = [np.bincount(times, weights=amount[rows], minlength=steps) for rows, times in falls]
    left = 1 - np.cumsum(fallen, axis=1) / amount.sum()
    return np.column_stack([np.ones(len(falls)), left])


@dataclass(frozen=True)
class _Fall:
    """When rows fall: as soon as one of their clauses is whole among those that stopped.

    clause_row gives the row of each clause, member_clause the clause of each member, both in order; a row
    without clauses never falls, one of at_once falls at the first step, whoever stops.
    """

    at_once: npt.NDArray[np.bool_]
    clause_row: IntArray
    member_clause: IntArray
    member: IntArray

    @cached_property
    def _sizes(self) -> IntArray:
        return np.bincount(self.member_clause, minlength=len(self.clause_row))

    @cached_property
    def _by_member(self) -> tuple[IntArray, IntArray]:
        """The clauses in the order of their members, and these."""
        order = np.argsort(self.member, kind="stable")
        return self.member_clause[order], self.member[order]

    def fallen(self, order: IntArray) -> Fallen:
        """Give the rows that fall as the organizations of `order` stop one after the other, and when.

        Only the clauses of those who stop are looked at: twenty of hundreds.
        """
        clauses, members = self._by_member
        starts, ends = np.searchsorted(members, order), np.searchsorted(members, order, side="right")
        clause = clauses[ranges(starts, ends)]
        time = np.repeat(np.arange(len(order)), ends - starts)
        # A clause is whole with the last of its members to stop, a row falls with the first whole clause: of
        # several that are assigned to one place the last stays.
        is_whole = np.bincount(clause, minlength=len(self._sizes))[clause] == self._sizes[clause]
        whole_at = np.zeros(len(self._sizes), dtype=np.int64)
        whole_at[clause] = time
        whole = clause[is_whole]
        whole = whole[np.argsort(-whole_at[whole], kind="stable")]
        falls_at = np.full(len(self.at_once), len(order))
        falls_at[self.clause_row[whole]] = whole_at[whole]
        falls_at[self.at_once] = 0
        rows = np.flatnonzero(falls_at < len(order))
        return rows, falls_at[rows]

    def worst_first(self, weight: FloatArray, ties: IntArray, steps: int) -> IntArray:
        """Take at each step whoever makes the most weight fall; of equals the first in `ties`."""
        count = len(ties)
        rank = np.empty(count, dtype=np.int64)
        rank[ties] = np.arange(count)
        standing = np.ones(len(self.at_once), dtype=bool)
        stopped = np.zeros(count, dtype=bool)
        member, clause = self.member, self.member_clause
        row = self.clause_row[clause]
        taken = []
        for _ in range(steps):
            is_last = np.bincount(clause, minlength=len(self.clause_row))[clause] == 1
            pairs = np.sort(row[is_last] * count + member[is_last])
            pairs = pairs[np.diff(pairs, prepend=-1) > 0]
            gain = np.bincount(pairs % count, weights=weight[pairs // count], minlength=count)
            gain[stopped] = -1
            best = int(np.lexsort((rank, -gain))[0])
            stopped[best] = True
            standing[pairs[pairs % count == best] // count] = False
            taken.append(best)
            waits_on = standing[row] & (member != best)
            member, clause, row = member[waits_on], clause[waits_on], row[waits_on]
        return np.array(taken, dtype=np.int64)


def _fall(members: pl.DataFrame, names: pl.Series, rows: int, *, unknown_falls: bool = False) -> _Fall:
    """Number the clauses; those with the unknown never hold, or hold without it where the unknown falls."""
    is_unknown = pl.col("name") == UNKNOWN
    at_once = np.zeros(rows, dtype=bool)
    if unknown_falls:
        at_once[members.filter(is_unknown.all().over("clause"))["row"].to_numpy()] = True
        kept = members.filter(~is_unknown)
    else:
        kept = members.filter(~is_unknown.any().over("clause"))
    code = {name: place for place, name in enumerate(names)}
    return _Fall(
        at_once=at_once,
        clause_row=kept.unique("clause", maintain_order=True)["row"].to_numpy().astype(np.int64),
        member_clause=kept["clause"].rle_id().to_numpy().astype(np.int64),
        member=kept["name"].replace_strict(code, return_dtype=pl.Int64).to_numpy(),
    )
