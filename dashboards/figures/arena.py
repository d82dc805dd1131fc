"""Open against proprietary models in the arena, where people vote between two answers."""

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
    vertical_mark,
    with_gaps,
)
from dashboards.figures.marks import band, whiskers
from dashboards.figures.reasons import reasoned, reasons
from dashboards.figures.rows import labelled
from dashboards.language import Language
from dashboards.theme import BLUE, GREEN, ORANGE, PURPLE
from dashboards.words import cut

#: A line never crosses a hole longer than this.
LONGEST_GAP_DAYS = 62
COLOURS = (BLUE, ORANGE, GREEN, PURPLE)
#: Lines of names below the gap, and how many signs fit on one.
NAME_LINES = 4
SIGNS, SIGNS_ON_PHONES = 110, 40
ROW = 38


def arena_gap(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw how far the best open model is behind the best proprietary one; a line a board and scale."""
    name = "arena-gap"
    told = frame.filter(pl.col("gap_points").is_not_null())
    if told.is_empty():
        return nothing(name, t("open_closed.gap.question"), _why_nothing(frame, t))
    boards = told["board"].unique(maintain_order=True).to_list()
    figure = canvas(430, showlegend=len(boards) > 1)
    for (board, scale), group in told.group_by("board", "scale", maintain_order=True):
        colour = COLOURS[boards.index(board) % len(COLOURS)]
        _gap_line(figure, group, colour, t, is_named=scale == told.filter(board=board)["scale"].min())
        if scale > 1:
            vertical_mark(figure, group["as_of_date"].to_list()[0], t("open_closed.gap.rescaled"))
    figure.add_hline(y=0, line={"width": 1, "color": GREEN})
    highest = max(told["gap_upper"].fill_null(0).max() or 0, told["gap_points"].max())  # type: ignore[type-var]
    lowest = min(0, told["gap_lower"].fill_null(0).min(), told["gap_points"].min())  # type: ignore[type-var]
    figure.update_yaxes(title=t("open_closed.gap.axis"), range=[lowest - 0.28 * highest, 1.12 * highest])  # type: ignore[operator]
    _name_open_models(figure, told)
    dates = told["as_of_date"].to_list()
    return Chart(
        name=name,
        title=_gap_title(told, t),
        subtitle=t(
            "open_closed.gap.subtitle", boards=t.listing(board_words(board, t) for board in boards),
            first=min(dates), last=max(dates), n=told.height,
        ),
        alt=t("open_closed.gap.alt", points=_some_gaps(told, t)),
        table=told.select(
            "board", "as_of_date", "scale", "open_model", "open_rating", "proprietary_model",
            "proprietary_rating", "gap_points", "gap_lower", "gap_upper", "interval_lower", "interval_upper",
            "open_win_share", "models", "unverified_models",
        ),
        figure=figure,
        note=t.joined(*t.lines("open_closed.gap.note"), _noise(told, t)),
        headings=t.table("open_closed.gap.headings"),
        is_dated=True,
    )  # fmt: skip


def gap_sentence(frame: pl.DataFrame, t: Language) -> str:
    """Say how the newest gap stands."""
    told = frame.filter(pl.col("gap_points").is_not_null())
    if told.is_empty():
        return t("open_closed.gap.question")
    row = told.sort("as_of_date", "board").row(-1, named=True)
    return t(
        f"open_closed.gap.{_side(row)}", day=row["as_of_date"], points=f"{abs(row['gap_points']):.0f}",
        open=cut(row["open_model"], 40), closed=cut(row["proprietary_model"], 40),
        share=t.percent(row["open_win_share"]),
    )  # fmt: skip


def _gap_title(told: pl.DataFrame, t: Language) -> str:
    row = told.sort("as_of_date", "board").row(-1, named=True)
    points = f"{abs(row['gap_points']):.0f}"
    return t(f"open_closed.gap.title.{_side(row)}", day=row["as_of_date"], points=points)


def _side(row: dict[str, Any]) -> str:
    return "behind" if row["gap_points"] > 0 else "ahead" if row["gap_points"] < 0 else "level"


def board_words(board: str, t: Language) -> str:
    """Name a board; one that nobody knows stands as it is."""
    return t.or_else(f"open_closed.boards.{board.replace('/', '_')}", board)


def _why_nothing(frame: pl.DataFrame, t: Language) -> str:
    notes = reasons(t, "open_closed", frame["note"].drop_nulls().unique(maintain_order=True).to_list())
    return t.joined(t("open_closed.gap.empty"), notes)


def _gap_line(figure: go.Figure, group: pl.DataFrame, colour: str, t: Language, *, is_named: bool) -> None:
    """Draw one scale: the band of unverified names, the intervals where given, and the line."""
    rows = group.sort("as_of_date")
    dates, gaps = rows["as_of_date"].to_list(), rows["gap_points"].to_list()
    lower, upper = (
        with_gaps(dates, rows[end].fill_null(rows["gap_points"]).to_list(), LONGEST_GAP_DAYS)[1]
        for end in ("gap_lower", "gap_upper")
    )
    xs, ys = with_gaps(dates, gaps, LONGEST_GAP_DAYS)
    figure.add_trace(band(xs, lower, upper, colour, opacity=0.22))
    figure.add_trace(
        go.Scatter(
            x=xs,
            y=ys,
            mode="lines",
            line={"width": 2, "color": colour},
            hoverinfo="skip",
            connectgaps=False,
            name=label(board_words(rows["board"].to_list()[0], t), 40),
            showlegend=is_named,
        )
    )
    figure.add_trace(
        go.Scatter(
            x=isodates(dates), y=gaps, mode="markers", marker={"size": 6, "color": colour}, showlegend=False,
            error_y=whiskers(
                gaps, rows["interval_lower"].to_list(), rows["interval_upper"].to_list(), colour
            ),
            text=[_gap_hover(row, t) for row in rows.iter_rows(named=True)],
            hovertemplate="%{text}<extra></extra>",
        )
    )  # fmt: skip


def _gap_hover(row: dict[str, Any], t: Language) -> str:
    lines = [
        t.day(row["as_of_date"]),
        t("open_closed.gap.hover.open", model=cut(row["open_model"]), rating=f"{row['open_rating']:.0f}"),
        t(
            "open_closed.gap.hover.closed", model=cut(row["proprietary_model"]),
            rating=f"{row['proprietary_rating']:.0f}",
        ),
        t(
            "open_closed.gap.hover.gap", points=f"{row['gap_points']:.1f}",
            range=t.range(f"{row['gap_lower']:.1f}", f"{row['gap_upper']:.1f}"),
        ),
        t("open_closed.gap.hover.share", share=t.percent(row["open_win_share"])),
    ]  # fmt: skip
    return "<br>".join(full(line) for line in lines)


def _name_open_models(figure: go.Figure, told: pl.DataFrame) -> None:
    """Write each best open model at the bottom, where it took the lead and there is room; fewer on phones."""
    others = [annotation.to_plotly_json() for annotation in figure.layout.annotations]
    narrow = _model_names(told, SIGNS_ON_PHONES)
    figure.update_layout(annotations=[*others, *_model_names(told, SIGNS)])
    on_phones(figure, annotations=[*others, *narrow], xaxis__nticks=4)


def _model_names(told: pl.DataFrame, signs: int) -> list[dict[str, Any]]:
    """Place the names on a few lines, the newest first; a stroke at the end of a name marks the day.

    signs: how many fit between the first and the last day.
    """
    first, newest = min(told["as_of_date"].to_list()), max(told["as_of_date"].to_list())
    days_a_sign = ((newest - first).days + 1) / signs
    free_until = [float(signs + 4)] * NAME_LINES
    names = []
    for row in reversed(_new_leaders(told)):
        name = cut(row["open_model"], 20)
        day = (row["as_of_date"] - first).days / days_a_sign
        is_left = day + len(name) > signs
        begin, end = (day - len(name) - 4, day + 1) if is_left else (day, day + len(name) + 4)
        line = next((line for line, free in enumerate(free_until) if end <= free), None)
        if line is None:
            continue
        free_until[line] = begin
        names.append(
            {
                "text": f"{label(name)} |" if is_left else f"| {label(name)}",
                "x": row["as_of_date"].isoformat(), "y": 0, "yref": "paper", "yshift": 3 + 14 * line,
                "xanchor": "right" if is_left else "left", "yanchor": "bottom", "showarrow": False,
                "font": {"size": 10},
            }
        )  # fmt: skip
    return names


def _new_leaders(told: pl.DataFrame) -> list[dict[str, Any]]:
    """Give the first day on which each open model was the best of its board."""
    leaders = told.sort("as_of_date", "board").unique(
        ["board", "open_model"], keep="first", maintain_order=True
    )
    return leaders.to_dicts()


def _noise(told: pl.DataFrame, t: Language) -> str:
    """Say how much ratings move on the newest scale where no interval is given."""
    newest = told.sort("as_of_date", "board").row(-1, named=True)
    if newest["interval_lower"] is not None or newest["noise_points"] is None:
        return ""
    return t("open_closed.gap.noise", points=f"{newest['noise_points']:.1f}")


def _some_gaps(told: pl.DataFrame, t: Language) -> str:
    """Give the first and the last gap of each scale."""
    ends = [
        group.sort("as_of_date").row(place, named=True)
        for _, group in told.group_by("board", "scale", maintain_order=True)
        for place in (0, -1)
    ]
    return t.listing(f"{t.short_day(row['as_of_date'])} {row['gap_points']:.0f}" for row in ends)


# How long until open caught up --------------------------------------------------------------------------


def arena_lag(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw for each proprietary model that led the board how long it took an open one to reach it."""
    name = "arena-lag"
    led = leaders(frame)
    rows = led.filter(pl.col("lag_days") > 0)
    if rows.is_empty():
        return nothing(name, t("open_closed.lag.question"), _why_no_lag(frame, t))
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(ROW * rows.height + 90, showlegend=True)
    for is_caught, colour, symbol in ((True, GREEN, "circle"), (False, PURPLE, "triangle-right")):
        mine = [
            (place, row) for place, row in zip(places, rows.iter_rows(named=True), strict=True)
            if (row["lag_status"] == "caught up") is is_caught
        ]  # fmt: skip
        if mine:
            _lag_lines(figure, mine, colour, symbol, t, is_caught=is_caught)
    wide, narrow = (
        [f"{cut(row['proprietary_model'], signs)} · {t.short_day(row['as_of_date'])}"
         for row in rows.iter_rows(named=True)]
        for signs in (60, 28)
    )  # fmt: skip
    labelled(figure, wide, narrow, [place + 0.42 for place in places])
    figure.update_yaxes(range=[-rows.height + 0.5, 0.8])
    longest: int = max(rows["lag_days"].to_list())
    newest: date = max(frame["as_of_date"].to_list())
    figure.update_xaxes(title=t("open_closed.lag.axis"), range=[0, 1.12 * longest])
    boards = rows["board"].unique(maintain_order=True).to_list()
    return Chart(
        name=name,
        title=lag_sentence(frame, t),
        subtitle=t(
            "open_closed.lag.subtitle", n=rows.height, first=rows["as_of_date"].to_list()[0],
            last=newest,
            boards=t.listing(board_words(board, t) for board in boards),
        ),
        alt=t("open_closed.lag.alt", days=_lag_listing(rows, t)),
        table=rows.select(
            "board", "proprietary_model", "as_of_date", "lag_days", "caught_up_date", "lag_status"
        ).with_columns(reasoned("lag_status", "open_closed", t)),
        figure=figure,
        note=t.joined(*t.lines("open_closed.lag.note", n=led.height - rows.height)),
        headings=t.table("open_closed.lag.headings"),
        context={"newest_date": newest},
    )  # fmt: skip


def leaders(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the first day of each proprietary model at the top of its board, where the lag is estimable."""
    told = frame.filter(pl.col("lag_days").is_not_null() & pl.col("proprietary_model").is_not_null())
    return told.sort("as_of_date", "board").unique(
        ["board", "proprietary_model"], keep="first", maintain_order=True
    )


def lag_sentence(frame: pl.DataFrame, t: Language) -> str:
    """Say how long it took open models to reach those that led."""
    rows = leaders(frame).filter(pl.col("lag_days") > 0)
    caught = rows.filter(pl.col("lag_status") == "caught up").sort("lag_days", "as_of_date")
    if rows.is_empty():
        return t("open_closed.lag.question")
    if caught.is_empty():
        return t("open_closed.lag.none", n=rows.height)
    days = caught["lag_days"].to_list()
    return t(
        "open_closed.lag.title", n=rows.height, caught=caught.height,
        days=t.range(t.exact(days[0]), t.exact(days[-1])),
    )  # fmt: skip


def _why_no_lag(frame: pl.DataFrame, t: Language) -> str:
    statuses = frame["lag_status"].drop_nulls().unique(maintain_order=True).to_list()
    return t.joined(t("open_closed.lag.empty"), reasons(t, "open_closed", statuses))


def _lag_lines(
    figure: go.Figure, mine: list[tuple[float, dict[str, Any]]], colour: str, symbol: str, t: Language, *,
    is_caught: bool,
) -> None:  # fmt: skip
    """Draw a stem to the day on which an open model stood level, or as far as is known that none did."""
    xs: list[int | None] = []
    ys: list[float | None] = []
    for place, row in mine:
        xs += [0, row["lag_days"], None]
        ys += [place, place, None]
    figure.add_trace(
        go.Scatter(
            x=xs, y=ys, mode="lines", hoverinfo="skip", showlegend=False,
            line={"width": 2, "color": colour, "dash": "solid" if is_caught else "dot"},
        )
    )  # fmt: skip
    key = "caught" if is_caught else "open"
    figure.add_trace(
        go.Scatter(
            x=[row["lag_days"] for _, row in mine], y=[place for place, _ in mine], mode="markers+text",
            name=t(f"open_closed.lag.legend.{key}"), marker={"size": 11, "color": colour, "symbol": symbol},
            text=[t(f"open_closed.lag.label.{key}", n=row["lag_days"]) for _, row in mine],
            textposition="middle right", cliponaxis=False,
            customdata=[
                full(row["proprietary_model"])
                + "<br>"
                + full(t(f"open_closed.lag.hover.{key}", day=row["as_of_date"], n=row["lag_days"]))
                for _, row in mine
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    on_phones(figure, margin__r=36)


def _lag_listing(rows: pl.DataFrame, t: Language) -> str:
    return t.listing(
        t(
            f"open_closed.lag.one.{'caught' if row['lag_status'] == 'caught up' else 'open'}",
            model=cut(row["proprietary_model"], 40), n=row["lag_days"],
        )
        for row in rows.iter_rows(named=True)
    )  # fmt: skip
