"""Still pictures in a browser: there before anything else, live after a touch; nothing moves in between."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from pipelines.settings import Settings
from tests.dashboards.conftest import draw_all
from tests.dashboards.test_browser import accessibility

pytestmark = pytest.mark.browser

#: Counts by how much of the window things jump.
COUNT_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => { window.shifted += one.value; }))
  .observe({ type: "layout-shift", buffered: true });
"""

#: Gives where the marks and words of a figure are, from its upper left corner; of its still, or else live.
PLACES = """
(name) => {
  const plot = document.getElementById(`${name}-plot`);
  const corner = plot.getBoundingClientRect();
  const still = [...plot.querySelectorAll(":scope > .still")].find((one) => one.getClientRects().length);
  const box = (node) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    return [left - corner.left, top - corner.top, width, height];
  };
  const all = (selector) => [...(still ?? plot).querySelectorAll(selector)];
  const words = all(still ? "text, span" : "text").map((node) => [node.textContent.trim(), box(node)]);
  return {
    height: corner.height,
    words: words.filter(([text]) => text),
    lines: all(still ? "svg[viewBox='0 0 100 100'] path" : ".js-line").map(box),
    bars: all(still ? "g > rect[fill]" : ".bars .point path").map(box),
  };
}
"""


def page_of(browser: Browser, url: str, **options: Any) -> Page:
    page = browser.new_context(**options).new_page()
    page.add_init_script(COUNT_SHIFTS)
    page.goto(url)
    return page


def seen(page: Page, name: str) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(PLACES, name)
    return found


def assert_near(one: list[float], other: list[float], pixels: float, where: Any) -> None:
    assert all(abs(a - b) <= pixels for a, b in zip(one, other, strict=True)), (where, one, other)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", ["overview-pace", "overview-switch"])
def test_a_still_lies_where_plotly_will_draw(browser: Browser, address: str, name: str, width: int) -> None:
    page = page_of(browser, f"{address}/index.html", viewport={"width": width, "height": 900})
    before = seen(page, name)
    draw_all(page)
    assert page.locator(f"#{name} .still").count() == 0
    after = seen(page, name)
    assert before["height"] == after["height"]
    assert sorted(text for text, _ in before["words"]) == sorted(text for text, _ in after["words"])
    for text, (left, top, wide, high) in before["words"]:
        twins = [box for other, box in after["words"] if other == text]
        nearest = min(abs(box[0] - left) + abs(box[1] + box[3] / 2 - top - high / 2) for box in twins)
        assert nearest <= 4, (text, left, top, wide, twins)
    for kind in ("lines", "bars"):
        assert len(before[kind]) == len(after[kind])
        for one, other in zip(before[kind], after[kind], strict=True):
            assert_near(one, other, 3, (kind, width))
    assert before["lines"] or before["bars"]
    page.context.close()


def test_plotly_waits_for_somebody_and_nothing_moves(browser: Browser, address: str) -> None:
    page = page_of(browser, f"{address}/index.html", viewport={"width": 1280, "height": 1400})
    page.wait_for_timeout(500)
    assert page.evaluate("[typeof Plotly, document.querySelectorAll('[data-drawn]').length]") == [
        "undefined",
        0,
    ]
    shifted = page.evaluate("shifted")
    first = page.locator("#overview-pace-plot")
    assert first.locator(".still.wide").is_visible()
    page.mouse.move(300, 300)
    page.wait_for_function("() => document.querySelector('#overview-pace-plot').hasAttribute('data-drawn')")
    assert first.locator(".still").count() == 0
    assert first.locator(".main-svg").count() > 0
    far = page.locator("figure .plot").last
    assert far.locator(".still").count() > 0, "what is far away stays as it is"
    page.wait_for_timeout(300)
    assert page.evaluate("shifted") == shifted
    page.context.close()


@pytest.mark.parametrize("sign", ["keydown", "scroll", "touchstart", "focusin", "wheel", "pointerdown"])
def test_any_sign_of_somebody_is_enough(browser: Browser, address: str, sign: str) -> None:
    page = page_of(browser, f"{address}/index.html", viewport={"width": 1280, "height": 1400})
    page.evaluate("(sign) => window.dispatchEvent(new Event(sign))", sign)
    page.wait_for_function("() => document.querySelector('#overview-pace-plot').hasAttribute('data-drawn')")
    page.context.close()


def test_a_link_to_a_figure_makes_it_live(browser: Browser, address: str) -> None:
    page = page_of(browser, f"{address}/index.html#overview-switch")
    page.wait_for_function("() => document.querySelector('#overview-switch-plot').hasAttribute('data-drawn')")
    page.context.close()


def test_a_still_follows_the_theme_before_and_after(browser: Browser, address: str) -> None:
    page = page_of(browser, f"{address}/index.html", viewport={"width": 1280, "height": 1400})
    colour = "getComputedStyle(document.querySelector('#overview-pace-plot text')).fill"
    assert page.evaluate(colour) == "rgb(34, 40, 47)"
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => {colour} === 'rgb(228, 232, 236)'")
    page.wait_for_function("() => document.querySelector('#overview-pace-plot').hasAttribute('data-drawn')")
    page.wait_for_function(f"() => {colour} === 'rgb(228, 232, 236)'")
    page.context.close()


@pytest.mark.parametrize(("width", "form"), [(390, "narrow"), (820, "middle"), (1280, "wide")])
def test_without_scripts_the_still_is_there_to_be_read(
    browser: Browser, address: str, width: int, form: str
) -> None:
    page = page_of(
        browser, f"{address}/index.html", viewport={"width": width, "height": 900}, java_script_enabled=False
    )
    figure = page.locator("#overview-switch")
    shown = [one for one in figure.locator(".still").all() if one.is_visible()]
    assert [form in (one.get_attribute("class") or "") for one in shown] == [True]
    assert "%" in shown[0].inner_text()
    assert "still picture" in figure.locator("noscript").inner_text()
    page.context.close()


@pytest.mark.parametrize("folder", ["", "zh/"])
@pytest.mark.parametrize("width", [390, 700, 1280])
def test_stills_fit_any_width_and_all_readers(
    browser: Browser, address: str, folder: str, width: int
) -> None:
    for name in ("index.html", "explosion.html", "dependence.html", "open-closed.html"):
        page = page_of(
            browser, f"{address}/{folder}{name}", viewport={"width": width, "height": 900},
            color_scheme="dark" if folder else "light",
        )  # fmt: skip
        assert page.evaluate("document.documentElement.scrollWidth") == width, name
        if width == 1280:
            assert accessibility(page) == []
        assert page.evaluate("document.querySelectorAll('[data-drawn]').length") == 0
        page.context.close()


def test_where_plotly_cannot_be_loaded_the_still_stays_and_says_so(
    browser: Browser, released: Settings, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    shutil.copytree(released.site_dir, site, ignore=shutil.ignore_patterns("downloads", "plotly.min.js"))
    page = page_of(browser, (site / "index.html").as_uri())
    page.evaluate("Cambrian.drawAll()")
    figure = page.locator("#overview-pace")
    figure.locator(".not-live").wait_for()
    assert figure.locator(".still.wide").is_visible()
    assert figure.locator(".not-live").inner_text() == page.evaluate("Cambrian.words.not_live")
    page.context.close()
