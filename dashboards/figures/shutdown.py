"""What falls as organizations stop, what a year of silence costs, and the platform.

Here: figures of the shutdown page. Not here: the simulator, which draws itself (static/simulator.js), and
real withdrawals (withdrawals).
"""

from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.data.exposure import ExposedList
from dashboards.data.shutdown import reason
from dashboards.figures.chart import (
    Chart,
    canvas,
    full,
    label,
    nothing,
    on_phones,
    row_labels,
)
from dashboards.figures.lists import context, telling
from dashboards.figures.marks import band, whiskers
from dashboards.figures.rows import labelled
from dashboards.language import Language
from dashboards.theme import BLUE, GREEN, GREY, OLIVE, ORANGE, RED, organization_colour
from dashboards.words import cut, sentence

ORDERS = 200
_ORDER_COLOURS = {"worst_first": RED, "largest_first": OLIVE, "random": BLUE}
#: Labels of organizations on the curve of the worst order: so many, and so far apart in share.
_NAMED_STEPS = 8
_LEAST_APART = 0.045
#: On a phone only so much of the curve has room for them.
_PHONE_PART = 0.25
#: Nearer than so, the names of two curves stand above each other.
_CLOSE = 0.08
_YEAR_ROWS = 12


def what(universe: str, weight: str, t: Language) -> str:
    """Say what is counted, as in a sentence."""
    key = "downloads" if weight == "downloads_30d" else weight
    return t(f"shutdown.script.{key}", universe=t.universe(universe))


def list_name(exposed: ExposedList, t: Language) -> str:
    """Name a list with its day."""
    return t.model_list(exposed.scope, exposed.title, exposed.snapshot_date)


def telling_of(exposed: ExposedList, weight: str, t: Language) -> str:
    """Say of how many models a list tells what is counted; nothing where of all."""
    return telling(t, exposed.models, exposed.models_with_downloads, weight)


# Curve ---------------------------------------------------------------------------------------------------


def curve(
    frame: pl.DataFrame, loss: str, exposed: ExposedList, universe: str, weight: str, t: Language
) -> Chart:
    """Draw what stands as organizations stop: the worst first, the largest first, and in random order."""
    name = f"shutdown-{loss.replace('_', '-')}"
    rows = frame.filter(pl.col("loss") == loss)
    if set(rows["removal_order"].to_list()) < set(_ORDER_COLOURS):  # one order alone says nothing
        return nothing(name, t(f"shutdown.bars.{'lost_now' if loss == 'lost_now' else 'never_born_any'}"),
                       t("shutdown.curve.none"))  # fmt: skip
    worst = rows.filter(pl.col("removal_order") == "worst_first")
    counted, listed = what(universe, weight, t), sentence(list_name(exposed, t))
    return Chart(
        name=name,
        title=_curve_title(worst, loss, t),
        subtitle=t.joined(
            t("shutdown.curve.subtitle", what=counted, list=listed, n=rows["organizations"][0],
              orders=ORDERS),
            telling_of(exposed, weight, t),
        ),
        alt=_curve_alt(rows, worst, t),
        table=rows.select(
            _order_words(t), "removed", "organization", "remaining_share", lower_share="lower",
            upper_share="upper",
        ),
        figure=_curve_figure(rows, worst, t),
        note=t("shutdown.curve.note"),
        headings={
            "removal_order": t("shutdown.curve.order"), "removed": t("shutdown.curve.removed"),
            "organization": t("shutdown.curve.organization"),
            "remaining_share": t("shutdown.curve.remaining"),
            "lower_share": t("shutdown.curve.lower"), "upper_share": t("shutdown.curve.upper"),
        },
        context=context(exposed, universe=universe, weight=weight, evidence="curated", loss=loss),
    )  # fmt: skip


def _order_words(t: Language) -> pl.Expr:
    orders = {order: t(f"shutdown.curve.{order}") for order in _ORDER_COLOURS}
    return pl.col("removal_order").replace_strict(orders, return_dtype=pl.String)


