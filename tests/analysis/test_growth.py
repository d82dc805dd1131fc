"""Growth: the batched fit against statsmodels and a plain twin, intervals, regimes, the week's profile."""

import math
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from pipelines.analysis import growth, nowcast

MONDAY = date(2024, 1, 1)
KEYS = {"series": "births_surviving", "scope": "hub", "as_of_date": date(2026, 1, 1)}
SUBJECT = {"subject_kind": "universe", "subject": "all", "measure": "models"}

Counts = np.ndarray[Any, np.dtype[np.float64]]


def windows(seed: int, rows: int = 8, level: float = 50.0) -> tuple[Counts, Counts]:
    """Draw windows of counts, each with its own trend, some weeks of other length and some unseen."""
    generator = np.random.default_rng(seed)
    slope = generator.uniform(-0.05, 0.05, (rows, 1))
    days = generator.choice([0.0, 7.0, 7.0, 7.0, 14.0], (rows, growth.WINDOW_WEEKS))
    days[:, :3] = 7
    mean = days / 7 * level * np.exp(slope * np.arange(growth.WINDOW_WEEKS))
    return np.where(days > 0, generator.poisson(mean * generator.gamma(5, 0.2, mean.shape)), 0.0), days


def library_fit(births: Counts, days: Counts) -> Any:
    """Fit one window, without unseen weeks, with statsmodels."""
    design = sm.add_constant(np.arange(len(births)) - (len(births) - 1) / 2)
    seen = days > 0
    model = sm.GLM(births[seen], design[seen], family=sm.families.Poisson(), exposure=days[seen])
    return model.fit(
        cov_type="HAC", cov_kwds={"maxlags": growth.BANDWIDTH_WEEKS - 1, "use_correction": False}, tol=1e-12
    )


def plain_standard_error(births: Counts, days: Counts, fit: Any, rho: float) -> float:
    """Sum up the prewhitened Newey-West variance of the slope week by week, unseen weeks as zeros."""
    size = len(births)
    time = [week - (size - 1) / 2 for week in range(size)]
    level, slope = fit.params
    mean = [days[week] * math.exp(level + slope * time[week]) for week in range(size)]
    h0 = sum(mean)
    h1 = sum(m * t for m, t in zip(mean, time, strict=True))
    h2 = sum(m * t * t for m, t in zip(mean, time, strict=True))
    raw = [(h0 * time[w] - h1) / (h0 * h2 - h1 * h1) * (births[w] - mean[w]) for w in range(size)]
    white = [raw[week] - (rho * raw[week - 1] if week else 0) for week in range(size)]
    total = sum(
        max(0.0, 1 - abs(one - other) / growth.BANDWIDTH_WEEKS) * white[one] * white[other]
        for one in range(size)
        for other in range(size)
    )
    return math.sqrt(max(total, 0)) / (1 - rho)


def plain_autocorrelation(births: Counts, days: Counts, fit: Any) -> tuple[float, float]:
    """Give the corrected autocorrelation of Pearson's residuals, and its upper bound."""
    size = len(births)
    level, slope = fit.params
    mean = [days[week] * math.exp(level + slope * (week - (size - 1) / 2)) for week in range(size)]
    residual = [(births[w] - mean[w]) / math.sqrt(mean[w]) if days[w] else 0.0 for w in range(size)]
    observed = sum(1 for day in days if day)
    raw = sum(a * b for a, b in pairwise(residual)) / sum(r * r for r in residual)
    rho = min(max((observed * raw + 2) / (observed - 4), 0), growth.HIGHEST_AUTOCORRELATION)
    bound = rho + 1.645 * math.sqrt((1 - rho**2) / observed)
    return rho, min(bound, growth.HIGHEST_AUTOCORRELATION)


@pytest.mark.parametrize("level", [3.0, 50.0, 1e6])
def test_slopes_and_dispersion_are_those_of_the_library(level: float) -> None:
    births, days = windows(1, level=level)
    fit = growth.fit_windows(births, days)
    assert fit.has_converged.all()
    for row in range(len(births)):
        expected = library_fit(births[row], days[row])
        assert fit.slope[row] == pytest.approx(expected.params[1], abs=1e-9)
        assert fit.dispersion[row] == pytest.approx(expected.pearson_chi2 / expected.df_resid, rel=1e-8)


