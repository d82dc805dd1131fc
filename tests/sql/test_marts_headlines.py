"""Coverage and headlines: what is there, and the numbers that the overview leads with."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, LATER, VERIFIED, at, counted, known, landed, rooted, staged

FIRST = date(2026, 3, 1)


def coverage(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Coverage, with a total of the Hub so that its row has dates; that row is tested by itself."""
    warehouse.fill("reference.hub_totals", [{"as_of_date": DAY, "models": 1} | VERIFIED])
    warehouse.build("core.snapshot_groups")
    return warehouse.build("marts.coverage").filter(pl.col("source") != "hub_totals").to_dicts()


def test_a_list_tells_how_much_of_it_says_what_is_needed(warehouse: Warehouse) -> None:
    warehouse.fill("core.snapshots", [landed()])
    names = ("a/m", "b/m", "c/m", "d/m")
    warehouse.fill(
        "core.model_snapshots",
        [
            counted("a/m", downloads_30d=5),
            counted("b/m", downloads_30d=0),
            counted("c/m", universe="unknown"),
            counted("d/m", downloads_30d=7),
        ],
    )
    warehouse.fill("core.model_roots", [rooted(name, parents=int(name == "a/m")) for name in names])
    warehouse.fill("core.models", [known(name) for name in names])
    created = {"a/m": at("2024-01-01"), "b/m": None, "c/m": None, "d/m": None}
    warehouse.fill("staging.models", [staged(name, created_at=created[name]) for name in names])
    wrong = {"snapshot_date": DAY, "scope": "list", "position": 3, "seen_id": "c/m", "value": "-1"}
    warehouse.fill("staging.rejected_values", [wrong | {"field": field} for field in ("downloads", "likes")])
    assert coverage(warehouse) == [
        {
            "source": "huggingface_models",
            "scope": "list",
            "title": "what list shows",
            "is_whole_population": False,
            "is_live": False,
            "is_model_list": True,
            "first_date": DAY,
            "newest_date": DAY,
            "days": 1,
            "missing_days": None,
            "rows": 4,
            "subjects": 4,
            "downloads_30d": 12,
            "with_downloads_pct": 75.0,
            "with_created_at_pct": 25.0,
            "with_task_pct": 75.0,
            "with_parent_pct": 25.0,
            "rejected_values": 2,
        }
    ]


def test_a_list_that_tells_no_downloads_has_none_and_not_zero(warehouse: Warehouse) -> None:
    warehouse.fill("core.snapshots", [landed()]).fill("core.model_snapshots", [counted("a/m")])
    warehouse.fill("core.model_roots", [rooted("a/m")]).fill("core.models", [known("a/m")])
    warehouse.fill("staging.models", [staged("a/m")])
    (row,) = coverage(warehouse)
    assert (row["downloads_30d"], row["with_downloads_pct"], row["rejected_values"]) == (None, 0.0, 0)


def test_lists_of_two_days_are_two_rows(warehouse: Warehouse) -> None:
    warehouse.fill("core.snapshots", [landed(), landed(day=LATER)])
    warehouse.fill("core.model_snapshots", [counted("a/m"), counted("a/m", snapshot_date=LATER)])
    warehouse.fill("core.model_roots", [rooted("a/m")]).fill("core.models", [known("a/m")])
    warehouse.fill("staging.models", [staged("a/m"), staged("a/m", snapshot_date=LATER)])
    assert [row["newest_date"] for row in coverage(warehouse)] == [DAY, LATER]


def lists_of_days(warehouse: Warehouse, *days: date, **given: Any) -> None:
    """Landed lists of one scope on these days, with one model more each day."""
    warehouse.fill("core.snapshots", [landed("list", day, **given) for day in days])
    shown = [(day, f"a/m{number}") for place, day in enumerate(days) for number in range(place + 1)]
    rows = [counted(name, snapshot_date=day, downloads_30d=1) for day, name in shown]
    warehouse.fill("core.model_snapshots", rows)
    names = [f"a/m{number}" for number in range(len(days))]
    warehouse.fill("core.model_roots", [rooted(name) for name in names])
    warehouse.fill("core.models", [known(name) for name in names])
    warehouse.fill("staging.models", [staged(name, snapshot_date=day) for day, name in shown])


