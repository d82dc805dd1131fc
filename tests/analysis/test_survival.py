"""Survival with delayed entry: closed forms, an exact twin, and lifelines as the judge."""

import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.analysis.survival import (
    AGES_DAYS,
    LEAST_AT_RISK,
    Curve,
    at_risk,
    family_survival,
    log_log_interval,
    product_limit,
)

#: Age of entry, age of leaving, whether it died then.
Subject = tuple[int, int, bool]

subjects = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30), st.booleans()).map(
        lambda drawn: (min(drawn[:2]), max(drawn[:2]), drawn[2])
    ),
    min_size=1,
    max_size=25,
)


def curve_of(people: list[Subject], after: int = 0) -> Curve:
    entry, leave, is_dead = (np.array(column) for column in zip(*people, strict=True))
    return product_limit(entry, leave, is_dead.astype(bool), after=after)


def twin(people: list[Subject], after: int, day: int) -> Fraction:
    """The chance of outliving the day, one day and one subject at a time."""
    alive = Fraction(1)
    for today in range(after + 1, day + 1):
        seen = [person for person in people if person[0] <= today <= person[1]]
        dying = [person for person in seen if person[1] == today and person[2]]
        if dying:
            alive *= 1 - Fraction(len(dying), len(seen))
    return alive


def lives(*people: Subject | tuple[None, None, bool], **given_: object) -> pl.DataFrame:
    group = {
        "series": "births_surviving",
        "scope": "hub",
        "includes_variants": True,
        "is_illustration": False,
    }
    rows = [group | {"entry_days": a, "exit_days": b, "is_dead": dead} | given_ for a, b, dead in people]
    schema = {"entry_days": pl.Int64, "exit_days": pl.Int64}
    return pl.DataFrame(rows, schema_overrides=schema)


@given(subjects, st.integers(0, 10))
def test_the_curve_is_that_of_the_exact_twin(people: list[Subject], after: int) -> None:
    curve = curve_of(people, after)
    for day, survival in zip(curve.days, curve.survival, strict=True):
        assert survival == pytest.approx(float(twin(people, after, int(day))), abs=1e-12)
    assert curve.days.tolist() == sorted({leave for _, leave, dead in people if dead and leave > after})


@pytest.mark.filterwarnings("ignore")  # lifelines warns of pandas and of subjects that enter late
@settings(max_examples=15)
@given(subjects)
def test_lifelines_finds_the_same_curve_and_the_same_interval(people: list[Subject]) -> None:
    from lifelines import KaplanMeierFitter  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to import

    # One who is there from the first day on and stays keeps lifelines from running out of subjects.
    people = [*people, (0, 31, False)]
    entry, leave, is_dead = (np.array(column) for column in zip(*people, strict=True))
    # lifelines counts from after the entry; here the day of entry counts, so the entry is half a day earlier.
    fitted = KaplanMeierFitter().fit(leave, is_dead, entry=entry - 0.5)
    curve = curve_of(people, after=-1)
    shares = fitted.survival_function_at_times(curve.days).to_numpy()
    assert curve.survival == pytest.approx(shares, abs=1e-9)
    ends = fitted.confidence_interval_.loc[[float(day) for day in curve.days]].to_numpy()
    for survival, greenwood, (lower, upper) in zip(curve.survival, curve.greenwood, ends, strict=True):
        if 0 < survival < 1:
            assert log_log_interval(survival, greenwood) == pytest.approx((lower, upper), abs=1e-6)


def test_without_censoring_and_late_entry_the_curve_is_the_share_that_is_left() -> None:
    curve = curve_of([(0, day, True) for day in (1, 2, 2, 4)])
    assert curve.survival.tolist() == pytest.approx([0.75, 0.25, 0.0])
    assert curve.greenwood.tolist() == pytest.approx([1 / 12, 1 / 12 + 2 / 3, math.inf])


def test_one_who_enters_late_is_not_counted_among_those_who_could_have_died_before() -> None:
    early = [(0, 5, True), (0, 20, False)]
    assert curve_of([*early, (10, 20, False)]).survival.tolist() == [0.5]
    assert curve_of([*early, (0, 20, False)]).survival.tolist() == pytest.approx([2 / 3])


