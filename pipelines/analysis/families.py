"""Families over time: the half-life of the flow of derivatives.

Here: estimates from when a family's derivatives were born. Not here: which state a family is in
(sql/marts/family_lives.sql), how long families live (survival), who went over to which (migration).
"""

import polars as pl

from pipelines.analysis.intervals import NORMAL_95

#: Derivatives up to this age count; the half-life depends on it, so it is one for all.
HORIZON_DAYS = 365
#: With fewer than these there is no half-life: a median of a handful says nothing of a flow.
LEAST_DERIVATIVES = 20
LEAST_AUTHORS = 10
_GROUP = ["series", "scope", "includes_variants", "family"]


def half_lives(families: pl.DataFrame, births: pl.DataFrame) -> pl.DataFrame:
    """Give each family's half-life, in days, as sql/marts/family_half_lives.sql declares it.

    families: one row a series, scope, includes_variants and family, with organization_id, release_date,
    as_of_date, data_begin_date, is_illustration, known_derivatives and dated_derivatives.
    births: by the same four and age_days (0 to HORIZON_DAYS), the sums of median_by_age.

    Null, and a status that says why, where the release or the data's reach does not allow it.
    """
    medians = median_by_age(births)
    joined = families.join(medians, on=_GROUP, how="left").with_columns(
        pl.col("derivatives", "authors").fill_null(0),
        is_unclear=pl.col("half_life_days").is_null() | pl.col("upper_days").is_null(),
    )
    refusal = _refusal()
    share = pl.format(
        "illustration: {} of {} derivatives in a partial list are dated",
        pl.col("dated_derivatives"),
        pl.col("known_derivatives"),
    )
    judged = joined.with_columns(
        status=pl.coalesce(refusal, pl.when("is_illustration").then(share), pl.lit("estimated")),
        is_refused=refusal.is_not_null(),
    )
    return judged.select(
        *_GROUP,
        "organization_id",
        "release_date",
        "as_of_date",
        "is_illustration",
        pl.lit(HORIZON_DAYS, dtype=pl.Int64).alias("horizon_days"),
        "derivatives",
        "authors",
        *(pl.when(~pl.col("is_refused")).then(pl.col(name)).alias(name) for name in _DAYS),
        "status",
    )


_DAYS = ["half_life_days", "lower_days", "upper_days"]


def _refusal() -> pl.Expr:
    """Say why a half-life is not estimable; null where it is."""
    followed = (pl.col("as_of_date") - pl.col("release_date")).dt.total_days()
    return (
        pl.when(pl.col("release_date").is_null())
        .then(pl.lit("not estimable: no day of release is known"))
        .when(pl.col("release_date") < pl.col("data_begin_date"))
        .then(pl.lit("not estimable: released before the data begins, so its first derivatives have no day"))
        .when(followed < HORIZON_DAYS)
        .then(pl.format("not estimable: followed for {} of {} days", followed, pl.lit(HORIZON_DAYS)))
        .when((pl.col("derivatives") < LEAST_DERIVATIVES) | (pl.col("authors") < LEAST_AUTHORS))
        .then(
            pl.format(
                "not estimable: {} derivatives of {} authors; it takes {} of {}",
                pl.col("derivatives"),
                pl.col("authors"),
                pl.lit(LEAST_DERIVATIVES),
                pl.lit(LEAST_AUTHORS),
            )
        )
        .when("is_unclear")
        .then(pl.lit("not estimable: too few authors carry the flow for an upper end"))
    )


def median_by_age(births: pl.DataFrame) -> pl.DataFrame:
    """Give the median age of each group's derivatives and its 95 % interval over authors.

    births: one row a group (series, scope, includes_variants, family) and age_days, with what is born at that
    age: derivatives; new_authors (whose first it is); and, with n_a(t) the author's derivatives up to age t
    and n_a all of them, square_step = sum of n_a(t)^2 - n_a(t-1)^2 and cross_step = sum of
    (n_a(t) - n_a(t-1)) n_a.

    The median is the least age t with sum n_a(t) >= N / 2. Its interval spans the ages that the sign test
    over authors does not refuse: with d_a = n_a(t) - n_a / 2 the lower end is the least t with
    sum d_a >= -z sqrt(sum d_a^2), the upper end the first after the last with sum d_a < z sqrt(sum d_a^2).
    For one derivative an author this is the usual sign-test interval of a median; for clusters it is
    Woodruff's (1952, Journal of the American Statistical Association 47, 635) with the variance taken at the
    hypothesis.

    Gives a row a group: derivatives, authors, half_life_days, lower_days, upper_days (null where even the
    last age does not reach it).
    """
    drift = pl.col("reached") - pl.col("total") / 2
    spread = (pl.col("squares") - pl.col("crosses") + pl.col("all_squares") / 4).clip(0.0).sqrt() * NORMAL_95
    summed = (
        births.sort(*_GROUP, "age_days")
        .with_columns(
            reached=pl.col("derivatives").cum_sum().over(_GROUP),
            squares=pl.col("square_step").cum_sum().over(_GROUP),
            crosses=pl.col("cross_step").cum_sum().over(_GROUP),
            total=pl.col("derivatives").sum().over(_GROUP),
            all_squares=pl.col("square_step").sum().over(_GROUP),
        )
        .with_columns(drift=drift, spread=spread)
    )

    age = pl.col("age_days")
    last_below = age.filter(pl.col("drift") < pl.col("spread")).max().fill_null(-1)
    return summed.group_by(_GROUP, maintain_order=True).agg(
        pl.col("derivatives").sum(),
        authors=pl.col("new_authors").sum(),
        half_life_days=age.filter(pl.col("drift") >= 0).min(),
        lower_days=age.filter(pl.col("drift") >= -pl.col("spread")).min(),
        upper_days=age.filter(age > last_below).min(),
    )
