"""The figures and the page on growth: what they draw and say, and what they say when nothing is there."""

import json
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards import theme
from dashboards.build import figure_json
from dashboards.data.release import open_release
from dashboards.figures import births, growth, regimes, responses, spring
from dashboards.figures import diversity as diversity_figures
from dashboards.figures.chart import Chart
from dashboards.language import CODES, Language
from dashboards.pages import explosion
from tests.dashboards.conftest import HOSTILE

EN, ZH = Language("en"), Language("zh")
WEEK = timedelta(days=7)
MONDAY = date(2026, 1, 5)
PARTIAL = "not estimable: a partial list"
RELEASE = {
    "release_id": pl.String, "event_date": pl.Date, "date_precision": pl.String, "name": pl.String,
    "organization_id": pl.String, "organization": pl.String, "kind": pl.String, "modality": pl.String,
    "family": pl.String, "base_name": pl.String, "status": pl.String, "note": pl.String,
}  # fmt: skip
LEAK = {"release_id": spring.LEAK, "event_date": date(2023, 3, 3), "name": "LLaMA leak", "kind": "leak"}
LLAMA = spring.Event("llama", date(2023, 3, 3), ("Llama 1",))
NO_FIT = pl.DataFrame(
    schema={
        "from_date": pl.Date, "to_date": pl.Date, "reports": pl.Int64, "growth_pct_per_week": pl.Float64,
        "doubling_days": pl.Float64, "doubling_lower_days": pl.Float64, "doubling_upper_days": pl.Float64,
        "regime": pl.String, "status": pl.String,
    }
)  # fmt: skip


DOUBLING = ("doubling_days", "doubling_lower_days", "doubling_upper_days")
GROWTH = ("growth_pct_per_week", "growth_lower_pct", "growth_upper_pct")


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def empty(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame(schema=columns)


def spans(*rows: tuple[date, date, float | None], regime: str = "growing") -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"from_date": first, "to_date": last, "from_models": 1, "to_models": 2,
             "days": (last - first).days, "added_per_day": 5.0, "growth_pct_per_week": 1.0,
             "growth_lower_pct": 0.9, "growth_upper_pct": 1.1, "doubling_days": days,
             "doubling_lower_days": days and days - 4, "doubling_upper_days": days and days + 6,
             "regime": "growing" if place < len(rows) - 1 else regime}
            for place, (first, last, days) in enumerate(rows)
        ],
        schema_overrides=dict.fromkeys(DOUBLING, pl.Float64),
    )  # fmt: skip


THEN, NOW = (date(2022, 12, 30), date(2023, 12, 30), 178.0), (date(2025, 5, 22), date(2026, 9, 17), 579.0)


def releases(*rows: dict[str, Any]) -> pl.DataFrame:
    base = {"date_precision": "day", "organization": "Somebody", "kind": "open_release", "status": "verified"}
    return pl.DataFrame([{**base, **row} for row in rows], schema=RELEASE)


def weeks(scope: str = "whole-hub", **changed: Any) -> pl.DataFrame:
    """Make twelve weeks of a whole population: six without a regime, five growing, one unfinished."""
    rows = [
        {"series": "births_observed", "scope": scope, "title": "a list", "as_of_date": MONDAY + 11 * WEEK,
         "is_illustration": False, "week_date": MONDAY + place * WEEK, "models": 100 + place,
         "derivatives": 50 + place, "is_unfinished": place == 11,
         "models_nowcast": 120 if place == 11 else None,
         "models_nowcast_lower": 113 if place == 11 else None,
         "models_nowcast_upper": 130 if place == 11 else None,
         "regime": "growing" if 6 <= place < 11 else None, "with_created_at_pct": 100.0, "births": 1200,
         **changed}
        for place in range(12)
    ]  # fmt: skip
    return pl.DataFrame(
        rows, schema_overrides={"regime": pl.String, "title": pl.String, "models_nowcast": pl.Int64}
    )


