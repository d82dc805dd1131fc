"""Figures: what a frame becomes, and what an empty one says."""

from datetime import date, timedelta
from html import unescape
from typing import Any

import polars as pl
import pytest

from dashboards import theme
from dashboards.data import ModelList
from dashboards.figures import adoption, chart, dependence, families, growth, heaviest, spring
from dashboards.figures.chart import Chart
from tests.dashboards.conftest import HOSTILE

LIST = ModelList(date(2025, 12, 22), "a-list", "a list of models")
GROWTH = {
    "from_date": pl.Date, "to_date": pl.Date, "from_models": pl.Int64, "to_models": pl.Int64,
    "days": pl.Int64, "added_per_day": pl.Float64, "growth_pct_per_week": pl.Float64,
    "doubling_days": pl.Float64,
}  # fmt: skip
CLASSES = (
    "first_party_share", "derived_share", "unknown_share", "independent_share", "dependent_lower",
    "dependent_upper",
)  # fmt: skip
RELEASE = {
    "release_id": pl.String, "event_date": pl.Date, "date_precision": pl.String, "name": pl.String,
    "organization_id": pl.String, "organization": pl.String, "kind": pl.String, "modality": pl.String,
    "family": pl.String, "base_name": pl.String, "status": pl.String, "note": pl.String,
}  # fmt: skip


def releases(*rows: dict[str, Any]) -> pl.DataFrame:
    base = {"date_precision": "day", "organization": "Somebody", "kind": "open_release", "status": "verified"}
    return pl.DataFrame([{**base, **row} for row in rows], schema=RELEASE)


LEAK = {"release_id": spring.LEAK, "event_date": date(2023, 3, 3), "name": "LLaMA leak", "kind": "leak"}


def spans(*rows: tuple[date, date, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"from_date": first, "to_date": last, "from_models": 1, "to_models": 2,
             "days": (last - first).days,
             "added_per_day": 5.0, "growth_pct_per_week": 1.0, "doubling_days": doubling}
            for first, last, doubling in rows
        ],
        schema=GROWTH,
    )  # fmt: skip


def shares(scope: str, when: date, evidence: str, listed: int, values: tuple[float, ...]) -> dict[str, Any]:
    first, derived, unknown, independent = values
    return {
        "snapshot_date": when, "scope": scope, "title": f"the list {scope}", "evidence": evidence,
        "total": 100.0,
        "models": 10.0, "listed": listed, "first_party_share": first, "derived_share": derived,
        "unknown_share": unknown, "independent_share": independent, "dependent_lower": first + derived,
        "dependent_upper": first + derived + unknown,
    }  # fmt: skip


def empty(columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(columns, pl.Float64))


# --- nothing to draw


def nothing_drawn() -> list[Chart]:
    no_releases = pl.DataFrame(schema=RELEASE)
    stars = pl.DataFrame(
        schema={
            "repository": pl.String, "family": pl.String, "date": pl.Date, "stars_observed": pl.Int64,
            "is_own": pl.Boolean,
        }
    )  # fmt: skip
    packages = pl.DataFrame(
        schema={"package": pl.String, "access": pl.String, "as_of_date": pl.Date, "downloads_30d": pl.Int64}
    )
    births = pl.DataFrame(
        schema={"scope": pl.String, "listed": pl.Int64, "week_date": pl.Date, "as_of_date": pl.Date}
    )
    family = pl.DataFrame(
        schema={"family": pl.String, "organization_id": pl.String, "organization": pl.String,
                "first_release_date": pl.Date, "derivatives": pl.Int64, "share": pl.Float64}
    )  # fmt: skip
    origin = pl.DataFrame(
        schema={"organization_id": pl.String, "country": pl.String, "origin_share": pl.Float64}
    )
    headline = pl.DataFrame(
        schema={"headline": pl.String, "universe": pl.String, "lower": pl.Float64, "upper": pl.Float64}
    )
    return [
        growth.hub_totals(empty(["as_of_date", "models"])),
        growth.doubling(pl.DataFrame(schema=GROWTH), None),
        growth.births(births),
        spring.radiation(no_releases),
        spring.radiation(releases(LEAK)),
        spring.timeline(no_releases),
        adoption.stars(stars, "stars", "LLaMA", ["Llama"], None),
        adoption.packages_now(packages),
        adoption.packages_trend(packages),
        heaviest.models(empty(["share"]), LIST, "all"),
        heaviest.accounts(empty(["share"]), LIST, "all"),
        dependence.class_shares(empty(["scope", "snapshot_date"]), None, "all"),
        dependence.universes(pl.DataFrame(schema={"universe": pl.String}), LIST),
        dependence.organizations(origin, LIST, "all"),
        dependence.countries(origin, {}, LIST, "all"),
        dependence.switch(headline),
        families.relations(family, "lists"),
        families.organizations(family, "lists"),
        families.downloads(family, LIST),
        families.firsts(family, "lists"),
    ]


