"""Fixtures that several test modules share."""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from filelock import FileLock

from dashboards.build import build_site
from pipelines.assets import publication
from pipelines.definitions import build_defs
from pipelines.settings import SQL_DIR, Settings
from pipelines.warehouse.connection import open_memory
from pipelines.warehouse.models import SqlModel, load_models

#: Files whose few tests take long: they begin first, or one worker would end with them while the others wait.
#: The first makes the released home; the second does without it, so that nobody waits for it.
LONG = ("test_whole.py", "test_live.py", "test_cli.py", "test_browser.py", "test_findings.py")
#: Where Linux keeps files in memory, and twice the bytes that all homes of the tests take together.
MEMORY, NEEDED = Path("/dev/shm"), 6 * 2**30
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more than processors: workers wait for browsers, servers and disks."""
    return (yield) + 1


@pytest.hookimpl(tryfirst=True)  # before pytest itself reads where temporary files shall lie
def pytest_configure(config: pytest.Config) -> None:
    """Keep temporary files in memory where there is room, and remove them; `--basetemp FOLDER` keeps them.

    A whole run waits for the disk 13,000 times, at every event that Dagster writes down: on a disk the tests
    take a sixth longer.
    """
    if config.option.basetemp is None and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > NEEDED:
        config.option.basetemp = folder = tempfile.mkdtemp(prefix="cambrian-tests-", dir=MEMORY)
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


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


@contextmanager
def overview_alone() -> Iterator[None]:
    """Let runs build one page while the block goes on: those of the pages build them all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publication, "build_site", partial(build_site, only=["overview"]))
        yield
