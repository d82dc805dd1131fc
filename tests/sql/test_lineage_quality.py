"""What is measured of the lineage: how right the inference is, how complete the edges, what is odd."""

from math import sqrt
from typing import Any

import pytest

from tests.sql.conftest import Warehouse
from tests.sql.made import LATER, at, ids, known, landed, rooted, shared, staged


def match(
    child: str, parent: str | None, rule: str | None = "format", fold: int | None = 0
) -> dict[str, Any]:
    return {"child_id": child, "fold": fold, "parent_id": parent, "relation": "finetune", "rule": rule}


def told(child: str, parent: str, evidence: str = "declared", relation: str = "finetune") -> dict[str, Any]:
    row = {"child_id": child, "parent_id": parent, "relation": relation, "evidence": evidence}
    return row | {"is_superseded": False}


def label(model_id: str, kind: str, parent: str | None = None, **given: Any) -> dict[str, Any]:
    row = {"model_id": model_id, "stratum": "uniform", "weight": 10, "label": kind, "parent_id": parent}
    return row | {"basis": "id", "status": "verified", "source": "page"} | given


def wilson(share: float, size: float) -> tuple[float, float]:
    """The 95 % interval of Wilson, as his formula has it."""
    z = 1.959963985
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    return middle - half, middle + half


def measured(warehouse: Warehouse, **wanted: str) -> dict[str, Any]:
    """The one row of marts.lineage_quality that has these values."""
    frame = warehouse.build("marts.lineage_quality")
    rows = [row for row in frame.to_dicts() if all(row[name] == value for name, value in wanted.items())]
    assert len(rows) == 1, rows
    return rows[0]


def twenty_authors(warehouse: Warehouse, right: int, **given: Any) -> None:
    """Twenty models of as many authors declare base/a; for `right` of them it is inferred, else base/b."""
    children = [f"u{number}/m" for number in range(20)]
    warehouse.fill("staging.told_edges", [told(child, "base/a") for child in children])
    warehouse.fill(
        "staging.name_matches",
        [match(child, "base/a" if number < right else "base/b") for number, child in enumerate(children)],
    )
    warehouse.fill("core.models", [known(child, **given) for child in children])
    warehouse.fill("core.model_roots", [rooted("base/a"), rooted("base/b")])


ALL = {"evaluation": "masked_declared", "dimension": "all", "weight": "edges"}


def test_precision_is_the_part_of_the_inferred_parents_that_is_declared_with_wilsons_interval(
    warehouse: Warehouse,
) -> None:
    twenty_authors(warehouse, right=15)
    found = measured(warehouse, measure="precision", criterion="parent", **ALL)
    low, high = wilson(0.75, 20)
    assert (found["cases"], found["authors"], found["status"]) == (20, 20, "estimated")
    assert found["estimate"] == 0.75
    assert found["effective_cases"] == pytest.approx(20, abs=1e-3)
    assert (found["lower"], found["upper"]) == pytest.approx((low, high), abs=1e-8)


def test_recall_counts_every_declared_edge_and_those_of_which_nothing_was_inferred(
    warehouse: Warehouse,
) -> None:
    twenty_authors(warehouse, right=20)
    more = [told(f"u{number}/m", "base/c", relation="merge") for number in range(20)]
    silent = [told(f"v{number}/m", "base/a") for number in range(10)]
    edges = [told(f"u{number}/m", "base/a") for number in range(20)]
    warehouse.fill("staging.told_edges", edges + more + silent)
    matches = [match(f"u{number}/m", "base/a") for number in range(20)]
    matches += [match(f"v{number}/m", None, None) for number in range(10)]
    warehouse.fill("staging.name_matches", matches)
    warehouse.fill("core.models", [known(row["child_id"]) for row in matches])
    assert measured(warehouse, measure="recall", criterion="parent", **ALL)["estimate"] == 0.4
    assert measured(warehouse, measure="precision", criterion="parent", **ALL)["estimate"] == 1
    by_relation = ALL | {"dimension": "relation", "measure": "recall", "criterion": "parent"}
    assert measured(warehouse, part="merge", **by_relation)["estimate"] == 0


