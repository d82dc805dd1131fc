"""SQL models: one file, one table. The header says what the table is; what is made must be just that.

A file `sql/<schema>/<name>.sql` opens with a comment that is YAML:

    /*
    description: What one row is, and where it comes from.
    columns:
      family: VARCHAR | The curated generation a model stands on.
      share: DOUBLE | Part of the downloads; 0 to 1.
    key: [family]
    checks:
      not_null: [share]
      ranges: {share: [0, 1]}
      accepted: {relation: [finetune, merge]}
      references: {organization_id: core.organizations.organization_id}
    */
    select ...

A raw table that is parsed from payloads of another form too has a second file without a header,
`sql/raw/<name>.<source>.sql`, with the SELECT for that source.

`made_by: module.function` stands instead of the SELECT where Python makes the table: where the work is a fit,
a resampling or a graph. Then `inputs:` holds a query for each frame that the function of pipelines/analysis
takes by that name (see made_frame). Where an asset of its own hands the frames over, `reads: [tables]` says
from which tables. `payload: source` marks a table that is parsed from payloads (see load).

`is_view: true` marks what is read anew from smaller tables each time; people get it as a table all the same.
`is_private: true` marks a table of core that people do not get, since another holds the same in plainer form.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import yaml

from pipelines.warehouse.connection import SCHEMAS, forget
from pipelines.warehouse.errors import ContractError

_HEADER = re.compile(r"\A\s*/\*(?P<header>.*?)\*/(?P<body>.*)\Z", re.DOTALL)
_TABLE = re.compile(rf"\b(?:from|join)\s+((?:{'|'.join(SCHEMAS)})\.[a-z_0-9]+)", re.IGNORECASE)
_LINE_COMMENT = re.compile(r"--[^\n]*")
_KNOWN_KEYS = {
    "description", "columns", "key", "checks", "made_by", "inputs", "reads", "payload", "is_view",
    "is_private",
}  # fmt: skip
_KNOWN_CHECKS = {"not_null", "ranges", "accepted", "references"}


@dataclass(frozen=True, kw_only=True)
class SqlModel:
    """One table: its name, its declared columns, its checks, and the SELECT that makes it."""

    schema: str
    name: str
    description: str
    columns: dict[str, tuple[str, str]]
    key: tuple[str, ...]
    body: str = ""
    checks: dict[str, Any] = field(default_factory=dict)
    made_by: str | None = None
    payload: str | None = None
    other_parsers: dict[str, str] = field(default_factory=dict)
    declared_reads: tuple[str, ...] = ()
    inputs: dict[str, str] = field(default_factory=dict)
    is_view: bool = False
    is_private: bool = False

    @property
    def table(self) -> str:
        """`schema.name`, the one name that the table has everywhere."""
        return f"{self.schema}.{self.name}"

    @property
    def parsers(self) -> dict[str, str]:
        """The SELECT for each source whose payloads the table is parsed from."""
        return {self.payload: self.body, **self.other_parsers} if self.payload else {}

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The tables that this one is made from or checked against, in alphabetical order."""
        found = tables_read(";".join([self.body, *self.inputs.values()]))
        checked = {target.rpartition(".")[0] for target in self.checks.get("references", {}).values()}
        return tuple(sorted((found | checked | set(self.declared_reads)) - {self.table}))


def tables_read(sql: str) -> set[str]:
    """Give the tables that a query reads, `schema.name`."""
    return {match.lower() for match in _TABLE.findall(_LINE_COMMENT.sub("", sql))}


