"""Payloads of the live APIs: each source on its own, so that one that fails leaves the others in place.

An asset here never stops a run because its source is in trouble: what is landed stays, its check `is_whole`
says what went wrong, and the tables are made from what there is. The exception is a past day of an API that
tells only today: that is refused.
"""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import dagster as dg
import duckdb
import polars as pl

from pipelines.assets.landing import OWNERS, landing_metadata, payload_key
from pipelines.assets.resources import Result, Workspace
from pipelines.assets.sources import SOURCES
from pipelines.settings import REFERENCE_DIR, Depth, Settings, depths_of
from pipelines.sources.arena import land_ratings
from pipelines.sources.errors import PastDayError, QuotaError, SourceError
from pipelines.sources.github import land_releases, land_repositories, land_star_history
from pipelines.sources.hub_stats import land_hub_stats
from pipelines.sources.huggingface import found_before, land_walk, plan_walks
from pipelines.sources.huggingface_details import (
    ACCOUNTS_TO_ASK,
    MODELS_TO_ASK,
    land_details,
    land_overviews,
)
from pipelines.sources.openrouter import land_token_shares
from pipelines.sources.payloads import Manifest
from pipelines.sources.pypistats import land_downloads

logger = logging.getLogger("cambrian.live")

LIVE_START = "2026-11-01"
DAILY = dg.DailyPartitionsDefinition(start_date=LIVE_START, timezone="UTC", end_offset=1)
#: A list that grew or shrank by more than that since the last one is looked at by somebody.
GREATEST_DRIFT = 0.05


#: Asks one source for a day and gives what it landed.
Lander = Callable[[Workspace, date], list[Manifest]]


class Walks(dg.Config):
    """Which lists of models to walk."""

    depth: str = ""  # as CAMBRIAN_DEPTH has it, for instance `full` or `top`; empty: as the environment says


def live_payloads(settings: Settings) -> dict[str, dg.AssetsDefinition]:
    """Make the assets of the live sources by the source's name, the optional ones as far as switched on."""
    landers = {name: land for name, land in _LANDERS.items() if SOURCES[name].is_on(settings)}
    return {"huggingface_models": _models_today} | {
        name: _live_asset(name, land) for name, land in landers.items()
    }


def live_key(source: str) -> dg.AssetKey:
    """Give the asset key of a live source; lists of models come from a recording too, so theirs is longer."""
    return payload_key(f"{source}_today" if SOURCES[source].is_recorded else source)


def _live_asset(source: str, land: Lander) -> dg.AssetsDefinition:
    """Make the asset of one source: a partition a day where the API tells only today.

    Where it tells its past, one materialization brings all of it that is missing: there is nothing to
    back-fill day by day.
    """
    info = SOURCES[source]

    @dg.asset(
        key=live_key(source),
        description=info.description,
        group_name="payloads",
        kinds={"json"},
        owners=OWNERS,
        partitions_def=None if info.tells_past else DAILY,
        deps=[live_key(info.after)] if info.after else [],
        check_specs=[dg.AssetCheckSpec("is_whole", asset=live_key(source), blocking=False)],
    )
    def payloads(context: dg.AssetExecutionContext, workspace: dg.ResourceParam[Workspace]) -> Result:
        day = workspace.settings.today if info.tells_past else _day(context)
        return _landed(workspace, source, land, day)

    return payloads


@dg.asset(
    key=live_key("huggingface_models"),
    description="Today's lists of models from the live Hub, as deep as configured. A past day cannot be had.",
    group_name="payloads",
    kinds={"json", "huggingface"},
    owners=OWNERS,
    partitions_def=DAILY,
    check_specs=[
        dg.AssetCheckSpec(name, asset=live_key("huggingface_models"), blocking=False)
        for name in ("is_whole", "is_in_step")
    ],
)
def _models_today(
    context: dg.AssetExecutionContext, workspace: dg.ResourceParam[Workspace], config: Walks
) -> Result:
    depths = depths_of(config.depth) if config.depth else workspace.settings.depths
    return _landed(workspace, "huggingface_models", partial(_land_walks, depths=depths), _day(context))


