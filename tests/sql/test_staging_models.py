"""staging.models and staging.rejected_values: what a list says, typed; what cannot be true, named."""

from datetime import date
from typing import Any

import pytest

from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, LATER, at, landed, listed


def one(warehouse: Warehouse, **given: Any) -> dict[str, Any]:
    """What becomes of a model with these fields."""
    warehouse.fill("raw.models", [listed("a/m", **given)])
    return warehouse.build("staging.models").row(0, named=True)


def rejected(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """The fields and values that were rejected."""
    return warehouse.rows("staging.rejected_values", "seen_id", "field", "value")


def test_a_whole_row_becomes_typed(warehouse: Warehouse) -> None:
    given = listed(
        " a/m ",
        author="a",
        created_at="2024-04-13T22:00:00.000-02:00",
        last_modified_at="2024-05-01T10:00:00.000Z",
        downloads="12",
        downloads_all_time="345",
        likes="6",
        gated="auto",
        library_name="transformers",
        pipeline_tag="text-generation",
        tags=["license:mit", "base_model:b/n", "en"],
        safetensors={"total": 7_000_000_000, "parameters": {"BF16": 7}},
        config={"model_type": "llama"},
    )
    assert warehouse.fill("raw.models", [given]).rows("staging.models") == [
        (
            DAY, "list", "a/m", at("2024-04-14"), False, at("2024-05-01T10:00"), 12, 345, 6, True,
            "transformers", "text-generation", "llama", 7_000_000_000, None, "mit",
            True, ["base_model:b/n"],
        )
    ]  # fmt: skip
    assert rejected(warehouse) == []


def test_what_was_not_asked_for_is_null_and_not_zero_and_nothing_is_rejected(warehouse: Warehouse) -> None:
    row = one(warehouse)
    told = {"snapshot_date": DAY, "scope": "list", "seen_id": "a/m", "has_tags": False, "tags": []}
    assert row == dict.fromkeys(row) | told
    assert rejected(warehouse) == []


@pytest.mark.parametrize(
    ("created_at", "created", "is_floor"),
    [
        ("2022-03-02T23:29:04.000Z", None, True),
        ("2022-03-02T23:29:05.000Z", None, True),
        ("2019-01-01T00:00:00.000Z", None, True),
        ("2022-03-02T23:29:06.000Z", at("2022-03-02T23:29:06"), False),
        ("2022-03-03T00:00:00.000Z", at("2022-03-03"), False),
        ("2026-01-22T23:59:59.000Z", at("2026-01-22T23:59:59"), False),
    ],
)
def test_the_floor_only_says_before(
    warehouse: Warehouse, created_at: str, created: object, is_floor: bool
) -> None:
    row = one(warehouse, created_at=created_at)
    assert (row["created_at"], row["is_created_at_floor"]) == (created, is_floor)
    assert rejected(warehouse) == []


@pytest.mark.parametrize("created_at", ["2026-01-23T00:00:00.000Z", "2999-01-01", "infinity"])
def test_a_creation_more_than_a_month_after_the_list_cannot_be_true(
    warehouse: Warehouse, created_at: str
) -> None:
    row = one(warehouse, created_at=created_at)
    assert (row["created_at"], row["is_created_at_floor"]) == (None, False)
    assert rejected(warehouse) == [("a/m", "createdAt", created_at)]


@pytest.mark.parametrize("created_at", ["", "yesterday", "2024-02-30T00:00:00.000Z"])
def test_a_date_that_is_none_is_rejected(warehouse: Warehouse, created_at: str) -> None:
    row = one(warehouse, created_at=created_at, last_modified_at=created_at)
    assert (row["created_at"], row["is_created_at_floor"], row["last_modified_at"]) == (None, None, None)
    assert rejected(warehouse) == [("a/m", "createdAt", created_at), ("a/m", "lastModified", created_at)]


COUNTS = [
    ("downloads", "downloads_30d", 10_000_000_000),
    ("downloads_all_time", "downloads_all_time", 999_999_999_999),
    ("likes", "likes", 99_999_999),
]
API_NAME = {"downloads_all_time": "downloadsAllTime"}


@pytest.mark.parametrize(("given", "column", "largest"), COUNTS)
def test_a_count_is_kept_from_nothing_to_the_largest_that_can_be(
    warehouse: Warehouse, given: str, column: str, largest: int
) -> None:
    warehouse.fill(
        "raw.models", [listed("a/m", 1, **{given: "0"}), listed("b/m", 2, **{given: str(largest)})]
    )
    assert warehouse.rows("staging.models", "seen_id", column) == [("a/m", 0), ("b/m", largest)]
    assert rejected(warehouse) == []


@pytest.mark.parametrize(("given", "column", "largest"), COUNTS)
def test_counts_that_cannot_be_true_are_null_and_named(
    warehouse: Warehouse, given: str, column: str, largest: int
) -> None:
    wrong = ["-1", "many", "", "1.5", "1e3", " 7", "9" * 30, str(largest + 1)]
    rows = [listed(f"a/{place}", place, **{given: value}) for place, value in enumerate(wrong, 1)]
    warehouse.fill("raw.models", rows)
    assert warehouse.rows("staging.models", column) == [(None,)] * len(wrong)
    field = API_NAME.get(given, given)
    assert rejected(warehouse) == [(f"a/{place}", field, value) for place, value in enumerate(wrong, 1)]


def test_one_wrong_number_among_thousands_harms_no_other(warehouse: Warehouse) -> None:
    """Filters over many rows must not cast what another condition would have kept out."""
    warehouse.fill_by(
        "raw.models",
        "select date '2025-12-22' as snapshot_date, 'list' as scope, i as position, 'a/' || i as id, "
        "case when i % 7 = 0 then 'n/a' else i::varchar end as downloads from range(5000) as r (i)",
    )
    values = warehouse.build("staging.models")["downloads_30d"]
    assert values.null_count() == 715
    assert values.sum() == sum(i for i in range(5000) if i % 7)
    assert len(rejected(warehouse)) == 715


def test_a_model_that_two_pages_have_is_kept_where_it_came_first(warehouse: Warehouse) -> None:
    pages = [
        listed("a/m", 1001, downloads="9"),
        listed("a/m", 3, downloads="5"),
        listed("a/m ", 500, downloads="7"),
        listed("a/m", 1, snapshot_date=LATER, downloads="11"),
        listed("a/m", 2, scope="other", downloads="13"),
    ]
    warehouse.fill("raw.models", pages)
    assert warehouse.rows("staging.models", "snapshot_date", "scope", "seen_id", "downloads_30d") == [
        (DAY, "list", "a/m", 5),
        (DAY, "other", "a/m", 13),
        (LATER, "list", "a/m", 11),
    ]


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_a_row_without_an_id_is_left_out_and_named(warehouse: Warehouse, nothing: str | None) -> None:
    warehouse.fill("raw.models", [listed(nothing, 1, downloads="5"), listed("a/m", 2)])
    assert warehouse.rows("staging.models", "seen_id") == [("a/m",)]
    assert rejected(warehouse) == [(nothing, "id", nothing)]


@pytest.mark.parametrize(
    ("gated", "is_gated"),
    [("false", False), ("auto", True), ("manual", True), ("true", True), ("perhaps", None), (None, None)],
)
def test_gated_is_one_of_the_hubs_words(
    warehouse: Warehouse, gated: str | None, is_gated: bool | None
) -> None:
    assert one(warehouse, gated=gated)["is_gated"] is is_gated


@pytest.mark.parametrize(
    ("tags", "license_"),
    [
        (["en", "license:apache-2.0"], "apache-2.0"),
        (["license:other", "license:llama3"], "llama3"),
        (["licenses:mit", "mit"], None),
        ([], None),
    ],
)
def test_the_licence_stands_in_the_tags(warehouse: Warehouse, tags: list[str], license_: str | None) -> None:
    assert one(warehouse, tags=tags)["license"] == license_


@pytest.mark.parametrize("tags", ['"license:mit"', '{"license": "mit"}', "12"])
def test_tags_that_are_no_list_are_no_tags_and_are_named(warehouse: Warehouse, tags: str) -> None:
    row = one(warehouse, tags=tags)
    assert (row["has_tags"], row["tags"], row["license"]) == (False, [], None)
    assert rejected(warehouse) == [("a/m", "tags", tags)]


def test_of_the_tags_those_are_kept_that_name_bases_or_data_sets(warehouse: Warehouse) -> None:
    tags = ["en", "region:us", "base_model:b/n", "dataset:c/d", "my dataset:e", "license:mit"]
    row = one(warehouse, tags=tags)
    assert (row["has_tags"], row["tags"]) == (True, ["base_model:b/n", "dataset:c/d"])


def test_tags_that_are_json_null_are_no_tags(warehouse: Warehouse) -> None:
    assert one(warehouse, tags="null")["tags"] == []
    assert rejected(warehouse) == []


@pytest.mark.parametrize("field", ["library_name", "pipeline_tag"])
def test_an_empty_text_is_null(warehouse: Warehouse, field: str) -> None:
    assert one(warehouse, **{field: "  "})[field] is None


def test_a_configuration_of_another_shape_tells_nothing(warehouse: Warehouse) -> None:
    row = one(warehouse, config=["llama"], safetensors='"7B"')
    assert (row["architecture"], row["parameters"]) == (None, None)


def test_rejected_values_have_their_place_and_are_cut(warehouse: Warehouse) -> None:
    warehouse.fill("raw.models", [listed("a/m", 4, scope="other", likes="x" * 300)])
    assert warehouse.rows("staging.rejected_values") == [(DAY, "other", 4, "a/m", "likes", "x" * 100)]


def test_a_value_that_is_wrong_twice_over_is_named_once_a_field(warehouse: Warehouse) -> None:
    warehouse.fill("raw.models", [listed("a/m", downloads="-1", likes="-2", created_at="never")])
    assert rejected(warehouse) == [
        ("a/m", "createdAt", "never"),
        ("a/m", "downloads", "-1"),
        ("a/m", "likes", "-2"),
    ]


def test_what_is_rejected_is_just_what_was_given_and_came_out_null(warehouse: Warehouse) -> None:
    values = ["0", "7", "-7", "x", "", None, "10000000000", "10000000001", "007"]
    rows = [listed(f"a/{place}", place, downloads=value) for place, value in enumerate(values, 1)]
    warehouse.fill("raw.models", rows)
    kept = dict(warehouse.rows("staging.models", "seen_id", "downloads_30d"))
    lost = {row["id"] for row in rows if row["downloads"] is not None and kept[row["id"]] is None}
    assert {seen_id for seen_id, _, _ in rejected(warehouse)} == lost == {"a/3", "a/4", "a/5", "a/8"}


@pytest.mark.parametrize(
    "given", [{"gated": "perhaps"}, {"safetensors": {"total": -5}}, {"safetensors": {"total": "many"}}]
)
def test_all_that_cannot_be_true_is_null_and_named(warehouse: Warehouse, given: dict[str, Any]) -> None:
    row = one(warehouse, **given)
    assert (row["is_gated"], row["parameters"]) == (None, None)
    assert len(rejected(warehouse)) == 1


def test_a_change_long_after_the_list_cannot_be_true_either(warehouse: Warehouse) -> None:
    assert one(warehouse, last_modified_at="2999-01-01T00:00:00.000Z")["last_modified_at"] is None


def test_the_day_of_the_list_is_what_dates_are_measured_by(warehouse: Warehouse) -> None:
    row = one(warehouse, snapshot_date=date(2023, 1, 1), created_at="2023-02-02T00:00:00.000Z")
    assert row["created_at"] is None


def test_a_live_list_of_so_many_models_holds_no_more_than_those(warehouse: Warehouse) -> None:
    """The last page of a walk brings more than was asked for, and a model that moved counts once."""
    rows = [listed("a/one", 1), listed("a/two", 2), listed("a/one", 3), listed("a/three", 4)]
    warehouse.fill("raw.models", rows)
    snapshot = landed("list") | {"is_live": True, "subjects": 2, "pages": 1}
    del snapshot["is_model_list"]
    warehouse.fill("raw.snapshots", [snapshot])
    assert warehouse.rows("staging.models", "seen_id") == [("a/one",), ("a/two",)]
