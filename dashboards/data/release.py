"""The release's file, opened for reading only: the one module of the dashboards that knows DuckDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl


class Release:
    """The published tables of one release; each question is asked once, in however many languages."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read through an open connection."""
        self._connection = connection
        self._answers: dict[tuple[Any, ...], pl.DataFrame] = {}

    def frame(self, query: str, *parameters: Any) -> pl.DataFrame:
        """Give the answer to a query as a frame; `?` in it stand for the parameters."""
        key = (query, *parameters)
        if key not in self._answers:
            self._answers[key] = self._connection.sql(query, params=list(parameters)).pl()
        return self._answers[key]

    def value(self, query: str, *parameters: Any) -> Any:
        """Give the first value of the first row; None where there is none."""
        found = self.frame(query, *parameters)
        return found.item(0, 0) if found.height else None


@contextmanager
def open_release(database: Path) -> Iterator[Release]:
    """Open a release's file for reading only, and close it whatever happens."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        connection.execute("set python_enable_replacements = false")
        connection.execute("set enable_progress_bar = false")
        yield Release(connection)
    finally:
        connection.close()
