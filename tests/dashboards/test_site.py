"""The site as files: whole, twice the same, closed to the outside, a table and a CSV for every figure."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from dashboards.build import PAGES, build_site, csv_text, figure_json, stale_words
from dashboards.data import open_release
from dashboards.figures.chart import Chart
from dashboards.pages.page import Page, cell, drawn_table
from pipelines.settings import Settings
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import DAY, HOSTILE, Rows, write_release

FILES = ("index.html", "explosion.html", "dependence.html", "families.html", "data.html")


def pages_of(database: Path) -> list[Page]:
    with open_release(database) as release:
        return [module.build(release) for module in PAGES]


@pytest.fixture(scope="module")
def pages(released: Settings) -> list[Page]:
    return pages_of(released.published_path)


@pytest.fixture(scope="module")
def charts(pages: list[Page]) -> list[Chart]:
    return [chart for page in pages for chart in page.charts]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
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
            self._figure = values["id"]
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
    for name in ("one", "two"):
        build_site(released.published_path, tmp_path / name)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert one == two
    assert one == contents(released.site_dir)
    assert set(FILES) < set(one)


def test_an_existing_folder_is_not_written_into(empty_release: Path, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        build_site(empty_release, tmp_path)


def test_an_empty_release_gives_whole_pages_that_say_so(empty_release: Path, tmp_path: Path) -> None:
    build_site(empty_release, tmp_path / "site")
    for name in FILES:
        reader = read(tmp_path / "site" / name)
        assert not any(counts["plot"] for counts in reader.figures.values()), name
    assert list((tmp_path / "site" / "data").iterdir()) == []


@pytest.mark.parametrize("name", FILES)
def test_a_page_fetches_nothing_from_elsewhere(released: Settings, name: str) -> None:
    reader = read(released.site_dir / name)
    for tag, values in reader.tags:
        for attribute in ("src", "href", "srcset", "action", "data", "poster"):
            address = values.get(attribute, "")
            if address and tag != "a":
                assert not re.match(r"[a-z]+:|//", address), (tag, address)
                assert (released.site_dir / address).is_file(), (tag, address)
        if tag == "a" and not re.match(r"https?:|#", values["href"]):
            assert (released.site_dir / values["href"]).is_file(), values["href"]
    text = (released.site_dir / name).read_text(encoding="utf-8")
    assert "url(" not in text
    assert "@import" not in (released.site_dir / "site.css").read_text()
    assert "url(" not in (released.site_dir / "site.css").read_text()


@pytest.mark.parametrize("name", FILES)
def test_a_page_has_what_readers_of_all_kinds_need(released: Settings, name: str) -> None:
    reader = read(released.site_dir / name)
    tags = [tag for tag, _ in reader.tags]
    assert ("html", {"lang": "en"}) in reader.tags
    assert tags.count("h1") == 1
    assert tags.count("main") == tags.count("nav") == tags.count("footer") == 1
    assert [values.get("aria-current") for tag, values in reader.tags if tag == "a"].count("page") == 1
    assert any(values.get("class") == "limits" for _, values in reader.tags)
    ids = [values["id"] for _, values in reader.tags if "id" in values]
    assert len(ids) == len(set(ids))
    for tag, values in reader.tags:
        if tag == "div" and values.get("class") == "plot":
            assert values["role"] == "img"
            assert values["aria-label"]
        assert not any(attribute.startswith("on") for attribute in values), (tag, values)


def test_every_figure_has_a_caption_a_table_and_a_file(released: Settings, charts: list[Chart]) -> None:
    found = {
        name: counts for file in FILES for name, counts in read(released.site_dir / file).figures.items()
    }
    assert set(found) == {chart.name for chart in charts}
    assert len(charts) == len({chart.name for chart in charts})
    for chart in charts:
        counts = found[chart.name]
        assert chart.figure is not None, f"{chart.name} is empty in the recorded data: {chart.empty}"
        assert counts == {"tr": chart.table.height + 1, "details": 1, "figcaption": 1, "plot": 1, "csv": 1}
        assert (released.site_dir / "data" / f"{chart.name}.csv").read_bytes() == csv_text(chart).encode()


def as_drawn(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def test_nothing_is_drawn_that_is_not_in_the_table(charts: list[Chart]) -> None:
    for chart in charts:
        told = {as_drawn(value) for column in chart.table.columns for value in chart.table[column].to_list()}
        drawn: set[str] = set()
        for trace in chart.figure.data:
            x = {as_drawn(value) for value in trace.x if value is not None}
            y = {as_drawn(value) for value in trace.y if value is not None}
            assert x, (chart.name, trace.name)
            assert x <= told or y <= told, (chart.name, trace.name)
            drawn |= x | y
            points = [pair for pair in zip(trace.x, trace.y, strict=True) if None not in pair]
            assert len(points) <= max(chart.table.height, 2)
        for column, kind in chart.table.schema.items():
            if (
                column.endswith(("share", "downloads_30d", "stars_observed", "doubling_days"))
                and kind.is_numeric()
            ):
                values = {as_drawn(value) for value in chart.table[column].to_list() if value is not None}
                assert values <= drawn or column not in _DRAWN, (chart.name, column)


_DRAWN = ("share", "origin_share", "uploaded_share", "any_share", "stars_observed", "doubling_days")


def test_csv_reads_back_as_the_table(charts: list[Chart]) -> None:
    for chart in charts:
        header, *rows = csv.reader(io.StringIO(csv_text(chart)))
        assert header == chart.table.columns
        expected = [
            ["" if value is None else as_drawn(value) for value in row] for row in chart.table.iter_rows()
        ]
        assert rows == expected
        shown = drawn_table(chart).rows
        assert len(shown) == len(rows)
        for told, wrote in zip(shown, rows, strict=True):
            for one, text in zip(told, wrote, strict=True):
                assert (
                    text in (one.exact, one.sort, one.text, one.text.replace(",", ""))
                    or not text
                    or _is_flag(text)
                )


def _is_flag(text: str) -> bool:
    return text in ("True", "False")


def test_every_figure_says_what_it_is_of(charts: list[Chart]) -> None:
    for chart in charts:
        assert chart.title, chart.name
        assert len(chart.subtitle) > 40, chart.name
        assert re.search(r"\d{4}", chart.subtitle), f"{chart.name} does not say of when it is"
        assert chart.alt, chart.name
        assert set(chart.table.columns) <= set(chart.headings), chart.name


def test_headlines_are_shown_with_their_exact_values(released: Settings) -> None:
    text = (released.site_dir / "index.html").read_text(encoding="utf-8")
    with open_release(released.published_path) as release:
        for row in release.headlines().iter_rows(named=True):
            exact = repr(row["value"]) if row["lower"] is None else f"{row['lower']!r} to {row['upper']!r}"
            assert f'title="{exact}"' in text, row["headline"]
    assert text.index("<h3>Generative language models</h3>") < text.index("<h3>All models</h3>")


@pytest.mark.parametrize("name", ["index.html", "dependence.html"])
def test_the_list_of_the_headlines_is_named_with_what_it_lacks(released: Settings, name: str) -> None:
    text = (released.site_dir / name).read_text(encoding="utf-8")
    assert "the newest list of at least 5,000 models that tells downloads" in text
    assert "The list of the headlines is partial" in text
    assert ("have a known parent" in text) == (name == "index.html")


def test_json_in_a_page_cannot_leave_its_script(hostile_release: Path, tmp_path: Path) -> None:
    build_site(hostile_release, tmp_path / "site")
    for page in pages_of(hostile_release):
        text = (tmp_path / "site" / page.file).read_text(encoding="utf-8")
        reader = read(tmp_path / "site" / page.file)
        tags = {tag for tag, _ in reader.tags}
        assert "img" not in tags
        scripts = [values for tag, values in reader.tags if tag == "script"]
        assert all("src" in values or values.get("type") == "application/json" for values in scripts)
        blocks = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text)
        assert len(blocks) == sum(chart.figure is not None for chart in page.charts)
        for block in blocks:
            assert "<" not in block
            json.loads(block)
    assert "".join(HOSTILE[0].split("<")[1:]) not in figure_json(pages_of(hostile_release)[0].charts[0])


def source(name: str = "github_repositories", **given: Any) -> dict[str, Any]:
    """A row of core.sources: a live one, as fresh as it should be."""
    row = {"source": name, "description": f"what {name} is", "is_live": True, "as_of_date": DAY}
    row |= {"newest_date": DAY, "newest_is_complete": True, "age_days": 0, "cadence_days": 1}
    return row | {"is_stale": False, "attempted_date": DAY, "failure": None} | given


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"newest_date": None}, "never landed."),
        ({"age_days": 1}, "newest day 22 December 2025, 1 day old."),
        ({"age_days": 9}, "newest day 22 December 2025, 9 days old."),
        ({"newest_is_complete": False}, "newest day 22 December 2025, not whole yet."),
        ({"newest_date": None, "failure": "No."}, "never landed. The last attempt failed: No."),
        (
            {"age_days": 2, "failure": "502 after 5 tries. Run it again. Or wait."},
            "newest day 22 December 2025, 2 days old. The last attempt failed: 502 after 5 tries.",
        ),
    ],
)
def test_a_stale_source_is_told_with_its_age_and_the_reason(given: dict[str, Any], words: str) -> None:
    told = stale_words(source(**given)).replace("\xa0", " ")
    assert told == f"github repositories: {words}"


def test_a_long_reason_is_cut() -> None:
    words = stale_words(source(failure="x" * 5000))
    assert len(words) < 300


def site_of(rows: Rows, models: dict[str, SqlModel], folder: Path) -> dict[str, str]:
    """Build the site of a release that holds these rows, and give its pages."""
    build_site(write_release(folder / "release.duckdb", models, rows), folder / "site")
    return {name: (folder / "site" / name).read_text(encoding="utf-8") for name in FILES}


def test_every_page_says_which_source_is_stale_and_only_that(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows = [source(), source("package_downloads_daily", is_stale=True, age_days=3)]
    for name, text in site_of({"core.sources": rows}, models, tmp_path).items():
        box = re.findall(r'<aside class="limits stale".*?</aside>', text, re.DOTALL)
        assert len(box) == 1, name
        assert re.findall(r"<li>(.*?)</li>", box[0]) == [
            "package downloads daily: newest day 22\xa0December\xa02025, 3 days old."
        ]


def test_without_a_stale_source_no_page_speaks_of_it(models: dict[str, SqlModel], tmp_path: Path) -> None:
    for text in site_of({"core.sources": [source()]}, models, tmp_path).values():
        assert "limits stale" not in text
        assert "than it should be</h2>" not in text


def test_a_hostile_reason_in_the_box_is_text_and_nothing_else(hostile_release: Path, tmp_path: Path) -> None:
    build_site(hostile_release, tmp_path / "site")
    for name in FILES:
        text = (tmp_path / "site" / name).read_text(encoding="utf-8")
        (box,) = re.findall(r'<aside class="limits stale".*?</aside>', text, re.DOTALL)
        reader = Reader()
        reader.feed(box)
        assert {tag for tag, _ in reader.tags} == {"aside", "h2", "ul", "li"}
        assert box.count("<li>") == len(HOSTILE)
        assert "&lt;img src=x onerror=alert(1)&gt;" in box
        assert "\u202e" not in box


def test_the_data_page_tells_the_freshness_of_live_sources_only(
    models: dict[str, SqlModel], released: Settings, tmp_path: Path
) -> None:
    rows = [source(), source("github_stars", is_live=False, cadence_days=None)]
    text = site_of({"core.sources": rows}, models, tmp_path)["data.html"]
    (table,) = re.findall(r"<table(?:(?!</table>).)*Freshness.*?</table>", text, re.DOTALL)
    assert "what github_repositories is" in table
    assert "what github_stars is" not in table
    recorded = (released.site_dir / "data.html").read_text(encoding="utf-8")
    assert "Freshness" not in recorded


def test_long_names_are_cut_with_the_whole_beside_them() -> None:
    long = cell("model_id", HOSTILE[-1])
    assert len(long.text) == 90
    assert long.exact == HOSTILE[-1]
