"""Diversity and concentration, against closed forms, plain twins and scikit-bio."""

import math
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import hypergeom
from skbio.diversity import alpha

from pipelines.analysis import diversity, rarefaction
from pipelines.analysis.diversity import (
    bray_curtis,
    draw_units,
    effective_units,
    gini,
    hill_numbers,
    measures_of_draws,
    switch_factor,
    top_share,
)
from pipelines.analysis.rarefaction import (
    coverage,
    coverage_at_size,
    coverage_error,
    rarefy,
    size_at_coverage,
)

COUNTS = st.lists(st.integers(1, 12), min_size=1, max_size=8)
WEIGHTS = st.lists(st.floats(0.01, 1000), min_size=1, max_size=12)


def array(values: Sequence[float]) -> Any:
    return np.array(values, dtype=float)


@pytest.mark.parametrize("units", [1, 2, 7, 1000])
def test_equal_shares_are_as_many_effective_units_as_there_are(units: int) -> None:
    equal = np.full(units, 3.0)
    assert hill_numbers(equal) == pytest.approx((units, units, units))
    assert gini(equal) == pytest.approx(0)
    assert top_share(equal, 1) == pytest.approx(1 / units)


def test_if_one_has_nearly_all_there_is_one_effective_unit() -> None:
    assert hill_numbers(array([1e12, 1, 1, 1])) == pytest.approx((4, 1, 1), abs=1e-9)
    assert gini(array([1e12, 1, 1, 1])) == pytest.approx(3 / 4)


def test_values_of_a_small_list() -> None:
    weights = array([50, 30, 20])
    entropy = -(0.5 * math.log(0.5) + 0.3 * math.log(0.3) + 0.2 * math.log(0.2))
    assert hill_numbers(weights) == pytest.approx((3, math.exp(entropy), 1 / 0.38))
    assert gini(weights) == pytest.approx((-2 * 20 + 0 * 30 + 2 * 50) / (3 * 100))
    assert [top_share(weights, k) for k in (1, 2, 5)] == pytest.approx([0.5, 0.8, 1.0])


@given(st.lists(st.integers(1, 500), min_size=1, max_size=30))
def test_agrees_with_scikit_bio(counts: list[int]) -> None:
    found = hill_numbers(array(counts))
    expected = [alpha.hill(counts, order=order) for order in (0, 1, 2)]
    assert found == pytest.approx(expected, rel=1e-9)
    assert 1 / found[2] == pytest.approx(alpha.dominance(counts), rel=1e-9)
    assert gini(array(counts)) == pytest.approx(alpha.gini_index(counts, method="trapezoids"), abs=1e-9)


@given(WEIGHTS)
def test_gini_is_half_the_mean_difference_over_the_mean(weights: list[float]) -> None:
    pairs = [abs(a - b) for a in weights for b in weights]
    assert gini(array(weights)) == pytest.approx(
        sum(pairs) / len(pairs) / 2 / (sum(weights) / len(weights)), abs=1e-9
    )


@given(WEIGHTS)
def test_hill_numbers_fall_with_their_order_and_never_exceed_the_units(weights: list[float]) -> None:
    zero, one, two = hill_numbers(array(weights))
    assert 1 - 1e-9 <= two <= one + 1e-9 <= zero + 2e-9
    assert 1 - 1e-9 <= 1 / top_share(array(weights), 1) <= zero + 1e-9


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=8), st.sampled_from([0.5, 0.8, 1.0]), st.integers(0, 60)
)
def test_the_switch_factor_is_the_least_set_that_carries_the_part(
    weights: list[int], part: float, unknown: int
) -> None:
    whole = sum(weights) + unknown
    carrying = (
        size
        for size in range(1, len(weights) + 1)
        for chosen in combinations(weights, size)
        if sum(chosen) >= part * whole - 1e-9
    )
    assert switch_factor(array(weights), part, whole) == next(carrying, None)


def test_the_switch_factor_of_closed_cases() -> None:
    assert switch_factor(array([1] * 10), 0.5, 10) == 5
    assert switch_factor(array([1] * 10), 0.8, 10) == 8
    assert switch_factor(array([9, 1]), 0.8, 10) == 1
    assert switch_factor(array([4, 1]), 0.8, 10) is None


