"""The explosion: three series that are kept apart, and the growth of the whole Hub in closed form."""

from datetime import date, timedelta
from itertools import pairwise
from math import log
from typing import Any

import polars as pl
import pytest

from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, LATER, VERIFIED, at, held, ids, known, landed, organization, shared, staged

MONDAY = date(2025, 12, 1)


def seen(warehouse: Warehouse, *model_ids: str, **parents: int) -> Warehouse:
    """Fill in that these models are known; `parents` by name of the model after its slash."""
    rows = [known(name, depth=parents.get(name.partition("/")[2], 0)) for name in model_ids]
    return warehouse.fill("staging.model_ids", ids(*model_ids)).fill("core.models", rows)


def keep_counts(warehouse: Warehouse, *shown: tuple[str, date], scope: str = "hub") -> None:
    """Fill in the kept counters of lists that showed these models on these days."""
    names = sorted({name for name, _ in shown})
    keys = [{"model_key": key, "seen_id": name} for key, name in enumerate(names)]
    rows = [{"snapshot_date": day, "scope": scope, "model_key": names.index(name)} for name, day in shown]
    warehouse.fill("staging.counted_models", keys).fill("staging.model_counts", rows)


def explosion(warehouse: Warehouse) -> pl.DataFrame:
    warehouse.build("core.births")
    warehouse.build("marts.births_daily")
    warehouse.build("marts.weekly_profile")
    return warehouse.build("marts.explosion_weekly")


def weekly(warehouse: Warehouse, series: str) -> pl.DataFrame:
    frame = explosion(warehouse)
    return frame.filter(pl.col("series") == series, pl.col("universe") == "all")


def test_births_are_counted_by_week_of_creation_from_the_newest_list_of_each_scope(
    warehouse: Warehouse,
) -> None:
    seen(warehouse, "a/sunday", "a/monday", "a/next", "a/gone", "a/undated", next=1)
    warehouse.fill("core.snapshots", [landed(), landed(day=LATER)])
    warehouse.fill(
        "staging.models",
        [
            staged("a/gone", created_at=at("2025-12-01")),
            staged("a/sunday", snapshot_date=LATER, created_at=at("2025-11-30T23:59:59")),
            staged("a/monday", snapshot_date=LATER, created_at=at("2025-12-01")),
            staged("a/next", snapshot_date=LATER, created_at=at("2025-12-07T12:00")),
            staged("a/undated", snapshot_date=LATER),
        ],
    )
    columns = ("week_date", "scope", "as_of_date", "models", "derivatives", "is_illustration")
    assert weekly(warehouse, "births_surviving").select(columns).rows() == [
        (date(2025, 11, 24), "list", LATER, 1, 0, True),
        (MONDAY, "list", LATER, 2, 1, True),
    ]


def test_a_newer_list_that_was_not_asked_for_dates_hides_no_births(warehouse: Warehouse) -> None:
    seen(warehouse, "a/m").fill("core.snapshots", [landed(), landed(day=LATER)])
    rows = [staged("a/m", created_at=at("2025-12-01")), staged("a/m", snapshot_date=LATER)]
    warehouse.fill("staging.models", rows)
    births = weekly(warehouse, "births_surviving")
    assert births.select("week_date", "as_of_date", "models").rows() == [(MONDAY, DAY, 1)]


def test_a_universe_and_all_models_are_both_counted(warehouse: Warehouse) -> None:
    seen(warehouse, "a/m", "b/m").fill("core.models", [known("a/m", universe="vision"), known("b/m")])
    warehouse.fill("core.snapshots", [landed()])
    rows = [staged("a/m", created_at=at("2025-12-01")), staged("b/m", created_at=at("2025-12-02"))]
    warehouse.fill("staging.models", rows)
    columns = ("week_date", "universe", "models")
    assert sorted(explosion(warehouse).select(columns).rows()) == [
        (MONDAY, "all", 2),
        (MONDAY, "unknown", 1),
        (MONDAY, "vision", 1),
    ]