def rate(end: date, growth_pct: float | None, measure: str = "models", **changed: Any) -> dict[str, Any]:
    known = growth_pct is not None
    return {
        "series": "births_observed", "scope": "whole-hub", "title": "a list", "as_of_date": end,
        "measure": measure, "from_date": end - timedelta(days=181), "to_date": end, "weeks": 26,
        "births": 5000.0, "growth_pct_per_week": growth_pct,
        "growth_lower_pct": growth_pct - 0.5 if known else None,
        "growth_upper_pct": growth_pct + 0.5 if known else None,
        "doubling_days": 240.0 if known else None, "doubling_lower_days": 200.0 if known else None,
        "doubling_upper_days": 300.0 if known else None, "regime": "growing" if known else None,
        "status": "estimated" if known else PARTIAL, **changed,
    }  # fmt: skip


def rates(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema_overrides=dict.fromkeys((*GROWTH, *DOUBLING), pl.Float64) | {"regime": pl.String},
    )  # fmt: skip


def turn(universe: str, number: int, kind: str | None = None, **changed: Any) -> dict[str, Any]:
    return {
        "series": "births_surviving", "scope": "whole-hub", "title": "a list", "as_of_date": MONDAY,
        "universe": universe, "turn": number, "month_date": date(2024, number, 1) if number else None,
        "kind": kind, "growth_pct_per_month": 8.0 if kind else None,
        "is_provisional": number == 2 if kind else None, "least_swing_pct": 3.0, "months": 60,
        "status": "estimated", **changed,
    }  # fmt: skip


def facet(subject: str, when: date, number: float, **changed: Any) -> dict[str, Any]:
    return {
        "series": "births_surviving", "scope": "whole-hub", "title": "a list", "as_of_date": MONDAY,
        "is_illustration": False, "subject": subject, "name": subject, "date": when, "births": number,
        "is_unfinished": False, "unknown": 17.4, **changed,
    }  # fmt: skip


def response(name: str, first: int, tenth: int | None, **changed: Any) -> dict[str, Any]:
    return {
        "release_id": name, "name": name, "organization_id": "x", "organization": "X", "family": name,
        "release_date": date(2024, 1, 1), "scope": "a-list", "title": "a list", "as_of_date": MONDAY,
        "is_illustration": True, "dated_derivatives": 12, "days_to_first": first,
        "first_status": "upper bound", "days_to_tenth": tenth,
        "tenth_status": "upper bound" if tenth is not None else PARTIAL, **changed,
    }  # fmt: skip


def family(name: str, born: date, **changed: Any) -> dict[str, Any]:
    return {
        "family": name, "organization_id": "meta", "organization": "Meta", "release_date": None,
        "born_date": born, "scope": "a-list", "title": "a list", "as_of_date": date(2025, 6, 1),
        "is_illustration": True, "death_date": None, **changed,
    }  # fmt: skip


FAMILY = {"release_date": pl.Date, "death_date": pl.Date}


def diversity(unit: str, month: date, **changed: Any) -> dict[str, Any]:
    return {
        "series": "births_surviving", "scope": "a-list", "title": "a list", "as_of_date": MONDAY,
        "universe": "all", "evidence": "curated", "is_whole_population": True,
        "month": month, "unit": unit, "value": 12.4, "lower": 9.0, "upper": 15.0,
        "interval_kind": "derivatives_drawn_anew", "units": 40, "total": 90.0, "unknown_share": 0.1,
        "is_unfinished": False, **changed,
    }  # fmt: skip


def share(metric: str, value: float, **changed: Any) -> dict[str, Any]:
    return {
        "universe": "generative_language", "unit": "uploader", "metric": metric, "value": value,
        "without_one_least": value - 1, "without_one_most": value + 2, "lower": None, "upper": None,
        "interval_kind": "few_uploaders", "unknown_least": None, "unknown_most": None, "units": 618,
        "total": 1e6, "unknown_share": 0.0, "series": "downloads_30d", "scope": "a-list",
        "as_of_date": MONDAY, **changed,
    }  # fmt: skip


def shares(*rows: dict[str, Any]) -> pl.DataFrame:
    names = ("lower", "upper", "unknown_least", "unknown_most")
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(names, pl.Float64))


def stars(days: list[int], repository: str = "a/b") -> pl.DataFrame:
    first = date(2023, 3, 3)
    return pl.DataFrame(
        {"repository": repository, "family": "Llama 1", "stars_observed": [100 * day for day in days],
         "date": [first + timedelta(days=day) for day in days], "is_own": [day > 300 for day in days]},
        schema_overrides={"date": pl.Date, "stars_observed": pl.Int64, "is_own": pl.Boolean},
    )  # fmt: skip


