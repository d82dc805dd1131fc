"""Figures of horizontal rows: parts that add up to a whole, and marks of shares with what is unknown.

Here: what several figures of shares draw in the same way. Not here: any words but those that callers give.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.figures.chart import full, on_phones, row_labels, title_label
from dashboards.figures.marks import whiskers
from dashboards.language import Language
from dashboards.theme import GREY
from dashboards.words import is_wide

#: How many Latin signs of a label fit on a phone; bold ones are wider.
PHONE_SIGNS, BOLD_PHONE_SIGNS = 46, 40
WHOLE_AXIS = {"range": [0, 1.001], "tickformat": ".0%", "dtick": 0.25}


@dataclass(frozen=True)
class Part:
    """One part of every bar: the column of its share, its name and colour; what is unknown is hatched."""

    column: str
    name: str
    colour: str
    is_unknown: bool = False


@dataclass(frozen=True)
class Mark:
    """One mark in every row: its columns, its name, symbol and colour; `upper` is the column of a bound."""

    column: str
    name: str
    symbol: str
    colour: str
    upper: str = ""
    lift: float = 0.0


def stacked(
    figure: go.Figure, rows: pl.DataFrame, places: list[float], parts: Sequence[Part], hovers: list[str],
    t: Language,
) -> None:  # fmt: skip
    """Draw one bar a row, its parts side by side; `hovers` say whose bar it is, escaped by the caller."""
    for part in parts:
        shares = rows[part.column].to_list()
        pattern = {"shape": "/", "size": 6, "solidity": 0.35} if part.is_unknown else {}
        figure.add_trace(
            go.Bar(
                x=shares, y=places, orientation="h", name=full(part.name), width=0.5,
                marker={"color": part.colour, "pattern": pattern, "line": {"width": 0}},
                customdata=[[hover, t.percent(share)] for hover, share in zip(hovers, shares, strict=True)],
                hovertemplate=f"%{{customdata[0]}}<br>{full(part.name)}: %{{customdata[1]}}<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(barmode="stack", showlegend=True, legend={"traceorder": "normal"})


def marked(
    figure: go.Figure, rows: pl.DataFrame, places: list[float], marks: Sequence[Mark], hovers: list[str],
    t: Language,
) -> None:  # fmt: skip
    """Draw the marks of every row, with a whisker up to the bound that takes in what is unknown."""
    for mark in marks:
        drawn = [
            (hover, place, row[mark.column], row[mark.upper] if mark.upper else None)
            for hover, place, row in zip(hovers, places, rows.iter_rows(named=True), strict=True)
            if row[mark.column] is not None
        ]
        widths = [0.0 if upper is None else max(0.0, upper - share) for *_, share, upper in drawn]
        whisker = {"error_x": _whisker(widths)} if any(widths) else {}
        figure.add_trace(
            go.Scatter(
                x=[share for *_, share, _ in drawn], y=[place + mark.lift for _, place, *_ in drawn],
                mode="markers", name=full(mark.name), cliponaxis=False,
                marker={"size": 11, "symbol": mark.symbol, "color": mark.colour,
                        "line": {"width": 2, "color": mark.colour}},
                customdata=[
                    [hover, t.percent(share) if upper is None else t.percent_range(share, upper)]
                    for hover, _, share, upper in drawn
                ],
                hovertemplate=f"%{{customdata[0]}}<br>{full(mark.name)}: %{{customdata[1]}}<extra></extra>",
                **whisker,
            )
        )  # fmt: skip
    figure.update_layout(showlegend=True)


def bounds(figure: go.Figure, places: list[float], lower: Sequence[float], upper: Sequence[float]) -> None:
    """Draw a whisker from each lower to its upper bound."""
    widths = [high - low for low, high in zip(lower, upper, strict=True)]
    figure.add_trace(
        go.Scatter(
            x=list(lower), y=places, mode="markers", name="bounds", showlegend=False, hoverinfo="skip",
            marker={"size": 1, "color": GREY}, error_x={**_whisker(widths), "thickness": 2, "width": 7},
        )
    )  # fmt: skip


def _whisker(widths: list[float]) -> dict[str, Any]:
    zeros = [0.0] * len(widths)
    return whiskers(zeros, zeros, widths, GREY, thickness=1.5, width=4)


def total(rows: pl.DataFrame, column: str) -> float:
    """Add shares that are parts of one whole."""
    return min(1.0, float(sum(value or 0.0 for value in rows[column].to_list())))


def as_shares(frame: pl.DataFrame) -> pl.DataFrame:
    """Name the bounds of shares as shares, so that a table writes them so."""
    names = ("lower", "upper", "value", "lower_with_unverified", "uploaded_upper", "origin_upper",
             "flipped_lower", "flipped_upper")  # fmt: skip
    return frame.rename({name: f"{name}_share" for name in names if frame.schema.get(name) == pl.Float64})


def _for_phones(text: str, signs: int) -> str:
    """Shorten a label to what fits on a phone; a Chinese sign is as wide as two Latin ones."""
    room = 0
    for place, mark in enumerate(text):
        room += 2 if is_wide(mark) else 1
        if room > signs:
            return title_label(text, place)
    return title_label(text, signs)


def on_lines(text: str, most: int = 2) -> str:
    """Break a name for a phone, between words or wide letters, each of which takes the room of two."""
    lines = [""]
    for word in re.findall(r"[!-~]+|.", text):
        if sum(2 if is_wide(mark) else 1 for mark in lines[-1] + word) > PHONE_SIGNS:
            lines.append("")
        lines[-1] = (lines[-1] + word).lstrip()
    shown = [*lines[: most - 1], f"{lines[most - 1]}…"] if len(lines) > most else lines
    return "<br>".join(title_label(line, PHONE_SIGNS + 1) for line in shown)


def labelled(
    figure: go.Figure, wide: Sequence[str], narrow: Sequence[str], places: Sequence[float], *,
    first: int = 0, style: str = "{}",
) -> None:  # fmt: skip
    """Write a label above each row, and a shorter one where the page is narrow.

    `first` is how many annotations the figure has already; `style` is HTML around each label.
    """
    row_labels(figure, [style.format(title_label(text, 120)) for text in wide], places, 0.0)
    signs = PHONE_SIGNS if style == "{}" else BOLD_PHONE_SIGNS
    for number, text in enumerate(narrow, start=first):
        on_phones(figure, **{f"annotations__{number}__text": style.format(_for_phones(text, signs))})


def span(rows: pl.DataFrame, t: Language) -> dict[str, str]:
    """Give the first and the last day of the lists that are drawn, for a subtitle."""
    days = rows["snapshot_date"].to_list()
    return {"first": t.short_day(min(days)), "last": t.short_day(max(days))}
