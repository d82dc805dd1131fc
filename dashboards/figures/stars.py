"""Code beside the models: stars of repositories, what they stand on, and their releases."""

from datetime import date
from math import floor, log10
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
    with_gaps,
)
from dashboards.figures.marks import band
from dashboards.figures.reasons import spoken
from dashboards.language import Language
from dashboards.theme import BLUE, GREY, OLIVE, ORANGE, PURPLE, TEAL
from dashboards.words import cut

LONGEST_GAP_DAYS = 62
#: With fewer repositories on a day a share says nothing.
LEAST_REPOSITORIES = 10
DASHES = {"no_certain_weights": "dash", "other_weights": "dot"}
DRAWN = 20
#: A repository that was seen last so long before the newest day has left the list.
LEFT_DAYS = 31
#: The two kinds of counts and the columns of their days.
DAYS = {"observed": "observed_date", "surviving": "survivors_as_of_date"}
ROW = 36
CLASSES = {"company_weights": TEAL, "other_weights": ORANGE, "no_certain_weights": OLIVE, "unknown": GREY}


def star_dependence(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the share of stars that belong to repositories on company weights, with bounds."""
    name = "star-dependence"
    rows = enough(frame)
    if rows.is_empty():
        empty = t("open_closed.dependence.empty", least=LEAST_REPOSITORIES)
        return nothing(name, t("open_closed.dependence.question"), empty)
    series = _main_series(rows)
    mine = rows.filter(pl.col("series") == series).sort("as_of_date")
    figure = canvas(420, showlegend=True)
    _company_band(figure, mine, t)
    for dependence in ("no_certain_weights", "other_weights"):
        _class_line(figure, mine.filter(pl.col("dependence") == dependence), dependence, t)
    figure.update_yaxes(range=[0, 1], tickformat=".0%", title=t("open_closed.dependence.axis"))
    on_phones(figure, margin__t=96)
    newest = mine.filter(pl.col("as_of_date") == mine["as_of_date"].max())
    dates = mine["as_of_date"].to_list()
    return Chart(
        name=name,
        title=dependence_sentence(frame, t),
        subtitle=t(
            "open_closed.dependence.subtitle", series=t(f"open_closed.series.{series}"), first=min(dates),
            last=max(dates), least=LEAST_REPOSITORIES,
        ),
        alt=t("open_closed.dependence.alt", shares=_class_listing(newest, t)),
        table=mine.select(
            "month", "as_of_date", "dependence", "repositories", "stars", "star_share", "company_lower",
            "company_upper",
        ).with_columns(
            spoken("dependence", "open_closed.dependence.classes", t)
        ),
        figure=figure,
        note=t.joined(*t.lines("open_closed.dependence.note"), _gained(newest, t)),
        headings=t.table("open_closed.dependence.headings"),
        is_dated=True,
        context={"series": series},
    )  # fmt: skip


def enough(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the months on whose day enough repositories were seen."""
    seen = pl.col("repositories").sum().over("series", "month")
    return frame.filter((seen >= LEAST_REPOSITORIES) & pl.col("company_lower").is_not_null())


def dependence_sentence(frame: pl.DataFrame, t: Language) -> str:
    """Say between which bounds the share of repositories on company weights lies."""
    rows = enough(frame)
    if rows.is_empty():
        return t("open_closed.dependence.question")
    mine = rows.filter(pl.col("series") == _main_series(rows))
    newest = mine.filter(pl.col("as_of_date") == mine["as_of_date"].max())
    row = newest.row(0, named=True)
    return t(
        "open_closed.dependence.title", n=int(newest["repositories"].sum()), of=row["registered"],
        day=row["as_of_date"],
        shares=t.percent_range(row["company_lower"], row["company_upper"]),
    )  # fmt: skip


def _main_series(rows: pl.DataFrame) -> str:
    """Give the series to draw: what was observed before what survived, which are never joined."""
    present = rows["series"].unique().to_list()
    return "observed" if "observed" in present else str(present[0])


def _company_band(figure: go.Figure, mine: pl.DataFrame, t: Language) -> None:
    rows = mine.unique("as_of_date", keep="first").sort("as_of_date")
    colour = CLASSES["company_weights"]
    name = t("open_closed.dependence.classes.company_weights")
    dates = rows["as_of_date"].to_list()
    xs, ys = with_gaps(dates, rows["company_lower"].to_list(), LONGEST_GAP_DAYS)
    _, upper = with_gaps(dates, rows["company_upper"].to_list(), LONGEST_GAP_DAYS)
    figure.add_trace(band(xs, ys, upper, colour, name=t("open_closed.dependence.band")))
    figure.add_trace(
        go.Scatter(
            x=xs, y=ys, mode="lines", line={"width": 2, "color": colour}, connectgaps=False, hoverinfo="skip",
            name=name,
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=isodates(dates), y=rows["company_lower"].to_list(), mode="markers", showlegend=False,
            marker={"size": 5, "color": colour},
            text=[
                full(
                    t(
                        "open_closed.dependence.hover.company", day=row["as_of_date"],
                        shares=t.percent_range(row["company_lower"], row["company_upper"]),
                    )
                )
                for row in rows.iter_rows(named=True)
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    )  # fmt: skip


def _class_line(figure: go.Figure, rows: pl.DataFrame, dependence: str, t: Language) -> None:
    known = rows.filter(pl.col("star_share").is_not_null()).sort("as_of_date")
    if known.is_empty():
        return
    colour, words = CLASSES[dependence], t(f"open_closed.dependence.classes.{dependence}")
    dates, shares = known["as_of_date"].to_list(), known["star_share"].to_list()
    xs, ys = with_gaps(dates, shares, LONGEST_GAP_DAYS)
    figure.add_trace(
        go.Scatter(
            x=xs, y=ys, mode="lines", connectgaps=False, hoverinfo="skip", name=words,
            line={"width": 2, "color": colour, "dash": DASHES[dependence]},
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=isodates(dates), y=shares, mode="markers", showlegend=False,
            marker={"size": 4, "color": colour},
            text=[
                full(
                    t(
                        "open_closed.dependence.hover.other", words=words, day=row["as_of_date"],
                        share=t.percent(row["star_share"]), n=row["repositories"],
                    )
                )
                for row in known.iter_rows(named=True)
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    )  # fmt: skip


def _class_listing(newest: pl.DataFrame, t: Language) -> str:
    return t.listing(
        f"{t.or_else('open_closed.dependence.classes.' + row['dependence'], row['dependence'])} "
        f"{t.percent(row['star_share'])}"
        for row in newest.iter_rows(named=True)
        if row["star_share"] is not None
    )


def _gained(newest: pl.DataFrame, t: Language) -> str:
    """Say what part of the newest new stars went to repositories on company weights."""
    row = newest.filter((pl.col("dependence") == "company_weights") & pl.col("gained_share").is_not_null())
    unknown = newest.filter((pl.col("dependence") == "unknown") & pl.col("gained_share").is_not_null())
    if row.is_empty():
        return ""
    one = row.row(0, named=True)
    more = unknown.row(0, named=True)["gained_share"] if unknown.height else 0.0
    return t(
        "open_closed.dependence.gained", first=one["compared_date"], last=one["as_of_date"],
        share=t.percent(one["gained_share"]), unknown=t.percent(more),
    )  # fmt: skip


# Stars of single repositories ---------------------------------------------------------------------------


def repository_stars(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the newest stars of the largest repositories, observed and surviving told apart."""
    name = "repository-stars"
    counted = frame.filter(pl.col("stars_observed").is_not_null() | pl.col("stars_surviving").is_not_null())
    if counted.is_empty():
        return nothing(name, t("open_closed.stars.question"), t("open_closed.stars.empty"))
    rows = counted.head(DRAWN)
    newest: date = max(day for column in DAYS.values() for day in counted[column].drop_nulls())
    surviving = counted["stars_surviving"].drop_nulls().len()
    survivors = t("open_closed.stars.survivors", n=surviving) if surviving else ""
    return Chart(
        name=name,
        title=_stars_title(rows.row(0, named=True), t),
        subtitle=t(
            "open_closed.stars.subtitle", drawn=rows.height, n=counted.height,
            of=int(rows["registered"].to_list()[0]), day=newest,
        ),
        alt=t(
            "open_closed.stars.alt",
            repositories=t.listing(
                f"{cut(row['repository'], 40)} {t.count(row['stars_observed'] or row['stars_surviving'])}"
                for row in rows.iter_rows(named=True)
            ),
        ),
        table=rows.select(
            "repository", "role", "family", "observed_date", "stars_observed", "survivors_as_of_date",
            "stars_surviving",
        ),
        figure=_star_rows(rows, newest, t),
        note=t.joined(
            *t.lines("open_closed.stars.note"), survivors or t("open_closed.stars.no_survivors")
        ),
        headings=t.table("open_closed.stars.headings"),
    )  # fmt: skip


def _star_rows(rows: pl.DataFrame, newest: date, t: Language) -> go.Figure:
    """Draw one repository a row, with a mark for each kind of count."""
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(ROW * rows.height + 90, showlegend=True)
    for kind, colour, symbol in (("observed", BLUE, "circle"), ("surviving", PURPLE, "diamond-open")):
        mine = [
            (place, row) for place, row in zip(places, rows.iter_rows(named=True), strict=True)
            if row[f"stars_{kind}"] is not None
        ]  # fmt: skip
        if mine:
            figure.add_trace(_star_marks(mine, kind, colour, symbol, newest, t))
    row_labels(figure, [_star_label(row, newest, t) for row in rows.iter_rows(named=True)], places, 0.42)
    figure.update_yaxes(range=[-rows.height + 0.5, 0.8])
    most = max(number for kind in DAYS for number in rows[f"stars_{kind}"].drop_nulls().to_list())
    step = 10 ** floor(log10(most)) * (1 if most >= 3 * 10 ** floor(log10(most)) else 0.5)
    ticks = [step * place for place in range(int(1.14 * most / step) + 1)]
    figure.update_xaxes(
        range=[0, 1.14 * most], tickvals=ticks, ticktext=[t.count(tick) for tick in ticks],
        title=t("open_closed.stars.axis"),
    )  # fmt: skip
    return figure


def _star_label(row: dict[str, Any], newest: date, t: Language) -> str:
    """Name a repository, and the day of its count where it has left the list since."""
    words = label(row["repository"], 36)
    seen = row["observed_date"]
    return f"{words} · {t.short_day(seen)}" if seen and (newest - seen).days > LEFT_DAYS else words


def _star_marks(
    mine: list[tuple[float, dict[str, Any]]], kind: str, colour: str, symbol: str, newest: date, t: Language
) -> go.Scatter:
    """Draw one kind of count; hollow where the repository was last seen long ago."""
    day = DAYS[kind]
    is_old = [row[day] is not None and (newest - row[day]).days > LEFT_DAYS for _, row in mine]
    return go.Scatter(
        x=[row[f"stars_{kind}"] for _, row in mine], y=[place for place, _ in mine], mode="markers+text",
        name=t(f"open_closed.stars.kinds.{kind}"),
        marker={
            "size": 11, "color": colour, "line": {"width": 2, "color": colour},
            "symbol": [f"{symbol}-open" if old and "open" not in symbol else symbol for old in is_old],
        },
        text=[f" {t.count(row['stars_observed'])}" if kind == "observed" else "" for _, row in mine],
        textposition="middle right", cliponaxis=False,
        customdata=[
            full(row["repository"]) + "<br>"
            + full(t(f"open_closed.stars.hover.{kind}", n=row[f"stars_{kind}"], day=t.short_day(row[day])))
            for _, row in mine
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _stars_title(row: dict[str, Any], t: Language) -> str:
    kind = "observed" if row["stars_observed"] is not None else "surviving"
    day = row["observed_date"] if kind == "observed" else row["survivors_as_of_date"]
    return t(
        f"open_closed.stars.title.{kind}",
        repository=cut(row["repository"], 60),
        n=row[f"stars_{kind}"],
        day=day,
    )


def repository_releases(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw how many final releases the repositories made each month."""
    name = "repository-releases"
    if frame.is_empty():
        return nothing(name, t("open_closed.versions.question"), t("open_closed.versions.empty"))
    rows = frame.group_by("month").agg(releases=pl.col("releases").sum(), repositories=pl.len()).sort("month")
    months = rows["month"].to_list()
    figure = canvas(320)
    figure.add_trace(
        go.Bar(
            x=isodates(months), y=rows["releases"].to_list(),
            # The newest month may not have ended.
            marker={"color": BLUE, "opacity": [0.95] * (len(months) - 1) + [0.45]},
            text=[
                full(
                    t(
                        "open_closed.versions.hover", month=t.month(row["month"]), n=row["releases"],
                        repositories=row["repositories"],
                    )
                )
                for row in rows.iter_rows(named=True)
            ],
            textposition="none", hovertemplate="%{text}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_yaxes(title=t("open_closed.versions.axis"), rangemode="tozero")
    on_phones(figure, xaxis__nticks=4)
    busiest = frame.group_by("repository").agg(n=pl.col("releases").sum())
    first = busiest.sort("n", "repository", descending=[True, False]).row(0, named=True)
    return Chart(
        name=name,
        title=t("open_closed.versions.title", repository=cut(first["repository"], 60), n=int(first["n"])),
        subtitle=t(
            "open_closed.versions.subtitle", n=busiest.height, first=t.month(months[0]),
            last=t.month(months[-1]),
        ),
        alt=t("open_closed.versions.alt", months=len(months)),
        table=rows,
        figure=figure,
        note=t("open_closed.versions.note"),
        headings=t.table("open_closed.versions.headings"),
        is_dated=True,
    )  # fmt: skip