# --- nothing to draw


def nothing_drawn(t: Language) -> list[Chart]:
    no_events = pl.DataFrame(schema=RELEASE)
    no_facets = empty(subject=pl.String, births=pl.Float64, name=pl.String)
    return [
        growth.hub_totals(empty(as_of_date=pl.Date, models=pl.Int64), t),
        growth.doubling(spans(THEN).clear(), NO_FIT, None, t),
        regimes.rates(rates(rate(MONDAY, None)), t),
        regimes.rates(rates(rate(MONDAY, None)).clear(), t),
        regimes.by_subject(rates(rate(MONDAY, None, subject="speech", subject_kind="universe")), t),
        regimes.turns(pl.DataFrame([turn("all", 0, status=PARTIAL)]), t),
        regimes.turns(pl.DataFrame([turn("all", 0)]), t),
        births.weekly(weeks().clear(), t),
        births.by_universe(no_facets, t),
        births.by_origin(no_facets, t),
        spring.radiation(no_events, MONDAY, t),
        spring.radiation(releases(LEAK), MONDAY, t),
        spring.stars(stars([]), LLAMA, t),
        spring.stars(stars([5]), spring.Event("llama", None, ("Llama 1",)), t),
        responses.responses(pl.DataFrame([response("a", 3, None)]), t),
        responses.families(pl.DataFrame([family("a", MONDAY)]).clear(), t),
        diversity_figures.diversity_of_births(pl.DataFrame([diversity("uploader", MONDAY)]).clear(), t),
        diversity_figures.diversity_of_downloads(shares(share("hill_0", 3)).clear(), "a list", t),
    ]  # fmt: skip


@pytest.mark.parametrize("t", [EN, ZH])
def test_empty_data_gives_a_sentence_and_no_axes(t: Language) -> None:
    for drawn in nothing_drawn(t):
        assert drawn.figure is None, drawn.name
        assert drawn.empty.endswith("." if t is EN else "。"), drawn.name
        assert drawn.title


def test_why_nothing_is_estimated_is_told_in_words() -> None:
    partial = regimes.rates(rates(rate(MONDAY, None)), EN)
    assert partial.empty == (
        "Not estimable from this release: the lists are partial, and no growth is read from a partial list."
    )
    short = rates(
        rate(MONDAY, None), rate(MONDAY, None, status="not estimable: fewer than 100 births in 26 weeks")
    )
    assert regimes.rates(short, EN).empty == (
        "Not estimable from this release: fewer than 100 births in 26 weeks."
    )


# --- the whole Hub


def test_the_hub_is_drawn_on_a_log_axis_with_every_report() -> None:
    frame = pl.DataFrame(
        {"as_of_date": [date(2021, 1, 1), date(2024, 1, 1)], "models": [10_354, 1_000_000],
         "status": ["verified", "verified"], "note": [None, "rounded"]}
    )  # fmt: skip
    drawn = growth.hub_totals(frame, EN)
    assert drawn.figure.layout.yaxis.type == "log"
    assert list(drawn.figure.data[0].y) == [10_354, 1_000_000]
    assert plain(drawn.title) == "The Hub went from 10.4 k to 1 M models between 1 Jan 2021 and 1 Jan 2024"
    assert drawn.note.startswith("1 of the 2 totals has a round number")
    assert drawn.table.equals(frame)


def test_pace_takes_the_span_that_holds_the_leak_and_the_newest() -> None:
    frame = spans((date(2021, 6, 15), date(2022, 12, 30), 166.0), THEN, NOW)
    found = growth.pace(frame, date(2023, 3, 3))
    assert found is not None
    assert (found.then.doubling_days, found.now.doubling_days) == (178.0, 579.0)
    told = plain(found.answer(EN))
    assert "30 December 2022 and 30 December 2023 a doubling took 178 days" in told
    assert "22 May 2025 and 17 September 2026 it takes 579 days" in told
    assert "Before both, between 15 June 2021 and 30 December 2022, it took 166 days" in told
    assert "3.3 times as long as it did in the year of the LLaMA leak" in found.verdict(EN)
    without = growth.pace(frame, None)
    assert without is not None
    assert without.then.doubling_days == 166.0


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([(*THEN[:2], 300.0), (*NOW[:2], 100.0)], "faster"),
        ([(*THEN[:2], 300.0), (*NOW[:2], 310.0)], "about the pace"),
        ([THEN], "The Hub grows."),
        ([THEN, (*NOW[:2], None)], "no longer grows"),
    ],
)
def test_the_verdict_follows_the_numbers(rows: list[tuple[date, date, float | None]], told: str) -> None:
    found = growth.pace(spans(*rows), None)
    assert found is not None
    assert told in found.verdict(EN)
    assert found.verdict(ZH)


