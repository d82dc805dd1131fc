"""Growth of births, doubling time, the nowcast of a week, and the line through the Hub's totals.

Weekly births are drawn as they come on the Hub: a trend, good and bad weeks that follow each other (a
first-order autoregression of the logarithm), and counts that scatter more than Poisson's.
"""

import math
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial

import numpy as np
import polars as pl

from benchmarks.calibrations import Case, Interval
from pipelines.analysis import growth
from pipelines.analysis.nowcast import PROFILE_WEEKS, weekly_profile

FIRST_MONDAY = date(2024, 1, 1)
WEEKDAYS = np.array([0.15, 0.155, 0.155, 0.15, 0.145, 0.12, 0.125])
REFUSED = (math.nan, math.nan, math.nan)


def autoregression(generator: np.random.Generator, length: int, rho: float, deviation: float) -> np.ndarray:
    """Draw a stationary first-order autoregression of the given standard deviation."""
    shocks = generator.standard_normal(length)
    values = np.empty(length)
    values[0] = shocks[0]
    for place in range(1, length):
        values[place] = rho * values[place - 1] + math.sqrt(1 - rho * rho) * shocks[place]
    return deviation * values


def counts(generator: np.random.Generator, mean: np.ndarray, dispersion: float) -> np.ndarray:
    """Draw counts of these means whose variance is `dispersion` times the mean (1: Poisson)."""
    if dispersion <= 1:
        return generator.poisson(mean)
    return generator.negative_binomial(np.maximum(mean / (dispersion - 1), 1e-9), 1 / dispersion)


def rates(
    generator: np.random.Generator,
    *,
    pct_per_week: float,
    births: float,
    rho: float = 0.0,
    deviation: float = 0.0,
    dispersion: float = 1.0,
    missing: int = 0,
) -> pl.DataFrame:
    """Draw a window of births_observed and give its row of growth_rates."""
    weeks = growth.WINDOW_WEEKS + 1
    time = np.arange(weeks) - weeks / 2
    noise = autoregression(generator, weeks, rho, deviation)
    mean = births * np.exp(math.log1p(pct_per_week / 100) * time + noise)
    drawn = counts(generator, mean, dispersion).astype(float)
    shown = np.ones(weeks, dtype=bool)
    shown[generator.choice(np.arange(2, weeks - 1), missing, replace=False)] = False
    frame = pl.DataFrame(
        {
            "week_date": [FIRST_MONDAY + timedelta(weeks=week) for week in range(weeks)],
            "births": drawn,
            "is_shown": shown,
        }
    ).filter("is_shown")
    frame = frame.with_columns(
        series=pl.lit("births_observed"),
        scope=pl.lit("simulated"),
        as_of_date=pl.lit(FIRST_MONDAY + timedelta(weeks=weeks)),
        subject_kind=pl.lit("universe"),
        subject=pl.lit("all"),
        measure=pl.lit("models"),
        is_illustration=pl.lit(value=False),
        observed_days=pl.lit(7),
    )
    return growth.growth_rates(frame, frame)


def weekly_growth(generator: np.random.Generator, **setting: float) -> Interval:
    """Growth in percent a week."""
    row = rates(generator, **setting).row(0, named=True)  # type: ignore[arg-type]
    if row["growth_pct_per_week"] is None:
        return REFUSED
    return row["growth_pct_per_week"], row["growth_lower_pct"], row["growth_upper_pct"]


def doubling(generator: np.random.Generator, **setting: float) -> Interval:
    """Doubling time in days; where there is only a lower bound the upper end is open."""
    row = rates(generator, **setting).row(0, named=True)  # type: ignore[arg-type]
    if row["status"] != growth.ESTIMATED:
        return REFUSED
    if row["doubling_lower_days"] is None:
        return math.nan, math.inf, math.inf  # called shrinking: a miss where births grow
    estimate, lower, upper = (row[f"doubling_{name}days"] for name in ("", "lower_", "upper_"))
    return estimate or math.nan, lower, upper or math.inf


