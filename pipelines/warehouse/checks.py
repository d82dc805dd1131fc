"""Checks: each is a query that gives the bad rows. It shows how many there are, and five of them.

A table's own checks stand in its header (key, not_null, ranges, accepted, references); what concerns several
tables stands in sql/checks, one file a check.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.warehouse.errors import CheckError, ContractError
from pipelines.warehouse.models import SqlModel, identifiers, literal


@dataclass(frozen=True)
class Check:
    """One rule. `query` gives the rows that break it; `table` is where it belongs in the asset graph.

    `is_rule` tells the rules of a table's header from the checks in files of their own.
    """

    table: str
    name: str
    description: str
    query: str
    is_rule: bool = True


@dataclass(frozen=True)
class Finding:
    """The result of one check: how many rows break it, and up to five of them as text."""

    check: Check
    bad_rows: int
    sample: list[str]

    @property
    def passed(self) -> bool:
        """True when no row breaks the rule."""
        return self.bad_rows == 0


def header_checks(model: SqlModel) -> list[Check]:
    """Turn a header's rules into checks."""
    table, checks = model.table, []
    if model.key:
        keys = identifiers(model.key)
        query = f"select {keys} from {table} group by {keys} having count(*) > 1"
        if model.schema != "reference":  # an empty cell in a register says "since ever", for instance
            nulls = " or ".join(f"{identifiers([column])} is null" for column in model.key)
            query += f" union all select {keys} from {table} where {nulls}"
        checks.append(Check(table, "key", f"({keys}) names each row once", query))
    for column in model.checks.get("not_null", []):
        query = f"select * from {table} where {identifiers([column])} is null"
        checks.append(Check(table, f"not_null_{column}", f"{column} is never null", query))
    for column, (low, high) in model.checks.get("ranges", {}).items():
        name = identifiers([column])
        bounds = [f"{name} < {low}"] * (low is not None) + [f"{name} > {high}"] * (high is not None)
        if model.columns[column][0] in ("DOUBLE", "FLOAT"):
            bounds.append(f"isnan({name})")  # DuckDB takes it for larger than every number
        query = f"select * from {table} where {' or '.join(bounds)}"
        checks.append(Check(table, f"range_{column}", f"{column} lies in [{low}, {high}]", query))
    for column, values in model.checks.get("accepted", {}).items():
        listed = ", ".join(literal(str(value)) for value in values)
        query = f"select * from {table} where {identifiers([column])} not in ({listed})"
        checks.append(Check(table, f"accepted_{column}", f"{column} is one of {listed}", query))
    for column, target in model.checks.get("references", {}).items():
        checks.append(_reference(table, column, target))
    return checks


def _reference(table: str, column: str, target: str) -> Check:
    other, _, key = target.rpartition(".")
    name = identifiers([column])
    query = (
        f"select t.* from {table} as t where t.{name} is not null "
        f"and not exists (select 1 from {other} as o where o.{key} = t.{name})"
    )
    return Check(table, f"reference_{column}", f"every {column} is in {target}", query)


def file_checks(checks_dir: Path) -> list[Check]:
    """Read sql/checks: the first comment line is `-- schema.table: what must hold`, the rest the query."""
    checks = []
    for path in sorted(checks_dir.glob("*.sql")):
        first, _, query = path.read_text().partition("\n")
        table, colon, description = first.removeprefix("--").strip().partition(": ")
        if not colon or not first.startswith("--"):
            raise ContractError(f"sql/checks/{path.name} must begin with `-- schema.table: what must hold`.")
        checks.append(Check(table, path.stem, description, query.strip().rstrip(";"), is_rule=False))
    return checks


def run_check(connection: duckdb.DuckDBPyConnection, check: Check) -> Finding:
    """Run one check and give what it found."""
    rows = connection.execute(f"select *, count(*) over () from (\n{check.query}\n) limit 5").fetchall()
    total = int(rows[0][-1]) if rows else 0
    return Finding(check, total, [", ".join(str(value)[:80] for value in row[:-1]) for row in rows])


def require(findings: list[Finding]) -> None:
    """Raise CheckError when any finding is bad, with all of them in the message."""
    bad = [finding for finding in findings if not finding.passed]
    if bad:
        lines = [
            f"{finding.check.table}: {finding.check.description}: broken by {finding.bad_rows} rows, "
            f"for instance {finding.sample}"
            for finding in bad
        ]
        raise CheckError("\n".join(lines) + "\nNothing was published; the last release stays.")
