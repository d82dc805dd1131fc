"""Growth: the Hub's totals, how fast they double, and the illustration of weekly births."""

from dataclasses import dataclass
from datetime import date, timedelta

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from dashboards.figures.chart import Chart, canvas, isodates, label, nothing, on_phones, title_label
from dashboards.theme import BLUE, GREY, TEAL
from dashboards.words import count, day, days, exact, plural, short_day, times

#: Cambrian's line for explosive growth: a doubling within 26 weeks.
EXPLOSIVE_DAYS = 26 * 7
#: Two reports this much more or less than a year apart speak of a year.
YEAR_SLACK_DAYS = 40
WEEK_MS = 7 * 24 * 3600 * 1000


@dataclass(frozen=True)
class Span:
    """Growth between two reports."""

    from_date: date
    to_date: date
    doubling_days: float | None
    added_per_day: float

    @property
    def between(self) -> str:
        """Name the two reports."""
        return f"{day(self.from_date)} and {day(self.to_date)}"


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
        return bool(self.then.doubling_days and self.now.doubling_days) and self.then != self.now

    @property
    def answer(self) -> str:
        """Say whether the pace of then is the pace of now, with the reports behind it."""
        if self.now.doubling_days is None:
            return f"Between the reports of {self.now.between} the Hub did not grow."
        if not self.is_comparable:
            pace_now = days(self.now.doubling_days)
            return f"Between the reports of {self.now.between} the Hub doubled every {pace_now}."
        answer = (
            f"Between the reports of {self.then.between} the Hub doubled every "
            f"{days(self.then.doubling_days or 0)}; between those of {self.now.between}, every "
            f"{days(self.now.doubling_days)}."
        )
        if self.before and self.before.doubling_days:
            answer += (
                f" Before both, between {self.before.between}, it doubled every "
                f"{days(self.before.doubling_days)}."
            )
        return answer

    @property
    def ratio(self) -> float:
        """How many times as long a doubling takes now."""
        return (self.now.doubling_days or 0) / (self.then.doubling_days or 1)

    @property
    def verdict(self) -> str:
        """Compare the two paces, and no more: their bounds hold only the doubt about days."""
        if self.now.doubling_days is None:
            return "At the newest reports the Hub no longer grows."
        if not self.is_comparable:
            return "The Hub grows."
        if self.ratio > 1.1:
            longer = times(self.ratio)
            return (
                f"The Hub still grows, but a doubling now takes {longer} times as long as it did {self.when}."
            )
        if self.ratio < 0.9:
            return f"The Hub grows even faster, relative to its size, than it did {self.when}."
        return f"The Hub still grows at about the pace of {self.then.between}."

    @property
    def when(self) -> str:
        """Name the time of the earlier span."""
        if not self.holds_event:
            return "in the first reports"
        is_year = abs((self.then.to_date - self.then.from_date).days - 365) < YEAR_SLACK_DAYS
        return f"in the {'year' if is_year else 'time'} of the LLaMA leak"


def pace(growth: pl.DataFrame, event: date | None) -> Pace | None:
    """Pick the span that holds the event (else the first) and the newest one; None without reports."""
    if growth.is_empty():
        return None
    spans = [
        Span(row["from_date"], row["to_date"], row["doubling_days"], row["added_per_day"])
        for row in growth.sort("to_date").iter_rows(named=True)
    ]
    holding = [span for span in spans if event and span.from_date <= event < span.to_date]
    then = (holding or spans)[0]
    earlier = [span for span in spans if span.to_date <= then.from_date]
    return Pace(then, now=spans[-1], holds_event=bool(holding), before=earlier[-1] if earlier else None)