def parse_model(text: str, *, schema: str, name: str) -> SqlModel:
    """Read a SQL file. Raises ContractError when the header is missing, not YAML, or has unknown keys."""
    where = f"sql/{schema}/{name}.sql"
    match = _HEADER.match(text)
    if match is None:
        raise ContractError(f"{where} has no header comment.")
    try:
        header = yaml.safe_load(match["header"])
    except yaml.YAMLError as error:
        raise ContractError(f"{where}: the header is not YAML ({error}).") from error
    if not isinstance(header, dict):
        raise ContractError(f"{where}: the header must be `description:`, `columns:`, `key:` and so on.")
    unknown = set(header) - _KNOWN_KEYS | set(header.get("checks") or {}) - _KNOWN_CHECKS
    missing = {"description", "columns", "key"} - set(header)
    if unknown or missing:
        raise ContractError(f"{where}: the header has unknown {sorted(unknown)}, lacks {sorted(missing)}.")
    return SqlModel(
        schema=schema,
        name=name,
        description=" ".join(str(header["description"]).split()),
        columns={column: _column(where, column, text) for column, text in header["columns"].items()},
        key=tuple(header["key"]),
        body=match["body"].strip().rstrip(";"),
        checks=header.get("checks") or {},
        made_by=header.get("made_by"),
        payload=header.get("payload"),
        declared_reads=tuple(header.get("reads") or ()),
        inputs=header.get("inputs") or {},
        is_view=header.get("is_view", False),
        is_private=header.get("is_private", False),
    )


def _column(where: str, column: str, text: str) -> tuple[str, str]:
    kind, bar, comment = str(text).partition("|")
    if not bar or not kind.strip() or not comment.strip():
        raise ContractError(f"{where}: column {column} needs `TYPE | comment`.")
    return kind.strip(), " ".join(comment.split())


def load_models(sql_dir: Path) -> dict[str, SqlModel]:
    """Read every model below `sql_dir`, in an order in which each can be made after what it reads.

    Raises ContractError for a table that reads a higher layer, an unknown table, or itself in a circle.
    """
    models = {}
    for schema in SCHEMAS:
        paths = sorted((sql_dir / schema).glob("*.sql"))
        for path in (path for path in paths if "." not in path.stem):
            parsers = {
                other.stem.partition(".")[2]: other.read_text().strip().rstrip(";")
                for other in paths
                if other.stem.startswith(path.stem + ".")
            }
            model = parse_model(path.read_text(), schema=schema, name=path.stem)
            models[model.table] = replace(model, other_parsers=parsers)
    for model in models.values():
        _check_layers(model, models)
    try:
        order = TopologicalSorter({table: model.reads for table, model in models.items()}).static_order()
        return {table: models[table] for table in order if table in models}
    except CycleError as error:
        raise ContractError(f"These tables read each other in a circle: {error.args[1]}.") from error


def _check_layers(model: SqlModel, models: dict[str, SqlModel]) -> None:
    for table in model.reads:
        schema = table.split(".")[0]
        if SCHEMAS.index(schema) > SCHEMAS.index(model.schema):
            raise ContractError(f"{model.table} reads {table}, which lies in a higher layer.")
        if table not in models:
            raise ContractError(f"{model.table} reads {table}, which no file in sql/ makes.")


def build(connection: duckdb.DuckDBPyConnection, model: SqlModel) -> int:
    """Make the table, or the view, from its SELECT and give its number of rows.

    All or nothing: when the result is not what the header declares, the old table stays and ContractError
    says what differs.
    """
    kind = "view" if model.is_view else "table"
    with transaction(connection):
        _drop_other_kind(connection, model, kind)
        try:
            connection.execute(f"create or replace {kind} {model.table} as {model.body}")
        except duckdb.Error as error:
            raise ContractError(f"sql/{model.schema}/{model.name}.sql, after its header: {error}") from error
        verify_columns(connection, model)
        comment(connection, model, kind)
    return count(connection, model.table)


def _drop_other_kind(connection: duckdb.DuckDBPyConnection, model: SqlModel, kind: str) -> None:
    """Drop what an earlier version of Cambrian made as a table and this one as a view, or the reverse."""
    found = connection.execute(
        "select case table_type when 'VIEW' then 'view' else 'table' end from information_schema.tables "
        "where table_catalog = current_database() and table_schema = ? and table_name = ?",
        [model.schema, model.name],
    ).fetchall()
    for (other,) in found:
        if other != kind:
            connection.execute(f"drop {other} {model.table}")


def write_frame(connection: duckdb.DuckDBPyConnection, model: SqlModel, frame: pl.DataFrame) -> int:
    """Make the table from a frame whose columns must be those that the header declares."""
    write_frames(connection, [(model, frame)])
    return count(connection, model.table)


