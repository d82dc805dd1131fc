"""One writer at a time: an advisory lock on the home folder, which says who holds it."""

import contextlib
import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from pipelines.warehouse.errors import LockTimeoutError

logger = logging.getLogger("cambrian.lock")


@contextlib.contextmanager
def writer_lock(path: Path, purpose: str, *, timeout_seconds: float = 900.0) -> Iterator[None]:
    """Hold the writer's lock at `path`; while another process holds it, wait and say for whom.

    Raises LockTimeoutError after `timeout_seconds`. The operating system frees the lock of a killed process.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    holder_path = path.with_suffix(".holder.json")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        holder = _holder(holder_path)
        logger.warning("Waiting for %s to end (at most %d s).", holder, timeout_seconds)
        _acquire(lock, holder, timeout_seconds)
    try:
        holder_path.write_text(json.dumps({"pid": os.getpid(), "purpose": purpose, "since": time.time()}))
        yield
    finally:
        holder_path.unlink(missing_ok=True)
        lock.release()


def _acquire(lock: FileLock, holder: str, timeout_seconds: float) -> None:
    try:
        lock.acquire(timeout=timeout_seconds, poll_interval=0.2)
    except Timeout as error:
        raise LockTimeoutError(
            f"{holder} has been writing for more than {timeout_seconds:.0f} s. Wait for it, or end it by its "
            "process id, and run this command again."
        ) from error


def _holder(path: Path) -> str:
    try:
        row = json.loads(path.read_text())
        os.kill(row["pid"], 0)  # a killed run leaves its note behind; this only asks whether it lives
        return f"`{row['purpose']}` (process {row['pid']})"
    except (OSError, ValueError, KeyError):
        return "another cambrian process"
