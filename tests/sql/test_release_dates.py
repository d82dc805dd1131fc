"""Release dates: the earliest trustworthy of correction, announcement and, failing both, creation."""

from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.settings import REFERENCE_DIR, Settings
from pipelines.warehouse.connection import open_published
from pipelines.warehouse.models import SqlModel
from pipelines.warehouse.registers import read_registers
from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, LATER, VERIFIED, at, ids, landed, staged

TABLE = "core.release_dates"
CREATED = at("2025-03-01 12:00:00")


def corrected(model_id: str, day: date, **given: Any) -> dict[str, Any]:
    """A row of reference.release_date_corrections."""
    return {"model_id": model_id, "release_date": day} | VERIFIED | {"source": "correction page"} | given


def announced(model_id: str | None, day: date, **given: Any) -> dict[str, Any]:
    """A row of reference.releases."""
    plain = {"release_id": f"{day}-x", "name": "X", "organization_id": "o", "modality": "language"}
    told = {"kind": "open_release", "date_precision": "day", "source": "announcement page"}
    return {"model_id": model_id, "event_date": day} | plain | VERIFIED | told | given


def with_model(warehouse: Warehouse, created: Any = CREATED) -> Warehouse:
    """Fill one model a/m that one list had."""
    warehouse.fill("staging.model_ids", ids("a/m"))
    warehouse.fill("staging.models", [staged("a/m", created_at=created)])
    return as_known(warehouse).fill("core.snapshots", [landed(origin="somebody/list")])


def as_known(warehouse: Warehouse) -> Warehouse:
    """Make from ids and lists the models that are known."""
    warehouse.build("staging.renamed_ids")
    warehouse.mark_listed().build("staging.known_models")
    return warehouse


def test_what_nobody_announced_came_out_when_its_repository_was_made(warehouse: Warehouse) -> None:
    assert with_model(warehouse).rows(TABLE) == [
        (
            "a/m",
            date(2025, 3, 1),
            "repository_creation",
            None,
            None,
            None,
            date(2025, 3, 1),
            0,
            "somebody/list: list of 2025-12-22",
        )
    ]


def test_a_correction_counts_against_an_earlier_creation(warehouse: Warehouse) -> None:
    row = corrected("a/m", date(2025, 3, 12), hub_created_date=date(2025, 2, 28))
    with_model(warehouse).fill("reference.release_date_corrections", [row])
    assert warehouse.rows(TABLE) == [
        (
            "a/m",
            date(2025, 3, 12),
            "correction",
            date(2025, 3, 12),
            None,
            None,
            date(2025, 3, 1),
            11,
            "correction page",
        )
    ]


def test_an_announcement_counts_against_an_earlier_creation(warehouse: Warehouse) -> None:
    with_model(warehouse).fill("reference.releases", [announced("a/m", date(2025, 3, 4))])
    assert warehouse.rows(TABLE, "release_date", "evidence", "days_from_creation", "source") == [
        (date(2025, 3, 4), "announcement", 3, "announcement page")
    ]


def test_a_repository_made_anew_is_younger_than_its_model(warehouse: Warehouse) -> None:
    with_model(warehouse).fill("reference.releases", [announced("a/m", date(2024, 3, 1))])
    assert warehouse.rows(TABLE, "release_date", "days_from_creation") == [(date(2024, 3, 1), -365)]


@pytest.mark.parametrize(
    ("correction", "announcement", "release", "evidence"),
    [
        (date(2025, 3, 4), date(2025, 3, 5), date(2025, 3, 4), "correction"),
        (date(2025, 3, 5), date(2025, 3, 4), date(2025, 3, 4), "announcement"),
        (date(2025, 3, 5), date(2025, 3, 5), date(2025, 3, 5), "correction"),
    ],
)
def test_of_correction_and_announcement_the_earlier_counts_and_both_are_kept(
    warehouse: Warehouse, correction: date, announcement: date, release: date, evidence: str
) -> None:
    with_model(warehouse).fill("reference.release_date_corrections", [corrected("a/m", correction)])
    warehouse.fill("reference.releases", [announced("a/m", announcement)])
    columns = ("release_date", "evidence", "correction_date", "announcement_date", "source")
    assert warehouse.rows(TABLE, *columns) == [
        (release, evidence, correction, announcement, f"{evidence} page")
    ]


