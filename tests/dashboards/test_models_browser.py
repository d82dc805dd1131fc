"""The table of models in a browser: 50,000 rows sought and sorted, lineage by key, links, hostile names."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from dashboards.build import build_site
from dashboards.data.models import MOST
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import HOSTILE, opened, write_release
from tests.dashboards.test_models import listed

pytestmark = pytest.mark.browser

#: Fills the list up to more models than a page takes; every third has the task of embeddings.
MANY = """
update marts.coverage set subjects = 51005;
insert into core.model_snapshots by name
    select date '2025-12-22' as snapshot_date, 'a-list' as scope, 'many/model-' || i as model_id,
        case when i % 3 = 0 then 'embedding' else 'generative_language' end as universe,
        900 - i // 100 as downloads_30d, i as likes, false as is_first_party
    from range(51000) as t(i);
insert into core.models by name
    select 'many/model-' || i as model_id, 'fill-mask' as pipeline_tag, false as is_named_only
    from range(51000) as t(i);
insert into core.model_roots by name
    select 'many/model-' || i as model_id, 'curated' as evidence, 'many/model-' || i as root_id, 0 as parents,
        'unknown' as upstream_class, 'none' as origin_basis
    from range(51000) as t(i);
"""


@pytest.fixture(scope="module")
def large(models: dict[str, SqlModel], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a list of more models than a page takes, the most downloaded of hostile names."""
    folder = tmp_path_factory.mktemp("large")
    path = write_release(folder / "r.duckdb", models, listed(HOSTILE, {HOSTILE[0]: [HOSTILE[1]]}))
    with duckdb.connect(str(path)) as connection:
        connection.execute(MANY)
    build_site(path, folder / "site", only=["models"])
    return folder / "site"


@pytest.fixture
def page(browser: Browser, large: Path) -> Iterator[Page]:
    """The page with that list, from disk; nothing may fail on it or run."""
    found, problems = opened(browser, (large / "models.html").as_uri())
    expect(found.locator("#models .dt-info")).to_be_visible()
    yield found
    assert problems == []
    found.context.close()


def first(page: Page) -> str:
    return page.locator("#models-table tbody tr").first.locator("td").nth(1).inner_text()


def test_fifty_thousand_models_are_sought_and_sorted(browser: Browser, page: Page) -> None:
    info, status = page.locator("#models .dt-info"), page.locator("#models-status")
    expect(info).to_have_text(f"1 to 25 of {MOST:,}")
    expect(page.locator("#models-note")).to_contain_text(f"{MOST:,} of 51,005")
    expect(status).to_contain_text("The first 1,000 of")
    page.fill("#models-words", "MODEL-4999 fill-mask")
    expect(info).to_have_text(f"1 to 11 of 11 found in {MOST:,}")
    expect(status).to_be_empty()
    page.select_option("#models-universe", "embedding")
    expect(info).to_have_text(f"1 to 3 of 3 found in {MOST:,}")
    page.fill("#models-words", "")
    page.select_option("#models-universe", "")
    likes = page.locator("#models-table th", has_text="Likes")
    likes.locator("[role=button]").focus()
    page.keyboard.press("Enter")
    expect(likes).to_have_attribute("aria-sort", "descending")
    expect(page.locator("#models-table tbody tr").first).to_contain_text("many/model-")
    assert first(page) == "many/model-49999"
    again, problems = opened(browser, page.evaluate("location.href"))
    expect(again.locator("#models-table tbody tr").first).to_contain_text("many/model-49999")
    likes_again = again.locator("#models-table th", has_text="Likes")
    expect(likes_again).to_have_attribute("aria-sort", "descending")
    assert problems == []
    again.context.close()


