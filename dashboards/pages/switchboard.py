"""The denominator switchboard of the page on dependence: its widget, its shards and the table of its presets.

Here: what the browser needs to answer, and what stands there before any script runs, which comes from the
published shares. The answers themselves are made by static/switchboard.js from the rows of the cube.
"""

import re
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

import polars as pl

from dashboards.data import dependence
from dashboards.data.common import ModelList
from dashboards.data.release import Release
from dashboards.figures.lists import option, telling
from dashboards.language import Language
from dashboards.pages.page import Shard, Widget
from dashboards.theme import CLASSES
from dashboards.words import cut, sentence

WEIGHTS = ("downloads_30d", "downloads_all_time", "likes", "models", "derivatives", "new_derivatives_30d")
EVIDENCE = ("curated", "declared", "inferred")
RADIOS = {
    "weight": WEIGHTS,
    "unit": ("uploader", "origin"),
    "variants": ("in", "out"),
    "evidence": EVIDENCE,
    "breakdown": ("class", "organization", "country", "legal_form", "funding"),
    "among": ("all", "pair"),
}
UNIVERSES = (
    "generative_language", "all", "image_generation", "video_generation", "embedding", "language_task",
    "speech", "vision", "other", "unknown",
)  # fmt: skip
#: The parts of the bar; by origin only three are known: of the well funded, of others, of nobody known.
COLOURS = {**CLASSES, "well_funded": CLASSES["first_party"], "other": CLASSES["independent"]}
SHOWN = 8
#: Counters that a model may not tell, and where dashboards/data/lists counts those that do.
COUNTED = {weight: f"with_{weight}" for weight in ("downloads_30d", "downloads_all_time", "likes")}
#: What the register of published shares says in words.
REGISTERED = ("definition", "counted_over", "not_reproducible")
_CLASS_CODES = tuple(CLASSES)
_COLUMNS = ("universe", "is_variant", "dependence_class")

Settings = dict[str, Any]


def start_of(lists: pl.DataFrame, chosen: ModelList) -> Settings | None:
    """Give the settings of the page's headline; None when its list is not among those offered."""
    place = _place(lists, chosen.snapshot_date, chosen.scope)
    if place is None:
        return None
    return {
        "list": place, "universe": "generative_language", "weight": "downloads_30d", "unit": "uploader",
        "variants": "in", "evidence": "curated", "breakdown": "class", "among": "all", "about": "",
    }  # fmt: skip


def _place(lists: pl.DataFrame, day: date | None, scope: str | None) -> int | None:
    for place, row in enumerate(lists.iter_rows(named=True)):
        if (row["snapshot_date"], row["scope"]) == (day, scope):
            return place
    return None


def address(chosen: ModelList, **settings: str) -> str:
    """Give the address of settings on the page; with the list, which is another one in the next release."""
    return "#switchboard?" + urlencode({"list": _key(chosen.scope, chosen.snapshot_date), **settings})


def _key(scope: str, day: date) -> str:
    return f"{scope}@{day.isoformat()}"


# What the browser loads ------------------------------------------------------------------------------------


def shards(release: Release) -> list[Shard]:
    """Give the rows of every list that is offered, one shard a list and evidence."""
    traits = {row[0]: list(row) for row in dependence.registered(release).iter_rows()}
    found = []
    for row in dependence.board_lists(release).iter_rows(named=True):
        for evidence in EVIDENCE:
            rows = dependence.cube(release, row["snapshot_date"], row["scope"], evidence)
            if rows.height:
                found.append(Shard(f"{_shard_name(row)}-{evidence}", columns(rows, traits)))
    return found


def _shard_name(row: dict[str, Any]) -> str:
    scope = re.sub(r"[^a-z0-9-]+", "-", row["scope"].lower())[:60]
    return f"cube-{scope}-{row['snapshot_date'].isoformat()}"


def columns(rows: pl.DataFrame, traits: dict[str, list[Any]]) -> dict[str, Any]:
    """Give the rows of one list as columns of numbers with dictionaries beside them, in few bytes.

    The first three columns are sorted, so they are given as value, length, value, length. An organization
    without a verified register row has no traits, and counts as unknown.
    """
    universes = sorted(set(rows["universe"].to_list()))
    ids = sorted(set(rows["origin"].to_list()) | set(rows["uploader"].to_list()))
    place = {one: number for number, one in enumerate(ids)}
    codes: dict[str, list[Any]] = {
        "universe": universes, "is_variant": [False, True], "dependence_class": list(_CLASS_CODES),
    }  # fmt: skip
    universe, variant, dependence_class = (
        _runs([codes[column].index(value) for value in rows[column].to_list()]) for column in _COLUMNS
    )
    return {
        "rows": rows.height,
        "universes": universes,
        "classes": list(_CLASS_CODES),
        # The id of one without a verified row would only be taken for one that is known.
        "organizations": [_traits(traits.get(one)) for one in ids],
        "universe": universe,
        "variant": variant,
        "class": dependence_class,
        "origin": [place[one] for one in rows["origin"].to_list()],
        "uploader": [place[one] for one in rows["uploader"].to_list()],
        "weights": {
            weight: [_short(value) for value in rows[weight].to_list()]
            for weight in WEIGHTS
            if rows[weight].null_count() < rows.height
        },
    }


