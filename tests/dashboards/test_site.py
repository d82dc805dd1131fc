"""The site as files: whole, twice the same, closed to the outside, a table and a CSV for every figure."""

import csv
import gzip
import io
import json
import re
from functools import cache
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from dashboards.build import PAGES, build_site, csv_text, figure_json, stale_words
from dashboards.data.release import open_release
from dashboards.figures.chart import Chart
from dashboards.language import CODES, Language
from dashboards.pages.page import Page, cell, drawn_table
from pipelines.settings import Settings
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import DAY, EVERYWHERE, FILES, HOSTILE, Rows, write_release

EN = Language("en")
#: What a page and its data may weigh at first load, gzipped, besides the scripts that all pages share.
BUDGET_BYTES = 300_000


@cache
def pages_of(database: Path, code: str = "en") -> list[Page]:
    with open_release(database) as release:
        modules = [import_module(f"dashboards.pages.{name}") for name in PAGES]
        return [module.build(release, Language(code)) for module in modules]


@pytest.fixture(scope="module", params=CODES)
def pages(request: pytest.FixtureRequest, released: Settings) -> list[Page]:
    return pages_of(released.published_path, request.param)


@pytest.fixture(scope="module")
def charts(pages: list[Page]) -> list[Chart]:
    return [chart for page in pages for chart in page.charts]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "downloads" not in path.parts
    }