def write_frames(
    connection: duckdb.DuckDBPyConnection, parts: Iterable[tuple[SqlModel, pl.DataFrame]]
) -> None:
    """Make tables that belong together, all or none.

    Raises ContractError for a frame that is not what the header declares.
    """
    with transaction(connection):
        for model, frame in parts:
            _check_frame(model, frame)
            _drop_other_kind(connection, model, "table")
            _create(connection, model)
            _insert(connection, model.table, frame)
            comment(connection, model)


def _create(connection: duckdb.DuckDBPyConnection, model: SqlModel) -> None:
    columns = ", ".join(f"{column} {kind}" for column, (kind, _) in model.columns.items())
    connection.execute(f"create or replace table {model.table} ({columns})")


def _insert(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    connection.register("incoming_frame", frame.to_arrow())
    try:
        connection.execute(f"insert into {table} by name select * from incoming_frame")
    finally:
        connection.unregister("incoming_frame")


def _check_frame(model: SqlModel, frame: pl.DataFrame) -> None:
    if set(frame.columns) != set(model.columns):
        differing = sorted(set(frame.columns) ^ set(model.columns))
        raise ContractError(f"{model.table}: frame and header differ in {differing}.")
    rounded = [
        column
        for column, (kind, _) in model.columns.items()
        if frame.schema[column].is_float() and kind not in ("DOUBLE", "FLOAT")
    ]
    if rounded:
        raise ContractError(f"{model.table}: {rounded} of the frame would be rounded; cast them first.")


def made_frame(
    connection: duckdb.DuckDBPyConnection, model: SqlModel, make: Callable[..., pl.DataFrame]
) -> pl.DataFrame:
    """Give what `make` returns for the model's inputs, each handed over as a frame by its name.

    Rows come sorted by the table's key. Raises ContractError for an input that is no query.
    """
    frames = {}
    forget(connection)
    for name, query in model.inputs.items():
        try:
            frames[name] = connection.sql(query).pl()
        except duckdb.Error as error:
            raise ContractError(f"{model.table}, input {name}: {error}") from error
    forget(connection)
    return make(**frames).sort(model.key)


def verify_columns(connection: duckdb.DuckDBPyConnection, model: SqlModel) -> None:
    """Compare declared with made columns, both ways, names, types and order."""
    made = {row[0]: row[1] for row in connection.execute(f"describe {model.table}").fetchall()}
    declared = {column: kind for column, (kind, _) in model.columns.items()}
    if list(made.items()) == list(declared.items()):
        return
    problems = [f"{column} is declared but not made" for column in declared if column not in made]
    problems += [f"{column} is made but not declared" for column in made if column not in declared]
    problems += [
        f"{column} is {made[column]}, declared {kind}"
        for column, kind in declared.items()
        if column in made and made[column] != kind
    ]
    raise ContractError(f"sql/{model.schema}/{model.name}.sql: " + "; ".join(problems or ["another order"]))


def comment(connection: duckdb.DuckDBPyConnection, model: SqlModel, kind: str = "table") -> None:
    """Put description and column comments into the database; `create or replace` drops them each time."""
    connection.execute(f"comment on {kind} {model.table} is {literal(model.description)}")
    for column, (_, text) in model.columns.items():
        connection.execute(f"comment on column {model.table}.{column} is {literal(text)}")


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Give the number of rows of a table."""
    # fetchall: on DuckDB 2.0 a result that was not read to its end blocks the connection.
    return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])


def preview(connection: duckdb.DuckDBPyConnection, model: SqlModel, rows: int = 5) -> pl.DataFrame:
    """Give the first rows by key, or any where there is none, for the Dagster UI and for error messages."""
    order = f"order by {', '.join(model.key)}" if model.key else ""
    frame: pl.DataFrame = connection.sql(f"select * from {model.table} {order} limit {rows}").pl()
    return frame


class transaction:  # noqa: N801 - reads like a statement
    """Run a block in one transaction: committed at its end, rolled back by any exception."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("begin")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._connection.execute("rollback" if kind else "commit")


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def identifiers(names: Iterable[str]) -> str:
    """Quote column names for SQL, joined by commas."""
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)
