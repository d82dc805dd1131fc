"""Payloads: what the sources answered, landed before anything is parsed."""

from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg
import polars as pl

from pipelines.assets.resources import Result, Workspace
from pipelines.settings import RECORDED_DIR
from pipelines.sources.http import new_session
from pipelines.sources.huggingface import MODELS_SOURCE, land_today
from pipelines.sources.payloads import Manifest
from pipelines.sources.recorded import land_recorded
from pipelines.sources.recording import Recording
from pipelines.sources.series import COUNTERS_SOURCE, PACKAGES_SOURCE, STARS_SOURCE
from pipelines.warehouse.errors import LoadError
from pipelines.warehouse.load import LandedSnapshot

OWNERS = ["team:cambrian"]
LIVE_START = "2026-11-01"
LIVE_MODEL_COUNT = 10_000
DAILY = dg.DailyPartitionsDefinition(start_date=LIVE_START, timezone="UTC", end_offset=1)

_DESCRIPTIONS = {
    MODELS_SOURCE: "Hugging Face's list of models: snapshots of several collectors, each with its scope.",
    COUNTERS_SOURCE: "Two years of daily downloads and likes of 276 embedding models.",
    STARS_SOURCE: "Daily stars of AI repositories on GitHub while they were in a top 100.",
    PACKAGES_SOURCE: "Monthly places of Python packages among the most downloaded.",
}
SOURCES = tuple(_DESCRIPTIONS)


def payload_key(source: str) -> dg.AssetKey:
    """Give the asset key under which a source's payloads stand in the graph."""
    return dg.AssetKey(["payloads", source])


def recorded_payloads(source: str) -> dg.AssetsDefinition:
    """Make the asset that lands all recorded snapshots of a source in one step."""

    @dg.asset(
        key=payload_key(source),
        description=_DESCRIPTIONS[source],
        group_name="payloads",
        kinds={"json"},
        owners=OWNERS,
    )
    def payloads(workspace: dg.ResourceParam[Workspace]) -> Result:
        return _result(land_recorded(Recording(RECORDED_DIR), source, workspace.payloads))

    return payloads


@dg.asset(
    key=payload_key("huggingface_models_today"),
    description="Today's most downloaded models from the live Hub. A past day cannot be fetched any more.",
    group_name="payloads",
    kinds={"json", "huggingface"},
    owners=OWNERS,
    partitions_def=DAILY,
)
def live_models(context: dg.AssetExecutionContext, workspace: dg.ResourceParam[Workspace]) -> Result:
    """Land today's partition; any other day must have been landed on its day."""
    settings = workspace.settings
    with new_session() as session:
        manifest = land_today(
            session,
            settings.hf_endpoint,
            workspace.payloads,
            day=datetime.strptime(context.partition_key, "%Y-%m-%d").replace(tzinfo=UTC).date(),
            today=settings.today,
            count=LIVE_MODEL_COUNT,
            token=settings.hf_token,
        )
    return _result([manifest])


def landed_snapshots(workspace: Workspace, source: str) -> list[LandedSnapshot]:
    """Give the complete snapshots of a source up to the run's as-of date, for the loader."""
    return [
        LandedSnapshot(
            manifest.snapshot.day,
            manifest.snapshot.scope,
            manifest.sha256,
            lambda manifest=manifest: workspace.payloads.files(manifest),  # type: ignore[misc]
        )
        for manifest in manifests(workspace, source)
    ]


def manifests(workspace: Workspace, source: str) -> list[Manifest]:
    """Give the manifests of a source's complete snapshots up to the run's as-of date."""
    found = workspace.payloads.manifests(source)
    return [manifest for manifest in found if manifest.snapshot.day <= workspace.settings.as_of]


def snapshot_frame(workspace: Workspace) -> pl.DataFrame:
    """Give raw.snapshots: one row for each landed snapshot of each source."""
    rows = [
        {
            "source": source,
            "snapshot_date": manifest.snapshot.day,
            "scope": manifest.snapshot.scope,
            "title": manifest.snapshot.title,
            "is_whole_population": manifest.snapshot.is_whole_population,
            "date_uncertainty_days": manifest.snapshot.date_uncertainty_days,
            "fields": list(manifest.snapshot.fields),
            "origin": manifest.snapshot.origin,
            "licence": manifest.snapshot.licence,
            "attribution": manifest.snapshot.attribution,
            "pages": len(manifest.pages),
            "content_sha256": manifest.sha256,
        }
        for source in SOURCES
        for manifest in manifests(workspace, source)
    ]
    if not rows:
        raise LoadError(f"Nothing was landed up to {workspace.settings.as_of}; try a later --as-of.")
    return pl.DataFrame(rows, schema_overrides={"fields": pl.List(pl.String)}, infer_schema_length=None)


def _result(landed: Sequence[Manifest]) -> Result:
    lines = [
        f"| {m.snapshot.day} | {m.snapshot.scope} | {len(m.pages)} | {m.snapshot.title} |" for m in landed
    ]
    table = "\n".join(["| day | scope | pages | what |", "|---|---|---|---|", *lines])
    return dg.MaterializeResult(
        metadata={
            "snapshots": len(landed),
            "pages": sum(len(manifest.pages) for manifest in landed),
            "megabytes": round(sum(page["bytes"] for m in landed for page in m.pages) / 1e6, 3),
            "landed": dg.MetadataValue.md(table),
        }
    )
