"""Lineage: what goes out of a graph with cycles, and how what stays is ordered."""

import random
from graphlib import TopologicalSorter

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines.analysis.lineage import IntArray, break_cycles, levels, main_roots
from tests.analysis import twins
from tests.analysis.graphs import MOMENTS, Descent, Edge, Tangle, descents, edge_frame, node_frame, tangles

OLD, MIDDLE, NEW = MOMENTS
TRIANGLE = Tangle({"a": OLD, "b": MIDDLE, "c": NEW}, [("a", "b"), ("b", "c"), ("c", "a")])


def broken(tangle: Tangle) -> tuple[list[Edge], dict[Edge, str]]:
    """The edges that break_cycles keeps, and the problems of the others."""
    result = break_cycles(edge_frame(tangle.edges), node_frame(tangle.created))
    problems = {(row["child_id"], row["parent_id"]): row["problem"] for row in result.problems.to_dicts()}
    return result.lineage.select("child_id", "parent_id").rows(), problems


def keys(descent: Descent) -> tuple[int, IntArray, IntArray, list[tuple[int, int]]]:
    """The graph of a descent with integers for ids, as levels and main_roots take it."""
    place = {name: number for number, name in enumerate(sorted(descent.models))}
    edges = sorted((place[child], place[parent]) for child, parent in descent.edges)
    arrays = np.array(edges, dtype=np.int64).reshape(-1, 2)
    return len(place), arrays[:, 0], arrays[:, 1], edges


@given(tangles())
@example(TRIANGLE)
def test_what_is_kept_has_no_cycle(tangle: Tangle) -> None:
    kept, _ = broken(tangle)
    graph: dict[str, set[str]] = {}
    for child, parent in kept:
        graph.setdefault(child, set()).add(parent)
    TopologicalSorter(graph).prepare()  # raises CycleError


@given(tangles())
@example(TRIANGLE)
def test_the_twin_takes_out_the_same_edges(tangle: Tangle) -> None:
    _, problems = broken(tangle)
    assert {edge for edge, problem in problems.items() if problem == "cycle"} == twins.taken_out(tangle)


@given(tangles())
def test_every_self_loop_is_reported_and_is_nothing_else(tangle: Tangle) -> None:
    _, problems = broken(tangle)
    loops = {edge for edge in tangle.edges if edge[0] == edge[1]}
    assert {edge for edge, problem in problems.items() if problem == "self_loop"} == loops


@given(tangles())
def test_each_edge_is_either_kept_or_reported(tangle: Tangle) -> None:
    kept, problems = broken(tangle)
    assert sorted([*kept, *problems]) == sorted(tangle.edges)


@given(tangles())
def test_an_edge_on_no_cycle_always_stays(tangle: Tangle) -> None:
    kept, _ = broken(tangle)
    innocent = {edge for edge in tangle.edges if edge[0] != edge[1]} - twins.on_cycles(tangle.edges)
    assert innocent <= set(kept)


@given(tangles())
def test_where_there_is_a_cycle_something_goes_out(tangle: Tangle) -> None:
    _, problems = broken(tangle)
    assert ("cycle" in problems.values()) == bool(twins.on_cycles(tangle.edges))


