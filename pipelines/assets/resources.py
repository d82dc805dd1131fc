"""What a run holds while it runs: the writer's lock, the warehouse, the payload store, the client."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb

from pipelines.settings import CODE_PATHS, SQL_DIR, Settings
from pipelines.sources.http import Client
from pipelines.sources.payloads import PayloadStore
from pipelines.warehouse.checks import Check, file_checks, header_checks
from pipelines.warehouse.connection import open_warehouse
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.models import SqlModel, load_models
from pipelines.warehouse.release import inputs_checksum

if TYPE_CHECKING:
    Result = dg.MaterializeResult[Any]
else:
    Result = dg.MaterializeResult  # Dagster reads the annotation and does not know the subscripted form


@dataclass(frozen=True)
class Workspace:
    """The open warehouse of one run, and where its inputs and outputs lie."""

    settings: Settings
    connection: duckdb.DuckDBPyConnection
    models: dict[str, SqlModel]
    checks: dict[str, list[Check]]
    payloads: PayloadStore
    client: Client
    #: Names the code, SQL and registers as they were when the run began.
    code_sha256: str


def checks_by_table(models: dict[str, SqlModel], sql_dir: Path = SQL_DIR) -> dict[str, list[Check]]:
    """Give every check of every table, those of the headers first."""
    checks = {table: header_checks(model) for table, model in models.items()}
    for check in file_checks(sql_dir / "checks"):
        checks[check.table].append(check)
    return checks


@contextmanager
def open_workspace(settings: Settings, purpose: str) -> Iterator[Workspace]:
    """Take the writer's lock and open the warehouse; both are given back at the end, whatever happens."""
    models = load_models(SQL_DIR)
    with (
        writer_lock(settings.lock_path, purpose),
        open_warehouse(settings.warehouse_path) as connection,
        Client(longest_wait_seconds=60 * settings.patience_minutes) as client,
    ):
        yield Workspace(
            settings,
            connection,
            models,
            checks_by_table(models),
            PayloadStore(settings.payloads_dir),
            client,
            inputs_checksum(settings.as_of, CODE_PATHS, settings.site_url),
        )


def workspace_resource(settings: Settings) -> dg.ResourceDefinition:
    """Give the Dagster resource that opens a workspace for the time of a run."""

    @dg.resource(description="The writer's lock and the open warehouse, for the time of a run.")
    def workspace(context: dg.InitResourceContext) -> Iterator[Workspace]:
        purpose = f"run {context.run.run_id[:8]}" if context.run else "cambrian"
        with open_workspace(settings, purpose) as opened:
            yield opened

    return workspace
