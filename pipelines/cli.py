"""The `cambrian` command: run, record, serve, query, status, tables.

Here: reading options, calling the library, telling people what happened. Dagster is imported only by `run`,
so that the others start at once.
"""

import functools
import http.server
import logging
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pipelines.settings import CODE_PATHS, PROJECT_ROOT, Settings, SettingsError
from pipelines.warehouse.errors import LockTimeoutError, WarehouseError
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.release import current_manifest, inputs_checksum, made_from

if TYPE_CHECKING:
    import dagster as dg
    import duckdb
    import polars as pl

EXIT_CODES = """
\b
Exit codes:
  0  done
  1  failed for a reason not listed here
  2  the command line or the environment is wrong
  3  the data is wrong: a payload, a register, a table or a check; nothing was published
  4  a source could not be reached or refused; what was landed stays, the others were published
  5  nothing is published yet
  6  another command was writing for too long
  7  the SQL of `query` is wrong
"""
DATA_WRONG, SOURCE_FAILED, NOT_PUBLISHED, LOCKED, SQL_WRONG = 3, 4, 5, 6, 7
_EXIT_CODE_OF = {
    "PayloadError": DATA_WRONG,
    "RegisterError": DATA_WRONG,
    "ContractError": DATA_WRONG,
    "CheckError": DATA_WRONG,
    "LoadError": DATA_WRONG,
    "WarehouseError": DATA_WRONG,
    "DagsterAssetCheckFailedError": DATA_WRONG,
    "TransientError": SOURCE_FAILED,
    "PermanentError": SOURCE_FAILED,
    "PastDayError": SOURCE_FAILED,
    "QuotaError": SOURCE_FAILED,
    "GarbledError": SOURCE_FAILED,
    "LockTimeoutError": LOCKED,
}

#: Where there is no terminal to draw a bar in, long work says a line now and then.
SECONDS_BETWEEN_LINES = 30

errors = Console(stderr=True, highlight=False)


