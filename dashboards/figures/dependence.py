"""Dependence by class: list beside list, one population over time, and universe beside universe."""

from datetime import date
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.data.common import ModelList
from dashboards.figures.chart import (
    Chart,
    canvas,
    full,
    isodates,
    nothing,
    on_phones,
    title_label,
)
from dashboards.figures.lists import context
from dashboards.figures.rows import WHOLE_AXIS, Part, bounds, labelled, span, stacked
from dashboards.language import Language
from dashboards.theme import CLASSES, SERIES
from dashboards.words import cut, cut_end, sentence

#: Between two lists of one population that are farther apart than this no line is drawn.
LONGEST_GAP_DAYS = 70
#: A universe with less than this part of the downloads of its list is not named in a title.
LEAST_PART = 0.01
#: What all figures here count, and on which evidence unless a row says so.
WEIGHT, EVIDENCE = "downloads_30d", "curated"


def parts(t: Language) -> list[Part]:
    """Give the classes as the parts of a bar, so that the unknown part lies between the bounds."""
    return [
        Part(f"{name}_share", t(f"common.classes.{name}"), colour, name == "unknown")
        for name, colour in CLASSES.items()
    ]


def class_shares(
    rows: pl.DataFrame, chosen: ModelList | None, universe: str, dominant: pl.DataFrame, t: Language
) -> Chart:
    """Draw the class shares of every list side by side; never joined, because each is another population."""
    name, words = f"classes-{universe.replace('_', '-')}", t.universe(universe)
    if rows.is_empty():
        question = t("dependence.classes.question", universe=words)
        return nothing(name, question, t("dependence.classes.empty", universe=words))
    if chosen:
        mine = (pl.col("scope") == chosen.scope) & (pl.col("snapshot_date") == chosen.snapshot_date)
        rows = rows.sort(mine, descending=True, maintain_order=True)
    places, headers, end = _places(rows)
    figure = canvas(int(-end * 36) + 90)
    hovers = [
        f"{full(t.scope(row['scope'], row['title']))}<br>{t.short_day(row['snapshot_date'])}, "
        f"{full(_evidence(row, t))}"
        for row in rows.iter_rows(named=True)
    ]
    stacked(figure, rows, places, parts(t), hovers, t)
    bounds(figure, places, rows["dependent_lower"].to_list(), rows["dependent_upper"].to_list())
    figure.update_xaxes(**WHOLE_AXIS)
    texts = _class_labels(figure, rows, places, headers, t)
    figure.update_yaxes(range=[end, 0.1])
    on_phones(figure, height=figure.layout.height + 40)
    first = rows.row(0, named=True)
    return Chart(
        name=name,
        title=sentence(
            t("dependence.classes.title", universe=words, range=_range(first, t),
              day=t.short_day(first["snapshot_date"]))
        ),
        subtitle=t("dependence.classes.subtitle", lists=t("common.lists", n=len(headers)),
                   **span(rows, t)),
        alt=t("dependence.classes.alt", rows="; ".join(
            f"{cut(scope, 40)}, {text}" for scope, text in zip(rows["scope"], texts, strict=True)
        )),
        table=rows.select(
            "scope", "title", "snapshot_date", "evidence", "models", "models_with_downloads", "total",
            "first_party_share", "derived_share", "unknown_share", "independent_share",
            "dependent_lower", "dependent_upper",
        ),
        figure=figure,
        note=t.joined(t("dependence.classes.note"), _dominated(rows, dominant, t)),
        headings=t.table("dependence.headings"),
        context={"universe": universe, "weight": WEIGHT},
    )  # fmt: skip


def _places(rows: pl.DataFrame) -> tuple[list[float], list[tuple[dict[str, Any], float]], float]:
    """Give the place of each row, the rows that begin a list with the place of its name, and the end."""
    places, headers, end, previous = [], [], 0.0, None
    for row in rows.iter_rows(named=True):
        if (row["scope"], row["snapshot_date"]) != previous:
            previous = (row["scope"], row["snapshot_date"])
            end -= 1.2
            headers.append((row, end + 0.85))
        places.append(end - 0.5)
        end -= 1.2
    return places, headers, end


