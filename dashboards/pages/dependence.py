"""Dependence: who holds the switch? On weights, on teacher data, on money, and how open it all is."""

from collections.abc import Callable

import polars as pl

from dashboards.data import common, lists
from dashboards.data import dependence as data
from dashboards.data.common import ModelList
from dashboards.data.release import Release
from dashboards.figures import dependence, dependence_parts, openness, published, teachers
from dashboards.figures.chart import Chart
from dashboards.figures.dependence_parts import with_bounds
from dashboards.figures.lists import telling
from dashboards.language import Language
from dashboards.pages import headlines, switchboard
from dashboards.pages.page import Link, Page, Section, table
from dashboards.words import cut

FIRST = "generative_language"
UNIVERSES = (FIRST, "all")
#: The headlines that this page is about.
CARDS = ("dependent_share", "organizations_carrying_half")


def build(release: Release, t: Language) -> Page:
    """Gather the page on dependence."""
    chosen = common.headline_list(release)
    board = _switchboard(release, t, chosen)
    return Page(
        file="dependence.html",
        name=t("dependence.name"),
        question=t("dependence.question"),
        answer=_answer(release, t, chosen),
        sections=[
            _weights(release, t, chosen),
            board,
            _published(release, t),
            _parts(release, t, chosen),
            _lists(release, t, chosen),
            _sensitivity(release, t, chosen),
            _money(release, t, chosen),
            _teachers(release, t, chosen),
            _openness(release, t, chosen),
            *_numbers(release, t),
        ],
        limits=t.lines("dependence.limits"),
        shards=lambda: switchboard.shards(release) if board.widgets else [],
    )


def _answer(release: Release, t: Language, chosen: ModelList | None) -> list[str]:
    """Say the shares, the largest origin, the teachers and the money; each only where the data tell it."""
    if chosen is None:
        return [t("dependence.answer.none")]
    words = t.model_list(chosen.scope, chosen.title, chosen.snapshot_date)
    shares = {row["universe"]: row for row in data.universes(release, chosen).iter_rows(named=True)}
    told = [
        t(f"dependence.answer.{'first' if universe == FIRST else 'all'}", list=words,
          range=t.percent_range(shares[universe]["dependent_lower"], shares[universe]["dependent_upper"]))
        for universe in UNIVERSES if universe in shares
    ]  # fmt: skip
    origins = with_bounds(data.organizations(release, chosen, FIRST)).head(2)
    if origins.height == 2:
        one, two = (
            (cut(row["organization"], 40), t.percent_range(row["origin_share"], row["origin_upper"]))
            for row in origins.iter_rows(named=True)
        )
        told.append(
            t("dependence.answer.origins", one=one[0], range_one=one[1], two=two[0], range_two=two[1])
        )
    told += [
        telling(t, row["models"], row["with_downloads_30d"])
        for row in lists.counts(release)
        .filter(scope=chosen.scope, snapshot_date=chosen.snapshot_date)
        .iter_rows(named=True)
    ]
    return [t.joined(*told) or t("dependence.answer.none"), *_beside(release, t, chosen)]


def _beside(release: Release, t: Language, chosen: ModelList) -> list[str]:
    """Say of teacher data and money what their tables tell of the same list."""
    mine = data.teachers(release).filter(
        (pl.col("scope") == chosen.scope) & (pl.col("snapshot_date") == chosen.snapshot_date),
        pl.col("universe") == FIRST, pl.col("weight") == "downloads_30d",
        pl.col("teacher") == "any_proprietary", pl.col("lower").is_not_null(),
    )  # fmt: skip
    lines = [
        t("dependence.answer.teachers", lower=t.percent(row["lower"]), named=t.percent(row["named_share"]),
          day=t.short_day(chosen.snapshot_date))
        for row in mine.iter_rows(named=True)
    ]  # fmt: skip
    return [*lines, t("dependence.answer.doubt")]


def _weights(release: Release, t: Language, chosen: ModelList | None) -> Section:
    return Section(
        "classes",
        t("dependence.sections.classes"),
        text=t.lines("dependence.texts.classes"),
        definitions=t.pairs("dependence.definitions"),
        charts=[_class_shares(release, t, chosen, FIRST)],
        links=[Link(t("dependence.shutdown.text"), "shutdown.html", t("dependence.shutdown.words"))],
    )


def _numbers(release: Release, t: Language) -> list[Section]:
    """Give the headlines of this page with all that it takes to quote them."""
    groups = [headlines.cards(release, t, name, CARDS) for name in UNIVERSES]
    cards = [group for group in groups if group.cards]
    return [Section("numbers", t("dependence.sections.numbers"), cards=cards)] if cards else []


def _class_shares(release: Release, t: Language, chosen: ModelList | None, universe: str) -> Chart:
    rows, dominant = data.class_shares(release, universe), data.dominant_models(release, universe)
    return dependence.class_shares(rows, chosen, universe, dominant, t)


def _lists(release: Release, t: Language, chosen: ModelList | None) -> Section:
    charts = [
        _class_shares(release, t, chosen, "all"),
        dependence.over_time(data.class_shares_over_time(release, FIRST), FIRST, t),
    ]
    if chosen:
        charts.append(dependence.universes(data.universes(release, chosen), chosen, t))
    return _section("lists", t, charts)