def test_partial_lists_are_illustrations_and_observe_no_births(warehouse: Warehouse) -> None:
    seen(warehouse, "a/m", "b/m").fill("core.snapshots", [landed(), landed(day=LATER)])
    keep_counts(warehouse, ("a/m", DAY), ("b/m", LATER), scope="list")
    rows = [staged("a/m"), staged("b/m", snapshot_date=LATER, created_at=at("2026-05-01"))]
    warehouse.fill("staging.models", rows)
    frame = explosion(warehouse)
    assert set(frame["series"]) == {"births_surviving"}
    assert frame["is_illustration"].all()


def test_whole_lists_observe_what_they_show_for_the_first_time_but_not_the_first_list(
    warehouse: Warehouse,
) -> None:
    days = [MONDAY + timedelta(days=shift) for shift in (0, 1, 7)]
    seen(warehouse, "a/first", "a/second", "a/third", third=1)
    warehouse.fill("core.snapshots", [landed("hub", day, is_whole_population=True) for day in days])
    shown = [("a/first", 0), ("a/first", 1), ("a/second", 1), ("a/second", 2), ("a/third", 2)]
    keep_counts(warehouse, *((name, days[place]) for name, place in shown))
    columns = ("week_date", "scope", "as_of_date", "models", "derivatives", "is_illustration")
    assert weekly(warehouse, "births_observed").select(columns).rows() == [
        (MONDAY, "hub", days[2], 1, 0, False),
        (MONDAY + timedelta(days=7), "hub", days[2], 1, 1, False),
    ]


def test_what_vanished_from_the_lists_was_observed_all_the_same(warehouse: Warehouse) -> None:
    days = [MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)]
    seen(warehouse, "a/stays").fill(
        "core.snapshots", [landed("hub", day, is_whole_population=True) for day in days]
    )
    keep_counts(warehouse, ("a/stays", days[0]), ("a/gone", days[1]), ("a/stays", days[2]))
    columns = ("series", "universe", "models", "derivatives")
    assert explosion(warehouse).select(columns).rows() == [
        ("births_observed", "all", 1, 0),
        ("births_observed", "unknown", 1, 0),
    ]


def test_a_model_that_was_renamed_is_not_observed_as_born_anew(warehouse: Warehouse) -> None:
    days = [MONDAY, MONDAY + timedelta(days=1)]
    seen(warehouse, "b/new").fill("staging.renamed_ids", [{"seen_id": "a/old", "model_id": "b/new"}])
    warehouse.fill("core.snapshots", [landed("hub", day, is_whole_population=True) for day in days])
    keep_counts(warehouse, ("a/old", days[0]), ("b/new", days[1]))
    assert weekly(warehouse, "births_observed").is_empty()


@pytest.mark.parametrize(("seen_on", "births"), [(-9, 0), (0, 0), (1, 1)])
def test_what_any_list_had_by_the_day_of_the_first_whole_one_is_no_observed_birth(
    warehouse: Warehouse, seen_on: int, births: int
) -> None:
    days = [MONDAY, MONDAY + timedelta(days=1)]
    elsewhere = MONDAY + timedelta(days=seen_on)
    whole = [landed("hub", day, is_whole_population=True) for day in days]
    warehouse.fill("core.snapshots", [*whole, landed("list", elsewhere)])
    names = ("a/first", "a/listed", "a/counted", "a/vanished", "b/new")
    shown = [("hub", days[0], "a/first"), *(("hub", days[1], name) for name in names)]
    shown += [("list", elsewhere, name) for name in ("a/counted", "a/vanished", "a/old")]
    keys = {name: key for key, name in enumerate((*names, "a/old"))}
    warehouse.fill("staging.counted_models", [{"model_key": k, "seen_id": name} for name, k in keys.items()])
    warehouse.fill(
        "staging.model_counts",
        [{"snapshot_date": day, "scope": scope, "model_key": keys[name]} for scope, day, name in shown],
    )
    warehouse.fill("staging.renamed_ids", [{"seen_id": "a/old", "model_id": "b/new"}])
    # Of a list that was not counted live only core.models knows; what vanished has no row there.
    first = {"a/first": days[0]}
    first |= dict.fromkeys(("a/listed", "a/counted", "b/new"), min(elsewhere, days[1]))
    warehouse.fill("core.models", [known(name, first_seen_date=day) for name, day in first.items()])
    expected = [(name, days[1]) for name in ("a/counted", "a/listed", "a/vanished", "b/new")]
    assert warehouse.rows("core.births", "model_id", "birth_date") == expected * births


