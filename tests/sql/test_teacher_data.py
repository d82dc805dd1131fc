"""Data that other models wrote: named by a model itself, or by what it descends from."""

from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.conftest import Warehouse
from tests.sql.made import VERIFIED, counted, rooted, staged


def register(dataset_id: str, organization: str | None = "openai", **given: Any) -> dict[str, Any]:
    plain = {"teacher_organization_id": organization, "kind": "generated", "teacher_access": "proprietary"}
    return {"dataset_id": dataset_id} | plain | VERIFIED | given


def edge(child: str, parent: str, evidence: str = "declared", **given: Any) -> dict[str, Any]:
    return {"child_id": child, "parent_id": parent, "evidence": evidence, "is_superseded": False} | given


def named_by(model_id: str, *datasets: str) -> list[dict[str, Any]]:
    return [{"model_id": model_id, "dataset_id": dataset} for dataset in datasets]


def test_tags_become_pairs_once_in_lower_case_by_the_id_of_today(warehouse: Warehouse) -> None:
    tags = ["dataset:Tatsu-Lab/Alpaca", "dataset:", "dataset: ", "license:mit", "dataset:*", "mydataset:x"]
    rows = [staged("old/m", tags=tags), staged("new/m", scope="other", tags=["dataset:tatsu-lab/alpaca"])]
    rows.append(staged("hostile/m", tags=["dataset:a'b;--", "dataset:🦙"]))
    warehouse.fill("staging.models", rows)
    warehouse.fill("staging.renamed_ids", [{"seen_id": "old/m", "model_id": "new/m"}])
    assert warehouse.rows("staging.model_datasets") == [
        ("hostile/m", "a'b;--"), ("hostile/m", "🦙"), ("new/m", "*"), ("new/m", "tatsu-lab/alpaca"),
    ]  # fmt: skip


def taught(warehouse: Warehouse, evidence: str = "curated") -> list[tuple[Any, ...]]:
    frame = warehouse.build("core.teacher_data").filter(evidence=evidence)
    return frame.drop("evidence").rows()


def test_a_tune_of_what_learned_from_a_proprietary_model_depends_on_it_too(warehouse: Warehouse) -> None:
    warehouse.fill("reference.teacher_datasets", [register("Tatsu-Lab/alpaca")])
    warehouse.fill("staging.model_datasets", named_by("a/alpaca", "tatsu-lab/alpaca", "imagenet"))
    warehouse.fill(
        "core.lineage", [edge("b/tune", "a/alpaca"), edge("c/copy", "b/tune"), edge("a/alpaca", "m/base")]
    )
    assert taught(warehouse) == [
        ("a/alpaca", "openai", True, True, "own"),
        ("b/tune", "openai", True, True, "inherited"),
        ("c/copy", "openai", True, True, "inherited"),
    ]


