"""The explosion: three series that are kept apart, and the growth of the whole Hub in closed form."""

from datetime import date, timedelta
from itertools import pairwise
from math import log
from typing import Any

import polars as pl
import pytest

from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, LATER, VERIFIED, at, ids, known, landed, rooted, staged

MONDAY = date(2025, 12, 1)


def seen(warehouse: Warehouse, *model_ids: str, **parents: int) -> Warehouse:
    """Fill in that these models are known; `parents` by name of the model after its slash."""
    warehouse.fill("staging.model_ids", ids(*model_ids)).fill(
        "core.models", [known(name) for name in model_ids]
    )
    roots = [rooted(name, parents=parents.get(name.partition("/")[2], 0)) for name in model_ids]
    return warehouse.fill("core.model_roots", roots)


def keep_counts(warehouse: Warehouse, *shown: tuple[str, date], scope: str = "hub") -> None:
    """Fill in the kept counters of lists that showed these models on these days."""
    names = sorted({name for name, _ in shown})
    keys = [{"model_key": key, "seen_id": name} for key, name in enumerate(names)]
    rows = [{"snapshot_date": day, "scope": scope, "model_key": names.index(name)} for name, day in shown]
    warehouse.fill("staging.counted_models", keys).fill("staging.model_counts", rows)


def explosion(warehouse: Warehouse) -> pl.DataFrame:
    warehouse.build("core.births")
    return warehouse.build("marts.explosion_weekly")


def weekly(warehouse: Warehouse, series: str) -> pl.DataFrame:
    frame = explosion(warehouse)
    return frame.filter(pl.col("series") == series, pl.col("universe") == "all")


def test_births_are_counted_by_week_of_creation_from_the_newest_list_of_each_scope(
    warehouse: Warehouse,
) -> None:
    seen(warehouse, "a/sunday", "a/monday", "a/next", "a/gone", "a/undated", next=1)
    warehouse.fill("core.snapshots", [landed(), landed(day=LATER)])
    warehouse.fill(
        "staging.models",
        [
            staged("a/gone", created_at=at("2025-12-01")),
            staged("a/sunday", snapshot_date=LATER, created_at=at("2025-11-30T23:59:59")),
            staged("a/monday", snapshot_date=LATER, created_at=at("2025-12-01")),
            staged("a/next", snapshot_date=LATER, created_at=at("2025-12-07T12:00")),
            staged("a/undated", snapshot_date=LATER),
        ],
    )
    columns = ("week_date", "scope", "as_of_date", "models", "derivatives", "is_illustration")
    assert weekly(warehouse, "births_surviving").select(columns).rows() == [
        (date(2025, 11, 24), "list", LATER, 1, 0, True),
        (MONDAY, "list", LATER, 2, 1, True),
    ]


def test_a_newer_list_that_was_not_asked_for_dates_hides_no_births(warehouse: Warehouse) -> None:
    seen(warehouse, "a/m").fill("core.snapshots", [landed(), landed(day=LATER)])
    rows = [staged("a/m", created_at=at("2025-12-01")), staged("a/m", snapshot_date=LATER)]
    warehouse.fill("staging.models", rows)
    births = weekly(warehouse, "births_surviving")
    assert births.select("week_date", "as_of_date", "models").rows() == [(MONDAY, DAY, 1)]


def test_a_universe_and_all_models_are_both_counted(warehouse: Warehouse) -> None:
    seen(warehouse, "a/m", "b/m").fill("core.models", [known("a/m", universe="vision"), known("b/m")])
    warehouse.fill("core.snapshots", [landed()])
    rows = [staged("a/m", created_at=at("2025-12-01")), staged("b/m", created_at=at("2025-12-02"))]
    warehouse.fill("staging.models", rows)
    columns = ("week_date", "universe", "models")
    assert sorted(explosion(warehouse).select(columns).rows()) == [
        (MONDAY, "all", 2),
        (MONDAY, "unknown", 1),
        (MONDAY, "vision", 1),
    ]