@pytest.mark.parametrize("t", [EN, ZH])
@pytest.mark.parametrize("regime", ["contraction", "plateau", "undetermined"])
def test_a_pace_that_is_no_sure_growth_is_not_said_to_grow_or_double(regime: str, t: Language) -> None:
    frame = spans(THEN, (*NOW[:2], None if regime == "contraction" else 11_542_511.0), regime=regime)
    found = growth.pace(frame, date(2023, 3, 3))
    assert found is not None
    assert found.verdict(t) == t(f"explosion.verdict.{regime}")
    assert "11,542,511" not in found.answer(t)
    assert not found.is_comparable
    drawn = growth.doubling(frame, NO_FIT, None, t)
    assert drawn.table.height == 1
    assert drawn.title == t("explosion.doubling.shrank")


def test_doubling_draws_bounds_and_the_line_through_the_totals() -> None:
    fit = pl.DataFrame(
        {"from_date": [date(2024, 9, 25)], "to_date": [NOW[1]], "reports": [5], "growth_pct_per_week": [1.0],
         "growth_lower_pct": [0.7], "growth_upper_pct": [1.3], "doubling_days": [474.0],
         "doubling_lower_days": [365.0], "doubling_upper_days": [674.0], "regime": ["growing"],
         "status": ["estimated"]}
    )  # fmt: skip
    drawn = growth.doubling(spans(THEN, NOW), fit, date(2023, 3, 3), EN)
    line, then, now = drawn.figure.data
    assert line.name == "fit"
    assert list(then.error_y.array) == [0, 6]
    assert list(now.error_y.arrayminus) == [0, 4]
    band = next(shape for shape in drawn.figure.layout.shapes if shape.type == "rect")
    assert (band.y0, band.y1) == (365.0, 674.0)
    assert drawn.table["kind"].to_list() == ["two reports"] * 2 + ["one line through the newest totals, 95 %"]
    assert "took 178 days in the year of the LLaMA leak; at the newest pace it takes 579 days" in drawn.title
    assert "474 days, 95 % interval 365 days to 674 days" in drawn.note
    assert "the Hub counts as: growing" in growth.fit_answer(fit, EN)
    refused = fit.with_columns(
        pl.lit(None, dtype=pl.Float64).alias("doubling_upper_days"), growth_pct_per_week=0.2
    )
    assert (
        "does not exclude that there is no growth"
        in growth.doubling(spans(THEN, NOW), refused, None, EN).note
    )
    assert growth.fit_answer(refused, EN) == ""


def test_a_shrinking_hub_is_not_said_to_grow() -> None:
    drawn = growth.doubling(spans(THEN, (*NOW[:2], None)), NO_FIT, None, EN)
    assert drawn.title == "How fast the Hub doubled, as long as it grew"


# --- births and their pace


def test_whole_births_have_an_unfinished_dashed_week_a_nowcast_and_shaded_regimes() -> None:
    drawn = births.weekly(weeks(), EN)
    traces = {(trace.name, trace.line.dash): trace for trace in drawn.figure.data}
    models = traces["new models", None]
    assert len(models.x) == 11
    unfinished = traces["unfinished week", "dot"]
    assert list(unfinished.y) in ([110, 111], [60, 61])
    nowcast = next(trace for trace in drawn.figure.data if trace.name == "expected in the end")
    assert (nowcast.y[0], nowcast.error_y.array[0], nowcast.error_y.arrayminus[0]) == (120, 10, 7)
    shades = [shape for shape in drawn.figure.layout.shapes if shape.type == "rect"]
    assert [(shape.x0, shape.x1, shape.fillcolor) for shape in shades] == [
        ("2026-02-16", "2026-03-23", theme.REGIMES["growing"])
    ]
    assert (
        plain(drawn.title) == "Growing: 110 new models, 60 of them derivatives, in the week of 16 March 2026"
    )
    assert drawn.table.height == 12


