"""What Dagster loads: `build_defs()` and nothing else. Everything imports downwards; nothing imports this."""

import dagster as dg

from pipelines.assets.automation import daily_schedule, jobs
from pipelines.assets.landing import SOURCES, live_models, recorded_payloads
from pipelines.assets.publication import release_asset
from pipelines.assets.resources import workspace_resource
from pipelines.assets.tables import table_assets
from pipelines.settings import SQL_DIR, Settings
from pipelines.warehouse.models import load_models


def build_defs(settings: Settings | None = None) -> dg.Definitions:
    """Put the asset graph together for the given settings, by default those of the environment."""
    settings = settings or Settings.from_environment()
    with_live = settings.source == "live"
    models = load_models(SQL_DIR)
    return dg.Definitions(
        assets=[
            *(recorded_payloads(source) for source in SOURCES),
            *([live_models] if with_live else []),
            *table_assets(models, with_live=with_live),
            release_asset(models),
        ],
        jobs=jobs(),
        schedules=[daily_schedule(settings)],
        resources={"workspace": workspace_resource(settings)},
        # One process writes the warehouse, and ten trivial assets take 3 s in process, 16 s in many.
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster` commands find; a function, so that importing this module builds nothing."""
    return build_defs()
