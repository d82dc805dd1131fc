"""The page of data and methods: what it lists comes from the tables, all of them."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from dashboards.data import methods
from dashboards.data.release import open_release
from dashboards.language import CODES, Language
from dashboards.pages import data
from dashboards.pages.page import Page
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import DAY, HOSTILE, list_rows, write_release

EN, ZH = Language("en"), Language("zh")


def tables(page: Page) -> dict[str, list[list[str]]]:
    return {
        table.name: [[cell.text for cell in row] for row in table.rows]
        for part in page.sections
        for table in part.tables
    }


@pytest.mark.parametrize("t", [EN, ZH], ids=CODES)
def test_the_dictionary_has_every_published_table_and_column(hostile_release: Path, t: Language) -> None:
    with duckdb.connect(str(hostile_release), read_only=True) as connection:
        query = "select count(*) from duckdb_columns() where schema_name in ('core', 'marts')"
        columns = connection.execute(query).fetchall()[0][0]
    with open_release(hostile_release) as release:
        page = data.build(release, t)
    found = {name: rows for name, rows in tables(page).items() if name.startswith("dictionary-")}
    assert sum(len(rows) - 1 for rows in found.values()) == columns  # the last row is the link to Parquet
    links = {
        cell.link for part in page.sections for table in part.tables for row in table.rows for cell in row
    }
    assert f"{t.up}downloads/parquet/marts/headlines.parquet" in links
    assert "dictionary-core-lineage_problems" in found
    assert "dictionary-marts-lineage_problems" in found


@pytest.mark.parametrize(
    ("is_whole", "told"),
    [
        ([], "none of them"),
        ([False], "one of them is a list of models, and it shows only a part"),
        ([True], "one of them is a list of models, of the whole hub"),
        ([True, False], "2 are lists of models, of which 1 shows only a part"),
        ([False, False], "2 are lists of models, and each of them shows only a part"),
    ],
)
def test_lists_are_told_as_many_as_they_are(
    is_whole: list[bool], told: str, models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows = {"marts.coverage": [
        {"source": "s", "scope": f"s{place}", "is_model_list": True, "is_whole_population": whole}
        for place, whole in enumerate(is_whole)
    ]}  # fmt: skip
    with open_release(write_release(tmp_path / "r.duckdb", models, rows)) as release:
        page = data.build(release, EN)
    assert told in page.answer[0].casefold()
    limits = next(part for part in page.sections if part.name == "limits-known")
    assert limits.text[0] == EN("data.known.whole" if any(is_whole) else "data.known.partial")


@pytest.mark.parametrize("t", [EN, ZH], ids=CODES)
def test_an_empty_release_makes_a_page(empty_release: Path, t: Language) -> None:
    with open_release(empty_release) as release:
        page = data.build(release, t)
    assert tables(page)["ledger"] == []
    assert t("data.cite.empty") in [text for part in page.sections for text in part.text]


def test_it_is_cited_by_the_days_of_its_data(hostile_release: Path) -> None:
    with open_release(hostile_release) as release:
        page = data.build(release, Language("en", "https://example.org/c/"))
    code = next(part.code for part in page.sections if part.name == "cite")
    assert "@misc{cambrian_2025_12_22," in code
    assert "https://example.org/c/data.html" in code
    assert code.count("{") == code.count("}")


def test_licences_and_attributions_stand_as_collectors_wrote_them(hostile_release: Path) -> None:
    with open_release(hostile_release) as release:
        rows = tables(data.build(release, EN))["populations-table"]
    assert rows[0][-1] == HOSTILE[0]
    assert rows[0][-2] == HOSTILE[1]


def test_only_rows_of_registers_count_as_looked_up_or_not(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows = list_rows(("a/m", "b/m"))
    rows["marts.withdrawals"] = [
        {"basis": "register", "subject": "a", "status": "verified"},
        {"basis": "register", "subject": "b", "status": "unverified"},
        {"basis": "named_only", "subject": "c", "status": None},
    ]
    with open_release(write_release(tmp_path / "r.duckdb", models, rows)) as release:
        found = {row[0]: row[1:] for row in methods.registers(release).iter_rows()}
    assert found["withdrawals"] == (1, 1)
    assert found["organizations"] == (2, 0)


def test_findings_are_counted_by_kind_and_the_headlines_stand_beside(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows = list_rows(("a/m", "b/m"))
    rows["marts.counter_ledger"] = [
        {"scope": "s", "snapshot_date": DAY, "model_id": name, "finding": "gap", "is_list_wide": False}
        for name in ("a", "a", "b")
    ]
    rows["marts.headlines_unflagged"] = [
        {"headline": "dependent_share", "universe": "all", "as_of_date": DAY, "scope": "s",
         "checked_models": 5, "checked_share": 0.5, "flagged_models": 5, "flagged_share": 0.5, "value": 0.8,
         "lower": 0.8, "upper": 0.9, "unit": "share", "note": "nothing is left"},
    ]  # fmt: skip
    with open_release(write_release(tmp_path / "r.duckdb", models, rows)) as release:
        found = tables(data.build(release, EN))
    assert found["ledger"][0][:5] == ["s", "gap", "no", "3", "2"]
    assert found["unflagged"][0][2:4] == ["80.0\u00a0% to 90.0\u00a0%", "nothing is left"]


def test_what_is_kept_by_hand_has_its_age_too(models: dict[str, SqlModel], tmp_path: Path) -> None:
    rows = list_rows(("a/m", "b/m"))
    rows["marts.coverage"].append({"source": "hub_totals", "scope": "whole-hub",
                                   "newest_date": DAY - timedelta(days=9)})  # fmt: skip
    with open_release(write_release(tmp_path / "r.duckdb", models, rows)) as release:
        found = {row[0]: row for row in tables(data.build(release, EN))["freshness"]}
    assert found["hub_totals"][1:5] == ["2025-12-13", "9", "–", "–"]
    assert found["source_0"][4] == "yes"


def test_what_a_table_is_about_is_never_cut(hostile_release: Path) -> None:
    with open_release(hostile_release) as release:
        captions = [table.caption for part in data.build(release, EN).sections for table in part.tables]
        abouts = methods.dictionary(release).unique("table").select("table", "about").rows()
    for table, about in abouts:
        first = " ".join(about.split()).partition(". ")[0].removesuffix(".")
        assert any(table in caption and first in caption for caption in captions), table


def test_the_query_on_the_page_gives_the_headline(models: dict[str, SqlModel], tmp_path: Path) -> None:
    rows = list_rows(("a/m", "b/m"))
    common = {
        "snapshot_date": DAY,
        "scope": "a-list",
        "evidence": "curated",
        "universe": "generative_language",
    }
    rows["marts.dependence_cube"] = [
        {**common, "dependence_class": kind, "downloads_30d": number}
        for kind, number in (("first_party", 50), ("derived", 20), ("unknown", 20), ("independent", 10))
    ]
    path = write_release(tmp_path / "r.duckdb", models, rows)
    query = data.QUERY[data.QUERY.index("select\n    sum(") :]
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute(query).fetchall() == [(0.7, 0.9)]
