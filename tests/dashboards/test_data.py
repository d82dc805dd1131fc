"""The queries, against a small file made by hand and against an empty one."""

import inspect
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from dashboards.data import ModelList, Release, open_release
from tests.dashboards.conftest import DAY, HOSTILE

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
