"""What a release set off: the step in uploads, and derivatives by size."""

from math import exp, log, log1p
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.figures.chart import Chart, canvas, full, label, nothing, on_phones, row_labels
from dashboards.figures.marks import whiskers
from dashboards.figures.populations import context
from dashboards.figures.reasons import reason, reasons
from dashboards.language import Language
from dashboards.theme import BLUE, GREY, ORANGE, PURPLE
from dashboards.words import cut

#: From which q on a step is called clear, and from which p on a step before the release is told.
ALPHA = 0.05
OUTCOMES = {"elsewhere": (BLUE, "circle", 0.13), "total": (ORANGE, "diamond", -0.13)}
#: Height of a row whose label stands above it, in pixels.
ROW, EFFECT_ROW = 40, 46
HORIZONS = {90: (BLUE, "circle", -0.1), 365: (PURPLE, "diamond", 0.1)}
#: Counts that are written on an axis of log(1 + n), and the columns of a value and its ends.
COUNTS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
ENDS = (("derivatives_", ""), ("", "_lower"), ("", "_upper"))
#: Steps that are written on the axis, as factors.
FACTORS = (0.1, 0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0, 10.0)


def release_effects(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the step in weekly uploads at each big release with its interval, both outcomes."""
    name = "release-effects"
    told = frame.filter(pl.col("effect").is_not_null())
    if told.is_empty():
        return nothing(name, t("releases.effects.question"), effects_reason(frame, t))
    releases = told.select("release_id", "name", "event_date").unique("release_id", keep="first")
    releases = releases.sort("event_date", "release_id")
    places = {one: float(-place) for place, one in enumerate(releases["release_id"].to_list())}
    figure = canvas(EFFECT_ROW * releases.height + 96, showlegend=True)
    for outcome, looks in OUTCOMES.items():
        mine = told.filter(pl.col("outcome") == outcome)
        if mine.height:
            _effect_marks(figure, mine, places, outcome, looks, t)
    figure.add_vline(x=0, line={"width": 1, "color": GREY, "dash": "dot"}, layer="below")
    early = set(told.filter(pl.col("pre_p_value") < ALPHA)["release_id"].to_list())
    labels = [
        f"{label(row['name'], 34)} · {t.short_day(row['event_date'])}" + " †" * (row["release_id"] in early)
        for row in releases.iter_rows(named=True)
    ]
    row_labels(figure, labels, list(places.values()), 0.42)
    figure.update_yaxes(range=[-releases.height + 0.5, 0.8])
    _factor_axis(figure, told, t)
    first = told.row(0, named=True)
    fewest, most = _span(told["placebos"])
    return Chart(
        name=name,
        title=effects_sentence(frame, t),
        subtitle=t(
            "releases.effects.subtitle",
            list=t.model_list(first["scope"], first["title"], first["as_of_date"]),
            placebos=t.range(t.exact(fewest), t.exact(most)), series=_series(first["series"], t),
        ),
        alt=t("releases.effects.alt", n=releases.height, steps=_steps(told, t)),
        table=told.select(
            "name", "event_date", "outcome", "before_weekly", "after_weekly", "effect", "lower", "upper",
            "p_value", "q_value", "p_placebo", "placebos", "placebos_effective", "pre_effect", "pre_p_value",
        ),
        figure=figure,
        note=t.joined(t("releases.effects.note", n=len(early)), t("releases.effects.not_meant")),
        headings=t.table("releases.effects.headings"),
        context=context(first),
    )  # fmt: skip


def effects_sentence(frame: pl.DataFrame, t: Language) -> str:
    """Say after how many of the big releases the uploads elsewhere made a clear step."""
    told = frame.filter(pl.col("effect").is_not_null())
    if frame.is_empty():
        return t("releases.effects.empty")
    if told.is_empty():
        commonest = (
            frame.group_by("status").len().sort("len", "status", descending=[True, False])["status"][0]
        )
        number = frame["release_id"].n_unique()
        return t("releases.effects.none", n=number, reason=reason(t, "releases", commonest))
    outcome = "elsewhere" if told.filter(pl.col("outcome") == "elsewhere").height else "total"
    mine = told.filter(pl.col("outcome") == outcome)
    clear = mine.filter(pl.col("q_value") < ALPHA)
    rose = clear.filter(pl.col("effect") > 0).height
    if clear.is_empty():
        return t(f"releases.effects.{outcome}.unclear", n=mine.height)
    return t(f"releases.effects.{outcome}.clear", n=mine.height, rose=rose, fell=clear.height - rose)


def effects_reason(frame: pl.DataFrame, t: Language) -> str:
    """Say why nothing is estimated: each reason with the number of releases that it holds for."""
    if frame.is_empty():
        return t("releases.effects.empty")
    mine = frame.filter(pl.col("effect").is_null())
    counted = (
        mine.group_by("status").agg(n=pl.col("release_id").n_unique()).sort("n", "status", descending=True)
    )
    parts = [
        t("releases.effects.reason", n=row["n"], reason=reason(t, "releases", row["status"]))
        for row in counted.iter_rows(named=True)
    ]
    return t.joined(t("releases.effects.nothing"), *parts)


def _effect_marks(
    figure: go.Figure, mine: pl.DataFrame, places: dict[str, float], outcome: str,
    looks: tuple[str, str, float], t: Language,
) -> None:  # fmt: skip
    """Draw one outcome: full marks where the step is clear, hollow ones where it is not."""
    colour, symbol, shift = looks
    effects, clear = (
        mine["effect"].to_list(),
        [q is not None and q < ALPHA for q in mine["q_value"].to_list()],
    )
    figure.add_trace(
        go.Scatter(
            x=effects, y=[places[one] + shift for one in mine["release_id"].to_list()], mode="markers",
            name=t(f"releases.effects.outcomes.{outcome}"),
            marker={
                "size": 10, "color": colour, "line": {"width": 2, "color": colour},
                "symbol": [symbol if is_clear else f"{symbol}-open" for is_clear in clear],
            },
            error_x=whiskers(effects, mine["lower"].to_list(), mine["upper"].to_list(), colour),
            text=[_effect_hover(row, t) for row in mine.iter_rows(named=True)],
            hovertemplate="%{text}<extra></extra>",
        )
    )  # fmt: skip


def _effect_hover(row: dict[str, Any], t: Language) -> str:
    told = t(
        "releases.effects.hover", factor=_factor(row["effect"]),
        interval=t.range(_factor(row["lower"]), _factor(row["upper"])),
        q=_probability(row["q_value"]), p=_probability(row["p_value"]),
        placebo=_probability(row["p_placebo"]), placebos=row["placebos"],
        before=f"{row['before_weekly']:,.1f}", after=f"{row['after_weekly']:,.1f}",
    )  # fmt: skip
    return f"{full(row['name'])}<br>" + full(told)


def _factor(effect: float | None) -> str:
    return "–" if effect is None else f"×{exp(effect):.2f}"


def _probability(p: float | None) -> str:
    return "–" if p is None else f"{p:.3f}"


def _factor_axis(figure: go.Figure, told: pl.DataFrame, t: Language) -> None:
    ends = [end for column in ("lower", "upper", "effect") for end in told[column].drop_nulls().to_list()]
    low, high = min([*ends, -0.3]), max([*ends, 0.3])
    factors = [factor for factor in FACTORS if low - 0.1 <= log(factor) <= high + 0.1]
    figure.update_xaxes(
        range=[low - 0.1, high + 0.1], tickvals=[log(factor) for factor in factors],
        ticktext=[f"×{factor:g}" for factor in factors], title=t("releases.effects.axis"),
    )  # fmt: skip


def _span(values: pl.Series) -> tuple[int, int]:
    known = values.drop_nulls().to_list() or [0]
    return min(known), max(known)


def _steps(told: pl.DataFrame, t: Language) -> str:
    mine = told.filter(pl.col("outcome") == "elsewhere")
    return t.listing(f"{cut(row['name'], 40)} {_factor(row['effect'])}" for row in mine.iter_rows(named=True))


def _series(series: str, t: Language) -> str:
    return t.or_else(f"releases.series.{series}", series)


# Derivatives by size ------------------------------------------------------------------------------------


def release_multipliers(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw how many derivatives a release sets off within 90 and 365 days, by size of the model."""
    name = "release-multipliers"
    told = frame.filter(pl.col("derivatives_median").is_not_null())
    if told.is_empty():
        return nothing(name, t("releases.multipliers.question"), multipliers_reason(frame, t))
    sizes = told["size_class"].unique(maintain_order=True).to_list()
    places = {size: float(-place) for place, size in enumerate(sizes)}
    figure = canvas(84 * len(sizes) + 90, showlegend=True)
    for horizon, looks in HORIZONS.items():
        mine = told.filter(pl.col("horizon_days") == horizon)
        if mine.height:
            _multiplier_marks(figure, mine, places, horizon, looks, t)
    row_labels(figure, [size_words(size, t) for size in sizes], list(places.values()), 0.38)
    figure.update_yaxes(range=[-len(sizes) + 0.5, 0.7])
    most = max(told["mean_upper"].fill_null(0).to_list() + told["derivatives_mean"].to_list())
    marks = [mark for mark in COUNTS if mark <= 2 * most]
    figure.update_xaxes(
        title=t("releases.multipliers.axis"), range=[-0.05, log1p(most) + 0.2],
        tickvals=[log1p(mark) for mark in marks], ticktext=[t.count(mark) for mark in marks],
    )  # fmt: skip
    first = told.row(0, named=True)
    return Chart(
        name=name,
        title=_multiplier_title(told, t),
        subtitle=t(
            "releases.multipliers.subtitle", series=_series(first["series"], t),
            list=t.model_list(first["scope"], first["title"], first["as_of_date"]),
        ),
        alt=t("releases.multipliers.alt", medians=_medians(told, t)),
        table=told.select(
            "size_class", "horizon_days", "bases", "organizations", "derivatives_median", "median_lower",
            "median_upper", "derivatives_mean", "mean_lower", "mean_upper", "without_any_share",
        ),
        figure=figure,
        note=t.joined(*t.lines("releases.multipliers.note")),
        headings=t.table("releases.multipliers.headings"),
        context=context(first),
    )  # fmt: skip


def multipliers_reason(frame: pl.DataFrame, t: Language) -> str:
    """Say why there is no multiplier."""
    if frame.is_empty():
        return t("releases.multipliers.empty")
    statuses = frame["status"].unique(maintain_order=True).to_list()
    return t.joined(t("releases.multipliers.nothing"), reasons(t, "releases", statuses))


def size_words(size: str, t: Language, form: str = "sizes") -> str:
    """Name a size class, as in a sentence or, with `short_sizes`, as on a label."""
    return t.or_else(f"releases.{form}.{size.replace(' ', '_')}", size)


def _multiplier_marks(
    figure: go.Figure, mine: pl.DataFrame, places: dict[str, float], horizon: int,
    looks: tuple[str, str, float], t: Language,
) -> None:  # fmt: skip
    colour, symbol, shift = looks
    ys = [places[size] - shift for size in mine["size_class"].to_list()]
    for kind, marks in (("median", symbol), ("mean", f"{symbol}-open")):
        values, lower, upper = (_log1p(mine[f"{name}{kind}{end}"]) for name, end in ENDS)
        is_mean = kind == "mean"
        figure.add_trace(
            go.Scatter(
                x=values, y=[y - 0.1 * is_mean for y in ys], mode="markers",
                name=t(f"releases.multipliers.legend.{kind}", days=t.days(horizon)),
                marker={"size": 10, "color": colour, "symbol": marks, "line": {"width": 2, "color": colour}},
                error_x=whiskers(values, lower, upper, colour),
                text=[_multiplier_hover(row, t) for row in mine.iter_rows(named=True)],
                hovertemplate="%{text}<extra></extra>",
            )
        )  # fmt: skip
    on_phones(figure, margin__t=84)


def _log1p(values: pl.Series) -> list[float]:
    """Place counts on an axis of log(1 + n), which has room for both 0 and many."""
    return [log1p(value) for value in values.fill_null(0).to_list()]


def _multiplier_hover(row: dict[str, Any], t: Language) -> str:
    return full(
        t(
            "releases.multipliers.hover", size=size_words(row["size_class"], t),
            days=t.days(row["horizon_days"]), median=_number(row["derivatives_median"]),
            median_range=t.range(_number(row["median_lower"]), _number(row["median_upper"])),
            mean=_number(row["derivatives_mean"]),
            mean_range=t.range(_number(row["mean_lower"]), _number(row["mean_upper"])),
            n=row["bases"], organizations=row["organizations"],
        )
    )  # fmt: skip


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}".removesuffix(".0")


def _multiplier_title(told: pl.DataFrame, t: Language) -> str:
    horizon: int = max(told["horizon_days"].to_list())
    mine = told.filter(pl.col("horizon_days") == horizon).sort(
        "derivatives_median", "size_class", descending=[True, False]
    )
    most, fewest = mine.row(0, named=True), mine.row(-1, named=True)
    values = {
        "size": size_words(most["size_class"], t), "median": _number(most["derivatives_median"]),
        "days": t.days(horizon),
    }  # fmt: skip
    if most["derivatives_median"] == fewest["derivatives_median"]:
        return t("releases.multipliers.same", **values)
    least = {"other": size_words(fewest["size_class"], t), "fewest": _number(fewest["derivatives_median"])}
    return t("releases.multipliers.title", **values, **least)


def _medians(told: pl.DataFrame, t: Language) -> str:
    return t.listing(
        t(
            "releases.multipliers.one", size=size_words(row["size_class"], t),
            days=t.days(row["horizon_days"]), median=_number(row["derivatives_median"]),
        )
        for row in told.iter_rows(named=True)
    )  # fmt: skip
