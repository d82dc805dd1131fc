"""Models: which models are there, and what does each stand on?

The table is DataTables; it gets the models of the chosen list in parts, and the lines above those of a part
when somebody asks for one. A part says each name once and its rows by number, so 50,000 models stay small.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

import polars as pl

from dashboards.data import common, models
from dashboards.data.common import ModelList
from dashboards.data.release import Release
from dashboards.figures.lists import option, telling
from dashboards.language import Language
from dashboards.pages.page import Cell, Page, Section, Shard, Table, Widget
from dashboards.theme import CLASSES
from dashboards.words import cut, sentence

SOURCE = "https://huggingface.co/"
#: So many models stand on the page without any script.
WRITTEN = 100
COLUMNS = (
    "lineage", "model", "organization", "downloads_30d", "likes", "task", "class", "origins", "base",
    "family", "license", "created",
)  # fmt: skip


def build(release: Release, t: Language) -> Page:
    """Gather the page on models."""
    lists = models.lists(release)
    chosen = _preset(release, lists)
    if chosen is None:
        return Page("models.html", t("models.name"), t("models.question"), [t("models.answer.none")], [], [])
    return Page(
        file="models.html",
        name=t("models.name"),
        question=t("models.question"),
        answer=_answer(release, lists, chosen, t),
        sections=[
            Section(
                "search",
                t("models.search.title"),
                text=t.lines("models.search.text"),
                widgets=[_widget(release, lists, chosen, t)],
            )
        ],
        limits=_limits(lists, chosen, t),
        shards=lambda: _all_shards(release, _model_lists(lists)),
        styles=("models.css",),
        libraries=("datatables.js",),
    )


def _preset(release: Release, lists: pl.DataFrame) -> ModelList | None:
    """Choose the newest list of the population that the headlines speak of, else the newest of all."""
    offered = _model_lists(lists)
    headline = common.headline_list(release)
    found = [one for one in offered if headline and one.scope == headline.scope]
    return next(iter(found or offered), None)


def _model_lists(lists: pl.DataFrame) -> list[ModelList]:
    return [ModelList(*row) for row in lists.select("snapshot_date", "scope", "title").iter_rows()]


def _words(chosen: ModelList, t: Language) -> str:
    return t.model_list(chosen.scope, chosen.title, chosen.snapshot_date)


def _row(lists: pl.DataFrame, chosen: ModelList) -> dict[str, Any]:
    return lists.row(by_predicate=pl.col("scope") == chosen.scope, named=True)


def _answer(release: Release, lists: pl.DataFrame, chosen: ModelList, t: Language) -> list[str]:
    counts = dict(models.classes(release, chosen).iter_rows())
    total = sum(counts.values())
    rows = models.rows(release, chosen)
    if rows.is_empty() or not total:
        return [t("models.answer.none")]
    first = rows.row(0, named=True)
    words = sentence(_words(chosen, t))
    some = t("common.models", n=total)
    if first["downloads_30d"] is None:
        opening = t("models.answer.list_silent", list=words, models=some)
    else:
        opening = t(
            "models.answer.list", list=words, models=some, first=cut(first["model_id"], 60),
            downloads=t.count(first["downloads_30d"]),
        )  # fmt: skip
    shares = {name: t.percent(counts.get(name, 0) / total) for name in CLASSES}
    row = _row(lists, chosen)
    told = telling(t, row["models"], row["with_downloads_30d"]) if first["downloads_30d"] is not None else ""
    return [t.joined(opening, told), t("models.answer.classes", **shares)]


def _limits(lists: pl.DataFrame, chosen: ModelList, t: Language) -> list[str]:
    row = _row(lists, chosen)
    known, kind = row["with_parent_pct"], "list_whole" if row["is_whole_population"] else "list"
    return [
        t(f"models.limits.{kind}", list=_words(chosen, t)),
        t("models.limits.downloads"),
        *([t("models.limits.parents", share=t.percent(known / 100))] if known is not None else []),
        t("models.limits.today"),
        t("models.limits.links"),
    ]


def _widget(release: Release, lists: pl.DataFrame, chosen: ModelList, t: Language) -> Widget:
    offered = _model_lists(lists)
    told = [_list_settings(release, lists, one, number, t) for number, one in enumerate(offered)]
    rows = models.rows(release, chosen)
    universes = sorted({one for part in told for one in part["universes"]})
    return Widget(
        "models",
        "models.html",
        "models.js",
        values={"lists": told, "preset": chosen.scope, "table": _written_table(release, rows, chosen, t),
                "universes": [(one, sentence(t.universe(one))) for one in universes],
                "classes": [(one, t(f"common.classes.{one}")) for one in CLASSES],
                "shown": min(WRITTEN, rows.height)},
        settings={
            "lists": told, "preset": chosen.scope, "columns": list(COLUMNS), "source": SOURCE,
            "classes": {one: t(f"common.classes.{one}") for one in CLASSES},
            "meanings": {one: t(f"common.class_words.{one}") for one in CLASSES},
            "headings": t.table("models.columns"), "texts": t.table("models.script"),
        },
    )  # fmt: skip


def _list_settings(
    release: Release, lists: pl.DataFrame, one: ModelList, number: int, t: Language
) -> dict[str, Any]:
    """Say of a list what it is and in how many parts its models come."""
    rows = models.rows(release, one)
    row = _row(lists, one)
    whole = row["models"]
    note = "note_all" if rows.height == whole else "note"
    return {
        "scope": one.scope,
        "number": number,
        "models": rows.height,
        "parts": rows["part"].n_unique(),
        "title": option(
            t, one.snapshot_date, t.scope(one.scope, one.title), whole, row["with_downloads_30d"]
        ),
        "note": t(f"models.widget.{note}", shown=rows.height, models=whole),
        "universes": rows["universe"].unique().drop_nulls().sort().to_list(),
    }


# What is written on the page ------------------------------------------------------------------------------


def address(model_id: str) -> str:
    """Give the address of a model's page at its source."""
    return SOURCE + quote(model_id, safe="/")