def test_a_model_under_two_names_is_born_once_and_on_the_earlier_day(warehouse: Warehouse) -> None:
    days = [MONDAY + timedelta(days=shift) for shift in range(3)]
    renames = {"a/old": "b/new", "a/older": "b/new", "c/old": "c/new"}
    warehouse.fill("staging.renamed_ids", [{"seen_id": old, "model_id": new} for old, new in renames.items()])
    warehouse.fill("core.snapshots", [landed("hub", day, is_whole_population=True) for day in days])
    keep_counts(
        warehouse,
        *(("c/new", days[0]), ("c/old", days[1])),  # there at first
        *(("b/new", days[2]), ("a/older", days[1]), ("a/old", days[2])),
    )
    listed = {"scope": "hub", "snapshot_date": days[2]}
    told = {"a/old": "2025-12-03", "b/new": "2025-12-05", "c/new": "2025-11-01"}
    rows = [staged(name, created_at=at(day), **listed) for name, day in told.items()]
    warehouse.fill("staging.models", rows)
    assert warehouse.rows("core.births", "series", "model_id", "birth_date", "as_of_date") == [
        ("births_observed", "b/new", days[1], days[1]),
        ("births_surviving", "b/new", date(2025, 12, 3), days[2]),
        ("births_surviving", "c/new", date(2025, 11, 1), days[2]),
    ]


def test_what_the_tables_of_births_tell_apart_is_of_the_day_of_birth(warehouse: Warehouse) -> None:
    changed = MONDAY + timedelta(days=1)
    periods = [
        organization("lab", "modest", valid_to=changed),
        organization("lab", "giant", valid_from=changed),
    ]
    warehouse.fill("reference.organizations", periods).fill("core.accounts", [held("lab", "lab")])
    births = {"lab/a": MONDAY, "lab/b": changed, "u/c": MONDAY, "lab": MONDAY}
    births_of(warehouse, births, b={"depth": 2, "is_variant": True, "universe": "vision"})
    columns = ("model_id", "universe", "is_derivative", "is_variant", "uploader_id", "is_first_party")
    assert warehouse.rows("core.births", *columns) == [
        ("lab", "unknown", False, False, None, False),
        ("lab/a", "unknown", False, False, "lab", False),
        ("lab/b", "vision", True, True, "lab", True),
        ("u/c", "unknown", False, False, None, False),
    ]


def test_the_stock_of_the_hub_is_what_was_reported_and_verified(warehouse: Warehouse) -> None:
    reports = [
        {"as_of_date": date(2025, 12, 3), "models": 100} | VERIFIED,
        {"as_of_date": date(2025, 12, 7), "models": 110} | VERIFIED,
        {"as_of_date": date(2025, 12, 8), "models": 999, "status": "unverified", "source": "none"},
    ]
    warehouse.fill("core.hub_totals", reports)
    columns = ("week_date", "series", "scope", "universe", "as_of_date", "models", "derivatives")
    rest = ("is_illustration", "is_unfinished", "models_nowcast", "nowcast_status")
    assert warehouse.rows("marts.explosion_weekly", *columns, *rest) == [
        (MONDAY, "net_stock", "whole-hub", "all", day, models, None, False, False, None, None)
        for day, models in ((date(2025, 12, 3), 100), (date(2025, 12, 7), 110))
    ]


