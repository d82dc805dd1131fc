"""Families: what descends from a curated generation, and what it makes up of each list."""

from datetime import date
from typing import Any

from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, LATER, VERIFIED, counted, known, named, rooted


def pattern(family: str, text: str, **given: Any) -> dict[str, Any]:
    row = {"family": family, "organization_id": "meta", "modality": "language", "pattern": text}
    return row | VERIFIED | given


def edge(child: str, parent: str, relation: str, *, is_superseded: bool = False) -> dict[str, Any]:
    return {
        "child_id": child,
        "parent_id": parent,
        "relation": relation,
        "evidence": "declared",
        "is_superseded": is_superseded,
    }


def test_a_family_with_its_derivatives(warehouse: Warehouse) -> None:
    warehouse.fill(
        "reference.families",
        [
            pattern("Llama 3", "%llama-3%", first_release_date=date(2024, 4, 18)),
            pattern("Llama 3", "%-l3-8b%", first_release_date=date(2024, 4, 20), status="unverified"),
        ],
    )
    warehouse.fill("core.organizations", [named("meta"), named("lab")])
    llama = {"family": "Llama 3"}
    warehouse.fill(
        "core.models",
        [
            known("meta/llama-3", organization_id="meta", **llama),
            known("lab/tune", organization_id="lab", depth=1, **llama),
            known("u/tune", depth=2, **llama),
            known("u/quant", depth=3, is_variant=True, **llama),
            known("u/merge", depth=2, is_named_only=True, **llama),
            known("lab/kept-llama-3", organization_id="lab", **llama),
            known("x/other"),
        ],
    )
    kept = {"model_id": "lab/kept-llama-3", "origin": "scratch", "trained_by": "meta"}
    warehouse.fill("reference.origins", [kept | VERIFIED])
    warehouse.fill(
        "core.lineage",
        [
            edge("lab/tune", "meta/llama-3", "finetune"),
            edge("u/tune", "lab/tune", "adapter"),
            edge("u/quant", "u/tune", "quantized"),
            edge("u/merge", "lab/tune", "merge"),
            edge("u/merge", "meta/llama-3", "merge"),
            edge("u/merge", "x/other", "finetune", is_superseded=True),
            edge("x/other", "u/merge", "finetune"),
        ],
    )
    assert warehouse.build("marts.families").row(0, named=True) == {
        "family": "Llama 3",
        "organization_id": "meta",
        "organization": "Meta",
        "is_well_funded": True,
        "modality": "language",
        "first_release_date": date(2024, 4, 18),
        "models": 6,
        "derivatives": 4,
        "finetunes": 1,
        "adapters": 1,
        "quantized": 1,
        "merges": 1,
        "accounts": 2,
        "deepest": 3,
        "named_only": 1,
    }


def test_a_family_that_nobody_has_seen_is_there_with_nothing(warehouse: Warehouse) -> None:
    warehouse.fill("reference.families", [pattern("Llama 9", "%llama-9%")])
    warehouse.fill("core.organizations", [named("meta", is_well_funded=None)])
    columns = ("family", "is_well_funded", "models", "derivatives", "accounts", "deepest", "named_only")
    assert warehouse.rows("marts.families", *columns) == [("Llama 9", None, 0, 0, 0, 0, 0)]


def test_what_of_each_list_belongs_to_which_family(warehouse: Warehouse) -> None:
    warehouse.fill("core.models", [known("a/m", family="Llama 3"), known("b/m", family="Phi"), known("c/m")])
    warehouse.fill(
        "core.model_snapshots",
        [
            counted("a/m", downloads_30d=60),
            counted("b/m", downloads_30d=30),
            counted("c/m", downloads_30d=10),
            counted("a/m", snapshot_date=LATER, downloads_30d=1),
            counted("b/m", snapshot_date=LATER),
            counted("a/m", scope="untold"),
            counted("b/m", scope="untold"),
        ],
    )
    warehouse.fill("core.model_roots", [rooted(name) for name in ("a/m", "b/m", "c/m")])
    warehouse.build("core.snapshot_groups")
    assert warehouse.rows("marts.family_snapshots") == [
        (DAY, "list", "(none)", 1, 10, 0.1),
        (DAY, "list", "Llama 3", 1, 60, 0.6),
        (DAY, "list", "Phi", 1, 30, 0.3),
        (DAY, "untold", "Llama 3", 1, None, None),
        (DAY, "untold", "Phi", 1, None, None),
        (LATER, "list", "Llama 3", 1, 1, 1.0),
        (LATER, "list", "Phi", 1, None, None),
    ]
