"""One DuckDB instance for all tests of the warehouse: opening one for each takes longer than most of them."""

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.warehouse.connection import SCHEMAS, open_memory


@pytest.fixture(scope="session")
def instance() -> Iterator[duckdb.DuckDBPyConnection]:
    """The one instance."""
    with open_memory() as opened:
        yield opened


@pytest.fixture
def connection(instance: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """An empty warehouse in memory; what the test before made is gone."""
    for schema in SCHEMAS:
        instance.execute(f"drop schema {schema} cascade")
        instance.execute(f"create schema {schema}")
    return instance