def test_the_plain_twin_without_prewhitening_is_the_librarys_newey_west() -> None:
    births, days = windows(2)
    days[:] = 7
    for row in range(len(births)):
        fit = library_fit(births[row], days[row])
        assert plain_standard_error(births[row], days[row], fit, 0.0) == pytest.approx(fit.bse[1], rel=1e-9)


@given(st.integers(0, 10_000))
def test_standard_errors_are_those_of_the_plain_twin(seed: int) -> None:
    births, days = windows(seed, rows=2)
    fit = growth.fit_windows(births, days)
    for row in range(len(births)):
        expected = library_fit(births[row], days[row])
        rho, bound = plain_autocorrelation(births[row], days[row], expected)
        error = plain_standard_error(births[row], days[row], expected, bound)
        assert fit.autocorrelation[row] == pytest.approx(rho, abs=1e-7)
        assert fit.standard_error[row] == pytest.approx(error, rel=1e-6, abs=1e-12)


def test_an_exponential_is_found_exactly_and_without_error() -> None:
    births = 1000 * np.exp(0.02 * np.arange(26.0))[None, :]
    fit = growth.fit_windows(births, np.full_like(births, 7))
    assert fit.slope[0] == pytest.approx(0.02, abs=1e-12)
    assert fit.standard_error[0] == pytest.approx(0, abs=1e-9)


def test_weeks_that_stand_for_more_days_do_not_pass_for_growth() -> None:
    days = np.array([[7.0] * 12 + [0.0] + [14.0] + [7.0] * 12])
    fit = growth.fit_windows(30 * days, days)
    assert fit.slope[0] == pytest.approx(0, abs=1e-12)


def test_the_critical_value_is_what_the_simulation_says() -> None:
    simulated = growth.simulated_critical_value(60_000, np.random.default_rng(3))
    assert simulated == pytest.approx(growth.CRITICAL_VALUE, abs=0.02)


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5])
def test_the_published_critical_values_hold_for_a_mean_and_are_too_small_for_a_trend(part: float) -> None:
    published = 1.96 + 2.9694 * part + 0.4160 * part**2 - 0.5324 * part**3
    weeks, generator = 200, np.random.default_rng(4)
    bandwidth = round(part * weeks)
    noise = generator.standard_normal((15_000, weeks))
    time = np.arange(weeks) - (weeks - 1) / 2

    def quantile(score: Counts, estimate: Counts, scale: float) -> float:
        total = (score * score).sum(axis=1)
        for lag in range(1, bandwidth):
            total += 2 * (1 - lag / bandwidth) * (score[:, lag:] * score[:, :-lag]).sum(axis=1)
        return float(np.quantile(np.abs(estimate) * scale / np.sqrt(total), 0.95))

    mean = noise.mean(axis=1, keepdims=True)
    slope = (noise @ time)[:, None] / (time @ time)
    of_a_mean = quantile(noise - mean, mean[:, 0], weeks)
    of_a_trend = quantile((noise - mean - slope * time) * time, slope[:, 0], time @ time)
    assert of_a_mean == pytest.approx(published, rel=0.03)
    assert of_a_trend > 1.08 * published


HALF, QUARTER = growth.EXPLOSIVE_PER_WEEK, growth.PLATEAU_PER_WEEK


@pytest.mark.parametrize(
    ("lower", "upper", "regime"),
    [
        (HALF, 0.05, "explosive"),
        (HALF - 1e-9, 0.05, "growing"),
        (1e-9, 0.05, "growing"),
        (0.0, 0.05, "undetermined"),
        (-QUARTER, QUARTER, "plateau"),
        (-QUARTER - 1e-9, QUARTER, "undetermined"),
        (-QUARTER, QUARTER + 1e-9, "undetermined"),
        (0.0, 0.0, "plateau"),
        (-0.05, -1e-9, "contraction"),
        (-0.05, 0.0, "undetermined"),
        (math.nan, math.nan, None),
    ],
)
def test_the_regime_follows_from_the_interval_alone(lower: float, upper: float, regime: str | None) -> None:
    ends = np.array([lower]), np.array([upper])
    assert growth.rates_of((ends[0] + ends[1]) / 2, *ends)["regime"].to_list() == [regime]


def doubling(slope: float, lower: float, upper: float) -> tuple[float | None, ...]:
    rates = growth.rates_of(np.array([slope]), np.array([lower]), np.array([upper]))
    return rates.select("doubling_days", "doubling_lower_days", "doubling_upper_days").row(0)


