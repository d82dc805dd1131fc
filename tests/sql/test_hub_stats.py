"""models.hub_stats.sql: one Parquet file of an unpromised schema into the columns of raw.models."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.warehouse.errors import LoadError
from pipelines.warehouse.load import LandedSnapshot, load_payloads
from pipelines.warehouse.models import SqlModel, build
from tests.warehouse.tables import make_empty

DAY = date(2026, 11, 23)
GIVEN = "position", "id", "downloads", "downloads_all_time", "likes", "trending_score", "gated"


class File:
    """A Parquet file that is made from a query and loaded as hub-stats."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, model: SqlModel, path: Path) -> None:
        self._connection, self._model, self._path = connection, model, path

    def load(self, query: str) -> int:
        self._connection.execute(f"copy ({query}) to '{self._path}' (format parquet)")
        return self.load_bytes(self._path.read_bytes())

    def load_bytes(self, content: bytes) -> int:
        self._path.write_bytes(content)
        snapshot = LandedSnapshot("hub_stats", DAY, "whole", str(hash(content)), lambda: [self._path])
        return load_payloads(self._connection, self._model, [snapshot])

    def rows(self, *columns: str) -> list[tuple[Any, ...]]:
        listed = ", ".join(columns) or "*"
        return self._connection.sql(f"select {listed} from raw.models order by position").fetchall()


@pytest.fixture
def file(connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel], tmp_path: Path) -> File:
    """An empty raw.models and a place for a file."""
    return File(connection, models["raw.models"], tmp_path / "page-00001.parquet")


def test_a_whole_row_becomes_a_row_of_raw_models(file: File) -> None:
    rows = file.load("""
        select 'x1' as _id, 'a/m' as id, 'a' as author, timestamp '2026-11-22 10:00:00' as "lastModified",
        timestamp '2024-05-01 00:00:00.123' as "createdAt", 12::bigint as downloads,
        345::bigint as "downloadsAllTime", 6::bigint as likes, 2::bigint as "trendingScore",
        'auto' as gated, 'transformers' as library_name, 'text-generation' as pipeline_tag,
        ['license:mit', 'base_model:b/n'] as tags,
        {'parameters': {'BF16': 7, 'F32': null::bigint}, 'total': 7} as safetensors,
        map {'total': 8} as gguf, '{"model_type": "llama"}' as config,
        [{'rfilename': 'config.json'}] as siblings
    """)
    assert rows == 1
    assert file.rows() == [
        (
            DAY, "whole", 1, "a/m", "a", "2024-05-01 00:00:00.123", "2026-11-22 10:00:00", "12", "345", "6",
            "2", "auto", "transformers", "text-generation", '["license:mit","base_model:b/n"]',
            '{"parameters":{"BF16":7,"F32":null},"total":7}', '{"total":8}', '{"model_type": "llama"}',
        )
    ]  # fmt: skip


def test_it_comes_out_of_staging_as_the_same_models_of_a_walk_do(
    file: File, connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel], tmp_path: Path
) -> None:
    listed = [
        {
            "id": "a/m", "author": "a", "createdAt": "2024-05-01T00:00:00.000Z", "downloads": 12, "likes": 6,
            "lastModified": "2026-11-22T10:00:00.000Z", "downloadsAllTime": 345, "trendingScore": 2,
            "gated": "auto", "library_name": "peft", "pipeline_tag": "text-generation",
            "tags": ["license:mit", "base_model:adapter:b/n"], "safetensors": {"total": 7},
            "gguf": {"total": 8, "architecture": "llama"},
            "config": {"peft": {"base_model_name_or_path": "b/n"}},
        },
        {
            "id": "a/n", "author": "a", "createdAt": "2024-05-02T00:00:00.000Z", "downloads": 0, "likes": 0,
            "lastModified": "2026-11-22T11:00:00.000Z", "downloadsAllTime": 0, "trendingScore": 0,
            "gated": False, "library_name": None, "pipeline_tag": None, "tags": [], "safetensors": None,
            "gguf": None, "config": None,
        },
    ]  # fmt: skip
    page = tmp_path / "page-00001.json"
    page.write_text(json.dumps(listed))
    file.load(f"""
        select * replace (
            gated::varchar as gated, try_cast("createdAt" as timestamp) as "createdAt",
            try_cast("lastModified" as timestamp) as "lastModified", to_json(config)::varchar as config
        ) from read_json('{page}')
    """)
    staged = "select * exclude (scope) from staging.models order by seen_id"
    make_empty(connection, models["raw.snapshots"])
    build(connection, models["staging.models"])
    by_file = connection.sql(staged).fetchall()
    walk = LandedSnapshot("huggingface_models", DAY, "walk", "x", lambda: [page])
    assert load_payloads(connection, models["raw.models"], [walk]) == 2
    make_empty(connection, models["raw.snapshots"])
    build(connection, models["staging.models"])
    assert by_file == connection.sql(staged).fetchall()
    assert [row[1] for row in by_file] == ["a/m", "a/n"]