@given(tangles(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(tangle: Tangle, chance: random.Random) -> None:
    edges, nodes = edge_frame(tangle.edges), node_frame(tangle.created)
    first = break_cycles(edges, nodes)
    seed = chance.randrange(1000)
    again = break_cycles(edges.sample(fraction=1, shuffle=True, seed=seed), nodes.reverse())
    assert_frame_equal(again.lineage, first.lineage)
    assert_frame_equal(again.problems, first.problems)


@given(tangles())
def test_what_stays_is_not_touched_again(tangle: Tangle) -> None:
    first = break_cycles(edge_frame(tangle.edges), node_frame(tangle.created))
    again = break_cycles(first.lineage, node_frame(tangle.created))
    assert_frame_equal(again.lineage, first.lineage)
    assert again.problems.is_empty()


def test_of_two_that_name_each_other_the_older_one_is_the_parent() -> None:
    kept, problems = broken(Tangle({"new": NEW, "old": OLD}, [("new", "old"), ("old", "new")]))
    assert kept == [("new", "old")]
    assert problems == {("old", "new"): "cycle"}


def test_a_model_of_unknown_age_counts_as_the_newest() -> None:
    kept, _ = broken(Tangle({"ageless": None, "new": NEW}, [("ageless", "new"), ("new", "ageless")]))
    assert kept == [("ageless", "new")]


def test_of_the_same_age_the_one_with_more_children_is_the_parent() -> None:
    edges = [("a", "z"), ("z", "a"), ("other", "z")]
    kept, _ = broken(Tangle({"a": OLD, "z": OLD, "other": NEW}, edges))
    assert kept == [("a", "z"), ("other", "z")]


def test_of_the_same_age_and_size_the_first_by_id_is_the_parent() -> None:
    kept, _ = broken(Tangle({"b": None, "a": None}, [("a", "b"), ("b", "a")]))
    assert kept == [("b", "a")]


def test_a_self_loop_does_not_make_its_model_more_of_a_parent() -> None:
    kept, _ = broken(Tangle({"a": OLD, "z": OLD}, [("z", "z"), ("a", "z"), ("z", "a")]))
    assert kept == [("z", "a")]


def test_a_cycle_of_three_loses_the_one_edge_that_points_to_the_future() -> None:
    edges = [("old", "new"), ("new", "middle"), ("middle", "old")]
    kept, problems = broken(Tangle({"old": OLD, "middle": MIDDLE, "new": NEW}, edges))
    assert kept == [("middle", "old"), ("new", "middle")]
    assert problems == {("old", "new"): "cycle"}


def test_relation_and_evidence_come_along() -> None:
    edges = pl.DataFrame(
        {
            "child_id": ["new", "self"],
            "parent_id": ["old", "self"],
            "relation": ["merge", "adapter"],
            "evidence": ["curated", "declared"],
            "is_superseded": [True, False],
        }
    )
    result = break_cycles(edges, node_frame({"new": None, "old": None, "self": None}))
    assert result.lineage.rows() == [("new", "old", "merge", "curated", True)]
    assert result.problems.rows() == [("self", "self", "adapter", "declared", "self_loop")]


@pytest.mark.parametrize("edge", [("known", "stranger"), ("stranger", "known")])
def test_an_edge_outside_the_nodes_is_refused(edge: Edge) -> None:
    with pytest.raises(ValueError, match="not among the nodes"):
        broken(Tangle({"known": OLD}, [edge]))


def test_without_edges_there_is_nothing_to_take_out() -> None:
    for created in ({}, {"alone": OLD}):
        assert broken(Tangle(created, [])) == ([], {})


@given(descents())
def test_levels_are_those_of_the_recursive_twin(descent: Descent) -> None:
    count, child, parent, edges = keys(descent)
    assert levels(count, child, parent).tolist() == [twins.depth(edges, node) for node in range(count)]


@given(tangles())
def test_levels_refuse_exactly_the_graphs_with_a_cycle(tangle: Tangle) -> None:
    place = {name: number for number, name in enumerate(tangle.created)}
    child = np.array([place[edge[0]] for edge in tangle.edges], dtype=np.int64)
    parent = np.array([place[edge[1]] for edge in tangle.edges], dtype=np.int64)
    has_cycle = bool(twins.on_cycles(tangle.edges)) or any(one == other for one, other in tangle.edges)
    if has_cycle:
        with pytest.raises(ValueError, match="on or below a cycle; break cycles first"):
            levels(len(place), child, parent)
    else:
        assert levels(len(place), child, parent).min(initial=0) == 0


def test_the_refusal_counts_what_lies_below_a_cycle_too() -> None:
    child, parent = np.array([0, 1, 2]), np.array([1, 0, 1])
    with pytest.raises(ValueError, match="3 nodes"):
        levels(4, child, parent)


def test_the_longest_line_counts_not_the_shortest() -> None:
    child, parent = np.array([3, 3, 2, 1]), np.array([0, 2, 1, 0])
    assert levels(5, child, parent).tolist() == [0, 1, 2, 3, 0]


@given(descents())
def test_main_roots_are_where_a_walk_up_ends(descent: Descent) -> None:
    count, child, parent, edges = keys(descent)
    main_parent, root = main_roots(count, child, parent)
    assert main_parent.tolist() == [twins.main_parent(edges, node) for node in range(count)]
    assert root.tolist() == [twins.main_root(edges, node) for node in range(count)]


def test_a_long_chain_has_one_root() -> None:
    count = 1000
    child, parent = np.arange(1, count), np.arange(count - 1)
    assert levels(count, child, parent).tolist() == list(range(count))
    assert set(main_roots(count, child, parent)[1].tolist()) == {0}
