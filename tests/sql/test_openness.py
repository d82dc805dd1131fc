"""Licences, gates, and how weights came to the public."""

from datetime import date
from typing import Any

import pytest

from tests.sql.conftest import Warehouse
from tests.sql.made import VERIFIED, counted, known, rooted


def licence(tag: str, license_class: str, **given: Any) -> dict[str, Any]:
    return {"license": tag, "license_class": license_class} | VERIFIED | given


def event(family: str, kind: str, day: int, **given: Any) -> dict[str, Any]:
    plain = {"family": family, "kind": kind, "event_date": date(2023, 3, day), "organization_id": "maker"}
    return {"release_id": f"{family}-{day}-{kind}"} | plain | VERIFIED | given


def matched(model_id: str, family: str) -> dict[str, Any]:
    return {"model_id": model_id, "family": family, "organization_id": "maker", "status": "verified"}


def family(name: str) -> dict[str, Any]:
    return {"family": name, "organization_id": "maker", "pattern": name}


def values(warehouse: Warehouse, dimension: str, dependence_class: str = "all") -> dict[str, tuple[Any, ...]]:
    warehouse.build("core.snapshot_groups")
    frame = warehouse.build("marts.openness").filter(
        universe="all", dependence_class=dependence_class, dimension=dimension
    )
    columns = ("models", "models_share", "downloads_30d", "downloads_share")
    return {value: tuple(row) for value, *row in frame.select("value", *columns).rows()}


def test_licences_by_class_and_what_is_not_told_or_not_verified_apart(warehouse: Warehouse) -> None:
    tags = {
        "a/m": "apache-2.0",
        "b/m": "Apache-2.0",
        "c/m": "cc-by-nc-4.0",
        "d/m": "odd",
        "e/m": "new",
        "f/m": None,
    }
    warehouse.fill(
        "reference.licenses",
        [
            licence("apache-2.0", "osi_approved"),
            licence("cc-by-nc-4.0", "noncommercial"),
            licence("odd", "osi_approved", status="unverified"),
        ],
    )
    warehouse.fill("core.models", [known(name, license=tag) for name, tag in tags.items()])
    warehouse.fill("core.model_roots", [rooted(name) for name in tags])
    warehouse.fill("core.model_snapshots", [counted(name, downloads_30d=10) for name in tags])
    assert {value: row[:3] for value, row in values(warehouse, "license").items()} == {
        "osi_approved": (2, round(2 / 6, 9), 20),
        "noncommercial": (1, round(1 / 6, 9), 10),
        "unclassified": (2, round(2 / 6, 9), 20),
        "none_known": (1, round(1 / 6, 9), 10),
    }


def test_a_gate_that_no_list_tells_is_neither_open_nor_shut(warehouse: Warehouse) -> None:
    gates = {"a/m": True, "b/m": False, "c/m": None}
    warehouse.fill("core.models", [known(name, is_gated=gate) for name, gate in gates.items()])
    warehouse.fill("core.model_roots", [rooted(name) for name in gates])
    rows = [counted("a/m", downloads_30d=1), counted("b/m", downloads_30d=3), counted("c/m")]
    warehouse.fill("core.model_snapshots", rows)
    assert values(warehouse, "gate") == {
        "gated": (1, round(1 / 3, 9), 1, 0.25),
        "open": (1, round(1 / 3, 9), 3, 0.75),
        "unknown": (1, round(1 / 3, 9), None, None),
    }