def test_partial_lists_are_illustrations_and_observe_no_births(warehouse: Warehouse) -> None:
    seen(warehouse, "a/m", "b/m").fill("core.snapshots", [landed(), landed(day=LATER)])
    keep_counts(warehouse, ("a/m", DAY), ("b/m", LATER), scope="list")
    rows = [staged("a/m"), staged("b/m", snapshot_date=LATER, created_at=at("2026-05-01"))]
    warehouse.fill("staging.models", rows)
    frame = explosion(warehouse)
    assert set(frame["series"]) == {"births_surviving"}
    assert frame["is_illustration"].all()


def test_whole_lists_observe_what_they_show_for_the_first_time_but_not_the_first_list(
    warehouse: Warehouse,
) -> None:
    days = [MONDAY + timedelta(days=shift) for shift in (0, 1, 7)]
    seen(warehouse, "a/first", "a/second", "a/third", third=1)
    warehouse.fill("core.snapshots", [landed("hub", day, is_whole_population=True) for day in days])
    shown = [("a/first", 0), ("a/first", 1), ("a/second", 1), ("a/second", 2), ("a/third", 2)]
    keep_counts(warehouse, *((name, days[place]) for name, place in shown))
    columns = ("week_date", "scope", "as_of_date", "models", "derivatives", "is_illustration")
    assert weekly(warehouse, "births_observed").select(columns).rows() == [
        (MONDAY, "hub", days[2], 1, 0, False),
        (MONDAY + timedelta(days=7), "hub", days[2], 1, 1, False),
    ]


def test_what_vanished_from_the_lists_was_observed_all_the_same(warehouse: Warehouse) -> None:
    days = [MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)]
    seen(warehouse, "a/stays").fill(
        "core.snapshots", [landed("hub", day, is_whole_population=True) for day in days]
    )
    keep_counts(warehouse, ("a/stays", days[0]), ("a/gone", days[1]), ("a/stays", days[2]))
    columns = ("series", "universe", "models", "derivatives")
    assert explosion(warehouse).select(columns).rows() == [
        ("births_observed", "all", 1, 0),
        ("births_observed", "unknown", 1, 0),
    ]


def test_a_model_that_was_renamed_is_not_observed_as_born_anew(warehouse: Warehouse) -> None:
    days = [MONDAY, MONDAY + timedelta(days=1)]
    seen(warehouse, "b/new").fill("staging.model_ids", ids("b/new", renamed={"a/old": "b/new"}))
    warehouse.fill("core.snapshots", [landed("hub", day, is_whole_population=True) for day in days])
    keep_counts(warehouse, ("a/old", days[0]), ("b/new", days[1]))
    assert weekly(warehouse, "births_observed").is_empty()


def test_the_stock_of_the_hub_is_what_was_reported_and_verified(warehouse: Warehouse) -> None:
    reports = [
        {"as_of_date": date(2025, 12, 3), "models": 100} | VERIFIED,
        {"as_of_date": date(2025, 12, 7), "models": 110} | VERIFIED,
        {"as_of_date": date(2025, 12, 8), "models": 999, "status": "unverified", "source": "none"},
    ]
    warehouse.fill("core.hub_totals", reports)
    assert warehouse.rows("marts.explosion_weekly") == [
        (MONDAY, "net_stock", "whole-hub", "all", date(2025, 12, 3), 100, None, False),
        (MONDAY, "net_stock", "whole-hub", "all", date(2025, 12, 7), 110, None, False),
    ]


def test_the_three_series_stand_side_by_side(warehouse: Warehouse) -> None:
    days = [MONDAY, MONDAY + timedelta(days=1)]
    seen(warehouse, "a/m", "b/m")
    warehouse.fill("core.snapshots", [landed("hub", day, is_whole_population=True) for day in days])
    shown = [("a/m", days[0]), ("a/m", days[1]), ("b/m", days[1])]
    keep_counts(warehouse, *shown)
    warehouse.fill(
        "staging.models",
        [staged(name, snapshot_date=day, scope="hub", created_at=at("2025-12-01")) for name, day in shown],
    )
    warehouse.fill("core.hub_totals", [{"as_of_date": days[1], "models": 2} | VERIFIED])
    frame = explosion(warehouse).filter(pl.col("universe") == "all")
    assert dict(frame.select("series", "models").rows()) == {
        "births_surviving": 2,
        "births_observed": 1,
        "net_stock": 2,
    }


