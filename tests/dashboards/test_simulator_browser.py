"""The simulator in a browser: the command line's answer for any choice, links, keys, hostile names."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from dashboards.build import build_site
from dashboards.language import CODES, Language
from pipelines import cli
from pipelines.analysis.shutdown import shutdown
from pipelines.settings import Settings
from pipelines.warehouse.connection import open_published
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import DAY, HOSTILE, write_release
from tests.dashboards.test_shutdown import exposed, hostile_rows

pytestmark = pytest.mark.browser

SETS = (("openai", "meta"), ("alibaba",), ("google", "nous-research", "unsloth", "user-alpindale", "meta"))
GREATEST_CHANGE_MS = 100


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page with the simulator, opened once."""
    found, problems = visited(browser, f"{address}/shutdown.html")
    yield found
    assert problems == []
    found.context.close()


def visited(browser: Browser, url: str) -> tuple[Page, list[str]]:
    """Open a page in a fresh context without drawing its figures, and give what goes wrong with it."""
    page = browser.new_context().new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.goto(url)
    return page, problems


def choose(page: Page, kind: str, stop: tuple[str, ...], **given: Any) -> dict[str, Any]:
    """Take a choice through the address and give the facts of the answer."""
    query = urlencode([("kind", kind), *(("stop", each) for each in stop), *given.items()])
    page.evaluate("(query) => { location.hash = `#simulator?${query}`; }", query)
    wanted = {"kind": kind, "organizations": list(stop), **given}
    wanted.pop("list", None)
    if given.get("weight") == "downloads":
        wanted["weight"] = "downloads_30d"
    page.wait_for_function(
        """(wanted) => { const facts = Cambrian.shutdown.facts(); return facts && Object.entries(wanted)
           .every(([key, value]) => JSON.stringify(facts[key]) === JSON.stringify(value)); }""",
        arg=wanted,
    )
    return dict(page.evaluate("Cambrian.shutdown.facts()"))


def told(settings: Settings, stop: tuple[str, ...], *options: str) -> dict[str, Any]:
    """Give what the command line answers."""
    result = CliRunner().invoke(
        cli.main, ["shutdown", *stop, *options, "--json"], env={"CAMBRIAN_HOME": str(settings.home)}
    )
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


@pytest.mark.parametrize("stop", SETS)
@pytest.mark.parametrize("universe", ["generative_language", "all"])
@pytest.mark.parametrize("weight", ["downloads", "derivatives"])
def test_a_deletion_is_answered_as_on_the_command_line(
    page: Page, released: Settings, stop: tuple[str, ...], universe: str, weight: str
) -> None:
    wanted = told(released, stop, "--universe", universe, "--weight", weight)
    found = choose(page, "delete", stop, universe=universe, weight=weight)
    hit = wanted.pop("never_born_by")
    for key, value in wanted.items():
        if key != "figures":
            assert found[key] == (pytest.approx(value, abs=1e-9) if key == "uncertain_share" else value), key
    for figure, bounds in wanted["figures"].items():
        assert found["figures"][figure] == pytest.approx(bounds, abs=1e-9), figure
    first = page.locator("[data-hit=family] tbody tr").first
    name, amount = next(iter(hit["family"].items()))
    expect(first.locator("th")).to_have_text(name)
    expect(first.locator("td")).to_have_text(Language("en").percent(amount / wanted["total"]))
    country, amount = next(iter(hit["country of the uploader"].items()))
    row = page.locator("[data-hit=country] tbody tr").first
    words = "not known" if country == "not known" else Language("en").country(country)
    expect(row.locator("th")).to_have_text(words)
    expect(row.locator("td").nth(1)).to_have_text(Language("en").percent(amount / wanted["total"]))


