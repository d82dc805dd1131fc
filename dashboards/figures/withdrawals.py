"""Real withdrawals: what went away, and how many days later something stood in its place."""

from datetime import date
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
    title_label,
)
from dashboards.language import Language
from dashboards.theme import BROWN, GREY, ORANGE, PURPLE, RED, TEAL
from dashboards.words import cut

_KIND_COLOURS = {"deleted": RED, "blocked": PURPLE, "taken_down": ORANGE, "gated": TEAL, "demo_closed": BROWN}


def withdrawals(rows: pl.DataFrame, t: Language) -> Chart:
    """Draw the registered withdrawals in time, each with what came in its place."""
    name = "withdrawals"
    if rows.is_empty():
        return nothing(name, t("shutdown.withdrawals.title"), t("shutdown.withdrawals.none"))
    outcomes = [_outcome(row, t) for row in rows.iter_rows(named=True)]
    substituted = rows.filter(pl.col("substitution_date").is_not_null())
    return Chart(
        name=name,
        title=t("shutdown.withdrawals.found", n=rows.height, substituted=substituted.height,
                days=_days_words(rows["days_to_substitution"].drop_nulls().to_list(), t)),
        subtitle=t("shutdown.withdrawals.subtitle", first=t.short_day(rows["event_date"][0]),
                   last=t.short_day(rows["event_date"][-1]), day=t.short_day(_register_day(rows))),
        alt=t("shutdown.withdrawals.alt", n=rows.height,
              values="; ".join(f"{cut(row['name'], 40)}, {t.short_day(row['event_date'])}, {outcome}"
                               for row, outcome in zip(rows.iter_rows(named=True), outcomes, strict=True))),
        table=rows.select(
            "name",
            pl.Series("kind", [_word(t, "kinds", each) for each in rows["kind"]], dtype=pl.String),
            "event_date",
            pl.Series("event_precision", [_word(t, "precisions", each) for each in rows["event_precision"]],
                      dtype=pl.String),
            "substitute_id",
            pl.Series("substitute_kind", [_word(t, "substitutes", each) for each in rows["substitute_kind"]],
                      dtype=pl.String),
            "substitution_date", "days_to_substitution",
        ),
        figure=_timeline(rows, outcomes, t),
        headings=withdrawal_headings(t),
        is_dated=True,
        context={"scope": "registered", "as_of_date": _register_day(rows)},
    )  # fmt: skip


def _timeline(rows: pl.DataFrame, outcomes: list[str], t: Language) -> go.Figure:
    places = [-float(place) for place in range(rows.height)]
    colours = [_KIND_COLOURS.get(each, GREY) for each in rows["kind"]]
    figure = canvas(60 + 42 * rows.height)
    figure.add_trace(
        go.Scatter(
            x=isodates(rows["event_date"]), y=places, mode="markers",
            marker={"symbol": [_symbol(row) for row in rows.iter_rows(named=True)], "size": 11,
                    "color": colours, "line": {"width": 2, "color": colours}},
            customdata=[
                f"{full(row['name'])}<br>{t.short_day(row['event_date'])} "
                f"({_word(t, 'precisions', row['event_precision'])})<br>{full(outcome)}"
                for row, outcome in zip(rows.iter_rows(named=True), outcomes, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    names = [f"<b>{label(each, 34)}</b>" for each in rows["name"]]
    told = [title_label(outcome, 60) for outcome in outcomes]
    row_labels(figure, [f"{one}  {other}" for one, other in zip(names, told, strict=True)], places, 0.4)
    figure.update_annotations(align="left")
    on_phones(figure, height=60 + 58 * rows.height)
    for place, (one, other) in enumerate(zip(names, told, strict=True)):
        on_phones(figure, **{f"annotations__{place}__text": f"{one}<br>{other}"})
    figure.update_yaxes(range=[places[-1] - 0.5, 0.75])
    figure.update_xaxes(type="date")
    return figure


def _register_day(rows: pl.DataFrame) -> date:
    """Give the newest day that the register speaks of; it knows nothing later."""
    days: list[date] = [*rows["event_date"], *rows["substitution_date"].drop_nulls()]
    return max(days)


def withdrawal_headings(t: Language) -> dict[str, str]:
    """Give the headings of withdrawals by column."""
    return {
        "name": t("shutdown.withdrawals.withdrawn"),
        "organization": t("shutdown.withdrawals.organization"),
        "kind": t("shutdown.withdrawals.kind"),
        "event_date": t("shutdown.withdrawals.event"),
        "event_precision": t("shutdown.withdrawals.event_precision"),
        "substitute_id": t("shutdown.withdrawals.substitute"),
        "substitute_kind": t("shutdown.withdrawals.substitute_kind"),
        "substitution_date": t("shutdown.withdrawals.substitution"),
        "days_to_substitution": t("shutdown.withdrawals.days"),
        "children": t("shutdown.withdrawals.children"),
        "note": t("shutdown.withdrawals.note"),
        "source": t("shutdown.withdrawals.source"),
    }


def _word(t: Language, group: str, value: str | None) -> str | None:
    return None if value is None else t.or_else(f"shutdown.withdrawals.{group}.{value}", value)


def _symbol(row: dict[str, Any]) -> str:
    if row["days_to_substitution"] is not None:
        return "circle"
    return "circle-open" if row["substitution_date"] is not None else "x-thin-open"


def _outcome(row: dict[str, Any], t: Language) -> str:
    kind = _word(t, "kinds", row["kind"]) or t("common.unknown")
    substitute = _word(t, "substitutes", row["substitute_kind"]) or t("common.unknown")
    if row["days_to_substitution"] is not None:
        days = t.days(row["days_to_substitution"])
        return t("shutdown.withdrawals.outcome_days", kind=kind, substitute=substitute, days=days)
    if row["substitution_date"] is not None:
        return t("shutdown.withdrawals.outcome_named", kind=kind, substitute=substitute)
    return t("shutdown.withdrawals.outcome_none", kind=kind)


def _days_words(days: list[int], t: Language) -> str:
    if not days:
        return t("shutdown.withdrawals.found_days_none")
    if len(days) == 1:
        return t("shutdown.withdrawals.found_days_one", days=t.days(days[0]))
    span = t.range(t.exact(min(days)), t.days(max(days)))
    return t("shutdown.withdrawals.found_days_range", n=len(days), days=span)
