"""The overview: is the explosion still on, who holds the switch, and what changed since last week?"""

from datetime import date
from typing import Any

import polars as pl

from dashboards.data import common, overview
from dashboards.data.common import ModelList
from dashboards.data.release import Release
from dashboards.figures import heaviest, timeline
from dashboards.figures import overview as pictures
from dashboards.figures.chart import Chart
from dashboards.figures.growth import GROWING
from dashboards.language import Language
from dashboards.pages.changes import week
from dashboards.pages.headlines import HUB, cards, chain, ends_text, written
from dashboards.pages.page import Link, Page, Section
from dashboards.words import cut_end

FIRST = "generative_language"
LEAK = "2023-03-03-llama-leak"
#: Lists with fewer models give no headline (sql/marts/headlines.sql).
FEWEST_MODELS = 5000
#: The other pages, in the order of the navigation, by their files.
ELSEWHERE = {
    "explosion": "explosion.html",
    "dependence": "dependence.html",
    "shutdown": "shutdown.html",
    "families": "families.html",
    "releases": "releases.html",
    "open_closed": "open-closed.html",
    "models": "models.html",
    "data": "data.html",
    "changes": "changes.html",
}


def build(release: Release, t: Language) -> Page:
    """Gather the overview."""
    chosen, events = common.headline_list(release), common.releases(release)
    spans = chain(overview.hub_growth(release))
    changed = week(release, t)
    return Page(
        file="index.html",
        name=t("overview.name"),
        question=t("overview.question"),
        answer=[growth_answer(spans, leak_date(events), t), switch_answer(release, chosen, t), changed[0]],
        sections=[
            _explosion(release, spans, events, t),
            _switch(release, chosen, t),
            _numbers(release, chosen, t),
            _beside(release, t),
            Section(
                "week", t("overview.week.title"), changed,
                links=[_link(t, "overview.week.link", "changes")],
            ),
            Section(
                "events", t("overview.timeline.heading"), [t("overview.timeline.text")],
                charts=[timeline.timeline(events, overview.big_releases(release), t)],
            ),
            _heaviest(release, chosen, t),
            _elsewhere(t),
        ],
        limits=[*list_limit(chosen, common.coverage(release), t), *t.lines("overview.limits.lines")],
    )  # fmt: skip


def leak_date(events: pl.DataFrame) -> date | None:
    """Give the day of the LLaMA leak; None when the register does not have it verified."""
    found = events.filter((pl.col("status") == "verified") & (pl.col("release_id") == LEAK))
    return found["event_date"].to_list()[0] if found.height else None


def growth_answer(spans: list[dict[str, Any]], leak: date | None, t: Language) -> str:
    """Say in words whether the explosion is on, by the regime of the newest pace, beside that of the leak."""
    if not spans:
        return t("overview.answer.no_growth")
    newest = spans[-1]
    then = [span for span in spans[:-1] if leak and span["from_date"] <= leak < span["to_date"]]
    kind = newest["regime"]
    if kind == "growing" and then and then[0]["regime"] == "explosive":
        kind = "slowed"
    ends = {"start": t.short_day(newest["from_date"]), "end": t.short_day(newest["to_date"])}
    is_paced = newest["regime"] in GROWING and newest["doubling_days"]
    if not then or not is_paced or not then[0]["doubling_days"]:
        rate = pictures.rate(newest["growth_pct_per_week"], t)
        return t.joined(t(f"overview.answer.{kind}"), t("overview.answer.alone", rate=rate, **ends))
    return t.joined(t(f"overview.answer.{kind}"),
        t(
            "overview.answer.paced", doubling=t.days(newest["doubling_days"]),
            then_start=t.short_day(then[0]["from_date"]), then_end=t.short_day(then[0]["to_date"]),
            then_doubling=t.days(then[0]["doubling_days"]), then_added=round(then[0]["added_per_day"]),
            added=round(newest["added_per_day"]), **ends,
        ),
    )  # fmt: skip


def switch_answer(release: Release, chosen: ModelList | None, t: Language) -> str:
    """Say who holds the switch, with both bounds and the population."""
    rows = overview.classes(release, chosen).rows(named=True) if chosen else []
    if chosen is None or not rows:
        return t("overview.answer.no_list")
    shares = t.listing(
        t(
            "overview.answer.share", universe=t.universe(row["universe"]),
            range=t.percent_range(row["dependent_lower"], row["dependent_upper"]),
        )
        for row in rows
    )  # fmt: skip
    kind = "most" if min(row["dependent_lower"] for row in rows) > 0.5 else "any"
    return t(f"overview.answer.{kind}", list=_listed(chosen, t), shares=shares)


def _listed(chosen: ModelList, t: Language) -> str:
    return t.model_list(chosen.scope, cut_end(t.scope(chosen.scope, chosen.title), 120), chosen.snapshot_date)


