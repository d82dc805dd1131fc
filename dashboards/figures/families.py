"""Families: the generations of models and what descends from them in the lists that were seen.

`seen` says of which lists the counts are. How families grow and live is in `lives`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import log10
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.data.common import ModelList
from dashboards.figures.chart import Chart, canvas, full, isodates, label, nothing
from dashboards.figures.populations import day_words
from dashboards.figures.rows import PHONE_SIGNS, labelled
from dashboards.language import Language
from dashboards.theme import GREY, RELATIONS, organization_colour
from dashboards.words import cut

SHOWN = 15
NAMED = 12
#: Column of marts.families, relation, symbol.
MARKS = (
    ("finetunes", "finetune", "circle"),
    ("adapters", "adapter", "square"),
    ("quantized", "quantized", "diamond"),
    ("merges", "merge", "cross"),
)
NO_FAMILY = "(none)"
#: A row's label stands so far above its mark; so many signs of it are shown where there is room.
LIFT, SIGNS = 0.42, 120


@dataclass(frozen=True)
class Seen:
    """The lists that all counts of families are taken from: in words, their names, and from when to when."""

    words: str
    scopes: str
    first: date | None
    newest: date | None

    @property
    def context(self) -> dict[str, str | date | None]:
        """Give what is the same for all rows of a figure of all lists together."""
        return {"scope": self.scopes, "first_date": self.first, "as_of_date": self.newest}


def headings(t: Language) -> dict[str, str]:
    """Give the words for the columns of all tables of families."""
    return dict(t.table("families.columns"))


def _label(row: dict[str, Any], value: str, signs: int, t: Language) -> str:
    """Name a family, its maker and its number; the maker is shortened to what fits into so many signs."""
    family = cut(row["family"], 24)
    return f"{family} · {cut(_maker(row, t), max(signs - len(family) - len(value) - 5, 8))}: {value}"


def _label_rows(
    figure: go.Figure, rows: pl.DataFrame, values: list[str], places: list[float], t: Language
) -> list[str]:
    wide, narrow = (
        [_label(row, value, signs, t) for row, value in zip(rows.iter_rows(named=True), values, strict=True)]
        for signs in (SIGNS, PHONE_SIGNS)
    )
    labelled(figure, wide, narrow, [place + LIFT for place in places])
    return wide


def relations(frame: pl.DataFrame, seen: Seen, t: Language) -> Chart:
    """Draw the largest families with their derivatives, and in each row how these declare to descend."""
    rows = frame.filter(pl.col("derivatives") > 0).head(SHOWN)
    if rows.is_empty():
        return nothing("family-relations", t("families.relations.question"), t("families.none"))
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(44 * rows.height + 90, showlegend=True)
    names = [full(family) for family in rows["family"].to_list()]
    colours = [GREY] * rows.height
    figure.add_trace(_bars(rows["derivatives"].to_list(), places, names, colours, t, opacity=0.45))
    for column, relation, symbol in MARKS:
        figure.add_trace(_marks(rows[column].to_list(), places, names, relation, symbol, t))
    texts = _label_rows(
        figure, rows, [t.exact(number) for number in rows["derivatives"].to_list()], places, t
    )
    figure.update_xaxes(rangemode="tozero", title=t("families.axes.models"))
    figure.update_yaxes(range=[-rows.height + 0.5, 0.85])
    first = rows.row(0, named=True)
    return Chart(
        name="family-relations",
        title=t(
            "families.relations.title",
            family=cut(first["family"], 30),
            n=first["derivatives"],
            day=day_words(seen.newest, t),
        ),
        subtitle=t(
            "families.relations.subtitle", families=t("families.count", n=rows.height), seen=seen.words
        ),
        alt=t("families.rows_alt", rows="; ".join(texts)),
        table=rows.select("family", "organization", "derivatives", *(column for column, *_ in MARKS)),
        figure=figure,
        note=t("families.relations.note"),
        headings=headings(t),
        context=seen.context,
    )


def _bars(
    lengths: Sequence[float], places: list[float], names: list[str], colours: list[str], t: Language,
    opacity: float = 1,
) -> go.Bar:  # fmt: skip
    """Draw one bar a row; `names` are escaped by the caller."""
    return go.Bar(
        x=lengths, y=places, orientation="h", width=0.36, name=t("families.legend.derivatives"),
        marker={"color": colours, "opacity": opacity}, customdata=names,
        hovertemplate=f"%{{customdata}}<br>%{{x:,}} {t('families.legend.derivatives')}<extra></extra>",
    )  # fmt: skip


def _marks(
    values: list[int], places: list[float], names: list[str], relation: str, symbol: str, t: Language
) -> go.Scatter:
    words = t(f"common.relations.{relation}")
    return go.Scatter(
        x=values, y=places, mode="markers", name=words, customdata=names,
        marker={"size": 9, "symbol": symbol, "color": RELATIONS[relation]},
        hovertemplate=f"%{{customdata}}<br>%{{x:,}} {words}<extra></extra>",
    )  # fmt: skip


def makers(frame: pl.DataFrame, without: int, seen: Seen, t: Language) -> Chart:
    """Draw the derivatives by the organization that made the family; `without` are models of no family."""
    sums = frame.group_by("organization_id", "organization").agg(
        families=pl.col("family").len(), derivatives=pl.col("derivatives").sum()
    )
    total = int(sums["derivatives"].sum() or 0)
    rows = (
        sums.filter(pl.col("derivatives") > 0)
        .sort("derivatives", "organization_id", descending=[True, False])
        .head(NAMED)
    )
    if rows.is_empty():
        return nothing("family-makers", t("families.makers.question"), t("families.none"))
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(40 * rows.height + 70)
    colours = [organization_colour(one) for one in rows["organization_id"].to_list()]
    names = [full(one) for one in rows["organization"].to_list()]
    figure.add_trace(_bars(rows["derivatives"].to_list(), places, names, colours, t))
    texts, short = (
        [
            t("families.makers.row", organization=cut(row["organization"], signs),
              derivatives=row["derivatives"], families=t("families.count", n=row["families"]))
            for row in rows.iter_rows(named=True)
        ]
        for signs in (80, 26)
    )  # fmt: skip
    labelled(figure, texts, short, [place + LIFT for place in places])
    figure.update_xaxes(rangemode="tozero", title=t("families.axes.derivatives"))
    figure.update_yaxes(range=[-rows.height + 0.5, 0.85])
    first = rows.row(0, named=True)
    return Chart(
        name="family-makers",
        title=t(
            "families.makers.title", share=t.percent(first["derivatives"] / total),
            organization=cut(first["organization"], 30), day=day_words(seen.newest, t),
        ),
        subtitle=t("families.makers.subtitle", total=total, without=without, seen=seen.words),
        alt=t("families.rows_alt", rows="; ".join(texts)),
        table=rows.select("organization", "families", "derivatives"),
        figure=figure,
        headings=headings(t),
        context=seen.context,
    )  # fmt: skip


def downloads(frame: pl.DataFrame, chosen: ModelList, t: Language) -> Chart:
    """Draw the families with the largest part of a list's downloads."""
    none = sum(frame.filter(pl.col("family") == NO_FAMILY)["share"].to_list())
    rows = frame.filter(pl.col("family") != NO_FAMILY).head(NAMED)
    if rows.is_empty():
        return nothing("family-downloads", t("families.downloads.question"), t("families.downloads.empty"))
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(40 * rows.height + 70)
    figure.add_trace(_share_bars(rows, places, t))
    texts = _label_rows(figure, rows, [t.percent(share) for share in rows["share"].to_list()], places, t)
    figure.update_xaxes(rangemode="tozero", tickformat=".0%", nticks=6, title=t("families.axes.share"))
    figure.update_yaxes(range=[-rows.height + 0.5, 0.85])
    first = rows.row(0, named=True)
    return Chart(
        name="family-downloads",
        title=t(
            "families.downloads.title", family=cut(first["family"], 30), share=t.percent(first["share"]),
            day=t.short_day(chosen.snapshot_date),
        ),
        subtitle=t(
            "families.downloads.subtitle", none=t.percent(none),
            list=t.model_list(chosen.scope, chosen.title, chosen.snapshot_date),
        ),
        alt=t("families.rows_alt", rows="; ".join(texts)),
        table=rows.select("family", "organization", "models", "downloads_30d", "share"),
        figure=figure,
        headings=headings(t),
        context={"scope": chosen.scope, "as_of_date": chosen.snapshot_date},
    )  # fmt: skip


