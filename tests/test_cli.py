"""The command as people use it: what it prints and with which exit code it ends."""

import functools
import gzip
import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner, Result

from pipelines import cli
from pipelines.assets import resources
from pipelines.settings import Settings
from pipelines.sources.http import Answer, Client
from pipelines.sources.payloads import PayloadStore, Snapshot
from tests.conftest import overview_alone
from tests.hub import everywhere


@pytest.fixture(autouse=True)
def _one_page() -> Iterator[None]:
    with overview_alone():
        yield


@pytest.fixture
def ask(released: Settings):
    def invoke(*arguments: str, **environ: str) -> Result:
        return CliRunner().invoke(
            cli.main, list(arguments), env={"CAMBRIAN_HOME": str(released.home), **environ}
        )

    return invoke


def test_help_lists_commands_and_exit_codes() -> None:
    result = CliRunner().invoke(cli.main, ["--help"])
    assert result.exit_code == 0
    names = ("run", "record", "serve", "query", "status", "tables", "shutdown", "Exit codes")
    assert all(name in result.output for name in names)


def test_query_prints_a_table(ask) -> None:
    result = ask("query", "select headline, unit from marts.headlines order by all limit 1")
    assert result.exit_code == 0
    assert result.output.split() == ["headline", "unit", "dependent_share", "share"]


def test_query_gives_csv_json_and_parquet(ask, tmp_path: Path) -> None:
    sql = "select 1 as one, 'a,\"b\"' as text"
    assert ask("query", sql, "--format", "csv").output == 'one,text\n1,"a,""b"""\n'
    assert json.loads(ask("query", sql, "--format", "json").output) == [{"one": 1, "text": 'a,"b"'}]
    target = tmp_path / "out.parquet"
    assert ask("query", sql, "--format", "parquet", "--output", str(target)).exit_code == 0
    assert pl.read_parquet(target).rows() == [(1, 'a,"b"')]


def test_query_takes_a_file_and_sql_that_begins_with_a_comment(ask, tmp_path: Path) -> None:
    sql = "-- a comment\nselect 7 as seven"
    (tmp_path / "q.sql").write_text(sql)
    assert ask("query", str(tmp_path / "q.sql")).output == ask("query", sql).output


def test_query_shows_markup_from_the_data_as_it_is(ask) -> None:
    assert "[red]<b>x</b>[/red]" in ask("query", "select '[red]<b>x</b>[/red]' as name").output


def test_wrong_sql_ends_with_7_and_the_reason(ask) -> None:
    result = ask("query", "from nowhere")
    assert (result.exit_code, "nowhere" in result.output) == (7, True)


def test_the_published_file_cannot_be_written(ask) -> None:
    assert ask("query", "drop table marts.headlines").exit_code == 7


def test_status_shows_each_source_with_its_newest_day(ask) -> None:
    result = ask("status")
    assert result.exit_code == 0
    assert all(
        text in result.output
        for text in ("github_stars", "package_downloads", "top-1000-per-task", "2025-12-22", "17,974")
    )


def test_tables_is_the_data_dictionary(ask) -> None:
    assert "marts.dependence_cube" in ask("tables").output
    assert "first_party, derived, independent or unknown" in ask("tables", "marts.dependence_cube").output
    assert ask("tables", "marts.nothing").exit_code == 2


def test_without_a_release_every_reader_says_what_to_do(tmp_path: Path) -> None:
    for arguments in (["query", "select 1"], ["status"], ["tables"], ["serve"]):
        result = CliRunner().invoke(cli.main, arguments, env={"CAMBRIAN_HOME": str(tmp_path)})
        assert result.exit_code == 5, arguments
        assert "cambrian run" in result.output


def test_a_wrong_source_or_a_day_to_come_ends_with_2(tmp_path: Path) -> None:
    home = {"CAMBRIAN_HOME": str(tmp_path)}
    wrong = CliRunner().invoke(cli.main, ["run"], env={**home, "CAMBRIAN_SOURCE": "elsewhere"})
    assert (wrong.exit_code, "recorded" in wrong.output) == (2, True)
    future = CliRunner().invoke(cli.main, ["run", "--as-of", "2999-01-01"], env=home)
    assert (future.exit_code, "future" in future.output) == (2, True)


