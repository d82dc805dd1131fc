"""Exposure: on whom each model hangs, kept so that what any set of organizations takes with it is exact.

Here: walking the lineage once and writing down, for each model, on which sets of organizations it hangs.
Not here: asking what a given set would take with it (shutdown), shares of credit (attribution).

A *family of sets* is written as text: names joined by `+` make a set, sets joined by `|` a family; only the
minimal sets are kept. `unknown` stands for whoever may be behind what is not known: with it in the set that
stops every figure becomes its upper bound, without it its lower bound.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import polars as pl

from pipelines.analysis.lineage import EVIDENCE_LEVELS, IntArray, distinct, levels

UNKNOWN = "unknown"
UNREGISTERED = "unregistered"
#: How a child descends, as far as it matters; perhaps an adapter is what nobody told.
OTHER, ADAPTER, COPY, PERHAPS_ADAPTER = range(4)
#: Whether a model is an adapter, by its library.
IS_NOT, IS, NOT_TOLD = range(3)
KINDS = {"adapter": ADAPTER, "copy": COPY}
#: Why a root is credited to somebody, as integers; 0 where it is credited to nobody.
BASES = {"register": 1, "family": 2, "uploader": 3}
KEYS = ("snapshot_date", "scope", "evidence", "universe", "uploader", "upstream", "paths", "needs", "losses")
COUNTERS = ("downloads_30d", "likes")
WEIGHTS = ("models", "derivatives", *COUNTERS)

#: A set of organizations: the bits of an integer.
Members = int
#: The minimal sets of a family, in order.
Family = tuple[Members, ...]
NOBODY: Members = 0
NEVER: Family = ()

T = TypeVar("T", bound=Hashable)


class State(NamedTuple):
    """On whom a model hangs, organizations as integers.

    uploader: who holds its account, -1 if nobody registered. upstream: everybody on any path from it to its
    roots. paths: minimal sets of organizations on a path. needs: minimal sets that together take a base away
    which an adapter cannot work without. losses: the same for any ancestor.
    """

    uploader: int
    upstream: Members
    paths: Family
    needs: Family
    losses: Family


@dataclass(frozen=True)
class _Graph:
    """One level of evidence as arrays: a node a model, an edge a known parent."""

    uploader: IntArray
    origin: IntArray
    basis: IntArray
    is_adapter: IntArray
    child: IntArray
    parent: IntArray
    kind: IntArray


def exposure(
    models: pl.DataFrame, lineage: pl.DataFrame, origins: pl.DataFrame, listed: pl.DataFrame
) -> pl.DataFrame:
    """Give marts.shutdown_exposure.

    models: model_id, organization_id (holder of the account today, null if unregistered), is_adapter (by its
    library, null if not told). lineage: child_id, parent_id, relation, evidence, is_superseded. origins:
    model_id, evidence, organization_id, basis (register, family or uploader), one row a root that somebody
    is credited with.
    listed: snapshot_date, scope, model_id, universe, downloads_30d, likes.

    Rows come in no order. Raises ValueError when an id is not among the models, or the lineage has a cycle.
    """
    held = pl.concat([models["organization_id"], origins["organization_id"]]).drop_nulls()
    names = pl.concat([held.unique().sort(), pl.Series([UNKNOWN])])
    child, parent, root, shown = _keys(
        models["model_id"], lineage["child_id"], lineage["parent_id"], origins["model_id"], listed["model_id"]
    )
    uploader, is_adapter = _nodes(models, names)
    kind = _kinds(lineage["relation"], is_adapter[child])
    credited = _codes(origins["organization_id"], names)
    basis = origins["basis"].replace_strict(BASES, return_dtype=pl.Int64).to_numpy()
    labels = ["snapshot_date", "scope", "universe"]
    groups = listed.select(labels).unique().sort(labels).with_row_index("group")
    lists = listed.join(groups, on=labels, maintain_order="left").select("group", *COUNTERS)

    walker = _Walker(unknown=len(names) - 1)
    frames = []
    for evidence, admitted in EVIDENCE_LEVELS.items():
        edge = lineage.select(admitted).to_series().to_numpy()
        own = (origins["evidence"] == evidence).to_numpy()
        origin, why = np.full(len(uploader), -1), np.zeros(len(uploader), dtype=np.int64)
        origin[root[own]], why[root[own]] = credited[own], basis[own]
        graph = _Graph(uploader, origin, why, is_adapter, child[edge], parent[edge], kind[edge])
        sums = _sums(lists, shown, walker.walk(graph), graph)
        frames.append(sums.with_columns(evidence=pl.lit(evidence)))
    sums = pl.concat(frames)
    texts = _texts(walker.states.values, sums["state"].unique(), names)
    return sums.join(groups, on="group").join(texts, on="state").select(*KEYS, *WEIGHTS)


def _keys(models: pl.Series, *columns: pl.Series) -> list[IntArray]:
    """Give the place of each id among the models, column by column; one join, since ids are many and long."""
    places = pl.DataFrame({"model_id": models, "key": np.arange(len(models))})
    wanted = pl.DataFrame({"model_id": pl.concat([column.rename("model_id") for column in columns])})
    found = wanted.join(places, on="model_id", how="left", maintain_order="left")["key"]
    if found.null_count():
        raise ValueError(f"{found.null_count()} ids of lineage, origins or lists are not among the models.")
    ends = np.cumsum([len(column) for column in columns])
    return np.split(found.to_numpy(), ends[:-1])


def _nodes(models: pl.DataFrame, names: pl.Series) -> tuple[IntArray, IntArray]:
    """Give who uploaded each model, -1 for nobody registered, and whether it is an adapter by its library."""
    uploader = _codes(models["organization_id"], names)
    return uploader, models["is_adapter"].cast(pl.Int64).fill_null(NOT_TOLD).to_numpy()


def _codes(column: pl.Series, names: pl.Series) -> IntArray:
    code = {name: place for place, name in enumerate(names)}
    return column.replace_strict(code, default=-1, return_dtype=pl.Int64).fill_null(-1).to_numpy()


def _kinds(relation: pl.Series, library: IntArray) -> IntArray:
    """Say how each child descends; `library` says whether its library is an adapter's.

    The library decides what the relation leaves open: a finetune or an unspecified descent by an adapter's
    library is an adapter, an unspecified one by a library that is not told perhaps is one.
    """
    is_unspecified = (relation == "unspecified").to_numpy()
    is_open = is_unspecified | (relation == "finetune").to_numpy()
    kind = relation.replace_strict(KINDS, default=OTHER, return_dtype=pl.Int64).to_numpy()
    kind = np.where(is_unspecified & (library == NOT_TOLD), PERHAPS_ADAPTER, kind)
    return np.where(is_open & (library == IS), ADAPTER, kind)


def _sums(lists: pl.DataFrame, model: IntArray, place: IntArray, graph: _Graph) -> pl.DataFrame:
    """Add up the lists over models of one state; `model` is that of each row of `lists`."""
    has_parent = np.zeros(len(place), dtype=np.int64)
    has_parent[graph.child] = 1
    return (
        lists.with_columns(state=place[model], derivatives=has_parent[model])
        .group_by("group", "state")
        .agg(
            pl.len().cast(pl.Int64).alias("models"),
            pl.col("derivatives").sum(),
            *(pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in COUNTERS),
        )
    )


def _texts(states: list[State], numbers: pl.Series, names: pl.Series) -> pl.DataFrame:
    """Write the states of these numbers out."""
    labels = names.to_list()
    written = [states[number] for number in numbers]

    @cache
    def of_set(members: Members) -> str:
        names = []
        while members:
            names.append(labels[members.bit_length() - 1])
            members ^= _only(members.bit_length() - 1)
        return "+".join(sorted(names))

    @cache
    def of_family(family: Family) -> str:
        return "|".join(sorted(of_set(members) for members in family))

    return pl.DataFrame(
        {
            "state": numbers,
            "uploader": [labels[s.uploader] if s.uploader >= 0 else UNREGISTERED for s in written],
            "upstream": [of_set(s.upstream) for s in written],
            "paths": [of_family(s.paths) for s in written],
            "needs": [of_family(s.needs) for s in written],
            "losses": [of_family(s.losses) for s in written],
        },
        schema={"state": pl.Int64} | dict.fromkeys(KEYS[4:], pl.String),
    )


class _Walker:
    """Walks lineages level by level and numbers the distinct states that it meets.

    At each level the work is done once for each distinct case: who uploaded a model, what its parents hang
    on, how it descends from them. Cases are few beside models, and most are the same for each evidence.
    """

    def __init__(self, unknown: int) -> None:
        states = self.states = _Numbered[State]()
        gone = self._gone = _Numbered[Members]()
        gone.number(NOBODY)
        value, number = states.values, states.number
        self._root = cache(lambda case: number(_root(unknown, *case)))
        self._lift = cache(
            lambda case: number(_lifted(value[case[0]], case[1], gone.values[case[2]], unknown))
        )
        self._join = cache(lambda case: number(_joined(value[case[0]], value[case[1]])))
        self._own = cache(lambda case: number(_owned(value[case[0]], case[1])))

    def walk(self, graph: _Graph) -> IntArray:
        """Give the number of each node's state. Raises ValueError when there is a cycle."""
        roots = np.bincount(graph.child, minlength=len(graph.uploader)) == 0
        facts = (graph.uploader, graph.origin, graph.basis, graph.is_adapter)
        state = np.full(len(roots), -1)
        state[roots] = _each_case(tuple(fact[roots] for fact in facts), self._root)

        # Most models are in no lineage: from here on only those that are.
        is_inner = ~roots
        is_inner[graph.parent] = True
        inner = np.flatnonzero(is_inner)
        number = np.cumsum(is_inner) - 1
        child, parent, uploader = number[graph.child], number[graph.parent], graph.uploader[inner]
        depth = levels(len(inner), child, parent)
        holders = _holders(uploader, child[graph.kind == COPY], parent[graph.kind == COPY], self._gone)
        place = state[inner]
        order = np.lexsort((child, depth[child]))
        ends = np.searchsorted(depth[child[order]], np.arange(depth.max(initial=0) + 1), side="right")
        for start, end in pairwise(ends):
            edges = order[start:end]
            above = parent[edges]
            lifted = _each_case((place[above], graph.kind[edges], holders[above]), self._lift)
            nodes, joined = self._joined(child[edges], lifted)
            place[nodes] = joined
            held = nodes[uploader[nodes] >= 0]  # who is held by nobody registered hangs on nobody more
            place[held] = _each_case((place[held], uploader[held]), self._own)
        state[inner] = place
        return state

    def _joined(self, child: IntArray, lifted: IntArray) -> tuple[IntArray, IntArray]:
        """Join what each child inherits from its parents, one parent a pass; give the children and states.

        child is sorted. Passes are as many as the most parents.
        """
        first = np.flatnonzero(np.diff(child, prepend=-1))
        nodes, number = child[first], np.diff(first, append=len(child))
        joined = lifted[first]
        for turn in range(1, int(number.max(initial=0))):
            more = np.flatnonzero(number > turn)
            pair = joined[more], lifted[first[more] + turn]
            joined[more] = _each_case((np.minimum(*pair), np.maximum(*pair)), self._join)
        return nodes, joined


