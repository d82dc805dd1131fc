"""How long a stranger waits, and how much room it takes: install, first run, second run, from a fresh clone.

    python benchmarks/first_run.py [--runs 2]

Prints one line a figure: each run and the median. The clone and everything in it goes to a temporary folder.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]


def timed(command: list[str], cwd: Path, home: Path) -> float:
    """Run a command and give its wall-clock seconds; its output is shown only when it fails."""
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "CAMBRIAN_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return time.monotonic() - started


def megabytes(folder: Path) -> float:
    """Size of a folder's files, each counted once, links not followed."""
    seen: dict[tuple[int, int], int] = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        seen[status.st_dev, status.st_ino] = status.st_size
    return sum(seen.values()) / 1e6


def show(name: str, values: list[float], unit: str, target: str) -> None:
    """Print one figure: its runs, the median, what is aimed at."""
    runs = ", ".join(f"{value:.1f}" for value in values)
    print(f"{name:<34} {statistics.median(values):8.1f} {unit:<3} (runs: {runs}; aim: {target})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "cambrian"
        subprocess.run(["git", "clone", "--quiet", str(PROJECT_ROOT), str(clone)], check=True)
        install = [timed(["make", ".venv/base"], clone, clone / "data")]
        first, second = [], []
        for number in range(runs):
            home = Path(folder) / f"home{number}"
            first.append(timed(["make", "dashboards"], clone, home))
            second.append(timed([".venv/bin/cambrian", "run"], clone, home))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        show("install (.venv/base)", install, "s", "-")
        show("base installation", [megabytes(clone / ".venv")], "MB", "below 900")
        show("make dashboards, installed", first, "s", "at most 30")
        show("second run, nothing new", second, "s", "at most 10")
        show("peak memory of the largest process", [peak], "MB", "below 1000")
        show("data folder after a run", [megabytes(home)], "MB", "-")
        show("shipped recording", [megabytes(clone / "pipelines" / "recorded")], "MB", "at most 6")
        shutil.rmtree(clone)


if __name__ == "__main__":
    main()
