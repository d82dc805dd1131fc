"""Radiation: how soon derivatives follow a release, how many families are born, how diverse all that is.

Here: answers to releases in general. Not here: spring 2023 day by day (spring), weekly counts (births).
"""

from datetime import date
from math import ceil, log2
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
from dashboards.figures.growth import joined
from dashboards.figures.reasons import spoken
from dashboards.figures.regimes import population
from dashboards.language import Language
from dashboards.theme import BLUE, GREEN, GREY, ORANGE, organization_colour
from dashboards.words import cut, sentence

#: The newest generations that are drawn, and the days that the axis names.
SHOWN_RELEASES = 20
NAMED_DAYS = (0, 1, 3, 7, 14, 30, 90, 180, 365, 730)
ORDERS = {"hill_0": ("circle-open", GREY), "hill_1": ("circle", BLUE), "hill_2": ("diamond", ORANGE)}


# Days to the first and tenth derivative -------------------------------------------------------------------


def responses(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the days from a generation's release to its first and tenth derivative, one row each."""
    name = "release-responses"
    reached = frame.filter(pl.col("days_to_tenth").is_not_null())
    if reached.is_empty():
        return nothing(name, t("explosion.responses.question"), t("explosion.responses.empty"))
    rows = reached.sort("release_date", "release_id").tail(SHOWN_RELEASES).reverse()
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(38 * rows.height + 80, showlegend=True)
    first, tenth = rows["days_to_first"].to_list(), rows["days_to_tenth"].to_list()
    for start, end, place in zip(first, tenth, places, strict=True):
        figure.add_shape(
            type="line", x0=_place(start if start is not None else end), x1=_place(end), y0=place, y1=place,
            line={"width": 2, "color": GREY}, layer="below",
        )  # fmt: skip
    told = [full(_response_words(row, t)) for row in rows.iter_rows(named=True)]
    for days, key, style in (
        (first, "first", {"symbol": "circle-open", "color": BLUE, "line": {"width": 2, "color": BLUE}}),
        (tenth, "tenth", {"symbol": "circle", "color": BLUE}),
    ):
        figure.add_trace(
            go.Scatter(
                x=[None if day is None else _place(day) for day in days], y=places, mode="markers+text",
                name=t(f"explosion.responses.{key}"), marker={"size": 10, **style}, cliponaxis=False,
                text=[f"  {_bound(row, key)}{day}" if key == "tenth" else ""
                      for row, day in zip(rows.iter_rows(named=True), days, strict=True)],
                textposition="middle right", customdata=told, hovertemplate="%{customdata}<extra></extra>",
            )
        )  # fmt: skip
    row_labels(
        figure,
        [f"{label(row['name'], 26)} · {t.month(row['release_date'])}" for row in rows.iter_rows(named=True)],
        places, 0.4,
    )  # fmt: skip
    most = max(tenth)
    shown = [day for day in NAMED_DAYS if day <= most] + [day for day in NAMED_DAYS if day > most][:1]
    figure.update_xaxes(
        tickvals=[_place(day) for day in shown], ticktext=[f"{day}" for day in shown],
        range=[-0.3, _place(most) + 1.5], title=t("explosion.responses.axis"), zeroline=False,
    )  # fmt: skip
    figure.update_yaxes(range=[-rows.height + 0.5, 0.9])
    partial = rows.filter("is_illustration").height
    return Chart(
        name=name,
        title=_response_title(reached, frame.height, t),
        subtitle=t(
            "explosion.responses.subtitle", n=rows.height, of=frame.height, first=rows["release_date"].min(),
            last=rows["release_date"].max(), day=rows["as_of_date"].max(),
        ),
        alt=t(
            "explosion.responses.alt",
            rows=t.listing(f"{cut(row['name'], 40)} {_bound(row, 'tenth')}{row['days_to_tenth']}"
                           for row in rows.iter_rows(named=True)),
        ),
        table=rows.select(
            "name", "organization", "family", "release_date", "days_to_first", "first_status",
            "days_to_tenth", "tenth_status", "dated_derivatives", "scope", "as_of_date",
        ).with_columns(
            spoken("first_status", "explosion.responses.statuses", t),
            spoken("tenth_status", "explosion.responses.statuses", t),
        ),
        figure=figure,
        note=joined(
            t, t("explosion.responses.partial", n=partial) if partial else "", t("explosion.responses.note")
        ),
        headings=t.table("explosion.responses.headings"),
    )  # fmt: skip


def _place(days: int) -> float:
    """Stretch the first days: each doubling is as long; days before the release are its day."""
    return log2(1 + max(0, days))


def _bound(row: dict[str, Any], key: str) -> str:
    return "≤ " if row[f"{key}_status"] == "upper bound" else ""


def _response_words(row: dict[str, Any], t: Language) -> str:
    days = {
        key: t("common.not_known") if row[f"days_to_{key}"] is None
        else t("explosion.responses.at_most" if _bound(row, key) else "explosion.responses.exactly",
               days=t.days(row[f"days_to_{key}"]))
        for key in ("first", "tenth")
    }  # fmt: skip
    return t(
        "explosion.responses.hover", name=row["name"], released=row["release_date"],
        scope=t.scope(row["scope"], row["title"]), **days,
    )  # fmt: skip


def _response_title(reached: pl.DataFrame, of: int, t: Language) -> str:
    """Say within how many days half of the generations had ten; the median of upper bounds is one itself."""
    days = sorted(reached["days_to_tenth"].to_list())
    return t("explosion.responses.title", days=t.days(days[ceil(len(days) / 2) - 1]), n=len(days), of=of)


# Families -------------------------------------------------------------------------------------------------


def families(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw how many families are known to have been born by each day, and how many live where known."""
    name = "families-born"
    if frame.is_empty():
        return nothing(name, t("explosion.families.question"), t("explosion.families.empty"))
    rows = frame.sort("born_date", "family").with_columns(born=pl.int_range(1, frame.height + 1))
    partial = rows.filter("is_illustration").height
    end = max(rows["as_of_date"].to_list())
    figure = canvas(400, margin={"t": 16, "r": 24})
    dates, counts = rows["born_date"].to_list(), rows["born"].to_list()
    figure.add_trace(
        go.Scatter(
            x=isodates([*dates, end]), y=[*counts, counts[-1]], mode="lines", name="born",
            line={"width": 2, "color": GREEN, "shape": "hv", "dash": "dot" if partial else "solid"},
            hoverinfo="skip",
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=isodates(dates), y=counts, mode="markers+text", name="families", cliponaxis=False,
            marker={"size": 9, "color": [organization_colour(one) for one in rows["organization_id"]]},
            text=_family_labels(rows), textposition="middle left",
            customdata=[full(_family_words(row, t)) for row in rows.iter_rows(named=True)],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    if partial == 0:
        _alive_line(figure, rows, end, t)
    figure.update_yaxes(range=[0, counts[-1] * 1.08 + 1], title=t("explosion.families.axis"))
    figure.update_xaxes(range=isodates([dates[0].replace(year=dates[0].year - 1), end]))
    newest = rows.row(-1, named=True)
    return Chart(
        name=name,
        title=t(
            "explosion.families.partial" if partial else "explosion.families.title", n=rows.height,
            name=cut(newest["family"], 40), day=newest["born_date"],
        ),
        subtitle=t("explosion.families.subtitle", day=end),
        alt=t(
            "explosion.families.alt",
            rows=t.listing(f"{cut(row['family'], 40)} {t.short_day(row['born_date'])}"
                           for row in rows.iter_rows(named=True)),
        ),
        table=rows.select(
            "family", "organization", "release_date", "born_date", "born", "death_date", "scope", "as_of_date"
        ),
        figure=figure,
        note=t("explosion.families.note", n=partial) if partial else t("explosion.families.whole_note"),
        headings=t.table("explosion.families.headings"),
        is_dated=True,
    )  # fmt: skip


def _family_labels(rows: pl.DataFrame) -> list[str]:
    """Name every family when they are few, else only those that their labels leave room for."""
    step = max(1, ceil(rows.height / 16))
    return [
        f"{label(name, 22)}  " if place % step == 0 else ""
        for place, name in enumerate(rows["family"].to_list())
    ]


def _family_words(row: dict[str, Any], t: Language) -> str:
    released = row["release_date"]
    return t(
        "explosion.families.hover", name=row["family"], organization=row["organization"],
        born=row["born_date"], n=row["born"],
        released=t("common.not_known") if released is None else t.day(released),
    )  # fmt: skip


def _alive_line(figure: go.Figure, rows: pl.DataFrame, end: date, t: Language) -> None:
    """Draw how many of the born still get derivatives."""
    steps = sorted(
        [(when, 1) for when in rows["born_date"].to_list()]
        + [(when, -1) for when in rows["death_date"].drop_nulls().to_list()]
    )
    xs, ys, alive = [], [], 0
    for when, change in steps:
        alive += change
        xs.append(when)
        ys.append(alive)
    figure.add_trace(
        go.Scatter(
            x=isodates([*xs, end]), y=[*ys, alive], mode="lines", name="alive",
            line={"width": 2, "color": BLUE, "shape": "hv", "dash": "dash"},
            hovertemplate=f"%{{y}} {t('explosion.families.alive')}<extra></extra>",
        )
    )  # fmt: skip
    figure.add_annotation(
        text=t("explosion.families.alive"), x=end.isoformat(), y=alive, xanchor="right", yanchor="top",
        font={"size": 11},
    )  # fmt: skip


# Diversity ------------------------------------------------------------------------------------------------


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
        note=joined(
            t, t("explosion.diversity.note"),
            "" if row["is_whole_population"] else t("explosion.illustration"),
        ),
        headings=t.table("explosion.diversity.headings"),
        is_dated=True,
    )  # fmt: skip


def _effective(number: float, t: Language) -> str:
    return f"{number:.1f}" if number < 10 else t.exact(round(number))


def _monthly(rows: pl.DataFrame, style: tuple[str, str, str], t: Language) -> go.Scatter:
    unit, colour, symbol = style
    upper = rows.with_columns(upper=pl.coalesce("upper", "value"), lower=pl.coalesce("lower", "value"))
    return go.Scatter(
        x=isodates(rows["month"].to_list()), y=rows["value"].to_list(), mode="markers",
        name=t(f"explosion.diversity.{unit}"),
        marker={
            "size": 9, "color": colour, "line": {"width": 1.5, "color": colour},
            "symbol": [f"{symbol}-open" if hollow else symbol for hollow in rows["is_unfinished"].to_list()],
        },
        error_y={
            "type": "data", "symmetric": False, "color": colour, "thickness": 1.3, "width": 3,
            "array": (upper["upper"] - upper["value"]).to_list(),
            "arrayminus": (upper["value"] - upper["lower"]).to_list(),
        },
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
        on_phones(figure, **{f"annotations__{number}__text": label(_share_label(key, 0, t), 54)})
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
    bounds = rows.select(
        value="value", least=pl.coalesce("lower", "without_one_least", "value"),
        most=pl.coalesce("upper", "without_one_most", "value"),
    )  # fmt: skip
    return go.Scatter(
        x=rows["value"].to_list(), y=[places[row] for row in rows.select("universe", "unit").iter_rows()],
        mode="markers+text", name=t(f"explosion.shares.{metric}"), cliponaxis=False,
        marker={"size": 11, "color": colour, "symbol": symbol, "line": {"width": 2, "color": colour}},
        error_x={
            "type": "data", "symmetric": False, "color": colour, "thickness": 1.5, "width": 4,
            "array": (bounds["most"] - bounds["value"]).to_list(),
            "arrayminus": (bounds["value"] - bounds["least"]).to_list(),
            "visible": metric != "hill_0",  # without one model, one uploader less at the most
        },
        text=[_effective(value, t) for value in rows["value"].to_list()],
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
        "explosion.shares.title", universe=t.universe(row["universe"]), units=t.exact(row["units"]),
        number=_effective(number, t),
    )  # fmt: skip
