"""The switchboard in a browser: it answers as SQL does; presets, link, keys, CSV, and without script."""

import csv
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import duckdb
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from dashboards.language import Language
from pipelines.settings import Settings
from tests.dashboards.conftest import Tab, opened

pytestmark = pytest.mark.browser

SWITCHES = {
    "universe": ("all", "generative_language", "embedding", "image_generation"),
    "weight": ("downloads_30d", "likes", "models", "derivatives"),
    "unit": ("uploader", "origin"),
    "variants": ("in", "out"),
    "evidence": ("curated", "declared", "inferred"),
    "breakdown": ("class", "organization", "country", "legal_form", "funding"),
}
START = {
    "universe": "generative_language", "weight": "downloads_30d", "unit": "uploader", "variants": "in",
    "evidence": "curated", "breakdown": "class",
}  # fmt: skip
COLUMNS = {"organization": "organization_id", "country": "country", "legal_form": "legal_form",
           "funding": "funding"}  # fmt: skip


@pytest.fixture(scope="module")
def tables(released: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(released.published_path), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    page, problems = opened(browser, f"{address}/dependence.html#switchboard?weight=downloads_30d")
    page.wait_for_selector("#board[data-answered]")
    yield page
    assert problems == []
    page.context.close()


def key_of(page: Page, changed: dict[str, str]) -> str:
    """Write what differs from the headline as the address has it: behind the list, which is always named."""
    lists = page.evaluate("Cambrian.settings('board').lists.map((one) => one.key)")
    return urlencode({"list": lists[page.evaluate("Cambrian.settings('board').start.list")], **changed})


def set_switches(page: Page, settings: dict[str, str]) -> None:
    """Go to an address with the settings and wait for their answer."""
    page.evaluate("(query) => { location.hash = `#switchboard?${query}`; }", urlencode(settings))
    changed = key_of(page, {name: settings[name] for name in START if settings[name] != START[name]})
    page.wait_for_function(
        "(wanted) => document.getElementById('board').dataset.answered === wanted", arg=changed
    )


def amounts_by_sql(
    tables: duckdb.DuckDBPyConnection, settings: dict[str, str], day: Any, scope: str
) -> tuple[dict[str, float], float]:
    """Divide the cube as the settings say, in SQL: amounts by value, and the whole."""
    weight, unit, breakdown = settings["weight"], settings["unit"], settings["breakdown"]
    if breakdown == "class" and unit == "uploader":
        value = "c.dependence_class"
    elif breakdown == "class":
        value = "case o.is_well_funded when true then 'well_funded' when false then 'other' end"
    else:
        value = f"nullif(o.{COLUMNS[breakdown]}, 'unknown')"
    rows = tables.execute(
        f"""
        select coalesce({value}, 'unknown'), sum(c.{weight})
        from marts.dependence_cube as c
        left join core.organizations as o on o.organization_id = c.{unit} and o.status = 'verified'
        where c.snapshot_date = ? and c.scope = ? and c.evidence = ? and ? in ('all', c.universe)
            and (? = 'in' or not c.is_variant)
        group by 1
        """,
        [day, scope, settings["evidence"], settings["universe"], settings["variants"]],
    ).fetchall()
    found = {name: float(amount or 0) for name, amount in rows}
    return found, sum(found.values())


def shares_on_page(page: Page, breakdown: str) -> dict[str, float]:
    where = "#board-classes tr[data-value]" if breakdown == "class" else "#board-groups tr[data-value]"
    rows = page.locator(where).evaluate_all(
        "(rows) => rows.map((row) => [row.dataset.value, Number(row.dataset.share)])"
    )
    return dict(rows)


def test_random_settings_answer_as_sql_does(page: Page, tables: duckdb.DuckDBPyConnection) -> None:
    chance = random.Random(5)
    day, scope = tables.execute(
        "select as_of_date, scope from marts.headlines where headline = 'dependent_share' limit 1"
    ).fetchall()[0]
    for _ in range(12):
        settings = {name: chance.choice(values) for name, values in SWITCHES.items()}
        wanted, whole = amounts_by_sql(tables, settings, day, scope)
        if not whole:
            continue
        set_switches(page, settings)
        seen = shares_on_page(page, settings["breakdown"])
        listed = {name: share for name, share in seen.items() if name != "others"}
        assert listed, settings
        for name, share in listed.items():
            assert share == pytest.approx(wanted.get(name, 0.0) / whole, abs=1e-9), (settings, name)
        assert sum(seen.values()) == pytest.approx(1, abs=1e-9)


def test_classes_and_bounds_are_those_of_the_published_table(
    page: Page, tables: duckdb.DuckDBPyConnection
) -> None:
    for universe, weight, evidence in (
        ("generative_language", "downloads_30d", "curated"), ("all", "models", "declared"),
        ("image_generation", "likes", "inferred"),
    ):  # fmt: skip
        set_switches(page, {**START, "universe": universe, "weight": weight, "evidence": evidence})
        lower, upper, derived = tables.execute(
            """
            select s.dependent_lower, s.dependent_upper, s.derived_share
            from marts.dependence_shares as s
            inner join marts.headlines as h on h.as_of_date = s.snapshot_date and h.scope = s.scope
            where h.headline = 'dependent_share' and h.universe = 'all' and s.universe = ? and s.weight = ?
                and s.evidence = ?
            """,
            [universe, weight, evidence],
        ).fetchall()[0]
        shown = page.locator("#board-range").evaluate("(e) => [e.dataset.lower, e.dataset.upper].map(Number)")
        assert shown == pytest.approx([lower, upper], abs=2e-9)  # the table is rounded to nine places
        assert shares_on_page(page, "class")["derived"] == pytest.approx(derived, abs=2e-9)


def test_presets_rebuild_the_published_shares(page: Page, tables: duckdb.DuckDBPyConnection) -> None:
    rows = tables.execute(
        """
        select published_share, value, lower, upper from marts.published_headlines
        where is_published_unit and value is not null
        qualify row_number() over (partition by headline_id order by snapshot_date desc) = 1
        order by published_date, headline_id
        """
    ).fetchall()
    buttons = page.locator("#board button[data-preset]")
    first = buttons.count() - len(rows)
    assert len(rows) > 2
    for place, (published, value, lower, upper) in enumerate(rows):
        buttons.nth(first + place).click()
        percent = Language("en").percent(published)
        # Two published shares may count the same: the one that was asked for is told first.
        expect(page.locator("#board-preset p").first).to_contain_text(f": {percent}.")
        assert percent in buttons.nth(first + place).inner_text()
        lit = page.locator("#board button[data-preset][aria-pressed=true]")
        assert lit.evaluate_all("(all) => all.map((one) => Number(one.dataset.preset))") == [first + place]
        alike = sum(row[1:] == (value, lower, upper) for row in rows)
        expect(page.locator("#board-preset dl")).to_have_count(alike)
        ours = page.locator("#board-preset [data-ours]").first
        assert float(ours.get_attribute("data-ours") or 0) == pytest.approx(value, abs=2e-9)
        row = page.locator("#board-groups tr[data-value=CN]")
        seen = row.evaluate("(row) => [row.dataset.lower, row.dataset.upper].map(Number)")
        assert seen == pytest.approx([lower, upper], abs=2e-9)
    buttons.first.click()
    assert page.locator("#board-preset").is_hidden()
    assert page.locator("#board-bar [data-class]").count() >= 3


def test_the_link_keeps_the_choice_and_what_makes_no_sense_is_said(browser: Browser, address: str) -> None:
    start = f"{address}/zh/dependence.html#switchboard?"
    page, problems = opened(browser, f"{start}unit=origin&breakdown=country&about=US&weight=likes")
    page.wait_for_selector("#board-groups [data-dimension=country]")
    assert page.locator("input[name=board-unit]:checked").input_value() == "origin"
    assert "美国" in page.locator("#board-sentence").inner_text()
    page.locator("input[name=board-variants][value=out]").check()
    address_now = page.evaluate("location.hash")
    assert page.locator("#board-link").get_attribute("href") == address_now
    assert "variants=out" in address_now
    assert page.locator("input[name=board-among][value=pair]").is_disabled()
    assert page.locator("#board-among-reason").inner_text()
    # The list of the leaderboard tells no likes, so another weight is set, and the page says so.
    lists = page.locator("#board-list option").all_inner_texts()
    page.locator("#board-list").select_option(
        index=next(i for i, one in enumerate(lists) if "Leaderboard" in one)
    )
    page.wait_for_function("document.getElementById('board-status').textContent.length > 5")
    assert page.locator("input[name=board-weight]:checked").input_value() == "models"
    assert page.locator("input[name=board-weight][value=likes]").is_disabled()
    page.locator("#board-reset").click()
    assert page.evaluate("location.hash") == f"#switchboard?{key_of(page, {})}"
    assert problems == []
    page.context.close()


def test_a_link_keeps_its_list_although_the_next_release_begins_with_another(
    browser: Browser, address: str
) -> None:
    page, problems = opened(browser, f"{address}/dependence.html")
    link = page.locator("#board-link").get_attribute("href")
    assert link == f"#switchboard?{key_of(page, {})}"  # before anybody touched a switch
    lists = page.evaluate("Cambrian.settings('board').lists.map((one) => one.key)")
    place = page.evaluate("Cambrian.settings('board').start.list")
    other = (place + 1) % len(lists)

    def of_next_release(route: Route) -> None:
        body = route.fetch().text()
        assert body.count(f'"list": {place},') + body.count(f'"list":{place},') > 0
        body = body.replace(f'"start": {{"list": {place}', f'"start": {{"list": {other}')
        route.fulfill(body=body.replace(f'"start":{{"list":{place}', f'"start":{{"list":{other}'))

    context = browser.new_context()
    later = context.new_page()
    later.route("**/dependence.html", of_next_release)
    later.goto(f"{address}/dependence.html{link}")
    later.wait_for_selector("#board[data-answered]")
    assert later.evaluate("Cambrian.settings('board').start.list") == other
    assert later.locator("#board-list").input_value() == str(place)
    gone = urlencode({"list": f"{lists[place].rpartition('@')[0]}@1999-01-01"})
    later.evaluate("(query) => { location.hash = `#switchboard?${query}`; }", gone)
    expect(later.locator("#board-status")).to_contain_text("The list of this link is not offered")
    assert later.locator("#board-list").input_value() == str(place)  # the newest of its population
    context.close()
    assert problems == []
    page.context.close()


def test_keys_and_csv(browser: Browser, address: str) -> None:
    page, problems = opened(browser, f"{address}/dependence.html", accept_downloads=True)
    page.locator("input[name=board-unit][value=uploader]").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#board-classes tr[data-value=well_funded]")
    assert "unit=origin" in page.evaluate("location.hash")
    with page.expect_download() as download:
        page.locator("#board-csv").click()
    with download.value.path().open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    shown = {row["value"]: float(row["share"]) for row in rows if row["dimension"] == "class"}
    assert shown == shares_on_page(page, "class")
    assert {row["unit"] for row in rows} == {"origin"}
    chosen = page.evaluate("Cambrian.settings('board').lists[Cambrian.settings('board').start.list]")
    assert {f"{row['scope']}@{row['as_of_date']}" for row in rows} == {chosen["key"]}
    assert {int(row["models_that_tell"]) for row in rows} == {chosen["counted"]["downloads_30d"]}
    assert problems == []
    page.context.close()


def test_the_csv_holds_the_numbers_of_its_labels(browser: Browser, address: str) -> None:
    page = browser.new_page(accept_downloads=True)
    page.goto(f"{address}/dependence.html#switchboard?breakdown=country&about=CN&among=pair")
    page.wait_for_selector("#board[data-answered]")

    held: list[Route] = []

    def taken() -> list[dict[str, str]]:
        with page.expect_download() as download:
            page.locator("#board-csv").click()
            while held:
                held.pop().continue_()
        with download.value.path().open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    rows = taken()
    pair = {row["value"]: float(row["share"]) for row in rows if row["among"] == "pair"}
    assert set(pair) == {"CN", "US"}
    assert pair == shares_on_page(page, "country")
    assert {row["dimension"] for row in rows if row["among"] == "all"} == {"class", "dependent"}
    # While other evidence loads, the numbers of the old stand there: the file waits.
    page.route("**/data/*-declared.js", lambda route: held.append(route))  # noqa: PLW0108 (marked by Playwright)
    page.locator("input[name=board-evidence][value=declared]").check()
    rows = taken()
    assert {row["evidence"] for row in rows} == {"declared"}
    shown = {row["value"]: float(row["share"]) for row in rows if row["dimension"] == "country"}
    assert shown == shares_on_page(page, "country")
    # What could not be loaded is asked for again.
    page.route("**/data/*-inferred.js", lambda route: route.abort(), times=1)
    page.locator("input[name=board-evidence][value=inferred]").check()
    expect(page.locator("#board-sentence")).to_contain_text("could not be loaded")
    assert page.locator("#board-results").is_hidden()
    page.locator("input[name=board-variants][value=out]").check()
    expect(page.locator("#board-results")).to_be_visible()
    assert {row["evidence"] for row in taken()} == {"inferred"}
    page.close()


def test_a_list_says_of_how_many_models_it_tells_what_is_counted(page: Page) -> None:
    lists = page.evaluate("Cambrian.settings('board').lists")
    part = next(one for one in lists if 0 < (one["counted"]["downloads_30d"] or 0) < one["models"])
    told, models = part["counted"]["downloads_30d"], part["models"]
    page.evaluate("(list) => { location.hash = `#switchboard?list=${list}&universe=all`; }", part["key"])
    sentence = page.locator("#board-sentence")
    expect(sentence).to_contain_text(f"{told:,} of the list's {models:,} models tell downloads.")
    label = page.locator("#board-list option:checked")
    expect(label).to_contain_text(f"({told:,} of {models:,} models tell downloads)")
    page.locator("input[name=board-weight][value=models]").check()
    expect(sentence).not_to_contain_text("tell downloads")


def test_without_script_the_headline_and_the_presets_can_be_read(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/dependence.html")
    assert page.locator("#board-switches").is_hidden()
    assert page.locator("#board-classes tr[data-value]").count() == 4
    assert page.locator("#board-groups tr[data-value]").count() > 5
    assert page.locator("#published-headlines-table tbody tr").count() > 2
    context.close()


def test_an_address_with_nonsense_is_the_headline_and_a_link_on_the_page_sets_the_switches(
    tab: Tab, address: str
) -> None:
    for nonsense in ("list=nonsense%", "list=%ZZ&unit=constructor&breakdown=__proto__", "unit=constructor"):
        page, problems = tab.visit(f"{address}/dependence.html#switchboard?{nonsense}", height=720)
        page.locator("#board").scroll_into_view_if_needed()
        page.wait_for_selector(f"#board[data-answered='{key_of(page, {})}']")
        assert problems == []
    page, problems = tab.visit(f"{address}/dependence.html", height=720)
    page.locator("a[href*='breakdown=country']").click()
    page.wait_for_selector("#board-groups [data-dimension=country] tr[data-value=US]")
    assert page.locator("#board-classes").is_hidden()
    assert page.locator("#board-groups").is_visible()
    assert problems == []
