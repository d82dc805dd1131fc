"""Changes: what is new since last week, every number as published, corrections, methods, and the feed.

All of it is made from tables, but for the corrections that people write into dashboards/corrections.toml and
the changelog of methods in the catalogue.
"""

import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from dashboards.data import changes, common, overview
from dashboards.data.release import Release
from dashboards.feed import Entry, atom
from dashboards.language import Language
from dashboards.pages import headlines
from dashboards.pages.page import Cell, Page, Section, Table, cell, table
from dashboards.words import cut, cut_end

CORRECTIONS = Path(__file__).parent.parent / "corrections.toml"
#: How many lists, events and models the digest names.
LANDED, EVENTS, MODELS = 8, 30, 10
#: How far back the register's events are new; it is kept by hand, so a week would mostly be empty.
REGISTER = timedelta(weeks=8)

Row = dict[str, Any]


def build(release: Release, t: Language) -> Page:
    """Gather the page of changes and its feed."""
    vintages, mended = changes.vintages(release), corrections(CORRECTIONS)
    told = week(release, t)
    return Page(
        file="changes.html",
        name=t("changes.name"),
        question=t("changes.question"),
        answer=told[:1],
        sections=[
            Section("week", t("changes.week.title"), told[1:], tables=[_digest(release, t)]),
            _landed(release, t),
            _register(release, t),
            _models(release, t),
            Section(
                "vintages", t("changes.vintages.title"), [t("changes.vintages.text")],
                tables=[vintage_table(vintages, t)],
            ),
            _corrections(vintages, mended, t),
            Section(
                "methods", t("changes.methods.title"), [t("changes.methods.text")],
                definitions=t.pairs("changes.methods.log"),
            ),
            Section("feed", t("changes.feed.heading"), _feed_words(t)),
        ],
        limits=t.lines("changes.limits"),
        files={"feed.xml": atom(entries(vintages, mended, t), t)},
    )  # fmt: skip


# The week --------------------------------------------------------------------------------------------------


def week(release: Release, t: Language) -> list[str]:
    """Say in sentences what is new: in the numbers first, then in the data."""
    return [
        numbers_words(changes.vintages(release), changes.as_of_date(release), t),
        *_landed_words(release, t),
        *_event_words(release, t),
    ]


def numbers_words(vintages: pl.DataFrame, as_of: date | None, t: Language) -> str:
    """Say which numbers were published or revised in the week before the release's as-of date."""
    if vintages.is_empty() or as_of is None:
        return t("changes.week.unkept")
    since = as_of - changes.WEEK
    new = vintages.filter(pl.col("published_as_of_date") > since)
    revised = _numbers(new.filter("is_revision"))
    if new.height == vintages.height and new["published_as_of_date"].n_unique() == 1 and not revised:
        return t("changes.week.first", n=_numbers(new), day=new["published_as_of_date"].to_list()[0])
    if new.is_empty():
        newest = max(vintages["published_as_of_date"].to_list())
        return t("changes.week.same", since=since, day=newest)
    return t(
        "changes.week.changed", since=since, n=_numbers(new.filter(~pl.col("is_revision"))), revised=revised
    )


def _numbers(vintages: pl.DataFrame) -> int:
    """Count numbers of a population and day, of which each may have several vintages."""
    return vintages.select("headline", "universe", "scope", "as_of_date").n_unique()


def _landed_words(release: Release, t: Language) -> list[str]:
    rows = changes.landed(release, 1).rows(named=True)
    if not rows:
        return []
    title = cut_end(t.scope(rows[0]["scope"], rows[0]["title"]), 120)
    return [t("changes.week.landed", day=rows[0]["newest_date"], title=title)]


def _event_words(release: Release, t: Language) -> list[str]:
    rows = changes.newest_event(release).rows(named=True)
    if not rows:
        return []
    row = rows[0]
    return [t("changes.week.event", name=cut(row["name"], 60), day=_event_day(row, t))]


def _event_day(row: Row, t: Language) -> str:
    return t.day(row["event_date"]) if row["date_precision"] == "day" else t.month(row["event_date"])