class _Numbered(Generic[T]):
    """Distinct values, numbered in the order in which they come."""

    def __init__(self) -> None:
        self.values: list[T] = []
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        number = self._numbers.setdefault(value, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


def _root(unknown: int, uploader: int, origin: int, basis: int, is_adapter: int) -> State:
    """A model without known parents: whoever is credited with it, and the unknown where that is not certain.

    Not certain is what nobody is credited with, or its uploader for want of a register row. What somebody
    uploads that bears the mark of another's family stands on that family, on which model of it is not known:
    it loses its maker. An adapter without a known base needs one that is unknown, and so does perhaps what is
    uncertain and of a library that is not told.
    """
    nobody_knows = _only(unknown)
    is_open = basis in (0, BASES["uploader"])
    is_named_after = basis == BASES["family"] and origin != uploader
    path = _only(uploader) | _only(origin) | (nobody_knows if is_open else NOBODY)
    needs, losses = [], []
    if is_adapter == IS or (is_adapter == NOT_TOLD and is_open):
        needs.append(nobody_knows)
    if is_adapter == NOT_TOLD and is_named_after:
        needs.append(_only(origin) | nobody_knows)
    if is_adapter == IS or is_open:
        losses.append(nobody_knows)
    if is_named_after:
        losses.append(_only(origin))
    return State(uploader, path, (path,), minimal(needs), minimal(losses))


def _only(organization: int) -> Members:
    return 1 << organization if organization >= 0 else NOBODY


def _lifted(parent: State, kind: int, holders: Members, unknown: int) -> State:
    """What an edge hands down: all that the parent hangs on, and the parent itself."""
    lost = (holders,) if holders else NEVER
    needs = NEVER
    if kind == ADAPTER:
        needs = parent.needs + lost
    elif kind == COPY:
        needs = parent.needs
    elif kind == PERHAPS_ADAPTER:
        needs = tuple(members | _only(unknown) for members in parent.needs + lost)
    return State(-1, parent.upstream, parent.paths, minimal(needs), _united(parent.losses, lost))


def _joined(one: State, other: State) -> State:
    return State(
        -1,
        one.upstream | other.upstream,
        _united(one.paths, other.paths),
        _united(one.needs, other.needs),
        _united(one.losses, other.losses),
    )


def _owned(state: State, uploader: int) -> State:
    """Put a model's own uploader on each of its paths."""
    own = _only(uploader)
    paths = minimal([path | own for path in state.paths]) if own else state.paths
    return State(uploader, state.upstream | own, paths, state.needs, state.losses)


@lru_cache(maxsize=1 << 18)
def _united(one: Family, other: Family) -> Family:
    if one == other or not other:
        return one
    return minimal(one + other) if one else other


def minimal(family: Iterable[Members]) -> Family:
    """Keep the sets that contain no other of the family, in order."""
    different = set(family)
    if len(different) < 2:  # as most families have
        return tuple(different)
    kept: list[Members] = []
    for members in sorted(different, key=int.bit_count):
        if not any(other & members == other for other in kept):
            kept.append(members)
    return tuple(sorted(kept))


def _holders(uploader: IntArray, copy: IntArray, original: IntArray, gone: "_Numbered[Members]") -> IntArray:
    """For each node, who would all have to stop for its weights to vanish, numbered; 0 where that cannot be.

    Copies have the same weights: whoever holds one of them keeps all of them. A holder who is not registered
    never stops.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - heavy, and only this function needs it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    singles = [gone.number(_only(code)) for code in range(int(uploader.max(initial=-1)) + 1)]
    holders = np.append(np.array(singles, dtype=np.int64), 0)[uploader]
    nodes = np.unique(np.concatenate([copy, original]))
    ends = np.searchsorted(nodes, copy), np.searchsorted(nodes, original)
    links = coo_array((np.ones(len(copy), dtype=np.int8), ends), shape=(len(nodes), len(nodes)))
    groups, group = connected_components(links.tocsr(), directed=False)
    held: list[set[int]] = [set() for _ in range(groups)]
    for place, code in zip(group.tolist(), uploader[nodes].tolist(), strict=True):
        held[place].add(code)
    numbers = [0 if -1 in codes else gone.number(sum(map(_only, codes))) for codes in held]
    holders[nodes] = np.array(numbers, dtype=np.int64)[group]
    return holders


def _each_case(columns: tuple[IntArray, ...], number: Callable[[tuple[Any, ...]], int]) -> IntArray:
    """Give number(case) for each row of the columns, worked out once for each distinct row."""
    packed = np.zeros(len(columns[0]), dtype=np.int64)
    size = 1
    for column in columns:
        width = int(column.max(initial=-1)) + 2
        packed = packed * width + column + 1
        size *= width
    first, case = distinct(packed, size)
    cases = zip(*(column[first].tolist() for column in columns), strict=True)
    return np.array([number(each) for each in cases], dtype=np.int64)[case]
