"""Data and methods: what is measured, how, from what, and what is missing."""

import polars as pl

from dashboards.data import Release
from dashboards.pages.dependence import CLASSES
from dashboards.pages.page import Cell, Page, Section, Table, cell, table
from dashboards.words import definitions, exact, listing, paragraphs, plural

DEFINITIONS = definitions(
    """
    Model: A repository of weights, known by its id today; renames are followed.

    Lineage: Who descends from whom: finetunes, adapters, quantized copies, merges, and copies such as mirrors
    and conversions. A base that is named but in no list is part of it.

    Origin: A model's credit of 1 flows up to its parents in equal parts and stops at the roots. What ends at
    an organization's roots is its origin share. Origin shares add up to 1, what is unknown included.

    Through and any path: A path's credit counts for an organization through which it passes at least once.
    Any path: the whole model counts as soon as one path does. Neither adds up over organizations.

    Bounds: The lower bound treats all of unknown lineage as independent, the upper bound as dependent. The
    truth for the list lies between, as far as its known part is right.

    Evidence: Declared: the tag with which a model names its base. Curated: a row of a register with its
    source. Each share can be had from declared evidence alone or with the curated one.

    Scope: The population that a list is a picture of. Numbers of different scope are never joined, and shares
    of a part are not called those of the Hub.

    Universe: The kind of task in which downloads are compared. Generative language holds the tasks
    text-generation, conversational, image-text-to-text, any-to-any, audio-text-to-text and
    video-text-to-text; all models holds every task and those of unknown task.

    Well-funded: An organization that is a public or comparable large company, or that raised or was given
    more than 100 million US dollars: those called giant or funded. Legal form does not matter.

    Giant, funded, modest: The funding of an organization in the register. Giant is a public company or one of
    like size, or a unit of it; funded had more than 100 million US dollars in all; modest is known, or
    plainly, below.

    Family: A curated generation of models, such as Llama 3; a model belongs to the nearest one along its main
    line.
    """
)

OPENING = """\
# the DuckDB shell
duckdb -readonly ../cambrian.duckdb
select * from marts.headlines;

# Python
import duckdb
duckdb.connect("../cambrian.duckdb", read_only=True).sql("from marts.dependence_shares").show()

# any Parquet reader: one file a table
../parquet/marts/headlines.parquet
../parquet/core/models.parquet"""

_EDGES = {"problem": "Problem", "evidence": "Evidence", "relation": "Relation", "edges": "Edges"}
_COVERAGE = {
    "title": "Population", "source": "Source", "is_whole_population": "Whole", "first_date": "First day",
    "newest_date": "Newest day", "days": "Days", "missing_days": "Days missing", "rows": "Rows",
    "subjects": "Subjects", "downloads_30d": "Downloads in 30 days", "with_downloads_pct": "Tell downloads",
    "with_created_at_pct": "Tell creation", "with_task_pct": "Tell task", "with_parent_pct": "Known parent",
    "rejected_values": "Impossible values",
}  # fmt: skip
_FRESHNESS = {
    "description": "Source", "newest_date": "Newest day", "age_days": "Days old", "cadence_days": "May be",
    "is_stale": "Stale", "newest_is_complete": "Complete", "attempted_date": "Last asked",
    "failure": "What went wrong",
}  # fmt: skip
_SNAPSHOTS = {
    "title": "Population", "scope": "Short name", "snapshot_date": "Day",
    "date_uncertainty_days": "Days of doubt", "is_whole_population": "Whole", "origin": "Collected by",
    "licence": "Licence", "attribution": "Attribution",
}  # fmt: skip


def build(release: Release) -> Page:
    """Gather the page on data and methods."""
    return Page(
        file="data.html",
        name="Data and methods",
        question="Where do the numbers come from, and what do they not see?",
        answer=_answer(release.coverage()),
        sections=[
            Section("What is there", tables=_sources(release)),
            Section("What the words mean", definitions=[*DEFINITIONS, *CLASSES]),
            _registers(release.registers()),
            _lineage(release),
            _opening(),
            _licence(),
            Section("Dictionary", text=["All published tables and columns."], tables=_dictionary(release)),
        ],
        limits=paragraphs(
            """
            Seen: lists of models of one hub, a few series, what models declare, what was looked up.

            Not seen: other hubs (ModelScope, Ollama, Civitai and others), mirrors, private use, and what a
            partial list leaves out. What is absent from a partial list is not deleted.

            Counters of downloads count requests of machines too, build servers and HEAD requests included.

            A field that a list does not tell is empty, not zero.
            """
        ),
    )