def hub_totals(totals: pl.DataFrame) -> Chart:
    """Draw the reported totals on a log axis; the line between the points is only a guide."""
    name, question = "hub-totals", "How many models has the Hub?"
    if totals.is_empty():
        return nothing(name, question, "No verified report of the Hub's total is in this release.")
    rows = totals.sort("as_of_date")
    dates, models = rows["as_of_date"].to_list(), rows["models"].to_list()
    figure = canvas(380)
    figure.add_trace(
        go.Scatter(
            x=isodates(dates), y=models, mode="lines+markers+text", name="totals",
            line={"dash": "dot", "width": 1.5, "color": GREY}, marker={"size": 9, "color": BLUE},
            text=_spaced_labels(models), cliponaxis=False,
            textposition=["top left"] * (len(models) - 1) + ["top center"],
            customdata=[exact(number) for number in models],
            hovertemplate="%{x|%-d %b %Y}<br>%{customdata} models<extra></extra>",
        )
    )  # fmt: skip
    figure.update_yaxes(type="log", dtick=1, title="models, log scale", tickformat="~s")
    figure.update_layout(margin={"t": 28, "r": 36})
    title = (
        f"The Hub went from {count(models[0])} to {count(models[-1])} models between {short_day(dates[0])} "
        f"and {short_day(dates[-1])}"
    )
    round_numbers = sum(1 for number in models if number % 100_000 == 0)
    round_words = "has a round number" if round_numbers == 1 else "have round numbers"
    return Chart(
        name=name,
        title=title if len(models) > 1 else f"The Hub had {count(models[0])} models on {day(dates[0])}",
        subtitle=(
            f"Public models on the Hugging Face Hub, {plural(len(models), 'total')}, reported or counted, "
            f"{short_day(dates[0])} to {short_day(dates[-1])}, logarithmic axis. Points are reports; "
            "the dotted line between them is only a guide for the eye."
        ),
        alt=f"Reported totals on a log axis, rising from {exact(models[0])} to {exact(models[-1])}.",
        table=rows,
        figure=figure,
        note=(
            f"{round_numbers} of the {plural(len(models), 'total')} {round_words}, as milestones do. Reports "
            "count in different ways (rows of a data set, counters, milestones, scans); the table tells how. "
            "Deleted models are not in a later total, so this is "
            "net growth."
        ),
        headings={
            "as_of_date": "Report of",
            "models": "Models on the Hub",
            "status": "Status",
            "source": "Source",
            "note": "Way of counting",
        },
    )


def _spaced_labels(models: list[int]) -> list[str]:
    """Label a point unless the one before it was nearly as high, so that labels do not overlap."""
    labels, last = [], 0.0
    for place, number in enumerate(models):
        is_last = place == len(models) - 1
        crowded = number < 1.35 * last or (not is_last and models[-1] < 1.35 * number)
        labels.append("" if crowded and not is_last else count(number))
        last = last if crowded else number
    return labels


def doubling(growth: pl.DataFrame, event: date | None) -> Chart:
    """Draw the doubling time between reports, each as long as the time it speaks of."""
    name, question = "hub-doubling", "How fast does the Hub double?"
    rows = growth.filter(pl.col("doubling_days").is_not_null()).sort("to_date")
    found = pace(rows, event)
    is_shrinking = growth.height > 0 and growth.sort("to_date")["doubling_days"].to_list()[-1] is None
    if found is None:
        return nothing(
            name, question, "No two verified reports that are at least 150 days apart show growth."
        )
    figure = canvas(360)
    for row in rows.iter_rows(named=True):
        newest = row["to_date"] == found.now.to_date
        chosen = newest or row["to_date"] == found.then.to_date
        figure.add_trace(
            go.Scatter(
                x=isodates([row["from_date"], row["to_date"]]), y=[row["doubling_days"]] * 2,
                mode="lines+markers+text", name=row["to_date"].isoformat(),
                line={"width": 5 if chosen else 3, "color": BLUE if chosen else GREY},
                marker={"size": 7, "color": BLUE if chosen else GREY},
                text=[days(row["doubling_days"]) if chosen else "", ""], textposition="top right",
                cliponaxis=False,
                customdata=[f"{short_day(row['from_date'])} to {short_day(row['to_date'])}"] * 2,
                hovertemplate="%{customdata}<br>doubling every %{y:,.1f} days<extra></extra>",
            )
        )  # fmt: skip
    figure.add_hline(y=EXPLOSIVE_DAYS, line={"dash": "dot", "width": 1, "color": GREY}, layer="below")
    figure.add_annotation(
        text="reference line: 26 weeks", x=1, xref="paper", xanchor="right", y=EXPLOSIVE_DAYS, yanchor="top",
        font={"size": 11},
    )  # fmt: skip
    figure.update_yaxes(rangemode="tozero", title="days to double")
    figure.update_layout(margin={"t": 20})
    title = "How fast the Hub doubled, as long as it grew" if is_shrinking else "How fast the Hub doubles"
    if found.is_comparable and not is_shrinking:
        title = (
            f"The Hub doubled every {days(found.then.doubling_days or 0)} {found.when} and every "
            f"{days(found.now.doubling_days or 0)} most recently"
        )
    return Chart(
        name=name,
        title=title,
        subtitle=(
            "Days in which the number of public models doubles at the constant rate between two reported "
            f"totals at least 150 days apart; whole Hub, {short_day(rows['from_date'].to_list()[0])} to "
            f"{short_day(found.now.to_date)}. Each bar is as long as the time between its two reports."
        ),
        alt=found.answer,
        table=rows,
        figure=figure,
        note=(
            "The table marts.hub_growth bounds each rate by the doubt about the days of its reports; nothing "
            "is known of the days between. Spans overlap where several reports are compared with the same "
            "earlier one."
        ),
        headings={
            "from_date": "Earlier report", "to_date": "Later report", "from_models": "Models earlier",
            "to_models": "Models later", "days": "Days between", "added_per_day": "Added a day, net",
            "growth_pct_per_week": "Growth a week, %", "doubling_days": "Doubling time, days",
        },
    )  # fmt: skip


