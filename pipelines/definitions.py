"""What Dagster loads: `build_defs()` and nothing else. Everything imports downwards; nothing imports this."""

import dagster as dg

from pipelines.assets.automation import jobs, schedules
from pipelines.assets.landing import recorded_payloads, replayed_payloads
from pipelines.assets.live import live_payloads
from pipelines.assets.publication import release_asset
from pipelines.assets.resources import workspace_resource
from pipelines.assets.sources import RECORDED_SOURCES
from pipelines.assets.tables import table_assets
from pipelines.settings import SQL_DIR, Settings
from pipelines.warehouse.models import load_models


def build_defs(settings: Settings | None = None) -> dg.Definitions:
    """Put the asset graph together for the given settings, by default those of the environment."""
    settings = settings or Settings.from_environment()
    models = load_models(SQL_DIR)
    live = live_payloads(settings) if settings.source == "live" else {}
    replayed = [replayed_payloads(settings.recording)] if settings.recording else []
    return dg.Definitions(
        assets=[
            *(recorded_payloads(source) for source in RECORDED_SOURCES),
            *replayed,
            *live.values(),
            *table_assets(models, live_sources=tuple(live), is_replay=bool(replayed)),
            release_asset(models),
        ],
        jobs=jobs(),
        schedules=schedules(settings),
        resources={"workspace": workspace_resource(settings)},
        # One process writes the warehouse, and ten trivial assets take 3 s in process, 16 s in many.
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster` commands find; a function, so that importing this module builds nothing."""
    return build_defs()
