"""The spring of 2023, day by day: what was released after the LLaMA leak, and the stars that it drew.

Here: events of the register and repositories around one event. Not here: the timeline of all events, and how
fast derivatives follow any release (responses).
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.figures.chart import Chart, canvas, full, label, nothing, on_phones, spread
from dashboards.figures.marks import dot, whiskers
from dashboards.figures.populations import day_words
from dashboards.figures.reasons import spoken
from dashboards.language import Language
from dashboards.theme import GREY, KINDS, RED, SERIES
from dashboards.words import cut

LEAK = "2023-03-03-llama-leak"
STABLE_DIFFUSION = "2022-08-22-stable-diffusion-public-release"
WINDOW_DAYS = 120
#: Stars are drawn for a year; a line never crosses a hole longer than a week.
STAR_DAYS, LONGEST_GAP_DAYS, FEWEST_DAYS = 365, 7, 10
#: So many signs of a repository's name stand beside its line, and on each of two lines on a phone.
STAR_SIGNS, STAR_PHONE_SIGNS = 24, 15
SHAPES = {"open_release": "circle", "gated_release": "square", "withdrawal": "x"}
PROJECTS = ("Alpaca", "Vicuna", "Koala")


@dataclass(frozen=True)
class Event:
    """What stars are counted from: the name of its figure and texts, its day, the families around it."""

    name: str
    day: date | None
    families: tuple[str, ...]


def verified(releases: pl.DataFrame) -> pl.DataFrame:
    """Keep the events that somebody really looked up."""
    return releases.filter(pl.col("status") == "verified")


def day_of(releases: pl.DataFrame, release_id: str) -> date | None:
    """Give the day of an event; None when the register does not have it verified."""
    found = verified(releases).filter(pl.col("release_id") == release_id)["event_date"].to_list()
    return found[0] if found else None


def leak_date(releases: pl.DataFrame) -> date | None:
    """Give the day of the LLaMA leak; None when the register does not have it verified."""
    return day_of(releases, LEAK)


def radiation(releases: pl.DataFrame, day: date | None, t: Language) -> Chart:
    """Draw how many days after the leak each event on LLaMA came, one row each; `day` is the register's."""
    name = "radiation"
    leak = leak_date(releases)
    if leak is None:
        return nothing(name, t("explosion.radiation.question"), t("explosion.radiation.no_leak"))
    rows = _descendants(releases, leak)
    if rows.is_empty():
        return nothing(
            name, t("explosion.radiation.question"), t("explosion.radiation.empty", days=WINDOW_DAYS)
        )
    unverified = rows.filter(~pl.col("is_verified")).height
    return Chart(
        name=name,
        title=_radiation_title(rows, t),
        subtitle=t(
            "explosion.radiation.subtitle", day=leak, days=WINDOW_DAYS, n=rows.height, unverified=unverified
        ),
        alt=t(
            "explosion.radiation.alt",
            rows=t.listing(f"{cut(row['name'], 40)} {_day(row)}" for row in rows.iter_rows(named=True)),
        ),
        table=rows.select(
            "name", "organization", "kind", "event_date", "date_precision", "days_after", "earliest_days",
            "latest_days", "base_name", "status",
        ).with_columns(
            spoken("kind", "common.kinds", t),
            spoken("date_precision", "overview.timeline.precisions", t),
            spoken("status", "explosion.statuses", t),
        ),
        figure=_radiation_rows(rows, t),
        note=t("explosion.radiation.note", day=day_words(day, t)),
        headings=t.table("explosion.radiation.headings"),
        context={"as_of_date": day},
    )  # fmt: skip


