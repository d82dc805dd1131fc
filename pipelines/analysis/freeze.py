"""Freeze: an organization releases nothing more; what exists goes on.

Here: the derivatives that a year of its releases would have brought, by release rate and age curve. Not here:
what is lost if its repositories vanish (shutdown).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.analysis.intervals import NORMAL_95

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

HORIZON_DAYS = 365
#: Below these there is no estimate, only a reason why not. See benchmarks/calibrations/freeze.py.
FEWEST_AT_RISK = 5
FEWEST_RELEASES = 10
FEWEST_DERIVATIVES = 50
FEWEST_BASES_WITH_ANY = 8
#: As many bases as would do if all had equally many derivatives: with fewer, one base is nearly everything.
FEWEST_EQUAL_BASES = 2
LEAST_DATED_SHARE = 0.8
#: A list whose births come from a few chosen bases says nothing about releases in general.
FEWEST_ON_LIST, FEWEST_ROOTS = 500, 100
#: Part of the bases that matter which count as degrees of freedom: what the calibration asked for.
_CAUTION = 0.8
#: The same asked for no fewer: where few bases draw any derivatives, intervals were too wide.
_FEWEST_FREEDOM = 4.0
ESTIMATED = "estimated"
ILLUSTRATION = "illustration: a partial list"
FREEZE: dict[str, Any] = {
    "scope": pl.String,
    "as_of_date": pl.Date,
    "organization_id": pl.String,
    "bases": pl.Int64,
    "releases": pl.Int64,
    "derivatives": pl.Int64,
    "undated_derivatives": pl.Int64,
    "derivatives_a_base": pl.Float64,
    "existing_flow": pl.Float64,
    "loss": pl.Float64,
    "loss_error": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "past_year_flow": pl.Int64,
    "past_year_of_new_bases": pl.Int64,
    "status": pl.String,
}


@dataclass(frozen=True)
class History:
    """What a list shows of an organization's bases; ages are in days since each one's release.

    entry_age, exit_age: when the list began and ceased to show its derivatives. base, age, number: how many
    derivatives a base had at an age, in any order.
    """

    entry_age: IntArray
    exit_age: IntArray
    base: IntArray
    age: IntArray
    number: IntArray


@dataclass(frozen=True)
class Flow:
    """Derivatives expected within the horizon: of releases to come, with its standard error, and of existing
    bases; and how many a base gets within its first horizon."""

    future: float
    error: float
    existing: float
    a_base: float


def freeze(releases: pl.DataFrame, derivatives: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    """Give marts.shutdown_freeze: the derivatives that a year of an organization's releases would bring.

    releases: organization_id, model_id, release_date: first-party roots with a known release. derivatives:
    scope, organization_id, root_id, birth_date, derivatives: those by others than the holder of their root,
    by the root of their main line; organization_id is null where nobody registered holds the root. windows:
    scope, first_date, last_date, is_whole: between which days a list shows births, and whether it covers the
    whole Hub; if not, what would be an estimate is an illustration. Only the past year of births is used, as
    in a period life table: older ones were those of a smaller ecosystem.

    Organizations without a derivative in that year have no row for the list.
    """
    rows = []
    listed = windows.select("scope", "first_date", "last_date", "is_whole").sort("scope")
    for scope, first, last, is_whole in listed.iter_rows():
        seen = derivatives.filter(pl.col("scope") == scope)
        past_year = seen.filter((pl.lit(last) - pl.col("birth_date")).dt.total_days() < HORIZON_DAYS)
        shared = {"scope": scope, "as_of_date": last, "past_year_flow": past_year["derivatives"].sum()}
        watched_days = min((last - first).days + 1, HORIZON_DAYS)
        thin = _thin_list(past_year, watched_days)
        held = past_year.drop_nulls("organization_id").partition_by("organization_id", as_dict=True)
        for (organization,), born in sorted(held.items()):
            own = releases.filter(pl.col("organization_id") == organization, pl.col("release_date") <= last)
            history = _history(own, born, last, watched_days)
            total = born["derivatives"].to_numpy().sum()
            row = _row(history, int(total), thin, ESTIMATED if is_whole else ILLUSTRATION)
            rows.append(shared | {"organization_id": organization} | row)
    return pl.DataFrame(rows, schema=FREEZE)


def _history(releases: pl.DataFrame, born: pl.DataFrame, last: date, watched_days: int) -> History:
    """Put bases and births into ages; leave derivatives of undated bases out, and those older than theirs."""
    bases = releases.sort("model_id").with_columns(base=pl.int_range(pl.len(), dtype=pl.Int64))
    exit_age = bases.select((pl.lit(last) - pl.col("release_date")).dt.total_days()).to_series().to_numpy()
    dated = born.join(bases, left_on="root_id", right_on="model_id").with_columns(
        age=(pl.col("birth_date") - pl.col("release_date")).dt.total_days()
    )
    dated = dated.filter(pl.col("age") >= 0).sort("base", "age")
    return History(
        entry_age=np.maximum(exit_age - (watched_days - 1), 0),
        exit_age=exit_age,
        base=dated["base"].to_numpy(),
        age=dated["age"].to_numpy(),
        number=dated["derivatives"].to_numpy(),
    )


def _row(history: History, total: int, thin: str | None, status: str) -> dict[str, Any]:
    """Count, and estimate where there is enough to do so.

    total: derivatives of the past year. thin: why the list allows no estimate. status: that of an estimate.
    """
    dated = int(history.number.sum())
    is_new = history.exit_age[history.base] < HORIZON_DAYS
    counts = {
        "bases": len(history.exit_age),
        "releases": int((history.exit_age < HORIZON_DAYS).sum()),
        "derivatives": total,
        "undated_derivatives": total - dated,
        "past_year_of_new_bases": int(history.number[is_new].sum()),
    }
    reason = thin or too_little(history, dated, total)
    if reason:
        return counts | {"status": f"not estimable: {reason}"}
    flow = expected_flow(history)
    lower, upper = interval(flow.future, flow.error)
    return counts | {
        "derivatives_a_base": round(flow.a_base, 6),
        "existing_flow": round(flow.existing, 6),
        "loss": round(flow.future, 6),
        "loss_error": round(flow.error, 6),
        "lower": round(lower, 6),
        "upper": round(upper, 6),
        "status": status,
    }


def _thin_list(seen: pl.DataFrame, watched_days: int) -> str | None:
    if watched_days < HORIZON_DAYS:
        return f"the list tells births of {watched_days} days; it takes {HORIZON_DAYS}"
    births, roots = seen["derivatives"].sum(), seen["root_id"].n_unique()
    if births >= FEWEST_ON_LIST and roots >= FEWEST_ROOTS:
        return None
    return (
        f"the list tells the birth of {births} derivatives of {roots} roots; it takes {FEWEST_ON_LIST} of "
        f"{FEWEST_ROOTS}"
    )


def too_little(history: History, dated: int, total: int) -> str | None:
    """Say why there is no estimate, or nothing where there is enough for one."""
    at_risk = _watched(history)
    releases = int((history.exit_age < HORIZON_DAYS).sum())
    with_any = len(np.unique(history.base))
    if dated < LEAST_DATED_SHARE * total:
        return f"the release of the base is known for {dated} of {total} derivatives"
    if dated < FEWEST_DERIVATIVES or with_any < FEWEST_BASES_WITH_ANY:
        needed = f"it takes {FEWEST_DERIVATIVES} of {FEWEST_BASES_WITH_ANY}"
        return f"{dated} derivatives of {with_any} bases; {needed}"
    equal = _equal_bases(_young_derivatives(history))
    if equal < FEWEST_EQUAL_BASES:
        return f"as uneven as if {equal:.1f} bases had all derivatives; it takes {FEWEST_EQUAL_BASES}"
    if releases < FEWEST_RELEASES:
        return f"{releases} releases in the past year; it takes {FEWEST_RELEASES}"
    if at_risk.min() < FEWEST_AT_RISK:
        return f"at some age below a year only {at_risk.min()} bases were watched; it takes {FEWEST_AT_RISK}"
    return None


def expected_flow(history: History) -> Flow:
    """Estimate the flow of derivatives within the horizon h, of releases to come and of what exists.

    future = rate x sum over a < h of m(a) x (h - a): a base released at any day of the horizon has so much of
    it before it. rate: releases of the past h days, a day. m(a): derivatives born at age a, by those bases
    that the list watched at that age (mean cumulative function of Nelson 2003, here with delayed entry).

    error: what a bootstrap with Poisson weights a base gives (their number varies too), to first order: the
    root of the sum of squares of each base's influence on `future`. Stretched as Student's t is against the
    normal, with degrees of freedom by how many bases matter (four fifths of Kish's effective size by their
    derivatives, less one, but four at least): few bases have most derivatives.

    existing = sum over bases of m from the age of today on, over h days; ages that fewer than FEWEST_AT_RISK
    bases were watched at count nothing: it is a lower bound.
    """
    young = history.age < HORIZON_DAYS
    base, age, number = history.base[young], history.age[young], history.number[young]
    watched = _watched(history).astype(np.float64)
    born = np.bincount(age, weights=number, minlength=HORIZON_DAYS)
    curve = np.divide(born, watched, out=np.zeros(HORIZON_DAYS), where=watched > 0)
    days_left = HORIZON_DAYS - np.arange(HORIZON_DAYS)
    is_release = (history.exit_age < HORIZON_DAYS).astype(np.float64)
    rate, a_release = is_release.sum() / HORIZON_DAYS, float(curve @ days_left)

    # Each base's part in the curve: its own derivatives less what was expected of it while it was watched.
    each = np.divide(days_left, watched, out=np.zeros(HORIZON_DAYS), where=watched > 0)
    expected = np.concatenate([[0.0], np.cumsum(each * curve)])
    entry, after = (np.minimum(ages, HORIZON_DAYS) for ages in (history.entry_age, history.exit_age + 1))
    bases = len(history.exit_age)
    own = np.bincount(base, weights=number * each[age], minlength=bases) - (expected[after] - expected[entry])
    influence = is_release / HORIZON_DAYS * a_release + rate * own
    error = float(np.sqrt((influence**2).sum()))
    return Flow(
        future=float(rate * a_release),
        error=error * _stretch(_young_derivatives(history)),
        existing=_existing(history),
        a_base=float(curve.sum()),
    )


def _stretch(derivatives: FloatArray) -> float:
    from scipy.special import stdtrit  # noqa: PLC0415 - heavy, and only this function needs it

    return float(stdtrit(max(_CAUTION * _equal_bases(derivatives) - 1, _FEWEST_FREEDOM), 0.975)) / NORMAL_95


def _young_derivatives(history: History) -> FloatArray:
    """Derivatives of each base while it was younger than the horizon."""
    young = history.age < HORIZON_DAYS
    return np.bincount(
        history.base[young], weights=history.number[young], minlength=len(history.exit_age)
    ).astype(np.float64)


def _equal_bases(derivatives: FloatArray) -> float:
    """Kish's effective size: how many bases with equally many derivatives would be as uneven; 0 of none."""
    squares = float((derivatives**2).sum())
    return float(derivatives.sum()) ** 2 / squares if squares else 0.0


