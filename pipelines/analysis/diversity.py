"""Diversity and concentration: how many units carry a weight, and how evenly.

Here: Hill numbers, Herfindahl-Hirschman index, Gini, top-k shares, turnover, the switch factor, and the
interval that is meaningful for each. Not here: counts at equal coverage (rarefaction), which models count and
who is behind them (sql/marts/diversity_monthly.sql), who stands on whom (attribution).

A *unit* is an uploader, an organization, a family or a base; its *weight* a number of new derivatives or of
downloads. Only units with a weight above 0 are a population.
"""

import math
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.analysis.intervals import NORMAL_95
from pipelines.analysis.rarefaction import coverage, coverage_error, rarefy

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

UNKNOWN = "unknown"
KEY = ["month", "series", "scope", "universe", "evidence", "unit"]
_LINE = ["series", "scope", "evidence", "unit"]
_UNIVERSES = {"all": "weight", "generative_language": "generative"}
DOWNLOADS = "downloads_30d"
ORGANIZATIONS = "origin_organization"
#: Fewer derivatives or units than these say nothing about the next ones.
LEAST_COUNT, LEAST_UNITS = 20, 5
#: Drawing uploaders anew tells nothing where a measure rests on fewer equal ones: of heavy tails, 95 %
#: intervals would hold the truth in 60 to 88 of 100 lists (lognormal downloads of 600 uploaders).
LEAST_WORTH = 100
DRAWS, SEED = 100, 20230504
ESTIMATED = "estimated"

_OUTPUT = {
    "month": pl.Date, "series": pl.String, "scope": pl.String, "universe": pl.String, "evidence": pl.String,
    "unit": pl.String, "metric": pl.String, "as_of_date": pl.Date, "value": pl.Float64, "lower": pl.Float64,
    "upper": pl.Float64, "interval_kind": pl.String, "without_one_least": pl.Float64,
    "without_one_most": pl.Float64, "unknown_least": pl.Float64, "unknown_most": pl.Float64,
    "units": pl.Int64, "total": pl.Float64,
    "unknown_share": pl.Float64, "compared_with": pl.Date, "is_unfinished": pl.Boolean,
    "is_whole_population": pl.Boolean, "status": pl.String,
}  # fmt: skip


def hill_numbers(weights: FloatArray) -> tuple[float, float, float]:
    """Give the Hill numbers of order 0, 1 and 2 of weights above 0: effective numbers of units.

    Order 0 counts the units, order 1 is exp(-sum p ln p), order 2 is 1 / sum p^2 (Hill 1973). N equal shares
    give N in every order.
    """
    shares = weights / weights.sum()
    entropy = -float((shares * np.log(shares)).sum())
    return float(len(shares)), math.exp(entropy), 1 / float((shares**2).sum())


def gini(weights: FloatArray) -> float:
    """Give the Gini coefficient among units with weight above 0: 0 for equal shares, (N-1)/N if one has all.

    G = sum (2i - N - 1) x_i / (N sum x) over weights in rising order; no correction for small N.
    """
    rising = np.sort(weights)
    count = len(rising)
    places = 2 * np.arange(1, count + 1) - count - 1
    return float((places * rising).sum() / (count * rising.sum()))


def top_share(weights: FloatArray, units: int) -> float:
    """Give the share of the heaviest `units`; all of it when there are fewer."""
    return float(np.sort(weights)[::-1][:units].sum() / weights.sum())


def switch_factor(weights: FloatArray, part: float, whole: float) -> int | None:
    """Give the least number of units that carry `part` of `whole`; None when all together do not.

    No set of k units carries more than the k heaviest, so sorting gives it exactly.
    """
    carried = np.cumsum(np.sort(weights)[::-1])
    needed = int(np.searchsorted(carried, part * whole * (1 - 1e-12))) + 1
    return needed if needed <= len(carried) else None