@pytest.mark.parametrize("kind", ["open_release", "gated_release", "leak"])
def test_of_several_announcements_the_first_counts(warehouse: Warehouse, kind: str) -> None:
    rows = [
        announced("a/m", date(2025, 4, 2)),
        announced("a/m", date(2025, 4, 1), kind=kind, source="the first"),
    ]
    with_model(warehouse).fill("reference.releases", rows)
    assert warehouse.rows(TABLE, "release_date", "source") == [(date(2025, 4, 1), "the first")]


@pytest.mark.parametrize(
    "given",
    [
        {"status": "unverified"},
        {"kind": "withdrawal"},
        {"kind": "proprietary_launch"},
        {"kind": "announcement"},
        {"model_id": None},
        {"model_id": "b/another"},
    ],
)
def test_what_is_no_verified_release_of_the_model_decides_nothing(
    warehouse: Warehouse, given: dict[str, Any]
) -> None:
    with_model(warehouse).fill("reference.releases", [announced("a/m", date(2025, 2, 1)) | given])
    assert warehouse.rows(TABLE, "evidence", "announcement_date", "announcement_month") == [
        ("repository_creation", None, None)
    ]


def test_an_unverified_correction_corrects_nothing(warehouse: Warehouse) -> None:
    guess = corrected("a/m", date(2025, 2, 1), status="unverified")
    with_model(warehouse).fill("reference.release_date_corrections", [guess])
    assert warehouse.rows(TABLE, "evidence", "correction_date") == [("repository_creation", None)]


def test_a_month_is_shown_but_is_no_day(warehouse: Warehouse) -> None:
    month = announced("a/m", date(2025, 2, 1), date_precision="month")
    with_model(warehouse).fill("reference.releases", [month])
    columns = ("release_date", "evidence", "announcement_date", "announcement_month")
    assert warehouse.rows(TABLE, *columns) == [
        (date(2025, 3, 1), "repository_creation", None, date(2025, 2, 1))
    ]


def test_a_month_alone_gives_no_release_date(warehouse: Warehouse) -> None:
    month = announced("a/m", date(2025, 2, 1), date_precision="month")
    with_model(warehouse, created=None).fill("reference.releases", [month])
    assert warehouse.rows(TABLE) == []


def test_a_model_without_any_day_has_no_row(warehouse: Warehouse) -> None:
    assert with_model(warehouse, created=None).rows(TABLE) == []


def test_a_correction_tells_the_creation_where_no_list_does(warehouse: Warehouse) -> None:
    row = corrected("a/m", date(2025, 3, 12), hub_created_date=date(2025, 3, 10))
    with_model(warehouse, created=None).fill("reference.release_date_corrections", [row])
    assert warehouse.rows(TABLE, "created_date", "days_from_creation") == [(date(2025, 3, 10), 2)]


def test_without_any_creation_the_distance_from_it_is_not_known(warehouse: Warehouse) -> None:
    with_model(warehouse, created=None).fill("reference.releases", [announced("a/m", date(2018, 10, 11))])
    assert warehouse.rows(TABLE, "release_date", "created_date", "days_from_creation") == [
        (date(2018, 10, 11), None, None)
    ]


