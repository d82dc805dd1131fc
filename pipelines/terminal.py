"""What people see in a terminal: the progress of a run, and frames as tables.

Here: drawing and printing. Not here: what is said (cli, assets.report).
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    import polars as pl

#: Where there is no terminal to draw a bar in, long work says a line now and then.
SECONDS_BETWEEN_LINES = 30

errors = Console(stderr=True, highlight=False)


def print_table(frame: "pl.DataFrame", rows: int) -> None:
    """Print a frame as a table; text from the data is shown as it is, never as markup."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, dtype in frame.schema.items():
        table.add_column(escape(name), justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.head(rows).rows():
        table.add_row(*("" if value is None else escape(_cell(value)) for value in row))
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    console.print(table)
    if frame.height > rows:
        click.echo(f"... {frame.height - rows} more rows; --rows or --format csv show them", err=True)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


@contextmanager
def progress() -> Iterator[list[str]]:
    """Show the run's progress in a terminal; elsewhere be quiet but for warnings. Gives the warnings."""
    from pipelines.settings import SQL_DIR  # noqa: PLC0415
    from pipelines.warehouse.models import load_models  # noqa: PLC0415

    logger = logging.getLogger("cambrian")
    logger.setLevel(logging.INFO)
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    warnings: list[str] = []
    told_at = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("starting", total=len(load_models(SQL_DIR)))

        def show(record: logging.LogRecord) -> None:
            nonlocal told_at
            message = record.getMessage()
            if record.levelno >= logging.WARNING:
                warnings.append(message)
                errors.print(escape(message))
            elif not errors.is_terminal and time.monotonic() - told_at > SECONDS_BETWEEN_LINES:
                told_at = time.monotonic()
                errors.print(escape(message))
            bar.update(task, description=escape(message[:100]), advance=record.name == "cambrian.tables")

        handler = _CallbackHandler(show)
        logger.addHandler(handler)
        try:
            yield warnings
        finally:
            logger.removeHandler(handler)


class _CallbackHandler(logging.Handler):
    """Hands each record to a function."""

    def __init__(self, callback: Callable[[logging.LogRecord], None]) -> None:
        super().__init__()
        self._callback = callback

    def emit(self, record: logging.LogRecord) -> None:
        self._callback(record)
