"""The page about releases: from hand-made tables to sentences, marks and reasons."""

from datetime import date, timedelta
from math import log
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards.data import explosion
from dashboards.data import releases as data
from dashboards.data.release import open_release
from dashboards.figures import responses
from dashboards.figures.calendar import release_calendar
from dashboards.figures.events import release_effects, release_multipliers
from dashboards.figures.reasons import reason
from dashboards.figures.relative import adoption_at_age, relative_adoption
from dashboards.language import Language
from dashboards.pages import releases as page
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import HOSTILE, Rows, assert_inert, write_release

EN, ZH = Language("en"), Language("zh")
DAY = date(2026, 11, 20)
PARTIAL = "not estimable: the population is partial"


def effect(name: str, step: float | None, q: float | None, **others: Any) -> list[dict[str, Any]]:
    """Make the two rows of a release in the event study of the whole Hub."""
    told: dict[str, Any] = {"status": PARTIAL}
    if step is not None:
        told = {
            "before_weekly": 1000.0, "after_weekly": 1300.0, "effect": step, "lower": step - 0.2,
            "upper": step + 0.2, "p_value": 0.01, "q_value": q, "p_placebo": 0.02, "placebos": 180,
            "placebos_effective": 9.5, "pre_effect": 0.01, "pre_p_value": 0.8, "status": "estimated",
        }  # fmt: skip
    common = {
        "release_id": name, "name": name, "series": "births_surviving", "scope": "hub", "as_of_date": DAY,
        "event_date": date(2024, 4, 18), "organization_id": "meta", "family": "Llama 3",
        "is_illustration": step is None,
    }  # fmt: skip
    return [{**common, **told, "outcome": outcome, **others} for outcome in ("elsewhere", "total")]


def response(name: str, **others: Any) -> dict[str, Any]:
    return {
        "series": "births_surviving", "scope": "hub", "includes_variants": False, "release_id": name,
        "measure": "family", "is_first_of_family": True, "family": name, "name": name,
        "organization_id": "meta", "kind": "open_release",
        "release_date": date(2024, 4, 18), "as_of_date": DAY, "is_illustration": False, "derivatives": 40,
        "dated_derivatives": 39, "before_data": 0, "before_release": 1, "on_release_day": 2,
        "date_basis": "repository_creation", "days_to_first": 0, "first_status": "observed",
        "days_to_tenth": 4, "tenth_status": "observed", **others,
    }  # fmt: skip


def multiplier(size: str, horizon: int, median: float | None, **others: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"status": "not estimable: fewer than 20 releases or 20 organizations"}
    if median is not None:
        told = {
            "bases": 120, "organizations": 40, "derivatives_median": median, "median_lower": 0.0,
            "median_upper": median + 2, "derivatives_mean": 9 * median + 5, "mean_lower": median,
            "mean_upper": 20 * median + 9, "without_any_share": 0.4, "status": "estimated",
        }  # fmt: skip
    return {
        "series": "births_surviving", "scope": "hub", "size_class": size, "horizon_days": horizon,
        "as_of_date": DAY, "is_illustration": False, **told, **others,
    }  # fmt: skip


def reading(model: str, age: int, value: float, ratio: float | None, **others: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"status": PARTIAL}
    if ratio is not None:
        told = {
            "baseline": value / ratio, "ratio": ratio, "ratio_to_ninth": 0.9 * ratio,
            "ratio_to_eleventh": 1.2 * ratio, "status": "estimated",
        }  # fmt: skip
    return {
        "model_id": model, "measure": "downloads_30d", "scope": "hub", "age_days": age,
        "baseline_version": DAY, "organization_id": "meta", "release_date": date(2026, 1, 1),
        "size_class": "3B to 10B", "size_basis": "name", "value": value, "place": 1, "models": 80,
        "is_illustration": ratio is None, **told, **others,
    }  # fmt: skip


def event(name: str, kind: str, when: date, **others: Any) -> dict[str, Any]:
    return {
        "release_id": f"{when}-{name}", "event_date": when, "date_precision": "day", "name": name,
        "organization_id": "meta", "organization": "Meta", "kind": kind, "modality": "language",
        "status": "verified", "source": "-", **others,
    }  # fmt: skip


