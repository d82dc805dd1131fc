"""Vintages: a published number is never rewritten, a revision is one more line."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.warehouse.models import SqlModel
from pipelines.warehouse.vintages import FILE_NAME, append_headlines

DAY = date(2026, 5, 1)


@pytest.fixture
def warehouse(
    connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel]
) -> duckdb.DuckDBPyConnection:
    """A warehouse whose marts.headlines is empty but for its declared columns."""
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in models["marts.headlines"].columns.items())
    connection.execute(f"create table marts.headlines ({columns})")
    return connection


def say(warehouse: duckdb.DuckDBPyConnection, *values: float | None, as_of: date = DAY) -> None:
    """Let the headlines be numbered shares of these values."""
    warehouse.execute("delete from marts.headlines")
    for number, value in enumerate(values):
        warehouse.execute(
            "insert into marts.headlines (headline, universe, as_of_date, scope, value, unit, denominator) "
            "values (?, 'all', ?, 'top', ?, 'share', 'downloads')",
            [f"share-{number}", as_of, value],
        )


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / FILE_NAME).read_text().splitlines()]


def values(folder: Path) -> list[tuple[str, float | None, str]]:
    return [(line["headline"], line["value"], line["release_id"]) for line in lines(folder)]


def test_every_headline_is_noted_with_the_release_that_said_it(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    say(warehouse, 0.1 + 0.2, None)
    assert append_headlines(warehouse, tmp_path / "vintages", "first") == 2
    assert values(tmp_path / "vintages") == [("share-0", 0.1 + 0.2, "first"), ("share-1", None, "first")]
    assert lines(tmp_path / "vintages")[0] == {
        "headline": "share-0", "universe": "all", "as_of_date": "2026-05-01", "scope": "top", "unit": "share",
        "value": 0.1 + 0.2, "lower": None, "upper": None, "denominator": "downloads", "release_id": "first",
    }  # fmt: skip


def test_what_was_said_before_is_not_said_again(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    say(warehouse, 0.5, None)
    append_headlines(warehouse, tmp_path, "first")
    before = (tmp_path / FILE_NAME).read_bytes()
    assert append_headlines(warehouse, tmp_path, "second") == 0
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_revision_is_one_more_line_and_the_old_one_stays(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for release_id, value in (("first", 0.5), ("second", 0.6), ("third", 0.5)):
        say(warehouse, value, 0.9)
        append_headlines(warehouse, tmp_path, release_id)
    assert values(tmp_path) == [
        ("share-0", 0.5, "first"),
        ("share-1", 0.9, "first"),
        ("share-0", 0.6, "second"),
        ("share-0", 0.5, "third"),
    ]


def test_a_bound_that_moved_is_a_revision_too(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    say(warehouse, 0.5)
    append_headlines(warehouse, tmp_path, "first")
    warehouse.execute("update marts.headlines set upper = 0.7")
    assert append_headlines(warehouse, tmp_path, "second") == 1


def test_another_day_is_another_number_and_no_revision(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for day in (1, 2, 1):
        say(warehouse, day / 10, as_of=date(2026, 5, day))
        append_headlines(warehouse, tmp_path, f"day {day}")
    assert [line["as_of_date"] for line in lines(tmp_path)] == ["2026-05-01", "2026-05-02"]


def test_a_number_that_is_none_is_said_once(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    say(warehouse, float("nan"))
    append_headlines(warehouse, tmp_path, "first")
    assert append_headlines(warehouse, tmp_path, "second") == 0


def test_half_a_line_that_a_killed_run_left_does_not_stop_the_next(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    say(warehouse, 0.5)
    append_headlines(warehouse, tmp_path, "first")
    with (tmp_path / FILE_NAME).open("a") as file:
        file.write('{"headline": "share-0", "val')
    say(warehouse, 0.6)
    assert append_headlines(warehouse, tmp_path, "second") == 1
    assert append_headlines(warehouse, tmp_path, "third") == 0
    assert json.loads((tmp_path / FILE_NAME).read_text().splitlines()[0])["value"] == 0.5
