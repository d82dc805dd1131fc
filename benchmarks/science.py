"""What all tables of a whole Hub cost, from raw on: each step's seconds and memory, growth, the peer.

    python benchmarks/science.py [--models 300000 1000000 3000000] [--cache FOLDER] [--peer-models 300000]

For each size a made-up Hub (made_hub.py; once, kept in the cache) is copied, and a process of its own makes
staging, core and marts with the functions that the assets call, in the order in which they are read. Then the
core analyses are done once more the usual way, with pandas and networkx, and the results compared. Writes
benchmarks/SCIENCE.md. Two cores: run it on an idle machine, or with `taskset -c 0,1` on a larger one.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT_ROOT))

from benchmarks.science_peer import KNOCKED_OUT  # noqa: E402
from benchmarks.usage import cpu_seconds, peak_mb  # noqa: E402

REPORT = Path(__file__).with_name("SCIENCE.md")
THREADS = 2
#: What the issue asks for at three million models.
MOST_SECONDS, MOST_MB = 30, 3000
#: Steps below this are summed up in the report.
SHOWN_SECONDS = 0.1
#: The tables of ours that hold what the peer computes.
SAME_AS_PEER = (
    "core.descents",
    "marts.dependence_cube",
    "marts.dependence_shares",
    "marts.organization_shares",
)


@dataclass
class Step:
    """One calculation and what it took; `peak_mb` is the process's peak while it ran."""

    tables: list[str]
    seconds: float
    cpu_seconds: float
    peak_mb: float
    rows: int = 0
    check_seconds: float = 0.0


def measure(folder: Path, *, is_checked: bool) -> None:
    """Make every table of a Hub in `folder`; print each step as a line of JSON."""
    from benchmarks.made_hub import LIST_DATE
    from pipelines.assets.resources import checks_by_table
    from pipelines.settings import REFERENCE_DIR, SQL_DIR
    from pipelines.warehouse.checks import run_check
    from pipelines.warehouse.connection import open_warehouse
    from pipelines.warehouse.models import count, load_models, write_frame
    from pipelines.warehouse.registers import read_registers

    models = load_models(SQL_DIR)
    connection = open_warehouse(folder / "warehouse.duckdb")
    connection.execute(f"set threads = {THREADS}")
    for table, frame in read_registers(models, REFERENCE_DIR, as_of=LIST_DATE).items():
        write_frame(connection, models[table], frame)
    checks = checks_by_table(models)
    made: set[str] = set()
    for model in models.values():
        if model.schema == "reference" or model.table in made:
            continue
        if model.schema == "raw":
            _create_missing(connection, model)
            continue
        peak_mb()
        started, used = time.monotonic(), cpu_seconds()
        tables = make(connection, models, model.table, folder)
        step = Step(tables, time.monotonic() - started, cpu_seconds() - used, peak_mb())
        made.update(tables)
        step.rows = sum(count(connection, table) for table in tables)
        if is_checked:
            started = time.monotonic()
            for check in (check for table in tables for check in checks[table]):
                run_check(connection, check)
            step.check_seconds = time.monotonic() - started
        print(json.dumps(asdict(step)), flush=True)
    connection.close()


def _create_missing(connection: Any, model: Any) -> None:
    columns = ", ".join(f"{column} {kind}" for column, (kind, _) in model.columns.items())
    connection.execute(f"create table if not exists {model.table} ({columns})")


def make(connection: Any, models: Any, table: str, folder: Path) -> list[str]:
    """Make a table and those that come with it, as its asset does; give their names."""
    from benchmarks.made_hub import LIST_DATE
    from pipelines.assets.analysed import maker
    from pipelines.assets.descent import ATTRIBUTION, LINEAGE, make_attribution, make_lineage
    from pipelines.warehouse.counters import keep_counters, read_counters
    from pipelines.warehouse.models import build, made_frame, write_frame
    from pipelines.warehouse.vintages import headline_vintages

    model = models[table]
    if table in LINEAGE:
        make_lineage(connection, models)
        return list(LINEAGE)
    if table in ATTRIBUTION:
        make_attribution(connection, models)
        return list(ATTRIBUTION)
    if model.made_by == "pipelines.warehouse.counters":
        keep_counters(connection, models, folder / "counters")
        read_counters(connection, models, folder / "counters", LIST_DATE)
        return ["staging.counted_models", "staging.model_counts"]
    if table == "core.sources":  # of the payload store, which is not here
        _create_missing(connection, model)
    elif table == "marts.headline_vintages":
        frame = headline_vintages(connection, folder / "vintages", LIST_DATE)
        write_frame(connection, model, frame.sort(model.key))
    elif model.inputs:
        write_frame(connection, model, made_frame(connection, model, maker(model)))
    else:
        build(connection, model)
    return [table]


@contextmanager
def hub(cache: Path, count: int) -> Iterator[Path]:
    """Give a copy of a made-up Hub that may be written to."""
    kept = cache / f"hub-{count}"
    if not (kept / "whole").exists():
        command = [sys.executable, str(PROJECT_ROOT / "benchmarks" / "made_hub.py"), str(kept)]
        subprocess.run([*command, "--models", str(count)], check=True)
        (kept / "whole").touch()
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        copy = Path(folder) / "home"
        shutil.copytree(kept, copy)
        yield copy