def _traits(row: list[Any] | None) -> list[Any]:
    if row is None:
        return []
    organization_id, name, country, legal_form, funding, is_well_funded = row
    well = None if is_well_funded is None else int(is_well_funded)
    known = [None if one == "unknown" else one for one in (country, legal_form, funding)]
    return [organization_id, cut(name, 80), *known, well]


def _runs(values: list[int]) -> list[int]:
    return [part for value, run in groupby(values) for part in (value, len(list(run)))]


def _short(value: float | None) -> float | int | None:
    """Write whole numbers without a point; the browser reads the same number."""
    return int(value) if value is not None and value.is_integer() else value


# What the page says ----------------------------------------------------------------------------------------


def widget(release: Release, t: Language, start: Settings) -> Widget:
    """Make the switchboard: its switches, its settings and the headline's numbers as they are published."""
    lists = dependence.board_lists(release)
    presets = _presets(release, t, lists)
    universes = [(name, sentence(t.universe(name))) for name in UNIVERSES]
    settings = {
        "lists": [_list_settings(release, row, t) for row in lists.iter_rows(named=True)],
        "start": start,
        "presets": presets,
        "countries": {
            code: sentence(t.country(code))
            for code in sorted(set(dependence.registered(release)["country"].drop_nulls().to_list()))
        },
        "colours": COLOURS,
        "texts": _texts(t),
    }
    values = {
        "presets": [preset["label"] for preset in presets],
        "lists": [
            option(t, row["snapshot_date"], t.scope(row["scope"], row["title"]), row["models"],
                   row["with_downloads_30d"])
            for row in lists.iter_rows(named=True)
        ],
        "universes": universes,
        "radios": [
            (name, [(value, t(f"dependence.switchboard.script.{_table(name)}.{value}")) for value in choices])
            for name, choices in RADIOS.items()
        ],
        "start": start,
        **_headline(release, t, lists, start),
    }  # fmt: skip
    return Widget("board", "switchboard.html", "switchboard.js", values, settings)


def _table(control: str) -> str:
    return "variants" if control == "variants" else f"{control}s"


def _texts(t: Language) -> dict[str, Any]:
    return {
        **t.table("dependence.switchboard.script"),
        "universes": {name: t.universe(name) for name in UNIVERSES},
        "values": {one: t.table(f"dependence.values.{one}") for one in ("legal_form", "funding")},
    }


def _list_settings(release: Release, row: dict[str, Any], t: Language) -> Settings:
    mine = (pl.col("snapshot_date") == row["snapshot_date"]) & (pl.col("scope") == row["scope"])
    totals: dict[str, dict[str, float]] = {}
    for weight, universe, total in (
        dependence.board_totals(release).filter(mine).select("weight", "universe", "total").iter_rows()
    ):
        totals.setdefault(weight, {})[universe] = total
    evidence = [
        one for one in EVIDENCE
        if dependence.cube(release, row["snapshot_date"], row["scope"], one).height
    ]  # fmt: skip
    return {
        "key": _key(row["scope"], row["snapshot_date"]),
        "scope": row["scope"],
        "day": row["snapshot_date"].isoformat(),
        "shard": _shard_name(row),
        "words": t.model_list(row["scope"], row["title"], row["snapshot_date"]),
        "models": row["models"],
        "counted": {weight: row[column] for weight, column in COUNTED.items()},
        "telling": {weight: _telling(t, row, weight) for weight in COUNTED},
        "totals": totals,
        "evidences": evidence,
    }


def _telling(t: Language, row: dict[str, Any], weight: str) -> str:
    return telling(t, row["models"], row[COUNTED[weight]], weight)


def _presets(release: Release, t: Language, lists: pl.DataFrame) -> list[Settings]:
    """Give the headline in three forms, then each published share on the newest list that comes near."""
    own = [
        {"label": t(f"dependence.switchboard.own.{name}"), "settings": changed, "published": None}
        for name, changed in (
            ("headline", {}), ("all", {"universe": "all"}), ("declared", {"evidence": "declared"}),
        )
    ]  # fmt: skip
    near = nearest(release)
    found = []
    for row in near.iter_rows(named=True):
        place = _place(lists, row["snapshot_date"], row["scope"])
        if place is not None:
            found.append({
                "label": t("dependence.switchboard.preset", share=t.percent(row["published_share"]),
                           country=t.country(row["country"]), publisher=_publisher(row)),
                "settings": _settings_of(row, place),
                "published": {
                    "share": t.percent(row["published_share"]),
                    "publisher": cut(row["publisher"], 120),
                    "day": t.day(row["published_date"]),
                    **{key: told(t, row, key) for key in REGISTERED},
                },
            })  # fmt: skip
    return own + found


def _publisher(row: dict[str, Any]) -> str:
    return cut(str(row["publisher"]).partition(":")[0], 40)


