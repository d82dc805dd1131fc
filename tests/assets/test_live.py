"""Single live assets as Dagster materializes them, against the stand-ins; no tables are made."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines.assets import live, resources
from pipelines.assets.automation import schedules
from pipelines.assets.resources import workspace_resource
from pipelines.definitions import build_defs
from pipelines.settings import Settings
from pipelines.sources.http import Client
from pipelines.sources.payloads import PayloadStore
from pipelines.warehouse.models import SqlModel
from tests.conftest import QUIET
from tests.standins import made
from tests.standins.faults import Fault
from tests.standins.github import GitHub
from tests.standins.hub import HUB_STATS, Cdn, Hub
from tests.standins.optional import ARENA_TEXT, OpenRouter, arena_parquet
from tests.standins.pypistats import PyPIStats
from tests.standins.server import Answer, Request, json_answer

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
REPOSITORIES = ["org/one", "org/two", "org/three"]
PACKAGES = ["openai", "torch", "vllm"]
ALWAYS_ON = {
    "github_releases", "github_repositories", "github_star_history", "huggingface_model_details",
    "huggingface_models_today", "huggingface_organizations", "package_downloads_daily",
}  # fmt: skip


class World:
    """All stand-ins, a home, and Dagster's memory of what was materialized there."""

    def __init__(self, home: Path, stack: ExitStack, instance: dg.DagsterInstance) -> None:
        models = made.models(150)
        board = [
            {"model_name": "made-up", "organization": "nobody", "rating": 1.0, "vote_count": 9, "rank": 1}
        ]
        files = {
            HUB_STATS: made.hub_parquet(home / "models.parquet", models, today=TODAY),
            ARENA_TEXT: arena_parquet(home / "arena.parquet", board),
            ARENA_TEXT.replace("/text/", "/text_style_control/"): arena_parquet(
                home / "style.parquet", board
            ),
        }
        self.home, self.instance = home, instance
        self.cdn = stack.enter_context(Cdn(files))
        self.hub = stack.enter_context(Hub(models, cdn=self.cdn))
        self.github = stack.enter_context(GitHub(made.repositories(REPOSITORIES, today=TODAY)))
        self.pypistats = stack.enter_context(
            PyPIStats(made.packages(PACKAGES, today=TODAY), today=TODAY, calls_a_minute=None)
        )
        self.openrouter = stack.enter_context(OpenRouter(made.rankings(today=TODAY), today=TODAY))

    def settings(self, **environ: str) -> Settings:
        return Settings.from_environment(
            {
                "CAMBRIAN_HOME": str(self.home),
                "CAMBRIAN_SOURCE": "live",
                "CAMBRIAN_TOP": "100",
                "CAMBRIAN_LEAST_OF_LAST": "0",  # the stand-in is far smaller than the Hub
                "CAMBRIAN_PYPISTATS_PAUSE_SECONDS": "0",
                "HF_ENDPOINT": self.hub.url,
                "GITHUB_API_URL": self.github.url,
                "PYPISTATS_URL": self.pypistats.url,
                "OPENROUTER_URL": self.openrouter.url,
            }
            | environ,
            today=TODAY,
        )

    def materialize(
        self, asset: str, day: date = TODAY, config: dict[str, Any] | None = None, **environ: str
    ) -> dg.ExecuteInProcessResult:
        settings = self.settings(**environ)
        definition = assets(settings)[asset]
        return dg.materialize(
            [definition],
            instance=self.instance,
            partition_key=day.isoformat() if definition.partitions_def else None,
            raise_on_error=False,
            resources={"workspace": workspace_resource(settings)},
            run_config=QUIET | {"ops": {f"payloads__{asset}": {"config": config}} if config else {}},
        )

    def requests(self) -> int:
        servers = (self.hub, self.cdn, self.github, self.pypistats, self.openrouter)
        return sum(len(server.requests) for server in servers)

    def scopes(self) -> set[str]:
        folder = self.home / "payloads" / "huggingface_models"
        return {path.parent.name for path in folder.glob("*/*/manifest.json")}


