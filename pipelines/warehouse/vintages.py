"""Vintages: every published headline, appended and never rewritten.

A revision of a number is a new line; the old one stays, so that who quoted it finds it again. The file is an
input beside the payloads: marts.headline_vintages is made from it and from the headlines of the run, and
after the release what is new in that table is appended. So a run that changes nothing makes the same table
and appends nothing. A row says the as-of date of its release and not its id: the id follows from the
content of the table itself. The id is in the file.
"""

import json
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

FILE_NAME = "headlines.jsonl"
_SUBJECT = ("headline", "universe", "as_of_date", "scope")
_NUMBER = ("value", "lower", "upper")
_TOLD = (*_SUBJECT, *_NUMBER, "unit", "denominator")
_SCHEMA: dict[str, Any] = {
    "headline": pl.String, "universe": pl.String, "as_of_date": pl.Date, "scope": pl.String,
    "value": pl.Float64, "lower": pl.Float64, "upper": pl.Float64, "unit": pl.String,
    "denominator": pl.String, "vintage": pl.Int64, "published_as_of_date": pl.Date,
    "is_revision": pl.Boolean, "previous_value": pl.Float64, "is_newest": pl.Boolean,
}  # fmt: skip


def headline_vintages(connection: duckdb.DuckDBPyConnection, folder: Path, as_of: date) -> pl.DataFrame:
    """Give every vintage up to `as_of`, with those of marts.headlines that are new or differ from their last.

    Lines of releases of a later as-of date are left out: a run as of an earlier day knows nothing of them.
    """
    said = _said(folder, as_of)
    said += _news(connection, said, as_of)
    rows = [row | place for row, place in zip(said, _places(said), strict=True)]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def append_headlines(
    connection: duckdb.DuckDBPyConnection, folder: Path, release_id: str, as_of: date
) -> int:
    """Append the headlines that are new or differ from their last vintage; give how many those are."""
    path = folder / FILE_NAME
    lines = []
    for row in _news(connection, _said(folder, as_of), as_of):
        told = {name: row[name] for name in _TOLD} | {"release_id": release_id}
        dates = {"as_of_date": row["as_of_date"].isoformat(), "published_as_of_date": as_of.isoformat()}
        lines.append(json.dumps(told | dates, sort_keys=True) + "\n")
    folder.mkdir(parents=True, exist_ok=True)
    is_torn = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
    with path.open("a") as file:
        file.writelines(["\n"] * is_torn + lines)
        file.flush()
        os.fsync(file.fileno())  # nothing can rebuild a vintage
    return len(lines)


def _said(folder: Path, as_of: date) -> list[dict[str, Any]]:
    """Give what releases up to `as_of` said, by as-of date; what says the same again is left out.

    A run as of an earlier day may come later, and then says first what another said already.
    """
    rows = [row for row in _read(folder / FILE_NAME) if row["published_as_of_date"] <= as_of]
    rows.sort(key=lambda row: row["published_as_of_date"])  # stable: of one day in the order of the file
    said: list[dict[str, Any]] = []
    last: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        before = last.get(_subject(row))
        if before is None or _differ(before, row):
            said.append(row)
            last[_subject(row)] = row
    return said


def _news(
    connection: duckdb.DuckDBPyConnection, said: list[dict[str, Any]], as_of: date
) -> list[dict[str, Any]]:
    """Give the headlines that are new or differ from what was said last."""
    last = {_subject(row): row for row in said}
    rows = [row | {"published_as_of_date": as_of} for row in _headlines(connection)]
    return [row for row in rows if _subject(row) not in last or _differ(last[_subject(row)], row)]


def _headlines(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    rows = connection.execute(
        f"select {', '.join(_TOLD)} from marts.headlines order by {', '.join(_SUBJECT)}"
    ).fetchall()
    return [dict(zip(_TOLD, values, strict=True)) for values in rows]


def _places(said: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Number the vintages of each subject, and say what each one revises and whether it still stands."""
    places: list[dict[str, Any]] = []
    newest: dict[tuple[Any, ...], tuple[dict[str, Any], dict[str, Any]]] = {}
    for row in said:
        before, place_before = newest.get(_subject(row), (None, None))
        place = {
            "vintage": 1 if place_before is None else place_before["vintage"] + 1,
            "is_revision": before is not None,
            "previous_value": None if before is None else before["value"],
            "is_newest": True,
        }
        if place_before is not None:
            place_before["is_newest"] = False
        newest[_subject(row)] = (row, place)
        places.append(place)
    return places


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    # A killed run may have left half a line.
    lines = [line for line in path.read_text().split("\n")[:-1] if line.endswith("}")]
    return [_typed(json.loads(line)) for line in lines]


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    # Early lines have no as-of date of their own; the release id begins with it.
    published = row.get("published_as_of_date") or row["release_id"][:10]
    dates = {"as_of_date": row["as_of_date"], "published_as_of_date": published}
    told: dict[str, Any] = {name: row[name] for name in _TOLD}
    return told | {name: date.fromisoformat(text) for name, text in dates.items()}


def _differ(before: dict[str, Any], now: dict[str, Any]) -> bool:
    return any(repr(before[name]) != repr(now[name]) for name in _NUMBER)


def _subject(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _SUBJECT)