class _Failure(click.ClickException):
    """An error with its own exit code and nothing but its message."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        vars(self)["exit_code"] = exit_code  # click declares it for the class; each of ours has its own


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cambrian")
def main() -> None:
    """Cambrian, an observatory of the open-model ecosystem.

    Is the Cambrian explosion of open models still on, and who holds the switch? `cambrian run` answers from
    the recorded data, without network; `cambrian serve` shows the pages.
    """


@main.command()
@click.option(
    "--source",
    type=click.Choice(["recorded", "live"]),
    help="Where the data comes from; default CAMBRIAN_SOURCE or recorded.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Build from what was landed up to that day (a series counts by its last day). Default: today, UTC.",
)
@click.option(
    "--depth",
    metavar="DEPTH[,DEPTH]",
    help="Live: how much of the Hub to list; default CAMBRIAN_DEPTH or top. `top` is the most downloaded "
    "models and all that was created or changed since the last walk, `full` the whole Hub (3,000 calls, half "
    "an hour without a token), `families` what descends from the bases, `hub-stats` the Hub from one file.",
)
@click.option("--top", help="Live: how many models `top` takes; default CAMBRIAN_TOP or 10000.")
@click.option(
    "--base",
    "bases",
    multiple=True,
    metavar="ID",
    help="Live: a base whose derivatives `families` lists; may be repeated. Default: all in the register.",
)
@click.option(
    "--recording",
    type=click.Path(exists=True, dir_okay=False),
    help="Replay a file that `cambrian record` wrote; as of its last day.",
)
@click.option(
    "--force", is_flag=True, help="Make everything anew even if nothing changed since the last run."
)
def run(
    as_of: datetime | None,
    recording: str | None,
    bases: tuple[str, ...],
    *,
    force: bool,
    **options: str | None,
) -> None:
    """Fetch or replay the sources, make every table, check, and publish one release.

    A live run goes on where an interrupted one of the same day stopped. A source in trouble leaves the others
    and its own older days in place; then the exit code is 4, and the pages say what is stale.
    """
    recording = recording or os.environ.get("CAMBRIAN_RECORDING") or None
    day = as_of.date() if as_of else _recorded_day(recording)
    settings = _settings(as_of=day, recording=recording, bases=",".join(bases), **options)
    is_comparable = settings.source == "recorded" and settings.recording is None
    if not force and is_comparable and _is_current(settings):
        click.echo("nothing new since the last run (--force makes everything anew)")
        _tell_where(settings)
        return
    started = datetime.now(UTC)
    with _progress() as failed:
        result = _execute(settings)
    if not result.success:
        message, code = _explain(result)
        raise _Failure(message, code)
    seconds = (datetime.now(UTC) - started).total_seconds()
    release = _release_metadata(result)
    for source, requests in _requests(result).items():
        click.echo(f"asked {source}: {requests}")
    state = "published" if release.get("is_new") else "nothing new; still"
    click.echo(f"{state}: release {release.get('release')} in {seconds:.0f} s")
    _tell_where(settings)
    if failed:
        click.echo(f"  {len(failed)} warnings, see above")
    in_trouble = _sources_in_trouble(result)
    if in_trouble:
        raise _Failure("\n".join(in_trouble), SOURCE_FAILED)


def _recorded_day(recording: str | None) -> date | None:
    from pipelines.sources.errors import PayloadError  # noqa: PLC0415
    from pipelines.sources.packing import look_into  # noqa: PLC0415

    if recording is None:
        return None
    try:
        return look_into(Path(recording)).as_of
    except PayloadError as error:
        raise _Failure(str(error), DATA_WRONG) from error


def _requests(result: "dg.ExecuteInProcessResult") -> dict[str, str]:
    """Say how many requests a live run made, by source and host."""
    requests = {}
    for event in result.get_asset_materialization_events():
        metadata = event.step_materialization_data.materialization.metadata
        if event.asset_key and "requests" in metadata:
            by_host: Any = metadata["requests"].value
            words = [f"{count:,} requests to {host}" for host, count in sorted(by_host.items())]
            requests[event.asset_key.path[-1]] = ", ".join(words) or "no request"
    return requests


def _sources_in_trouble(result: "dg.ExecuteInProcessResult") -> list[str]:
    """Say which live sources brought nothing new, and why; what they had before was published."""
    return [
        f"{data.asset_key.path[-1]}: {data.metadata['reason'].value}"
        for data in result.get_asset_check_evaluations()
        if data.check_name == "is_whole" and not data.passed
    ]


def _is_current(settings: Settings) -> bool:
    """Whether the published release was made from the very recording, registers, SQL and code of now."""
    sealed = current_manifest(settings.home).get("inputs_sha256")
    return bool(sealed) and sealed == made_from(
        inputs_checksum(settings.as_of, CODE_PATHS), settings.payloads_dir
    )


def _tell_where(settings: Settings) -> None:
    click.echo(f"  pages   {settings.site_dir / 'index.html'}")
    click.echo(f"  tables  {settings.published_path}")


def _execute(settings: Settings) -> "dg.ExecuteInProcessResult":
    """Run the job `refresh` in this process, recorded in the instance that the UI shows."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PROJECT_ROOT / "dagster.yaml", settings.dagster_home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    import dagster as dg  # noqa: PLC0415 - takes two seconds, and only this command needs it

    from pipelines.assets.live import LIVE_START  # noqa: PLC0415
    from pipelines.definitions import build_defs  # noqa: PLC0415

    day = settings.as_of.isoformat()
    if settings.source == "live" and day < LIVE_START:
        raise _Failure(f"Live landings begin on {LIVE_START}; {day} cannot be had any more.", SOURCE_FAILED)
    job = build_defs(settings).resolve_job_def("refresh")
    with dg.DagsterInstance.get() as instance:
        return job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            partition_key=day if settings.source == "live" else None,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )


