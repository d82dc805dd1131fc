"""Release effects: did the community upload more after a big release than its own trend would have had it?

Here: the step in weekly uploads at a date, the same at placebo dates, and what follows from both. Not here:
which releases are big (pipelines/reference/big_releases.csv), whose uploads count
(sql/marts/release_effects.sql).

A release is compared with dates without one, in the same series and within a year. Its firm's own uploads are
left out throughout.
"""

from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Weeks before and after the date that are compared, and how far placebos stay away from big releases.
WEEKS = 8
#: Placebo dates lie at most so many days from the release.
YEAR_DAYS = 365
LEAST_PLACEBOS = 30
#: The logarithm of fewer uploads a week is mostly chance.
LEAST_WEEKLY = 10
OUTCOMES = ("total", "elsewhere")

_SPAN = 7 * WEEKS
_OUTPUT = {
    "release_id": pl.String, "series": pl.String, "scope": pl.String, "outcome": pl.String,
    "as_of_date": pl.Date, "event_date": pl.Date, "name": pl.String, "organization_id": pl.String,
    "family": pl.String, "before_weekly": pl.Float64, "after_weekly": pl.Float64, "effect": pl.Float64,
    "lower": pl.Float64, "upper": pl.Float64, "p_value": pl.Float64, "q_value": pl.Float64,
    "p_placebo": pl.Float64, "placebos": pl.Int64, "placebos_effective": pl.Float64, "pre_effect": pl.Float64,
    "pre_p_value": pl.Float64, "is_illustration": pl.Boolean, "status": pl.String,
}  # fmt: skip


def contrast() -> FloatArray:
    """Give the weights c of the sixteen weeks -8 to 7 whose sum over log uploads is the step at week 0.

    Least squares of log uploads on a constant, a linear trend and a step: c = M s / (s' M s), where M takes
    constant and trend out. A level and a steady growth, however fast, give 0.
    """
    week = np.arange(-WEEKS, WEEKS)
    trend = np.column_stack([np.ones(2 * WEEKS), week])
    step = (week >= 0).astype(float)
    apart = step - trend @ np.linalg.lstsq(trend, step, rcond=None)[0]
    weights: FloatArray = apart / (step @ apart)
    return weights


def weekly_uploads(daily: IntArray) -> IntArray:
    """Give uploads in the weeks -8 to 7 around each day; shape (days - 111, 16), first row for day 56.

    Weeks are counted from the day itself, so each has every weekday once.
    """
    if len(daily) < 2 * _SPAN:
        return np.zeros((0, 2 * WEEKS), dtype=np.int64)
    summed = np.concatenate([[0], np.cumsum(daily)])
    week = summed[7:] - summed[:-7]
    starts = np.arange(len(daily) - 2 * _SPAN + 1)[:, None] + 7 * np.arange(2 * WEEKS)
    around: IntArray = week[starts]
    return around


def steps(daily: IntArray) -> FloatArray:
    """Give the step in log weekly uploads at each day of the series; nan where a week has fewer than ten,
    or where eight weeks before or after it are not in the series.
    """
    found = np.full(len(daily), np.nan)
    weekly = weekly_uploads(daily)
    if len(weekly):
        enough = (weekly >= LEAST_WEEKLY).all(axis=1)
        found[_SPAN : _SPAN + len(weekly)] = np.where(
            enough, np.log(np.maximum(weekly, 1)) @ contrast(), np.nan
        )
    return found


def placebo_days(days: int, event: int, events: IntArray) -> IntArray:
    """Give the days within a year of `event` that lie eight weeks or more away from every one of `events`."""
    day = np.arange(max(event - YEAR_DAYS, 0), min(event + YEAR_DAYS + 1, days))
    apart = np.abs(day[:, None] - events[None, :]).min(axis=1)
    far: IntArray = day[apart >= _SPAN]
    return far


def effective_number(days: IntArray) -> float:
    """Give how many independent placebos the placebos at these days are worth.

    Their windows overlap, so their steps move together. n^2 / sum of r^2 over all pairs, with r the
    correlation of two steps so many days apart when weeks are independent: the degrees of freedom of their
    mean square (Satterthwaite).
    """
    weights = contrast()
    by_week = np.correlate(weights, weights, "full")[2 * WEEKS - 1 :] / (weights @ weights)
    by_week = np.concatenate([by_week, [0.0, 0.0]])
    apart = np.minimum(np.abs(days[:, None] - days[None, :]) / 7, 2 * WEEKS)
    correlation = np.interp(apart, np.arange(len(by_week)), by_week)
    return float(len(days) ** 2 / (correlation**2).sum())