def test_turnover_is_none_for_the_same_shares_and_whole_for_others() -> None:
    assert bray_curtis(array([2, 6]), array([1, 3]), 8) == pytest.approx(0)
    assert bray_curtis(array([0, 0]), array([1, 3]), 5) == 1
    assert bray_curtis(array([5, 0]), array([5, 5]), 10) == pytest.approx(0.5)


# -- rarefaction ------------------------------------------------------------------------------------------


def parts_of(counts: list[int], size: int) -> list[list[int]]:
    """Every part of `size` individuals, as counts of each unit above 0."""
    people = [unit for unit, count in enumerate(counts) for _ in range(count)]
    chosen = combinations(range(len(people)), size)
    return [
        [held for unit in range(len(counts)) if (held := sum(people[i] == unit for i in part))]
        for part in chosen
    ]


@given(st.lists(st.integers(1, 5), min_size=2, max_size=4), st.integers(1, 9))
def test_rarefied_values_are_the_mean_over_all_parts(counts: list[int], size: int) -> None:
    total = sum(counts)
    assume(size < total)
    parts = parts_of(counts, size)
    frequencies = [
        sum(part.count(k) for part in parts) / len(parts) for k in range(1, size + 1)
    ]  # mean number of units held k times
    richness = sum(frequencies)
    entropy = -sum(k / size * math.log(k / size) * f for k, f in enumerate(frequencies, 1))
    simpson = sum((k / size) ** 2 * f for k, f in enumerate(frequencies, 1))
    values, times = np.unique(counts, return_counts=True)
    missing = rarefaction._missing(values, total, size)
    assert float((times * (1 - missing)).sum()) == pytest.approx(richness)
    found = math.log(size) - float((times * rarefaction._mean_k_log_k(values, total, size)).sum()) / size
    assert found == pytest.approx(entropy, abs=1e-9)
    pairs = float((times * values * (values - 1)).sum())
    assert 1 / size + (size - 1) / size * pairs / (total * (total - 1)) == pytest.approx(simpson)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=4), st.integers(1, 7))
def test_coverage_of_a_part_is_the_share_of_the_rest_that_it_knows(counts: list[int], size: int) -> None:
    # The next individual after a random part, drawn from what is left.
    assume(size < sum(counts))
    people = [unit for unit, count in enumerate(counts) for _ in range(count)]
    known = [
        people[i] in {people[j] for j in part}
        for part in combinations(range(len(people)), size)
        for i in range(len(people))
        if i not in part
    ]
    assert coverage_at_size(np.array(counts), size) == pytest.approx(sum(known) / len(known))


@given(COUNTS, st.sampled_from([0.3, 0.5, 0.7]))
def test_the_size_is_the_least_that_reaches_the_coverage(counts: list[int], wanted: float) -> None:
    found = size_at_coverage(np.array(counts), wanted)
    total = sum(counts)
    sizes = [size for size in range(1, total) if coverage_at_size(np.array(counts), size) >= wanted]
    if coverage(np.array(counts)) < wanted:
        assert found is None
    else:
        assert found == min([*sizes, total])


def test_coverage_by_the_formula_of_chao_and_jost() -> None:
    counts = np.array([5, 3, 2, 2, 1, 1, 1])  # n = 15, f1 = 3, f2 = 2
    assert coverage(counts) == pytest.approx(1 - 3 / 15 * (14 * 3 / (14 * 3 + 2 * 2)))
    assert coverage(np.array([4, 1, 1])) == pytest.approx(1 - 2 / 6 * (5 * 1 / (5 * 1 + 2)))
    assert coverage(np.array([4, 3])) == 1
    assert coverage_error(np.array([4, 3])) == 0


@given(st.lists(st.integers(1, 5), min_size=2, max_size=30))
def test_the_error_of_the_coverage_is_that_of_esty(counts: list[int]) -> None:
    assume(1 in counts and sum(counts) > counts.count(1))
    low, high = alpha.esty_ci(np.array(counts))  # of the part not covered
    assert coverage_error(np.array(counts)) == pytest.approx((high - low) / 2 / diversity.NORMAL_95, rel=1e-3)


def test_errors_at_equal_coverage_are_the_spread_of_other_derivatives() -> None:
    random = np.random.default_rng(6)
    rates = random.lognormal(0.3, 1.2, 300)
    logs = []
    for _ in range(150):
        found = rarefy(seen(random.poisson(rates)))
        assert found is not None
        logs.append(np.log(found.hill))
    once = rarefy(seen(random.poisson(rates)))
    assert once is not None
    assert once.log_errors == pytest.approx(np.std(logs, axis=0), rel=0.25)


