"""Small models made by hand."""

import json
from pathlib import Path
from typing import Any

import duckdb

from pipelines.warehouse.models import SqlModel, parse_model


def header(columns: dict[str, str], key: list[str], **more: Any) -> str:
    """Write the header of a SQL file; JSON is YAML."""
    return json.dumps(
        {"description": "A table made by hand.", "columns": columns, "key": key} | more, ensure_ascii=False
    )


def make_model(
    table: str,
    columns: dict[str, str],
    key: list[str],
    body: str = "",
    **more: Any,
) -> SqlModel:
    """Give a model as its SQL file would; columns need only their type here."""
    schema, name = table.split(".")
    commented = {column: f"{kind} | The {column}." for column, kind in columns.items()}
    return parse_model(f"/*{header(commented, key, **more)}*/\n{body}", schema=schema, name=name)


def make_empty(connection: duckdb.DuckDBPyConnection, model: SqlModel) -> None:
    """Make a table without rows, for a model that reads it."""
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in model.columns.items())
    connection.execute(f"create or replace table {model.table} ({columns})")


def write_sql(folder: Path, table: str, body: str, **more: Any) -> None:
    """Write a SQL file with one column `n`."""
    schema, name = table.split(".")
    (folder / schema).mkdir(parents=True, exist_ok=True)
    text = f"/*{header({'n': 'INTEGER | A number.'}, ['n'], **more)}*/\n{body}"
    (folder / schema / f"{name}.sql").write_text(text)
