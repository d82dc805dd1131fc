"""How fast births grow: rolling growth with its band, regimes, the newest pace of each part, turning points.

Here: what the tables of growth and turns say, and the shading by regime. Not here: the births themselves
(births) and the Hub's totals (growth).
"""

from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from dashboards.figures.chart import (
    Chart,
    canvas,
    full,
    isodates,
    label,
    nothing,
    on_phones,
    row_labels,
    title_label,
)
from dashboards.figures.growth import EXPLOSIVE_WEEKS
from dashboards.figures.marks import band, whiskers
from dashboards.figures.populations import context
from dashboards.figures.reasons import reason, spoken
from dashboards.figures.rows import on_lines
from dashboards.language import Language
from dashboards.theme import BLUE, GREY, ORANGE, REGIMES
from dashboards.words import cut_end, sentence

#: Doubling times, and halving times below zero, that are named on the axis of growth.
NAMED_WEEKS = (13, 26, 52)
SHOWN_ORIGINS = 10
WEEK = timedelta(days=7)
#: A run of one regime over this part of a panel has room for its name.
NAMED_RUN = 0.18
WHOLE_HUB = "whole-hub"
PARTIAL = "not estimable: a partial list"


def population(row: dict[str, Any], t: Language) -> str:
    """Name the population and its series: `the whole Hub, by creation date`."""
    scope = row["scope"]
    words = t("explosion.whole_hub") if scope == WHOLE_HUB else cut_end(t.scope(scope, row["title"]), 110)
    return t("explosion.population", series=t(f"explosion.series.{row['series']}"), scope=words)


