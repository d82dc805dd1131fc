"""What only a browser can show: that every mark is drawn, nothing fails, nothing overflows, nothing runs."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from dashboards.build import build_site
from pipelines.settings import Settings
from tests.dashboards.conftest import HOSTILE
from tests.dashboards.test_site import FILES

pytestmark = pytest.mark.browser

#: Counts for each trace of each figure what its data ask for and what stands in the SVG.
COUNT_MARKS = """
() => [...document.querySelectorAll(".plot")].map((plot) => {
  const known = (value) => value !== null && value !== undefined;
  const groups = { bar: [...plot.querySelectorAll(".barlayer .trace")],
                   scatter: [...plot.querySelectorAll(".scatterlayer .trace")] };
  const seen = { bar: 0, scatter: 0 };
  const visible = ({ attributes: { d } }) => d && d.value.length > 3 && !d.value.includes("NaN");
  const traces = plot.data.map((trace) => {
    const group = groups[trace.type][seen[trace.type]++];
    const pairs = trace.x.filter((x, place) => known(x) && known(trace.y[place]));
    const all = (selector) => [...(group?.querySelectorAll(selector) ?? [])].filter(visible).length;
    return { type: trace.type, mode: trace.mode ?? "", name: trace.name, wanted: pairs.length,
             marks: all("path.point, .point > path"), lines: all("path.js-line"),
             whiskers: all("path.xerror"), asked: trace.error_x?.array?.length ?? 0 };
  });
  const box = plot.querySelector(".main-svg").getBoundingClientRect();
  return { id: plot.id, drawn: plot.hasAttribute("data-drawn"), width: box.width,
           height: box.height, traces };
})
"""


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (as the base class has it)
        pass


@pytest.fixture(scope="module")
def address(released: Settings) -> Iterator[str]:
    """The released site over HTTP on this machine."""
    handler = partial(QuietHandler, directory=str(released.site_dir))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def opened(browser: Browser, url: str, **options: Any) -> tuple[Page, list[str]]:
    """Open a page in a fresh context and wait for its figures; give what went wrong with it."""
    context = browser.new_context(**options)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
    page.on(
        "response",
        lambda answer: problems.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None,
    )
    page.on("dialog", lambda dialog: (problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.goto(url)
    page.wait_for_function(
        "document.querySelectorAll('.plot').length === document.querySelectorAll('.plot[data-drawn]').length"
    )
    return page, problems


def assert_all_drawn(page: Page) -> int:
    figures = page.evaluate(COUNT_MARKS)
    for figure in figures:
        assert figure["drawn"], figure
        assert figure["width"] > 200, figure
        assert figure["height"] > 100, figure
        for trace in figure["traces"]:
            where = (figure["id"], trace)
            if trace["type"] == "bar" or "markers" in trace["mode"]:
                assert trace["marks"] >= trace["wanted"] > 0, where
            if "lines" in trace["mode"]:
                assert trace["lines"] >= 1, where
            assert trace["whiskers"] >= trace["asked"] or not trace["asked"], where
    return len(figures)


@pytest.mark.parametrize("name", FILES)
def test_every_page_loads_and_every_trace_is_drawn(browser: Browser, address: str, name: str) -> None:
    page, problems = opened(browser, f"{address}/{name}", viewport={"width": 1280, "height": 900})
    drawn = assert_all_drawn(page)
    assert drawn == page.locator("figure").count()
    assert problems == []
    page.context.close()


@pytest.mark.parametrize("name", FILES)
def test_a_phone_scrolls_only_down(browser: Browser, address: str, name: str) -> None:
    page, problems = opened(browser, f"{address}/{name}", viewport={"width": 390, "height": 844})
    for details in page.locator("details").all():
        details.evaluate("node => { node.open = true; }")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert_all_drawn(page)
    assert problems == []
    page.context.close()


def test_the_site_works_as_plain_files(browser: Browser, released: Settings) -> None:
    for name in ("index.html", "explosion.html"):
        page, problems = opened(browser, (released.site_dir.resolve() / name).as_uri(), color_scheme="dark")
        assert assert_all_drawn(page) > 0
        assert problems == []
        page.context.close()


def test_a_page_reads_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/families.html")
    assert page.locator("table#families tbody tr").count() > 100
    assert page.locator("noscript").count() > 0
    page.locator("summary").first.click()
    assert page.locator("details[open] table").first.is_visible()
    context.close()


def column(page: Page, number: int) -> list[str]:
    return page.locator(f"table#families tbody tr td:nth-child({number})").all_text_contents()


def test_the_table_of_families_sorts_both_ways(browser: Browser, address: str) -> None:
    page, problems = opened(browser, f"{address}/families.html")
    headings = [text.split(" ")[0] for text in page.locator("table#families thead th").all_text_contents()]
    number = headings.index("Derivatives") + 1
    button = page.locator(f"table#families thead th:nth-child({number}) button")
    button.click()
    rising = [int(text.replace(",", "")) for text in column(page, number)]
    assert rising == sorted(rising)
    assert page.locator("th[aria-sort=ascending]").count() == 1
    button.press("Enter")
    falling = [int(text.replace(",", "")) for text in column(page, number)]
    assert falling == sorted(rising, reverse=True)
    first = headings.index("First") + 1
    page.locator(f"table#families thead th:nth-child({first}) button").click()
    dates = column(page, first)
    known = [text for text in dates if text != "–"]
    assert known == sorted(known)
    assert dates[len(known) :] == ["–"] * (len(dates) - len(known))
    page.locator("table#families thead th:nth-child(1) button").click()
    names = column(page, 1)
    assert [name.casefold() for name in names[:3]] == sorted(name.casefold() for name in names)[:3]
    assert problems == []
    page.context.close()


def test_keyboard_focus_can_be_seen(browser: Browser, address: str) -> None:
    page, _ = opened(browser, f"{address}/data.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.context.close()


def test_hostile_names_are_text_and_nothing_else(
    browser: Browser, hostile_release: Path, tmp_path: Path
) -> None:
    build_site(hostile_release, tmp_path / "site")
    seen = ""
    for name in FILES:
        for width in (390, 1280):
            page, problems = opened(
                browser, (tmp_path / "site" / name).as_uri(), viewport={"width": width, "height": 900}
            )
            assert_all_drawn(page)
            for mark in page.locator(".plot .point path, .plot path.point").all()[:6]:
                mark.hover(force=True, no_wait_after=True)
            assert problems == []
            assert page.locator("img, iframe, [onerror]").count() == 0
            assert page.evaluate("document.documentElement.scrollWidth") == width
            seen += page.locator("body").evaluate("body => body.textContent")
            page.context.close()
    for name in HOSTILE[:4]:
        assert name.replace("\u202e", " ") in seen