def seen(counts: Any) -> Any:
    return counts[counts > 0].astype(np.int64)


def test_a_heavy_tail_is_worth_few_equal_units() -> None:
    assert effective_units(np.ones(80), 1) == pytest.approx(80)
    assert effective_units(array([1000, *[1] * 500]), 1) == pytest.approx(1, abs=0.01)
    assert effective_units(np.random.default_rng(1).lognormal(0, 1, 500), 2) < 10


def test_a_hundred_equal_units_rarefy_to_equal_orders() -> None:
    found = rarefy(np.full(100, 50))
    assert found is not None
    # Half the coverage is reached by about ln 2 * 100 individuals, which show about half of the units.
    assert found.hill[0] == pytest.approx(50, rel=0.03)
    assert found.hill[0] >= found.hill[1] >= found.hill[2]
    assert all(math.isfinite(error) for error in found.log_errors)


def test_a_large_unit_costs_no_precision() -> None:
    counts = np.array([20_000, 5000, 300, 40, 40, 7, 3, 2, 1, 1, 1])
    total, size = int(counts.sum()), 900
    expected = [
        float(sum(hypergeom.pmf(k, total, x, size) * k * math.log(k) for k in range(2, min(x, size) + 1)))
        for x in (20_000, 300, 7, 1)
    ]
    found = rarefaction._mean_k_log_k(np.array([20_000, 300, 7, 1]), total, size)
    assert found == pytest.approx(expected, rel=1e-9)


def test_what_lacks_coverage_is_not_rarefied() -> None:
    assert rarefy(np.ones(30, dtype=np.int64)) is None


# -- draws ------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=6))
def test_measures_of_a_draw_are_those_of_the_drawn_units(drawn: list[tuple[int, int]]) -> None:
    falling = sorted(drawn, reverse=True)
    units = array([weight for weight, times in falling for _ in range(times)])
    assume(len(units) > 0)
    found = measures_of_draws(
        array([[weight for weight, _ in falling]]), array([[times for _, times in falling]])
    )
    hill = hill_numbers(units)
    expected = [hill[1], hill[2], 1 / hill[2], gini(units)]
    assert found[0] == pytest.approx(expected, abs=1e-9)


def test_units_drawn_anew_spread_around_the_list() -> None:
    weights = np.random.default_rng(1).lognormal(0, 1, 3000)
    drawn = draw_units(weights, np.random.default_rng(2))
    assert drawn.shape == (diversity.DRAWS, len(diversity.BOOTSTRAPPED))
    assert drawn[:, 0].mean() == pytest.approx(hill_numbers(weights)[1], rel=0.01)
    assert (drawn == draw_units(weights, np.random.default_rng(2))).all()


def test_uploaders_drawn_anew_move_the_units_that_they_stand_on() -> None:
    # Twenty uploaders with one download each, all on one base; another base that is never drawn.
    cells = pl.DataFrame(
        {"uploader": [f"u{i:02}" for i in range(20)], "place": [0] * 20, "weight": [1.0] * 20}
    )
    drawn = diversity.draw_uploaders(cells, array([0, 20]), np.random.default_rng(0))
    assert drawn[:, 1] == pytest.approx(np.full(diversity.DRAWS, 2.0))  # always as many, so always even
    mixed = cells.with_columns(place=pl.Series([0, 1] * 10))
    drawn = diversity.draw_uploaders(mixed, array([0, 0, 4]), np.random.default_rng(0))
    assert drawn[:, 1].std() > 0
    assert drawn[:, 0].max() <= 3 + 1e-9


