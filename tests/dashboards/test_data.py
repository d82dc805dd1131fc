"""The queries, against a small file made by hand and against an empty one."""

import inspect
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from dashboards.data import ModelList, Release, open_release
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import DAY, HOSTILE, Rows, list_rows, write_release

CHOSEN = ModelList(DAY, "a-list", HOSTILE[0])


def test_the_file_is_opened_for_reading_only(hostile_release: Path) -> None:
    with open_release(hostile_release) as release, pytest.raises(duckdb.Error):
        release._connection.execute("create table core.more (a int)")


def test_every_query_works_on_empty_tables(empty_release: Path) -> None:
    with open_release(empty_release) as release:
        for name, method in inspect.getmembers(release, inspect.ismethod):
            if name.startswith("_"):
                continue
            wanted = list(inspect.signature(method).parameters)
            given = [CHOSEN if parameter == "chosen" else "all" for parameter in wanted]
            answer = method(*given)
            assert answer is None or isinstance(answer, pl.DataFrame), name
            if isinstance(answer, pl.DataFrame) and name not in ("dictionary", "registers"):
                assert answer.is_empty(), name


def test_the_headline_list_is_that_of_the_headlines(hostile_release: Path) -> None:
    with open_release(hostile_release) as release:
        assert release.headline_list() == CHOSEN


def test_headlines_carry_their_population(hostile_release: Path) -> None:
    with open_release(hostile_release) as release:
        headlines = release.headlines()
    assert headlines["title"].unique().to_list() == [HOSTILE[0]]
    assert headlines.height == 4


def test_a_name_comes_back_as_it_was_written(hostile_release: Path) -> None:
    with open_release(hostile_release) as release:
        assert release.heaviest_models(CHOSEN, "all")["model_id"].to_list() == list(HOSTILE)


def test_net_stock_and_births_are_apart(hostile_release: Path) -> None:
    with open_release(hostile_release) as release:
        assert release.hub_totals()["as_of_date"].to_list() == [date(2022, 12, 30), date(2023, 12, 30)]
        assert release.births()["models"].to_list() == [3]


def with_second_list(**given: Any) -> Rows:
    """The release of one list, with another one of the same models and numbers."""
    rows, more = list_rows(("a/m", "b/m")), list_rows(("a/m", "b/m"), "second")
    row = more["marts.heaviest_models"][0] | {"share": 0.9}
    for table in ("core.snapshots", "marts.coverage", "marts.dependence_shares", "marts.explosion_weekly"):
        rows[table] += [found for found in more[table] if found["scope"] == "second"]
    rows["core.snapshots"][1] |= given
    rows["marts.heaviest_models"].append(row)
    return rows


@pytest.mark.parametrize(
    ("given", "scopes"),
    [({}, ["a-list", "second"]), ({"selection": "window"}, ["a-list"]), ({"selection": "bases"}, ["a-list"])],
)
def test_what_was_created_lately_or_descends_from_chosen_bases_is_not_set_beside_other_lists(
    given: dict[str, Any], scopes: list[str], models: dict[str, SqlModel], tmp_path: Path
) -> None:
    with open_release(write_release(tmp_path / "r.duckdb", models, with_second_list(**given))) as release:
        assert sorted(set(release.dependence("all")["scope"])) == scopes
        assert sorted(set(release.births()["scope"])) == scopes
        assert release.dominant_models("generative_language")["scope"].to_list() == scopes[1:]


def test_of_a_live_scope_only_the_newest_list_is_shown(models: dict[str, SqlModel], tmp_path: Path) -> None:
    rows, before = list_rows(("a/m", "b/m")), date(2025, 12, 21)
    for table in ("core.snapshots", "marts.dependence_shares"):
        rows[table] += [row | {"snapshot_date": before} for row in rows[table]]
    with open_release(write_release(tmp_path / "r.duckdb", models, rows)) as release:
        assert set(release.dependence("all")["snapshot_date"]) == {DAY}


def test_sources_are_given_with_the_stale_ones_first(models: dict[str, SqlModel], tmp_path: Path) -> None:
    row = {"description": "-", "as_of_date": DAY}
    flags = [("b", True, False), ("c", True, True), ("a", False, False), ("a", True, False)]
    rows = [
        row | {"source": source, "is_live": is_live, "is_stale": is_stale}
        for source, is_live, is_stale in flags
    ]
    with open_release(write_release(tmp_path / "r.duckdb", models, {"core.sources": rows})) as release:
        found = release.sources().select("source", "is_live", "is_stale").rows()
    assert found == [("c", True, True), ("a", True, False), ("b", True, False), ("a", False, False)]


def test_the_dictionary_has_every_published_column(hostile_release: Path) -> None:
    with open_release(hostile_release) as release:
        dictionary = release.dictionary()
        columns = release._connection.execute(
            "select count(*) from duckdb_columns() where schema_name in ('core', 'marts')"
        ).fetchall()[0][0]
    assert dictionary.height == columns
    assert dictionary["meaning"].null_count() == 0
    assert dictionary["about"].null_count() == 0


def test_no_method_is_without_a_description() -> None:
    for name, method in inspect.getmembers(Release, inspect.isfunction):
        assert name.startswith("_") or method.__doc__, name