def _class_labels(
    figure: go.Figure, rows: pl.DataFrame, places: list[float],
    headers: list[tuple[dict[str, Any], float]], t: Language,
) -> list[str]:  # fmt: skip
    """Write what each list is and counts, and the bounds of each bar; gives these."""
    heads = [_list_label(row, t) for row, _ in headers]
    counted = [_counted(row, t) for row, _ in headers]
    long, short = (
        [
            t(f"dependence.classes.{form}", evidence=_evidence(row, t), range=_range(row, t))
            for row in rows.iter_rows(named=True)
        ]
        for form in ("row", "short")
    )
    labelled(figure, heads, heads, [at for _, at in headers], style="<b>{}</b>")
    labelled(figure, counted, counted, [at - 0.44 for _, at in headers], first=len(heads))
    labelled(figure, long, short, [place + 0.47 for place in places], first=2 * len(heads))
    return long


def _counted(row: dict[str, Any], t: Language) -> str:
    """Say what is counted in a list: the downloads, and of how many models they are known."""
    models, told, total = row["models"], row["models_with_downloads"], t.count(row["total"])
    if models is None:
        return t("dependence.classes.downloads", total=total)
    if told < models:
        return t("dependence.classes.told", total=total, told=told, n=models)
    return t("dependence.classes.counted", total=total, models=t("common.models", n=models))


def _evidence(row: dict[str, Any], t: Language) -> str:
    return t(f"dependence.evidence.{row['evidence']}")


def _range(row: dict[str, Any], t: Language) -> str:
    return t.percent_range(row["dependent_lower"], row["dependent_upper"])


def _list_label(row: dict[str, Any], t: Language) -> str:
    title = t.scope(row["scope"], row["title"])
    return t("lists.option", day=t.short_day(row["snapshot_date"]), title=title)


def _dominated(rows: pl.DataFrame, dominant: pl.DataFrame, t: Language) -> str:
    """Name the lists in which one model has more than half of the downloads, and the model."""
    titles = {(row["scope"], row["snapshot_date"]): row["title"] for row in rows.iter_rows(named=True)}
    found = [
        t(
            "dependence.classes.dominated_one",
            day=t.short_day(row["snapshot_date"]),
            title=cut_end(t.scope(row["scope"], titles[key]), 110),
            model=cut(row["model_id"], 60),
            share=t.percent(row["share"]),
        )
        for row in dominant.iter_rows(named=True)
        if (key := (row["scope"], row["snapshot_date"])) in titles
    ]
    return t("dependence.classes.dominated", lists=t.listing(found)) if found else ""


def over_time(rows: pl.DataFrame, universe: str, t: Language) -> Chart:
    """Draw the bounds of each population that was listed more than once, each by itself."""
    name, words = f"classes-over-time-{universe.replace('_', '-')}", t.universe(universe)
    question = t("dependence.over_time.question", universe=words)
    if rows.is_empty():
        return nothing(name, sentence(question), t("dependence.over_time.empty"))
    figure = canvas(420, showlegend=False)
    ends = []
    for place, (_, mine) in enumerate(rows.group_by("scope", maintain_order=True)):
        colour = SERIES[place % len(SERIES)]
        _band(figure, mine, colour, t)
        last = mine.row(-1, named=True)
        ends.append(last)
        figure.add_annotation(
            font={"size": 12},
            text=f"<span style='color:{colour}'>■</span> "
            f"{title_label(t.scope(last['scope'], last['title']), 44)}",
            x=last["snapshot_date"].isoformat(), y=last["dependent_upper"], xanchor="right", yanchor="bottom",
        )  # fmt: skip
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    newest = max(ends, key=lambda row: (row["snapshot_date"], row["total"]))
    longest = rows.filter(pl.col("scope") == newest["scope"])
    return Chart(
        name=name,
        title=sentence(_movement(longest, words, t)),
        subtitle=t("dependence.over_time.subtitle", lists=t("common.lists", n=rows.height),
                   populations=rows["scope"].n_unique(), **span(rows, t)),
        alt=t("dependence.over_time.alt", rows="; ".join(
            f"{cut(row['scope'], 40)}, {t.short_day(row['snapshot_date'])}: {_range(row, t)}"
            for row in ends
        )),
        table=rows,
        figure=figure,
        note=t("dependence.over_time.note"),
        headings=t.table("dependence.headings"),
        is_dated=True,
        context={"universe": universe, "weight": WEIGHT, "evidence": EVIDENCE},
    )  # fmt: skip