SPAN = ("scope", "first_date", "newest_date", "days", "missing_days", "rows", "downloads_30d")


def test_a_live_scope_is_one_row_with_the_days_that_it_missed_and_its_newest_list(
    warehouse: Warehouse,
) -> None:
    days = [FIRST, FIRST + timedelta(1), FIRST + timedelta(4)]
    lists_of_days(warehouse, *days, is_live=True)
    (row,) = coverage(warehouse)
    assert tuple(row[name] for name in SPAN) == ("list", FIRST, days[2], 3, 2, 3, 3)
    assert (row["is_live"], row["is_model_list"]) == (True, True)


def test_whole_walks_are_weekly_and_miss_no_days(warehouse: Warehouse) -> None:
    days = [FIRST, FIRST + timedelta(7)]
    lists_of_days(warehouse, *days, is_live=True, is_whole_population=True)
    (row,) = coverage(warehouse)
    assert tuple(row[name] for name in SPAN) == ("list", FIRST, days[1], 2, None, 2, 2)


def test_days_whose_pages_were_thinned_out_count_all_the_same(warehouse: Warehouse) -> None:
    days = [FIRST, FIRST + timedelta(7)]
    lists_of_days(warehouse, *days, is_live=True, is_whole_population=True)
    newest = [counted("a/m", snapshot_date=days[1], downloads_30d=1)]
    warehouse.fill("core.model_snapshots", newest).fill("core.model_roots", [rooted("a/m")])
    warehouse.fill("core.models", [known("a/m")])
    (row,) = coverage(warehouse)
    assert (row["first_date"], row["days"], row["rows"]) == (FIRST, 2, 1)


def asked(day: date, source: str, **given: Any) -> dict[str, Any]:
    """A snapshot of a live source that is asked subject by subject."""
    return landed("registered", day, source=source, is_live=True, is_model_list=False) | given


@pytest.mark.parametrize(
    ("source", "missing_days"),
    [("github_repositories", 2), ("package_downloads_daily", 2), ("github_star_history", None)],
)
def test_a_live_series_is_one_row_and_only_a_daily_one_misses_days(
    warehouse: Warehouse, source: str, missing_days: int | None
) -> None:
    days = [FIRST, FIRST + timedelta(3)]
    warehouse.fill("core.snapshots", [asked(day, source, pages=40, subjects=40) for day in days])
    (row,) = coverage(warehouse)
    assert tuple(row[name] for name in SPAN) == (
        "registered", FIRST, days[1], 2, missing_days, 40, None
    )  # fmt: skip
    assert (row["is_live"], row["is_model_list"], row["subjects"]) == (True, False, 40)


def test_a_series_that_is_not_complete_yet_shows_how_many_of_how_many_answered(warehouse: Warehouse) -> None:
    row = asked(FIRST, "github_repositories", pages=7, subjects=40, is_complete=False)
    warehouse.fill("core.snapshots", [row])
    assert [(row["rows"], row["subjects"]) for row in coverage(warehouse)] == [(7, 40)]


def test_a_series_that_knows_no_number_of_subjects_has_its_answers_for_them(warehouse: Warehouse) -> None:
    warehouse.fill("core.snapshots", [asked(FIRST, "arena_ratings", pages=3)])
    assert [(row["rows"], row["subjects"]) for row in coverage(warehouse)] == [(3, 3)]


def with_counters(warehouse: Warehouse) -> Warehouse:
    days = [FIRST, FIRST + timedelta(1), FIRST + timedelta(4)]
    rows = [{"date": day, "scope": "watched", "model_id": "a/m", "downloads_30d": 5} for day in days]
    return warehouse.fill(
        "staging.model_counters", [*rows, rows[0] | {"model_id": "b/m", "downloads_30d": None}]
    )


