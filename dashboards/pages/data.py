"""Data and methods: what is measured, how, from what, how sure it is, and what is missing."""

from itertools import groupby
from typing import Any

import polars as pl

from dashboards.data import common, methods
from dashboards.data.release import Release
from dashboards.figures.reasons import reason, reasoned, spoken
from dashboards.language import Language
from dashboards.pages import headlines
from dashboards.pages.page import Cell, Link, Page, Section, Table, Widget, cell, table
from dashboards.words import cut_end

#: How to open the file; the same in every language.
QUERY = """\
# in the repository
.venv/bin/cambrian query "from marts.headlines"
.venv/bin/cambrian tables marts.headlines

# the DuckDB shell, from 1.5 on
duckdb -readonly cambrian.duckdb
from marts.headlines;

# Python
import duckdb
with duckdb.connect("cambrian.duckdb", read_only=True) as connection:
    connection.sql("from marts.dependence_shares").show()

# any reader of Parquet: one file a table
parquet/marts/headlines.parquet

-- The share of downloads that depends on well-funded organizations, from the cube, by hand:
select
    sum(downloads_30d) filter (where dependence_class in ('first_party', 'derived'))
        / sum(downloads_30d) as lower_bound,
    sum(downloads_30d) filter (where dependence_class <> 'independent')
        / sum(downloads_30d) as upper_bound
from marts.dependence_cube
where evidence = 'curated' and universe = 'generative_language'
    and (scope, snapshot_date) in (
        select (scope, as_of_date) from marts.headlines where headline = 'dependent_share'
    );"""

_SIX = ("headline", "of", "published", "unflagged", "checked", "flagged")


def build(release: Release, t: Language) -> Page:
    """Gather the page on data and methods."""
    return Page(
        file="data.html",
        name=t("data.name"),
        question=t("data.question"),
        answer=_answer(common.coverage(release), t),
        sections=[
            _sources(release, t),
            _known(common.coverage(release), t),
            _populations(release, t),
            Section(
                "words", t("data.words.title"), [t("data.words.text")], definitions=t.pairs("data.words.list")
            ),
            Section(
                "formulas", t("data.formulas.title"), [t("data.formulas.text")],
                definitions=t.pairs("data.formulas.list"),
            ),
            _counters(release, t),
            _lineage(release, t),
            _registers(release, t),
            _downloads(t),
            Section("query", t("data.query.title"), [t("data.query.text")], code=QUERY),
            _cite(release, t),
            Section("licence", t("data.licence.title"), t.lines("data.licence.text")),
            _dictionary(release, t),
        ],
        limits=t.lines("data.limits"),
    )  # fmt: skip


def _answer(coverage: pl.DataFrame, t: Language) -> list[str]:
    lists = coverage.filter("is_model_list")
    partial = lists.filter(~pl.col("is_whole_population")).height
    series = t("data.lists.series", n=coverage.height)
    if lists.is_empty():
        told = t("data.lists.none")
    elif partial in (0, lists.height):
        told = t(f"data.lists.{'partial' if partial else 'whole'}", n=lists.height)
    else:
        told = t("data.lists.some", n=partial, lists=lists.height)
    return [t.joined(series, told), t("data.answer")]


def _known(coverage: pl.DataFrame, t: Language) -> Section:
    is_whole = coverage.filter("is_model_list", "is_whole_population").height > 0
    first = t("data.known.whole" if is_whole else "data.known.partial")
    return Section("limits-known", t("data.known.title"), [first, *t.lines("data.known.list")])


def _headings(t: Language, key: str, *columns: str) -> dict[str, str]:
    return {column: t(f"data.{key}.{column}") for column in columns}


def _titled(frame: pl.DataFrame, t: Language) -> pl.DataFrame:
    """Write populations in the language of the page."""
    titles = [t.scope(row["scope"], row["title"]) for row in frame.iter_rows(named=True)]
    return frame.with_columns(title=pl.Series(titles, dtype=pl.String))


def _named(release: Release, t: Language) -> pl.Expr:
    """Write the short names of populations as their titles, in the language of the page."""
    titles = dict(_titled(common.coverage(release), t).select("scope", "title").iter_rows())
    return pl.col("scope").map_elements(
        lambda scope: titles.get(scope) or t.or_else(f"data.values.scope.{scope}", scope),
        return_dtype=pl.String,
    )


def _until(release: Release, t: Language, caption: str) -> str:
    """Add to a caption up to which day the lists go that its numbers are from."""
    newest = common.newest_list_date(release)
    return caption if newest is None else t("data.until", caption=caption, day=t.short_day(newest))


def _as_of(release: Release, t: Language, caption: str) -> str:
    """Add to a caption the as-of date of the release."""
    as_of, _ = methods.release_dates(release)
    return caption if as_of is None else t("data.as_of", caption=caption, day=t.short_day(as_of))


# Sources ---------------------------------------------------------------------------------------------------


