"""Opening DuckDB files: the private one for writing, the published one for reading."""

from pathlib import Path

import duckdb

from pipelines.warehouse.errors import WarehouseError

MEMORY_LIMIT = "1200MB"
#: A fixed order of rows and no surprises: a table is never taken from a Python variable of the same name.
_SETTINGS = (
    "set TimeZone = 'UTC'",
    "set preserve_insertion_order = true",
    "set python_enable_replacements = false",
    "set enable_progress_bar = false",
    # What does not fit is spilled beside the file; a laptop has to hold Dagster and Polars too.
    f"set memory_limit = '{MEMORY_LIMIT}'",
)
SCHEMAS = ("reference", "raw", "staging", "core", "marts")


def open_warehouse(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the private warehouse for writing, with its schemas; make it when it does not exist."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path))
    except duckdb.Error as error:
        raise WarehouseError(
            f"{path} cannot be opened ({error}). If it is damaged, delete it; payloads rebuild it."
        ) from error
    for statement in _SETTINGS:
        connection.execute(statement)
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")
    return connection


def open_memory() -> duckdb.DuckDBPyConnection:
    """Open an empty warehouse in memory, for tests and for verifying files."""
    return open_warehouse(Path(":memory:"))


def open_published(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a published file for reading only. Raises FileNotFoundError with what to do when there is none."""
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist yet. Run `cambrian run` first.")
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise WarehouseError(f"{path} cannot be opened ({error}).") from error
    for statement in _SETTINGS:
        connection.execute(statement)
    return connection
