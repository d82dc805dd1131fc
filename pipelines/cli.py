"""The `cambrian` command: run, record, serve, query, status, tables, shutdown.

Here: reading options, calling the library, telling people what happened. Dagster is imported only by `run`,
so that the others start at once.
"""

import functools
import http.server
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.assets.report import (
    DATA_WRONG,
    INTERRUPTED,
    INTERRUPTED_WORDS,
    LOCKED,
    NOT_PUBLISHED,
    SOURCE_FAILED,
    SQL_WRONG,
    explain,
    release_metadata,
    requests,
    sources_in_trouble,
)
from pipelines.settings import CODE_PATHS, PROJECT_ROOT, Settings, SettingsError
from pipelines.terminal import print_table, progress
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
  130  interrupted; what was landed stays
"""


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
    _refuse_idle_options(settings, [name for name in ("depth", "top") if options.get(name)], bases)
    is_comparable = settings.source == "recorded" and settings.recording is None
    if not force and is_comparable and _is_current(settings):
        click.echo("nothing new since the last run (--force makes everything anew)")
        _tell_where(settings)
        return
    started = datetime.now(UTC)
    try:
        with progress() as failed:
            result = _execute(settings)
    except KeyboardInterrupt:
        raise _Failure(INTERRUPTED_WORDS, INTERRUPTED) from None
    if not result.success:
        message, code = explain(result)
        raise _Failure(message, code)
    seconds = (datetime.now(UTC) - started).total_seconds()
    release = release_metadata(result)
    for source, words in requests(result).items():
        click.echo(f"asked {source}: {words}")
    state = "published" if release.get("is_new") else "nothing new; still"
    click.echo(f"{state}: release {release.get('release')} in {seconds:.0f} s")
    _tell_where(settings)
    if failed:
        click.echo(f"  {len(failed)} warnings, see above")
    in_trouble = sources_in_trouble(result)
    if in_trouble:
        raise _Failure("\n".join(in_trouble), SOURCE_FAILED)


def _refuse_idle_options(settings: Settings, given: list[str], bases: tuple[str, ...]) -> None:
    """Refuse options that would do nothing: whoever gave them believes that they did."""
    if settings.source != "live" and (given or bases):
        names = ", ".join(f"--{name}" for name in [*given, *(["base"] if bases else [])])
        raise click.UsageError(f"{names} only means something with --source live.")
    if bases and "families" not in settings.depths:
        raise click.UsageError("--base only means something with --depth families.")
    if settings.source == "live" and settings.recording is not None:
        raise click.UsageError("A recording is replayed in place of live sources: leave out --source live.")


def _recorded_day(recording: str | None) -> date | None:
    from pipelines.sources.errors import PayloadError  # noqa: PLC0415
    from pipelines.sources.packing import look_into  # noqa: PLC0415

    if recording is None:
        return None
    try:
        return look_into(Path(recording)).as_of
    except PayloadError as error:
        raise _Failure(str(error), DATA_WRONG) from error


def _is_current(settings: Settings) -> bool:
    """Whether the published release was made from the very recording, registers, SQL and code of now."""
    sealed = current_manifest(settings.home).get("inputs_sha256")
    return bool(sealed) and sealed == made_from(
        inputs_checksum(settings.as_of, CODE_PATHS, settings.site_url), settings.payloads_dir
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
        print_table(frame, rows)
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
    """Show how fresh each live source is, and of each population the newest day, rows and coverage."""
    settings = _settings()
    with _published() as connection:
        live = _ask(
            connection,
            "select source, newest_date, age_days, newest_is_complete as is_complete, is_stale, "
            "attempted_date, failure from core.sources where is_live order by is_stale desc, source",
        )
        frame = _ask(
            connection,
            "select source, scope, newest_date, rows, subjects, missing_days, with_downloads_pct, "
            "with_created_at_pct, with_task_pct, with_parent_pct, rejected_values "
            "from marts.coverage order by source, newest_date",
        )
    import polars as pl  # noqa: PLC0415

    if not live.is_empty():
        click.echo("live sources, as of this release")
        print_table(live.with_columns(pl.col("failure").str.slice(0, 60)), 200)
        click.echo("\ncoverage")
    age = (pl.lit(settings.today) - pl.col("newest_date")).dt.total_days().alias("age_days")
    percentages = pl.selectors.ends_with("_pct").round(1)
    print_table(frame.with_columns(percentages).insert_column(3, frame.select(age).to_series()), 200)
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
    print_table(frame, 500)


@main.command()
@click.argument("organizations", nargs=-1, required=True, metavar="ORGANIZATION...")
@click.option(
    "--kind",
    type=click.Choice(["delete", "freeze"]),
    default="delete",
    show_default=True,
    help="delete: their repositories vanish. freeze: they release nothing more; what exists goes on.",
)
@click.option(
    "--weight",
    type=click.Choice(["downloads", "derivatives"]),
    help="What is counted; default downloads, for a freeze derivatives.",
)
@click.option(
    "--substitution",
    type=click.FloatRange(0, 1),
    help="freeze: which part of the loss others make good; default 0.",
)
@click.option("--universe", help="delete: generative_language (default), embedding, ..., or all.")
@click.option("--scope", help="Which list; default the one behind the overview.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def shutdown(organizations: tuple[str, ...], *, kind: str, as_json: bool, **options: Any) -> None:
    """What is left if these organizations stop? Ids, names or accounts of the register.

    \b
    cambrian shutdown openai meta
    cambrian shutdown Qwen --kind freeze --substitution 0.5
    """
    from pipelines import shutdown_report as report  # noqa: PLC0415 - heavy

    given = {name: value for name, value in options.items() if value is not None}
    idle = {"delete": {"substitution"}, "freeze": {"universe"}}[kind] & set(given)
    if idle:
        raise click.UsageError(f"--{idle.pop()} means nothing with --kind {kind}.")
    if kind == "freeze" and given.get("weight") == "downloads":
        raise click.UsageError("A freeze is counted in derivatives only; downloads by age are not known.")
    with _published() as connection:
        ask = functools.partial(_ask, connection)
        try:
            meant = report.find_organizations(ask, organizations)
            if kind == "delete":
                answer = report.delete(ask, meant, **given)
            else:
                given.pop("weight", None)
                answer = report.freeze(ask, meant, **given)
        except report.UnknownWordError as error:
            raise click.UsageError(str(error)) from error
    report.print_answer(answer, as_json=as_json)


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


if __name__ == "__main__":
    main()