def test_a_daily_series_tells_its_missing_days(warehouse: Warehouse) -> None:
    series = landed("watched", source="huggingface_counters", is_model_list=False)
    with_counters(warehouse).fill("core.snapshots", [series])
    (row,) = coverage(warehouse)
    assert (row["first_date"], row["newest_date"]) == (FIRST, FIRST + timedelta(4))
    assert (row["days"], row["missing_days"], row["rows"], row["subjects"]) == (3, 2, 4, 2)
    assert row["with_downloads_pct"] == 75.0


def recorded_stars(warehouse: Warehouse, *days: date) -> None:
    """Stars of a registered repository under its former name, on these days."""
    warehouse.fill("staging.repository_names", [{"name": "a/old", "repository": "a/r"}])
    warehouse.fill("staging.repository_stars", [{"full_name": "A/old", "date": day} for day in days])


def test_stars_and_packages_are_covered_as_published(warehouse: Warehouse) -> None:
    later = FIRST + timedelta(2)
    recorded_stars(warehouse, FIRST, later, LATER)  # on the last of which we asked ourselves
    stars = landed("r", later, source="github_stars", is_model_list=False)
    lists = landed("p", source="package_downloads", is_model_list=False)
    warehouse.fill("core.snapshots", [stars, lists])
    day = {"as_of_date": FIRST, "list_length": 9}
    packages = [{"package": "p", "is_censored": False}, {"package": "q", "is_censored": True}]
    warehouse.fill("marts.package_downloads_30d", [day | each for each in packages])
    found = {
        row["source"]: (row["days"], row["missing_days"], row["rows"], row["subjects"])
        for row in coverage(warehouse)
    }
    assert found == {"github_stars": (2, 1, 2, 1), "package_downloads": (1, None, 1, 2)}


def test_the_totals_of_the_hub_are_the_one_whole_population(warehouse: Warehouse) -> None:
    reports = [{"as_of_date": day, "models": 1} | VERIFIED for day in (DAY, LATER)]
    reports.append({"as_of_date": date(2026, 9, 1), "models": 1, "status": "unverified", "source": "none"})
    warehouse.fill("reference.hub_totals", reports)
    columns = ("source", "scope", "is_whole_population", "is_live", "first_date", "newest_date", "days")
    assert warehouse.rows("marts.coverage", *columns) == [
        ("hub_totals", "whole-hub", True, False, DAY, LATER, 2)
    ]


@pytest.mark.parametrize("source", ["huggingface_counters", "github_stars", "package_downloads"])
def test_a_series_that_was_landed_twice_is_covered_once(warehouse: Warehouse, source: str) -> None:
    with_counters(warehouse)
    recorded_stars(warehouse, DAY)
    warehouse.fill(
        "marts.package_downloads_30d", [{"package": "p", "as_of_date": FIRST, "is_censored": True}]
    )
    plain = {"source": source, "is_model_list": False}
    warehouse.fill("core.snapshots", [landed("watched", day, **plain) for day in (DAY, LATER)])
    assert len(coverage(warehouse)) == 1


def shares(universe: str, **given: Any) -> dict[str, Any]:
    row = {"snapshot_date": DAY, "scope": "list", "evidence": "curated", "weight": "downloads_30d"}
    bounds = {"dependent_lower": 0.6, "dependent_upper": 0.8, "total": 1.0}
    return row | {"universe": universe} | bounds | given


def of_organization(name: str, share: float, **given: Any) -> dict[str, Any]:
    row = {"snapshot_date": DAY, "scope": "list", "evidence": "curated", "universe": "all"}
    return row | {"organization_id": name, "origin_share": share} | given


