"""How fast births grow: rates with intervals, doubling times and regimes.

Here: the quasi-Poisson fit over rolling windows, its interval and what follows from it, and the growth of the
Hub's stock from few totals. Not here: counting births (sql/marts/births_daily.sql), the week that has not
ended (nowcast), turning points (turning_points), families.

**The fit.** Weekly births are taken as quasi-Poisson with a log link, E y_t = d_t exp(a + b t), d_t the
days observed (McCullagh & Nelder, Generalized Linear Models, 1989, chapter 9). Thousands of windows are
fitted at once by Newton's method, which for this link is iteratively reweighted least squares; a library's
fit of one window takes a thousand times as long. Tests hold it to statsmodels.

**The window** is 26 weeks: long enough for an interval, short enough to speak of now, and the time in which
what the design calls explosive doubles.

**The interval** of b. The variance is Newey and West's (Econometrica 1987: Bartlett kernel), bandwidth 4,
of the slope's influence after prewhitening by a first-order autoregression (Andrews & Monahan, Econometrica
1992). Its coefficient is corrected for the bias -(2 + 4 rho) / n that detrending gives it (Shaman & Stine,
JASA 1988), and then its upper 95 % bound is taken, 1.645 standard errors sqrt((1 - rho^2) / n) higher: 26
weeks tell little of it, and one that is taken too low makes the interval too short. So intervals hold up to
an autocorrelation of 0.8 from week to week; if there is none they are an eighth longer than need be.

The critical value is of the fixed-b kind (Kiefer & Vogelsang, Econometric Theory 2005), that is, the
quantile of the t statistic when the bandwidth is a fixed part b of the window. Their polynomial for the
Bartlett kernel, 1.96 + 2.9694 b + 0.4160 b^2 - 0.5324 b^3, holds for a mean (500 weeks simulated: to 2 %).
For the slope of a trend it is too small (at these 26 weeks 2.43 where 2.89 is needed; Bunzel & Vogelsang,
JBES 2005, treat trends apart), and it knows nothing of the prewhitening. So the value is simulated for just
this statistic, window and bandwidth: `simulated_critical_value`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from math import log

import numpy as np
import numpy.typing as npt
import polars as pl

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

WINDOW_WEEKS = 26
#: Lags that the Bartlett kernel reaches to, plus one.
BANDWIDTH_WEEKS = 4
#: 97.5 % point of the statistic of 26 independent normal weeks, from 2,000,000 draws of
#: `simulated_critical_value`; its own error is below 0.005.
CRITICAL_VALUE = 2.065
HIGHEST_AUTOCORRELATION = 0.95
#: A window with less than this is not estimable. Calibration (benchmarks/CALIBRATION.md) begins here.
LEAST_WEEKS = 22
LEAST_BIRTHS = 100
LEAST_WEEKS_WITH_BIRTHS = 18

EXPLOSIVE_PER_WEEK = log(2) / 26
PLATEAU_PER_WEEK = log(2) / 104

LEAST_REPORTS = 4
ESTIMATED = "estimated"
PARTIAL = "not estimable: a partial list"

_POPULATION = ("series", "scope", "as_of_date")
_SUBJECT = ("subject_kind", "subject", "measure")
_WINDOWS = pl.Schema(
    {
        "series": pl.String(),
        "scope": pl.String(),
        "as_of_date": pl.Date(),
        "subject_kind": pl.String(),
        "subject": pl.String(),
        "measure": pl.String(),
        "from_date": pl.Date(),
        "to_date": pl.Date(),
        "weeks": pl.Int64(),
        "births": pl.Float64(),
        "slope": pl.Float64(),
        "standard_error": pl.Float64(),
        "dispersion": pl.Float64(),
        "autocorrelation": pl.Float64(),
        "status": pl.String(),
    }
)


@dataclass(frozen=True)
class Fit:
    """Slopes a week of n windows, their standard errors, and what the residuals look like; arrays of n."""

    slope: FloatArray
    standard_error: FloatArray
    dispersion: FloatArray
    autocorrelation: FloatArray
    has_converged: BoolArray


def fit_windows(births: FloatArray, days: FloatArray) -> Fit:
    """Fit E births = days x exp(a + b week) in every row.

    births, days: n x weeks; a week with 0 days was not observed and has no weight. Each row needs births in
    two observed weeks at least; where the fit does not come to rest, has_converged is false.
    """
    weeks = births.shape[1]
    time = np.arange(weeks) - (weeks - 1) / 2
    seen = days > 0
    births = np.where(seen, births, 0.0)
    level = np.log(births.sum(axis=1) / days.sum(axis=1))
    slope = np.zeros(len(births))
    step = np.full(len(births), np.inf)
    for _ in range(50):
        mean = days * np.exp(level[:, None] + slope[:, None] * time)
        h00, h01, h11 = mean.sum(axis=1), mean @ time, mean @ (time * time)
        residual = births - mean
        g0, g1 = residual.sum(axis=1), residual @ time
        determinant = h00 * h11 - h01 * h01
        step = (h00 * g1 - h01 * g0) / determinant
        # A long step could overshoot; births that grow e-fold in two weeks are beyond what is looked for.
        slope += np.clip(step, -0.5, 0.5)
        level += np.clip((h11 * g0 - h01 * g1) / determinant, -2.0, 2.0)
        if np.all(np.abs(step) < 1e-11):
            break
    mean = days * np.exp(level[:, None] + slope[:, None] * time)
    residual = np.where(seen, births - mean, 0.0)
    h00, h01, h11 = mean.sum(axis=1), mean @ time, mean @ (time * time)
    determinant = (h00 * h11 - h01 * h01)[:, None]
    influence = (h00[:, None] * time - h01[:, None]) / determinant * residual
    pearson = residual / np.sqrt(np.where(seen, mean, 1.0))
    autocorrelation = _autocorrelation(pearson, seen)
    return Fit(
        slope,
        np.sqrt(_long_run_variance(influence, _cautious(autocorrelation, seen.sum(axis=1)))),
        (pearson * pearson).sum(axis=1) / (seen.sum(axis=1) - 2),
        autocorrelation,
        np.abs(step) < 1e-8,
    )


def _autocorrelation(residual: FloatArray, seen: BoolArray) -> FloatArray:
    """Give each row's first-order autocorrelation, freed from the bias of detrending, 0 at least."""
    observed = seen.sum(axis=1)
    squares = (residual * residual).sum(axis=1)
    products = (residual[:, 1:] * residual[:, :-1]).sum(axis=1)
    raw = np.divide(products, squares, out=np.zeros(len(residual)), where=squares > 0)
    corrected = (observed * raw + 2) / np.maximum(observed - 4, 1)
    return np.where(squares > 0, np.clip(corrected, 0, HIGHEST_AUTOCORRELATION), 0.0)