def test_columns_that_are_missing_are_null(file: File) -> None:
    file.load("select 'a/m' as id, 5 as downloads")
    (row,) = file.rows("* exclude (snapshot_date, scope)")
    assert row == (1, "a/m", None, None, None, "5", *[None] * 10)


def test_columns_may_have_other_capitals(file: File) -> None:
    file.load("select 'a/m' as ID, 5 as DOWNLOADS, 6 as downloadsalltime, ['t'] as Tags, 'b' as Author")
    assert file.rows("id", "author", "downloads", "downloads_all_time", "tags") == [
        ("a/m", "b", "5", "6", '["t"]')
    ]


@pytest.mark.parametrize("name", ["file_row_number", "File_Row_Number", "filename", "file_index", "rowid"])
def test_columns_named_as_duckdb_names_its_own_are_left_alone(file: File, name: str) -> None:
    file.load(f"select 7 as {name}, 'a/' || i as id, 5 as downloads from range(2) as r (i)")
    assert file.rows("position", "id", "downloads") == [(1, "a/0", "5"), (2, "a/1", "5")]


def test_of_two_columns_that_differ_by_capitals_the_first_is_taken(
    file: File, connection: duckdb.DuckDBPyConnection
) -> None:
    content = io.BytesIO()
    pq.write_table(pa.table({"id": ["a/m"], "ID": ["b/n"]}), content)
    file.load_bytes(content.getvalue())
    assert file.rows("id") == [("a/m",)]


def test_new_columns_are_left_alone(file: File) -> None:
    file.load("select 'a/m' as id, 5 as downloads, 6 as downloads_of_last_year, 'x' as id2")
    assert file.rows("id", "downloads") == [("a/m", "5")]


def test_counts_may_come_as_doubles_or_text(file: File) -> None:
    file.load("""
        select * from (values
            ('a', 12.0::double, '7', 3.0::double, 1.5::double, 'False'),
            ('b', null, 'many', -1.0, null, null),
            ('c', 1e20, '7.50', 0.0, 0.0, '"auto"')
        ) as t (id, downloads, "downloadsAllTime", likes, "trendingScore", gated)
    """)
    assert file.rows(*GIVEN) == [
        (1, "a", "12", "7", "3", "1.5", "false"),
        (2, "b", None, "many", "-1", None, None),
        (3, "c", "1e+20", "7.50", "0", "0.0", "auto"),
    ]


@pytest.mark.parametrize(("gated", "given"), [("false", "false"), ("true", "true"), ("'manual'", "manual")])
def test_gated_may_be_a_truth_value_or_a_word(file: File, gated: str, given: str) -> None:
    file.load(f"select 'a/m' as id, {gated} as gated")
    assert file.rows("gated") == [(given,)]


@pytest.mark.parametrize(
    ("tags", "given"),
    [
        ("['a', 'b \"quoted\"', '🦕']", '["a","b \\"quoted\\"","🦕"]'),
        ("'[\"a\", 1]'", '["a", 1]'),
        ("'no list'", '"no list"'),
        ("''", '""'),
        ("null::varchar[]", None),
        ("null::varchar", None),
        ("7", "7"),
        ("[]::varchar[]", "[]"),
    ],
)
def test_tags_may_be_a_list_or_json_text(file: File, tags: str, given: str | None) -> None:
    file.load(f"select 'a/m' as id, {tags} as tags")
    assert file.rows("tags") == [(given,)]


@pytest.mark.parametrize("column", ["safetensors", "gguf", "config"])
@pytest.mark.parametrize(
    "value", ["{'total': 7}", "map {'total': 7}", "'{\"total\":7}'", "'{\"total\":7}'::json"]
)
def test_objects_may_be_structs_maps_or_json_text(file: File, column: str, value: str) -> None:
    file.load(f"select 'a/m' as id, {value} as {column}")
    assert file.rows(f"{column} ->> '$.total'") == [("7",)]


def test_positions_are_the_places_in_the_file_however_large(file: File) -> None:
    assert file.load("select 'a/' || i as id from range(300000) as r (i)") == 300_000
    assert file.rows("position", "id") == [(i + 1, f"a/{i}") for i in range(300_000)]


def test_names_may_be_anything(file: File) -> None:
    name = "a/<script>'\"; drop table x; --🦕" + "x" * 300
    file.load(f"select '{name.replace(chr(39), chr(39) * 2)}' as id")
    assert file.rows("id") == [(name,)]


@pytest.mark.parametrize("content", [b"PAR1 no parquet PAR1", b"PAR1" + bytes(100) + b"\x20\0\0\0PAR1"])
def test_a_broken_file_is_an_error_and_what_was_loaded_stays(file: File, content: bytes) -> None:
    file.load("select 'a/m' as id")
    with pytest.raises(LoadError, match="hub_stats"):
        file.load_bytes(content)
    assert file.rows("id") == [("a/m",)]


def test_a_file_about_something_else_is_an_error(file: File) -> None:
    with pytest.raises(LoadError):
        file.load("select 1 as x")
