"""What a page is made of, and how a frame becomes a table that people can read.

A page module has `build(release, t) -> Page`: it asks the release, makes figures and lists sections. Here:
plain values for the templates. Not here: HTML and any reading of data.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from dashboards.figures.chart import Chart
from dashboards.language import Language
from dashboards.words import cut, is_wide

#: Columns of doubles that are shares though their names do not end in `share`.
SHARE_COLUMNS = {
    "dependent_lower", "dependent_upper", "company_lower", "company_upper", "proprietary_lower",
    "panel_share_before",
}  # fmt: skip

#: A table with more columns than these may be wider than the text.
WIDE = 7


@dataclass(frozen=True)
class Cell:
    """One cell: what is read, the exact value, what sorting goes by, and where it leads."""

    text: str
    exact: str = ""
    sort: str = ""
    is_number: bool = False
    link: str = ""

    @property
    def kind(self) -> str:
        """Say how the cell is set: a number, a text that may break, or nothing for what stays on one line."""
        return "number" if self.is_number else "long" if room(self.text) > 24 else ""


def room(text: str) -> int:
    """Give how many Latin letters are as wide as a text."""
    return sum(2 if is_wide(mark) else 1 for mark in text)


@dataclass(frozen=True)
class Table:
    """A table of a page; it works without scripts, and where `is_sortable` its headings sort it with them.

    `anchors` gives each row an id, where rows are linked to.
    """

    name: str
    caption: str
    headings: list[str]
    rows: list[list[Cell]]
    is_sortable: bool = False
    is_folded: bool = False
    empty: str = ""
    note: str = ""
    anchors: list[str] = field(default_factory=list)

    @property
    def is_wide(self) -> bool:
        """Whether it may be wider than the text."""
        return len(self.headings) > WIDE


@dataclass(frozen=True)
class Quote:
    """A sentence to copy, the address of its vintage, and what it does not mean."""

    sentence: str
    address: str
    not_meant: str


@dataclass(frozen=True)
class Card:
    """One number with all that it needs to be quoted."""

    value: str
    exact: str
    label: str
    lines: list[str]
    change: str = ""
    quote: Quote | None = None


@dataclass(frozen=True)
class CardGroup:
    """Numbers of one universe."""

    title: str
    cards: list[Card]


@dataclass(frozen=True)
class Link:
    """A sentence that ends in a link to another page of the site."""

    text: str
    file: str
    words: str


@dataclass(frozen=True)
class Widget:
    """A part of a page that answers in the browser: a template, what it shows before any script, its script.

    `template` is a file in templates/widgets; it sees `widget.values` (for the HTML) and `t`. `script` is a
    file in static/; it finds `settings` as JSON in the element `<name>-settings`, and loads shards by name.
    Everything in it must be readable without scripts as far as text and numbers go.
    """

    name: str
    template: str
    script: str
    values: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Shard:
    """Data that a script of a page loads when it is needed, by a script element, so that it works from disk.

    Written once for all languages to data/<name>.js; `Cambrian.shard(name)` gives a promise of `value`.
    """

    name: str
    value: Any


@dataclass(frozen=True)
class Section:
    """A part of a page: words, then cards, widgets, figures, tables and definitions.

    `name` is its address on the page (`dependence.html#name`) and never changes.
    """

    name: str
    title: str
    text: list[str] = field(default_factory=list)
    cards: list[CardGroup] = field(default_factory=list)
    widgets: list[Widget] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    definitions: list[tuple[str, str]] = field(default_factory=list)
    code: str = ""
    links: list[Link] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """One page: its file, its name in the navigation, its question, the answer first, and its limits.

    `shards` is called once for all languages. `files` are further text files of the page by path
    (`feed.xml`), seen from the language's folder; `styles` and `libraries` are files in assets/ that this
    page alone needs.
    """

    file: str
    name: str
    question: str
    answer: list[str]
    sections: list[Section]
    limits: list[str]
    shards: Callable[[], list[Shard]] = list
    files: dict[str, str] = field(default_factory=dict)
    styles: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()

    @property
    def charts(self) -> list[Chart]:
        """Give all figures of the page."""
        return [chart for section in self.sections for chart in section.charts]

    @property
    def scripts(self) -> list[str]:
        """Give the scripts of its widgets, each once."""
        return list(dict.fromkeys(widget.script for section in self.sections for widget in section.widgets))


def table(  # noqa: PLR0913 (each is a fact of the table; the last four are rarely told)
    t: Language,
    name: str,
    caption: str,
    frame: pl.DataFrame,
    headings: dict[str, str],
    *,
    is_sortable: bool = False,
    is_folded: bool = False,
    note: str = "",
    anchors: list[str] | None = None,
) -> Table:
    """Make a table of the columns that have a heading, in the order of the headings."""
    columns = [column for column in headings if column in frame.columns]
    numeric = [frame.schema[column].is_numeric() for column in columns]
    rows = [
        [
            cell(t, column, value, is_number=is_number)
            for column, value, is_number in zip(columns, row, numeric, strict=True)
        ]
        for row in (frame.select(columns).iter_rows() if columns else [])
    ]
    words = [headings[column] for column in columns]
    return Table(name, caption, words, rows, is_sortable, is_folded, t("common.nothing"), note, anchors or [])


def drawn_table(t: Language, chart: Chart) -> Table:
    """Make the table of exactly what a figure draws."""
    headings = {column: chart.headings.get(column, column) for column in chart.table.columns}
    return table(t, f"{chart.name}-table", chart.title, chart.table, headings)


def cell(t: Language, column: str, value: Any, *, is_number: bool = False) -> Cell:
    """Write one value for people, with the exact one kept beside it."""
    if value is None:
        return Cell("–", t("common.not_known"), "", is_number=is_number)
    if isinstance(value, bool):
        return Cell(t("common.yes") if value else t("common.no"), "", str(int(value)))
    if isinstance(value, datetime | date):
        return Cell(value.isoformat(), "", value.isoformat())
    if isinstance(value, float):
        return _float_cell(t, column, value)
    if isinstance(value, int):
        return Cell(t.exact(value), "", str(value), is_number=True)
    line = cut(str(value), 90)
    whole = cut(str(value), 10_000)
    return Cell(line, "" if line == whole else whole, whole.casefold())


def _float_cell(t: Language, column: str, value: float) -> Cell:
    if column.endswith("share") or column in SHARE_COLUMNS:
        return Cell(t.percent(value), repr(value), repr(value), is_number=True)
    if column.endswith("_pct_per_week") or (column.startswith("growth_") and column.endswith("_pct")):
        return Cell(t.percent_change(value), repr(value), repr(value), is_number=True)
    if column.endswith("_pct"):
        return Cell(t.percent(value / 100), repr(value), repr(value), is_number=True)
    text = t.exact(value) if value.is_integer() else _figures(value)
    return Cell(text, repr(value), repr(value), is_number=True)


def _figures(value: float) -> str:
    """Write a number with two decimals, and one that those would hide with two figures."""
    if 0 < abs(value) < 0.1:
        return f"{value:.2g}"
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.1f}"
