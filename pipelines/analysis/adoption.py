"""Adoption by size and age: what a released model sets off, against others of its size at the same age.

Here: size classes, derivatives per release within a horizon, the tenth-best of a size class at an age, and
each model against it. Not here: which models are releases and what descends from them
(sql/core/released_models.sql, sql/core/release_derivatives.sql), the growth of whole families (families).

The idea of measuring adoption against the best of the same size at the same age is the Relative Adoption
Metric of the ATOM project (Lambert and Brand 2026, The ATOM Report, arXiv 2604.07190; atomproject.ai), which
divides cumulative downloads at fixed days since release by the median of the ten most downloaded models of
the size class. Here the denominator is the tenth-best at that age, so 1 is just what makes the top ten.
"""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Upper ends of the size classes, in parameters; each class includes its upper end.
SIZE_CLASSES = {"below 3B": 3e9, "3B to 10B": 10e9, "10B to 40B": 40e9, "above 40B": float("inf")}
HORIZONS = (90, 365)
AGES = (30, 90, 180, 365)
#: A reading of a counter counts for an age when it is at most so many days away; weekly lists have just one.
AGE_TOLERANCE_DAYS = 3
LEAST_BASES, LEAST_ORGANIZATIONS, PLACE = 20, 20, 10
DRAWS, SEED = 1000, 20230504
PARTIAL = "not estimable: the population is partial"

#: 7B, 1.5b, 350M, 8x7B between separators of a name; the number of experts multiplies.
_NAMED_SIZE = r"(?i)(?:^|[-_/])(?:(\d{1,3})x)?(\d{1,4}(?:\.\d+)?)(b|m)(?:[-_.]|$)"


def with_size_class(models: pl.DataFrame) -> pl.DataFrame:
    """Add `size_class` and `size_basis` to model_id, parameters.

    The parameters decide where they are told (`parameters`), else the size in the name (`name`); where
    neither is there, both are null.
    """
    name = pl.col("model_id").str.split("/").list.last()
    experts = name.str.extract(_NAMED_SIZE, 1).cast(pl.Float64).fill_null(1.0)
    number = name.str.extract(_NAMED_SIZE, 2).cast(pl.Float64)
    unit = pl.when(name.str.extract(_NAMED_SIZE, 3).str.to_lowercase() == "b").then(1e9).otherwise(1e6)
    told = pl.col("parameters").cast(pl.Float64)
    told = pl.when(told > 0).then(told)
    size = pl.coalesce(told, experts * number * unit)
    classed = pl.lit(None, pl.String)
    for label, most in reversed(SIZE_CLASSES.items()):
        classed = pl.when(size <= most).then(pl.lit(label)).otherwise(classed)
    basis = (
        pl.when(told.is_not_null()).then(pl.lit("parameters")).when(size.is_not_null()).then(pl.lit("name"))
    )
    return models.with_columns(size_class=classed, size_basis=basis)


def derivatives_within(
    bases: pl.DataFrame, derivatives: pl.DataFrame, days: int, first: date, as_of: date
) -> pl.DataFrame:
    """Give `derivatives` within `days` of the release for each base that the data covers for so long.

    bases: model_id, release_date, ...; derivatives: model_id (of the base), age_days, derivatives. Covered
    are bases released on `first` or later whose last day came before `as_of`. Those without any derivative
    have 0.
    """
    covered = bases.filter(
        pl.col("release_date") >= first, pl.col("release_date") + pl.duration(days=days) < as_of
    )
    counted = derivatives.filter(pl.col("age_days").is_between(0, days)).group_by("model_id")
    return covered.join(
        counted.agg(pl.col("derivatives").sum()), on="model_id", how="left", maintain_order="left"
    ).with_columns(pl.col("derivatives").fill_null(0))


