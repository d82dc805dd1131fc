"""Compose the recording in this folder from the compact data files of public collectors.

Here: which file becomes which snapshot or series, how its columns become fields in the form of the API, and
how bodies, exchanges.jsonl and snapshots.jsonl are written. Not here: fetching anything, answering requests
from a recording (pipelines/sources), judging or repairing a figure. What looks wrong in a source is carried
over as it is, so that the pipeline has to cope with it; only what is no answer of the API at all (a filler
zero, an entry typed by hand, a list printed as text) is left out, and PROVENANCE.md says each time what and
how it was recognised. A field that a collector did not have is absent.

The same input gives the same bytes: nothing depends on clock, locale, file order or hash seed.

    python -m pipelines.recorded.compose --from FOLDER_WITH_THE_DATA [--to FOLDER]
"""

import argparse
import gzip
import json
import re
import shutil
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

Row = dict[str, Any]

MODELS_URL: Final = "https://huggingface.co/api/models"
MODELS_A_PAGE: Final = 1000
MODELS_SOURCE: Final = "huggingface_models"
REPOSITORY_ID: Final = re.compile(r"[\w.\-]+(/[\w.\-]+)?", re.ASCII)
#: The relations that the Hub knows between a model and its base.
RELATIONS: Final = frozenset({"finetune", "adapter", "quantized", "merge"})
#: Parts of `config` that are bare facts; chat templates and code references are not carried over.
CONFIG_FACTS: Final = ("architectures", "diffusers", "model_type", "quantization_config")


class ComposeError(Exception):
    """A data file is missing or not as expected; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One line of snapshots.jsonl: what a set of bodies is a picture of, and who took it.

    `tags:base_model` among the fields says that of all tags the collector kept those of this prefix only.
    """

    source: str
    day: str
    scope: str
    title: str
    is_whole_population: bool = False
    date_uncertainty_days: int
    fields: tuple[str, ...]
    origin: str
    licence: str
    attribution: str = ""

    @property
    def folder(self) -> str:
        """The folder of its bodies, relative to the recording."""
        return f"{self.source}/{self.day}/{self.scope}"


@dataclass(frozen=True)
class Body:
    """One recorded answer before it is packed."""

    url: str
    name: str
    content_type: str
    content: bytes
    next_url: str | None = None


@dataclass(frozen=True)
class Part:
    """One snapshot or series of the recording and the function that makes its bodies from the data."""

    snapshot: Snapshot
    bodies: Callable[[Path], list[Body]]


# Reading the data files.


def existing(folder: Path, name: str) -> Path:
    """Give the path of a data file. Raises ComposeError when it is not there."""
    path = folder / name
    if not path.is_file():
        raise ComposeError(f"{path} is missing; --from must name the folder in which {name} lies.")
    return path


def read_objects(folder: Path, name: str, columns: Mapping[str, tuple[type, ...]]) -> list[Row]:
    """Read gzipped JSON lines whose objects have these keys, each of one of these types, and no others.

    A key may be missing where its types allow null.
    """
    path = existing(folder, name)
    rows: list[Row] = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                row = json.loads(line)
                check_object(row, columns, f"{name}, line {number}")
                rows.append(row)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise ComposeError(f"{path} is not gzipped JSON lines: {error}.") from error
    return rows


def check_object(row: object, columns: Mapping[str, tuple[type, ...]], where: str) -> None:
    """Raise ComposeError when `row` is not an object of just these keys and types."""
    if not isinstance(row, dict):
        raise ComposeError(f"{where}: expected an object, found {type(row).__name__}.")
    if unknown := sorted(row.keys() - columns.keys()):
        raise ComposeError(f"{where}: unexpected keys {unknown}; expected {sorted(columns)}.")
    for key, types in columns.items():
        value = row.get(key)
        is_odd_bool = isinstance(value, bool) and bool not in types
        if is_odd_bool or not isinstance(value, types):
            names = " or ".join(sorted(kind.__name__ for kind in types))
            raise ComposeError(f"{where}: `{key}` is {value!r:.60}, expected {names}.")