def test_two_series_are_two_panels_and_a_week_without_a_list_is_a_hole() -> None:
    surviving = weeks(series="births_surviving")
    observed = weeks().filter(pl.col("week_date") != MONDAY + 3 * WEEK)
    drawn = births.weekly(pl.concat([observed, surviving]), EN)
    assert {trace.yaxis for trace in drawn.figure.data if trace.yaxis} == {"y", "y2"}
    first, second = (
        next(t for t in drawn.figure.data if t.name == "new models" and t.yaxis == axis)
        for axis in ("y", "y2")
    )
    assert list(first.y).count(None) == 1
    assert None not in list(second.y)
    assert [note.text for note in drawn.figure.layout.annotations][:2] == [
        "the whole Hub, by our own first sight", "the whole Hub, by creation date",
    ]  # fmt: skip


def test_partial_lists_are_an_illustration_and_say_so() -> None:
    drawn = births.weekly(weeks("a-list", is_illustration=True, regime=None), EN)
    assert drawn.title.startswith("Illustration only")
    assert not [shape for shape in drawn.figure.layout.shapes if shape.type == "rect"]
    assert list(drawn.figure.data[0].marker.pattern.shape) == [""] * 11 + ["/"]
    assert "regime" not in drawn.table.columns


def test_the_pace_has_a_band_breaks_where_it_is_unknown_and_names_doubling_times() -> None:
    ends = [date(2026, 3, 1) + place * WEEK for place in (0, 1, 4)]
    frame = rates(
        *(rate(end, 2.0 + place) for place, end in enumerate(ends)), rate(ends[0], 1.0, "derivatives")
    )
    drawn = regimes.rates(frame, EN)
    named = {trace.name: trace for trace in drawn.figure.data}
    assert list(named["new models"].y) == [2.0, 3.0, None, 4.0]
    band = drawn.figure.data[0]
    assert band.fill == "toself"
    assert list(band.y) == [2.5, 3.5, 2.5, 1.5, None, 4.5, 3.5], "a band breaks where its line does"
    assert not band.showlegend
    ticks = dict(zip(drawn.figure.layout.yaxis.ticktext, drawn.figure.layout.yaxis.tickvals, strict=True))
    assert ticks["26 weeks"] == pytest.approx(2.7, abs=0.01)
    assert ticks["halve: 26 weeks"] < 0 == ticks["no growth"]
    assert plain(drawn.title) == (
        "New models grew by 4.0 % a week in the 26 weeks to 29 March 2026 (95 % interval 3.5 % to 4.5 %), "
        "which doubles them every 240 days (200 days to 300 days); regime: growing"
    )
    assert drawn.table.height == 4


def test_without_a_doubling_time_none_is_told() -> None:
    row = rate(MONDAY, 0.1, doubling_days=None, doubling_upper_days=None, regime="undetermined")
    assert "no doubling time follows; regime: undetermined" in regimes.rate_words(row, EN)


def test_parts_grow_each_with_its_interval_and_origins_are_the_largest() -> None:
    rows = [
        rate(MONDAY, 3.0, subject="speech", name="speech", subject_kind="universe", regime="explosive"),
        *(
            rate(MONDAY, 1.0, "community_derivatives", subject=f"o{place}", name=f"O{place}",
                 subject_kind="origin", births=float(place))
            for place in range(14)
        ),
    ]  # fmt: skip
    drawn = regimes.by_subject(rates(*rows), EN)
    assert drawn.title == "Of 11 modalities and origins, 1 grow explosively"
    assert drawn.table["subject"].to_list()[:2] == ["speech", "o13"]
    dots = drawn.figure.data[0]
    assert dots.error_x.array[0] == pytest.approx(0.5)
    assert dots.marker.color[0] == theme.REGIMES["explosive"]


def test_provisional_turns_are_hollow() -> None:
    frame = pl.DataFrame(
        [turn("all", 0), turn("all", 1, "peak"), turn("all", 2, "trough"), turn("speech", 0)]
    )
    drawn = regimes.turns(frame, EN)
    assert drawn.title == "Growth turned 2 times, 1 of them provisional"
    assert [list(trace.marker.symbol) for trace in drawn.figure.data] == [
        ["triangle-up"], ["triangle-down-open"],
    ]  # fmt: skip
    assert drawn.table.height == 2


