"""The simulator of the shutdown page: its widget, its shards, and its answer before any script runs.

Here: the answer for a ready choice of organizations in words, bars and rows. Not here: that for other
choices, which static/simulator.js computes from the same tables, and the page (shutdown).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboards.data import exposure
from dashboards.data import shutdown as data
from dashboards.data.exposure import ALL, EVIDENCES, WEIGHTS, ExposedList
from dashboards.data.release import Release
from dashboards.figures import shutdown as figures
from dashboards.figures.lists import option
from dashboards.language import Language
from dashboards.pages.page import Section, Shard, Widget
from dashboards.words import cut, cut_end

PRESET = ("openai", "meta")
#: What can be done, and the choices of the selects, by their names in the address.
KINDS = ("delete", "freeze", "platform")
_KEYS = {"kind": KINDS, "weight": tuple(WEIGHTS), "evidence": EVIDENCES}
#: Rows of the tables of who is hit, before any script runs.
_TOP = 6
_LONGEST_NAME = 40
#: A table of so many rows, about 11 bytes each, is loaded as soon as the simulator is near.
_SMALL_ROWS = 8_000
_MOST_NAMES = 4
_BOUNDS = ("lower", "upper")


@dataclass(frozen=True)
class Choice:
    """A ready choice of organizations; `who` says who they are as in a sentence."""

    key: str
    name: str
    who: str
    organizations: tuple[str, ...]


@dataclass(frozen=True)
class Bar:
    """A bar of the answer: what is sure, and up to where it may reach; `parts` are the sure ones in order."""

    key: str
    text: str
    note: str
    parts: list[tuple[str, float]]
    perhaps: float


def choices(registered: pl.DataFrame, t: Language) -> list[Choice]:
    """Give the ready choices, those of them whose organizations are registered; in groups the verified."""
    names = dict(registered.select("organization_id", "name").iter_rows())
    verified = registered.filter(status="verified")
    single = {"openai_meta": PRESET, **{key: (key,) for key in (*PRESET, "google", "alibaba")}}
    groups = {
        "giants": verified.filter(funding="giant"),
        "us": verified.filter(country="US"),
        "cn": verified.filter(country="CN"),
    }
    found = [
        Choice(key, t(f"shutdown.presets.{key}"), who([names[each] for each in wanted], t), wanted)
        for key, wanted in single.items()
        if all(each in names for each in wanted)
    ]
    for key, rows in groups.items():
        ids = tuple(rows["organization_id"])
        if len(ids) > 1:
            n = len(ids)
            title, words = (t(f"shutdown.{group}.{key}", n=n) for group in ("presets", "preset_words"))
            found.append(Choice(key, title, words, ids))
    if not found and registered.height:
        only, name = registered.row(0)[:2]
        found.append(Choice("first", cut(name, _LONGEST_NAME), who([name], t), (only,)))
    return found


def who(names: list[str], t: Language) -> str:
    """Name organizations as in a sentence: a few of them, and how many others."""
    short = [cut(name, _LONGEST_NAME) for name in names]
    if len(short) <= _MOST_NAMES:
        return t.listing(short)
    return t("shutdown.script.others", names=", ".join(short[:3]), n=len(short) - 3)


# The simulator -------------------------------------------------------------------------------------------


def section(
    release: Release, lists: list[ExposedList], ready: list[Choice], first: Choice, view: dict[str, Any],
    t: Language,
) -> Section:  # fmt: skip
    values = view | {
        "choices": ready,
        "noscript": t("shutdown.simulator.noscript", who=first.who),
        **{f"{name}s": _words(keys, t) for name, keys in _KEYS.items()},
    }
    settings = _settings(release, lists, ready, first, t)
    widget = Widget("simulator", "simulator.html", "simulator.js", values, settings)
    return Section(
        "simulate",
        t("shutdown.simulator.title"),
        text=t.lines("shutdown.simulator.text"),
        widgets=[widget],
        definitions=t.pairs("shutdown.definitions.words"),
    )


def _words(keys: Iterable[str], t: Language) -> list[tuple[str, str]]:
    return [(key, t(f"shutdown.simulator.{key}")) for key in keys]


def _settings(
    release: Release, lists: list[ExposedList], ready: list[Choice], first: Choice, t: Language
) -> dict[str, Any]:
    """Give what static/simulator.js finds on the page."""
    registered = exposure.organizations(release)
    return {
        "words": t.table("shutdown.script") | {"kinds": dict(_words(KINDS, t))},
        "organizations": [list(row) for row in registered.drop("status").iter_rows()],
        "countries": {code: t.country(code) for code in registered["country"].drop_nulls().unique().sort()},
        "choices": [[choice.key, choice.who, list(choice.organizations)] for choice in ready],
        "chosen": list(first.organizations),
        "weights": WEIGHTS,
        "lists": [_list_settings(each, t) for each in lists],
        "freezes": _freeze_settings(release, lists, t),
        "platform": _platform_settings(release, lists),
        "top": _TOP,
    }


def _list_settings(exposed: ExposedList, t: Language) -> dict[str, Any]:
    universes = [ALL, *sorted(exposed.universes, key=lambda name: name != exposed.universe)]
    return {
        "scope": exposed.scope,
        "date": exposed.snapshot_date.isoformat(),
        "name": figures.list_name(exposed, t),
        "label": _label(exposed, t),
        "models": exposed.models,
        "tells": exposed.models_with_downloads,
        "telling": figures.telling_of(exposed, "downloads_30d", t),
        "universe": exposed.universe,
        "universes": [[name, t.universe(name)] for name in universes],
        "told": list(exposed.told),
        "isSmall": exposed.rows <= _SMALL_ROWS,
        "shards": {evidence: _shard_name(exposed, evidence) for evidence in exposed.evidences},
    }


def _label(exposed: ExposedList, t: Language) -> str:
    title = t.scope(exposed.scope, exposed.title)
    return option(t, exposed.snapshot_date, title, exposed.models, exposed.models_with_downloads)


def _freeze_settings(release: Release, lists: list[ExposedList], t: Language) -> list[dict[str, Any]]:
    """Describe the lists of marts.shutdown_freeze, in the order in which the command line takes them."""
    frame = data.freezes(release).unique("scope", keep="first", maintain_order=True)
    return [
        {
            "scope": row["scope"],
            "date": row["as_of_date"].isoformat(),
            "day": t.short_day(row["as_of_date"]),
            "flow": row["past_year_flow"],
            "name": frozen_list(lists, row, t),
            "label": t("shutdown.simulator.freeze_list", day=t.short_day(row["as_of_date"]),
                       flow=row["past_year_flow"], title=cut_end(t.scope(row["scope"], row["title"]), 60)),
        }
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip


def frozen_list(lists: list[ExposedList], row: dict[str, Any], t: Language) -> str:
    """Name the list of a row of marts.shutdown_freeze, with its day where the exposure knows it."""
    names = {each.scope: figures.list_name(each, t) for each in lists}
    return names.get(row["scope"], t.scope(row["scope"], row["title"]))


def _platform_settings(release: Release, lists: list[ExposedList]) -> dict[str, dict[str, Any]]:
    """Give what the platform holds of each list: models, and the part with a registered copy."""
    rows = data.platforms(release)
    days = {exposed.scope: exposed.snapshot_date for exposed in lists}
    found: dict[str, dict[str, Any]] = {}
    for row in rows.iter_rows(named=True):
        if days.get(row["scope"]) != row["snapshot_date"]:
            continue
        if row["subject"] == "read_from_platform":
            found.setdefault(row["scope"], {}).update(
                models=row["number"], downloads_30d=row["downloads_30d"]
            )
        if row["subject"] == "copied_within_platform":
            found.setdefault(row["scope"], {}).update(
                copied=row["number"], copied_share=row["share"], copied_downloads_30d=row["downloads_30d"]
            )
    return {scope: facts for scope, facts in found.items() if {"models", "copied"} <= set(facts)}


def _shard_name(exposed: ExposedList, evidence: str) -> str:
    return f"shutdown-{exposed.place}-{evidence}"


def shards(release: Release, lists: list[ExposedList]) -> list[Shard]:
    made = [Shard("shutdown-freeze", data.freeze_shard(release))]
    for exposed in lists:
        for evidence in exposed.evidences:
            name = _shard_name(exposed, evidence)
            made.append(Shard(name, exposure.exposure_shard(release, exposed.scope, evidence)))
            made.append(Shard(f"{name}-families", exposure.families_shard(release, exposed, evidence)))
    return made


# The answer before any script runs -----------------------------------------------------------------------


def view(release: Release, exposed: ExposedList, choice: Choice, t: Language) -> dict[str, Any]:
    """Give the answer for a deletion in words, bars and rows."""
    universe = exposed.universe
    weight = exposed.weight(universe)
    found = exposure.losses(release, exposed, universe, choice.organizations)[weight]
    shares = {row["figure"]: row for row in found.iter_rows(named=True)}
    total, unsure = exposure.extent(release, exposed, universe)[weight]
    deleted = _deleted(shares, choice, exposed, universe, weight, t)
    short = t.joined(deleted, figures.telling_of(exposed, weight, t))
    evidence = t("shutdown.script.evidence.curated")
    bounds = t("shutdown.script.no_bounds", evidence=evidence)
    if unsure:
        bounds = t("shutdown.script.bounds", open=t.percent(unsure / total), evidence=evidence)
    return {
        "short": short,
        "sentence": t.joined(short, bounds),
        "bars": _bars(shares, t),
        "figures": [
            {
                "key": key,
                "name": t(f"shutdown.figures.{key}"),
                "note": t(f"shutdown.notes.{key}"),
                "shares": [(t.percent(row[f"{each}_share"]), repr(row[f"{each}_share"])) for each in _BOUNDS],
                "counts": [(t.exact(row[each]), str(row[each])) for each in _BOUNDS],
            }
            for key, row in shares.items()
        ],
        "hit": _hit(release, exposed, universe, choice, weight, t),
    }  # fmt: skip


def _left(shares: dict[str, dict[str, Any]], t: Language) -> str:
    lost = shares["lost_now"]
    return t.percent_range(1 - lost["upper_share"], 1 - lost["lower_share"])


def heaviest(release: Release, exposed: ExposedList, t: Language) -> str:
    """Say whose stop alone takes the most away, by the curve; nothing where none could be ranked."""
    universe = exposed.universe
    weight = exposed.weight(universe)
    worst = data.curve(release, exposed, universe, weight).filter(
        (pl.col("loss") == "lost_now") & (pl.col("removal_order") == "worst_first") & (pl.col("removed") == 1)
    )
    if worst.is_empty():
        return ""
    row = worst.row(0, named=True)
    found = exposure.losses(release, exposed, universe, [row["organization_id"]])[weight]
    lost = found.filter(pl.col("figure") == "lost_now").row(0, named=True)
    return t(
        "shutdown.answer_heaviest",
        day=t.short_day(exposed.snapshot_date),
        name=cut(row["organization"], _LONGEST_NAME),
        lost=span(lost, t),
        what=figures.what(universe, weight, t),
    )


def span(row: dict[str, Any], t: Language) -> str:
    return t.percent_range(row["lower_share"], row["upper_share"])


def _deleted(
    shares: dict[str, dict[str, Any]], choice: Choice, exposed: ExposedList, universe: str, weight: str,
    t: Language,
) -> str:  # fmt: skip
    return t(
        f"shutdown.script.delete_{'one' if len(choice.organizations) == 1 else 'other'}",
        who=choice.who,
        lost=span(shares["lost_now"], t),
        what=figures.what(universe, weight, t),
        list=figures.list_name(exposed, t),
        left=_left(shares, t),
        unborn=span(shares["never_born_any"], t),
    )


def _bars(shares: dict[str, dict[str, Any]], t: Language) -> list[Bar]:
    """Three bars: what is lost at once, what is stranded, what would never have been born."""
    sure = {key: row["lower_share"] for key, row in shares.items()}
    parts = {
        "lost_now": [("gone", sure["gone"]), ("broken", sure["broken"])],
        "stranded": [("stranded", sure["stranded"])],
        "never_born_any": [("unborn", sure["never_born_any"])],
    }
    spans = {key: span(row, t) for key, row in shares.items()}
    return [
        Bar(
            key,
            spans[key],
            t("shutdown.script.lost_now_note", left=_left(shares, t), **spans)
            if key == "lost_now"
            else t(f"shutdown.bars.{key}_note"),
            parts[key],
            shares[key]["upper_share"] - shares[key]["lower_share"],
        )
        for key in parts
    ]


def _hit(
    release: Release, exposed: ExposedList, universe: str, choice: Choice, weight: str, t: Language
) -> dict[str, list[list[str]]]:
    """Give who is hit, by country and class of the uploader and by family; names in words, shares written."""
    total, _ = exposure.extent(release, exposed, universe)[weight]
    names: dict[str, Callable[[str | None], str]] = {
        "country": lambda value: t.country(value) if value else t("shutdown.script.no_country"),
        "funding": lambda value: t.or_else(f"shutdown.script.funding.{value}", value or t("common.unknown")),
    }
    rows = {
        column: [
            [cut(word(row["value"]), 60), t.percent(row["lost"] / total), t.percent(row["unborn"] / total),
             t.percent(row["unborn"] / row["total"])]
            for row in exposure.hit(
                release, exposed, universe, choice.organizations, weight, column
            ).head(_TOP).iter_rows(named=True)
        ]
        for column, word in names.items()
    }  # fmt: skip
    rows["family"] = [
        [cut(row["value"], 60) or t("shutdown.script.no_family"), t.percent(row["unborn"] / total)]
        for row in exposure.unborn_families(release, exposed, universe, choice.organizations, weight)
        .head(_TOP)
        .iter_rows(named=True)
    ]
    return rows


def frozen(release: Release, choice: Choice, t: Language) -> dict[str, Any]:
    """Give the answer for a freeze in words, nothing made good; empty where no list tells births."""
    rows = data.freezes(release)
    if rows.is_empty():
        return {"sentence": "", "reasons": []}
    row = rows.row(0, named=True)
    own = rows.filter(pl.col("scope") == row["scope"])
    estimate, counted, at_most = data.frozen_year(own, choice.organizations)
    listed = frozen_list(exposure.exposed_lists(release), row, t)
    flow, day = row["past_year_flow"], t.short_day(row["as_of_date"])
    happened = t(
        "shutdown.script.counted",
        day=day,
        counted=t.range(t.exact(counted), t.exact(at_most)),
        flow=flow,
        share=t.percent_range(counted / (flow or 1), at_most / (flow or 1)),
        substitution=t("shutdown.script.nothing"),
    )
    first = _estimated(estimate, choice, listed, day, t)
    return {"sentence": t.joined(first, happened), "reasons": _reasons(release, own, choice, t)}


def _estimated(
    estimate: tuple[float, float, float] | None, choice: Choice, listed: str, day: str, t: Language
) -> str:
    """Say what the coming year would lose, or that this cannot be estimated."""
    if estimate is None:
        return t("shutdown.script.not_estimable", who=choice.who, list=listed)
    loss, lower, upper = estimate
    return t(
        "shutdown.script.freeze",
        who=choice.who,
        day=day,
        loss=t.count(loss),
        list=listed,
        range=t.range(t.count(lower), t.count(upper)),
        substitution=t("shutdown.script.nothing"),
    )


def _reasons(release: Release, own: pl.DataFrame, choice: Choice, t: Language) -> list[str]:
    """Say of each organization of the choice without an estimate why there is none."""
    names = dict(exposure.organizations(release).select("organization_id", "name").iter_rows())
    status = dict(own.select("organization_id", "status").iter_rows())
    told = []
    for each in choice.organizations:
        key, values = data.reason(status[each]) if each in status else (data.NO_DERIVATIVE, {})
        if key not in ("estimated", "illustration"):
            words = t(f"shutdown.script.reasons.{key}", **values)
            told.append(t("shutdown.script.because", name=cut(names[each], _LONGEST_NAME), reason=words))
    return told
