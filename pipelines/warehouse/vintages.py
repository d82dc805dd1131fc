"""Vintages: every published headline, appended and never rewritten.

A revision of a number is a new line; the old one stays, so that who quoted it finds it again.
"""

import json
import os
from pathlib import Path
from typing import Any

import duckdb

FILE_NAME = "headlines.jsonl"
_SUBJECT = ("headline", "universe", "as_of_date", "scope")
_NUMBER = ("value", "lower", "upper")


def append_headlines(connection: duckdb.DuckDBPyConnection, folder: Path, release_id: str) -> int:
    """Append the headlines that are new or differ from their last vintage; give how many those are."""
    path = folder / FILE_NAME
    known = {_subject(row): row for row in _read(path)}
    columns = [*_SUBJECT, *_NUMBER, "unit", "denominator"]
    rows = connection.execute(
        f"select {', '.join(columns)} from marts.headlines order by {', '.join(_SUBJECT)}"
    ).fetchall()
    lines = []
    for values in rows:
        row = dict(zip(columns, values, strict=True)) | {"release_id": release_id}
        row["as_of_date"] = row["as_of_date"].isoformat()
        before = known.get(_subject(row))
        if before is None or any(repr(before[name]) != repr(row[name]) for name in _NUMBER):
            lines.append(json.dumps(row, sort_keys=True) + "\n")
    folder.mkdir(parents=True, exist_ok=True)
    is_torn = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
    with path.open("a") as file:
        file.writelines(["\n"] * is_torn + lines)
        file.flush()
        os.fsync(file.fileno())  # nothing can rebuild a vintage
    return len(lines)


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    # A killed run may have left half a line.
    return [json.loads(line) for line in path.read_text().split("\n")[:-1] if line.endswith("}")]


def _subject(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _SUBJECT)