@pytest.fixture
def world(tmp_path: Path, models: dict[str, SqlModel], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(resources, "load_models", lambda _: models)
    monkeypatch.setattr(resources, "inputs_checksum", lambda *_: "")  # nothing is published here
    registers = {"repositories": REPOSITORIES, "packages": PACKAGES, "releases": [made.BASES[0][0]]}
    monkeypatch.setattr(resources, "Client", partial(Client, sleep=lambda _: None))
    monkeypatch.setattr(live, "_registered", lambda register, _column: registers[register])
    with ExitStack() as stack:
        yield World(tmp_path, stack, stack.enter_context(dg.DagsterInstance.ephemeral()))


def check(result: dg.ExecuteInProcessResult, name: str = "is_whole") -> tuple[bool, str]:
    """Whether a check passed, and the reason that it gives."""
    assert result.success
    (found,) = [each for each in result.get_asset_check_evaluations() if each.check_name == name]
    assert not found.blocking
    return found.passed, str(found.metadata["reason"].value)


def told(result: dg.ExecuteInProcessResult, name: str) -> Any:
    (event,) = result.get_asset_materialization_events()
    return event.step_materialization_data.materialization.metadata[name].value


def error_of(result: dg.ExecuteInProcessResult, asset: str) -> str:
    failure = result.failure_data_for_node(f"payloads__{asset}")
    assert failure is not None
    assert failure.error is not None
    assert failure.error.cause is not None
    return failure.error.cause.message


def assets(settings: Settings) -> dict[str, dg.AssetsDefinition]:
    """The live assets by the last part of their keys."""
    return {each.key.path[-1]: each for each in live.live_payloads(settings).values()}


class Refusal:
    """A fault that no try overcomes."""

    def on(self, _request: Request, _answer: Answer) -> Answer:
        return json_answer({"error": "no"}, 403)


SOURCES = [
    ("huggingface_models_today", {}, 3),
    ("hub_stats", {"CAMBRIAN_DEPTH": "top,hub-stats"}, 1),
    ("github_repositories", {}, 1),
    ("github_star_history", {}, 1),
    ("github_releases", {}, 1),
    ("package_downloads_daily", {}, 1),
    ("token_shares", {"CAMBRIAN_OPTIONAL": "openrouter", "OPENROUTER_API_KEY": "or_standin"}, 1),
    ("arena_ratings", {"CAMBRIAN_OPTIONAL": "arena"}, 2),
]


@pytest.mark.parametrize(("asset", "environ", "snapshots"), SOURCES, ids=[row[0] for row in SOURCES])
def test_a_source_is_landed_whole_and_a_second_time_on_the_day_asks_nothing(
    asset: str, environ: dict[str, str], snapshots: int, world: World
) -> None:
    first = world.materialize(asset, **environ)
    asked = world.requests()
    assert check(first) == (True, "")
    assert told(first, "snapshots") == snapshots
    assert sum(told(first, "requests").values()) == asked > 0

    second = world.materialize(asset, **environ)
    assert check(second) == (True, "")
    assert told(second, "snapshots") == snapshots
    assert told(second, "requests") == {}
    assert world.requests() == asked


@pytest.mark.parametrize(("asset", "environ", "snapshots"), SOURCES, ids=[row[0] for row in SOURCES])
def test_a_source_that_refuses_is_a_failed_check_with_the_reason_and_no_failed_run(
    asset: str, environ: dict[str, str], snapshots: int, world: World
) -> None:
    for server in (world.hub, world.cdn, world.github, world.pypistats, world.openrouter):
        server.faults = [Refusal()]
    result = world.materialize(asset, **environ)
    passed, reason = check(result)
    assert not passed
    assert "answered 403" in reason or "not there any more (403)" in reason
    name = asset.removesuffix("_today")
    assert PayloadStore(world.home / "payloads").last_attempt(name) == (TODAY, reason)


def test_what_was_landed_before_a_failure_stays_and_the_next_run_goes_on(world: World) -> None:
    world.pypistats.faults = [Fault("html", path_prefix="/api/packages/torch", times=5)]
    passed, reason = check(world.materialize("package_downloads_daily"))
    assert not passed
    assert "gave no series of torch; 2 other packages are landed" in reason
    asked = world.requests()
    assert check(world.materialize("package_downloads_daily")) == (True, "")
    assert world.requests() == asked + 1
    assert PayloadStore(world.home / "payloads").last_attempt("package_downloads_daily") == (TODAY, None)


def test_one_repository_without_an_answer_is_no_whole_landing(world: World) -> None:
    world.github.faults = [Fault("html", path_prefix="/repos/org/two", times=5)]
    assert not check(world.materialize("github_releases"))[0]
    assert check(world.materialize("github_releases")) == (True, "")


def test_a_landing_that_is_not_whole_says_why(world: World) -> None:
    world.github.faults = [Fault("html", path_prefix="/repos/org/two", times=1e9)]
    passed, reason = check(world.materialize("github_releases"))
    assert (passed, "org/two" in reason) == (False, True)


@pytest.mark.parametrize(
    "asset", ["huggingface_models_today", "github_repositories", "hub_stats", "arena_ratings"]
)
def test_a_past_day_of_what_tells_only_today_is_refused(asset: str, world: World) -> None:
    environ = {"CAMBRIAN_DEPTH": "top,hub-stats", "CAMBRIAN_OPTIONAL": "arena"}
    result = world.materialize(asset, YESTERDAY, **environ)
    assert not result.success
    assert f"{YESTERDAY} was not landed on its day" in error_of(result, asset)
    assert world.requests() == 0


def test_a_past_day_that_was_landed_on_its_day_is_given_as_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.materialize("github_repositories").success
    asked = world.requests()
    monkeypatch.setitem(globals(), "TODAY", TODAY + timedelta(days=1))
    result = world.materialize("github_repositories", TODAY - timedelta(days=1))
    assert check(result) == (True, "")
    assert world.requests() == asked


def test_apis_that_tell_their_past_have_no_partitions_and_the_others_a_day_each(world: World) -> None:
    settings = world.settings(CAMBRIAN_OPTIONAL="openrouter,arena", CAMBRIAN_DEPTH="top,hub-stats")
    with_days = {name for name, each in assets(settings).items() if each.partitions_def}
    assert with_days == {
        "arena_ratings", "github_repositories", "hub_stats", "huggingface_model_details",
        "huggingface_models_today", "huggingface_organizations",
    }  # fmt: skip


def test_one_materialization_brings_the_whole_past_of_what_has_one(world: World) -> None:
    for asset in ("github_star_history", "github_releases", "package_downloads_daily"):
        assert check(world.materialize(asset)) == (True, "")
    store = PayloadStore(world.home / "payloads")
    (history,) = store.manifests("github_star_history")
    (releases,) = store.manifests("github_releases")
    (downloads,) = store.manifests("package_downloads_daily")
    known = world.github.repositories.values()
    assert history.records == sum(len(each["weeks"]) for each in known)
    assert releases.records == sum(len(each["releases"]) for each in known)
    assert downloads.records == 3 * 179  # 180 days, of which the newest is not there yet


def test_without_a_depth_in_the_config_the_environments_is_walked(world: World) -> None:
    world.materialize("huggingface_models_today")
    assert world.scopes() == {"top-100-by-downloads", "created-since-last-walk", "modified-since-last-walk"}


@pytest.mark.parametrize(
    ("depth", "scopes"),
    [
        ("full", {"whole-hub"}),
        ("families", {"derivatives-of-1-bases-"}),
        ("full,families", {"whole-hub", "derivatives-of-1-bases-"}),
    ],
)
def test_the_config_decides_on_the_depth_of_one_run(depth: str, scopes: set[str], world: World) -> None:
    assert check(world.materialize("huggingface_models_today", config={"depth": depth})) == (True, "")
    assert {re.sub("[0-9a-f]{8}$", "", scope) for scope in world.scopes()} == scopes


def test_an_unknown_depth_fails_and_says_which_there_are(world: World) -> None:
    result = world.materialize("huggingface_models_today", config={"depth": "everything"})
    assert not result.success
    assert "'everything'; it can be `top`, `full`, `families`, `hub-stats`" in error_of(
        result, "huggingface_models_today"
    )
    assert world.requests() == 0


def test_the_weekly_schedule_walks_the_whole_hub_and_the_daily_one_as_configured(world: World) -> None:
    defs = build_defs(world.settings())
    sunday = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 11, 22, 3, tzinfo=UTC))
    daily = defs.resolve_schedule_def("daily_refresh")(sunday)
    weekly = defs.resolve_schedule_def("weekly_full_walk")(sunday)
    assert isinstance(daily, dg.RunRequest)
    assert isinstance(weekly, dg.RunRequest)
    assert (daily.partition_key, weekly.partition_key) == ("2026-11-22", "2026-11-22")
    assert daily.run_config == {}
    assert dg.validate_run_config(defs.resolve_job_def("refresh"), weekly.run_config)
    (op,) = weekly.run_config["ops"]
    result = world.materialize(op.removeprefix("payloads__"), config=weekly.run_config["ops"][op]["config"])
    assert check(result) == (True, "")
    assert world.scopes() == {"whole-hub"}