def test_the_three_series_stand_side_by_side(warehouse: Warehouse) -> None:
    days = [MONDAY, MONDAY + timedelta(days=1)]
    seen(warehouse, "a/m", "b/m")
    warehouse.fill("core.snapshots", [landed("hub", day, is_whole_population=True) for day in days])
    shown = [("a/m", days[0]), ("a/m", days[1]), ("b/m", days[1])]
    keep_counts(warehouse, *shown)
    warehouse.fill(
        "staging.models",
        [staged(name, snapshot_date=day, scope="hub", created_at=at("2025-12-01")) for name, day in shown],
    )
    warehouse.fill("core.hub_totals", [{"as_of_date": days[1], "models": 2} | VERIFIED])
    frame = explosion(warehouse).filter(pl.col("universe") == "all")
    assert dict(frame.select("series", "models").rows()) == {
        "births_surviving": 2,
        "births_observed": 1,
        "net_stock": 2,
    }


def test_a_model_that_one_list_has_under_two_names_is_born_once(warehouse: Warehouse) -> None:
    seen(warehouse, "b/new").fill("staging.renamed_ids", [{"seen_id": "a/old", "model_id": "b/new"}])
    warehouse.fill("core.snapshots", [landed()])
    rows = [staged("a/old", created_at=at("2025-12-01")), staged("b/new", created_at=at("2025-12-02"))]
    warehouse.fill("staging.models", rows)
    assert weekly(warehouse, "births_surviving")["models"].to_list() == [1]


def growth(warehouse: Warehouse, *reports: tuple[date, int], **given: Any) -> pl.DataFrame:
    rows = [{"as_of_date": day, "models": models} | VERIFIED | given for day, models in reports]
    return warehouse.fill("core.hub_totals", rows).build("marts.hub_growth")


@pytest.mark.parametrize("days", [150, 200, 364])
def test_what_doubles_has_the_days_as_its_doubling_time(warehouse: Warehouse, days: int) -> None:
    row = growth(warehouse, (MONDAY, 1000), (MONDAY + timedelta(days), 2000)).row(0, named=True)
    assert row == {
        "from_date": MONDAY,
        "to_date": MONDAY + timedelta(days),
        "from_models": 1000,
        "to_models": 2000,
        "days": days,
        "added_per_day": round(1000 / days, 6),
        "growth_pct_per_week": pytest.approx(100 * (2 ** (7 / days) - 1), abs=1e-9),
        "doubling_days": days,
        "growth_lower_pct": pytest.approx(100 * (2 ** (7 / (days + 4)) - 1), abs=1e-9),
        "growth_upper_pct": pytest.approx(100 * (2 ** (7 / (days - 4)) - 1), abs=1e-9),
        "regime": "explosive" if days <= 178 else "growing",
    }


def test_weekly_growth_compounds_to_the_whole(warehouse: Warehouse) -> None:
    row = growth(warehouse, (MONDAY, 1000), (MONDAY + timedelta(weeks=52), 1700)).row(0, named=True)
    assert (1 + row["growth_pct_per_week"] / 100) ** 52 == pytest.approx(1.7, rel=1e-9)
    assert row["doubling_days"] == pytest.approx(364 * log(2) / log(1.7), abs=1e-6)


@pytest.mark.parametrize(("later", "growth_pct"), [(1000, 0.0), (500, 100 * (0.5 ** (7 / 175) - 1))])
def test_what_does_not_grow_has_no_doubling_time(warehouse: Warehouse, later: int, growth_pct: float) -> None:
    row = growth(warehouse, (MONDAY, 1000), (MONDAY + timedelta(175), later)).row(0, named=True)
    assert row["doubling_days"] is None
    assert row["growth_pct_per_week"] == pytest.approx(growth_pct, abs=1e-9)


def test_each_report_is_compared_with_the_latest_one_at_least_150_days_before(warehouse: Warehouse) -> None:
    days = [MONDAY + timedelta(shift) for shift in (0, 1, 149, 150, 151)]
    frame = growth(warehouse, *((day, 1000 + place) for place, day in enumerate(days)))
    assert frame.select("from_date", "to_date").rows() == [(days[0], days[3]), (days[1], days[4])]
    assert all(earlier < later for earlier, later in pairwise(frame["to_date"]))