def release_effect(daily: IntArray, event: int, events: IntArray) -> dict[str, Any]:
    """Estimate the step at day `event` of a daily series, by day number; `events` are all big releases.

    effect: step in log weekly uploads over the eight weeks after against the eight before, beyond the local
    trend. lower, upper: 95 % interval, effect +- t * root mean square of the placebos' steps, t with as many
    degrees of freedom as the placebos are worth. p_value: from the same. p_placebo: (1 + number of placebos
    at least as large) / (1 + n); it counts overlapping placebos as if each stood alone: it is too small.
    pre_effect, pre_p_value: the same step eight weeks earlier, where there should be none.
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - heavy, and only this function needs it

    found = steps(daily)
    if not 0 <= event < len(daily) or event < _SPAN or event > len(daily) - _SPAN:
        return {"status": "not estimable: the eight weeks before and after are not in the series"}
    others = np.abs(events - event)
    if ((others > 0) & (others < _SPAN)).any():
        return {"status": "not estimable: another big release within eight weeks"}
    weekly = weekly_uploads(daily)[event - _SPAN]
    told = {
        "before_weekly": float(weekly[:WEEKS].mean()),
        "after_weekly": float(weekly[WEEKS:].mean()),
    }
    if np.isnan(found[event]):
        return told | {"status": f"not estimable: a week with fewer than {LEAST_WEEKLY} uploads"}
    days = placebo_days(len(daily), event, events)
    days = days[~np.isnan(found[days])]
    told |= {"placebos": len(days)}
    if len(days) < LEAST_PLACEBOS:
        return told | {"status": f"not estimable: fewer than {LEAST_PLACEBOS} placebo dates"}
    placebos, worth = found[days], effective_number(days)
    spread = float(np.sqrt((placebos**2).mean()))
    reach = float(stdtrit(worth, 0.975)) * spread
    effect, earlier = float(found[event]), float(found[event - _SPAN])
    return told | {
        "effect": effect,
        "lower": effect - reach,
        "upper": effect + reach,
        "p_value": _p_value(effect, spread, worth),
        "p_placebo": float((1 + (np.abs(placebos) >= abs(effect)).sum()) / (1 + len(days))),
        "placebos_effective": worth,
        "pre_effect": None if np.isnan(earlier) else earlier,
        "pre_p_value": None if np.isnan(earlier) else _p_value(earlier, spread, worth),
        "status": "estimated",
    }


def _p_value(effect: float, spread: float, worth: float) -> float:
    from scipy.special import stdtr  # noqa: PLC0415

    if spread == 0:
        return 0.0 if effect else 1.0
    return float(2 * stdtr(worth, -abs(effect) / spread))


def benjamini_hochberg(p_values: FloatArray) -> FloatArray:
    """Give the least rate of false discoveries at which each would still count as one.

    Benjamini and Hochberg 1995: with p falling in place i of m, the least of m p / i over all larger p.
    """
    count = len(p_values)
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * count / np.arange(1, count + 1)
    least = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    adjusted = np.empty(count)
    adjusted[order] = least
    return adjusted


def release_effects(births: pl.DataFrame, releases: pl.DataFrame, scopes: pl.DataFrame) -> pl.DataFrame:
    """Make marts.release_effects; its header says what each column is.

    births: series, scope, as_of_date, birth_date, family (of a big release, else null), organization_id (who
    uploaded on the day of birth, where it is the firm of a big release, else null), models; the community's
    alone. releases: release_id, event_date, date_precision, name, organization_id, family. scopes: series,
    scope, as_of_date, is_whole_population, of all births, the community's or not.
    """
    rows: list[dict[str, Any]] = []
    for series, scope, as_of, is_whole in scopes.sort(scopes.columns).iter_rows():
        frame = births.filter(series=series, scope=scope, as_of_date=as_of)
        for outcome in OUTCOMES:
            found = [
                {"series": series, "scope": scope, "as_of_date": as_of, "outcome": outcome}
                | {"is_illustration": not is_whole}
                | release
                | (_refusal(series, is_whole=is_whole) or _effect(frame, release, releases, outcome, as_of))
                for release in releases.sort("release_id").iter_rows(named=True)
            ]
            rows += _with_q_values(found)
    kept = [{name: row.get(name) for name in _OUTPUT} for row in rows]
    return pl.DataFrame(kept, schema=_OUTPUT).with_columns(pl.col(pl.Float64).round(9))


def _refusal(series: str, *, is_whole: bool) -> dict[str, Any] | None:
    """Say why nothing is estimated of this series, if so."""
    if not is_whole:
        return {"status": "not estimable: the population is partial"}
    if series == "births_observed":  # a list that comes a day early or late would look like a step
        return {"status": "not estimable: the days are those of the lists, not of the uploads"}
    return None


def _effect(
    births: pl.DataFrame, release: dict[str, Any], releases: pl.DataFrame, outcome: str, as_of: date
) -> dict[str, Any]:
    if release["date_precision"] != "day":
        return {"status": "not estimable: only the month of the release is known"}
    if outcome == "elsewhere" and release["family"] is None:
        return {"status": "not estimable: the released base is not registered"}
    others = births.filter(pl.col("organization_id").ne_missing(release["organization_id"]))
    if outcome == "elsewhere":
        others = others.filter(pl.col("family").ne_missing(release["family"]))
    first = births["birth_date"].min()
    if not isinstance(first, date):
        return {"status": "not estimable: the community uploaded nothing"}
    daily = _daily(others, first, as_of - timedelta(days=1))  # the day of the list has not ended
    dated = releases.filter(pl.col("date_precision") == "day")["event_date"]
    events = np.array([(day - first).days for day in dated], dtype=np.int64)
    return release_effect(daily, (release["event_date"] - first).days, events)


def _daily(births: pl.DataFrame, first: date, last: date) -> IntArray:
    days = max((last - first).days + 1, 0)
    day = (births["birth_date"] - first).dt.total_days().to_numpy()
    inside = (day >= 0) & (day < days)
    counted = np.bincount(day[inside], births["models"].to_numpy()[inside], minlength=days)
    return counted[:days].astype(np.int64)


def _with_q_values(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    told = [row for row in rows if row.get("p_value") is not None]
    adjusted = benjamini_hochberg(np.array([row["p_value"] for row in told], dtype=np.float64))
    for row, value in zip(told, adjusted, strict=True):
        row["q_value"] = float(value)
    return rows