def test_the_weekly_schedule_exists_only_where_there_is_a_hub_to_walk(world: World) -> None:
    def names(**environ: str) -> list[str]:
        return sorted(each.name for each in schedules(world.settings(**environ)))

    assert names() == ["daily_refresh", "weekly_full_walk"]
    assert names(CAMBRIAN_SOURCE="recorded") == ["daily_refresh"]


@pytest.mark.parametrize(("count", "passed"), [(145, True), (143, True), (142, False), (158, False)])
def test_a_jump_of_more_than_a_twentieth_is_a_warning(count: int, passed: bool, world: World) -> None:
    """150 models before; the list of today is whole all the same."""
    yesterday = world.materialize("huggingface_models_today", config={"depth": "full"})
    assert check(yesterday, "is_in_step") == (True, "")
    folder = world.home / "payloads" / "huggingface_models"
    moved_back(folder, TODAY, YESTERDAY)
    world.hub.models = made.models(count)
    result = world.materialize(
        "huggingface_models_today", config={"depth": "full"}, CAMBRIAN_LEAST_OF_LAST="0.5"
    )
    reason = "" if passed else f"whole-hub: 150 models before, {count} now"
    assert check(result) == (True, "")
    assert check(result, "is_in_step") == (passed, reason)
    (found,) = [each for each in result.get_asset_check_evaluations() if each.check_name == "is_in_step"]
    assert found.severity == dg.AssetCheckSeverity.WARN


