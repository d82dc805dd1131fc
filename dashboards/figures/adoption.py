"""Adoption outside the Hub: stars of repositories and downloads of packages."""

from datetime import date
from math import log10

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
from dashboards.theme import GREEN, PURPLE, SERIES
from dashboards.words import count, cut, day, exact, listing, plural, short_day, times

#: A line never crosses a hole longer than this.
LONGEST_GAP_DAYS = 7
LONGEST_GAP_MONTHLY_DAYS = 62
#: A package that grew more than this many times within a month is named.
LEAP = 5
MONTH_DAYS = 45
FEWEST_DAYS = 30
ACCESS = {"open": ("open runtimes", GREEN), "proprietary": ("proprietary SDKs", PURPLE)}
DRAWN_PACKAGES = 4


def stars(
    frame: pl.DataFrame, name: str, families: str, prefixes: list[str], event: tuple[date, str] | None
) -> Chart:
    """Draw the observed stars of the repositories around some families, with holes left open."""
    question = f"How many stars have the repositories around {families}?"
    mine = frame.filter(pl.any_horizontal([pl.col("family").str.starts_with(prefix) for prefix in prefixes]))
    counted = mine.group_by("repository").agg(
        days=pl.len(), newest=pl.col("stars_observed").sort_by("date").last(), last=pl.col("date").max()
    )
    chosen = counted.filter(pl.col("days") >= FEWEST_DAYS).sort(
        "newest", "repository", descending=[True, False]
    )
    if chosen.is_empty():
        return nothing(name, question, f"No repository around {families} was observed on {FEWEST_DAYS} days.")
    figure = canvas(440)
    labelled: list[tuple[date, int]] = []
    for place, repository in enumerate(chosen["repository"].to_list()):
        group = mine.filter(pl.col("repository") == repository).sort("date")
        end = (group["date"].to_list()[-1], group["stars_observed"].to_list()[-1])
        crowded = any(
            abs((end[0] - when).days) < 240 and abs(end[1] - number) < 8000 for when, number in labelled
        )
        labelled.append(end)
        _star_line(figure, repository, group, SERIES[place % len(SERIES)], "top" if crowded else "bottom")
    if event:
        vertical_mark(figure, *event)
    highest = max(mine["stars_observed"].to_list())
    figure.update_yaxes(range=[0, 1.14 * highest], title="stars", tickformat="~s")
    figure.update_layout(margin={"r": 24, "t": 24})
    rows = mine.filter(pl.col("repository").is_in(chosen["repository"].to_list())).sort("repository", "date")
    dates = rows["date"].to_list()
    first = chosen.row(0, named=True)
    few = counted.height - chosen.height
    return Chart(
        name=name,
        title=(
            f"{cut(first['repository'], 60)} had {count(first['newest'])} stars on {short_day(first['last'])}"
        ),
        subtitle=(
            f"Stars of {plural(chosen.height, 'GitHub repository', 'GitHub repositories')} around "
            f"{families}, as observed on the days on which they were in a top 100{_own_words(rows)}, "
            f"{short_day(min(dates))} to {short_day(max(dates))}."
        ),
        alt=f"One line a repository: {', '.join(cut(one, 60) for one in chosen['repository'].to_list())}.",
        table=rows.select("repository", "date", "stars_observed"),
        figure=figure,
        note=(
            f"A line is broken where more than {LONGEST_GAP_DAYS} days are missing; a line that ends did not "
            "fall to zero, the repository left the list. A line begins when it entered the list, not when it "
            f"was born. Left out: {plural(few, 'repository', 'repositories')} with fewer than {FEWEST_DAYS} "
            "observed days."
        ),
        headings={"repository": "Repository", "date": "Day", "stars_observed": "Stars"},
    )


def _own_words(rows: pl.DataFrame) -> str:
    """Say from when on the stars are our own observations, if any are."""
    own = rows.filter("is_own")["date"].to_list()
    return f", and from {short_day(min(own))} on as GitHub told us" if own else ""


def _star_line(figure: go.Figure, repository: str, group: pl.DataFrame, colour: str, yanchor: str) -> None:
    xs, ys = with_gaps(group["date"].to_list(), group["stars_observed"].to_list(), LONGEST_GAP_DAYS)
    figure.add_trace(
        go.Scatter(
            x=xs, y=ys, mode="lines+markers", name=label(repository), connectgaps=False,
            line={"width": 2, "color": colour}, marker={"size": 2.5, "color": colour},
            text=full(repository),
            hovertemplate="%{text}<br>%{x|%-d %b %Y}: %{y:,} stars<extra></extra>",
        )
    )  # fmt: skip
    figure.add_annotation(
        text=label(repository.rsplit("/", maxsplit=1)[-1], 24), x=xs[-1], y=ys[-1], xanchor="right",
        yanchor=yanchor,
        font={"size": 11, "color": colour},
    )  # fmt: skip


