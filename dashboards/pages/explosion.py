"""The explosion: how fast the ecosystem grows, what followed the leak of LLaMA, how soon and how diverse."""

import polars as pl

from dashboards.data import common
from dashboards.data import explosion as data
from dashboards.data.release import Release
from dashboards.data.releases import register_date
from dashboards.figures import births, diversity, growth, regimes, responses, spring
from dashboards.figures.chart import Chart
from dashboards.language import Language
from dashboards.pages.page import Page, Section


def build(release: Release, t: Language) -> Page:
    """Gather the page on growth; weekly births come second where a whole population tells of them."""
    events = common.releases(release)
    weekly = data.births_weekly(release)
    hub = _section(t, "hub", _hub(release, events, t))
    is_whole = weekly.filter(~pl.col("is_illustration")).height > 0
    week = _section(t, "weekly", _weekly(release, weekly, t), "text" if is_whole else "partial")
    year = _section(t, "spring", _spring(release, events, t))
    return Page(
        file="explosion.html",
        name=t("explosion.name"),
        question=t("explosion.question"),
        answer=_answer(release, events, t),
        sections=[
            hub,
            *([week, year] if is_whole else [year, week]),
            _section(t, "responses", [
                responses.responses(data.responses(release), t),
                responses.families(data.families_born(release), t),
            ]),
            _section(t, "diversity", _diversity(release, t)),
        ],
        limits=t.lines("explosion.limits"),
    )  # fmt: skip


def _section(t: Language, name: str, charts: list[Chart], text: str = "text") -> Section:
    key = f"explosion.sections.{name}"
    return Section(name, t(f"{key}.title"), t.lines(f"{key}.{text}"), charts=charts)


def _hub(release: Release, events: pl.DataFrame, t: Language) -> list[Chart]:
    leak = spring.leak_date(events)
    return [
        growth.hub_totals(data.hub_totals(release), t),
        growth.doubling(data.hub_growth(release), data.hub_fit(release), leak, t),
    ]


def _spring(release: Release, events: pl.DataFrame, t: Language) -> list[Chart]:
    stars = data.stars(release)
    llama = spring.Event("llama", spring.leak_date(events), ("Llama 1",))
    diffusion = spring.Event(
        "stable-diffusion",
        spring.day_of(events, spring.STABLE_DIFFUSION),
        ("Stable Diffusion 1", "Stable Diffusion 2"),
    )
    return [
        spring.radiation(events, register_date(release), t),
        spring.stars(stars, llama, t),
        spring.stars(stars, diffusion, t),
    ]


def _weekly(release: Release, weekly: pl.DataFrame, t: Language) -> list[Chart]:
    """Put births and their pace together; where no pace is estimable, one sentence says so for all."""
    pace = [regimes.rates(data.growth_rates(release), t)]
    if pace[0].figure is not None:
        pace += [
            regimes.by_subject(data.growth_by_subject(release), t),
            regimes.turns(data.turning_points(release), t),
        ]
    return [
        *([] if pace[0].figure is None else [births.weekly(weekly, t)]),
        *pace,
        *([births.weekly(weekly, t)] if pace[0].figure is None else []),
        births.by_universe(data.births_by_universe(release), t),
        births.by_origin(data.births_by_origin(release), t),
    ]


def _diversity(release: Release, t: Language) -> list[Chart]:
    charts = [diversity.diversity_of_births(data.diversity_of_births(release), t)]
    chosen = common.headline_list(release)
    if chosen is None:
        return charts
    frame = data.diversity_of_downloads(release, chosen.scope)
    words = t.model_list(chosen.scope, chosen.title, chosen.snapshot_date)
    return [diversity.diversity_of_downloads(frame, words, t), *charts]


def _answer(release: Release, events: pl.DataFrame, t: Language) -> list[str]:
    found = growth.pace(data.hub_growth(release), spring.leak_date(events))
    if found is None:
        answer = [t("explosion.answer.no_reports")]
    else:
        answer = [t.joined(found.verdict(t), found.answer(t))]
        if found.is_comparable:
            fitted = growth.fit_answer(data.hub_fit(release), t)
            answer.append(t.joined(_plain(found, t), fitted))
    return [*answer, _births_answer(release, t)]


def _plain(found: growth.Pace, t: Language) -> str:
    """Say the growth in numbers of models, which may rise while its pace falls."""
    more = "more" if found.now.added_per_day > found.then.added_per_day else "fewer"
    slower = "slower" if found.ratio > 1 else "faster"
    newest = found.now.doubling_days or 0
    where = "beyond" if newest > growth.EXPLOSIVE_DAYS else "within"
    return t(
        f"explosion.answer.{more}_{slower}", now=t.count(found.now.added_per_day),
        then=t.count(found.then.added_per_day),
        line=t(f"explosion.answer.{where}", days=growth.EXPLOSIVE_DAYS),
    )  # fmt: skip


def _births_answer(release: Release, t: Language) -> str:
    rates = data.growth_rates(release)
    estimated = rates.filter(pl.col("growth_pct_per_week").is_not_null(), pl.col("measure") == "models")
    if estimated.is_empty():
        return t("explosion.answer.no_births", reason=regimes.why_not(rates, t))
    newest = estimated.sort("to_date", "series", descending=[True, False]).row(0, named=True)
    return t(
        "explosion.answer.births",
        growth=regimes.rate_words(newest, t),
        population=regimes.population(newest, t),
    )
