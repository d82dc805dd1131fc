"""Shutdown and freeze: hand-made exposures, a greedy twin, closed forms, and what is not estimable."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.analysis.exposure import UNKNOWN, UNREGISTERED
from pipelines.analysis.freeze import (
    FEWEST_ON_LIST,
    FREEZE,
    HORIZON_DAYS,
    History,
    expected_flow,
    freeze,
    interval,
    too_little,
)
from pipelines.analysis.shutdown import CURVE, FIGURES, ORDERS, STEPS, curve, sets_of, shutdown

DAY = date(2025, 12, 22)
EXPOSURE: dict[str, Any] = {
    "snapshot_date": pl.Date,
    "scope": pl.String,
    "evidence": pl.String,
    "universe": pl.String,
    "uploader": pl.String,
    "upstream": pl.String,
    "paths": pl.String,
    "needs": pl.String,
    "losses": pl.String,
    "models": pl.Int64,
    "derivatives": pl.Int64,
    "downloads_30d": pl.Int64,
    "likes": pl.Int64,
}


def row(uploader: str, upstream: str, downloads: int | None = 1, **given: Any) -> dict[str, Any]:
    """A row of marts.shutdown_exposure: one derivative that needs nobody."""
    plain = {"snapshot_date": DAY, "scope": "list", "evidence": "curated", "universe": "vision"}
    plain |= {"uploader": uploader, "upstream": upstream, "paths": upstream, "needs": "", "losses": ""}
    return plain | {"models": 1, "derivatives": 1, "downloads_30d": downloads, "likes": None} | given


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=EXPOSURE)


def figures(
    exposure: pl.DataFrame, *stopped: str, weight: str = "downloads_30d"
) -> dict[str, tuple[int, int]]:
    rows = shutdown(exposure, stopped).filter(weight=weight)
    return {figure: (lower, upper) for figure, lower, upper in rows.select("figure", "lower", "upper").rows()}


SMALL = frame(
    row("meta", "meta", 100),
    row(UNREGISTERED, "meta", 10, needs="meta+nous", losses="meta+nous"),
    row(UNREGISTERED, "meta+mistral", 4, paths="meta|mistral", losses="meta|mistral"),
    row(UNREGISTERED, UNKNOWN, 2, needs=UNKNOWN, losses=UNKNOWN),
)


def test_the_figures_of_a_small_exposure() -> None:
    assert figures(SMALL, "meta") == {
        "gone": (100, 100),
        "broken": (0, 2),
        "lost_now": (100, 102),
        "stranded": (4, 6),
        "never_born_any": (114, 116),
        "never_born_all": (110, 112),
    }
    assert figures(SMALL, "meta", "nous")["broken"] == (10, 12)
    assert figures(SMALL, "meta", "mistral")["never_born_all"] == (114, 116)


def test_who_carries_nothing_takes_nothing_but_the_unknown() -> None:
    assert set(figures(SMALL, "nobody-else").values()) == {(0, 0), (0, 2)}


def test_a_weight_that_nobody_tells_is_null_and_one_that_some_tell_is_a_sum() -> None:
    assert shutdown(SMALL, ["meta"]).filter(weight="likes")["upper"].null_count() == len(FIGURES)
    some = frame(row("meta", "meta", None), row("meta", "meta", 5, universe="speech"))
    assert figures(some, "meta")["gone"] == (5, 5)


@pytest.mark.parametrize("name", [UNKNOWN, UNREGISTERED, ""])
def test_nobody_in_particular_cannot_stop(name: str) -> None:
    with pytest.raises(ValueError, match="no organizations"):
        shutdown(SMALL, ["meta", name])


def test_an_empty_exposure_has_nothing_to_lose() -> None:
    assert shutdown(frame(), ["meta"])["lower"].null_count() == 24


def test_families_of_sets_are_read() -> None:
    assert sets_of("a+b|c") == [frozenset("ab"), frozenset("c")]
    assert sets_of("") == []


def steps(
    exposure: pl.DataFrame, loss: str, removal_order: str, weight: str = "downloads_30d"
) -> pl.DataFrame:
    return (
        curve(exposure)
        .filter(universe="all", loss=loss, removal_order=removal_order, weight=weight)
        .sort("removed")
    )


def test_the_worst_goes_first_and_the_rest_is_ranked_anew() -> None:
    exposure = frame(
        row("big", "big", 10), row(UNREGISTERED, "big+twin", 30), row("twin", "twin", 5), row("own", "own", 8)
    )
    worst = steps(exposure, "never_born", "worst_first")
    assert worst["organization_id"].to_list() == [None, "big", "own", "twin"]
    assert worst["remaining_share"].to_list() == [1.0, *(round(left / 53, 9) for left in (13, 5)), 0.0]
    assert steps(exposure, "never_born", "largest_first")["organization_id"].to_list() == [
        None,
        "big",
        "own",
        "twin",
    ]
    assert steps(exposure, "lost_now", "worst_first")["remaining_share"].to_list()[-1] == round(30 / 53, 9)


def test_a_base_whose_copies_two_hold_falls_with_the_second() -> None:
    exposure = frame(row(UNREGISTERED, "meta", 9, needs="meta+nous"), row("nous", "nous", 1))
    worst = steps(exposure, "lost_now", "worst_first")
    assert worst.select("organization_id", "remaining_share").rows() == [
        (None, 1.0),
        ("nous", 0.9),
        ("meta", 0.0),
    ]


def test_what_is_unknown_falls_with_the_first_in_the_lower_bound() -> None:
    worst = steps(SMALL, "never_born", "worst_first")
    assert worst["lower"].to_list()[:2] == [1.0, 0.0]
    assert worst["upper"].to_list() == worst["remaining_share"].to_list()


def test_random_orders_are_the_same_on_every_run_and_lose_evenly() -> None:
    exposure = frame(*(row(name, name, 1) for name in "abcdefghij"))
    random = steps(exposure, "never_born", "random")
    assert random["remaining_share"].to_list() == pytest.approx([1 - removed / 10 for removed in range(11)])
    assert curve(exposure).equals(curve(exposure))
    assert random["organization_id"].null_count() == 11


def test_the_band_holds_the_orders_of_one_giant() -> None:
    exposure = frame(row("giant", "giant", 90), *(row(name, name, 1) for name in "abcdefghij"))
    first = steps(exposure, "never_born", "random").row(1, named=True)
    assert (first["lower"], first["upper"]) == (0.1, 0.99)
    assert 0.85 < first["remaining_share"] < 0.95
    assert ORDERS == 200


def test_twenty_steps_are_followed() -> None:
    exposure = frame(*(row(f"o{place}", f"o{place}", place + 1) for place in range(30)))
    worst = steps(exposure, "never_born", "worst_first")
    assert worst["removed"].to_list() == list(range(STEPS + 1))
    assert worst["organizations"].unique().to_list() == [30]


@pytest.mark.parametrize("rows", [[], [row("meta", "meta", 3)], [row(UNREGISTERED, UNKNOWN, 3)]])
def test_one_organization_is_no_order(rows: list[dict[str, Any]]) -> None:
    assert curve(frame(*rows)).schema == CURVE
    assert curve(frame(*rows)).is_empty()


@st.composite
def exposures(draw: st.DrawFn) -> pl.DataFrame:
    """Rows with an uploader among their upstream, and needs of one or two holders."""
    names = ("acme", "botch", "corp", "dorm")
    some = st.sets(st.sampled_from(names), min_size=1, max_size=2)
    rows = []
    for place in range(draw(st.integers(1, 6))):
        uploader = draw(st.sampled_from((*names, UNREGISTERED)))
        upstream = draw(some) | ({uploader} - {UNREGISTERED})
        needs = {"+".join(sorted(members)) for members in draw(st.lists(some, max_size=2))}
        made = row(
            uploader, "+".join(sorted(upstream)), draw(st.integers(1, 20)), needs="|".join(sorted(needs))
        )
        rows.append(made | {"universe": str(place)})
    return frame(*rows)


@settings(max_examples=15)
@given(exposures())
def test_each_step_takes_what_loses_most_by_the_figures_themselves(exposure: pl.DataFrame) -> None:
    worst = steps(exposure, "lost_now", "worst_first")
    total = exposure["downloads_30d"].sum()
    names = {
        n for text in (*exposure["upstream"], *exposure["needs"]) for each in sets_of(text) for n in each
    }
    stopped: list[str] = []
    for taken, left in worst.select("organization_id", "remaining_share").rows()[1:]:
        losses = {name: figures(exposure, *stopped, name)["lost_now"][0] for name in names - set(stopped)}
        assert losses[taken] == max(losses.values())
        stopped.append(taken)
        assert left == pytest.approx(1 - losses[taken] / total)


def history(exits: list[int], births: list[tuple[int, int, int]], watched: int = HORIZON_DAYS) -> History:
    """Bases of these ages, and (base, age, number) of their derivatives."""
    exit_age = np.array(exits, dtype=np.int64)
    base, age, number = np.array(births, dtype=np.int64).reshape(-1, 3).T
    return History(np.maximum(exit_age - watched + 1, 0), exit_age, base, age, number)


def test_a_steady_company_loses_its_rate_times_the_area_under_its_age_curve() -> None:
    # A base each day of two years, each with two derivatives on its tenth day.
    ages = list(range(2 * HORIZON_DAYS))
    births = [(base, 10, 2) for base in ages if base >= 10 and base - 10 < HORIZON_DAYS]
    flow = expected_flow(history(ages, births))
    assert flow.future == pytest.approx(2 * (HORIZON_DAYS - 10))
    assert flow.a_base == pytest.approx(2)
    assert flow.existing == pytest.approx(2 * 10)


def test_bases_that_enter_late_count_from_then_on() -> None:
    # Five were watched from birth, five from day 100 on; only the latter show what comes on day 300.
    exits, births = [50] * 5 + [464] * 5, [(0, 20, 5), (5, 300, 10)]
    flow = expected_flow(history(exits, births))
    assert flow.a_base == pytest.approx(5 / 5 + 10 / 5)
    assert flow.future == pytest.approx(5 / HORIZON_DAYS * (1 * (365 - 20) + 2 * (365 - 300)))


def test_the_error_is_that_of_drawing_bases_anew() -> None:
    random = np.random.default_rng(7)
    exits = random.integers(0, 1000, 300)
    births = [
        (base, int(random.integers(0, min(age, 364) + 1)), 1 + base % 5)
        for base, age in enumerate(exits)
        if base % 3
    ]
    drawn = []
    for _ in range(400):
        taken = np.repeat(np.arange(300), random.poisson(1.0, 300))
        of_base = [[birth[1:] for birth in births if birth[0] == base] for base in range(300)]
        again = [(place, *birth) for place, base in enumerate(taken) for birth in of_base[base]]
        drawn.append(expected_flow(history(exits[taken].tolist(), again, watched=1200)).future)
    flow = expected_flow(history(exits.tolist(), births, watched=1200))
    assert flow.error == pytest.approx(np.std(drawn), rel=0.12)


def test_the_error_is_the_same_on_every_run_and_shrinks_with_the_bases() -> None:
    few = history(list(range(0, 365, 12)), [(base, 0, 4) for base in range(31)])
    many = history(list(range(365)), [(base, 0, 4) for base in range(365)])
    assert expected_flow(few) == expected_flow(few)
    assert (
        expected_flow(many).error / expected_flow(many).future
        < expected_flow(few).error / expected_flow(few).future
    )


def test_an_interval_holds_its_loss_and_widens_with_the_error() -> None:
    low, high = interval(100.0, 10.0)
    assert [low, high] == pytest.approx([82.65, 122.20], abs=0.01)
    assert low * high == pytest.approx(100.0**2 * 1.01)
    assert interval(100.0, 0.0) == pytest.approx((100.0, 100.0))
    assert interval(0.0, 0.0) == (0.0, 0.0)


def plenty() -> History:
    ages = list(range(0, 730, 10))
    return history(ages, [(base, 5, 3) for base in range(1, 37)])


@pytest.mark.parametrize(
    ("given_history", "dated", "total", "reason"),
    [
        (plenty(), 108, 108, None),
        (plenty(), 108, 200, "known for 108 of 200"),
        (plenty(), 49, 49, "49 derivatives"),
        (history(list(range(0, 730, 10)), [(0, 5, 300)]), 300, 300, "300 derivatives of 1 bases"),
        (
            history(list(range(0, 730, 10)), [(1, 5, 300), *((b, 5, 3) for b in range(2, 37))]),
            405,
            405,
            "as uneven as if 1.8 bases had all derivatives; it takes 2",
        ),
        (
            history([500 + base for base in range(40)], [(b, 200, 3) for b in range(36)]),
            108,
            108,
            "0 releases",
        ),
        (
            history(list(range(0, 360, 10)), [(b, 0, 3) for b in range(36)]),
            108,
            108,
            "only 0 bases were watched",
        ),
        (history([], []), 0, 0, "0 derivatives of 0 bases"),
    ],
)
def test_too_little_is_said_and_not_estimated(
    given_history: History, dated: int, total: int, reason: str | None
) -> None:
    said = too_little(given_history, dated, total)
    assert said is None if reason is None else reason in (said or "")


LAST = date(2025, 3, 1)


def frozen(
    derivatives: list[tuple[Any, ...]], releases: list[tuple[Any, ...]], *, is_whole: bool = True
) -> pl.DataFrame:
    columns = {"scope": pl.String, "organization_id": pl.String, "root_id": pl.String, "birth_date": pl.Date}
    return freeze(
        pl.DataFrame(
            releases,
            schema={"organization_id": pl.String, "model_id": pl.String, "release_date": pl.Date},
            orient="row",
        ),
        pl.DataFrame(derivatives, schema=columns | {"derivatives": pl.Int64}, orient="row"),
        pl.DataFrame(
            [("list", LAST - timedelta(days=900), LAST, is_whole)],
            schema={
                "scope": pl.String,
                "first_date": pl.Date,
                "last_date": pl.Date,
                "is_whole": pl.Boolean,
            },
            orient="row",
        ),
    )


def ago(days: int) -> date:
    return LAST - timedelta(days=days)


def steady(organization: str, number: int = 4) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """A base every ten days for three years, each with `number` derivatives five days later."""
    releases = [(organization, f"{organization}/{age}", ago(age)) for age in range(0, 1095, 10)]
    born = [
        ("list", organization, f"{organization}/{age}", ago(age - 5), number) for age in range(10, 360, 10)
    ]
    return born, releases


def strangers(number: int = FEWEST_ON_LIST) -> list[tuple[Any, ...]]:
    return [("list", None, f"x/{place}", ago(place % 300), 1) for place in range(number)]


def test_a_freeze_of_a_steady_company() -> None:
    born, releases = steady("acme")
    made = frozen(born + strangers(), releases)
    assert made.schema == FREEZE
    estimate = made.row(0, named=True)
    assert (estimate["status"], estimate["releases"], estimate["derivatives"]) == ("estimated", 37, 140)
    assert estimate["past_year_flow"] == 640
    assert estimate["past_year_of_new_bases"] == 140
    assert estimate["loss"] == pytest.approx(37 / 365 * 140 / 36 * 360)
    assert estimate["lower"] < estimate["loss"] < estimate["upper"]


def test_of_a_partial_list_the_same_figures_are_an_illustration() -> None:
    born, releases = steady("acme")
    whole, partial = (frozen(born + strangers(), releases, is_whole=is_whole) for is_whole in (True, False))
    assert partial["status"].to_list() == ["illustration: a partial list"]
    assert partial.drop("status").equals(whole.drop("status"))
    assert frozen(born, releases, is_whole=False)["status"][0].startswith("not estimable: ")


def test_few_bases_that_matter_stretch_the_interval_by_four_degrees_of_freedom_at_least() -> None:
    # One base of 36 that were watched on their fifth day has all derivatives; 37 were released in the year.
    exits = np.arange(0, 730, 10)
    flow = expected_flow(history(exits.tolist(), [(1, 5, 300)]))
    a_release = 300 / 36 * 360
    is_watched = (exits >= 5) & (exits - 364 <= 5)
    own = np.where(np.arange(73) == 1, 300.0, 0.0) * 360 / 36 - is_watched * a_release / 36
    influence = (exits < 365) / 365 * a_release + 37 / 365 * own
    t_of_four_degrees = 2.776445
    assert flow.future == pytest.approx(37 / 365 * a_release)
    assert flow.error == pytest.approx((influence**2).sum() ** 0.5 * t_of_four_degrees / 1.959964)


def test_companies_are_told_apart_and_add_up() -> None:
    one, two = steady("acme"), steady("botch", 8)
    both = frozen(one[0] + two[0] + strangers(), one[1] + two[1])
    alone = frozen(one[0] + strangers(), one[1])
    assert both["organization_id"].to_list() == ["acme", "botch"]
    assert both["loss"][0] == alone["loss"][0]
    assert both["loss"][1] == pytest.approx(2 * both["loss"][0])


def test_what_is_older_than_its_base_or_of_an_undated_one_is_left_out_and_counted() -> None:
    born, releases = steady("acme")
    odd = [("list", "acme", "acme/0", ago(30), 2), ("list", "acme", "acme/what", ago(30), 3)]
    estimate = frozen(born + odd + strangers(), releases).row(0, named=True)
    assert estimate["undated_derivatives"] == 5
    assert estimate["derivatives"] == 145
    assert estimate["past_year_of_new_bases"] == 140


def test_a_list_of_a_few_bases_is_no_ground_for_an_estimate() -> None:
    born, releases = steady("acme", 40)
    estimate = frozen(born, releases).row(0, named=True)
    assert estimate["loss"] is None
    assert estimate["status"].startswith(
        "not estimable: the list tells the birth of 1400 derivatives of 35 roots"
    )
    assert estimate["past_year_of_new_bases"] == 1400


def test_births_before_the_past_year_do_not_count() -> None:
    born, releases = steady("acme")
    old = [("list", "acme", "acme/800", ago(700), 900)]
    assert frozen(old + born + strangers(), releases).equals(frozen(born + strangers(), releases))


def test_no_births_no_rows() -> None:
    assert frozen([], []).schema == FREEZE
    assert frozen([], []).is_empty()