def populations(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Part a frame by series and scope, in the order in which they stand; they are never joined."""
    return frame.partition_by("series", "scope", maintain_order=True)


def panels(groups: list[pl.DataFrame], height: int, t: Language) -> go.Figure:
    """Make an empty figure with one panel a population, each with its name above it."""
    names = [population(group.row(0, named=True), t) for group in groups]
    figure = make_subplots(
        rows=len(groups), cols=1, vertical_spacing=0.34 / len(groups),
        subplot_titles=[title_label(text, 110) for text in names],
    )  # fmt: skip
    figure.update_annotations(x=0, xanchor="left", align="left", font={"size": 12})
    whole = height * len(groups) + 90
    legend = {
        "y": -64 / whole,
        "yanchor": "top",
        "traceorder": "normal",
    }  # below the panels it pushes them up, however long it is
    figure.update_layout(height=whole, margin={"t": 36}, showlegend=True, legend=legend)
    on_phones(figure, height=whole + 90)
    for panel in range(1, len(groups) + 1):
        axis = "xaxis" if panel == 1 else f"xaxis{panel}"
        on_phones(figure, **{f"{axis}__nticks": 4, f"{axis}__tickangle": 0})
    for number, text in enumerate(names):
        on_phones(figure, **{f"annotations__{number}__text": on_lines(text)})
    return figure


def why_not(frame: pl.DataFrame, t: Language) -> str:
    """Say why nothing is estimated: no list at all, or the reasons that the table gives."""
    told = frame["status"].drop_nulls().unique(maintain_order=True).to_list()
    if not told:
        return t("explosion.no_list")
    told = [status for status in told if status != PARTIAL] or told  # a whole population's reason says more
    words = [reason(t, "explosion", status) for status in told]
    return t("explosion.not_estimable", reasons=t.listing(dict.fromkeys(words)))


def shade(figure: go.Figure, weeks: list[tuple[date, str | None]], panel: int, t: Language) -> list[str]:
    """Shade a panel by the regime of each week (a Monday); give the regimes that were drawn."""
    runs: list[list[Any]] = []
    for week, regime in weeks:
        if runs and runs[-1][2] == regime and runs[-1][1] == week:
            runs[-1][1] = week + WEEK
        else:
            runs.append([week, week + WEEK, regime])
    span = runs[-1][1] - runs[0][0] if runs else WEEK
    x, y = ("x", "y domain") if panel == 1 else (f"x{panel}", f"y{panel} domain")
    for first, last, regime in runs:
        if regime is None:
            continue
        if (last - first) / span > NAMED_RUN:
            figure.add_annotation(
                text=t(f"explosion.regimes.{regime}"), x=(first + (last - first) / 2).isoformat(), y=1,
                xref=x, yref=y, yanchor="top", font={"size": 10},
            )  # fmt: skip
        figure.add_shape(
            type="rect", x0=first.isoformat(), x1=last.isoformat(), y0=0, y1=1, layer="below",
            xref=x, yref=y, fillcolor=REGIMES.get(str(regime), GREY), opacity=0.17, line={"width": 0},
        )  # fmt: skip
    return list(dict.fromkeys(str(regime) for *_, regime in runs if regime))


def regime_key(figure: go.Figure, regimes: list[str], t: Language) -> None:
    """Name the shades in the legend."""
    for regime in REGIMES:
        if regime in regimes:
            figure.add_trace(
                go.Scatter(
                    x=[None], y=[None], mode="markers", name=t(f"explosion.regimes.{regime}"),
                    marker={"symbol": "square", "size": 13, "color": REGIMES[regime], "opacity": 0.4},
                )
            )  # fmt: skip


def rates(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw rolling growth with its band; the axis tells it as doubling time, which has no value at zero."""
    name = "growth-rate"
    rows = frame.filter(pl.col("growth_pct_per_week").is_not_null())
    if rows.is_empty():
        return nothing(name, t("explosion.rates.question"), why_not(frame, t))
    groups = populations(
        rows.sort("series", "scope", "measure", "to_date", descending=[False, False, True, False])
    )
    figure = panels(groups, 300, t)
    regimes: list[str] = []
    for panel, group in enumerate(groups, start=1):
        all_models = group.filter(pl.col("measure") == "models")
        weeks = [
            (row["to_date"] - timedelta(days=6), row["regime"]) for row in all_models.iter_rows(named=True)
        ]
        regimes += shade(figure, weeks, panel, t)
        for measure, colour in (("models", BLUE), ("derivatives", ORANGE)):
            _rate_line(figure, group.filter(pl.col("measure") == measure), colour, panel, t)
    regime_key(figure, regimes, t)
    _doubling_axis(figure, rows, t)
    figure.update_layout(hovermode="closest")
    newest = _newest_rate(rows)
    return Chart(
        name=name,
        title=rate_words(newest, t),
        subtitle=t("explosion.rates.subtitle", first=rows["from_date"].min(), last=rows["to_date"].max()),
        alt=t("explosion.rates.alt", newest=rate_words(newest, t)),
        table=rows.select(
            "series", "scope", "as_of_date", "measure", "from_date", "to_date", "births",
            "growth_pct_per_week", "growth_lower_pct", "growth_upper_pct", "doubling_days",
            "doubling_lower_days", "doubling_upper_days", "regime",
        ).with_columns(_spoken_measures(t)),
        figure=figure,
        note=t("explosion.rates.note"),
        headings=t.table("explosion.rates.headings"),
        is_dated=True,
    )  # fmt: skip


def _spoken_measures(t: Language) -> list[pl.Expr]:
    return [
        spoken("series", "explosion.series", t),
        spoken("measure", "explosion.measures", t),
        spoken("regime", "explosion.regimes", t),
    ]


def _newest_rate(rows: pl.DataFrame) -> dict[str, Any]:
    """Pick the newest window of all models; what our own lists saw comes before what survived."""
    order = rows.filter(pl.col("measure") == "models") if "models" in rows["measure"] else rows
    return order.sort("to_date", "series", descending=[True, False]).row(0, named=True)


def rate_words(row: dict[str, Any], t: Language) -> str:
    """Say a growth with its interval and what it means as doubling time, by the regime."""
    values = {
        "what": sentence(t(f"explosion.measures.{row['measure']}")),
        "growth": t.percent(row["growth_pct_per_week"] / 100),
        "interval": t.percent_range(row["growth_lower_pct"] / 100, row["growth_upper_pct"] / 100),
        "regime": t(f"explosion.regimes.{row['regime']}"),
        "last": row["to_date"],
    }
    if row["doubling_days"] is None or row["doubling_days"] <= 0:
        return t("explosion.rates.without", **values)
    lower, upper = row["doubling_lower_days"], row["doubling_upper_days"]
    span = t("explosion.rates.open", lower=t.days(lower or 0))
    if upper is not None:
        span = t.range(t.days(lower or 0), t.days(upper))
    return t("explosion.rates.doubling", days=t.days(row["doubling_days"]), span=span, **values)


def _rate_line(figure: go.Figure, rows: pl.DataFrame, colour: str, panel: int, t: Language) -> None:
    if rows.is_empty():
        return
    xs: list[str | None] = []
    values: list[float | None] = []
    lower: list[float | None] = []
    upper: list[float | None] = []
    told: list[str] = []
    before: date | None = None
    for row in rows.iter_rows(named=True):
        if before and (row["to_date"] - before).days > 7:  # a window that was not estimated breaks the line
            xs, values = [*xs, None], [*values, None]
            lower, upper, told = [*lower, None], [*upper, None], [*told, ""]
        before = row["to_date"]
        xs.append(row["to_date"].isoformat())
        values.append(row["growth_pct_per_week"])
        lower.append(row["growth_lower_pct"])
        upper.append(row["growth_upper_pct"])
        told.append(full(rate_words(row, t)))
    measure = str(rows["measure"][0])
    figure.add_trace(band(xs, lower, upper, colour), row=panel, col=1)
    figure.add_trace(
        go.Scatter(
            x=xs, y=values, mode="lines", name=t(f"explosion.measures.{measure}"), showlegend=panel == 1,
            line={"width": 2.5, "color": colour, "dash": "solid" if measure == "models" else "dash"},
            connectgaps=False, customdata=told, hovertemplate="%{customdata}<extra></extra>",
        ),
        row=panel, col=1,
    )  # fmt: skip


def growth_of(weeks: float) -> float:
    """Give the growth in percent a week that doubles in so many weeks; negative weeks halve."""
    return 100 * (2 ** (1 / weeks) - 1)


def _doubling_axis(figure: go.Figure, rows: pl.DataFrame, t: Language) -> None:
    """Put doubling and halving times where their growth is."""
    weeks = [*NAMED_WEEKS, *(-number for number in NAMED_WEEKS)]
    texts = {growth_of(number): t(f"explosion.rates.{'tick' if number > 0 else 'halving'}", n=abs(number))
             for number in weeks}  # fmt: skip
    ticks = {0.0: t("explosion.rates.zero"), **texts}
    figure.update_yaxes(
        tickvals=list(ticks), ticktext=list(ticks.values()), zeroline=True, title=t("explosion.rates.axis")
    )
    least = min(*rows["growth_lower_pct"], growth_of(-NAMED_WEEKS[-1]))
    most = max(*rows["growth_upper_pct"], 1.1 * growth_of(EXPLOSIVE_WEEKS))
    # One wild window must not flatten all the others; its band then leaves the panel.
    figure.update_yaxes(range=[1.05 * max(least, growth_of(-9)), 1.05 * min(most, growth_of(8))])
    figure.add_hline(y=growth_of(EXPLOSIVE_WEEKS), line={"dash": "dot", "width": 1, "color": GREY})


def by_subject(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the newest growth of each modality and of the largest origins, one row each with its interval."""
    name = "growth-by-subject"
    rows = frame.filter(
        pl.col("growth_pct_per_week").is_not_null() & ~pl.col("subject").is_in(["all", "unknown"])
    )
    if rows.is_empty():
        return nothing(name, t("explosion.subjects.question"), why_not(frame, t))
    chosen = populations(rows)[0]
    rows = pl.concat([
        chosen.filter(pl.col("subject_kind") == "universe"),
        chosen.filter(pl.col("subject_kind") == "origin").sort(
            "births", "subject", descending=[True, False]
        ).head(SHOWN_ORIGINS),
    ])  # fmt: skip
    labels = [
        f"{label(_subject(row, t), 34)} · {t('explosion.regimes.' + row['regime'])}"
        for row in rows.iter_rows(named=True)
    ]
    row = rows.row(0, named=True)
    explosive = rows.filter(pl.col("regime") == "explosive").height
    return Chart(
        name=name,
        title=t(f"explosion.subjects.{'title' if explosive else 'none'}", n=explosive, of=rows.height),
        subtitle=t(
            "explosion.subjects.subtitle", population=population(row, t), first=row["from_date"],
            last=row["to_date"],
        ),
        alt=t("explosion.subjects.alt", rows=t.listing(labels)),
        table=rows.select(
            "subject_kind", "subject", "name", "measure", "from_date", "to_date", "births",
            "growth_pct_per_week", "growth_lower_pct", "growth_upper_pct", "regime",
        ).with_columns(
            spoken("subject_kind", "explosion.subjects.kinds", t),
            spoken("measure", "explosion.measures", t),
            spoken("regime", "explosion.regimes", t),
        ),
        figure=_subject_rows(rows, labels, t),
        note=t("explosion.subjects.note"),
        headings=t.table("explosion.subjects.headings"),
        context=context(row),
    )  # fmt: skip


def _subject_rows(rows: pl.DataFrame, labels: list[str], t: Language) -> go.Figure:
    """Draw one dot a row in the colour of its regime, with its interval, on an axis of growth a week."""
    places = [float(-place) for place in range(rows.height)]
    values, lower, upper = (
        rows[name].to_list() for name in ("growth_pct_per_week", "growth_lower_pct", "growth_upper_pct")
    )
    figure = canvas(38 * rows.height + 70)
    figure.add_trace(
        go.Scatter(
            x=values, y=places, mode="markers", name="growth", cliponaxis=False,
            marker={"size": 10, "color": [REGIMES.get(regime, GREY) for regime in rows["regime"].to_list()]},
            error_x=whiskers(values, lower, upper, GREY, width=4),
            customdata=[
                full(f"{_subject(row, t)}: {_interval_words(row, t)}") for row in rows.iter_rows(named=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    row_labels(figure, labels, places, 0.4)
    line = growth_of(EXPLOSIVE_WEEKS)
    figure.add_vline(x=0, line={"width": 1, "color": GREY}, layer="below")
    figure.add_vline(x=line, line={"dash": "dot", "width": 1, "color": GREY}, layer="below")
    most = max(*upper, 1.1 * line)
    figure.update_xaxes(
        title=t("explosion.subjects.axis"), ticksuffix=" %", range=[min(*lower, 0) - 0.06 * most, most],
        zeroline=False,
    )  # fmt: skip
    figure.update_yaxes(range=[-rows.height + 0.5, 0.8])
    return figure


def _subject(row: dict[str, Any], t: Language) -> str:
    if row["subject_kind"] == "universe":
        return t.universe(str(row["subject"]))
    return t("explosion.subjects.origin", name=str(row["name"]))


def _interval_words(row: dict[str, Any], t: Language) -> str:
    return t(
        "explosion.subjects.hover", growth=t.percent(row["growth_pct_per_week"] / 100),
        interval=t.percent_range(row["growth_lower_pct"] / 100, row["growth_upper_pct"] / 100),
    )  # fmt: skip


def turns(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the turns of growth, one row a modality; provisional ones are hollow."""
    name = "turning-points"
    estimated = frame.filter(pl.col("status") == "estimated")
    if estimated.is_empty():
        return nothing(name, t("explosion.turns.question"), why_not(frame, t))
    chosen = populations(estimated)[0]
    universes = chosen["universe"].unique(maintain_order=True).to_list()
    places = {universe: float(-place) for place, universe in enumerate(universes)}
    rows = chosen.filter(pl.col("turn") > 0)
    row = chosen.row(0, named=True)
    if rows.is_empty():
        reason_words = t("explosion.turns.none", n=len(universes), population=population(row, t))
        return nothing(name, t("explosion.turns.question"), reason_words)
    figure = canvas(46 * len(universes) + 70, showlegend=True)
    for kind, symbol, colour in (("peak", "triangle-up", ORANGE), ("trough", "triangle-down", BLUE)):
        _turn_marks(figure, rows.filter(pl.col("kind") == kind), places, (kind, symbol, colour), t)
    row_labels(figure, [t.universe(universe) for universe in universes], list(places.values()), 0.38)
    figure.update_yaxes(range=[-len(universes) + 0.5, 0.8])
    provisional = rows.filter("is_provisional").height
    return Chart(
        name=name,
        title=t("explosion.turns.title", n=rows.height, provisional=provisional),
        subtitle=t("explosion.turns.subtitle", population=population(row, t), day=row["as_of_date"]),
        alt=t("explosion.turns.alt", n=rows.height, of=len(universes)),
        table=rows.select(
            "universe", "month_date", "kind", "growth_pct_per_month", "least_swing_pct", "is_provisional"
        ).with_columns(spoken("universe", "common.universes", t), spoken("kind", "explosion.turns.kinds", t)),
        figure=figure,
        note=t("explosion.turns.note"),
        headings=t.table("explosion.turns.headings"),
        is_dated=True,
        context=context(row),
    )  # fmt: skip


def _turn_marks(
    figure: go.Figure, rows: pl.DataFrame, places: dict[str, float], style: tuple[str, str, str], t: Language
) -> None:
    kind, symbol, colour = style
    if rows.is_empty():
        return
    figure.add_trace(
        go.Scatter(
            x=isodates(rows["month_date"].to_list()), y=[places[name] for name in rows["universe"].to_list()],
            mode="markers", name=t(f"explosion.turns.{kind}"),
            marker={
                "size": 13, "color": colour, "line": {"width": 2, "color": colour},
                "symbol": [
                    f"{symbol}-open" if hollow else symbol for hollow in rows["is_provisional"].to_list()
                ],
            },
            customdata=[
                full(t(
                    f"explosion.turns.{'provisional' if row['is_provisional'] else 'hover'}",
                    kind=t(f"explosion.turns.{kind}"), month=t.month(row["month_date"]),
                    growth=t.percent(row["growth_pct_per_month"] / 100),
                ))
                for row in rows.iter_rows(named=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
