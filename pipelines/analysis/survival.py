"""Survival with delayed entry and censoring.

Here: the product-limit estimate for subjects that come under observation late and may outlive it, and with it
the lives of families of models. Not here: what counts as a birth or a death (sql/marts/family_lives.sql).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.analysis.intervals import NORMAL_95

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

#: The curve is one of families that reached this age: by then each is born that ever will be.
LANDMARK_DAYS = 90
#: Ages at which the curve is read.
AGES_DAYS = tuple(range(LANDMARK_DAYS, 5 * 365 + 1, 90))
#: With fewer at risk one death moves the curve by a tenth and more.
LEAST_AT_RISK = 10
DECIMALS = 9
_GROUP = ["series", "scope", "includes_variants"]


@dataclass(frozen=True)
class Curve:
    """A survival curve, one place a day on which somebody died, in order of time.

    `greenwood` is the sum of d / (n (n - d)) up to that day, infinite once nobody is left.
    """

    days: IntArray
    at_risk: IntArray
    deaths: IntArray
    survival: FloatArray
    greenwood: FloatArray


def product_limit(entry: IntArray, leave: IntArray, is_dead: npt.NDArray[np.bool_], *, after: int) -> Curve:
    """Estimate P(T > t | T > after) from subjects seen on the days `entry` to `leave`, both included.

    A subject is at risk on every day that it was seen, and dies on the last or is censored after it. The
    estimate is the product of 1 - d / n over the days of death after `after` (Kaplan and Meier 1958, Journal
    of the American Statistical Association 53, 457; with delayed entry Lynden-Bell 1971), d the deaths of the
    day, n those at risk on it. Raises ValueError where one leaves before it enters.
    """
    if np.any(leave < entry):
        raise ValueError("a subject leaves before it enters.")
    days, deaths = np.unique(leave[is_dead & (leave > after)], return_counts=True)
    risk = at_risk(entry, leave, days)
    with np.errstate(divide="ignore"):
        steps = deaths / (risk * (risk - deaths).astype(np.float64))
    survival = np.cumprod(1 - deaths / risk, dtype=np.float64)
    return Curve(days, risk, deaths, survival, np.cumsum(steps, dtype=np.float64))


def at_risk(entry: IntArray, leave: IntArray, days: IntArray) -> IntArray:
    """Count the subjects that were seen on each of the days."""
    entered = np.searchsorted(np.sort(entry), days, side="right")
    left = np.searchsorted(np.sort(leave), days, side="left")
    return entered - left


def log_log_interval(survival: float, greenwood: float) -> tuple[float, float]:
    """Give the 95 % interval of a survival share.

    S ** exp(+-z s) with s = sqrt(greenwood) / |log S|: symmetric on the scale of log(-log S), so it stays
    within 0 and 1 (Kalbfleisch and Prentice 1980). Both ends are nan where S is 0 or 1: there the scale ends.
    """
    if not 0 < survival < 1:
        return np.nan, np.nan
    width = np.exp(NORMAL_95 * np.sqrt(greenwood) / -np.log(survival))
    return float(survival**width), float(survival ** (1 / width))


def family_survival(lives: pl.DataFrame) -> pl.DataFrame:
    """Give the survival of families by age, as sql/marts/family_survival.sql declares it.

    lives: one row a series, scope, includes_variants and family, with is_illustration, entry_days and
    exit_days (ages between which it was followed; null where it was not) and is_dead.
    """
    parts = [
        _curve_rows(group).with_columns(
            pl.lit(value).alias(name) for name, value in zip(_GROUP, key, strict=True)
        )
        for key, group in sorted(lives.group_by(_GROUP), key=lambda part: str(part[0]))
    ]
    return pl.concat(parts).select(list(_SCHEMA)) if parts else pl.DataFrame(schema=_SCHEMA)


_SCHEMA: dict[str, type[pl.DataType]] = {
    "series": pl.String,
    "scope": pl.String,
    "includes_variants": pl.Boolean,
    "age_days": pl.Int64,
    "is_illustration": pl.Boolean,
    "at_risk": pl.Int64,
    "deaths": pl.Int64,
    "least_at_risk": pl.Int64,
    "survival": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "status": pl.String,
}


def _curve_rows(group: pl.DataFrame) -> pl.DataFrame:
    """Read one population's curve at each of AGES_DAYS."""
    is_illustration = bool(group["is_illustration"].any())
    followed = group.filter(pl.col("entry_days").is_not_null() & pl.col("exit_days").is_not_null())
    entry, leave = (followed[name].to_numpy() for name in ("entry_days", "exit_days"))
    curve = product_limit(entry, leave, followed["is_dead"].to_numpy(), after=LANDMARK_DAYS)
    risk = at_risk(entry, leave, np.array(AGES_DAYS))
    rows = [
        _row(curve, age, int(count), is_illustration=is_illustration)
        for age, count in zip(AGES_DAYS, risk, strict=True)
    ]
    schema = {name: kind for name, kind in _SCHEMA.items() if name not in _GROUP}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _row(curve: Curve, age: int, risk: int, *, is_illustration: bool) -> tuple[object, ...]:
    """Give one row of the table, in the order of _SCHEMA without the group."""
    passed = int(np.searchsorted(curve.days, age, side="right"))
    deaths = int(curve.deaths[:passed].sum())
    least = min([risk, *curve.at_risk[:passed].tolist()])
    survival, greenwood = (curve.survival[passed - 1], curve.greenwood[passed - 1]) if passed else (1.0, 0.0)
    lower, upper = log_log_interval(float(survival), float(greenwood))
    counted = (age, is_illustration, risk, deaths, least)
    if is_illustration:
        return (*counted, None, None, None, "not estimable: silence in a partial list is no death")
    if least < LEAST_AT_RISK:
        thin = f"not estimable: {least} families at risk up to this age; it takes {LEAST_AT_RISK}"
        return (*counted, None, None, None, thin)
    share = round(float(survival), DECIMALS)
    if np.isnan(lower):
        return (*counted, share, None, None, "estimated without interval: no death up to this age")
    return (*counted, share, round(lower, DECIMALS), round(upper, DECIMALS), "estimated")
