"""Tables: registers, raw, and every SQL model, each an asset of the table's name with its checks."""

import logging
from collections.abc import Iterator
from functools import partial

import dagster as dg
import polars as pl

from pipelines.assets.analysed import maker
from pipelines.assets.descent import ATTRIBUTION, LINEAGE, make_attribution, make_lineage
from pipelines.assets.landing import (
    OWNERS,
    landed_snapshots,
    page_frame,
    payload_key,
    snapshot_frame,
    source_frame,
    thin_out,
)
from pipelines.assets.live import live_key
from pipelines.assets.resources import Result, Workspace, checks_by_table
from pipelines.assets.sources import RECORDED_SOURCES, SOURCES
from pipelines.settings import REFERENCE_DIR, SQL_DIR
from pipelines.warehouse.checks import Finding, file_checks, run_check
from pipelines.warehouse.counters import keep_counters, read_counters
from pipelines.warehouse.errors import ContractError
from pipelines.warehouse.load import LandedSnapshot, load_payloads
from pipelines.warehouse.models import SqlModel, build, count, made_frame, preview, tables_read, write_frame
from pipelines.warehouse.registers import read_registers
from pipelines.warehouse.vintages import headline_vintages

logger = logging.getLogger("cambrian.tables")

CONTRACT = "contract"


def table_key(table: str) -> dg.AssetKey:
    """`marts.families` is the asset marts/families."""
    return dg.AssetKey(table.split("."))


def table_assets(
    models: dict[str, SqlModel], *, live_sources: tuple[str, ...], is_replay: bool
) -> list[dg.AssetsDefinition]:
    """Make all table assets; `live_sources` are those whose payloads are assets of the graph.

    A replay may bring payloads of every source.
    """
    payloads = {source: [payload_key("replayed")] if is_replay else [] for source in SOURCES}
    for source in RECORDED_SOURCES:
        payloads[source].append(payload_key(source))
    for source in live_sources:
        payloads[source].append(live_key(source))
    made: list[dg.AssetsDefinition] = [_registers(models), _landed(models, payloads)]
    made += [_raw(models, model, payloads) for model in models.values() if model.payload]
    made += [_counters(models), _lineage(models), _attribution(models), _vintages(models)]
    made += [_analysed(models, model) for model in models.values() if model.inputs]
    made += [_sql(models, model) for model in models.values() if not model.payload and not model.made_by]
    return made


def _spec(model: SqlModel, deps: list[dg.AssetKey] | None = None) -> dg.AssetSpec:
    checked = {
        table
        for check in file_checks(SQL_DIR / "checks")
        if check.table == model.table
        for table in tables_read(check.query)
    }
    read = sorted({*model.reads, *checked} - {model.table})
    return dg.AssetSpec(
        table_key(model.table),
        deps=deps if deps is not None else [table_key(table) for table in read],
        description=model.description,
        group_name=model.schema,
        kinds={"duckdb", "csv" if model.schema == "reference" else "python" if model.made_by else "sql"},
        owners=OWNERS,
        metadata={"dagster/column_schema": _column_schema(model), "dagster/table_name": model.table},
    )


def _column_schema(model: SqlModel) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[dg.TableColumn(name, kind, text) for name, (kind, text) in model.columns.items()]
    )


def _check_specs(models: dict[str, SqlModel], *names: str) -> list[dg.AssetCheckSpec]:
    """Every check blocks: what is wrong is not published.

    The rules of a table's header are one check, `contract`: Dagster takes 30 ms for the events of each check,
    which for 270 single rules would be longer than all the work.
    """
    checks = checks_by_table(models)
    specs = []
    for table in names:
        rules = [check.description for check in checks[table] if check.is_rule]
        specs.append(
            dg.AssetCheckSpec(CONTRACT, asset=table_key(table), description="; ".join(rules), blocking=True)
        )
        specs += [
            dg.AssetCheckSpec(
                check.name, asset=table_key(table), description=check.description, blocking=True
            )
            for check in checks[table]
            if not check.is_rule
        ]
    return specs


def _outcome(workspace: Workspace, model: SqlModel) -> Result:
    """Count, preview and check a table that was just made."""
    rows = count(workspace.connection, model.table)
    logger.info("%s: %d rows", model.table, rows)
    findings = [run_check(workspace.connection, check) for check in workspace.checks[model.table]]
    return dg.MaterializeResult(
        asset_key=table_key(model.table),
        metadata={
            "dagster/row_count": rows,
            "preview": dg.MetadataValue.md(_markdown(preview(workspace.connection, model))),
        },
        check_results=[
            _check_result(model.table, CONTRACT, [found for found in findings if found.check.is_rule]),
            *(
                _check_result(model.table, found.check.name, [found])
                for found in findings
                if not found.check.is_rule
            ),
        ],
    )


def _check_result(table: str, name: str, findings: list[Finding]) -> dg.AssetCheckResult:
    bad = {found.check.description: found.sample for found in findings if not found.passed}
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=table_key(table),
        passed=not bad,
        metadata={
            "rules": len(findings),
            "bad_rows": sum(found.bad_rows for found in findings),
            "sample": dg.MetadataValue.json(bad),
        },
    )


def _markdown(frame: pl.DataFrame) -> str:
    """A preview as Markdown; what comes from an API is cut and cannot break the table."""

    def cell(value: object) -> str:
        return str(value)[:60].replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")

    lines = [" | ".join(frame.columns), " | ".join("---" for _ in frame.columns)]
    lines += [" | ".join(cell(value) for value in row) for row in frame.rows()]
    return "\n".join(f"| {line} |" for line in lines)


