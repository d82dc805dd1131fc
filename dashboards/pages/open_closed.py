"""Open against closed: votes in the arena, installed packages, costs of training, and code."""

import polars as pl

from dashboards.data import open_closed as data
from dashboards.data.release import Release
from dashboards.figures.arena import arena_gap, arena_lag, gap_sentence, lag_sentence
from dashboards.figures.costs import cost_amounts, cost_ratios, ratios_sentence, register_sentence
from dashboards.figures.packages import (
    package_shares,
    packages_now,
    shares_sentence,
    token_shares,
    without_hub,
)
from dashboards.figures.reasons import reasoned, spoken
from dashboards.figures.stars import (
    dependence_sentence,
    repository_releases,
    repository_stars,
    star_dependence,
)
from dashboards.language import Language
from dashboards.pages.page import Page, Section, table

#: The columns of the table of costs that have no comparable one.
WITHOUT_RATIO = ("derivative", "base_model", "definition", "derivative_amount", "note")


def build(release: Release, t: Language) -> Page:
    """Make the page."""
    arena, shares, costs = data.arena(release), data.package_shares(release), data.costs(release)
    dependence = data.dependence(release)
    return Page(
        file="open-closed.html",
        name=t("open_closed.name"),
        question=t("open_closed.question"),
        answer=_answer(arena, shares, costs, dependence, t),
        sections=[
            Section(
                "arena",
                t("open_closed.arena.section"),
                t.lines("open_closed.arena.text"),
                charts=[arena_gap(arena, t), arena_lag(arena, t)],
            ),
            Section(
                "packages",
                t("open_closed.packages.section"),
                t.lines("open_closed.packages.text"),
                charts=[package_shares(shares, t), packages_now(data.packages(release), t)],
            ),
            _costs(costs, t),
            Section(
                "code",
                t("open_closed.code.section"),
                t.lines("open_closed.code.text"),
                charts=[
                    star_dependence(dependence, t),
                    repository_stars(data.stars(release), t),
                    repository_releases(data.repository_releases(release), t),
                ],
            ),
            Section("leads", t("open_closed.leads.section"), t.lines("open_closed.leads.text")),
            Section(
                "tokens",
                t("open_closed.tokens.section"),
                t.lines("open_closed.tokens.text"),
                charts=[token_shares(data.token_shares(release), t)],
            ),
        ],
        limits=t.lines("open_closed.limits"),
    )


def _answer(
    arena: pl.DataFrame, shares: pl.DataFrame, costs: pl.DataFrame, dependence: pl.DataFrame, t: Language
) -> list[str]:
    """Say what each of the four measures finds; a measure without data says nothing here."""
    votes = [
        sentence
        for sentence, question in (
            (gap_sentence(arena, t), "open_closed.gap.question"),
            (lag_sentence(arena, t), "open_closed.lag.question"),
        )
        if sentence != t(question)
    ]
    told = [
        t.joined(sentence + t("common.stop"), doubt)
        for sentence, question, doubt in (
            (shares_sentence(shares, t), "open_closed.shares.question", without_hub(shares, t)),
            (ratios_sentence(costs, t), "open_closed.ratios.question", register_sentence(costs, t)),
            (dependence_sentence(dependence, t), "open_closed.dependence.question", ""),
        )
        if sentence != t(question)
    ]
    if votes:
        newest = t("open_closed.arena.newest_ratings")
        told.insert(0, t.joined(*(one + t("common.stop") for one in votes), newest))
    return told or [t("open_closed.nothing")]


def _costs(costs: pl.DataFrame, t: Language) -> Section:
    lacking = costs.filter(pl.col("ratio").is_null()).with_columns(
        spoken("definition", "open_closed.costs.definitions", t), reasoned("note", "open_closed", t)
    )
    headings = t.table("open_closed.costs.headings")
    chosen = {column: headings[column] for column in WITHOUT_RATIO}
    return Section(
        "costs",
        t("open_closed.costs.section"),
        t.lines("open_closed.costs.text"),
        charts=[cost_ratios(costs, t), cost_amounts(costs, t)],
        tables=[
            table(
                t, "costs-without-ratio", t("open_closed.costs.caption", n=lacking.height), lacking, chosen,
                is_sortable=True, is_folded=True,
            )
        ],
    )  # fmt: skip
