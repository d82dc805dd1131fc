"""Events: the timeline of releases, and the radiation that followed the LLaMA leak."""

from calendar import monthrange
from datetime import date, timedelta

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
    vertical_mark,
)
from dashboards.theme import BLUE, GREY, KIND_WORDS, KINDS
from dashboards.words import cut, days, listing, plural, sentence, short_day

LEAK = "2023-03-03-llama-leak"
#: Words at the top of the timeline, where the register has them.
LANDMARKS = {
    "2022-04-06-dall-e-2": "DALL-E 2",
    "2022-08-22-stable-diffusion-public-release": "Stable Diffusion",
    LEAK: "LLaMA leak",
}
WINDOW_DAYS = 120
STACK_DAYS = 40
LANE_GAP = 2.2


def verified(releases: pl.DataFrame) -> pl.DataFrame:
    """Keep the events that somebody really looked up."""
    return releases.filter(pl.col("status") == "verified")


def leak_date(releases: pl.DataFrame) -> date | None:
    """Give the day of the LLaMA leak; None when the register does not have it verified."""
    found = verified(releases).filter(pl.col("release_id") == LEAK)["event_date"].to_list()
    return found[0] if found else None


def radiation(releases: pl.DataFrame) -> Chart:
    """Draw how many days after the leak each project on LLaMA appeared."""
    name, question = "radiation", "What followed the LLaMA leak?"
    leak = leak_date(releases)
    if leak is None:
        return nothing(name, question, "The register of this release has no verified date of the LLaMA leak.")
    rows = _descendants(verified(releases), leak)
    unverified = _descendants(releases, leak).height - rows.height
    if rows.is_empty():
        return nothing(
            name, question, f"No verified release on LLaMA lies within {WINDOW_DAYS} days of the leak."
        )
    places = [float(-place) for place in range(rows.height)]
    sharp = (rows["date_precision"] == "day").to_list()
    after = rows["days_after"].to_list()
    figure = canvas(40 * rows.height + 60)
    figure.add_trace(
        go.Scatter(
            x=after, y=places, mode="markers+text", name="days after the leak",
            marker={
                "size": 11, "color": BLUE,
                "symbol": ["circle" if is_day else "circle-open" for is_day in sharp],
            },
            error_x={
                "type": "data", "symmetric": False, "color": GREY, "thickness": 1.5, "width": 4,
                "array": _minus(rows["latest_days"].to_list(), after),
                "arrayminus": _minus(after, rows["earliest_days"].to_list()),
            },
            text=[f"  {number}" if is_day else "" for number, is_day in zip(after, sharp, strict=True)],
            textposition="middle right", cliponaxis=False,
            customdata=[
                full(f"{row['name']}, {short_day(row['event_date'])}. {row['note'] or ''}")
                for row in rows.iter_rows(named=True)
            ],
            hovertemplate="%{customdata}<br>day %{x} after the leak<extra></extra>",
        )
    )  # fmt: skip
    names = [
        f"{label(row['name'], 24)} · {label(row['organization'], 28)}" for row in rows.iter_rows(named=True)
    ]
    row_labels(figure, names, places, 0.45)
    figure.add_vline(x=0, line={"dash": "dot", "width": 1, "color": GREY}, layer="below")
    figure.update_xaxes(title="days after the leak", dtick=14)
    figure.update_yaxes(range=[-rows.height + 0.4, 0.9])
    on_phones(figure, xaxis__dtick=28)
    return Chart(
        name=name,
        title=_radiation_title(rows),
        subtitle=(
            f"Days from the LLaMA leak of {short_day(leak)} to verified open or gated releases that stand on "
            f"LLaMA, within {WINDOW_DAYS} days. Hollow points: only the month is known, and the bar is that "
            f"month. Not verified, so not drawn: {plural(unverified, 'release')}."
        ),
        alt="Dots on a line of days after the leak, one row a project.",
        table=rows.select(
            "name", "organization", "event_date", "date_precision", "days_after", "earliest_days",
            "latest_days", "base_name",
        ),
        figure=figure,
        note=(
            "What came after the leak did not all come because of it: LLaMA itself could be had on "
            "application before. Dates are those of the register, with their sources there."
        ),
        headings={
            "name": "Project", "organization": "By", "event_date": "Date", "date_precision": "Known to the",
            "days_after": "Days after the leak", "earliest_days": "At the earliest",
            "latest_days": "At the latest", "base_name": "Built on",
        },
    )  # fmt: skip