def _maker(row: dict[str, Any], t: Language) -> str:
    return row["organization"] or t("common.unknown")


def _share_bars(rows: pl.DataFrame, places: list[float], t: Language) -> go.Bar:
    return go.Bar(
        x=rows["share"].to_list(), y=places, orientation="h", width=0.36,
        marker={"color": [organization_colour(one) for one in rows["organization_id"].to_list()]},
        customdata=[
            f"{full(row['family'])}<br>{t('families.downloads.hover', downloads=row['downloads_30d'])}"
            for row in rows.iter_rows(named=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def firsts(frame: pl.DataFrame, seen: Seen, t: Language) -> Chart:
    """Draw when the families were first released and how many derivatives of them were seen."""
    built_upon = frame.filter(pl.col("derivatives") > 0)
    rows = built_upon.filter(pl.col("first_release_date").is_not_null()).sort("first_release_date", "family")
    if rows.is_empty():
        return nothing("family-firsts", t("families.firsts.question"), t("families.firsts.empty"))
    figure = canvas(420)
    figure.add_trace(_dots(rows, t))
    _name_dots(figure, rows)
    figure.update_yaxes(type="log", title=t("families.firsts.axis"), dtick=1)
    first, last = rows["first_release_date"].to_list()[0], rows["first_release_date"].to_list()[-1]
    largest = rows.sort("derivatives", "family", descending=[True, False]).head(5)
    named = t.listing(
        f"{label(row['family'], 20)} ({t.day(row['first_release_date'])}, {t.exact(row['derivatives'])})"
        for row in largest.iter_rows(named=True)
    )
    return Chart(
        name="family-firsts",
        title=t(
            "families.firsts.title", n=rows.height, of=built_upon.height, first=str(first.year),
            last=str(last.year),
        ),
        subtitle=t("families.firsts.subtitle", seen=seen.words),
        alt=t("families.firsts.alt", named=named),
        table=rows.select("family", "organization", "first_release_date", "derivatives"),
        figure=figure,
        note=t(
            "families.firsts.note", undated=built_upon.height - rows.height,
            silent=frame.height - built_upon.height,
        ),
        headings=headings(t),
        is_dated=True,
        context=seen.context,
    )  # fmt: skip


def _dots(rows: pl.DataFrame, t: Language) -> go.Scatter:
    return go.Scatter(
        x=isodates(rows["first_release_date"].to_list()), y=rows["derivatives"].to_list(), mode="markers",
        marker={"size": 9, "opacity": 0.85,
                "color": [organization_colour(one) for one in rows["organization_id"].to_list()]},
        customdata=[
            f"{full(row['family'])} ({full(row['organization'])})<br>"
            f"{t.short_day(row['first_release_date'])}: {t.exact(row['derivatives'])}"
            for row in rows.iter_rows(named=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _name_dots(figure: go.Figure, rows: pl.DataFrame) -> None:
    """Write the names of the largest families at their dots, where no other name stands."""
    named: list[tuple[date, float]] = []
    for row in rows.sort("derivatives", "family", descending=[True, False]).head(8).iter_rows(named=True):
        when, height = row["first_release_date"], log10(row["derivatives"])
        if any(abs((when - other).days) < 420 and abs(height - level) < 0.18 for other, level in named):
            continue
        named.append((when, height))
        figure.add_annotation(
            text=label(row["family"], 20), x=when.isoformat(), y=height, xanchor="right", xshift=-7,
            font={"size": 11},
        )  # fmt: skip
