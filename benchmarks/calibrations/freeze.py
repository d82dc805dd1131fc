"""Freeze: a company releases bases at a steady rate; each draws derivatives, many or few, fewer as it ages.

Truth is the expected number of derivatives, within a year, of the bases that it would release in that year.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmarks.calibrations import Case, Interval
from pipelines.analysis.freeze import HORIZON_DAYS, History, expected_flow, interval, too_little

#: Releases of three years, of which the births of the last one are used: the older bases enter late.
YEARS, WATCHED_YEARS = 3, 1
HALF_LIFE_DAYS = 90.0
MEAN_DERIVATIVES = 40.0


def cases() -> Iterator[Case]:
    """Few and many releases, even and heavy-tailed success, and many releases of which most go unnoticed."""
    for a_year, spread, noticed in (
        (12, 1.0, 1.0),
        (12, 1.5, 1.0),
        (30, 1.0, 1.0),
        (30, 1.5, 1.0),
        (100, 1.5, 1.0),
        (60, 1.0, 0.1),
        (20, 1.0, 0.2),
    ):
        yield Case(
            estimator="freeze: loss of a year",
            setting=f"{a_year} releases a year, {noticed:.0%} noticed, log-normal success, sigma {spread}",
            truth=_truth(a_year),
            draw=partial(_draw, a_year, spread, noticed),
            draws=2000,
        )


def _truth(a_year: float) -> float:
    age = np.arange(HORIZON_DAYS)
    rate = MEAN_DERIVATIVES * (0.5 ** (age / HALF_LIFE_DAYS) - 0.5 ** ((age + 1) / HALF_LIFE_DAYS))
    return float(a_year / HORIZON_DAYS * (rate * (HORIZON_DAYS - age)).sum())


def _draw(a_year: float, spread: float, noticed: float, random: np.random.Generator) -> Interval:
    days = YEARS * HORIZON_DAYS
    bases = random.poisson(a_year * YEARS)
    exit_age = random.integers(0, days, bases)
    entry_age = np.maximum(exit_age - (WATCHED_YEARS * HORIZON_DAYS - 1), 0)
    success = MEAN_DERIVATIVES * np.exp(spread * random.standard_normal(bases) - spread**2 / 2)
    number = random.poisson(success * (random.random(bases) < noticed) / noticed)
    base = np.repeat(np.arange(bases), number)
    age = np.floor(random.exponential(HALF_LIFE_DAYS / np.log(2), len(base))).astype(np.int64)
    is_seen = (age >= entry_age[base]) & (age <= exit_age[base])
    base, age = base[is_seen], age[is_seen]
    history = History(entry_age, exit_age, base, age, np.ones(len(base), dtype=np.int64))
    if too_little(history, len(base), len(base)):
        return np.nan, np.nan, np.nan
    flow = expected_flow(history)
    return flow.future, *interval(flow.future, flow.error)