def test_a_doubling_time_is_given_only_where_the_interval_excludes_zero() -> None:
    weekly = math.log(2) / 10  # doubles in 70 days
    assert doubling(weekly, weekly / 2, weekly * 2) == pytest.approx((70, 35, 140))
    assert doubling(weekly, 0.0, weekly * 2) == (None, 35.0, None)
    assert doubling(-weekly, -2 * weekly, weekly) == (None, 70.0, None)
    assert doubling(-weekly, -2 * weekly, -weekly / 2) == (None, None, None)


def series(births: list[float], *, start: date = MONDAY, **more: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the inputs of growth_rates for one subject; weeks that are None were not listed."""
    rows = [
        {**KEYS, **SUBJECT, "week_date": start + timedelta(weeks=week), "births": float(number)}
        for week, number in enumerate(births)
        if number is not None
    ]
    frame = pl.DataFrame(rows).with_columns(
        **{
            name: pl.lit(value)
            for name, value in ({"observed_days": 7, "is_illustration": False} | more).items()
        }
    )
    return frame, frame


def test_every_window_of_finished_weeks_is_fitted_but_for_the_first_week() -> None:
    rates = growth.growth_rates(*series([100 * 1.01**week for week in range(30)]))
    assert rates["from_date"].to_list() == [MONDAY + timedelta(weeks=week) for week in range(1, 5)]
    assert rates["to_date"].to_list() == [MONDAY + timedelta(days=7 * week + 188) for week in range(4)]
    assert rates["growth_pct_per_week"].to_list() == pytest.approx([1.0] * 4, abs=1e-8)
    assert set(rates["status"]) == {"estimated"}


@pytest.mark.parametrize(
    ("births", "reason"),
    [
        ([100] * 26, "fewer than 26 full weeks"),
        ([3] * 27, "fewer than 100 births in 26 weeks"),
        ([100] + [0] * 9 + [100] * 17, "births in fewer than 18 of 26 weeks"),
        ([0] * 27, "fewer than 100 births in 26 weeks"),
    ],
)
def test_what_is_too_thin_is_said_to_be_so(births: list[float], reason: str) -> None:
    row = growth.growth_rates(*series(births)).row(-1, named=True)
    assert row["status"] == f"not estimable: {reason}"
    assert row["growth_pct_per_week"] is row["doubling_lower_days"] is row["regime"] is None


def test_weeks_without_a_list_are_missing_and_not_zero() -> None:
    births = [100.0 if week % 9 else None for week in range(1, 32)]
    weeks, counted = series(births)  # type: ignore[arg-type]
    observed = pl.lit("births_observed").alias("series")
    row = growth.growth_rates(weeks.with_columns(observed), counted.with_columns(observed)).row(
        -1, named=True
    )
    assert row["weeks"] == 23
    assert row["growth_pct_per_week"] == pytest.approx(0, abs=1e-9)
    surviving = growth.growth_rates(weeks, counted).row(-1, named=True)
    assert surviving["weeks"] == 26  # no survivor was born there: that is a zero
    assert surviving["births"] == row["births"] == 2300


def test_too_many_weeks_without_a_list_leave_nothing_to_estimate() -> None:
    births = [100.0 if week % 4 else None for week in range(1, 32)]
    weeks, counted = series(births)  # type: ignore[arg-type]
    observed = pl.lit("births_observed").alias("series")
    rates = growth.growth_rates(weeks.with_columns(observed), counted.with_columns(observed))
    assert rates["status"].to_list() == ["not estimable: fewer than 22 of 26 weeks observed"]


def test_partial_lists_are_refused_however_long_they_are() -> None:
    rates = growth.growth_rates(*series([100 * 1.05**week for week in range(60)], is_illustration=True))
    assert rates["status"].to_list() == ["not estimable: a partial list"]
    assert rates["growth_pct_per_week"].to_list() == [None]


def test_the_order_of_rows_and_the_other_subjects_do_not_matter() -> None:
    generator = np.random.default_rng(6)
    weeks, births = series(list(generator.poisson(200, 40)))
    other = births.with_columns(subject=pl.lit("vision; drop table"), births=pl.col("births") / 2)
    alone = growth.growth_rates(weeks, births)
    mixed = growth.growth_rates(
        weeks.reverse(), pl.concat([other, births]).sample(fraction=1, shuffle=True, seed=1)
    )
    assert mixed.filter(subject="all").equals(alone)
    assert mixed.height == 2 * alone.height


def test_of_nothing_comes_nothing() -> None:
    weeks, births = series([1.0])
    assert growth.growth_rates(weeks.clear(), births.clear()).is_empty()


def days_of(births: list[list[int]], **more: Any) -> pl.DataFrame:
    """Give the input of weekly_profile: weeks of seven days; days with None were not listed."""
    rows = [
        {"birth_date": MONDAY + timedelta(days=7 * week + day), "models": number}
        for week, numbers in enumerate(births)
        for day, number in enumerate(numbers)
        if number is not None
    ]
    last = MONDAY + timedelta(days=7 * len(births) + 2)
    keys = KEYS | {"universe": "all", "last_full_date": last} | more
    return pl.DataFrame(rows).with_columns(**{name: pl.lit(value) for name, value in keys.items()})


@given(st.integers(0, 10_000))
def test_the_profile_is_that_of_a_plain_twin(seed: int) -> None:
    drawn = np.random.default_rng(seed).poisson(20, (30, 7))
    profile = nowcast.weekly_profile(days_of(drawn.tolist()))
    assert profile["days"].to_list() == [1, 2, 3, 4, 5, 6]
    for day, share, lower, upper in profile.select("days", "share", "share_lower", "share_upper").rows():
        odds = [math.log((sum(week[day:]) + 0.5) / (sum(week[:day]) + 0.5)) for week in drawn[-26:].tolist()]
        middle = sum(odds) / 26
        deviation = math.sqrt(sum((odd - middle) ** 2 for odd in odds) / 25)
        half = student.ppf(0.975, 25) * deviation * math.sqrt(1 + 1 / 26)
        expected = [1 / (1 + math.exp(middle + shift)) for shift in (0, half, -half)]
        assert [share, lower, upper] == pytest.approx(expected, abs=2e-9)


@pytest.mark.parametrize(
    ("weeks", "births", "reason"),
    [(7, 10, "fewer than 8 full weeks"), (26, 4, "fewer than 30 births a week")],
)
def test_a_thin_profile_is_not_estimable(weeks: int, births: int, reason: str) -> None:
    profile = nowcast.weekly_profile(days_of([[births] * 7] * weeks))
    assert set(profile["status"]) == {f"not estimable: {reason}"}
    assert profile["share"].null_count() == 6


def test_a_week_with_a_missing_list_says_nothing_of_the_profile() -> None:
    uneven = [[9, None, 18, 9, 9, 9, 9]] * 5
    frame = days_of([*[[9] * 7] * 15, *uneven], series="births_observed")
    profile = nowcast.weekly_profile(frame)
    assert profile["weeks"].to_list() == [15] * 6
    assert profile["share"][1] == pytest.approx(1 / (1 + 45.5 / 18.5), abs=1e-9)


def totals(models: list[int], step: int = 60) -> pl.DataFrame:
    dates = [MONDAY + timedelta(days=step * place) for place in range(len(models))]
    return pl.DataFrame({"as_of_date": dates, "models": models}, schema_overrides={"models": pl.Int64})


def test_the_line_through_the_totals_is_the_librarys() -> None:
    frame = totals([1000, 1130, 1190, 1400, 1480, 1750])
    weeks = np.arange(6) * 60 / 7
    expected = sm.OLS(np.log(frame["models"].to_numpy()), sm.add_constant(weeks)).fit()
    row = growth.hub_growth_fit(frame.reverse()).row(0, named=True)
    published = [
        row[f"growth_{name}pct{rest}"] for name, rest in (("", "_per_week"), ("lower_", ""), ("upper_", ""))
    ]
    ends = [expected.params[1], *expected.conf_int()[1]]
    assert published == pytest.approx([100 * math.expm1(end) for end in ends], abs=1e-8)
    assert row["reports"] == 6


def test_three_totals_make_no_line() -> None:
    row = growth.hub_growth_fit(totals([1, 2, 3])).row(0, named=True)
    assert row["status"] == "not estimable: fewer than 4 reports"
    assert row["growth_pct_per_week"] is row["regime"] is None


def test_no_totals_make_no_row() -> None:
    assert growth.hub_growth_fit(totals([])).is_empty()
    assert growth.hub_growth_fit(totals([])).columns == growth.hub_growth_fit(totals([1])).columns
