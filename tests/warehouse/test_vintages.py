"""Vintages: a published number is never rewritten, a revision is one more line."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.warehouse.checks import header_checks, require, run_check
from pipelines.warehouse.models import SqlModel, write_frame
from pipelines.warehouse.vintages import FILE_NAME, append_headlines, headline_vintages

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
    assert append_headlines(warehouse, tmp_path / "vintages", "first", DAY) == 2
    assert values(tmp_path / "vintages") == [("share-0", 0.1 + 0.2, "first"), ("share-1", None, "first")]
    assert lines(tmp_path / "vintages")[0] == {
        "headline": "share-0", "universe": "all", "as_of_date": "2026-05-01", "scope": "top", "unit": "share",
        "value": 0.1 + 0.2, "lower": None, "upper": None, "denominator": "downloads", "release_id": "first",
        "published_as_of_date": "2026-05-01",
    }  # fmt: skip


def test_what_was_said_before_is_not_said_again(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    say(warehouse, 0.5, None)
    append_headlines(warehouse, tmp_path, "first", DAY)
    before = (tmp_path / FILE_NAME).read_bytes()
    assert append_headlines(warehouse, tmp_path, "second", DAY) == 0
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_revision_is_one_more_line_and_the_old_one_stays(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for release_id, value in (("first", 0.5), ("second", 0.6), ("third", 0.5)):
        say(warehouse, value, 0.9)
        append_headlines(warehouse, tmp_path, release_id, DAY)
    assert values(tmp_path) == [
        ("share-0", 0.5, "first"),
        ("share-1", 0.9, "first"),
        ("share-0", 0.6, "second"),
        ("share-0", 0.5, "third"),
    ]


def test_a_bound_that_moved_is_a_revision_too(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    say(warehouse, 0.5)
    append_headlines(warehouse, tmp_path, "first", DAY)
    warehouse.execute("update marts.headlines set upper = 0.7")
    assert append_headlines(warehouse, tmp_path, "second", DAY) == 1


def test_another_day_is_another_number_and_no_revision(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for day in (1, 2, 1):
        say(warehouse, day / 10, as_of=date(2026, 5, day))
        append_headlines(warehouse, tmp_path, f"day {day}", DAY)
    assert [line["as_of_date"] for line in lines(tmp_path)] == ["2026-05-01", "2026-05-02"]


def test_a_number_that_is_none_is_said_once(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    say(warehouse, float("nan"))
    append_headlines(warehouse, tmp_path, "first", DAY)
    assert append_headlines(warehouse, tmp_path, "second", DAY) == 0


def test_half_a_line_that_a_killed_run_left_does_not_stop_the_next(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    say(warehouse, 0.5)
    append_headlines(warehouse, tmp_path, "first", DAY)
    with (tmp_path / FILE_NAME).open("a") as file:
        file.write('{"headline": "share-0", "val')
    say(warehouse, 0.6)
    assert append_headlines(warehouse, tmp_path, "second", DAY) == 1
    assert append_headlines(warehouse, tmp_path, "third", DAY) == 0
    assert json.loads((tmp_path / FILE_NAME).read_text().splitlines()[0])["value"] == 0.5


def release(warehouse: duckdb.DuckDBPyConnection, folder: Path, as_of: date) -> bytes:
    """Publish: the table first, then what is new in it; give the table as bytes."""
    table = headline_vintages(warehouse, folder, as_of).sort("headline", "as_of_date", "vintage")
    append_headlines(warehouse, folder, f"{as_of}-0123456789ab", as_of)
    return table.write_ipc(None).getvalue()


def table(
    warehouse: duckdb.DuckDBPyConnection, folder: Path, as_of: date, *columns: str
) -> list[tuple[Any, ...]]:
    frame = headline_vintages(warehouse, folder, as_of)
    return frame.sort("headline", "as_of_date", "vintage").select(columns).rows()


NEXT = DAY + timedelta(1)
PLACE = ("headline", "vintage", "published_as_of_date", "value", "is_revision", "previous_value", "is_newest")


def test_the_first_release_shows_its_own_numbers(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    say(warehouse, 0.5, None)
    assert table(warehouse, tmp_path, DAY, *PLACE) == [
        ("share-0", 1, DAY, 0.5, False, None, True),
        ("share-1", 1, DAY, None, False, None, True),
    ]


def test_a_revision_stands_beside_what_it_revises(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for as_of, value in ((DAY, 0.5), (NEXT, 0.6)):
        say(warehouse, value, 0.9)
        release(warehouse, tmp_path, as_of)
    assert table(warehouse, tmp_path, NEXT + timedelta(5), *PLACE) == [
        ("share-0", 1, DAY, 0.5, False, None, False),
        ("share-0", 2, NEXT, 0.6, True, 0.5, True),
        ("share-1", 1, DAY, 0.9, False, None, True),
    ]


def test_a_run_that_changes_nothing_makes_the_same_table_before_and_after_it_was_appended(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    say(warehouse, 0.1 + 0.2, None, float("nan"))
    tables = {release(warehouse, tmp_path, DAY) for _ in range(3)}
    assert len(tables) == 1
    assert len(lines(tmp_path)) == 3


def test_the_same_vintages_give_the_same_table_elsewhere(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    say(warehouse, 0.5)
    release(warehouse, tmp_path / "here", DAY)
    say(warehouse, 0.6)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / FILE_NAME).write_bytes((tmp_path / "here" / FILE_NAME).read_bytes())
    assert release(warehouse, tmp_path / "here", NEXT) == release(warehouse, tmp_path / "there", NEXT)


def test_a_run_as_of_an_earlier_day_knows_nothing_of_later_releases(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    say(warehouse, 0.5)
    release(warehouse, tmp_path, DAY)
    before = headline_vintages(warehouse, tmp_path, DAY)
    say(warehouse, 0.6)
    release(warehouse, tmp_path, NEXT)
    say(warehouse, 0.5)
    assert headline_vintages(warehouse, tmp_path, DAY).equals(before)
    assert append_headlines(warehouse, tmp_path, "again", DAY) == 0


def test_an_earlier_day_that_is_released_later_invents_no_revision(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    february, march = date(2026, 2, 28), date(2026, 3, 31)
    say(warehouse, 0.5, as_of=february)
    for as_of in (march, february, march):
        release(warehouse, tmp_path, as_of)
    for as_of in (february, march):
        assert table(warehouse, tmp_path, as_of, *PLACE) == [("share-0", 1, february, 0.5, False, None, True)]
    assert [line["published_as_of_date"] for line in lines(tmp_path)] == ["2026-03-31", "2026-02-28"]


def test_two_releases_of_a_day_are_two_vintages(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for value in (0.5, 0.6):
        say(warehouse, value)
        release(warehouse, tmp_path, DAY)
    found = table(warehouse, tmp_path, DAY, "vintage", "published_as_of_date", "value")
    assert found == [(1, DAY, 0.5), (2, DAY, 0.6)]


def test_a_line_of_before_there_was_a_date_has_that_of_its_release(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    say(warehouse, 0.5)
    release(warehouse, tmp_path, DAY)
    (line,) = lines(tmp_path)
    del line["published_as_of_date"]
    (tmp_path / FILE_NAME).write_text(json.dumps(line) + "\n")
    assert table(warehouse, tmp_path, NEXT, "vintage", "published_as_of_date") == [(1, DAY)]


def test_without_headlines_and_vintages_the_table_is_empty(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert headline_vintages(warehouse, tmp_path, DAY).is_empty()


def test_the_table_is_what_its_header_declares(
    warehouse: duckdb.DuckDBPyConnection, models: dict[str, SqlModel], tmp_path: Path
) -> None:
    model = models["marts.headline_vintages"]
    say(warehouse, 0.5, None)
    release(warehouse, tmp_path, DAY)
    say(warehouse, 0.4, None)
    assert write_frame(warehouse, model, headline_vintages(warehouse, tmp_path, NEXT)) == 3
    require([run_check(warehouse, check) for check in header_checks(model)])