def test_one_who_is_censored_on_the_day_of_a_death_was_still_at_risk() -> None:
    assert curve_of([(0, 5, True), (0, 5, False)]).survival.tolist() == [0.5]


def test_one_who_enters_and_dies_on_one_day_counts() -> None:
    assert curve_of([(5, 5, True), (0, 9, False)]).survival.tolist() == [0.5]


def test_deaths_up_to_the_landmark_are_no_part_of_the_curve() -> None:
    curve = curve_of([(0, 3, True), (0, 7, True), (0, 9, False)], after=3)
    assert (curve.days.tolist(), curve.survival.tolist()) == ([7], [0.5])


def test_leaving_before_entering_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves before it enters"):
        curve_of([(5, 4, True)])


def test_those_at_risk_are_counted_on_their_first_and_on_their_last_day() -> None:
    days = np.array([1, 2, 4, 5])
    assert at_risk(np.array([2, 4]), np.array([4, 4]), days).tolist() == [0, 1, 2, 0]


def test_at_the_ends_of_the_scale_there_is_no_interval() -> None:
    assert all(map(math.isnan, (*log_log_interval(1.0, 0.0), *log_log_interval(0.0, math.inf))))


def read(frame: pl.DataFrame, age: int) -> dict[str, object]:
    return frame.row(by_predicate=pl.col("age_days") == age, named=True)


def test_twenty_families_of_which_five_die() -> None:
    people: list[Subject] = [(30, 200, True)] * 5 + [(30, 700, False)] * 15
    frame = family_survival(lives(*people))
    assert frame["age_days"].to_list() == list(AGES_DAYS)
    before, after = read(frame, 180), read(frame, 270)
    assert (before["survival"], before["lower"], before["at_risk"]) == (1.0, None, 20)
    assert before["status"] == "estimated without interval: no death up to this age"
    assert (after["survival"], after["at_risk"], after["deaths"], after["status"]) == (
        0.75,
        15,
        5,
        "estimated",
    )
    # By hand: s = sqrt(5 / (20 * 15)) / |log 0.75|, then 0.75 ** exp(+-1.96 s).
    width = math.exp(1.959963984540054 * math.sqrt(5 / 300) / abs(math.log(0.75)))
    assert (after["lower"], after["upper"]) == pytest.approx((0.75**width, 0.75 ** (1 / width)), abs=1e-9)


def test_too_few_at_risk_are_not_estimable_and_neither_is_anything_after() -> None:
    few: list[Subject] = [(30, 300, True)] * 2 + [(30, 400, False)] * (LEAST_AT_RISK - 3)
    many: list[Subject] = [(500, 900, False)] * 50
    frame = family_survival(lives(*few, *many))
    late = read(frame, 630)
    assert (late["at_risk"], late["least_at_risk"], late["survival"], late["lower"]) == (50, 9, None, None)
    assert late["status"] == "not estimable: 9 families at risk up to this age; it takes 10"


def test_a_partial_list_gives_no_curve() -> None:
    frame = family_survival(lives(*[(30, 900, False)] * 50, is_illustration=True))
    assert frame["survival"].null_count() == frame.height == len(AGES_DAYS)
    assert frame["status"].unique().to_list() == ["not estimable: silence in a partial list is no death"]


def test_families_that_could_not_be_followed_do_not_count() -> None:
    frame = family_survival(lives(*[(30, 900, False)] * 12, (None, None, False), (None, None, False)))
    assert read(frame, 90)["at_risk"] == 12


def test_each_population_has_its_own_curve() -> None:
    both = pl.concat([lives(*[(0, 900, False)] * 20), lives(*[(0, 900, False)] * 11, scope="other")])
    frame = family_survival(both).filter(pl.col("age_days") == 90)
    assert frame.select("scope", "at_risk").rows() == [("hub", 20), ("other", 11)]


def test_no_family_at_all_gives_no_row() -> None:
    assert family_survival(lives((0, 1, False)).clear()).is_empty()