# -- one model less ---------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from("abc"), st.integers(1, 50), st.sampled_from([1.0, 0.5])
        ),
        min_size=2,
        max_size=7,
    )
)
def test_the_range_without_one_model_is_that_of_trying_each(
    models: list[tuple[str, str, int, float]],
) -> None:
    def weights(left: list[tuple[str, str, int, float]]) -> list[float]:
        held: dict[str, float] = {}
        for first, second, downloads, part in left:
            held[first] = held.get(first, 0) + downloads * part
            held[second] = held.get(second, 0) + downloads * (1 - part)
        return [weight for weight in held.values() if weight > 0]

    frame = pl.DataFrame(
        [
            {"model_id": f"m{i}", "unit_id": unit, "uploader": "u", "weight": downloads * share}
            for i, (first, second, downloads, part) in enumerate(models)
            for unit, share in ((first, part), (second, 1 - part))
            if share
        ]
    )
    frame = frame.with_columns(code=pl.col("unit_id").rank("dense").cast(pl.Int64))
    heavy = frame.group_by("model_id", "code", "uploader").agg(pl.col("weight").sum())
    weighing = frame.group_by("code").agg(pl.col("weight").sum())
    group = diversity._Group(key(), weighing["weight"].to_numpy(), weighing["code"].to_numpy(), 0.0, heavy)
    least, most = group._without_one()
    left = [models, *(models[:i] + models[i + 1 :] for i in range(len(models)))]
    tried = [hill_numbers(array(weights(some))) for some in left if weights(some)]
    for order in range(3):
        assert least[f"hill_{order}"] == pytest.approx(min(hill[order] for hill in tried))
        assert most[f"hill_{order}"] == pytest.approx(max(hill[order] for hill in tried))
    assert most["hhi"] == pytest.approx(1 / min(hill[2] for hill in tried))


def key(series: str = "downloads_30d", unit: str = "origin_organization") -> dict[str, Any]:
    return {
        "series": series,
        "scope": "list",
        "evidence": "curated",
        "unit": unit,
        "month": date(2025, 12, 1),
        "universe": "all",
        "as_of_date": date(2025, 12, 22),
    }


# -- the unknown part -------------------------------------------------------------------------------------


def group_of(known: list[float], unknown: float) -> diversity._Group:
    return diversity._Group(key(), array(known), np.arange(len(known)), unknown, None)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=4),
    st.integers(1, 30),
    st.lists(st.integers(0, 4), min_size=1, max_size=6),
)
def test_bounds_hold_whatever_the_unknown_part_is(known: list[int], unknown: int, split: list[int]) -> None:
    group = group_of([float(weight) for weight in known], float(unknown))
    rows = {row["metric"]: row for row in [*group.plain_rows(), *group.switch_rows()]}
    # Spread the unknown part over known organizations and newcomers, as `split` says.
    resolved = [float(w) for w in known] + [0.0] * 6
    for i, part in enumerate(split):
        resolved[(part + i * i) % len(resolved)] += unknown / len(split)
    units = array([w for w in resolved if w > 0])
    hill = hill_numbers(units)
    truth = {"hill_0": hill[0], "hill_1": hill[1], "hill_2": hill[2], "hhi": 1 / hill[2]}
    truth |= {f"top_{k}_share": top_share(units, k) for k in (1, 5, 10)}
    truth |= {f"switch_{p}": switch_factor(units, p / 100, float(units.sum())) or 0 for p in (50, 80)}
    for metric, value in truth.items():
        least, most = rows[metric]["unknown_least"], rows[metric]["unknown_most"]
        assert least <= value + 1e-9
        assert most is None or value <= most + 1e-9


def test_the_switch_factor_has_no_upper_bound_where_too_much_is_unknown() -> None:
    rows = {row["metric"]: row for row in group_of([30, 30], 40).switch_rows()}
    assert (rows["switch_50"]["value"], rows["switch_50"]["lower"], rows["switch_50"]["upper"]) == (1, 1, 2)
    assert (rows["switch_80"]["value"], rows["switch_80"]["lower"], rows["switch_80"]["upper"]) == (
        2,
        2,
        None,
    )
    assert rows["switch_80"]["status"] == "estimated; without upper bound: too much is unknown"


def test_of_nothing_but_unknown_origins_nothing_is_estimated() -> None:
    group = group_of([], 40)
    rows = [*group.plain_rows(), *group.switch_rows()]
    assert {row["status"] for row in rows} == {"not estimable: no origin is known"}
    assert all("value" not in row for row in rows)


def test_few_derivatives_are_not_rarefied() -> None:
    group = diversity._Group(key("births_surviving", "uploader"), array([3] * 6), np.arange(6), 0.0, None)
    rows = list(group.rarefied_rows())
    assert {row["status"] for row in rows} == {"not estimable: fewer than 20 derivatives or 5 units"}
    assert {row["metric"] for row in rows} == {"coverage", *(f"hill_{q}_at_coverage" for q in range(3))}
