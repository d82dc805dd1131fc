"""Stars by day under today's name; package downloads, where absence is censoring."""

from datetime import date
from typing import Any

from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, VERIFIED

FIRST, SECOND = date(2026, 3, 1), date(2026, 4, 1)


def repository(observed_name: str, today: str, **given: Any) -> dict[str, Any]:
    row = {"observed_name": observed_name, "repository": today, "organization_id": "o", "role": "inference"}
    return row | VERIFIED | given


def register(warehouse: Warehouse, rows: list[dict[str, Any]]) -> None:
    warehouse.fill("reference.repositories", rows).build("staging.repository_names")


def stars(full_name: str, day: date, count: int, forks: int | None = None) -> dict[str, Any]:
    return {"full_name": full_name, "date": day, "stars": count, "forks": forks}


def test_stars_run_on_through_a_rename(warehouse: Warehouse) -> None:
    register(warehouse, [repository("old/r", "new/r"), repository("new/r", "new/r")])
    warehouse.fill("staging.repository_stars", [stars("old/r", FIRST, 10, 1), stars("new/r", SECOND, 20)])
    assert warehouse.rows("marts.repository_stars_daily") == [
        ("new/r", FIRST, 10, None, None, 1, "old/r", "o", None, "inference"),
        ("new/r", SECOND, 20, None, None, None, "new/r", "o", None, "inference"),
    ]


def test_both_names_on_one_day_are_one_row_and_the_larger_count_stays(warehouse: Warehouse) -> None:
    register(warehouse, [repository("old/r", "new/r"), repository("new/r", "new/r")])
    warehouse.fill("staging.repository_stars", [stars("old/r", FIRST, 25), stars("new/r", FIRST, 24)])
    columns = ("repository", "stars_observed", "observed_name")
    assert warehouse.rows("marts.repository_stars_daily", *columns) == [("new/r", 25, "old/r")]


def test_of_equal_counts_the_first_name_stays(warehouse: Warehouse) -> None:
    register(warehouse, [repository("b/r", "b/r"), repository("a/r", "b/r")])
    warehouse.fill("staging.repository_stars", [stars("b/r", FIRST, 7), stars("a/r", FIRST, 7)])
    assert warehouse.rows("marts.repository_stars_daily", "observed_name") == [("a/r",)]


def test_repositories_that_nobody_registered_are_not_shown(warehouse: Warehouse) -> None:
    register(warehouse, [repository("a/r", "a/r", family="Llama 1", role="training")])
    warehouse.fill("staging.repository_stars", [stars("a/r", FIRST, 1), stars("b/r", FIRST, 2)])
    columns = ("repository", "family", "role")
    assert warehouse.rows("marts.repository_stars_daily", *columns) == [("a/r", "Llama 1", "training")]


def test_a_missing_day_is_missing(warehouse: Warehouse) -> None:
    register(warehouse, [repository("a/r", "a/r")])
    warehouse.fill("staging.repository_stars", [stars("a/r", FIRST, 1), stars("a/r", SECOND, 9)])
    assert warehouse.rows("marts.repository_stars_daily", "date") == [(FIRST,), (SECOND,)]


def survived(name: str, day: date, count: int) -> dict[str, Any]:
    row = {"repository": name, "asked_name": name, "date": day, "stars_surviving": count}
    return row | {"survivors_as_of_date": SECOND}


def test_observed_and_surviving_stars_are_two_columns_and_their_difference_is_churn(
    warehouse: Warehouse,
) -> None:
    register(warehouse, [repository("a/r", "a/r")])
    warehouse.fill("staging.repository_stars", [stars("a/r", FIRST, 10, 2), stars("a/r", SECOND, 14)])
    warehouse.fill("staging.surviving_stars", [survived("a/r", FIRST, 9), survived("a/r", DAY, 4)])
    assert warehouse.rows("marts.repository_stars_daily") == [
        ("a/r", DAY, None, 4, SECOND, None, "a/r", "o", None, "inference"),
        ("a/r", FIRST, 10, 9, SECOND, 2, "a/r", "o", None, "inference"),
        ("a/r", SECOND, 14, None, None, None, "a/r", "o", None, "inference"),
    ]


def test_a_repository_is_asked_for_under_todays_name_which_nobody_observed_before(
    warehouse: Warehouse,
) -> None:
    register(warehouse, [repository("old/r", "New/r", family="Llama 1")])
    warehouse.fill("staging.repository_stars", [stars("new/R", FIRST, 3)])
    columns = ("repository", "stars_observed", "observed_name", "family")
    assert warehouse.rows("marts.repository_stars_daily", *columns) == [("New/r", 3, "new/R", "Llama 1")]


def package(name: str) -> dict[str, Any]:
    return {"package": name, "organization_id": "o", "access": "open", "role": "library"} | VERIFIED


def on_the_list(name: str, day: date, downloads: int, rank: int, list_length: int = 4000) -> dict[str, Any]:
    place = {"downloads_30d": downloads, "rank": rank, "list_length": list_length}
    return {"package": name, "as_of_date": day} | place


def test_a_package_off_the_list_is_censored_and_not_zero(warehouse: Warehouse) -> None:
    warehouse.fill("reference.packages", [package("vllm"), package("torch")])
    listed = [
        on_the_list("torch", FIRST, 900, 1),
        on_the_list("torch", SECOND, 950, 2, 8000),
        on_the_list("vllm", SECOND, 5, 7999, 8000),
        on_the_list("numpy", SECOND, 990, 1, 8000),
    ]
    warehouse.fill("staging.package_downloads", listed)
    assert warehouse.rows("marts.package_downloads_30d") == [
        ("torch", FIRST, 900, False, 1, 4000, "o", "open", "library"),
        ("torch", SECOND, 950, False, 2, 8000, "o", "open", "library"),
        ("vllm", FIRST, None, True, None, 4000, "o", "open", "library"),
        ("vllm", SECOND, 5, False, 7999, 8000, "o", "open", "library"),
    ]


def test_a_day_without_a_list_censors_nobody(warehouse: Warehouse) -> None:
    warehouse.fill("reference.packages", [package("vllm")])
    warehouse.fill("staging.package_downloads", [on_the_list("torch", FIRST, 900, 1)])
    assert warehouse.rows("marts.package_downloads_30d", "as_of_date", "is_censored") == [(FIRST, True)]


def test_no_downloads_at_all_are_a_number_and_not_censored(warehouse: Warehouse) -> None:
    warehouse.fill("reference.packages", [package("vllm")])
    warehouse.fill("staging.package_downloads", [on_the_list("vllm", FIRST, 0, 4000)])
    assert warehouse.rows("marts.package_downloads_30d", "downloads_30d", "is_censored") == [(0, False)]


def test_a_package_on_the_list_with_a_broken_number_is_not_censored(warehouse: Warehouse) -> None:
    row = {"snapshot_date": DAY, "scope": "top", "as_of": "2026-03-01", "list_length": "9"}
    rows = [row | {"position": 1, "package": "vllm", "downloads_30d": "n/a", "rank": "3"}]
    rows += [row | {"position": 2, "package": "torch", "downloads_30d": "9", "rank": "4"}]
    warehouse.fill("raw.package_downloads", rows).fill("reference.packages", [package("vllm")])
    warehouse.build("staging.package_downloads")
    assert warehouse.rows("marts.package_downloads_30d", "is_censored", "rank") == [(False, 3)]
