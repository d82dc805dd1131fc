"""Jobs and the daily schedule."""

from typing import Any

import dagster as dg

from pipelines.settings import Settings

#: After midnight UTC the day before is whole; an hour later late counters have settled.
DAILY_CRON = "0 1 * * *"


def jobs() -> list[Any]:
    """Give `refresh` (everything) and `rebuild` (everything but fetching: from payloads already landed)."""
    everything = dg.AssetSelection.all()
    fetching = dg.AssetSelection.groups("payloads")
    return [
        dg.define_asset_job(
            "refresh",
            everything,
            description="Fetch or replay the sources, make every table, check, publish.",
        ),
        dg.define_asset_job(
            "rebuild",
            everything - fetching,
            description="Make every table anew from the payloads that are landed, check, publish.",
        ),
    ]


def daily_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Run `refresh` every day; in live mode for the day that is running, since the Hub tells only that."""

    @dg.schedule(
        name="daily_refresh",
        cron_schedule=DAILY_CRON,
        job_name="refresh",
        execution_timezone="UTC",
        description="Every day at 01:00 UTC.",
    )
    def daily_refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = context.scheduled_execution_time.date().isoformat()
        return dg.RunRequest(run_key=day, partition_key=day if settings.source == "live" else None)

    return daily_refresh
