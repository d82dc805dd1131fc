"""New models and derivatives by week, and the modalities and origins that they are of, one panel each.

Here: counts of births as they are, finished or not. Not here: how fast they grow (growth).
"""

from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from dashboards.figures.chart import Chart, full, isodates, label, nothing, on_phones, title_label
from dashboards.figures.marks import whiskers
from dashboards.figures.reasons import spoken
from dashboards.figures.regimes import panels, population, populations, regime_key, shade
from dashboards.language import Language
from dashboards.theme import BLUE, ORANGE, TEAL, organization_colour
from dashboards.words import cut, sentence

WEEK, WEEK_MS = timedelta(days=7), 7 * 24 * 3600 * 1000
#: A panel needs so many births to show a form; so many origins are drawn.
LEAST_BIRTHS, SHOWN_ORIGINS = 20, 6


def weekly(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw weekly births: of whole populations with regimes, else of partial lists as illustration."""
    whole = frame.filter(~pl.col("is_illustration"))
    if whole.height:
        return _whole(whole, t)
    if frame.is_empty():
        return nothing("births", t("explosion.births.question"), t("explosion.births.empty"))
    return _illustration(frame, t)


# Whole populations ----------------------------------------------------------------------------------------


def _whole(frame: pl.DataFrame, t: Language) -> Chart:
    groups = populations(frame)
    figure = panels(groups, 300, t)
    regimes: list[str] = []
    for panel, group in enumerate(groups, start=1):
        regimes += shade(figure, list(zip(group["week_date"], group["regime"], strict=True)), panel, t)
        for column, colour in (("models", BLUE), ("derivatives", ORANGE)):
            _births_line(figure, group, (column, colour), panel, t)
        _nowcast(figure, group, panel, t)
    regime_key(figure, regimes, t)
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    newest = groups[0].filter(~pl.col("is_unfinished")).tail(1)
    return Chart(
        name="births",
        title=_whole_title(newest, t),
        subtitle=t(
            "explosion.births.subtitle", first=frame["week_date"].min(), day=frame["as_of_date"].max()
        ),
        alt=_whole_title(newest, t),
        table=frame.select(
            "series", "scope", "as_of_date", "week_date", "models", "derivatives", "is_unfinished",
            "models_nowcast", "models_nowcast_lower", "models_nowcast_upper", "regime",
        ).with_columns(spoken("series", "explosion.series", t), spoken("regime", "explosion.regimes", t)),
        figure=figure,
        note=t("explosion.births.note"),
        headings=t.table("explosion.births.headings"),
        is_dated=True,
    )  # fmt: skip


def _whole_title(newest: pl.DataFrame, t: Language) -> str:
    if newest.is_empty():
        return t("explosion.births.question")
    row = newest.row(0, named=True)
    values = {
        "models": t.count(row["models"]),
        "derivatives": t.count(row["derivatives"]),
        "week": row["week_date"],
    }
    if row["regime"] is None:
        return t("explosion.births.title", **values)
    return t(
        "explosion.births.regime_title", regime=sentence(t(f"explosion.regimes.{row['regime']}")), **values
    )


def _births_line(
    figure: go.Figure, group: pl.DataFrame, drawn: tuple[str, str], panel: int, t: Language
) -> None:
    """Draw the finished weeks as a line, broken where a week was not seen, and the unfinished one dashed."""
    column, colour = drawn
    finished = group.filter(~pl.col("is_unfinished"))
    xs: list[str | None] = []
    ys: list[int | None] = []
    told: list[str] = []
    before: date | None = None
    for row in finished.iter_rows(named=True):
        if before and row["week_date"] - before > WEEK and row["series"] == "births_observed":
            xs, ys, told = [*xs, None], [*ys, None], [*told, ""]
        before = row["week_date"]
        xs.append(row["week_date"].isoformat())
        ys.append(row[column])
        told.append(_week_words(row, t))
    figure.add_trace(
        go.Scatter(
            x=xs, y=ys, mode="lines", name=t(f"explosion.measures.{column}"), legendgroup=column,
            showlegend=panel == 1, connectgaps=False, line={"width": 2, "color": colour},
            customdata=told, hovertemplate="%{customdata}<extra></extra>",
        ),
        row=panel, col=1,
    )  # fmt: skip
    tail = pl.concat([finished.tail(1), group.filter("is_unfinished")])
    if tail.height > 1:
        figure.add_trace(
            go.Scatter(
                x=isodates(tail["week_date"].to_list()), y=tail[column].to_list(), mode="lines+markers",
                name=t("explosion.births.unfinished"), showlegend=panel == 1 and column == "models",
                line={"width": 2, "color": colour, "dash": "dot"},
                marker={"symbol": "circle-open", "size": [0] + [7] * (tail.height - 1), "color": colour},
                customdata=[_week_words(row, t) for row in tail.iter_rows(named=True)],
                hovertemplate="%{customdata}<extra></extra>",
            ),
            row=panel, col=1,
        )  # fmt: skip


def _week_words(row: dict[str, Any], t: Language) -> str:
    parts = [
        t(
            "explosion.births.hover",
            week=row["week_date"],
            models=row["models"],
            derivatives=row["derivatives"],
        )
    ]
    if row["is_unfinished"]:
        parts.append(t("explosion.births.unfinished"))
    if row["regime"]:
        parts.append(t(f"explosion.regimes.{row['regime']}"))
    return full(t("explosion.births.and").join(parts))


def _nowcast(figure: go.Figure, group: pl.DataFrame, panel: int, t: Language) -> None:
    """Mark what the unfinished week will come to, with its interval."""
    rows = group.filter(pl.col("models_nowcast").is_not_null())
    if rows.is_empty():
        return
    row = rows.tail(1).row(0, named=True)
    told = t(
        "explosion.births.nowcast_hover", week=row["week_date"], n=row["models_nowcast"],
        lower=row["models_nowcast_lower"], upper=row["models_nowcast_upper"],
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[row["week_date"].isoformat()], y=[row["models_nowcast"]], mode="markers",
            name=t("explosion.births.nowcast"), showlegend=panel == 1,
            marker={"symbol": "diamond-open", "size": 10, "color": BLUE, "line": {"width": 2}},
            error_y=whiskers(
                [row["models_nowcast"]], [row["models_nowcast_lower"]], [row["models_nowcast_upper"]], BLUE,
                width=5,
            ),
            customdata=[full(told)], hovertemplate="%{customdata}<extra></extra>",
        ),
        row=panel, col=1,
    )  # fmt: skip


# Partial lists --------------------------------------------------------------------------------------------


def _illustration(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw what partial lists hold, so that one can see why nothing follows from it."""
    groups = populations(frame)
    figure = panels(groups, 190, t)
    for panel, group in enumerate(groups, start=1):
        for column, colour in (("models", BLUE), ("derivatives", ORANGE)):
            figure.add_trace(_bars(group, column, colour, panel, t), row=panel, col=1)
    figure.update_yaxes(rangemode="tozero", nticks=4)
    figure.update_layout(barmode="overlay", bargap=0)
    lists = [population(group.row(0, named=True), t) for group in groups]
    return Chart(
        name="births",
        title=t("explosion.births.partial_title"),
        subtitle=t(
            "explosion.births.partial_subtitle", lists=t("common.lists", n=len(groups)),
            first=frame["week_date"].min(), day=frame["as_of_date"].max(),
        ),
        alt=t("explosion.births.partial_alt", lists=t.listing(lists)),
        table=frame.select(
            "series", "scope", "as_of_date", "week_date", "models", "derivatives", "is_unfinished"
        ).with_columns(spoken("series", "explosion.series", t)),
        figure=figure,
        note=t("explosion.births.partial_note"),
        headings=t.table("explosion.births.headings"),
        is_dated=True,
    )  # fmt: skip


def _bars(group: pl.DataFrame, column: str, colour: str, panel: int, t: Language) -> go.Bar:
    unfinished = group["is_unfinished"].to_list()
    return go.Bar(
        x=isodates(group["week_date"].to_list()), y=group[column].to_list(),
        name=t(f"explosion.measures.{column}"), legendgroup=column, showlegend=panel == 1,
        width=WEEK_MS * 0.9, offset=0,
        marker={
            "color": colour, "line": {"width": 0},
            "pattern": {"shape": ["/" if open_end else "" for open_end in unfinished], "fillmode": "replace"},
        },
        customdata=[_week_words({"regime": None, **row}, t) for row in group.iter_rows(named=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


# Small multiples ------------------------------------------------------------------------------------------


def by_universe(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw monthly births by modality, one panel each with its own scale."""
    named = frame.with_columns(
        name=pl.col("subject").map_elements(t.universe, return_dtype=pl.String),
        colour=pl.lit(TEAL),
    )
    return _facets(named, "universes", t)


def by_origin(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw weekly derivatives by the organization at their root, the largest ones, one panel each."""
    coloured = frame.with_columns(
        colour=pl.col("subject").map_elements(organization_colour, return_dtype=pl.String)
    )
    return _facets(coloured, "origins", t)


def _facets(frame: pl.DataFrame, kind: str, t: Language) -> Chart:
    name, text = f"births-by-{kind[:-1].replace('universe', 'modality')}", f"explosion.{kind}"
    sizes = frame.group_by("subject").agg(total=pl.col("births").sum())
    order = sizes.filter(pl.col("total") >= LEAST_BIRTHS).sort("total", "subject", descending=[True, False])
    order = order.head(SHOWN_ORIGINS if kind == "origins" else order.height)
    if order.is_empty():
        return nothing(name, t(f"{text}.question"), t(f"{text}.empty"))
    subjects, totals = order["subject"].to_list(), order["total"].to_list()
    groups = [frame.filter(pl.col("subject") == subject).sort("date") for subject in subjects]
    titles = [
        t(f"{text}.panel", name=group["name"][0], n=round(total))
        for group, total in zip(groups, totals, strict=True)
    ]
    row, counted = frame.row(0, named=True), sizes["total"].sum()
    rows = frame.filter(pl.col("subject").is_in(subjects))
    doubt = t("explosion.illustration") if row["is_illustration"] else ""
    left = t(f"{text}.left", n=sizes.height - len(subjects)) if sizes.height > len(subjects) else ""
    return Chart(
        name=name,
        title=t(
            f"{text}.{'partial' if row['is_illustration'] else 'title'}", name=cut(groups[0]["name"][0], 60),
            share=t.percent(totals[0] / counted), day=t.short_day(row["as_of_date"]),
        ),
        subtitle=t(
            f"{text}.subtitle", population=population(row, t), first=rows["date"].min(),
            day=row["as_of_date"], counted=round(counted), unknown=round(row["unknown"]),
        ),
        alt=t(f"{text}.alt", panels=t.listing(titles)),
        table=rows.select("scope", "as_of_date", pl.col("name").alias("subject"), "date", "births",
                          "is_unfinished"),
        figure=_facet_panels(groups, titles, kind, t),
        note=t.joined(t(f"{text}.note"), left, doubt),
        headings=t.table(f"{text}.headings"),
        is_dated=True,
        context={"series": row["series"]},
    )  # fmt: skip


def _facet_panels(groups: list[pl.DataFrame], titles: list[str], kind: str, t: Language) -> go.Figure:
    """Draw one panel each below the other, with its title above it."""
    figure = make_subplots(
        rows=len(groups), cols=1, shared_xaxes=True, vertical_spacing=0.3 / len(groups),
        subplot_titles=[label(title, 90) for title in titles],
    )  # fmt: skip
    for panel, group in enumerate(groups, start=1):
        figure.add_trace(_facet_bars(group, kind, t), row=panel, col=1)
    figure.update_annotations(x=0, xanchor="left", align="left", font={"size": 12})
    figure.update_yaxes(rangemode="tozero", nticks=3, tickformat=",")
    figure.update_layout(height=96 * len(groups) + 50, showlegend=False, margin={"t": 26}, bargap=0)
    for number, title in enumerate(titles):
        axis = "xaxis" if number == 0 else f"xaxis{number + 1}"
        on_phones(figure, **{f"{axis}__nticks": 4, f"{axis}__tickangle": 0})
        on_phones(figure, **{f"annotations__{number}__text": title_label(title, 44)})
    return figure


def _facet_bars(group: pl.DataFrame, kind: str, t: Language) -> go.Bar:
    unfinished, colour = group["is_unfinished"].to_list(), group["colour"][0]
    dates = group["date"].to_list()
    days = [7 if kind == "origins" else _month_days(when) for when in dates]
    return go.Bar(
        x=isodates(dates), y=group["births"].to_list(), name=label(group["name"][0]),
        width=[WEEK_MS / 7 * number * 0.9 for number in days], offset=0,
        marker={
            "color": colour, "line": {"width": 0},
            "pattern": {"shape": ["/" if open_end else "" for open_end in unfinished], "fillmode": "replace"},
        },
        customdata=[
            full(t(
                f"explosion.{kind}.{'unfinished' if row['is_unfinished'] else 'hover'}",
                when=t.month(row["date"]) if kind == "universes" else t.short_day(row["date"]),
                n=t.exact(round(row["births"], 1)), name=row["name"],
            ))
            for row in group.iter_rows(named=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _month_days(first: date) -> int:
    return ((first + timedelta(days=32)).replace(day=1) - first).days
