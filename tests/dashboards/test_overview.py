"""The overview and the cards of the headlines: what they say by the data, and what they say without."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards.build import PAGES
from dashboards.data import changes as data
from dashboards.data.common import ModelList
from dashboards.data.release import open_release
from dashboards.figures import heaviest, timeline
from dashboards.figures import overview as pictures
from dashboards.language import CODES, Language
from dashboards.pages import changes, headlines, overview
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import DAY, FILES, HOSTILE, list_rows, write_release

EN, ZH = Language("en"), Language("zh")
CHOSEN = ModelList(DAY, "a-list", HOSTILE[0])
PACES: dict[str, Any] = {"newest": None, "before": None, "fit": None}


def span(start: date, end: date, growth: float, regime: str = "growing") -> dict[str, Any]:
    return {
        "from_date": start, "to_date": end, "from_models": 100, "to_models": 200, "added_per_day": 1.4,
        "growth_pct_per_week": growth, "growth_lower_pct": growth - 0.1, "growth_upper_pct": growth + 0.1,
        "doubling_days": 500.0 if growth > 0 else None, "regime": regime,
    }  # fmt: skip


def number(**given: Any) -> dict[str, Any]:
    """A row of data.overview.numbers."""
    return {
        "headline": "dependent_share", "universe": "all", "as_of_date": DAY, "scope": "a-list",
        "title": "a list", "value": 0.85, "lower": 0.85, "upper": 0.99, "unit": "share",
        "denominator": "downloads in 30 days of the list", "vintage": 1, "published_as_of_date": DAY,
        "is_revision": False, "previous_value": None, "previous_lower": None, "previous_upper": None,
        "earlier_date": None, "earlier_value": None, "earlier_lower": None, "earlier_upper": None,
        "is_told": True, "is_whole_population": False, "models": 10.0, "unknown_origin_share": 0.2, **given,
    }  # fmt: skip


THEN = span(date(2022, 12, 30), date(2023, 12, 30), 2.8, "explosive")
NOW = span(date(2025, 5, 22), date(2026, 9, 17), 0.8)
LEAK = date(2023, 3, 3)


@pytest.mark.parametrize("t", [EN, ZH], ids=CODES)
@pytest.mark.parametrize("regime", ["explosive", "growing", "contraction", "plateau", "undetermined"])
def test_the_answer_and_the_title_follow_from_the_regime(regime: str, t: Language) -> None:
    newest = {**NOW, "regime": regime, "doubling_days": None}
    assert overview.growth_answer([newest], LEAK, t).startswith(t(f"overview.answer.{regime}"))
    assert pictures.pace_title(newest, t)


def test_a_pace_that_was_explosive_and_is_no_longer_is_called_slowed() -> None:
    assert "no longer explosively" in overview.growth_answer([THEN, NOW], LEAK, EN)
    assert "no longer" not in overview.growth_answer([{**THEN, "regime": "growing"}, NOW], LEAK, EN)
    assert "no longer" not in overview.growth_answer([THEN, NOW], None, EN)


@pytest.mark.parametrize("regime", ["plateau", "undetermined", "contraction"])
def test_without_sure_growth_no_doubling_time_is_told(regime: str) -> None:
    newest = {**NOW, "regime": regime, "doubling_days": 11_542_511.0}
    told = overview.growth_answer([THEN, newest], LEAK, EN)
    assert "11,542,511" not in told
    assert "changed by 0.80" in told
    chart = pictures.pace([THEN, newest], pl.DataFrame([event(LEAK, "leak")]), EN)
    assert "11,542,511" not in str(chart.figure)
    assert "doubles in" in str(chart.figure), "the earlier span still has its doubling time"


def test_spans_follow_each_other_and_end_with_the_newest() -> None:
    overlapping = span(date(2025, 5, 22), date(2026, 8, 3), 0.9)
    found = headlines.chain(pl.DataFrame([NOW, overlapping, THEN]))
    assert [row["to_date"] for row in found] == [THEN["to_date"], NOW["to_date"]]
    assert headlines.chain(pl.DataFrame([NOW]).clear()) == []


def test_the_pace_draws_each_span_with_its_bounds() -> None:
    chart = pictures.pace([THEN, NOW], pl.DataFrame([event(LEAK, "leak")]), EN)
    assert chart.figure is not None
    assert [trace.y[0] for trace in chart.figure.data] == [2.8, 0.8]
    bands = [shape for shape in chart.figure.layout.shapes if shape.type == "rect"]
    assert [(band.y0, band.y1) for band in bands] == [pytest.approx((2.7, 2.9)), pytest.approx((0.7, 0.9))]
    assert chart.table.height == 2
    assert "0.80" in chart.title


def test_without_totals_the_pace_says_so() -> None:
    assert pictures.pace([], pl.DataFrame(), EN).empty == EN("overview.pace.empty")


def shares(lower: float) -> pl.DataFrame:
    row = {"universe": "all", "total": 1000.0, "first_party_share": lower, "derived_share": 0.0,
           "unknown_share": 0.1, "independent_share": 0.9 - lower, "dependent_lower": lower,
           "dependent_upper": lower + 0.1}  # fmt: skip
    return pl.DataFrame([row])


@pytest.mark.parametrize(("lower", "kind"), [(0.6, "Most"), (0.4, "What stands")])
def test_the_switch_says_most_only_where_the_lower_bound_does(lower: float, kind: str) -> None:
    chart = pictures.switch(shares(lower), CHOSEN, EN)
    assert chart.title.startswith(kind)
    assert chart.figure is not None
    assert sum(trace.x[0] for trace in chart.figure.data) == pytest.approx(1)
    hatched = [trace.marker.pattern.shape for trace in chart.figure.data]
    assert hatched == ["", "", "/", ""]


@pytest.mark.parametrize("t", [EN, ZH], ids=CODES)
def test_a_list_of_the_whole_hub_is_not_said_to_be_a_part(t: Language) -> None:
    assert pictures.switch(shares(0.6), CHOSEN, t).note == t("overview.switch.note")
    assert pictures.switch(shares(0.6), CHOSEN, t, is_whole=True).note == t("overview.switch.note_whole")


def test_without_a_list_the_switch_says_so() -> None:
    assert pictures.switch(pl.DataFrame(), None, EN).figure is None


# Cards -----------------------------------------------------------------------------------------------------


def test_a_card_shows_both_bounds_and_a_whole_sentence() -> None:
    card = headlines.card(EN, number(), PACES)
    assert card.value == "85.0\u00a0% to 99.0\u00a0%"
    assert card.quote is not None
    for part in (card.value, "all models", "a list", "22\u00a0Dec\u00a02025", "lower bound", "vintage 1"):
        assert part in card.quote.sentence
    assert card.quote.address == "changes.html#dependent-share-all-2025-12-22-a-list-v1"
    assert card.quote.not_meant


def test_with_an_address_the_sentence_carries_it() -> None:
    quote = headlines.quote(Language("zh", "https://example.org/c/"), number(), PACES)
    assert quote.address.startswith("https://example.org/c/zh/changes.html#dependent-share-")
    assert quote.address in quote.sentence


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "No change is given"),
        ({"earlier_date": date(2025, 12, 15), "earlier_value": 0.84, "earlier_lower": 0.84,
          "earlier_upper": 0.995}, "Lower bound +1.0, upper bound −0.5"),
        ({"is_revision": True, "previous_value": 0.8, "previous_lower": 0.8, "previous_upper": 0.9},
         "Revised: an earlier vintage of this number said 80.0\u00a0% to 90.0\u00a0%"),
        ({"headline": "organizations_carrying_half", "unit": "organizations", "value": 3.0, "lower": 2.0,
          "upper": 3.0, "earlier_date": date(2025, 12, 15), "earlier_value": 4.0, "earlier_lower": 3.0,
          "earlier_upper": 4.0}, "Before: 3 to 4"),
    ],
)  # fmt: skip
def test_a_change_is_against_the_same_population_or_said_to_be_none(
    given: dict[str, Any], words: str
) -> None:
    assert headlines.change_text(EN, number(**given), PACES).startswith(words)


def test_numbers_of_the_hub_are_compared_with_the_span_before() -> None:
    paces = {"newest": NOW, "before": span(date(2024, 9, 25), date(2025, 5, 22), 1.6), "fit": None}
    hub = {"universe": "whole-hub", "scope": "whole-hub", "lower": None, "upper": None}
    growth = number(headline="hub_growth_per_week", value=0.8, unit="percent_per_week", **hub)
    assert headlines.change_text(EN, growth, paces).startswith("Before: 1.60")
    models = number(headline="hub_models", value=250.0, unit="models", **hub)
    assert headlines.change_text(EN, models, paces) == "+150 since 22\u00a0May\u00a02025"


def test_a_pace_before_that_was_no_sure_growth_gives_no_doubling_time_to_compare_with() -> None:
    before = span(date(2024, 9, 25), date(2025, 5, 22), 0.01, "plateau")
    doubling = number(headline="hub_doubling_days", universe="whole-hub", scope="whole-hub", unit="days",
                      value=578.9, lower=None, upper=None)  # fmt: skip
    paces = {"newest": NOW, "before": before, "fit": None}
    assert headlines.change_text(EN, doubling, paces) == EN("headlines.change.none_hub")
    told = headlines.change_text(EN, doubling, {**paces, "before": {**before, "regime": "growing"}})
    assert "500 days" in told


def hub_rows(lower: float) -> list[dict[str, Any]]:
    common = {"universe": "whole-hub", "scope": "whole-hub", "as_of_date": DAY, "denominator": "-"}
    return [
        {**common, "headline": "hub_doubling_days", "value": 11_542_511.0, "unit": "days"},
        {**common, "headline": "hub_growth_per_week", "value": 0.01, "lower": lower, "upper": 0.1,
         "unit": "percent_per_week"},
    ]  # fmt: skip


@pytest.mark.parametrize(("lower", "is_told"), [(0.005, True), (-0.01, False)])
def test_a_doubling_time_without_sure_growth_is_no_number(
    lower: float, is_told: bool, models: dict[str, SqlModel], tmp_path: Path
) -> None:
    kept = {"vintage": 1, "published_as_of_date": DAY, "is_revision": False, "is_newest": True}
    rows = {
        "marts.headlines": hub_rows(lower),
        "marts.headline_vintages": [{**row, **kept} for row in hub_rows(lower)],
    }
    with open_release(write_release(tmp_path / "r.duckdb", models, rows)) as release:
        cards = headlines.cards(release, EN, headlines.HUB).cards
        vintages = changes.vintage_table(data.vintages(release), EN).rows
    assert [card.label for card in cards if "double" in card.label] == (
        [EN("headlines.labels.hub_doubling_days")] if is_told else []
    )
    told = next(row[1].text for row in vintages if row[0].exact == "hub_doubling_days")
    assert (told == EN("headlines.not_told")) != is_told


@pytest.mark.parametrize("t", [EN, ZH], ids=CODES)
@pytest.mark.parametrize(("value", "key"), [(0.2, "hub_growth_per_week"), (-0.2, "hub_change_per_week")])
def test_a_smaller_newest_total_is_no_growth(value: float, key: str, t: Language) -> None:
    row = number(headline="hub_growth_per_week", universe="whole-hub", scope="whole-hub", value=value,
                 lower=value - 0.1, upper=value + 0.1, unit="percent_per_week")  # fmt: skip
    quote = headlines.quote(t, row, {**PACES, "newest": NOW})
    words = t(f"headlines.sentences.{key}", **dict.fromkeys(("from", "to", "range"), "§"), value="§")
    parts = [part for part in words.split("§") if len(part) > 2]
    assert all(part in quote.sentence for part in parts)
    assert (t("headlines.not_meant.hub_growth_lower") in quote.not_meant) == (value > 0)


def test_a_headline_that_no_catalogue_knows_is_told_plainly() -> None:
    card = headlines.card(EN, number(headline="something_new", unit="furlongs", vintage=None), PACES)
    assert card.label == "something new"
    assert card.quote is not None
    assert card.quote.address == "changes.html#vintages"


@pytest.mark.parametrize("t", [EN, ZH], ids=CODES)
@pytest.mark.parametrize(
    ("headline", "unit", "known"),
    [("dependent_share", "share", 0.86), ("openai_meta_share", "share", 0.86),
     ("organizations_carrying_half", "organizations", 0.8)],
)  # fmt: skip
def test_a_card_says_of_which_day_of_what_of_which_list_and_how_complete(
    headline: str, unit: str, known: float, t: Language
) -> None:
    bounds = {"value": 2.0, "lower": 2.0, "upper": 3.0} if unit == "organizations" else {}
    card = headlines.card(t, number(headline=headline, unit=unit, **bounds), PACES)
    assert card.change == t("headlines.change.none")
    interval, day, of, population, coverage = card.lines
    assert interval == t(f"headlines.bounds.{headline}")
    assert t.day(DAY) in day
    assert t.universe("all") in of
    assert t("headlines.part", scope="a list") in population
    assert t.percent(known) in coverage


@pytest.mark.parametrize("t", [EN, ZH], ids=CODES)
def test_assumed_origins_are_told_wherever_organizations_are_counted(t: Language) -> None:
    row = number(
        headline="organizations_carrying_half", unit="organizations", value=3.0, lower=2.0, upper=3.0
    )
    card = headlines.card(t, row, PACES)
    told = {"en": "without naming a base counts as", "zh": "未声明基础模型的"}[t.code]
    assert card.quote is not None
    assert told in card.lines[0]
    assert told in card.quote.sentence
    assert told in card.quote.not_meant


def test_a_denominator_is_told_in_the_language_of_the_page_where_it_is_known() -> None:
    totals = number(denominator="totals of 2025-05-22 and 2026-09-17", universe="whole-hub")
    assert headlines.denominator_text(ZH, totals) == "2025年5月22日与2026年9月17日的平台总数"
    assert headlines.denominator_text(ZH, number(denominator="stars")) == "stars（全部模型）"


def test_anchors_tell_vintages_apart_and_are_plain() -> None:
    rows = [number(), number(vintage=2), number(universe="other"), number(scope='<b a="1">')]
    anchors = [headlines.anchor(row) for row in rows]
    assert len(set(anchors)) == len(anchors)
    assert all(set(anchor) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for anchor in anchors)


# Timeline and the heaviest ---------------------------------------------------------------------------------


def event(day: date, name: str, kind: str = "open_release", **given: Any) -> dict[str, Any]:
    return {
        "release_id": given.pop("release_id", f"{day}-{name}"), "event_date": day, "date_precision": "day",
        "name": name, "organization": name, "kind": kind, "modality": "language", "status": "verified",
        **given,
    }  # fmt: skip


def test_the_timeline_draws_verified_events_alone_and_counts_the_others() -> None:
    frame = pl.DataFrame([
        event(date(2020, 1, 1), "before"),
        event(date(2022, 4, 6), "DALL-E 2", "proprietary_launch", release_id=timeline.START),
        event(date(2023, 3, 3), "leak", "leak"),
        event(date(2023, 3, 4), "rumour", status="unverified"),
    ])  # fmt: skip
    chart = timeline.timeline(frame, [], EN)
    assert chart.table["name"].to_list() == ["DALL-E 2", "leak"]
    assert "1 event." in chart.subtitle
    assert chart.figure is not None
    assert [trace.name for trace in chart.figure.data] == ["Leaks", "Proprietary launches"]


def test_hostile_names_are_inert_on_the_timeline_and_beside_bars() -> None:
    events = pl.DataFrame([event(date(2023, 1, 1 + place), name) for place, name in enumerate(HOSTILE)])
    chart = timeline.timeline(events, events["release_id"].to_list(), ZH)
    models = pl.DataFrame([
        {"place": place, "model_id": name, "uploader": name, "base_model_id": name,
         "dependence_class": "unknown", "downloads_30d": 1, "share": 0.1}
        for place, name in enumerate(HOSTILE)
    ])  # fmt: skip
    for figure in (chart.figure, heaviest.models(models, CHOSEN, "all", EN).figure):
        assert figure is not None
        assert "<img" not in str(figure.to_dict())
        assert "<script" not in str(figure.to_dict())


def test_without_events_the_timeline_says_so() -> None:
    assert timeline.timeline(pl.DataFrame([event(date(2023, 1, 1), "a")]).clear(), [], EN).figure is None


def test_names_on_one_level_do_not_touch() -> None:
    names = [(place * 20.0, "x" * 10) for place in range(12)]
    found = timeline.set_apart(names, 250)
    ends: dict[int, float] = {}
    for (place, text), (level, is_left) in zip(names, found, strict=True):
        length = timeline.LETTER * len(text)
        begin = place - length if is_left else place
        assert begin >= ends.get(level, -1e9)
        ends[level] = begin + length
    assert found[-1][1]  # the last one would leave the figure, so it stands left of its line


def test_the_sensitivity_names_the_account_that_weighs_most() -> None:
    frame = pl.DataFrame([
        {"place": 1, "account": "a", "at_stake_share": 0.1, "first_party_share": 1.0},
        {"place": 2, "account": "b", "at_stake_share": 0.2, "first_party_share": 0.0},
    ])  # fmt: skip
    assert "b well funded" in heaviest.sensitivity(frame, EN)
    assert "rise by 20.0" in heaviest.sensitivity(frame, EN)
    assert heaviest.sensitivity(frame.with_columns(at_stake_share=None), EN) == ""


def test_the_csv_of_every_figure_tells_its_day_and_its_list(hostile_release: Path) -> None:
    with open_release(hostile_release) as release:
        charts = [chart for chart in overview.build(release, EN).charts if chart.figure is not None]
    assert {chart.name for chart in charts} >= {"overview-switch", "timeline", "heaviest-models-all"}
    for chart in charts:
        has_day = pl.Date in chart.table.schema.values() or chart.context.get("as_of_date")
        assert has_day, chart.name
        assert chart.name == "timeline" or chart.context["scope"], chart.name


# The page --------------------------------------------------------------------------------------------------


def test_it_leads_to_every_other_page_in_the_order_of_the_navigation() -> None:
    assert ("overview", *overview.ELSEWHERE) == PAGES
    assert ("index.html", *overview.ELSEWHERE.values()) == FILES


@pytest.mark.parametrize("t", [EN, ZH], ids=CODES)
def test_an_empty_release_makes_a_page_that_says_what_is_missing(empty_release: Path, t: Language) -> None:
    with open_release(empty_release) as release:
        page = overview.build(release, t)
    assert page.answer[:2] == [t("overview.answer.no_growth"), t("overview.answer.no_list")]
    assert all(chart.figure is None and chart.empty for chart in page.charts)


@pytest.mark.parametrize("t", [EN, ZH], ids=CODES)
def test_a_hostile_release_makes_a_page(hostile_release: Path, t: Language) -> None:
    with open_release(hostile_release) as release:
        page = overview.build(release, t)
    assert any(section.cards for section in page.sections)


def test_an_earlier_vintage_of_the_same_population_gives_a_change(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows, week_before = list_rows(("a/m", "b/m")), date(2025, 12, 15)
    common = {"headline": "dependent_share", "universe": "all", "scope": "a-list", "vintage": 1,
              "is_revision": False, "is_newest": True, "unit": "share", "denominator": "-"}  # fmt: skip
    rows["marts.headline_vintages"] = [
        {
            **common,
            "as_of_date": day,
            "published_as_of_date": day,
            "value": lower,
            "lower": lower,
            "upper": 0.9999,
        }
        for day, lower in ((DAY, 0.85), (week_before, 0.8))
    ]
    with open_release(write_release(tmp_path / "r.duckdb", models, rows)) as release:
        group = headlines.cards(release, EN, "all", only=["dependent_share"])
    assert [card.change for card in group.cards] == [
        "Lower bound +5.0, upper bound ±0.0 percentage points since 15\u00a0Dec\u00a02025"
    ]