def _cautious(autocorrelation: FloatArray, observed: IntArray) -> FloatArray:
    """Give the upper 95 % bound of the autocorrelation."""
    error = np.sqrt((1 - autocorrelation * autocorrelation) / observed)
    return np.minimum(autocorrelation + 1.645 * error, HIGHEST_AUTOCORRELATION)


def _long_run_variance(influence: FloatArray, autocorrelation: FloatArray) -> FloatArray:
    """Give the Newey-West variance of the sum of each row, prewhitened and recoloured."""
    rho = autocorrelation[:, None]
    white = np.concatenate([influence[:, :1], influence[:, 1:] - rho * influence[:, :-1]], axis=1)
    total = (white * white).sum(axis=1)
    for lag in range(1, min(BANDWIDTH_WEEKS, white.shape[1])):
        products = (white[:, lag:] * white[:, :-lag]).sum(axis=1)
        total += 2 * (1 - lag / BANDWIDTH_WEEKS) * products
    variance: FloatArray = np.maximum(total, 0) / (1 - autocorrelation) ** 2
    return variance


def simulated_critical_value(draws: int, generator: np.random.Generator) -> float:
    """Simulate the 97.5 % point of slope / standard error when the weeks are independent and normal.

    What the weeks' mean and spread are does not matter to the statistic; they are chosen so large and small
    that the link and the weights are all but constant.
    """
    births = 1e8 + 1e4 * generator.standard_normal((draws, WINDOW_WEEKS))
    fit = fit_windows(births, np.full_like(births, 7.0))
    return float(np.quantile(np.abs(fit.slope) / fit.standard_error, 0.95))


