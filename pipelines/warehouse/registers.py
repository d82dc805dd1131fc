"""The reference registers: curated facts in CSV, validated against their headers in sql/reference.

Every problem is found before anything is written, and named with file and line, so that whoever edits a
register sees all mistakes at once. Nothing is repaired silently.
"""

import csv
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.warehouse.errors import RegisterError
from pipelines.warehouse.models import SqlModel

_SHOWN_PROBLEMS = 20


@dataclass
class _Register:
    """A register while it is being read: its frame has text only, and the line of each row."""

    model: SqlModel
    path: Path
    frame: pl.DataFrame
    problems: list[str] = field(default_factory=list)

    def report(self, rows: pl.DataFrame, text: str) -> None:
        """Note a problem for each of `rows`."""
        self.problems += [f"{self.path.name} line {line}: {text}" for line in rows["line"]]


def read_registers(
    models: dict[str, SqlModel], folder: Path, *, as_of: date, today: date | None = None
) -> dict[str, pl.DataFrame]:
    """Read and validate all registers; give typed frames by table name (`reference.organizations`, ...).

    No date may lie after `today` (by default `as_of`); rows of a register of dated events that lie after
    `as_of` are valid and left out. Raises RegisterError with every problem's
    file and line: a missing or unknown column, a duplicate key, an unknown kind, a missing source, a number
    or date that is none, a date to come, a reference to something that no register has.
    """
    registers: dict[str, _Register] = {}
    problems = []
    for table, model in models.items():
        if model.schema == "reference":
            try:
                registers[table] = _read(model, folder / f"{model.name}.csv")
            except RegisterError as error:  # the others are looked at all the same
                problems.append(str(error))
    for register in registers.values():
        _check_texts(register)
        _check_values(register, today or as_of)
        _check_references(register, registers)
    problems += [problem for register in registers.values() for problem in register.problems]
    if problems:
        shown = problems[:_SHOWN_PROBLEMS] + ["..."] * (len(problems) > _SHOWN_PROBLEMS)
        raise RegisterError(f"{len(problems)} problems in the registers:\n" + "\n".join(shown))
    cut = {table: _until(_typed(register), register.model, as_of) for table, register in registers.items()}
    return {table: _about_what_is_there(frame, registers[table].model, cut) for table, frame in cut.items()}


def _read(model: SqlModel, path: Path) -> _Register:
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except FileNotFoundError as error:
        raise RegisterError(f"{path} is missing.") from error
    except pl.exceptions.PolarsError as error:
        where = _ragged_line(path, len(model.columns))
        raise RegisterError(where or f"{path.name} is no CSV with a header line: {error}") from error
    if frame.columns != list(model.columns):
        raise RegisterError(f"{path.name} must have the columns {list(model.columns)}, has {frame.columns}.")
    stripped = frame.with_columns(pl.all().str.strip_chars().replace("", None))
    # A cell may hold line breaks: a row begins that many lines lower.
    breaks = frame.select(
        pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True).fill_null(0)).alias("breaks")
    ).to_series()
    lines = pl.int_range(2, len(frame) + 2, eager=True) + breaks.cum_sum().shift(1, fill_value=0)
    return _Register(model, path, stripped.with_columns(line=lines))


def _ragged_line(path: Path, cells: int) -> str | None:
    """Name the first line with too many cells; the reason is mostly a comma without quotes around it."""
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        reader = csv.reader(file)
        for row in reader:
            if len(row) > cells:
                return (
                    f"{path.name} line {reader.line_num}: {len(row)} cells instead of {cells}; quote commas."
                )
    return None


def _check_texts(register: _Register) -> None:
    """Keys, required cells and enumerations: what can be said of the text as it stands."""
    model, frame = register.model, register.frame
    key = list(model.key)
    register.report(frame.filter(pl.struct(key).is_duplicated()), f"({', '.join(key)}) stands twice")
    for column in model.checks.get("not_null", []):
        register.report(frame.filter(pl.col(column).is_null()), f"{column} is empty")
    for column, values in model.checks.get("accepted", {}).items():
        wrong = frame.filter(~pl.col(column).is_in([str(value) for value in values]))
        register.report(wrong, f"{column} must be one of {', '.join(map(str, values))}")


def _check_values(register: _Register, as_of: date) -> None:
    """Numbers and dates: what they are once they are read as such."""
    ranges: dict[str, tuple[Any, Any]] = register.model.checks.get("ranges", {})
    for column, (kind, _) in register.model.columns.items():
        if kind == "VARCHAR":
            continue
        text, value = pl.col(column), _value(column, kind)
        register.report(register.frame.filter(text.is_not_null() & value.is_null()), f"{column} is no {kind}")
        if kind == "DATE":
            register.report(register.frame.filter(value > as_of), f"{column} lies in the future")
        low, high = ranges.get(column, (None, None))
        if low is not None:
            register.report(register.frame.filter(value < low), f"{column} is below {low}")
        if high is not None:
            register.report(register.frame.filter(value > high), f"{column} is above {high}")


def _check_references(register: _Register, registers: dict[str, _Register]) -> None:
    for column, target in register.model.checks.get("references", {}).items():
        table, _, key = target.rpartition(".")
        if table not in registers:
            continue  # it could not be read, which is told already
        known = registers[table].frame[key].drop_nulls().unique()
        wrong = register.frame.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(known.implode()))
        register.report(wrong, f"{column} is not in {registers[table].path.name}")


def _typed(register: _Register) -> pl.DataFrame:
    columns = register.model.columns.items()
    return register.frame.select(_value(column, kind).alias(column) for column, (kind, _) in columns)


def _until(frame: pl.DataFrame, model: SqlModel, as_of: date) -> pl.DataFrame:
    """Leave out events after `as_of`: rows whose required date, the one that says when, lies later."""
    required = model.checks.get("not_null", [])
    dates = [column for column, (kind, _) in model.columns.items() if kind == "DATE" and column in required]
    if "valid_from" in frame.columns:  # what began later is not known yet; what ended later still holds
        begun = pl.col("valid_from").is_null() | (pl.col("valid_from") <= as_of)
        ended = pl.when(pl.col("valid_to") <= as_of).then("valid_to")
        frame = frame.filter(begun).with_columns(valid_to=ended)
    return frame.filter(*(pl.col(column) <= as_of for column in dates)) if dates else frame


def _about_what_is_there(frame: pl.DataFrame, model: SqlModel, cut: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Leave out what is said of rows that were left out: where the key is that of another register."""
    for column, target in model.checks.get("references", {}).items():
        table, _, key = target.rpartition(".")
        if [column] == list(model.key) and table in cut:
            frame = frame.filter(pl.col(column).is_in(cut[table][key].implode()))
    return frame


def _value(column: str, kind: str) -> pl.Expr:
    """Read a text column as what it is declared to be; null where the text is not that."""
    text = pl.col(column)
    if kind == "DATE":
        four_digits = pl.when(text.str.contains(r"^\d{4}-")).then(text)
        return four_digits.str.to_date("%Y-%m-%d", strict=False)
    return text.cast(pl.Int64, strict=False) if kind == "BIGINT" else text
