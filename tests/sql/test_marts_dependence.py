"""The cube and what is read from it: shares by class, by organization, by account and model."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, LATER, counted, known, named, rooted, shared

WEIGHTS = ("models", "derivatives", "downloads_30d", "downloads_all_time", "likes")


def both(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """The same row for both kinds of evidence."""
    return [row | {"evidence": evidence} for row in rows for evidence in ("declared", "curated")]


def small_list(warehouse: Warehouse) -> Warehouse:
    """Four models, one of each class, and a merge of a giant's base with a lab's."""
    warehouse.fill(
        "core.model_snapshots",
        [
            counted("g/base", uploader_id="giant", is_first_party=True, downloads_30d=100, likes=10),
            counted("u/tune", downloads_30d=60, likes=4),
            counted("l/own", uploader_id="lab", downloads_30d=30, likes=2, universe="vision"),
            counted("x/what", downloads_30d=10, is_variant=True),
            counted("u/merge", downloads_30d=7, likes=1),
        ],
    )
    roots = both(
        rooted("g/base", well_funded_share=1.0, unknown_share=0.0),
        rooted("u/tune", parents=1, well_funded_share=1.0, unknown_share=0.0),
        rooted("x/what"),
    )
    roots += [
        rooted("l/own", "declared"),
        rooted("l/own", registered_independent_share=1.0, unknown_share=0.0),
        rooted("u/merge", "declared", parents=2, well_funded_share=0.5, unknown_share=0.5),
        rooted("u/merge", parents=2, well_funded_share=0.5, registered_independent_share=0.5),
    ]
    shares = both(
        shared("g/base", "giant", 1.0, 1.0),
        shared("u/tune", "giant", 1.0, 1.0),
        shared("x/what", "unknown", 1.0),
    )
    shares += [
        shared("l/own", "unknown", 1.0, evidence="declared"),
        shared("l/own", "lab", 0.0, 1.0, evidence="declared"),
        shared("l/own", "lab", 1.0, 1.0),
        shared("u/merge", "giant", 0.5, 0.5, evidence="declared"),
        shared("u/merge", "unknown", 0.5, evidence="declared"),
        shared("u/merge", "giant", 0.5, 0.5),
        shared("u/merge", "lab", 0.5, 0.5),
    ]
    return warehouse.fill("core.model_roots", roots).fill("core.ancestry", shares)


def test_the_cube_of_a_small_list(warehouse: Warehouse) -> None:
    cube = small_list(warehouse).build("marts.dependence_cube")
    curated = cube.filter(pl.col("evidence") == "curated")
    columns = ("universe", "is_variant", "uploader", "origin", "dependence_class", *WEIGHTS)
    assert curated.select(columns).rows() == [
        ("embedding", False, "giant", "giant", "first_party", 1.0, 0.0, 100.0, None, 10.0),
        ("embedding", False, "unregistered", "giant", "derived", 1.5, 1.5, 63.5, None, 4.5),
        ("embedding", False, "unregistered", "lab", "derived", 0.5, 0.5, 3.5, None, 0.5),
        ("embedding", True, "unregistered", "unknown", "unknown", 1.0, 0.0, 10.0, None, None),
        ("vision", False, "lab", "lab", "independent", 1.0, 0.0, 30.0, None, 2.0),
    ]
    assert set(cube["month"]) == {date(2025, 12, 1)}


def test_by_tags_alone_nobody_is_independent(warehouse: Warehouse) -> None:
    cube = small_list(warehouse).build("marts.dependence_cube").filter(pl.col("evidence") == "declared")
    own = cube.filter(pl.col("uploader") == "lab")
    assert own.select("origin", "dependence_class").rows() == [("unknown", "unknown")]


def test_the_cube_adds_up_to_the_list_for_each_evidence(warehouse: Warehouse) -> None:
    cube = small_list(warehouse).build("marts.dependence_cube")
    sums = cube.group_by("evidence").agg(pl.col(WEIGHTS).sum()).sort("evidence")
    whole = (5.0, 2.0, 207.0, 0.0, 17.0)
    assert sums.rows() == [("curated", *whole), ("declared", *whole)]


@pytest.mark.parametrize("origins", [2, 4, 5, 8])
def test_however_many_origins_a_model_has_it_counts_once(warehouse: Warehouse, origins: int) -> None:
    warehouse.fill("core.model_snapshots", [counted("u/merge", downloads_30d=1000, likes=40)])
    warehouse.fill("core.model_roots", [rooted("u/merge", parents=origins)])
    shares = [shared("u/merge", f"o{place}", 1 / origins, 1.0) for place in range(origins)]
    cube = warehouse.fill("core.ancestry", shares).build("marts.dependence_cube")
    assert cube.height == origins
    assert cube.select(pl.col("models", "derivatives", "downloads_30d", "likes").sum()).rows() == [
        (1, 1, 1000, 40)
    ]


def test_a_model_without_any_ancestry_originates_nowhere_known(warehouse: Warehouse) -> None:
    warehouse.fill("core.model_snapshots", [counted("a/m", downloads_30d=4)])
    cube = warehouse.fill("core.model_roots", [rooted("a/m")]).build("marts.dependence_cube")
    assert cube.select("origin", "models", "downloads_30d").rows() == [("unknown", 1.0, 4.0)]


def test_what_was_born_in_the_thirty_days_before_is_counted_where_the_scope_tells_births(
    warehouse: Warehouse,
) -> None:
    dates = {"u/new": DAY, "u/edge": DAY - timedelta(29), "u/old": DAY - timedelta(30), "u/root": DAY}
    warehouse.fill(
        "core.births",
        [
            {
                "series": "births_surviving",
                "scope": "list",
                "as_of_date": DAY,
                "model_id": name,
                "birth_date": day,
            }
            for name, day in dates.items()
        ],
    )
    names = (*dates, "u/undated")
    rows = [counted(name, uploader_id=name[2:]) for name in names]
    rows.append(counted("u/new", scope="other", uploader_id="elsewhere"))
    warehouse.fill("core.model_snapshots", rows)
    warehouse.fill("core.model_roots", [rooted(name, parents=int(name != "u/root")) for name in names])
    cube = warehouse.build("marts.dependence_cube")
    assert dict(cube.select("uploader", "new_derivatives_30d").rows()) == {
        "new": 1.0, "edge": 1.0, "old": 0.0, "root": 0.0, "undated": 0.0, "elsewhere": None,
    }  # fmt: skip


def test_a_third_is_rounded_below_anything_that_is_shown(warehouse: Warehouse) -> None:
    warehouse.fill("core.model_snapshots", [counted("u/merge", downloads_30d=100)])
    warehouse.fill("core.model_roots", [rooted("u/merge")])
    thirds = [shared("u/merge", name, round(1 / 3, 12), 1.0) for name in "abc"]
    cube = warehouse.fill("core.ancestry", thirds).build("marts.dependence_cube")
    assert cube["downloads_30d"].to_list() == [33.333] * 3
    assert cube["models"].to_list() == [0.333333] * 3


def test_downloads_that_nobody_told_are_not_zero(warehouse: Warehouse) -> None:
    warehouse.fill(
        "core.model_snapshots", [counted("a/m"), counted("b/m", universe="vision", downloads_30d=0)]
    )
    warehouse.fill("core.model_roots", [rooted("a/m"), rooted("b/m")])
    warehouse.fill("core.ancestry", [shared("a/m", "unknown", 1.0), shared("b/m", "unknown", 1.0)])
    assert warehouse.rows("marts.dependence_cube", "universe", "downloads_30d", "likes") == [
        ("embedding", None, None),
        ("vision", 0.0, None),
    ]


@pytest.mark.parametrize(
    ("facts", "is_first_party", "dependence_class"),
    [
        ({"well_funded_share": 1.0}, True, "first_party"),
        ({"well_funded_share": 1.0}, False, "derived"),
        ({"well_funded_share": 0.01, "registered_independent_share": 0.99}, False, "derived"),
        ({"registered_independent_share": 1.0}, False, "independent"),
        ({"registered_independent_share": round(3 * round(1 / 3, 12), 12)}, False, "independent"),
        ({"registered_independent_share": 0.999}, False, "unknown"),
        ({}, False, "unknown"),
        ({}, True, "first_party"),
    ],
)
def test_the_class_of_a_model(
    warehouse: Warehouse, facts: dict[str, float], is_first_party: bool, dependence_class: str
) -> None:
    row = counted("a/m", is_first_party=is_first_party, downloads_30d=1)
    warehouse.fill("core.model_snapshots", [row]).fill("core.model_roots", [rooted("a/m", **facts)])
    warehouse.fill("core.ancestry", [shared("a/m", "unknown", 1.0)])
    assert warehouse.rows("marts.dependence_cube", "dependence_class") == [(dependence_class,)]
    warehouse.build("core.account_snapshots")
    assert set(warehouse.rows("marts.heaviest_models", "dependence_class")) == {(dependence_class,)}


def test_who_took_the_account_over_later_was_not_upstream_then(warehouse: Warehouse) -> None:
    """sentence-transformers in 2024: uploaded by a university, held by a funded company since 2025."""
    warehouse.fill("core.model_snapshots", [counted("st/m", uploader_id="lab", downloads_30d=1)])
    taken_over = {"well_funded_share": 1.0, "unknown_share": 0.0, "upstream_well_funded_share": 0.0}
    warehouse.fill("core.model_roots", [rooted("st/m", **taken_over)])
    warehouse.fill("core.ancestry", [shared("st/m", "company", 1.0, 1.0)])
    warehouse.fill("core.models", [known("st/m", organization_id="company")])
    assert warehouse.rows("marts.dependence_cube", "dependence_class") == [("unknown",)]
    warehouse.build("core.account_snapshots")
    assert set(warehouse.rows("marts.heaviest_models", "dependence_class")) == {("unknown",)}


def build_accounts(warehouse: Warehouse) -> pl.DataFrame:
    """Build the heaviest accounts and what they are made from."""
    for table in ("core.account_snapshots", "marts.dependence_cube", "marts.dependence_shares"):
        warehouse.build(table)
    warehouse.build("marts.headline_sensitivity")
    return warehouse.build("marts.heaviest_accounts")


def shares_by(warehouse: Warehouse, universe: str, weight: str, evidence: str = "curated") -> dict[str, Any]:
    found = warehouse.build("marts.dependence_shares").filter(
        pl.col("universe") == universe, pl.col("weight") == weight, pl.col("evidence") == evidence
    )
    return found.row(0, named=True)


def test_the_shares_of_a_small_list(warehouse: Warehouse) -> None:
    small_list(warehouse).build("marts.dependence_cube")
    assert shares_by(warehouse, "all", "downloads_30d") == {
        "snapshot_date": DAY,
        "scope": "list",
        "evidence": "curated",
        "universe": "all",
        "weight": "downloads_30d",
        "total": 207.0,
        "first_party_share": round(100 / 207, 9),
        "derived_share": round(67 / 207, 9),
        "independent_share": round(30 / 207, 9),
        "unknown_share": round(10 / 207, 9),
        "dependent_lower": round(167 / 207, 9),
        "dependent_upper": round(177 / 207, 9),
    }


def test_each_weight_has_its_own_denominator(warehouse: Warehouse) -> None:
    small_list(warehouse).build("marts.dependence_cube")
    frame = warehouse.build("marts.dependence_shares").filter(
        pl.col("evidence") == "curated", pl.col("universe") == "all"
    )
    assert dict(frame.select("weight", "total").rows()) == {
        "derivatives": 2.0,
        "downloads_30d": 207.0,
        "likes": 17.0,
        "models": 5.0,
    }


def test_classes_sum_to_one_and_bounds_enclose(warehouse: Warehouse) -> None:
    small_list(warehouse).build("marts.dependence_cube")
    frame = warehouse.build("marts.dependence_shares")
    classes = ("first_party_share", "derived_share", "independent_share", "unknown_share")
    assert frame.height == 22, "two evidences; all and embedding by four weights, vision without derivatives"
    assert (frame.select(total=pl.sum_horizontal(classes))["total"] - 1).abs().max() < 1e-8
    width = frame["dependent_upper"] - frame["dependent_lower"]
    assert (width - frame["unknown_share"]).abs().max() < 1e-8
    assert (1 - frame["dependent_upper"] - frame["independent_share"]).abs().max() < 1e-8


def test_where_nothing_is_counted_there_is_no_share(warehouse: Warehouse) -> None:
    warehouse.fill("core.model_snapshots", [counted("a/m"), counted("b/m", downloads_30d=0)])
    warehouse.fill("core.model_roots", [rooted("a/m"), rooted("b/m")])
    warehouse.fill("core.ancestry", [shared("a/m", "unknown", 1.0), shared("b/m", "unknown", 1.0)])
    warehouse.build("marts.dependence_cube")
    assert set(warehouse.build("marts.dependence_shares")["weight"]) == {"models"}


def test_shares_of_two_lists_are_not_joined(warehouse: Warehouse) -> None:
    rows = [
        counted("a/m", is_first_party=True, downloads_30d=1),
        counted("a/m", scope="other", downloads_30d=3),
        counted("a/m", snapshot_date=LATER, downloads_30d=5),
    ]
    warehouse.fill("core.model_snapshots", rows).fill("core.model_roots", [rooted("a/m")])
    warehouse.fill("core.ancestry", [shared("a/m", "unknown", 1.0)]).build("marts.dependence_cube")
    frame = warehouse.build("marts.dependence_shares").filter(
        pl.col("universe") == "all", pl.col("weight") == "downloads_30d"
    )
    assert frame.select("snapshot_date", "scope", "total", "first_party_share").rows() == [
        (DAY, "list", 1.0, 1.0),
        (DAY, "other", 3.0, 0.0),
        (LATER, "list", 5.0, 0.0),
    ]


def by_organization(warehouse: Warehouse, evidence: str = "curated") -> dict[str, tuple[float | None, ...]]:
    frame = warehouse.build("marts.organization_shares").filter(
        pl.col("universe") == "all", pl.col("evidence") == evidence
    )
    columns = ("organization_id", "uploaded_share", "origin_share", "through_share", "any_share")
    return {name: shares for name, *shares in frame.select(columns).rows()}


def test_what_an_organization_uploaded_began_and_lies_upstream_of(warehouse: Warehouse) -> None:
    found = by_organization(small_list(warehouse))
    assert found == {
        "giant": [round(x / 207, 9) for x in (100, 163.5, 163.5, 167)],
        "lab": [round(x / 207, 9) for x in (30, 33.5, 33.5, 37)],
        "unknown": [0.0, round(10 / 207, 9), None, None],
    }


def test_what_only_passes_through_an_organization_does_not_originate_there(warehouse: Warehouse) -> None:
    warehouse.fill("core.model_snapshots", [counted("u/a", downloads_30d=6), counted("u/b", downloads_30d=2)])
    rows = [shared("u/a", "maker", 1.0, 1.0), shared("u/a", "tuner", 0.0, 0.5), shared("u/b", "unknown", 1.0)]
    assert by_organization(warehouse.fill("core.ancestry", rows)) == {
        "maker": [0.0, 0.75, 0.75, 0.75],
        "tuner": [0.0, 0.0, 0.375, 0.75],
        "unknown": [0.0, 0.25, None, None],
    }


@pytest.mark.parametrize("evidence", ["declared", "curated"])
def test_origin_shares_add_up_to_the_whole(warehouse: Warehouse, evidence: str) -> None:
    found = by_organization(small_list(warehouse), evidence)
    assert sum(shares[1] or 0 for shares in found.values()) == pytest.approx(1, abs=1e-8)


def test_each_universe_has_its_own_denominator(warehouse: Warehouse) -> None:
    frame = small_list(warehouse).build("marts.organization_shares").filter(pl.col("evidence") == "curated")
    totals = dict(frame.select("universe", "downloads_total").unique().rows())
    assert totals == {"all": 207, "embedding": 177, "vision": 30}


def test_a_list_without_downloads_has_no_organization_shares(warehouse: Warehouse) -> None:
    warehouse.fill("core.model_snapshots", [counted("a/m"), counted("b/m", scope="other", downloads_30d=0)])
    warehouse.fill("core.ancestry", [shared("a/m", "unknown", 1.0), shared("b/m", "unknown", 1.0)])
    assert warehouse.rows("marts.organization_shares") == []


def test_an_earlier_holder_of_an_account_keeps_what_it_uploaded(warehouse: Warehouse) -> None:
    warehouse.fill("core.model_snapshots", [counted("st/m", uploader_id="lab", downloads_30d=8)])
    warehouse.fill("core.ancestry", [shared("st/m", "company", 1.0, 1.0)])
    found = by_organization(warehouse)
    assert {name: uploaded for name, (uploaded, *_) in found.items()} == {"company": 0.0, "lab": 1.0}


def test_the_heaviest_accounts_with_their_class(warehouse: Warehouse) -> None:
    warehouse.fill(
        "core.organizations", [named("giant"), named("lab", funding="modest", is_well_funded=False)]
    )
    small_list(warehouse)
    columns = ("place", "account", "organization", "funding", "models", "downloads_30d", "first_party_share")
    frame = build_accounts(warehouse).filter(pl.col("universe") == "all")
    assert frame.select(columns).rows() == [
        (1, "g", "Giant", "giant", 1, 100, 1.0),
        (2, "u", None, None, 2, 67, 0.0),
        (3, "l", "Lab", "modest", 1, 30, 0.0),
        (4, "x", None, None, 1, 10, 0.0),
    ]
    assert frame["share"].to_list() == [round(x / 207, 9) for x in (100, 67, 30, 10)]


def test_the_heaviest_models_with_their_descent(warehouse: Warehouse) -> None:
    small_list(warehouse).fill("core.organizations", [named("giant"), named("lab")])
    warehouse.build("core.account_snapshots")
    columns = ("universe", "place", "model_id", "uploader", "dependence_class", "downloads_30d", "share")
    assert warehouse.rows("marts.heaviest_models", *columns) == [
        ("all", 1, "g/base", "Giant", "first_party", 100, round(100 / 207, 9)),
        ("all", 2, "u/tune", None, "derived", 60, round(60 / 207, 9)),
        ("all", 3, "l/own", "Lab", "independent", 30, round(30 / 207, 9)),
        ("all", 4, "x/what", None, "unknown", 10, round(10 / 207, 9)),
        ("all", 5, "u/merge", None, "derived", 7, round(7 / 207, 9)),
        ("embedding", 1, "g/base", "Giant", "first_party", 100, round(100 / 177, 9)),
        ("embedding", 2, "u/tune", None, "derived", 60, round(60 / 177, 9)),
        ("embedding", 3, "x/what", None, "unknown", 10, round(10 / 177, 9)),
        ("embedding", 4, "u/merge", None, "derived", 7, round(7 / 177, 9)),
        ("vision", 1, "l/own", "Lab", "independent", 30, 1.0),
    ]


def test_only_ten_are_named_and_equals_come_by_name(warehouse: Warehouse) -> None:
    names = [f"a{place:02}/m" for place in range(12)]
    warehouse.fill("core.model_snapshots", [counted(name, downloads_30d=5) for name in reversed(names)])
    warehouse.fill("core.model_roots", [rooted(name) for name in names])
    warehouse.build("core.account_snapshots")
    models = warehouse.build("marts.heaviest_models").filter(pl.col("universe") == "all")
    accounts = build_accounts(warehouse).filter(pl.col("universe") == "all")
    assert models["model_id"].to_list() == names[:10]
    assert accounts["account"].to_list() == [f"a{place:02}" for place in range(10)]
    assert models["share"].sum() == pytest.approx(10 / 12, abs=1e-8), (
        "the share is of the list, not of the ten"
    )


def test_a_model_without_account_has_one_of_its_own(warehouse: Warehouse) -> None:
    warehouse.fill("core.model_snapshots", [counted("gpt2", downloads_30d=5)])
    warehouse.fill("core.model_roots", [rooted("gpt2")])
    assert set(build_accounts(warehouse)["account"]) == {"(none)"}


def test_a_list_that_tells_no_downloads_has_no_heaviest(warehouse: Warehouse) -> None:
    warehouse.fill("core.model_snapshots", [counted("a/m")]).fill("core.models", [known("a/m")])
    warehouse.fill("core.model_roots", [rooted("a/m")])
    assert warehouse.rows("core.account_snapshots") == []
    assert warehouse.rows("marts.heaviest_models") == []
    assert build_accounts(warehouse).is_empty()
