"""Counters of live lists of models, one small file a list and day, kept when the lists themselves are not.

`counters/<scope>/<day>.parquet` holds (model_key, downloads_30d, downloads_all_time, likes), sorted by key;
`counters/models/<first key>.parquet` the ids that were new then (model_key, seen_id). Keys are given once and
for ever. Whole numbers sorted by key take two bytes a model; ids would take ten times as much.

The metadata of a file of counters name the list and the SELECTs that it follows from. A list that was landed
anew, or typed in another way, is counted anew as long as it is in the tables.
"""

import hashlib
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.warehouse.errors import LoadError
from pipelines.warehouse.models import SqlModel, comment, literal, transaction

_MADE_FROM = b"made_from"
_LOADS = """
    create table if not exists raw.counter_loads (
        snapshot_date date, scope varchar, made_from varchar, primary key (snapshot_date, scope)
    )
"""


def keep_counters(
    connection: duckdb.DuckDBPyConnection, models: Mapping[str, SqlModel], folder: Path
) -> list[Path]:
    """Write the counters of every live list in staging.models whose file is missing or made from other rows.

    Give the files that were written. `models` tells how lists are parsed and typed.
    """
    lists = connection.execute(
        """
        select distinct m.snapshot_date, m.scope, s.source, s.content_sha256
        from staging.models as m
        inner join raw.snapshots as s on s.snapshot_date = m.snapshot_date and s.scope = m.scope
        where s.is_live and s.is_complete and s.source in ('huggingface_models', 'hub_stats')
        order by m.snapshot_date, m.scope
        """
    ).fetchall()
    kept = []
    for day, scope, source, content in lists:
        made_from = _made_from(models, source, content)
        if _told(counters_file(folder, day, scope)) != made_from:
            kept.append(_keep_one(connection, folder, day, scope, made_from))
    return kept


def read_counters(
    connection: duckdb.DuckDBPyConnection, models: Mapping[str, SqlModel], folder: Path, as_of: date
) -> None:
    """Bring staging.counted_models and staging.model_counts up to the files up to `as_of`.

    What is in and has not changed is not read again: a year of whole lists is 150 million rows. Raises
    LoadError when a file is damaged.
    """
    _create(connection, models["staging.counted_models"], "create or replace table")
    if any((folder / "models").glob("*.parquet")):
        connection.execute(f"insert into staging.counted_models {_known(folder)}")
    _create(connection, models["staging.model_counts"], "create table if not exists")
    connection.execute(_LOADS)
    files = {
        (path.stem, path.parent.name): path
        for path in sorted(folder.glob("*/*.parquet"))
        if path.parent.name != "models" and date.fromisoformat(path.stem) <= as_of
    }
    wanted = {identity: _told(path) for identity, path in files.items()}
    loaded = _loaded(connection)
    with transaction(connection):
        for day, scope in loaded.keys() - wanted.keys():
            _forget(connection, day, scope)
        for day, scope in sorted(wanted):
            made_from = wanted[day, scope]
            if made_from is None:
                raise LoadError(
                    f"counters/{scope}/{day}.parquet is damaged. Bring it back from a copy, or remove it: "
                    "then this day is missing."
                )
            if loaded.get((day, scope)) != made_from:
                _forget(connection, day, scope)
                connection.execute(
                    f"insert into staging.model_counts select {literal(day)}::date, {literal(scope)}, * "
                    f"from read_parquet({literal(str(files[day, scope]))})"
                )
                connection.execute("insert into raw.counter_loads values (?, ?, ?)", [day, scope, made_from])


def _loaded(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str | None]:
    """Give what each list in the table was made from, None where that is not known."""
    rows = connection.execute(
        """
        select c.snapshot_date::varchar, c.scope, l.made_from
        from (select distinct snapshot_date, scope from staging.model_counts) as c
        left join raw.counter_loads as l on l.snapshot_date = c.snapshot_date and l.scope = c.scope
        """
    ).fetchall()
    return {(day, scope): made_from for day, scope, made_from in rows}


