"""Small hand-made releases, and a Chromium for what only a browser can show."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from dashboards.build import PAGES
from dashboards.figures.chart import Chart
from pipelines.settings import Settings
from pipelines.warehouse.models import SqlModel, comment

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "\"double\" 'single' `back` &lt;b&gt; %{x} $a$",
    "🦙-émoji-\u202eright-to-left",
    "long-" + "x" * 290 + "-end",
)
DAY = date(2025, 12, 22)
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

#: The pages of the site by the names of their files, in the order of the navigation.
FILES = tuple("index.html" if name == "overview" else f"{name.replace('_', '-')}.html" for name in PAGES)
EVERYWHERE = tuple(f"{folder}{name}" for folder in ("", "zh/") for name in FILES)

expect.set_options(timeout=20_000)  # three workers share two processors

Rows = dict[str, list[dict[str, Any]]]


def write_release(path: Path, models: dict[str, SqlModel], rows: Rows) -> Path:
    """Write a file with every published table, with the given rows in them and nothing else."""
    with duckdb.connect(str(path)) as connection:
        for schema in ("core", "marts"):
            connection.execute(f"create schema {schema}")
        for model in models.values():
            if model.schema not in ("core", "marts"):
                continue
            columns = ", ".join(f"{name} {kind}" for name, (kind, _) in model.columns.items())
            connection.execute(f"create table {model.table} ({columns})")
            comment(connection, model)
            for row in rows.get(model.table, []):
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                connection.execute(
                    f"insert into {model.table} ({names}) values ({marks})", list(row.values())
                )
    return path


def list_rows(names: tuple[str, ...], scope: str = "a-list") -> Rows:
    """Make a small live release of one list in which every text from outside is one of `names`."""
    title = names[0]
    universes = ("generative_language", "all")
    common = {"snapshot_date": DAY, "scope": scope}
    n = len(names)
    return {
        "core.snapshots": [
            {**common, "source": "huggingface_models", "title": title, "is_whole_population": False,
             "is_live": True, "is_complete": True, "is_model_list": True, "pages": 1,
             "origin": names[1], "licence": names[1], "attribution": names[0], "notes": list(names)},
        ],
        "core.sources": [
            {"source": f"source_{place}", "description": name, "is_live": True, "as_of_date": DAY,
             "newest_date": DAY, "newest_is_complete": False, "age_days": 0, "cadence_days": 1,
             "is_stale": True, "attempted_date": DAY, "failure": name} for place, name in enumerate(names)
        ],
        "marts.coverage": [
            {"source": "huggingface_models", "scope": scope, "title": title, "is_whole_population": False,
             "is_live": True, "is_model_list": True,
             "first_date": DAY, "newest_date": DAY, "days": 1, "rows": n, "subjects": n,
             "with_created_at_pct": 50.0},
        ],
        "core.organizations": [
            {"organization_id": name, "name": name, "legal_form": "company", "funding": "giant",
             "is_well_funded": True, "country": name[:9], "accounts": 1, "status": "verified", "source": name}
            for name in names
        ],
        "core.releases": [
            {"release_id": "2023-03-03-llama-leak", "event_date": date(2023, 3, 3), "date_precision": "day",
             "name": "LLaMA leak", "organization": "Meta", "kind": "leak",
             "status": "verified", "source": "-"},
            *({"release_id": name, "event_date": date(2023, 3, 10 + place), "date_precision": "day",
               "name": name,
               "organization": name, "kind": "open_release", "family": "Llama 1", "base_name": "LLaMA 7B",
               "status": "verified", "source": name, "note": name} for place, name in enumerate(names)),
        ],
        "core.lineage_problems": [
            {"child_id": names[0], "parent_id": names[0], "relation": "finetune", "evidence": "declared",
             "problem": "self_loop"},
        ],
        "marts.headlines": [
            {"headline": headline, "universe": universe, "as_of_date": DAY, "scope": scope, "value": 0.85,
             "lower": 0.85, "upper": 0.9999, "unit": "share", "denominator": names[0]}
            for headline in ("dependent_share", "openai_meta_share") for universe in universes
        ],
        "marts.heaviest_models": [
            {**common, "universe": universe, "place": place, "model_id": name, "uploader": name,
             "base_model_id": name, "dependence_class": "unknown", "downloads_30d": 100 - place,
             "share": (100 - place) / 1000}
            for universe in universes for place, name in enumerate(names, start=1)
        ],
        "marts.heaviest_accounts": [
            {**common, "universe": universe, "place": place, "account": name, "organization": name,
             "funding": "giant", "models": 1, "downloads_30d": 100 - place, "share": (100 - place) / 1000,
             "first_party_share": 1.0, "at_stake_share": place / 1000}
            for universe in universes for place, name in enumerate(names, start=1)
        ],
        "marts.dependence_shares": [
            {**common, "evidence": evidence, "universe": universe, "weight": weight, "total": 1000.0,
             "first_party_share": 0.5, "derived_share": 0.2, "independent_share": 0.1, "unknown_share": 0.2,
             "dependent_lower": 0.7, "dependent_upper": 0.9}
            for evidence in ("curated", "declared") for universe in universes
            for weight in ("downloads_30d", "models")
        ],
        "marts.organization_shares": [
            {**common, "evidence": "curated", "universe": universe, "organization_id": name,
             "downloads_total": 1000, "uploaded_share": 0.1, "origin_share": 0.15, "through_share": 0.15,
             "any_share": 0.2}
            for universe in universes for name in names
        ],
        "marts.families": [
            {"family": name, "organization_id": name, "organization": name, "modality": "language",
             "first_release_date": date(2024, 1, 1 + place), "models": 20, "derivatives": 10 * (place + 1),
             "finetunes": 4, "adapters": 3, "quantized": 2, "merges": 1, "accounts": 5, "deepest": 2,
             "named_only": 0}
            for place, name in enumerate(names)
        ],
        "marts.family_snapshots": [
            {**common, "family": name, "models": 3, "downloads_30d": 50, "share": 0.05} for name in names
        ],
        "marts.explosion_weekly": [
            {"week_date": DAY, "series": "births_surviving", "scope": scope, "universe": "all",
             "as_of_date": DAY, "models": 3, "derivatives": 1, "is_illustration": True},
            *({"week_date": day, "series": "net_stock", "scope": "whole-hub", "universe": "all",
               "as_of_date": day, "models": models, "is_illustration": False}
              for day, models in ((date(2022, 12, 30), 100_000), (date(2023, 12, 30), 400_000))),
        ],
        "marts.hub_growth": [
            {"from_date": date(2022, 12, 30), "to_date": date(2023, 12, 30), "from_models": 100_000,
             "to_models": 400_000, "days": 365, "added_per_day": 821.9, "growth_pct_per_week": 2.7,
             "doubling_days": 182.5},
        ],
        "marts.repository_stars_daily": [
            {"repository": names[place], "date": date(2023, 4, day), "stars_observed": 100 * day + place,
             "observed_name": names[place], "organization_id": names[place], "family": "Llama 1",
             "role": "model"}
            for place in range(2) for day in range(1, 31)
        ],
        "marts.package_downloads_30d": [
            {"package": name, "as_of_date": date(2024, 1 + month, 1), "downloads_30d": 1000 + place,
             "is_censored": False, "rank": place + 1, "list_length": 5000, "organization_id": name,
             "access": "open" if place % 2 else "proprietary", "role": "runtime" if place % 2 else "sdk"}
            for place, name in enumerate(names) for month in range(2)
        ],
    }  # fmt: skip


@pytest.fixture(scope="session")
def empty_release(models: dict[str, SqlModel], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose tables are all empty."""
    return write_release(tmp_path_factory.mktemp("empty") / "release.duckdb", models, {})