def test_a_run_with_nothing_new_ends_at_once(ask) -> None:
    result = ask("run")
    assert result.exit_code == 0
    assert "nothing new" in result.output


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow one another at once; the tests of the client say how long it waits."""
    monkeypatch.setattr(resources, "Client", functools.partial(Client, sleep=lambda _: None))


@pytest.mark.usefixtures("no_waiting")
def test_sources_that_fail_end_with_4_and_what_was_there_is_published(
    released: Settings, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(released.home, home, symlinks=True)
    environ = {"CAMBRIAN_HOME": str(home), **everywhere("http://127.0.0.1:9")}
    result = CliRunner().invoke(cli.main, ["run", "--source", "live"], env=environ)
    assert (result.exit_code, "published: release" in result.output) == (4, True), result.output
    told = r"^(Error: )?huggingface_models_today: .*did not answer"
    assert re.search(told, result.output, re.MULTILINE)
    query = "from marts.headlines order by all"
    found = []
    for folder in (released.home, home):
        with duckdb.connect(str(folder / "cambrian.duckdb"), read_only=True) as reader:
            found.append(reader.sql(query).fetchall())
    assert found[0] == found[1]
    assert "huggingface models: never landed" in (home / "site" / "index.html").read_text()


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Call `cambrian run` up to the point where the assets would be materialized, and give its settings."""

    def invoke(*arguments: str, home: Path = tmp_path, **environ: str) -> Settings | None:
        found: list[Settings] = []

        def stop(settings: Settings) -> None:
            found.append(settings)
            raise cli._Failure("stopped here", 1)

        monkeypatch.setattr(cli, "_execute", stop)
        result = CliRunner().invoke(
            cli.main, ["run", *arguments], env={"CAMBRIAN_HOME": str(home), **environ}
        )
        assert result.exit_code == (1 if found else 0), result.output
        return found[0] if found else None

    return invoke


def test_options_say_how_much_of_the_hub_a_live_run_lists(settings_of) -> None:
    found = settings_of(
        *("--source", "live", "--depth", "full,families", "--top", "50", "--base", "a/b", "--base", "c/d"),
        CAMBRIAN_DEPTH="top",
        CAMBRIAN_BASES="e/f",
    )
    assert (found.source, found.depths, found.top) == ("live", ("full", "families"), 50)
    assert found.bases == ("a/b", "c/d")


