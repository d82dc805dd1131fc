"""Opening DuckDB files: the private one for writing, the published one for reading."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from pipelines.warehouse.errors import WarehouseError

#: What DuckDB may hold: less makes joins of millions of ids spill, more leaves a laptop too little.
MEMORY_LIMIT = "2200MB"
#: What it is asked to make do with for a moment (see forget).
LEAST_LIMIT = "300MB"
#: A fixed order of rows and no surprises: a table is never taken from a Python variable of the same name.
_SETTINGS = (
    "set TimeZone = 'UTC'",
    "set preserve_insertion_order = true",
    "set python_enable_replacements = false",
    "set enable_progress_bar = false",
    # What does not fit is spilled beside the file.
    f"set memory_limit = '{MEMORY_LIMIT}'",
)
#: The private file is read a few times and made anew: packing its texts tightly was an eighth of all work.
_UNPACKED = "set disabled_compression_methods = 'dict_fsst'"
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
    for statement in (*_SETTINGS, _UNPACKED):
        connection.execute(statement)
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")
    return connection


@contextmanager
def tightly_packed(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Pack texts tightly in what is written meanwhile: a file that is kept, copied and read often."""
    connection.execute("set disabled_compression_methods = ''")
    try:
        yield
    finally:
        connection.execute(_UNPACKED)


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Let DuckDB give back what it holds of tables that it can read again, before Python needs the memory."""
    with suppress(duckdb.OutOfMemoryException):  # a table in memory cannot be read again
        connection.execute(f"set memory_limit = '{LEAST_LIMIT}'")
    connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")


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