@pytest.mark.parametrize(
    ("later", "regime"),
    [
        (5000, "explosive"),
        (4000, "growing"),
        (1500, "growing"),
        (1001, "growing"),
        (1000, "plateau"),
        (999, "contraction"),
    ],
)
def test_the_regime_of_the_stock_follows_from_the_bounds_of_the_dates(
    warehouse: Warehouse, later: int, regime: str
) -> None:
    row = growth(warehouse, (MONDAY, 1000), (MONDAY + timedelta(364), later)).row(0, named=True)
    assert row["regime"] == regime
    assert row["growth_lower_pct"] <= row["growth_pct_per_week"] <= row["growth_upper_pct"]


def test_unverified_totals_say_nothing(warehouse: Warehouse) -> None:
    reports = (MONDAY, 1000), (MONDAY + timedelta(200), 2000)
    assert growth(warehouse, *reports, status="unverified").is_empty()


def test_days_of_lists_do_not_matter_to_the_hubs_growth(warehouse: Warehouse) -> None:
    warehouse.fill("core.snapshots", [landed(day=DAY), landed(day=LATER)])
    assert warehouse.build("marts.hub_growth").is_empty()


def births_of(warehouse: Warehouse, births: dict[str, date], **models: dict[str, Any]) -> Warehouse:
    """Make surviving births of a whole list of LATER; `models` by name after the slash, account "org"."""
    listed = {"scope": "hub", "snapshot_date": LATER}
    rows = [staged(name, created_at=at(day.isoformat()), **listed) for name, day in births.items()]
    known_rows = [known(name, **models.get(name.partition("/")[2], {})) for name in births]
    warehouse.fill("staging.models", rows).fill("core.models", known_rows).build("core.births")
    return warehouse.fill("core.snapshots", [landed("hub", LATER, is_whole_population=True)])


def two_organizations(warehouse: Warehouse) -> Warehouse:
    """Fill in a well-funded organization, and one that is not; each holds the account of its name."""
    warehouse.fill("reference.organizations", [organization("giant"), organization("lab", "modest")])
    return warehouse.fill("core.accounts", [held("giant", "giant"), held("lab", "lab")])


def test_the_community_is_neither_well_funded_nor_the_bases_own_maker(warehouse: Warehouse) -> None:
    names = ("giant/base", "lab/base", "lab/own", "lab/of-giant", "user/of-giant", "user/of-lab", "user/new")
    births_of(
        two_organizations(warehouse),
        dict.fromkeys(names, MONDAY),
        **{name.partition("/")[2]: {"depth": 1} for name in names if "of-" in name or "own" in name},
    )
    origins = {"lab/base": "lab", "lab/own": "lab", "lab/of-giant": "giant", "user/of-lab": "lab"}
    warehouse.fill("core.ancestry", [shared(name, origin, 1.0) for name, origin in origins.items()])
    row = warehouse.build("marts.births_daily").filter(universe="all").row(0, named=True)
    assert (row["models"], row["derivatives"]) == (7, 4)
    assert row["community_models"] == 5  # all but giant/base and lab/own
    assert row["community_derivatives"] == 3


def test_who_is_well_funded_is_asked_on_the_day_of_birth(warehouse: Warehouse) -> None:
    changed = date(2025, 12, 10)
    periods = [
        organization("lab", "modest", valid_to=changed),
        organization("lab", "giant", valid_from=changed),
    ]
    warehouse.fill("reference.organizations", periods).fill("core.accounts", [held("lab", "lab")])
    births_of(warehouse, {"lab/before": date(2025, 12, 9), "lab/after": changed})
    frame = warehouse.build("marts.births_daily").filter(universe="all")
    assert frame.select("birth_date", "community_models").rows() == [(date(2025, 12, 9), 1), (changed, 0)]


def test_quantizations_are_told_apart(warehouse: Warehouse) -> None:
    births_of(warehouse, {"u/a": MONDAY, "u/a-gguf": MONDAY}, **{"a-gguf": {"is_variant": True, "depth": 1}})
    row = warehouse.build("marts.births_daily").filter(universe="all").row(0, named=True)
    assert (row["models"], row["quantizations"], row["community_quantizations"]) == (2, 1, 1)