def test_facets_have_a_panel_each_their_own_scale_and_hatched_unfinished_months() -> None:
    frame = pl.DataFrame(
        [
            facet("speech", date(2024, 1, 1), 30), facet("speech", date(2024, 2, 1), 10, is_unfinished=True),
            facet("vision", date(2024, 1, 1), 60), facet("embedding", date(2024, 1, 1), 3),
        ]
    )  # fmt: skip
    drawn = births.by_universe(frame, EN)
    assert [trace.yaxis for trace in drawn.figure.data] == ["y", "y2"]
    assert list(drawn.figure.data[1].marker.pattern.shape) == ["", "/"]
    assert plain(drawn.title) == "58.3 % of the new models of known task are vision models"
    assert "Left out: 1 modality." in drawn.note
    assert "Counted: 103 models whose task and date are known; 17 more with a date have no" in drawn.subtitle
    assert drawn.context == {"series": "births_surviving"}
    assert drawn.table.height == 3
    partial = births.by_origin(
        frame.with_columns(is_illustration=True, subject=pl.lit("meta"), name=pl.lit("Meta")), EN
    )
    assert plain(partial.title).startswith("Illustration: in the newest 52 weeks of a list of 5 Jan 2026")
    assert "17 more are of unknown origin" in partial.subtitle
    assert partial.figure.data[0].marker.color == theme.ORGANIZATIONS["meta"]


# --- spring 2023


def test_radiation_counts_days_follows_descent_and_shows_what_nobody_verified_as_such() -> None:
    rows = releases(
        LEAK,
        {"release_id": "a", "event_date": date(2023, 3, 13), "name": "Alpaca", "base_name": "LLaMA 7B"},
        {"release_id": "w", "event_date": date(2023, 3, 21), "name": "Alpaca demo taken down",
         "base_name": "LLaMA 7B", "kind": "withdrawal"},
        {"release_id": "v", "event_date": date(2023, 3, 30), "name": "Vicuna", "base_name": "LLaMA 13B"},
        {"release_id": "l", "event_date": date(2023, 4, 17), "name": "LLaVA", "base_name": "Vicuna 13B"},
        {"release_id": "d", "event_date": date(2023, 3, 24), "name": "Dolly", "base_name": "GPT-J-6B"},
        {"release_id": "u", "event_date": date(2023, 3, 5), "name": "GPT4All", "base_name": "LLaMA 7B",
         "status": "unverified"},
        {"release_id": "m", "event_date": date(2023, 3, 31), "name": "FreedomGPT", "base_name": "Alpaca",
         "date_precision": "month"},
        {"release_id": "x", "event_date": date(2024, 3, 31), "name": "Late", "base_name": "LLaMA 7B"},
    )  # fmt: skip
    drawn = spring.radiation(rows, MONDAY, EN)
    assert drawn.table["name"].to_list() == [
        "GPT4All", "Alpaca", "Alpaca demo taken down", "Vicuna", "FreedomGPT", "LLaVA",
    ]  # fmt: skip
    assert "6 rows, 1 of them grey" in drawn.subtitle
    assert "the register as of 5 January 2026" in plain(drawn.note)
    assert drawn.context == {"as_of_date": MONDAY}
    month = drawn.table.row(4, named=True)
    assert (month["earliest_days"], month["latest_days"]) == (-2, 28)
    named = {trace.name: trace for trace in drawn.figure.data}
    assert named["open releases, not verified"].marker.color == theme.GREY
    assert list(named["open releases, not verified"].marker.symbol) == ["circle-open"]
    assert list(named["open releases"].x) == [10, 27, 28, 45]
    assert list(named["open releases"].error_x.arrayminus) == [0, 0, 30, 0]
    assert list(named["withdrawals"].marker.symbol) == ["x"]
    labels = [note.text for note in drawn.figure.layout.annotations]
    assert labels[0] == "<b>GPT4All</b> · Somebody · not verified · 2"
    assert plain(drawn.title) == "Alpaca came 10 days after the LLaMA leak and Vicuna 27"


def test_long_names_of_repositories_stand_on_two_lines_on_a_phone() -> None:
    drawn = spring.stars(stars(list(range(20)), "AUTOMATIC1111/stable-diffusion-webui"), LLAMA, EN)
    assert drawn.figure.layout.annotations[0].text.endswith(" stable-diffusion-webui")
    assert drawn.figure.layout.meta["narrow"]["annotations.0.text"].endswith(" stable-<br>diffusion-webui")


