"""Cases of the event study: a Hub whose uploads step up by a known part on a known day.

Weekly uploads grow steadily with noise that lasts from week to week; other big releases stand around at real
distances. The effect is that of the release in the middle.
"""

from collections.abc import Iterable

import numpy as np

from benchmarks.calibrations import Case, Interval
from pipelines.analysis.events import release_effect

DAYS = 4 * 365
#: Days of big releases, as far apart as the registered ones of 2022 to 2024; the fourth is estimated.
RELEASES = np.array([173, 366, 503, 650, 778, 874, 1056])
EVENT = 650
GROWTH_A_WEEK = 0.004


def uploads(
    random: np.random.Generator, effect: float, lasting: float, noise: float, weekly: float
) -> np.ndarray:
    """Draw daily uploads: noise of `noise` a week, `lasting` of which lasts into the next week."""
    weeks = DAYS // 7 + 1
    shocks = random.normal(0, noise * np.sqrt(1 - lasting**2), weeks)
    state = np.empty(weeks)
    state[0] = random.normal(0, noise)
    for week in range(1, weeks):
        state[week] = lasting * state[week - 1] + shocks[week]
    day = np.arange(DAYS)
    level = GROWTH_A_WEEK * day / 7 + np.repeat(state, 7)[:DAYS]
    level += effect * (day[:, None] >= RELEASES).sum(axis=1)
    return random.poisson(weekly / 7 * np.exp(level))


def _case(effect: float, lasting: float, noise: float, weekly: float) -> Case:
    def draw(random: np.random.Generator) -> Interval:
        told = release_effect(uploads(random, effect, lasting, noise, weekly), EVENT, RELEASES)
        if told["status"] != "estimated":
            return (np.nan, np.nan, np.nan)
        return (told["effect"], told["lower"], told["upper"])

    setting = f"step of {effect}, {weekly:.0f} uploads a week, noise {noise}, of which {lasting} lasts"
    return Case(estimator="release effect", setting=setting, truth=effect, draw=draw)


def cases() -> Iterable[Case]:
    """Give the cases."""
    yield _case(0.0, 0.0, 0.0, 700)
    yield _case(0.2, 0.0, 0.05, 700)
    yield _case(0.2, 0.5, 0.08, 5000)
    yield _case(0.2, 0.7, 0.10, 5000)
    yield _case(0.0, 0.85, 0.15, 5000)
