"""The figures and the page on dependence: what they draw and say, and what they say when nothing is there."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards.build import build_site
from dashboards.data.common import ModelList
from dashboards.data.release import open_release
from dashboards.figures import dependence, dependence_parts, openness, published, teachers
from dashboards.figures.chart import Chart
from dashboards.language import CODES, Language
from dashboards.pages import dependence as page
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import DAY, HOSTILE, Rows, list_rows, write_release

EN = Language("en")
LIST = ModelList(DAY, "a-list", "a list of models")
NOTHING = pl.DataFrame(schema={"scope": pl.String, "snapshot_date": pl.Date, "model_id": pl.String})
SHARES = {"first_party_share": 0.5, "derived_share": 0.2, "unknown_share": 0.2, "independent_share": 0.1,
          "dependent_lower": 0.7, "dependent_upper": 0.9}  # fmt: skip


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def class_rows(*lists: tuple[str, date], **changed: Any) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"scope": scope, "snapshot_date": day, "title": f"the {scope}", "evidence": evidence,
             "total": 1000.0, "models": 10, "models_with_downloads": 10, **SHARES, **changed}
            for scope, day in lists for evidence in ("curated", "declared")
        ]
    )  # fmt: skip


def breakdown_rows(**values: list[tuple[str, float, float]]) -> pl.DataFrame:
    unknown = 0.05
    return pl.DataFrame(
        [
            {"dimension": dimension, "value": value, "total": 1000.0, "uploaded_share": uploaded,
             "uploaded_upper": None if value == "unknown" else uploaded + unknown, "origin_share": origin,
             "origin_upper": None if value == "unknown" else origin + unknown}
            for dimension, rows in values.items() for value, uploaded, origin in rows
        ]
    )  # fmt: skip


# --- by class


def test_the_headline_list_comes_first_and_its_bounds_are_the_title() -> None:
    frame = class_rows(("other", date(2024, 1, 1)), ("a-list", DAY))
    drawn = dependence.class_shares(frame, LIST, "all", NOTHING, EN)
    assert plain(drawn.title) == (
        "All models: 70.0 % to 90.0 % of the downloads depend on well-funded organizations in the list of "
        "22 Dec 2025"
    )
    assert drawn.table["scope"].to_list() == ["a-list", "a-list", "other", "other"]
    assert drawn.figure is not None
    assert [trace.name for trace in drawn.figure.data] == [
        "first party", "derived", "unknown", "independent", "bounds",
    ]  # fmt: skip
    whisker = drawn.figure.data[-1]
    assert list(whisker.x) == [0.7] * 4
    assert whisker.error_x.array == pytest.approx((0.2,) * 4)
    assert drawn.context == {"universe": "all", "weight": "downloads_30d"}


def test_a_list_says_of_how_many_models_its_downloads_are_known() -> None:
    def labels(**changed: Any) -> list[str]:
        drawn = dependence.class_shares(class_rows(("a-list", DAY), **changed), LIST, "all", NOTHING, EN)
        assert drawn.figure is not None
        return [one.text for one in drawn.figure.layout.annotations]

    assert labels(models=3411, models_with_downloads=983)[1] == "1,000 downloads, told by 983 of 3,411 models"
    assert labels()[1] == "1,000 downloads of 10 models"
    assert labels(models=None, models_with_downloads=None)[1] == "1,000 downloads"


def test_a_model_that_dominates_a_list_is_named() -> None:
    dominant = pl.DataFrame(
        {"scope": ["a-list"], "snapshot_date": [DAY], "model_id": ["big/one"], "share": [0.94]}
    )
    note = dependence.class_shares(class_rows(("a-list", DAY)), LIST, "all", dominant, EN).note
    assert "big/one has 94.0 %" in plain(note)


@pytest.mark.parametrize(
    ("last", "word"), [((0.95, 0.99), "rose from"), ((0.1, 0.2), "fell from"), ((0.8, 0.95), "no change")]
)
def test_a_movement_is_claimed_only_beyond_the_bounds(last: tuple[float, float], word: str) -> None:
    days = [date(2026, 1, 1), date(2026, 1, 8)]
    frame = pl.DataFrame(
        {"scope": ["hub"] * 2, "title": ["the Hub"] * 2, "snapshot_date": days, "total": [1.0, 2.0],
         "dependent_lower": [0.7, last[0]], "dependent_upper": [0.9, last[1]]}
    )  # fmt: skip
    drawn = dependence.over_time(frame, "all", EN)
    assert word in drawn.title
    assert drawn.is_dated


def test_lines_over_time_join_neither_populations_nor_long_gaps() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 8), date(2026, 6, 1), date(2026, 1, 1), date(2026, 1, 8)]
    scopes = ["hub", "hub", "hub", "other", "other"]
    frame = pl.DataFrame(
        {"scope": scopes, "title": scopes, "snapshot_date": days, "total": [1.0] * 5,
         "dependent_lower": [0.7] * 5, "dependent_upper": [0.9] * 5}
    )  # fmt: skip
    figure = dependence.over_time(frame, "all", EN).figure
    assert figure is not None
    lower, upper = figure.data[::2], figure.data[1::2]
    assert [len(line.x) for line in lower] == [len(line.x) for line in upper] == [2, 1, 2]
    assert [line.fill for line in upper] == ["tonexty"] * 3


def test_universes_name_where_lineage_is_least_known_by_share_and_not_in_a_crumb() -> None:
    frame = pl.DataFrame(
        [
            {"universe": one, "total": total, **SHARES, "unknown_share": unknown}
            for one, total, unknown in (("all", 1000.0, 0.3), ("vision", 800.0, 0.2), ("speech", 195.0, 0.4),
                                        ("video_generation", 5.0, 1.0))
        ]
    )  # fmt: skip
    drawn = dependence.universes(frame, LIST, EN)
    assert plain(drawn.title) == (
        "Lineage is least known of speech and audio models: 40.0 % of 195 downloads"
    )
    assert drawn.table["universe"].to_list() == ["vision", "speech", "video_generation"]


# --- by whom


def origins() -> pl.DataFrame:
    return pl.DataFrame(
        {"organization_id": ["meta", "unknown", "ai2"], "organization": ["Meta", "unknown", "Ai2"],
         "country": ["US", None, "US"], "downloads_total": [1000] * 3, "uploaded_share": [0.1, None, 0.0],
         "origin_share": [0.6, 0.3, 0.1], "any_share": [0.7, None, 0.1]}
    )  # fmt: skip


def test_the_whisker_of_an_organization_is_all_that_is_unknown() -> None:
    drawn = dependence_parts.organizations(origins(), LIST, "all", EN)
    assert plain(drawn.title) == (
        "All models: 60.0 % to 90.0 % of the downloads originate with Meta; at least 10.0 % lie in accounts "
        "held by it"
    )
    assert drawn.table["origin_upper_share"].to_list() == pytest.approx([0.9, 0.4])
    assert drawn.figure is not None
    whiskers = {trace.name: trace.error_x.array for trace in drawn.figure.data}
    assert whiskers["originates with it"] == pytest.approx((0.3, 0.3))
    assert whiskers["has it anywhere upstream"] is None


def test_countries_leave_what_has_no_country_open() -> None:
    frame = breakdown_rows(country=[("US", 0.5, 0.6), ("CN", 0.3, 0.35), ("unknown", 0.2, 0.05)])
    drawn = dependence_parts.countries(frame, LIST, "all", EN)
    assert plain(drawn.title) == (
        "All models: the largest countries of origin (United States and China) have at least 95.0 % of the "
        "downloads together"
    )
    assert drawn.table["country"].to_list() == ["US", "CN"]
    assert "no known country (5.0 % by origin)" in plain(drawn.subtitle)


def test_money_draws_what_is_unknown_as_a_row_of_its_own() -> None:
    frame = breakdown_rows(
        funding=[("giant", 0.6, 0.7), ("unknown", 0.1, 0.05)],
        backing=[("well_funded", 0.8, 0.9), ("company_sponsored", 0.02, 0.01)],
    )
    drawn = dependence_parts.money(frame, LIST, "all", EN)
    assert "70.0 % to 75.0 % of the downloads originate with giants" in plain(drawn.title)
    assert "uploaded at least 60.0 % themselves" in plain(drawn.title)
    assert "a company sponsor: 2.0 %" in plain(drawn.note)
    assert drawn.table["value"].to_list() == ["giant", "unknown", "well_funded", "company_sponsored"]
    assert drawn.figure is not None
    assert [len(trace.x) for trace in drawn.figure.data] == [4, 4]


def test_uploads_count_what_comes_from_others() -> None:
    frame = pl.DataFrame(
        {"organization_id": ["meta", "unknown"], "organization": ["Meta", "unknown"],
         "own_share": [0.4, 0.0], "others_share": [0.1, 0.2], "unregistered_share": [0.1, 0.2],
         "origin_share": [0.6, 0.4], "total": [1000.0] * 2}
    )  # fmt: skip
    drawn = dependence_parts.uploads(frame, LIST, "all", EN)
    assert plain(drawn.title).startswith("All models: 20.0 % of the downloads come from accounts other than")
    assert "out of 60.0 % with a known origin" in plain(drawn.title)
    assert drawn.table["organization"].to_list() == ["Meta"]


def flips() -> pl.DataFrame:
    common = {"dependent_lower": 0.7, "dependent_upper": 0.9, "status": "ok"}
    return pl.DataFrame(
        [
            {"place": 1, "flip": "account", "account": "meta-llama", "organization": "Meta",
             "is_well_funded": True, "flipped_lower": 0.5, "flipped_upper": 0.8, **common},
            {"place": 2, "flip": "account", "account": "someone", "organization": None,
             "is_well_funded": None, "flipped_lower": None, "flipped_upper": None, **common},
            {"place": 0, "flip": "none_well_funded", "account": None, "organization": None,
             "is_well_funded": None, "flipped_lower": 0.1, "flipped_upper": 0.3, **common},
        ]
    )  # fmt: skip


def test_sensitivity_names_the_account_that_moves_most_and_says_what_cannot_be_told() -> None:
    drawn = dependence_parts.sensitivity(flips(), LIST, "all", EN)
    assert plain(drawn.title) == (
        "All models: most hangs on meta-llama; in the other class, the lower bound would be "
        "50.0 % instead of 70.0 %"
    )
    assert "someone: not estimable" in drawn.alt
    assert drawn.figure is not None
    assert len(drawn.figure.data) == 2
    unknown = dependence_parts.sensitivity(flips().filter(pl.col("account") == "someone"), LIST, "all", EN)
    assert "none of the heaviest accounts is registered" in unknown.title


# --- teachers, openness, what others published


def teacher_rows(lower: float | None) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"scope": "a-list", "title": "a list", "snapshot_date": DAY, "universe": universe,
             "weight": weight, "teacher": "any_proprietary", "name": "any_proprietary", "total": 100.0,
             "named_share": 0.1, "judged_share": 0.05, "own_share": 0.02, "lower": lower,
             "lower_with_unverified": lower, "status": "ok"}
            for universe in ("generative_language", "all")
            for weight in ("derivatives", "downloads_30d", "models")
        ],
        schema_overrides={"lower": pl.Float64, "lower_with_unverified": pl.Float64},
    )  # fmt: skip


def test_teachers_say_lower_bounds_and_how_little_is_named() -> None:
    drawn = teachers.teachers(teacher_rows(0.03), LIST, EN)
    assert plain(drawn.title) == (
        "30-day downloads of generative language models: at least 3.0 % with a proprietary teacher; "
        "10.0 % with any data named, 5.0 % with data that the register judges"
    )
    assert drawn.table.height == 6
    beside = teachers.by_list(teacher_rows(0.03), EN)
    assert beside.table["scope"].to_list() == ["a-list"]
    assert plain(beside.title) == (
        "Of the derivatives, at least 3.0 % learned from a proprietary teacher, by the one list that tells it"
    )
    other = teacher_rows(0.03).with_columns(scope=pl.lit("b-list"))
    same = teachers.by_list(pl.concat([teacher_rows(0.03), other]), EN)
    assert "at least 3.0 % learned from a proprietary teacher in each of 2 lists" in plain(same.title)
    differ = teachers.by_list(pl.concat([teacher_rows(0.01), other]), EN)
    assert plain(differ.title).endswith("the lower bounds of 2 lists run from 1.0 % to 3.0 %")


def test_openness_draws_downloads_models_and_classes() -> None:
    frame = pl.DataFrame(
        [
            {"universe": universe, "dependence_class": one, "dimension": "gate", "value": value,
             "models": 10, "downloads_30d": 100, "models_share": share, "downloads_share": share}
            for universe, one in (("generative_language", "all"), ("generative_language", "derived"),
                                  ("all", "all"))
            for value, share in (("gated", 0.1), ("unknown", 0.9))
        ]
    )  # fmt: skip
    drawn = openness.openness(frame, LIST, "gate", EN)
    assert "10.0 % gated, 0 % not, 90.0 % not told by any list" in plain(drawn.title)
    assert drawn.table.height == 5
    assert drawn.figure is not None
    assert [trace.name for trace in drawn.figure.data] == ["gated: ask or accept first", "gate not told"]


def test_a_leak_is_told_of_families_and_a_later_release_is_not_forgotten() -> None:
    shares = {"open_release": 0.6, "leaked_and_released": 0.3, "leaked": 0.1}
    frame = pl.DataFrame(
        [
            {"universe": "all", "dependence_class": "all", "dimension": "way_out", "value": value,
             "models": 10, "downloads_30d": 100, "models_share": share, "downloads_share": share}
            for value, share in shares.items()
        ]
    )  # fmt: skip
    drawn = openness.openness(frame, LIST, "way_out", EN)
    assert plain(drawn.title).endswith(
        "30.0 % stand on families of which some weights leaked before their release, 10.0 % on families that "
        "leaked and were not released to all since"
    )
    assert drawn.figure is not None
    names = [trace.name for trace in drawn.figure.data]
    assert names[1:] == ["some weights leaked, then released", "leaked, not released to all since"]


def published_rows(value: float | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"headline_id": ["china-17"], "country": ["CN"], "published_share": [0.17], "publisher": ["MIT"],
         "published_date": [date(2025, 12, 1)], "snapshot_date": [DAY], "scope": ["a-list"],
         "title": ["a list"], "models": [9000], "with_downloads_30d": [8000],
         "universe": ["all"], "unit": ["uploader"], "variants": ["in"],
         "denominator": ["all"], "value": [value], "lower": [value], "upper": [0.32],
         "unknown_share": [0.18]},
        schema_overrides={"value": pl.Float64, "lower": pl.Float64},
    )  # fmt: skip


def test_published_shares_stand_beside_ours() -> None:
    drawn = published.published(published_rows(0.13), EN)
    assert drawn.title == (
        "1 of 1 published shares lie within the bounds of the same question on one of these lists"
    )
    assert drawn.table["ours_share"].to_list() == [0.13]
    assert drawn.table.select("unit", "denominator").row(0) == ("by uploader", "all that is counted")
    assert "8,000 of the list's 9,000 models tell downloads." in drawn.alt
    assert "0 of 1" in published.published(published_rows(0.2), EN).title


# --- nothing, and anything


def test_without_data_each_figure_says_why() -> None:
    empty = pl.DataFrame(
        schema={"scope": pl.String, "snapshot_date": pl.Date, "universe": pl.String, "teacher": pl.String,
                "weight": pl.String, "lower": pl.Float64, "dimension": pl.String, "value": pl.String,
                "organization_id": pl.String, "origin_share": pl.Float64, "dependence_class": pl.String,
                "models_share": pl.Float64, "downloads_share": pl.Float64}
    )  # fmt: skip
    number = pl.DataFrame(schema={"value": pl.Float64, "headline_id": pl.String})
    drawn: list[Chart] = [
        dependence.class_shares(empty, None, "all", NOTHING, EN),
        dependence.over_time(empty, "all", EN),
        dependence.universes(empty, LIST, EN),
        dependence_parts.organizations(empty, LIST, "all", EN),
        dependence_parts.countries(empty, LIST, "all", EN),
        dependence_parts.money(empty, LIST, "all", EN),
        dependence_parts.uploads(empty, LIST, "all", EN),
        dependence_parts.sensitivity(empty, LIST, "all", EN),
        teachers.teachers(empty, LIST, EN),
        teachers.by_list(empty, EN),
        openness.openness(empty, LIST, "license", EN),
        published.published(number, EN),
    ]
    assert [one.name for one in drawn if one.figure is not None or not one.empty or not one.title] == []


def rows_of_everything() -> Rows:
    """Give the rows of a hostile release, with the tables that this page reads besides."""
    common = {"snapshot_date": DAY, "scope": "a-list"}
    universes, weights = ("generative_language", "all"), ("downloads_30d", "models", "derivatives")
    return {
        **list_rows(HOSTILE),
        "marts.dependence_cube": [
            {**common, "month": DAY, "evidence": evidence, "universe": "generative_language",
             "is_variant": False, "uploader": one, "origin": other, "dependence_class": "first_party",
             "models": 1.0, "derivatives": 1.0, "downloads_30d": 100.0}
            for evidence in ("curated", "declared") for one in HOSTILE for other in HOSTILE
        ],
        "marts.dependence_breakdown": [
            {**common, "evidence": "curated", "universe": universe, "weight": "downloads_30d",
             "dimension": dimension, "value": name, "total": 1000.0, "uploaded_share": 0.1,
             "uploaded_upper": 0.2, "origin_share": 0.1, "origin_upper": 0.2}
            for universe in universes for dimension in ("organization", "country", "funding")
            for name in HOSTILE
        ],
        "marts.headline_sensitivity": [
            {**common, "universe": universe, "flip": "account", "place": place, "account": name,
             "organization_id": name, "is_well_funded": True, "downloads_total": 1000,
             "dependent_lower": 0.5, "dependent_upper": 0.6, "flipped_lower": 0.4, "flipped_upper": 0.5,
             "status": name}
            for universe in universes for place, name in enumerate(HOSTILE, start=1)
        ],
        "marts.teacher_shares": [
            {**common, "evidence": "curated", "universe": universe, "weight": weight, "teacher": teacher,
             "total": 1000.0, "named_share": 0.1, "judged_share": 0.1, "own_share": 0.1, "lower": 0.1,
             "lower_with_unverified": 0.1, "status": "ok"}
            for universe in universes for weight in weights for teacher in ("any_proprietary", HOSTILE[0])
        ],
        "marts.openness": [
            {**common, "universe": universe, "dependence_class": "all", "dimension": "license",
             "value": "custom", "models": 10, "models_share": 1.0, "downloads_30d": 10,
             "downloads_share": 1.0}
            for universe in universes
        ],
        "marts.published_headlines": [
            {"headline_id": f"{name}-{unit}", "country": "CN", "published_share": 0.1, "publisher": name,
             "published_date": DAY, "definition": name, "counted_over": name, "status": "verified",
             "source": name, "list": name, **common, "universe": "generative_language",
             "weight": "downloads_30d", "unit": unit, "is_published_unit": unit == "uploader",
             "variants": "in", "denominator": "all", "value": 0.1, "lower": 0.1, "upper": 0.2,
             "us_value": 0.1, "unknown_share": 0.1, "estimate_status": "ok", "not_reproducible": name}
            for name in HOSTILE for unit in ("uploader", "origin")
        ],
    }  # fmt: skip


def test_names_from_outside_stay_text(models: dict[str, SqlModel], tmp_path: Path) -> None:
    database = write_release(tmp_path / "hostile.duckdb", models, rows_of_everything())
    build_site(database, tmp_path / "site", only=["dependence"])
    for code in CODES:
        html = (tmp_path / "site" / Language(code).folder / "dependence.html").read_text(encoding="utf-8")
        assert "<img" not in html
        assert "alert(2)</script>" not in html
        assert 'id="board"' in html
    shards = list((tmp_path / "site" / "data").glob("cube-*.js"))
    assert shards
    for shard in shards:
        text = shard.read_text(encoding="utf-8")
        assert text.isascii()
        assert "<" not in text


def test_findings_that_are_not_drawn_name_their_list_and_published_shares_their_country_once(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows = rows_of_everything()
    for row in rows["core.snapshots"]:
        row["title"] = "a list"
    for place, row in enumerate(rows["marts.published_headlines"]):
        row["published_share"] = (0.1, 0.2)[place % 2]
    with open_release(write_release(tmp_path / "release.duckdb", models, rows)) as release:
        built = page.build(release, EN)
    texts = {section.name: [plain(line) for line in section.text] for section in built.sections}
    for name in ("organizations", "sensitivity"):
        assert texts[name][-1].endswith("(of the 30-day downloads in the list of 22 Dec 2025).")
    assert "China 20.0 % and 10.0 % (published 22 Dec 2025)" in texts["published"][0]
    for chart in built.charts:
        if chart.figure is not None:
            told = {*chart.table.columns, *chart.context}
            assert told & {"as_of_date", "snapshot_date"}, chart.name
            assert {"scope", "universe", "weight", "evidence"} <= told, chart.name


def test_the_page_of_an_empty_release_says_so(empty_release: Path, tmp_path: Path) -> None:
    build_site(empty_release, tmp_path / "site", only=["dependence"])
    html = (tmp_path / "site" / "dependence.html").read_text(encoding="utf-8")
    assert EN("dependence.answer.none") in html
    assert EN("dependence.switchboard.empty") in html
