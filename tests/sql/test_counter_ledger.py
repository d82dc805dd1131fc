"""The audit of the Hub's two counters, on lists made by hand."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.sql.conftest import Warehouse
from tests.sql.made import landed

LAST = date(2026, 11, 22)


def counted(days_before: int, key: int = 0, scope: str = "top", **given: Any) -> dict[str, Any]:
    row = {"snapshot_date": LAST - timedelta(days=days_before), "scope": scope, "model_key": key}
    return row | {"downloads_30d": None, "downloads_all_time": None, "likes": 0} | given


def ledger(warehouse: Warehouse, *rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    keys = sorted({row["model_key"] for row in rows})
    warehouse.fill("staging.model_counts", rows)
    warehouse.fill("staging.counted_models", [{"model_key": k, "seen_id": f"org/model-{k}"} for k in keys])
    columns = ("snapshot_date", "model_id", "finding", "lower", "upper")
    return warehouse.rows("marts.counter_ledger", *columns)


def test_counters_that_agree_leave_no_trace(warehouse: Warehouse) -> None:
    before = counted(30, downloads_all_time=10_000)
    now = counted(0, downloads_all_time=15_000, downloads_30d=5_000)
    assert ledger(warehouse, before, now) == []


def test_an_all_time_counter_that_falls_is_named(warehouse: Warehouse) -> None:
    rows = ledger(warehouse, counted(1, downloads_all_time=10_000), counted(0, downloads_all_time=9_999))
    assert rows == [(LAST, "org/model-0", "all_time_fall", 10_000, None)]


def test_a_fall_to_next_to_nothing_is_named_though_the_model_is_light_now(warehouse: Warehouse) -> None:
    rows = ledger(warehouse, counted(1, downloads_all_time=10_000), counted(0, downloads_all_time=3))
    assert [row[2] for row in rows] == ["all_time_fall"]


@pytest.mark.parametrize(
    ("d30", "findings"), [(5_000, []), (5_090, []), (4_800, ["identity_broken"]), (0, ["identity_broken"])]
)
def test_with_daily_lists_the_identity_at_thirty_days_is_held(
    d30: int, findings: list[str], warehouse: Warehouse
) -> None:
    before = counted(30, downloads_all_time=10_000)
    now = counted(0, downloads_all_time=15_000, downloads_30d=d30)
    assert [row[2] for row in ledger(warehouse, before, now)] == findings


@pytest.mark.parametrize(
    ("d30", "findings"),
    [(4_000, []), (5_000, []), (4_500, []), (3_000, ["bounds_broken"]), (6_000, ["bounds_broken"])],
)
def test_with_weekly_lists_the_counter_lies_between_28_and_35_days(
    d30: int, findings: list[str], warehouse: Warehouse
) -> None:
    rows = ledger(
        warehouse,
        counted(35, downloads_all_time=10_000),
        counted(28, downloads_all_time=11_000),
        counted(0, downloads_all_time=15_000, downloads_30d=d30),
    )
    assert [row[2:] for row in rows] == [(finding, 4_000, 5_000) for finding in findings]


def test_a_missing_day_is_not_filled_by_its_neighbour(warehouse: Warehouse) -> None:
    before = counted(29, downloads_all_time=10_000)
    assert ledger(warehouse, before, counted(0, downloads_all_time=15_000, downloads_30d=1)) == []


def test_lists_of_different_scope_are_never_compared(warehouse: Warehouse) -> None:
    before = counted(1, scope="whole-hub", downloads_all_time=10_000)
    assert ledger(warehouse, before, counted(0, downloads_all_time=5_000)) == []


def test_counters_that_were_not_told_say_nothing(warehouse: Warehouse) -> None:
    before = counted(30, downloads_all_time=10_000)
    assert ledger(warehouse, before, counted(0, downloads_all_time=15_000), counted(0, key=1)) == []


def test_where_the_day_itself_is_in_doubt_thirty_days_are_not_counted(warehouse: Warehouse) -> None:
    warehouse.fill("core.snapshots", [landed("top", LAST, date_uncertainty_days=1)])
    before = counted(30, downloads_all_time=10_000)
    assert ledger(warehouse, before, counted(0, downloads_all_time=15_000, downloads_30d=1)) == []


def steady(days: int = 8, **now: Any) -> list[dict[str, Any]]:
    """A model's two lists so many days apart, with both counters where they were unless said otherwise."""
    told: dict[str, Any] = {"downloads_all_time": 9_000, "downloads_30d": 3_000}
    return [counted(days, **told), counted(0, **(told | now))]