def _written_table(release: Release, rows: pl.DataFrame, chosen: ModelList, t: Language) -> Table:
    head = rows.head(WRITTEN)
    ends = _ends(models.origins(release, chosen).filter(pl.col("place") < WRITTEN))
    is_silent = head["downloads_30d"].null_count() == head.height
    caption = t(
        f"models.widget.caption{'_silent' if is_silent else ''}", shown=head.height, list=_words(chosen, t)
    )
    return Table(
        "models-table",
        caption,
        [t(f"models.columns.{name}") for name in COLUMNS[1:]],
        [_cells(row, ends.get(row["place"], []), t) for row in head.iter_rows(named=True)],
        empty=t("common.nothing"),
    )


def _cells(row: dict[str, Any], ends: list[tuple[str, float]], t: Language) -> list[Cell]:
    """Write the row of a model as the script does."""
    dependence_class = row["dependence_class"] or "unknown"
    return [
        Cell(cut(row["model_id"], 60), row["model_id"], link=address(row["model_id"])),
        _text(row["organization"], t, "models.script.account"),
        *(_number(row[name], t) for name in ("downloads_30d", "likes")),
        _text(row["task"], t),
        Cell(t(f"common.classes.{dependence_class}"), t(f"common.class_words.{dependence_class}")),
        _text(_origin_words(ends, t), t),
        _base(row, t),
        _text(row["family"], t),
        _text(row["license"], t),
        _text(row["created_date"].isoformat() if row["created_date"] else None, t),
    ]


def _base(row: dict[str, Any], t: Language) -> Cell:
    """Name what a model stands on; a model of which none is known is from scratch only by the register."""
    base = row["base_model_id"]
    if base is not None and base != row["model_id"]:
        return Cell(cut(base, 48), base, link=address(base))
    return Cell(t("models.script.scratch" if row["origin_basis"] == "register" else "models.script.no_base"))


def _text(text: str | None, t: Language, silence: str = "common.not_known") -> Cell:
    if text is None:
        return Cell("–", t(silence))
    line = cut(text, 40)
    return Cell(line, "" if line == text else text)


def _number(number: int | None, t: Language) -> Cell:
    if number is None:
        return Cell("–", t("common.not_known"), is_number=True)
    return Cell(t.exact(number), is_number=True)


