"""The week that has not ended: how much of a week's births has come by the end of each of its days.

Here: the profile of the last full weeks and its interval. Not here: applying it to the week that runs
(sql/marts/explosion_weekly.sql), growth.
"""

import numpy as np
import polars as pl

PROFILE_WEEKS = 26
LEAST_PROFILE_WEEKS = 8
LEAST_BIRTHS_A_WEEK = 30
ESTIMATED = "estimated"


def weekly_profile(days: pl.DataFrame) -> pl.DataFrame:
    """Give how much of a week has come by the end of each day; see sql/marts/weekly_profile.sql.

    days: series, scope, universe, as_of_date, birth_date, models, last_full_date; whole lists, the last half
    year. The interval is Student's for one further week, of ln((still to come + 1/2) / (come + 1/2)), which
    the spread of the weeks gives; what it holds is any single week, not the mean.
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - heavy, and only this function needs it

    keys = ["series", "scope", "universe", "as_of_date"]
    weeks = _full_weeks(days)
    still = pl.col("births") - pl.col("come")
    odds = ((still + 0.5) / (pl.col("come") + 0.5)).log()
    places = pl.DataFrame({"days": np.arange(1, 7, dtype=np.int64)})
    spread = (
        weeks.unpivot([f"come_{day}" for day in range(1, 7)], index=[*keys, "births"], value_name="come")
        .with_columns(days=pl.col("variable").str.slice(5).cast(pl.Int64))
        .group_by(*keys, "days")
        .agg(weeks=pl.len(), middle=odds.mean(), deviation=odds.std(), births=pl.col("births").mean())
    )
    profile = (
        days.select(keys).unique().join(places, how="cross").join(spread, on=[*keys, "days"], how="left")
    )
    profile = profile.with_columns(weeks=pl.col("weeks").fill_null(0).cast(pl.Int64)).sort(*keys, "days")
    number = profile["weeks"].to_numpy()
    half_width = stdtrit(np.maximum(number - 1, 1), 0.975) * np.sqrt(1 + 1 / np.maximum(number, 1))
    return profile.with_columns(
        half=pl.Series(half_width) * pl.col("deviation"),
        status=pl.when(pl.col("weeks") < LEAST_PROFILE_WEEKS)
        .then(pl.lit(f"not estimable: fewer than {LEAST_PROFILE_WEEKS} full weeks"))
        .when(pl.col("births") < LEAST_BIRTHS_A_WEEK)
        .then(pl.lit(f"not estimable: fewer than {LEAST_BIRTHS_A_WEEK} births a week"))
        .otherwise(pl.lit(ESTIMATED)),
    ).select(
        *keys,
        "days",
        "weeks",
        share=_come(pl.col("middle")),
        share_lower=_come(pl.col("middle") + pl.col("half")),
        share_upper=_come(pl.col("middle") - pl.col("half")),
        status="status",
    )


def _come(odds: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("status") == ESTIMATED).then((1 / (1 + odds.exp())).round(9))


def _full_weeks(days: pl.DataFrame) -> pl.DataFrame:
    """Give the births of each of the last full weeks, and how many had come by the end of its days."""
    last_sunday = pl.col("last_full_date").dt.offset_by("1d").dt.truncate("1w").dt.offset_by("-1d")
    recent = days.filter(
        pl.col("birth_date") <= last_sunday,
        pl.col("birth_date") > last_sunday.dt.offset_by(f"-{PROFILE_WEEKS}w"),
    ).with_columns(
        week_date=pl.col("birth_date").dt.truncate("1w"), weekday=pl.col("birth_date").dt.weekday()
    )
    population = ["series", "scope", "as_of_date", "week_date"]
    # A list that is missing moves births to a later day: such a week says nothing of the profile.
    daily = (
        recent.filter(pl.col("universe") == "all")
        .group_by(population)
        .agg(listed=pl.len())
        .filter((pl.col("listed") == 7) | (pl.col("series") != "births_observed"))
    )
    return (
        recent.join(daily, on=population, how="semi")
        .group_by("series", "scope", "universe", "as_of_date", "week_date")
        .agg(
            pl.col("models").sum().alias("births"),
            *(
                pl.col("models").filter(pl.col("weekday") <= day).sum().alias(f"come_{day}")
                for day in range(1, 7)
            ),
        )
        .sort("series", "scope", "universe", "as_of_date", "week_date")
    )