def _registers(models: dict[str, SqlModel]) -> dg.AssetsDefinition:
    registers = {table: model for table, model in models.items() if model.schema == "reference"}

    @dg.multi_asset(
        name="registers",
        specs=[_spec(model, deps=[]) for model in registers.values()],
        check_specs=_check_specs(models, *registers),
    )
    def registers_asset(workspace: dg.ResourceParam[Workspace]) -> Iterator[Result]:
        settings = workspace.settings
        frames = read_registers(workspace.models, REFERENCE_DIR, as_of=settings.as_of, today=settings.today)
        for table, frame in frames.items():
            write_frame(workspace.connection, workspace.models[table], frame)
        yield from (_outcome(workspace, workspace.models[table]) for table in frames)

    return registers_asset


def _landed(models: dict[str, SqlModel], payloads: dict[str, list[dg.AssetKey]]) -> dg.AssetsDefinition:
    """The payload store as tables: its snapshots, its pages, how fresh each source is."""
    frames = {
        "raw.snapshots": snapshot_frame,
        "raw.pages": page_frame,
        "core.sources": source_frame,
    }
    deps = sorted({key for keys in payloads.values() for key in keys})

    @dg.multi_asset(
        name="raw_landed",
        specs=[_spec(models[name], deps=deps) for name in frames],
        check_specs=_check_specs(models, *frames),
    )
    def landed(workspace: dg.ResourceParam[Workspace]) -> Iterator[Result]:
        for name, frame in frames.items():
            write_frame(workspace.connection, models[name], frame(workspace))
            yield _outcome(workspace, models[name])

    return landed


def _raw(
    models: dict[str, SqlModel], model: SqlModel, payloads: dict[str, list[dg.AssetKey]]
) -> dg.AssetsDefinition:
    sources = tuple(model.parsers)
    unknown = set(sources) - set(SOURCES)
    if unknown:
        raise ContractError(f"{model.table} is parsed from {sorted(unknown)}, which assets/sources.py lacks.")

    @dg.multi_asset(
        name=model.table.replace(".", "_"),
        specs=[_spec(model, deps=[key for source in sources for key in payloads[source]])],
        check_specs=_check_specs(models, model.table),
    )
    def raw(workspace: dg.ResourceParam[Workspace]) -> Result:
        load_payloads(
            workspace.connection,
            model,
            landed_snapshots(workspace, sources),
            partial(_note_failure, workspace),
        )
        return _outcome(workspace, model)

    return raw


def _note_failure(workspace: Workspace, snapshot: LandedSnapshot, reason: str) -> None:
    """Tell of a live snapshot that cannot be parsed; its earlier rows stay, and everything else goes on."""
    logger.warning("%s", reason)
    workspace.payloads.note_attempt(snapshot.source, snapshot.day, reason)


def _counters(models: dict[str, SqlModel]) -> dg.AssetsDefinition:
    names = ("staging.counted_models", "staging.model_counts")

    @dg.multi_asset(
        name="counters",
        specs=[_spec(models[name], deps=[table_key("staging.models")]) for name in names],
        check_specs=_check_specs(models, *names),
    )
    def counters(workspace: dg.ResourceParam[Workspace]) -> Iterator[Result]:
        """Keep the counters of live lists; then the pages of old whole lists may go."""
        settings = workspace.settings
        keep_counters(workspace.connection, workspace.models, settings.counters_dir)
        read_counters(workspace.connection, workspace.models, settings.counters_dir, settings.as_of)
        thin_out(workspace)
        yield from (_outcome(workspace, models[name]) for name in names)

    return counters


def _sql(models: dict[str, SqlModel], model: SqlModel) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=model.table.replace(".", "_"),
        specs=[_spec(model)],
        check_specs=_check_specs(models, model.table),
    )
    def table(workspace: dg.ResourceParam[Workspace]) -> Result:
        build(workspace.connection, model)
        return _outcome(workspace, model)

    return table


def _analysed(models: dict[str, SqlModel], model: SqlModel) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=model.table.replace(".", "_"),
        specs=[_spec(model)],
        check_specs=_check_specs(models, model.table),
    )
    def table(workspace: dg.ResourceParam[Workspace]) -> Result:
        write_frame(workspace.connection, model, made_frame(workspace.connection, model, maker(model)))
        return _outcome(workspace, model)

    return table


def _lineage(models: dict[str, SqlModel]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="lineage",
        specs=[_spec(models[name]) for name in LINEAGE],
        check_specs=_check_specs(models, *LINEAGE),
    )
    def lineage(workspace: dg.ResourceParam[Workspace]) -> Iterator[Result]:
        make_lineage(workspace.connection, workspace.models)
        yield from (_outcome(workspace, models[name]) for name in LINEAGE)

    return lineage


def _attribution(models: dict[str, SqlModel]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="attribution",
        specs=[_spec(models[name]) for name in ATTRIBUTION],
        check_specs=_check_specs(models, *ATTRIBUTION),
    )
    def attribution(workspace: dg.ResourceParam[Workspace]) -> Iterator[Result]:
        make_attribution(workspace.connection, workspace.models)
        yield from (_outcome(workspace, models[name]) for name in ATTRIBUTION)

    return attribution


def _vintages(models: dict[str, SqlModel]) -> dg.AssetsDefinition:
    model = models["marts.headline_vintages"]

    @dg.multi_asset(
        name=model.table.replace(".", "_"),
        specs=[_spec(model)],
        check_specs=_check_specs(models, model.table),
    )
    def vintages(workspace: dg.ResourceParam[Workspace]) -> Result:
        """Read what earlier releases said; the release appends what is new in this table."""
        settings = workspace.settings
        frame = headline_vintages(workspace.connection, settings.vintages_dir, settings.as_of)
        write_frame(workspace.connection, model, frame.sort(model.key))
        return _outcome(workspace, model)

    return vintages
