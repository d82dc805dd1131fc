"""The overview: is the explosion still on, and who holds the switch?"""

import polars as pl

from dashboards.data import ModelList, Release
from dashboards.figures import growth, heaviest, spring
from dashboards.figures.chart import Chart
from dashboards.pages.page import Page, Section, cards
from dashboards.words import list_words, paragraphs, percent_range, universe

FIRST = "generative_language"


def build(release: Release) -> Page:
    """Gather the overview."""
    headlines, events, chosen = release.headlines(), release.releases(), release.headline_list()
    groups = [cards(headlines, name) for name in (FIRST, "all", "whole-hub")]
    sections = [
        Section(
            "The numbers",
            text=paragraphs(
                """
                Generative language models come first, because the downloads of all models are dominated by
                embedding models and classifiers that machines fetch over and over. Both are shown. Shares are
                of one list of models and not of the whole Hub.
                """
            ),
            cards=[group for group in groups if group.cards],
        ),
        Section("The ten heaviest", _heaviest_text(chosen), charts=_heaviest(release, chosen)),
        Section("From GPT-2 and DALL-E 2 to today", charts=[spring.timeline(events)]),
    ]
    return Page(
        file="index.html",
        name="Overview",
        question="Is the Cambrian explosion of open models still on, and who holds the switch?",
        answer=[
            *_growth_answer(growth.pace(release.hub_growth(), spring.leak_date(events))),
            *dependence_answer(headlines, chosen),
        ],
        sections=sections,
        limits=paragraphs(
            """
            The shares speak of a list of well downloaded models that somebody collected. What is not on the
            list, on other hubs, on mirrors or in private use is not in them.

            Downloads count requests, HEAD requests and build machines included. They are not people.

            The unknown part is published as a range. It is never counted as independent.

            The Hub's growth rests on a handful of reported totals and has no interval.
            """
        ),
    )


def _growth_answer(found: growth.Pace | None) -> list[str]:
    return [
        f"{found.verdict} {found.answer}" if found else "This release has no two reports of the Hub's total."
    ]


def dependence_answer(headlines: pl.DataFrame, chosen: ModelList | None) -> list[str]:
    """Say who holds the switch, with both bounds and the population."""
    rows = headlines.filter(
        pl.col("headline") == "dependent_share", pl.col("lower").is_not_null(), pl.col("upper").is_not_null()
    ).sort(pl.col("universe") != FIRST, "universe")
    if rows.is_empty() or chosen is None:
        return ["No list of this release is large enough to say who holds the switch."]
    parts = [
        f"{percent_range(row['lower'], row['upper'])} for {universe(row['universe'])}"
        for row in rows.iter_rows(named=True)
    ]
    shares, listed = ", and ".join(parts), list_words(chosen.title, chosen.snapshot_date)
    what = "what they uploaded or what stands on their models"
    if min(rows["lower"].to_list()) > 0.5:
        return [
            (
                f"Well-funded organizations hold the switch over most of the downloads in {listed}: {what} "
                f"makes {shares}."
            )
        ]
    return [f"Well-funded organizations in {listed}: {what} makes {shares} of the downloads."]


def _heaviest_text(chosen: ModelList | None) -> list[str]:
    if chosen is None:
        return ["No list of this release is large enough to name them."]
    return paragraphs(
        f"""
        A few models and accounts carry much of {list_words(chosen.title, chosen.snapshot_date)}. So the class
        that the register gives to a single account can move the headline; each of the ten is named with it.
        """
    )


def _heaviest(release: Release, chosen: ModelList | None) -> list[Chart]:
    if chosen is None:
        return []
    return [
        chart
        for name in (FIRST, "all")
        for chart in (
            heaviest.models(release.heaviest_models(chosen, name), chosen, name),
            heaviest.accounts(release.heaviest_accounts(chosen, name), chosen, name),
        )
    ]
