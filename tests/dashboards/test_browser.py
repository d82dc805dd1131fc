"""What only a browser can show of every page: each mark is drawn, nothing fails, overflows, leaks or runs."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from dashboards.build import build_site
from pipelines.settings import Settings
from tests.dashboards.conftest import EVERYWHERE, FILES, HOSTILE, Tab, draw_all, opened, watched

pytestmark = pytest.mark.browser

#: Gives for each trace of each figure how many marks its data ask for and how many stand in the picture.
COUNT_MARKS = """
() => [...document.querySelectorAll("figure .plot")].map((plot) => {
  const known = (value) => value !== null && value !== undefined;
  const visible = ({ attributes: { d } }) => d && d.value.length > 3 && !d.value.includes("NaN");
  const groups = new Map([...plot.querySelectorAll("g.trace")]
    .map((group) => [group.__data__?.[0]?.trace?.index, group]));
  const traces = plot._fullData.filter((trace) => trace.visible === true).map((trace) => {
    const told = { type: trace.type, mode: trace.mode ?? "", name: trace.name };
    const count = (selector, root = plot) => root.querySelectorAll(selector).length;
    if (trace.type === "heatmap") return { ...told, wanted: 1, marks: count("g.hm image, g.hm path") };
    if (["treemap", "icicle", "sunburst"].includes(trace.type)) {
      return { ...told, wanted: 1, marks: count("g.slice path") };
    }
    if (trace.type === "sankey") return { ...told, wanted: 1, marks: count("g.sankey-node") };
    const group = groups.get(trace.index);
    const all = (selector) => [...(group?.querySelectorAll(selector) ?? [])].filter(visible).length;
    const pairs = [...trace.x].filter((x, place) => known(x) && known(trace.y[place]));
    return { ...told, wanted: pairs.length, marks: all("path.point, .point > path"),
             lines: all("path.js-line"), fills: trace.fill && trace.fill !== "none" ? 1 : 0,
             filled: all("path.js-fill"), texts: group?.querySelectorAll("text").length ?? 0,
             told: [trace.text ?? []].flat().filter((text) => text).length,
             whiskers: all("path.xerror, path.yerror"),
             asked: (trace.error_x?.array?.length ?? 0) + (trace.error_y?.array?.length ?? 0) };
  });
  const box = plot.querySelector(".main-svg").getBoundingClientRect();
  return { id: plot.id, drawn: plot.hasAttribute("data-drawn"), width: box.width, height: box.height,
           traces };
})
"""

#: What in a page is wider than its window, named so that it can be found.
TOO_WIDE = """
() => {
  if (document.documentElement.scrollWidth <= window.innerWidth) return [];
  const wide = (node) => node.getBoundingClientRect().right > window.innerWidth + 1
    && !node.closest(".scroll, .plot, svg");
  return [...document.querySelectorAll("body *")].filter(wide).slice(0, 5)
    .map((node) => `${node.tagName}.${node.className}#${node.id}`);
}
"""

#: Tells whether the policy refuses an attempt; later, because it does not hold while the browser is steered.
IS_REFUSED = """
() => new Promise((resolve) => setTimeout(() => {
  try { ATTEMPT; resolve(false); } catch { resolve(true); }
}))
"""

#: The rules of WCAG 2.2 AA and below.
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def assert_all_drawn(page: Page) -> int:
    figures = page.evaluate(COUNT_MARKS)
    for figure in figures:
        assert figure["drawn"], figure
        assert figure["width"] > 200, figure
        assert figure["height"] > 60, figure
        assert figure["traces"], figure
        for trace in figure["traces"]:
            where = (figure["id"], trace)
            if "markers" in trace["mode"] or trace["type"] not in ("scatter",):
                assert trace["marks"] >= trace["wanted"] > 0, where
            if "lines" in trace["mode"]:
                assert trace["lines"] >= 1 or trace["filled"] >= 1 or trace["wanted"] <= 1, where
            if "text" in trace["mode"]:
                assert trace["texts"] >= trace["told"], where
            assert trace.get("whiskers", 0) >= trace.get("asked", 0), where
    return len(figures)


def accessibility(page: Page) -> list[str]:
    """Give what axe-core finds wrong, with the place of each."""
    found = Axe().run(page, options={"runOnly": WCAG, "resultTypes": ["violations"], "preload": False})
    return [
        f"{rule['id']}: {node['html'][:160]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("name", EVERYWHERE)
def test_every_page_draws_all_it_has_and_can_be_used_by_all(tab: Tab, address: str, name: str) -> None:
    scheme = "dark" if name.startswith("zh/") else "light"
    page, problems = tab.visit(f"{address}/{name}", color_scheme=scheme)
    drawn = assert_all_drawn(page)
    assert drawn == page.locator("figure:has(.plot)").count()
    assert page.evaluate("document.fonts.ready.then(() => true)")
    assert accessibility(page) == []
    assert problems == []


@pytest.mark.parametrize("name", FILES)
def test_a_phone_scrolls_only_down(tab: Tab, address: str, name: str) -> None:
    page, problems = tab.visit(f"{address}/{name}", width=390, height=844)
    for details in page.locator("details").all():
        details.evaluate("node => { node.open = true; }")
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert_all_drawn(page)
    assert problems == []


@pytest.mark.parametrize("name", FILES)
def test_the_site_works_as_plain_files(tab: Tab, released: Settings, name: str) -> None:
    url = (released.site_dir.resolve() / "zh" / name).as_uri()
    page, problems = tab.visit(url, height=720, color_scheme="dark")
    assert_all_drawn(page)
    assert problems == []


@pytest.mark.parametrize("name", FILES)
def test_a_page_reads_without_scripts(browser: Browser, address: str, name: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{name}")
    assert page.locator("button:visible").count() == 0, "a button that does nothing"
    assert len(page.locator("main").inner_text()) > 500
    for table in page.locator("figure details table").all()[:3]:
        assert table.locator("tbody tr").count() > 0
    context.close()


@pytest.mark.parametrize("name", FILES)
def test_a_page_asks_no_other_host_and_obeys_its_own_policy(
    browser: Browser, address: str, name: str
) -> None:
    """In a context of its own: so every page is also loaded once by a browser that has nothing of it yet."""
    context = browser.new_context()
    page = context.new_page()
    problems = watched(page)
    asked: list[str] = []
    answered: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("response", lambda response: answered.append(response.url))
    page.add_init_script(
        "window.broken = []; addEventListener('securitypolicyviolation', (e) => broken.push(e.blockedURI));"
    )
    page.goto(f"{address}/{name}")
    draw_all(page)
    policy = page.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content")
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'"
    )
    assert problems == []
    assert page.evaluate("broken") == []
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    for attempt in ("eval('1')", "new Function('return 1')()"):
        assert page.evaluate(IS_REFUSED.replace("ATTEMPT", attempt)), attempt
    page.evaluate("""() => { const s = document.createElement("script"); s.textContent = "window.ran = 1";
        document.body.append(s); const i = new Image(); i.src = "http://127.0.0.2:9/x.png"; }""")
    assert page.evaluate("window.ran") is None
    page.wait_for_function("() => broken.length >= 2")
    assert [url for url in answered if "127.0.0.2" in url] == []
    context.close()


def test_keyboard_focus_can_be_seen_and_skips_the_navigation(tab: Tab, address: str) -> None:
    page, _ = tab.visit(f"{address}/data.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_other_language_is_the_same_page_one_click_away(tab: Tab, address: str) -> None:
    page, problems = tab.visit(f"{address}/dependence.html")
    page.locator("a.language").click()
    page.wait_for_url(f"{address}/zh/dependence.html")
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    draw_all(page)  # whoever leaves earlier breaks off what still loads
    page.locator("a.language").click()
    page.wait_for_url(f"{address}/dependence.html")
    draw_all(page)
    assert problems == []


def test_numbers_read_the_same_in_scripts_and_pages(tab: Tab, address: str) -> None:
    from dashboards.language import Language  # noqa: PLC0415 (beside the one test that compares them)

    shares = [0.0, 1.0, 0.5, 0.00004, 0.99999, 0.850825, 0.27, 1 / 80, 1 / 16]
    counts = [0, 9715, 10_354, 450_208, 1_000_000, 3_073_794, 1_208_669_257]
    for code, folder in (("en", ""), ("zh", "zh/")):
        t = Language(code)
        page, _ = tab.visit(f"{address}/{folder}index.html")
        assert page.evaluate("(all) => all.map(Cambrian.percent)", shares) == [t.percent(s) for s in shares]
        assert page.evaluate("(all) => all.map(Cambrian.count)", counts) == [t.count(n) for n in counts]
        assert page.evaluate("Cambrian.percentRange(0.5, 0.50001)") == t.percent_range(0.5, 0.50001)
        assert page.evaluate("Cambrian.exact(1234567.5)") == t.exact(1234567.5)


def assert_heading_has_room(browser: Browser, picture: Path) -> None:
    page = browser.new_page()
    page.goto(picture.as_uri())
    ends = """(name) => { const { top, bottom } = document.querySelector(name).getBoundingClientRect();
        return [top, bottom]; }"""
    (title_top, title_end), (words_top, words_end), (plot_top, _) = (
        page.evaluate(ends, name) for name in (".gtitle", ".gtitle-subtitle", ".xgrid")
    )
    assert title_top >= 10
    assert title_end <= words_top < words_end <= plot_top
    page.close()


def test_a_figure_can_be_taken_along_and_shows_releases(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    page, problems = opened(browser, f"{address}/explosion.html", accept_downloads=True)
    figure = page.locator("figure:has(button[data-events])").first
    name = figure.get_attribute("id")
    for kind, begins in (("png", b"\x89PNG"), ("svg", b"<svg")):
        with page.expect_download() as waiting:
            figure.locator(f"button[data-image={kind}]").click()
        assert waiting.value.suggested_filename == f"cambrian-{name}.{kind}"
        waiting.value.save_as(tmp_path / f"figure.{kind}")
        assert (tmp_path / f"figure.{kind}").read_bytes().startswith(begins)
    text = (tmp_path / "figure.svg").read_text()
    assert "Cambrian" in text, "a picture that stands alone says where it is from"
    assert_heading_has_room(browser, tmp_path / "figure.svg")
    lines = f"document.querySelector('#{name} .plot').layout.shapes?.length ?? 0"
    before = page.evaluate(lines)
    figure.locator("button[data-events]").click()
    page.wait_for_function(f"() => ({lines}) > {before}")
    assert figure.locator("button[data-events]").get_attribute("aria-pressed") == "true"
    figure.locator("button[data-events]").click()
    page.wait_for_function(f"() => ({lines}) === {before}")
    assert problems == []
    page.context.close()


def test_figures_wait_until_somebody_comes_near(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 700})
    page = context.new_page()
    page.goto(f"{address}/explosion.html")
    last = page.locator("figure .plot").last
    assert last.get_attribute("data-drawn") is None
    last.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => [...document.querySelectorAll('figure .plot')].at(-1).hasAttribute('data-drawn')"
    )
    context.close()


@pytest.fixture(scope="module")
def hostile_site(hostile_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the release in which every name tries something."""
    folder = tmp_path_factory.mktemp("hostile-site") / "site"
    build_site(hostile_release, folder)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_hostile_names_are_text_and_nothing_else(tab: Tab, hostile_site: Path, name: str) -> None:
    for width, folder in ((390, ""), (1280, "zh")):
        page, problems = tab.visit((hostile_site / folder / name).as_uri(), width=width)
        for mark in page.locator(".plot .point path, .plot path.point").all()[:4]:
            mark.hover(force=True, no_wait_after=True)
        assert problems == []
        assert page.locator("img:not([src$='.svg']), iframe, [onerror]").count() == 0
        assert page.evaluate(TOO_WIDE) == []


def test_hostile_names_can_be_read(hostile_site: Path) -> None:
    seen = "".join(path.read_text(encoding="utf-8") for path in sorted(hostile_site.glob("*.html")))
    assert "&lt;img src=x onerror=alert(1)&gt;" in seen
    assert "<img src=x" not in seen
    assert "\u202e" not in seen
    assert HOSTILE[3].partition("\u202e")[0] in seen
    assert (hostile_site / "index.html").stat().st_size < 400_000