def test_empty_data_gives_a_sentence_and_no_axes() -> None:
    for drawn in nothing_drawn():
        assert drawn.figure is None, drawn.name
        assert drawn.empty.endswith("."), drawn.name
        assert drawn.title


# --- growth


def test_the_hub_is_drawn_on_a_log_axis_with_every_report() -> None:
    frame = pl.DataFrame({"as_of_date": [date(2021, 1, 1), date(2024, 1, 1)], "models": [10_354, 1_000_000]})
    drawn = growth.hub_totals(frame)
    assert drawn.figure.layout.yaxis.type == "log"
    assert list(drawn.figure.data[0].y) == [10_354, 1_000_000]
    assert "guide" in drawn.subtitle
    assert drawn.note.startswith("1 of the 2 totals")
    assert drawn.table.equals(frame)


def test_pace_takes_the_span_that_holds_the_leak_and_the_newest() -> None:
    frame = spans(
        (date(2021, 6, 15), date(2022, 12, 30), 166.0),
        (date(2022, 12, 30), date(2023, 12, 30), 178.0),
        (date(2025, 5, 22), date(2026, 9, 17), 579.0),
    )
    found = growth.pace(frame, date(2023, 3, 3))
    assert found is not None
    assert (found.then.doubling_days, found.now.doubling_days) == (178.0, 579.0)
    answer = found.answer.replace("\u00a0", " ")
    assert "30 December 2022 and 30 December 2023 the Hub doubled every 178 days" in answer
    assert "22 May 2025 and 17 September 2026, every 579 days" in answer
    assert "3.3 times as long" in found.verdict
    assert "Before both, between 15 June 2021 and 30 December 2022, it doubled every 166 days" in answer
    assert "in the year of the LLaMA leak" in found.verdict
    without = growth.pace(frame, None)
    assert without is not None
    assert without.then.doubling_days == 166.0


def test_the_verdict_follows_the_numbers() -> None:
    faster = growth.pace(
        spans((date(2022, 1, 1), date(2023, 1, 1), 300.0), (date(2024, 1, 1), date(2025, 1, 1), 100.0)), None
    )
    alike = growth.pace(
        spans((date(2022, 1, 1), date(2023, 1, 1), 300.0), (date(2024, 1, 1), date(2025, 1, 1), 310.0)), None
    )
    single = growth.pace(spans((date(2022, 1, 1), date(2023, 1, 1), 300.0)), None)
    assert faster
    assert alike
    assert single
    assert "faster" in faster.verdict
    assert "about the pace" in alike.verdict
    assert single.verdict == "The Hub grows."


def test_a_shrinking_hub_is_not_said_to_grow() -> None:
    frame = spans((date(2022, 1, 1), date(2023, 1, 1), 300.0), (date(2024, 1, 1), date(2025, 1, 1), 0.0))
    shrunk = frame.with_columns(doubling_days=pl.when(pl.col("doubling_days") > 0).then("doubling_days"))
    found = growth.pace(shrunk, None)
    assert found is not None
    assert "no longer grows" in found.verdict
    assert "did not grow" in found.answer


def test_the_unfinished_week_of_births_is_marked() -> None:
    frame = pl.DataFrame(
        {
            "scope": ["a", "a"], "title": ["list a"] * 2, "as_of_date": [date(2025, 1, 15)] * 2,
            "week_date": [date(2025, 1, 6), date(2025, 1, 13)], "models": [5, 2], "derivatives": [1, 1],
            "is_illustration": [True] * 2, "listed": [10] * 2, "with_created_at_pct": [70.0] * 2,
        }
    )  # fmt: skip
    drawn = growth.births(frame)
    assert drawn.table["is_finished"].to_list() == [True, False]
    assert list(drawn.figure.data[0].marker.pattern.shape) == ["", "/"]
    assert "Illustration only" in drawn.title
    assert "No growth" in drawn.note


# --- spring


