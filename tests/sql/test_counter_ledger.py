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
