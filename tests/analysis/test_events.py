"""Release effects: the step, its placebos, and when nothing is said."""

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from pipelines.analysis.events import (
    benjamini_hochberg,
    contrast,
    effective_number,
    placebo_days,
    release_effect,
    release_effects,
    steps,
    weekly_uploads,
)

FIRST = date(2023, 1, 1)
DAYS = 1200


def growing(level: float = 700, weekly_growth: float = 0.01, step: float = 0.0, at: int = 600) -> Any:
    """Daily uploads that grow by a steady rate, with a step at one day."""
    day = np.arange(DAYS)
    return np.rint(level * np.exp(weekly_growth * day / 7 + step * (day >= at))).astype(np.int64)


def test_the_contrast_sees_a_step_and_neither_level_nor_trend() -> None:
    week = np.arange(-8, 8)
    assert contrast().sum() == pytest.approx(0)
    assert contrast() @ week == pytest.approx(0)
    assert contrast() @ (week >= 0) == pytest.approx(1)


def test_the_contrast_is_the_coefficient_of_least_squares() -> None:
    logs = np.random.default_rng(3).normal(size=16)
    week = np.arange(-8, 8)
    design = np.column_stack([np.ones(16), week, week >= 0])
    assert contrast() @ logs == pytest.approx(np.linalg.lstsq(design, logs, rcond=None)[0][2])


@given(st.lists(st.integers(0, 9), min_size=112, max_size=130))
def test_weeks_are_sums_of_seven_days_counted_from_the_date(daily: list[int]) -> None:
    found = weekly_uploads(np.array(daily))
    assert found.shape == (len(daily) - 111, 16)
    for day in range(56, len(daily) - 55):
        expected = [sum(daily[day + 7 * week : day + 7 * week + 7]) for week in range(-8, 8)]
        assert found[day - 56].tolist() == expected


def test_steps_are_known_only_where_both_sides_are_in_the_series() -> None:
    found = steps(growing())
    assert np.isnan(found[:56]).all()
    assert not np.isnan(found[56 : DAYS - 55]).any()
    assert np.isnan(found[DAYS - 55 :]).all()
    assert np.isnan(steps(np.ones(111, dtype=np.int64))).all()


def test_a_true_step_is_found_to_its_height() -> None:
    told = release_effect(growing(100_000, step=0.3), 600, np.array([600]))
    assert told["status"] == "estimated"
    assert told["effect"] == pytest.approx(0.3, abs=0.001)
    assert told["lower"] < 0.3 < told["upper"]
    assert told["p_value"] < 0.001
    assert told["after_weekly"] / told["before_weekly"] == pytest.approx(math.exp(0.3 + 0.08), rel=0.01)


def test_steady_growth_is_no_effect() -> None:
    told = release_effect(growing(100_000), 600, np.array([600]))
    assert told["effect"] == pytest.approx(0, abs=0.001)
    assert told["p_value"] > 0.05


def test_a_rise_that_began_before_shows_in_the_pre_trend() -> None:
    noise = np.random.default_rng(5).poisson(growing(3000, step=0.4, at=544))
    told = release_effect(noise, 600, np.array([600]))
    assert told["pre_p_value"] < 0.01


@pytest.mark.parametrize(("other", "estimated"), [(544, True), (545, False), (655, False), (656, True)])
def test_another_big_release_within_eight_weeks_forbids_an_estimate(other: int, *, estimated: bool) -> None:
    told = release_effect(growing(), 600, np.array([600, other]))
    assert (told["status"] == "estimated") == estimated
    assert ("effect" in told) == estimated


@given(st.lists(st.integers(-100, 1300), min_size=1, max_size=6), st.integers(0, 1199))
def test_placebos_lie_within_a_year_and_eight_weeks_from_every_release(
    releases: list[int], event: int
) -> None:
    expected = [
        day
        for day in range(DAYS)
        if abs(day - event) <= 365 and all(abs(day - release) >= 56 for release in releases)
    ]
    assert placebo_days(DAYS, event, np.array(releases)).tolist() == expected


