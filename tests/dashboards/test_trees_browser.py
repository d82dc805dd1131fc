"""The explorer of families in a browser: trees by search, pointer and key, growth, links, hostile names."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from dashboards.build import build_site
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import HOSTILE, opened, write_release
from tests.dashboards.test_families import tree_rows

pytestmark = pytest.mark.browser


def slices(page: Page) -> int:
    return page.locator("#trees-plot g.slice path").count()


def test_a_family_is_found_and_looked_into_down_to_a_model(browser: Browser, address: str) -> None:
    page, problems = opened(browser, f"{address}/families.html")
    expect(page.locator("#trees-plot[data-drawn]")).to_be_visible()
    assert slices(page) > 20
    page.fill("#trees-family", "whisp")
    page.keyboard.press("Enter")
    expect(page.locator("#trees .summary")).to_contain_text("Whisper (OpenAI)")
    expect(page.locator("#trees .chosen table caption")).to_contain_text("Whisper")
    assert "family=Whisper" in page.evaluate("location.href")
    names = page.locator("#trees .chosen tbody td:first-child a")
    assert (names.first.get_attribute("href") or "").startswith("https://huggingface.co/openai/whisper")
    page.locator("#trees .chosen tbody button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#trees .path strong")).to_contain_text("openai/whisper")
    assert "model=openai" in page.evaluate("location.href")
    again, problems_again = opened(browser, page.evaluate("location.href"))
    expect(again.locator("#trees .path strong")).to_contain_text("openai/whisper")
    assert problems_again == []
    again.context.close()
    page.locator("#trees .path button").first.click()
    expect(page.locator("#trees .path strong")).to_have_text("Whisper")
    page.locator("#trees-plot g.slice").nth(1).click()
    expect(page.locator("#trees .path li")).to_have_count(2)
    page.fill("#trees-family", "no such family")
    page.keyboard.press("Enter")
    expect(page.locator("#trees .summary")).to_contain_text("No family of that name")
    assert problems == []
    page.context.close()


def test_a_tree_that_comes_late_or_not_at_all_does_no_harm(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/families.html")
    page.mouse.move(9, 9)
    expect(page.locator("#trees-plot[data-drawn]")).to_be_visible()
    first = page.locator("#trees .path strong").inner_text()
    families = page.evaluate("Cambrian.settings('trees').families")
    number = next(one["number"] for one in families if one["family"] == "Whisper")
    held: list[Route] = []
    page.route(f"**/data/family-{number}.js", lambda route: held.append(route))  # noqa: PLW0108 (marked by Playwright)
    page.fill("#trees-family", "Whisper")
    page.locator("#trees .chosen tbody button").first.click()  # of the tree that still stands there
    assert "Whisper" not in page.evaluate("location.href")
    page.fill("#trees-family", "BERT")
    expect(page.locator("#trees .path strong")).to_have_text("BERT")
    held[0].abort()
    page.unroute(f"**/data/family-{number}.js")
    page.wait_for_timeout(200)
    expect(page.locator("#trees .summary")).to_contain_text("BERT")
    assert first != "BERT"
    page.fill("#trees-family", "Whisper")
    expect(page.locator("#trees .path strong")).to_have_text("Whisper")
    assert "family=Whisper" in page.evaluate("location.href")
    page.close()


def test_growth_that_cannot_be_loaded_is_told_and_the_tree_stands(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.route("**/data/family-growth.js", lambda route: route.abort())
    page.goto(f"{address}/families.html")
    page.mouse.move(9, 9)
    expect(page.locator("#trees-plot[data-drawn]")).to_be_visible()
    expect(page.locator("#trees-growth-words")).to_contain_text("could not be loaded")
    expect(page.locator("#trees-growth-plot")).to_be_hidden()
    expect(page.locator("#trees-list")).to_be_hidden()
    page.unroute("**/data/family-growth.js")
    page.fill("#trees-family", "BERT")
    expect(page.locator("#trees-growth-words")).not_to_contain_text("could not be loaded")
    page.close()


def test_the_tree_says_of_which_lists_and_days_it_is(browser: Browser, address: str) -> None:
    page, problems = opened(browser, f"{address}/families.html#tree?family=Qwen+2.5")
    expect(page.locator("#trees .summary")).to_contain_text("8 lists of")
    rows = page.locator("#trees .chosen tbody tr").all_inner_texts()
    days = [row.split("\t")[-1] for row in rows]
    assert any(day.startswith("20") for day in days)
    told = [row.split("\t")[-2:] for row in rows]
    assert all((downloads == "–") is (day == "–") for downloads, day in told)
    expect(page.locator("#trees .chosen")).to_contain_text("–: no list tells them")
    assert problems == []
    page.context.close()


def test_growth_is_told_and_drawn_against_others(browser: Browser, address: str) -> None:
    page, problems = opened(browser, f"{address}/zh/families.html#tree?family=Llama+3&measure=authors")
    expect(page.locator("#trees-growth-plot[data-drawn]")).to_be_visible()
    expect(page.locator("#trees-growth-words")).to_contain_text("作者")
    assert page.locator("#trees-growth-plot .scatterlayer .trace").count() > 5
    page.select_option("#trees-measure", "derivatives")
    expect(page.locator("#trees-growth-words")).to_contain_text("衍生模型")
    page.locator("#families tbody a", has_text="BERT").first.click()
    expect(page.locator("#trees .summary")).to_contain_text("BERT")
    assert problems == []
    page.context.close()


def test_hostile_names_are_text_in_the_tree(
    browser: Browser, models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows = tree_rows()
    renamed = dict(zip((row["model_id"] for row in rows["core.models"]), HOSTILE, strict=True))
    for row in rows["core.models"]:
        row.update(model_id=renamed[row["model_id"]], family=HOSTILE[1])
    for row in rows["core.lineage"]:
        row.update({key: renamed.get(row[key], row[key]) for key in ("child_id", "parent_id")})
    rows["marts.families"] = [{**rows["marts.families"][0], "family": HOSTILE[1]}]
    build_site(write_release(tmp_path / "r.duckdb", models, rows), tmp_path / "site", only=["families"])
    page, problems = opened(browser, (tmp_path / "site" / "families.html").as_uri())
    expect(page.locator("#trees-plot[data-drawn]")).to_be_visible()
    assert slices(page) > 3
    expect(page.locator("#trees .chosen")).to_contain_text("<img src=x")
    page.locator("#trees .chosen tbody button").first.click()
    assert page.locator("#trees img, #trees .chosen script").count() == 0
    assert problems == []
    page.context.close()
