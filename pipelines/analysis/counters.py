"""The audit of 30-day counters that were read day by day, without the all-time counter beside them.

Here: what such a series can be told from alone. That it contradicts itself (`infeasible`), that it repeats
itself too often for its volume (`stuck`, `list_stuck`), that it jumps, that days are missing (`gap`). Not
here: lists that tell the all-time counter too (sql/marts/counter_ledger), and any estimate of daily
downloads: they are never backed out of a rolling count.

A counter d reads as the sum of the daily downloads x of the thirty days up to its day, so
d(t) - d(t-1) = x(t) - x(t-30). That, and x >= 0, is all that is used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

STRIDE_DAYS = 30
WINDOW_DAYS = 60
#: A contradiction below either is let pass. A reading that is a day off is off by a thirtieth.
TOLERATED_DOWNLOADS = 10
TOLERATED_SHARE = 0.05
#: Below this counter nothing is called stuck or a jump: light models do stand still.
LEAST_DOWNLOADS = 1000
#: A run of repeats is a finding when it is less likely than this; a series has some 10^5 model days.
STUCK_LIKELIHOOD = 1e-6
#: A whole list stood still when at least half of at least so many models repeat.
LEAST_MODELS = 20
JUMP_RATIO = 100.0
#: Jumps by the model's own measure: robust z-score, and at least so many times up or down.
JUMP_Z = 20.0
LEAST_JUMP_RATIO = 2.0
LEAST_CHANGES = 20
#: Day-to-day noise is taken to be at least one percent: a constant series has none.
LEAST_NOISE = 0.01

_EPOCH = date(1970, 1, 1).toordinal()

SCHEMA: dict[str, Any] = {
    "scope": pl.String, "snapshot_date": pl.Date, "model_id": pl.String, "finding": pl.String,
    "compared_date": pl.Date, "downloads_30d": pl.Int64, "lower": pl.Int64, "upper": pl.Int64,
    "days": pl.Int64, "likelihood": pl.Float64, "is_list_wide": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True)
class _Series:
    """One scope as a matrix: `counts[day, model]`, NaN where the model was not read on the day."""

    scope: str
    days: list[date]
    models: list[str]
    counts: Floats

    def row(self, finding: str, day: int, model: int, compared: int, **told: Any) -> dict[str, Any]:
        plain: dict[str, Any] = {
            "scope": self.scope, "snapshot_date": self.days[day], "model_id": self.models[model],
            "finding": finding, "compared_date": self.days[compared],
            "downloads_30d": int(self.counts[day, model]), "lower": None, "upper": None,
            "days": day - compared, "likelihood": None, "is_list_wide": False,
        }  # fmt: skip
        return plain | told


def series_findings(series: pl.DataFrame) -> pl.DataFrame:
    """Audit daily counters: a row a finding.

    `series` has scope, date, model_id (unique together) and downloads_30d (null: not told). The findings:

    - `infeasible`: no daily downloads >= 0 have these rolling sums, see `required_downloads`; by more than
      10 downloads and 5 percent. Between compared_date and snapshot_date, at most 60 days; `lower` is what
      the counter must have been at least on compared_date, `upper` what it was. Readings that repeat the day
      before while the whole list stood still count as missing.
    - `stuck`: `days` neighbouring readings in a row repeat the one before. Two days' downloads of mean
      m = d/30 are equal with probability exp(-2m) I0(2m) if they are Poisson, and less often if they vary
      more (Skellam, J. R. Stat. Soc. 109, 1946); where a model repeated itself in the sixty days before more
      often than that, its own share stands instead (repeats + 1) / (pairs + 2), since bursts are quiet in
      between. The likelihood is that to the power of the repeats. From 1,000 downloads on.
    - `list_stuck`: on this day at least half of at least 20 models from 1,000 downloads on repeat the day
      before: the Hub or the collector stood still, and what was read is a day old. One row a model that
      repeats; likelihood: of so many repeats at once, a binomial tail with the lightest model's probability.
    - `jump`: from one day to the next a hundredfold, or twofold and twenty robust standard deviations
      (1.4826 MAD of the log ratios of the sixty days before, at least twenty of them, at least one percent).
      `lower` and `upper` are what ten of these deviations around the median would have let expect.
    - `gap`: days between two readings of a model are missing; `days` counts them. `is_list_wide` when the
      whole list was not read on any of them.
    """
    rows: list[dict[str, Any]] = []
    for (scope,), part in sorted(series.group_by("scope"), key=lambda item: str(item[0][0])):
        matrix = _matrix(str(scope), part)
        stood_still = _stood_still(matrix.counts)
        rows += _list_stuck(matrix, stood_still)
        rows += _stuck(matrix, stood_still)
        rows += _jumps(matrix)
        rows += _gaps(matrix)
        rows += _infeasible(matrix, stood_still)
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort(
        "scope", "snapshot_date", "model_id", "finding"
    )


def _matrix(scope: str, part: pl.DataFrame) -> _Series:
    told = part.filter(pl.col("downloads_30d").is_not_null(), pl.col("date").is_not_null())
    models = told["model_id"].unique().sort()
    if told.is_empty():
        return _Series(scope, [], [], np.empty((0, 0)))
    numbers = told["date"].to_physical().to_numpy()  # days since 1970
    first = int(numbers.min())
    days = [date.fromordinal(_EPOCH + day) for day in range(first, int(numbers.max()) + 1)]
    counts = np.full((len(days), len(models)), np.nan)
    at_model = np.searchsorted(models.to_list(), told["model_id"].to_list())
    counts[numbers - first, at_model] = told["downloads_30d"].to_numpy()
    return _Series(scope, days, models.to_list(), counts)


def required_downloads(window: Floats) -> Floats:
    """Give for each model how many downloads its window proves to lie in the thirty days up to its first day.

    `window[day, model]` holds at most 60 readings of neighbouring days, NaN where missing; the first one
    must be there. Downloads of a day are those of thirty days before plus the step of the counter, so along
    each residue class of days modulo 30 the partial sums of steps must not take them below zero: what the
    class began with is at least the deepest partial sum, and all classes together began with the counter of
    the first day. Without missing days this is exact: there are non-negative daily downloads if and only if
    the result is at most `window[0]`. Across missing days only the sum of their classes is known; the result
    is then a lower bound, and what exceeds the counter is a contradiction all the same.
    """
    padded = np.full((WINDOW_DAYS, window.shape[1]), np.nan)
    padded[: len(window)] = window
    falls = _falls(padded[: STRIDE_DAYS + 1])
    both = padded[:STRIDE_DAYS] + padded[STRIDE_DAYS:]  # NaN unless read on both days of a class
    sum_before, falls_before = both[0].copy(), falls[0].copy()
    extra = np.zeros(window.shape[1])
    for offset in range(1, STRIDE_DAYS):
        known = ~np.isnan(both[offset])
        deeper = sum_before - both[offset] - (falls[offset] - falls_before)
        extra += np.where(known & (deeper > 0), deeper, 0)  # NaN is not > 0: no earlier boundary
        sum_before = np.where(known, both[offset], sum_before)
        falls_before = np.where(known, falls[offset], falls_before)
    total: Floats = falls[STRIDE_DAYS] + extra
    return total


def _falls(readings: Floats) -> Floats:
    """Give for each day the sum of all falls up to it, a missing day taken for the one before."""
    before = readings[0].copy()
    falls = np.zeros_like(readings)
    for day in range(1, len(readings)):
        now = np.where(np.isnan(readings[day]), before, readings[day])
        falls[day] = falls[day - 1] + np.maximum(before - now, 0)
        before = now
    return falls


def _exceeds(required: Floats, first: Floats) -> Flags:
    excess = required - first
    return (excess > TOLERATED_DOWNLOADS) & (excess > TOLERATED_SHARE * first)


def _infeasible(series: _Series, stood_still: Flags) -> Iterator[dict[str, Any]]:
    """Report each contradiction once: the next window of a model begins after the day on which it showed."""
    counts = np.where(_repeats(series.counts) & stood_still[:, None], np.nan, series.counts)
    reported_until = np.full(counts.shape[1], -1)
    for start in range(len(counts)):
        window = counts[start : start + WINDOW_DAYS]
        is_broken = _exceeds(required_downloads(window), window[0]) & (start > reported_until)
        for model in np.flatnonzero(is_broken).tolist():
            length, required = _shortest(window[:, [model]])
            reported_until[model] = start + length - 1
            yield series.row(
                "infeasible", start + length - 1, model, start,
                lower=int(required), upper=int(window[0, model]),
            )  # fmt: skip


def _shortest(window: Floats) -> tuple[int, float]:
    """Give length and requirement of the shortest part from its first day on that contradicts itself.

    More days never require less, so the length is found by halving.
    """
    agreeing, broken = 1, len(window)
    while broken - agreeing > 1:
        middle = (agreeing + broken) // 2
        is_broken = _exceeds(required_downloads(window[:middle]), window[0])[0]
        agreeing, broken = (agreeing, middle) if is_broken else (middle, broken)
    return broken, float(required_downloads(window[:broken])[0])


def _repeats(counts: Floats) -> Flags:
    """Whether a reading equals that of the day before; both must be there."""
    repeats = np.zeros(counts.shape, dtype=bool)
    repeats[1:] = counts[1:] == counts[:-1]
    return repeats


def equal_days_probability(downloads_30d: Floats) -> Floats:
    """Give the probability that two days have equally many downloads, at d/30 a day, if they are Poisson."""
    from scipy.special import ive  # noqa: PLC0415

    probability: Floats = ive(0, 2 * np.asarray(downloads_30d, dtype=np.float64) / STRIDE_DAYS)
    return probability


def _stood_still(counts: Floats) -> Flags:
    """Whether the whole list stood still on a day, a flag a day."""
    heavy, repeating = _heavy_pairs(counts)
    models = heavy.sum(axis=1)
    stood_still: Flags = (models >= LEAST_MODELS) & (2 * repeating.sum(axis=1) >= models)
    return stood_still


def _heavy_pairs(counts: Floats) -> tuple[Flags, Flags]:
    """Which models have this day and the day before, the day before heavy; and which of them repeat."""
    heavy = np.zeros(counts.shape, dtype=bool)
    heavy[1:] = ~np.isnan(counts[1:]) & (counts[:-1] >= LEAST_DOWNLOADS)
    return heavy, heavy & _repeats(counts)


def _list_stuck(series: _Series, stood_still: Flags) -> Iterator[dict[str, Any]]:
    from scipy.special import bdtrc  # noqa: PLC0415

    heavy, repeating = _heavy_pairs(series.counts)
    at_most = float(equal_days_probability(np.array([LEAST_DOWNLOADS]))[0])
    for day in np.flatnonzero(stood_still).tolist():
        count = repeating[day].sum()
        likelihood = float(bdtrc(count - 1, heavy[day].sum(), at_most))
        for model in np.flatnonzero(repeating[day]).tolist():
            yield series.row(
                "list_stuck", day, model, day - 1, likelihood=_rounded(likelihood), is_list_wide=True
            )


def _stuck(series: _Series, stood_still: Flags) -> Iterator[dict[str, Any]]:
    """Runs of repeats; days on which the whole list stood still say nothing of a model, and end a run."""
    counts = series.counts
    repeats = _repeats(counts) & ~stood_still[:, None]
    pairs = np.zeros(counts.shape, dtype=bool)
    pairs[1:] = ~np.isnan(counts[1:]) & ~np.isnan(counts[:-1])
    pairs &= ~stood_still[:, None]
    for model, first, last in _runs(repeats):
        if counts[last, model] < LEAST_DOWNLOADS or last == first:
            continue
        before = slice(max(0, first - WINDOW_DAYS), first)
        own = (repeats[before, model].sum() + 1) / (pairs[before, model].sum() + 2)
        chance = max(float(equal_days_probability(counts[[last], model])[0]), float(own))
        likelihood = chance ** (last - first + 1)
        if likelihood < STUCK_LIKELIHOOD:
            yield series.row("stuck", last, model, first - 1, likelihood=_rounded(likelihood))


def _runs(flags: Flags) -> Iterator[tuple[int, int, int]]:
    """Give (column, first row, last row) of each unbroken run of true flags."""
    edges = np.diff(np.pad(flags.T.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    for (model, first), (_, after) in zip(starts.tolist(), ends.tolist(), strict=True):
        yield model, first, after - 1


def _jumps(series: _Series) -> Iterator[dict[str, Any]]:
    counts = series.counts
    ratios = np.full(counts.shape, np.nan)
    ratios[1:] = np.log(np.maximum(counts[1:], 1)) - np.log(np.maximum(counts[:-1], 1))
    heavier = np.zeros(counts.shape)
    heavier[1:] = np.fmax(counts[1:], counts[:-1])
    with np.errstate(invalid="ignore"):
        candidates = (np.abs(ratios) >= np.log(LEAST_JUMP_RATIO)) & (heavier >= LEAST_DOWNLOADS)
    for day, model in np.argwhere(candidates).tolist():
        ratio = ratios[day, model]
        center, noise = _noise(ratios[max(0, day - WINDOW_DAYS) : day, model])
        is_jump = abs(ratio) >= np.log(JUMP_RATIO) - 1e-12
        if is_jump or (noise is not None and abs(ratio - center) >= JUMP_Z * noise):
            before = counts[day - 1, model]
            margin = None if noise is None else JUMP_Z / 2 * noise
            yield series.row(
                "jump", day, model, day - 1,
                lower=None if margin is None else int(before * np.exp(center - margin)),
                upper=None if margin is None else int(before * np.exp(center + margin)),
            )  # fmt: skip


def _noise(ratios: Floats) -> tuple[float, float | None]:
    """Give median and robust standard deviation of a model's changes; None where they are too few."""
    known = ratios[~np.isnan(ratios)]
    if len(known) < LEAST_CHANGES:
        return 0.0, None
    center = float(np.median(known))
    return center, max(LEAST_NOISE, 1.4826 * float(np.median(np.abs(known - center))))


def _gaps(series: _Series) -> Iterator[dict[str, Any]]:
    missing = np.isnan(series.counts)
    is_unread = np.asarray(missing.all(axis=1))
    for model, first, last in _runs(missing):
        if first == 0 or last == len(missing) - 1:
            continue  # before the first reading and after the last one nothing is missing
        yield series.row(
            "gap", last + 1, model, first - 1,
            days=last - first + 1, is_list_wide=bool(is_unread[first : last + 1].all()),
        )  # fmt: skip


def _rounded(likelihood: float) -> float:
    """Three digits: the order of magnitude is what counts, and more would differ between machines."""
    return float(f"{likelihood:.2e}")