def _explain(result: "dg.ExecuteInProcessResult") -> tuple[str, int]:
    """Say what failed, in the words of the error itself, and which exit code that is."""
    checks = [
        f"{data.asset_key.to_user_string()}: check {data.check_name} found "
        f"{data.metadata['bad_rows'].value} bad rows: {data.metadata['sample'].value}"
        for data in result.get_asset_check_evaluations()
        if not data.passed and data.severity.value == "ERROR" and "bad_rows" in data.metadata
    ]
    if checks:
        return "\n".join([*checks, "Nothing was published; the last release stays."]), DATA_WRONG
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        while error is not None:
            name = (error.cls_name or "").rpartition(".")[2]
            if name in _EXIT_CODE_OF or error.cause is None:
                words = re.sub(rf"^[\w.]*\b{name}: ", "", error.message.strip())
                return words, _EXIT_CODE_OF.get(name, 1)
            error = error.cause
    return "The run failed; `make ui` shows its log.", 1


def _release_metadata(result: "dg.ExecuteInProcessResult") -> dict[str, Any]:
    for event in result.get_asset_materialization_events():
        if event.asset_key and event.asset_key.path[-1] == "release":
            metadata = event.step_materialization_data.materialization.metadata
            return {name: value.value for name, value in metadata.items()}
    return {}


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day to pack; default the newest landed day alone.",
)
def record(file: Path, since: datetime | None) -> None:
    """Pack what was landed live into FILE, so that others can replay it.

    \b
    cambrian record day.tar
    CAMBRIAN_SOURCE=recorded cambrian run --recording day.tar
    """
    from pipelines.sources.errors import PayloadError  # noqa: PLC0415
    from pipelines.sources.packing import newest_day, pack  # noqa: PLC0415
    from pipelines.sources.payloads import PayloadStore  # noqa: PLC0415

    settings = _settings()
    store = PayloadStore(settings.payloads_dir)
    try:
        with writer_lock(settings.lock_path, "record"):
            until = newest_day(store)
            packed = pack(store, file, since.date() if since else until, until)
    except PayloadError as error:
        raise _Failure(str(error), DATA_WRONG) from error
    except LockTimeoutError as error:
        raise _Failure(str(error), LOCKED) from error
    except OSError as error:
        raise _Failure(f"{file} cannot be written ({error.strerror}).", 2) from error
    days = f"{packed.days[0]} to {packed.days[-1]}" if len(packed.days) > 1 else f"{packed.days[0]}"
    megabytes = file.stat().st_size / 1e6
    click.echo(f"{file}: {days}, {packed.snapshots} snapshots, {packed.pages} pages, {megabytes:.1f} MB")


@main.command()
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1.")
def serve(port: int) -> None:
    """Serve the pages of the current release on 127.0.0.1 until Ctrl-C."""
    settings = _settings()
    if not (settings.site_dir / "index.html").exists():
        raise _not_published(settings)
    handler = functools.partial(_QuietHandler, directory=str(settings.site_dir))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise _Failure(f"Port {port} cannot be used ({error.strerror}); try --port.", 2) from error
    click.echo(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C to stop)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("stopped")
    finally:
        server.server_close()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line per request, and never from a browser's old copy."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        pass