def test_radiation_counts_days_and_follows_descent() -> None:
    rows = releases(
        LEAK,
        {"release_id": "a", "event_date": date(2023, 3, 13), "name": "Alpaca", "base_name": "LLaMA 7B"},
        {"release_id": "v", "event_date": date(2023, 3, 30), "name": "Vicuna", "base_name": "LLaMA 13B"},
        {"release_id": "l", "event_date": date(2023, 4, 17), "name": "LLaVA", "base_name": "Vicuna 13B"},
        {"release_id": "d", "event_date": date(2023, 3, 24), "name": "Dolly", "base_name": "GPT-J-6B"},
        {"release_id": "u", "event_date": date(2023, 3, 29), "name": "GPT4All", "base_name": "LLaMA 7B",
         "status": "unverified"},
        {"release_id": "m", "event_date": date(2023, 3, 31), "name": "FreedomGPT", "base_name": "Alpaca",
         "date_precision": "month"},
        {"release_id": "x", "event_date": date(2024, 3, 31), "name": "Late", "base_name": "LLaMA 7B"},
    )  # fmt: skip
    drawn = spring.radiation(rows)
    assert "Not verified, so not drawn: 1 release." in drawn.subtitle
    assert drawn.table["name"].to_list() == ["Alpaca", "Vicuna", "FreedomGPT", "LLaVA"]
    assert list(drawn.figure.data[0].x) == [10, 27, 28, 45]
    month = drawn.table.row(2, named=True)
    assert (month["earliest_days"], month["latest_days"]) == (-2, 28)
    assert list(drawn.figure.data[0].error_x.arrayminus) == [0, 0, 30, 0]
    assert drawn.title.replace("\u00a0", " ") == "Alpaca came 10 days after the LLaMA leak and Vicuna 27"


def test_the_timeline_draws_verified_events_by_kind_and_counts_the_others() -> None:
    rows = releases(
        {"release_id": "b", "event_date": date(2018, 10, 11), "name": "BERT", "family": "BERT"},
        {"release_id": "g", "event_date": date(2019, 2, 14), "name": "GPT-2", "family": "GPT-2"},
        LEAK,
        {"release_id": "u", "event_date": date(2023, 3, 29), "name": "Unsure", "status": "unverified"},
    )
    drawn = spring.timeline(rows)
    assert drawn.table["name"].to_list() == ["GPT-2", "LLaMA leak"]
    assert {trace.name for trace in drawn.figure.data} == {"Leaks", "Open releases"}
    assert "Not verified, so not drawn: 1 event." in drawn.subtitle
    assert [trace.marker.color for trace in drawn.figure.data] == [
        theme.KINDS["leak"],
        theme.KINDS["open_release"],
    ]


# --- adoption


def test_a_line_of_stars_has_a_hole_where_days_are_missing() -> None:
    first = date(2023, 4, 1)
    dates = [first + timedelta(days=number) for number in [*range(30), 37, 45]]
    frame = pl.DataFrame(
        {"repository": "a/b", "family": "Llama 1", "date": dates, "stars_observed": range(len(dates))},
        schema_overrides={"stars_observed": pl.Int64},
    ).with_columns(is_own=pl.col("date") > first + timedelta(days=40))
    drawn = adoption.stars(frame, "stars", "LLaMA", ["Llama"], None)
    told = drawn.subtitle.replace("\xa0", " ")
    assert "a top 100, and from 16 May 2023 on as GitHub told us, 1 Apr 2023 to 16 May 2023" in told
    line = drawn.figure.data[0]
    assert list(line.y) == [*range(30), None, 30, None, 31]
    assert line.connectgaps is False
    assert drawn.table.height == len(dates)


@pytest.mark.parametrize(("gap_days", "holes"), [(7, 0), (8, 1)])
def test_the_longest_gap_is_seven_days(gap_days: int, holes: int) -> None:
    start = date(2024, 1, 1)
    _, ys = chart.with_gaps([start, start + timedelta(days=gap_days)], [1, 2], adoption.LONGEST_GAP_DAYS)
    assert ys.count(None) == holes