@pytest.mark.parametrize(
    ("day", "uncertain", "is_unfinished", "full_days"),
    [(7, 0, False, 7), (6, 0, True, 6), (7, 1, True, 6), (1, 0, True, 1), (0, 0, True, 0), (8, 1, False, 7)],
)
def test_the_day_of_a_list_has_not_ended_nor_the_days_of_its_doubt(
    warehouse: Warehouse, day: int, uncertain: int, is_unfinished: bool, full_days: int
) -> None:
    listed_on = MONDAY + timedelta(days=day)
    births = {"series": "births_surviving", "scope": "hub", "as_of_date": listed_on, "model_id": "u/a"}
    told = {"birth_date": MONDAY, "universe": "vision", "is_derivative": False, "is_first_party": False}
    warehouse.fill("core.births", [births | told | {"is_variant": False}])
    snapshot = landed("hub", listed_on, is_whole_population=True, date_uncertainty_days=uncertain)
    warehouse.fill("core.snapshots", [snapshot])
    warehouse.build("marts.births_daily")
    row = warehouse.build("marts.explosion_weekly").filter(universe="all").row(0, named=True)
    assert (row["is_unfinished"], row["observed_days"]) == (is_unfinished, full_days)
    assert (row["nowcast_status"] is None) is not is_unfinished


def daily_births(warehouse: Warehouse, weeks: int, days: int, *, whole: bool = True) -> pl.DataFrame:
    """Give explosion_weekly of 10 births a weekday and 5 a day at weekends, `days` days into a last week."""
    last = MONDAY + timedelta(days=7 * weeks + days - 1)
    warehouse.fill_by(
        "marts.births_daily",
        f"""select d::date as birth_date, 'births_surviving' as series, 'hub' as scope, u as universe,
            date '{last}' + 1 as as_of_date, case when isodow(d) < 6 then 10 else 5 end as models,
            0 as derivatives, 0 as quantizations, 0 as community_models, 0 as community_derivatives,
            0 as community_quantizations, {not whole} as is_illustration, date '{last}' as last_full_date
        from range(date '{MONDAY}', date '{last}' + 1, interval 1 day) as r(d)
        cross join (values ('all'), ('vision')) as v(u)""",
    )
    warehouse.build("marts.weekly_profile")
    return warehouse.build("marts.explosion_weekly").filter(universe="all")


def test_the_unfinished_week_is_filled_up_by_the_profile_of_the_weeks_before(warehouse: Warehouse) -> None:
    frame = daily_births(warehouse, weeks=30, days=3)
    row = frame.row(-1, named=True)
    share = 1 / (1 + 30.5 / 30.5)
    assert (row["models"], row["models_nowcast"]) == (30, round(30 / share))
    assert (row["models_nowcast_lower"], row["models_nowcast_upper"]) == (60, 60)  # all weeks are alike
    assert row["nowcast_status"] == "estimated"
    assert frame["models_nowcast"].null_count() == frame.height - 1


@pytest.mark.parametrize(
    ("weeks", "whole", "reason"),
    [
        (7, True, "fewer than 8 full weeks"),
        (30, False, "a partial list"),
        (0, True, "fewer than 8 full weeks"),
    ],
)
def test_without_a_profile_no_week_is_filled_up(
    warehouse: Warehouse, weeks: int, whole: bool, reason: str
) -> None:
    row = daily_births(warehouse, weeks, days=3, whole=whole).row(-1, named=True)
    assert row["is_unfinished"]
    assert row["models_nowcast"] is None
    assert row["nowcast_status"] == f"not estimable: {reason}"


def test_after_a_gap_the_lists_of_a_week_stand_for_more_days(warehouse: Warehouse) -> None:
    days = [MONDAY + timedelta(days=shift) for shift in (0, 1, 2, 15, 16)]
    warehouse.fill("core.snapshots", [landed("hub", day, is_whole_population=True) for day in days])
    keep_counts(warehouse, *((f"u/{place}", day) for place, day in enumerate(days)))
    frame = weekly(warehouse, "births_observed")
    assert frame.select("week_date", "models", "observed_days").rows() == [
        (MONDAY, 2, 2),
        (MONDAY + timedelta(weeks=2), 2, 14),
    ]


