"""What a derivative cost to train, and its base: never two definitions of cost in one ratio."""

import re
from datetime import date
from math import log10
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.figures.chart import Chart, canvas, full, label, nothing, on_phones, row_labels
from dashboards.figures.populations import day_words
from dashboards.figures.reasons import reasoned, spoken
from dashboards.figures.rows import labelled
from dashboards.language import Language
from dashboards.theme import BLUE, GREEN, GREY, ORANGE, PURPLE, RED
from dashboards.words import cut

ROW = 42
#: The definitions, the final run alone first; hollow marks count more than the final run.
DEFINITIONS = {
    "final_run_gpu_hours": (BLUE, "circle"),
    "final_run_cloud_price": (GREEN, "square"),
    "final_run_amortized": (ORANGE, "diamond"),
    "final_run_amortized_perhaps_with_base": (GREY, "diamond-open"),
    "data_and_run_price": (PURPLE, "square-open"),
    "development_price": (RED, "circle-open"),
}
#: What the table says of a cost that is not verified; it is in the table of the page and drawn nowhere.
UNVERIFIED = "not estimable: its cost is not verified"
#: Marks of the axis: as parts of the base's cost, with what is written there.
PARTS = (0.0001, 0.001, 0.01, 0.1, 1.0)


def cost_ratios(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw what each derivative cost as a part of its base's cost, by one definition for both."""
    name = "cost-ratios"
    rows = frame.filter(pl.col("ratio").is_not_null()).sort("ratio", "derivative", "definition")
    if rows.is_empty():
        return nothing(name, t("open_closed.ratios.question"), t("open_closed.ratios.empty"))
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(ROW * rows.height + 100, showlegend=True)
    for definition in _definitions(rows):
        mine = [
            (place, row) for place, row in zip(places, rows.iter_rows(named=True), strict=True)
            if row["definition"] == definition
        ]  # fmt: skip
        figure.add_trace(_ratio_marks(mine, definition, t))
    wide, narrow = (
        [f"{cut(row['derivative'], signs)} / {cut(row['base_model'] or '', signs)}"
         for row in rows.iter_rows(named=True)]
        for signs in (50, 24)
    )  # fmt: skip
    labelled(figure, wide, narrow, [place + 0.42 for place in places])
    figure.update_yaxes(range=[-rows.height + 0.5, 0.8])
    low = min(rows["ratio"].to_list())
    high = max([*rows["ratio"].to_list(), 1.0])
    figure.update_xaxes(
        type="log", range=[log10(low) - 0.3, log10(high) + 0.3], tickvals=list(PARTS),
        ticktext=[t("open_closed.ratios.part", number=f"{100 * part:g}") for part in PARTS],
        title=t("open_closed.ratios.axis"),
    )  # fmt: skip
    on_phones(figure, margin__t=50)
    return Chart(
        name=name,
        title=ratios_sentence(frame, t),
        subtitle=t(
            "open_closed.ratios.subtitle",
            n=rows.height, others=frame.height - rows.height, day=day_words(_day(frame), t),
        ),
        alt=t(
            "open_closed.ratios.alt",
            ratios=t.listing(
                f"{cut(row['derivative'], 40)} {_part(row['ratio'], t)}" for row in rows.iter_rows(named=True)
            ),
        ),
        table=_spoken(rows, t).select(
            "derivative", "base_model", "definition", "unit", "derivative_amount", "derivative_precision",
            "base_amount", "base_precision", "ratio", "ratio_precision",
        ),
        figure=figure,
        note=t.joined(*t.lines("open_closed.ratios.note")),
        headings=t.table("open_closed.costs.headings"),
        context={"as_of_date": _day(frame)},
    )  # fmt: skip


def ratios_sentence(frame: pl.DataFrame, t: Language) -> str:
    """Say between which parts of their bases' costs the derivatives lie."""
    rows = frame.filter(pl.col("ratio").is_not_null()).sort("ratio", "derivative")
    if rows.is_empty():
        return t("open_closed.ratios.question")
    parts = t.range(_part(rows["ratio"].to_list()[0], t), _part(rows["ratio"].to_list()[-1], t))
    return t("open_closed.ratios.title", n=rows.height, parts=parts)


def register_sentence(frame: pl.DataFrame, t: Language) -> str:
    """Say what the costs are from."""
    return t("open_closed.costs.register", day=day_words(_day(frame), t))


def _day(frame: pl.DataFrame) -> date | None:
    """Give the day of the register of costs; its rows are added when somebody reads of them."""
    return max(frame["as_of_date"].drop_nulls().to_list(), default=None)


def cost_amounts(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw what derivatives cost in dollars, with the definition on each mark."""
    name = "cost-amounts"
    verified = frame.filter(pl.col("note").is_null() | (pl.col("note") != UNVERIFIED))
    rows = verified.filter(pl.col("unit") == "usd").sort("derivative_amount", "derivative", "definition")
    if rows.is_empty():
        return nothing(name, t("open_closed.amounts.question"), t("open_closed.amounts.empty"))
    order = (
        rows.group_by("derivative").agg(least=pl.col("derivative_amount").min()).sort("least", "derivative")
    )
    places = {one: float(-place) for place, one in enumerate(order["derivative"].to_list())}
    figure = canvas(ROW * order.height + 140, showlegend=True)
    for definition in _definitions(rows):
        mine = rows.filter(pl.col("definition") == definition)
        figure.add_trace(_amount_marks(mine, places, definition, t))
    row_labels(figure, [label(one, 34) for one in places], list(places.values()), 0.42)
    figure.update_yaxes(range=[-order.height + 0.5, 0.8])
    low, high = rows["derivative_amount"].to_list()[0], rows["derivative_amount"].to_list()[-1]
    figure.update_xaxes(
        type="log", range=[log10(low) - 0.2, log10(high) + 0.5], dtick=1, tickprefix="&#36;", tickformat="~s",
        title=t("open_closed.amounts.axis"),
    )  # fmt: skip
    on_phones(figure, margin__t=120)
    return Chart(
        name=name,
        title=_amounts_title(rows, t),
        subtitle=t(
            "open_closed.amounts.subtitle", n=rows.height, models=order.height,
            day=day_words(_day(frame), t),
        ),
        alt=t(
            "open_closed.amounts.alt",
            amounts=t.listing(
                f"{cut(row['derivative'], 40)} {_dollars(row['derivative_amount'], t)}"
                for row in rows.iter_rows(named=True)
            ),
        ),
        table=_spoken(rows, t).select(
            "derivative", "base_model", "definition", "derivative_amount", "derivative_precision", "note"
        ),
        figure=figure,
        note=t.joined(*t.lines("open_closed.amounts.note")),
        headings=t.table("open_closed.costs.headings"),
        context={"as_of_date": _day(frame)},
    )  # fmt: skip


def definition_words(definition: str, t: Language) -> str:
    """Name a definition of cost."""
    return t.or_else(f"open_closed.costs.definitions.{definition}", definition.replace("_", " "))


def _legend_words(definition: str, t: Language) -> str:
    """Name a definition in a legend, on two lines where it has two parts."""
    return "<br>".join(full(part) for part in re.split(r"(?<=[;；]) ?", definition_words(definition, t)))


def _definitions(rows: pl.DataFrame) -> list[str]:
    present = rows["definition"].unique(maintain_order=True).to_list()
    known = [definition for definition in DEFINITIONS if definition in present]
    return known + sorted(set(present) - set(known))


def _spoken(rows: pl.DataFrame, t: Language) -> pl.DataFrame:
    """Put the words of the definitions, of the precision and of the reasons into the table."""
    precisions = [column for column in rows.columns if column.endswith("_precision")]
    return rows.with_columns(
        spoken("definition", "open_closed.costs.definitions", t),
        reasoned("note", "open_closed", t),
        *(spoken(column, "open_closed.costs.precisions", t) for column in precisions),
    )


def _ratio_marks(mine: list[tuple[float, dict[str, Any]]], definition: str, t: Language) -> go.Scatter:
    colour, symbol = DEFINITIONS.get(definition, (GREY, "circle"))
    return go.Scatter(
        x=[row["ratio"] for _, row in mine], y=[place for place, _ in mine], mode="markers+text",
        name=_legend_words(definition, t), marker={"size": 11, "color": colour, "symbol": symbol},
        text=[f" {_part(row['ratio'], t)}" for _, row in mine], textposition="middle right", cliponaxis=False,
        customdata=[full(_ratio_hover(row, t)) for _, row in mine],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _ratio_hover(row: dict[str, Any], t: Language) -> str:
    unit = row["unit"]
    return t(
        "open_closed.ratios.hover", derivative=cut(row["derivative"]), base=cut(row["base_model"] or ""),
        amount=_amount(row["derivative_amount"], unit, t), of=_amount(row["base_amount"], unit, t),
        definition=definition_words(row["definition"], t), part=_part(row["ratio"], t),
        precision=t.or_else(f"open_closed.costs.precisions.{row['ratio_precision']}", ""),
    )  # fmt: skip


def _amount_marks(mine: pl.DataFrame, places: dict[str, float], definition: str, t: Language) -> go.Scatter:
    colour, symbol = DEFINITIONS.get(definition, (GREY, "circle"))
    return go.Scatter(
        x=mine["derivative_amount"].to_list(), y=[places[one] for one in mine["derivative"].to_list()],
        mode="markers", name=_legend_words(definition, t), cliponaxis=False,
        marker={"size": 11, "color": colour, "symbol": symbol, "line": {"width": 2, "color": colour}},
        customdata=[
            full(
                t(
                    "open_closed.amounts.hover", derivative=cut(row["derivative"]),
                    amount=_dollars(row["derivative_amount"], t), definition=definition_words(definition, t),
                    precision=t.or_else(f"open_closed.costs.precisions.{row['derivative_precision']}", ""),
                )
            )
            for row in mine.iter_rows(named=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _amounts_title(rows: pl.DataFrame, t: Language) -> str:
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    return t(
        "open_closed.amounts.title", least=_dollars(first["derivative_amount"], t),
        cheap=cut(first["derivative"], 40), most=_dollars(last["derivative_amount"], t),
        dear=cut(last["derivative"], 40),
    )  # fmt: skip


def _part(ratio: float, t: Language) -> str:
    """Write a part of a cost with two figures, however small it is."""
    if ratio >= 0.01:
        return t.percent(ratio)
    return t("open_closed.ratios.part", number=f"{100 * ratio:.2g}")


def _dollars(amount: float, t: Language) -> str:
    return t("open_closed.costs.usd", amount=t.count(amount))


def _amount(amount: int, unit: str, t: Language) -> str:
    return _dollars(amount, t) if unit == "usd" else t("open_closed.costs.gpu_hours", amount=t.count(amount))
