"""Turning points: the rules of Bry and Boschan on series whose turns are known."""

import math
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis import turning_points as tp

MONTHS = 96


def month(number: int) -> date:
    return date(2020 + number // 12, number % 12 + 1, 1)


def months_of(births_a_day: list[float], **more: Any) -> pl.DataFrame:
    """Give the input: births of whole months, the last of which has ended."""
    dates = [month(number) for number in range(len(births_a_day))]
    lengths = [(month(number + 1) - month(number)).days for number in range(len(dates))]
    last = month(len(dates)).toordinal() - 1
    given_columns = {
        "series": "births_surviving", "scope": "hub", "universe": "all", "as_of_date": month(len(dates)),
        "is_illustration": False, "last_full_date": date.fromordinal(last),
    } | more  # fmt: skip
    births = [round(rate * length) for rate, length in zip(births_a_day, lengths, strict=True)]
    frame = pl.DataFrame({"month_date": dates, "births": births})
    return frame.with_columns(**{name: pl.lit(value) for name, value in given_columns.items()})


def waves(period: int, months: int = MONTHS, season: float = 0.0) -> list[float]:
    """Give births whose monthly growth is 3 % and a wave that is highest a quarter of a period in."""
    level, births = math.log(1e5), []
    for number in range(months):
        births.append(math.exp(level + season * math.sin(2 * math.pi * number / 12)))
        level += 0.03 + 0.05 * math.sin(2 * math.pi * (number + 0.5) / period)
    return births


def turns(frame: pl.DataFrame) -> list[tuple[str, int]]:
    """Give kind and number of the month of each turn."""
    found = tp.turning_points(frame).filter(pl.col("turn") > 0)
    return [
        (kind, (day.year - 2020) * 12 + day.month - 1)
        for kind, day in found.select("kind", "month_date").rows()
    ]


def test_the_turns_of_a_wave_are_found_where_they_are() -> None:
    expected = [("trough", 27), ("peak", 45), ("trough", 63)]  # the peak at 81 is too near the end
    found = turns(months_of(waves(36)))
    assert [kind for kind, _ in found] == [kind for kind, _ in expected]
    for (_, place), (_, true) in zip(found, expected, strict=True):
        assert abs(place - true) <= 1


def test_seasons_and_the_length_of_months_make_no_turns() -> None:
    for (kind, place), (expected, true) in zip(
        turns(months_of(waves(36, season=0.3))), turns(months_of(waves(36))), strict=True
    ):
        assert (kind, abs(place - true) <= 1) == (expected, True)
    steady = [1e5 * 1.02**number * (1 + 0.3 * math.sin(math.pi * number / 6)) for number in range(MONTHS)]
    growth = tp.smoothed_growth(np.array(steady))
    assert growth == pytest.approx(math.log(1.02), abs=1e-9)


def test_smoothing_takes_six_months_at_either_end_and_one_by_difference() -> None:
    growth = tp.smoothed_growth(np.exp(np.arange(40.0)))
    assert len(growth) == 40 - 13
    assert growth == pytest.approx(1.0)


def plain_smoothing(births: list[float]) -> list[float]:
    logs = [math.log(number) for number in births]
    smooth = [
        (logs[place - 6] / 2 + sum(logs[place - 5 : place + 6]) + logs[place + 6] / 2) / 12
        for place in range(6, len(logs) - 6)
    ]
    return [later - earlier for earlier, later in pairwise(smooth)]


@given(st.lists(st.floats(1, 1e6), min_size=14, max_size=60))
def test_smoothing_is_that_of_a_plain_twin(births: list[float]) -> None:
    assert tp.smoothed_growth(np.array(births)) == pytest.approx(plain_smoothing(births), abs=1e-9)


@given(st.lists(st.floats(-1, 1), min_size=0, max_size=150))
def test_turns_alternate_keep_their_distances_and_are_extremes(values: list[float]) -> None:
    growth = np.array(values)
    found = tp.turns_of(growth)
    assert all(one.is_peak != other.is_peak for one, other in pairwise(found))
    assert all(other.place - one.place >= tp.LEAST_PHASE_MONTHS for one, other in pairwise(found))
    assert all(
        other.place - one.place >= tp.LEAST_CYCLE_MONTHS for one, other in zip(found, found[2:], strict=False)
    )
    for turn in found:
        around = values[turn.place - 5 : turn.place + 6]
        assert len(around) == 11
        assert values[turn.place] == (max(around) if turn.is_peak else min(around))
        assert tp.END_MONTHS <= turn.place < len(values) - tp.END_MONTHS


@given(st.lists(st.floats(-1, 1), min_size=40, max_size=120, unique=True))
def test_turned_upside_down_peaks_are_troughs(values: list[float]) -> None:
    upright = tp.turns_of(np.array(values))
    turned = tp.turns_of(-np.array(values))
    assert [(turn.place, not turn.is_peak) for turn in turned] == [
        (turn.place, turn.is_peak) for turn in upright
    ]


def test_of_two_peaks_that_are_too_near_the_lesser_goes() -> None:
    growth = np.interp(np.arange(70), [0, 20, 26, 32, 45, 69], [0, 1, -1, 2, -2, 0])
    found = tp.turns_of(growth)
    assert [(turn.place, turn.is_peak) for turn in found] == [(26, False), (32, True), (45, False)]


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_noise_around_steady_growth_is_seldom_taken_for_a_turn(rho: float) -> None:
    generator = np.random.default_rng(5)
    with_turns = 0
    for _ in range(100):
        noise = generator.standard_normal(MONTHS)
        for place in range(1, MONTHS):
            noise[place] = rho * noise[place - 1] + math.sqrt(1 - rho**2) * noise[place]
        births = np.exp(8 + 0.03 * np.arange(MONTHS) + 0.1 * noise)
        growth = tp.smoothed_growth(births)
        assert tp.turns_of(growth)  # the published rules find some in every such series
        with_turns += bool(tp.turns_of(growth, tp.least_swing(births)))
    assert with_turns <= 10


def test_one_peak_stands_out_by_what_is_before_and_after_it() -> None:
    growth = np.concatenate([np.linspace(0, 1, 30), np.linspace(1, 0.4, 30)])
    assert tp.turns_of(growth, 0.59) == [tp.Turn(29, is_peak=True)]
    assert tp.turns_of(growth, 0.61) == []


def test_a_phase_that_swings_too_little_goes_with_both_its_turns() -> None:
    bends = np.interp(np.arange(101), [0, 20, 40, 60, 80, 100], [0, 1, 0.7, 0.9, 0, 1])
    assert [turn.place for turn in tp.turns_of(bends)] == [20, 40, 60, 80]
    assert [turn.place for turn in tp.turns_of(bends, 0.25)] == [20, 80]


def test_growth_that_never_turns_has_no_turns() -> None:
    frame = tp.turning_points(months_of([1000 * 1.05**number for number in range(MONTHS)]))
    assert frame.select("turn", "months", "status").rows() == [(0, MONTHS - 1, "estimated")]


def test_a_turn_is_provisional_until_it_has_been_there_for_six_months() -> None:
    births = waves(36)
    place = next(place for kind, place in turns(months_of(births)) if kind == "peak")
    seen_at = next(
        length for length in range(tp.LEAST_MONTHS + 1, MONTHS)
        if ("peak", place) in turns(months_of(births[:length]))
    )  # fmt: skip

    def is_provisional(length: int) -> bool:
        rows = tp.turning_points(months_of(births[:length])).filter(month_date=month(place))
        return bool(rows["is_provisional"].item())

    assert is_provisional(seen_at + tp.PROVISIONAL_MONTHS - 1)
    assert not is_provisional(seen_at + tp.PROVISIONAL_MONTHS)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (months_of(waves(36), is_illustration=True), "a partial list"),
        (months_of(waves(36, months=tp.LEAST_MONTHS)), f"fewer than {tp.LEAST_MONTHS} full months"),
        (months_of([0.5] * MONTHS), "a month with fewer than 30 births"),
        (months_of(waves(36)).filter(pl.col("month_date") != month(50)), "a month with fewer than 30 births"),
        (months_of([9.0]), f"fewer than {tp.LEAST_MONTHS} full months"),
        (
            months_of(waves(36), last_full_date=date(2019, 12, 31)),
            f"fewer than {tp.LEAST_MONTHS} full months",
        ),
    ],
)
def test_where_turns_cannot_be_looked_for_the_row_says_why(frame: pl.DataFrame, reason: str) -> None:
    rows = tp.turning_points(frame)
    assert rows["least_swing_pct"].to_list() == [None]
    assert rows.select("turn", "kind", "status").rows() == [(0, None, f"not estimable: {reason}")]


def test_a_month_that_has_not_ended_is_left_out() -> None:
    whole = months_of(waves(36))
    cut = whole.with_columns(last_full_date=pl.lit(date.fromordinal(month(MONTHS).toordinal() - 2)))
    assert tp.turning_points(whole)["months"][0] == MONTHS - 1
    assert tp.turning_points(cut)["months"][0] == MONTHS - 2


def test_of_nothing_comes_nothing() -> None:
    assert tp.turning_points(months_of([1.0]).clear()).is_empty()
