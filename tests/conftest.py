"""Fixtures that several test modules share."""

import os
from collections.abc import Generator, Iterator

import dagster as dg
import duckdb
import pytest
from filelock import FileLock

from pipelines.definitions import build_defs
from pipelines.settings import SQL_DIR, Settings
from pipelines.warehouse.connection import open_memory
from pipelines.warehouse.models import SqlModel, load_models

#: Files whose few tests take long: they begin first, or one worker would end with them while the others wait.
#: The first makes the released home; the second does without it, so that nobody waits for it.
LONG = ("test_whole.py", "test_live.py", "test_cli.py", "test_browser.py", "test_findings.py")
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more than processors: workers wait for browsers, servers and disks."""
    return (yield) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first; all else stays in its order."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


@pytest.fixture(scope="session")
def models() -> dict[str, SqlModel]:
    """Every SQL model of the project."""
    return load_models(SQL_DIR)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty warehouse in memory."""
    with open_memory() as opened:
        yield opened


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a home into which the whole recorded data was refreshed once, with its release.

    The first worker that asks makes it and the others wait for it: nobody writes into it.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    settings = Settings.from_environment({"CAMBRIAN_HOME": str(folder / "released")})
    done = folder / "released.done"
    with FileLock(folder / "released.lock"):
        if not done.exists():
            with dg.DagsterInstance.ephemeral() as instance:
                job = build_defs(settings).resolve_job_def("refresh")
                assert job.execute_in_process(instance=instance, run_config=QUIET).success
            done.touch()
    return settings