def _answer(coverage: pl.DataFrame) -> list[str]:
    lists = coverage.filter("is_model_list")
    partial = lists.filter(~pl.col("is_whole_population")).height
    return paragraphs(
        f"""
        From {plural(coverage.height, "list or series", "lists and series")}. Lists of models among them:
        {lists.height}; of these, lists of a part of the Hub: {partial}. The numbers of these pages are in the
        published tables; the registers behind curated evidence lie in the repository, in pipelines/reference.
        """
    )


def _freshness(sources: pl.DataFrame) -> list[Table]:
    """Show the live sources; a release of recorded data alone has none."""
    live = sources.filter("is_live")
    if live.is_empty():
        return []
    caption = "Freshness: the sources that are asked regularly, on the day of this release"
    return [table("freshness", caption, live, _FRESHNESS)]


def _sources(release: Release) -> list[Table]:
    covered = "Coverage: sources, days, rows, and how much of them tells what is needed"
    counted = (
        "A title says what the collector counted. Rows and subjects are counted after renames and double "
        "spellings of one model were merged, so they can be fewer."
    )
    landed = "Landed lists and series, with what their collectors ask to be said"
    return [
        table("coverage", covered, release.coverage(), _COVERAGE, is_sortable=True, note=counted),
        *_freshness(release.sources()),
        table("snapshots", landed, release.snapshots(), _SNAPSHOTS),
    ]


def _registers(registers: pl.DataFrame) -> Section:
    words = [
        f"{exact(row['verified'])} {row['register']} verified and {exact(row['unverified'])} not"
        for row in registers.iter_rows(named=True)
    ]
    headings = {"register": "Register", "verified": "Verified", "unverified": "Unverified"}
    return Section(
        "What was looked up",
        text=paragraphs(
            f"""
            The registers hold {listing(words)}. What is not verified is shown as such and left out of
            headlines; an organization whose funding is not verified counts as unknown.
            """
        ),
        tables=[table("registers", "Rows of the registers", registers, headings)],
    )


def _lineage(release: Release) -> Section:
    problems = release.lineage_problems()
    by_problem = problems.group_by("problem", maintain_order=True).agg(pl.col("edges").sum())
    words = [f"{exact(edges)} of kind {problem}" for problem, edges in by_problem.iter_rows()]
    return Section(
        "Lineage",
        text=paragraphs(
            f"""
            Declared edges that cannot be true are taken out and counted: a self_loop is a model that names
            itself as its base, a cycle one that descends from its own descendant. Taken out:
            {listing(words) or "none"}.

            Inferred edges rest on names alone. They stand here to be seen and checked; no figure of these
            pages counts them.
            """
        ),
        tables=[
            table("lineage", "Edges that stand", release.lineage(), _EDGES),
            table("lineage-problems", "Edges that were taken out", problems, _EDGES),
        ],
    )


def _opening() -> Section:
    return Section(
        "Open the data yourself",
        text=paragraphs(
            """
            The file and the tables lie beside these pages, and every page shows what this file holds. The
            registers behind curated evidence lie in the repository, under pipelines/reference. Paths are seen
            from the folder of the site.
            """
        ),
        code=OPENING,
    )


def _licence() -> Section:
    return Section(
        "Licence",
        text=paragraphs(
            """
            The code of Cambrian is under the Apache License 2.0. The data keep the licences of their sources,
            as their collectors state them in the table of landed lists above; where none is stated, none is
            assumed.
            """
        ),
    )


def _dictionary(release: Release) -> list[Table]:
    tables = []
    for (name, about), group in release.dictionary().group_by("table", "about", maintain_order=True):
        rows = [
            [cell("column", row["column"]), cell("type", row["type"]), Cell(row["meaning"] or "")]
            for row in group.iter_rows(named=True)
        ]
        caption = f"{name}: {' '.join(str(about or 'not described').split())}"
        headings = ["Column", "Type", "Meaning"]
        tables.append(Table(f"dictionary-{name}", caption, headings, rows, is_folded=True))
    return tables
