"""Models at equal age: each against the tenth-best of its size, and what was read at each age."""

from math import ceil, floor, log10
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.figures.chart import Chart, canvas, full, label, nothing, row_labels
from dashboards.figures.events import size_words
from dashboards.figures.marks import whiskers
from dashboards.figures.populations import context
from dashboards.figures.reasons import reasoned, reasons
from dashboards.language import Language
from dashboards.theme import GREY, organization_colour
from dashboards.words import cut

DRAWN = 15
READ = 12
ROW = 38
#: Over more decades than these the steps between powers of ten are not written.
MOST_DECADES = 3
#: The age that is drawn, unless another has more readings.
AGE = 90


def relative_adoption(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the models that are furthest above the tenth-best of their size at one age."""
    name = "relative-adoption"
    told = frame.filter(pl.col("ratio").is_not_null())
    if told.is_empty():
        return nothing(name, t("releases.relative.question"), relative_reason(frame, t))
    age = _age(told)
    mine = told.filter(pl.col("age_days") == age)
    rows = mine.sort("ratio", "model_id", descending=[True, False]).head(DRAWN)
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(ROW * rows.height + 90)
    figure.add_trace(_ratio_marks(rows, places, t))
    figure.add_vline(x=1, line={"width": 1, "color": GREY, "dash": "dot"})
    told_ratios = [f"×{ratio:.1f}" for ratio in rows["ratio"].to_list()]
    row_labels(figure, _with_values(_row_names(rows, t), told_ratios), places, 0.42)
    figure.update_yaxes(range=[-rows.height + 0.5, 0.8])
    ends = [
        end
        for column in ("ratio", "ratio_to_ninth", "ratio_to_eleventh")
        for end in rows[column].drop_nulls()
    ]
    figure.update_xaxes(
        type="log", range=[log10(min([*ends, 1])) - 0.1, log10(max(ends)) + 0.2],
        title=t("releases.relative.axis"), tickprefix="×", tickvals=_ticks(min([*ends, 1]), max(ends)),
    )  # fmt: skip
    first = rows.row(0, named=True)
    return Chart(
        name=name,
        title=t(
            "releases.relative.title", model=cut(first["model_id"], 60), ratio=t.times(first["ratio"]),
            days=t.days(age), size=size_words(first["size_class"], t),
        ),
        subtitle=t(
            "releases.relative.subtitle", drawn=rows.height, n=mine.height, days=t.days(age),
            measure=_measure(first, t), list=t.scope(first["scope"], first["title"]),
            version=first["baseline_version"],
        ),
        alt=t(
            "releases.relative.alt",
            models=t.listing(
                f"{cut(row['model_id'], 40)} ×{row['ratio']:.2f}" for row in rows.iter_rows(named=True)
            ),
        ),
        table=rows.select(
            "model_id", "organization_id", "release_date", "size_class", "age_days", "value", "place",
            "models", "baseline", "ratio", "ratio_to_ninth", "ratio_to_eleventh", "baseline_version",
        ),
        figure=figure,
        note=t("releases.relative.note"),
        headings=t.table("releases.relative.headings"),
        context=context(first, "measure", "scope"),
    )  # fmt: skip


def relative_reason(frame: pl.DataFrame, t: Language) -> str:
    """Say why no model has a baseline."""
    if frame.is_empty():
        return t("releases.relative.empty")
    statuses = frame["status"].unique(maintain_order=True).to_list()
    return t.joined(t("releases.relative.nothing"), reasons(t, "releases", statuses))


def adoption_at_age(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw what was read of the largest models at each age, without any baseline."""
    name = "adoption-at-age"
    if frame.is_empty():
        return nothing(name, t("releases.ages.question"), t("releases.relative.empty"))
    age = _age(frame)
    order = frame.filter(pl.col("age_days") == age).sort("value", "model_id", descending=[True, False])
    order = order.head(READ)
    places = {model: float(-place) for place, model in enumerate(order["model_id"].to_list())}
    rows = frame.filter(pl.col("model_id").is_in(list(places))).sort("model_id", "age_days")
    figure = canvas(ROW * order.height + 90)
    for model, place in places.items():
        figure.add_trace(_age_line(rows.filter(pl.col("model_id") == model), place, age, t))
    told = [t.count(value) for value in order["value"].to_list()]
    row_labels(figure, _with_values(_row_names(order, t), told), list(places.values()), 0.42)
    figure.update_yaxes(range=[-order.height + 0.5, 0.8])
    values = rows["value"].to_list()
    figure.update_xaxes(
        type="log", range=[log10(min(values)) - 0.1, log10(max(values)) + 0.12],
        tickvals=_ticks(min(values), max(values)),
        title=t("releases.ages.axis", measure=_measure(rows.row(0, named=True), t)),
    )  # fmt: skip
    first = order.row(0, named=True)
    ages = sorted(rows["age_days"].unique().to_list())
    return Chart(
        name=name,
        title=t(
            "releases.ages.title", model=cut(first["model_id"], 60), days=t.days(age),
            day=t.short_day(first["baseline_version"]),
            value=t.count(first["value"]), measure=_measure(first, t),
        ),
        subtitle=t(
            "releases.ages.subtitle", drawn=order.height, days=t.days(age),
            ages=t.listing(t.exact(one) for one in ages), measure=_measure(first, t),
            list=t.model_list(first["scope"], first["title"], first["baseline_version"]),
        ),
        alt=t(
            "releases.ages.alt", days=t.days(age),
            models=t.listing(
                f"{cut(row['model_id'], 40)} {t.count(row['value'])}" for row in order.iter_rows(named=True)
            ),
        ),
        table=rows.select(
            "model_id", "organization_id", "release_date", "size_class", "age_days", "value", "status"
        ).with_columns(reasoned("status", "releases", t)),
        figure=figure,
        note=t("releases.ages.partial") if first["is_illustration"] else t("releases.ages.note"),
        headings=t.table("releases.relative.headings"),
        context={**context(first, "measure", "scope"), "as_of_date": first["baseline_version"]},
    )  # fmt: skip


def _age(frame: pl.DataFrame) -> int:
    """Give the age to draw: the usual one, or that with most readings where the usual one has none."""
    counted = frame.group_by("age_days").len().sort("len", "age_days", descending=[True, False])
    ages: list[int] = counted["age_days"].to_list()
    return AGE if AGE in ages else ages[0]


def _row_names(rows: pl.DataFrame, t: Language) -> list[str]:
    return [
        f"{label(row['model_id'], 34)} · {size_words(row['size_class'], t, 'short_sizes')}"
        for row in rows.iter_rows(named=True)
    ]


def _with_values(names: list[str], values: list[str]) -> list[str]:
    return [f"{name} · <b>{value}</b>" for name, value in zip(names, values, strict=True)]


def _measure(row: dict[str, Any], t: Language) -> str:
    return t.or_else(f"releases.measures.{row['measure']}", row["measure"].replace("_", " "))


def _ratio_marks(rows: pl.DataFrame, places: list[float], t: Language) -> go.Scatter:
    """Draw the ratios; whiskers go from the ratio to the ninth-best to that to the eleventh-best."""
    ratios = rows["ratio"].to_list()
    colours = [organization_colour(one) for one in rows["organization_id"].to_list()]
    return go.Scatter(
        x=ratios, y=places, mode="markers", marker={"size": 11, "color": colours}, cliponaxis=False,
        error_x=whiskers(ratios, rows["ratio_to_ninth"].to_list(), rows["ratio_to_eleventh"].to_list(), GREY),
        customdata=[
            full(row["model_id"]) + "<br>" + full(
                t(
                    "releases.relative.hover", ratio=f"{row['ratio']:.2f}", value=t.exact(row["value"]),
                    baseline=t.exact(row["baseline"]), place=row["place"], n=row["models"],
                )
            )
            for row in rows.iter_rows(named=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _age_line(group: pl.DataFrame, place: float, age: int, t: Language) -> go.Scatter:
    """Draw one model: a dot an age, larger with age, and a diamond at the age that ranks them."""
    colour = organization_colour(group["organization_id"].to_list()[0])
    ages, values = group["age_days"].to_list(), group["value"].to_list()
    return go.Scatter(
        x=values, y=[place] * len(values), mode="lines+markers", name="",
        line={"width": 1.5, "color": colour}, cliponaxis=False,
        marker={
            "size": [5 + 3 * step for step in _steps(ages)], "color": colour, "opacity": 1,
            "symbol": ["diamond" if one == age else "circle" for one in ages],
        },
        customdata=[
            f"{full(row['model_id'])}<br>"
            + full(t("releases.ages.hover", days=t.days(row["age_days"]), value=t.exact(row["value"])))
            for row in group.iter_rows(named=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _steps(ages: list[int]) -> list[int]:
    return [sum(age >= step for step in (30, 90, 180, 365)) for age in ages]


def _ticks(least: float, most: float) -> list[float]:
    """Give the marks 1, 2, 5, 10 ... of a log axis; over more than two decades the powers of ten alone."""
    powers = range(floor(log10(least)), ceil(log10(most)) + 1)
    steps = (1, 2, 5) if len(powers) <= MOST_DECADES else (1,)
    return [step * 10.0**power for power in powers for step in steps]