def test_edges_of_one_author_count_as_much_as_they_tell(warehouse: Warehouse) -> None:
    """Ten authors of ten edges each, all of an author right or all wrong, are worth ten cases."""
    children = [(f"u{number // 10}/m{number}", number // 10 < 6) for number in range(100)]
    warehouse.fill("staging.told_edges", [told(child, "base/a") for child, _ in children])
    matches = [match(child, "base/a" if is_right else "base/b") for child, is_right in children]
    warehouse.fill("staging.name_matches", matches)
    warehouse.fill("core.models", [known(child) for child, _ in children])
    found = measured(warehouse, measure="precision", criterion="parent", **ALL)
    assert (found["cases"], found["authors"], found["estimate"]) == (100, 10, 0.6)
    assert found["effective_cases"] == pytest.approx(10, abs=1e-3)


def test_where_all_are_right_the_interval_still_has_a_lower_end(warehouse: Warehouse) -> None:
    twenty_authors(warehouse, right=20)
    found = measured(warehouse, measure="precision", criterion="parent", **ALL)
    assert (found["estimate"], found["upper"]) == (1, 1)
    assert found["lower"] == pytest.approx(wilson(1, 20)[0], abs=1e-8)


def test_a_sibling_has_the_right_root_and_another_root_may_have_the_right_organization(
    warehouse: Warehouse,
) -> None:
    twenty_authors(warehouse, right=5)
    warehouse.fill("core.model_roots", [rooted("base/a", root_id="r"), rooted("base/b", root_id="r")])
    assert measured(warehouse, measure="precision", criterion="parent", **ALL)["estimate"] == 0.25
    assert measured(warehouse, measure="precision", criterion="root", **ALL)["estimate"] == 1
    warehouse.fill("core.model_roots", [rooted("base/a"), rooted("base/b")])
    warehouse.fill("core.ancestry", [shared("base/a", "meta", 1.0), shared("base/b", "unknown", 1.0)])
    assert measured(warehouse, measure="precision", criterion="organization", **ALL)["estimate"] == 0.25
    half = [shared("base/b", "meta", 0.6), shared("base/b", "google", 0.4)]
    warehouse.fill("core.ancestry", [shared("base/a", "meta", 1.0), *half])
    assert measured(warehouse, measure="precision", criterion="organization", **ALL)["estimate"] == 1


def test_by_downloads_a_case_weighs_what_its_model_is_downloaded(warehouse: Warehouse) -> None:
    twenty_authors(warehouse, right=10)
    rows = [known(f"u{number}/m", downloads_30d=30 if number < 10 else 10) for number in range(19)]
    warehouse.fill("core.models", [*rows, known("u19/m")])
    found = measured(
        warehouse, **ALL | {"weight": "downloads_30d", "measure": "precision", "criterion": "parent"}
    )
    assert found["cases"] == 19
    assert found["estimate"] == pytest.approx(300 / 390)


def test_parts_are_by_rule_and_by_year_of_birth(warehouse: Warehouse) -> None:
    twenty_authors(warehouse, right=15, created_at=at("2024-05-01"))
    by_rule = ALL | {"dimension": "rule", "part": "format"}
    assert measured(warehouse, measure="precision", criterion="parent", **by_rule)["cases"] == 20
    by_year = ALL | {"dimension": "birth_year", "part": "2024"}
    assert measured(warehouse, measure="recall", criterion="parent", **by_year)["cases"] == 20


def test_of_few_authors_nothing_is_estimated(warehouse: Warehouse) -> None:
    warehouse.fill("staging.told_edges", [told(f"u{number}/m", "base/a") for number in range(9)])
    warehouse.fill("staging.name_matches", [match(f"u{number}/m", "base/a") for number in range(9)])
    warehouse.fill("core.models", [known(f"u{number}/m") for number in range(9)])
    found = measured(warehouse, measure="precision", criterion="parent", **ALL)
    assert (found["cases"], found["estimate"], found["lower"], found["upper"]) == (9, None, None, None)
    assert found["status"] == "not estimable: fewer than 10 authors"


def labelled(warehouse: Warehouse, rows: list[dict[str, Any]], guesses: dict[str, str]) -> None:
    named = {row["model_id"] for row in rows} | {row["parent_id"] for row in rows if row["parent_id"]}
    warehouse.fill("staging.model_ids", ids(*sorted(named | set(guesses.values()))))
    warehouse.fill("reference.lineage_labels", rows)
    inferred = [
        {"child_id": child, "parent_id": parent, "rule": "format"} for child, parent in guesses.items()
    ]
    warehouse.fill("staging.inferred_parents", inferred)


HAND = {"evaluation": "hand_labelled", "dimension": "all", "weight": "models"}


def test_labels_tell_precision_and_recall_of_what_was_inferred(warehouse: Warehouse) -> None:
    """Of 12 descendants 8 are found, 6 rightly; 1 from scratch is given a parent; 5 unclear are left out."""
    rows = [label(f"d{number}/m", "descends", "base/a") for number in range(12)]
    rows += [label(f"s{number}/m", "scratch") for number in range(4)]
    rows += [label(f"x{number}/m", "unclear") for number in range(5)]
    guesses = {f"d{number}/m": "base/a" if number < 6 else "base/b" for number in range(8)}
    labelled(warehouse, rows, guesses | {"s0/m": "base/a", "x0/m": "base/a"})
    estimate = {
        (row["measure"], row["criterion"]): (row["cases"], row["estimate"])
        for row in warehouse.build("marts.lineage_quality").to_dicts()
        if row["dimension"] == "all"
    }
    assert estimate["recall", "parent"] == (12, 0.5)
    assert estimate["recall", "descends"] == (12, pytest.approx(8 / 12))
    assert estimate["precision", "parent"] == (9, None)  # fewer than ten authors
    assert estimate["precision", "descends"] == (9, None)


def test_labels_weigh_what_they_stand_for_and_strata_stay_apart(warehouse: Warehouse) -> None:
    rows = [label(f"d{number}/m", "descends", "base/a", weight=10) for number in range(12)]
    rows += [
        label(f"d{number}/m", "descends", "base/a", stratum="downloads", weight=100 if number < 6 else 300)
        for number in range(12)
    ]
    labelled(warehouse, rows, {f"d{number}/m": "base/a" for number in range(6)})
    found = measured(warehouse, measure="recall", criterion="parent", **HAND)
    assert (found["cases"], found["estimate"]) == (12, 0.5)
    by_downloads = HAND | {"weight": "downloads_30d"}
    assert measured(warehouse, measure="recall", criterion="parent", **by_downloads)["estimate"] == 0.25


def test_a_labelled_model_that_has_an_edge_by_now_is_no_case(warehouse: Warehouse) -> None:
    rows = [label(f"d{number}/m", "descends", "base/a") for number in range(12)]
    labelled(warehouse, rows, {})
    warehouse.fill("staging.told_edges", [told("d0/m", "base/a", "curated")])
    assert measured(warehouse, measure="recall", criterion="parent", **HAND)["cases"] == 11


def test_the_confidence_of_a_rule_is_its_measured_precision(warehouse: Warehouse) -> None:
    warehouse.fill("staging.told_edges", [told("u/m", "base/a"), told("v/m", "base/a")])
    matches = [match("u/m", "base/a"), match("v/m", "base/b"), match("w/m", None, None)]
    matches += [match("x/m", "base/a", fold=None), match("y/m", "base/a", "training", fold=None)]
    warehouse.fill("staging.name_matches", matches)
    found = warehouse.rows("staging.inferred_parents", "child_id", "rule", "confidence")
    assert found == [("x/m", "format", 0.5), ("y/m", "training", None)]


# --- completeness


def completeness(warehouse: Warehouse, measure: str) -> dict[str, dict[str, Any]]:
    frame = warehouse.build("marts.lineage_completeness")
    return {row["kind"]: row for row in frame.to_dicts() if row["measure"] == measure}


def a_list(warehouse: Warehouse, *rows: dict[str, Any], **given: Any) -> None:
    warehouse.fill("core.snapshots", [landed(**given)])
    warehouse.fill("staging.models", rows)
    warehouse.fill("staging.model_ids", ids(*(row["seen_id"] for row in rows)))


def test_names_and_libraries_tell_which_models_must_have_a_base(warehouse: Warehouse) -> None:
    tags = ["base_model:b/n", "x"]
    rows = [
        staged(f"a/{name}", tags=tags) for name in ("m-GGUF", "n-awq", "o-4bit", "p-lora", "q-slerp", "r")
    ]
    rows += [staged("a/s", tags=["x"], library_name="peft"), staged("a/t", tags=["x"], library_name="gguf")]
    rows += [staged("a/u-gguf", tags=[])]
    a_list(warehouse, *rows)
    warehouse.fill("staging.told_edges", [told("a/m-GGUF", "b/n"), told("a/p-lora", "b/n", "config")])
    found = completeness(warehouse, "must_name")
    assert {kind: (row["models"], row["named"]) for kind, row in found.items()} == {
        "quantized": (4, 1),
        "adapter": (2, 1),
        "merge": (1, 0),
    }
    assert found["quantized"]["estimate"] == 0.75
    assert (found["quantized"]["lower"], found["quantized"]["status"]) == (None, "counted")


@pytest.mark.parametrize(
    ("scope", "given"),
    [("family-trees", {}), ("list", {"selection": "bases"}), ("list", {"is_model_list": False})],
)
def test_lists_drawn_up_by_descent_say_nothing_of_completeness(
    warehouse: Warehouse, scope: str, given: dict[str, Any]
) -> None:
    a_list(warehouse, staged("a/m-gguf", scope=scope, tags=["base_model:b/n"]), scope=scope, **given)
    assert completeness(warehouse, "must_name") == {}


def test_a_list_that_tells_no_bases_says_nothing_of_who_names_none(warehouse: Warehouse) -> None:
    a_list(warehouse, staged("a/m-gguf", tags=["license:mit"]))
    assert completeness(warehouse, "must_name") == {}


def test_the_newest_list_of_a_scope_counts(warehouse: Warehouse) -> None:
    rows = [staged("a/m-gguf", tags=["base_model:b/n"])]
    rows += [staged(name, tags=["base_model:b/n"], snapshot_date=LATER) for name in ("a/m-gguf", "a/n-gguf")]
    a_list(warehouse, *rows)
    warehouse.fill("staging.model_ids", ids("a/m-gguf", "a/n-gguf"))
    warehouse.fill("core.snapshots", [landed(), landed(day=LATER)])
    found = completeness(warehouse, "must_name")["quantized"]
    assert (found["as_of_date"], found["models"]) == (LATER, 2)


def sampled(warehouse: Warehouse, unnamed: int) -> None:
    """100 models name a base; 20 others are labelled, each for 5: 12 descend, 4 are scratch, 4 unclear."""
    names = [f"a/{number:03}" for number in range(100 + unnamed)]
    a_list(warehouse, *(staged(name, downloads_30d=10) for name in names))
    warehouse.fill("staging.told_edges", [told(name, "b/n") for name in names[:100]])
    kinds = ["descends"] * 12 + ["scratch"] * 4 + ["unclear"] * 4
    warehouse.fill(
        "reference.lineage_labels",
        [label(name, kind, weight=5) for name, kind in zip(names[100:], kinds, strict=False)],
    )


def test_the_sample_says_how_many_that_name_none_descend_all_the_same(warehouse: Warehouse) -> None:
    sampled(warehouse, unnamed=100)
    found = completeness(warehouse, "labelled")["models"]
    low, high = wilson(0.75, 16)
    assert (found["models"], found["named"], found["estimate"]) == (16, 12, 0.75)
    assert (found["lower"], found["upper"]) == pytest.approx((low, high), abs=1e-8)
    assert (found["if_unclear_scratch"], found["if_unclear_descends"]) == (0.6, 0.8)
    part = completeness(warehouse, "known")["models"]
    assert part["estimate"] == pytest.approx(100 / 175)
    assert (part["lower"], part["upper"]) == pytest.approx(
        (100 / (100 + 100 * high), 100 / (100 + 100 * low))
    )
    assert part["if_unclear_scratch"] == pytest.approx(100 / 160)
    assert part["if_unclear_descends"] == pytest.approx(100 / 180)


def test_labels_of_other_lists_say_nothing_of_these(warehouse: Warehouse) -> None:
    sampled(warehouse, unnamed=300)
    for measure in ("labelled", "known"):
        found = completeness(warehouse, measure)["models"]
        assert (found["estimate"], found["lower"], found["upper"]) == (None, None, None)
        assert found["status"].startswith("not estimable")


def recaptured(warehouse: Warehouse, told_only: int, both: int, inferred_only: int) -> dict[str, Any]:
    names = [f"a/{number:03}" for number in range(told_only + both + inferred_only + 7)]
    a_list(warehouse, *(staged(name, tags=["base_model:b/n"]) for name in names))
    declared = names[: told_only + both]
    warehouse.fill("staging.told_edges", [told(name, "b/n") for name in declared])
    masked = [match(name, None, None) for name in declared[:told_only]]
    masked += [match(name, "b/n") for name in declared[told_only:]]
    warehouse.fill("staging.name_matches", masked)
    guessed = names[told_only + both :][:inferred_only]
    warehouse.fill(
        "staging.inferred_parents",
        [{"child_id": name, "parent_id": "b/n", "rule": "format"} for name in guessed],
    )
    return completeness(warehouse, "recaptured")["models"]


def test_tags_and_names_recapture_each_other_as_chapman_has_it(warehouse: Warehouse) -> None:
    """50 tell, 40 are inferred, 20 both: 51 * 41 / 21 - 1 descend."""
    found = recaptured(warehouse, told_only=30, both=20, inferred_only=20)
    total = 51 * 41 / 21 - 1
    deviation = sqrt(51 * 41 * 30 * 20 / (21 * 21 * 22))
    assert (found["models"], found["named"]) == (70, 50)
    assert found["estimate"] == pytest.approx(50 / total)
    assert found["lower"] == pytest.approx(50 / (total + 1.959963985 * deviation))
    assert found["upper"] == pytest.approx(50 / (total - 1.959963985 * deviation))


def test_few_that_were_found_both_ways_estimate_nothing(warehouse: Warehouse) -> None:
    found = recaptured(warehouse, told_only=30, both=9, inferred_only=20)
    assert (found["estimate"], found["status"]) == (
        None,
        "not estimable: fewer than 10 models found both ways",
    )


# --- problems


def problems(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    columns = ("child_id", "parent_id", "problem", "evidence", "is_edge", "days")
    return warehouse.rows("marts.lineage_problems", *columns)


def test_what_was_taken_out_stands_with_its_reason(warehouse: Warehouse) -> None:
    taken = [told("a", "a") | {"problem": "self_loop"}, told("b", "c") | {"problem": "cycle"}]
    for row in taken:
        del row["is_superseded"]
    warehouse.fill("core.lineage_problems", taken)
    assert problems(warehouse) == [
        ("a", "a", "self_loop", "declared", False, None),
        ("b", "c", "cycle", "declared", False, None),
    ]


def test_a_child_older_than_its_parent_is_told_with_the_days_and_stays(warehouse: Warehouse) -> None:
    born = {"a/child": "2024-05-01T23:59", "a/parent": "2024-05-04T00:01", "a/same": "2024-05-01T00:00"}
    warehouse.fill("core.models", [known(name, created_at=at(day)) for name, day in born.items()])
    warehouse.fill("core.lineage", [told("a/child", "a/parent"), told("a/child", "a/same")])
    assert problems(warehouse) == [("a/child", "a/parent", "child_older_than_parent", "declared", True, 3)]


def test_births_that_are_not_known_are_no_problem(warehouse: Warehouse) -> None:
    warehouse.fill("core.models", [known("a/child"), known("a/parent", created_at=at("2024-05-04"))])
    warehouse.fill("core.lineage", [told("a/child", "a/parent"), told("a/parent", "a/child")])
    assert problems(warehouse) == []


def test_a_parent_in_no_list_dangles_and_stays(warehouse: Warehouse) -> None:
    warehouse.fill("core.models", [known("a/child"), known("gone/base", is_named_only=True)])
    warehouse.fill("core.lineage", [told("a/child", "gone/base", "curated")])
    assert problems(warehouse) == [("a/child", "gone/base", "dangling_parent", "curated", True, None)]


def test_a_configuration_that_names_another_base_than_the_tags_is_told(warehouse: Warehouse) -> None:
    configured = [("a/agrees", "b/n"), ("a/differs", "b/n"), ("a/silent", "b/n")]
    warehouse.fill("staging.config_parents", [{"child_id": c, "parent_id": p} for c, p in configured])
    edges = [
        told("a/agrees", "b/n"),
        told("a/agrees", "c/o"),
        told("a/differs", "c/o"),
        told("a/differs", "d/p"),
    ]
    edges += [told("a/silent", "b/n", "config"), told("a/silent", "a/silent")]
    warehouse.fill("staging.told_edges", edges)
    assert problems(warehouse) == [("a/differs", "b/n", "config_disagrees", "config", False, None)]
    details = warehouse.rows("marts.lineage_problems", "detail")
    assert details == [("its tags name c/o and others",)]