def test_a_model_that_one_list_has_under_two_names_is_born_once(warehouse: Warehouse) -> None:
    seen(warehouse, "b/new").fill("staging.model_ids", ids("b/new", renamed={"a/old": "b/new"}))
    warehouse.fill("core.snapshots", [landed()])
    rows = [staged("a/old", created_at=at("2025-12-01")), staged("b/new", created_at=at("2025-12-02"))]
    warehouse.fill("staging.models", rows)
    assert weekly(warehouse, "births_surviving")["models"].to_list() == [1]


def growth(warehouse: Warehouse, *reports: tuple[date, int], **given: Any) -> pl.DataFrame:
    rows = [{"as_of_date": day, "models": models} | VERIFIED | given for day, models in reports]
    return warehouse.fill("core.hub_totals", rows).build("marts.hub_growth")


@pytest.mark.parametrize("days", [150, 200, 364])
def test_what_doubles_has_the_days_as_its_doubling_time(warehouse: Warehouse, days: int) -> None:
    row = growth(warehouse, (MONDAY, 1000), (MONDAY + timedelta(days), 2000)).row(0, named=True)
    assert row == {
        "from_date": MONDAY,
        "to_date": MONDAY + timedelta(days),
        "from_models": 1000,
        "to_models": 2000,
        "days": days,
        "added_per_day": round(1000 / days, 6),
        "growth_pct_per_week": pytest.approx(100 * (2 ** (7 / days) - 1), abs=1e-9),
        "doubling_days": days,
    }


def test_weekly_growth_compounds_to_the_whole(warehouse: Warehouse) -> None:
    row = growth(warehouse, (MONDAY, 1000), (MONDAY + timedelta(weeks=52), 1700)).row(0, named=True)
    assert (1 + row["growth_pct_per_week"] / 100) ** 52 == pytest.approx(1.7, rel=1e-9)
    assert row["doubling_days"] == pytest.approx(364 * log(2) / log(1.7), abs=1e-6)


@pytest.mark.parametrize(("later", "growth_pct"), [(1000, 0.0), (500, 100 * (0.5 ** (7 / 175) - 1))])
def test_what_does_not_grow_has_no_doubling_time(warehouse: Warehouse, later: int, growth_pct: float) -> None:
    row = growth(warehouse, (MONDAY, 1000), (MONDAY + timedelta(175), later)).row(0, named=True)
    assert row["doubling_days"] is None
    assert row["growth_pct_per_week"] == pytest.approx(growth_pct, abs=1e-9)


def test_each_report_is_compared_with_the_latest_one_at_least_150_days_before(warehouse: Warehouse) -> None:
    days = [MONDAY + timedelta(shift) for shift in (0, 1, 149, 150, 151)]
    frame = growth(warehouse, *((day, 1000 + place) for place, day in enumerate(days)))
    assert frame.select("from_date", "to_date").rows() == [(days[0], days[3]), (days[1], days[4])]
    assert all(earlier < later for earlier, later in pairwise(frame["to_date"]))


def test_unverified_totals_say_nothing(warehouse: Warehouse) -> None:
    reports = (MONDAY, 1000), (MONDAY + timedelta(200), 2000)
    assert growth(warehouse, *reports, status="unverified").is_empty()


def test_days_of_lists_do_not_matter_to_the_hubs_growth(warehouse: Warehouse) -> None:
    warehouse.fill("core.snapshots", [landed(day=DAY), landed(day=LATER)])
    assert warehouse.build("marts.hub_growth").is_empty()
