"""How diverse it is: who uploads the new derivatives, and at whom the downloads of a list originate."""

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
)
from dashboards.figures.marks import whiskers
from dashboards.figures.populations import context
from dashboards.figures.reasons import spoken
from dashboards.figures.regimes import population
from dashboards.language import Language
from dashboards.theme import BLUE, GREY, ORANGE
from dashboards.words import sentence

#: How each Hill number is marked.
ORDERS = {"hill_0": ("circle-open", GREY), "hill_1": ("circle", BLUE), "hill_2": ("diamond", ORANGE)}


def diversity_of_births(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw by month the effective number of uploaders and origins of new derivatives, with intervals."""
    name = "diversity-births"
    uploaders = frame.filter(pl.col("unit") == "uploader")
    if uploaders.is_empty():
        return nothing(name, t("explosion.diversity.question"), t("explosion.diversity.empty"))
    figure = canvas(400, showlegend=True)
    for unit, colour, symbol in (("uploader", BLUE, "circle"), ("origin_organization", ORANGE, "diamond")):
        rows = frame.filter(pl.col("unit") == unit)
        if rows.height:
            figure.add_trace(_monthly(rows, (unit, colour, symbol), t))
    figure.update_yaxes(
        type="log", title=t("explosion.diversity.axis"), tickvals=[1, 2, 5, 10, 20, 50, 100, 200, 500]
    )
    on_phones(figure, xaxis__nticks=4, xaxis__tickangle=0)
    row, newest = frame.row(0, named=True), uploaders.filter(~pl.col("is_unfinished")).tail(1)
    title = t("explosion.diversity.question")
    if newest.height:
        title = t(
            f"explosion.diversity.{'title' if row['is_whole_population'] else 'partial'}",
            day=t.short_day(row["as_of_date"]),
            month=t.month(newest["month"][0]), number=_effective(newest["value"][0], t),
            range=t.range(_effective(newest["lower"][0], t), _effective(newest["upper"][0], t)),
        )  # fmt: skip
    return Chart(
        name=name,
        title=title,
        subtitle=t(
            "explosion.diversity.subtitle", population=population(row, t), day=row["as_of_date"],
            first=t.month(min(frame["month"].to_list())), last=t.month(max(frame["month"].to_list())),
        ),
        alt=t("explosion.diversity.alt", title=title),
        table=frame.select(
            "unit", "month", "value", "lower", "upper", "interval_kind", "units", "total", "unknown_share",
            "is_unfinished",
        ).with_columns(
            spoken("unit", "explosion.diversity", t), spoken("interval_kind", "explosion.intervals", t)
        ),
        figure=figure,
        note=t.joined(t("explosion.diversity.note"),
            "" if row["is_whole_population"] else t("explosion.illustration"),
        ),
        headings=t.table("explosion.diversity.headings"),
        is_dated=True,
        context=context(row, "series", "scope", "as_of_date", "universe", "evidence"),
    )  # fmt: skip


def _effective(number: float, t: Language) -> str:
    return f"{number:.1f}" if number < 10 else t.exact(round(number))


def _monthly(rows: pl.DataFrame, style: tuple[str, str, str], t: Language) -> go.Scatter:
    unit, colour, symbol = style
    values, lower, upper = (rows[name].to_list() for name in ("value", "lower", "upper"))
    return go.Scatter(
        x=isodates(rows["month"].to_list()), y=values, mode="markers",
        name=t(f"explosion.diversity.{unit}"),
        marker={
            "size": 9, "color": colour, "line": {"width": 1.5, "color": colour},
            "symbol": [f"{symbol}-open" if hollow else symbol for hollow in rows["is_unfinished"].to_list()],
        },
        error_y=whiskers(values, lower, upper, colour),
        customdata=[full(_month_words(row, t)) for row in rows.iter_rows(named=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _month_words(row: dict[str, Any], t: Language) -> str:
    kind, ends = "hover", {name: row[name] for name in ("lower", "upper") if row[name] is not None}
    if ends:
        kind = "hover_range" if len(ends) > 1 else "hover_least"
    return t(
        f"explosion.diversity.{kind}", month=t.month(row["month"]),
        unit=t(f"explosion.diversity.{row['unit']}"), number=_effective(row["value"], t),
        units=t.exact(row["units"]), total=t.exact(round(row["total"])),
        **{name: _effective(number, t) for name, number in ends.items()},
    )  # fmt: skip


def diversity_of_downloads(frame: pl.DataFrame, listing: str, t: Language) -> Chart:
    """Draw how many equal uploaders and origins the downloads of one list are worth, by order."""
    name = "diversity-downloads"
    if frame.is_empty():
        return nothing(name, t("explosion.shares.question"), t("explosion.shares.empty"))
    keys = list(dict.fromkeys(frame.select("universe", "unit").iter_rows()))
    places = {key: float(-place) for place, key in enumerate(keys)}
    figure = canvas(76 * len(keys) + 110, showlegend=True)
    for metric, (symbol, colour) in ORDERS.items():
        rows = frame.filter(pl.col("metric") == metric)
        if rows.height:
            figure.add_trace(_order_dots(rows, places, (metric, symbol, colour), t))
    unknown = dict(
        zip(frame.select("universe", "unit").iter_rows(), frame["unknown_share"].to_list(), strict=True)
    )
    labels = [_share_label(key, unknown[key], t) for key in keys]
    row_labels(figure, [label(text, 130) for text in labels], list(places.values()), 0.42)
    figure.update_xaxes(
        type="log", title=t("explosion.shares.axis"), tickvals=[1, 3, 10, 30, 100, 300, 1000, 3000, 10000],
        ticktext=["1", "3", "10", "30", "100", "300", "1,000", "3,000", "10,000"],
    )  # fmt: skip
    figure.update_yaxes(range=[-len(keys) + 0.5, 0.75])
    on_phones(
        figure,
        xaxis__tickvals=[1, 10, 100, 1000, 10000],
        xaxis__ticktext=["1", "10", "100", "1,000", "10,000"],
    )
    for number, key in enumerate(keys):
        on_phones(figure, **{f"annotations__{number}__text": label(_share_label(key, 0, t), 58)})
    return Chart(
        name=name,
        title=_shares_title(frame, t),
        subtitle=t("explosion.shares.subtitle", list=listing),
        alt=t("explosion.shares.alt", title=_shares_title(frame, t)),
        table=frame.select(
            "universe", "unit", "metric", "value", "without_one_least", "without_one_most", "lower", "upper",
            "interval_kind", "unknown_least", "unknown_most", "units", "total", "unknown_share",
        ).with_columns(
            spoken("universe", "common.universes", t),
            spoken("unit", "explosion.shares", t),
            spoken("metric", "explosion.shares", t),
            spoken("interval_kind", "explosion.intervals", t),
        ),
        figure=figure,
        note=t("explosion.shares.note"),
        headings=t.table("explosion.shares.headings"),
        context=context(frame.row(0, named=True)),
    )  # fmt: skip


def _share_label(key: tuple[str, str], unknown: float, t: Language) -> str:
    universe, unit = key
    text = t(
        "explosion.shares.row", universe=sentence(t.universe(universe)), unit=t(f"explosion.shares.{unit}")
    )
    return t("explosion.shares.unknown", row=text, share=t.percent(unknown)) if unknown else text


def _order_dots(
    rows: pl.DataFrame, places: dict[tuple[str, str], float], style: tuple[str, str, str], t: Language
) -> go.Scatter:
    metric, symbol, colour = style
    values = rows["value"].to_list()
    bounds = rows.select(
        least=pl.coalesce("lower", "without_one_least", "value"),
        most=pl.coalesce("upper", "without_one_most", "value"),
    )  # fmt: skip
    return go.Scatter(
        x=values, y=[places[row] for row in rows.select("universe", "unit").iter_rows()],
        mode="markers+text", name=t(f"explosion.shares.{metric}"), cliponaxis=False,
        marker={"size": 11, "color": colour, "symbol": symbol, "line": {"width": 2, "color": colour}},
        error_x={
            **whiskers(values, bounds["least"].to_list(), bounds["most"].to_list(), colour, width=4),
            "visible": metric != "hill_0",  # without one model, one uploader less at the most
        },
        text=[_effective(value, t) for value in values],
        textposition="top center" if metric == "hill_2" else "bottom center", customdata=[
            full(t(
                f"explosion.shares.hover_{metric}", number=_effective(row["value"], t),
                unit=t(f"explosion.shares.{row['unit']}"), units=t.exact(row["units"]),
                least=_effective(bound["least"], t), most=_effective(bound["most"], t),
            ))
            for row, bound in zip(rows.iter_rows(named=True), bounds.iter_rows(named=True), strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _shares_title(frame: pl.DataFrame, t: Language) -> str:
    found = frame.filter(pl.col("unit") == "uploader", pl.col("metric") == "hill_1")
    if found.is_empty():
        return t("explosion.shares.question")
    row = found.sort("universe", descending=True).row(0, named=True)
    number = row["value"]
    return t(
        "explosion.shares.title", day=t.short_day(row["as_of_date"]), universe=t.universe(row["universe"]),
        units=t.exact(row["units"]), number=_effective(number, t),
    )  # fmt: skip
