"""A warehouse in memory that is filled by hand and whose SQL models are built for real."""

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.assets.analysed import maker
from pipelines.warehouse.checks import header_checks, require, run_check
from pipelines.warehouse.models import SqlModel, build, identifiers, made_frame, write_frame

Row = Mapping[str, Any]


class Warehouse:
    """Tables by hand, models for real. A table that nobody filled is empty, with its declared columns."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel]) -> None:
        self._connection = connection
        self._models = models
        self._made: set[str] = set()

    def fill(self, table: str, rows: Iterable[Row] = ()) -> "Warehouse":
        """Make a table of declared types from rows; columns that a row leaves out are null."""
        declared = {column: kind for column, (kind, _) in self._models[table].columns.items()}
        columns = ", ".join(f"{column} {kind}" for column, kind in declared.items())
        self._connection.execute(f"create or replace table {table} ({columns})")
        for row in rows:
            assert row.keys() <= declared.keys(), f"{table} has no {sorted(row.keys() - declared.keys())}"
            marks = ", ".join("?" for _ in row)
            statement = f"insert into {table} ({identifiers(row)}) values ({marks})"
            self._connection.execute(statement, list(row.values()))
        self._made.add(table)
        return self

    def fill_by(self, table: str, query: str) -> "Warehouse":
        """Make a table from a query, where thousands of rows are wanted."""
        self.fill(table)
        self._connection.execute(f"insert into {table} by name {query}")
        return self

    def build(self, table: str) -> pl.DataFrame:
        """Build a model, hold it to its own header, and give its rows by key."""
        model = self._models[table]
        for needed in model.reads:
            if needed not in self._made:
                self.fill(needed)
        if model.inputs:
            write_frame(self._connection, model, made_frame(self._connection, model, maker(model)))
        else:
            build(self._connection, model)
        self._made.add(table)
        own = [check for check in header_checks(model) if not check.name.startswith("reference_")]
        require([run_check(self._connection, check) for check in own])
        return self._connection.sql(f"select * from {table} order by {identifiers(model.key)}").pl()

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Build a model and give some of its columns, or all, as tuples in the order of the key."""
        frame = self.build(table)
        return frame.select(columns or frame.columns).rows()


@pytest.fixture
def warehouse(connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel]) -> Warehouse:
    """An empty warehouse to be filled by hand."""
    return Warehouse(connection, models)
