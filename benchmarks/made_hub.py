"""A made-up Hub of any size in a warehouse: what the science is timed on.

    python benchmarks/made_hub.py FOLDER [--models 3000000]

FOLDER gets `warehouse.duckdb` with the registers and raw tables of one whole live list, as a run would have
landed them, and `counters/` with the counters of a whole list a week earlier. All else is left to be made.
The same for the same seed and size. For 3,000,000 models: 1.2 M edges, 550,000 authors.

The traits are the Hub's: few authors upload most, few models have nearly all downloads, most derivatives
stand on few registered bases, some on derivatives of derivatives; merges have several parents; some parents
are gone, some models name themselves or each other as their base; two of three have no task. Ids, accounts
and bases of the registers are among them, so that every register finds what it is about.
"""

import argparse
import shutil
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

PROJECT_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT_ROOT))

from pipelines.settings import REFERENCE_DIR, SQL_DIR  # noqa: E402
from pipelines.warehouse.connection import open_warehouse  # noqa: E402
from pipelines.warehouse.counters import counters_file  # noqa: E402
from pipelines.warehouse.models import SqlModel, load_models, write_frame  # noqa: E402
from pipelines.warehouse.registers import read_registers  # noqa: E402

Numbers = npt.NDArray[np.int64]

SEED = 20230504
#: The day of the list, and of the earlier one whose counters are kept.
LIST_DATE, EARLIER_DATE = date(2026, 11, 22), date(2026, 11, 15)
SCOPE = "whole-hub"
#: Parts of the real Hub's size: authors a model, and models that name a parent.
AUTHORS_A_MODEL, WITH_PARENT = 0.55 / 3, 0.357
RELATIONS = ("finetune", "adapter", "quantized", "merge")
RELATION_SHARES = (0.45, 0.22, 0.27, 0.06)
MOST_MERGED = 8
#: Parts of the edges: to a model that no list has, to a derivative instead of a registered base.
TO_MISSING, TO_DERIVATIVE = 0.02, 0.35
#: One model in so many names itself as its base, or stands in a circle of two.
ODD_ONE_IN = 4000
#: One in so many is met twice by the walk; one in so many has a count that cannot be true.
TWICE_ONE_IN, ABSURD_ONE_IN = 1009, 20011
ARCHITECTURES = ("llama", "qwen2", "mistral", "gemma2", "bert", "qwen3", "phi3", "vit", "whisper", "t5")
LICENSES = ("apache-2.0", "mit", "llama3", "openrail", "creativeml-openrail-m", "cc-by-nc-4.0", "other")
WORDS = (
    "chat",
    "instruct",
    "medical",
    "roleplay",
    "code",
    "math",
    "dpo",
    "sft",
    "lora",
    "v2",
    "base",
    "tiny",
)
SUFFIXES = ("-GGUF", "-AWQ", "-GPTQ", "-4bit", "-bnb-4bit", "-mlx-8bit", "-exl2", "-i1-GGUF")
#: The Hub gives no earlier creation.
FLOOR = datetime(2022, 3, 2, 23, 29, 4)  # noqa: DTZ001 - numpy's moments have no zone; it is UTC
WEEKDAYS = np.array([1.1, 1.15, 1.15, 1.1, 1.0, 0.75, 0.75])


@dataclass(frozen=True)
class Lineage:
    """Edges by the place of child and parent; a negative parent is the number of a missing one, less one."""

    child: Numbers
    parent: Numbers
    relation: Numbers


def make_hub(folder: Path, count: int, *, seed: int = SEED) -> None:
    """Make a Hub of `count` models in `folder`, anew."""
    if folder.exists():
        shutil.rmtree(folder)
    random = np.random.default_rng([seed, count])
    models = load_models(SQL_DIR)
    connection = open_warehouse(folder / "warehouse.duckdb")
    registers = read_registers(models, REFERENCE_DIR, as_of=LIST_DATE)
    for table, frame in registers.items():
        write_frame(connection, models[table], frame)
    known = _registered_ids(registers)
    lineage = _lineage(count, len(known), random)
    _register(connection, _models(count, known, registers, lineage, random), "made_models")
    _register(connection, _edges(lineage), "made_edges")
    for model in (model for model in models.values() if model.schema == "raw"):
        columns = ", ".join(f"{column} {kind}" for column, (kind, _) in model.columns.items())
        connection.execute(f"create table {model.table} ({columns})")
    connection.execute(_IDS)
    connection.execute(_RAW_MODELS)
    _write_landed(connection, models)
    _write_counters(connection, folder / "counters")
    for table in ("made_models", "made_edges", "made_ids"):
        connection.execute(f"drop table {table}")
    connection.execute("checkpoint")
    connection.close()


