"""Who released what, when, and how open: the register of dated events as a calendar."""

from datetime import date

import plotly.graph_objects as go
import polars as pl

from dashboards.figures.chart import Chart, canvas, full, label, nothing, on_phones, row_labels
from dashboards.figures.populations import day_words
from dashboards.language import Language
from dashboards.theme import KINDS
from dashboards.words import cut

#: An organization with fewer verified events than this shares the last row.
LEAST_EVENTS = 3
#: Kinds that give out weights.
GIVEN = ("open_release", "gated_release")
#: Kinds through which weights come to the public.
OPENED = (*GIVEN, "leak")
SYMBOLS = {
    "open_release": "circle",
    "gated_release": "diamond",
    "proprietary_launch": "square",
    "leak": "x",
    "withdrawal": "triangle-down",
    "announcement": "cross",
}
#: Height of a row in pixels, and how far below its line the events lie that give out no weights.
ROW, LANE = 44, 0.26


def release_calendar(frame: pl.DataFrame, day: date | None, t: Language) -> Chart:
    """Draw the verified events, a row an organization, a mark an event; `day` is the register's."""
    name = "release-calendar"
    rows = frame.filter(pl.col("status") == "verified")
    if rows.is_empty():
        return nothing(name, t("releases.calendar.question"), t("releases.calendar.empty"))
    order = _order(rows)
    others = rows.filter(~pl.col("organization_id").is_in([one for one, _ in order]))
    labels = [label(words, 40) for _, words in order]
    if others.height:
        count = others["organization_id"].n_unique()
        labels.append(t("releases.calendar.others", n=count))
    places = {one: float(-place) for place, (one, _) in enumerate(order)}
    drawn = rows.with_columns(
        place=pl.col("organization_id").replace_strict(places, default=float(-len(order)))
        - pl.when(pl.col("kind").is_in(OPENED)).then(0.0).otherwise(LANE)
    )
    figure = canvas(ROW * len(labels) + 90, showlegend=True)
    for kind in KINDS:
        # The mark of the legend is that of the first event, so a full one comes first.
        mine = drawn.filter(pl.col("kind") == kind).sort("date_precision", "event_date", "release_id")
        if mine.height:
            figure.add_trace(_marks(mine, kind, t))
    row_labels(figure, labels, [float(-place) for place in range(len(labels))], 0.36)
    figure.update_yaxes(range=[-len(labels) + 0.5, 0.7], showgrid=True, tickvals=list(range(-len(labels), 1)))
    figure.update_layout(margin={"t": 40})
    on_phones(figure, margin__t=84)
    dates = rows["event_date"].to_list()
    given = rows.filter(pl.col("kind").is_in(GIVEN))
    return Chart(
        name=name,
        title=_title(rows, given, t),
        subtitle=t(
            "releases.calendar.subtitle", n=rows.height,
            organizations=rows["organization_id"].n_unique(),
            first=t.month(min(dates)), last=t.month(max(dates)), day=day_words(day, t),
        ),
        alt=t("releases.calendar.alt", kinds=_counts(rows, t)),
        table=drawn.sort("event_date", "release_id").select(
            "event_date", "date_precision", "name", "organization", "kind", "modality"
        ),
        figure=figure,
        note=t("releases.calendar.note", n=frame.height - rows.height, least=LEAST_EVENTS),
        headings=t.table("releases.calendar.headings"),
        context={"as_of_date": day},
    )  # fmt: skip


def _order(rows: pl.DataFrame) -> list[tuple[str, str]]:
    """Give the organizations with a row of their own and their names, most events first."""
    counted = rows.group_by("organization_id").agg(n=pl.len(), words=pl.col("organization").first())
    chosen = counted.filter(pl.col("n") >= LEAST_EVENTS).sort(
        "n", "organization_id", descending=[True, False]
    )
    return [(one, words or one) for one, words in chosen.select("organization_id", "words").iter_rows()]


def _title(rows: pl.DataFrame, given: pl.DataFrame, t: Language) -> str:
    if given.is_empty():
        return t("releases.calendar.title_none", n=rows.height)
    counted = given.group_by("organization_id").agg(n=pl.len(), words=pl.col("organization").first())
    first = counted.sort("n", "organization_id", descending=[True, False]).row(0, named=True)
    most = counted.filter(pl.col("n") == first["n"])["words"].sort().to_list()
    return t(
        "releases.calendar.title", n=given.height,
        launches=rows.filter(pl.col("kind") == "proprietary_launch").height,
        organization=t.listing([cut(words, 40) for words in most[:3]]), most=first["n"],
    )  # fmt: skip


def _counts(rows: pl.DataFrame, t: Language) -> str:
    counts = {kind: rows.filter(pl.col("kind") == kind).height for kind in KINDS}
    return t.listing(
        f"{t(f'common.kinds.{kind}')} {t.exact(number)}" for kind, number in counts.items() if number
    )


def _marks(mine: pl.DataFrame, kind: str, t: Language) -> go.Scatter:
    """Draw the events of a kind; hollow where only the month is known, and then in its middle."""
    is_month = [precision == "month" for precision in mine["date_precision"].to_list()]
    days = [
        (when.replace(day=15) if only_month else when).isoformat()
        for when, only_month in zip(mine["event_date"].to_list(), is_month, strict=True)
    ]
    symbol = SYMBOLS[kind]
    return go.Scatter(
        x=days, y=mine["place"].to_list(), mode="markers", name=t(f"common.kinds.{kind}"),
        marker={
            "color": KINDS[kind], "size": 9, "opacity": 0.85, "line": {"width": 1, "color": KINDS[kind]},
            "symbol": [f"{symbol}-open" if only_month else symbol for only_month in is_month],
        },
        text=[_hover(row, t) for row in mine.iter_rows(named=True)],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _hover(row: dict[str, object], t: Language) -> str:
    when = row["event_date"]
    if not isinstance(when, date):
        raise TypeError(f"{when!r} is no day.")
    day = t.month(when) if row["date_precision"] == "month" else t.day(when)
    kind = t(f"common.kinds.{row['kind']}")
    return f"{full(str(row['name']))}<br>{full(str(row['organization']))}<br>{day} · {kind}"