def medians_drawn_anew(values: IntArray, organization: IntArray, random: np.random.Generator) -> FloatArray:
    """Draw organizations anew, with all their releases; give the median of the values in each draw.

    organization: key of each value's organization, from 0 without gaps.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - heavy, and only this function needs it

    count = int(organization.max()) + 1
    times = random.multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(float)
    rising, at = np.unique(values, return_inverse=True)
    shape = (count, len(rising))
    held = coo_array((np.ones(len(values)), (organization, at)), shape=shape).tocsr()
    above = np.cumsum(times @ held, axis=1)  # how many values up to each were drawn
    total = above[:, -1]
    lower = (above >= np.floor((total + 1) / 2)[:, None]).argmax(axis=1)
    upper = (above >= (np.floor(total / 2) + 1)[:, None]).argmax(axis=1)
    medians: FloatArray = (rising[lower] + rising[upper]) / 2
    return medians


def mean_interval(values: IntArray, organization: IntArray) -> tuple[float, float]:
    """Give the 95 % interval of the mean, for the releases of one organization are alike.

    Of the logarithm, with the variance between organizations (sum of squares of what each one's releases
    differ from the mean) and t with as many degrees of freedom as that sum rests on, 2 (sum d^2)^2 / sum d^4
    (Satterthwaite): a few large organizations decide. 0 and 0 when there is none.
    """
    from scipy.special import stdtrit  # noqa: PLC0415

    mean, count = float(values.mean()), int(organization.max()) + 1
    if mean == 0:
        return 0.0, 0.0
    squares = np.bincount(organization, values - mean, minlength=count) ** 2
    if not squares.any():
        return mean, mean
    error = np.sqrt(count / (count - 1) * squares.sum()) / len(values) / mean
    freedom = min(2 * squares.sum() ** 2 / (squares**2).sum(), count - 1)
    reach = float(np.exp(stdtrit(freedom, 0.975) * error))
    return mean / reach, mean * reach


_MULTIPLIERS = {
    "series": pl.String, "scope": pl.String, "size_class": pl.String, "horizon_days": pl.Int64,
    "as_of_date": pl.Date, "bases": pl.Int64, "organizations": pl.Int64, "derivatives_median": pl.Float64,
    "median_lower": pl.Float64, "median_upper": pl.Float64, "derivatives_mean": pl.Float64,
    "mean_lower": pl.Float64, "mean_upper": pl.Float64, "without_any_share": pl.Float64,
    "is_illustration": pl.Boolean, "status": pl.String,
}  # fmt: skip


def release_multipliers(bases: pl.DataFrame, derivatives: pl.DataFrame, scopes: pl.DataFrame) -> pl.DataFrame:
    """Make marts.release_multipliers; its header says what each column is.

    bases: model_id, organization_id, parameters, release_date. derivatives: series, scope, model_id (of the
    base), age_days, derivatives. scopes: series, scope, as_of_date, first_date, is_whole_population.
    """
    sized = with_size_class(bases).filter(pl.col("size_class").is_not_null()).sort("model_id")
    rows = []
    for series, scope, as_of, first, is_whole in scopes.sort(scopes.columns).iter_rows():
        of_scope = derivatives.filter(series=series, scope=scope)
        for days in HORIZONS:
            within = derivatives_within(sized, of_scope, days, first, as_of)
            for label in SIZE_CLASSES:
                facts = {"series": series, "scope": scope, "size_class": label, "horizon_days": days}
                facts |= {"as_of_date": as_of, "is_illustration": not is_whole}
                of_size = within.filter(size_class=label)
                rows.append(facts | (_multiplier(of_size) if is_whole else {"status": PARTIAL}))
    kept = [{name: row.get(name) for name in _MULTIPLIERS} for row in rows]
    return pl.DataFrame(kept, schema=_MULTIPLIERS).with_columns(pl.col(pl.Float64).round(9))


def _multiplier(bases: pl.DataFrame) -> dict[str, Any]:
    values = bases["derivatives"].to_numpy().astype(np.int64)
    organization = bases["organization_id"].rank("dense").to_numpy().astype(np.int64) - 1
    organizations = len(np.unique(organization))
    told = {"bases": len(values), "organizations": organizations}
    if len(values) < LEAST_BASES or organizations < LEAST_ORGANIZATIONS:
        lacking = f"fewer than {LEAST_BASES} releases or {LEAST_ORGANIZATIONS} organizations"
        return told | {"status": f"not estimable: {lacking}"}
    medians = medians_drawn_anew(values, organization, np.random.default_rng(SEED))
    median_ends, mean_ends = np.percentile(medians, [2.5, 97.5]), mean_interval(values, organization)
    return told | {
        "derivatives_median": float(np.median(values)),
        "median_lower": float(median_ends[0]),
        "median_upper": float(median_ends[1]),
        "derivatives_mean": float(values.mean()),
        "mean_lower": mean_ends[0],
        "mean_upper": mean_ends[1],
        "without_any_share": float((values == 0).mean()),
        "status": "estimated",
    }


_GROUP = ["measure", "scope", "size_class", "age_days"]
_READING = {
    "measure": pl.String, "scope": pl.String, "model_id": pl.String, "age_days": pl.Int64,
    "value": pl.Float64,
}  # fmt: skip
_ADOPTION = {
    "model_id": pl.String, "measure": pl.String, "scope": pl.String, "age_days": pl.Int64,
    "baseline_version": pl.Date, "organization_id": pl.String, "release_date": pl.Date,
    "size_class": pl.String, "size_basis": pl.String, "value": pl.Float64, "place": pl.Int64,
    "models": pl.Int64, "baseline": pl.Float64, "ratio": pl.Float64, "ratio_to_ninth": pl.Float64,
    "ratio_to_eleventh": pl.Float64, "is_illustration": pl.Boolean, "status": pl.String,
}  # fmt: skip


def readings_at_ages(bases: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """Give measure, scope, model_id, age_days, value: what a counter read at each age.

    bases: model_id, release_date. counts: scope, model_id, date, downloads_30d, downloads_all_time (null
    where not told). Of several readings within AGE_TOLERANCE_DAYS the nearest counts, the earlier of two.
    """
    long = counts.unpivot(
        on=["downloads_30d", "downloads_all_time"], index=["scope", "model_id", "date"],
        variable_name="measure",
    )  # fmt: skip
    ages = pl.DataFrame({"age_days": list(AGES)}, schema={"age_days": pl.Int64})
    days = (pl.col("date") - pl.col("release_date")).dt.total_days()
    near = (
        long.filter(pl.col("value").is_not_null())
        .join(bases.select("model_id", "release_date"), on="model_id")
        .join(ages, how="cross")
        .with_columns(apart=(days - pl.col("age_days")).abs(), value=pl.col("value").cast(pl.Float64))
        .filter(pl.col("apart") <= AGE_TOLERANCE_DAYS)
    )
    key = ["measure", "scope", "model_id", "age_days"]
    return (
        near.sort([*key, "apart", "date"])
        .unique(key, keep="first", maintain_order=True)
        .select(*key, "value")
    )


def derivatives_at_ages(bases: pl.DataFrame, derivatives: pl.DataFrame, scopes: pl.DataFrame) -> pl.DataFrame:
    """Give measure, scope, model_id, age_days, value: derivatives up to each age that the data covers."""
    frames = [pl.DataFrame(schema=_READING)]
    for series, scope, as_of, first, _ in scopes.sort(scopes.columns).iter_rows():
        of_scope = derivatives.filter(series=series, scope=scope)
        for days in AGES:
            within = derivatives_within(bases, of_scope, days, first, as_of)
            frames.append(
                within.select(
                    pl.lit(series.replace("births", "derivatives")).alias("measure"),
                    pl.lit(scope).alias("scope"),
                    "model_id",
                    pl.lit(days, pl.Int64).alias("age_days"),
                    pl.col("derivatives").cast(pl.Float64).alias("value"),
                )
            )
    return pl.concat(frames)


def relative_adoption(
    bases: pl.DataFrame,
    derivatives: pl.DataFrame,
    counts: pl.DataFrame,
    scopes: pl.DataFrame,
    populations: pl.DataFrame,
) -> pl.DataFrame:
    """Make marts.relative_adoption; its header says what each column is.

    bases, derivatives, scopes: as for release_multipliers. counts: as for readings_at_ages. populations:
    scope, version (last day of its data), is_whole_population, of every scope that has births or counts.
    """
    sized = with_size_class(bases).filter(pl.col("size_class").is_not_null()).sort("model_id")
    readings = pl.concat([derivatives_at_ages(sized, derivatives, scopes), readings_at_ages(sized, counts)])
    facts = sized.select("model_id", "organization_id", "release_date", "size_class", "size_basis")
    ranked = against_tenth(readings.filter(pl.col("value") > 0).join(facts, on="model_id"))
    told = ranked.join(populations, on="scope").with_columns(
        baseline_version="version", is_illustration=~pl.col("is_whole_population")
    )
    is_partial = pl.col("measure").str.starts_with("derivatives") & pl.col("is_illustration")
    status = (
        pl.when(is_partial)
        .then(pl.lit(PARTIAL))
        .when(pl.col("models") < PLACE)
        .then(pl.lit(f"not estimable: fewer than {PLACE} models of that size at that age"))
        .otherwise(pl.lit("estimated"))
    )
    told = told.with_columns(status=status)
    estimated = ["baseline", "ratio", "ratio_to_ninth", "ratio_to_eleventh"]
    return told.with_columns(
        pl.when(pl.col("status") == "estimated").then(pl.col(name)).alias(name) for name in estimated
    ).select(*(pl.col(name).cast(kind) for name, kind in _ADOPTION.items()))


def against_tenth(readings: pl.DataFrame) -> pl.DataFrame:
    """Add place, models, baseline (the tenth-best), ratio and the ratios to the places beside it.

    readings: measure, scope, size_class, age_days, value above 0; ranked among rows that agree in the first
    four. Where there are fewer rows than the place, the ratio is null.
    """
    place = pl.col("value").rank("min", descending=True).over(_GROUP).cast(pl.Int64)
    ranked = readings.with_columns(place=place, models=pl.len().over(_GROUP).cast(pl.Int64))
    at = pl.col("value").rank("ordinal", descending=True).over(_GROUP)
    best = readings.select(*_GROUP, "value", at=at)
    for name, wanted in {"ninth": PLACE - 1, "baseline": PLACE, "eleventh": PLACE + 1}.items():
        found = best.filter(pl.col("at") == wanted).select(*_GROUP, pl.col("value").alias(name))
        ranked = ranked.join(found, on=_GROUP, how="left", maintain_order="left")
    return ranked.with_columns(
        ratio=(pl.col("value") / pl.col("baseline")).round(9),
        ratio_to_ninth=(pl.col("value") / pl.col("ninth")).round(9),
        ratio_to_eleventh=(pl.col("value") / pl.col("eleventh")).round(9),
    )
