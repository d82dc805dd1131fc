"""How fast the whole Hub grows: its totals, and how long they take to double.

Here: what the reports of the Hub's total say. Not here: births and their pace (births, regimes).
"""

from dataclasses import dataclass
from datetime import date
from math import log10
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.figures.chart import (
    Chart,
    canvas,
    full,
    isodates,
    nothing,
)
from dashboards.figures.marks import whiskers
from dashboards.figures.reasons import reason, spoken
from dashboards.language import Language
from dashboards.theme import BLUE, GREY, ORANGE
from dashboards.words import sentence

#: Cambrian's line for explosive growth: a doubling within 26 weeks.
EXPLOSIVE_WEEKS = 26
EXPLOSIVE_DAYS = 7 * EXPLOSIVE_WEEKS
#: The regimes in which a total surely grows: only then does a doubling time say anything.
GROWING = ("explosive", "growing")
#: Two reports this much more or less than a year apart speak of a year.
YEAR_SLACK_DAYS = 40


@dataclass(frozen=True)
class Span:
    """Growth between two reports."""

    from_date: date
    to_date: date
    doubling_days: float | None
    added_per_day: float
    growth_pct: float
    regime: str | None

    @property
    def grows(self) -> bool:
        """Whether it surely grows, so that a doubling time says anything."""
        return bool(self.doubling_days) and self.regime in (*GROWING, None)


@dataclass(frozen=True)
class Pace:
    """How fast the Hub doubled at the time of the explosion (or in the first reports), and most recently."""

    then: Span
    now: Span
    holds_event: bool
    before: Span | None = None

    @property
    def is_comparable(self) -> bool:
        """Whether there are two different spans that both grow."""
        return self.then.grows and self.now.grows and self.then != self.now

    @property
    def ratio(self) -> float:
        """How many times as long a doubling takes now."""
        return (self.now.doubling_days or 0) / (self.then.doubling_days or 1)

    def answer(self, t: Language) -> str:
        """Say how fast it doubled then and now, with the reports behind it."""
        now: dict[str, Any] = {"from_now": self.now.from_date, "to_now": self.now.to_date}
        if self.now.regime not in (*GROWING, None):
            return t("explosion.pace.changed", rate=t.percent_change(self.now.growth_pct), **now)
        if self.now.doubling_days is None:
            return t("explosion.pace.shrank", **now)
        now["days_now"] = t.days(self.now.doubling_days)
        if not self.is_comparable:
            return t("explosion.pace.single", **now)
        then = self.then
        told = t(
            "explosion.pace.two", from_then=then.from_date, to_then=then.to_date,
            days_then=t.days(then.doubling_days or 0), **now,
        )  # fmt: skip
        if self.before is None or not self.before.doubling_days:
            return told
        before = t(
            "explosion.pace.before", from_before=self.before.from_date, to_before=self.before.to_date,
            days_before=t.days(self.before.doubling_days),
        )  # fmt: skip
        return t.joined(told, before)

    def verdict(self, t: Language) -> str:
        """Compare the two paces, and no more: their bounds hold only the doubt about days."""
        if self.now.regime not in (*GROWING, None):
            return t(f"explosion.verdict.{self.now.regime}")
        if self.now.doubling_days is None:
            return t("explosion.verdict.none")
        if not self.is_comparable:
            return t("explosion.verdict.grows")
        if self.ratio > 1.1:
            return t("explosion.verdict.slower", times=t.times(self.ratio), when=self.when(t))
        if self.ratio < 0.9:
            return t("explosion.verdict.faster", when=self.when(t))
        return t("explosion.verdict.alike", first=self.then.from_date, last=self.then.to_date)

    def when(self, t: Language) -> str:
        """Name the time of the earlier span."""
        if not self.holds_event:
            return t("explosion.when.first")
        is_year = abs((self.then.to_date - self.then.from_date).days - 365) < YEAR_SLACK_DAYS
        return t("explosion.when.year" if is_year else "explosion.when.time")


def pace(growth: pl.DataFrame, event: date | None) -> Pace | None:
    """Pick the span that holds the event (else the first) and the newest one; None without reports."""
    if growth.is_empty():
        return None
    spans = [
        Span(
            row["from_date"], row["to_date"], row["doubling_days"], row["added_per_day"],
            row["growth_pct_per_week"], row["regime"],
        )
        for row in growth.sort("to_date", "from_date").iter_rows(named=True)
    ]  # fmt: skip
    holding = [span for span in spans if event and span.from_date <= event < span.to_date]
    then = (holding or spans)[0]
    earlier = [span for span in spans if span.to_date <= then.from_date]
    return Pace(then, now=spans[-1], holds_event=bool(holding), before=earlier[-1] if earlier else None)


# The whole Hub --------------------------------------------------------------------------------------------


