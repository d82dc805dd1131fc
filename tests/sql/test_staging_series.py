"""Series that others kept: counters, stars, package downloads, typed and once a day."""

from datetime import date
from typing import Any

import pytest

from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, LATER, ids

FIRST = date(2025, 1, 1)


def series(position: int = 1, **given: Any) -> dict[str, Any]:
    return {"snapshot_date": DAY, "scope": "watched", "position": position} | given


def test_counters_are_kept_by_day_under_todays_id(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("a/m", renamed={"old/m": "a/m"}))
    rows = [
        series(1, date="2025-01-01", id="old/m", downloads="10", likes="1"),
        series(2, date="2025-01-02", id=" a/m ", downloads="11", likes="2"),
        series(3, date="2025-01-02", id="stranger/m", downloads="12", likes="3"),
    ]
    assert warehouse.fill("raw.model_counters", rows).rows("staging.model_counters") == [
        (FIRST, "watched", "a/m", 10, 1),
        (date(2025, 1, 2), "watched", "a/m", 11, 2),
    ]


def test_a_later_landing_and_todays_id_stand_first(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("a/m", "b/m", renamed={"old/m": "a/m"}))
    rows = [
        series(1, date="2025-01-01", id="old/m", downloads="1"),
        series(2, date="2025-01-01", id="a/m", downloads="2"),
        series(3, date="2025-01-01", id="b/m", downloads="3"),
        series(4, date="2025-01-01", id="b/m", downloads="4", snapshot_date=LATER),
    ]
    warehouse.fill("raw.model_counters", rows)
    assert warehouse.rows("staging.model_counters", "model_id", "downloads_30d") == [("a/m", 2), ("b/m", 4)]


def test_counters_of_two_populations_are_not_joined(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("a/m"))
    rows = [series(scope=scope, date="2025-01-01", id="a/m") for scope in ("few", "many")]
    warehouse.fill("raw.model_counters", rows)
    assert warehouse.rows("staging.model_counters", "scope") == [("few",), ("many",)]


@pytest.mark.parametrize("wrong", ["-1", "many", "", "99999999999", None])
def test_a_count_that_cannot_be_true_is_a_missing_one(warehouse: Warehouse, wrong: str | None) -> None:
    warehouse.fill("staging.model_ids", ids("a/m"))
    warehouse.fill("raw.model_counters", [series(date="2025-01-01", id="a/m", downloads=wrong, likes=wrong)])
    assert warehouse.rows("staging.model_counters") == [(FIRST, "watched", "a/m", None, None)]


@pytest.mark.parametrize("no_day", ["2025-02-30", "", "soon", None])
def test_what_has_no_day_is_in_no_series(warehouse: Warehouse, no_day: str | None) -> None:
    warehouse.fill("staging.model_ids", ids("a/m"))
    warehouse.fill("raw.model_counters", [series(date=no_day, id="a/m", downloads="1")])
    warehouse.fill("raw.repository_stars", [series(date=no_day, full_name="a/r", stargazers_count="1")])
    package = {"package": "p", "downloads_30d": "1", "list_length": "5"}
    warehouse.fill("raw.package_downloads", [series(as_of=no_day, **package)])
    for table in ("model_counters", "repository_stars", "package_downloads"):
        assert warehouse.rows(f"staging.{table}") == []


def test_stars_are_kept_once_a_name_and_day(warehouse: Warehouse) -> None:
    rows = [
        series(1, date="2025-01-01", full_name="a/r", stargazers_count="10", forks_count="-2"),
        series(2, date="2025-01-01", full_name="a/r", stargazers_count="99"),
        series(3, date="2025-01-01", full_name="b/r", stargazers_count="20", forks_count="4"),
        series(9, date="2025-01-01", full_name="b/r", stargazers_count="21", snapshot_date=LATER),
        series(4, date="2025-01-02", full_name="a/r", stargazers_count="many"),
    ]
    assert warehouse.fill("raw.repository_stars", rows).rows("staging.repository_stars") == [
        (FIRST, "a/r", 10, None),
        (FIRST, "b/r", 21, None),
    ]


def test_our_own_observation_of_a_day_stands_before_a_recorded_one(warehouse: Warehouse) -> None:
    rows = [
        series(1, date="2025-01-01", full_name="a/r", stargazers_count="10", snapshot_date=LATER),
        series(2, date="2025-01-01", full_name="b/r", stargazers_count="10000001"),
        series(3, date="2025-01-01", full_name="c/r", stargazers_count="30", forks_count="10000001"),
    ]
    own = {"date": FIRST, "repository": "a/r", "status": "there"}
    asked = [own | {"asked_name": "a/r", "stars": 11, "forks": 2}, own | {"asked_name": "d/r", "stars": None}]
    warehouse.fill("raw.repository_stars", rows).fill("staging.repositories", asked)
    assert warehouse.rows("staging.repository_stars") == [(FIRST, "a/r", 11, 2), (FIRST, "c/r", 30, None)]


def test_names_of_packages_are_normalized(warehouse: Warehouse) -> None:
    given = {"as_of": "2025-01-01", "list_length": "5"}
    rows = [
        series(1, package=" Llama__Index.core ", downloads_30d="7", rank="3", **given),
        series(2, package="llama-index-core", downloads_30d="8", rank="4", **given),
    ]
    assert warehouse.fill("raw.package_downloads", rows).rows("staging.package_downloads") == [
        (FIRST, "llama-index-core", 7, 3, 5)
    ]