def test_registers_are_followed_to_todays_id_whatever_the_case(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("New/M", "b/n", renamed={"old/m": "New/M"}))
    as_known(warehouse.fill("staging.models"))
    warehouse.fill("reference.releases", [announced("Old/M", date(2025, 2, 2))])
    warehouse.fill("reference.release_date_corrections", [corrected("B/N", date(2025, 2, 3))])
    assert warehouse.rows(TABLE, "model_id", "release_date") == [
        ("New/M", date(2025, 2, 2)),
        ("b/n", date(2025, 2, 3)),
    ]


def test_a_row_about_two_names_of_one_model_gives_one_row(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("new/m", renamed={"old/m": "new/m"}))
    as_known(warehouse.fill("staging.models"))
    rows = [
        corrected("old/m", date(2025, 2, 2), hub_created_date=date(2025, 2, 1), source="the earlier"),
        corrected("new/m", date(2025, 2, 9), hub_created_date=date(2025, 2, 8)),
    ]
    warehouse.fill("reference.release_date_corrections", rows)
    assert warehouse.rows(TABLE, "release_date", "created_date", "source") == [
        (date(2025, 2, 2), date(2025, 2, 1), "the earlier")
    ]


def test_only_known_models_have_a_release_date(warehouse: Warehouse) -> None:
    warehouse.fill("reference.release_date_corrections", [corrected("a/m", date(2025, 2, 2))])
    warehouse.fill("reference.releases", [announced("b/n", date(2025, 2, 2))])
    assert warehouse.rows(TABLE) == []


def test_the_first_list_that_told_the_creation_is_named(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("new/m", renamed={"old/m": "new/m"}))
    rows = [
        staged("old/m", scope="a", created_at=at("2025-03-02 00:00:00")),
        staged("old/m", scope="b", created_at=CREATED),
        staged("new/m", snapshot_date=LATER, scope="a", created_at=CREATED),
    ]
    as_known(warehouse.fill("staging.models", rows))
    lists = [landed("b", DAY), landed("a", LATER, origin="somebody/else")]
    warehouse.fill("core.snapshots", lists)
    assert warehouse.rows(TABLE, "source") == [("b of 2025-12-22",)]


@pytest.fixture(scope="module")
def shipped(models: dict[str, SqlModel]) -> pl.DataFrame:
    """The shipped register of corrections."""
    registers = read_registers(models, REFERENCE_DIR, as_of=date(2026, 11, 23))
    return registers["reference.release_date_corrections"]


def test_the_shipped_corrections_span_what_is_known_of_them(shipped: pl.DataFrame) -> None:
    days = (shipped["release_date"] - shipped["hub_created_date"]).dt.total_days()
    assert (days.min(), days.median(), days.max()) == (-51, 2.5, 33)
    assert days.null_count() == 0
    assert 0 not in days.to_list()


def test_each_shipped_correction_names_its_row_and_stands_in_its_place(shipped: pl.DataFrame) -> None:
    assert shipped.height == 40
    assert shipped["model_id"].is_sorted()
    key = "atom/corrections: " + shipped["model_id"]
    assert shipped["source"].str.split(" ; ").list.contains(key).all()


@pytest.fixture(scope="module")
def published(released: Settings) -> pl.DataFrame:
    """The release dates of the recorded data, as anybody can read them."""
    with open_published(released.published_path) as connection:
        return frame(connection, f"select * from {TABLE}")


def frame(connection: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    return connection.sql(query).pl()


def test_the_recorded_lists_give_corrected_models_the_creation_that_was_corrected(
    published: pl.DataFrame, shipped: pl.DataFrame
) -> None:
    both = published.filter(evidence="correction").join(shipped, on="model_id", suffix="_register")
    assert both.height >= 25
    assert both["created_date"].to_list() == both["hub_created_date"].to_list()
    assert both["release_date"].to_list() == both["release_date_register"].to_list()


def test_announcements_and_creations_are_evidence_in_the_recorded_data(published: pl.DataFrame) -> None:
    counts = dict(published.group_by("evidence").len().rows())
    assert counts["repository_creation"] > 6_000
    assert counts["announcement"] >= 125