@pytest.mark.parametrize(
    ("events", "way_out"),
    [
        ([], "unknown"),
        ([event("f", "open_release", 2)], "open_release"),
        ([event("f", "gated_release", 2)], "gated_release"),
        ([event("f", "gated_release", 1), event("f", "open_release", 2)], "open_release"),
        ([event("f", "gated_release", 1), event("f", "leak", 2)], "leaked"),
        ([event("f", "leak", 1), event("f", "open_release", 2)], "leaked_and_released"),
        ([event("f", "leak", 1), event("f", "gated_release", 2)], "leaked_and_released"),
        (
            [event("f", "leak", 1), event("f", "open_release", 2, organization_id="x", base_name="F")],
            "leaked",
        ),
        ([event("f", "leak", 1, organization_id="x", base_name="F")], "unknown"),
        ([event("f", "leak", 1, status="unverified")], "unknown"),
        ([event("f", "withdrawal", 1)], "unknown"),
    ],
)
def test_how_the_weights_of_a_family_came_to_the_public(
    warehouse: Warehouse, events: list[dict[str, Any]], way_out: str
) -> None:
    warehouse.fill("core.releases", events).fill("reference.families", [family("f")])
    warehouse.fill("core.models", [known("m/base", family="f")]).fill("core.model_roots", [rooted("m/base")])
    warehouse.fill("core.model_snapshots", [counted("m/base", downloads_30d=1)])
    assert set(values(warehouse, "way_out")) == {way_out}


def test_what_descends_from_leaked_weights_stands_on_a_leak_whatever_its_own_family(
    warehouse: Warehouse,
) -> None:
    warehouse.fill(
        "core.releases",
        [
            event("first", "leak", 1),
            event("tuned", "open_release", 3, organization_id="lab", base_name="First"),
        ],
    )
    warehouse.fill("reference.families", [family("first"), family("tuned") | {"organization_id": "lab"}])
    warehouse.fill("staging.family_matches", [matched("m/first", "first"), matched("l/tuned", "tuned")])
    warehouse.fill("core.models", [known("x/copy", family="tuned"), known("m/first", family="first")])
    warehouse.fill("core.model_roots", [rooted("x/copy", root_id="m/first", parents=1), rooted("m/first")])
    warehouse.fill("core.model_snapshots", [counted("x/copy", downloads_30d=1)])
    assert set(values(warehouse, "way_out")) == {"leaked"}


def test_classes_of_dependence_stand_apart_and_add_up(warehouse: Warehouse) -> None:
    warehouse.fill("core.models", [known("g/m", is_gated=True), known("x/m", is_gated=False)])
    warehouse.fill("core.model_roots", [rooted("g/m"), rooted("x/m")])
    rows = [counted("g/m", is_first_party=True, downloads_30d=3), counted("x/m", downloads_30d=1)]
    warehouse.fill("core.model_snapshots", rows)
    assert values(warehouse, "gate", "first_party") == {"gated": (1, 1.0, 3, 1.0)}
    assert values(warehouse, "gate", "unknown") == {"open": (1, 1.0, 1, 1.0)}
    assert {value: row[0] for value, row in values(warehouse, "gate").items()} == {"gated": 1, "open": 1}


def test_alike_models_of_a_list_are_one_group_and_none_is_lost(warehouse: Warehouse) -> None:
    names = ["a/m", "b/m", "c/m", "d/m"]
    of = {"license": "mit", "family": "Llama"}
    facts = {"a/m": of, "b/m": of | {"is_gated": False}, "c/m": of, "d/m": {}}
    warehouse.fill("core.models", [known(name, **facts[name]) for name in names])
    roots = [rooted(name, parents=1, root_id="a/m") for name in ("b/m", "c/m")]
    warehouse.fill("core.model_roots", [rooted("a/m"), *roots, rooted("d/m"), rooted("d/m", "declared")])
    warehouse.fill("staging.family_matches", [matched("a/m", "Llama")])
    told = {"a/m": 5, "b/m": 7, "c/m": None, "d/m": 1}
    warehouse.fill("core.model_snapshots", [counted(name, downloads_30d=told[name]) for name in names])
    columns = ("is_derivative", "license", "gate", "family", "root_family")
    assert warehouse.rows("core.snapshot_groups", *columns, "models", "counted_models", "downloads_30d") == [
        (False, "(none)", "unknown", "(none)", "(none)", 1, 1, 1),
        (False, "mit", "unknown", "Llama", "Llama", 1, 1, 5),
        (True, "mit", "open", "Llama", "Llama", 1, 1, 7),
        (True, "mit", "unknown", "Llama", "Llama", 1, 0, None),
    ]