def packages_now(frame: pl.DataFrame) -> Chart:
    """Draw the newest downloads of open runtimes and of proprietary SDKs, largest first."""
    name, question = "packages-now", "Are open runtimes installed, or proprietary SDKs?"
    seen = frame.filter(pl.col("downloads_30d").is_not_null())
    if seen.is_empty():
        return nothing(name, question, "No download count of these packages is in this release.")
    newest: date = max(seen["as_of_date"].to_list())
    listed = frame.filter(pl.col("as_of_date") == newest)
    rows = listed.filter(pl.col("downloads_30d").is_not_null()).sort(
        "downloads_30d", "package", descending=[True, False]
    )
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(34 * rows.height + 80, showlegend=True)
    for access, (words, colour) in ACCESS.items():
        mine = [place for place, row in enumerate(rows.iter_rows(named=True)) if row["access"] == access]
        if mine:
            figure.add_trace(_package_dots(rows[mine], [places[place] for place in mine], words, colour))
    row_labels(figure, [label(package, 30) for package in rows["package"].to_list()], places, 0.0)
    low = rows["downloads_30d"].to_list()[-1]
    span = [log10(low) - 0.1, log10(rows["downloads_30d"].to_list()[0]) + 0.55]
    figure.update_xaxes(
        type="log", title="downloads in 30 days, log scale", tickformat="~s", dtick=1, range=span
    )
    figure.update_yaxes(range=[-rows.height + 0.4, 0.7], showgrid=True, tickvals=places)
    figure.update_layout(xaxis_domain=[0.24, 1])
    on_phones(figure, xaxis__domain=[0.42, 1], xaxis__range=[span[0], span[1] + 0.5])
    censored = listed.height - rows.height
    return Chart(
        name=name,
        title=_package_title(rows, newest),
        subtitle=(
            "Downloads in 30 days from PyPI, logarithmic axis, list of the "
            f"{exact(rows['list_length'].to_list()[0])} most downloaded packages of {day(newest)}; the "
            f"smallest shown has {exact(low)}."
        ),
        alt="A row of dots, one a package, by downloads in 30 days.",
        table=rows.select("package", "access", "organization_id", "as_of_date", "downloads_30d"),
        figure=figure,
        note=(
            f"{plural(censored, 'package')} of the register not on that day's list: fewer downloads than its "
            "last place, which is not zero, so not drawn. Counters count machines and CI, not developers; an "
            "SDK also speaks to open servers, and a runtime may run any model." + leaps(frame)
        ),
        headings=_PACKAGE_HEADINGS,
    )


_PACKAGE_HEADINGS = {
    "package": "Package", "access": "Access", "organization_id": "Maintained by", "as_of_date": "List of",
    "downloads_30d": "Downloads in 30 days",
}  # fmt: skip


def _package_dots(rows: pl.DataFrame, places: list[float], words: str, colour: str) -> go.Scatter:
    return go.Scatter(
        x=rows["downloads_30d"].to_list(), y=places, mode="markers+text", name=words,
        marker={"size": 11, "color": colour, "symbol": "circle" if colour == GREEN else "diamond"},
        text=[f"  {count(number)}" for number in rows["downloads_30d"].to_list()],
        textposition="middle right",
        cliponaxis=False, customdata=[full(package) for package in rows["package"].to_list()],
        hovertemplate="%{customdata}<br>%{x:,} downloads in 30 days<extra></extra>",
    )  # fmt: skip


def _package_title(rows: pl.DataFrame, newest: date) -> str:
    best = {access: rows.filter(pl.col("access") == access) for access in ACCESS}
    if any(group.is_empty() for group in best.values()):
        return f"Package downloads on {day(newest)}"
    closed, opened = best["proprietary"].row(0, named=True), best["open"].row(0, named=True)
    return (
        f"Most downloaded on {day(newest)}: {cut(closed['package'], 30)} of the proprietary SDKs "
        f"({count(closed['downloads_30d'])} in 30 days), {cut(opened['package'], 30)} of the open runtimes "
        f"({count(opened['downloads_30d'])})"
    )