def _radiation_rows(rows: pl.DataFrame, t: Language) -> go.Figure:
    """Draw one event a row, its name beside it, and the line of the leak."""
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(31 * rows.height + 100, showlegend=True)
    for kind, is_verified in dict.fromkeys(rows.select("kind", "is_verified").iter_rows()):
        mine = [
            place for place, row in enumerate(rows.iter_rows(named=True))
            if (row["kind"], row["is_verified"]) == (kind, is_verified)
        ]  # fmt: skip
        figure.add_trace(_dots(rows[mine], [places[place] for place in mine], t))
    first, last = min(rows["earliest_days"].to_list()) - 3, max(rows["latest_days"].to_list()) + 4
    for number, (row, place) in enumerate(zip(rows.iter_rows(named=True), places, strict=True)):
        figure.add_annotation(_row_label(row, t, place, (first + last) / 2))
        short = {"text": f"{label(row['name'], 22)} · {_day(row)}", "font__size": 11}
        on_phones(figure, **{f"annotations__{number}__{key}": value for key, value in short.items()})
    figure.add_vline(x=0, line={"width": 1.5, "color": RED}, layer="below")
    figure.add_annotation(
        text=t("explosion.radiation.leak"), x=0, xanchor="right", xshift=-4, y=0.95, yanchor="middle",
        font={"size": 12},
    )  # fmt: skip
    figure.update_xaxes(title=t("explosion.radiation.axis"), dtick=14, zeroline=False, range=[first, last])
    figure.update_yaxes(range=[-rows.height + 0.4, 1.3], showticklabels=False, showgrid=False)
    on_phones(figure, xaxis__dtick=28)
    return figure


def _day(row: dict[str, Any]) -> str:
    """Write the day after the leak, or the first and last one of the month."""
    if row["date_precision"] == "day":
        return _signed(row["days_after"])
    return f"{_signed(row['earliest_days'])} … {_signed(row['latest_days'])}"


def _signed(days: int) -> str:
    return str(days).replace("-", "−")


def _row_label(row: dict[str, Any], t: Language, place: float, middle: float) -> dict[str, Any]:
    """Name a row beside its dot, on the side that has more room."""
    is_left = row["days_after"] > middle
    doubt = "" if row["is_verified"] else f" · {t('explosion.radiation.unverified')}"
    whose = label(row["organization"].partition(" (")[0], 32)  # what stands in brackets is in the table
    return {
        "text": f"<b>{label(row['name'], 26)}</b> · {whose}{doubt} · {_day(row)}",
        "x": row["earliest_days"] if is_left else row["latest_days"], "y": place, "yanchor": "middle",
        "xanchor": "right" if is_left else "left", "xshift": -10 if is_left else 10, "font": {"size": 12},
    }  # fmt: skip