def big_list(warehouse: Warehouse, rows: int = 5000) -> Warehouse:
    """A list of one download a model, landed as such; the first 1,000 generate language.

    Of each hundred, 20 meet Meta, 5 meet Meta and OpenAI and are half unknown, 10 meet neither and are half
    unknown, and 65 meet neither and are known.
    """
    warehouse.fill("core.snapshots", [landed()])
    warehouse.fill_by(
        "core.model_snapshots",
        f"""
        select
            date '2025-12-22' as snapshot_date, 'list' as scope, 'm' || i as model_id,
            case when i < 1000 then 'generative_language' else 'vision' end as universe,
            false as is_first_party, false as is_variant, 1 as downloads_30d
        from range({rows}) as r (i)
        """,
    )
    warehouse.fill_by(
        "core.model_roots",
        f"""
        select
            'm' || i as model_id, 'curated' as evidence,
            case when i % 100 between 20 and 34 then 0.5 else 0 end as unknown_share,
            0 as assumed_share
        from range({rows}) as r (i)
        """,
    )
    return warehouse.fill_by(
        "core.ancestry",
        f"""
        select 'm' || i as model_id, 'curated' as evidence, organization_id, 0.5 as through_share
        from range({rows}) as r (i)
        inner join
            (values ('meta', 0, 24), ('openai', 20, 24), ('other', 0, 99)) as v (organization_id, low, high)
            on i % 100 between low and high
        """,
    )


def headlines(warehouse: Warehouse) -> dict[tuple[str, str], tuple[Any, ...]]:
    frame = warehouse.build("marts.headlines")
    columns = ("headline", "universe", "value", "lower", "upper", "unit")
    return {(name, universe): tuple(rest) for name, universe, *rest in frame.select(columns).rows()}


def test_the_dependent_share_leads_with_its_lower_bound(warehouse: Warehouse) -> None:
    rows = [shares("all"), shares("generative_language", dependent_lower=0.9), shares("vision")]
    rows += [shares("all", evidence="declared"), shares("all", weight="likes"), shares("all", scope="other")]
    found = headlines(big_list(warehouse).fill("marts.dependence_shares", rows))
    assert {key: value for key, value in found.items() if key[0] == "dependent_share"} == {
        ("dependent_share", "all"): (0.6, 0.6, 0.8, "share"),
        ("dependent_share", "generative_language"): (0.9, 0.9, 0.8, "share"),
    }


def test_what_meets_openai_or_meta_counts_once_and_what_is_unknown_only_above(warehouse: Warehouse) -> None:
    found = headlines(big_list(warehouse))
    assert found == {
        ("openai_meta_share", "all"): (0.25, 0.25, 0.35, "share"),
        ("openai_meta_share", "generative_language"): (0.25, 0.25, 0.35, "share"),
    }


@pytest.mark.parametrize(
    ("origins", "least", "carrying"),
    [
        ({"a": 0.5, "b": 0.2}, 1, 1),
        ({"a": 0.3, "b": 0.2, "c": 0.1, "unknown": 0.4}, 1, 2),
        ({"a": 0.3, "b": 0.1, "c": 0.1, "d": 0.1, "unknown": 0.1}, 2, 3),
        ({"a": 0.2, "b": 0.2, "c": 0.2, "d": 0.2}, 3, 3),
        ({"a": 0.3, "b": 0.1, "unknown": 0.6}, None, None),
    ],
)
def test_the_fewest_organizations_that_carry_half(
    warehouse: Warehouse, origins: dict[str, float], least: int | None, carrying: int | None
) -> None:
    rows = [of_organization(name, share) for name, share in origins.items()]
    rows += [of_organization("z", 1.0, evidence="declared"), of_organization("z", 1.0, scope="other")]
    found = headlines(big_list(warehouse).fill("marts.organization_shares", rows))
    expected = None if carrying is None else (carrying, least, carrying, "organizations")
    assert found.get(("organizations_carrying_half", "all")) == expected


def lists(warehouse: Warehouse, *given: tuple[dict[str, Any], int]) -> str:
    """Land lists of so many models that tell downloads, each with its share; give the headline's scope."""
    snapshots = [landed(**of) for of, _ in given]
    warehouse.fill("core.snapshots", snapshots)
    rows = [
        f"""
        select date '{of["snapshot_date"]}' as snapshot_date, '{of["scope"]}' as scope,
            'm' || i as model_id, 'vision' as universe, false as is_first_party, false as is_variant,
            1 as downloads_30d
        from range({models}) as r (i)
        """
        for of, (_, models) in zip(snapshots, given, strict=True)
    ]
    warehouse.fill_by("core.model_snapshots", " union all ".join(rows))
    same = [{"snapshot_date": of["snapshot_date"], "scope": of["scope"]} for of in snapshots]
    warehouse.fill("marts.dependence_shares", [shares("all", **of) for of in same])
    frame = warehouse.build("marts.headlines").filter(pl.col("headline") == "dependent_share")
    (scope,) = frame["scope"]
    return str(scope)


