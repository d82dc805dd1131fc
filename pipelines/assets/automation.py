"""Jobs and schedules."""

from typing import Any

import dagster as dg

from pipelines.settings import Settings

#: After midnight UTC the day before is whole; an hour later late counters have settled.
DAILY_CRON = "0 1 * * *"
WEEKLY_CRON = "0 3 * * 0"


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


def schedules(settings: Settings) -> list[dg.ScheduleDefinition]:
    """Run `refresh` every day, in live mode for the day that is running, since the Hub tells only that.

    In live mode a second one walks the whole Hub once a week. Both are off until somebody switches them on.
    """

    @dg.schedule(
        name="daily_refresh",
        cron_schedule=DAILY_CRON,
        job_name="refresh",
        execution_timezone="UTC",
        description="Every day at 01:00 UTC, as deep as CAMBRIAN_DEPTH says.",
    )
    def daily_refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = context.scheduled_execution_time.date().isoformat()
        return dg.RunRequest(run_key=day, partition_key=day if settings.source == "live" else None)

    @dg.schedule(
        name="weekly_full_walk",
        cron_schedule=WEEKLY_CRON,
        job_name="refresh",
        execution_timezone="UTC",
        description="Every Sunday at 03:00 UTC: all models of the Hub (half an hour without a token).",
    )
    def weekly_full_walk(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = context.scheduled_execution_time.date().isoformat()
        ops = {"payloads__huggingface_models_today": {"config": {"depth": "full"}}}
        return dg.RunRequest(run_key=f"full {day}", partition_key=day, run_config={"ops": ops})

    return [daily_refresh, weekly_full_walk] if settings.source == "live" else [daily_refresh]