def leaps(frame: pl.DataFrame) -> str:
    """Name the packages that jumped within the last month; a counter that leaps is no adoption."""
    seen = frame.filter(pl.col("downloads_30d").is_not_null()).sort("package", "as_of_date")
    newest: date = max(seen["as_of_date"].to_list())
    parts = []
    for row in seen.filter(pl.col("as_of_date") == newest).iter_rows(named=True):
        before = seen.filter(
            pl.col("package") == row["package"],
            pl.col("as_of_date") < newest,
            (newest - pl.col("as_of_date")).dt.total_days() <= MONTH_DAYS,
        )["downloads_30d"].to_list()
        if before and row["downloads_30d"] > LEAP * before[-1]:
            parts.append(
                f"{cut(row['package'], 30)} {times(row['downloads_30d'] / before[-1])} times "
                f"({count(before[-1])} to {count(row['downloads_30d'])})"
            )
    if not parts:
        return ""
    return f" More than fivefold within the last month to {day(newest)}: {listing(parts)}. Read it with care."


def packages_trend(frame: pl.DataFrame) -> Chart:
    """Draw the downloads of the largest packages of both kinds, month by month."""
    name, question = "packages-trend", "How did the downloads of open runtimes and proprietary SDKs go?"
    seen = frame.filter(pl.col("downloads_30d").is_not_null())
    if seen.is_empty():
        return nothing(name, question, "No download count of these packages is in this release.")
    latest = (
        seen.sort("as_of_date")
        .group_by("package", "access")
        .agg(newest=pl.col("downloads_30d").last(), last=pl.col("as_of_date").last())
    )
    order = latest.sort("last", "newest", "package", descending=[True, True, False])
    chosen = [
        row for access in ACCESS
        for row in order.filter(pl.col("access") == access).head(DRAWN_PACKAGES).iter_rows(named=True)
    ]  # fmt: skip
    figure = canvas(440, showlegend=True)
    shown: set[str] = set()
    heights = spread([log10(row["newest"]) for row in chosen], 0.17)
    for row, height in zip(chosen, heights, strict=True):
        group = seen.filter(pl.col("package") == row["package"]).sort("as_of_date")
        _package_line(figure, group, row["access"], height, first=row["access"] not in shown)
        shown.add(row["access"])
    figure.update_yaxes(type="log", title="downloads in 30 days, log scale", tickformat="~s", dtick=1)
    figure.update_layout(margin={"r": 110})
    figure.update_xaxes(
        range=isodates([min(seen["as_of_date"].to_list()), max(seen["as_of_date"].to_list())])
    )
    on_phones(figure, margin__r=90)
    rows = seen.filter(pl.col("package").is_in([row["package"] for row in chosen])).sort(
        "package", "as_of_date"
    )
    newest: date = max(seen["as_of_date"].to_list())
    last = seen.filter(pl.col("as_of_date") == newest).sort(
        "downloads_30d", "package", descending=[True, False]
    )
    lengths = sorted(set(frame["list_length"].to_list()))
    return Chart(
        name=name,
        title=f"Month by month. {_package_title(last, newest)}",
        subtitle=(
            "Downloads in 30 days from PyPI on the first days of the months, "
            f"{short_day(rows['as_of_date'].min())} "  # type: ignore[arg-type]
            f"to {short_day(rows['as_of_date'].max())}, logarithmic axis."  # type: ignore[arg-type]
        ),
        alt="One line a package, on a log axis.",
        table=rows.select("package", "access", "organization_id", "as_of_date", "downloads_30d"),
        figure=figure,
        note=(
            "A package has no point while it was not on the list, which held "
            f"{' then '.join(exact(length) for length in lengths)} packages: a line that begins is not a "
            f"birth. The {DRAWN_PACKAGES} of each kind are chosen by their newest count. A line is broken "
            "where a month is missing." + leaps(frame)
        ),
        headings=_PACKAGE_HEADINGS,
    )


def _package_line(
    figure: go.Figure, group: pl.DataFrame, access: str, label_at: float, *, first: bool
) -> None:
    words, colour = ACCESS[access]
    package = group["package"].to_list()[0]
    xs, ys = with_gaps(
        group["as_of_date"].to_list(), group["downloads_30d"].to_list(), LONGEST_GAP_MONTHLY_DAYS
    )
    figure.add_trace(
        go.Scatter(
            x=xs, y=ys, mode="lines+markers", name=words, legendgroup=access, showlegend=first,
            connectgaps=False,
            line={"width": 2, "color": colour, "dash": "solid" if access == "open" else "dash"},
            marker={"size": 3.5, "color": colour}, text=full(package),
            hovertemplate="%{text}<br>%{x|%-d %b %Y}: %{y:,} downloads in 30 days<extra></extra>",
        )
    )  # fmt: skip
    figure.add_annotation(
        text=label(package, 20),
        x=1,
        xref="paper",
        y=label_at,
        xanchor="left",
        xshift=4,
        font={"size": 11, "color": colour},
    )
