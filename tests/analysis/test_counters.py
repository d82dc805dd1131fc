"""The audit of daily 30-day counters: contradictions against a linear program, repeats, jumps and gaps."""

import math
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis.counters import (
    SCHEMA,
    equal_days_probability,
    required_downloads,
    series_findings,
)

FIRST = date(2025, 1, 1)
Counts = Iterable[int | None]


def read(counts: Counts, model: str = "o/m", scope: str = "s") -> list[dict[str, Any]]:
    """One reading a day from FIRST on; None is a day that was not read."""
    return [
        {"scope": scope, "date": FIRST + timedelta(day), "model_id": model, "downloads_30d": count}
        for day, count in enumerate(counts)
        if count is not None
    ]


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    types = {"scope": pl.String, "date": pl.Date, "model_id": pl.String, "downloads_30d": pl.Int64}
    return pl.DataFrame(rows, schema=types)


def found(rows: list[dict[str, Any]], finding: str, *columns: str) -> list[tuple[Any, ...]]:
    findings = series_findings(frame(rows)).filter(pl.col("finding") == finding)
    return findings.select(columns or ("snapshot_date", "compared_date", "days")).rows()


def rolling(daily: list[int]) -> list[int]:
    """What a counter of thirty days reads from the thirtieth day on."""
    return [sum(daily[day - 29 : day + 1]) for day in range(29, len(daily))]


def day(number: int) -> date:
    return FIRST + timedelta(number)


def least_before(counts: list[int | None]) -> float:
    """The twin: least downloads in the thirty days up to the first reading that allow the steps of a counter.

    A linear program over the downloads of every single day. Between two readings that were told, the counter
    moves by what was downloaded since, less what was downloaded thirty days before that.
    """
    from scipy.optimize import linprog  # noqa: PLC0415

    days = 29 + len(counts)
    told = [number for number, count in enumerate(counts) if count is not None]
    steps = np.zeros((len(told) - 1, days))
    for row, (before, now) in enumerate(pairwise(told)):
        steps[row, before + 30 : now + 30] += 1
        steps[row, before:now] -= 1
    moves = [(counts[now] or 0) - (counts[before] or 0) for before, now in pairwise(told)]
    first = [1] * 30 + [0] * (days - 30)
    solved = linprog(first, A_eq=steps, b_eq=moves, bounds=(0, None), method="highs")
    assert solved.success, solved.message
    return float(solved.fun or 0)


small = st.integers(0, 20)
windows = st.lists(small, min_size=2, max_size=60)


@given(windows)
def test_without_missing_days_what_a_window_requires_is_what_a_linear_program_says(counts: list[int]) -> None:
    required = required_downloads(np.array(counts, dtype=float)[:, None])[0]
    assert required == pytest.approx(least_before(list(counts)), abs=1e-6)


@given(windows, st.data())
def test_with_missing_days_it_never_requires_more_than_a_linear_program(
    counts: list[int], data: st.DataObject
) -> None:
    missing = data.draw(st.sets(st.integers(1, len(counts) - 1)))
    told = [None if number in missing else count for number, count in enumerate(counts)]
    window = np.array([np.nan if count is None else count for count in told], dtype=float)
    required = required_downloads(window[:, None])[0]
    assert required <= least_before(told) + 1e-6


@given(st.lists(st.integers(0, 1000), min_size=31, max_size=89), st.sets(st.integers(1, 58)))
def test_what_really_was_downloaded_is_never_a_contradiction(daily: list[int], missing: set[int]) -> None:
    counts = rolling(daily)
    window = np.array([np.nan if n in missing else c for n, c in enumerate(counts)], dtype=float)
    assert required_downloads(window[:, None])[0] <= counts[0]


@given(windows)
def test_more_days_never_require_less(counts: list[int]) -> None:
    window = np.array(counts, dtype=float)[:, None]
    required = [required_downloads(window[:length])[0] for length in range(1, len(counts) + 1)]
    assert required == sorted(required)


def test_a_counter_that_falls_by_more_than_it_was_within_thirty_days_is_infeasible() -> None:
    counts = [1000, 400, 900, 500, 900]  # falls of 600 and 400 out of 1,000; one more makes 1,300
    assert found(read(counts), "infeasible") == []
    columns = ("compared_date", "snapshot_date", "lower", "upper", "days")
    assert found(read([*counts, 600]), "infeasible", *columns) == [(day(0), day(5), 1300, 1000, 5)]


def test_falls_thirty_days_apart_are_of_the_same_days_and_only_the_deepest_counts() -> None:
    counts = [1000, 400] + [400] * 28 + [1000, 1000] + [1000] * 20
    assert found(read(counts), "infeasible") == []


def test_a_contradiction_within_five_percent_or_ten_downloads_is_let_pass() -> None:
    assert found(read([1000, 1050, 0]), "infeasible") == []
    assert len(found(read([1000, 1051, 0]), "infeasible")) == 1
    assert found(read([100, 110, 0]), "infeasible") == []
    assert len(found(read([100, 111, 0]), "infeasible")) == 1


def test_a_contradiction_is_reported_once_and_a_later_one_again() -> None:
    broken = [1000, 0, 1000, 0]
    rows = read([*broken, *[0] * 70, *broken])
    spans = found(rows, "infeasible", "compared_date", "snapshot_date")
    assert spans == [(day(0), day(3)), (day(16), day(75))], "the second in the first window that reaches it"


def test_a_dip_of_two_days_shows_though_days_around_it_are_missing() -> None:
    counts = [1000, None, 0, None, 1000, None, 0]
    assert found(read(counts), "infeasible", "lower") == [(2000,)]