@pytest.mark.parametrize(("days", "is_found"), [(6, False), (7, True), (14, True), (15, False)])
def test_neither_counter_moving_for_a_week_or_two_is_stuck(
    days: int, is_found: bool, warehouse: Warehouse
) -> None:
    found = ledger(warehouse, *steady(days))
    assert found == ([(LAST, "org/model-0", "stuck", None, None)] if is_found else [])


@pytest.mark.parametrize("now", [{"downloads_all_time": 9_001}, {"downloads_30d": 2_999}])
def test_one_counter_that_moves_is_enough_not_to_be_stuck(now: dict[str, int], warehouse: Warehouse) -> None:
    assert ledger(warehouse, *steady(**now)) == []


def test_a_light_model_may_stand_still(warehouse: Warehouse) -> None:
    rows = [row | {"downloads_30d": 999} for row in steady()]
    assert ledger(warehouse, *rows) == []


def test_how_likely_a_stuck_counter_is_falls_with_its_volume(warehouse: Warehouse) -> None:
    ledger(warehouse, *steady(7))
    frame = warehouse.build("marts.counter_ledger")
    assert frame.select("days", "likelihood", "is_list_wide").row(0) == (7, round(101.0**-7, 12), False)


def test_when_most_of_a_list_stands_still_no_model_of_it_is_to_blame(warehouse: Warehouse) -> None:
    rows = [row | {"model_key": key} for key in range(20) for row in steady()]
    moved = [row | {"downloads_all_time": 9_001} if row["model_key"] < 10 else row for row in rows[1::2]]
    ledger(warehouse, *rows[::2], *moved)
    frame = warehouse.build("marts.counter_ledger")
    assert (len(frame), set(frame["is_list_wide"])) == (10, {True})


@pytest.mark.parametrize(("before", "now"), [(100, 10_000), (10_000, 100), (0, 1_000), (1_000, 0)])
def test_a_hundredfold_from_one_day_to_the_next_is_a_jump(
    before: int, now: int, warehouse: Warehouse
) -> None:
    rows = ledger(warehouse, counted(1, downloads_30d=before), counted(0, downloads_30d=now))
    assert rows == [(LAST, "org/model-0", "jump", before // 100, 100 * max(before, 1))]


@pytest.mark.parametrize(("days", "before", "now"), [(1, 100, 9_999), (1, 9, 900), (2, 100, 10_000)])
def test_less_than_a_hundredfold_or_a_light_model_or_two_days_are_no_jump(
    days: int, before: int, now: int, warehouse: Warehouse
) -> None:
    assert ledger(warehouse, counted(days, downloads_30d=before), counted(0, downloads_30d=now)) == []


def test_what_daily_series_were_found_at_stands_in_the_same_ledger(warehouse: Warehouse) -> None:
    series = {"scope": "series", "snapshot_date": LAST, "compared_date": LAST - timedelta(3), "model_id": "m"}
    row = series | {"finding": "gap", "downloads_30d": 5, "days": 2, "is_list_wide": True}
    warehouse.fill("marts.counter_series_findings", [row])
    columns = ("scope", "finding", "downloads_30d", "downloads_all_time", "days", "is_list_wide")
    assert warehouse.rows("marts.counter_ledger", *columns) == [("series", "gap", 5, None, 2, True)]


def test_a_daily_series_is_audited_from_its_table(warehouse: Warehouse) -> None:
    days = [(LAST - timedelta(3), 100), (LAST - timedelta(2), 10_000), (LAST, 10_000)]
    rows = [{"date": day, "scope": "s", "model_id": "m", "downloads_30d": count} for day, count in days]
    warehouse.fill("staging.model_counters", rows)
    columns = ("snapshot_date", "finding", "compared_date", "days")
    assert warehouse.rows("marts.counter_series_findings", *columns) == [
        (LAST - timedelta(2), "jump", LAST - timedelta(3), 1),
        (LAST, "gap", LAST - timedelta(2), 1),
    ]