def _link(t: Language, key: str, name: str) -> Link:
    return Link(t(key), ELSEWHERE[name], t(f"overview.look.names.{name}"))


def _explosion(release: Release, spans: list[dict[str, Any]], events: pl.DataFrame, t: Language) -> Section:
    return Section(
        "explosion",
        t("overview.explosion.title"),
        [t.joined(t("overview.explosion.text"), fit_words(overview.hub_growth_fit(release), t))],
        charts=[pictures.pace(spans, events, t)],
        links=[_link(t, "overview.explosion.link", "explosion")],
    )


def fit_words(fit: pl.DataFrame, t: Language) -> str:
    """Say what the line through the newest totals gives; nothing where there is none."""
    rows = fit.filter(pl.col("growth_pct_per_week").is_not_null()).rows(named=True)
    if not rows:
        return ""
    row, unit = rows[0], "percent_per_week"
    return t(
        "overview.explosion.fit", n=row["reports"], day=t.short_day(row["from_date"]),
        rate=written(t, unit, row["growth_pct_per_week"]),
        range=ends_text(t, unit, row["growth_lower_pct"], row["growth_upper_pct"]),
        regime=t(f"overview.regimes.{row['regime'] or 'undetermined'}"),
    )  # fmt: skip


def _switch(release: Release, chosen: ModelList | None, t: Language) -> Section:
    frame = overview.classes(release, chosen) if chosen else pl.DataFrame()
    is_whole = chosen is not None and common.is_whole(chosen, common.coverage(release))
    return Section(
        "switch",
        t("overview.switch.title"),
        [t("overview.switch.text")],
        charts=[pictures.switch(frame, chosen, t, is_whole=is_whole)],
        links=[_link(t, "overview.switch.link", "dependence")],
    )


def _numbers(release: Release, chosen: ModelList | None, t: Language) -> Section:
    groups = [cards(release, t, universe) for universe in (FIRST, HUB)]
    return Section(
        "numbers",
        t("overview.numbers.title"),
        [t("overview.numbers.text"), *choice(chosen, common.coverage(release), t)],
        cards=[group for group in groups if group.cards],
    )


def _beside(release: Release, t: Language) -> Section:
    group = cards(release, t, "all")
    return Section(
        "all-models",
        t("overview.numbers.whole"),
        [t("overview.numbers.whole_text")],
        cards=[group] if group.cards else [],
    )


def _elsewhere(t: Language) -> Section:
    links = [
        Link(t(f"overview.look.pages.{name}"), file, t(f"overview.look.names.{name}"))
        for name, file in ELSEWHERE.items()
    ]
    return Section("elsewhere", t("overview.look.title"), links=links)


def choice(chosen: ModelList | None, coverage: pl.DataFrame, t: Language) -> list[str]:
    """Say which list the headlines use and why, and which newer ones are too short."""
    if chosen is None:
        return []
    newer = coverage.filter(
        pl.col("is_model_list"), pl.col("newest_date") > chosen.snapshot_date, pl.col("rows") < FEWEST_MODELS
    ).rows(named=True)
    reason = t("overview.numbers.newest_reason", fewest=FEWEST_MODELS)
    if common.is_whole(chosen, coverage):
        reason = t("overview.numbers.whole_reason")
    found = [t("overview.numbers.chosen", list=_listed(chosen, t), reason=reason)]
    if newer:
        lists = t.listing(
            t(
                "overview.numbers.shorter", day=t.short_day(row["newest_date"]), n=row["rows"],
                title=cut_end(t.scope(row["scope"], row["title"]), 120),
            )
            for row in newer
        )  # fmt: skip
        found.append(t("overview.numbers.newer", n=len(newer), lists=lists))
    return found


def list_limit(chosen: ModelList | None, coverage: pl.DataFrame, t: Language) -> list[str]:
    """Say what the bounds of a partial list do not cover."""
    if chosen is None:
        return []
    if common.is_whole(chosen, coverage):
        return [t("overview.limits.whole")]
    return [t("overview.limits.partial", title=cut_end(t.scope(chosen.scope, chosen.title), 120))]


def _heaviest(release: Release, chosen: ModelList | None, t: Language) -> Section:
    if chosen is None:
        return Section("heaviest", t("overview.heaviest.title"), [t("overview.heaviest.none")])
    charts: list[Chart] = []
    for name in (FIRST, "all"):
        charts.append(heaviest.models(overview.heaviest_models(release, chosen, name), chosen, name, t))
        charts.append(heaviest.accounts(overview.heaviest_accounts(release, chosen, name), chosen, name, t))
    text = t("overview.heaviest.text", list=_listed(chosen, t))
    return Section("heaviest", t("overview.heaviest.title"), [text], charts=charts)
