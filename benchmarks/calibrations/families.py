"""Families over time: half-lives of flows whose authors upload in clusters, and survival that is seen late.

The truth of each case is that of the process, in closed form.
"""

import math
from collections.abc import Iterable
from functools import partial

import numpy as np
import polars as pl

from benchmarks.calibrations import Case, Interval
from pipelines.analysis.families import HORIZON_DAYS, median_by_age
from pipelines.analysis.migration import wilson
from pipelines.analysis.survival import LANDMARK_DAYS, log_log_interval, product_limit

GROUP = {"series": "births_surviving", "scope": "hub", "includes_variants": True, "family": "simulated"}


def cases() -> Iterable[Case]:
    """Half-lives by number and size of authors, survival by age and censoring, shares of movers."""
    for authors, mean_size in ((30, 1.0), (100, 1.0), (100, 3.0), (400, 5.0)):
        yield Case(
            estimator="half-life of a family's flow",
            setting=f"{authors} authors, {mean_size:g} derivatives each on the average, decay 120 days",
            truth=_decayed(120.0),
            draw=partial(half_life, authors=authors, mean_size=mean_size, decay=120.0),
        )
    for families, mean_life, age in ((60, 900.0, 360), (150, 900.0, 720), (150, 400.0, 720)):
        yield Case(
            estimator="survival of families, delayed entry",
            setting=f"{families} families, mean life {mean_life:g} days, age {age}",
            truth=math.exp(-(age - LANDMARK_DAYS) / mean_life),
            draw=partial(survival, families=families, mean_life=mean_life, age=age),
        )
    for authors, share in ((20, 0.1), (40, 0.3), (200, 0.05)):
        yield Case(
            estimator="share of authors who move",
            setting=f"{authors} authors, {share:.0%} move",
            truth=share,
            draw=partial(moved, authors=authors, share=share),
        )


def _decayed(decay: float) -> float:
    """Median age in whole days of births whose rate decays exponentially and which end at the horizon."""
    middle = -decay * math.log(1 - (1 - math.exp(-(HORIZON_DAYS + 1) / decay)) / 2)
    return float(math.floor(middle))


def half_life(random: np.random.Generator, *, authors: int, mean_size: float, decay: float) -> Interval:
    """Draw authors who come at a decaying rate, with a skewed number of derivatives each."""
    size = random.geometric(1 / mean_size, authors) if mean_size > 1 else np.ones(authors, dtype=np.int64)
    reach = 1 - math.exp(-(HORIZON_DAYS + 1) / decay)
    first = -decay * np.log(1 - reach * random.random(authors))
    author = np.repeat(np.arange(authors), size)
    # Half of an author's derivatives come with the first, the others at ages of their own.
    own = -decay * np.log(1 - reach * random.random(len(author)))
    age = np.where(random.random(len(author)) < 0.5, first[author], own).astype(np.int64)
    row = median_by_age(_summed(author, age)).row(0, named=True)
    return _whole_days(row["half_life_days"], row["lower_days"], row["upper_days"])


def _whole_days(middle: int, lower: int, upper: int | None) -> Interval:
    return float(middle), float(lower), math.inf if upper is None else float(upper)


def _summed(author: np.ndarray, age: np.ndarray) -> pl.DataFrame:
    """Sum derivatives by age as the SQL does."""
    counted = (
        pl.DataFrame({"author": author, "age_days": age}).group_by("author", "age_days").len("derivatives")
    )
    by_then = pl.col("derivatives").cum_sum().over("author", order_by="age_days")
    return (
        counted.sort("author", "age_days")
        .with_columns(by_then=by_then, in_all=pl.col("derivatives").sum().over("author"))
        .with_columns(
            square=pl.col("by_then") ** 2 - (pl.col("by_then") - pl.col("derivatives")) ** 2,
            cross=pl.col("derivatives") * pl.col("in_all"),
            is_first=pl.col("by_then") == pl.col("derivatives"),
        )
        .group_by("age_days")
        .agg(
            pl.col("derivatives").sum().cast(pl.Int64),
            new_authors=pl.col("is_first").sum().cast(pl.Int64),
            square_step=pl.col("square").sum().cast(pl.Float64),
            cross_step=pl.col("cross").sum().cast(pl.Float64),
        )
        .with_columns(pl.lit(value).alias(name) for name, value in GROUP.items())
    )


def survival(random: np.random.Generator, *, families: int, mean_life: float, age: int) -> Interval:
    """Draw families alive at the landmark; a third are older than the data, all are censored at its end."""
    life = LANDMARK_DAYS + np.ceil(random.exponential(mean_life, families * 3)).astype(np.int64)
    is_older = random.random(len(life)) < 1 / 3
    entry = np.where(
        is_older, random.integers(LANDMARK_DAYS, 900, len(life)), random.integers(1, 91, len(life))
    )
    end = entry + random.integers(100, 1500, len(life))
    # Who died before the data begins is never seen.
    seen = np.flatnonzero(life >= entry)[:families]
    leave = np.minimum(life[seen], end[seen])
    curve = product_limit(entry[seen], leave, life[seen] <= end[seen], after=LANDMARK_DAYS)
    place = int(np.searchsorted(curve.days, age, side="right")) - 1
    estimate = float(curve.survival[place])
    return estimate, *log_log_interval(estimate, float(curve.greenwood[place]))


def moved(random: np.random.Generator, *, authors: int, share: float) -> Interval:
    """Draw how many of the authors of one base move to another."""
    count = pl.DataFrame({"moved": [int(random.binomial(authors, share))], "all": [authors]})
    estimate, lower, upper = count.select(
        wilson(pl.col("moved"), pl.col("all"), ["share", "lower", "upper"])
    ).row(0)
    return estimate, lower, upper
