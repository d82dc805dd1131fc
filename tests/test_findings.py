"""FINDINGS.md says what the recorded data tells; here each of its queries is run and its table compared.

After a change that is meant: python -m tests.test_findings HOME writes the tables anew, from that home's
published file. The sentences are then to be read again.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.warehouse.connection import open_published

FINDINGS = PROJECT_ROOT / "FINDINGS.md"
QUERY = re.compile(r"```sql\n(?P<sql>[^`]*)```\n\n(?P<table>(?:\|[^\n]*\|\n)+)")


def shown(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Run a query and give its result as a Markdown table; reals with four digits."""

    def cell(value: object) -> str:
        if isinstance(value, float):
            return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:,}"
        return "" if value is None else str(value)

    result = connection.execute(sql)
    names = [column[0] for column in result.description or []]
    rows = [[cell(value) for value in row] for row in result.fetchall()]
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def findings() -> Iterator[tuple[str, str]]:
    """Give each query with the table that stands below it."""
    for match in QUERY.finditer(FINDINGS.read_text()):
        yield match["sql"], match["table"]


@pytest.mark.parametrize("number", range(len(list(findings()))))
def test_a_finding_is_what_its_query_gives(released: Settings, number: int) -> None:
    sql, table = list(findings())[number]
    with open_published(released.published_path) as connection:
        assert shown(connection, sql) == table


def test_every_query_has_its_table() -> None:
    assert len(list(findings())) == FINDINGS.read_text().count("```sql")


def rewrite(home: Path) -> None:
    """Write all tables anew."""
    with open_published(home / "cambrian.duckdb") as connection:
        text = FINDINGS.read_text()
        text = QUERY.sub(
            lambda match: f"```sql\n{match['sql']}```\n\n{shown(connection, match['sql'])}", text
        )
    FINDINGS.write_text(text)


if __name__ == "__main__":
    rewrite(Path(sys.argv[1]))
