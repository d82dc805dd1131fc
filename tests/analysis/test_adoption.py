"""Adoption by size and age."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis import adoption
from pipelines.analysis.adoption import (
    against_tenth,
    derivatives_within,
    mean_interval,
    medians_drawn_anew,
    readings_at_ages,
    relative_adoption,
    release_multipliers,
    with_size_class,
)

RELEASE, AS_OF = date(2024, 1, 1), date(2025, 6, 1)
BASES = {"model_id": pl.String, "organization_id": pl.String, "parameters": pl.Int64, "release_date": pl.Date}
DERIVATIVES = {
    "series": pl.String, "scope": pl.String, "model_id": pl.String, "age_days": pl.Int64,
    "derivatives": pl.Int64,
}  # fmt: skip
COUNTS = {
    "scope": pl.String, "model_id": pl.String, "date": pl.Date, "downloads_30d": pl.Int64,
    "downloads_all_time": pl.Int64,
}  # fmt: skip
SCOPES = {
    "series": pl.String, "scope": pl.String, "as_of_date": pl.Date, "first_date": pl.Date,
    "is_whole_population": pl.Boolean,
}  # fmt: skip
POPULATIONS = {"scope": pl.String, "version": pl.Date, "is_whole_population": pl.Boolean}


def base(model_id: str, **given: Any) -> dict[str, Any]:
    account = model_id.partition("/")[0]
    plain = {"organization_id": account, "parameters": None, "release_date": RELEASE}
    return {"model_id": model_id} | plain | given


def bases(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=BASES)


def derived(model_id: str, age_days: int, derivatives: int = 1) -> dict[str, Any]:
    place = {"series": "births_surviving", "scope": "whole"}
    return place | {"model_id": model_id, "age_days": age_days, "derivatives": derivatives}


def derivatives(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=DERIVATIVES)


def scopes(*, whole: bool = True) -> pl.DataFrame:
    row = ("births_surviving", "whole", AS_OF, date(2022, 3, 2), whole)
    return pl.DataFrame([row], schema=SCOPES, orient="row")


@pytest.mark.parametrize(
    ("model_id", "parameters", "size_class", "basis"),
    [
        ("a/llama-7b", None, "3B to 10B", "name"),
        ("a/llama-7b", 2_000_000_000, "below 3B", "parameters"),
        ("a/Qwen2.5-72B-Instruct", None, "above 40B", "name"),
        ("a/Qwen2.5-1.5B", None, "below 3B", "name"),
        ("a/Mixtral-8x7B-v0.1", None, "above 40B", "name"),
        ("a/Qwen3-30B-A3B", None, "10B to 40B", "name"),
        ("a/opt-350m", None, "below 3B", "name"),
        ("a/exactly-3B", None, "below 3B", "name"),
        ("a/just-above", 3_000_000_001, "3B to 10B", "parameters"),
        ("a/ten", 10_000_000_000, "3B to 10B", "parameters"),
        ("a/forty", 40_000_000_001, "above 40B", "parameters"),
        ("a/model-v0.5B", None, None, None),
        ("70b/nameless", None, None, None),
        ("a/gpt2", 0, None, None),
        ("a/8bit-thing", None, None, None),
        ("", None, None, None),
    ],
)
def test_the_size_class_is_told_or_read_from_the_name(
    model_id: str, parameters: int | None, size_class: str | None, basis: str | None
) -> None:
    row = with_size_class(bases(base(model_id, parameters=parameters))).row(0, named=True)
    assert (row["size_class"], row["size_basis"]) == (size_class, basis)


def test_derivatives_are_counted_up_to_the_horizon_and_none_is_zero() -> None:
    frame = derivatives(derived("a/x", 0, 2), derived("a/x", 90, 3), derived("a/x", 91, 5))
    found = derivatives_within(bases(base("a/x"), base("a/y")), frame, 90, date(2022, 1, 1), AS_OF)
    assert dict(found.select("model_id", "derivatives").rows()) == {"a/x": 5, "a/y": 0}


@pytest.mark.parametrize(
    ("release", "is_covered"),
    [
        (date(2023, 12, 31), False),  # before the data begins
        (date(2024, 1, 1), True),
        (AS_OF - timedelta(days=91), True),
        (AS_OF - timedelta(days=90), False),  # the ninetieth day is the day of the list, not ended
    ],
)
def test_only_bases_that_the_data_covers_count(release: date, *, is_covered: bool) -> None:
    found = derivatives_within(bases(base("a/x", release_date=release)), derivatives(), 90, RELEASE, AS_OF)
    assert (found.height == 1) == is_covered


def many(values: list[int], organizations: int = 24) -> tuple[pl.DataFrame, pl.DataFrame]:
    names = [f"o{i % organizations:02}/m{i:03}-7b" for i in range(len(values))]
    rows = [derived(name, 10, value) for name, value in zip(names, values, strict=True) if value]
    return bases(*(base(name) for name in names)), derivatives(*rows)


def test_multipliers_of_a_whole_population() -> None:
    values = [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100] * 6
    table = release_multipliers(*many(values), scopes())
    assert table.height == 2 * 4
    row = table.filter(size_class="3B to 10B", horizon_days=90).row(0, named=True)
    assert (row["bases"], row["organizations"], row["status"]) == (72, 24, "estimated")
    assert row["derivatives_median"] == np.median(values)
    assert row["derivatives_mean"] == pytest.approx(np.mean(values))
    assert row["without_any_share"] == pytest.approx(12 / 72)
    assert row["median_lower"] <= row["derivatives_median"] <= row["median_upper"]
    assert row["mean_lower"] < row["derivatives_mean"] < row["mean_upper"]
    others = table.filter(pl.col("size_class") != "3B to 10B")
    assert set(others["status"]) == {"not estimable: fewer than 20 releases or 20 organizations"}
    assert others["derivatives_mean"].null_count() == others.height


def test_many_releases_of_few_organizations_are_not_enough() -> None:
    table = release_multipliers(*many([3] * 50, organizations=19), scopes())
    row = table.filter(size_class="3B to 10B", horizon_days=365).row(0, named=True)
    assert (row["bases"], row["organizations"]) == (50, 19)
    assert row["status"] == "not estimable: fewer than 20 releases or 20 organizations"
    assert row["derivatives_mean"] is None


def test_multipliers_of_a_partial_list_are_not_estimated() -> None:
    table = release_multipliers(*many([3] * 50), scopes(whole=False))
    assert set(table["status"]) == {adoption.PARTIAL}
    assert table["is_illustration"].all()
    assert table["derivatives_mean"].null_count() == table.height


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), min_size=1, max_size=12))
def test_drawn_medians_are_those_of_what_was_drawn(rows: list[tuple[int, int]]) -> None:
    values = np.array([value for value, _ in rows])
    organization = np.unique([owner for _, owner in rows], return_inverse=True)[1]
    medians = medians_drawn_anew(values, organization, np.random.default_rng(4))
    count = organization.max() + 1
    times = np.random.default_rng(4).multinomial(count, np.full(count, 1 / count), size=adoption.DRAWS)
    for draw in range(0, adoption.DRAWS, 97):
        drawn = np.repeat(values, times[draw][organization])
        assert medians[draw] == pytest.approx(np.median(drawn))


def test_the_mean_of_few_deciding_organizations_is_uncertain() -> None:
    equal = mean_interval(np.array([1, 3] * 50), np.repeat(np.arange(50), 2))
    assert equal == (2, 2)  # every organization has the same mean
    alone = mean_interval(np.array([1, 3] * 50), np.arange(100))
    grouped = mean_interval(np.array([1, 3] * 50), np.array([0, 1] * 10 + list(range(2, 82))))
    assert alone[0] < 2 < alone[1]
    assert grouped[0] < alone[0]
    assert grouped[1] > alone[1]
    assert mean_interval(np.zeros(5, dtype=np.int64), np.arange(5)) == (0, 0)


# -- relative adoption ------------------------------------------------------------------------------------


def readings(values: list[float]) -> pl.DataFrame:
    group = {"measure": "downloads_30d", "scope": "whole", "size_class": "3B to 10B", "age_days": 30}
    return pl.DataFrame([group | {"model_id": f"m{i}", "value": value} for i, value in enumerate(values)])


@given(st.lists(st.integers(1, 50), min_size=1, max_size=25))
def test_the_baseline_is_the_tenth_best(values: list[int]) -> None:
    falling = sorted(values, reverse=True)
    for row in against_tenth(readings([float(value) for value in values])).to_dicts():
        assert row["place"] == 1 + sum(value > row["value"] for value in values)
        assert row["models"] == len(values)
        for name, place in (("ninth", 9), ("baseline", 10), ("eleventh", 11)):
            assert row[name] == (falling[place - 1] if len(values) >= place else None)
        if len(values) >= 10:
            assert row["ratio"] == pytest.approx(row["value"] / falling[9])
        else:
            assert row["ratio"] is None


def test_groups_are_ranked_apart() -> None:
    both = pl.concat([readings([1.0] * 10), readings([7.0] * 10).with_columns(scope=pl.lit("other"))])
    assert set(against_tenth(both).select("scope", "baseline").rows()) == {("whole", 1.0), ("other", 7.0)}


@pytest.mark.parametrize(("off", "value"), [((-4, 9), None), ((-3, 9), 9), ((3, 9), 9), ((4, 9), None)])
def test_a_reading_counts_for_an_age_within_three_days(off: tuple[int, int], value: int | None) -> None:
    day = RELEASE + timedelta(days=90 + off[0])
    counts = pl.DataFrame([("list", "a/x", day, off[1], None)], schema=COUNTS, orient="row")
    found = readings_at_ages(bases(base("a/x")), counts)
    assert found["value"].to_list() == ([] if value is None else [value])


def test_the_nearest_reading_counts_and_the_earlier_of_two() -> None:
    days = [RELEASE + timedelta(days=30 + off) for off in (-2, -1, 1, 2)]
    rows = [("list", "a/x", day, number, 10 * number) for number, day in enumerate(days, 1)]
    found = readings_at_ages(bases(base("a/x")), pl.DataFrame(rows, schema=COUNTS, orient="row"))
    expected = {("downloads_30d", 30, 2.0), ("downloads_all_time", 30, 20.0)}
    assert set(found.select("measure", "age_days", "value").rows()) == expected


def adopted(scope_is_whole: bool = True) -> pl.DataFrame:
    names = [f"o/m{i:02}-7b" for i in range(12)]
    rows = [derived(name, 5, 10 * (i + 1)) for i, name in enumerate(names)]
    day = RELEASE + timedelta(days=30)
    counts = [("list", name, day, 5, None) for name in names[:9]]
    populations = [("whole", AS_OF, scope_is_whole), ("list", day, False)]
    return relative_adoption(
        bases(*(base(name) for name in names), base("o/nameless"), base("o/none-7b")),
        derivatives(*rows, derived("o/nameless", 1, 999)),
        pl.DataFrame(counts, schema=COUNTS, orient="row"),
        scopes(whole=scope_is_whole),
        pl.DataFrame(populations, schema=POPULATIONS, orient="row"),
    )


def test_a_model_stands_against_the_tenth_best_of_its_size_at_its_age() -> None:
    table = adopted().filter(measure="derivatives_surviving", age_days=30)
    assert table.height == 12  # neither without a size nor without a derivative
    best = table.filter(model_id="o/m11-7b").row(0, named=True)
    assert (best["value"], best["baseline"], best["ratio"], best["place"]) == (120, 30, 4, 1)
    assert (best["ratio_to_ninth"], best["ratio_to_eleventh"]) == (3, 6)
    assert (best["baseline_version"], best["size_basis"], best["status"]) == (AS_OF, "name", "estimated")


def test_fewer_than_ten_models_have_no_tenth() -> None:
    table = adopted().filter(measure="downloads_30d")
    assert table.height == 9
    assert set(table["status"]) == {"not estimable: fewer than 10 models of that size at that age"}
    assert table["ratio"].null_count() == table["baseline"].null_count() == 9
    assert table["is_illustration"].all()


def test_derivatives_in_a_partial_list_are_no_measure_of_adoption() -> None:
    table = adopted(scope_is_whole=False).filter(measure="derivatives_surviving")
    assert set(table["status"]) == {adoption.PARTIAL}
    assert table["ratio"].null_count() == table.height
