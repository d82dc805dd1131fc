"""What follows a release: days to the first and tenth derivative, and families that are born of it.

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
    row_labels,
)
from dashboards.figures.populations import lists_words
from dashboards.figures.reasons import spoken
from dashboards.language import Language
from dashboards.theme import BLUE, GREEN, GREY, organization_colour
from dashboards.words import cut

#: The newest generations that are drawn, and the days that the axis names.
SHOWN_RELEASES = 20
NAMED_DAYS = (0, 1, 3, 7, 14, 30, 90, 180, 365, 730)


def responses(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the days from a generation's first release to its first and tenth derivative, one row each."""
    name = "release-responses"
    reached = frame.filter(pl.col("days_to_tenth").is_not_null())
    if reached.is_empty():
        return nothing(name, t("explosion.responses.question"), t("explosion.responses.empty"))
    rows = reached.sort("release_date", "release_id").tail(SHOWN_RELEASES).reverse()
    partial = rows.filter("is_illustration").height
    return Chart(
        name=name,
        title=_response_title(reached, frame, t),
        subtitle=t(
            "explosion.responses.subtitle", n=rows.height, of=frame.height, first=rows["release_date"].min(),
            last=rows["release_date"].max(), drawn=lists_words(rows, t),
        ),
        alt=t(
            "explosion.responses.alt",
            rows=t.listing(f"{cut(row['family'], 40)} {_bound(row, 'tenth')}{row['days_to_tenth']}"
                           for row in rows.iter_rows(named=True)),
        ),
        table=rows.select(
            "family", "name", "organization", "release_date", "days_to_first", "first_status",
            "days_to_tenth", "tenth_status", "dated_derivatives", "scope", "as_of_date",
        ).with_columns(
            spoken("first_status", "explosion.responses.statuses", t),
            spoken("tenth_status", "explosion.responses.statuses", t),
        ),
        figure=_response_rows(rows, t),
        note=t.joined(
            t("explosion.responses.partial", n=partial) if partial else "", t("explosion.responses.note")
        ),
        headings=t.table("explosion.responses.headings"),
    )  # fmt: skip


def _response_rows(rows: pl.DataFrame, t: Language) -> go.Figure:
    """Draw one generation a row: a mark each for the first and the tenth derivative, on a stretched axis."""
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(38 * rows.height + 80, showlegend=True)
    first, tenth = rows["days_to_first"].to_list(), rows["days_to_tenth"].to_list()
    for start, end, place in zip(first, tenth, places, strict=True):
        figure.add_shape(
            type="line", x0=_place(start if start is not None else end), x1=_place(end), y0=place, y1=place,
            line={"width": 2, "color": GREY}, layer="below",
        )  # fmt: skip
    told = [full(_response_words(row, t)) for row in rows.iter_rows(named=True)]
    bounds = [f"  {_bound(row, 'tenth')}{row['days_to_tenth']}" for row in rows.iter_rows(named=True)]
    for days, key, texts, style in (
        (first, "first", [""] * rows.height, {"symbol": "circle-open", "line": {"width": 2, "color": BLUE}}),
        (tenth, "tenth", bounds, {"symbol": "circle"}),
    ):
        figure.add_trace(
            go.Scatter(
                x=[None if day is None else _place(day) for day in days], y=places, mode="markers+text",
                name=t(f"explosion.responses.{key}"), marker={"size": 10, "color": BLUE, **style},
                cliponaxis=False, text=texts, textposition="middle right", customdata=told,
                hovertemplate="%{customdata}<extra></extra>",
            )
        )  # fmt: skip
    labels = [
        f"{label(row['family'], 26)} · {t.month(row['release_date'])}" for row in rows.iter_rows(named=True)
    ]
    row_labels(figure, labels, places, 0.4)
    most = max(tenth)
    shown = [day for day in NAMED_DAYS if day <= most] + [day for day in NAMED_DAYS if day > most][:1]
    figure.update_xaxes(
        tickvals=[_place(day) for day in shown], ticktext=[f"{day}" for day in shown],
        range=[-0.3, _place(most) + 1.5], title=t("explosion.responses.axis"), zeroline=False,
    )  # fmt: skip
    figure.update_yaxes(range=[-rows.height + 0.5, 0.9])
    return figure


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
        "explosion.responses.hover", family=row["family"], name=row["name"], released=row["release_date"],
        list=t.model_list(row["scope"], row["title"], row["as_of_date"]), **days,
    )  # fmt: skip


def _response_title(reached: pl.DataFrame, frame: pl.DataFrame, t: Language) -> str:
    """Say within how many days half of the generations had ten; the median of upper bounds is one itself."""
    days = sorted(reached["days_to_tenth"].to_list())
    return t(
        "explosion.responses.title", days=t.days(days[ceil(len(days) / 2) - 1]), n=len(days),
        of=frame.height, lists=lists_words(frame, t),
    )  # fmt: skip


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
            name=cut(newest["family"], 40), day=newest["born_date"], lists=lists_words(rows, t),
        ),
        subtitle=t(
            "explosion.families.subtitle", first=t.short_day(dates[0]), last=t.short_day(dates[-1])
        ),
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
