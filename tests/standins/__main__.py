"""Start all stand-ins and print the variables that lead Cambrian to them: `python -m tests.standins`."""

import argparse
import csv
import signal
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from tests.standins import github, hub, made, optional, pypistats
from tests.standins.faults import FAULTS, Fault
from tests.standins.server import StandIn

REFERENCE = Path(__file__).resolve().parents[2] / "pipelines" / "reference"


def _register(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.standins", description=__doc__)
    parser.add_argument("--models", type=int, default=12_000, help="how many models the Hub has")
    parser.add_argument("--quota", type=int, default=1000, help="calls per 5 minutes with a token")
    parser.add_argument("--port-base", type=int, default=0, help="first of five ports (0: any free ones)")
    parser.add_argument("--fault", action="append", default=[], choices=list(FAULTS), help="once, at call 3")
    return parser.parse_args()


def _servers(options: argparse.Namespace, folder: Path) -> dict[str, StandIn]:
    today = datetime.now(UTC).date()
    models = made.models(options.models)
    board = [
        {"model_name": "made-up", "organization": "nobody", "rating": 1400.0, "vote_count": 9, "rank": 1}
    ]
    files = {
        hub.HUB_STATS: made.hub_parquet(folder / "models.parquet", models, today=today),
        optional.ARENA_TEXT: optional.arena_parquet(folder / "arena.parquet", board),
    }
    ports = [options.port_base and options.port_base + i for i in range(5)]
    cdn = hub.Cdn(files, port=ports[4])
    known = _register("repositories.csv")
    names = sorted({row["repository"] for row in known})
    renamed = {row["observed_name"]: row["repository"] for row in known if row["observed_name"] not in names}
    series = made.packages([row["package"] for row in _register("packages.csv")], today=today)
    organizations = made.organizations(models)
    return {
        "HF_ENDPOINT": hub.Hub(
            models, quota=options.quota, cdn=cdn, organizations=organizations, port=ports[0]
        ),
        "GITHUB_API_URL": github.GitHub(
            made.repositories(names, today=today), renamed=renamed, port=ports[1]
        ),
        "PYPISTATS_URL": pypistats.PyPIStats(series, today=today, port=ports[2]),
        "OPENROUTER_URL": optional.OpenRouter(made.rankings(today=today), today=today, port=ports[3]),
        "CDN": cdn,
    }


def main() -> None:
    """Serve until Ctrl-C (or SIGTERM), then say how often each server was asked."""
    options, is_over = _options(), Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: is_over.set())
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = _servers(options, Path(folder))
        for name, server in servers.items():
            server.faults = [Fault(kind, after=2) for kind in options.fault]
            stack.enter_context(server)
            if name != "CDN":
                sys.stdout.write(f"export {name}={server.url}\n")
        tokens = {"HF_TOKEN": hub.TOKEN, "GITHUB_TOKEN": github.TOKEN, "OPENROUTER_API_KEY": optional.TOKEN}
        sys.stdout.writelines(f"export {name}={token}\n" for name, token in tokens.items())
        sys.stdout.flush()
        is_over.wait()
        sys.stdout.writelines(
            f"{name}: {len(server.requests)} requests\n" for name, server in servers.items()
        )


if __name__ == "__main__":
    main()
