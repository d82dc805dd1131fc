"""Payloads of the shipped recording, and what the loader and raw.* see of all landed payloads."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from pipelines.assets.resources import Result, Workspace
from pipelines.assets.sources import LIST_SOURCES, SOURCES
from pipelines.settings import RECORDED_DIR
from pipelines.sources.packing import unpack
from pipelines.sources.payloads import Manifest
from pipelines.sources.recorded import land_recorded
from pipelines.sources.recording import Recording
from pipelines.sources.retention import in_tables, thinnable
from pipelines.warehouse.counters import counters_file
from pipelines.warehouse.errors import LoadError
from pipelines.warehouse.load import LandedSnapshot

logger = logging.getLogger("cambrian.landing")

OWNERS = ["team:cambrian"]


def payload_key(source: str) -> dg.AssetKey:
    """Give the asset key under which a source's payloads stand in the graph."""
    return dg.AssetKey(["payloads", source])


def recorded_payloads(source: str) -> dg.AssetsDefinition:
    """Make the asset that lands all recorded snapshots of a source in one step."""

    @dg.asset(
        key=payload_key(source),
        description=SOURCES[source].description,
        group_name="payloads",
        kinds={"json"},
        owners=OWNERS,
    )
    def payloads(workspace: dg.ResourceParam[Workspace]) -> Result:
        landed = land_recorded(Recording(RECORDED_DIR), source, workspace.payloads)
        return dg.MaterializeResult(metadata=landing_metadata(landed))

    return payloads


def replayed_payloads(recording: Path) -> dg.AssetsDefinition:
    """Make the asset that lands what somebody recorded with `cambrian record`."""

    @dg.asset(
        key=payload_key("replayed"),
        description="The live payloads of other days or another home, from a file of `cambrian record`.",
        group_name="payloads",
        kinds={"json"},
        owners=OWNERS,
    )
    def payloads(workspace: dg.ResourceParam[Workspace]) -> Result:
        return dg.MaterializeResult(metadata=landing_metadata(unpack(recording, workspace.payloads)))

    return payloads


def manifests(workspace: Workspace, source: str) -> list[Manifest]:
    """Give the manifests of a source's usable snapshots up to the run's as-of date.

    Where every row is an observation of its own, a snapshot that is not complete yet is usable too.
    """
    found = workspace.payloads.manifests(source, incomplete=SOURCES[source].is_standalone)
    return [
        manifest
        for manifest in found
        if manifest.snapshot.day <= workspace.settings.as_of and (manifest.is_complete or manifest.pages)
    ]


def landed_snapshots(workspace: Workspace, sources: Sequence[str]) -> list[LandedSnapshot]:
    """Give what a raw table holds: the usable snapshots of its sources, long lists as far as they stay."""
    return [
        LandedSnapshot(
            source,
            manifest.snapshot.day,
            manifest.snapshot.scope,
            manifest.sha256,
            lambda manifest=manifest: workspace.payloads.files(manifest),  # type: ignore[misc]
            manifest.snapshot.is_live,
        )
        for source in sources
        for manifest in _in_tables(source, manifests(workspace, source))
    ]


def _in_tables(source: str, found: list[Manifest]) -> list[Manifest]:
    return in_tables(found) if source in LIST_SOURCES else found


def thin_out(workspace: Workspace) -> None:
    """Remove the pages of whole lists that are no longer needed and whose counters are kept.

    Also what a run that was killed at this left of lists that are thinned already.
    """
    for source in LIST_SOURCES:
        found = workspace.payloads.manifests(source)
        for manifest in [*thinnable(found), *(manifest for manifest in found if manifest.is_thinned)]:
            snapshot = manifest.snapshot
            kept = counters_file(workspace.settings.counters_dir, snapshot.day, snapshot.scope)
            if (manifest.is_thinned or kept.exists()) and workspace.payloads.thin(manifest):
                logger.info("%s %s: pages removed, counters kept", snapshot.day, snapshot.scope)