def child(script: str, *arguments: str) -> list[dict[str, Any]]:
    """Run a script in a process of its own and give its lines."""
    command = [sys.executable, str(PROJECT_ROOT / "benchmarks" / script), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def report(runs: dict[int, list[Step]], peer: dict[str, Any], peer_models: int) -> str:
    """Write all tables in Markdown."""
    largest = max(runs)
    seconds, peak = _seconds(runs[largest]), max(step.peak_mb for step in runs[largest])
    verdict = "kept" if seconds <= MOST_SECONDS and peak <= MOST_MB else "missed"
    told = (
        f"Made by `python benchmarks/science.py` with {THREADS} threads on {os.cpu_count()} cores "
        f"({platform.machine()}, load {os.getloadavg()[0]:.1f} at the end): everything of staging, core and "
        "marts from the raw tables of a made-up Hub (`made_hub.py`), each size in a process of its own, over "
        "one list and the counters of a second a week earlier; a year of weekly lists costs more. Seconds "
        "are of the clock; a step whose CPU seconds are below them ran on one core or waited."
    )
    aim = (
        f"Aim at 3,000,000 models: {MOST_SECONDS} s and {MOST_MB:,} MB; {verdict} at {largest:,}: "
        f"{seconds:.1f} s, {peak:,.0f} MB."
    )
    parts = [told, aim, _growth(runs), _steps(runs), _comparison(runs[peer_models], peer, peer_models)]
    return "\n\n".join(["# The science at the size of the Hub", *parts]) + "\n"


def _seconds(run: list[Step]) -> float:
    return sum(step.seconds for step in run)


def _table(columns: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown; all columns but the first are numbers."""
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _growth(runs: dict[int, list[Step]]) -> str:
    rows = [
        [
            f"{count:,}",
            f"{_seconds(run):.1f}",
            f"{sum(step.cpu_seconds for step in run):.1f}",
            f"{max(step.peak_mb for step in run):,.0f}",
            f"{_seconds(run) / count * 1e6:.1f}",
            f"{sum(step.check_seconds for step in run):.1f}",
        ]
        for count, run in sorted(runs.items())
    ]
    columns = ["models", "seconds", "CPU seconds", "peak MB", "seconds a million models"]
    return _table([*columns, "checks of the tables, seconds"], rows)


def _steps(runs: dict[int, list[Step]]) -> str:
    *smaller, largest = sorted(runs)
    whole = _seconds(runs[largest])
    by_table = {count: {step.tables[0]: step.seconds for step in runs[count]} for count in smaller}
    steps = sorted(runs[largest], key=lambda step: -step.seconds)
    rows = [
        [
            ", ".join(step.tables),
            f"{step.seconds:.2f}",
            f"{100 * step.seconds / whole:.1f} %",
            f"{step.cpu_seconds:.2f}",
            f"{step.peak_mb:,.0f}",
            f"{step.rows:,}",
            *(f"{by_table[count].get(step.tables[0], 0):.2f}" for count in smaller),
        ]
        for step in steps
        if step.seconds >= SHOWN_SECONDS
    ]
    rest = sum(step.seconds for step in steps if step.seconds < SHOWN_SECONDS)
    rows.append(["all others", f"{rest:.2f}", f"{100 * rest / whole:.1f} %", *[""] * (3 + len(smaller))])
    columns = [f"at {largest:,} models", "seconds", "share", "CPU seconds", "peak MB", "rows"]
    return _table([*columns, *(f"seconds at {count:,}" for count in smaller)], rows)


def _comparison(run: list[Step], peer: dict[str, Any], peer_models: int) -> str:
    ours = _seconds([step for step in run if set(step.tables) & set(SAME_AS_PEER)])
    difference = peer["difference"]
    told = (
        f"The usual way, pandas and networkx, at {peer_models:,} models, from our core.models, core.lineage "
        "and lists. It makes one level of evidence, ours three."
    )
    rows = [[name, f"{seconds:.1f}"] for name, seconds in peer["seconds"].items()]
    rows.append(["all, the usual way", f"{sum(peer['seconds'].values()):.1f}"])
    rows.append([f"ours: {', '.join(SAME_AS_PEER)}", f"{ours:.1f}"])
    equal = (
        f"Peak memory of the peer: {peer['peak_mb']:,.0f} MB. Its results differ from ours at most by "
        f"{difference['shares']:.1e} in {peer['compared']['shares']:,} origin and through shares, by "
        f"{difference['classes']:.1e} in the shares of the classes, and by {difference['knock_out']:.1e} in "
        f"the share of downloads that {KNOCKED_OUT} is upstream of."
    )
    return "\n\n".join([told, _table(["analysis", "seconds"], rows), equal])


def main() -> None:
    """Measure one Hub, or all and write the report."""
    if len(sys.argv) > 1 and sys.argv[1] == "measure":
        measure(Path(sys.argv[2]), is_checked=sys.argv[3:] == ["checked"])
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=int, nargs="+", default=[300_000, 1_000_000, 3_000_000])
    parser.add_argument("--peer-models", type=int, default=300_000)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "cambrian-bench-hubs")
    chosen = parser.parse_args()
    chosen.cache.mkdir(parents=True, exist_ok=True)
    runs, peer = {}, {}
    for count in sorted({*chosen.models, chosen.peer_models}):
        with hub(chosen.cache, count) as folder:
            runs[count] = [Step(**line) for line in child("science.py", "measure", str(folder), "checked")]
            if count == chosen.peer_models:
                peer = child("science_peer.py", str(folder))[0]
        print(f"{count:,} models: {sum(step.seconds for step in runs[count]):.1f} s", flush=True)
    text = report(runs, peer, chosen.peer_models)
    REPORT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