def bray_curtis(before: FloatArray, after: FloatArray, total_before: float) -> float:
    """Give the turnover to a row of weights from an earlier one: 1 - sum of min(p, q) of their shares.

    before: earlier weights of the units of `after`, 0 for newcomers; total_before: of all earlier units. On
    shares, not on weights: a month twice as large as the last one has not turned over for that.
    """
    common = np.minimum(before / total_before, after / after.sum())
    return max(float(1 - np.sort(common).sum()), 0.0)


#: Measures of which a bootstrap by uploader gives the interval, in the order of `measures_of_draws`.
BOOTSTRAPPED = ("hill_1", "hill_2", "hhi", "gini")


def measures_of_draws(weights: FloatArray, times: FloatArray) -> FloatArray:
    """Give BOOTSTRAPPED for each draw; shape (draws, 4).

    weights: shape (draws or 1, K), each row falling, zeros last. times: how many units have that weight,
    shape (draws, K).
    """
    times = times * (weights > 0)
    mass = times * weights
    units, total = times.sum(axis=1), mass.sum(axis=1)
    logarithms = (mass * np.log(np.where(weights > 0, weights, 1.0))).sum(axis=1)
    hill_1 = np.exp(np.log(total) - logarithms / total)
    hill_2 = total**2 / (mass * weights).sum(axis=1)
    above = np.cumsum(times, axis=1)
    # Units of equal weight take the places above-times+1 to above, counted from the heaviest.
    places = (times * (2 * above - times)) * weights
    gini_of_draws = 1 - places.sum(axis=1) / (units * total)
    return np.column_stack([hill_1, hill_2, 1 / hill_2, gini_of_draws])


def effective_units(weights: FloatArray, order: int) -> float:
    """Give how many equal units the spread of a measure of order 1 or 2 rests on.

    (sum x^2q)^2 / sum x^4q: the number of equal terms whose sum of squares would be as uncertain
    (Satterthwaite). Gini counts with order 1, the HHI with order 2.
    """
    relative = (weights / weights.max()) ** (2 * order)
    return float(relative.sum() ** 2 / (relative**2).sum())


