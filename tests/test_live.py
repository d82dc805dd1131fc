"""`cambrian run --source live` as a user calls it, against all stand-ins: one home on two days, and a replay.

Three whole runs, made once for all tests here: a good day with tokens, the replay of its recording elsewhere,
and a bad day without tokens.
"""

import gzip
import html
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from pipelines import cli, settings
from pipelines.assets import resources
from pipelines.settings import REFERENCE_DIR
from pipelines.sources.http import Client
from tests.conftest import overview_alone
from tests.standins import github, hub, made, optional
from tests.standins.pypistats import PyPIStats
from tests.standins.server import StandIn

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
TOKENS = {
    "HF_TOKEN": "hf_secret_of_somebody",
    "GITHUB_TOKEN": "ghp_secret_of_somebody",
    "OPENROUTER_API_KEY": "or_secret_of_somebody",
}
TOP = 1500
MODELS = 3000


def registered(register: str, column: str) -> list[str]:
    """What a register names."""
    with duckdb.connect() as reader:
        rows = reader.sql(
            f"select distinct {column} from '{REFERENCE_DIR / register}.csv' order by 1"
        ).fetchall()
    return [row[0] for row in rows if row[0]]


@dataclass
class World:
    """All stand-ins, each with its variable, and what was said in each run."""

    servers: dict[str, StandIn]
    homes: Path
    patch: pytest.MonkeyPatch
    asked: dict[str, int] = field(default_factory=dict)

    def cambrian(self, home: str, day: date, *arguments: str, **environ: str) -> Result:
        """Call the command on a day, in a home."""

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return datetime(day.year, day.month, day.day, 12, tzinfo=tz)

        self.patch.setattr(settings, "datetime", Clock)
        folder = self.homes / home
        before = {name: len(server.requests) for name, server in self.servers.items()}
        told = {
            "CAMBRIAN_HOME": str(folder),
            "CAMBRIAN_PYPISTATS_PAUSE_SECONDS": "0",
            "CAMBRIAN_OPTIONAL": "openrouter,arena",
            "DAGSTER_HOME": str(folder / "dagster"),  # set here, so that it is set back
            **dict.fromkeys(TOKENS, ""),
            **{name: server.url for name, server in self.servers.items()},
        }
        result = CliRunner().invoke(cli.main, list(arguments), env=told | environ, catch_exceptions=False)
        self.asked = {name: len(server.requests) - before[name] for name, server in self.servers.items()}
        return result


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("live")
    models = made.models(MODELS)
    board = [
        {"model_name": "made-up", "organization": "nobody", "rating": 1400.0, "vote_count": 9, "rank": 1}
    ]
    files = {
        optional.ARENA_TEXT.replace("/text/", f"/{name}/"): optional.arena_parquet(folder / name, board)
        for name in ("text", "text_style_control")
    }
    repositories = made.repositories(registered("repositories", "repository"), today=TODAY)
    packages = made.packages(registered("packages", "package"), today=TODAY)
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        # Tries follow one another at once; the tests of the client say how long it waits.
        patch.setattr(resources, "Client", partial(Client, sleep=lambda _: None))
        cdn = hub.Cdn(files)
        servers: dict[str, StandIn] = {
            "HF_ENDPOINT": hub.Hub(
                models,
                token=TOKENS["HF_TOKEN"],
                quota=1000,
                cdn=cdn,
                organizations=made.organizations(models),
            ),
            "GITHUB_API_URL": github.GitHub(repositories, token=TOKENS["GITHUB_TOKEN"]),
            "PYPISTATS_URL": PyPIStats(packages, today=TODAY),
            "OPENROUTER_URL": optional.OpenRouter(
                made.rankings(today=TODAY), today=TODAY, token=TOKENS["OPENROUTER_API_KEY"]
            ),
        }
        servers["CDN"] = cdn
        for server in servers.values():
            stack.enter_context(server)
        yield World(servers, folder, patch)


@dataclass
class Run:
    """A run's output, its requests by stand-in, and the release that it left; later ones do not change it."""

    result: Result
    asked: dict[str, int]
    home: Path
    release: Path

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.release / "cambrian.duckdb"), read_only=True) as reader:
            return reader.sql(sql).fetchall()

    def parquet(self) -> dict[str, bytes]:
        folder = self.release / "parquet"
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")}

    def page(self) -> str:
        return "\n".join(path.read_text() for path in self.release.glob("site/**/*.html"))


def ran(world: World, home: str, day: date, *arguments: str, **environ: str) -> Run:
    result = world.cambrian(home, day, "run", *arguments, **environ)
    folder = world.homes / home
    return Run(result, world.asked, folder, (folder / "current").resolve())


LIVE = ("--source", "live", "--top", str(TOP))