LARGE = 5000
OLD = {"scope": "old"}
NEW: dict[str, Any] = {"scope": "new", "day": LATER}


def test_headlines_are_of_the_newest_list(warehouse: Warehouse) -> None:
    assert lists(warehouse, (OLD, LARGE + 1), (NEW, LARGE)) == "new"


def test_headlines_are_of_a_large_list(warehouse: Warehouse) -> None:
    assert lists(warehouse, (OLD, LARGE), (NEW, LARGE - 1)) == "old"


@pytest.mark.parametrize("selection", ["window", "bases"])
def test_what_was_created_lately_or_descends_from_chosen_bases_makes_no_headline(
    warehouse: Warehouse, selection: str
) -> None:
    assert lists(warehouse, (OLD, LARGE), (NEW | {"selection": selection}, LARGE + 1)) == "old"


def test_of_two_lists_of_a_day_the_larger_makes_the_headlines(warehouse: Warehouse) -> None:
    same_day = {"day": LATER}
    assert lists(warehouse, ({"scope": "a"} | same_day, LARGE), ({"scope": "b"} | same_day, LARGE + 1)) == "b"


@pytest.mark.parametrize(("days", "scope"), [(0, "hub"), (10, "hub"), (11, "new")])
def test_a_list_of_the_whole_hub_stands_above_all_others_for_ten_days(
    warehouse: Warehouse, days: int, scope: str
) -> None:
    hub = {"scope": "hub", "day": LATER - timedelta(days), "is_whole_population": True}
    assert lists(warehouse, (hub, LARGE), (NEW, LARGE + 1)) == scope


def test_the_newest_of_whole_lists_makes_the_headlines(warehouse: Warehouse) -> None:
    whole = {"is_whole_population": True}
    earlier = {"scope": "hub-stats", "day": LATER - timedelta(3), "source": "hub_stats"} | whole
    assert lists(warehouse, (earlier, LARGE + 1), (NEW | whole, LARGE)) == "new"


def test_headlines_are_of_a_list_that_tells_downloads(warehouse: Warehouse) -> None:
    big_list(warehouse).fill("core.snapshots", [landed(), landed("later", LATER)])
    later = {"snapshot_date": LATER, "scope": "later"}
    warehouse.fill("marts.dependence_shares", [shares("all"), shares("all", dependent_lower=0.1, **later)])
    frame = warehouse.build("marts.headlines").filter(pl.col("headline") == "dependent_share")
    assert frame.select("as_of_date", "scope", "value").rows() == [(DAY, "list", 0.6)]


def test_a_small_list_makes_no_headline(warehouse: Warehouse) -> None:
    big_list(warehouse, rows=4999).fill("marts.dependence_shares", [shares("all")])
    assert headlines(warehouse) == {}


def test_the_hubs_headlines_are_those_of_its_newest_report(warehouse: Warehouse) -> None:
    row = {"from_date": date(2025, 1, 1), "to_models": 3_000_000, "doubling_days": 500.0}
    newest = row | {"to_date": date(2026, 9, 17), "growth_pct_per_week": 0.9, "days": 400, "from_models": 1}
    older = newest | {"to_date": date(2025, 9, 17), "to_models": 1}
    warehouse.fill("marts.hub_growth", [newest, older])
    assert headlines(warehouse) == {
        ("hub_doubling_days", "whole-hub"): (500.0, None, None, "days"),
        ("hub_growth_per_week", "whole-hub"): (0.9, None, None, "percent_per_week"),
        ("hub_models", "whole-hub"): (3_000_000.0, None, None, "models"),
    }
    denominators = set(warehouse.build("marts.headlines")["denominator"])
    assert "totals of 2025-01-01 and 2026-09-17" in denominators