def _curve_alt(rows: pl.DataFrame, worst: pl.DataFrame, t: Language) -> str:
    steps = worst["removed"][-1]
    told = "; ".join(
        t("shutdown.curve.step", n=row["removed"], left=t.percent_range(row["lower"], row["upper"]))
        for row in worst.filter(pl.col("removed").is_in([1, 2, 5, 10, steps])).iter_rows(named=True)
    )
    random = rows.filter(pl.col("removal_order") == "random")["remaining_share"][-1]
    return t("shutdown.curve.alt", worst=told, n=steps, random=t.percent(random))


def _curve_figure(rows: pl.DataFrame, worst: pl.DataFrame, t: Language) -> go.Figure:
    figure = canvas(430, hovermode="closest")
    own = {order: rows.filter(pl.col("removal_order") == order) for order in _ORDER_COLOURS}
    for order in ("random", "worst_first"):
        steps, lower, upper = (own[order][column].to_list() for column in ("removed", "lower", "upper"))
        figure.add_trace(band(steps, lower, upper, _ORDER_COLOURS[order]))
    for order, mine in own.items():
        _order(figure, mine, order, t)
    ends = {order: mine["remaining_share"][-1] for order, mine in own.items()}
    is_close = ends["largest_first"] - ends["worst_first"] < _CLOSE
    for order, lift in (("worst_first", 15), ("largest_first", 31 if is_close else 15), ("random", -15)):
        figure.add_annotation(
            text=f"<b>{t(f'shutdown.curve.{order}')}</b>", x=worst["removed"][-1], y=ends[order],
            xanchor="right", yshift=lift, font={"color": _ORDER_COLOURS[order], "size": 12},
        )  # fmt: skip
        if lift > 0:  # where the name is half as long as the curve, it begins where that is higher
            place = len(figure.layout.annotations) - 1
            on_phones(figure, **{f"annotations__{place}__yshift": lift + 12})
    _step_names(figure, worst)
    figure.update_xaxes(
        title={"text": t("shutdown.curve.removed")}, range=[-0.4, worst.height - 0.3], dtick=5
    )
    figure.update_yaxes(range=[0, 1.04], tickformat=".0%", title={"text": t("shutdown.curve.remaining")})
    return figure


def _curve_title(worst: pl.DataFrame, loss: str, t: Language) -> str:
    """Say how many take half away; where even all that were followed do not for sure, what is left."""
    surely, perhaps = (
        worst.filter(pl.col(column) <= 0.5)["removed"].min() for column in ("remaining_share", "lower")
    )
    if surely is None:
        last = worst.row(-1, named=True)
        left = t.percent_range(last["lower"], last["remaining_share"])
        return t(f"shutdown.curve.{loss}_not", n=last["removed"], left=left)
    form = "half" if surely == perhaps else "range"
    return t(f"shutdown.curve.{loss}_{form}", n=surely, low=perhaps)