def packages() -> pl.DataFrame:
    months = [date(2025, month, 1) for month in (1, 2, 3)]
    rows = [
        {"package": package, "access": access, "organization_id": "x", "as_of_date": when,
         "downloads_30d": number, "is_censored": number is None, "list_length": 5000}
        for package, access, numbers in (
            ("sdk", "proprietary", [100, 200, 300]),
            ("runtime", "open", [50, None, 150]),
            ("small", "open", [None] * 3),
        )
        for when, number in zip(months, numbers, strict=True)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def test_censored_packages_are_not_drawn_as_zero() -> None:
    now, trend = adoption.packages_now(packages()), adoption.packages_trend(packages())
    assert now.table["package"].to_list() == ["sdk", "runtime"]
    assert now.note.startswith("1 package of the register not on that day's list")
    drawn = [value for trace in trend.figure.data for value in trace.y]
    assert 0 not in drawn
    assert trend.table.height == 5


def test_a_package_that_leapt_within_a_month_is_named() -> None:
    frame = packages()
    assert "fivefold" not in adoption.packages_now(frame).note
    leapt = frame.with_columns(
        downloads_30d=pl.when((pl.col("package") == "sdk") & (pl.col("as_of_date") == date(2025, 3, 1)))
        .then(1300)
        .otherwise("downloads_30d")
    )
    for drawn in (adoption.packages_now(leapt), adoption.packages_trend(leapt)):
        assert "fivefold within the last month" in drawn.note
        assert "sdk 6.5 times (200 to 1,300)" in drawn.note
        assert "1\u00a0March\u00a02025" in drawn.title


# --- dependence


def test_lists_stand_side_by_side_and_no_line_joins_them() -> None:
    rows = pl.DataFrame(
        [
            shares("big", date(2024, 9, 20), "curated", 900, (0.4, 0.2, 0.3, 0.1)),
            shares("big", date(2024, 9, 20), "declared", 900, (0.4, 0.1, 0.5, 0.0)),
            shares("a-list", date(2025, 12, 22), "curated", 100, (0.6, 0.2, 0.1, 0.1)),
            shares("a-list", date(2025, 12, 22), "declared", 100, (0.6, 0.0, 0.4, 0.0)),
        ]
    )
    drawn = dependence.class_shares(rows, LIST, "all")
    assert drawn.table["scope"].to_list() == ["a-list", "a-list", "big", "big"]
    bars = [trace for trace in drawn.figure.data if trace.type == "bar"]
    assert [list(bar.x) for bar in bars] == [drawn.table[f"{name}_share"].to_list() for name in theme.CLASSES]
    assert all(trace.mode == "markers" for trace in drawn.figure.data if trace.type == "scatter")
    whisker = drawn.figure.data[-1]
    lower, upper = drawn.table["dependent_lower"].to_list(), drawn.table["dependent_upper"].to_list()
    assert list(whisker.x) == lower
    assert [x + plus for x, plus in zip(lower, whisker.error_x.array, strict=True)] == pytest.approx(upper)
    assert "80.0 % to 90.0 %" in drawn.title.replace("\u00a0", " ")
    assert "no trend" in drawn.note


def test_a_list_that_one_model_carries_is_named_with_it() -> None:
    when = date(2025, 12, 22)
    rows = pl.DataFrame([shares("a-list", when, "curated", 100, (0.6, 0.2, 0.1, 0.1))])
    dominant = pl.DataFrame(
        {
            "snapshot_date": [when] * 2,
            "scope": ["a-list", "b"],
            "model_id": ["x/y", "u/v"],
            "share": [0.6, 0.9],
        }
    )
    note = dependence.class_shares(rows, LIST, "all", dominant).note.replace("\u00a0", " ")
    assert "in that of 22 Dec 2025 (the list a-list), x/y has 60.0 %." in note
    assert "u/v" not in note


def origins() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "organization_id": ["google", "meta", "nobody", "unknown"],
            "organization": ["Google", "Meta", "Nobody", "unknown"],
            "country": ["US", "US", None, None],
            "downloads_total": [1000] * 4,
            "uploaded_share": [0.1, 0.2, 0.1, 0.0],
            "origin_share": [0.4, 0.3, 0.1, 0.2],
            "through_share": [0.4, 0.3, 0.1, None],
            "any_share": [0.5, 0.3, 0.1, None],
        }
    )


def test_unknown_origin_widens_every_organization_and_is_none_of_them() -> None:
    drawn = dependence.organizations(origins(), LIST, "all")
    assert drawn.table["organization"].to_list() == ["Google", "Meta", "Nobody"]
    origin = drawn.figure.data[1]
    assert list(origin.x) == [0.4, 0.3, 0.1]
    assert list(origin.error_x.array) == [0.2] * 3
    assert "60.0 % of the downloads were uploaded by accounts that no organization" in drawn.note.replace(
        "\u00a0", " "
    )


def test_countries_leave_what_has_no_country_open() -> None:
    drawn = dependence.countries(origins(), {"US": "the United States"}, LIST, "all")
    assert drawn.table["share"].to_list() == pytest.approx([0.7])
    assert drawn.table["upper"].to_list() == pytest.approx([1.0])
    assert "the United States" in drawn.title