def test_a_line_of_stars_has_a_hole_where_more_than_seven_days_are_missing() -> None:
    drawn = spring.stars(stars([*range(10, 30), 36, 44, 310, 400]), LLAMA, EN)
    line = drawn.figure.data[0]
    assert list(line.x) == [10, 13, 20, 27, 29, 36, None, 44, None, 310]
    assert line.connectgaps is False
    assert drawn.table["days_after"].max() == 310
    assert plain(drawn.title) == "a/b had 31 k stars 310 days after the leak"
    assert "partly as GitHub told us itself (from 7 January 2024 on)" in plain(drawn.subtitle)


# --- answers to releases


def test_bounds_are_told_as_bounds_and_the_median_is_one_too() -> None:
    frame = pl.DataFrame(
        [
            response("slow", 30, 200), response("early", -14, 20), response("quick", 0, 3),
            response("whole", 1, 5, is_illustration=False, scope="the-hub", tenth_status="observed"),
            response("none", 4, None),
        ]
    )  # fmt: skip
    drawn = responses.responses(frame, EN)
    assert plain(drawn.title) == (
        "Of 5 generations of models in 2 lists, 1 of them partial (5 Jan 2026), 4 have ten dated "
        "derivatives; at least half of these had them within 5 days of the release"
    )
    assert drawn.table["name"].to_list() == ["whole", "slow", "quick", "early"]
    first, tenth = drawn.figure.data
    assert list(tenth.text) == ["  5", "  ≤ 200", "  ≤ 3", "  ≤ 20"]
    assert list(first.x)[2:] == [0.0, 0.0]
    assert drawn.note.startswith("3 rows are from partial lists")
    assert "it had them within 5 days" in plain(responses.responses(frame.filter(name="whole"), EN).title)
    assert drawn.table["days_to_first"].to_list()[3] == -14


def test_a_row_is_named_for_its_generation_and_says_what_it_is_counted_from() -> None:
    leak = response("Llama 9 leak", 1, 10, family="Llama 9")
    drawn = responses.responses(pl.DataFrame([leak]), EN)
    assert plain(drawn.figure.layout.annotations[0].text) == "Llama 9 · January 2024"
    hover = plain(drawn.figure.data[1].customdata[0])
    assert hover.startswith("Llama 9, counted from Llama 9 leak on 1 January 2024.")
    assert "5 Jan 2026" in hover
    assert drawn.table.row(0, named=True)["name"] == "Llama 9 leak"
    assert drawn.headings["name"] == "Counted from"
    assert "Of 1 generations of models in one partial list (5 Jan 2026)" in plain(drawn.title)


def test_families_of_partial_lists_are_a_lower_bound_and_of_whole_ones_can_die() -> None:
    rows = [family("A", date(2024, 1, 5)), family("B", date(2024, 3, 1))]
    partial = responses.families(pl.DataFrame(rows, schema_overrides=FAMILY), EN)
    assert plain(partial.title) == (
        "At least 2 model families were born, as seen in one partial list (1 Jun 2025); "
        "the newest of these is B, by 1 March 2024"
    )
    assert partial.figure.data[0].line.dash == "dot"
    assert [trace.name for trace in partial.figure.data] == ["born", "families"]
    whole = [{**rows[0], "is_illustration": False, "death_date": date(2024, 5, 1)},
             {**rows[1], "is_illustration": False}]  # fmt: skip
    drawn = responses.families(pl.DataFrame(whole, schema_overrides=FAMILY), EN)
    assert drawn.figure.data[0].line.dash == "solid"
    assert list(drawn.figure.data[2].y) == [1, 2, 1, 1]
    assert drawn.title.startswith("2 model families were born")


# --- diversity


