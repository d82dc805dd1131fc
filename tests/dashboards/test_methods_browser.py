"""What only a browser shows: the box over the dictionary, and the way from a card to its vintage."""

import pytest
from playwright.sync_api import Browser

from tests.dashboards.conftest import opened

pytestmark = pytest.mark.browser


def test_the_dictionary_is_filtered_by_words(browser: Browser, address: str) -> None:
    page, problems = opened(browser, f"{address}/data.html")
    shown = page.locator("#dictionary details:not([hidden])")
    every = shown.count()
    page.get_by_label("Find a table or a column").fill("doubling_days")
    assert 0 < shown.count() < every
    row = page.locator("#dictionary details[open] tbody tr:not([hidden])").first
    assert "doubling_days" in row.inner_text()
    page.get_by_label("Find a table or a column").fill("no such words")
    assert shown.count() == 0
    page.get_by_label("Find a table or a column").fill("")
    assert shown.count() == every
    assert problems == []


def test_a_card_leads_to_the_row_of_its_vintage(browser: Browser, address: str) -> None:
    page, problems = opened(browser, f"{address}/index.html")
    card = page.locator("#numbers .card").first
    value = card.locator(".value").inner_text()
    card.locator("summary").click()
    card.get_by_role("link", name="This number's vintage").click()
    row = page.locator("tr:target")
    assert row.count() == 1
    assert value.split(" to ")[0].replace("\u00a0", " ") in row.inner_text().replace("\u00a0", " ")
    assert problems == []