EVENTS = [
    event("LLaMA", "gated_release", date(2023, 2, 24)),
    event("LLaMA leak", "leak", date(2023, 3, 1), date_precision="month"),
    event("Llama 2", "gated_release", date(2023, 7, 18)),
    event(
        "A service", "proprietary_launch", date(2023, 3, 14), organization_id="openai", organization="OpenAI"
    ),
    event("Rumour", "open_release", date(2023, 5, 1), status="unverified"),
]
ROWS: Rows = {
    "core.releases": EVENTS,
    "marts.release_effects": [
        *effect("Rises", log(1.5), 0.01),
        *effect("Too thin", None, None, is_illustration=False,
                status="not estimable: fewer than 30 placebo dates"),
        *effect("Stays", 0.02, 0.7, pre_p_value=0.01),
        *effect("Of a part", None, None, scope="part"),
    ],
    "marts.release_responses": [
        response("Soon"),
        response("Late", days_to_first=30, days_to_tenth=400),
        response("Never", days_to_first=None, first_status="censored at 90 days", days_to_tenth=None,
                 tenth_status="censored at 90 days"),
        response("Of a part", scope="part", is_illustration=True, days_to_tenth=1),
        response("Copies too", includes_variants=True, days_to_tenth=1),
    ],
    "marts.release_multipliers": [
        multiplier("below 3B", 365, 3.0), multiplier("below 3B", 90, 1.0), multiplier("3B to 10B", 365, 7.0),
        multiplier("3B to 10B", 90, 4.0), multiplier("10B to 40B", 365, 2.0),
        multiplier("above 40B", 365, None),
    ],
    "marts.relative_adoption": [
        reading("meta/first", 90, 5000.0, 2.5), reading("meta/second", 90, 1000.0, 0.5),
        reading("meta/first", 30, 900.0, 1.5), reading("of/a-part", 90, 9e9, None, scope="part"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def full(models: dict[str, SqlModel], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the data in which all can be estimated on the whole Hub, and a part beside it."""
    return write_release(tmp_path_factory.mktemp("releases") / "release.duckdb", models, ROWS)


def frames(path: Path) -> dict[str, pl.DataFrame]:
    with open_release(path) as release:
        return {
            "effects": data.effects(release),
            "multipliers": data.multipliers(release),
            "adoption": data.adoption(release),
        }


def test_a_whole_population_goes_before_a_part(full: Path) -> None:
    assert all(set(frame["scope"]) == {"hub"} for frame in frames(full).values())


def test_the_effects_tell_how_many_steps_are_clear(full: Path) -> None:
    chart = release_effects(frames(full)["effects"], EN)
    assert chart.title.startswith("Of 2 big releases")
    assert "clearly after 1 and fell clearly after 0" in chart.title
    assert chart.figure is not None
    elsewhere = chart.figure.data[0]
    assert list(elsewhere.marker.symbol) == ["circle", "circle-open"]
    assert list(elsewhere.error_x.array) == pytest.approx([0.2, 0.2])
    labels = [note.text for note in chart.figure.layout.annotations]
    assert [text.endswith("†") for text in labels] == [False, True]
    assert "180 placebo dates" in chart.subtitle
    assert "×1.50" in elsewhere.text[0]
    assert "q 0.010" in elsewhere.text[0]
    assert "no cause" in chart.note
    assert chart.context == {"series": "births_surviving", "scope": "hub", "as_of_date": DAY}
    assert chart.table.height == 4
    assert "p_placebo" in chart.table.columns


def test_effects_that_are_all_unclear_are_said_to_be_so() -> None:
    chart = release_effects(pl.DataFrame(effect("Stays", 0.02, 0.7, title=None)), EN)
    assert chart.title.startswith("After none of 1 big releases")


def test_effects_without_an_estimate_say_why() -> None:
    frame = pl.DataFrame(effect("A", None, None) + effect("B", None, None))
    frame = frame.with_columns(effect=pl.lit(None, pl.Float64))
    for t in (EN, ZH):
        chart = release_effects(frame, t)
        assert chart.figure is None
        assert "2" in chart.empty
        assert "not estimable" not in chart.empty


def test_the_table_keeps_the_releases_that_are_not_estimable(full: Path) -> None:
    with open_release(full) as release:
        built = page.build(release, EN)
    section = next(section for section in built.sections if section.name == "effects")
    told = {row[0].text: row[-1].text for row in section.tables[0].rows}
    assert told["Too thin"] == "fewer than 30 placebo dates"
    assert told["Rises"] == "estimated"


def test_the_days_to_derivatives_are_those_of_the_page_on_the_explosion(full: Path) -> None:
    with open_release(full) as release:
        built = page.build(release, EN)
        drawn = responses.responses(explosion.responses(release), EN)
    section = next(section for section in built.sections if section.name == "responses")
    assert section.charts == []
    assert drawn.title + "." == section.text[0] == built.answer[0]
    assert [link.file for link in section.links] == ["explosion.html#release-responses"]


def test_every_table_tells_its_days_and_its_list(full: Path) -> None:
    with open_release(full) as release:
        built = page.build(release, EN)
    for chart in built.charts:
        assert any(kind == pl.Date for kind in chart.table.schema.values()) or chart.context["as_of_date"]
        if chart.name != "release-calendar":
            assert chart.context["scope"] == "hub", chart.name


def test_multipliers_name_the_sizes_with_most_and_least(full: Path) -> None:
    chart = release_multipliers(frames(full)["multipliers"], EN)
    assert chart.title == (
        "A released model of 3 to 10 billion parameters has a median of 7 derivatives within 365 days, "
        "one of 10 to 40 billion parameters 2"
    )
    assert chart.figure is not None
    assert len(chart.figure.data) == 4
    assert chart.table.height == 5


def test_models_are_compared_at_one_age(full: Path) -> None:
    frame = frames(full)["adoption"]
    chart = relative_adoption(frame, EN)
    assert chart.title.startswith("At 90 days, meta/first stands at 2.5 times")
    assert chart.figure is not None
    assert list(chart.figure.data[0].x) == [2.5, 0.5]
    assert f"baseline of the data up to {EN.day(DAY)}" in chart.subtitle
    ages = adoption_at_age(frame, EN)
    assert ages.figure is not None
    assert list(ages.figure.data[0].x) == [900.0, 5000.0]
    start = f"At 90 days, meta/first has the most of the list of {EN.short_day(DAY)}: 5,000"
    assert ages.title.startswith(start)


def test_without_a_baseline_the_readings_stand_alone() -> None:
    row = reading("a/b", 90, 12.0, None, title="a list")
    frame = pl.DataFrame([row]).with_columns(ratio=pl.lit(None, pl.Float64))
    chart = relative_adoption(frame, EN)
    assert chart.figure is None
    assert chart.empty == "No baseline with this data. The list is a part of the Hub."
    assert "part of the Hub" in adoption_at_age(frame, EN).note


def test_the_calendar_draws_what_is_verified() -> None:
    frame = pl.DataFrame(EVENTS)
    chart = release_calendar(frame, DAY, EN)
    assert chart.title == (
        "Of 2 open or gated releases in the register, no organization has more than Meta (2); "
        "proprietary launches beside them: 1"
    )
    assert chart.table.height == 4
    assert "Unverified events left out: 1" in chart.note
    assert f"by the project's register as of {EN.day(DAY)}, which is no census" in chart.subtitle
    assert chart.context == {"as_of_date": DAY}
    assert chart.figure is not None
    kinds = {trace.name: trace for trace in chart.figure.data}
    assert list(kinds["leaks"].marker.symbol) == ["x-open"]
    assert list(kinds["leaks"].x) == ["2023-03-15"]
    assert kinds["proprietary launches"].y[0] < kinds["gated releases"].y[0]
    assert [note.text for note in chart.figure.layout.annotations] == ["Meta", "1 other organization"]


@pytest.mark.parametrize("t", [EN, ZH], ids=["en", "zh"])
def test_hostile_names_stay_text(t: Language, models: dict[str, SqlModel], tmp_path: Path) -> None:
    rows: Rows = {
        "core.releases": [
            event(name, "open_release", DAY - timedelta(days=place), organization_id=name, organization=name)
            for place, name in enumerate(HOSTILE)
        ],
        "marts.release_effects": [row for name in HOSTILE for row in effect(name, 0.1, 0.5)],
        "marts.release_responses": [response(name) for name in HOSTILE],
        "marts.relative_adoption": [reading(name, 90, 5.0, 1.5) for name in HOSTILE],
    }
    with open_release(write_release(tmp_path / "release.duckdb", models, rows)) as release:
        built = page.build(release, t)
    drawn = [chart for chart in built.charts if chart.figure is not None]
    assert len(drawn) == 4
    assert_inert(drawn)


def test_a_release_without_anything_says_so(empty_release: Path) -> None:
    for t in (EN, ZH):
        with open_release(empty_release) as release:
            built = page.build(release, t)
        assert all(chart.figure is None and chart.empty for chart in built.charts)


@pytest.mark.parametrize("topic", ["releases", "open_closed"])
def test_a_reason_keeps_its_numbers(topic: str) -> None:
    assert reason(EN, topic, "something new") == "something new"
    assert reason(EN, topic, None) == ""
    assert reason(EN, "releases", "not estimable: it came by 2024-05-01, where the data begins") == (
        f"it came by {EN.short_day(date(2024, 5, 1))}, where the data begins"
    )
    assert reason(ZH, "releases", "not estimable: fewer than 20 releases or 25 organizations") == (
        "不足 20 次发布或 25 个机构"
    )