def test_models_and_other_evidence_are_counted_from_the_same_table(page: Page, released: Settings) -> None:
    scope = "top-9715-by-downloads"
    for evidence in ("declared", "inferred"):
        found = choose(
            page, "delete", SETS[2], universe="all", weight="models", evidence=evidence, list=scope
        )
        with open_published(released.published_path) as connection:
            rows = connection.sql(
                "select * from marts.shutdown_exposure where scope = $scope and evidence = $evidence",
                params={"scope": scope, "evidence": evidence},
            ).pl()
        wanted = shutdown(rows, SETS[2]).filter(weight="models")
        for row in wanted.iter_rows(named=True):
            figure = found["figures"][row["figure"]]
            assert (figure["lower"], figure["upper"], found["total"]) == (
                row["lower"],
                row["upper"],
                row["total"],
            )


@pytest.mark.parametrize("stop", [("alibaba",), ("meta", "openai"), ("alibaba", "mistral", "user-sao10k")])
@pytest.mark.parametrize("substitution", [0, 0.37, 1])
def test_a_freeze_is_answered_as_on_the_command_line(
    page: Page, released: Settings, stop: tuple[str, ...], substitution: float
) -> None:
    wanted = told(released, stop, "--kind", "freeze", "--substitution", str(substitution))
    found = choose(page, "freeze", stop, substitution=substitution)
    for key in ("as_of_date", "scope", "weight", "horizon_days", "substitution"):
        assert found[key] == wanted[key]
    assert found["past_year"] == pytest.approx(wanted["past_year"], abs=1e-9)
    assert (found["estimate"] is None) == (wanted["estimate"] is None)
    if wanted["estimate"]:
        assert found["estimate"] == pytest.approx(wanted["estimate"], abs=1e-9)
    reasons = page.locator(".reasons li").all_inner_texts()
    unknown = [status for status in wanted["status"].values() if status.startswith("not estimable")]
    assert len(reasons) == len(unknown)
    for reason, status in zip(reasons, unknown, strict=True):
        assert status.removeprefix("not estimable: ") in reason


@pytest.mark.parametrize("code", CODES)
def test_the_answer_that_the_page_came_with_is_the_one_computed(
    browser: Browser, address: str, code: str
) -> None:
    url = f"{address}/{Language(code).folder}shutdown.html"
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(url)
    texts = """
      () => [...document.querySelectorAll(
        "#simulator [data-sentence], [data-pane=delete] :is([data-text], [data-note], td, th)")]
        .map((node) => node.textContent.trim())
    """
    before = plain.evaluate(texts)
    assert len(before) > 40
    expect(plain.locator("[data-pane=freeze] h3")).to_be_visible()
    page, problems = visited(browser, url)
    page.locator("#simulator").scroll_into_view_if_needed()
    page.wait_for_selector("#simulator[data-answered]")
    assert page.evaluate(texts) == before
    assert problems == []
    page.context.close()
    plain.context.close()


def test_a_link_keeps_the_choice_in_the_other_language_too(browser: Browser, address: str) -> None:
    page, problems = visited(browser, f"{address}/shutdown.html")
    page.click("[data-preset=google]")
    page.select_option("[data-set=universe]", "all")
    page.select_option("[data-set=weight]", "models")
    page.check("[value=freeze]")
    page.fill("#simulator-substitution", "0.25")
    page.dispatch_event("#simulator-substitution", "change")
    page.wait_for_function("Cambrian.shutdown.facts()?.substitution === 0.25")
    link = page.get_attribute("[data-link]", "href")
    assert page.evaluate("location.href").endswith(str(link))
    sentence = page.inner_text("[data-sentence]")
    again, more = visited(browser, f"{address}/shutdown.html{link}")
    again.wait_for_function("Cambrian.shutdown.facts() !== null")
    assert again.inner_text("[data-sentence]") == sentence
    expect(again.locator("output")).to_have_text("25.0\u00a0%")
    chinese, most = visited(browser, f"{address}/zh/shutdown.html{link}")
    chinese.wait_for_function("Cambrian.shutdown.facts() !== null")
    assert chinese.evaluate("Cambrian.shutdown.facts()") == again.evaluate("Cambrian.shutdown.facts()")
    assert [*problems, *more, *most] == []