def _descendants(releases: pl.DataFrame, leak: date) -> pl.DataFrame:
    """Find the releases near the leak that stand on LLaMA, directly or through each other."""
    near = releases.filter(
        pl.col("kind").is_in(["open_release", "gated_release"]),
        (pl.col("event_date") - leak).dt.total_days().abs() <= WINDOW_DAYS,
        pl.col("base_name").is_not_null(),
    )
    names = {"LLaMA"}
    while True:
        on_them = [
            row["name"] for row in near.iter_rows(named=True)
            if any(row["base_name"] == base or row["base_name"].startswith(f"{base} ") for base in names)
        ]  # fmt: skip
        if names >= set(on_them):
            break
        names |= set(on_them)
    rows = near.filter(pl.col("name").is_in(on_them)).with_columns(
        days_after=(pl.col("event_date") - leak).dt.total_days()
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


def _minus(these: list[int], those: list[int]) -> list[int]:
    return [one - other for one, other in zip(these, those, strict=True)]


def _radiation_title(rows: pl.DataFrame) -> str:
    """Name the first ones whose day is known."""
    sharp = rows.filter(pl.col("date_precision") == "day", pl.col("days_after") >= 0)
    if sharp.is_empty():
        return "What followed the LLaMA leak"
    firsts = {cut(row["name"], 30): row["days_after"] for row in sharp.iter_rows(named=True)}
    named = [name for name in ("Alpaca", "Vicuna", "Koala") if name in firsts] or list(firsts)[:3]
    first, *others = sorted(named, key=lambda name: firsts[name])
    parts = [
        f"{first} came {days(firsts[first])} after the LLaMA leak",
        *(f"{name} {firsts[name]}" for name in others),
    ]
    return listing(parts)


def timeline(releases: pl.DataFrame) -> Chart:
    """Draw the dated events in one lane a kind, from GPT-2 on."""
    name, question = "timeline", "What was released, leaked, withdrawn and announced?"
    known = verified(releases)
    firsts = known.filter(pl.col("family") == "GPT-2")["event_date"].to_list()
    rows = known.filter(pl.col("event_date") >= min(firsts)) if firsts else known
    if rows.is_empty():
        return nothing(name, question, "The register of this release has no verified event.")
    unverified, earlier = releases.height - known.height, known.height - rows.height
    figure, lanes, base = canvas(100), [], 0.0
    for kind in KIND_WORDS:
        group = rows.filter(pl.col("kind") == kind)
        if group.is_empty():
            continue
        heights = _stack(group["event_date"].to_list())
        figure.add_trace(_lane(group, kind, [base - height for height in heights]))
        lanes.append((f"{KIND_WORDS[kind]}: {group.height}", base))
        base -= max(heights) + LANE_GAP
    row_labels(figure, [text for text, _ in lanes], [place for _, place in lanes], 1.1)
    figure.update_yaxes(range=[base + LANE_GAP - 1, 6])
    figure.update_layout(height=int(11 * (7 - base)) + 40)
    for place, (release_id, text) in enumerate(LANDMARKS.items()):
        when = rows.filter(pl.col("release_id") == release_id)["event_date"].to_list()
        if when:
            vertical_mark(figure, when[0], text, level=place % 3, is_left=place == 0)
    dates = rows["event_date"].to_list()
    kept = rows.select("event_date", "date_precision", "name", "organization", "kind", "modality")
    return Chart(
        name=name,
        title=_timeline_title(rows),
        subtitle=(
            f"Verified events of the register, {short_day(min(dates))} to {short_day(max(dates))}; one dot "
            "an event, dots of nearly the same time lie below each other. Not verified, so not drawn: "
            f"{plural(unverified, 'event')}."
        ),
        alt="Dots in one lane for each kind of event, over time.",
        table=kept,
        figure=figure,
        note=(
            f"Hollow dots: only the month is known. Before GPT-2 and not drawn: {plural(earlier, 'event')}. "
            "The register holds what was noticed and looked up, not all there was."
        ),
        headings={
            "event_date": "Date", "date_precision": "Known to the", "name": "Event", "organization": "Whose",
            "kind": "Kind", "modality": "Modality",
        },
    )  # fmt: skip


def _timeline_title(rows: pl.DataFrame) -> str:
    kinds = dict(rows.group_by("kind").len().iter_rows())
    parts = [f"{KIND_WORDS[kind].lower()} ({kinds[kind]})" for kind in KIND_WORDS if kind in kinds]
    return f"{sentence(listing(parts))} since {short_day(rows['event_date'].to_list()[0])}"


def _stack(dates: list[date]) -> list[int]:
    """Give each date the first row of its lane in which it does not touch the one before."""
    rows: list[date] = []
    heights = []
    for when in dates:
        free = [place for place, last in enumerate(rows) if when - last >= timedelta(days=STACK_DAYS)]
        place = free[0] if free else len(rows)
        rows[place : place + 1] = [when]
        heights.append(place)
    return heights


def _lane(group: pl.DataFrame, kind: str, places: list[float]) -> go.Scatter:
    return go.Scatter(
        x=isodates(group["event_date"].to_list()), y=places, mode="markers", name=KIND_WORDS[kind],
        marker={
            "size": 8, "color": KINDS[kind],
            "symbol": [
                "circle" if known == "day" else "circle-open" for known in group["date_precision"].to_list()
            ],
        },
        customdata=[full(f"{row['name']} ({row['organization']}), {short_day(row['event_date'])}")
                    for row in group.iter_rows(named=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
