"""What a page is made of, and how a frame becomes a table that people can read.

Here: plain values for the templates. Not here: HTML and any reading of data.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from dashboards.figures.chart import Chart
from dashboards.words import count, cut, day, days, exact, percent, percent_range, universe

#: Columns of doubles that are shares though their names do not end in `share`.
SHARE_COLUMNS = {
    "dependent_lower", "dependent_upper", "origin_upper", "upper", "with_them", "undecided", "without_them",
}  # fmt: skip


#: A table with more columns than these may be wider than the text.
WIDE = 7


@dataclass(frozen=True)
class Cell:
    """One cell: what is read, the exact value, and what sorting goes by."""

    text: str
    exact: str = ""
    sort: str = ""
    is_number: bool = False

    @property
    def kind(self) -> str:
        """Say how the cell is set: a number, a text that may break, or nothing for what stays on one line."""
        return "number" if self.is_number else "long" if len(self.text) > 24 else ""


@dataclass(frozen=True)
class Table:
    """A table of a page; it works without scripts, and where `is_sortable` its headings sort it with them."""

    name: str
    caption: str
    headings: list[str]
    rows: list[list[Cell]]
    is_sortable: bool = False
    is_folded: bool = False
    empty: str = "Nothing of this is in the release."
    note: str = ""

    @property
    def is_wide(self) -> bool:
        """Whether it may be wider than the text."""
        return len(self.headings) > WIDE


@dataclass(frozen=True)
class Card:
    """One number with all that it needs to be quoted."""

    value: str
    exact: str
    label: str
    lines: list[str]


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
class Section:
    """A part of a page: words, then cards, figures, tables and definitions."""

    title: str
    text: list[str] = field(default_factory=list)
    cards: list[CardGroup] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    definitions: list[tuple[str, str]] = field(default_factory=list)
    code: str = ""
    more: Link | None = None


@dataclass(frozen=True)
class Page:
    """One page: its file, its name in the navigation, its question, the answer first, and its limits."""

    file: str
    name: str
    question: str
    answer: list[str]
    sections: list[Section]
    limits: list[str]

    @property
    def charts(self) -> list[Chart]:
        """Give all figures of the page."""
        return [chart for section in self.sections for chart in section.charts]


def table(
    name: str,
    caption: str,
    frame: pl.DataFrame,
    headings: dict[str, str],
    *,
    is_sortable: bool = False,
    note: str = "",
) -> Table:
    """Make a table of the columns that have a heading, in the order of the headings."""
    columns = [column for column in headings if column in frame.columns]
    numeric = [frame.schema[column].is_numeric() for column in columns]
    rows = [
        [
            cell(column, value, is_number=is_number)
            for column, value, is_number in zip(columns, row, numeric, strict=True)
        ]
        for row in (frame.select(columns).iter_rows() if columns else [])
    ]
    return Table(name, caption, [headings[column] for column in columns], rows, is_sortable, note=note)


def drawn_table(chart: Chart) -> Table:
    """Make the table of exactly what a figure draws."""
    headings = {column: chart.headings.get(column, column) for column in chart.table.columns}
    return table(f"{chart.name}-table", chart.title, chart.table, headings)


def cell(column: str, value: Any, *, is_number: bool = False) -> Cell:
    """Write one value for people, with the exact one kept beside it."""
    if value is None:
        return Cell("–", "not known", "", is_number=is_number)
    if isinstance(value, bool):
        return Cell("yes" if value else "no", "", str(int(value)))
    if isinstance(value, datetime | date):
        return Cell(value.isoformat(), "", value.isoformat())
    if isinstance(value, float):
        return _float_cell(column, value)
    if isinstance(value, int):
        return Cell(exact(value), "", str(value), is_number=True)
    line = cut(str(value), 90)
    return Cell(line, "" if line == value else str(value), str(value).casefold())


def _float_cell(column: str, value: float) -> Cell:
    if column.endswith("share") or column in SHARE_COLUMNS:
        return Cell(percent(value), repr(value), repr(value), is_number=True)
    if column.endswith("_pct"):
        return Cell(percent(value / 100), repr(value), repr(value), is_number=True)
    text = f"{value:,.2f}" if abs(value) < 100 else f"{value:,.1f}"
    return Cell(exact(value) if value.is_integer() else text, repr(value), repr(value), is_number=True)


#: What each headline says after its number.
HEADLINES = {
    "dependent_share": (
        "of the downloads lie in accounts held by well-funded organizations or kept for them, or stand on "
        "their models"
    ),
    "openai_meta_share": "of the downloads are of models with OpenAI or Meta upstream, themselves included",
    "organizations_carrying_half": "organizations together are the origin of at least half of the downloads",
    "hub_models": "models on the Hub",
    "hub_doubling_days": "to double, at the newest reported pace",
    "hub_growth_per_week": "growth a week, at the newest reported pace",
}


BOUNDS = {
    "openai_meta_share": "all of unknown or only assumed origin stands on neither, or on one of the two",
    "organizations_carrying_half": "all of unknown origin is the largest one's, or nobody's",
    "hub_growth_per_week": "the day of each report is in doubt by two days",
}


def card(row: dict[str, Any]) -> Card:
    """Make a headline into a card; a share with bounds shows both, for neither alone is the number."""
    lines = [
        f"As of {day(row['as_of_date'])}",
        f"Of: {row['denominator']}",
        f"Scope: {row['title'] or row['scope']}",
    ]
    words = HEADLINES.get(row["headline"], row["headline"].replace("_", " "))
    if row["headline"] == "organizations_carrying_half" and row["value"] == 1:
        words = "organization alone is the origin of at least half of the downloads"
    if row["unit"] in ("share", "organizations") and row["with_parent_pct"] is not None:
        lines.append(
            f"Coverage: {percent(row['with_parent_pct'] / 100)} of that list's models have a known parent; "
            "the others' descent is not known, or they are roots"
        )
    if row["lower"] is None or row["upper"] is None:
        return Card(headline_value(row["value"], row["unit"]), repr(row["value"]), words, lines)
    bounds = f"{row['lower']!r} to {row['upper']!r}"
    lower, upper = headline_value(row["lower"], row["unit"]), headline_value(row["upper"], row["unit"])
    value = percent_range(row["lower"], row["upper"]) if row["unit"] == "share" else f"{lower} to {upper}"
    if lower == upper:
        value = lower
    meaning = BOUNDS.get(row["headline"], "all of unknown lineage is independent, or depends")
    return Card(value, bounds, words, [f"Bounds: {meaning}", *lines])


def headline_value(value: float, unit: str) -> str:
    """Write a headline's number in its unit."""
    writers: dict[str, Callable[[float], str]] = {
        "share": percent,
        "models": count,
        "days": days,
        "organizations": exact,
        "percent_per_week": lambda number: f"{number:.2f}\u00a0%",
    }
    return writers.get(unit, exact)(value)


def cards(headlines: pl.DataFrame, universe_name: str) -> CardGroup:
    """Group the headlines of one universe."""
    rows = headlines.filter(pl.col("universe") == universe_name)
    title = "The whole Hub" if universe_name == "whole-hub" else universe(universe_name).capitalize()
    return CardGroup(title, [card(row) for row in rows.iter_rows(named=True)])