def _sources(release: Release, t: Language) -> Section:
    coverage = _titled(common.coverage(release), t)
    headings = _headings(
        t, "columns", "title", "source", "is_whole_population", "first_date", "newest_date", "days",
        "missing_days", "rows", "subjects", "with_downloads_pct", "with_created_at_pct", "with_task_pct",
        "with_parent_pct", "rejected_values",
    )  # fmt: skip
    fresh = _headings(
        t, "columns", "source", "newest_date", "age_days", "cadence_days", "is_stale",
        "newest_is_complete", "attempted_date", "is_live", "failure",
    )  # fmt: skip
    return Section(
        "sources",
        t("data.sources.title"),
        [t("data.sources.text")],
        tables=[
            table(
                t, "freshness", _as_of(release, t, t("data.sources.freshness")), methods.freshness(release),
                fresh,
            ),
            table(
                t, "coverage", t("data.sources.coverage"), coverage, headings, is_sortable=True,
                note=t("data.sources.note"),
            ),
        ],
    )  # fmt: skip


def _populations(release: Release, t: Language) -> Section:
    headings = _headings(
        t, "columns", "title", "scope", "snapshot_date", "date_uncertainty_days", "is_whole_population",
        "origin", "licence", "attribution",
    )  # fmt: skip
    frame = _titled(common.snapshots(release), t).with_columns(spoken("licence", "data.values.licence", t))
    return Section(
        "populations",
        t("data.populations.title"),
        [t("data.populations.text")],
        tables=[table(t, "populations-table", t("data.populations.caption"), frame, headings)],
    )


# Counters, lineage, registers ------------------------------------------------------------------------------


def _counters(release: Release, t: Language) -> Section:
    ledger = methods.ledger(release).with_columns(title=_named(release, t))
    series = _titled(methods.audited(release), t)
    headings = _headings(
        t, "columns", "title", "finding", "is_list_wide", "findings", "models", "first_date", "newest_date"
    )
    series_headings = _headings(
        t, "columns", "title", "subjects", "rows", "first_date", "newest_date", "missing_days", "findings",
        "models_with_findings",
    )  # fmt: skip
    words = [t("data.counters.text"), _found(ledger, t)]
    return Section(
        "counters",
        t("data.counters.title"),
        words,
        definitions=t.pairs("data.counters.findings"),
        tables=[
            table(t, "ledger", t("data.counters.ledger"), ledger, headings, note=t("data.counters.note")),
            table(t, "counter-series", t("data.counters.series"), series, series_headings),
            _unflagged(release, t),
        ],
    )


def _found(ledger: pl.DataFrame, t: Language) -> str:
    """Say how many findings there are, and of which days."""
    if ledger.is_empty():
        return t("data.counters.none")
    days = {"first": min(ledger["first_date"].to_list()), "last": max(ledger["newest_date"].to_list())}
    return t("data.counters.found", n=sum(ledger["findings"].to_list()), **days)


def _unflagged(release: Release, t: Language) -> Table:
    frame = methods.unflagged(release).with_columns(title=_named(release, t))
    rows = [
        [
            Cell(headlines.name_text(t, row["headline"])),
            Cell(headlines.denominator_text(t, row)),
            Cell(headlines.value_text(t, row)),
            Cell(_without_flagged(row, t)),
            _part(row["checked_models"], row["checked_share"], t),
            _part(row["flagged_models"], row["flagged_share"], t),
        ]
        for row in frame.filter(pl.col("value").is_not_null())
        .with_columns(is_told=True)
        .iter_rows(named=True)
    ]
    lists = dict.fromkeys(frame.select("scope", "title", "as_of_date").iter_rows())
    named = t.listing(t.model_list(scope, cut_end(title, 120), day) for scope, title, day in lists)
    caption = t("data.unflagged.caption", lists=named)
    headings = [t(f"data.unflagged.{name}") for name in _SIX]
    return Table("unflagged", caption, headings, rows, empty=t("common.nothing"))


def _without_flagged(row: dict[str, Any], t: Language) -> str:
    """Write a headline without flagged models, or why there is none."""
    if row["value_unflagged"] is None or not row["checked_models"]:
        return reason(t, "data", row["note"]) or "–"
    return headlines.value_text(
        t, {**row, **{name: row[f"{name}_unflagged"] for name in ("value", "lower", "upper")}}
    )


def _part(models: int | None, share: float | None, t: Language) -> Cell:
    if models is None or share is None:
        return cell(t, "share", None)
    return Cell(t("data.unflagged.part", n=models, share=t.percent(share)))


