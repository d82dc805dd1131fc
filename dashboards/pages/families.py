"""Families: which generations of models are built upon, how they grow and last, and who replaced whom.

The tree of each family is a shard of its own: its models by name, each with the number of the one that it
hangs below, so that a family loads when somebody looks into it.
"""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import quote

import polars as pl

from dashboards.data import common
from dashboards.data import families as data
from dashboards.data.release import Release
from dashboards.figures import families as figures
from dashboards.figures import lives, migration
from dashboards.figures.chart import Chart
from dashboards.language import Language
from dashboards.pages.models import SOURCE, numbered
from dashboards.pages.page import Page, Section, Shard, Table, Widget, table
from dashboards.theme import GREY, OLIVE, RELATIONS, organization_colour
from dashboards.words import cut

#: Whose bases replaced whose, as the article of May 2023 had it, and what came after.
CLAIMS = (("google", "meta"), ("meta", "alibaba"))


def build(release: Release, t: Language) -> Page:
    """Gather the page on families."""
    frame, moves = data.families(release), data.migration(release)
    trees = data.trees(release)
    kind = "whole" if _whole_day(release) else "partial"
    return Page(
        file="families.html",
        name=t("families.name"),
        question=t("families.question"),
        answer=_answer(release, frame, moves, t),
        sections=[
            Section(
                "tree", t("families.sections.tree"), text=t.lines("families.tree.text"),
                widgets=[_explorer(release, frame, trees, t)] if trees.height else [],
            ),
            Section("largest", t("families.sections.largest"), charts=_largest(release, frame, t)),
            Section("lives", t("families.sections.lives"), charts=_lives(release, t)),
            Section(
                "replaced", t("families.sections.replaced"),
                text=_claims(moves, t),
                charts=[migration.matrix(moves, t), migration.bases(data.authors_by_base(release), t)],
            ),
            Section(
                "all", t("families.sections.all"),
                text=[t.joined(t("families.all.sort"), t(f"families.all.{kind}"))],
                tables=[_all_families(frame, set(trees["family"].unique()), t)],
            ),
        ],
        limits=[t(f"families.limits.{kind}"), *t.lines("families.limits.lines")],
        shards=lambda: _shards(trees, data.growth(release)),
        styles=("trees.css",),
    )  # fmt: skip


def _largest(release: Release, frame: pl.DataFrame, t: Language) -> list[Chart]:
    seen, chosen = _seen(release, t), common.headline_list(release)
    models, _ = data.known(release)
    without = models - int(frame["models"].sum() or 0)
    charts = [figures.relations(frame, seen, t), figures.makers(frame, without, seen, t)]
    if chosen:
        charts.append(figures.downloads(data.downloads(release, chosen), chosen, t))
    return [*charts, figures.firsts(frame, seen, t)]


def _lives(release: Release, t: Language) -> list[Chart]:
    return [
        lives.growth(data.growth(release), t),
        lives.half_lives(data.half_lives(release), t),
        lives.survival(data.survival(release), data.lives(release), t),
    ]


def _seen(release: Release, t: Language) -> figures.Seen:
    lists = data.lists_seen(release).filter(pl.col("newest_date").is_not_null())
    if lists.is_empty():
        return figures.Seen(t("families.seen_none"), "", None, None)
    kind = "seen_whole" if _whole_day(release) else "seen"
    scopes = lists["scope"].unique().sort().to_list()
    first, last = _days(lists)
    return figures.Seen(t(f"families.{kind}", **_list_values(lists, t)), ", ".join(scopes), first, last)


def _days(lists: pl.DataFrame) -> tuple[date, date]:
    return min(lists["first_date"].to_list()), max(lists["newest_date"].to_list())


def _list_values(lists: pl.DataFrame, t: Language) -> dict[str, str]:
    """Say how many lists there are, and of which days."""
    return {
        "lists": t("common.lists", n=int(lists["lists"].sum())),
        "days": t.range(*map(t.short_day, _days(lists))),
    }


def _whole_day(release: Release) -> date | None:
    """Give the day of the newest list of the whole Hub among those that are counted."""
    days = data.lists_seen(release).filter("is_whole_population")["newest_date"].drop_nulls().to_list()
    return max(days, default=None)


def _answer(release: Release, frame: pl.DataFrame, moves: pl.DataFrame, t: Language) -> list[str]:
    with_some = frame.filter(pl.col("derivatives") > 0)
    if with_some.is_empty():
        return [t("families.none")]
    named = [
        f"{cut(row['family'], 30)} ({t.exact(row['derivatives'])})"
        for row in with_some.head(3).iter_rows(named=True)
    ]
    largest = t(
        "families.answer.largest", known=_known(release, t), total=int(with_some["derivatives"].sum()),
        n=with_some.height, of=frame.height, named=t.listing(named),
    )  # fmt: skip
    whole = _whole_day(release)
    seen = t("families.answer.whole", day=whole) if whole else t("families.answer.partial")
    moved = migration.largest_move(moves, t)
    return [largest, seen, *([moved + t("common.stop")] if moved else [])]


def _known(release: Release, t: Language) -> str:
    """Say how many models are known, and from which lists."""
    models, named_only = data.known(release)
    lists = data.lists_seen(release).filter(pl.col("newest_date").is_not_null())
    if lists.is_empty():
        return t("common.models", n=models)
    return t("families.answer.known", models=models, named_only=named_only, **_list_values(lists, t))