def nowcast(
    generator: np.random.Generator,
    *,
    days: int,
    births: float,
    dispersion: float,
    deviation: float,
    pct_per_week: float = 0.9,
) -> Interval:
    """The unfinished week's births by the profile of the weeks before it, divided by what they come to."""
    weeks = PROFILE_WEEKS + 1
    week = autoregression(generator, weeks, 0.4, 0.1) + math.log1p(pct_per_week / 100) * np.arange(weeks)
    single = deviation * generator.standard_normal((weeks, 7))
    drawn = counts(generator, births * WEEKDAYS * np.exp(week[:, None] + single), dispersion)
    dates = [FIRST_MONDAY + timedelta(days=day) for day in range(7 * weeks)]
    frame = pl.DataFrame({"birth_date": dates, "models": drawn.ravel()}).with_columns(
        series=pl.lit("births_surviving"),
        scope=pl.lit("simulated"),
        universe=pl.lit("all"),
        as_of_date=pl.lit(dates[-1]),
        last_full_date=pl.lit(dates[7 * (weeks - 1) + days - 1]),
    )
    row = weekly_profile(frame).row(days - 1, named=True)
    if row["share"] is None:
        return REFUSED
    so_far, whole = drawn[-1, :days].sum(), drawn[-1].sum()
    return tuple(so_far / row[name] / whole for name in ("share", "share_upper", "share_lower"))  # type: ignore[return-value]


def stock(generator: np.random.Generator, *, reports: int, pct_per_week: float, error: float) -> Interval:
    """The line through totals that were each reported with an error of their own."""
    places = np.sort(generator.choice(np.arange(26), reports, replace=False)) * 28
    models = 1e6 * np.exp(
        math.log1p(pct_per_week / 100) * places / 7 + error * generator.standard_normal(reports)
    )
    frame = pl.DataFrame(
        {
            "as_of_date": [FIRST_MONDAY + timedelta(days=int(place)) for place in places],
            "models": models.round().astype(np.int64),
        }
    )
    row = growth.hub_growth_fit(frame).row(0, named=True)
    return row["growth_pct_per_week"], row["growth_lower_pct"], row["growth_upper_pct"]


def cases() -> Iterable[Case]:
    """Give the cases."""
    hub = {"pct_per_week": 0.9, "births": 20_000, "deviation": 0.1, "dispersion": 20.0}
    settings: dict[str, dict[str, float]] = {
        "20,000 births a week, noise 10 %": hub,
        "the same, autocorrelation 0.3": hub | {"rho": 0.3},
        "the same, autocorrelation 0.6": hub | {"rho": 0.6},
        "the same, autocorrelation 0.8": hub | {"rho": 0.8},
        "the same, autocorrelation 0.6, 4 weeks unseen": hub | {"rho": 0.6, "missing": 4},
        "doubling in 26 weeks, autocorrelation 0.4": hub | {"pct_per_week": 2.7, "rho": 0.4},
        "shrinking 2 %, autocorrelation 0.4": hub | {"pct_per_week": -2.0, "rho": 0.4},
        "200 births a week, dispersion 5": {"pct_per_week": 0.5, "births": 200, "dispersion": 5.0},
        "6 births a week, Poisson": {"pct_per_week": 1.0, "births": 6},
        "6 births a week, dispersion 2": {"pct_per_week": 1.0, "births": 6, "dispersion": 2.0},
    }
    for name, setting in settings.items():
        draw: Callable[[np.random.Generator], Interval] = partial(weekly_growth, **setting)
        yield Case(
            estimator="growth, % a week", setting=name, truth=setting["pct_per_week"], draw=draw, draws=1000
        )
    for name, more in {
        "growing 2.7 %, autocorrelation 0.3": {"pct_per_week": 2.7, "rho": 0.3},
        "growing 0.9 %, autocorrelation 0.3 (often only a bound)": {"rho": 0.3},
    }.items():
        setting = hub | more
        truth = 7 * math.log(2) / math.log1p(setting["pct_per_week"] / 100)
        yield Case(
            estimator="doubling time, days", setting=name, truth=truth, draw=partial(doubling, **setting)
        )
    for days in (1, 3, 6):
        for name, births, dispersion, deviation in (
            ("20,000 births a week", 20_000, 20.0, 0.08),
            ("60 births a week", 60, 1.5, 0.0),
        ):
            yield Case(
                estimator="nowcast, ratio to the week",
                setting=f"after {days} days, {name}",
                truth=1.0,
                draw=partial(nowcast, days=days, births=births, dispersion=dispersion, deviation=deviation),
            )
    for reports in (4, 12):
        yield Case(
            estimator="growth of the stock, % a week",
            setting=f"{reports} totals in two years, error 1 %",
            truth=0.9,
            draw=partial(stock, reports=reports, pct_per_week=0.9, error=0.01),
        )