def draw_units(weights: FloatArray, random: np.random.Generator) -> FloatArray:
    """Draw the units anew, with replacement and as many as there are; give BOOTSTRAPPED for each draw.

    Units of equal weight are drawn together: half a million cost no more than their distinct weights.
    """
    values, times = np.unique(weights, return_counts=True)
    values, times = values[::-1], times[::-1]
    rows = max(1, 2_000_000 // len(values))  # keeps a block of draws to some 16 MB
    blocks = [
        measures_of_draws(
            values[None, :],
            random.multinomial(len(weights), times / len(weights), size=min(rows, DRAWS - start)).astype(
                float
            ),
        )
        for start in range(0, DRAWS, rows)
    ]
    return np.concatenate(blocks)


def draw_uploaders(cells: pl.DataFrame, fixed: FloatArray, random: np.random.Generator) -> FloatArray:
    """Draw the uploaders anew and give BOOTSTRAPPED of the units that they stand on, for each draw.

    cells: uploader, place (of the unit in `fixed`), weight; in a settled order. fixed: weight of each unit
    that is not drawn anew, since it comes from models too small to matter; shape (units,).
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - heavy, and only this function needs it

    uploader = cells["uploader"].rank("dense").to_numpy().astype(np.int64) - 1
    count = int(uploader.max()) + 1
    # Units that nobody drawn stands on keep their weight: they are counted by weight, not one by one.
    places = np.unique(cells["place"].to_numpy())
    column = np.searchsorted(places, cells["place"].to_numpy())
    matrix = csr_array((cells["weight"].to_numpy(), (uploader, column)), shape=(count, len(places)))
    values, times = np.unique(np.delete(fixed, places), return_counts=True)
    drawn = random.multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(float) @ matrix
    weights = np.concatenate([drawn + fixed[places], np.tile(values, (DRAWS, 1))], axis=1)
    order = np.argsort(-weights, axis=1, kind="stable")
    counts = np.concatenate([np.ones(len(places)), times.astype(float)])
    return measures_of_draws(np.take_along_axis(weights, order, axis=1), counts[order])


def diversity_monthly(
    unit_weights: pl.DataFrame, heavy_models: pl.DataFrame, scopes: pl.DataFrame
) -> pl.DataFrame:
    """Make marts.diversity_monthly; its header says what each column is.

    unit_weights: series, scope, month, as_of_date, evidence, unit, unit_id ('unknown' where nobody knows),
    weight and its part `generative`. heavy_models: scope, month, unit, unit_id, model_id, uploader, weight,
    generative, of models with a millionth of a list's downloads or more. scopes: scope, as_of_date,
    is_whole_population.
    """
    unit_weights, heavy_models, unknown = _coded(unit_weights, heavy_models)
    scratch = np.zeros(int(unit_weights["code"].to_numpy().max(initial=-1)) + 1)
    heavy_of = _groups(heavy_models, ["scope", "month", "unit"])
    rows: list[dict[str, Any]] = []
    for line, frame in sorted(_groups(unit_weights, _LINE).items()):
        months = sorted(_groups(frame, ["month", "as_of_date"]).items())
        for universe, column in _UNIVERSES.items():
            earlier: _Group | None = None
            for (month, as_of), of_month in months:
                key = dict(zip(_LINE, line, strict=True)) | {"month": month, "universe": universe}
                group = _group(key | {"as_of_date": as_of}, column, of_month, heavy_of, unknown)
                if group is not None:
                    rows += group.rows(earlier, scratch)
                    earlier = group
    return _rounded(pl.DataFrame(rows, schema=_without(_OUTPUT, "is_whole_population")), scopes)


def _coded(unit_weights: pl.DataFrame, heavy_models: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Put a number, `code`, in place of unit_id, the same in both frames; and give that of `unknown`."""
    ids = pl.concat([unit_weights["unit_id"], heavy_models["unit_id"], pl.Series([UNKNOWN])])
    codes = ids.cast(pl.Categorical).to_physical().cast(pl.Int64).rename("code")
    weights, heavy = codes[: unit_weights.height], codes[unit_weights.height : -1]
    return (
        unit_weights.drop("unit_id").with_columns(weights),
        heavy_models.drop("unit_id").with_columns(heavy),
        int(codes[-1]),
    )


def _group(
    facts: dict[str, Any],
    column: str,
    frame: pl.DataFrame,
    heavy_of: dict[tuple[Any, ...], pl.DataFrame],
    unknown: int,
) -> "_Group | None":
    """Give the group whose weights stand in `column`; None when nothing has any."""
    weights, codes = frame[column].to_numpy(), frame["code"].to_numpy()
    if not (weights > 0).any():
        return None
    heavy = None
    if facts["series"] == DOWNLOADS and facts["evidence"] in ("any", "curated"):
        heavy = heavy_of.get((facts["scope"], facts["month"], facts["unit"]))
        if heavy is not None:
            order = ["uploader", "model_id", "code"]
            heavy = heavy.select(*order, weight=column).filter(pl.col("weight") > 0).sort(order)
    is_known = (weights > 0) & (codes != unknown)
    nobodys = float(weights[codes == unknown].sum())
    return _Group(facts, weights[is_known], codes[is_known], nobodys, heavy)


class _Group:
    """The weights of one month, series, scope, universe, evidence and unit."""

    def __init__(
        self,
        key: dict[str, Any],
        weights: FloatArray,
        codes: IntArray,
        unknown: float,
        heavy: pl.DataFrame | None,
    ) -> None:
        order = np.argsort(-weights, kind="stable")
        self.key, self.weights, self.codes = key, weights[order], codes[order]
        self._total, self._unknown, self._heavy = float(self.weights.sum()), unknown, heavy
        self._is_list = key["series"] == DOWNLOADS

    def rows(self, earlier: "_Group | None", scratch: FloatArray) -> Iterator[dict[str, Any]]:
        """Give all rows of the group. `scratch` has a zero for each code and is left so."""
        share = self._unknown / (self._total + self._unknown)
        facts = self.key | {"units": len(self.weights), "total": self._total, "unknown_share": share}
        facts["is_unfinished"] = not self._is_list and self.key["as_of_date"] <= _last_day(self.key["month"])
        rows = [*self.plain_rows(), self._turnover(earlier, scratch)]
        if self.key["unit"] == ORGANIZATIONS:
            rows += self.switch_rows()
        elif not self._is_list:
            rows += self.rarefied_rows()
        return (facts | row for row in rows)

    def _turnover(self, earlier: "_Group | None", scratch: FloatArray) -> dict[str, Any]:
        """Compare with the calendar month (births) or the list (downloads) before, of the same scope."""
        row = {"metric": "turnover", "interval_kind": "census"}
        if earlier is None or not self._follows(earlier):
            return row | {"status": "not estimable: nothing of this scope to compare with"}
        scratch[earlier.codes] = earlier.weights
        value = bray_curtis(scratch[self.codes], self.weights, float(earlier.weights.sum()))
        scratch[earlier.codes] = 0
        compared = earlier.key["as_of_date" if self._is_list else "month"]
        return row | {"value": value, "compared_with": compared, "status": ESTIMATED}

    def _follows(self, earlier: "_Group") -> bool:
        is_next = _last_day(earlier.key["month"]).toordinal() + 1 == self.key["month"].toordinal()
        return len(self.weights) > 0 and len(earlier.weights) > 0 and (self._is_list or is_next)

    def plain_rows(self) -> Iterator[dict[str, Any]]:
        """Give Hill numbers, HHI, Gini and top shares."""
        if not len(self.weights):
            yield from (_lacking(name, "not estimable: no origin is known") for name in _PLAIN)
            return
        values = plain_measures(self.weights)
        intervals = self._intervals()
        without = "census" if self._heavy is None else "few_uploaders"
        least, most = self._unknown_bounds()
        without_least, without_most = self._without_one()
        for name, value in values.items():
            lower, upper = intervals.get(name, (None, None))
            yield {
                "metric": name,
                "value": value,
                "lower": lower,
                "upper": upper,
                "interval_kind": "uploaders_drawn_anew" if name in intervals else _kind(name, without),
                "without_one_least": without_least.get(name),
                "without_one_most": without_most.get(name),
                "unknown_least": least.get(name),
                "unknown_most": most.get(name),
                "status": ESTIMATED,
            }

    def _intervals(self) -> dict[str, tuple[float, float]]:
        """Give 95 % intervals of a bootstrap by uploader, of the measures that rest on enough uploaders."""
        enough = self._resting_on_enough()
        if not enough:
            return {}
        random = np.random.default_rng(SEED)
        of_uploaders = self.key["unit"] == "uploader"
        drawn = draw_units(self.weights, random) if of_uploaders else self._draw_uploaders(random)
        found = around(plain_measures(self.weights), drawn)
        return {name: ends for name, ends in found.items() if name in enough}

    def _resting_on_enough(self) -> set[str]:
        if self._heavy is None or self._heavy.is_empty():
            return set()
        own = self.weights
        if self.key["unit"] != "uploader":
            own = np.sort(self._heavy.group_by("uploader").agg(pl.col("weight").sum())["weight"].to_numpy())
        names = {1: ("hill_1", "gini"), 2: ("hill_2", "hhi")}
        enough = [order for order in names if effective_units(own, order) >= LEAST_WORTH]
        return {name for order in enough for name in names[order]}

    def _draw_uploaders(self, random: np.random.Generator) -> FloatArray:
        cells = (
            self._places().group_by("uploader", "place").agg(pl.col("weight").sum()).sort("uploader", "place")
        )
        drawn = np.bincount(cells["place"], cells["weight"], minlength=len(self.weights))
        return draw_uploaders(cells, np.maximum(self.weights - drawn, 0.0), random)

    def _places(self) -> pl.DataFrame:
        """Give the heavy models with `place`, the place of their unit in the weights."""
        places = pl.DataFrame({"code": self.codes, "place": np.arange(len(self.codes))})
        heavy = self._heavy if self._heavy is not None else pl.DataFrame(schema=_HEAVY)
        return heavy.join(places, on="code", how="inner", maintain_order="left")

    def _without_one(self) -> tuple[dict[str, float], dict[str, float]]:
        """Give the range of the Hill numbers and the HHI over leaving out any one model.

        Taking a model away changes the weights of its units only: each sum changes by a closed form. Models
        below a millionth of the downloads are not tried: none moves ln(hill_1) by more than 5e-5.
        """
        if self._heavy is None:
            return {}, {}
        models = self._places()
        before = self.weights[models["place"].to_numpy()]
        after = np.maximum(before - models["weight"].to_numpy(), 0.0)
        after[after < before * 1e-12] = 0.0  # the unit's only model; what is left is rounding
        changes = models.select(
            "model_id",
            units=pl.Series(-(after == 0).astype(float)),
            total=pl.Series(after - before),
            squares=pl.Series(after**2 - before**2),
            logarithms=pl.Series(_x_log_x(after) - _x_log_x(before)),
        )
        moved = changes.group_by("model_id").agg(pl.exclude("model_id").sum()).sort("model_id")
        total = self._total + moved["total"].to_numpy()
        left = total > self._total * 1e-12
        total = total[left]
        squares = float((self.weights**2).sum()) + moved["squares"].to_numpy()[left]
        logarithms = float(_x_log_x(self.weights).sum()) + moved["logarithms"].to_numpy()[left]
        hill = {
            "hill_0": len(self.weights) + moved["units"].to_numpy()[left],
            "hill_1": np.exp(np.log(total) - logarithms / total),
            "hill_2": total**2 / squares,
            "hhi": squares / total**2,
        }
        own = plain_measures(self.weights)
        least = {name: float(values.min(initial=own[name])) for name, values in hill.items()}
        most = {name: float(values.max(initial=own[name])) for name, values in hill.items()}
        return least, most

    def _unknown_bounds(self) -> tuple[dict[str, float], dict[str, float]]:
        """Give bounds over whatever the unknown part is: all the largest unit's, or spread over nobody.

        Giving all to the largest makes the shares as uneven as can be; spreading it over ever more units
        makes sum p^2 as small as can be, while orders 0 and 1 and Gini grow without end (no bound).
        """
        if not self._unknown:
            return {}, {}
        whole = self._total + self._unknown
        heavier = self.weights.copy()
        heavier[np.argmax(heavier)] += self._unknown
        uneven = plain_measures(heavier)
        spread = float(((self.weights / whole) ** 2).sum())
        tops = {
            name: value * self._total / whole
            for name, value in plain_measures(self.weights).items()
            if "top" in name
        }
        least = {name: uneven[name] for name in ("hill_0", "hill_1", "hill_2")} | {"hhi": spread} | tops
        most = {"hill_2": 1 / spread, "hhi": uneven["hhi"]}
        return least, most | {name: uneven[name] for name in tops}

    def switch_rows(self) -> Iterator[dict[str, Any]]:
        """Give the switch factors, with bounds for the unknown part."""
        whole = self._total + self._unknown
        for part in (0.5, 0.8):
            name = f"switch_{part * 100:.0f}"
            if not len(self.weights):
                yield _lacking(name, "not estimable: no origin is known")
                continue
            heavier = self.weights.copy()
            heavier[np.argmax(heavier)] += self._unknown
            upper = switch_factor(self.weights, part, whole)
            lower = switch_factor(heavier, part, whole)
            yield {
                "metric": name,
                "value": switch_factor(self.weights, part, self._total),
                "lower": lower,
                "upper": upper,
                "interval_kind": "unknown_bounds",
                "unknown_least": lower if self._unknown else None,
                "unknown_most": upper if self._unknown else None,
                "status": ESTIMATED
                if upper is not None
                else "estimated; without upper bound: too much is unknown",
            }

    def rarefied_rows(self) -> Iterator[dict[str, Any]]:
        """Give the coverage and the Hill numbers at equal coverage, of counts of new derivatives."""
        counts = np.rint(self.weights).astype(np.int64)
        names = [f"hill_{order}_at_coverage" for order in range(3)]
        if self._total < LEAST_COUNT or len(counts) < LEAST_UNITS:
            why = f"not estimable: fewer than {LEAST_COUNT} derivatives or {LEAST_UNITS} units"
            yield from (_lacking(name, why) for name in ("coverage", *names))
            return
        covered, error = coverage(counts), coverage_error(counts)
        yield {
            "metric": "coverage",
            "value": covered,
            "lower": max(covered - NORMAL_95 * error, 0.0),
            "upper": min(covered + NORMAL_95 * error, 1.0),
            "interval_kind": "derivatives_drawn_anew",
            "status": ESTIMATED,
        }
        found = rarefy(counts)
        if found is None:
            yield from (_lacking(name, "not estimable: coverage is below one half") for name in names)
            return
        for name, value, error in zip(names, found.hill, found.log_errors, strict=True):
            spread = math.exp(NORMAL_95 * error) if math.isfinite(error) else None
            yield {
                "metric": name,
                "value": value,
                "lower": value / spread if spread else None,
                "upper": value * spread if spread else None,
                "interval_kind": "derivatives_drawn_anew" if spread else "census",
                "status": ESTIMATED,
            }


_PLAIN = ("hill_0", *BOOTSTRAPPED, "top_1_share", "top_5_share", "top_10_share")
_HEAVY = {"code": pl.Int64, "model_id": pl.String, "uploader": pl.String, "weight": pl.Float64}


def plain_measures(weights: FloatArray) -> dict[str, float]:
    hill = hill_numbers(weights)
    tops = {f"top_{units}_share": top_share(weights, units) for units in (1, 5, 10)}
    named = {"hill_0": hill[0], "hill_1": hill[1], "hill_2": hill[2], "hhi": 1 / hill[2]}
    return named | {"gini": gini(weights)} | tops


def around(values: dict[str, float], drawn: FloatArray) -> dict[str, tuple[float, float]]:
    """Give each value's interval from the spread of the draws around it; of the logarithm for Hill and HHI.

    Percentiles would not do: who is drawn twice stands twice on the same unit, so draws are less even than
    the list, and their percentiles can lie wholly beside the value.
    """
    ends = {}
    for name, draws in zip(BOOTSTRAPPED, drawn.T, strict=True):
        if name.startswith("h"):
            spread = math.exp(NORMAL_95 * float(np.log(draws).std(ddof=1)))
            ends[name] = (values[name] / spread, values[name] * spread)
        else:
            spread = NORMAL_95 * float(draws.std(ddof=1))
            ends[name] = (max(values[name] - spread, 0.0), min(values[name] + spread, 1.0))
    return ends


def _kind(name: str, without: str) -> str:
    return "census" if name == "hill_0" else without


def _x_log_x(values: FloatArray) -> FloatArray:
    logarithms: FloatArray = values * np.log(np.where(values > 0, values, 1.0))
    return logarithms


def _lacking(metric: str, status: str) -> dict[str, Any]:
    return {"metric": metric, "interval_kind": "census", "status": status}


def _groups(frame: pl.DataFrame, key: list[str]) -> dict[tuple[Any, ...], pl.DataFrame]:
    return frame.partition_by(key, as_dict=True, maintain_order=True)


def _last_day(month: date) -> date:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _without(schema: dict[str, Any], column: str) -> dict[str, Any]:
    return {name: kind for name, kind in schema.items() if name != column}


def _rounded(frame: pl.DataFrame, scopes: pl.DataFrame) -> pl.DataFrame:
    """Add is_whole_population and round to nine digits behind the point."""
    whole = scopes.group_by("scope", "as_of_date").agg(pl.col("is_whole_population").any())
    told = frame.join(whole, on=["scope", "as_of_date"], how="left")
    told = told.with_columns(pl.col("is_whole_population").fill_null(False))  # noqa: FBT003
    return told.with_columns(pl.col(pl.Float64).round(9)).select(list(_OUTPUT)).sort([*KEY, "metric"])