@pytest.mark.parametrize(
    ("free", "status"), [(30, "estimated"), (29, "not estimable: fewer than 30 placebo dates")]
)
def test_fewer_than_thirty_placebos_are_not_enough(free: int, status: str) -> None:
    # Releases every 60 days, but for one stretch that leaves `free` dates eight weeks away from both ends.
    ahead = list(range(600, 1200, 60))
    behind = list(range(600 - 111 - free, -60, -60))
    far = [day for day in (*ahead, *behind) if day != 600]
    told = release_effect(growing(), 600, np.array([600, *far]))
    assert told["placebos"] == free
    assert told["status"] == status
    assert ("effect" in told) == (status == "estimated")


def test_weeks_with_few_uploads_are_not_estimated() -> None:
    told = release_effect(np.ones(DAYS, dtype=np.int64), 600, np.array([600]))
    assert told["status"] == "not estimable: a week with fewer than 10 uploads"
    assert "effect" not in told


@pytest.mark.parametrize("day", [-10, 0, 55, DAYS - 55, DAYS + 10])
def test_releases_at_the_edge_of_the_data_are_not_estimated(day: int) -> None:
    told = release_effect(growing(), day, np.array([day]))
    assert told == {"status": "not estimable: the eight weeks before and after are not in the series"}


def test_p_placebo_counts_the_placebos_at_least_as_large() -> None:
    noise = np.random.default_rng(8).poisson(growing(400))
    event = np.array([600])
    told = release_effect(noise, 600, event)
    found, days = steps(noise), placebo_days(DAYS, 600, event)
    larger = sum(abs(found[day]) >= abs(found[600]) for day in days)
    assert told["p_placebo"] == (1 + larger) / (1 + len(days))
    assert told["placebos"] == len(days)


def test_placebos_far_apart_are_worth_their_number_and_neighbours_less() -> None:
    assert effective_number(np.arange(5) * 112) == pytest.approx(5)
    assert effective_number(np.arange(5)) < 1.3
    assert 1 < effective_number(np.arange(200)) < 40


@given(st.lists(st.floats(1e-6, 1), min_size=0, max_size=12))
def test_benjamini_hochberg_is_the_least_scaled_p_above(p_values: list[float]) -> None:
    count = len(p_values)
    ranked = sorted(p_values)
    expected = [
        min([1.0, *(count * q / (ranked.index(q) + ranked.count(q)) for q in p_values if q >= p)])
        for p in p_values
    ]
    assert benjamini_hochberg(np.array(p_values)).tolist() == pytest.approx(expected)


def test_benjamini_hochberg_agrees_with_statsmodels() -> None:
    p_values = np.random.default_rng(1).uniform(size=25) ** 2
    assert benjamini_hochberg(p_values) == pytest.approx(multipletests(p_values, method="fdr_bh")[1])


# -- the table --------------------------------------------------------------------------------------------


def births(daily: Any, **given: Any) -> pl.DataFrame:
    rows = {
        "series": "births_surviving", "scope": "whole", "as_of_date": FIRST + timedelta(days=DAYS),
        "family": None, "organization_id": None,
    } | given  # fmt: skip
    days = pl.Series([FIRST + timedelta(days=day) for day in range(len(daily))])
    kinds = {"family": pl.String, "organization_id": pl.String}
    literals = [pl.lit(value, kinds.get(name)).alias(name) for name, value in rows.items()]
    return pl.DataFrame({"birth_date": days, "models": daily}).select(*literals, "birth_date", "models")


def release(day: int, **given: Any) -> dict[str, Any]:
    plain = {"release_id": f"r{day}", "event_date": FIRST + timedelta(days=day), "date_precision": "day"}
    return plain | {"name": "Base", "organization_id": "firm", "family": "Base 1"} | given