def test_lineage_opens_by_key_and_a_link_keeps_it(browser: Browser, page: Page) -> None:
    button = page.locator("#models-table tbody tr button.lineage").first
    button.focus()
    page.keyboard.press("Enter")
    panel = page.locator("#models-panel")
    expect(panel).to_be_visible()
    expect(panel.locator("li").first).to_contain_text("merge, declared in its tags")
    assert panel.locator("img, script").count() == 0
    assert "model=" in page.evaluate("location.href")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(button).to_be_focused()
    assert "model=" not in page.evaluate("location.href")
    page.goto(page.url.partition("#")[0] + "#search?model=many%2Fmodel-49000")
    expect(panel).to_contain_text("Lineage of many/model-49000")
    again, problems = opened(browser, page.evaluate("location.href"))
    expect(again.locator("#models-panel")).to_contain_text("Lineage of many/model-49000")
    expect(again.locator("#models-panel")).to_contain_text("No base is known that it descends from.")
    assert problems == []
    again.context.close()


def test_hostile_names_are_text_in_the_table(page: Page) -> None:
    rows = page.locator("#models-table tbody tr")
    expect(rows.first).to_contain_text("<img src=x")
    assert page.locator("#models-table img, #models-table tbody script").count() == 0
    page.fill("#models-words", "onerror=alert")
    expect(page.locator("#models .dt-info")).to_contain_text("found in")
    addresses = [link.get_attribute("href") or "" for link in page.locator("#models-table tbody a").all()]
    assert addresses
    assert all(one.startswith("https://huggingface.co/") for one in addresses)


def test_real_lists_are_chosen_in_chinese(browser: Browser, address: str) -> None:
    page, problems = opened(browser, f"{address}/zh/models.html#search?q=qwen&class=derived")
    expect(page.locator("#models .dt-info")).to_contain_text("找到")
    expect(page.locator("#models-words")).to_have_value("qwen")
    page.select_option("#models-list", "text-generation-lineage")
    expect(page.locator("#models-table caption")).to_contain_text("29,841")
    expect(page.locator("#models-status")).to_be_empty()
    assert page.locator("#models-table tbody tr").count() == 25
    page.locator("#models-table tbody tr").first.locator("td").nth(5).click()
    expect(page.locator("#models-panel li").first).to_be_visible()
    assert problems == []
    page.context.close()


def test_lists_do_not_mix_and_one_that_fails_leaves_the_other(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/models.html#search?q=%2541")
    expect(page.locator("#models-words")).to_have_value("%41")
    expect(page.locator("#models .dt-info")).to_be_visible()
    other = "text-generation-lineage"
    lists = page.evaluate("Cambrian.settings('models').lists")
    one = next(each for each in lists if each["scope"] == other)
    caption, before = page.locator("#models-table caption"), page.locator("#models-list").input_value()
    title = caption.inner_text()
    page.route(f"**/data/models-{one['number']}-0.js", lambda route: route.abort(), times=1)
    page.select_option("#models-list", other)
    expect(page.locator("#models-status")).to_contain_text("could not be loaded")
    expect(page.locator("#models-list")).to_have_value(before)
    assert caption.inner_text() == title
    held: list[Route] = []
    page.route(f"**/data/models-{one['number']}-0.js", lambda route: held.append(route))  # noqa: PLW0108 (marked by Playwright)
    page.select_option("#models-list", other)
    page.fill("#models-words", "qwen")
    page.wait_for_timeout(400)  # the search begins while the list still loads
    held[0].continue_()
    expect(page.locator("#models .dt-info")).to_contain_text(f"found in {one['models']:,}")
    expect(page.locator("#models-status")).to_be_empty()
    ids = page.evaluate("new DataTable.Api('#models-table').rows().data().toArray().map(({ id }) => id)")
    assert len(ids) == len(set(ids)) == one["models"]
    assert f"list={other}" in page.evaluate("location.href")
    page.close()


def test_without_scripts_a_table_stands(browser: Browser, large: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((large / "zh" / "models.html").as_uri())
    assert page.locator("#models-table tbody tr").count() == 100
    expect(page.locator("#models form")).to_be_hidden()
    context.close()
