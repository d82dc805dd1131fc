"""One writer at a time, across processes: the second waits and says for whom; a dead one holds nothing."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest

from pipelines.warehouse.errors import LockTimeoutError
from pipelines.warehouse.lock import writer_lock

HOLDER = """
import sys
from pathlib import Path
from pipelines.warehouse.lock import writer_lock

with writer_lock(Path(sys.argv[1]), "cambrian run --as-of 2026-05-01"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def lock_path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "writer.lock"


@pytest.fixture
def holder(lock_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock until a line comes in, or it is killed."""
    command = [sys.executable, "-c", HOLDER, str(lock_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def release(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_second_process_waits_says_for_whom_and_goes_on_when_it_is_free(
    holder: "subprocess.Popen[str]", lock_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Timer(0.1, release, [holder]).start()
    with (
        caplog.at_level(logging.WARNING, "cambrian.lock"),
        writer_lock(lock_path, "second", timeout_seconds=5),
    ):
        assert json.loads(lock_path.with_suffix(".holder.json").read_text())["purpose"] == "second"
    assert caplog.messages == [
        f"Waiting for `cambrian run --as-of 2026-05-01` (process {holder.pid}) to end (at most 5 s)."
    ]


def test_a_second_process_gives_up_and_says_who_is_still_writing(
    holder: "subprocess.Popen[str]", lock_path: Path
) -> None:
    told = rf"`cambrian run --as-of 2026-05-01` \(process {holder.pid}\) has been writing for more than 0 s"
    with (
        pytest.raises(LockTimeoutError, match=told),
        writer_lock(lock_path, "second", timeout_seconds=0.05),
    ):
        pytest.fail("it went on although another process holds the lock")
    assert holder.poll() is None


def test_giving_up_does_not_take_the_lock_from_its_holder(
    holder: "subprocess.Popen[str]", lock_path: Path
) -> None:
    for _ in range(2):
        with pytest.raises(LockTimeoutError), writer_lock(lock_path, "second", timeout_seconds=0.01):
            pytest.fail("it went on although another process holds the lock")
    assert json.loads(lock_path.with_suffix(".holder.json").read_text())["pid"] == holder.pid


def test_the_lock_of_a_killed_process_is_free_at_once(
    holder: "subprocess.Popen[str]", lock_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    holder.kill()
    assert holder.wait() == -9
    with writer_lock(lock_path, "second", timeout_seconds=0):
        held = json.loads(lock_path.with_suffix(".holder.json").read_text())
    assert held["purpose"] == "second"
    assert caplog.messages == []


def test_a_holder_that_cannot_be_read_is_another_process(
    holder: "subprocess.Popen[str]", lock_path: Path
) -> None:
    lock_path.with_suffix(".holder.json").write_text("{")
    with (
        pytest.raises(LockTimeoutError, match="another cambrian process has been writing"),
        writer_lock(lock_path, "second", timeout_seconds=0.01),
    ):
        pytest.fail("it went on although another process holds the lock")


def test_the_lock_says_who_holds_it_and_leaves_nothing_to_say_afterwards(lock_path: Path) -> None:
    note = lock_path.with_suffix(".holder.json")
    with writer_lock(lock_path, "cambrian run"):
        assert json.loads(note.read_text())["purpose"] == "cambrian run"
    assert not note.exists()


def test_a_command_that_fails_gives_the_lock_back(lock_path: Path) -> None:
    def fail() -> None:
        with writer_lock(lock_path, "first"):
            raise ValueError("it failed")

    with pytest.raises(ValueError, match="it failed"):
        fail()
    with writer_lock(lock_path, "second", timeout_seconds=0):
        assert lock_path.with_suffix(".holder.json").exists()