def births(frame: pl.DataFrame) -> Chart:
    """Draw the weekly births of each list apart, as an illustration and nothing more."""
    name, question = "births", "When were the models of the lists made?"
    rows = frame.with_columns(
        is_finished=pl.col("week_date") + timedelta(days=6) < pl.col("as_of_date")
    ).sort("listed", "scope", "week_date", descending=[True, False, False], nulls_last=True)
    if rows.is_empty():
        return nothing(name, question, "No list of this release tells when its models were made.")
    scopes = rows["scope"].unique(maintain_order=True).to_list()
    groups = [rows.filter(pl.col("scope") == scope) for scope in scopes]
    figure = make_subplots(
        rows=len(groups), cols=1, shared_xaxes=True, vertical_spacing=0.4 / len(groups),
        subplot_titles=[_birth_title(group, 110) for group in groups],
    )  # fmt: skip
    for place, group in enumerate(groups, start=1):
        figure.add_trace(_birth_bars(group), row=place, col=1)
    days_of = rows["as_of_date"].to_list()
    unfinished = "" if all(rows["is_finished"]) else " An unfinished last week is pale and hatched."
    figure.update_annotations(x=0, xanchor="left", align="left", font={"size": 12})
    figure.update_yaxes(rangemode="tozero", nticks=4)
    figure.update_layout(height=150 * len(groups) + 60, showlegend=False, margin={"t": 44}, bargap=0)
    for number, group in enumerate(groups):
        on_phones(figure, **{f"annotations__{number}__text": _birth_title(group, 46)})
    return Chart(
        name=name,
        title=f"Illustration only: when the models of {plural(len(groups), 'list')} were made",
        subtitle=(
            "New models a week, by creation date of what still existed on the day of the list; "
            f"{plural(len(groups), 'list')} of {short_day(min(days_of))} to {short_day(max(days_of))}, one "
            f"panel each with its own scale.{unfinished}"
        ),
        alt="Small bar charts, one a list, of models by the week in which they were created.",
        table=rows.select("scope", "as_of_date", "week_date", "models", "is_finished"),
        figure=figure,
        note=(
            "No growth and no regime can be read from this: each list was chosen for another purpose, what "
            "was deleted before the list is missing, and the Hub tells no creation date before 2 March 2022."
        ),
        headings={
            "scope": "List", "as_of_date": "List of", "week_date": "Week from", "models": "New models",
            "is_finished": "Week is finished",
        },
    )  # fmt: skip


def _birth_title(group: pl.DataFrame, length: int) -> str:
    known = group["with_created_at_pct"].to_list()[0]
    share = "" if known is None else f"; {known:.0f} % of them tell their creation date"
    title = group["title"].to_list()[0] or group["scope"].to_list()[0]
    return f"{title_label(title, length)}<br>{short_day(group['as_of_date'].to_list()[0])}{share}"


def _birth_bars(group: pl.DataFrame) -> go.Bar:
    finished = group["is_finished"].to_list()
    return go.Bar(
        x=isodates(group["week_date"].to_list()), y=group["models"].to_list(),
        name=label(group["scope"].to_list()[0]),
        width=WEEK_MS * 0.9, offset=0,
        marker={
            "color": [TEAL if done else "rgba(28,138,156,0.35)" for done in finished],
            "pattern": {"shape": ["" if done else "/" for done in finished]},
            "line": {"width": 0},
        },
        customdata=["" if done else "<br>unfinished week" for done in finished],
        hovertemplate="week from %{x|%-d %b %Y}<br>%{y:,} models%{customdata}<extra></extra>",
    )  # fmt: skip