def rates_of(slope: FloatArray, lower: FloatArray, upper: FloatArray) -> pl.DataFrame:
    """Turn logarithmic growth a week and its interval into what is published; nan becomes null throughout.

    growth_pct_per_week with its bounds; doubling_days only where the interval lies above zero, and of it only
    the lower bound where the interval includes zero; regime by the interval alone.
    """
    growth, low, high = (pl.col(name) for name in ("slope", "low", "high"))
    days = 7 * log(2)
    frame = pl.DataFrame({"slope": slope, "low": lower, "high": upper}).fill_nan(None)
    return frame.select(
        growth_pct_per_week=_percent(growth),
        growth_lower_pct=_percent(low),
        growth_upper_pct=_percent(high),
        doubling_days=pl.when(low > 0).then((days / growth).round(6)),
        doubling_lower_days=pl.when(high > 0).then((days / high).round(6)),
        doubling_upper_days=pl.when(low > 0).then((days / low).round(6)),
        regime=pl.when(low >= EXPLOSIVE_PER_WEEK)
        .then(pl.lit("explosive"))
        .when(low > 0)
        .then(pl.lit("growing"))
        .when(high < 0)
        .then(pl.lit("contraction"))
        .when((low >= -PLATEAU_PER_WEEK) & (high <= PLATEAU_PER_WEEK))
        .then(pl.lit("plateau"))
        .when(low.is_not_null())
        .then(pl.lit("undetermined")),
    )


def _percent(growth: pl.Expr) -> pl.Expr:
    return (100 * (growth.exp() - 1)).round(9)


def growth_rates(weeks: pl.DataFrame, births: pl.DataFrame) -> pl.DataFrame:
    """Fit every window of every subject; see sql/marts/growth_rates.sql for the columns.

    weeks: series, scope, as_of_date, is_illustration, week_date, observed_days; the finished weeks.
    births: series, scope, as_of_date, subject_kind, subject, measure, week_date, births (float); a subject
    that has no row in an observed week had no births in it. The first week of a series may be cut and is
    left out.
    """
    counted = births.partition_by(_POPULATION, as_dict=True)
    frames = [pl.DataFrame(schema=_WINDOWS)]
    for population, rows in sorted(weeks.partition_by(_POPULATION, as_dict=True).items()):
        if population in counted:
            frames.append(_of_population(rows, counted[population]))
    windows = pl.concat(frames)
    slope, error = (windows[name].fill_null(np.nan).to_numpy() for name in ("slope", "standard_error"))
    rates = rates_of(slope, slope - CRITICAL_VALUE * error, slope + CRITICAL_VALUE * error)
    return pl.concat([windows.drop("slope", "standard_error"), rates], how="horizontal")


def _of_population(weeks: pl.DataFrame, births: pl.DataFrame) -> pl.DataFrame:
    """Lay the births out as subjects x weeks, and fit what can be fitted."""
    calendar = pl.DataFrame({"week_date": _mondays(weeks["week_date"])}).with_row_index("place")
    # A week without a surviving birth had none; a week without a list was not seen.
    unlisted = 0 if weeks["series"][0] == "births_observed" else 7
    days = calendar.join(weeks, on="week_date", how="left", maintain_order="left")["observed_days"]
    subjects = births.select(_SUBJECT).unique().sort(_SUBJECT).with_row_index("row")
    placed = births.join(subjects, on=_SUBJECT).join(calendar, on="week_date")
    table = np.zeros((subjects.height, calendar.height))
    table[placed["row"].to_numpy(), placed["place"].to_numpy()] = placed["births"].to_numpy()
    dates = calendar["week_date"].to_list()
    if weeks["is_illustration"][0]:
        windows = _refused(table, dates, PARTIAL)
    elif len(dates) - 1 < WINDOW_WEEKS:
        windows = _refused(table, dates, f"not estimable: fewer than {WINDOW_WEEKS} full weeks")
    else:
        windows = _fitted(table[:, 1:], days.fill_null(unlisted).to_numpy()[1:].astype(np.float64), dates[1:])
    named = windows.join(subjects, on="row", maintain_order="left")
    return named.join(weeks.select(_POPULATION).head(1), how="cross").select(
        pl.col(name).cast(kind) for name, kind in _WINDOWS.items()
    )


def _mondays(dates: pl.Series) -> pl.Series:
    column = pl.col("week_date")
    return dates.to_frame("week_date").select(pl.date_range(column.min(), column.max(), "1w")).to_series()


def _refused(table: FloatArray, dates: list[date], reason: str) -> pl.DataFrame:
    """Give one row a subject that says why nothing was fitted."""
    known = min(len(dates), WINDOW_WEEKS)
    return pl.DataFrame(
        {
            "row": np.arange(len(table), dtype=np.uint32),
            "births": table[:, -known:].sum(axis=1).round(6),
        }
    ).with_columns(
        from_date=pl.lit(dates[-known]),
        to_date=pl.lit(dates[-1] + timedelta(days=6)),
        weeks=pl.lit(known),
        status=pl.lit(reason),
        **{name: pl.lit(None) for name in ("slope", "standard_error", "dispersion", "autocorrelation")},
    )


