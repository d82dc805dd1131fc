"""Lineage as a graph without cycles.

Here: taking self-loops and cycles out of declared edges, the same way every time, and ordering what is left.
Not here: credit (attribution), where edges come from (sql/staging/edges.sql).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

IntArray = npt.NDArray[np.int64]

EDGE_COLUMNS = ("child_id", "parent_id", "relation", "evidence", "is_superseded")


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
    from scipy.sparse import coo_array  # noqa: PLC0415 - heavy, and only this function needs it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    loops = edges.filter(pl.col("child_id") == pl.col("parent_id"))
    rest = edges.filter(pl.col("child_id") != pl.col("parent_id"))
    keyed = _with_ranks(rest, nodes)
    if keyed.height < rest.height:
        raise ValueError(f"{rest.height - keyed.height} edges have an end that is not among the nodes.")
    child, parent = keyed["child"].to_numpy(), keyed["parent"].to_numpy()
    graph = coo_array((np.ones(len(child), dtype=np.int8), (child, parent)), shape=(nodes.height,) * 2)
    _, component = connected_components(graph.tocsr(), directed=True, connection="strong")
    backward = (component[child] == component[parent]) & (parent >= child)
    backward_rows = pl.Series(backward)
    problems = pl.concat(
        [
            loops.select(*EDGE_COLUMNS[:4], problem=pl.lit("self_loop")),
            keyed.filter(backward_rows).select(*EDGE_COLUMNS[:4], problem=pl.lit("cycle")),
        ]
    )
    kept = keyed.filter(~backward_rows).select(EDGE_COLUMNS)
    order = ["child_id", "parent_id"]
    return BrokenCycles(kept.sort(order), problems.sort(order))


def _with_ranks(edges: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Add integer keys `child` and `parent`: each node's place in the order that breaks cycles."""
    children = edges.group_by("parent_id").agg(children=pl.len())
    ranked = (
        nodes.join(children, left_on="model_id", right_on="parent_id", how="left")
        .with_columns(pl.col("children").fill_null(0))
        .sort(["created_at", "children", "model_id"], descending=[False, True, False], nulls_last=True)
        .select("model_id", rank=pl.int_range(pl.len(), dtype=pl.Int64))
    )
    return (
        edges.join(ranked.rename({"model_id": "child_id", "rank": "child"}), on="child_id", how="inner")
        .join(ranked.rename({"model_id": "parent_id", "rank": "parent"}), on="parent_id", how="inner")
        .sort("child", "parent")
    )


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
        edges = by_parent[_ranges(starts[frontier], starts[frontier + 1])]
        reached, times = np.unique(child[edges], return_counts=True)
        waiting[reached] -= times
        frontier = reached[waiting[reached] == 0]
        depth[frontier] = level
        settled += len(frontier)
    if settled < node_count:
        raise ValueError(f"{node_count - settled} nodes lie on or below a cycle; break cycles first.")
    return depth


def main_roots(node_count: int, child: IntArray, parent: IntArray) -> tuple[IntArray, IntArray]:
    """Give each node's main parent (its smallest by key; itself for roots) and the root of that line.

    Roots are found by pointer jumping: the number of passes is the logarithm of the depth.
    """
    main_parent = np.arange(node_count)
    order = np.lexsort((-parent, child))
    main_parent[child[order]] = parent[order]
    root = main_parent.copy()
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return main_parent, root
        root = further


def _ranges(starts: IntArray, ends: IntArray) -> IntArray:
    """Give the numbers of all half-open ranges, one after the other."""
    lengths = ends - starts
    offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    return np.arange(lengths.sum()) + offsets