@pytest.fixture(scope="session")
def hostile_release(models: dict[str, SqlModel], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release in which every name from outside tries something."""
    path = tmp_path_factory.mktemp("hostile") / "release.duckdb"
    return write_release(path, models, list_rows(HOSTILE))


def find_chromium() -> str | None:
    """Find a Chromium: CAMBRIAN_CHROMIUM, the usual names, else None for Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CAMBRIAN_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def browser(released: Settings) -> Iterator[Browser]:
    """A headless Chromium; its absence is a failure that says how to get one.

    Playwright keeps an event loop running in this thread, in which Dagster cannot work: so the release is
    made before, and the browser is closed with the module.
    """
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_OPTIONS))
        except Error as error:
            pytest.fail(
                "No Chromium could be started: `apt-get install chromium`, or `playwright install chromium`, "
                f"or name one in CAMBRIAN_CHROMIUM. ({str(error).splitlines()[0]})"
            )
        yield opened
        opened.close()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (as the base class has it)
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine while the block runs; gives its address."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def address(released: Settings) -> Iterator[str]:
    """The released site over HTTP on this machine."""
    with served(released.site_dir) as found:
        yield found


def opened(browser: Browser, url: str, **options: Any) -> tuple[Page, list[str]]:
    """Open a page in a fresh context and draw all its figures; give what goes wrong, as it happens."""
    page = browser.new_context(**options).new_page()
    problems = watched(page)
    page.goto(url)
    draw_all(page)
    return page, problems


def watched(page: Page) -> list[str]:
    """Give the list into which goes what goes wrong in a page, as it happens."""
    problems: list[str] = []
    page.on("console", lambda message: problems.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on("requestfailed", lambda request: problems.append(f"{request.failure}: {request.url}"))
    page.on(
        "response",
        lambda answer: problems.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None,
    )
    page.on("dialog", lambda dialog: (problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    return problems


class Tab:
    """One tab that goes from page to page, as a reader's does.

    The scripts stay compiled: a page takes 0.8 s of processor time here, 2.7 s in a context of its own. The
    pages keep nothing in the browser, so none sees what was done in the one before.
    """

    def __init__(self, browser: Browser) -> None:
        self._page = browser.new_context().new_page()
        self._problems = watched(self._page)

    def visit(
        self, url: str, *, width: int = 1280, height: int = 900, color_scheme: Any = "light"
    ) -> tuple[Page, list[str]]:
        """Load a page anew and draw all its figures; give what goes wrong until the next visit."""
        self._page.goto("about:blank")  # an address that differs in its fragment alone loads nothing
        self._page.mouse.move(0, 0)
        self._page.set_viewport_size({"width": width, "height": height})
        self._page.emulate_media(color_scheme=color_scheme)
        self._problems.clear()
        self._page.goto(url)
        draw_all(self._page)
        return self._page, self._problems


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Tab:
    """One tab for the tests of a module that only look at pages."""
    return Tab(browser)


def draw_all(page: Page) -> None:
    """Draw every figure of a page, also those that nobody has scrolled to."""
    page.evaluate("Cambrian.drawAll()")
    page.wait_for_function(
        "() => document.querySelectorAll('figure .plot').length"
        " === document.querySelectorAll('figure .plot[data-drawn]').length"
    )


def assert_inert(charts: Iterable[Chart]) -> None:
    """Hold that no figure carries what a browser or Plotly would take for more than text."""
    for chart in charts:
        text = chart.figure.to_json() if chart.figure else ""
        assert "<img" not in text
        assert "<script" not in text
        assert "$a$" not in text