def read_table(folder: Path, name: str, columns: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """Read a gzipped CSV file of just these columns, in this order."""
    path = existing(folder, name)
    try:
        with gzip.open(path, "rb") as file:
            content = file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise ComposeError(f"{path} is not a whole gzip file: {error}.") from error
    header = content.split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")
    if header != list(columns):
        raise ComposeError(f"{path}: the columns are {header}, expected {list(columns)}.")
    try:
        return pl.read_csv(content, schema=columns)
    except pl.exceptions.PolarsError as error:
        raise ComposeError(f"{path}: a value does not fit its column: {error}.") from error


NoneType: Final = type(None)
TEXT: Final = (str,)
TEXT_OR_NULL: Final = (str, NoneType)
NUMBER: Final = (int,)


# Putting values in the form of the API.


def stamp(moment: str) -> str:
    """Write a date or a second in the API's form; a bare date becomes its midnight (see PROVENANCE.md)."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", moment):
        return f"{moment}T00:00:00.000Z"
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment):
        return f"{moment[:-1]}.000Z"
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment):
        return moment
    raise ComposeError(f"{moment!r} is neither a date nor a moment in UTC.")


def repository_id(text: str, where: str) -> str:
    """Give `text` back if it can be the id of a repository. Raises ComposeError otherwise."""
    if not REPOSITORY_ID.fullmatch(text):
        raise ComposeError(f"{where}: {text!r} is no id of a repository.")
    return text


def without_nulls(row: Row) -> Row:
    """Drop what the collector's file has as null: the API leaves such keys out, and so do we."""
    return {key: value for key, value in row.items() if value is not None}


def restamped(row: Row) -> Row:
    """Write the moments of an object in the API's form."""
    moments = {key: stamp(row[key]) for key in ("createdAt", "lastModified") if row.get(key) is not None}
    return {**row, **moments}


def lineage_tags(parents: Iterable[tuple[str, str]]) -> list[str]:
    """Give the two tags that the Hub lists for each (parent, relation): the bare one and the typed one."""
    return [
        tag
        for parent, relation in sorted(parents)
        for tag in (f"base_model:{parent}", f"base_model:{relation}:{parent}")
    ]


def parents_by_child(edges: pl.DataFrame, where: str) -> dict[str, list[tuple[str, str]]]:
    """Group (parent, child, relation) rows by child. Raises ComposeError for odd or repeated rows."""
    if edges.is_duplicated().any():
        raise ComposeError(f"{where}: an edge stands there twice.")
    found: dict[str, list[tuple[str, str]]] = {}
    for parent, child, relation in edges.select("parent", "child", "relation").iter_rows():
        if relation not in RELATIONS:
            raise ComposeError(f"{where}: unknown relation {relation!r}.")
        edge = (repository_id(parent, where), relation)
        found.setdefault(repository_id(child, where), []).append(edge)
    return found


# One function per model list: data file in, objects in the form of the API out.


def most_downloaded(folder: Path) -> list[Row]:
    """Give the most downloaded models of September 2024."""
    columns = {
        "id": TEXT, "author": TEXT, "downloads": NUMBER, "lastModified": TEXT, "tags": (list,),
        "pipeline_tag": TEXT_OR_NULL,
    }  # fmt: skip
    rows = read_objects(folder, "huggingface/models_2024-09-20.jsonl.gz", columns)
    return [restamped(without_nulls(row)) for row in rows]


def leaderboard(folder: Path) -> list[Row]:
    """Give the models of the leaderboard, one object per id: the file has a row per evaluation.

    ` (Merge)` behind a base model is the leaderboard's remark, `Removed` its word for a repository that is
    gone; neither belongs to an id. A base model that is the model itself stays.
    """
    name = "huggingface/upload_dates_2025-03.csv.gz"
    columns: dict[str, type[pl.DataType]] = {
        "id": pl.String, "upload_date": pl.String, "type": pl.String, "is_merged": pl.String,
        "is_moe": pl.String, "base_model": pl.String, "license": pl.String, "parameters_billions": pl.Float64,
    }  # fmt: skip
    table = read_table(folder, name, columns).with_columns(pl.col("base_model").str.strip_suffix(" (Merge)"))
    facts = table.select("id", "upload_date", "base_model", "license").unique().sort("id")
    if facts["id"].is_duplicated().any():
        raise ComposeError(f"{name}: rows of one model disagree about its date, base model or licence.")
    return [leaderboard_model(row) for row in facts.iter_rows(named=True)]


def leaderboard_model(facts: Row) -> Row:
    """Give one model of the leaderboard in the form of the API."""
    row: Row = {"id": facts["id"]}
    if facts["upload_date"] is not None:
        row["createdAt"] = stamp(facts["upload_date"])
    base = facts["base_model"]
    tags = [] if base == "Removed" else [f"base_model:{repository_id(base, facts['id'])}"]
    if facts["license"] is not None:
        tags.append(f"license:{facts['license']}")
    return row | ({"tags": tags} if tags else {})


def family_trees(folder: Path) -> list[Row]:
    """Give the whole objects of the family trees, then the children that are known by their edge alone."""
    columns = {
        "id": TEXT, "author": TEXT, "createdAt": TEXT, "lastModified": TEXT, "downloads": NUMBER,
        "likes": NUMBER, "gated": (bool, str), "library_name": TEXT_OR_NULL, "pipeline_tag": TEXT_OR_NULL,
        "tags": (list,), "safetensors": (dict, NoneType), "config": (dict, NoneType), "usedStorage": NUMBER,
    }  # fmt: skip
    rows = read_objects(folder, "huggingface/model_trees_2025-04.jsonl.gz", columns)
    known = {row["id"]: restamped(without_nulls(with_config_facts(row))) for row in rows}
    edges = tree_edges(folder)
    for child, parents in edges.items():
        tags = lineage_tags(parents)
        if child in known and not set(tags) <= set(known[child]["tags"]):
            raise ComposeError(f"model_tree_edges: {child} does not carry the tags of its edges.")
        known.setdefault(child, {"id": child, "tags": tags})
    return list(known.values())


def with_config_facts(row: Row) -> Row:
    """Keep the parts of `config` that are bare facts; without any, the object has no `config`."""
    config = row["config"] or {}
    return {**row, "config": {key: config[key] for key in CONFIG_FACTS if key in config} or None}


def tree_edges(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Read the trees' edges. Some cells hold a printed list or a piece of one; `[]` names no child."""
    name = "huggingface/model_tree_edges_2025-04.csv.gz"
    table = read_table(folder, name, {"parent": pl.String, "child": pl.String, "relation": pl.String})
    children = table.with_columns(pl.col("child").str.strip_chars("[]' "))
    return parents_by_child(children.filter(pl.col("child") != ""), name)


def text_generation_lineage(folder: Path) -> list[Row]:
    """Give nodes and children of the lineage of June 2025.

    A node that the collector calls derived but gives no parent has no `tags`: its descent was not told. A
    node that it calls a base and gives no parent has an empty list. Only derived nodes were chosen for their
    task; bases came along because somebody named them, and among them are image models.
    """
    name = "huggingface/lineage_2025-06.csv.gz"
    table = read_table(folder, name, {"parent": pl.String, "child": pl.String, "relation": pl.String})
    parents = parents_by_child(table, name)
    models: dict[str, Row] = {child: {"id": child} for child in parents}
    for model, kind, architecture in lineage_nodes(folder).iter_rows():
        row = models.setdefault(model, {"id": model})
        if kind != "base":
            row["pipeline_tag"] = "text-generation"
        elif model not in parents:
            row["tags"] = []
        if architecture != "unknown":
            row["config"] = {"model_type": architecture}
    for child, edges in parents.items():
        models[child]["tags"] = lineage_tags(edges)
    return list(models.values())


def lineage_nodes(folder: Path) -> pl.DataFrame:
    """Read id, type and architecture of the lineage's nodes."""
    name = "huggingface/lineage_nodes_2025-06.csv.gz"
    columns: dict[str, type[pl.DataType]] = dict.fromkeys(("id", "type", "owner", "architecture"), pl.String)
    table = read_table(folder, name, columns)
    if table["id"].is_duplicated().any() or table.null_count().sum_horizontal().item():
        raise ComposeError(f"{name}: an id stands there twice or a value is missing.")
    for model in table["id"]:
        repository_id(model, name)
    return table.select("id", "type", "architecture")


def catalogue(folder: Path) -> list[Row]:
    """Give the catalogue of seven organizations."""
    columns = {
        "id": TEXT, "author": TEXT, "pipeline_tag": TEXT_OR_NULL, "license": TEXT, "createdAt": TEXT,
        "lastModified": TEXT, "downloads": NUMBER,
    }  # fmt: skip
    rows = read_objects(folder, "huggingface/models_of_7_organizations_2025-10-12.jsonl.gz", columns)
    return [with_licence_tag(restamped(without_nulls(row))) for row in rows]


def with_licence_tag(row: Row) -> Row:
    """Turn the collector's column `license` back into the tag that it was; `UNKNOWN` was no tag."""
    rest = {key: value for key, value in row.items() if key != "license"}
    return rest | ({"tags": [f"license:{row['license']}"]} if row["license"] != "UNKNOWN" else {})


def sample_of_objects(folder: Path) -> list[Row]:
    """Give 100 objects as the list of models has them, without `siblings`, which the data has cut short."""
    columns = {
        "_id": TEXT, "id": TEXT, "author": TEXT, "gated": (bool, str), "lastModified": TEXT, "likes": NUMBER,
        "private": (bool,), "sha": TEXT, "downloads": NUMBER, "tags": (list,), "pipeline_tag": TEXT_OR_NULL,
        "library_name": TEXT_OR_NULL, "createdAt": TEXT, "modelId": TEXT, "siblings": (list,),
    }  # fmt: skip
    rows = read_objects(folder, "huggingface/api_list_objects_2025-12.jsonl.gz", columns)
    return [{key: value for key, value in restamped(row).items() if key != "siblings"} for row in rows]


def top_of_each_task(folder: Path) -> list[Row]:
    """Give the models of December 2025, about a thousand of each task."""
    columns = {"id": TEXT, "downloads": NUMBER, "likes": NUMBER, "pipeline_tag": TEXT_OR_NULL}
    rows = read_objects(folder, "huggingface/models_2025-12-22.jsonl.gz", columns)
    return [without_nulls(row) for row in rows]


def llmfit_list(folder: Path) -> list[Row]:
    """Give llmfit's list of May 2026."""
    columns = {
        "id": TEXT, "downloads": NUMBER, "likes": NUMBER, "release_date": TEXT_OR_NULL, "parameters": NUMBER,
        "architecture": TEXT, "pipeline_tag": TEXT, "is_moe": (bool, NoneType),
    }  # fmt: skip
    return [llmfit_model(row) for row in read_objects(folder, "huggingface/models_2026-05.jsonl.gz", columns)]


def llmfit_model(row: Row) -> Row:
    """Give one model of the list: of an entry typed by hand its id, of the others what is no filler.

    No downloads marks the hand-made entries, no likes the entries whose likes were not asked for.
    `parameters` is for many models the collector's own estimate and no count by the Hub; it is left out.
    """
    if row["downloads"] == 0:
        return {"id": row["id"]}
    model: Row = {"id": row["id"], "downloads": row["downloads"]}
    if row["likes"] > 0:
        model["likes"] = row["likes"]
    if row["release_date"] is not None:
        model["createdAt"] = stamp(row["release_date"])
    if row["pipeline_tag"] != "unknown":
        model["pipeline_tag"] = row["pipeline_tag"]
    if row["architecture"] != "unknown":
        model["config"] = {"model_type": row["architecture"]}
    return model


# Bodies.


def model_pages(models: Callable[[Path], list[Row]]) -> Callable[[Path], list[Body]]:
    """Make, from a function that gives models, one that gives their pages as GET /api/models would."""

    def pages(folder: Path) -> list[Body]:
        rows = sorted(models(folder), key=lambda row: (-row.get("downloads", -1), row["id"]))
        ids = [repository_id(row["id"], models.__name__) for row in rows]
        if len(set(ids)) < len(ids):
            raise ComposeError(f"{models.__name__}: an id stands there twice.")
        starts = range(0, len(rows), MODELS_A_PAGE)
        return [model_page(rows, start, is_last=start == starts[-1]) for start in starts]

    return pages


def model_page(rows: list[Row], start: int, *, is_last: bool) -> Body:
    """Give the page that begins at row `start`."""
    number = start // MODELS_A_PAGE + 1
    lines = ",\n".join(json_text(row) for row in rows[start : start + MODELS_A_PAGE])
    return Body(
        url=MODELS_URL if number == 1 else f"{MODELS_URL}?cursor=p{number}",
        name=f"page-{number:04d}.json.gz",
        content_type="application/json; charset=utf-8",
        content=f"[{lines}]\n".encode(),
        next_url=None if is_last else f"{MODELS_URL}?cursor=p{number + 1}",
    )


def series_bodies(source: str, period_length: int, rows: pl.DataFrame) -> list[Body]:
    """Split a series by the first `period_length` characters of its first column, a date, into JSON lines."""
    periods: dict[str, list[str]] = {}
    for row in rows.iter_rows(named=True):
        period = next(iter(row.values()))[:period_length]
        periods.setdefault(period, []).append(json_text(without_nulls(row)))
    return [
        Body(
            url=f"recorded:///{source}/{period}.jsonl",
            name=f"{period}.jsonl.gz",
            content_type="application/x-ndjson",
            content="".join(f"{line}\n" for line in lines).encode(),
        )
        for period, lines in sorted(periods.items())
    ]


def counters(folder: Path) -> list[Body]:
    """Give downloads and likes of the embedding models, a body per month."""
    columns: dict[str, type[pl.DataType]] = {
        "date": pl.String, "id": pl.String, "downloads_30d": pl.Int64, "likes": pl.Int64,
    }  # fmt: skip
    table = read_table(folder, "huggingface/downloads_daily_2024-05_2026-05.csv.gz", columns)
    return series_bodies(
        "huggingface_counters", 7, table.rename({"downloads_30d": "downloads"}).sort("date", "id")
    )


def stars(folder: Path) -> list[Body]:
    """Give stars and forks of the repositories, a body per year."""
    columns: dict[str, type[pl.DataType]] = {
        "date": pl.String, "repo": pl.String, "stars": pl.Int64, "forks": pl.Int64, "language": pl.String,
    }  # fmt: skip
    table = read_table(folder, "github/stars_daily_2018-12_2026-08.csv.gz", columns)
    names = {"repo": "full_name", "stars": "stargazers_count", "forks": "forks_count"}
    return series_bodies("github_stars", 4, table.rename(names).sort("date", "full_name"))


def packages(folder: Path) -> list[Body]:
    """Give downloads of the packages at the first date of each month, a body per year."""
    columns: dict[str, type[pl.DataType]] = {
        "as_of": pl.String, "package": pl.String, "downloads_30d": pl.Int64, "rank": pl.Int64,
        "list_length": pl.Int64,
    }  # fmt: skip
    table = read_table(folder, "pypi/downloads_30d_monthly_2018-02_2026-04.csv.gz", columns)
    first = table.group_by(pl.col("as_of").str.slice(0, 7).alias("month")).agg(pl.col("as_of").min())
    monthly = table.join(first, on="as_of", how="semi")
    return series_bodies("package_downloads", 4, monthly.sort("as_of", "package"))


def ratings(folder: Path) -> list[Body]:
    """Give the ratings of the arena, a body per year; the fields bear the names of the arena's own files."""
    columns: dict[str, type[pl.DataType]] = {"date": pl.String, "model": pl.String, "rating": pl.Float64}
    table = read_table(folder, "curated/arena_elo_2023-05_2025-02.csv.gz", columns)
    day = pl.col("date").str.replace(r"^(\d{4})(\d\d)(\d\d)$", "${1}-${2}-${3}")
    named = table.select(day.alias("leaderboard_publish_date"), pl.col("model").alias("model_name"), "rating")
    return series_bodies("arena_history", 4, named.sort("leaderboard_publish_date", "model_name"))


# The parts, in the order of the recording.

PARTS: Final = (
    Part(
        Snapshot(
            source=MODELS_SOURCE,
            day="2024-09-20",
            scope="top-9715-by-downloads",
            title="the 9,715 models with the most downloads in 30 days",
            date_uncertainty_days=1,
            fields=("id", "author", "downloads", "lastModified", "pipeline_tag", "tags"),
            origin="enochlev/CS573_Documentation_Quality",
            licence="none stated",
        ),
        model_pages(most_downloaded),
    ),
    Part(
        Snapshot(
            source=MODELS_SOURCE,
            day="2025-03-21",
            scope="open-llm-leaderboard",
            title="the 4,497 language models evaluated on the Open LLM Leaderboard",
            date_uncertainty_days=6,
            fields=("id", "createdAt", "tags:base_model", "tags:license"),
            origin="fboulnois/llm-leaderboard-csv",
            licence="MPL-2.0",
        ),
        model_pages(leaderboard),
    ),
    Part(
        Snapshot(
            source=MODELS_SOURCE,
            day="2025-04-21",
            scope="family-trees",
            title="a few chosen models and their descendants, as the family trees on the Hub showed them",
            date_uncertainty_days=1,
            fields=("id", "author", "config", "createdAt", "downloads", "gated", "lastModified",
                    "library_name", "likes", "pipeline_tag", "safetensors", "tags", "usedStorage"),
            origin="hamidahoderinwale/model_metadata_analyses",
            licence="none stated",
        ),
        model_pages(family_trees),
    ),
    Part(
        Snapshot(
            source=MODELS_SOURCE,
            day="2025-06-15",
            scope="text-generation-lineage",
            title="text-generation models with a declared base model, and their bases",
            date_uncertainty_days=15,
            fields=("id", "config", "pipeline_tag", "tags:base_model"),
            origin="hakanotal/hf-dep-network-analysis",
            licence="none stated",
        ),
        model_pages(text_generation_lineage),
    ),
    Part(
        Snapshot(
            source=MODELS_SOURCE,
            day="2025-10-12",
            scope="catalogue-of-7-organizations",
            title="all 2,028 models of google, microsoft, Qwen, deepseek-ai, meta-llama, mistralai, xai-org",
            date_uncertainty_days=2,
            fields=("id", "author", "createdAt", "downloads", "lastModified", "pipeline_tag", "tags:license"),
            origin="gabtos/open-source-ai-discovery",
            licence="AGPL",
        ),
        model_pages(catalogue),
    ),
    Part(
        Snapshot(
            source=MODELS_SOURCE,
            day="2025-12-01",
            scope="sample-of-100-objects",
            title="a sample of 100 models with many likes, as the list of models gives them",
            date_uncertainty_days=7,
            fields=("_id", "id", "modelId", "author", "createdAt", "downloads", "gated", "lastModified",
                    "library_name", "likes", "pipeline_tag", "private", "sha", "tags"),
            origin="mosesy5688-cell/ai-nexus",
            licence="MIT",
            attribution="Collected by mosesy5688-cell/ai-nexus (MIT)",
        ),
        model_pages(sample_of_objects),
    ),
    Part(
        Snapshot(
            source=MODELS_SOURCE,
            day="2025-12-22",
            scope="top-1000-per-task",
            title="17,974 models, about the first thousand of each task",
            date_uncertainty_days=1,
            fields=("id", "downloads", "likes", "pipeline_tag"),
            origin="mosesy5688-cell/ai-nexus",
            licence="MIT",
            attribution="Collected by mosesy5688-cell/ai-nexus (MIT)",
        ),
        model_pages(top_of_each_task),
    ),
    Part(
        Snapshot(
            source=MODELS_SOURCE,
            day="2026-05-09",
            scope="llmfit-list",
            title="the 1,852 models on the list of the tool llmfit",
            date_uncertainty_days=3,
            fields=("id", "config", "createdAt", "downloads", "likes", "pipeline_tag"),
            origin="AlexsJones/llmfit",
            licence="MIT",
            attribution="Collected by AlexsJones/llmfit (MIT)",
        ),
        model_pages(llmfit_list),
    ),
    Part(
        Snapshot(
            source="huggingface_counters",
            day="2026-05-07",
            scope="embedding-models-276",
            title="30-day downloads and likes of 276 embedding models, day by day",
            date_uncertainty_days=1,
            fields=("date", "id", "downloads", "likes"),
            origin="do-me/trending-huggingface-models",
            licence="MIT",
            attribution="Collected by do-me/trending-huggingface-models (MIT)",
        ),
        counters,
    ),
    Part(
        Snapshot(
            source="github_stars",
            day="2026-08-22",
            scope="top-100-ai-repositories",
            title="stars and forks of 112 AI repositories on the days when they were in a top 100",
            date_uncertainty_days=1,
            fields=("date", "full_name", "stargazers_count", "forks_count", "language"),
            origin="EvanLi/Github-Ranking",
            licence="MIT",
            attribution="Collected by EvanLi/Github-Ranking (MIT)",
        ),
        stars,
    ),
    Part(
        Snapshot(
            source="package_downloads",
            day="2026-04-01",
            scope="top-list",
            title="30-day downloads of 71 Python packages, once a month while among the most downloaded",
            date_uncertainty_days=1,
            fields=("as_of", "package", "downloads_30d", "rank", "list_length"),
            origin="hugovk/top-pypi-packages",
            licence="none stated",
        ),
        packages,
    ),
    Part(
        Snapshot(
            source="arena_history",
            day="2025-02-27",
            scope="lmarena-history",
            title="ratings of 227 names of models in the arena at 98 dates, as its pages showed them",
            date_uncertainty_days=1,
            fields=("leaderboard_publish_date", "model_name", "rating"),
            origin="nakasyou/lmarena-history",
            licence="MIT",
            attribution="Collected by nakasyou/lmarena-history (MIT)",
        ),
        ratings,
    ),
)  # fmt: skip


# Writing.


def json_text(value: object) -> str:
    """Write JSON without spare spaces, keys in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def packed(content: bytes) -> bytes:
    """Pack with level 9 and a gzip header that says nothing of time, file or system."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    stream = compressor.compress(content) + compressor.flush()
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    return header + stream + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)


def exchange(snapshot: Snapshot, body: Body) -> Row:
    """Give the line of exchanges.jsonl for one body."""
    headers = {"Content-Type": body.content_type, "Content-Encoding": "gzip"}
    if body.next_url:
        headers["Link"] = f'<{body.next_url}>; rel="next"'
    return {
        "source": snapshot.source,
        "day": snapshot.day,
        "scope": snapshot.scope,
        "url": body.url,
        "status": 200,
        "headers": headers,
        "body": f"{snapshot.folder}/{body.name}",
    }


def compose(folder: Path, report: Callable[[str], None]) -> dict[str, bytes]:
    """Make every file of the recording from the data in `folder`: path inside the recording -> content."""
    files: dict[str, bytes] = {}
    exchanges: list[Row] = []
    for part in PARTS:
        before = len(exchanges)
        for body in part.bodies(folder):
            exchanges.append(exchange(part.snapshot, body))
            files[exchanges[-1]["body"]] = packed(body.content)
        size = sum(len(files[row["body"]]) for row in exchanges[before:])
        report(f"{part.snapshot.folder}: {len(exchanges) - before} bodies, {size:,} bytes")
    files["exchanges.jsonl"] = json_lines(exchanges)
    files["snapshots.jsonl"] = json_lines(asdict(part.snapshot) for part in PARTS)
    return files


def json_lines(rows: Iterable[Row]) -> bytes:
    """Write rows as JSON lines."""
    return "".join(f"{json_text(row)}\n" for row in rows).encode()


def write(files: Mapping[str, bytes], target: Path) -> None:
    """Write the recording; bodies of an earlier one are removed, everything else in the folder stays."""
    for source in sorted({part.snapshot.source for part in PARTS}):
        if (target / source).is_dir():
            shutil.rmtree(target / source)
    for name, content in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code is 0 or, when the data is not as expected, 1."""
    parser = argparse.ArgumentParser(
        prog="python -m pipelines.recorded.compose",
        description="Compose the recording from the compact data files of public collectors.",
    )
    parser.add_argument(
        "--from", dest="data", type=Path, required=True, metavar="DIR", help="the folder with the data files"
    )
    parser.add_argument(
        "--to", dest="target", type=Path, default=Path(__file__).parent, metavar="DIR",
        help="where to write the recording (default: beside this script)",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    try:
        files = compose(options.data, print)
        write(files, options.target)
    except (ComposeError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{len(files)} files, {sum(map(len, files.values())):,} bytes in {options.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