def moved_back(folder: Path, day: date, to: date) -> None:
    """Make what was landed on `day` a landing of `to`."""
    (folder / day.isoformat()).rename(folder / to.isoformat())
    for path in (folder / to.isoformat()).glob("*/manifest.json"):
        path.write_text(path.read_text().replace(f'"day": "{day}"', f'"day": "{to}"'))


def switched_on(world: World, **environ: str) -> set[str]:
    return set(assets(world.settings(**environ)))


def test_optional_sources_exist_only_when_they_are_switched_on(world: World) -> None:
    assert switched_on(world) == ALWAYS_ON
    assert switched_on(world, CAMBRIAN_OPTIONAL="openrouter") == ALWAYS_ON | {"token_shares"}
    both = {"token_shares", "arena_ratings"}
    assert switched_on(world, CAMBRIAN_OPTIONAL="openrouter,arena") == ALWAYS_ON | both


def test_hub_stats_is_asked_only_by_its_depth(world: World) -> None:
    assert "hub_stats" not in switched_on(world, CAMBRIAN_DEPTH="full")
    assert switched_on(world, CAMBRIAN_DEPTH="hub-stats,top") == ALWAYS_ON | {"hub_stats"}
    world.materialize("huggingface_models_today", CAMBRIAN_DEPTH="hub-stats")
    assert world.requests() == 0  # its own asset asks, not that of the lists


def test_an_optional_source_without_its_key_says_which_one(world: World) -> None:
    passed, reason = check(world.materialize("token_shares", CAMBRIAN_OPTIONAL="openrouter"))
    assert (passed, "set OPENROUTER_API_KEY" in reason) == (False, True)
    assert world.requests() == 0


@pytest.mark.parametrize("asset", ["huggingface_model_details", "huggingface_organizations"])
def test_before_the_first_tables_nobody_is_asked_one_by_one(asset: str, world: World) -> None:
    assert check(world.materialize(asset)) == (True, "")
    assert world.requests() == 0


def test_tokens_go_to_their_own_source_and_nowhere_else(world: World) -> None:
    tokens = {"HF_TOKEN": "hf_standin", "GITHUB_TOKEN": "ghp_standin", "OPENROUTER_API_KEY": "or_standin"}
    switched = {"CAMBRIAN_OPTIONAL": "openrouter,arena", "CAMBRIAN_DEPTH": "top,hub-stats"}
    for asset in (row[0] for row in SOURCES):
        assert check(world.materialize(asset, **tokens, **switched)) == (True, "")
    assert {request.token for request in world.hub.requests} == {"hf_standin"}
    assert {request.token for request in world.github.requests} == {"ghp_standin"}
    assert {request.token for request in world.openrouter.requests} == {"or_standin"}
    assert {request.token for request in world.pypistats.requests} == {None}
    assert {request.token for request in world.cdn.requests} == {None}