def test_lineage_is_followed_as_far_as_its_evidence_goes(warehouse: Warehouse) -> None:
    warehouse.fill("reference.teacher_datasets", [register("d")])
    warehouse.fill("staging.model_datasets", named_by("a/m", "d"))
    warehouse.fill(
        "core.lineage",
        [
            edge("b/declared", "a/m"),
            edge("c/superseded", "a/m", is_superseded=True),
            edge("d/config", "a/m", "config"),
            edge("e/curated", "a/m", "curated"),
            edge("f/inferred", "e/curated", "inferred"),
        ],
    )
    found = warehouse.build("core.teacher_data").filter(basis="inherited")
    assert found.group_by("evidence").agg(pl.col("model_id").str.head(1).sort()).sort("evidence").rows() == [
        ("curated", ["b", "d", "e"]), ("declared", ["b", "c"]), ("inferred", ["b", "d", "e", "f"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        register("d", None, kind="human", teacher_access="none"),
        register("d", "openai", kind="human"),
        register("d", None),
        register("d", "openai", teacher_access="unknown"),
        register("other"),
    ],
)
def test_people_and_unknown_teachers_teach_no_dependence(warehouse: Warehouse, row: dict[str, Any]) -> None:
    warehouse.fill("reference.teacher_datasets", [row]).fill("staging.model_datasets", named_by("a/m", "d"))
    assert taught(warehouse) == []


def test_what_nobody_verified_stands_in_rows_of_its_own(warehouse: Warehouse) -> None:
    warehouse.fill(
        "reference.teacher_datasets",
        [
            register("sure"),
            register("believed", status="unverified"),
            register("r1", "deepseek", teacher_access="open"),
        ],
    )
    warehouse.fill("staging.model_datasets", [*named_by("a/m", "believed", "r1"), *named_by("b/m", "sure")])
    warehouse.fill("core.lineage", [edge("a/m", "b/m")])
    assert taught(warehouse) == [
        ("a/m", "deepseek", False, True, "own"),
        ("a/m", "openai", True, False, "own"),
        ("a/m", "openai", True, True, "inherited"),
        ("b/m", "openai", True, True, "own"),
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_inheritance_is_that_of_any_ancestor(warehouse: Warehouse, seed: int) -> None:
    random = Random(seed)
    names = [f"a/{number}" for number in range(8)]
    parents = {
        name: random.sample(names[:place], min(place, random.choice([0, 1, 1, 3])))
        for place, name in enumerate(names)
    }
    teachers = {"d0": "openai", "d1": "anthropic"}
    tagged = {name: random.sample(sorted(teachers), random.choice([0, 0, 1, 2])) for name in names}

    def ancestors(name: str) -> set[str]:
        return set(parents[name]).union(*(ancestors(parent) for parent in parents[name]))

    expected = {
        (name, teachers[dataset])
        for name in names
        for source in {name} | ancestors(name)
        for dataset in tagged[source]
    }
    warehouse.fill("reference.teacher_datasets", [register(name, who) for name, who in teachers.items()])
    warehouse.fill("staging.model_datasets", [row for name in names for row in named_by(name, *tagged[name])])
    warehouse.fill("core.lineage", [edge(name, parent) for name in names for parent in parents[name]])
    found = taught(warehouse, random.choice(["declared", "curated", "inferred"]))
    assert {row[:2] for row in found} == expected
    assert all((row[4] == "own") == any(teachers[d] == row[1] for d in tagged[row[0]]) for row in found)


def a_list(warehouse: Warehouse) -> Warehouse:
    """Alpaca, a tune of it, a model of unjudged data, one that names none: 10 to 40 downloads."""
    warehouse.fill(
        "reference.teacher_datasets", [register("alpaca"), register("hearsay", status="unverified")]
    )
    warehouse.fill(
        "staging.model_datasets", [*named_by("a/alpaca", "alpaca", "hearsay"), *named_by("c/m", "hearsay")]
    )
    warehouse.fill("core.lineage", [edge("b/tune", "a/alpaca")])
    names = {"a/alpaca": 10, "b/tune": 20, "c/m": 30, "d/m": 40}
    warehouse.fill(
        "core.model_snapshots", [counted(name, downloads_30d=count) for name, count in names.items()]
    )
    warehouse.fill("core.model_roots", [rooted(name, parents=int(name == "b/tune")) for name in names])
    for table in ("core.teacher_data", "marts.dependence_cube", "marts.dependence_shares"):
        warehouse.build(table)
    return warehouse


def test_the_shares_of_a_list_that_learned_from_proprietary_models(warehouse: Warehouse) -> None:
    frame = a_list(warehouse).build("marts.teacher_shares").filter(universe="all", evidence="curated")
    columns = ("named_share", "judged_share", "own_share", "lower", "lower_with_unverified", "status")
    found = {
        (weight, who): tuple(rest)
        for weight, who, *rest in frame.select("weight", "teacher", *columns).rows()
    }
    assert found["downloads_30d", "any_proprietary"] == (0.4, 0.1, 0.1, 0.3, 0.6, "ok")
    assert found["downloads_30d", "openai"] == found["downloads_30d", "any_proprietary"]
    assert found["models", "openai"] == (0.5, 0.25, 0.25, 0.5, 0.75, "ok")
    assert found["derivatives", "openai"] == (0.0, 0.0, 0.0, 1.0, 1.0, "ok")
    assert found["models", "any_open"] == (0.5, 0.25, 0.0, 0.0, 0.0, "ok")


def test_where_no_list_names_data_there_is_no_share_but_a_reason(warehouse: Warehouse) -> None:
    warehouse.fill("core.model_snapshots", [counted("a/m"), counted("b/m", universe="vision")])
    warehouse.fill("core.model_roots", [rooted("a/m"), rooted("b/m")])
    warehouse.fill("staging.model_datasets", named_by("b/m", "imagenet"))
    for table in ("core.teacher_data", "marts.dependence_cube", "marts.dependence_shares"):
        warehouse.build(table)
    frame = warehouse.build("marts.teacher_shares").filter(evidence="curated", teacher="any_proprietary")
    assert frame.select("universe", "named_share", "lower", "status").rows() == [
        (
            "all",
            0.5,
            None,
            "not estimable: no verified register row tells of the data that these models name",
        ),
        ("embedding", 0.0, None, "not estimable: no list names the training data of these models"),
        (
            "vision",
            1.0,
            None,
            "not estimable: no verified register row tells of the data that these models name",
        ),
    ]
