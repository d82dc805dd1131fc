"""Every fault that the sources can meet: what the user sees, what it costs, what is lost (nothing).

    python benchmarks/faults.py

Each fault is met by a real landing from a stand-in on 127.0.0.1, once or lastingly; then the same landing is
run again without it. Waits are noted and not waited. The table goes to benchmarks/FAULTS.md; the exit code is
1 when anything was lost.
"""

import logging
import math
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT_ROOT))

from pipelines.sources import http  # noqa: E402
from pipelines.sources.errors import SourceError  # noqa: E402
from pipelines.sources.github import land_star_history  # noqa: E402
from pipelines.sources.http import Client  # noqa: E402
from pipelines.sources.huggingface import land_walk, whole_walk  # noqa: E402
from pipelines.sources.payloads import Manifest, PayloadStore  # noqa: E402
from pipelines.sources.pypistats import land_downloads  # noqa: E402
from tests.standins import github, hub, made, pypistats  # noqa: E402
from tests.standins.faults import FAULTS, Fault  # noqa: E402
from tests.standins.server import Clock, StandIn  # noqa: E402

TODAY = date(2026, 11, 23)
PAGES = 20
FOREVER = math.inf
SLOWEST_SECONDS = 0.4
TARGET = Path(__file__).with_name("FAULTS.md")
Land = Callable[[Client, str, PayloadStore], Manifest]


@dataclass(frozen=True)
class Source:
    """One API: its stand-in, and a landing of PAGES pages."""

    name: str
    serve: Callable[..., StandIn]
    land: Land


def _hub(clock: Callable[[], float], **more: Any) -> StandIn:
    return hub.Hub(made.models(2 * PAGES, hostile=False), page_limit=2, clock=clock, **more)


def _land_hub(client: Client, url: str, store: PayloadStore) -> Manifest:
    walk = replace(whole_walk(TODAY), expected=2 * PAGES)
    return land_walk(client, url, walk, store, today=TODAY)


NAMES = [f"org/repository-{number:02d}" for number in range(PAGES)]


def _github(clock: Callable[[], float], **more: Any) -> StandIn:
    known = [each | {"weeks": each["weeks"][:20]} for each in made.repositories(NAMES, today=TODAY)]
    return github.GitHub(known, clock=clock, **more)


def _land_github(client: Client, url: str, store: PayloadStore) -> Manifest:
    return land_star_history(client, url, NAMES, store, day=TODAY, today=TODAY)


PACKAGES = [f"package-{number:02d}" for number in range(PAGES)]


def _pypistats(clock: Callable[[], float], **more: Any) -> StandIn:
    return pypistats.PyPIStats(made.packages(PACKAGES, today=TODAY), today=TODAY, clock=clock, **more)


def _land_pypistats(client: Client, url: str, store: PayloadStore) -> Manifest:
    return land_downloads(
        client, url, PACKAGES, store, day=TODAY, today=TODAY, pause_seconds=0, sleep=lambda _: None
    )


HUB = Source("Hub", _hub, _land_hub)
GITHUB = Source("GitHub", _github, _land_github)
PYPISTATS = Source("pypistats", _pypistats, _land_pypistats)


@dataclass(frozen=True)
class Case:
    """One fault. `seconds_between` the two runs pass; the server's clock is `ahead` by so many seconds."""

    name: str
    source: Source = HUB
    faults: tuple[tuple[str, float, Any], ...] = ()  # kind, how often, value
    serving: dict[str, Any] = field(default_factory=dict)
    is_down: bool = False
    ahead: float = 0
    seconds_between: float = 0
    is_slow: bool = False


def cases() -> list[Case]:
    """Every kind of fault once and for ever, then what is no fault of a single answer."""
    values = {"slow": 3 * SLOWEST_SECONDS}
    found = []
    for kind in FAULTS:
        source = GITHUB if kind == "403-secondary" else HUB
        for often, times in (("once", 1), ("lasting", FOREVER)):
            fault = (kind, times, values.get(kind))
            found.append(Case(f"`{kind}`, {often}", source, (fault,), is_slow=kind == "slow"))
    for source in (GITHUB, PYPISTATS):
        for kind in ("429-bare", "500", "reset", "half-body", "wrong-gzip", "html"):
            for often, times in (("once", 1), ("lasting", FOREVER)):
                found.append(Case(f"`{kind}`, {often}", source, ((kind, times, None),)))
    found += [Case("source down", source, is_down=True) for source in (HUB, GITHUB, PYPISTATS)]
    lasting_500 = (("500", FOREVER, None),)
    found += [
        Case("stale cursor: two hours until the next run", faults=lasting_500, seconds_between=7200),
        Case("quota of 6 calls per 5 minutes", serving={"anonymous_quota": 6}),
        Case("the same, server's clock 5 min ahead", serving={"anonymous_quota": 6}, ahead=300),
        Case("the same, server's clock 5 min behind", serving={"anonymous_quota": 6}, ahead=-300),
        Case("quota of an hour used up", GITHUB, serving={"anonymous_limit": 12}, seconds_between=3602),
        Case("the same, server's clock 5 min ahead", GITHUB, serving={"anonymous_limit": 12}, ahead=300,
             seconds_between=3602),
        Case("the same, server's clock 5 min behind", GITHUB, serving={"anonymous_limit": 12}, ahead=-300,
             seconds_between=3602),
        Case("quota of 12 calls a minute", PYPISTATS, serving={"calls_a_minute": 12}),
    ]  # fmt: skip
    return found