def _fitted(table: FloatArray, exposure: FloatArray, dates: list[date]) -> pl.DataFrame:
    """Fit all windows of all subjects at once; keep those that can be estimated, and the newest of each."""
    rolling = np.lib.stride_tricks.sliding_window_view
    births = rolling(table, WINDOW_WEEKS, axis=1)
    days = np.broadcast_to(rolling(exposure, WINDOW_WEEKS), births.shape)
    ends = births.shape[1]
    row, end = np.divmod(np.arange(births.shape[0] * ends), ends)
    births, days = births.reshape(-1, WINDOW_WEEKS), days.reshape(-1, WINDOW_WEEKS)
    status = _status(births, days)
    fit = fit_windows(births[status == ESTIMATED], days[status == ESTIMATED])
    estimates = {
        "slope": fit.slope,
        "standard_error": fit.standard_error,
        "dispersion": fit.dispersion.round(6),
        "autocorrelation": fit.autocorrelation.round(6),
    }
    columns = {name: np.full(len(births), np.nan) for name in estimates}
    for name, values in estimates.items():
        columns[name][status == ESTIMATED] = np.where(fit.has_converged, values, np.nan)
    status[status == ESTIMATED] = np.where(
        fit.has_converged, ESTIMATED, "not estimable: the fit does not converge"
    )
    kept = (status == ESTIMATED) | (end == ends - 1)
    starts = pl.Series(dates[:ends], dtype=pl.Date).gather(end[kept])
    return pl.DataFrame(
        {
            "row": row[kept].astype(np.uint32),
            "from_date": starts,
            "to_date": starts.dt.offset_by(f"{7 * WINDOW_WEEKS - 1}d"),
            "weeks": (days[kept] > 0).sum(axis=1),
            "births": births[kept].sum(axis=1).round(6),
            **{name: values[kept] for name, values in columns.items()},
            "status": status[kept].tolist(),
        }
    ).fill_nan(None)


def _status(births: FloatArray, days: FloatArray) -> npt.NDArray[np.object_]:
    """Say of each window whether it can be estimated, or why it cannot."""
    reasons = (
        ((days > 0).sum(axis=1) < LEAST_WEEKS, f"fewer than {LEAST_WEEKS} of {WINDOW_WEEKS} weeks observed"),
        (births.sum(axis=1) < LEAST_BIRTHS, f"fewer than {LEAST_BIRTHS} births in {WINDOW_WEEKS} weeks"),
        (
            (births > 0).sum(axis=1) < LEAST_WEEKS_WITH_BIRTHS,
            f"births in fewer than {LEAST_WEEKS_WITH_BIRTHS} of {WINDOW_WEEKS} weeks",
        ),
    )
    status = np.full(len(births), ESTIMATED, dtype=object)
    for is_met, reason in reversed(reasons):
        status[is_met] = f"not estimable: {reason}"
    return status


def hub_growth_fit(reports: pl.DataFrame) -> pl.DataFrame:
    """Fit log-linear growth to the Hub's totals; see sql/marts/hub_growth_fit.sql. One row at most.

    reports: as_of_date, models. Ordinary least squares of ln(models) on the day, interval by Student's t. It
    holds how far the totals lie from one line, not how they were counted; growth that slows widens it.
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - heavy, and only this function needs it

    rows = reports.sort("as_of_date")
    if rows.is_empty():
        return rows.select(from_date="as_of_date", to_date="as_of_date", reports=pl.lit(0, pl.Int64)).hstack(
            rates_of(np.empty(0), np.empty(0), np.empty(0)).with_columns(status=pl.lit("", pl.String))
        )
    slope = error = np.nan
    status = f"not estimable: fewer than {LEAST_REPORTS} reports"
    if rows.height >= LEAST_REPORTS:
        weeks = rows["as_of_date"].to_physical().to_numpy() / 7
        time, level = weeks - weeks.mean(), np.log(rows["models"].to_numpy())
        slope = time @ level / (time @ time)
        residual = level - level.mean() - slope * time
        spread = np.sqrt(residual @ residual / (rows.height - 2) / (time @ time))
        error, status = stdtrit(rows.height - 2, 0.975) * spread, ESTIMATED
    rates = rates_of(*(np.array([value]) for value in (slope, slope - error, slope + error)))
    return pl.DataFrame(
        {
            "from_date": rows["as_of_date"][:1],
            "to_date": rows["as_of_date"][-1:],
            "reports": [rows.height],
        }
    ).hstack(rates.with_columns(status=pl.lit(status)))