def test_a_link_says_what_it_asks_for_and_does_not_get(browser: Browser, address: str) -> None:
    start = f"{address}/shutdown.html#simulator?kind=delete&stop=openai"
    page, problems = visited(browser, f"{start}&stop=nobody&list=gone@1999-01-01&weight=toString")
    mended = page.locator("[data-mended]")
    for words in (
        "left out: nobody.",
        "The list asked for is not offered here.",
        "to be had here: toString.",
    ):
        expect(mended).to_contain_text(words)
    page.wait_for_function("Cambrian.shutdown.facts() !== null")
    facts = page.evaluate("Cambrian.shutdown.facts()")
    assert facts["organizations"] == ["openai"]
    link = str(page.get_attribute("[data-link]", "href"))
    assert parse_qs(link)["list"] == [f"{facts['scope']}@{facts['as_of_date']}"]
    # The list was of another day; and links of old name no day.
    later, more = visited(browser, f"{start}&list={facts['scope']}@1999-01-01")
    expect(later.locator("[data-mended]")).to_contain_text(
        "The link is of the list of 1999-01-01; this release"
    )
    old, most = visited(browser, f"{start}&list={facts['scope']}")
    old.wait_for_function("Cambrian.shutdown.facts() !== null")
    assert old.evaluate("Cambrian.shutdown.facts()") == facts
    expect(old.locator("[data-mended]")).to_be_hidden()
    assert [*problems, *more, *most] == []
    for each in (page, later, old):
        each.context.close()


def test_a_list_says_of_how_many_models_it_tells_downloads(page: Page) -> None:
    part = page.evaluate(
        "Cambrian.settings('simulator').lists.find(({ tells, models }) => tells && tells < models)"
    )
    sentence = page.locator("#simulator [data-sentence]")
    choose(page, "delete", ("google",), weight="downloads", universe="all", list=part["scope"])
    expect(sentence).to_contain_text(
        f"{part['tells']:,} of the list's {part['models']:,} models tell downloads."
    )
    label = page.locator("[data-set=list] option:checked")
    expect(label).to_contain_text(f"({part['tells']:,} of {part['models']:,} models tell downloads)")
    choose(page, "delete", ("google",), weight="models", universe="all", list=part["scope"])
    expect(sentence).not_to_contain_text("tell downloads")