class Reader(HTMLParser):
    """Collects what a test asks of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.figures: dict[str, dict[str, int]] = {}
        self._figure = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        if tag == "figure":
            self._figure = values.get("id", "")
            self.figures[self._figure] = {"tr": 0, "details": 0, "figcaption": 0, "plot": 0, "csv": 0}
        counts = self.figures.get(self._figure)
        if counts is None:
            return
        if tag in counts:
            counts[tag] += 1
        counts["plot"] += values.get("class") == "plot"
        counts["csv"] += values.get("href", "").endswith(f"data/{self._figure}.csv")

    def handle_endtag(self, tag: str) -> None:
        if tag == "figure":
            self._figure = ""


def read(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def test_two_builds_of_one_file_are_equal_to_the_byte(released: Settings, tmp_path: Path) -> None:
    build_site(released.published_path.resolve(), tmp_path / "site")
    made = contents(tmp_path / "site")
    assert made == contents(released.site_dir)
    assert set(EVERYWHERE) < set(made)


def test_what_can_be_downloaded_lies_below_the_site(released: Settings) -> None:
    downloads = released.site_dir / "downloads"
    assert (downloads / "cambrian.duckdb").read_bytes() == released.published_path.read_bytes()
    tables = {path.name for path in (downloads / "parquet").rglob("*.parquet")}
    assert {"headlines.parquet", "dependence_cube.parquet", "models.parquet"} < tables


def test_an_existing_site_is_not_written_into(empty_release: Path, tmp_path: Path) -> None:
    build_site(empty_release, tmp_path / "site", only=["overview"])
    with pytest.raises(FileExistsError):
        build_site(empty_release, tmp_path / "site", only=["overview"])


def test_an_empty_release_gives_whole_pages_that_say_so(empty_release: Path, tmp_path: Path) -> None:
    build_site(empty_release, tmp_path / "site")
    for name in EVERYWHERE:
        reader = read(tmp_path / "site" / name)
        assert not any(counts["plot"] for counts in reader.figures.values()), name
    assert list((tmp_path / "site" / "data").glob("*.csv")) == []


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_page_fetches_nothing_from_elsewhere(released: Settings, name: str) -> None:
    page = released.site_dir / name
    reader = read(page)
    for tag, values in reader.tags:
        for attribute in ("src", "href", "srcset", "action", "data", "poster"):
            address = values.get(attribute, "").partition("#")[0]
            if address and tag != "a":
                assert not re.match(r"[a-z]+:|//", address), (tag, address)
                assert (page.parent / address).is_file(), (tag, address)
        if tag == "a" and not re.match(r"https?:|#", values["href"]):
            assert (page.parent / values["href"].partition("#")[0]).exists(), values["href"]


def test_no_style_fetches_anything(released: Settings) -> None:
    for path in (released.site_dir / "assets").glob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert "@import" not in text
        assert re.findall(r"url\((?!['\"]?data:)[^)]*\)", text) == [], path.name


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_page_has_what_readers_of_all_kinds_need(released: Settings, name: str) -> None:
    reader = read(released.site_dir / name)
    tags = [tag for tag, _ in reader.tags]
    assert ("html", {"lang": "zh-Hans" if name.startswith("zh/") else "en"}) in reader.tags
    assert tags.count("h1") == 1
    assert tags.count("main") == tags.count("header") == tags.count("footer") == 1
    assert "nav" in tags
    assert [values.get("aria-current") for tag, values in reader.tags if tag == "a"].count("page") == 1
    assert any(values.get("class") == "limits" for _, values in reader.tags)
    ids = [values["id"] for _, values in reader.tags if "id" in values]
    assert sorted(ids) == sorted(set(ids))
    for tag, values in reader.tags:
        if tag == "div" and values.get("class") == "plot" and "role" in values:
            assert values["role"] == "img"
            assert values["aria-label"]
        assert not any(attribute.startswith("on") for attribute in values), (tag, values)


@pytest.mark.parametrize("name", EVERYWHERE)
def test_links_within_the_site_lead_to_a_place(released: Settings, name: str) -> None:
    page = released.site_dir / name
    for tag, values in read(page).tags:
        if tag != "a" or re.match(r"https?:", values["href"]) or "#" not in values["href"]:
            continue
        file, _, anchor = values["href"].partition("#")
        if "?" in anchor:
            anchor = anchor.partition("?")[0]
        target = page.parent / file if file else page
        assert f'id="{anchor}"' in target.read_text(encoding="utf-8"), values["href"]


@pytest.mark.parametrize("name", EVERYWHERE)
def test_the_first_load_of_a_page_is_light(released: Settings, name: str) -> None:
    size = len(gzip.compress((released.site_dir / name).read_bytes(), mtime=0))
    assert size <= BUDGET_BYTES


def test_every_figure_has_a_caption_a_table_and_a_file(released: Settings, pages: list[Page]) -> None:
    folder = released.site_dir / ("zh" if pages[0].name != EN("overview.name") else "")
    found = {name: counts for file in FILES for name, counts in read(folder / file).figures.items()}
    charts = [chart for page in pages for chart in page.charts]
    assert {chart.name for chart in charts} <= set(found)
    assert len(charts) == len({chart.name for chart in charts})
    for chart in charts:
        if chart.figure is None:
            assert chart.empty, chart.name
            continue
        counts = found[chart.name]
        assert counts == {"tr": chart.table.height + 1, "details": 1, "figcaption": 1, "plot": 1, "csv": 1}
        assert (folder / "data" / f"{chart.name}.csv").read_bytes() == csv_text(chart).encode()


def as_drawn(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def test_csv_reads_back_as_the_table(charts: list[Chart]) -> None:
    for chart in charts:
        if chart.figure is None:
            continue
        header, *rows = csv.reader(io.StringIO(csv_text(chart)))
        assert header == [*chart.table.columns, *chart.context]
        same = tuple(chart.context.values())
        expected = [
            ["" if value is None else as_drawn(value) for value in (*row, *same)]
            for row in chart.table.iter_rows()
        ]
        assert rows == expected
        assert len(drawn_table(EN, chart).rows) == len(rows)


def test_every_figure_says_what_it_is_of(charts: list[Chart]) -> None:
    for chart in charts:
        assert chart.title, chart.name
        if chart.figure is None:
            continue
        assert len(chart.subtitle) > 20, chart.name
        assert re.search(r"\d{4}", chart.subtitle), f"{chart.name} does not say of when it is"
        assert chart.alt, chart.name
        assert set(chart.table.columns) <= set(chart.headings), chart.name


def test_the_names_of_figures_and_sections_are_the_same_in_every_language(released: Settings) -> None:
    english, chinese = (pages_of(released.published_path, code) for code in CODES)
    for one, other in zip(english, chinese, strict=True):
        assert one.file == other.file
        assert [section.name for section in one.sections] == [section.name for section in other.sections]
        assert [chart.name for chart in one.charts] == [chart.name for chart in other.charts]
        for drawn, again in zip(one.charts, other.charts, strict=True):
            assert drawn.table.schema == again.table.schema, drawn.name
            numbers = [name for name, kind in drawn.table.schema.items() if kind.is_numeric()]
            assert drawn.table.select(numbers).equals(again.table.select(numbers)), drawn.name


def test_json_in_a_page_cannot_leave_its_script(hostile_release: Path, tmp_path: Path) -> None:
    build_site(hostile_release, tmp_path / "site")
    for page in pages_of(hostile_release):
        text = (tmp_path / "site" / page.file).read_text(encoding="utf-8")
        scripts = [values for tag, values in read(tmp_path / "site" / page.file).tags if tag == "script"]
        assert all("src" in values or values.get("type") == "application/json" for values in scripts)
        for block in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text):
            assert "<" not in block
            json.loads(block)
        for chart in page.charts:
            if chart.figure is not None:
                assert "".join(HOSTILE[0].split("<")[1:]) not in figure_json(chart)
    for path in (tmp_path / "site" / "data").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("Cambrian.deliver(")
        assert text.isascii()
        assert "<" not in text


def source(name: str = "github_repositories", **given: Any) -> dict[str, Any]:
    """A row of core.sources: a live one, as fresh as it should be."""
    row = {"source": name, "description": f"what {name} is", "is_live": True, "as_of_date": DAY}
    row |= {"newest_date": DAY, "newest_is_complete": True, "age_days": 0, "cadence_days": 1}
    return row | {"is_stale": False, "attempted_date": DAY, "failure": None} | given


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"newest_date": None}, "never landed."),
        ({"age_days": 1}, "newest day 22 December 2025. 1 day old."),
        ({"age_days": 9}, "newest day 22 December 2025. 9 days old."),
        ({"newest_is_complete": False}, "newest day 22 December 2025. Not whole yet."),
        ({"newest_date": None, "failure": "No."}, "never landed. The last attempt failed: No."),
        (
            {"age_days": 2, "failure": "502 after 5 tries. Run it again. Or wait."},
            "newest day 22 December 2025. 2 days old. The last attempt failed: 502 after 5 tries.",
        ),
    ],
)
def test_a_stale_source_is_told_with_its_age_and_the_reason(given: dict[str, Any], words: str) -> None:
    told = stale_words(source(**given), EN).replace("\xa0", " ")
    assert told == f"github repositories: {words}"


def test_a_long_reason_is_cut() -> None:
    words = stale_words(source(failure="x" * 5000), EN)
    assert len(words) < 300


def site_of(rows: Rows, models: dict[str, SqlModel], folder: Path, **options: Any) -> dict[str, str]:
    """Build the site of a release that holds these rows, and give its pages."""
    build_site(write_release(folder / "release.duckdb", models, rows), folder / "site", **options)
    return {name: (folder / "site" / name).read_text(encoding="utf-8") for name in EVERYWHERE}


def test_every_page_says_which_source_is_stale_and_only_that(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows = [source(), source("package_downloads_daily", is_stale=True, age_days=3)]
    for name, text in site_of({"core.sources": rows}, models, tmp_path).items():
        box = re.findall(r'<aside class="limits stale".*?</aside>', text, re.DOTALL)
        assert len(box) == 1, name
        (words,) = re.findall(r"<li>(.*?)</li>", box[0])
        assert words.startswith("package downloads daily"), name


def test_without_a_stale_source_no_page_speaks_of_it(models: dict[str, SqlModel], tmp_path: Path) -> None:
    for text in site_of({"core.sources": [source()]}, models, tmp_path).values():
        assert "limits stale" not in text


def test_with_its_address_the_links_of_the_site_are_absolute(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    pages = site_of({}, models, tmp_path, site_url="https://example.org/cambrian/")
    for name, text in pages.items():
        assert f'<link rel="canonical" href="https://example.org/cambrian/{name}">' in text
        assert text.count('rel="alternate" hreflang=') == len(CODES)


def test_a_hostile_reason_in_the_box_is_text_and_nothing_else(hostile_release: Path, tmp_path: Path) -> None:
    build_site(hostile_release, tmp_path / "site")
    for name in EVERYWHERE:
        text = (tmp_path / "site" / name).read_text(encoding="utf-8")
        (box,) = re.findall(r'<aside class="limits stale".*?</aside>', text, re.DOTALL)
        reader = Reader()
        reader.feed(box)
        assert {tag for tag, _ in reader.tags} == {"aside", "h2", "ul", "li"}
        assert box.count("<li>") == len(HOSTILE)
        assert "&lt;img src=x onerror=alert(1)&gt;" in box
        assert "\u202e" not in box


def test_long_names_are_cut_with_the_whole_beside_them() -> None:
    long = cell(EN, "model_id", HOSTILE[-1])
    assert len(long.text) == 90
    assert long.exact == HOSTILE[-1]
