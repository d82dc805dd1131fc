"""The explosion: how fast the ecosystem grows, and what followed the leak of LLaMA."""

from datetime import date

import polars as pl

from dashboards.data import Release
from dashboards.figures import adoption, growth, spring
from dashboards.figures.chart import Chart
from dashboards.pages.page import Page, Section
from dashboards.words import count, paragraphs, short_day

STABLE_DIFFUSION = "2022-08-22-stable-diffusion-public-release"


def build(release: Release) -> Page:
    """Gather the page on growth."""
    events, totals, rates = release.releases(), release.hub_totals(), release.hub_growth()
    leak, packages = spring.leak_date(events), release.packages()
    return Page(
        file="explosion.html",
        name="Explosion",
        question="Is the explosion still on?",
        answer=_answer(growth.pace(rates, leak)),
        sections=[
            Section("The whole Hub", charts=[growth.hub_totals(totals), growth.doubling(rates, leak)]),
            Section(
                "What followed the leak: spring 2023",
                charts=[spring.radiation(events), *_stars(release, events)],
            ),
            Section(
                "What is installed",
                charts=[adoption.packages_now(packages), adoption.packages_trend(packages)],
            ),
            Section(
                "Births in the lists",
                text=paragraphs(
                    """
                    A partial list tells only of a part of the Hub. Its births are shown so that one can see
                    what is there. They are no measure of growth.
                    """
                ),
                charts=[growth.births(release.births())],
            ),
        ],
        limits=paragraphs(
            """
            The Hub's totals are reports of different people, round milestones among them, and our own counts
            where we have walked all of it. The rate between two of them is bounded by the doubt about their
            days alone, and nothing is known of the days between.

            Totals are net: what was deleted is gone from them. They count repositories of any size and use,
            empty ones too.

            Births in partial lists show what survived in them. They say nothing of the Hub.

            Recorded stars were seen only while a repository was among the top 100; downloads of packages only
            while a package is on the list of the most downloaded.
            """
        ),
    )


def _stars(release: Release, events: pl.DataFrame) -> list[Chart]:
    frame = release.stars()
    leak, opened = spring.leak_date(events), _day_of(events, STABLE_DIFFUSION)
    return [
        adoption.stars(frame, "stars-llama", "LLaMA", ["Llama "], _mark(leak, "LLaMA leak")),
        adoption.stars(
            frame,
            "stars-stable-diffusion",
            "Stable Diffusion",
            ["Stable Diffusion"],
            _mark(opened, "public release"),
        ),
    ]


def _answer(found: growth.Pace | None) -> list[str]:
    if found is None:
        return ["This release has no two reports of the Hub's total that are far enough apart to say."]
    answer = [f"{found.verdict} {found.answer}"]
    if found.is_comparable:
        more = "more" if found.now.added_per_day > found.then.added_per_day else "fewer"
        relative = "more slowly" if found.ratio > 1 else "faster"
        answer += paragraphs(
            f"""
            In plain numbers it adds {more} models than then: {count(found.now.added_per_day)} a day net,
            against {count(found.then.added_per_day)}. Relative to its size it grows {relative}.
            """
        )
    newest = found.now.doubling_days
    where = "slower than" if newest is None or newest > growth.EXPLOSIVE_DAYS else "within"
    answer += paragraphs(
        f"""
        Cambrian's line for explosive growth is a doubling within 26 weeks ({growth.EXPLOSIVE_DAYS} days).
        The newest pair of reports is {where} that line. It is a line of reference and nothing more: two
        reports give a rate and no interval, so no regime is claimed.
        """
    )
    return answer


def _mark(when: date | None, text: str) -> tuple[date, str] | None:
    return (when, f"{text}, {short_day(when)}") if when else None


def _day_of(events: pl.DataFrame, release_id: str) -> date | None:
    found = spring.verified(events).filter(pl.col("release_id") == release_id)["event_date"].to_list()
    return found[0] if found else None
