"""Changes: what is new since last week, every number as published, corrections, methods, and the feed.

All of it is made from tables, but for the corrections that people write into dashboards/corrections.toml and
the changelog of methods in the catalogue.
"""

import tomllib
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from dashboards.data import changes, common, overview
from dashboards.data.release import Release
from dashboards.feed import Entry, atom
from dashboards.figures.reasons import spoken
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
    chosen, paces, rows = common.headline_list(release), headlines.paces_of(release), []
    for row in headlines.in_order(overview.numbers(release)):
        link = f"#{headlines.anchor(row)}" if row["vintage"] is not None else ""
        label = headlines.name_text(t, row["headline"])
        rows.append(
            [
                Cell(label, "", label.casefold(), link=link),
                Cell(headlines.value_text(t, row), repr(row["value"])),
                Cell(headlines.denominator_text(t, row)),
                Cell(row["as_of_date"].isoformat()),
                Cell(headlines.coverage_text(t, row)),
                Cell(headlines.change_text(t, row, paces)),
            ]
        )
    columns = [
        t(f"changes.week.columns.{name}")
        for name in ("number", "value", "denominator", "as_of", "coverage", "change")
    ]
    caption = t("changes.week.caption")
    if chosen is not None:
        scope = cut_end(t.scope(chosen.scope, chosen.title), 120)
        listed = t.model_list(chosen.scope, scope, chosen.snapshot_date)
        caption = t("changes.week.caption_list", list=listed)
    return Table("digest", caption, columns, rows, empty=t("common.nothing"))


def _landed(release: Release, t: Language) -> Section:
    frame = changes.landed(release, LANDED)
    words = [landed_coverage(row, t) for row in frame.iter_rows(named=True)]
    frame = frame.with_columns(
        title=_each("scope", "title", t.scope), coverage=pl.Series(words, dtype=pl.String)
    )
    headings = {
        name: t(f"changes.landed.columns.{name}") for name in ("newest_date", "title", "rows", "coverage")
    }
    found = table(
        t, "landed-lists", t("changes.landed.caption", n=frame.height), frame, headings,
        note=t("changes.landed.note"),
    )  # fmt: skip
    return Section("landed", t("changes.landed.title"), [t("changes.landed.text")], tables=[found])


def landed_coverage(row: Row, t: Language) -> str | None:
    """Say how much of the Hub a list holds, or how many of its days a series."""
    if row["is_whole_population"]:
        return t("changes.landed.whole")
    if row["is_model_list"] and row["total"] is not None:
        return t("changes.landed.part", total=row["total"], day=t.short_day(row["total_date"]))
    if row["is_model_list"]:
        return t("changes.landed.partial")
    if row["missing_days"] is not None:
        return t("changes.landed.days", n=row["days"], all=row["days"] + row["missing_days"])
    return None


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
        spoken("kind", "common.kinds", t), spoken("date_precision", "overview.timeline.precisions", t)
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
    "number", "value", "denominator", "as_of", "scope", "coverage", "vintage", "published", "before",
    "stands",
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
        _number_cell(headlines.span_text, row["value"], row, t),
        _text_cell(headlines.denominator_text(t, row)),
        cell(t, "as_of_date", row["as_of_date"]),
        _text_cell(headlines.population_text(t, row), row["scope"]),
        _text_cell(headlines.coverage_text(t, row)),
        cell(t, "vintage", row["vintage"]),
        cell(t, "published_as_of_date", row["published_as_of_date"]),
        _number_cell(headlines.previous_text, row["previous_value"], row, t),
        cell(t, "is_newest", row["is_newest"]),
    ]


def _number_cell(write: Callable[[Language, Row], str], number: float | None, row: Row, t: Language) -> Cell:
    if number is None:
        return cell(t, "value", None)
    return Cell(write(t, row), repr(number), repr(number))


def _text_cell(text: str, exact: str = "") -> Cell:
    return Cell(text, exact, text.casefold())


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
    if revisions.is_empty():
        texts.append(t("changes.corrections.no_revisions", n=vintages.height))
    else:
        tables.append(vintage_table(revisions, t, "revisions"))
    log = [(f"{row['date'].isoformat()} · {row['where']}", _told(row, t)) for row in mended]
    return Section("corrections", t("changes.corrections.title"), texts, definitions=log, tables=tables)


def _told(row: Row, t: Language) -> str:
    was, now, why = (row[t.code][part] for part in ("was", "is", "why"))
    return t("changes.corrections.told", was=was, now=now, why=why)


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
        lines = [_entry_line(row, t) for row in group.iter_rows(named=True)]
        title = t("changes.feed.published", day=day, n=group.height - revised, revised=revised)
        found.append(Entry(f"published/{day.isoformat()}", day, title, lines, "vintages"))
    return found


def _entry_line(row: Row, t: Language) -> str:
    """Say a number so that it can stand alone: of which day, of what, of which list, and how complete."""
    label = headlines.name_text(t, row["headline"])
    parts = [t("changes.feed.line", label=label, value=headlines.span_text(t, row)), *headlines.facts(t, row)]
    if row["previous_value"] is not None:
        parts.append(t("changes.feed.before", value=headlines.previous_text(t, row)))
    return t.joined(*(part + t("common.stop") for part in parts))


def _correction(row: Row, t: Language) -> Entry:
    title = t("changes.feed.correction", where=row["where"])
    key = f"correction/{row['date'].isoformat()}/{row['where']}"
    return Entry(key, row["date"], title, [_told(row, t)], "corrections")
