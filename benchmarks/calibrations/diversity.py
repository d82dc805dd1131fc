"""Cases of diversity and of derivatives per release: uploaders of known rates or of a known population.

For counts the truth is what the uploaders' own rates say, by the formulas for Poisson numbers; it differs
from draw to draw. For downloads it is the mean over many lists of as many uploaders of the same kind.
"""

import math
from collections.abc import Iterable
from functools import cache

import numpy as np

from benchmarks.calibrations import Case, Interval
from pipelines.analysis.adoption import mean_interval
from pipelines.analysis.diversity import (
    BOOTSTRAPPED,
    NORMAL_95,
    around,
    draw_units,
    plain_measures,
)
from pipelines.analysis.rarefaction import COVERAGE, rarefy

#: Lists by which the truth of a measure of downloads is found; its own error is a twentieth of a list's.
LISTS = 400
#: Above this the mean of k ln k of a Poisson number is taken from its first two moments.
_LARGE = 60.0


def at_coverage(rates: np.ndarray) -> tuple[float, float, float]:
    """Give the Hill numbers of units with these rates, thinned until half of the next would be known."""
    low, high = 0.0, 1.0
    for _ in range(50):
        part = (low + high) / 2
        covered = 1 - (rates * np.exp(-rates * part)).sum() / rates.sum()
        low, high = (low, part) if covered >= COVERAGE else (part, high)
    thinned = rates * high
    size = float(thinned.sum())
    small, large = thinned[thinned <= _LARGE], thinned[thinned > _LARGE]
    k = np.arange(2, 200)
    factorials = np.array([math.lgamma(number + 1) for number in k])
    chance = np.exp(k * np.log(small[:, None]) - small[:, None] - factorials)
    k_log_k = float((chance * k * np.log(k)).sum() + (large * np.log(large) + 0.5).sum())
    richness = float((1 - np.exp(-thinned)).sum())
    entropy = math.log(size) - k_log_k / size
    return richness, math.exp(entropy), 1 / (1 / size + float((thinned**2).sum()) / size**2)


def _rarefied(order: int, uploaders: int, mean: float, spread: float) -> Case:
    def draw(random: np.random.Generator) -> Interval:
        rates = random.lognormal(math.log(mean) - spread**2 / 2, spread, uploaders)
        counts = random.poisson(rates)
        found = rarefy(counts[counts > 0].astype(np.int64))
        if found is None:
            return (np.nan, np.nan, np.nan)
        ratio = found.hill[order] / at_coverage(rates)[order]
        reach = math.exp(NORMAL_95 * found.log_errors[order])
        return (ratio, ratio / reach, ratio * reach)

    setting = f"{uploaders} uploaders, {mean:.0f} derivatives each, lognormal {spread}"
    return Case(estimator=f"hill_{order} at coverage 1/2", setting=setting, truth=1.0, draw=draw)


@cache
def _mean_of_lists(uploaders: int, spread: float) -> dict[str, float]:
    random = np.random.default_rng(11)
    lists = [plain_measures(random.lognormal(0, spread, uploaders)) for _ in range(LISTS)]
    return {name: float(np.mean([one[name] for one in lists])) for name in BOOTSTRAPPED}


def _downloads(name: str, uploaders: int, spread: float) -> Case:
    def draw(random: np.random.Generator) -> Interval:
        weights = random.lognormal(0, spread, uploaders)
        values = plain_measures(weights)
        lower, upper = around(values, draw_units(weights, random))[name]
        return (values[name], lower, upper)

    setting = f"downloads of {uploaders} uploaders, lognormal {spread}"
    return Case(estimator=name, setting=setting, truth=_mean_of_lists(uploaders, spread)[name], draw=draw)


def _multiplier(organizations: int) -> Case:
    """Releases of an organization are alike: their means are lognormal, their numbers geometric."""
    level, spread = 8.0, 0.8

    def draw(random: np.random.Generator) -> Interval:
        releases = random.geometric(0.15, organizations)
        means = level * random.lognormal(-(spread**2) / 2, spread, organizations)
        owner = np.repeat(np.arange(organizations), releases)
        values = random.poisson(means[owner])
        return (float(values.mean()), *mean_interval(values, owner))

    setting = f"{organizations} organizations, releases of one alike"
    return Case(estimator="mean derivatives per release", setting=setting, truth=level, draw=draw)


def cases() -> Iterable[Case]:
    """Give the cases; of downloads those that rest on enough uploaders to be published."""
    for uploaders, mean, spread in ((600, 2.0, 1.0), (600, 4.0, 2.0), (5000, 1.0, 1.5)):
        for order in range(3):
            yield _rarefied(order, uploaders, mean, spread)
    for name in ("hill_1", "gini"):
        yield _downloads(name, 600, 0.7)
    for name in ("hill_2", "hhi"):
        yield _downloads(name, 1500, 0.45)
    for organizations in (20, 60):
        yield _multiplier(organizations)