def _land_walks(workspace: Workspace, day: date, depths: tuple[Depth, ...]) -> list[Manifest]:
    settings = workspace.settings
    walks = [
        walk
        for depth in depths
        if depth != "hub-stats"  # an asset of its own
        for walk in plan_walks(
            workspace.payloads,
            depth=depth,
            day=day,
            top=settings.top,
            bases=settings.bases or _registered("releases", "model_id"),
            least=settings.least_of_last,
            hub_models=_hub_models(),
        )
    ]
    client, store, today = workspace.client, workspace.payloads, settings.today
    landed, failures = [], []
    for walk in walks:
        try:
            landed.append(
                land_walk(client, settings.hf_endpoint, walk, store, today=today, token=settings.hf_token)
            )
        except (PastDayError, QuotaError):
            raise
        except SourceError as error:  # the other lists can be whole all the same
            failures.append(str(error))
    if failures:
        raise SourceError("; ".join(failures))
    return landed


def _registered(register: str, column: str) -> list[str]:
    """Give what a register names; its rows are validated where they become a table."""
    frame = pl.read_csv(REFERENCE_DIR / f"{register}.csv", infer_schema=False)
    return sorted(frame[column].drop_nulls().str.strip_chars().unique())


def _hub_models() -> int | None:
    """Give the newest verified total of the whole Hub, for the first whole walk to be held against."""
    frame = pl.read_csv(REFERENCE_DIR / "hub_totals.csv", infer_schema=False)
    verified = frame.filter(pl.col("status") == "verified").sort("as_of_date")
    return int(verified["models"][-1]) if verified.height else None


def _chosen(workspace: Workspace, day: date, query: str) -> list[str]:
    """Give whom to ask by the tables of the last run; nobody before the first tables are made."""
    try:
        rows = workspace.connection.execute(query, {"day": day}).fetchall()
    except duckdb.Error:  # not made yet, or made by an older version
        logger.info("nobody to ask for yet: the tables that tell whom are made later in this run")
        return []
    return [row[0] for row in rows]


def _ask(
    workspace: Workspace,
    day: date,
    land: Callable[..., Manifest | list[Manifest]],
    url: str,
    *subjects: object,
    **more: object,
) -> list[Manifest]:
    """Call a source's landing function as all of them are called, and give what it landed as a list."""
    today = workspace.settings.today
    landed = land(workspace.client, url, *subjects, workspace.payloads, day=day, today=today, **more)
    return landed if isinstance(landed, list) else [landed]


def _hub_stats(workspace: Workspace, day: date) -> list[Manifest]:
    settings = workspace.settings
    known = {"token": settings.hf_token, "least": settings.least_of_last}
    return _ask(workspace, day, land_hub_stats, settings.hf_endpoint, **known)


def _chosen_by(query: str, land: Callable[..., Manifest]) -> Lander:
    """Make the lander of a source that is asked for those whom the tables of the last run point out."""

    def lander(workspace: Workspace, day: date) -> list[Manifest]:
        settings, names = workspace.settings, _chosen(workspace, day, query)
        return (
            _ask(workspace, day, land, settings.hf_endpoint, names, token=settings.hf_token) if names else []
        )

    return lander


def _github(land: Callable[..., Manifest | list[Manifest]]) -> Lander:
    def lander(workspace: Workspace, day: date) -> list[Manifest]:
        settings, names = workspace.settings, _registered("repositories", "repository")
        return _ask(workspace, day, land, settings.github_api_url, names, token=settings.github_token)

    return lander


def _packages(workspace: Workspace, day: date) -> list[Manifest]:
    settings, names = workspace.settings, _registered("packages", "package")
    pause = settings.pypistats_pause_seconds
    return _ask(workspace, day, land_downloads, settings.pypistats_url, names, pause_seconds=pause)