@main.command(context_settings={"ignore_unknown_options": True})  # SQL may begin with a `--` comment
@click.argument("sql")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    default="table",
    show_default=True,
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File; default the terminal.")
@click.option("--rows", default=40, show_default=True, help="How many rows a table in the terminal shows.")
def query(sql: str, kind: str, output: Path | None, rows: int) -> None:
    """Ask the published tables. SQL is a query, or the path of a .sql file.

    \b
    cambrian query "from marts.headlines"
    cambrian query sql/examples/heaviest_generative_models.sql --format csv
    """
    if sql.endswith(".sql") and " " not in sql:
        if not Path(sql).is_file():
            raise click.UsageError(f"There is no file {sql}.")
        sql = Path(sql).read_text()
    if kind == "parquet" and output is None and sys.stdout.isatty():
        raise click.UsageError("Parquet is not for a terminal: give --output FILE or redirect.")
    with _published() as connection:
        frame = _ask(connection, sql)
    if kind == "table":
        _print_table(frame, rows)
        return
    target: Any = output or sys.stdout.buffer
    if kind == "csv":
        if any(dtype.is_nested() for dtype in frame.dtypes):
            raise click.UsageError("CSV has no lists; ask for json or parquet, or cast them to varchar.")
        frame.write_csv(target)
    elif kind == "json":
        frame.write_json(target)
    else:
        frame.write_parquet(target)


@main.command()
def status() -> None:
    """Show each source: newest day, rows, coverage, age."""
    settings = _settings()
    with _published() as connection:
        frame = _ask(
            connection,
            "select source, scope, newest_date, rows, subjects, missing_days, with_downloads_pct, "
            "with_created_at_pct, with_task_pct, with_parent_pct, rejected_values "
            "from marts.coverage order by source, newest_date",
        )
    import polars as pl  # noqa: PLC0415

    age = (pl.lit(settings.today) - pl.col("newest_date")).dt.total_days().alias("age_days")
    percentages = pl.selectors.ends_with("_pct").round(1)
    _print_table(frame.with_columns(percentages).insert_column(3, frame.select(age).to_series()), 200)
    click.echo(f"release {settings.current_release.resolve().name}, home {settings.home}")


@main.command()
@click.argument("table", required=False)
def tables(table: str | None) -> None:
    """The data dictionary: all published tables, or the columns of one."""
    overview = (
        "select schema_name || '.' || table_name as table_name, estimated_size as rows, comment as meaning "
        "from duckdb_tables() where schema_name in ('core', 'marts') order by 1"
    )
    columns = (
        "select column_name, data_type, comment as meaning from duckdb_columns() "
        "where schema_name || '.' || table_name = $table order by column_index"
    )
    with _published() as connection:
        frame = _ask(connection, columns, {"table": table}) if table else _ask(connection, overview)
    if frame.is_empty():
        raise _Failure(f"There is no table {table}; names are like marts.headlines.", 2)
    _print_table(frame, 500)


def _settings(**options: Any) -> Settings:
    try:
        return Settings.from_environment(**options)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


@contextmanager
def _published() -> "Iterator[duckdb.DuckDBPyConnection]":
    from pipelines.warehouse.connection import open_published  # noqa: PLC0415 - heavy

    settings = _settings()
    try:
        connection = open_published(settings.published_path)
    except FileNotFoundError as error:
        raise _not_published(settings) from error
    except WarehouseError as error:
        raise _Failure(f"{error} `cambrian run --force` publishes it anew.", DATA_WRONG) from error
    with connection:
        yield connection


def _ask(
    connection: "duckdb.DuckDBPyConnection", sql: str, params: dict[str, Any] | None = None
) -> "pl.DataFrame":
    import duckdb  # noqa: PLC0415

    try:
        relation: Any = connection.sql(sql, params=params) if params else connection.sql(sql)
        frame: pl.DataFrame | None = None if relation is None else relation.pl()
    except duckdb.Error as error:
        raise _Failure(str(error), SQL_WRONG) from error
    if frame is None:
        raise _Failure("That is no query; the published file is for reading.", SQL_WRONG)
    return frame


def _not_published(settings: Settings) -> _Failure:
    return _Failure(
        f"Nothing is published in {settings.home} yet. Run `cambrian run`, or set CAMBRIAN_HOME.",
        NOT_PUBLISHED,
    )


def _print_table(frame: "pl.DataFrame", rows: int) -> None:
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
def _progress() -> Iterator[list[str]]:
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


if __name__ == "__main__":
    main()