def snapshot_frame(workspace: Workspace) -> pl.DataFrame:
    """Give raw.snapshots: one row for each landed snapshot of each source."""
    rows = [
        {
            "source": source,
            "snapshot_date": manifest.snapshot.day,
            "scope": manifest.snapshot.scope,
            "title": manifest.snapshot.title,
            "is_whole_population": manifest.snapshot.is_whole_population,
            "is_live": manifest.snapshot.is_live,
            "is_complete": manifest.is_complete,
            "selection": manifest.snapshot.selection or None,
            "subjects": manifest.snapshot.subjects,
            "date_uncertainty_days": manifest.snapshot.date_uncertainty_days,
            "fields": list(manifest.snapshot.fields),
            "origin": manifest.snapshot.origin,
            "licence": manifest.snapshot.licence,
            "attribution": manifest.snapshot.attribution,
            "pages": manifest.page_count,
            "notes": manifest.notes,
            "content_sha256": manifest.sha256,
        }
        for source in SOURCES
        for manifest in manifests(workspace, source)
    ]
    if not rows:
        raise LoadError(f"Nothing was landed up to {workspace.settings.as_of}; try a later --as-of.")
    texts = pl.List(pl.String)
    types: dict[str, Any] = {"fields": texts, "notes": texts, "subjects": pl.Int64, "selection": pl.String}
    return pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)


def page_frame(workspace: Workspace) -> pl.DataFrame:
    """Give raw.pages: one row for each landed page of the sources that are asked subject by subject."""
    rows = [
        {
            "source": source,
            "snapshot_date": manifest.snapshot.day,
            "scope": manifest.snapshot.scope,
            "page": int(re.sub(r"\D", "", page.file.partition(".")[0])),
            "subject": page.subject or None,
            "status": page.status,
            "url": page.url,
            "final_url": page.final_url,
            "records": page.records,
            "has_next": page.next_url is not None,
        }
        for source, info in SOURCES.items()
        if info.is_standalone
        for manifest in manifests(workspace, source)
        for page in manifest.pages
    ]
    schema = {
        "source": pl.String, "snapshot_date": pl.Date, "scope": pl.String, "page": pl.Int64,
        "subject": pl.String, "status": pl.Int64, "url": pl.String, "final_url": pl.String,
        "records": pl.Int64, "has_next": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def source_frame(workspace: Workspace) -> pl.DataFrame:
    """Give core.sources: how fresh each source is, and what its last attempt said."""
    rows = []
    for source, info in SOURCES.items():
        parts = [source, *(name for name, other in SOURCES.items() if other.part_of == source)]
        found = [] if info.part_of else [m for part in parts for m in manifests(workspace, part)]
        for is_live in (False, True):
            newest = max(
                (m for m in found if m.snapshot.is_live == is_live),
                key=lambda manifest: (manifest.snapshot.day, not manifest.is_complete),
                default=None,
            )
            is_asked = is_live and workspace.payloads.last_attempt(source) is not None
            if newest is not None or (is_asked and info.part_of is None):
                rows.append(_freshness(workspace, source, newest, is_live=is_live))
    schema = {
        "source": pl.String, "description": pl.String, "is_live": pl.Boolean, "as_of_date": pl.Date,
        "newest_date": pl.Date, "newest_is_complete": pl.Boolean, "age_days": pl.Int64,
        "cadence_days": pl.Int64, "is_stale": pl.Boolean, "attempted_date": pl.Date, "failure": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def _freshness(
    workspace: Workspace, source: str, newest: Manifest | None, *, is_live: bool
) -> dict[str, Any]:
    as_of = workspace.settings.as_of
    day = newest.snapshot.day if newest else None
    cadence = SOURCES[source].cadence_days if is_live else None
    age = (as_of - day).days if day else None
    attempted, failure = (workspace.payloads.last_attempt(source) if is_live else None) or (None, None)
    if attempted is not None and attempted > as_of:
        attempted, failure = None, None
    return {
        "source": source,
        "description": SOURCES[source].description,
        "is_live": is_live,
        "as_of_date": as_of,
        "newest_date": day,
        "newest_is_complete": newest.is_complete if newest else None,
        "age_days": age,
        "cadence_days": cadence,
        "is_stale": failure is not None or (cadence is not None and (age is None or age > cadence)),
        "attempted_date": attempted,
        "failure": failure,
    }


def landing_metadata(landed: Sequence[Manifest]) -> dict[str, Any]:
    """Say in the Dagster UI what was landed."""
    lines = [
        f"| {m.snapshot.day} | {m.snapshot.scope} | {m.page_count} | {m.snapshot.title} |" for m in landed
    ]
    table = "\n".join(["| day | scope | pages | what |", "|---|---|---|---|", *lines])
    return {
        "snapshots": len(landed),
        "pages": sum(manifest.page_count for manifest in landed),
        "megabytes": round(sum(page.bytes for m in landed for page in m.pages) / 1e6, 3),
        "landed": dg.MetadataValue.md(table),
        "notes": dg.MetadataValue.json([note for manifest in landed for note in manifest.notes]),
    }