def _forget(connection: duckdb.DuckDBPyConnection, day: str, scope: str) -> None:
    for table in ("staging.model_counts", "raw.counter_loads"):
        connection.execute(f"delete from {table} where snapshot_date = ? and scope = ?", [day, scope])


def _made_from(models: Mapping[str, SqlModel], source: str, content: str | None) -> str:
    """What the counters of a list follow from: its content, and the SELECTs that parse and type it."""
    selects = [models["raw.models"].parsers[source], models["staging.models"].body]
    return f"{content} {hashlib.sha256(chr(0).join(selects).encode()).hexdigest()}"


def _told(path: Path) -> str | None:
    """Give what a file says it was made from: nothing in early ones, None when there is no whole file."""
    try:
        told: dict[bytes, bytes] = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowInvalid):
        return None
    return told.get(_MADE_FROM, b"").decode()


def _keep_one(
    connection: duckdb.DuckDBPyConnection, folder: Path, day: date, scope: str, made_from: str
) -> Path:
    chosen = {"day": day, "scope": scope}
    known = _known(folder)
    # One join with all keys; only what has none yet, little beside the list, is named again.
    connection.execute(
        f"""
        create or replace temp table listed as
        select
            k.model_key,
            case when k.model_key is null then m.seen_id end as new_id,
            m.downloads_30d,
            m.downloads_all_time,
            m.likes
        from staging.models as m
        left join ({known}) as k on k.seen_id = m.seen_id
        where m.snapshot_date = $day and m.scope = $scope
        """,
        chosen,
    )
    connection.execute(
        f"""
        create or replace temp table new_models as
        select
            ((select coalesce(max(model_key), -1) from ({known}))
                + row_number() over (order by new_id))::integer as model_key,
            new_id as seen_id
        from listed
        where new_id is not null
        """
    )
    # The ids first: a file of counters without its keys would be worth nothing.
    first = connection.execute("select min(model_key) from new_models").fetchall()[0][0]
    if first is not None:
        _write(connection, "new_models", folder / "models" / f"{first:010d}.parquet")
    connection.execute(
        """
        create or replace temp table list_counts as
        select coalesce(l.model_key, n.model_key) as model_key, l.downloads_30d, l.downloads_all_time, l.likes
        from listed as l
        left join new_models as n on n.seen_id = l.new_id
        """
    )
    path = counters_file(folder, day, scope)
    _write(connection, "list_counts", path, {_MADE_FROM: made_from.encode()})
    for table in ("listed", "new_models", "list_counts"):
        connection.execute(f"drop table {table}")
    return path


def _known(folder: Path) -> str:
    """Give the query for all keys given so far."""
    if not any((folder / "models").glob("*.parquet")):
        return "select null::integer as model_key, null::varchar as seen_id limit 0"
    return f"select model_key, seen_id from read_parquet({literal(str(folder / 'models' / '*.parquet'))})"


def _write(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    path: Path,
    metadata: Mapping[bytes, bytes] | None = None,
) -> None:
    """Write a table by key; bytes of equal weight stand side by side, which DuckDB's own writer cannot do.

    File and folders have reached the disk at the end: the pages of the list may be removed then.
    """
    frame = connection.sql(f"select * from {table} order by model_key").pl().to_arrow()
    frame = frame.replace_schema_metadata(metadata)
    numbers = [field.name for field in frame.schema if pa.types.is_integer(field.type)]
    encodings = dict.fromkeys(numbers, "BYTE_STREAM_SPLIT") | {"model_key": "DELTA_BINARY_PACKED"}
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".tmp")
    pq.write_table(
        frame,
        aside,
        compression="zstd",
        compression_level=9,
        use_dictionary=False,
        column_encoding=encodings,
        row_group_size=1 << 22,
    )
    _sync(aside)
    aside.replace(path)
    _sync(path.parent)
    _sync(path.parent.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _create(connection: duckdb.DuckDBPyConnection, model: SqlModel, statement: str) -> None:
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in model.columns.items())
    connection.execute(f"{statement} {model.table} ({columns})")
    comment(connection, model)


def counters_file(folder: Path, day: date, scope: str) -> Path:
    """Give where the counters of a list are kept."""
    return folder / scope / f"{day.isoformat()}.parquet"
