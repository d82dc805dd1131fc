"""How families grow after their release, how soon half of their first year is over, and how long they live.

All of it counts dated derivatives in one list; a partial list gives illustrations and says so.
"""

from itertools import cycle
from math import log10
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.figures.chart import (
    Chart,
    canvas,
    full,
    label,
    nothing,
    on_phones,
    row_labels,
    spread,
    title_label,
)
from dashboards.figures.families import headings
from dashboards.figures.marks import band, room_for, stroke, whiskers
from dashboards.figures.populations import context
from dashboards.figures.reasons import reason, reasons
from dashboards.figures.rows import on_lines
from dashboards.language import Language
from dashboards.theme import BLUE, GREY, organization_colour
from dashboards.words import cut

GROWN = 8
#: A family of fewer derivatives than these is in no figure of growth.
LEAST = 10
LIVED = 12
_DASHES = ("solid", "dash", "dot", "dashdot")


def one_list(frame: pl.DataFrame, weight: str) -> pl.DataFrame:
    """Take the rows of one list: of a whole population before a partial one, then the one with the most."""
    if frame.is_empty():
        return frame
    sums = frame.group_by("series", "scope", "is_illustration").agg(pl.col(weight).sum())
    best = sums.sort("is_illustration", weight, "series", "scope", descending=[False, True, False, False])
    chosen = best.row(0, named=True)
    return frame.filter(pl.col("series") == chosen["series"], pl.col("scope") == chosen["scope"])


def list_words(row: dict[str, Any], t: Language) -> str:
    """Say of which list and series a row is, and whether that is a partial one."""
    words = t("families.of_list", series=t(f"families.series.{row['series']}"),
              list=t.model_list(row["scope"], row["title"], row["as_of_date"]))  # fmt: skip
    return t("families.of_partial_list", list=words) if row["is_illustration"] else words


def where_words(row: dict[str, Any], t: Language, *, is_named: bool = False) -> str:
    """Say in which list something was counted, briefly or by its name, and whether that is a partial one."""
    kind = "partial" if row["is_illustration"] else "whole"
    if not is_named:
        return t(f"families.where.{kind}", day=t.short_day(row["as_of_date"]))
    return t(f"families.where.{kind}_named", list=t.model_list(row["scope"], row["title"], row["as_of_date"]))


