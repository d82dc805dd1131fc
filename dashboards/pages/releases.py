"""Releases: who released what, when, and what a big release set off."""

from datetime import date

import polars as pl

from dashboards.data import common, explosion
from dashboards.data import releases as data
from dashboards.data.release import Release
from dashboards.figures import responses
from dashboards.figures.calendar import release_calendar
from dashboards.figures.chart import Chart
from dashboards.figures.events import (
    effects_sentence,
    release_effects,
    release_multipliers,
    size_words,
)
from dashboards.figures.populations import day_words
from dashboards.figures.reasons import reasoned, spoken
from dashboards.figures.relative import adoption_at_age, relative_adoption
from dashboards.language import Language
from dashboards.pages.page import Link, Page, Section, Table, table

#: A table in the page holds at most so many rows; the release's file has all.
MOST_ROWS = 150


def build(release: Release, t: Language) -> Page:
    """Make the page."""
    register, day = common.releases(release), data.register_date(release)
    effects = data.effects(release)
    followed = responses.responses(explosion.responses(release), t)
    return Page(
        file="releases.html",
        name=t("releases.name"),
        question=t("releases.question"),
        answer=_answer(register, day, effects, followed, t),
        sections=[
            _calendar(register, day, t),
            _responses(followed, t),
            _effects(effects, t),
            _multipliers(data.multipliers(release), t),
            _relative(data.adoption(release), data.baselines(release), t),
            Section("definitions", t("releases.definitions.title"), definitions=t.pairs("releases.words")),
        ],
        limits=t.lines("releases.limits"),
    )


def _answer(
    register: pl.DataFrame, day: date | None, effects: pl.DataFrame, followed: Chart, t: Language
) -> list[str]:
    """Say how soon others built on a release, what the event study finds, and what the register holds."""
    parts = [followed.title + t("common.stop")] if followed.figure is not None else []
    parts.append(effects_sentence(effects, t) + t("common.stop"))
    verified = register.filter(pl.col("status") == "verified")
    parts.append(
        t(
            "releases.answer.register", n=verified.height, unverified=register.height - verified.height,
            organizations=verified["organization_id"].n_unique(), day=day_words(day, t),
        )
    )  # fmt: skip
    return parts


def _calendar(register: pl.DataFrame, day: date | None, t: Language) -> Section:
    told = register.sort("event_date", "release_id", descending=True).with_columns(
        spoken("kind", "common.kinds", t), spoken("status", "releases.calendar", t)
    )
    return Section(
        "calendar",
        t("releases.calendar.section"),
        t.lines("releases.calendar.text"),
        charts=[release_calendar(register, day, t)],
        tables=[
            table(
                t, "release-register", t("releases.calendar.caption"), told,
                t.table("releases.calendar.register"), is_sortable=True, is_folded=True,
            )
        ],
    )  # fmt: skip


def _responses(followed: Chart, t: Language) -> Section:
    """Say how soon derivatives follow; the figure stands on the page about the explosion alone."""
    found = [followed.title + t("common.stop")] if followed.figure is not None else [followed.empty]
    address = f"explosion.html#{followed.name}"
    link = Link(t("releases.responses.link"), address, t("releases.responses.words"))
    text = [*found, *t.lines("releases.responses.text")]
    return Section("responses", t("releases.responses.section"), text, links=[link])


def _effects(effects: pl.DataFrame, t: Language) -> Section:
    """Show the event study; where a release is not estimable, the table says why."""
    told = effects.with_columns(
        reasoned("status", "releases", t), spoken("outcome", "releases.effects.outcomes", t)
    )
    shown = {
        column: heading
        for column, heading in t.table("releases.effects.headings").items()
        if column in ("name", "event_date", "outcome", "status") or _has_any(effects, column)
    }
    chart = release_effects(effects, t)
    return Section(
        "effects",
        t("releases.effects.section"),
        _text("effects", chart, t),
        charts=[chart],
        tables=[
            table(
                t, "effect-table", t("releases.effects.caption", n=effects["release_id"].n_unique()), told,
                shown, is_sortable=True, is_folded=True,
            )
        ],
    )  # fmt: skip


def _multipliers(multipliers: pl.DataFrame, t: Language) -> Section:
    told = multipliers.with_columns(
        reasoned("status", "releases", t),
        pl.col("size_class").map_elements(lambda size: size_words(size, t), return_dtype=pl.String),
    )
    lacking = told.filter(pl.col("derivatives_median").is_null())
    chart = release_multipliers(multipliers, t)
    return Section(
        "multipliers",
        t("releases.multipliers.section"),
        _text("multipliers", chart, t),
        charts=[chart],
        tables=_lacking_table(lacking, t),
    )


def _lacking_table(lacking: pl.DataFrame, t: Language) -> list[Table]:
    if lacking.is_empty():
        return []
    headings = t.table("releases.multipliers.headings")
    chosen = {column: headings[column] for column in ("size_class", "horizon_days", "status")}
    caption = t("releases.multipliers.caption", n=lacking.height)
    return [table(t, "multiplier-table", caption, lacking, chosen, is_folded=True)]


def _relative(adoption: pl.DataFrame, baselines: pl.DataFrame, t: Language) -> Section:
    told = baselines.with_columns(
        reasoned("status", "releases", t),
        spoken("measure", "releases.measures", t),
        population=pl.struct("scope", "title").map_elements(
            lambda one: t.scope(one["scope"], one["title"]), return_dtype=pl.String
        ),
    )
    return Section(
        "relative",
        t("releases.relative.section"),
        t.lines("releases.relative.text"),
        charts=[relative_adoption(adoption, t), adoption_at_age(adoption, t)],
        tables=[
            table(
                t, "baselines", t("releases.relative.caption", n=told.height), told.head(MOST_ROWS),
                t.table("releases.relative.baselines"), is_sortable=True, is_folded=True,
            )
        ],
    )  # fmt: skip


def _text(topic: str, chart: Chart, t: Language) -> list[str]:
    """Give the words of a section; where nothing is estimated those that say how it would be."""
    lines = t.lines(f"releases.{topic}.text")
    return lines if chart.figure is not None else lines[:1]


def _has_any(frame: pl.DataFrame, column: str) -> bool:
    return column in frame.columns and frame[column].drop_nulls().len() > 0
