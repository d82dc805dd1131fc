"""Open against closed: packages, the arena, stars of repositories; and what training cost."""

from datetime import date
from typing import Any

import pytest

from tests.sql.conftest import Warehouse
from tests.sql.made import VERIFIED, named

MAY, JUNE, JULY = date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)
UNVERIFIED = {"status": "unverified", "source": "none"}


def rated(model: str, rating: float, day: date = MAY, **given: Any) -> dict[str, Any]:
    """A row of core.arena_ratings."""
    return {"as_of_date": day, "board": "b", "model_name": model, "rating": rating} | given


def weights(model: str, kind: str, **given: Any) -> dict[str, Any]:
    """A row of reference.arena_models."""
    return {"model_name": model, "weights": kind} | VERIFIED | given


NAMES = [weights("open", "open"), weights("shut", "proprietary"), weights("shut-2", "proprietary")]


def gaps(warehouse: Warehouse, rows: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    warehouse.fill("core.arena_ratings", rows).fill(
        "reference.arena_models", [*NAMES, weights("late", "proprietary", opened_date=JUNE)]
    )
    return warehouse.rows("marts.arena_gap", *columns)


def test_the_gap_is_between_the_best_of_both_on_one_day(warehouse: Warehouse) -> None:
    rows = [rated("open", 1100.0), rated("shut", 1150.0), rated("shut-2", 1300.0)]
    columns = ("open_model", "proprietary_model", "gap_points", "gap_lower", "gap_upper", "open_win_share")
    ((*found, win_share),) = gaps(warehouse, rows, *columns)
    assert found == ["open", "shut-2", 200.0, 200.0, 200.0]
    assert win_share == pytest.approx(1 / (1 + 10**0.5), abs=1e-9)


def test_names_that_are_not_verified_make_the_bounds(warehouse: Warehouse) -> None:
    rows = [rated("open", 1100.0), rated("shut", 1200.0), rated("nobody knows", 1250.0)]
    columns = ("models", "unverified_models", "gap_points", "gap_lower", "gap_upper")
    assert gaps(warehouse, rows, *columns) == [(3, 1, 100.0, -50.0, 150.0)]


def test_a_model_whose_weights_came_later_is_open_from_then_on(warehouse: Warehouse) -> None:
    rows = [
        rated(name, rating, day) for day in (MAY, JUNE) for name, rating in (("open", 1.0), ("late", 2.0))
    ]
    rows += [rated("shut", 3.0, day) for day in (MAY, JUNE)]
    assert gaps(warehouse, rows, "open_model") == [("open",), ("late",)]


@pytest.mark.parametrize(
    ("names", "note"),
    [
        (["open"], "not estimable: no verified proprietary name on the board"),
        (["shut"], "not estimable: no verified open name on the board"),
        (["who"], "not estimable: no verified name on the board"),
        (["open", "shut"], "the intervals of the ratings are not given"),
    ],
)
def test_what_is_missing_is_said(warehouse: Warehouse, names: list[str], note: str) -> None:
    ((gap, found),) = gaps(warehouse, [rated(name, 1.0) for name in names], "gap_points", "note")
    assert (gap is None, found) == (len(names) == 1, note)


def test_the_interval_of_a_gap_spans_both_ratings_intervals(warehouse: Warehouse) -> None:
    rows = [rated("open", 1100.0, lower=1090.0, upper=1105.0)]
    rows.append(rated("shut", 1200.0, lower=1195.0, upper=1220.0))
    columns = ("interval_lower", "interval_upper", "note")
    assert gaps(warehouse, rows, *columns) == [(90.0, 130.0, None)]


def test_a_day_on_which_most_models_shift_begins_another_scale(warehouse: Warehouse) -> None:
    names = ("open", "shut", "x")
    scores = {MAY: 0, JUNE: 1, JULY: 95}
    rows = [rated(name, 1000.0 + shift, day) for day, shift in scores.items() for name in names]
    columns = ("scale", "shift_points", "noise_points")
    assert gaps(warehouse, rows, *columns) == [(1, None, None), (1, 1.0, 0.0), (2, 94.0, 0.0)]


def leading(*ratings: tuple[date, float, float | None]) -> list[dict[str, Any]]:
    """Ratings of the best open model and of one proprietary one, where it is listed."""
    rows = [rated("open", best, day) for day, best, _ in ratings]
    return rows + [rated("shut", other, day) for day, _, other in ratings if other is not None]


def test_open_caught_up_when_it_stood_at_the_leader_of_then_both_as_rated_later(warehouse: Warehouse) -> None:
    rows = leading((MAY, 1190.0, 1200.0), (JUNE, 1192.0, 1195.0), (JULY, 1194.0, 1193.0))
    columns = ("caught_up_date", "lag_days", "lag_status")
    assert gaps(warehouse, rows, *columns) == [
        (JULY, 61, "caught up"), (JULY, 30, "caught up"), (JULY, 0, "caught up"),
    ]  # fmt: skip


def test_a_leader_that_nobody_caught_up_with_is_censored(warehouse: Warehouse) -> None:
    rows = leading((MAY, 1190.0, 1200.0), (JUNE, 1191.0, 1200.0), (JULY, 1191.0, 1200.0))
    assert gaps(warehouse, rows, "lag_days", "lag_status")[0] == (61, "censored: the data end")
    left = leading((MAY, 1190.0, 1200.0), (JUNE, 1191.0, 1200.0), (JULY, 1191.0, None))
    found = gaps(warehouse, left, "lag_days", "lag_status")
    assert found == [(31, "censored: the model left the board"), (0, "censored: the model left the board"),
                     (None, None)]  # fmt: skip


def test_where_ratings_move_too_much_from_day_to_day_there_is_no_lag(warehouse: Warehouse) -> None:
    rows = leading((MAY, 1190.0, 1200.0), (JUNE, 1230.0, 1180.0), (JULY, 1190.0, 1200.0))
    columns = ("caught_up_date", "lag_days", "lag_status")
    status = "not estimable: ratings of this scale move too much from date to date"
    assert gaps(warehouse, rows, *columns) == [(None, None, status)] * 3


def on_list(
    package: str, access: str, downloads: int | None, day: date = MAY, **given: Any
) -> dict[str, Any]:
    """A row of marts.package_downloads_30d."""
    row = {"package": package, "as_of_date": day, "downloads_30d": downloads, "access": access}
    return row | {"is_censored": downloads is None, "list_length": 9, "role": "sdk"} | given


def packages(warehouse: Warehouse, rows: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    register = [{"package": name} | VERIFIED for name in {row["package"] for row in rows} - {"rumour"}]
    warehouse.fill("reference.packages", [*register, {"package": "rumour"} | UNVERIFIED])
    return warehouse.fill("marts.package_downloads_30d", rows).rows("marts.package_shares", *columns)


def test_the_share_of_closed_packages_leaves_neutral_ones_out_and_has_a_bound_with_openai_as_open(
    warehouse: Warehouse,
) -> None:
    rows = [on_list("openai", "proprietary", 20), on_list("anthropic", "proprietary", 10)]
    rows += [on_list("vllm", "open", 30, role="runtime"), on_list("torch", "open", 40, role="framework")]
    rows += [on_list("litellm", "neutral", 100), on_list("gone", "open", None)]
    rows.append(on_list("rumour", "proprietary", 1_000))
    columns = ("package_set", "open_packages", "proprietary_packages", "neutral_packages",
               "censored_packages", "proprietary_share", "proprietary_lower",
               "proprietary_share_of_three")  # fmt: skip
    assert packages(warehouse, rows, *columns) == [
        ("all", 2, 2, 1, 1, 0.3, 0.1, 0.15),
        ("clients", 1, 2, 1, 1, 0.5, round(10 / 60, 9), 0.1875),
    ]


def test_a_year_ago_is_compared_on_packages_that_were_listed_both_times(warehouse: Warehouse) -> None:
    before = date(2023, 5, 17)
    rows = [on_list("openai", "proprietary", 30), on_list("openai", "proprietary", 10, before)]
    rows += [on_list("vllm", "open", 30), on_list("vllm", "open", 40, before)]
    rows += [on_list("new", "proprietary", 500), on_list("new", "proprietary", None, before)]
    columns = ("as_of_date", "panel_packages", "panel_share", "panel_share_before")
    found = [row for row in packages(warehouse, rows, "package_set", *columns) if row[0] == "all"]
    assert found == [("all", before, 0, None, None), ("all", MAY, 2, 0.5, 0.2)]


def test_without_a_package_of_either_kind_there_is_no_share(warehouse: Warehouse) -> None:
    rows = [on_list("litellm", "neutral", 5), on_list("openai", "proprietary", None)]
    ((share, note),) = set(packages(warehouse, rows, "proprietary_share", "note"))
    assert (share, note) == (None, "not estimable: no package of either kind on the list")


def standing(repository: str, stands_on: str, **given: Any) -> dict[str, Any]:
    """A row of reference.repositories."""
    return {"observed_name": repository, "repository": repository, "stands_on": stands_on} | VERIFIED | given


REGISTER = [standing("c/c", "meta"), standing("o/o", "eleutherai"), standing("n/n", "none"),
            standing("u/u", "unknown"), standing("s/s", "meta", **UNVERIFIED)]  # fmt: skip


def starred(*rows: tuple[str, date, int], column: str = "stars_observed") -> list[dict[str, Any]]:
    """Rows of marts.repository_stars_daily."""
    return [{"repository": name, "date": day, column: stars} for name, day, stars in rows]


def dependence(warehouse: Warehouse, rows: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    organizations = [named("meta"), named("eleutherai", is_well_funded=False)]
    warehouse.fill("core.organizations", organizations).fill("reference.repositories", REGISTER)
    return warehouse.fill("marts.repository_stars_daily", rows).rows("marts.repository_dependence", *columns)


def test_stars_are_counted_by_what_a_repository_stands_on(warehouse: Warehouse) -> None:
    names = ("c/c", "o/o", "n/n", "u/u", "s/s")
    rows = starred(*((name, MAY, 10 * (place + 1)) for place, name in enumerate(names)))
    columns = ("dependence", "repositories", "stars", "star_share", "company_lower", "company_upper")
    assert dependence(warehouse, rows, *columns) == [
        ("company_weights", 1, 10, round(10 / 150, 9), round(10 / 150, 9), round(100 / 150, 9)),
        ("no_certain_weights", 1, 30, 0.2, round(10 / 150, 9), round(100 / 150, 9)),
        ("other_weights", 1, 20, round(20 / 150, 9), round(10 / 150, 9), round(100 / 150, 9)),
        ("unknown", 2, 90, 0.6, round(10 / 150, 9), round(100 / 150, 9)),
    ]


def test_a_month_is_the_day_on_which_most_repositories_were_seen(warehouse: Warehouse) -> None:
    full, later = date(2024, 5, 10), date(2024, 5, 20)
    rows = starred(("c/c", full, 5), ("n/n", full, 5), ("c/c", later, 50))
    assert set(dependence(warehouse, rows, "as_of_date", "stars")) == {(full, 5)}


def test_growth_is_of_repositories_seen_in_both_months(warehouse: Warehouse) -> None:
    rows = starred(("c/c", MAY, 10), ("n/n", MAY, 10), ("c/c", JUNE, 40), ("n/n", JUNE, 20),
                   ("u/u", JUNE, 900))  # fmt: skip
    columns = ("month", "dependence", "compared_repositories", "stars_gained", "gained_share")
    assert dependence(warehouse, rows, *columns) == [
        (MAY, "company_weights", None, None, None),
        (MAY, "no_certain_weights", None, None, None),
        (JUNE, "company_weights", 1, 30, 0.75),
        (JUNE, "no_certain_weights", 1, 10, 0.25),
        (JUNE, "unknown", 0, None, None),
    ]


def test_across_a_month_that_nobody_saw_there_is_no_growth(warehouse: Warehouse) -> None:
    rows = starred(("c/c", MAY, 10), ("c/c", JULY, 40))
    columns = ("month", "compared_date", "stars_gained")
    assert dependence(warehouse, rows, *columns) == [(MAY, None, None), (JULY, None, None)]


def test_where_stars_were_taken_back_there_are_no_shares_of_the_growth(warehouse: Warehouse) -> None:
    rows = starred(("c/c", MAY, 10), ("n/n", MAY, 10), ("c/c", JUNE, 40), ("n/n", JUNE, 9))
    found = dependence(warehouse, rows, "month", "stars_gained", "gained_share")
    assert found[2:] == [(JUNE, 30, None), (JUNE, -1, None)]


def test_observed_and_surviving_stars_are_never_one_line(warehouse: Warehouse) -> None:
    rows = starred(("c/c", MAY, 10)) + starred(("c/c", JUNE, 40), column="stars_surviving")
    columns = ("month", "series", "stars", "stars_gained")
    assert dependence(warehouse, rows, *columns) == [
        (MAY, "observed", 10, None), (JUNE, "surviving", 40, None),
    ]  # fmt: skip


RUN, PRICE = "final_run_gpu_hours", "final_run_cloud_price"


def cost(
    model: str, amount: int, definition: str = RUN, base: str | None = None, **given: Any
) -> dict[str, Any]:
    """A row of reference.training_costs."""
    row = {"model": model, "definition": definition, "amount": amount, "precision": "exact"}
    row |= {"base_model": base, "kind": "derivative" if base else "base", "model_date": MAY}
    return row | VERIFIED | given


def costs(warehouse: Warehouse, *rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    columns = ("derivative", "base_amount", "ratio", "ratio_precision", "note")
    return warehouse.fill("reference.training_costs", rows).rows("marts.training_costs", *columns)


def test_a_ratio_stands_between_costs_of_one_definition(warehouse: Warehouse) -> None:
    rows = [cost("base", 80_000), cost("tuned", 20, base="base")]
    assert costs(warehouse, *rows) == [("tuned", 80_000, 0.00025, "exact", None)]


@pytest.mark.parametrize(
    ("of_base", "of_derivative", "precision"),
    [("exact", "about", "about"), ("about", "at_most", "at_most"), ("at_most", "exact", "at_least")],
)
def test_a_ratio_is_as_exact_as_its_parts(
    warehouse: Warehouse, of_base: str, of_derivative: str, precision: str
) -> None:
    rows = [cost("base", 100, precision=of_base), cost("tuned", 1, base="base", precision=of_derivative)]
    assert costs(warehouse, *rows) == [("tuned", 100, 0.01, precision, None)]


MAYBE = "final_run_amortized_perhaps_with_base"


@pytest.mark.parametrize(
    ("base", "derivative", "reason"),
    [
        (cost("base", 9, PRICE), cost("t", 1, RUN, "base"), "the base has no cost by this definition"),
        (cost("other", 9), cost("t", 1, RUN, "base"), "no cost of the base is known"),
        (cost("base", 9) | UNVERIFIED, cost("t", 1, RUN, "base"), "no cost of the base is known"),
        (cost("base", 9), cost("t", 1, RUN, "base") | UNVERIFIED, "its cost is not verified"),
        (cost("base", 9), cost("t", 1, RUN, kind="derivative"), "its base is not known"),
        (cost("base", 9, MAYBE), cost("t", 1, MAYBE, "base"), "its cost may contain that of the base"),
        (
            cost("base", 9, precision="at_most"),
            cost("t", 1, RUN, "base", precision="at_most"),
            "both are upper bounds",
        ),
    ],
)
def test_two_definitions_are_never_in_one_ratio(
    warehouse: Warehouse, base: dict[str, Any], derivative: dict[str, Any], reason: str
) -> None:
    ((_, _, ratio, precision, note),) = costs(warehouse, base, derivative)
    assert (ratio, precision, note) == (None, None, f"not estimable: {reason}")