def test_without_options_the_environment_says_how_much(settings_of) -> None:
    found = settings_of(CAMBRIAN_SOURCE="live", CAMBRIAN_DEPTH="full", CAMBRIAN_BASES="e/f,g/h")
    assert (found.source, found.depths, found.bases) == ("live", ("full",), ("e/f", "g/h"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--depth", "whole"], "CAMBRIAN_DEPTH is 'whole'"),
        (["--top", "many"], "CAMBRIAN_TOP is 'many'"),
        (["--recording", "nowhere.tar"], "nowhere.tar"),
    ],
)
def test_a_wrong_option_ends_with_2_and_what_it_can_be(
    arguments: list[str], told: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(cli.main, ["run", *arguments], env={"CAMBRIAN_HOME": str(tmp_path)})
    assert (result.exit_code, told in result.output) == (2, True), result.output
    assert not list(tmp_path.iterdir())


def test_an_address_with_a_password_ends_with_2_and_is_not_repeated(tmp_path: Path) -> None:
    environ = {"CAMBRIAN_HOME": str(tmp_path), "HF_ENDPOINT": "https://user:secret@host"}
    result = CliRunner().invoke(cli.main, ["run"], env=environ)
    assert (result.exit_code, "HF_ENDPOINT must be" in result.output) == (2, True)
    assert "secret" not in result.output


def land(home: Path, day: date) -> None:
    """Land one live answer of a day, which says no."""
    store = PayloadStore(home / "payloads")
    snapshot = Snapshot(source="github_releases", day=day, scope="registered", title="-", is_live=True)
    manifest = store.resume(snapshot)
    body = b'{"message": "Not Found"}'
    answer = Answer(
        url="https://api.github.com/repos/o/r/releases",
        status=404,
        gzip_body=gzip.compress(body, mtime=0),
        body=body,
        next_url=None,
        final_url="https://api.github.com/repos/o/r/releases",
        headers={},
    )
    store.add_page(manifest, answer, subject="o/r")
    store.complete(manifest)


def record(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["record", *arguments], env={"CAMBRIAN_HOME": str(home)})


def test_the_newest_day_is_recorded_or_all_from_a_day_on(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "day.tar"
    for day in (date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 23)):
        land(home, day)
    result = record(home, str(file))
    assert (result.exit_code, result.output) == (
        0, f"{file}: 2026-11-23, 1 snapshots, 1 pages, {file.stat().st_size / 1e6:.1f} MB\n",
    )  # fmt: skip
    result = record(home, str(file), "--since", "2026-11-22")
    assert result.exit_code == 0
    assert f"{file}: 2026-11-22 to 2026-11-23, 2 snapshots, 2 pages" in result.output


def test_without_a_live_day_there_is_nothing_to_record(tmp_path: Path) -> None:
    result = record(tmp_path, str(tmp_path / "day.tar"))
    assert (result.exit_code, result.output) == (
        3, "Error: Nothing was landed live yet. `cambrian run --source live` lands a day.\n",
    )  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["writer.lock"]


def test_a_replay_is_of_the_last_day_of_its_recording(settings_of, tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "day.tar"
    land(home, date(2026, 1, 5))
    record(home, str(file))
    found = settings_of("--recording", str(file))
    assert (found.source, found.recording, found.as_of) == ("recorded", file, date(2026, 1, 5))
    assert settings_of("--recording", str(file), "--as-of", "2026-01-09").as_of == date(2026, 1, 9)


def test_a_file_that_is_no_recording_ends_with_3(tmp_path: Path) -> None:
    file = tmp_path / "day.tar"
    file.write_text("<html>")
    environ = {"CAMBRIAN_HOME": str(tmp_path / "home")}
    result = CliRunner().invoke(cli.main, ["run", "--recording", str(file)], env=environ)
    assert (result.exit_code, "is no recording of `cambrian record`" in result.output) == (3, True)


def test_a_recording_of_the_day_of_the_last_run_is_not_taken_for_nothing_new(
    settings_of, released: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "day.tar"
    land(tmp_path / "home", released.as_of)
    record(tmp_path / "home", str(file))
    assert settings_of("--recording", str(file), home=released.home) is not None


def test_as_of_tells_nothing_that_came_later(tmp_path: Path) -> None:
    environ = {"CAMBRIAN_HOME": str(tmp_path)}
    result = CliRunner().invoke(cli.main, ["run", "--as-of", "2025-04-30"], env=environ)
    assert result.exit_code == 0, result.output
    with duckdb.connect(str(tmp_path / "cambrian.duckdb"), read_only=True) as reader:
        newest = reader.sql(
            "select max(as_of_date), (select max(snapshot_date) from core.snapshots), "
            "(select max(event_date) from core.releases) from marts.headlines"
        ).fetchall()
    assert [day.isoformat()[:7] for day in newest[0]] == ["2025-03", "2025-04", "2025-04"]


def test_as_of_before_anything_was_landed_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    environ = {"CAMBRIAN_HOME": str(tmp_path)}
    result = CliRunner().invoke(cli.main, ["run", "--as-of", "2020-01-01"], env=environ)
    assert result.exit_code == 3
    *progress, last = result.output.strip().splitlines()
    assert last == "Error: Nothing was landed up to 2020-01-01; try a later --as-of."
    assert all(line in caplog.text for line in progress)  # where the machine is slow


def test_a_query_without_rows_is_an_empty_table(ask) -> None:
    result = ask("query", "select 1 as one where false", "--format", "csv")
    assert (result.exit_code, result.output) == (0, "one\n")


def test_what_duckdb_finds_only_while_running_ends_with_7(ask) -> None:
    assert ask("query", "select cast(headline as integer) from marts.headlines").exit_code == 7
    assert ask("query", "no-such-file.sql").exit_code == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--depth", "full"), "--depth only means something with --source live"),
        (("--top", "50", "--base", "a/m"), "--top, --base only means something with --source live"),
        (("--source", "live", "--base", "a/m"), "--base only means something with --depth families"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(ask, options: tuple[str, ...], words: str) -> None:
    result = ask("run", *options)
    assert (result.exit_code, words in result.output) == (2, True)


def test_an_interrupted_run_says_how_to_go_on(ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_settings: Settings) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_execute", interrupted)
    result = ask("run", "--force")
    assert result.exit_code == 130
    assert "run the same command again to go on" in result.output
    assert "Traceback" not in result.output