def _register(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame, name: str) -> None:
    connection.register("incoming", frame.to_arrow())
    connection.execute(f"create temp table {name} as select * from incoming")
    connection.unregister("incoming")


def _registered_ids(registers: dict[str, pl.DataFrame]) -> list[str]:
    """Ids that a register names, of models that a list may have; the well known ones first."""
    origins, aliases = registers["reference.origins"], registers["reference.aliases"]
    named = [
        origins["model_id"],
        origins["parent_id"],
        registers["reference.releases"]["model_id"],
        aliases["model_id"],
        aliases.filter(pl.col("kind") != "rename")["alias_id"],
    ]
    ids = pl.concat(named).drop_nulls().unique(maintain_order=True)
    return ids.filter(ids.str.contains("/", literal=True)).to_list()


def _zipf(size: int, kinds: int, random: np.random.Generator, *, offset: float, power: float) -> Numbers:
    """Draw `size` of `kinds` numbers; number k with a weight of (k + offset) ** -power."""
    weights = np.cumsum((np.arange(kinds) + float(offset)) ** -power)
    return np.searchsorted(weights, random.random(size) * weights[-1]).astype(np.int64)


def _lineage(count: int, bases: int, random: np.random.Generator) -> Lineage:
    """Who descends from whom: parents stand before their children, but for circles and self-loops."""
    child = bases + np.flatnonzero(random.random(count - bases) < WITH_PARENT)
    relation = random.choice(len(RELATIONS), len(child), p=RELATION_SHARES)
    is_merge = relation == RELATIONS.index("merge")
    parents = np.where(is_merge, np.minimum(1 + random.geometric(0.45, len(child)), MOST_MERGED), 1)
    child, relation = np.repeat(child, parents), np.repeat(relation, parents)
    edges = len(child)
    # A derivative as a parent is either a recent one or any, the old ones more often.
    recent = child - 1 - random.geometric(1 / 2000, edges)
    any_earlier = (bases + (child - bases) * random.random(edges) ** 2).astype(np.int64)
    derivative = np.where(random.random(edges) < 0.5, recent, any_earlier)
    base = _zipf(edges, bases, random, offset=3, power=1.1)
    kind = random.random(edges)
    parent = np.where((kind < TO_DERIVATIVE) & (derivative >= bases), derivative, base)
    missing = _zipf(edges, max(1, count // 1000), random, offset=2, power=0.8)
    parent = np.where(kind > 1 - TO_MISSING, -1 - missing, parent)
    odd = random.choice(np.arange(bases, count), 3 * (count // ODD_ONE_IN), replace=False)
    loops, one, other = np.split(odd, 3)
    return Lineage(
        np.concatenate([child, loops, one, other]),
        np.concatenate([parent, loops, other, one]),
        np.concatenate([relation, np.zeros(len(odd), dtype=np.int64)]),
    )


def _models(
    count: int,
    known: list[str],
    registers: dict[str, pl.DataFrame],
    lineage: Lineage,
    random: np.random.Generator,
) -> pl.DataFrame:
    """One row a model: everything but its id and its tags."""
    tasks = registers["reference.universes"]["pipeline_tag"].to_list()
    heavy = random.pareto(0.55, count)
    # Registered models come first and are the heavier the earlier they stand in the registers.
    heavy[: len(known)] = 3e7 / (np.arange(len(known)) + 10.0)
    downloads = np.where(random.random(count) < 0.35, 0, np.minimum(heavy * 4, 2e8)).astype(np.int64)
    relation = np.full(count, len(RELATIONS))
    relation[lineage.child[::-1]] = lineage.relation[::-1]
    order = np.argsort(lineage.child, kind="stable")
    first = order[np.unique(lineage.child[order], return_index=True)[1]]
    main_parent = np.full(count, -1)
    main_parent[lineage.child[first]] = np.maximum(lineage.parent[first], -1)
    return pl.DataFrame(
        {
            "place": np.arange(count),
            "known_id": pl.Series(known).extend(pl.Series([None] * (count - len(known)), dtype=pl.String)),
            "account": _accounts(count, registers, random),
            "created_at": _moments(count, len(known), random),
            "task": pl.Series([None, *tasks]).gather(
                np.where(
                    random.random(count) < 0.6, 0, 1 + _zipf(count, len(tasks), random, offset=1, power=1)
                )
            ),
            "architecture": pl.Series(ARCHITECTURES).gather(_zipf(count, 10, random, offset=1, power=1)),
            "parameters": (10 ** random.uniform(7, 11, count)).astype(np.int64),
            "downloads": downloads,
            "downloads_all_time": downloads * random.integers(1, 20, count) + random.integers(0, 50, count),
            "likes": np.minimum(random.pareto(0.9, count) * 0.6, 1e5).astype(np.int64),
            "license": pl.Series(LICENSES).gather(_zipf(count, len(LICENSES), random, offset=1, power=1)),
            "relation": pl.Series([*RELATIONS, None]).gather(relation),
            "main_parent": main_parent,
            "word": pl.Series(WORDS).gather(random.integers(0, len(WORDS), count)),
            "suffix": pl.Series(SUFFIXES).gather(random.integers(0, len(SUFFIXES), count)),
            "datasets": np.where(random.random(count) < 0.25, random.geometric(0.5, count), 0),
            "dice": random.random(count),
        }
    )


def _accounts(count: int, registers: dict[str, pl.DataFrame], random: np.random.Generator) -> pl.Series:
    """Each author uploads one model at least, a few very many; registered accounts are among the few."""
    authors = int(count * AUTHORS_A_MODEL)
    registered = registers["reference.accounts"]["account"].unique().sort()
    made = pl.select(pl.format("user-{}", pl.int_range(authors - len(registered)))).to_series()
    among = random.permutation(2 * len(registered))
    names = pl.concat([registered, made]).gather(np.append(among, np.arange(len(among), authors)))
    more = _zipf(count - authors, authors, random, offset=3, power=1)
    return names.gather(random.permutation(np.concatenate([np.arange(authors), more])))


def _moments(count: int, bases: int, random: np.random.Generator) -> pl.Series:
    """Moments of creation, growing by the e-fold in 14 months, with the profile of a week.

    In order but for registered bases: a fifth of those has the Hub's floor, the others come at any time.
    """
    first = np.datetime64("2022-03-02")
    days = (np.datetime64(LIST_DATE) - first).astype(int)
    weight = np.exp(np.arange(days) / 420) * WEEKDAYS[(np.arange(days) + 2) % 7]  # it was a Wednesday
    edges = np.cumsum(weight) / weight.sum()
    day = np.searchsorted(edges, np.sort(random.random(count)))
    seconds = day * 86400 + random.integers(0, 86400, count)
    moments = first.astype("datetime64[us]") + seconds.astype("timedelta64[s]")
    floor = np.datetime64(FLOOR)
    moments[:bases] = np.where(
        random.random(bases) < 0.2,
        floor,
        floor + random.integers(1, days - 1, bases).astype("timedelta64[D]"),
    )
    return pl.Series(moments)


def _edges(lineage: Lineage) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "child": lineage.child,
            "parent": lineage.parent,
            "relation": pl.Series(RELATIONS).gather(lineage.relation),
        }
    )


def _write_landed(connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel]) -> None:
    """The manifests of both lists, and what the Hub said of a thousand models, some of them renamed."""
    plain: dict[str, Any] = {
        "source": "huggingface_models",
        "scope": SCOPE,
        "title": "a made-up Hub",
        "is_whole_population": True,
        "is_live": True,
        "is_complete": True,
        "selection": None,
        "subjects": None,
        "date_uncertainty_days": 0,
        "fields": ["id"],
        "origin": "made up",
        "licence": "none",
        "attribution": "",
        "pages": 3000,
        "notes": [],
        "content_sha256": "made up",
    }
    rows = [plain | {"snapshot_date": day} for day in (EARLIER_DATE, LIST_DATE)]
    types: Any = {"selection": pl.String, "subjects": pl.Int64, "notes": pl.List(pl.String)}
    write_frame(connection, models["raw.snapshots"], pl.DataFrame(rows, schema_overrides=types))
    connection.execute(_ASKED)


def _write_counters(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The counters of the earlier list, and the keys of its models, as counters.py keeps them."""
    path = counters_file(folder, EARLIER_DATE, SCOPE)
    for file, query in (
        (folder / "models" / f"{0:010d}.parquet", _KEYS),
        (path, _EARLIER),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(f"copy ({query}) to '{file}' (format parquet, compression zstd)")


_IDS = """
    create temp table made_ids as
    with stems as (
        select place, coalesce(split_part(known_id, '/', 2), word || '-' || architecture) as stem
        from made_models
    )
    select
        m.place,
        coalesce(
            m.known_id,
            m.account || '/' || left(coalesce(p.stem, s.stem), 40) || '-' || m.word || '-' || m.place
            || case when m.relation = 'quantized' then m.suffix else '' end
        ) as id
    from made_models as m
    inner join stems as s on s.place = m.place
    left join stems as p on p.place = m.main_parent
"""

_RAW_MODELS = f"""
    insert into raw.models by name
    with lineage as (
        select child, string_agg(
            ',"base_model:' || parent_id || '","base_model:' || relation || ':' || parent_id || '"', ''
        ) as tags
        from (
            select e.child, e.relation, coalesce(i.id, 'gone-' || (-e.parent) || '/lost-base-7B') as parent_id
            from made_edges as e
            left join made_ids as i on i.place = e.parent
            order by e.child, e.parent
        )
        group by child
    )
    select
        date '{LIST_DATE}' as snapshot_date,
        '{SCOPE}' as scope,
        m.place + 1 as position,
        i.id,
        split_part(i.id, '/', 1) as author,
        strftime(m.created_at, '%Y-%m-%dT%H:%M:%S.000Z') as created_at,
        strftime(
            least(m.created_at + to_days((40 * m.dice)::integer), timestamp '{LIST_DATE}'),
            '%Y-%m-%dT%H:%M:%S.000Z'
        ) as last_modified_at,
        case when m.place % {ABSURD_ONE_IN} = 1 then '-1' else m.downloads::varchar end as downloads,
        m.downloads_all_time::varchar as downloads_all_time,
        m.likes::varchar as likes,
        '0' as trending_score,
        case when m.dice < 0.03 then 'auto' when m.dice < 0.05 then 'manual' else 'false' end as gated,
        case
            when m.dice > 0.8 then null when m.relation = 'adapter' then 'peft' else 'transformers'
        end as library_name,
        m.task as pipeline_tag,
        '["transformers","' || case when m.relation = 'quantized' then 'gguf' else 'safetensors' end || '","'
            || m.architecture || '"' || coalesce(',"' || m.task || '"', '') || ',"en"'
            || coalesce(l.tags, '')
            || array_to_string(
                list_transform(
                    range(m.datasets),
                    lambda k: ',"dataset:' || m.word || '/data-' || ((m.place * 7 + k) % 5000) || '"'
                ),
                ''
            )
            || case when m.dice < 0.55 then ',"license:' || m.license || '"' else '' end
            || case when m.dice < 0.1 then ',"arxiv:2407.10671"' else '' end
            || ',"autotrain_compatible","endpoints_compatible","region:us"]' as tags,
        case
            when m.relation is distinct from 'quantized' and m.dice < 0.7
                then '{{"parameters":{{"BF16":' || m.parameters || '}},"total":' || m.parameters || '}}'
        end as safetensors,
        case
            when m.relation = 'quantized'
                then '{{"total":' || m.parameters || ',"architecture":"' || m.architecture
                    || '","context_length":4096}}'
        end as gguf,
        case
            when m.relation = 'adapter' and p.id is not null
                then '{{"peft":{{"base_model_name_or_path":"' || p.id || '","task_type":"CAUSAL_LM"}}}}'
            when m.dice < 0.75
                then '{{"architectures":["' || m.architecture || 'ForCausalLM"],"model_type":"'
                    || m.architecture
                    || '"}}'
        end as config
    from made_models as m
    inner join made_ids as i on i.place = m.place
    left join made_ids as p on p.place = m.main_parent
    left join lineage as l on l.child = m.place
    order by m.place;
    insert into raw.models by name
    select * replace (position + (select max(position) from raw.models) as position)
    from raw.models
    where position % {TWICE_ONE_IN} = 0
"""

#: A thousand models were asked for by id; one in twenty has moved to another account.
_ASKED = f"""
    create temp table asked as
    select row_number() over (order by place) as page, id,
        case when row_number() over (order by place) % 20 = 0 then 'moved-' || id else id end as answered_id
    from made_ids
    where place % (select greatest(1, count(*) // 1000) from made_ids) = 0;
    insert into raw.pages by name
    select 'huggingface_model_details' as source, date '{LIST_DATE}' as snapshot_date, 'bases' as scope, page,
        id as subject, 200 as status, 'made up' as url
    from asked;
    insert into raw.model_details by name
    select date '{LIST_DATE}' as snapshot_date, 'bases' as scope, page as position, page, answered_id as id
    from asked;
    drop table asked
"""

#: What was created in the last week is not in the earlier list, and one model in fifty is gone since.
_KEYS = """
    select (row_number() over (order by id) - 1)::integer as model_key, id as seen_id
    from (
        select i.id
        from made_ids as i inner join made_models as m on m.place = i.place
        where m.created_at < timestamp '2026-11-15'
        union all
        select 'vanished-' || place || '/' || split_part(id, '/', 2)
        from made_ids
        where place % 50 = 0
    )
    order by model_key
"""

_EARLIER = f"""
    select
        k.model_key,
        (m.downloads * 0.95)::bigint as downloads_30d,
        (m.downloads_all_time - m.downloads * 0.2)::bigint as downloads_all_time,
        (m.likes * 0.99)::bigint as likes
    from ({_KEYS}) as k
    left join made_ids as i on i.id = k.seen_id
    left join made_models as m on m.place = i.place
    order by k.model_key
"""


def main() -> None:
    """Make a Hub."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=int, default=3_000_000)
    chosen = parser.parse_args()
    make_hub(chosen.folder, chosen.models)


if __name__ == "__main__":
    main()