def hub_totals(totals: pl.DataFrame, t: Language) -> Chart:
    """Draw the reported totals on a log axis; the line between the points is only a guide."""
    name = "hub-totals"
    if totals.is_empty():
        return nothing(name, t("explosion.totals.question"), t("explosion.totals.empty"))
    rows = totals.sort("as_of_date")
    dates, models = rows["as_of_date"].to_list(), rows["models"].to_list()
    figure = canvas(380, margin={"t": 28, "r": 40})
    figure.add_trace(
        go.Scatter(
            x=isodates(dates), y=models, mode="lines+markers+text", name="totals",
            line={"dash": "dot", "width": 1.5, "color": GREY}, marker={"size": 9, "color": BLUE},
            text=_spaced_labels(models, t), cliponaxis=False,
            textposition=_sides(len(models)),
            customdata=[
                full(t("explosion.totals.hover", day=when, n=number, note=sentence(note or "")))
                for when, number, note in zip(dates, models, rows["note"].to_list(), strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    _count_axis(figure, models, t)
    rounded = sum(1 for number in models if number % 100_000 == 0)
    ends = {"first": t.count(models[0]), "first_day": t.short_day(dates[0]), "day": dates[-1]}
    ends |= {"last": t.count(models[-1]), "last_day": t.short_day(dates[-1])}
    return Chart(
        name=name,
        title=t("explosion.totals.title" if len(models) > 1 else "explosion.totals.single", **ends),
        subtitle=t("explosion.totals.subtitle", totals=t("explosion.reports", n=len(models)), **ends),
        alt=t(
            "explosion.totals.alt",
            points=t.listing(
                f"{t.short_day(when)}: {t.exact(n)}" for when, n in zip(dates, models, strict=True)
            ),
        ),
        table=rows.with_columns(spoken("status", "explosion.statuses", t)),
        figure=figure,
        note=t("explosion.totals.note", n=rounded, totals=len(models)),
        headings=t.table("explosion.totals.headings"),
        is_dated=True,
    )  # fmt: skip


def _sides(points: int) -> list[str]:
    """Keep the first label off the axis and the last one on the page."""
    return ["bottom right", *["top left"] * (points - 2), "top center"][-points:]


def _spaced_labels(models: list[int], t: Language) -> list[str]:
    """Label a point unless the one before it was nearly as high, so that labels do not overlap."""
    labels, last = [], 0.0
    for place, number in enumerate(models):
        is_last = place == len(models) - 1
        crowded = number < 1.35 * last or (not is_last and models[-1] < 1.35 * number)
        labels.append("" if crowded and not is_last else t.count(number))
        last = last if crowded else number
    return labels


def _count_axis(figure: go.Figure, models: list[int], t: Language) -> None:
    """Make the y axis logarithmic, with the powers of ten written in the language's way."""
    low, high = int(log10(min(models))), int(log10(max(models))) + 1
    ticks = [10.0**power for power in range(low, high + 1)]
    figure.update_yaxes(
        type="log",
        title=t("explosion.totals.axis"),
        tickvals=ticks,
        ticktext=[t.count(tick) for tick in ticks],
    )


def doubling(growth: pl.DataFrame, fit: pl.DataFrame, event: date | None, t: Language) -> Chart:
    """Draw the doubling time between reports, as long as the time it speaks of, and the fitted line's."""
    name = "hub-doubling"
    grows = pl.col("doubling_days").is_not_null() & pl.col("regime").is_in(GROWING).fill_null(value=True)
    rows = growth.filter(grows).sort("to_date", "from_date")
    found = pace(rows, event)
    if found is None:
        return nothing(name, t("explosion.doubling.question"), t("explosion.doubling.empty"))
    line = fit.filter(pl.col("doubling_upper_days").is_not_null())
    figure = canvas(380, margin={"t": 20})
    if line.height:
        _fitted_band(figure, line.row(0, named=True), t)
    for row in rows.iter_rows(named=True):
        _span_bar(figure, row, found, t)
    figure.add_hline(y=EXPLOSIVE_DAYS, line={"dash": "dot", "width": 1, "color": GREY}, layer="below")
    figure.add_annotation(
        text=t("explosion.doubling.reference"), x=1, xref="paper", xanchor="right", y=EXPLOSIVE_DAYS,
        yanchor="top", font={"size": 11},
    )  # fmt: skip
    figure.update_yaxes(rangemode="tozero", title=t("explosion.doubling.axis"))
    subtitle = t("explosion.doubling.subtitle", first=t.short_day(rows["from_date"].to_list()[0]),
                 last=t.short_day(found.now.to_date))  # fmt: skip
    return Chart(
        name=name,
        title=_doubling_title(growth, found, t),
        subtitle=subtitle,
        alt=found.answer(t),
        table=_with_fit(rows, line, t),
        figure=figure,
        note=t.joined(t("explosion.doubling.note"), _fit_words(fit, t)),
        headings=t.table("explosion.doubling.headings"),
        is_dated=True,
    )


def _doubling_title(growth: pl.DataFrame, found: Pace, t: Language) -> str:
    if growth["to_date"].max() != found.now.to_date:
        return t("explosion.doubling.shrank")
    if not found.is_comparable:
        return t("explosion.doubling.question")
    return t(
        "explosion.doubling.title", when=found.when(t), days_then=t.days(found.then.doubling_days or 0),
        days_now=t.days(found.now.doubling_days or 0),
    )  # fmt: skip


def _span_bar(figure: go.Figure, row: dict[str, Any], found: Pace, t: Language) -> None:
    """Draw one pair of reports as a bar over its time; the pairs that the answer names are strong."""
    newest = row["to_date"] == found.now.to_date
    chosen = newest or (row["from_date"], row["to_date"]) == (found.then.from_date, found.then.to_date)
    colour = BLUE if chosen else GREY
    told = full(t(
        "explosion.doubling.hover", first=row["from_date"], last=row["to_date"],
        days=t.days(row["doubling_days"]), lower=t.days(row["doubling_lower_days"] or 0),
        upper=t.days(row["doubling_upper_days"]) if row["doubling_upper_days"] else t("common.not_known"),
    ))  # fmt: skip
    days, lower, upper = (row[f"doubling_{end}days"] for end in ("", "lower_", "upper_"))
    figure.add_trace(
        go.Scatter(
            x=isodates([row["from_date"], row["to_date"]]), y=[days] * 2,
            mode="lines+markers+text", name=str(row["to_date"]),
            line={"width": 5 if chosen else 3, "color": colour}, marker={"size": 7, "color": colour},
            error_y=whiskers([days] * 2, [None, lower], [None, upper], colour, width=5),
            text=[t.days(days) if chosen else "", ""], textposition="top right",
            cliponaxis=False, customdata=[told] * 2, hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip


def _fitted_band(figure: go.Figure, fit: dict[str, Any], t: Language) -> None:
    """Draw the doubling time of one line through the newest totals, with its interval, behind the bars."""
    ends = isodates([fit["from_date"], fit["to_date"]])
    figure.add_shape(
        type="rect", x0=ends[0], x1=ends[1], y0=fit["doubling_lower_days"], y1=fit["doubling_upper_days"],
        fillcolor=ORANGE, opacity=0.16, line={"width": 0}, layer="below",
    )  # fmt: skip
    told = full(t("explosion.doubling.fit_hover", reports=fit["reports"], **_fit_values(fit, t)))
    figure.add_trace(
        go.Scatter(
            x=ends, y=[fit["doubling_days"]] * 2, mode="lines", name="fit",
            line={"width": 2, "dash": "dash", "color": ORANGE}, customdata=[told] * 2,
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    figure.add_annotation(
        text=t("explosion.doubling.fit"), x=ends[1], xanchor="right", y=fit["doubling_upper_days"],
        yanchor="bottom", font={"size": 11},
    )  # fmt: skip


def _fit_values(fit: dict[str, Any], t: Language) -> dict[str, Any]:
    return {
        "first": fit["from_date"], "last": fit["to_date"], "days": t.days(fit["doubling_days"]),
        "lower": t.days(fit["doubling_lower_days"]), "upper": t.days(fit["doubling_upper_days"]),
    }  # fmt: skip


def fit_answer(fit: pl.DataFrame, t: Language) -> str:
    """Say what one line through the newest totals gives; nothing where it gives no doubling."""
    line = fit.filter(pl.col("doubling_upper_days").is_not_null())
    if line.is_empty():
        return ""
    row = line.row(0, named=True)
    regime = t(f"explosion.regimes.{row['regime']}")
    return t("explosion.answer.fit", reports=row["reports"], regime=regime, **_fit_values(row, t))


def _fit_words(fit: pl.DataFrame, t: Language) -> str:
    """Say the same below the figure, or why there is no line."""
    if fit.is_empty():
        return ""
    row = fit.row(0, named=True)
    if row["growth_pct_per_week"] is None:
        return t("explosion.doubling.no_fit", reason=reason(t, "explosion", row["status"]))
    if row["doubling_upper_days"] is None:
        return t(
            "explosion.doubling.open_fit", reports=row["reports"], first=row["from_date"], last=row["to_date"]
        )
    return t("explosion.doubling.fit_note", reports=row["reports"], **_fit_values(row, t))


def _with_fit(rows: pl.DataFrame, line: pl.DataFrame, t: Language) -> pl.DataFrame:
    """Put the fitted line below the pairs of reports, in the same columns."""
    columns = [
        "kind", "from_date", "to_date", "from_models", "to_models", "added_per_day", "growth_pct_per_week",
        "growth_lower_pct", "growth_upper_pct", "doubling_days", "doubling_lower_days", "doubling_upper_days",
    ]  # fmt: skip
    drawn = rows.with_columns(kind=pl.lit(t("explosion.doubling.pair")))
    fitted = line.with_columns(kind=pl.lit(t("explosion.doubling.fit")))
    return pl.concat([drawn, fitted], how="diagonal").select(columns)