def _dots(rows: pl.DataFrame, places: list[float], t: Language) -> go.Scatter:
    """Draw the rows of one kind and status; hollow if only the month is known, grey if not verified."""
    kind, is_verified = rows["kind"][0], rows["is_verified"][0]
    shape, colour = SHAPES[kind], KINDS[kind] if is_verified else GREY
    sharp = (rows["date_precision"] == "day").to_list()
    after = rows["days_after"].to_list()
    words = t(f"common.kinds.{kind}")
    return go.Scatter(
        x=after, y=places, mode="markers",
        name=words if is_verified else t("explosion.radiation.unverified_kind", kind=words),
        marker={
            "size": 11, "color": colour, "line": {"width": 2, "color": colour},
            "symbol": [shape if is_day and is_verified else f"{shape}-open" for is_day in sharp],
        },
        error_x=whiskers(
            after, rows["earliest_days"].to_list(), rows["latest_days"].to_list(), colour, width=4
        ),
        cliponaxis=False,
        customdata=[
            full(t(
                f"explosion.radiation.{'hover' if row['base_name'] else 'hover_root'}", name=row["name"],
                day=(t.day if row["date_precision"] == "day" else t.month)(row["event_date"]),
                base=row["base_name"] or "", note=row["note"] or "",
            ))
            for row in rows.iter_rows(named=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _descendants(releases: pl.DataFrame, leak: date) -> pl.DataFrame:
    """Find the events near the leak that stand on LLaMA, directly or through each other, and LLaMA itself."""
    near = releases.filter(
        pl.col("kind").is_in(list(SHAPES)),
        (pl.col("event_date") - leak).dt.total_days().abs() <= WINDOW_DAYS,
    )
    based = near.filter(pl.col("base_name").is_not_null())
    names = {"LLaMA"}
    while True:
        on_them = {
            row["name"] for row in based.iter_rows(named=True)
            if any(row["base_name"] == base or row["base_name"].startswith(f"{base} ") for base in names)
        }  # fmt: skip
        if names >= on_them:
            break
        names |= on_them
    if not on_them:
        return near.clear()
    rows = near.filter(pl.col("name").is_in(sorted(names))).with_columns(
        days_after=(pl.col("event_date") - leak).dt.total_days(), is_verified=pl.col("status") == "verified"
    )
    ends = [_bounds(row["event_date"], row["date_precision"]) for row in rows.iter_rows(named=True)]
    return rows.with_columns(
        earliest_days=pl.Series([(first - leak).days for first, _ in ends], dtype=pl.Int64),
        latest_days=pl.Series([(last - leak).days for _, last in ends], dtype=pl.Int64),
    ).sort("days_after", "name")


def _bounds(when: date, precision: str) -> tuple[date, date]:
    if precision == "day":
        return when, when
    return when.replace(day=1), when.replace(day=monthrange(when.year, when.month)[1])


def _radiation_title(rows: pl.DataFrame, t: Language) -> str:
    """Name the first verified ones whose day is known."""
    sharp = rows.filter(
        pl.col("date_precision") == "day",
        pl.col("days_after") >= 0,
        "is_verified",
        pl.col("kind") != "withdrawal",
    )
    if sharp.is_empty():
        return t("explosion.radiation.question")
    firsts = {cut(row["name"], 30): row["days_after"] for row in sharp.iter_rows(named=True)}
    named = [name for name in PROJECTS if name in firsts] or list(firsts)[:3]
    first, *others = sorted(named, key=lambda name: firsts[name])
    parts = [
        t("explosion.radiation.first", name=first, days=t.days(firsts[first])),
        *(t("explosion.radiation.next", name=name, n=firsts[name]) for name in others),
    ]
    return t.listing(parts)


# Stars ----------------------------------------------------------------------------------------------------


def stars(frame: pl.DataFrame, event: Event, t: Language) -> Chart:
    """Draw the observed stars of the repositories around an event by days since it, with holes left open."""
    name, text = f"stars-{event.name}", f"explosion.stars.{event.name.replace('-', '_')}"
    question = t(f"{text}.question")
    if event.day is None:
        return nothing(name, question, t(f"{text}.no_event"))
    mine = frame.filter(
        pl.col("family").is_in(event.families),
        pl.col("date") <= event.day + timedelta(days=STAR_DAYS),
        pl.col("date") >= event.day,
    ).with_columns(days_after=(pl.col("date") - event.day).dt.total_days())
    counted = mine.group_by("repository").agg(
        days=pl.len(), newest=pl.col("stars_observed").sort_by("date").last(), last=pl.col("days_after").max()
    )
    chosen = counted.filter(pl.col("days") >= FEWEST_DAYS).sort(
        "newest", "repository", descending=[True, False]
    )
    if chosen.is_empty():
        return nothing(name, question, t("explosion.stars.empty", days=FEWEST_DAYS))
    rows = _weekly(mine.filter(pl.col("repository").is_in(chosen["repository"].to_list())))
    figure = _star_lines(rows, chosen, t)
    figure.update_xaxes(title=t(f"{text}.axis"))
    first = chosen.row(0, named=True)
    return Chart(
        name=name,
        title=t(
            f"{text}.title", repository=cut(first["repository"], 60), stars=t.count(first["newest"]),
            days=t.days(first["last"]),
        ),
        subtitle=t(
            f"{text}.subtitle", n=chosen.height, day=event.day, days=STAR_DAYS, own=_own_words(mine, t)
        ),
        alt=t(
            "explosion.stars.alt",
            rows=t.listing(_ends(chosen.iter_rows(named=True), t)),
        ),
        table=rows.select("repository", "date", "days_after", "stars_observed"),
        figure=figure,
        note=t(
            "explosion.stars.note", gap=t.days(LONGEST_GAP_DAYS), few=counted.height - chosen.height,
            days=FEWEST_DAYS,
        ),
        headings=t.table("explosion.stars.headings"),
    )  # fmt: skip


def _star_lines(rows: pl.DataFrame, chosen: pl.DataFrame, t: Language) -> go.Figure:
    """Draw one line a repository, its name behind it, apart from the others; on two lines on a phone."""
    figure = canvas(440, margin={"r": 176, "t": 16})
    heights = spread([float(number) for number in chosen["newest"].to_list()], max(chosen["newest"]) / 15)
    for place, (row, height) in enumerate(zip(chosen.iter_rows(named=True), heights, strict=True)):
        colour = SERIES[place % len(SERIES)]
        name = row["repository"].rsplit("/", maxsplit=1)[-1]
        _star_line(figure, rows.filter(pl.col("repository") == row["repository"]), colour, t)
        figure.add_annotation(
            text=dot(colour) + label(name, STAR_SIGNS), x=1, xref="paper", xanchor="left", xshift=4,
            align="left", y=height, yanchor="middle", font={"size": 11},
        )  # fmt: skip
        on_phones(figure, **{f"annotations__{place}__text": dot(colour) + _on_two_lines(name)})
    figure.update_yaxes(range=[0, 1.08 * max(*heights, *rows["stars_observed"])], tickformat=",d",
                        title=t("explosion.stars.axis"))  # fmt: skip
    figure.update_xaxes(range=[-6, STAR_DAYS], dtick=30)
    on_phones(figure, margin__r=112, xaxis__dtick=90)
    return figure


def _on_two_lines(name: str) -> str:
    """Break the name of a repository behind the last hyphen that leaves a short first line."""
    name = cut(name, STAR_SIGNS)
    breaks = [place + 1 for place, mark in enumerate(name[:STAR_PHONE_SIGNS]) if mark in "-_."]
    if len(name) <= STAR_PHONE_SIGNS or not breaks:
        return label(name, STAR_PHONE_SIGNS)
    rest = name[breaks[-1] :]
    return f"{label(name[: breaks[-1]], STAR_PHONE_SIGNS)}<br>{label(rest, STAR_PHONE_SIGNS)}"


def _weekly(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the last observation of each week, and both ends of each run that was seen without a hole."""
    is_hole = pl.col("days_after").diff() > LONGEST_GAP_DAYS
    runs = rows.sort("repository", "date").with_columns(
        run=is_hole.fill_null(value=False).cum_sum().over("repository"),
        week=pl.col("days_after") // 7,
    )
    is_kept = pl.struct("repository", "run").is_first_distinct()
    is_kept |= pl.struct("repository", "run", "week").is_last_distinct()
    return runs.filter(is_kept)


def _ends(rows: Iterable[dict[str, Any]], t: Language) -> list[str]:
    return [
        t("explosion.stars.end", repository=cut(row["repository"], 60), stars=t.count(row["newest"]),
          days=t.days(row["last"]))
        for row in rows
    ]  # fmt: skip


def _own_words(rows: pl.DataFrame, t: Language) -> str:
    """Say from when on the stars are our own observations, if any are."""
    own = rows.filter("is_own")["date"].to_list()
    return t("explosion.stars.own", day=min(own)) if own else ""


def _star_line(figure: go.Figure, group: pl.DataFrame, colour: str, t: Language) -> None:
    xs: list[int | None] = []
    ys: list[int | None] = []
    told: list[str] = []
    run = 0
    for row in group.iter_rows(named=True):
        if row["run"] != run:
            xs, ys, told = [*xs, None], [*ys, None], [*told, ""]
        run = row["run"]
        xs.append(row["days_after"])
        ys.append(row["stars_observed"])
        told.append(t.short_day(row["date"]))
    repository = group["repository"][0]
    figure.add_trace(
        go.Scatter(
            x=xs, y=ys, mode="lines+markers", name=label(repository), connectgaps=False,
            line={"width": 2, "color": colour}, marker={"size": 4, "color": colour}, text=full(repository),
            customdata=told, hovertemplate="%{text}<br>%{customdata}: %{y:,} ★<extra></extra>",
        )
    )  # fmt: skip
