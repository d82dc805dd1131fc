"""Opening DuckDB files: the private one for writing, the published one for reading only."""

from pathlib import Path

import duckdb
import pytest

from pipelines.warehouse.connection import SCHEMAS, forget, open_published, open_warehouse, tightly_packed


def test_a_new_warehouse_has_its_folder_and_all_schemas(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "home" / "warehouse.duckdb") as opened:
        found = {row[0] for row in opened.execute("select schema_name from duckdb_schemas()").fetchall()}
    assert set(SCHEMAS) <= found


def test_an_existing_warehouse_keeps_its_tables(tmp_path: Path) -> None:
    for _ in range(2):
        with open_warehouse(tmp_path / "warehouse.duckdb") as opened:
            opened.execute("create table if not exists raw.kept as select 1 as n")
            assert opened.execute("select n from raw.kept").fetchall() == [(1,)]


def test_what_is_forgotten_is_still_there(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "warehouse.duckdb") as opened:
        opened.execute("create table raw.kept as select range as n from range(1000000)")
        before = opened.execute("select current_setting('memory_limit')").fetchall()
        forget(opened)
        assert opened.execute("select sum(n) from raw.kept").fetchall() == [(499999500000,)]
        assert opened.execute("select current_setting('memory_limit')").fetchall() == before


def test_texts_are_packed_tightly_only_meanwhile(tmp_path: Path) -> None:
    told = "select current_setting('disabled_compression_methods')"
    with open_warehouse(tmp_path / "warehouse.duckdb") as opened:
        before = opened.execute(told).fetchall()
        with tightly_packed(opened):
            assert opened.execute(told).fetchall() != before
        assert opened.execute(told).fetchall() == before


def test_a_missing_published_file_is_an_error_that_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Run `cambrian run` first"):
        open_published(tmp_path / "cambrian.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_a_published_file_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "cambrian.duckdb"
    open_warehouse(path).close()
    with open_published(path) as reader, pytest.raises(duckdb.Error, match="read-only"):
        reader.execute("create table raw.mine as select 1 as n")


def test_many_can_read_a_published_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "cambrian.duckdb"
    with open_warehouse(path) as writer:
        writer.execute("create table marts.n as select 1 as n")
    with open_published(path) as first, open_published(path) as second:
        assert first.execute("from marts.n").fetchall() == second.execute("from marts.n").fetchall() == [(1,)]


def test_a_python_variable_is_never_taken_for_a_table(connection: duckdb.DuckDBPyConnection) -> None:
    families = duckdb.sql("select 1 as n")
    assert families.fetchall() == [(1,)]
    with pytest.raises(duckdb.CatalogException):
        connection.execute("select * from families")


def test_moments_are_in_utc(connection: duckdb.DuckDBPyConnection) -> None:
    query = "select ('2026-05-01T00:30:00Z'::timestamptz)::date::varchar"
    assert connection.execute(query).fetchall() == [("2026-05-01",)]