def _origin_words(ends: list[tuple[str, float]], t: Language) -> str:
    """Write where a model's credit ends: one name, or names with their shares."""
    named = [(t("common.unknown") if name == "unknown" else name, share) for name, share in ends]
    if len(named) == 1:
        return named[0][0]
    return ", ".join(f"{name} {t.percent(share)}" for name, share in named)


# What the script loads ------------------------------------------------------------------------------------


def _all_shards(release: Release, offered: list[ModelList]) -> list[Shard]:
    """Give the parts of all lists; they are the same in every language, so the first one writes them."""
    return [shard for number, one in enumerate(offered) for shard in list_shards(release, one, number)]


def list_shards(release: Release, chosen: ModelList, number: int) -> list[Shard]:
    """Give the parts of a list, and beside each the lines above its models."""
    rows, origins = models.rows(release, chosen), models.origins(release, chosen)
    ends = _ends(origins)
    edges, nodes = models.edges(release, chosen), models.nodes(release, chosen)
    shards = []
    for (part,), some in rows.partition_by("part", as_dict=True, maintain_order=True).items():
        shards.append(Shard(f"models-{number}-{part}", rows_value(some, ends)))
        above = edges.filter(pl.col("part") == part)
        if above.height:
            shards.append(Shard(f"models-{number}-{part}-lineage", lineage_value(above, nodes)))
    return shards


def _ends(origins: pl.DataFrame) -> dict[int, list[tuple[str, float]]]:
    """Gather the organizations at which the credit of each model ends."""
    found: dict[int, list[tuple[str, float]]] = {}
    for place, organization, share in origins.select("place", "organization", "origin_share").iter_rows():
        found.setdefault(place, []).append((organization, round(share, 6)))
    return found


def rows_value(rows: pl.DataFrame, ends: dict[int, list[tuple[str, float]]]) -> dict[str, Any]:
    """Pack the models of a part: a column a list, and each name once with its number in the rows."""
    ids = rows["model_id"].to_list()
    bases = [
        None if base == own else base for own, base in zip(ids, rows["base_model_id"].to_list(), strict=True)
    ]
    created = [None if one is None else one.isoformat() for one in rows["created_date"].to_list()]
    packed = {
        "organization": rows["organization"].to_list(),
        "task": rows["task"].to_list(),
        "universe": rows["universe"].to_list(),
        "class": rows["dependence_class"].to_list(),
        "origins": [tuple(ends.get(place, ())) for place in rows["place"].to_list()],
        "base": bases,
        "family": rows["family"].to_list(),
        "license": rows["license"].to_list(),
        "basis": rows["origin_basis"].to_list(),
    }
    return {
        "ids": ids,
        "downloads_30d": rows["downloads_30d"].to_list(),
        "likes": rows["likes"].to_list(),
        "parents": rows["parents"].to_list(),
        "created": created,
        **{name: numbered(values) for name, values in packed.items()},
    }


def lineage_value(edges: pl.DataFrame, nodes: pl.DataFrame) -> dict[str, Any]:
    """Pack the lines above the models of a part; an edge is child, parent, relation, evidence by number."""
    ids = pl.concat([edges["child_id"], edges["parent_id"]]).unique().sort()
    places = {model_id: place for place, model_id in enumerate(ids.to_list())}
    known = ids.to_frame("model_id").join(nodes, on="model_id", how="left", maintain_order="left")
    relations, evidence = (edges[name].unique().sort().to_list() for name in ("relation", "evidence"))
    columns = edges.select("child_id", "parent_id", "relation", "evidence")
    return {
        "ids": ids.to_list(),
        "organization": numbered(known["organization"].to_list()),
        "basis": numbered(known["origin_basis"].to_list()),
        "named_only": [place for place, only in enumerate(known["is_named_only"].to_list()) if only],
        "relations": relations,
        "evidence": evidence,
        "edges": [
            [places[child], places[parent], relations.index(relation), evidence.index(why)]
            for child, parent, relation, why in columns.iter_rows()
        ],
    }


def numbered(values: Sequence[Any]) -> dict[str, Any]:
    """Say each value once, and then by number; -1 is what is not known."""
    names: Iterable[Any] = dict.fromkeys(value for value in values if value)
    numbers = {name: place for place, name in enumerate(names)}
    return {"names": list(numbers), "rows": [numbers.get(value, -1) for value in values]}