def _lineage(release: Release, t: Language) -> Section:
    quality, every = methods.lineage_quality(release), t("data.values.dimension.all")
    stands = methods.lineage(release).with_columns(_spoken(t, "evidence", "relation"))
    wrong = methods.lineage_problems(release).with_columns(_spoken(t, "problem", "evidence"))
    known = methods.lineage_completeness(release).with_columns(
        *_spoken(t, "measure", "kind"), reasoned("status", "data", t), title=_named(release, t)
    )
    edges = _headings(t, "columns", "evidence", "relation", "edges")
    problems = _headings(t, "columns", "problem", "evidence", "is_edge", "edges")
    measured = _headings(
        t, "columns", "evaluation", "dimension", "part", "weight", "measure", "criterion", "cases",
        "authors", "estimate_share", "lower_share", "upper_share", "status",
    )  # fmt: skip
    complete = _headings(
        t, "columns", "measure", "kind", "title", "as_of_date", "models", "named", "estimate_share",
        "lower_share", "upper_share", "status",
    )  # fmt: skip
    quality = quality.with_columns(
        *_spoken(t, "evaluation", "dimension", "part", "weight", "measure", "criterion"),
        reasoned("status", "data", t),
    )
    whole, parts = (
        quality.filter(is_all) for is_all in (pl.col("dimension") == every, pl.col("dimension") != every)
    )
    brief = {name: words for name, words in measured.items() if name not in ("dimension", "part")}
    return Section(
        "lineage",
        t("data.lineage.title"),
        t.lines("data.lineage.text"),
        tables=[
            table(t, "edges", _until(release, t, t("data.lineage.edges")), stands, edges),
            table(t, "problems", _until(release, t, t("data.lineage.problems")), wrong, problems),
            table(t, "quality", _until(release, t, t("data.lineage.quality")), whole, brief),
            table(
                t, "quality-parts", _until(release, t, t("data.lineage.parts")), parts, measured,
                is_folded=True,
            ),
            table(
                t, "completeness", t("data.lineage.completeness"), known, complete,
                note=t("data.lineage.completeness_note"),
            ),
        ],
    )  # fmt: skip


def _spoken(t: Language, *columns: str) -> list[pl.Expr]:
    """Put the words of the language in place of those of the tables."""
    return [spoken(column, f"data.values.{column}", t) for column in columns]


def _registers(release: Release, t: Language) -> Section:
    frame = methods.registers(release)
    names = [t.or_else(f"data.registers.{name}", name) for name in frame["register"].to_list()]
    frame = frame.with_columns(register=pl.Series(names, dtype=pl.String))
    headings = _headings(t, "columns", "register", "verified", "unverified")
    return Section(
        "registers",
        t("data.registers.title"),
        [t("data.registers.text")],
        tables=[
            table(t, "registers-table", _as_of(release, t, t("data.registers.caption")), frame, headings)
        ],
    )


# Taking along ----------------------------------------------------------------------------------------------


def _downloads(t: Language) -> Section:
    return Section(
        "downloads",
        t("data.downloads.title"),
        t.lines("data.downloads.text"),
        links=[
            Link(t("data.downloads.file"), f"{t.up}downloads/cambrian.duckdb", "cambrian.duckdb"),
            Link(t("data.downloads.parquet"), "#dictionary", t("data.dictionary.title")),
        ],
    )


def _cite(release: Release, t: Language) -> Section:
    as_of, newest = methods.release_dates(release)
    title = t("data.cite.title")
    if as_of is None or newest is None:
        return Section("cite", title, [t("data.cite.empty")])
    bibtex = f"""\
@misc{{cambrian_{as_of:%Y_%m_%d},
  title        = {{Cambrian: an observatory of the open-model ecosystem}},
  author       = {{{{Cambrian}}}},
  year         = {{{as_of.year}}},
  howpublished = {{{t.address("data.html") if t.site_url else "Static site and DuckDB file"}}},
  note         = {{Release as of {as_of.isoformat()}; newest data of {newest.isoformat()}}}
}}"""
    return Section("cite", title, [t("data.cite.text", as_of=as_of, newest=newest)], code=bibtex)


def _dictionary(release: Release, t: Language) -> Section:
    """List all tables, each folded with its columns; the words are the tables' own, in English."""
    rows = methods.dictionary(release).rows(named=True)
    tables = [_described(list(group), t) for _, group in groupby(rows, key=lambda row: row["table"])]
    box = Widget(
        "filter", "filter.html", "filter.js", {"label": t("data.filter.label")}, t.table("data.filter")
    )
    text = t("data.dictionary.text", tables=len(tables), columns=len(rows))
    return Section("dictionary", t("data.dictionary.title"), [text], widgets=[box], tables=tables)


def _described(columns: list[dict[str, Any]], t: Language) -> Table:
    name = columns[0]["table"]
    schema, _, bare = name.partition(".")
    about = " ".join(str(columns[0]["about"] or t("data.dictionary.undescribed")).split())
    first, _, rest = about.partition(". ")
    count = t("common.rows", n=columns[0]["rows"] or 0)
    rows = [
        [Cell(row["column"]), Cell(row["type"]), Cell(row["meaning"] or t("data.dictionary.undescribed"))]
        for row in columns
    ]
    path = f"{t.up}downloads/parquet/{schema}/{bare}.parquet"
    rows.append([Cell("Parquet", link=path), Cell(""), Cell(t("data.dictionary.parquet", table=name))])
    return Table(
        f"dictionary-{name.replace('.', '-')}",
        f"{name} ({count}): {first.removesuffix('.')}.",
        [t(f"data.dictionary.{heading}") for heading in ("column", "type", "meaning")],
        rows,
        is_folded=True,
        note=rest,
    )
