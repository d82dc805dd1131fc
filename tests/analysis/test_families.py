"""Half-lives: medians that one can see, a slow twin, and the usual sign test where authors are single."""

import math
from collections import Counter
from datetime import date
from itertools import accumulate

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis.families import HORIZON_DAYS, LEAST_AUTHORS, half_lives, median_by_age

GROUP = {"series": "births_surviving", "scope": "hub", "includes_variants": True, "family": "Llama"}
Z = 1.959963984540054
#: Author and age of each derivative.
Births = list[tuple[str, int]]

drawn_births = st.lists(
    st.tuples(st.sampled_from("abcdefghijklmnop"), st.integers(0, 20)), min_size=1, max_size=60
)


def by_age(births: Births, **group: object) -> pl.DataFrame:
    """What the SQL hands over: sums by age over authors."""
    in_all = Counter(author for author, _ in births)
    rows = []
    so_far: Counter[str] = Counter()
    for age in sorted({age for _, age in births}):
        today = Counter(author for author, day in births if day == age)
        rows.append(
            GROUP
            | group
            | {
                "age_days": age,
                "derivatives": today.total(),
                "new_authors": sum(so_far[author] == 0 for author in today),
                "square_step": float(sum((so_far[a] + n) ** 2 - so_far[a] ** 2 for a, n in today.items())),
                "cross_step": float(sum(n * in_all[a] for a, n in today.items())),
            }
        )
        so_far.update(today)
    return pl.DataFrame(rows)


def twin(births: Births) -> tuple[int, int, int | None]:
    """Median and interval, author by author and day by day."""
    in_all = Counter(author for author, _ in births)
    days = sorted({age for _, age in births})
    drift, spread = {}, {}
    for day in days:
        so_far = Counter(author for author, age in births if age <= day)
        surplus = [so_far[author] - in_all[author] / 2 for author in in_all]
        drift[day], spread[day] = sum(surplus), Z * math.sqrt(sum(value**2 for value in surplus))
    median = next(day for day in days if 2 * sum(age <= day for _, age in births) >= len(births))
    lower = next(day for day in days if drift[day] >= -spread[day])
    last_below = max((day for day in days if drift[day] < spread[day]), default=-1)
    return median, lower, next((day for day in days if day > last_below), None)


def family(**given_: object) -> pl.DataFrame:
    known: dict[str, object] = {
        "organization_id": "meta",
        "release_date": date(2023, 7, 18),
        "as_of_date": date(2025, 12, 22),
        "data_begin_date": date(2022, 3, 2),
        "is_illustration": False,
        "known_derivatives": 40,
        "dated_derivatives": 40,
    }
    schema = dict.fromkeys(("release_date", "as_of_date", "data_begin_date"), pl.Date)
    return pl.DataFrame([GROUP | known | given_], schema_overrides=schema)


def singles(*ages: int) -> Births:
    """One derivative an author."""
    return [(f"author {number}", age) for number, age in enumerate(ages)]


@given(drawn_births)
def test_median_and_interval_are_those_of_the_slow_twin(births: Births) -> None:
    row = median_by_age(by_age(births)).row(0, named=True)
    assert (row["half_life_days"], row["lower_days"], row["upper_days"]) == twin(births)
    assert (row["derivatives"], row["authors"]) == (len(births), len({author for author, _ in births}))


@given(drawn_births)
def test_the_interval_holds_the_median(births: Births) -> None:
    row = median_by_age(by_age(births)).row(0, named=True)
    assert row["lower_days"] <= row["half_life_days"]
    assert row["upper_days"] is None or row["half_life_days"] <= row["upper_days"]


def test_with_one_derivative_an_author_the_interval_is_that_of_the_sign_test() -> None:
    # 100 births, one a day from day 1: not refused are the days t with |t - 50| < 1.96 * 5.
    row = median_by_age(by_age(singles(*range(1, 101)))).row(0, named=True)
    assert (row["half_life_days"], row["lower_days"], row["upper_days"]) == (50, 41, 60)


def test_an_author_who_uploads_ten_times_as_much_makes_the_interval_wider_and_not_narrower() -> None:
    ages = list(range(1, 101))
    tenfold = [birth for birth in singles(*ages) for _ in range(10)]
    assert median_by_age(by_age(tenfold)).equals(
        median_by_age(by_age(singles(*ages))).with_columns(derivatives=pl.lit(1000, dtype=pl.Int64))
    )
    lumped = [*singles(*ages), *(("busy", 50) for _ in range(100))]
    row = median_by_age(by_age(lumped)).row(0, named=True)
    assert (row["half_life_days"], row["lower_days"], row["upper_days"]) == (50, 2, 99)


def test_a_half_life_with_its_horizon() -> None:
    births = singles(*[10] * 15, *[100] * 10, *[360] * 15)
    row = half_lives(family(), by_age(births)).row(0, named=True)
    assert (row["half_life_days"], row["horizon_days"], row["status"]) == (100, HORIZON_DAYS, "estimated")
    assert (row["lower_days"], row["upper_days"]) == (10, 360)
    assert (row["derivatives"], row["authors"]) == (40, 40)


def test_a_partial_list_is_an_illustration_that_says_how_much_of_it_is_dated() -> None:
    partial = family(is_illustration=True, known_derivatives=1852)
    row = half_lives(partial, by_age(singles(*range(40)))).row(0, named=True)
    assert row["half_life_days"] == 19
    assert row["status"] == "illustration: 40 of 1852 derivatives in a partial list are dated"


@pytest.mark.parametrize(
    ("given_", "births", "reason"),
    [
        ({"release_date": None}, singles(*range(40)), "not estimable: no day of release is known"),
        (
            {"release_date": date(2019, 2, 14)},
            singles(*range(40)),
            "not estimable: released before the data begins, so its first derivatives have no day",
        ),
        (
            {"as_of_date": date(2024, 7, 16)},
            singles(*range(40)),
            "not estimable: followed for 364 of 365 days",
        ),
        ({}, singles(*range(19)), "not estimable: 19 derivatives of 19 authors; it takes 20 of 10"),
        (
            {},
            [(author, age) for author in "abcdefghi" for age in range(5)],
            "not estimable: 45 derivatives of 9 authors; it takes 20 of 10",
        ),
        (
            {},
            [*singles(*range(LEAST_AUTHORS)), *(("busy", age) for age in range(200))],
            "not estimable: too few authors carry the flow for an upper end",
        ),
    ],
)
def test_what_is_too_thin_is_not_estimable_and_says_why(
    given_: dict[str, object], births: Births, reason: str
) -> None:
    row = half_lives(family(**given_), by_age(births)).row(0, named=True)
    assert (row["half_life_days"], row["lower_days"], row["upper_days"]) == (None, None, None)
    assert row["status"] == reason


def test_a_family_without_births_has_none_and_no_half_life() -> None:
    row = half_lives(family(), by_age(singles(1)).clear()).row(0, named=True)
    assert (row["derivatives"], row["authors"], row["half_life_days"]) == (0, 0, None)
    assert row["status"] == "not estimable: 0 derivatives of 0 authors; it takes 20 of 10"


def test_each_group_is_summed_for_itself() -> None:
    births = pl.concat([by_age(singles(1, 2, 3)), by_age(singles(7, 8, 9), family="Qwen")])
    assert median_by_age(births).select("family", "half_life_days").rows() == [("Llama", 2), ("Qwen", 8)]


def test_the_order_of_rows_does_not_matter() -> None:
    births = by_age(singles(*accumulate(range(12))))
    assert median_by_age(births).equals(median_by_age(births.reverse()))
