"""Payloads into raw tables, one transaction a snapshot; what is already in, unchanged, is not read again.

How a payload is parsed stands in sql/raw: the columns are declared there, never guessed from the first rows.
The SELECT finds its files and its snapshot in DuckDB variables: payload_files, snapshot_date, scope.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.warehouse.connection import MEMORY_LIMIT
from pipelines.warehouse.errors import LoadError
from pipelines.warehouse.models import SqlModel, comment, count, literal, transaction, verify_columns

logger = logging.getLogger("cambrian.load")

#: Parsing streams: with more it only keeps pages that nobody asks for again (three million models: 1.4 GB).
LOAD_MEMORY = "600MB"

_LEDGER = """
    create table if not exists raw.loads (
        table_name varchar, snapshot_date date, scope varchar, content_sha256 varchar, rows bigint,
        primary key (table_name, snapshot_date, scope)
    )
"""


@dataclass(frozen=True)
class LandedSnapshot:
    """A landed snapshot as the warehouse sees it; `files` verifies and gives its pages.

    Snapshots of several sources may go into one table; then their scopes differ.
    """

    source: str
    day: date
    scope: str
    sha256: str
    files: Callable[[], list[Path]]
    is_live: bool = False

    @property
    def identity(self) -> tuple[str, str]:
        """What tells its rows apart from those of other snapshots in the same table."""
        return self.day.isoformat(), self.scope


def load_payloads(
    connection: duckdb.DuckDBPyConnection,
    model: SqlModel,
    snapshots: list[LandedSnapshot],
    on_failure: Callable[[LandedSnapshot, str], None] | None = None,
) -> int:
    """Bring a raw table up to the landed snapshots and give its number of rows.

    A snapshot whose bytes or whose parsing changed is replaced; one whose payloads are gone goes out of the
    table. Raises LoadError when DuckDB cannot parse a page; that snapshot's earlier rows and all other
    snapshots stay. What fails of a live snapshot is told to `on_failure` instead, if given: one strange
    answer must not keep everything else from being published.
    """
    connection.execute(_LEDGER)
    _ensure_table(connection, model)
    wanted = {snapshot.identity: _content(model, snapshot) for snapshot in snapshots}
    loaded = _loaded(connection, model)
    for identity in loaded.keys() - wanted.keys():
        with transaction(connection):
            _forget(connection, model, *identity)
    for snapshot in snapshots:
        content = wanted[snapshot.identity]
        if loaded.get(snapshot.identity) != content:
            try:
                _load_one(connection, model, snapshot, content)
            except LoadError as error:
                if not snapshot.is_live or on_failure is None:
                    raise
                on_failure(snapshot, str(error))
    return count(connection, model.table)


def _load_one(
    connection: duckdb.DuckDBPyConnection, model: SqlModel, snapshot: LandedSnapshot, content: str
) -> None:
    day, scope = snapshot.identity
    files = snapshot.files()
    if not files:  # every subject said no (404 and so on): known from raw.pages, and no row here
        with transaction(connection):
            _forget(connection, model, day, scope)
        return
    listed = ", ".join(literal(str(path)) for path in files)
    connection.execute(f"set variable payload_files = [{listed}]")
    connection.execute(f"set variable snapshot_date = {literal(day)}::date")
    connection.execute(f"set variable scope = {literal(scope)}")
    connection.execute(f"set memory_limit = '{LOAD_MEMORY}'")
    try:
        with transaction(connection):
            _forget(connection, model, day, scope)
            connection.execute(f"insert into {model.table} by name {model.parsers[snapshot.source]}")
            rows = connection.execute(
                f"select count(*) from {model.table} where snapshot_date = ? and scope = ?", [day, scope]
            ).fetchall()[0][0]
            connection.execute(
                "insert into raw.loads values (?, ?, ?, ?, ?)", [model.table, day, scope, content, rows]
            )
    except duckdb.Error as error:
        raise LoadError(
            f"{snapshot.source} {day} {scope} cannot be parsed as sql/raw/{model.name}*.sql says: {error}\n"
            "Remove that snapshot's folder below payloads/ and land it again, or mend the declaration. "
            "All other snapshots and the published release are untouched."
        ) from error
    finally:
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
    logger.info("%s: %s %s, %d rows", model.table, day, scope, rows)


def _ensure_table(connection: duckdb.DuckDBPyConnection, model: SqlModel) -> None:
    """Make the empty table; a table with other columns than declared is made anew, it can be rebuilt."""
    columns = ", ".join(f"{column} {kind}" for column, (kind, _) in model.columns.items())
    made = connection.execute(
        "select string_agg(column_name || ' ' || data_type, ', ' order by column_index) "
        "from duckdb_columns() where schema_name = ? and table_name = ?",
        [model.schema, model.name],
    ).fetchall()[0][0]
    if made == columns:
        return
    with transaction(connection):
        connection.execute("delete from raw.loads where table_name = ?", [model.table])
        connection.execute(f"create or replace table {model.table} ({columns})")
        verify_columns(connection, model)
        comment(connection, model)


def _loaded(connection: duckdb.DuckDBPyConnection, model: SqlModel) -> dict[tuple[str, str], str]:
    rows = connection.execute(
        "select snapshot_date::varchar, scope, content_sha256 from raw.loads where table_name = ?",
        [model.table],
    ).fetchall()
    return {(day, scope): content for day, scope, content in rows}


def _forget(connection: duckdb.DuckDBPyConnection, model: SqlModel, day: str, scope: str) -> None:
    connection.execute(f"delete from {model.table} where snapshot_date = ? and scope = ?", [day, scope])
    connection.execute(
        "delete from raw.loads where table_name = ? and snapshot_date = ? and scope = ?",
        [model.table, day, scope],
    )


def _content(model: SqlModel, snapshot: LandedSnapshot) -> str:
    """What the rows follow from: the bytes and the way they are parsed."""
    return hashlib.sha256((snapshot.sha256 + model.parsers[snapshot.source]).encode()).hexdigest()