@pytest.fixture(scope="module")
def good_day(world: World) -> Run:
    """Yesterday, with tokens."""
    return ran(world, "home", YESTERDAY, *LIVE, **TOKENS)


@pytest.fixture(scope="module")
def recording(good_day: Run, world: World) -> Path:
    """The good day in one file."""
    file = world.homes / "day.tar"
    result = world.cambrian("home", YESTERDAY, "record", str(file))
    assert result.exit_code == 0, result.output
    assert re.search(rf"day\.tar: {YESTERDAY}, 10 snapshots, \d+ pages", result.output)
    return file


@pytest.fixture(scope="module")
def replay(world: World, recording: Path) -> Run:
    """The good day once more, in a home that never asked anybody anything.

    With one page: from the same tables come the same pages.
    """
    with overview_alone():
        return ran(world, "elsewhere", TODAY, "--recording", str(recording), CAMBRIAN_SOURCE="recorded")


@pytest.fixture(scope="module")
def bad_day(world: World, recording: Path) -> Run:
    """Today in the first home: no token, GitHub's sixty calls, pypistats down."""
    return ran(world, "home", TODAY, *LIVE, CAMBRIAN_OPTIONAL="", PYPISTATS_URL="http://127.0.0.1:9")


def test_a_live_run_publishes_and_says_what_it_asked(good_day: Run, world: World) -> None:
    result = good_day.result
    assert result.exit_code == 0, result.output
    assert re.search(
        rf"^published: release {YESTERDAY}-[0-9a-f]{{12}} in \d+ s$", result.output, re.MULTILINE
    )
    shown = re.findall(r"^asked (\w+): (.*)$", result.output, re.MULTILINE)
    assert sorted(source for source, _ in shown) == [
        "arena_ratings", "github_releases", "github_repositories", "github_star_history",
        "huggingface_model_details", "huggingface_models_today", "huggingface_organizations",
        "package_downloads_daily", "token_shares",
    ]  # fmt: skip
    hosts: dict[str, int] = {}
    for count, host in re.findall(r"([\d,]+) requests? to ([\w.:]+)", result.output):
        hosts[host] = hosts.get(host, 0) + int(count.replace(",", ""))
    served = {
        world.servers[name].url.removeprefix("http://"): count for name, count in good_day.asked.items()
    }
    assert hosts == served


def test_every_list_star_package_and_release_is_landed(good_day: Run, world: World) -> None:
    landed = {
        f"{path.parts[-4]}/{path.parts[-2]}"
        for path in (good_day.home / "payloads").glob(f"*/{YESTERDAY}/*/manifest.json")
        if '"is_complete": true' in path.read_text()
    }
    assert landed == {
        "arena_ratings/text", "arena_ratings/text_style_control",
        "github_releases/registered-repositories",
        "github_repositories_graphql/registered-repositories-by-graphql",
        "github_star_history/registered-repositories",
        "huggingface_models/created-since-last-walk",
        "huggingface_models/modified-since-last-walk",
        f"huggingface_models/top-{TOP}-by-downloads",
        "package_downloads_daily/registered-packages",
        "token_shares/openrouter-top-50",
    }  # fmt: skip
    serving = world.servers["GITHUB_API_URL"]
    assert isinstance(serving, github.GitHub)
    repositories = serving.repositories.values()
    assert good_day.query("select count(*), count(stars_observed) from core.repositories") == [
        (len(repositories),) * 2
    ]
    releases = sum(len(each["releases"]) for each in repositories)
    assert good_day.query("select count(*) from core.repository_releases") == [(releases,)]
    packages = len(registered("packages", "package"))
    assert good_day.query("select count(distinct package) from marts.package_downloads_daily") == [
        (packages,)
    ]
    (counted,) = good_day.query(
        f"select count(*) from core.model_snapshots where scope = 'top-{TOP}-by-downloads'"
    )
    assert counted[0] >= TOP


def test_after_a_good_day_no_source_is_stale(good_day: Run) -> None:
    assert (
        good_day.query("select source, failure from core.sources where is_stale or failure is not null") == []
    )


def test_series_that_others_recorded_are_no_live_sources(good_day: Run) -> None:
    found = good_day.query("select source from core.sources where is_live and attempted_date is null")
    assert found == []


def test_the_tokens_went_out_and_lie_nowhere(
    good_day: Run, bad_day: Run, recording: Path, world: World
) -> None:
    for name, variable in (("HF_ENDPOINT", "HF_TOKEN"), ("GITHUB_API_URL", "GITHUB_TOKEN")):
        assert TOKENS[variable] in {request.token for request in world.servers[name].requests}
    files = [path for path in good_day.home.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)  # Dagster's memory of the runs is among them
    assert any(path.suffix == ".gz" for path in files)
    secrets = [token.encode() for token in TOKENS.values()]
    for path in [*files, recording]:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        assert not [token for token in secrets if token in content], path
    assert not [token for token in TOKENS.values() if token in good_day.result.output]


