"""The page of changes: the week, the vintages, corrections, and why something is not told."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards.data import changes as data
from dashboards.data.release import open_release
from dashboards.language import CODES, Language
from dashboards.pages import changes, headlines
from dashboards.pages.page import Page
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import DAY, Rows, list_rows, write_release

EN, ZH = Language("en"), Language("zh")


def vintage(published: date, **given: Any) -> dict[str, Any]:
    return {
        "headline": "dependent_share", "universe": "all", "as_of_date": published, "scope": "a-list",
        "vintage": 1, "published_as_of_date": published, "value": 0.8, "lower": 0.8, "upper": 0.9,
        "is_revision": False, "previous_value": None, "is_newest": True, "unit": "share",
        "denominator": "downloads", **given,
    }  # fmt: skip


def built(path: Path, models: dict[str, SqlModel], rows: Rows, t: Language = EN) -> Page:
    with open_release(write_release(path / "r.duckdb", models, rows)) as release:
        return changes.build(release, t)


def section_words(page: Page, name: str) -> str:
    return " ".join(next(section for section in page.sections if section.name == name).text)


AS_OF = date(2026, 1, 20)
OLD, NEW = AS_OF - timedelta(days=30), AS_OF - timedelta(days=2)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "keeps no vintages"),
        ([vintage(NEW)], "for the first time"),
        ([vintage(NEW), vintage(NEW, universe="other")], "(2) are published for the first time"),
        ([vintage(NEW), vintage(AS_OF, as_of_date=NEW, vintage=2, is_revision=True, previous_value=0.8)],
         "new day: 1; numbers revised: 1"),
        ([vintage(OLD)], "No number changed"),
        ([vintage(OLD), vintage(NEW)], "new day: 1; numbers revised: 0"),
        ([vintage(OLD), vintage(NEW, as_of_date=OLD, vintage=2, is_revision=True, previous_value=0.8)],
         "new day: 0; numbers revised: 1"),
    ],
)  # fmt: skip
def test_the_week_is_told_from_the_vintages(rows: list[dict[str, Any]], words: str) -> None:
    frame = pl.DataFrame(rows or [vintage(OLD)], infer_schema_length=None)
    assert words in changes.numbers_words(frame if rows else frame.clear(), AS_OF, EN)


def test_every_vintage_has_an_address_of_its_own(models: dict[str, SqlModel], tmp_path: Path) -> None:
    rows = list_rows(("a/m", "b/m"))
    first = vintage(DAY, is_newest=False)
    second = vintage(DAY, vintage=2, is_revision=True, previous_value=0.8, value=0.85, lower=0.85)
    rows["marts.headline_vintages"] = [first, second]
    page = built(tmp_path, models, rows)
    tables = {table.name: table for section in page.sections for table in section.tables}
    assert sorted(tables["all-vintages"].anchors) == sorted(headlines.anchor(row) for row in (first, second))
    assert len(tables["revisions"].rows) == 1
    assert tables["revisions"].anchors == []
    digest = {cell.link for row in tables["digest"].rows for cell in row if cell.link}
    assert f"#{headlines.anchor(second)}" in digest
    assert digest <= {f"#{anchor}" for anchor in tables["all-vintages"].anchors}
    assert "An earlier vintage said 80.0 % to 90.0 %." in page.files["feed.xml"]


@pytest.mark.parametrize("t", [EN, ZH], ids=CODES)
def test_each_line_of_the_feed_stands_alone(t: Language, models: dict[str, SqlModel], tmp_path: Path) -> None:
    rows = list_rows(("a/m", "b/m"))
    rows["marts.headline_vintages"] = [
        vintage(DAY, universe=universe, denominator="downloads in 30 days of the list")
        for universe in ("all", "generative_language")
    ]
    with open_release(write_release(tmp_path / "r.duckdb", models, rows)) as release:
        (entry,) = changes.entries(data.vintages(release), [], t)
    for line, universe in zip(entry.lines, ("all", "generative_language"), strict=True):
        assert t("headlines.as_of", day=DAY) in line
        assert (
            t("headlines.denominators.downloads_in_days_of_the_list", universe=t.universe(universe)) in line
        )
        assert t("headlines.part", scope="a/m") in line
        assert t.percent(0.9) in line


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"is_whole_population": True}, "the whole Hub"),
        ({"total": 1000, "total_date": DAY}, "its last total by then: 1,000 models"),
        ({}, "a part of the Hub"),
        ({"is_model_list": False, "missing_days": 2}, "5 of its 7 days"),
        ({"is_model_list": False}, None),
    ],
)
def test_what_landed_says_how_complete_it_is(given: dict[str, Any], words: str | None) -> None:
    row = {"is_whole_population": False, "is_model_list": True, "total": None, "total_date": None, "rows": 5,
           "days": 5, "missing_days": None, **given}  # fmt: skip
    found = changes.landed_coverage(row, EN)
    assert found == words or (words is not None and words in str(found))


def with_models(day: date, names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {"snapshot_date": day, "scope": "a-list", "model_id": name, "universe": "generative_language",
         "downloads_30d": 100 - place}
        for place, name in enumerate(names)
    ]  # fmt: skip


def test_new_models_are_told_against_a_list_that_is_a_week_older(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows, before = list_rows(("a/m", "b/m")), DAY - timedelta(days=8)
    rows["core.snapshots"].append(rows["core.snapshots"][0] | {"snapshot_date": before})
    rows["core.model_snapshots"] = [
        *with_models(DAY, ("a/new", "a/m", "b/m")),
        *with_models(before, ("a/m", "b/m")),
    ]
    page = built(tmp_path, models, rows)
    found = next(section for section in page.sections if section.name == "models").tables[0]
    assert [row[0].text for row in found.rows] == ["a/new"]


@pytest.mark.parametrize("days", [0, 3])
def test_without_an_older_list_the_page_says_why(
    days: int, models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows = list_rows(("a/m", "b/m"))
    rows["core.model_snapshots"] = with_models(DAY, ("a/m", "b/m"))
    if days:
        before = DAY - timedelta(days=days)
        rows["core.snapshots"].append(rows["core.snapshots"][0] | {"snapshot_date": before})
        rows["core.model_snapshots"] += with_models(before, ("a/m",))
    page = built(tmp_path, models, rows)
    assert "no list of the same population" in section_words(page, "models")


def test_events_of_the_last_weeks_are_listed_and_older_ones_are_not(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows = list_rows(("a/m", "b/m"))
    assert "no verified release" in section_words(built(tmp_path, models, rows), "register")
    fresh = rows["core.releases"][0] | {
        "release_id": "x",
        "event_date": DAY - timedelta(days=5),
        "name": "Fresh",
    }
    rumour = fresh | {"release_id": "y", "name": "Rumour", "status": "unverified"}
    rows["core.releases"] += [fresh, rumour]
    (tmp_path / "b").mkdir()
    page = built(tmp_path / "b", models, rows)
    found = next(section for section in page.sections if section.name == "register").tables[0]
    assert [row[2].text for row in found.rows] == ["Fresh"]


@pytest.mark.parametrize("t", [EN, ZH], ids=CODES)
def test_empty_and_hostile_releases_make_a_page_and_a_feed(
    empty_release: Path, hostile_release: Path, t: Language
) -> None:
    for path in (empty_release, hostile_release):
        with open_release(path) as release:
            page = changes.build(release, t)
        assert page.answer
        assert page.files["feed.xml"].startswith("<?xml")


# Corrections -----------------------------------------------------------------------------------------------

GOOD = """
[[corrections]]
date = 2026-01-02
where = "data.html"
en = { was = "A", is = "B", why = "C" }
zh = { was = "甲", is = "乙", why = "丙" }
[[corrections]]
date = 2026-02-02
where = "index.html"
en = { was = "D", is = "E", why = "F" }
zh = { was = "丁", is = "戊", why = "己" }
"""


def test_the_shipped_corrections_can_be_read() -> None:
    assert isinstance(changes.corrections(changes.CORRECTIONS), tuple)


def test_corrections_are_listed_the_newest_first_and_fed(
    models: dict[str, SqlModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "corrections.toml"
    path.write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr(changes, "CORRECTIONS", path)
    page = built(tmp_path, models, list_rows(("a/m", "b/m")), ZH)
    log = next(section.definitions for section in page.sections if section.name == "corrections")
    assert [word for word, _ in log] == ["2026-02-02 · index.html", "2026-01-02 · data.html"]
    assert "丁" in log[0][1]
    assert ZH("changes.corrections.none") not in section_words(page, "corrections")
    assert "甲" in page.files["feed.xml"]


@pytest.mark.parametrize(
    "missing",
    ["date = 2026-01-02\n", 'where = "data.html"\n', 'zh = { was = "甲", is = "乙", why = "丙" }\n'],
)
def test_a_correction_that_lacks_something_is_refused(missing: str, tmp_path: Path) -> None:
    path = tmp_path / "corrections.toml"
    path.write_text(GOOD.replace(missing, "", 1), encoding="utf-8")
    with pytest.raises(ValueError, match="correction 1"):
        changes.corrections(path)
