"""The timeline: what was released, leaked, withdrawn and announced since DALL-E 2, the big events named."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.figures.chart import (
    Chart,
    canvas,
    full,
    isodates,
    label,
    nothing,
    on_phones,
    row_labels,
    title_label,
)  # fmt: skip
from dashboards.figures.reasons import spoken
from dashboards.language import Language
from dashboards.theme import GREY, KINDS
from dashboards.words import is_wide, sentence

START = "2022-04-06-dall-e-2"

#: Events named beside the big releases; `overview.landmarks` has short names of some.
LANDMARKS = (
    START,
    "2022-08-22-stable-diffusion-public-release",
    "2022-11-30-chatgpt",
    "2023-03-03-llama-leak",
    "2024-08-29-stable-diffusion-1-5-repository-deleted",
    "2025-08-05-gpt-oss",
)

STACK_DAYS = 40
LANE_GAP = 2.7
#: Pixels of a row of dots and of a row of names, and of a letter in a name.
ROW, NAME_ROW, LETTER = 11, 16, 6.6
#: The widths for which names are set apart: the text of a page, and a phone.
WIDTHS = {"page": 900, "phone": 330}


def timeline(releases: pl.DataFrame, big: Collection[str], t: Language) -> Chart:
    """Draw the verified events in one lane a kind, from DALL-E 2 on, with the big ones named above."""
    name, question = "timeline", t("overview.timeline.question")
    known = releases.filter(pl.col("status") == "verified")
    starts = known.filter(pl.col("release_id") == START)["event_date"].to_list()
    start = min(starts) if starts else None
    rows = known.filter(pl.col("event_date") >= start) if start else known
    if rows.is_empty():
        return nothing(name, question, t("overview.timeline.empty"))
    unverified = _since(releases, start).height - rows.height
    figure, height = _lanes(rows, t)
    _names(figure, _named(rows, big, t), height)
    dates = rows["event_date"].to_list()
    columns = ("event_date", "date_precision", "name", "organization", "kind", "modality")
    return Chart(
        name=name,
        title=_title(rows, t),
        subtitle=t(
            "overview.timeline.subtitle", start=t.short_day(min(dates)), end=t.short_day(max(dates)),
            unverified=t("overview.timeline.unverified", n=unverified),
        ),
        alt=t("overview.timeline.alt", kinds=t.listing(_counts(rows, t))),
        table=rows.select(columns).with_columns(
            spoken("date_precision", "overview.timeline.precisions", t),
            spoken("kind", "common.kinds", t),
            spoken("modality", "overview.timeline.modalities", t),
        ),
        figure=figure,
        note=t("overview.timeline.note", n=known.height - rows.height),
        headings={column: t(f"overview.timeline.columns.{column}") for column in columns},
    )  # fmt: skip


def _since(releases: pl.DataFrame, start: date | None) -> pl.DataFrame:
    return releases.filter(pl.col("event_date") >= start) if start else releases


def _counts(rows: pl.DataFrame, t: Language) -> list[str]:
    kinds = dict(rows.group_by("kind").len().iter_rows())
    return [
        t("overview.timeline.count", kind=t(f"common.kinds.{kind}"), n=kinds[kind])
        for kind in KINDS
        if kind in kinds
    ]


def _title(rows: pl.DataFrame, t: Language) -> str:
    first = rows.sort("event_date", "release_id").row(0, named=True)
    count = dict(rows.group_by("kind").len().iter_rows())
    return t(
        "overview.timeline.title", n=rows.height, day=t.short_day(first["event_date"]),
        open=count.get("open_release", 0), proprietary=count.get("proprietary_launch", 0),
    )  # fmt: skip


def _lanes(rows: pl.DataFrame, t: Language) -> tuple[go.Figure, int]:
    """Draw a lane for each kind that there is; give the figure and how high its lanes are, in pixels."""
    figure, labels, places, base = canvas(100), [], [], 0.0
    for kind, colour in KINDS.items():
        group = rows.filter(pl.col("kind") == kind)
        if group.is_empty():
            continue
        heights = stack(group["event_date"].to_list())
        words = sentence(t(f"common.kinds.{kind}"))
        figure.add_trace(_dots(group, words, colour, [base - height for height in heights], t))
        labels.append(t("overview.timeline.lane", kind=words, n=group.height))
        places.append(base)
        base -= max(heights) + LANE_GAP
    row_labels(figure, labels, places, 1.35)
    top, bottom = 2.0, base + LANE_GAP - 1
    figure.update_yaxes(range=[bottom, top])
    last = max(rows["event_date"].to_list()) + timedelta(days=25)
    first = min(rows["event_date"].to_list()) - timedelta(days=25)
    figure.update_xaxes(range=[first.isoformat(), last.isoformat()], dtick="M12", tickformat="%Y")
    return figure, round(ROW * (top - bottom))


def stack(dates: Sequence[date]) -> list[int]:
    """Give each date the first row of its lane in which it does not touch the one before."""
    rows: list[date] = []
    heights = []
    for when in dates:
        free = [place for place, last in enumerate(rows) if when - last >= timedelta(days=STACK_DAYS)]
        place = free[0] if free else len(rows)
        rows[place : place + 1] = [when]
        heights.append(place)
    return heights


def _dots(group: pl.DataFrame, words: str, colour: str, places: list[float], t: Language) -> go.Scatter:
    return go.Scatter(
        x=isodates(group["event_date"].to_list()), y=places, mode="markers", name=title_label(words),
        marker={
            "size": 8, "color": colour,
            "symbol": [
                "circle" if known == "day" else "circle-open" for known in group["date_precision"].to_list()
            ],
        },
        customdata=[
            full(
                t(
                    "overview.timeline.hover", name=row["name"], organization=row["organization"] or "–",
                    day=(t.day if row["date_precision"] == "day" else t.month)(row["event_date"]),
                )
            )
            for row in group.iter_rows(named=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _named(rows: pl.DataFrame, big: Collection[str], t: Language) -> list[tuple[date, str]]:
    """Give the big events and what to call them."""
    named = rows.filter(pl.col("release_id").is_in([*big, *LANDMARKS])).sort("event_date", "release_id")
    return [
        (row["event_date"], label(t.or_else(f"overview.landmarks.{row['release_id']}", row["name"]), 24))
        for row in named.iter_rows(named=True)
    ]


def _names(figure: go.Figure, events: Sequence[tuple[date, str]], height: int) -> None:
    """Write the names of the big events above the lanes, on as many levels as the width asks for."""
    first, last = (date.fromisoformat(end) for end in figure.layout.xaxis.range)
    shown = {
        place: set_apart([((when - first) / (last - first) * width, text) for when, text in events], width)
        for place, width in WIDTHS.items()
    }
    for when, _ in events:
        figure.add_shape(
            type="line", x0=when.isoformat(), x1=when.isoformat(), y0=0, y1=1, yref="paper",
            line={"dash": "dot", "width": 1, "color": GREY}, layer="below",
        )  # fmt: skip
    lanes = [annotation.to_plotly_json() for annotation in figure.layout.annotations]
    room = {
        place: NAME_ROW * (1 + max((level for level, _ in levels), default=0))
        for place, levels in shown.items()
    }
    figure.update_layout(
        height=height + room["page"] + 50,
        margin={"t": room["page"] + 8},
        annotations=[*lanes, *_written(events, shown["page"])],
    )
    on_phones(
        figure, height=height + room["phone"] + 50, margin__t=room["phone"] + 8,
        annotations=[*lanes, *_written(events, shown["phone"])], xaxis__tickformat="’%y",
    )  # fmt: skip


def set_apart(names: Sequence[tuple[float, str]], width: float) -> list[tuple[int, bool]]:
    """Give each name a level, counted from below, and whether it stands left of its line, so that none touch.

    `names` are places in pixels with their texts, from left to right.
    """
    taken: list[float] = []
    found = []
    for place, text in names:
        length = 8 + sum(2 * LETTER if is_wide(mark) else LETTER for mark in text)
        is_left = place + length > width
        begin, end = (place - length, place) if is_left else (place, place + length)
        free = [level for level, until in enumerate(taken) if until <= begin]
        level = free[0] if free else len(taken)
        taken[level : level + 1] = [end]
        found.append((level, is_left))
    return found


def _written(events: Sequence[tuple[date, str]], levels: Sequence[tuple[int, bool]]) -> list[dict[str, Any]]:
    return [
        {
            "text": text, "x": when.isoformat(), "xanchor": "right" if is_left else "left", "y": 1,
            "yref": "paper", "yanchor": "bottom", "yshift": NAME_ROW * level, "showarrow": False,
            "font": {"size": 11},
        }
        for (when, text), (level, is_left) in zip(events, levels, strict=True)
    ]  # fmt: skip