def _order(figure: go.Figure, rows: pl.DataFrame, order: str, t: Language) -> None:
    words = t(f"shutdown.curve.{order}")
    hovers = [
        t("shutdown.curve.hover", n=row["removed"], order=words, share=t.percent(row["remaining_share"]),
          range=t.percent_range(row["lower"], row["upper"]))
        + (f"<br>{t('shutdown.curve.last', name=full(row['organization']))}" if row["organization"] else "")
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    dash = {"largest_first": "dot"}.get(order, "solid")
    figure.add_trace(
        go.Scatter(
            x=rows["removed"].to_list(), y=rows["remaining_share"].to_list(), mode="lines+markers",
            name=words,
            line={"color": _ORDER_COLOURS[order], "dash": dash, "width": 2}, marker={"size": 5},
            customdata=hovers, hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip


def _step_names(figure: go.Figure, worst: pl.DataFrame) -> None:
    """Name the organizations of the first steps beside the curve, where there is room for a line each."""
    last = 2.0
    for row in worst.filter(pl.col("organization").is_not_null()).head(_NAMED_STEPS).iter_rows(named=True):
        if last - row["remaining_share"] < _LEAST_APART:
            continue
        last = row["remaining_share"]
        figure.add_annotation(
            text=label(row["organization"], 26), x=row["removed"], y=last, xanchor="left", xshift=7, yshift=4,
            font={"size": 11},
        )  # fmt: skip
        if row["removed"] > worst.height * _PHONE_PART:
            on_phones(figure, **{f"annotations__{len(figure.layout.annotations) - 1}__text": ""})


# A year of silence ---------------------------------------------------------------------------------------


def year(rows: pl.DataFrame, listed: str, t: Language) -> Chart:
    """Draw what a freeze a year before would have cost, and the estimate for the coming year if there is one.

    rows: those of one list of `freezes`; `listed` names the list.
    """
    name = "shutdown-year"
    if rows.is_empty():
        return nothing(name, t("shutdown.year.title"), t("shutdown.year.none"))
    shown = rows.filter(pl.col("past_year_of_new_bases") + pl.col("undated_derivatives") > 0).head(_YEAR_ROWS)
    estimated = shown.filter(pl.col("loss").is_not_null())
    first = rows.row(0, named=True)
    return Chart(
        name=name,
        title=_year_title(first, t),
        subtitle=t("shutdown.year.subtitle", day=t.short_day(first["as_of_date"]), list=listed, n=_YEAR_ROWS),
        alt=_year_alt(shown, estimated, t),
        table=shown.select(
            "organization", "releases", "past_year_of_new_bases", "undated_derivatives", "loss", "lower",
            "upper",
            pl.Series("status", [status_words(each, t) for each in shown["status"]], dtype=pl.String),
        ),
        figure=_year_figure(shown, t),
        note=_year_note(estimated, t),
        headings={
            "organization": t("shutdown.year.organization"), "releases": t("shutdown.year.releases"),
            "past_year_of_new_bases": t("shutdown.year.counted"),
            "undated_derivatives": t("shutdown.year.undated"), "loss": t("shutdown.year.loss"),
            "lower": t("shutdown.year.lower"), "upper": t("shutdown.year.upper"),
            "status": t("shutdown.year.status"),
        },
        context={"scope": first["scope"], "as_of_date": first["as_of_date"], "universe": "all",
                 "weight": "derivatives", "evidence": "curated"},
    )  # fmt: skip


def _year_title(first: dict[str, Any], t: Language) -> str:
    if not first["past_year_of_new_bases"]:
        return t("shutdown.year.found_none")
    counted, flow = first["past_year_of_new_bases"], first["past_year_flow"]
    return t("shutdown.year.found", name=cut(first["organization"], 40), counted=counted, flow=flow,
             share=t.percent(counted / flow), day=t.short_day(first["as_of_date"]))  # fmt: skip


def _year_alt(shown: pl.DataFrame, estimated: pl.DataFrame, t: Language) -> str:
    values = t.listing(
        f"{cut(row['organization'], 40)} {t.exact(row['past_year_of_new_bases'])}"
        for row in shown.iter_rows(named=True)
    )
    told = t.listing(
        f"{cut(row['organization'], 40)} {t.count(row['loss'])} "
        f"({t.range(t.count(row['lower']), t.count(row['upper']))})"
        for row in estimated.iter_rows(named=True)
    )
    return t("shutdown.year.alt", values=values, estimated=told or t("shutdown.year.no_estimate"))


def _year_figure(shown: pl.DataFrame, t: Language) -> go.Figure:
    places = [-float(place) for place in range(shown.height)]
    figure = canvas(70 + 46 * max(shown.height, 1), barmode="stack")
    _counted(figure, shown, places, t)
    _estimates(figure, shown, places, t)
    names = [
        f"{label(row['organization'], 40)} <b>{t.exact(row['past_year_of_new_bases'])}</b>"
        for row in shown.iter_rows(named=True)
    ]
    row_labels(figure, names, places, 0.38)
    figure.update_yaxes(range=[(places or [0.0])[-1] - 0.5, 0.7])
    figure.update_xaxes(title={"text": t("shutdown.year.axis")}, rangemode="tozero")
    return figure


def status_words(status: str, t: Language) -> str:
    """Say whether there is an estimate, and if not why."""
    key, values = reason(status)
    if key in ("estimated", "illustration"):
        return t(f"shutdown.year.{key}_status")
    return t("shutdown.year.reason_status", reason=t(f"shutdown.script.reasons.{key}", **values))


def _counted(figure: go.Figure, shown: pl.DataFrame, places: list[float], t: Language) -> None:
    hovers = [
        t("shutdown.year.hover", name=full(row["organization"]), counted=row["past_year_of_new_bases"],
          undated=row["undated_derivatives"], releases=row["releases"])
        for row in shown.iter_rows(named=True)
    ]  # fmt: skip
    colours = [organization_colour(each) for each in shown["organization_id"]]
    for column, is_hatched in (("past_year_of_new_bases", False), ("undated_derivatives", True)):
        pattern = {"shape": "/", "size": 6, "solidity": 0.35} if is_hatched else {}
        figure.add_trace(
            go.Bar(
                x=shown[column].to_list(), y=places, orientation="h", width=0.36, name=column,
                marker={"color": colours, "pattern": pattern, "line": {"width": 0}},
                customdata=hovers, hovertemplate="%{customdata}<extra></extra>",
            )
        )  # fmt: skip


def _estimates(figure: go.Figure, shown: pl.DataFrame, places: list[float], t: Language) -> None:
    rows = [
        (place, row)
        for place, row in zip(places, shown.iter_rows(named=True), strict=True)
        if row["loss"] is not None
    ]
    if not rows:
        return
    loss, lower, upper = ([row[column] for _, row in rows] for column in ("loss", "lower", "upper"))
    figure.add_trace(
        go.Scatter(
            x=loss, y=[place - 0.3 for place, _ in rows], mode="markers",
            marker={"symbol": "diamond", "size": 11, "color": ORANGE},
            error_x=whiskers(loss, lower, upper, ORANGE, thickness=2, width=6),
            customdata=[
                t("shutdown.year.hover_estimate", name=full(row["organization"]), loss=t.count(row["loss"]),
                  range=t.range(t.count(row["lower"]), t.count(row["upper"])))
                for _, row in rows
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    place, row = rows[0]
    figure.add_annotation(
        text=t("shutdown.year.estimated"), x=row["upper"], y=place - 0.3, xanchor="right", yshift=11,
        font={"size": 11, "color": ORANGE},
    )  # fmt: skip


def _year_note(estimated: pl.DataFrame, t: Language) -> str:
    if estimated.is_empty():
        return t("shutdown.year.note_none")
    is_illustration = any(reason(each)[0] == "illustration" for each in estimated["status"])
    return t(
        "shutdown.year.note_some",
        names=t.listing(cut(each, 40) for each in estimated["organization"]),
        illustration=t("shutdown.script.illustration") if is_illustration else "",
    ).strip()


# The platform --------------------------------------------------------------------------------------------


def platform(rows: pl.DataFrame, t: Language) -> Chart:
    """Draw which part of each list has a copy, which lies on the same platform.

    rows: those of `platforms`.
    """
    name = "platform-copies"
    copied = rows.filter((pl.col("subject") == "copied_within_platform") & pl.col("share").is_not_null())
    if copied.is_empty():
        return nothing(name, t("shutdown.platform.title"), t("shutdown.platform.none"))
    whole = rows.filter(pl.col("subject") == "read_from_platform").select(
        "scope", listed="number", all_downloads="downloads_30d"
    )
    shown = copied.join(whole, on="scope", how="left", maintain_order="left")
    span = t.percent_range(min(shown["share"]), max(shown["share"]))
    days = t.range(*(t.short_day(end(shown["snapshot_date"])) for end in (min, max)))
    return Chart(
        name=name,
        title=t(f"shutdown.platform.{'found' if shown.height > 1 else 'found_one'}", range=span),
        subtitle=t("shutdown.platform.subtitle", days=days),
        alt=t("shutdown.platform.alt",
              values="; ".join(f"{cut(row['scope'], 40)} {t.percent(row['share'])}"
                               for row in shown.iter_rows(named=True))),
        table=shown.select(
            "scope", "snapshot_date", models="listed", models_with_downloads="with_downloads_30d",
            downloads_30d="all_downloads", number="number", share="share",
            elsewhere=pl.lit(t("common.not_known")),
        ),
        figure=_platform_figure(shown, t),
        headings={
            "scope": t("shutdown.platform.list"), "snapshot_date": t("shutdown.platform.day"),
            "models": t("shutdown.platform.models"), "models_with_downloads": t("shutdown.platform.told"),
            "downloads_30d": t("shutdown.platform.downloads"),
            "number": t("shutdown.platform.number"), "share": t("shutdown.platform.share"),
            "elsewhere": t("shutdown.platform.elsewhere_column"),
        },
        context={"universe": "all", "weight": "downloads_30d"},
    )  # fmt: skip


def _platform_figure(shown: pl.DataFrame, t: Language) -> go.Figure:
    places = [-float(place) for place in range(shown.height)]
    figure = canvas(
        100 + 64 * shown.height, barmode="stack", showlegend=True, legend={"traceorder": "normal"}
    )
    hovers = [
        t("shutdown.platform.hover", list=full(t.scope(row["scope"], row["title"])),
          share=t.percent(row["share"]), downloads=t.count(row["all_downloads"]),
          number=t("common.models", n=row["number"]))
        for row in shown.iter_rows(named=True)
    ]  # fmt: skip
    parts = (
        ("copied", shown["share"].to_list(), GREEN),
        ("alone", [1 - share for share in shown["share"]], GREY),
    )
    for key, shares, colour in parts:
        figure.add_trace(
            go.Bar(
                x=shares, y=places, orientation="h", width=0.34, name=t(f"shutdown.platform.{key}"),
                marker={"color": colour, "opacity": 1 if key == "copied" else 0.35, "line": {"width": 0}},
                customdata=hovers, hovertemplate="%{customdata}<extra></extra>",
            )
        )  # fmt: skip
    heads = [
        t("lists.option", day=t.short_day(row["snapshot_date"]), title=t.scope(row["scope"], row["title"]))
        for row in shown.iter_rows(named=True)
    ]
    counted, short = (
        [_platform_words(row, form, t) for row in shown.iter_rows(named=True)] for form in ("told", "short")
    )
    labelled(figure, heads, heads, [place + 0.58 for place in places], style="<b>{}</b>")
    labelled(figure, counted, short, [place + 0.32 for place in places], first=len(heads))
    figure.update_yaxes(range=[places[-1] - 0.35, 0.8])
    figure.update_xaxes(range=[0, 1], tickformat=".0%", title={"text": t("shutdown.platform.axis")})
    return figure


def _platform_words(row: dict[str, Any], form: str, t: Language) -> str:
    """Say which part of which downloads has a copy, and of how many models the downloads are known."""
    told, models = row["with_downloads_30d"], row["listed"]
    share, total = t.percent(row["share"]), t.count(row["all_downloads"])
    if told is None or told == models:
        return t("shutdown.platform.row.whole", share=share, total=total, models=t("common.models", n=models))
    return t(f"shutdown.platform.row.{form}", share=share, total=total, told=told, n=models)