def _all_families(frame: pl.DataFrame, with_tree: set[str], t: Language) -> Table:
    """Make the table of all families; the name of one that has models leads to its tree."""
    headings = {name: words for name, words in figures.headings(t).items() if name in frame.columns}
    made = table(t, "families", t("families.all.caption"), frame, headings, is_sortable=True)
    for row, family in zip(made.rows, frame["family"].to_list(), strict=True):
        if family in with_tree:
            row[0] = replace(row[0], link=f"#tree?family={quote(family, safe='')}")
    return made


def _claims(moves: pl.DataFrame, t: Language) -> list[str]:
    lines = migration.claims(moves, CLAIMS, t)
    return [t("families.migration.intro", where=migration.where(moves, t)), *lines] if lines else []


# What the explorer shows ----------------------------------------------------------------------------------


def _explorer(release: Release, frame: pl.DataFrame, trees: pl.DataFrame, t: Language) -> Widget:
    lists = data.lists_seen(release).filter(pl.col("newest_date").is_not_null())
    seen = t("families.tree.seen", **_list_values(lists, t)) if lists.height else t("families.seen_none")
    known = set(trees["family"].unique().to_list())
    offered = frame.filter(pl.col("family").is_in(known))
    numbers = {family: number for number, family in enumerate(sorted(known))}
    families = [
        {
            "family": row["family"], "number": numbers[row["family"]], "organization": row["organization"],
            "models": row["models"], "derivatives": row["derivatives"],
            "colour": organization_colour(row["organization_id"]),
        }
        for row in offered.iter_rows(named=True)
    ]  # fmt: skip
    colours = {relation: tint(colour) for relation, colour in RELATIONS.items()}
    colours |= {"": tint(OLIVE), "more": tint(GREY)}
    words = t.table("families.script")["relations"] | {
        "": t("families.script.begins"), "more": t("families.script.fields_more"),
    }  # fmt: skip
    return Widget(
        "trees",
        "trees.html",
        "trees.js",
        values={"families": families, "legend": [(words[one], colours[one]) for one in words]},
        settings={
            "families": families, "preset": families[0]["family"] if families else "", "source": SOURCE,
            "texts": t.table("families.script"), "measures": t.table("families.tree.measures"),
            "colours": colours, "lists": _growth_lists(data.growth(release), t),
            "axis": t("families.script.days"), "seen": seen,
        },
    )  # fmt: skip


def tint(colour: str) -> str:
    """Lighten a colour so far that dark text on it can be read, on either ground."""
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(0.42 * part + 0.58 * 255):02x}" for part in parts)


def _growth_lists(growth: pl.DataFrame, t: Language) -> list[dict[str, Any]]:
    """Name the lists that growth is told of, those with the most families first."""
    lists = growth.group_by("series", "scope", "title", "as_of_date", "is_illustration").agg(
        pl.col("family").n_unique().alias("families"), pl.col("derivatives").max()
    )
    best = lists.filter(pl.col("derivatives") >= lives.LEAST).sort(
        "is_illustration", "families", "series", "scope", descending=[False, True, False, False]
    )
    return [
        {
            "key": f"{row['series']}/{row['scope']}",
            "title": t.model_list(row["scope"], row["title"], row["as_of_date"]),
            "is_partial": row["is_illustration"],
        }
        for row in best.iter_rows(named=True)
    ]


def growth_value(growth: pl.DataFrame) -> dict[str, list[list[Any]]]:
    """Pack the growth of all families: by list, rows of family, days, three counts and what has no date."""
    packed: dict[str, list[list[Any]]] = {}
    for row in growth.iter_rows(named=True):
        packed.setdefault(f"{row['series']}/{row['scope']}", []).append(
            [
                row["family"], row["days_since_release"], row["derivatives"], row["authors"],
                row["downloads_30d"], row["undated"], row["release_date"].isoformat(),
            ]
        )  # fmt: skip
    return packed


def _shards(trees: pl.DataFrame, growth: pl.DataFrame) -> list[Shard]:
    """Give the trees and the growth; they are the same in every language, so the first one writes them."""
    parts = trees.partition_by("family", as_dict=True, maintain_order=True)
    found = [
        Shard(f"family-{number}", tree_value(parts[(family,)]))
        for number, family in enumerate(sorted(family for (family,) in parts))
    ]
    return [*found, Shard("family-growth", growth_value(growth))]


def tree_value(models: pl.DataFrame) -> dict[str, Any]:
    """Pack the tree of a family; models that are left out stay in the sizes of those that they hang below."""
    kept = models.sort("place").head(data.MOST)
    told = kept.select(
        "organization", "relation", "evidence", downloads_date=pl.col("downloads_date").cast(pl.String)
    )
    ids = kept["model_id"].to_list()
    places = {model_id: place for place, model_id in enumerate(ids)}
    return {
        "models": models.height,
        "ids": ids,
        "parents": [places.get(parent, -1) for parent in kept["parent_id"].to_list()],
        "sizes": kept["size"].to_list(),
        "downloads_30d": kept["downloads_30d"].to_list(),
        "known_parents": kept["parents"].to_list(),
        "named_only": [place for place, only in enumerate(kept["is_named_only"].to_list()) if only],
        **{name: numbered(told[name].to_list()) for name in told.columns},
    }
