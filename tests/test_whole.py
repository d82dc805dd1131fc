"""The whole as a user meets it: killed, kept waiting, read while it runs, made anew to the byte."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from click.testing import CliRunner

from pipelines import cli
from pipelines.definitions import build_defs
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.warehouse.lock import writer_lock
from tests.conftest import QUIET


def start(home: Path) -> subprocess.Popen[str]:
    """Make everything anew on one processor."""
    on_one = ("taskset", "--cpu-list", str(min(os.sched_getaffinity(0))))
    return subprocess.Popen(
        [*on_one, sys.executable, "-m", "pipelines.cli", "run", "--force"],
        cwd=PROJECT_ROOT,
        env={**os.environ, "CAMBRIAN_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def assert_agrees_with_itself(home: Path) -> None:
    """Follow the link once, as whoever needs several files of one release does."""
    release = (home / "current").resolve()
    manifest = json.loads((release / "manifest.json").read_text())
    with duckdb.connect(str(release / "cambrian.duckdb"), read_only=True) as reader:
        for table, rows in manifest["rows"].items():
            parquet = release / "parquet" / f"{table.replace('.', '/')}.parquet"
            counts = reader.sql(
                f"select (select count(*) from {table}), (select count(*) from '{parquet}')"
            ).fetchall()
            assert counts == [(rows, rows)], table
    assert (release / "site" / "index.html").is_file()


def checksums(home: Path) -> dict[str, bytes]:
    folder = home / "parquet"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")}


@pytest.fixture
def home(released: Settings, tmp_path: Path) -> Path:
    """A copy of a finished home."""
    copy = tmp_path / "home"
    shutil.copytree(released.home, copy, symlinks=True)
    return copy


def test_a_killed_run_leaves_the_release_whole_and_the_next_waits_and_makes_the_same_to_the_byte(
    released: Settings, home: Path
) -> None:
    """Made on one processor it is the release that the tests made on all.

    Its id is made from the checksums of what a run has just written (see pipelines/warehouse/release.py).
    """
    release = (home / "current").resolve()
    release.rename(release.with_name("2020-01-01-before"))  # so that there is something to swap in
    (home / "current").unlink()
    (home / "current").symlink_to("releases/2020-01-01-before")
    (home / "warehouse.duckdb").unlink()
    killed = start(home)
    deadline = time.monotonic() + 60
    while not (home / "warehouse.duckdb").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(2)  # in the middle of the tables
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert (home / "current").resolve().name == "2020-01-01-before"
    assert_agrees_with_itself(home)

    with writer_lock(home / released.lock_path.name, "the tests"):
        run = start(home)
        assert run.stderr is not None
        assert f"Waiting for `the tests` (process {os.getpid()})" in run.stderr.readline()
        assert run.poll() is None
    while run.poll() is None:  # people read while it is made
        assert_agrees_with_itself(home)
        time.sleep(1)
    output, errors = run.communicate()
    assert run.returncode == 0, errors
    assert f"published: release {release.name}" in output
    assert checksums(home) == checksums(released.home)
    assert_agrees_with_itself(home)


def test_a_wrong_register_is_named_and_nothing_that_was_published_is_lost(home: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    unneeded = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*cache")

    def ignore(folder: str, names: list[str]) -> set[str]:
        return unneeded(folder, names) | ({"data"} if Path(folder) == PROJECT_ROOT else set())

    shutil.copytree(PROJECT_ROOT, project, ignore=ignore)
    register = project / "pipelines" / "reference" / "packages.csv"
    register.write_text(register.read_text() + "strange,nobody,free,sdk,verified,,\n")
    before = (home / "current").resolve().name
    run = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "run"],
        cwd=project,
        env={**os.environ, "CAMBRIAN_HOME": str(home), "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 3
    line = len(register.read_text().splitlines())
    assert f"packages.csv line {line}: access must be one of" in run.stderr
    assert f"packages.csv line {line}: source is empty" in run.stderr
    assert (home / "current").resolve().name == before
    assert_agrees_with_itself(home)


def publish_alone(home: Path) -> dg.ExecuteInProcessResult:
    """What the UI does when somebody materializes the release and nothing else."""
    defs = build_defs(Settings.from_environment({"CAMBRIAN_HOME": str(home)}))
    with dg.DagsterInstance.ephemeral() as instance:
        return defs.resolve_job_def("refresh").execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config=QUIET,
            asset_selection=[dg.AssetKey(["publication", "release"])],
        )


def test_a_table_that_breaks_a_check_is_not_published_even_alone(home: Path) -> None:
    before = (home / "current").resolve().name
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute("update marts.dependence_cube set downloads_30d = 2 * downloads_30d")
    result = publish_alone(home)
    failure = result.failure_data_for_node("publication__release")
    assert failure is not None
    assert failure.error is not None
    assert failure.error.cause is not None
    assert "holds exactly the downloads of each list" in failure.error.cause.message
    assert (home / "current").resolve().name == before


def test_a_damaged_release_is_made_anew_and_a_whole_one_stays(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = (home / "current").resolve()
    (release / "cambrian.duckdb").write_bytes(b"broken")
    assert publish_alone(home).success
    assert (home / "current").resolve() == release
    assert_agrees_with_itself(home)
    sealed = json.loads((release / "manifest.json").read_text())["inputs_sha256"]
    assert sealed == ""  # a run of one asset cannot say that everything follows from the inputs of now

    monkeypatch.setattr(cli, "_execute", lambda _: publish_alone(home))
    again = CliRunner().invoke(cli.main, ["run"], env={"CAMBRIAN_HOME": str(home)})
    assert again.exit_code == 0
    assert f"nothing new; still: release {release.name} in" in again.output
    assert (home / "current").resolve() == release
