"""Shares that others published, each beside what comes closest here."""

from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.figures.chart import Chart, canvas, full, nothing
from dashboards.figures.lists import telling
from dashboards.figures.reasons import spoken
from dashboards.figures.rows import Mark, as_shares, bounds, labelled, marked, span
from dashboards.language import Language
from dashboards.theme import BLUE, RED
from dashboards.words import cut


def published(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw each published share and ours from every list that comes near, with bounds."""
    name, question = "published-headlines", t("dependence.published.question")
    rows = frame.filter(pl.col("value").is_not_null())
    if rows.is_empty():
        return nothing(name, question, t("dependence.published.empty"))
    names = [_row_name(row, t) for row in rows.iter_rows(named=True)]
    ranges = [t.percent_range(row["lower"], row["upper"]) for row in rows.iter_rows(named=True)]
    inside = rows.filter(
        (pl.col("published_share") >= pl.col("lower")) & (pl.col("published_share") <= pl.col("upper"))
    )
    return Chart(
        name=name,
        title=t("dependence.published.title", n=inside["headline_id"].n_unique(),
                all=rows["headline_id"].n_unique()),
        subtitle=t("dependence.published.subtitle", **span(rows, t)),
        alt=t("dependence.published.alt", rows="; ".join(
            f"{cut(row['headline_id'], 30)} {t.percent(row['published_share'])}, {one}: {two}"
            for row, one, two in zip(rows.iter_rows(named=True), names, ranges, strict=True))),
        table=as_shares(
            rows.select("headline_id", "publisher", "published_date", "published_share", "snapshot_date",
                        "scope", "universe", "unit", "variants", "denominator",
                        pl.col("value").alias("ours_share"), "lower", "upper", "unknown_share")
        ).with_columns(
            spoken("universe", "common.universes", t),
            *(spoken(column, f"dependence.published.{column}", t) for column in ("variants", "denominator")),
            spoken("unit", "dependence.units", t),
        ),
        figure=_dots(rows, names, ranges, t),
        note=t.joined(t("dependence.published.note"), _left_out(frame, rows, t)),
        headings=t.table("dependence.headings"),
        context={"weight": "downloads_30d", "evidence": "curated"},
    )  # fmt: skip


def _row_name(row: dict[str, Any], t: Language) -> str:
    named = t("dependence.published.row", day=t.short_day(row["snapshot_date"]),
              unit=t(f"dependence.units.{row['unit']}"),
              title=t.scope(row["scope"], row["title"]))  # fmt: skip
    return t.joined(named, telling(t, row["models"], row["with_downloads_30d"]))


def _dots(rows: pl.DataFrame, names: list[str], ranges: list[str], t: Language) -> go.Figure:
    """Draw below the name of each published share a row for each list: theirs, ours and its bounds."""
    places, headers, end, previous = [], [], 0.0, ""
    for row in rows.iter_rows(named=True):
        if row["headline_id"] != previous:
            previous, end = row["headline_id"], end - 0.9
            headers.append((row, end + 0.6))
        places.append(end - 0.4)
        end -= 1.0
    figure = canvas(int(-end * 40) + 90)
    hovers = [f"{full(one)}<br>{full(two)}" for one, two in zip(names, ranges, strict=True)]
    marks = (
        Mark("value", t("dependence.published.ours"), "circle", BLUE),
        Mark("published_share", t("dependence.published.theirs"), "x-thin-open", RED),
    )
    marked(figure, rows, places, marks, hovers, t)
    bounds(figure, places, rows["lower"].to_list(), rows["upper"].to_list())
    heads = [
        t("dependence.published.head", share=t.percent(row["published_share"]),
          publisher=row["publisher"]) for row, _ in headers
    ]  # fmt: skip
    shorter = [
        t("dependence.published.row_short", day=t.short_day(row["snapshot_date"]),
          unit=t(f"dependence.units.{row['unit']}"))
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    labelled(figure, heads, heads, [at for _, at in headers], style="<b>{}</b>")
    labelled(figure, names, shorter, [place + 0.42 for place in places], first=len(heads))
    figure.update_xaxes(rangemode="tozero", tickformat=".0%")
    figure.update_yaxes(range=[end, 0.1])
    return figure


def _left_out(frame: pl.DataFrame, drawn: pl.DataFrame, t: Language) -> str:
    """Name the published shares that no list here comes near."""
    left = frame.filter(~pl.col("headline_id").is_in(drawn["headline_id"].to_list()))
    each = left.unique("headline_id", keep="first", maintain_order=True)
    if each.is_empty():
        return ""
    shares = t.listing(
        t(
            "dependence.published.head",
            share=t.percent(row["published_share"]),
            publisher=cut(row["publisher"]),
        )
        for row in each.iter_rows(named=True)
    )
    return t("dependence.published.left_out", shares=shares)
