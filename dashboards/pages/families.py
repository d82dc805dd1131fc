"""Families: which generations of models have descendants?"""

import polars as pl

from dashboards.data import Release
from dashboards.figures import families
from dashboards.pages.page import Page, Section, table
from dashboards.words import exact, listing, paragraphs, plural, short_day


def build(release: Release) -> Page:
    """Gather the page on families."""
    frame, chosen = release.families(), release.headline_list()
    seen = _seen(release.coverage())
    charts = [families.relations(frame, seen), families.organizations(frame, seen)]
    if chosen:
        charts.append(families.downloads(release.family_downloads(chosen), chosen))
    charts.append(families.firsts(frame, seen))
    headings = {name: words for name, words in families.HEADINGS.items() if name in frame.columns}
    return Page(
        file="families.html",
        name="Families",
        question="Which families of models are built upon?",
        answer=_answer(frame),
        sections=[
            Section("The largest families", charts=charts),
            Section(
                "All families",
                text=[
                    "Press a heading to sort. Counts are of what was seen in partial lists, taken together."
                ],
                tables=[table("families", "All curated families", frame, headings, is_sortable=True)],
            ),
        ],
        limits=paragraphs(
            """
            Counts are of what was seen in partial lists; a list may be made of one family's descendants. A
            family with few descendants here may have many on the Hub.

            A family is a curated generation; a model belongs to the nearest one along its main line of
            descent, so a merge counts for one family only.

            Descent is what a model declares or a register says. Undeclared descent is missing.

            Some models are only named as a base and are in no list: deleted, gated or never public.
            """
        ),
    )


def _seen(coverage: pl.DataFrame) -> str:
    lists = coverage.filter("is_model_list")
    days = lists["newest_date"].drop_nulls().to_list()
    when = f" of {short_day(min(days))} to {short_day(max(days))}" if days else ""
    return (
        f"{plural(lists.height, 'list')}{when} taken together, so this is what was seen and not all there is"
    )


def _answer(frame: pl.DataFrame) -> list[str]:
    with_some = frame.filter(pl.col("derivatives") > 0)
    if with_some.is_empty():
        return ["No model of this release belongs to a curated family."]
    total = exact(int(with_some["derivatives"].sum()))
    named = [
        f"{row['family']} ({exact(row['derivatives'])})" for row in with_some.head(3).iter_rows(named=True)
    ]
    return paragraphs(
        f"""
        In the landed lists, {total} models that others made stand on
        {plural(with_some.height, "curated family", "curated families")}. The most built upon are
        {listing(named)}. The lists are partial, so these are counts of what was seen.
        """
    )
