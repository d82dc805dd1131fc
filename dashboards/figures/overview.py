"""The two pictures that open the overview: how fast the Hub grew, and on whom the downloads stand."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.data.common import ModelList
from dashboards.figures.chart import (
    Chart,
    canvas,
    full,
    nothing,
    on_phones,
    row_labels,
    title_label,
    vertical_mark,
)  # fmt: skip
from dashboards.figures.growth import GROWING
from dashboards.figures.lists import context
from dashboards.figures.reasons import spoken
from dashboards.language import Language
from dashboards.theme import BLUE, CLASSES, ORANGE
from dashboards.words import cut_end, sentence

#: Weekly growth that doubles a number in 26 weeks: from here on a pace is called explosive.
EXPLOSIVE_PCT = 100 * (2 ** (1 / 26) - 1)

#: Events that the pace is read against, where the register has them verified.
LANDMARKS = (
    "2022-04-06-dall-e-2",
    "2022-08-22-stable-diffusion-public-release",
    "2023-03-03-llama-leak",
)

SHARES = {
    "first_party": "first_party_share",
    "derived": "derived_share",
    "unknown": "unknown_share",
    "independent": "independent_share",
}


def pace(spans: Sequence[dict[str, Any]], events: pl.DataFrame, t: Language) -> Chart:
    """Draw the weekly growth of the Hub between totals that follow each other, against what is explosive."""
    name = "overview-pace"
    if not spans:
        return nothing(name, t("overview.pace.question"), t("overview.pace.empty"))
    figure = canvas(360)
    for span in spans:
        _span(figure, span, t)
    _threshold(figure, t)
    first, last = spans[0]["from_date"], spans[-1]["to_date"]
    known = events.filter(pl.col("status") == "verified")
    for level, release_id in enumerate(LANDMARKS):
        for when in known.filter(pl.col("release_id") == release_id)["event_date"].to_list():
            if first <= when <= last:
                vertical_mark(
                    figure, when, t(f"overview.landmarks.{release_id}"), level=level, is_left=level == 0
                )
    top = max(EXPLOSIVE_PCT, *(span["growth_upper_pct"] for span in spans))
    least = min(0.0, *(span["growth_lower_pct"] for span in spans))
    margin = timedelta(days=30)
    figure.update_xaxes(range=[(first - margin).isoformat(), (last + margin).isoformat()], dtick="M12")
    figure.update_yaxes(
        range=[1.15 * least, 1.5 * top], title=t("overview.pace.axis"), ticksuffix=t("overview.pace.suffix")
    )
    frame = pl.DataFrame(
        [{column: span[column] for column in _PACE_COLUMNS} for span in spans], infer_schema_length=None
    )
    return Chart(
        name=name,
        title=pace_title(spans[-1], t),
        subtitle=t("overview.pace.subtitle", start=t.short_day(first), end=t.short_day(last)),
        alt=t("overview.pace.alt", spans="; ".join(_span_words(span, t) for span in spans)),
        table=frame.with_columns(spoken("regime", "overview.regimes", t)),
        figure=figure,
        note=t("overview.pace.note"),
        headings={column: t(f"overview.pace.columns.{column}") for column in _PACE_COLUMNS},
        is_dated=True,
        context={"scope": "whole-hub"},
    )


_PACE_COLUMNS = (
    "from_date", "to_date", "from_models", "to_models", "growth_pct_per_week", "growth_lower_pct",
    "growth_upper_pct", "doubling_days", "regime",
)  # fmt: skip


def rate(number: float, t: Language) -> str:
    """Write a weekly growth that is told in percent."""
    return t("overview.pace.rate", number=f"{number:.2f}")


def pace_title(newest: dict[str, Any], t: Language) -> str:
    """Say what the newest pace is, by its regime alone."""
    doubling = newest["doubling_days"]
    return t(
        f"overview.pace.titles.{newest['regime']}",
        rate=rate(newest["growth_pct_per_week"], t),
        doubling=t.days(doubling) if doubling else "",
    )


def _span_words(span: dict[str, Any], t: Language) -> str:
    return t(
        "overview.pace.span", start=t.short_day(span["from_date"]), end=t.short_day(span["to_date"]),
        rate=rate(span["growth_pct_per_week"], t), regime=t(f"overview.regimes.{span['regime']}"),
    )  # fmt: skip


def _span(figure: go.Figure, span: dict[str, Any], t: Language) -> None:
    """Draw one span: its band for the doubt about the days, its line, and its doubling time above it."""
    ends = [span["from_date"].isoformat(), span["to_date"].isoformat()]
    figure.add_shape(
        type="rect", x0=ends[0], x1=ends[1], y0=span["growth_lower_pct"], y1=span["growth_upper_pct"],
        fillcolor=BLUE, opacity=0.35, line={"width": 0},
    )  # fmt: skip
    doubling = span["doubling_days"] if span["regime"] in GROWING else None
    hover = [_span_words(span, t)]
    hover.append(
        t(
            "overview.pace.bounds",
            lower=rate(span["growth_lower_pct"], t),
            upper=rate(span["growth_upper_pct"], t),
        )
    )
    if doubling:
        hover.append(t("overview.pace.doubling", days=t.days(doubling)))
    middle = span["from_date"] + (span["to_date"] - span["from_date"]) / 2
    height = span["growth_pct_per_week"]
    figure.add_trace(
        go.Scatter(
            x=[ends[0], middle.isoformat(), ends[1]], y=[height] * 3, mode="lines",
            line={"width": 4, "color": BLUE}, customdata=["<br>".join(full(line) for line in hover)] * 3,
            hovertemplate="%{customdata}<extra></extra>", name=ends[0],
        )
    )  # fmt: skip
    if doubling:
        figure.add_annotation(text=t.days(doubling), x=middle.isoformat(), y=height, yshift=12)


def _threshold(figure: go.Figure, t: Language) -> None:
    figure.add_shape(
        type="line", x0=0, x1=1, xref="paper", y0=EXPLOSIVE_PCT, y1=EXPLOSIVE_PCT,
        line={"width": 1.5, "dash": "dash", "color": ORANGE}, layer="below",
    )  # fmt: skip
    figure.add_annotation(
        text=t("overview.pace.threshold"), x=1, xref="paper", xanchor="right", y=EXPLOSIVE_PCT,
        yanchor="bottom", font={"size": 11},
    )  # fmt: skip


def switch(frame: pl.DataFrame, chosen: ModelList | None, t: Language, *, is_whole: bool = False) -> Chart:
    """Draw on whom the downloads of the headline list stand, one bar a universe."""
    name, question = "overview-switch", t("overview.switch.question")
    if chosen is None or frame.is_empty():
        return nothing(name, question, t("overview.switch.empty"))
    rows = frame.rows(named=True)
    places = [float(-place) for place in range(len(rows))]
    figure = canvas(88 * len(rows) + 90, barmode="stack", showlegend=True)
    for kind, column in SHARES.items():
        figure.add_trace(_class_bar(kind, [row[column] or 0.0 for row in rows], rows, places, t))
    names = [
        t("overview.switch.row", universe=sentence(t.universe(row["universe"])), total=t.count(row["total"]))
        for row in rows
    ]
    row_labels(figure, [title_label(text, 80) for text in names], places, 0.42)
    figure.update_xaxes(range=[0, 1], tickformat=".0%", nticks=6)
    figure.update_yaxes(range=[-len(rows) + 0.6, 0.65])
    figure.update_layout(legend={"traceorder": "normal", "y": 1.02})
    on_phones(figure, height=88 * len(rows) + 150)
    bounds = t.listing(
        t(
            "overview.switch.bounds", universe=t.universe(row["universe"]),
            range=t.percent_range(row["dependent_lower"], row["dependent_upper"]),
        )
        for row in rows
    )  # fmt: skip
    kind = "most" if min(row["dependent_lower"] for row in rows) > 0.5 else "any"
    columns = ("universe", "total", *SHARES.values(), "dependent_lower", "dependent_upper")
    scope = cut_end(t.scope(chosen.scope, chosen.title), 120)
    return Chart(
        name=name,
        title=t(f"overview.switch.titles.{kind}", bounds=bounds),
        subtitle=t(
            "overview.switch.subtitle", list=t.model_list(chosen.scope, scope, chosen.snapshot_date)
        ),
        alt=t("overview.switch.alt", rows="; ".join(_row_words(row, t) for row in rows)),
        table=frame.select(columns).with_columns(
            spoken("universe", "common.universes", t), pl.col("total").round().cast(pl.Int64)
        ),
        figure=figure,
        note=t("overview.switch.note_whole" if is_whole else "overview.switch.note"),
        headings={column: t(f"overview.switch.columns.{column}") for column in columns},
        context=context(chosen, weight="downloads_30d", evidence="curated"),
    )  # fmt: skip


def _class_bar(
    kind: str, shares: list[float], rows: list[dict[str, Any]], places: list[float], t: Language
) -> go.Bar:
    words = t(f"common.class_words.{kind}")
    hovers = [
        full(
            t(
                "overview.switch.hover",
                universe=t.universe(row["universe"]),
                words=words,
                share=t.percent(share),
            )
        )
        for row, share in zip(rows, shares, strict=True)
    ]
    return go.Bar(
        x=shares, y=places, orientation="h", width=0.46, name=sentence(words), customdata=hovers,
        hovertemplate="%{customdata}<extra></extra>",
        marker={"color": CLASSES[kind], "pattern": {"shape": "/" if kind == "unknown" else "", "size": 6}},
        text=[t.percent(share) if share > 0.15 else "" for share in shares],
        textposition="inside", insidetextanchor="middle", textangle=0,
        textfont={"color": "#ffffff", "size": 19, "weight": 700},
    )  # fmt: skip


def _row_words(row: dict[str, Any], t: Language) -> str:
    parts = t.listing(
        t("overview.switch.part", words=t(f"common.class_words.{kind}"), share=t.percent(row[column] or 0.0))
        for kind, column in SHARES.items()
    )
    return f"{t.universe(row['universe'])}: {parts}"
