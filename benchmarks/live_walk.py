"""What a whole walk over the Hub costs: walk, land, load into raw, keep the counters; beside huggingface_hub.

    python benchmarks/live_walk.py [--pages 3000] [--peer-pages 300] [--cache DIR]

A stand-in for the Hub in a process of its own serves pages of 1,000 made-up models over 127.0.0.1, compressed
beforehand. Ours and the peer's list_models walk it in processes of their own; CPU seconds, peak memory and
sizes are theirs alone. The peer needs `pip install huggingface_hub`; it is slow, so by default it walks fewer
pages and its CPU is given per page as well.
"""

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT_ROOT))

PAGE = 1000


def make_page(job: tuple[int, Path]) -> int:
    """Write one page, gzip; give its size unpacked."""
    from tests.standins.made import models

    number, path = job
    body = json.dumps(models(PAGE, 7, first=number * PAGE, hostile=False), separators=(",", ":")).encode()
    path.write_bytes(gzip.compress(body, 6, mtime=0))
    return len(body)


def make_pages(folder: Path, count: int) -> None:
    """Make the pages that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [(n, folder / f"{n}.gz") for n in range(count) if not (folder / f"{n}.gz").exists()]
    if missing:
        with ProcessPoolExecutor() as pool:
            sizes = list(pool.map(make_page, missing, chunksize=20))
        print(f"made {len(missing)} pages, {sum(sizes) / len(sizes) / PAGE:.0f} bytes a model")


def serve(folder: Path, count: int) -> None:
    """Serve the pages until standard input closes; the first line on standard output is the address."""
    from tests.standins.hub import BulkHub

    def page(number: int) -> tuple[bytes, bool]:
        return (folder / f"{number}.gz").read_bytes(), number + 1 < count

    with BulkHub(page) as hub:
        print(hub.url, flush=True)
        sys.stdin.read()


def usage(name: str, started: float, **more: object) -> None:
    """Print this process's own figures as one line of JSON."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    row = {
        "name": name,
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "wall_seconds": round(time.monotonic() - started, 1),
        "peak_mb": round(used.ru_maxrss / 1024),
    }
    print(json.dumps(row | more))


def walk_ours(endpoint: str, home: Path, *, is_loaded: bool) -> None:
    """Walk and land; load into raw as well, if wanted."""
    from pipelines.settings import Settings
    from pipelines.sources.http import Client
    from pipelines.sources.huggingface import land_walk, whole_walk
    from pipelines.sources.payloads import PayloadStore

    started, today = time.monotonic(), datetime.now(UTC).date()
    settings = Settings.from_environment({"CAMBRIAN_HOME": str(home)})
    with Client() as client:
        manifest = land_walk(
            client, endpoint, whole_walk(today), PayloadStore(settings.payloads_dir), today=today
        )
    rows = manifest.records
    if is_loaded:
        from pipelines.assets.landing import landed_snapshots
        from pipelines.assets.resources import open_workspace
        from pipelines.warehouse.load import load_payloads

        with open_workspace(settings, "benchmark") as workspace:
            model = workspace.models["raw.models"]
            rows = load_payloads(
                workspace.connection, model, landed_snapshots(workspace, ["huggingface_models"])
            )
    usage("ours", started, models=rows, pages=len(manifest.pages))


def walk_peer(endpoint: str, most: int) -> None:
    """Walk with huggingface_hub's own client, making its objects, as people do."""
    from huggingface_hub import HfApi

    from pipelines.sources.huggingface import FIELDS

    started = time.monotonic()
    rows = sum(1 for _ in HfApi(endpoint=endpoint, token=False).list_models(expand=list(FIELDS), limit=most))
    usage("huggingface_hub", started, models=rows, pages=rows // PAGE)


def keep_counters(home: Path) -> None:
    """Type the list and keep its counters, to see what a day of them takes."""
    from pipelines.assets.landing import snapshot_frame
    from pipelines.assets.resources import open_workspace
    from pipelines.settings import Settings
    from pipelines.warehouse import counters
    from pipelines.warehouse.models import build, write_frame

    started = time.monotonic()
    settings = Settings.from_environment({"CAMBRIAN_HOME": str(home)})
    with open_workspace(settings, "benchmark") as workspace:
        write_frame(workspace.connection, workspace.models["raw.snapshots"], snapshot_frame(workspace))
        build(workspace.connection, workspace.models["staging.models"])
        counters.keep_counters(workspace.connection, workspace.models, settings.counters_dir)
    usage("staging and counters", started)


def child(*arguments: str) -> dict[str, object]:
    """Run a part in a process of its own and give its figures."""
    done = subprocess.run(
        [sys.executable, __file__, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_DISABLE_TELEMETRY": "1"},
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def megabytes(folder: Path) -> float:
    """Size of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def compare(pages: int, peer_pages: int, cache: Path) -> None:
    """Run all parts and print the table."""
    make_pages(cache, pages)
    server = subprocess.Popen(
        [sys.executable, __file__, "serve", str(cache), str(pages)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    endpoint = server.stdout.readline().strip()
    try:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            rows = [child("ours", endpoint, str(home / "walk")) | {"name": "ours: walk and land"}]
            rows.append(
                child("ours-loaded", endpoint, str(home / "load"))
                | {"name": "ours: walk, land, load into raw"}
            )
            payloads, warehouse = megabytes(home / "load" / "payloads"), megabytes(home / "load")
            rows.append(child("counters", str(home / "load")))
            counts = megabytes(home / "load" / "counters" / "whole-hub")
            keys = megabytes(home / "load" / "counters" / "models")
            peer = child("peer", endpoint, str(peer_pages * PAGE))
    finally:
        server.communicate("")
    print(f"{'':<34}{'pages':>7}{'CPU s':>9}{'ms/page':>9}{'wall s':>9}{'peak MB':>9}")
    for row in [*rows, peer]:
        count = int(str(row.get("pages", pages)))
        cpu = float(str(row["cpu_seconds"]))
        print(
            f"{row['name']!s:<34}{count:>7}{cpu:>9.1f}{1000 * cpu / count:>9.1f}"
            f"{row['wall_seconds']!s:>9}{row['peak_mb']!s:>9}"
        )
    ours, theirs = float(str(rows[0]["cpu_seconds"])) / pages, float(str(peer["cpu_seconds"])) / peer_pages
    loaded = float(str(rows[1]["cpu_seconds"])) / pages
    print(
        f"CPU a page, peer / ours walking and landing {theirs / ours:.1f}, loading too {theirs / loaded:.1f}"
    )
    print(f"on disk: payloads {payloads:.0f} MB, raw {warehouse - payloads:.0f} MB, "
          f"counters of a day {counts:.1f} MB, their keys once {keys:.0f} MB")  # fmt: skip


def main() -> None:
    """Take the parts' names, or compare."""
    parts = {
        "serve": lambda folder, count: serve(Path(folder), int(count)),
        "ours": lambda endpoint, home: walk_ours(endpoint, Path(home), is_loaded=False),
        "ours-loaded": lambda endpoint, home: walk_ours(endpoint, Path(home), is_loaded=True),
        "counters": lambda home: keep_counters(Path(home)),
        "peer": lambda endpoint, most: walk_peer(endpoint, int(most)),
    }
    if len(sys.argv) > 1 and sys.argv[1] in parts:
        parts[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--peer-pages", type=int, default=300)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "cambrian-bench-pages")
    chosen = parser.parse_args()
    compare(chosen.pages, min(chosen.peer_pages, chosen.pages), chosen.cache)


if __name__ == "__main__":
    main()
