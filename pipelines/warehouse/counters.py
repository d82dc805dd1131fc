"""Counters of live lists of models, one small file a list and day, kept when the lists themselves are not.

`counters/<scope>/<day>.parquet` holds (model_key, downloads_30d, downloads_all_time, likes), sorted by key;
`counters/models/<first key>.parquet` the ids that were new then (model_key, seen_id). Keys are given once and
for ever. Whole numbers sorted by key take two bytes a model; ids would take ten times as much.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.warehouse.models import SqlModel, comment, literal, transaction


def keep_counters(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """Write the counters of every live list in staging.models that has no file yet; give the new files."""
    lists = connection.execute(
        """
        select distinct m.snapshot_date, m.scope
        from staging.models as m
        inner join raw.snapshots as s on s.snapshot_date = m.snapshot_date and s.scope = m.scope
        where s.is_live and s.is_complete and s.source in ('huggingface_models', 'hub_stats')
        order by m.snapshot_date, m.scope
        """
    ).fetchall()
    return [
        _keep_one(connection, folder, day, scope)
        for day, scope in lists
        if not counters_file(folder, day, scope).exists()
    ]


def read_counters(
    connection: duckdb.DuckDBPyConnection, models: Mapping[str, SqlModel], folder: Path, as_of: date
) -> None:
    """Bring staging.counted_models and staging.model_counts up to the files up to `as_of`.

    What is in and has not changed is not read again: a year of whole lists is 150 million rows.
    """
    _create(connection, models["staging.counted_models"], "create or replace table")
    if any((folder / "models").glob("*.parquet")):
        connection.execute(f"insert into staging.counted_models {_known(folder)}")
    _create(connection, models["staging.model_counts"], "create table if not exists")
    wanted = {
        (path.stem, path.parent.name): path
        for path in sorted(folder.glob("*/*.parquet"))
        if path.parent.name != "models" and date.fromisoformat(path.stem) <= as_of
    }
    loaded = connection.execute(
        "select distinct snapshot_date::varchar, scope from staging.model_counts"
    ).fetchall()
    with transaction(connection):
        for day, scope in set(loaded) - wanted.keys():
            connection.execute(
                "delete from staging.model_counts where snapshot_date = ? and scope = ?", [day, scope]
            )
        for day, scope in sorted(wanted.keys() - set(loaded)):
            connection.execute(
                f"insert into staging.model_counts select {literal(day)}::date, {literal(scope)}, * "
                f"from read_parquet({literal(str(wanted[day, scope]))})"
            )


def _keep_one(connection: duckdb.DuckDBPyConnection, folder: Path, day: date, scope: str) -> Path:
    chosen = {"day": day, "scope": scope}
    connection.execute(f"create or replace temp table known_models as {_known(folder)}")
    connection.execute(
        """
        create or replace temp table new_models as
        select ((select coalesce(max(model_key), -1) from known_models)
            + row_number() over (order by seen_id))::integer as model_key, seen_id
        from staging.models
        where snapshot_date = $day and scope = $scope
            and not exists (select 1 from known_models as k where k.seen_id = models.seen_id)
        """,
        chosen,
    )
    # The ids first: a file of counters without its keys would be worth nothing.
    first = connection.execute("select min(model_key) from new_models").fetchall()[0][0]
    if first is not None:
        _write(connection, "new_models", folder / "models" / f"{first:010d}.parquet")
    connection.execute(
        """
        create or replace temp table list_counts as
        select k.model_key, m.downloads_30d, m.downloads_all_time, m.likes
        from staging.models as m
        inner join (from known_models union all from new_models) as k on k.seen_id = m.seen_id
        where m.snapshot_date = $day and m.scope = $scope
        """,
        chosen,
    )
    path = counters_file(folder, day, scope)
    _write(connection, "list_counts", path)
    for table in ("known_models", "new_models", "list_counts"):
        connection.execute(f"drop table {table}")
    return path


def _known(folder: Path) -> str:
    """Give the query for all keys given so far."""
    if not any((folder / "models").glob("*.parquet")):
        return "select null::integer as model_key, null::varchar as seen_id limit 0"
    return f"select model_key, seen_id from read_parquet({literal(str(folder / 'models' / '*.parquet'))})"


def _write(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Write a table by key; bytes of equal weight stand side by side, which DuckDB's own writer cannot do."""
    frame = connection.sql(f"select * from {table} order by model_key").pl().to_arrow()
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
    aside.replace(path)


def _create(connection: duckdb.DuckDBPyConnection, model: SqlModel, statement: str) -> None:
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in model.columns.items())
    connection.execute(f"{statement} {model.table} ({columns})")
    comment(connection, model)


def counters_file(folder: Path, day: date, scope: str) -> Path:
    """Give where the counters of a list are kept."""
    return folder / scope / f"{day.isoformat()}.parquet"