def interval(loss: float, error: float) -> tuple[float, float]:
    """Give the 95 % interval of a loss, whose estimate is taken as log-normal with the loss as its mean.

    For several organizations: the sum of losses, and the root of the sum of squares of errors.
    """
    if loss <= 0:
        return loss, loss
    variance = float(np.log1p((error / loss) ** 2))
    middle, spread = np.log(loss) + variance / 2, NORMAL_95 * variance**0.5
    return float(np.exp(middle - spread)), float(np.exp(middle + spread))


def _watched(history: History) -> IntArray:
    """How many bases were watched at each age below the horizon."""
    entries = np.bincount(np.minimum(history.entry_age, HORIZON_DAYS), minlength=HORIZON_DAYS + 1)
    exits = np.bincount(np.minimum(history.exit_age + 1, HORIZON_DAYS), minlength=HORIZON_DAYS + 1)
    watched: IntArray = np.cumsum(entries - exits)[:HORIZON_DAYS]
    return watched


def _existing(history: History) -> float:
    """Flow of the existing bases over the next horizon, as far as somebody was watched at their age."""
    oldest = int(history.exit_age.max(initial=0)) + 1
    entries = np.bincount(history.entry_age, minlength=oldest + 1)[: oldest + 1]
    exits = np.bincount(history.exit_age + 1, minlength=oldest + 1)[: oldest + 1]
    watched = np.cumsum(entries - exits)[:oldest]
    births = np.bincount(history.age, weights=history.number, minlength=oldest)[:oldest]
    is_known = watched >= FEWEST_AT_RISK
    curve = np.divide(births, watched, out=np.zeros(oldest), where=is_known)
    total = np.concatenate([[0.0], np.cumsum(curve)])
    begin = np.minimum(history.exit_age + 1, oldest)
    end = np.minimum(history.exit_age + 1 + HORIZON_DAYS, oldest)
    return float((total[end] - total[begin]).sum())