def _settings_of(row: dict[str, Any], place: int) -> Settings:
    return {
        "list": place, "universe": row["universe"], "weight": row["weight"], "unit": row["unit"],
        "variants": row["variants"], "breakdown": "country", "about": row["country"],
        "among": "pair" if row["denominator"] == "country_and_us" else "all",
    }  # fmt: skip


def nearest(release: Release) -> pl.DataFrame:
    """Give of each published share the newest list that comes near, in the unit of the publisher."""
    found = dependence.published_headlines(release).filter("is_published_unit", pl.col("value").is_not_null())
    return found.unique("headline_id", keep="first", maintain_order=True)


def told(t: Language, row: dict[str, Any], key: str) -> str:
    """Give what the register says of a published share, translated where the translation is of this text."""
    name = f"dependence.registered.{row['headline_id'].replace('-', '_')}.{key}"
    return t(name) if Language("en").or_else(name, "") == row[key] else str(row[key])


def _headline(release: Release, t: Language, lists: pl.DataFrame, start: Settings) -> dict[str, Any]:
    """Give the numbers of the headline as they are published, for who has no script and until one answers."""
    row = lists.row(start["list"], named=True)
    chosen = ModelList(row["snapshot_date"], row["scope"], row["title"])
    universe = start["universe"]
    shares = dependence.universes(release, chosen).filter(pl.col("universe") == universe).row(0, named=True)
    parts = {name: shares[f"{name}_share"] for name in CLASSES}
    lower, upper = shares["dependent_lower"], shares["dependent_upper"]
    script = "dependence.switchboard.script"
    conditions = t(
        f"{script}.conditions",
        variants=t(f"{script}.variants_words.in"),
        evidence=t(f"{script}.evidence_words.curated"),
    )
    said = t(
        f"{script}.sentences.class_uploader",
        range=t.percent_range(lower, upper),
        of=t(f"{script}.of.downloads_30d", total=round(shares["total"]), universe=t.universe(universe)),
        list=t.model_list(row["scope"], row["title"], row["snapshot_date"]),
        conditions=conditions,
        **{name: t.percent(share) for name, share in parts.items()},
    )
    return {
        "sentence": t.joined(said, _telling(t, row, "downloads_30d")),
        "range": t(f"{script}.range.uploader", range=t.percent_range(lower, upper)),
        "lower": lower,
        "upper": upper,
        "classes": [
            {"value": name, "name": t(f"{script}.classes.uploader.{name}"), "share": share,
             "amount": share * shares["total"], "colour": COLOURS[name]}
            for name, share in parts.items()
        ],
        "groups": [_group(release, t, chosen, universe, one) for one in ("organization", "country")],
    }  # fmt: skip


def _group(release: Release, t: Language, chosen: ModelList, universe: str, dimension: str) -> dict[str, Any]:
    rows = dependence.breakdown(release, chosen, universe, "downloads_30d").filter(
        pl.col("dimension") == dimension
    )
    known = rows.filter((pl.col("value") != "unknown") & (pl.col("uploaded_share") > 0)).sort(
        "uploaded_share", "value", descending=[True, False]
    )
    unknown = rows.filter(pl.col("value") == "unknown")
    names = dict(dependence.registered(release).select("organization_id", "name").iter_rows())
    shown = [
        {
            "value": row["value"],
            "name": _value_name(t, dimension, row["value"], names),
            "share": row["uploaded_share"],
            "upper": row["uploaded_upper"],
            "amount": row["uploaded_share"] * row["total"],
        }
        for row in [*known.head(SHOWN).iter_rows(named=True), *unknown.iter_rows(named=True)]
    ]
    return {
        "dimension": dimension,
        "caption": t(f"dependence.switchboard.script.captions.uploader.{dimension}"),
        "name": t(f"dependence.switchboard.script.names.{dimension}"),
        "rows": shown,
        "largest": max((row["upper"] or row["share"] for row in shown), default=1.0) or 1.0,
    }


def _value_name(t: Language, dimension: str, value: str, names: dict[str, str]) -> str:
    if value == "unknown":
        return t(f"dependence.switchboard.script.unknown.{dimension}")
    return sentence(t.country(value)) if dimension == "country" else cut(names.get(value, value), 80)


def reasons(release: Release, t: Language) -> list[tuple[str, str]]:
    """Give of each published share who published it, what it counted and what cannot be rebuilt."""
    each = dependence.published_headlines(release).unique("headline_id", keep="first", maintain_order=True)
    return [
        (
            t("dependence.published.head", share=t.percent(row["published_share"]),
              publisher=cut(row["publisher"], 120)),
            t("dependence.published.reason", day=t.short_day(row["published_date"]),
              counted=_counted(t, told(t, row, "definition"), told(t, row, "counted_over")),
              not_reproducible=cut(told(t, row, "not_reproducible"), 600)),
        )
        for row in each.iter_rows(named=True)
    ]  # fmt: skip


def _counted(t: Language, definition: str, over: str) -> str:
    """Say what was counted and over which time, unless the one says the other already."""
    definition = cut(definition, 600)
    if definition.endswith(over):
        return definition
    return t("dependence.published.counted", definition=definition, over=cut(over, 200))