def test_what_is_left_without_two_has_both_bounds() -> None:
    rows = pl.DataFrame(
        {
            "headline": ["openai_meta_share"] * 2, "universe": ["all", "generative_language"],
            "as_of_date": [date(2025, 12, 22)] * 2, "scope": ["a-list"] * 2, "title": ["a list"] * 2,
            "value": [0.2, 0.3], "lower": [0.2, 0.3], "upper": [0.3, 0.35], "unit": ["share"] * 2,
            "denominator": ["downloads"] * 2,
        }
    )  # fmt: skip
    drawn = dependence.switch(rows)
    assert drawn.table["universe"].to_list() == ["generative_language", "all"]
    assert "65.0 % to 70.0 %" in drawn.title.replace("\u00a0", " ")
    assert [list(trace.x) for trace in drawn.figure.data] == [
        pytest.approx([0.3, 0.2]), pytest.approx([0.05, 0.1]), pytest.approx([0.65, 0.7]),
    ]  # fmt: skip


# --- heaviest


def accounts(*rows: tuple[str, float, float | None, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"place": place, "account": account, "organization": None, "funding": None, "models": 1,
             "downloads_30d": 10, "share": share, "first_party_share": first_party, "at_stake_share": stake}
            for place, (account, share, first_party, stake) in enumerate(rows, start=1)
        ],
        schema_overrides={"organization": pl.String, "funding": pl.String, "at_stake_share": pl.Float64},
    )  # fmt: skip


def test_the_account_that_moves_the_headline_most_is_named_with_what_is_at_stake() -> None:
    frame = accounts(("big", 0.19, 1.0, 0.02), ("other", 0.07, 0.0, 0.066), ("new", 0.05, None, None))
    note = heaviest.sensitivity(frame)
    assert "Were the organization of other well funded" in note
    assert "would rise by 6.6 percentage points" in note
    fallen = heaviest.sensitivity(accounts(("big", 0.19, 1.0, 0.02)))
    assert "big not well funded" in fallen
    assert "would fall by 2.0 percentage points" in fallen
    assert heaviest.accounts(frame, LIST, "all").table["at_stake_share"].to_list() == [0.02, 0.066, None]


def test_a_release_that_does_not_tell_what_is_at_stake_gets_no_guess() -> None:
    frame = accounts(("big", 0.19, 1.0, None))
    assert heaviest.sensitivity(frame) == ""
    drawn = heaviest.accounts(frame.drop("at_stake_share"), LIST, "all")
    assert drawn.note == ""
    assert "at_stake_share" not in drawn.table.columns


# --- text from outside


@pytest.mark.parametrize("name", HOSTILE)
def test_names_reach_plotly_escaped_and_short(name: str) -> None:
    for text in (chart.label(name), chart.full(name), chart.title_label(name)):
        assert "<img" not in text
        assert "<script" not in text
        assert "</script" not in text
        assert "$" not in text
    assert len(unescape(chart.label(name))) <= 48


def test_labels_are_spread_in_their_order() -> None:
    assert chart.spread([1.0, 1.05, 3.0, 1.0], 0.5) == [1.0, 2.0, 3.0, 1.5]


# --- colours


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_colour_can_be_seen_on_both_grounds(mode: str) -> None:
    colours = {*theme.ORGANIZATIONS.values(), *theme.CLASSES.values(), *theme.KINDS.values(), *theme.SERIES}
    for colour in colours:
        assert contrast(colour, theme.GROUNDS[mode]) >= 3, (colour, mode)
    assert contrast(theme.template(mode)["layout"]["font"]["color"], theme.GROUNDS[mode]) >= 7


def test_organizations_have_colours_of_their_own() -> None:
    assert len(set(theme.ORGANIZATIONS.values())) == len(theme.ORGANIZATIONS)
    assert theme.organization_colour("nobody known") == theme.GREY


def test_a_hub_that_shrank_last_is_not_said_to_double() -> None:
    days = [date(2023, 1, 1), date(2024, 1, 1), date(2025, 1, 1)]
    rates = pl.DataFrame(
        {
            "from_date": days[:2], "to_date": days[1:], "from_models": [100, 200], "to_models": [200, 150],
            "days": [365, 366], "added_per_day": [0.27, -0.14], "growth_pct_per_week": [1.3, -0.5],
            "doubling_days": [365.0, None],
        }
    )  # fmt: skip
    assert growth.doubling(rates, None).title == "How fast the Hub doubled, as long as it grew"