def test_by_origin_the_births_of_a_week_add_up_to_all_of_them(warehouse: Warehouse) -> None:
    births = dict.fromkeys(("giant/base", "user/merge", "user/none", "user/vanished"), MONDAY)
    births_of(two_organizations(warehouse), births, merge={"depth": 1, "is_variant": True})
    shares = [shared("giant/base", "giant", 1.0), shared("user/none", "unknown", 1.0)]
    shares += [shared("user/merge", "giant", 0.5), shared("user/merge", "lab", 0.5)]
    shares += [shared("user/merge", "giant", 1.0, evidence="declared")]
    warehouse.fill("core.ancestry", shares)
    for table in ("births_daily", "weekly_profile", "explosion_weekly"):
        warehouse.build(f"marts.{table}")
    columns = ("origin", "models", "derivatives", "quantizations", "community_derivatives")
    rows = warehouse.rows("marts.explosion_by_origin_weekly", *columns)
    assert rows == [
        ("giant", 1.5, 0.5, 0.5, 0.5),
        ("lab", 0.5, 0.5, 0.5, 0.5),
        ("unknown", 2.0, 0.0, 0.0, 0.0),
    ]


def test_by_origin_what_an_organization_builds_upon_itself_is_no_communitys(warehouse: Warehouse) -> None:
    births_of(
        two_organizations(warehouse),
        dict.fromkeys(("lab/own", "giant/own", "giant/lab-tune"), MONDAY),
        own={"depth": 1},
        **{"lab-tune": {"depth": 1}},
    )
    shares = [shared("lab/own", "lab", 1.0), shared("giant/own", "giant", 1.0)]
    warehouse.fill("core.ancestry", [*shares, shared("giant/lab-tune", "lab", 1.0)])
    for table in ("births_daily", "weekly_profile", "explosion_weekly"):
        warehouse.build(f"marts.{table}")
    rows = warehouse.rows(
        "marts.explosion_by_origin_weekly", "origin", "derivatives", "community_derivatives"
    )
    assert rows == [("giant", 1.0, 0.0), ("lab", 2.0, 0.0)]


def test_growth_is_read_from_the_weeks_of_a_whole_list(warehouse: Warehouse) -> None:
    daily_births(warehouse, weeks=30, days=3)
    frame = warehouse.build("marts.growth_rates").filter(measure="models", subject="all")
    assert frame["to_date"].to_list() == [MONDAY + timedelta(days=7 * week - 1) for week in range(27, 31)]
    assert frame["growth_pct_per_week"].abs().max() == pytest.approx(0, abs=1e-9)
    assert set(frame["status"]) == {"estimated"}
    refused = warehouse.build("marts.growth_rates").filter(measure="derivatives", subject="all")
    assert refused["status"].to_list() == ["not estimable: fewer than 100 births in 26 weeks"]


def test_no_growth_and_no_turns_are_read_from_partial_lists(warehouse: Warehouse) -> None:
    daily_births(warehouse, weeks=60, days=3, whole=False)
    rates = warehouse.build("marts.growth_rates")
    turns = warehouse.build("marts.turning_points")
    assert set(rates["status"]) == set(turns["status"]) == {"not estimable: a partial list"}
    assert rates["growth_pct_per_week"].null_count() == rates.height > 0
    assert turns["turn"].to_list() == [0, 0]


def test_the_line_through_the_totals_takes_one_of_four_weeks_and_two_years(warehouse: Warehouse) -> None:
    newest = date(2026, 9, 17)
    ages = (0, 3, 27, 28, 100, 101, 400, 730, 731)
    rows = [{"as_of_date": newest - timedelta(age), "models": 1000 - age} | VERIFIED for age in ages]
    warehouse.fill("core.hub_totals", rows)
    row = warehouse.build("marts.hub_growth_fit").row(0, named=True)
    # 0 (3, 27 in the same four weeks), 28, 100 (101 in the same), 400, 730; 731 is too old
    assert (row["from_date"], row["to_date"], row["reports"]) == (newest - timedelta(730), newest, 5)
    assert row["growth_lower_pct"] < row["growth_pct_per_week"] < row["growth_upper_pct"]