def test_diversity_draws_intervals_and_names_a_partial_list() -> None:
    months = [date(2025, 1, 1), date(2025, 2, 1)]
    rows = [
        diversity("uploader", months[0]), diversity("uploader", months[1], value=7.0, is_unfinished=True),
        diversity("origin_organization", months[0], value=3.0, lower=2.5, upper=None),
    ]  # fmt: skip
    drawn = diversity_figures.diversity_of_births(pl.DataFrame(rows), EN)
    assert plain(drawn.title) == (
        "In January 2025, compared at half coverage, the new derivatives were as diverse as those of "
        "12 equal uploaders (9.0 to 15)"
    )
    uploaders, origins = drawn.figure.data
    assert list(uploaders.marker.symbol) == ["circle", "circle-open"]
    assert list(origins.error_y.array) == [0]
    assert plain(str(drawn.context["universe"])) == "all"
    assert list(origins.error_y.arrayminus) == [0.5]
    part = pl.DataFrame(rows).with_columns(is_whole_population=False)
    partial = diversity_figures.diversity_of_births(part, EN)
    assert plain(partial.title).startswith(
        "Illustration: in January 2025, compared at half coverage, the new derivatives of a list of 5 Jan"
    )


def test_downloads_are_told_as_so_many_equal_uploaders() -> None:
    origin = share("hill_1", 7.2, unit="origin_organization", unknown_share=0.42)
    drawn = diversity_figures.diversity_of_downloads(
        shares(share("hill_0", 618), share("hill_1", 11.5), share("hill_2", 4.9), origin), "a list", EN
    )
    assert drawn.context == {"series": "downloads_30d", "scope": "a-list", "as_of_date": MONDAY}
    assert plain(drawn.title) == (
        "In the list of 5 Jan 2026 the downloads of generative language models go to 618 uploaders, but are "
        "as concentrated as if 12 equal ones shared them"
    )
    orders = {trace.name: trace for trace in drawn.figure.data}
    assert list(orders["effective (order 1)"].error_x.array) == pytest.approx([2.0, 2.0])
    assert orders["all, counted"].error_x.visible is False
    assert any(
        "42.0 % of unknown origin left out" in plain(note.text) for note in drawn.figure.layout.annotations
    )


# --- names from outside, and the page


def hostile_charts(t: Language, name: str) -> list[Chart]:
    titled = {"title": name, "scope": name}
    return [
        births.weekly(weeks(is_illustration=True, regime=None, **titled), t),
        births.by_origin(pl.DataFrame([facet(name, MONDAY, 50, **titled)]), t),
        regimes.rates(rates(rate(MONDAY, 1.0, **titled)), t),
        regimes.by_subject(
            rates(rate(MONDAY, 1.0, "community_derivatives", subject_kind="origin", subject=name, name=name,
                       **titled)), t,
        ),
        spring.radiation(
            releases(LEAK, {"release_id": "a", "event_date": date(2023, 3, 13), "name": name, "note": name,
                            "organization": name, "base_name": "LLaMA"}), MONDAY, t,
        ),
        spring.stars(stars(list(range(20)), name), LLAMA, t),
        responses.responses(pl.DataFrame([response(name, 1, 2, **titled)]), t),
        responses.families(
            pl.DataFrame([family(name, MONDAY, organization=name)], schema_overrides=FAMILY), t
        ),
        diversity_figures.diversity_of_births(pl.DataFrame([diversity("uploader", MONDAY, **titled)]), t),
    ]  # fmt: skip


def test_every_table_tells_its_days() -> None:
    for drawn in hostile_charts(EN, "a list"):
        values = [*drawn.context.values(), *(drawn.table.row(0) if drawn.table.height else ())]
        assert any(isinstance(value, date) for value in values), drawn.name
        if drawn.name not in ("radiation", "stars-llama"):
            assert "scope" in {*drawn.table.columns, *drawn.context}, drawn.name


@pytest.mark.parametrize("t", [EN, ZH])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_inert_and_short(t: Language, name: str) -> None:
    for drawn in hostile_charts(t, name):
        shown = json.loads(unescape(str(figure_json(drawn))))
        for text in texts(shown):
            assert "<img" not in text, drawn.name
            assert "<script" not in text, drawn.name
            assert "$" not in text, drawn.name
        assert len(drawn.title) < 330, drawn.name


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("release", ["empty_release", "hostile_release"])
def test_the_page_stands_on_any_release(release: str, code: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(release)
    with open_release(path) as opened:
        page = explosion.build(opened, Language(code))
    assert page.file == "explosion.html"
    assert all(page.answer)
    assert [section.name for section in page.sections] == [
        "hub",
        "spring",
        "weekly",
        "responses",
        "diversity",
    ]
    names = [chart.name for chart in page.charts]
    assert len(names) == len(set(names))
    assert len(names) <= 15