def _switchboard(release: Release, t: Language, chosen: ModelList | None) -> Section:
    start = switchboard.start_of(data.board_lists(release), chosen) if chosen else None
    title = t("dependence.sections.switchboard")
    if start is None or chosen is None or not _has_first(release, chosen):
        return Section("switchboard", title, text=[t("dependence.switchboard.empty")])
    return Section(
        "switchboard",
        title,
        text=t.lines("dependence.texts.switchboard"),
        widgets=[switchboard.widget(release, t, start)],
        definitions=t.pairs("dependence.switchboard.definitions"),
    )


def _has_first(release: Release, chosen: ModelList) -> bool:
    return FIRST in data.universes(release, chosen)["universe"].to_list()


def _published(release: Release, t: Language) -> Section:
    frame = data.published_headlines(release)
    each = frame.unique("headline_id", keep="first", maintain_order=True)
    days = [t.short_day(day) for day in each["published_date"].sort()]
    text = t.lines(
        "dependence.texts.published", shares=_by_country(each, t), days=t.range(days[0], days[-1])
    ) if days else []  # fmt: skip
    return Section(
        "published",
        t("dependence.sections.published"),
        text=text,
        definitions=switchboard.reasons(release, t),
        charts=[published.published(frame, t)],
    )


def _by_country(each: pl.DataFrame, t: Language) -> str:
    """Name each country once, with all shares that were published of it."""
    shares = {
        country: t.listing(t.percent(share) for share in rows["published_share"].unique(maintain_order=True))
        for (country,), rows in each.group_by("country", maintain_order=True)
    }
    return t.listing(
        t("dependence.published.short", country=t.country(country), shares=told)
        for country, told in shares.items()
    )


def _parts(release: Release, t: Language, chosen: ModelList | None) -> Section:
    if chosen is None:
        return _section("organizations", t, [])
    first, every = (
        dependence_parts.organizations(data.organizations(release, chosen, name), chosen, name, t)
        for name in UNIVERSES
    )
    countries, also = _of_both(release, chosen, dependence_parts.countries, t)
    uploads = dependence_parts.uploads(data.uploads_by_origin(release, chosen, FIRST), chosen, FIRST, t)
    link = switchboard.address(chosen, universe="all", unit="origin", breakdown="country")
    charts = [first, countries, every, uploads]
    return _section("organizations", t, charts, _finding(also, chosen, t), link)


def _of_both(
    release: Release, chosen: ModelList, draw: Callable[..., Chart], t: Language
) -> tuple[Chart, Chart]:
    """Draw a breakdown of the first universe and of all models; of the second the page says the finding."""
    first, every = (
        draw(data.breakdown(release, chosen, name, "downloads_30d"), chosen, name, t) for name in UNIVERSES
    )
    return first, every


def _sensitivity(release: Release, t: Language, chosen: ModelList | None) -> Section:
    if chosen is None:
        return _section("sensitivity", t, [])
    first, every = (
        dependence_parts.sensitivity(data.sensitivity(release, chosen, name), chosen, name, t)
        for name in UNIVERSES
    )
    return _section("sensitivity", t, [first], _finding(every, chosen, t))


def _money(release: Release, t: Language, chosen: ModelList | None) -> Section:
    if chosen is None:
        return _section("money", t, [])
    first, every = _of_both(release, chosen, dependence_parts.money, t)
    link = switchboard.address(chosen, universe="all", unit="origin", breakdown="funding")
    return _section("money", t, [first], _finding(every, chosen, t), link)


def _teachers(release: Release, t: Language, chosen: ModelList | None) -> Section:
    frame = data.teachers(release)
    section = _section("teachers", t, [teachers.teachers(frame, chosen, t), teachers.by_list(frame, t)])
    rows = frame.filter(
        ~pl.col("teacher").is_in(["any_proprietary", "any_open"]),
        pl.col("weight") == "derivatives",
        pl.col("universe") == "all",
        pl.col("lower_with_unverified") > 0,
    )
    shown = rows.select(
        "name", "snapshot_date", "scope", pl.col("own_share").alias("own_data_share"),
        pl.col("lower").alias("lower_share"),
        pl.col("lower_with_unverified").alias("lower_with_unverified_share"),
    )  # fmt: skip
    caption = t("dependence.teachers.caption")
    section.tables.append(
        table(t, "teacher-organizations", caption, shown, t.table("dependence.headings"), is_folded=True)
    )
    return section


def _openness(release: Release, t: Language, chosen: ModelList | None) -> Section:
    frame = data.openness(release, chosen) if chosen else None
    charts = [
        openness.openness(frame, chosen, dimension, t)
        for dimension in openness.VALUES if chosen and frame is not None
    ]  # fmt: skip
    return _section("openness", t, charts)


def _finding(chart: Chart, chosen: ModelList, t: Language) -> str:
    """Say what a figure that is not drawn finds, and of which list; nothing where it finds nothing."""
    day = t.short_day(chosen.snapshot_date)
    return t("dependence.also", finding=chart.title, day=day) if chart.figure else ""


def _section(name: str, t: Language, charts: list[Chart], also: str = "", address: str = "") -> Section:
    """Make a section, with a finding that it does not draw, and where to find more of that."""
    lines = t.lines(f"dependence.texts.{name}") if charts else [t("dependence.no_list")]
    links = []
    if also:
        lines.append(also)
        if address:
            links.append(Link(t("dependence.board_link.text"), address, t("dependence.board_link.words")))
    return Section(name, t(f"dependence.sections.{name}"), text=lines, charts=charts, links=links)