def table(
    frame: pl.DataFrame, releases: list[dict[str, Any]], *, whole: bool = True
) -> dict[tuple[str, str], dict[str, Any]]:
    kinds = {"release_id": pl.String, "event_date": pl.Date, "date_precision": pl.String, "name": pl.String}
    kinds |= {"organization_id": pl.String, "family": pl.String}
    scopes = (
        frame.select("series", "scope", "as_of_date").unique().with_columns(is_whole_population=pl.lit(whole))
    )
    found = release_effects(frame, pl.DataFrame(releases, schema=kinds), scopes)
    return {(row["release_id"], row["outcome"]): row for row in found.to_dicts()}


def test_uploads_on_the_base_count_in_total_and_not_elsewhere() -> None:
    rest = np.full(DAYS, 10_000)
    on_base = np.where(np.arange(DAYS) >= 600, 5000, 0)
    found = table(pl.concat([births(rest), births(on_base, family="Base 1")]), [release(600)])
    assert found["r600", "total"]["effect"] == pytest.approx(math.log(1.5))
    assert found["r600", "elsewhere"]["effect"] == pytest.approx(0)
    assert found["r600", "total"]["is_illustration"] is False


def test_the_firms_own_uploads_are_left_out() -> None:
    own = np.where(np.arange(DAYS) >= 600, 5000, 0)
    found = table(
        pl.concat([births(np.full(DAYS, 10_000)), births(own, organization_id="firm")]), [release(600)]
    )
    assert found["r600", "total"]["effect"] == pytest.approx(0)
    other = table(
        pl.concat([births(np.full(DAYS, 10_000)), births(own, organization_id="other")]), [release(600)]
    )
    assert other["r600", "total"]["effect"] == pytest.approx(math.log(1.5))


def test_of_a_partial_list_nothing_is_estimated() -> None:
    found = table(births(np.full(DAYS, 10_000)), [release(600)], whole=False)
    assert {row["status"] for row in found.values()} == {"not estimable: the population is partial"}
    assert {row["effect"] for row in found.values()} == {None}
    assert len(found) == 2


def test_of_observed_births_nothing_is_estimated() -> None:
    found = table(births(growing(step=0.5), series="births_observed"), [release(600)])
    assert {row["status"] for row in found.values()} == {
        "not estimable: the days are those of the lists, not of the uploads"
    }
    assert {row["effect"] for row in found.values()} == {None}
    assert {row["q_value"] for row in found.values()} == {None}
    assert len(found) == 2


def test_a_release_of_which_only_the_month_is_known_is_not_estimated() -> None:
    found = table(births(np.full(DAYS, 10_000)), [release(600, date_precision="month"), release(650)])
    assert found["r600", "total"]["status"] == "not estimable: only the month of the release is known"
    assert found["r650", "total"]["status"] == "estimated"


def test_a_release_without_registered_base_has_a_total_alone() -> None:
    found = table(births(np.full(DAYS, 10_000)), [release(600, family=None)])
    assert found["r600", "total"]["status"] == "estimated"
    assert found["r600", "elsewhere"]["status"] == "not estimable: the released base is not registered"


def test_q_values_are_taken_over_the_releases_of_one_outcome() -> None:
    noise = np.random.default_rng(2).poisson(growing(2000, step=0.5))
    found = table(births(noise), [release(600), release(800)])
    p = {day: found[f"r{day}", "total"]["p_value"] for day in (600, 800)}
    assert found["r600", "total"]["q_value"] == pytest.approx(
        min(2 * p[600], p[800]) if p[600] < p[800] else p[600]
    )
    assert p[600] < 0.01 < p[800]


def test_the_day_of_the_list_is_not_counted() -> None:
    # A list in the middle of its last day: the day would look like a collapse.
    daily = np.full(DAYS + 1, 10_000)
    daily[-1] = 10
    found = table(births(daily), [release(DAYS - 56)])
    assert found[f"r{DAYS - 56}", "total"]["effect"] == pytest.approx(0)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        noise = np.repeat(random.normal(0, 0.05, DAYS // 7 + 1), 7)[:DAYS]
        daily = random.poisson(growing(700, step=0.2) * np.exp(noise))
        told = release_effect(daily, 600, np.array([600]))
        held += told["lower"] <= 0.2 <= told["upper"]
    assert 51 <= held <= 60