@dataclass
class Run:
    """How one landing went."""

    said: str
    requests: int
    waits: list[float]
    pages: int
    is_complete: bool

    @property
    def landed(self) -> str:
        return f"{self.pages} of {PAGES} pages" + ("" if self.is_complete else ", not complete")


def run(case: Case, server: StandIn, url: str, clock: Clock, store: PayloadStore) -> Run:
    """Land once; whatever is said is told without the address."""
    clock.waits, before = [], len(server.requests)
    said = ""
    with Client(sleep=clock.sleep, clock=clock.read) as client:
        try:
            case.source.land(client, url, store)
        except SourceError as error:
            said = str(error)
    found = _landed(store)
    notes = found.notes if found else []
    text = " ".join([said, *(notes if not said else [])]).strip()
    pages = found.pages if found else []
    return Run(
        text.replace(url, case.source.name).replace(url.removeprefix("http://"), case.source.name),
        len(server.requests) - before,
        clock.waits,
        len(pages),
        bool(found and found.is_complete),
    )


def _landed(store: PayloadStore) -> Manifest | None:
    sources = [path.name for path in store.root.glob("*") if path.is_dir()]
    return next((m for name in sources for m in store.manifests(name, incomplete=True)), None)


@contextmanager
def _served(case: Case, clock: Clock, *, is_faulty: bool) -> Iterator[StandIn]:
    with case.source.serve(lambda: clock.now + case.ahead, **(case.serving if is_faulty else {})) as server:
        if is_faulty:
            server.faults = [Fault(kind, after=5, times=n, value=value) for kind, n, value in case.faults]
        yield server


def bodies(store: PayloadStore) -> dict[str, list[Any]]:
    """Give the rows that were landed, by subject."""
    import json

    manifest = _landed(store)
    found: dict[str, list[Any]] = {}
    if manifest:
        for page, body in zip(manifest.pages, store.bodies(manifest), strict=True):
            rows = json.loads(body)
            found.setdefault(page.subject, []).extend(rows if isinstance(rows, list) else [rows])
    return found


def lost(undisturbed: dict[str, list[Any]], landed: dict[str, list[Any]]) -> str:
    """Say which rows of the undisturbed landing are missing, and how many there are besides."""
    if landed == undisturbed:
        return "nothing"
    missing = sum(row not in landed.get(name, []) for name, rows in undisturbed.items() for row in rows)
    more = sum(map(len, landed.values())) - sum(map(len, undisturbed.values())) + missing
    if missing:
        return f"**{missing} of {sum(map(len, undisturbed.values()))} rows**"
    return f"nothing; {more} odd rows more, kept as they came"


def meet(case: Case, undisturbed: dict[str, list[Any]]) -> list[str]:
    """Run one case and give its row."""
    random.seed(0)  # the jitter of the pauses: the same table each time
    clock = Clock()
    patience = http.READ_TIMEOUT_SECONDS
    with tempfile.TemporaryDirectory() as folder, _served(case, clock, is_faulty=True) as server:
        store = PayloadStore(Path(folder) / "payloads")
        if case.is_slow:
            http.READ_TIMEOUT_SECONDS = SLOWEST_SECONDS
        url = "http://127.0.0.1:9" if case.is_down else server.url
        first = run(case, server, url, clock, store)
        http.READ_TIMEOUT_SECONDS = patience
        clock.now += case.seconds_between
        server.faults = []
        second = run(case, server, server.url, clock, store) if not first.is_complete else first
        row_lost = lost(undisturbed, bodies(store)) if second.is_complete else f"**{second.said}**"
    waited = f"{len(first.waits)} waits, {sum(first.waits):.0f} s in all" if first.waits else "no wait"
    more = first.requests - first.pages
    tries = f"{more} requests more than pages, {waited}" if more else waited
    again = "(not needed)" if second is first else second.landed
    return [case.name, case.source.name, shortened(first.said), tries, first.landed, again, row_lost]


def shortened(text: str) -> str:
    """Make a message fit into a cell."""
    plain = " ".join(text.replace("|", "\\|").split()) or "nothing"
    return plain if len(plain) <= 220 else plain[:217] + "..."


def undisturbed(source: Source) -> dict[str, list[Any]]:
    """Give the rows of a landing without any fault."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, source.serve(clock.read, **_unlimited(source)) as server:
        store = PayloadStore(Path(folder))
        with Client(sleep=clock.sleep, clock=clock.read) as client:
            source.land(client, server.url, store)
        return bodies(store)


def _unlimited(source: Source) -> dict[str, Any]:
    return {"anonymous_limit": 5000} if source is GITHUB else {}


def table() -> tuple[str, bool]:
    """Meet every fault; give the table, and whether nothing was lost."""
    good = {source.name: undisturbed(source) for source in (HUB, GITHUB, PYPISTATS)}
    rows = [meet(case, good[case.source.name]) for case in cases()]
    head = ["fault", "source", "what the user sees", "tries and waits", "landed after the fault",
            "after running again", "lost"]  # fmt: skip
    lines = [head, ["---"] * len(head), *rows]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return text, all(row[-1].startswith("nothing") for row in rows)


def main() -> int:
    """Print the table, write it down, and say by the exit code whether anything was lost."""
    logging.disable(logging.CRITICAL)  # what a landing warns of stands in the table
    text, is_whole = table()
    introduction = (
        "# Faults\n\n"
        "Made by `python benchmarks/faults.py`: each fault met by a real landing of "
        f"{PAGES} pages from a stand-in, from the sixth answer on, once or lastingly; then the same landing "
        "run again without it. Addresses of the stand-ins are left out of the messages.\n\n"
    )
    TARGET.write_text(f"{introduction}{text}\n")
    print(text)
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