def _band(figure: go.Figure, rows: pl.DataFrame, colour: str, t: Language) -> None:
    """Draw the band of one population; where its lists are too far apart it ends and begins anew."""
    hovers = [
        f"{full(t.scope(row['scope'], row['title']))}<br>"
        f"{t.short_day(row['snapshot_date'])}: {_range(row, t)}"
        for row in rows.iter_rows(named=True)
    ]
    ground = ",".join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))
    for first, last in _runs(rows["snapshot_date"].to_list()):
        mine = rows[first:last]
        for column in ("dependent_lower", "dependent_upper"):
            figure.add_trace(
                go.Scatter(
                    x=isodates(mine["snapshot_date"].to_list()), y=mine[column].to_list(),
                    mode="lines+markers", line={"color": colour, "width": 2}, marker={"size": 5},
                    name=full(t(f"dependence.headings.{column}")), customdata=hovers[first:last],
                    hovertemplate="%{customdata}<extra></extra>", fillcolor=f"rgba({ground},0.2)",
                    fill="tonexty" if column == "dependent_upper" else "none",
                )
            )  # fmt: skip


def _runs(dates: list[date]) -> list[tuple[int, int]]:
    """Give where each run of dates begins and ends that are not too far apart."""
    breaks = [
        place for place in range(1, len(dates))
        if (dates[place] - dates[place - 1]).days > LONGEST_GAP_DAYS
    ]  # fmt: skip
    return list(pairwise([0, *breaks, len(dates)]))


def _movement(rows: pl.DataFrame, words: str, t: Language) -> str:
    """Say rise or fall only where the bounds of the last list lie wholly beyond those of the first."""
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    if last["dependent_lower"] > first["dependent_upper"]:
        kind = "rose"
    elif last["dependent_upper"] < first["dependent_lower"]:
        kind = "fell"
    else:
        kind = "same"
    return t(
        f"dependence.over_time.{kind}",
        universe=words,
        population=cut_end(t.scope(last["scope"], last["title"]), 80),
        before=_range(first, t),
        after=_range(last, t),
        first=t.short_day(first["snapshot_date"]),
        last=t.short_day(last["snapshot_date"]),
    )


def universes(frame: pl.DataFrame, chosen: ModelList, t: Language) -> Chart:
    """Draw the class shares of one list by universe."""
    name = "classes-by-universe"
    rows = frame.filter(pl.col("universe") != "all")
    if rows.is_empty():
        return nothing(name, t("dependence.universes.question"), t("dependence.universes.empty"))
    places = [-1.2 * place for place in range(rows.height)]
    figure = canvas(int(43 * rows.height) + 90)
    names = [sentence(t.universe(row["universe"])) for row in rows.iter_rows(named=True)]
    hovers = [
        f"{full(one)}<br>{full(t('dependence.universes.hover', total=t.exact(round(row['total']))))}"
        for one, row in zip(names, rows.iter_rows(named=True), strict=True)
    ]
    stacked(figure, rows, places, parts(t), hovers, t)
    bounds(figure, places, rows["dependent_lower"].to_list(), rows["dependent_upper"].to_list())
    figure.update_xaxes(**WHOLE_AXIS)
    texts = [
        t("dependence.universes.row", universe=one, range=_range(row, t))
        for one, row in zip(names, rows.iter_rows(named=True), strict=True)
    ]
    shorter = [
        t("dependence.universes.short", universe=one, range=_range(row, t))
        for one, row in zip(names, rows.iter_rows(named=True), strict=True)
    ]
    labelled(figure, texts, shorter, [place + 0.45 for place in places])
    figure.update_yaxes(range=[places[-1] - 0.5, 0.8])
    large = rows.filter(pl.col("total") >= LEAST_PART * pl.col("total").sum())
    widest = max(large.iter_rows(named=True), key=lambda row: row["unknown_share"])
    return Chart(
        name=name,
        title=t("dependence.universes.title", universe=t.universe(widest["universe"]),
                share=t.percent(widest["unknown_share"]), total=t.count(widest["total"])),
        subtitle=t("dependence.universes.subtitle",
                   list=t.model_list(chosen.scope, chosen.title, chosen.snapshot_date)),
        alt=t("dependence.universes.alt", rows="; ".join(texts)),
        table=rows,
        figure=figure,
        headings=t.table("dependence.headings"),
        context=context(chosen, weight=WEIGHT, evidence=EVIDENCE),
    )  # fmt: skip