def test_a_recording_holds_no_signed_address(recording: Path) -> None:
    with tarfile.open(recording) as archive:
        for member in archive:
            content = archive.extractfile(member).read()  # type: ignore[union-attr]
            content = gzip.decompress(content) if member.name.endswith(".gz") else content
            assert b"X-Amz-" not in content, member.name


def test_a_replay_asks_nobody(replay: Run) -> None:
    assert replay.result.exit_code == 0, replay.result.output
    assert set(replay.asked.values()) == {0}


def test_a_replay_gives_the_same_tables_to_the_byte(good_day: Run, replay: Run) -> None:
    live, replayed = good_day.parquet(), replay.parquet()
    assert live.keys() == replayed.keys()
    different = {name for name in live if live[name] != replayed[name]}
    assert different <= {
        "core/sources.parquet"
    }  # when each was last asked for is told by the home that asked


def test_a_replay_tells_how_fresh_each_source_was(good_day: Run, replay: Run) -> None:
    name = "core/sources.parquet"
    assert good_day.parquet()[name] == replay.parquet()[name]


def test_a_bad_day_publishes_what_there_is_and_ends_with_4(bad_day: Run) -> None:
    result = bad_day.result
    assert result.exit_code == 4, result.output
    assert re.search(rf"^published: release {TODAY}-", result.output, re.MULTILINE)
    lists = bad_day.query(f"select scope from core.snapshots where snapshot_date = '{TODAY}' order by 1")
    assert (f"top-{TOP}-by-downloads",) in lists


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("package_downloads_daily", r"did not answer after 5 tries.*run the same command again to go on"),
        ("github_repositories", r"quota is used up and renewed at\s+\S+ \S+\s+UTC.*A token raises the quota"),
        ("github_star_history", r"quota is used up and renewed at\s+\S+ \S+\s+UTC.*A token raises the quota"),
        ("github_releases", r"quota is used up and renewed at\s+\S+ \S+\s+UTC.*A token raises the quota"),
    ],
)
def test_a_source_in_trouble_says_so_in_the_output_the_table_and_the_page(
    source: str, words: str, bad_day: Run
) -> None:
    assert re.search(rf"^(Error: )?{source}: .*{words}", bad_day.result.output, re.MULTILINE)
    ((attempted, failure),) = bad_day.query(
        f"select attempted_date, failure from core.sources where is_live and source = '{source}'"
    )
    assert attempted == TODAY
    assert re.search(words, failure)
    assert failure.partition(".")[0] in html.unescape(bad_day.page())


def test_without_a_token_githubs_sixty_calls_are_used_to_the_last(bad_day: Run, world: World) -> None:
    assert bad_day.asked["GITHUB_API_URL"] == 60
    statuses = [request.status for request in world.servers["GITHUB_API_URL"].requests[-60:]]
    assert set(statuses) == {200}
    observed = f"from marts.repository_stars_daily where date = '{TODAY}' and stars_observed is not null"
    assert bad_day.query(f"select count(*) {observed}") == [(60,)]


def test_what_a_source_in_trouble_told_yesterday_stays(good_day: Run, bad_day: Run) -> None:
    for table in ("core.package_download_vintages", "core.repository_releases", "core.token_shares_daily"):
        sql = f"select * from {table} order by all"
        assert bad_day.query(sql) == good_day.query(sql)
    stars = "select count(*) from core.repositories where stars_observed is not null"
    assert bad_day.query(stars) == good_day.query(stars)


def another_format(recording: Path, file: Path) -> None:
    file.write_bytes(recording.read_bytes().replace(b'"format": 1', b'"format": 9', 1))


def no_recording(_recording: Path, file: Path) -> None:
    file.write_bytes(b"no recording at all")


def a_member_outside(recording: Path, file: Path) -> None:
    shutil.copyfile(recording, file)
    with tarfile.open(file, "a") as archive:
        archive.addfile(tarfile.TarInfo("payloads/../../../evil.txt"))


@pytest.mark.parametrize("damage", [another_format, no_recording, a_member_outside])
def test_a_recording_that_is_not_sound_is_refused(
    damage: Callable[[Path, Path], None], recording: Path, world: World
) -> None:
    home = f"refused-{damage.__name__}"
    file = world.homes / f"{home}.tar"
    damage(recording, file)
    result = world.cambrian(home, TODAY, "run", "--recording", str(file), CAMBRIAN_SOURCE="recorded")
    assert result.exit_code == 3, result.output
    assert re.search("is no recording of `cambrian record`|is damaged", result.output)
    assert not list((world.homes / home).glob(f"payloads/*/{YESTERDAY}"))
    assert not list(world.homes.rglob("evil*"))
    assert not (world.homes / home / "current").exists()