def _digest(release: Release, t: Language) -> Table:
    """List the headlines with what they were before, and say where there is nothing to compare with."""
    paces, rows = headlines.paces_of(release), []
    for row in headlines.in_order(overview.numbers(release)):
        link = f"#{headlines.anchor(row)}" if row["vintage"] is not None else ""
        label = headlines.name_text(t, row["headline"])
        rows.append(
            [
                Cell(label, "", label.casefold(), link=link),
                Cell(headlines.group_title(t, row["universe"])),
                Cell(headlines.value_text(t, row), repr(row["value"])),
                Cell(headlines.change_text(t, row, paces)),
                Cell(row["as_of_date"].isoformat()),
            ]
        )
    columns = [
        t(f"changes.week.columns.{name}") for name in ("number", "universe", "value", "change", "as_of")
    ]
    return Table("digest", t("changes.week.caption"), columns, rows, empty=t("common.nothing"))


def _landed(release: Release, t: Language) -> Section:
    frame = changes.landed(release, LANDED).with_columns(title=_each("scope", "title", t.scope))
    headings = {
        name: t(f"changes.landed.columns.{name}") for name in ("newest_date", "title", "source", "rows")
    }
    found = table(t, "landed-lists", t("changes.landed.caption", n=frame.height), frame, headings)
    return Section("landed", t("changes.landed.title"), [t("changes.landed.text")], tables=[found])


def _each(first: str, second: str, function: Any) -> pl.Expr:
    return pl.struct(first, second).map_elements(
        lambda both: function(both[first], both[second]), return_dtype=pl.String
    )


def _register(release: Release, t: Language) -> Section:
    """List the events of the last weeks of data, or say that there are none."""
    newest = common.newest_date(release)
    title = t("changes.register.title")
    if newest is None:
        return Section("register", title, [t("common.nothing")])
    since = newest - REGISTER
    frame = changes.events(release, since).head(EVENTS)
    if frame.is_empty():
        return Section("register", title, [t("changes.register.none", since=since, newest=newest)])
    frame = frame.with_columns(
        kind=pl.col("kind").map_elements(lambda kind: t(f"common.kinds.{kind}"), return_dtype=pl.String)
    )
    columns = ("event_date", "date_precision", "name", "organization", "kind")
    headings = {name: t(f"changes.register.columns.{name}") for name in columns}
    caption = t("changes.register.caption", since=since)
    return Section("register", title, tables=[table(t, "events", caption, frame, headings)])


def _models(release: Release, t: Language) -> Section:
    """List the models that are new in the newest list, where an older list of the same population exists."""
    title, newest = t("changes.models.title"), changes.newest_list(release)
    if newest is None:
        return Section("models", title, [t("changes.models.no_list")])
    scope = cut_end(t.scope(newest.scope, newest.title), 120)
    listed = t.model_list(newest.scope, scope, newest.snapshot_date)
    before = changes.list_before(release, newest)
    if before is None:
        return Section("models", title, [t("changes.models.alone", list=listed)])
    frame = changes.new_models(release, newest, before, MODELS)
    headings = {name: t(f"changes.models.columns.{name}") for name in ("model_id", "downloads_30d")}
    caption = t("changes.models.caption", list=listed, before=before)
    return Section(
        "models", title, [t("changes.models.text")], tables=[table(t, "new-models", caption, frame, headings)]
    )


# Vintages and corrections ----------------------------------------------------------------------------------

_VINTAGES = (
    "number", "universe", "value", "lower", "upper", "as_of", "scope", "vintage", "published", "before",
    "stands", "denominator",
)  # fmt: skip


def vintage_table(frame: pl.DataFrame, t: Language, name: str = "all-vintages") -> Table:
    """List every number as it was published; its row has the address that sentences to copy carry."""
    found = frame.rows(named=True)
    return Table(
        name,
        t("changes.vintages.caption"),
        [t(f"changes.vintages.columns.{column}") for column in _VINTAGES],
        [_vintage_cells(row, t) for row in found],
        is_sortable=True,
        empty=t("common.nothing"),
        note=t("changes.vintages.note"),
        anchors=[headlines.anchor(row) for row in found] if name == "all-vintages" else [],
    )


