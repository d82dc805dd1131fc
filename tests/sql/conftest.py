"""A warehouse in memory that is filled by hand and whose SQL models are built for real."""

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.analysis.lineage import EVIDENCE_LEVELS
from pipelines.assets.analysed import maker
from pipelines.warehouse.checks import header_checks, require, run_check
from pipelines.warehouse.models import SqlModel, build, identifiers, made_frame, write_frame

Row = Mapping[str, Any]

#: core.descents and its like from core.model_roots and core.ancestry by hand: each row is a way of its own.
_LONG = ("core.model_roots", "core.ancestry")
_CONDENSED = {
    "core.credit_ways": """
        select (row_number() over (order by k.evidence, k.model_id))::integer as way, k.model_id, k.evidence,
            coalesce(r.parents > 0, false) as is_derivative,
            r.* exclude (model_id, evidence, root_id, parents, depth, family)
        from (
            select model_id, evidence from core.model_roots union select model_id, evidence from core.ancestry
        ) as k
        left join core.model_roots as r on r.model_id = k.model_id and r.evidence = k.evidence
    """,
    "core.credit_shares": """
        select w.way, a.organization_id, a.origin_share, a.through_share
        from core.ancestry as a
        inner join ways as w on w.model_id = a.model_id and w.evidence = a.evidence
        union all
        select way, 'unknown', 1.0, null
        from ways
        where (model_id, evidence) not in (select (model_id, evidence) from core.ancestry)
    """,
    "core.descents": "select model_id, "
    + ", ".join(
        f"max(w.way) filter (w.evidence = '{level}') as {level}_way, "
        f"max(nullif(r.root_id, r.model_id)) filter (w.evidence = '{level}') as {level}_root_id, "
        + ", ".join(
            f"max(r.{name}) filter (w.evidence = '{level}') as {level}_{name}"
            for name in ("parents", "depth", "family")
        )
        for level in EVIDENCE_LEVELS
    )
    + " from ways as w left join core.model_roots as r using (model_id, evidence) group by model_id",
}


class Warehouse:
    """Tables by hand, models for real. A table that nobody filled is empty, with its declared columns."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel]) -> None:
        self._connection = connection
        self._models = models
        self.made: set[str] = set()

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
        self.made.add(table)
        if table in _LONG:
            self._condense()
        return self

    def _condense(self) -> None:
        """Fill the condensed tables with what the long ones say, as far as either of them does."""
        for table in _LONG:
            if table not in self.made:
                self.fill(table)
        for table in _CONDENSED:
            self.fill(table)
        self._connection.execute(f"create or replace temp table ways as {_CONDENSED['core.credit_ways']}")
        for table, query in _CONDENSED.items():
            columns = ", ".join(self._models[table].columns)
            self._connection.execute(f"insert into {table} by name select {columns} from ({query})")

    def fill_by(self, table: str, query: str) -> "Warehouse":
        """Make a table from a query, where thousands of rows are wanted."""
        self.fill(table)
        self._connection.execute(f"insert into {table} by name {query}")
        return self

    def mark_listed(self) -> "Warehouse":
        """Say of each id in staging.model_ids whether staging.models has it."""
        self._connection.execute(
            "update staging.model_ids set is_listed = seen_id in (select seen_id from staging.models)"
        )
        return self

    def build(self, table: str) -> pl.DataFrame:
        """Build a model, hold it to its own header, and give its rows by key."""
        model = self._models[table]
        for needed in model.reads:
            if needed not in self.made:
                self.fill(needed)
        if model.inputs:
            write_frame(self._connection, model, made_frame(self._connection, model, maker(model)))
        else:
            build(self._connection, model)
        self.made.add(table)
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
