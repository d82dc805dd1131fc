"""Shutdown: what is left if organizations delete what they published, or publish nothing more."""

from collections.abc import Callable
from functools import partial

import polars as pl

from dashboards.data import exposure
from dashboards.data import shutdown as data
from dashboards.data.exposure import ExposedList
from dashboards.data.release import Release
from dashboards.figures import shutdown as figures
from dashboards.figures import withdrawals
from dashboards.figures.chart import Chart
from dashboards.language import Language
from dashboards.pages import simulator
from dashboards.pages.page import Page, Section, Shard, Table, table


def build(release: Release, t: Language) -> Page:
    """Make the page."""
    lists = exposure.exposed_lists(release)
    ready = simulator.choices(exposure.organizations(release), t)
    first = next((choice for choice in ready if choice.key == "openai_meta"), ready[0] if ready else None)
    is_about_both = first is not None and first.organizations == simulator.PRESET
    sections = [_platform(release, t)]
    answer = [t("shutdown.none")]
    shards: Callable[[], list[Shard]] = list
    if lists and first:
        frozen = simulator.frozen(release, first, t)
        view = simulator.view(release, lists[0], first, t)
        told = [view["short"], simulator.heaviest(release, lists[0], t), frozen["sentence"]]
        answer = [*filter(None, told), t("shutdown.answer_doubt")]
        sections = [
            simulator.section(release, lists, ready, first, view | {"freeze": frozen}, t),
            _switches(release, lists[0], ready, t),
            *_evidence(release, lists, t),
            *sections,
        ]
        shards = partial(simulator.shards, release, lists)
    return Page(
        file="shutdown.html",
        name=t("shutdown.name"),
        question=t("shutdown.question" if is_about_both or not first else "shutdown.question_other"),
        answer=answer,
        sections=sections,
        limits=t.lines("shutdown.limits"),
        shards=shards,
        libraries=("shutdown.js",) if sections[0].widgets else (),
    )


def _switches(release: Release, exposed: ExposedList, ready: list[simulator.Choice], t: Language) -> Section:
    """List the answers for the ready choices, which need no script."""
    universe = exposed.universe
    weight = exposed.weight(universe)
    rows = []
    for choice in ready:
        found = exposure.losses(release, exposed, universe, choice.organizations)[weight]
        spans = {row["figure"]: simulator.span(row, t) for row in found.iter_rows(named=True)}
        rows.append([choice.name, spans["lost_now"], spans["stranded"], spans["never_born_any"]])
    frame = pl.DataFrame(
        rows, schema=dict.fromkeys(("who", "lost", "stranded", "unborn"), pl.String), orient="row"
    )
    named, counted = figures.list_name(exposed, t), figures.what(universe, weight, t)
    headings = {column: t(f"shutdown.switches.{column}") for column in frame.columns}
    return Section(
        "switches",
        t("shutdown.switches.title"),
        text=[
            *t.lines("shutdown.switches.text", list=named, what=counted),
            *filter(None, [figures.telling_of(exposed, weight, t)]),
        ],
        tables=[table(t, "switches-table", t("shutdown.switches.caption"), frame, headings)],
    )


def _evidence(release: Release, lists: list[ExposedList], t: Language) -> list[Section]:
    exposed = lists[0]
    universe = exposed.universe
    weight = exposed.weight(universe)
    curve = data.curve(release, exposed, universe, weight)
    cases = data.withdrawals(release)
    return [
        Section(
            "order",
            t("shutdown.curve.title"),
            text=t.lines("shutdown.curve.text"),
            charts=[
                figures.curve(curve, loss, exposed, universe, weight, t)
                for loss in ("lost_now", "never_born")
            ],
        ),
        Section(
            "year",
            t("shutdown.year.title"),
            text=t.lines("shutdown.year.text"),
            charts=[_year(release, lists, t)],
        ),
        Section(
            "cases",
            t("shutdown.withdrawals.title"),
            text=t.lines("shutdown.withdrawals.text"),
            charts=[withdrawals.withdrawals(cases, t)],
            tables=_case_tables(release, cases, t),
        ),
    ]


def _year(release: Release, lists: list[ExposedList], t: Language) -> Chart:
    frozen = data.freezes(release)
    if frozen.is_empty():
        return figures.year(frozen, "", t)
    first = frozen.row(0, named=True)
    rows = frozen.filter(pl.col("scope") == first["scope"])
    return figures.year(rows, simulator.frozen_list(lists, first, t), t)


def _case_tables(release: Release, cases: pl.DataFrame, t: Language) -> list[Table]:
    headings = withdrawals.withdrawal_headings(t)
    columns = ("name", "organization", "event_date", "children", "note", "source")
    absent = {
        "model_id": t("shutdown.withdrawals.absent_model"),
        "organization": t("shutdown.withdrawals.organization"),
        "children": t("shutdown.withdrawals.absent_children"),
        "adapters": t("shutdown.withdrawals.absent_adapters"),
        "hub_status": t("shutdown.withdrawals.absent_status"),
    }
    return [
        table(t, "withdrawals-register", t("shutdown.withdrawals.table"), cases,
              {column: headings[column] for column in columns}, is_folded=True),
        table(t, "absent-bases", t("shutdown.withdrawals.absent"), data.absent_bases(release).head(200),
              absent, is_folded=True, note=t("shutdown.withdrawals.absent_note")),
    ]  # fmt: skip


def _platform(release: Release, t: Language) -> Section:
    parts = [
        t(f"shutdown.platform.{row['platform']}", n=row["number"],
          day=t.short_day(row["newest_date"]) if row["newest_date"] else t("common.not_known"))
        for row in data.other_platforms(release).iter_rows(named=True)
        if t.has(f"shutdown.platform.{row['platform']}")
    ]  # fmt: skip
    text = t.lines("shutdown.platform.text")
    if parts:
        text.append(t("shutdown.platform.beside", parts=t.listing(parts)))
    return Section(
        "platform",
        t("shutdown.platform.title"),
        text=text,
        charts=[figures.platform(data.platforms(release), t)],
    )
