"""The overview: is the explosion still on, and who holds the switch?"""

import polars as pl

from dashboards.data import ModelList, Release
from dashboards.figures import growth, heaviest, spring
from dashboards.figures.chart import Chart
from dashboards.pages.page import Link, Page, Section, cards
from dashboards.words import exact, list_words, listing, paragraphs, percent_range, short_day, universe

FIRST = "generative_language"
#: Lists with fewer models give no headline (sql/marts/headlines.sql).
FEWEST_MODELS = 5000


def build(release: Release) -> Page:
    """Gather the overview."""
    headlines, events, chosen = release.headlines(), release.releases(), release.headline_list()
    coverage = release.coverage()
    groups = [cards(headlines, name) for name in (FIRST, "all", "whole-hub")]
    sections = [
        Section(
            "The numbers",
            text=[
                *paragraphs(
                    """
                    Generative language models come first; the downloads of all models hold also what machines
                    fetch over and over, such as embedding models and classifiers. Both are shown. Shares are
                    of one list of models.
                    """
                ),
                *choice(chosen, coverage),
            ],
            more=Link(
                "Well-funded is an organization that is a public or comparable large company, or that raised "
                "or was given more than 100 million US dollars:",
                "data.html",
                "what the words mean",
            ),
            cards=[group for group in groups if group.cards],
        ),
        Section(
            "The heaviest models and accounts", _heaviest_text(chosen), charts=_heaviest(release, chosen)
        ),
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
        limits=[
            *list_limit(chosen, coverage),
            *paragraphs(
                """
            The shares speak of one list of models. What is on other hubs, on mirrors or in private use is not
            in them.

            Downloads count requests, HEAD requests and build machines included. They are not people.

            The unknown part is published as a range. It is never counted as independent.

            The Hub's growth rests on totals, reported or counted; its bounds hold only the doubt about their
            days.
            """
            ),
        ],
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
    what = "what lies in accounts held by them or kept for them, or stands on their models,"
    if min(rows["lower"].to_list()) > 0.5:
        return [
            (
                f"Well-funded organizations hold the switch over most of the downloads in {listed}: {what} "
                f"makes {shares}."
            )
        ]
    return [f"Well-funded organizations in {listed}: {what} makes {shares} of the downloads."]


def choice(chosen: ModelList | None, coverage: pl.DataFrame) -> list[str]:
    """Say which list the headlines use and why, and which newer ones are too short."""
    if chosen is None:
        return []
    shorter = [
        f"that of {short_day(row['newest_date'])} ({row['title'] or row['scope']}; {exact(row['rows'])} "
        "models)"
        for row in _lists(coverage)
        .filter(pl.col("newest_date") > chosen.snapshot_date, pl.col("rows") < FEWEST_MODELS)
        .iter_rows(named=True)
    ]
    reason = f"the newest list of at least {exact(FEWEST_MODELS)} models that tells downloads."
    if _is_whole(chosen, coverage):
        reason = "a list of the whole Hub stands above newer lists of a part of it for ten days."
    text = f"The headlines use {list_words(chosen.title, chosen.snapshot_date)}: {reason}"
    exist = "A newer but shorter list exists" if len(shorter) == 1 else "Newer but shorter lists exist"
    return [f"{text} {exist}: {listing(shorter)}." if shorter else text]


def list_limit(chosen: ModelList | None, coverage: pl.DataFrame) -> list[str]:
    """Say what the bounds of a partial list do not cover."""
    if chosen is None:
        return []
    if _is_whole(chosen, coverage):
        return ["The shares are of all public models that the Hub listed on that day, and of nothing else."]
    return [
        (
            f"The list of the headlines is partial: {chosen.title}. What is not on it is not in the bounds; "
            "a list that ends at some number of models lacks the many small uploads of strangers."
        )
    ]


def _is_whole(chosen: ModelList, coverage: pl.DataFrame) -> bool:
    """Whether the list of the headlines is of the whole Hub."""
    whole = _lists(coverage).filter(
        pl.col("scope") == chosen.scope,
        pl.col("newest_date") == chosen.snapshot_date,
        pl.col("is_whole_population"),
    )
    return whole.height > 0


def _lists(coverage: pl.DataFrame) -> pl.DataFrame:
    return coverage.filter("is_model_list")


def _heaviest_text(chosen: ModelList | None) -> list[str]:
    if chosen is None:
        return ["No list of this release is large enough to name them."]
    return paragraphs(
        f"""
        The most downloaded models and accounts of {list_words(chosen.title, chosen.snapshot_date)}. The class
        that the register gives to a single account can move the headline, so each is named with it.
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