def _tokens(workspace: Workspace, day: date) -> list[Manifest]:
    settings = workspace.settings
    return _ask(workspace, day, land_token_shares, settings.openrouter_url, token=settings.openrouter_key)


def _ratings(workspace: Workspace, day: date) -> list[Manifest]:
    settings = workspace.settings
    return _ask(workspace, day, land_ratings, settings.hf_endpoint, token=settings.hf_token)


def _day(context: dg.AssetExecutionContext) -> date:
    return datetime.strptime(context.partition_key, "%Y-%m-%d").replace(tzinfo=UTC).date()


def _landed(
    workspace: Workspace,
    source: str,
    land: Lander,
    day: date,
) -> Result:
    """Ask one source; whatever it answers, tell how it went, and note it for core.sources."""
    failure: str | None = None
    landed: list[Manifest] = []
    asked_before = workspace.client.calls.copy()
    try:
        _check_clock(workspace.settings, source)
        landed = land(workspace, day)
    except PastDayError:
        raise
    except SourceError as error:
        failure = str(error)
    except Exception as error:  # a fault of ours in one source must not take the others with it
        logger.debug("%s", source, exc_info=True)
        failure = f"an unexpected {type(error).__name__}; please report it. What is landed stays."
    if failure is not None:
        logger.warning("%s: %s", source, failure)
    partly = [m for m in landed if not m.is_complete]
    if failure is None and partly:
        failure = " ".join(note for m in partly for note in m.notes) or "Not all of it is landed yet."
    requests = dict(workspace.client.calls - asked_before)
    logger.info("%s: %d requests", source, sum(requests.values()))
    workspace.payloads.note_attempt(source, day, failure)
    checks = [
        dg.AssetCheckResult(
            check_name="is_whole",
            asset_key=live_key(source),
            passed=failure is None,
            severity=dg.AssetCheckSeverity.ERROR,
            metadata={"reason": failure or "", "notes": [note for m in landed for note in m.notes]},
        )
    ]
    if source == "huggingface_models":
        checks.append(_in_step(workspace, source, landed))
    metadata: dict[str, Any] = landing_metadata(landed) | {"requests": dg.MetadataValue.json(requests)}
    return dg.MaterializeResult(metadata=metadata, check_results=checks)


def _check_clock(settings: Settings, source: str) -> None:
    """Refuse to book under a day what an API tells after it: a run may wait past midnight."""
    if settings.is_day_over:
        raise SourceError(
            f"{settings.today} (UTC) ended before {source} was asked; run again for the new day."
        )


def _in_step(workspace: Workspace, source: str, landed: list[Manifest]) -> dg.AssetCheckResult:
    """Compare each list's length with the one before: a jump may be the Hub's or a collector's fault."""
    out_of_step = {}
    for manifest in landed:
        before = found_before(workspace.payloads, manifest.snapshot)
        if before and abs(manifest.records / before - 1) > GREATEST_DRIFT:
            out_of_step[manifest.snapshot.scope] = f"{before:,} models before, {manifest.records:,} now"
    return dg.AssetCheckResult(
        check_name="is_in_step",
        asset_key=live_key(source),
        passed=not out_of_step,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"reason": "; ".join(f"{scope}: {text}" for scope, text in out_of_step.items())},
    )


_LANDERS: dict[str, Lander] = {
    "hub_stats": _hub_stats,
    "huggingface_model_details": _chosen_by(MODELS_TO_ASK, land_details),
    "huggingface_organizations": _chosen_by(ACCOUNTS_TO_ASK, land_overviews),
    "github_repositories": _github(land_repositories),
    "github_star_history": _github(land_star_history),
    "github_releases": _github(land_releases),
    "package_downloads_daily": _packages,
    "token_shares": _tokens,
    "arena_ratings": _ratings,
}