def growth(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the derivatives of the largest families of a list by days since release."""
    chosen = one_list(frame, "derivatives").filter(pl.col("derivatives") > 0)
    ends = (
        chosen.sort("days_since_release").group_by("family", maintain_order=True).last()
        .filter(pl.col("derivatives") >= LEAST)
        .sort("derivatives", "family", descending=[True, False]).head(GROWN)
    )  # fmt: skip
    if ends.is_empty():
        return nothing("family-growth", t("families.growth.question"), t("families.growth.empty", n=LEAST))
    figure = canvas(460)
    rows = chosen.filter(pl.col("family").is_in(ends["family"].to_list()))
    dashes: dict[str | None, Any] = {}
    for end in ends.iter_rows(named=True):
        line = rows.filter(pl.col("family") == end["family"])
        dash = next(dashes.setdefault(end["organization_id"], cycle(_DASHES)))
        figure.add_trace(_growth_line(line, end, dash, t))
    _name_ends(figure, ends)
    oldest = max(int(days) for days in ends["days_since_release"].to_list())
    figure.update_xaxes(title=t("families.growth.axis"), range=[0, 1.2 * oldest])
    on_phones(figure, xaxis__range=[0, oldest * room_for([cut(name, 20) for name in ends["family"]])])
    figure.update_yaxes(type="log", title=t("families.axes.derivatives_log"), dtick=1)
    first = ends.row(0, named=True)
    texts = [
        t("families.growth.row", family=cut(end["family"], 24), derivatives=end["derivatives"],
          authors=end["authors"], days=end["days_since_release"])
        for end in ends.iter_rows(named=True)
    ]  # fmt: skip
    return Chart(
        name="family-growth",
        title=t("families.growth.title", where=where_words(first, t), family=cut(first["family"], 30),
                n=first["derivatives"], days=first["days_since_release"]),
        subtitle=t("families.growth.subtitle", families=t("families.count", n=ends.height),
                   list=list_words(first, t)),
        alt=t("families.rows_alt", rows="; ".join(texts)),
        table=rows.select(
            "family", "days_since_release", "derivatives", "authors", "undated", "release_date"
        ),
        figure=figure,
        note=t(f"families.growth.note_{'partial' if first['is_illustration'] else 'whole'}"),
        headings=headings(t),
        context=context(first),
    )  # fmt: skip


def _growth_line(line: pl.DataFrame, end: dict[str, Any], dash: str, t: Language) -> go.Scatter:
    return go.Scatter(
        x=line["days_since_release"].to_list(), y=line["derivatives"].to_list(), mode="lines+markers",
        name=label(end["family"], 24), marker={"size": 6},
        line={"color": organization_colour(end["organization_id"]), "dash": dash, "width": 2},
        customdata=[
            t("families.growth.hover", family=full(row["family"]), derivatives=row["derivatives"],
              authors=row["authors"], days=row["days_since_release"])
            for row in line.iter_rows(named=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _name_ends(figure: go.Figure, ends: pl.DataFrame) -> None:
    """Write the families' names at the ends of their lines, apart from each other."""
    heights = spread([log10(value) for value in ends["derivatives"].to_list()], 0.095)
    for end, height in zip(ends.iter_rows(named=True), heights, strict=True):
        figure.add_annotation(
            text=stroke(organization_colour(end["organization_id"])) + label(end["family"], 20),
            x=end["days_since_release"], y=height, xanchor="left", xshift=7, font={"size": 12},
        )  # fmt: skip


def half_lives(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw at what age half of a family's first year was there, with its interval."""
    rows = frame.filter(pl.col("half_life_days").is_not_null()).head(LIVED)
    question = t("families.half_lives.question")
    if rows.is_empty():
        return nothing("family-half-lives", question, _why_no_half_life(frame, t))
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(76 * rows.height + 70)
    on_phones(figure, height=96 * rows.height + 70)
    figure.add_trace(_half_life_marks(rows, places, t))
    texts = [_half_life_row(row, title_label(_list(row, t), 140), t) for row in rows.iter_rows(named=True)]
    row_labels(figure, texts, places, 0.42)
    for number, row in enumerate(rows.iter_rows(named=True)):
        on_phones(figure, **{
            f"annotations__{number}__text": _half_life_row(row, on_lines(_list(row, t), 3), t)
        })  # fmt: skip
    figure.update_annotations(align="left")
    horizon = int(rows["horizon_days"].to_list()[0])
    figure.update_xaxes(range=[0, horizon], title=t("families.half_lives.axis"))
    figure.update_yaxes(range=[-rows.height + 0.7, 0.8])
    first = rows.sort("derivatives", "family", descending=[True, False]).row(0, named=True)
    return Chart(
        name="family-half-lives",
        title=t("families.half_lives.title", where=where_words(first, t), family=cut(first["family"], 30),
                days=first["half_life_days"], range=_interval(first, t)),
        subtitle=t(
            "families.half_lives.subtitle",
            horizon=horizon,
            days=t.range(*(t.short_day(end(rows["as_of_date"])) for end in (min, max))),
        ),
        alt=t("families.rows_alt", rows="; ".join(text.replace("<br>", ", ") for text in texts)),
        table=rows.select(
            "family", "scope", "as_of_date", "derivatives", "authors", "half_life_days", "lower_days",
            "upper_days", pl.col("status").map_elements(lambda told: reason(t, "families", told), pl.String),
        ),
        figure=figure,
        note=t("families.half_lives.note", n=frame.height - frame["half_life_days"].count()),
        headings=headings(t),
    )  # fmt: skip


def _why_no_half_life(frame: pl.DataFrame, t: Language) -> str:
    if frame.is_empty():
        return t("families.half_lives.empty")
    fullest = frame.sort("derivatives", "family", descending=[True, False]).row(0, named=True)
    return t("families.half_lives.not_estimable", family=cut(fullest["family"], 30),
             reason=reason(t, "families", fullest["status"]))  # fmt: skip


def _list(row: dict[str, Any], t: Language) -> str:
    return t.model_list(row["scope"], row["title"], row["as_of_date"])


def _half_life_row(row: dict[str, Any], listed: str, t: Language) -> str:
    """Name a row, with its list below, which the caller escapes."""
    return t("families.half_lives.row", family=label(row["family"], 24), days=row["half_life_days"],
             range=_interval(row, t), list=listed)  # fmt: skip


def _interval(row: dict[str, Any], t: Language) -> str:
    if row["lower_days"] is None or row["upper_days"] is None:
        return t("families.half_lives.no_interval")
    return t.range(t.exact(row["lower_days"]), t.exact(row["upper_days"]))


def _half_life_marks(rows: pl.DataFrame, places: list[float], t: Language) -> go.Scatter:
    days, lower, upper = (rows[name].to_list() for name in ("half_life_days", "lower_days", "upper_days"))
    return go.Scatter(
        x=days, y=places, mode="markers",
        marker={"size": 11, "color": [organization_colour(one) for one in rows["organization_id"].to_list()]},
        error_x=whiskers(days, lower, upper, GREY, thickness=2, width=6),
        customdata=[
            t("families.half_lives.hover", family=full(row["family"]), list=full(_list(row, t)),
              days=row["half_life_days"], range=_interval(row, t), derivatives=row["derivatives"],
              authors=row["authors"])
            for row in rows.iter_rows(named=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def survival(frame: pl.DataFrame, lives: pl.DataFrame, t: Language) -> Chart:
    """Draw the share of families still alive by age; a list that cannot show deaths gives the reason."""
    question = t("families.survival.question")
    known = frame.filter(pl.col("survival").is_not_null())
    if known.is_empty():
        why = reasons(t, "families", frame["status"].unique().sort().to_list())
        told = t.joined(*(why or t("families.survival.empty"), _lives_words(lives, t)))
        return nothing("family-survival", question, told)
    rows = one_list(known, "at_risk")
    figure = canvas(400)
    ages, shares = rows["age_days"].to_list(), rows["survival"].to_list()
    bounded = rows.filter(pl.col("lower").is_not_null(), pl.col("upper").is_not_null())
    known_ages, lower, upper = (bounded[name].to_list() for name in ("age_days", "lower", "upper"))
    figure.add_trace(band(known_ages, lower, upper, BLUE))
    figure.add_trace(
        go.Scatter(
            x=ages,
            y=shares,
            mode="lines+markers",
            line={"shape": "hv", "color": BLUE, "width": 2.5},
            customdata=[_survival_words(row, t) for row in rows.iter_rows(named=True)],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_xaxes(title=t("families.survival.axis"), dtick=365, rangemode="tozero")
    figure.update_yaxes(range=[0, 1.03], tickformat=".0%")
    on_phones(figure, xaxis__dtick=730)
    last = rows.row(-1, named=True)
    return Chart(
        name="family-survival",
        title=t("families.survival.title", share=t.percent(last["survival"]), days=last["age_days"]),
        subtitle=t("families.survival.subtitle", list=list_words(last, t)),
        alt="; ".join(_survival_words(row, t) for row in rows.iter_rows(named=True)),
        table=rows.select(
            "age_days", "at_risk", "deaths", pl.col("survival").alias("survival_share"),
            pl.col("lower").alias("lower_share"), pl.col("upper").alias("upper_share"),
        ),
        figure=figure,
        note=t("families.survival.note"),
        headings=headings(t),
        context=context(last),
    )  # fmt: skip


def _survival_words(row: dict[str, Any], t: Language) -> str:
    words = t("families.survival.hover", days=row["age_days"], share=t.percent(row["survival"]),
              at_risk=row["at_risk"])  # fmt: skip
    if row["lower"] is None or row["upper"] is None:
        return words
    return f"{words} ({t.percent_range(row['lower'], row['upper'])})"


def _lives_words(lives: pl.DataFrame, t: Language) -> str:
    """Say what a partial list does show: families that were born and were never silent for long."""
    alive = lives.filter(pl.col("birth_state") == "born", pl.col("life_state") == "alive")
    if alive.is_empty():
        return ""
    best = alive.sort("families", "series", "scope", descending=[True, False, False]).row(0, named=True)
    return t("families.survival.alive", families=t("families.count", n=best["families"]),
             list=t.model_list(best["scope"], best["title"], best["as_of_date"]))  # fmt: skip
