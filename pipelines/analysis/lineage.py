"""Lineage as a graph without cycles.

Here: taking self-loops and cycles out of declared edges, the same way every time, and ordering what is left.
Not here: credit (attribution), where edges come from (sql/staging/edges.sql).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

IntArray = npt.NDArray[np.int64]

#: Up to this many possible values, a table of them is faster than sorting.
_TABLE_SIZE = 1 << 22

EDGE_COLUMNS = ("child_id", "parent_id", "relation", "evidence", "is_superseded")
#: Which rows of the lineage each level of evidence admits; each holds what the one before it does, but for
#: declared edges of copies whose true original a register names.
EVIDENCE_LEVELS = {
    "declared": pl.col("evidence") == "declared",
    "curated": (pl.col("evidence") != "inferred") & ~pl.col("is_superseded"),
    "inferred": ~pl.col("is_superseded"),
}


@dataclass(frozen=True)
class BrokenCycles:
    """The edges that are kept, and those that were taken out with their `problem`."""

    lineage: pl.DataFrame
    problems: pl.DataFrame


def break_cycles(edges: pl.DataFrame, nodes: pl.DataFrame) -> BrokenCycles:
    """Take self-loops and cycles out of `edges`.

    edges: child_id, parent_id, relation, evidence, is_superseded; one row a pair. nodes: model_id, created_at
    (null where not known); it must hold every id of the edges.

    Inside each strongly connected component the members are ordered by creation (unknown last), then by
    number of children (most first), then by id; an edge from a later parent to an earlier child is taken out.
    What is left has no cycle, and the result does not depend on the order of rows. Both frames come sorted.
    """
    loops = edges.filter(pl.col("child_id") == pl.col("parent_id"))
    rest = edges.filter(pl.col("child_id") != pl.col("parent_id"))
    ids = pl.concat([rest["child_id"], rest["parent_id"]]).unique().sort().alias("model_id").to_frame()
    found = nodes.join(ids, on="model_id", how="semi")
    if found.height < ids.height:
        raise ValueError(f"{ids.height - found.height} ends of edges are not among the nodes.")
    child, parent = np.split(_places(pl.concat([rest["child_id"], rest["parent_id"]]), ids), 2)
    component = _components(ids.height, child, parent)
    # Nearly nobody is in a circle: only who is gets a rank.
    circled = np.flatnonzero(np.bincount(component)[component] > 1)
    created = ids[circled].join(found, on="model_id", how="left", maintain_order="left")
    rank = np.zeros(ids.height, dtype=np.int64)
    rank[circled] = _ranks(created["created_at"], np.bincount(parent, minlength=ids.height)[circled])
    backward = (component[child] == component[parent]) & (rank[parent] > rank[child])
    problems = pl.concat(
        [
            loops.select(*EDGE_COLUMNS[:4], problem=pl.lit("self_loop")),
            rest.filter(pl.Series(backward)).select(*EDGE_COLUMNS[:4], problem=pl.lit("cycle")),
        ]
    )
    # The ids are sorted, so pairs of places sort as they do, in a tenth of the time.
    forward = np.flatnonzero(~backward)
    kept = rest.select(EDGE_COLUMNS)[forward[np.argsort((child * ids.height + parent)[forward])]]
    return BrokenCycles(kept, problems.sort("child_id", "parent_id"))


def _places(column: pl.Series, ids: pl.DataFrame) -> IntArray:
    """Give the place of each id of the column among `ids`, which hold them all."""
    places = ids.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64))
    joined = pl.DataFrame({"model_id": column}).join(places, on="model_id", how="left", maintain_order="left")
    return joined["place"].to_numpy()


def _ranks(created_at: pl.Series, children: IntArray) -> IntArray:
    """Give each node's place in the order that breaks cycles; nodes come sorted by id."""
    by_order = pl.DataFrame({"created_at": created_at, "children": children}).with_row_index("place")
    by_order = by_order.sort(
        ["created_at", "children", "place"], descending=[False, True, False], nulls_last=True
    )
    rank = np.empty(by_order.height, dtype=np.int64)
    rank[by_order["place"].to_numpy()] = np.arange(by_order.height)
    return rank


def _components(count: int, child: IntArray, parent: IntArray) -> IntArray:
    """Give the number of the strongly connected component of each node."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - heavy, and only this function needs it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    graph = coo_array((np.ones(len(child), dtype=np.int8), (child, parent)), shape=(count, count))
    _, component = connected_components(graph.tocsr(), directed=True, connection="strong")
    return component.astype(np.int64)


def levels(node_count: int, child: IntArray, parent: IntArray) -> IntArray:
    """Give each node's depth: the longest line of descent above it, in edges; roots have 0.

    child, parent: integer keys of the edges, below `node_count`. Raises ValueError when there is a cycle.
    One pass a level, each over the edges whose parents were settled in the pass before.
    """
    depth = np.zeros(node_count, dtype=np.int64)
    waiting = np.bincount(child, minlength=node_count)
    by_parent = np.argsort(parent, kind="stable")
    starts = np.searchsorted(parent[by_parent], np.arange(node_count + 1))
    frontier = np.flatnonzero(waiting == 0)
    settled = len(frontier)
    level = 0
    while len(frontier):
        level += 1
        edges = by_parent[ranges(starts[frontier], starts[frontier + 1])]
        reached, times = np.unique(child[edges], return_counts=True)
        waiting[reached] -= times
        frontier = reached[waiting[reached] == 0]
        depth[frontier] = level
        settled += len(frontier)
    if settled < node_count:
        raise ValueError(f"{node_count - settled} nodes lie on or below a cycle; break cycles first.")
    return depth


def main_roots(node_count: int, child: IntArray, parent: IntArray) -> tuple[IntArray, IntArray]:
    """Give each node's main parent (that of its first edge; itself for roots) and the root of that line.

    Roots are found by pointer jumping: the number of passes is the logarithm of the depth.
    """
    main_parent = np.arange(node_count)
    main_parent[child[::-1]] = parent[::-1]  # of several that are assigned to one place the last stays
    root = main_parent.copy()
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return main_parent, root
        root = further


def ranges(starts: IntArray, ends: IntArray) -> IntArray:
    """Give the numbers of all half-open ranges, one after the other."""
    lengths = ends - starts
    offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    return np.arange(lengths.sum()) + offsets


def distinct(values: IntArray, size: int) -> tuple[IntArray, IntArray]:
    """Give a row of each distinct value, and for each row the place of its value; values are below `size`."""
    if size > _TABLE_SIZE:
        _, first, case = np.unique(values, return_index=True, return_inverse=True)
        return first, case
    row = np.full(size, -1)
    row[values[::-1]] = np.arange(len(values))[::-1]
    present = np.flatnonzero(row >= 0)
    first = row[present]
    row[present] = np.arange(len(present))
    return first, row[values]
