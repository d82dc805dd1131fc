"""What programs install and send: downloads of open and proprietary packages, tokens through a router."""

from datetime import date, timedelta
from itertools import groupby
from math import ceil, floor, log10
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
    spread,
    vertical_mark,
    with_gaps,
)
from dashboards.figures.marks import band, dot
from dashboards.figures.reasons import reasons, spoken
from dashboards.language import Language
from dashboards.theme import GREEN, GREY, PURPLE, SERIES
from dashboards.words import cut

#: A line never crosses a hole longer than this.
LONGEST_GAP_DAYS = 62
#: A package that grew more than this many times within a month is named.
LEAP = 5
MONTH_DAYS = 45
COLOURS = {"open": GREEN, "proprietary": PURPLE}
YEAR = timedelta(days=366)
#: With fewer packages of both kinds on a list a share says nothing.
LEAST_PACKAGES = 5
#: The sets of packages: how their line is drawn.
SETS = {"clients": (PURPLE, "solid"), "all": (GREY, "dash")}
ROW = 34


def package_shares(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the share of proprietary packages in the downloads of both kinds, of clients and of all."""
    name = "package-shares"
    told = _since_clients(enough(frame))
    if told.is_empty():
        notes = reasons(t, "open_closed", frame["note"].drop_nulls().unique(maintain_order=True).to_list())
        empty = t.joined(t("open_closed.shares.empty"), notes)
        return nothing(name, t("open_closed.shares.question"), empty)
    figure = canvas(430, showlegend=True)
    for package_set, (colour, dash) in SETS.items():
        _share_lines(figure, told.filter(pl.col("package_set") == package_set), colour, dash, t)
    for level, (when, length) in enumerate(_new_lists(told)):
        vertical_mark(figure, when, t("open_closed.shares.list", n=length), level=level % 3)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", title=t("open_closed.shares.axis"))
    dates = told["as_of_date"].to_list()
    lengths = [length for _, length in _new_lists(told, first=True)]
    return Chart(
        name=name,
        title=shares_sentence(frame, t),
        subtitle=t(
            "open_closed.shares.subtitle", first=min(dates), last=max(dates),
            lengths=t.listing(t.exact(length) for length in lengths),
        ),
        alt=t("open_closed.shares.alt", shares=_ends(told, t)),
        table=told.select(
            "package_set", "as_of_date", "list_length", "open_packages", "proprietary_packages",
            "censored_packages", "proprietary_share", "proprietary_lower", "panel_packages", "panel_share",
            "panel_share_before",
        ).with_columns(spoken("package_set", "open_closed.shares.sets", t)),
        figure=figure,
        note=t.joined(
            without_hub(frame, t),
            *t.lines("open_closed.shares.note", least=LEAST_PACKAGES),
            _panel(told, t),
        ),
        headings=t.table("open_closed.shares.headings"),
        is_dated=True,
    )  # fmt: skip


def enough(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the months with a share of enough packages."""
    counted = pl.col("open_packages") + pl.col("proprietary_packages")
    return frame.filter(pl.col("proprietary_share").is_not_null() & (counted >= LEAST_PACKAGES))


def _since_clients(told: pl.DataFrame) -> pl.DataFrame:
    """Leave out the years before anybody installed a client, in which a flat line would fill the figure."""
    first = told.filter(pl.col("package_set") == "clients")["as_of_date"].min()
    return told if first is None else told.filter(pl.col("as_of_date") >= first - YEAR)  # type: ignore[operator]


def shares_sentence(frame: pl.DataFrame, t: Language) -> str:
    """Say what part of the newest downloads of clients went to proprietary ones, with its lower end."""
    row = _newest_share(frame)
    if row is None:
        return t("open_closed.shares.question")
    return t(
        f"open_closed.shares.title.{row['package_set']}", day=row["as_of_date"],
        n=row["open_packages"] + row["proprietary_packages"], length=row["list_length"],
        share=t.percent(row["proprietary_share"]), lower=t.percent(row["proprietary_lower"]),
    )  # fmt: skip


def without_hub(frame: pl.DataFrame, t: Language) -> str:
    """Say what the newest share of clients would be without that of the Hub: doubt upwards."""
    row = _newest_share(frame)
    if row is None or row["package_set"] != "clients" or row["share_without_hub"] is None:
        return ""
    share, upper = t.percent(row["hub_share"]), t.percent(row["share_without_hub"])
    return t("open_closed.shares.hub", share=share, upper=upper)


def _newest_share(frame: pl.DataFrame) -> dict[str, Any] | None:
    told = enough(frame)
    clients = told.filter(pl.col("package_set") == "clients")
    rows = (clients if clients.height else told).sort("as_of_date")
    return rows.row(-1, named=True) if rows.height else None


def _new_lists(told: pl.DataFrame, *, first: bool = False) -> list[tuple[date, int]]:
    """Give the days on which the list got another length; with `first` the first list too."""
    days = told.select("as_of_date", "list_length").unique().sort("as_of_date").rows()
    begun = [next(group) for _, group in groupby(days, key=lambda row: row[1])]
    return begun if first else begun[1:]


def _share_lines(figure: go.Figure, mine: pl.DataFrame, colour: str, dash: str, t: Language) -> None:
    """Draw one set: a line for each stretch of one list, and the band down to openai counted as open."""
    is_first = True
    for rows in _stretches(mine):
        dates, shares = rows["as_of_date"].to_list(), rows["proprietary_share"].to_list()
        package_set = rows["package_set"].to_list()[0]
        if package_set == "clients":
            figure.add_trace(band(isodates(dates), rows["proprietary_lower"].to_list(), shares, colour))
        figure.add_trace(
            go.Scatter(
                x=isodates(dates), y=shares, mode="lines+markers",
                name=t(f"open_closed.shares.sets.{package_set}"), legendgroup=package_set,
                showlegend=is_first,
                line={"width": 2, "color": colour, "dash": dash}, marker={"size": 4, "color": colour},
                text=[_share_hover(row, t) for row in rows.iter_rows(named=True)],
                hovertemplate="%{text}<extra></extra>",
            )
        )  # fmt: skip
        is_first = False


def _stretches(mine: pl.DataFrame) -> list[pl.DataFrame]:
    """Part the months where the list got another length, another population, and where months are missing."""
    if mine.is_empty():
        return []
    is_new = pl.col("list_length").ne(pl.col("list_length").shift()) | (
        pl.col("as_of_date").diff().dt.total_days() > LONGEST_GAP_DAYS
    )
    parted = mine.sort("as_of_date").with_columns(stretch=is_new.fill_null(value=False).cum_sum())
    return parted.partition_by("stretch", maintain_order=True, include_key=False)


def _share_hover(row: dict[str, Any], t: Language) -> str:
    return full(
        t(
            "open_closed.shares.hover", day=row["as_of_date"], share=t.percent(row["proprietary_share"]),
            lower=t.percent(row["proprietary_lower"]), closed=row["proprietary_packages"],
            open=row["open_packages"], n=row["censored_packages"],
        )
    )  # fmt: skip


def _panel(told: pl.DataFrame, t: Language) -> str:
    """Say how the share went among packages that were on the list a year before, too."""
    known = told.filter(
        (pl.col("package_set") == "clients")
        & pl.col("panel_share").is_not_null()
        & pl.col("panel_share_before").is_not_null()
    ).sort("as_of_date")
    if known.is_empty():
        return ""
    row = known.row(-1, named=True)
    return t(
        "open_closed.shares.panel", n=row["panel_packages"], day=row["as_of_date"],
        now=t.percent(row["panel_share"]), before=t.percent(row["panel_share_before"]),
    )  # fmt: skip


def _ends(told: pl.DataFrame, t: Language) -> str:
    parts = []
    for package_set in SETS:
        mine = told.filter(pl.col("package_set") == package_set).sort("as_of_date")
        if mine.height:
            row = mine.row(-1, named=True)
            parts.append(
                f"{t(f'open_closed.shares.sets.{package_set}')} {t.percent(row['proprietary_share'])}"
            )
    return t.listing(parts)


# The newest month -------------------------------------------------------------------------------------


def packages_now(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the newest downloads of open and of proprietary clients, largest first."""
    name = "packages-now"
    seen = frame.filter(pl.col("downloads_30d").is_not_null())
    if seen.is_empty():
        return nothing(name, t("open_closed.packages.question"), t("open_closed.packages.empty"))
    newest: date = max(seen["as_of_date"].to_list())
    listed = frame.filter(pl.col("as_of_date") == newest)
    rows = listed.filter(pl.col("downloads_30d").is_not_null()).sort(
        "downloads_30d", "package", descending=[True, False]
    )
    length = rows["list_length"].to_list()[0]
    return Chart(
        name=name,
        title=_packages_title(rows, newest, t),
        subtitle=t(
            "open_closed.packages.subtitle", n=length, day=newest, drawn=rows.height,
            least=t.exact(rows["downloads_30d"].to_list()[-1]),
        ),
        alt=t(
            "open_closed.packages.alt",
            packages=t.listing(
                f"{cut(row['package'], 30)} {t.count(row['downloads_30d'])}"
                for row in rows.iter_rows(named=True)
            ),
        ),
        table=rows.select(
            "package", "access", "role", "organization_id", "as_of_date", "downloads_30d"
        ).with_columns(
            spoken("access", "open_closed.packages.access", t),
            spoken("role", "open_closed.packages.roles", t),
        ),
        figure=_package_rows(rows, t),
        note=t.joined(
            _unverified(rows, t),
            *t.lines("open_closed.packages.note", n=listed.height - rows.height),
            leaps(frame, t),
        ),
        headings=t.table("open_closed.packages.headings"),
        context={"list_length": str(length)},
    )  # fmt: skip


def _package_rows(rows: pl.DataFrame, t: Language) -> go.Figure:
    """Draw one package a row, its name at the left and its number at its mark."""
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(ROW * rows.height + 80, showlegend=True)
    for access in COLOURS:
        mine = [place for place, row in enumerate(rows.iter_rows(named=True)) if row["access"] == access]
        if mine:
            figure.add_trace(_package_dots(rows[mine], [places[place] for place in mine], access, t))
    row_labels(figure, [label(package, 30) for package in rows["package"].to_list()], places, 0.0)
    most, least = rows["downloads_30d"].to_list()[0], rows["downloads_30d"].to_list()[-1]
    span = [log10(least) - 0.1, log10(most) + 0.55]
    powers = [10**power for power in range(floor(span[0]), ceil(span[1]) + 1)]
    figure.update_xaxes(
        type="log", title=t("open_closed.packages.axis"), range=span, domain=[0.24, 1],
        tickangle=0, tickvals=powers, ticktext=[t.count(power) for power in powers],
    )  # fmt: skip
    figure.update_yaxes(range=[-rows.height + 0.4, 0.7], showgrid=True, tickvals=places)
    on_phones(
        figure, xaxis__domain=[0.42, 1], xaxis__range=[span[0], span[1] + 0.5],
        xaxis__tickvals=powers[::2], xaxis__ticktext=[t.count(power) for power in powers[::2]],
    )  # fmt: skip
    return figure


def _package_dots(rows: pl.DataFrame, places: list[float], access: str, t: Language) -> go.Scatter:
    return go.Scatter(
        x=rows["downloads_30d"].to_list(), y=places, mode="markers+text",
        name=t(f"open_closed.packages.access.{access}"),
        marker={"size": 11, "color": COLOURS[access], "symbol": "circle" if access == "open" else "diamond"},
        text=[f"  {t.count(number)}" for number in rows["downloads_30d"].to_list()],
        textposition="middle right", cliponaxis=False,
        customdata=[
            full(row["package"]) + "<br>" + full(
                t("open_closed.packages.hover", role=t(f"open_closed.packages.roles.{row['role']}"),
                  n=row["downloads_30d"])
            )
            for row in rows.iter_rows(named=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _unverified(rows: pl.DataFrame, t: Language) -> str:
    """Say how many of the packages drawn the shares leave out; no table says which."""
    counted = rows["counted"].to_list()[0]
    if counted is None or counted >= rows.height:
        return ""
    return t("open_closed.packages.unverified", n=rows.height - counted, of=rows.height)


def _packages_title(rows: pl.DataFrame, newest: date, t: Language) -> str:
    best = {access: rows.filter(pl.col("access") == access) for access in COLOURS}
    if any(group.is_empty() for group in best.values()):
        return t("open_closed.packages.question")
    closed, opened = best["proprietary"].row(0, named=True), best["open"].row(0, named=True)
    return t(
        "open_closed.packages.title", day=newest, closed=cut(closed["package"], 30),
        closed_downloads=t.count(closed["downloads_30d"]), open=cut(opened["package"], 30),
        open_downloads=t.count(opened["downloads_30d"]),
    )  # fmt: skip


def leaps(frame: pl.DataFrame, t: Language) -> str:
    """Name the packages that jumped within the last month; a counter that leaps is no adoption."""
    seen = frame.filter(pl.col("downloads_30d").is_not_null()).sort("package", "as_of_date")
    if seen.is_empty():
        return ""
    newest: date = max(seen["as_of_date"].to_list())
    parts = []
    for row in seen.filter(pl.col("as_of_date") == newest).iter_rows(named=True):
        before = seen.filter(
            pl.col("package") == row["package"],
            pl.col("as_of_date") < newest,
            (newest - pl.col("as_of_date")).dt.total_days() <= MONTH_DAYS,
        )["downloads_30d"].to_list()
        if before and before[-1] and row["downloads_30d"] > LEAP * before[-1]:
            parts.append(
                t(
                    "open_closed.packages.leap", package=cut(row["package"], 30),
                    times=t.times(row["downloads_30d"] / before[-1]), before=t.count(before[-1]),
                    now=t.count(row["downloads_30d"]),
                )
            )  # fmt: skip
    if not parts:
        return ""
    return t("open_closed.packages.leaps", factor=LEAP, day=newest, packages=t.listing(parts))


# Tokens -----------------------------------------------------------------------------------------------


def token_shares(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the shares of the models with most tokens on one company's router."""
    name = "token-shares"
    told = frame.filter(pl.col("share_of_day").is_not_null())
    if told.is_empty():
        return nothing(name, t("open_closed.tokens.question"), t("open_closed.tokens.empty"))
    newest: date = max(told["date"].to_list())
    last = told.filter(pl.col("date") == newest).sort("share_of_day", "model_slug", descending=[True, False])
    figure = canvas(400)
    heights = spread([-row["share_of_day"] for row in last.iter_rows(named=True)], 0.012)
    for place, row in enumerate(last.iter_rows(named=True)):
        colour = SERIES[place % len(SERIES)]
        group = told.filter(pl.col("model_slug") == row["model_slug"]).sort("date")
        xs, ys = with_gaps(group["date"].to_list(), group["share_of_day"].to_list(), 3)
        figure.add_trace(
            go.Scatter(
                x=xs, y=ys, mode="lines", line={"width": 2, "color": colour}, connectgaps=False,
                customdata=[full(row["model_slug"])] * len(xs),
                hovertemplate="%{customdata}<br>%{x|%Y-%m-%d}: %{y:.1%}<extra></extra>",
            )
        )  # fmt: skip
        figure.add_annotation(
            text=dot(colour) + label(row["model_slug"].rpartition("/")[2], 17), x=1, xref="paper",
            xanchor="left", xshift=4, y=-heights[place], font={"size": 11},
        )  # fmt: skip
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", title=t("open_closed.tokens.axis"))
    figure.update_layout(margin={"r": 150})
    on_phones(figure, margin__r=130, xaxis__nticks=3)
    first = last.row(0, named=True)
    return Chart(
        name=name,
        title=t(
            "open_closed.tokens.title", model=cut(first["model_slug"], 60), day=newest,
            share=t.percent(first["share_of_day"]),
        ),
        subtitle=t(
            "open_closed.tokens.subtitle", n=last.height, first=min(told["date"].to_list()), last=newest
        ),
        alt=t(
            "open_closed.tokens.alt",
            models=t.listing(
                f"{cut(row['model_slug'], 40)} {t.percent(row['share_of_day'])}"
                for row in last.iter_rows(named=True)
            ),
        ),
        table=told.sort("model_slug", "date").select("model_slug", "date", "tokens", "share_of_day"),
        figure=figure,
        note=t("open_closed.tokens.note"),
        headings=t.table("open_closed.tokens.headings"),
        is_dated=True,
    )  # fmt: skip
