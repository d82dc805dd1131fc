"""Vintages grow by new lines only."""

import json
from pathlib import Path

import duckdb

from pipelines.warehouse.vintages import append_headlines


def headline(connection: duckdb.DuckDBPyConnection, value: float) -> None:
    connection.execute(
        "create or replace table marts.headlines as select 'dependent_share' as headline, 'all' as universe, "
        "date '2025-12-22' as as_of_date, 'a-list' as scope, ?::double as value, null::double as lower, "
        "null::double as upper, 'share' as unit, 'downloads' as denominator",
        [value],
    )


def test_a_revision_is_a_new_line_and_the_same_number_is_none(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    headline(connection, 0.5)
    assert append_headlines(connection, tmp_path, "first") == 1
    assert append_headlines(connection, tmp_path, "second") == 0
    headline(connection, 0.6)
    assert append_headlines(connection, tmp_path, "third") == 1
    lines = [json.loads(line) for line in (tmp_path / "headlines.jsonl").read_text().splitlines()]
    assert [(line["release_id"], line["value"]) for line in lines] == [("first", 0.5), ("third", 0.6)]