def test_the_chance_of_equal_days_is_the_sum_over_all_pairs_of_poisson_counts() -> None:
    for mean in (0.5, 3.0, 40.0):
        poisson = [math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(400)]
        expected = sum(p * p for p in poisson)
        assert equal_days_probability(np.array([30 * mean]))[0] == pytest.approx(expected, rel=1e-9)


def moving(days: int, start: int = 3000) -> list[int]:
    """A counter that never repeats itself and never falls below zero."""
    return [start + number for number in range(days)]


def test_a_heavy_counter_that_repeats_itself_is_stuck_after_few_days_and_a_light_one_is_not() -> None:
    heavy = [*moving(70), *[3069] * 5, 3100]
    ((shows, since, days, likelihood),) = found(
        read(heavy), "stuck", "snapshot_date", "compared_date", "days", "likelihood"
    )
    assert (shows, since, days) == (day(74), day(69), 5)
    chance = max(equal_days_probability(np.array([3069]))[0], 1 / 62)
    assert likelihood == pytest.approx(chance**5, rel=0.01)
    light = [*moving(70, start=100), *[169] * 40]
    assert found(read(light), "stuck") == []


def test_a_run_too_short_for_its_volume_is_no_finding() -> None:
    assert found(read([*moving(70), *[3069] * 3, 3100]), "stuck") == []


def test_a_model_that_often_repeats_itself_is_not_called_stuck_for_it() -> None:
    bursts = [3000 + 100 * (number // 10) for number in range(90)]
    assert found(read(bursts), "stuck") == []


def test_when_half_of_the_list_repeats_the_day_before_the_list_stood_still() -> None:
    rows = []
    for model in range(20):
        counts = [*moving(3, 2000 + 50 * model), 2002 + 50 * model, *moving(3, 2003 + 50 * model)]
        rows += read(counts if model < 10 else moving(7, 9000), f"o/{model:02d}")
    stuck = found(rows, "list_stuck", "snapshot_date", "model_id", "is_list_wide")
    assert stuck == [(day(3), f"o/{model:02d}", True) for model in range(10)]
    (likelihood,) = {row[0] for row in found(rows, "list_stuck", "likelihood")}
    chance = equal_days_probability(np.array([1000]))[0]
    tail = sum(math.comb(20, n) * chance**n * (1 - chance) ** (20 - n) for n in range(10, 21))
    assert likelihood == pytest.approx(tail, rel=0.01)
    assert found(rows[: 7 * 19], "list_stuck") == [], "nineteen models are no list"


def test_a_reading_that_is_a_day_old_is_no_contradiction() -> None:
    daily = [100 if number % 30 else 3000 for number in range(120)]
    true = rolling(daily)
    rows = [row for model in range(20) for row in read([*true[:40], true[39], *true[41:]], f"o/{model}")]
    assert found(rows, "infeasible") == []


def test_a_hundredfold_in_a_day_is_a_jump_both_ways() -> None:
    columns = ("snapshot_date", "compared_date", "downloads_30d", "lower", "upper")
    assert found(read([100, 10_000]), "jump", *columns) == [(day(1), day(0), 10_000, None, None)]
    assert found(read([10_000, 100]), "jump", *columns) == [(day(1), day(0), 100, None, None)]
    assert found(read([100, 9_999]), "jump") == []
    assert found(read([9, 900]), "jump") == [], "too light"
    assert found(read([100, None, 10_000]), "jump") == [], "not from one day to the next"


def test_a_jump_by_the_models_own_measure_says_what_was_to_be_expected() -> None:
    steady = [10_000 + (number % 2) for number in range(40)]
    ((lower, upper),) = found(read([*steady, 30_000]), "jump", "lower", "upper")
    assert lower < 10_001 < upper < 12_000
    assert found(read([*steady[:20], 30_000]), "jump") == [], "nineteen changes are too few to judge by"
    restless = [10_000 * (1 + number % 2) for number in range(40)]
    assert found(read([*restless, 45_000]), "jump") == []


def test_days_between_two_readings_are_a_gap_and_those_around_them_are_not() -> None:
    rows = [*read([None, 5, None, None, 6, None], "o/a"), *read([1, 1, None, 1, 1], "o/b")]
    columns = ("model_id", "snapshot_date", "compared_date", "days", "is_list_wide")
    assert found(rows, "gap", *columns) == [
        ("o/b", day(3), day(1), 1, True),
        ("o/a", day(4), day(1), 2, False),
    ]


def test_a_reading_that_tells_nothing_is_a_missing_day() -> None:
    rows = read([5, 5, 5])
    rows[1]["downloads_30d"] = None
    assert found(rows, "gap", "days") == [(1,)]


def test_scopes_are_audited_apart_and_in_order() -> None:
    rows = [*read([100, None], scope="b"), *read([None, 10_000], scope="b", model="x")]
    rows += [*read([100], scope="a"), *read([None, 10_000], scope="c")]
    assert series_findings(frame(rows)).is_empty()
    jumping = read([100, 10_000], scope="z") + read([100, 10_000], scope="y")
    assert found(jumping, "jump", "scope") == [("y",), ("z",)]
    assert series_findings(frame(jumping[::-1])).equals(series_findings(frame(jumping)))


@pytest.mark.parametrize("rows", [[], read([5]), read([None]), read([0, 0, 0])])
def test_next_to_nothing_gives_no_finding_and_the_declared_types(rows: list[dict[str, Any]]) -> None:
    findings = series_findings(frame(rows))
    assert findings.is_empty()
    assert findings.schema == pl.Schema(SCHEMA)
