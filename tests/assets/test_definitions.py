"""The asset graph as Dagster sees it, and what materializing it does."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from pipelines.assets.landing import manifests, source_frame
from pipelines.assets.resources import open_workspace
from pipelines.definitions import build_defs
from pipelines.settings import Settings
from pipelines.sources.payloads import PayloadStore
from tests.conftest import QUIET
from tests.hub import everywhere, hub

SNAPSHOT = Path(__file__).with_name("asset_graph.txt")


def definitions(home: Path, **environ: str) -> dg.Definitions:
    return build_defs(Settings.from_environment({"CAMBRIAN_HOME": str(home), **environ}))


def drawn(defs: dg.Definitions) -> str:
    graph = defs.resolve_asset_graph()
    lines = []
    for key in sorted(graph.get_all_asset_keys(), key=str):
        node = graph.get(key)
        parents = " ".join(sorted(parent.to_user_string() for parent in node.parent_keys))
        lines.append(f"{key.to_user_string()} [{node.group_name}] <- {parents}".rstrip())
    return "\n".join(lines) + "\n"


def test_the_asset_graph_is_the_one_that_was_agreed(tmp_path: Path) -> None:
    """After a deliberate change: python -m tests.assets.test_definitions writes the snapshot anew."""
    assert drawn(definitions(tmp_path)) == SNAPSHOT.read_text()


def test_every_asset_has_description_group_owner_and_kind(tmp_path: Path) -> None:
    graph = definitions(tmp_path).resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.group_name in {"payloads", "reference", "raw", "staging", "core", "marts", "publication"}
        assert node.owners == {"team:cambrian"} or list(node.owners) == ["team:cambrian"]
        assert node.kinds, key


def test_every_table_has_a_check_that_blocks_publication(tmp_path: Path) -> None:
    graph = definitions(tmp_path).resolve_asset_graph()
    checked = {key.asset_key for key in graph.asset_check_keys}
    tables = {key for key in graph.get_all_asset_keys() if key.path[0] not in {"payloads", "publication"}}
    assert tables <= checked


TODAY_ONLY = {
    "payloads/github_repositories", "payloads/huggingface_model_details", "payloads/huggingface_models_today",
    "payloads/huggingface_organizations",
}  # fmt: skip
WITH_A_PAST = {
    "payloads/github_releases", "payloads/github_star_history", "payloads/package_downloads_daily",
}  # fmt: skip


def partitioned(defs: dg.Definitions) -> set[str]:
    graph = defs.resolve_asset_graph()
    return {key.to_user_string() for key in graph.get_all_asset_keys() if graph.get(key).is_partitioned}


def keys(defs: dg.Definitions) -> set[str]:
    return {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}


def test_recorded_assets_are_not_partitioned_and_live_ones_are_daily_where_only_today_is_told(
    tmp_path: Path,
) -> None:
    assert partitioned(definitions(tmp_path)) == set()
    assert partitioned(definitions(tmp_path, CAMBRIAN_SOURCE="live")) == TODAY_ONLY
    more = definitions(
        tmp_path, CAMBRIAN_SOURCE="live", CAMBRIAN_DEPTH="hub-stats", CAMBRIAN_OPTIONAL="arena,openrouter"
    )
    assert partitioned(more) == TODAY_ONLY | {"payloads/hub_stats", "payloads/arena_ratings"}


def test_live_assets_are_there_in_live_mode_alone_and_the_tables_are_the_same(tmp_path: Path) -> None:
    recorded, live = keys(definitions(tmp_path)), keys(definitions(tmp_path, CAMBRIAN_SOURCE="live"))
    assert live - recorded == TODAY_ONLY | WITH_A_PAST
    assert recorded - live == set()


def test_raw_tables_come_after_every_live_source_that_they_are_parsed_from(tmp_path: Path) -> None:
    environ = {"CAMBRIAN_SOURCE": "live", "CAMBRIAN_DEPTH": "top,hub-stats"}
    graph = definitions(tmp_path, **environ).resolve_asset_graph()
    parents = {key.to_user_string() for key in graph.get(dg.AssetKey(["raw", "models"])).parent_keys}
    assert parents == {
        "payloads/hub_stats",
        "payloads/huggingface_models",
        "payloads/huggingface_models_today",
    }


def test_a_replay_may_bring_payloads_for_every_raw_table(tmp_path: Path) -> None:
    replay = definitions(tmp_path, CAMBRIAN_RECORDING=str(tmp_path / "day.tar"))
    assert keys(replay) - keys(definitions(tmp_path)) == {"payloads/replayed"}
    graph = replay.resolve_asset_graph()
    raw = [key for key in graph.get_all_asset_keys() if key.path[0] == "raw"]
    assert all(dg.AssetKey(["payloads", "replayed"]) in graph.get(key).parent_keys for key in raw)


def test_the_schedule_runs_daily_and_asks_the_hub_for_the_running_day_only(tmp_path: Path) -> None:
    defs = definitions(tmp_path, CAMBRIAN_SOURCE="live")
    schedule = defs.resolve_schedule_def("daily_refresh")
    context = dg.build_schedule_context(scheduled_execution_time=dg_datetime("2026-11-23"))
    request = schedule(context)
    assert isinstance(request, dg.RunRequest)
    assert (schedule.cron_schedule, request.partition_key) == ("0 1 * * *", "2026-11-23")


def test_recorded_data_is_refreshed_without_a_day_and_never_walked(tmp_path: Path) -> None:
    defs = definitions(tmp_path)
    assert [schedule.name for schedule in defs.schedules or []] == ["daily_refresh"]
    context = dg.build_schedule_context(scheduled_execution_time=dg_datetime("2026-11-23"))
    request = defs.resolve_schedule_def("daily_refresh")(context)
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key is None


def test_a_whole_walk_is_scheduled_weekly_in_live_mode_with_a_config_that_its_asset_takes(
    tmp_path: Path,
) -> None:
    defs = definitions(tmp_path, CAMBRIAN_SOURCE="live")
    schedule = defs.resolve_schedule_def("weekly_full_walk")
    request = schedule(dg.build_schedule_context(scheduled_execution_time=dg_datetime("2026-11-22")))
    assert isinstance(request, dg.RunRequest)
    assert (schedule.cron_schedule, request.partition_key) == ("0 3 * * 0", "2026-11-22")
    job = defs.resolve_job_def("refresh")
    assert dg.validate_run_config(job, request.run_config)["ops"]["payloads__huggingface_models_today"][
        "config"
    ] == {"depth": "full"}


def test_a_past_day_without_payload_fails_with_the_reason_and_lands_nothing(tmp_path: Path) -> None:
    with hub([[{"id": "org/model", "downloads": 1, "tags": []}]]) as endpoint:
        defs = definitions(tmp_path, CAMBRIAN_SOURCE="live", **everywhere(endpoint))
        with dg.DagsterInstance.ephemeral() as instance:
            result = defs.resolve_job_def("refresh").execute_in_process(
                instance=instance,
                partition_key="2026-11-02",
                raise_on_error=False,
                run_config=QUIET,
                asset_selection=[dg.AssetKey(["payloads", "huggingface_models_today"])],
            )
    assert not result.success
    failure = result.failure_data_for_node("payloads__huggingface_models_today")
    assert failure is not None
    assert failure.error is not None
    assert failure.error.cause is not None
    assert "2026-11-02 was not landed on its day" in failure.error.cause.message
    assert not list((tmp_path / "payloads").glob("huggingface_models/2026-11-02/*"))


def test_what_the_hub_says_twice_or_oddly_reaches_the_tables_once_and_as_unknown(tmp_path: Path) -> None:
    pages = [
        [{"id": "maker/base", "downloads": 90, "pipeline_tag": "text-generation", "tags": []}],
        [
            {"id": "user/<b>tuned</b>", "downloads": -5, "tags": ["base_model:finetune:maker/base"]},
            {"id": "maker/base", "downloads": 91, "tags": []}
            | dict.fromkeys(("createdAt", "lastModified"), "2022-04-01T00:00:00.000Z"),
        ],
    ]
    with hub(pages) as endpoint:
        defs = definitions(tmp_path, CAMBRIAN_SOURCE="live", **everywhere(endpoint))
        wanted = dg.AssetSelection.assets("core/model_snapshots", "core/lineage").upstream()
        wanted = wanted.required_multi_asset_neighbors()
        with dg.DagsterInstance.ephemeral() as instance:
            result = defs.resolve_job_def("refresh").execute_in_process(
                instance=instance,
                partition_key=datetime.now(UTC).date().isoformat(),
                run_config=QUIET,
                asset_selection=list(wanted.resolve(defs.resolve_asset_graph())),
            )
    assert result.success
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as reader:
        rows = reader.sql(
            "select model_id, downloads_30d from core.model_snapshots "
            "where scope = 'top-10000-by-downloads' order by all"
        ).fetchall()
        edges = reader.sql(
            "select parent_id from core.lineage where child_id = 'user/<b>tuned</b>'"
        ).fetchall()
    assert rows == [("maker/base", 90), ("user/<b>tuned</b>", None)]
    assert edges == [("maker/base",)]


@pytest.mark.parametrize("day", ["2024-09-20", "2025-12-22"])
def test_as_of_leaves_out_what_was_landed_later(released: Settings, tmp_path: Path, day: str) -> None:
    (tmp_path / "payloads").symlink_to(released.payloads_dir)  # a workspace locks its home
    environ = {"CAMBRIAN_HOME": str(tmp_path)}
    settings = Settings.from_environment(environ, as_of=date.fromisoformat(day))
    with open_workspace(settings, "a test") as workspace:
        days = {manifest.snapshot.day for manifest in manifests(workspace, "huggingface_models")}
    assert max(days) == date.fromisoformat(day)


def test_as_of_leaves_out_attempts_that_were_made_later(tmp_path: Path) -> None:
    PayloadStore(tmp_path / "payloads").note_attempt("github_releases", date(2026, 1, 9), "No answer.")
    environ = {"CAMBRIAN_HOME": str(tmp_path), "CAMBRIAN_SOURCE": "live"}
    settings = Settings.from_environment(environ, as_of=date(2026, 1, 5))
    with open_workspace(settings, "a test") as workspace:
        found = source_frame(workspace).filter(source="github_releases")
    assert found.select("as_of_date", "attempted_date", "failure").rows() == [(date(2026, 1, 5), None, None)]


def dg_datetime(day: str):
    return datetime.fromisoformat(day).replace(hour=1, tzinfo=UTC)


if __name__ == "__main__":
    SNAPSHOT.write_text(drawn(definitions(Path("unused"))))