def test_organizations_are_found_taken_and_dropped_with_keys_alone(browser: Browser, address: str) -> None:
    page, problems = visited(browser, f"{address}/shutdown.html")
    page.focus("#simulator-search")
    page.keyboard.type("mistral a")
    expect(page.locator("[role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    active = page.get_attribute("#simulator-search", "aria-activedescendant")
    assert page.locator(f"#{active}").inner_text().startswith("Mistral AI")
    page.keyboard.press("Enter")
    expect(page.locator("[role=option]")).to_have_attribute("aria-selected", "true")
    page.wait_for_function("Cambrian.shutdown.facts()?.organizations.includes('mistral')")
    page.keyboard.press("Escape")
    expect(page.locator("[role=listbox]")).to_be_hidden()
    for _ in range(3):
        page.locator(".chips button").first.press("Enter")
    expect(page.locator("[data-trouble]")).to_have_text("Choose at least one organization.")
    assert page.evaluate("document.activeElement.id") == "simulator-search"
    assert page.evaluate("Cambrian.shutdown.facts()") is None
    assert problems == []
    page.context.close()


def test_the_platform_is_a_switch_and_the_answer_can_be_taken_along(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    page, problems = visited(browser, f"{address}/shutdown.html#simulator?stop=meta")
    page.wait_for_selector("#simulator[data-answered]")
    with page.expect_download() as download:
        page.click("[data-csv]")
    download.value.save_as(tmp_path / "answer.csv")
    with (tmp_path / "answer.csv").open(encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    facts = page.evaluate("Cambrian.shutdown.facts()")
    gone = facts["figures"]["gone"]
    assert (row["figure"], row["lower"], row["upper"]) == ("gone", str(gone["lower"]), str(gone["upper"]))
    for key in ("kind", "scope", "as_of_date", "universe", "weight", "evidence"):
        assert row[key] == facts[key], key
    assert int(row["models_with_downloads"]) <= int(row["models"])
    page.check("[value=platform]")
    with page.expect_download() as download:
        page.click("[data-csv]")
    assert "platform" in download.value.path().read_text(encoding="utf-8").splitlines()[1]
    expect(page.locator("[data-bar=platform] [data-text]")).to_have_text("100\u00a0%")
    expect(page.locator("[data-bar=elsewhere] [data-text]")).to_have_text("not known")
    expect(page.locator("[data-pane=delete]")).to_be_hidden()
    assert problems == []
    page.context.close()


def test_a_change_answers_at_once(page: Page) -> None:
    choose(page, "delete", ("meta",), weight="downloads", universe="all")
    times = page.evaluate(
        """() => [...document.querySelectorAll("[data-preset]")].map((button) => {
          const start = performance.now(); button.click(); document.body.getBoundingClientRect();
          return performance.now() - start; })"""
    )
    assert sorted(times)[len(times) // 2] < GREATEST_CHANGE_MS


def test_hostile_names_are_text_in_the_simulator(
    browser: Browser, models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows = hostile_rows()
    rows["marts.shutdown_exposure"].append(
        exposed(uploader=HOSTILE[0], upstream=HOSTILE[0], universe=HOSTILE[1])
    )
    build_site(write_release(tmp_path / "r.duckdb", models, rows), tmp_path / "site", only=["shutdown"])
    page, problems = visited(browser, (tmp_path / "site" / "shutdown.html").as_uri())
    page.click("#simulator-search")
    expect(page.locator("[role=option]")).to_have_count(len(HOSTILE))
    for place in range(len(HOSTILE)):
        if page.locator("[role=option]").nth(place).get_attribute("aria-selected") == "true":
            page.locator("[role=option]").nth(place).click()
    page.locator("[role=option]").nth(1).click()
    page.wait_for_function("Cambrian.shutdown.facts()?.organizations.length === 1")
    chosen = page.evaluate("Cambrian.shutdown.facts().organizations[0]")
    again, more = visited(browser, page.evaluate("location.href"))
    again.wait_for_function("Cambrian.shutdown.facts() !== null")
    assert again.evaluate("Cambrian.shutdown.facts().organizations[0]") == chosen
    again.check("[value=freeze]")
    again.wait_for_function("Cambrian.shutdown.facts()?.kind === 'freeze'")
    assert again.locator("#simulator :is(img, script:not([type='application/json']))").count() == 0
    assert again.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [*problems, *more] == []
    assert str(DAY) in again.evaluate("JSON.stringify(Cambrian.shutdown.facts())")


def test_without_a_choice_no_old_answer_stands_there(browser: Browser, address: str) -> None:
    page, problems = visited(browser, f"{address}/shutdown.html#simulator?orgs=%ZZ")
    expect(page.locator("[data-sentence]")).to_contain_text("OpenAI")
    page.locator("[data-preset=openai]").click()
    page.locator("[data-drop=openai]").click()
    expect(page.locator("[data-trouble]")).to_be_visible()
    expect(page.locator("[data-sentence]")).to_be_hidden()
    page.locator("[data-preset=meta]").click()
    expect(page.locator("[data-sentence]")).to_contain_text("Meta")
    page.evaluate("location.hash = '#order'")
    expect(page.locator("[data-preset=meta]")).to_have_attribute("aria-pressed", "true")
    page.locator("[value=freeze]").check()
    expect(page.locator("[data-sentence]")).to_contain_text("Meta")
    assert problems == []
    page.context.close()