def _vintage_cells(row: Row, t: Language) -> list[Cell]:
    label = headlines.name_text(t, row["headline"])
    return [
        Cell(label, row["headline"], label.casefold()),
        Cell(headlines.group_title(t, row["universe"])),
        *(_number_cell(row[column], row["unit"], t) for column in ("value", "lower", "upper")),
        cell(t, "as_of_date", row["as_of_date"]),
        cell(t, "scope", row["scope"]),
        cell(t, "vintage", row["vintage"]),
        cell(t, "published_as_of_date", row["published_as_of_date"]),
        _number_cell(row["previous_value"], row["unit"], t),
        cell(t, "is_newest", row["is_newest"]),
        cell(t, "denominator", row["denominator"]),
    ]


def _number_cell(number: float | None, unit: str, t: Language) -> Cell:
    if number is None:
        return cell(t, "value", None, is_number=True)
    return Cell(headlines.written(t, unit, number), repr(number), repr(number), is_number=True)


@cache
def corrections(path: Path) -> tuple[Row, ...]:
    """Read the corrections that people wrote, the newest first; a wrong one is an error with its place."""
    rows = tomllib.loads(path.read_text(encoding="utf-8")).get("corrections", [])
    for place, row in enumerate(rows, start=1):
        is_whole = isinstance(row.get("date"), date) and isinstance(row.get("where"), str)
        if not is_whole or any(set(row.get(code, ())) != {"was", "is", "why"} for code in ("en", "zh")):
            raise ValueError(
                f"{path.name}, correction {place}: needs date, where, and was, is, why in en and zh."
            )
    return tuple(sorted(rows, key=lambda row: (row["date"], row["where"]), reverse=True))


def _corrections(vintages: pl.DataFrame, mended: Sequence[Row], t: Language) -> Section:
    revisions = vintages.filter("is_revision")
    texts = [t("changes.corrections.text")]
    tables = []
    if not mended:
        texts.append(t("changes.corrections.none"))
    else:
        columns = ("date", "where", "was", "is", "why")
        rows = [
            [cell(t, "date", row["date"]), *(Cell(part) for part in (row["where"], *_told(row, t)))]
            for row in mended
        ]
        headings = [t(f"changes.corrections.columns.{column}") for column in columns]
        tables.append(Table("corrections-log", t("changes.corrections.caption"), headings, rows))
    if revisions.is_empty():
        texts.append(t("changes.corrections.no_revisions", n=vintages.height))
    else:
        tables.append(vintage_table(revisions, t, "revisions"))
    return Section("corrections", t("changes.corrections.title"), texts, tables=tables)


def _told(row: Row, t: Language) -> list[str]:
    return [row[t.code][part] for part in ("was", "is", "why")]


# The feed --------------------------------------------------------------------------------------------------


def _feed_words(t: Language) -> list[str]:
    return [t("changes.feed.text"), t(f"changes.feed.{'absolute' if t.site_url else 'relative'}")]


def entries(vintages: pl.DataFrame, mended: Sequence[Row], t: Language) -> list[Entry]:
    """Make an entry of each day on which numbers were published, and of each correction."""
    return [*_publications(vintages, t), *(_correction(row, t) for row in mended)]


def _publications(vintages: pl.DataFrame, t: Language) -> list[Entry]:
    found = []
    for (day,), group in vintages.group_by("published_as_of_date", maintain_order=True):
        assert isinstance(day, date)  # noqa: S101 (group_by knows no types)
        revised = group.filter("is_revision").height
        lines = "; ".join(_entry_line(row, t) for row in group.iter_rows(named=True))
        title = t("changes.feed.published", day=day, n=group.height - revised, revised=revised)
        found.append(Entry(f"published/{day.isoformat()}", day, title, lines, "vintages"))
    return found


def _entry_line(row: Row, t: Language) -> str:
    before = row["previous_value"]
    return t(
        f"changes.feed.{'line' if before is None else 'revised_line'}",
        before="" if before is None else headlines.written(t, row["unit"], before),
        value=headlines.value_text(t, row), label=headlines.name_text(t, row["headline"]),
        universe=headlines.group_title(t, row["universe"]), day=row["as_of_date"],
    )  # fmt: skip


def _correction(row: Row, t: Language) -> Entry:
    was, now, why = _told(row, t)
    title = t("changes.feed.correction", where=row["where"])
    text = t("changes.feed.correction_text", was=was, now=now, why=why)
    return Entry(
        f"correction/{row['date'].isoformat()}/{row['where']}", row["date"], title, text, "corrections"
    )
