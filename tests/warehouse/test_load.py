"""Payloads into raw tables: whatever an API can answer gets in as it came, or is refused by file."""

import gzip
import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines.warehouse.connection import open_memory
from pipelines.warehouse.errors import LoadError
from pipelines.warehouse.load import LandedSnapshot, load_payloads
from pipelines.warehouse.models import SqlModel, build
from tests.warehouse.tables import make_empty

DAY = date(2026, 5, 1)
Pages = list[Any]


class Shelf:
    """Landed snapshots made by hand; `read` notes which were opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.read: list[str] = []

    def land(
        self,
        pages: Pages,
        *,
        scope: str = "top",
        day: date = DAY,
        suffix: str = "json",
        source: str = "huggingface_models",
    ) -> LandedSnapshot:
        """Write pages (bytes: as they are, packed already) and give the snapshot as the loader gets it."""
        folder = self._folder / day.isoformat() / scope
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"page-{number:05d}.{suffix}.gz" for number in range(1, len(pages) + 1)]
        for path, page in zip(paths, pages, strict=True):
            packed = page if isinstance(page, bytes) else gzip.compress(json.dumps(page).encode())
            path.write_bytes(packed)
        checksum = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
        return LandedSnapshot(source, day, scope, checksum, self._files(scope, paths))

    def _files(self, scope: str, paths: list[Path]) -> Callable[[], list[Path]]:
        def files() -> list[Path]:
            self.read.append(scope)
            return paths

        return files


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture
def raw(models: dict[str, SqlModel]) -> SqlModel:
    return models["raw.models"]


def ids(connection: duckdb.DuckDBPyConnection, scope: str = "top") -> list[str | None]:
    query = "select id from raw.models where scope = ? order by position"
    return [row[0] for row in connection.execute(query, [scope]).fetchall()]


LONG = "organization/" + "x" * 287
ODD_PAGES: Pages = [
    [
        {
            "_id": "64b0", "id": "meta-llama/Llama-3-8B", "author": "meta-llama", "downloads": 5_000_000,
            "createdAt": "2024-04-17T09:35:16.000Z", "lastModified": "2024-09-27T15:52:33.000Z",
            "downloadsAllTime": 60_000_000, "gated": "manual", "library_name": "transformers", "likes": 6000,
            "pipeline_tag": "text-generation", "tags": ["llama", "license:llama3"], "a_new_field": {"x": [1]},
            "safetensors": {"total": 8030261248}, "config": {"model_type": "llama"},
        },
        {"id": "null/null", "downloads": None, "likes": None, "tags": None, "gated": None, "createdAt": None},
        {"id": "missing/all"},
        {"id": "negative/one", "downloads": -7, "likes": -1, "downloadsAllTime": -2},
        {"id": "absurd/one", "downloads": 99_999_999_999_999, "likes": 10**40, "downloadsAllTime": 10**15},
        {"id": "text/one", "downloads": "many", "likes": "12", "createdAt": "yesterday", "lastModified": 7},
        {"id": "broken/one", "downloads": 1.5, "likes": 1e3},
    ],
    [
        {"id": "bool/one", "downloads": True, "likes": False, "gated": False, "tags": "license:mit"},
        {"id": "<script>alert('x')</script>", "tags": ['say "hi"', "license:<b>"], "gated": True},
        {"id": "o'hara/\"quoted\"; drop table raw.models; --", "downloads": 1},
        {"id": "🦙/Мир-模型", "tags": ["語言"], "safetensors": "none", "config": "none"},
        {"id": LONG, "createdAt": "2022-03-02T23:29:04.000Z"},
        {"id": "meta-llama/Llama-3-8B", "downloads": 1, "gated": "auto"},
        {"id": "  blank/around "},
        {"id": ""},
        {"downloads": 3},
        {"id": "future/one", "createdAt": "2031-01-01T00:00:00.000Z"},
    ],
]  # fmt: skip


def test_every_object_of_an_odd_payload_gets_in_as_it_came(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    assert load_payloads(connection, raw, [shelf.land(ODD_PAGES)]) == 17
    kept = ("id", "downloads", "downloads_all_time", "likes", "gated", "created_at", "tags")
    found = connection.sql(f"select {', '.join(kept)} from raw.models order by position").pl()
    expected = [
        ("meta-llama/Llama-3-8B", "5000000", "60000000", "6000", "manual", "2024-04-17T09:35:16.000Z",
         '["llama","license:llama3"]'),
        ("null/null", None, None, None, None, None, None),
        ("missing/all", None, None, None, None, None, None),
        ("negative/one", "-7", "-2", "-1", None, None, None),
        ("absurd/one", "99999999999999", "1000000000000000", "1" + 40 * "0", None, None, None),
        ("text/one", "many", None, "12", None, "yesterday", None),
        ("broken/one", "1.5", None, "1000.0", None, None, None),
        ("bool/one", "true", None, "false", "false", None, '"license:mit"'),
        ("<script>alert('x')</script>", None, None, None, "true", None, '["say \\"hi\\"","license:<b>"]'),
        ("o'hara/\"quoted\"; drop table raw.models; --", "1", None, None, None, None, None),
        ("🦙/Мир-模型", None, None, None, None, None, '["語言"]'),
        (LONG, None, None, None, None, "2022-03-02T23:29:04.000Z", None),
        ("meta-llama/Llama-3-8B", "1", None, None, "auto", None, None),
        ("  blank/around ", None, None, None, None, None, None),
        ("", None, None, None, None, None, None),
        (None, "3", None, None, None, None, None),
        ("future/one", None, None, None, None, "2031-01-01T00:00:00.000Z", None),
    ]  # fmt: skip
    assert_frame_equal(found, pl.DataFrame(expected, schema=dict.fromkeys(kept, pl.String), orient="row"))


def test_what_cannot_be_true_is_null_once_it_has_a_type_and_the_first_of_two_objects_counts(
    connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel], shelf: Shelf
) -> None:
    load_payloads(connection, models["raw.models"], [shelf.land(ODD_PAGES)])
    make_empty(connection, models["raw.snapshots"])
    build(connection, models["staging.models"])
    kept = {
        "seen_id": pl.String, "created_at": pl.Datetime("us"), "downloads_30d": pl.Int64, "likes": pl.Int64,
        "is_gated": pl.Boolean, "parameters": pl.Int64, "license": pl.String, "has_tags": pl.Boolean,
    }  # fmt: skip
    created = datetime(2024, 4, 17, 9, 35, 16, tzinfo=UTC).replace(tzinfo=None)
    expected = [
        ("meta-llama/Llama-3-8B", created, 5_000_000, 6000, True, 8030261248, "llama3", True),
        ("null/null", None, None, None, None, None, None, False),
        ("missing/all", None, None, None, None, None, None, False),
        ("negative/one", None, None, None, None, None, None, False),
        ("absurd/one", None, None, None, None, None, None, False),
        ("text/one", None, None, 12, None, None, None, False),
        ("broken/one", None, None, None, None, None, None, False),
        ("bool/one", None, None, None, False, None, None, False),
        ("<script>alert('x')</script>", None, None, None, True, None, "<b>", True),
        ("o'hara/\"quoted\"; drop table raw.models; --", None, 1, None, None, None, None, False),
        ("🦙/Мир-模型", None, None, None, None, None, None, True),
        (LONG, None, None, None, None, None, None, False),
        ("blank/around", None, None, None, None, None, None, False),
        ("future/one", None, None, None, None, None, None, False),
    ]  # fmt: skip
    found = connection.sql(f"select {', '.join(kept)} from staging.models").pl()
    assert_frame_equal(found, pl.DataFrame(expected, schema=kept, orient="row"), check_row_order=False)


def test_each_value_that_is_refused_is_named(
    connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel], shelf: Shelf
) -> None:
    load_payloads(connection, models["raw.models"], [shelf.land(ODD_PAGES)])
    build(connection, models["staging.rejected_values"])
    query = "select position, field, value from staging.rejected_values order by position, field"
    assert connection.execute(query).fetchall() == [
        (4, "downloads", "-7"),
        (4, "downloadsAllTime", "-2"),
        (4, "likes", "-1"),
        (5, "downloads", "99999999999999"),
        (5, "downloadsAllTime", "1000000000000000"),
        (5, "likes", "1" + 40 * "0"),
        (6, "createdAt", "yesterday"),
        (6, "downloads", "many"),
        (6, "lastModified", "7"),
        (7, "downloads", "1.5"),
        (7, "likes", "1000.0"),
        (8, "downloads", "true"),
        (8, "likes", "false"),
        (8, "tags", '"license:mit"'),
        (15, "id", ""),
        (16, "id", None),
        (17, "createdAt", "2031-01-01T00:00:00.000Z"),
    ]


def test_positions_follow_the_walk_over_all_pages(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    pages = [[{"id": f"{page}/{n}"} for n in range(700)] for page in range(12)]
    load_payloads(connection, raw, [shelf.land(pages)])
    assert ids(connection) == [row["id"] for page in pages for row in page]


@pytest.mark.parametrize(
    ("table", "line", "columns"),
    [
        ("model_counters", {"date": "2026-03-01", "id": "a/b", "downloads": None, "likes": "x", "new": 1},
         {"date": "2026-03-01", "id": "a/b", "downloads": None, "likes": "x"}),
        ("repository_stars", {"date": 7, "full_name": "o/r", "stargazers_count": -1},
         {"date": "7", "full_name": "o/r", "stargazers_count": "-1", "forks_count": None}),
        ("package_downloads", {"as_of": "2026-03-01", "package": "vllm", "rank": 1.5, "downloads_30d": True},
         {"as_of": "2026-03-01", "package": "vllm", "rank": "1.5", "downloads_30d": "true",
          "list_length": None}),
    ],
)  # fmt: skip
def test_a_series_gets_in_line_by_line_as_it_came(
    table: str,
    line: dict[str, Any],
    columns: dict[str, str | None],
    connection: duckdb.DuckDBPyConnection,
    models: dict[str, SqlModel],
    shelf: Shelf,
) -> None:
    text = gzip.compress(f"{json.dumps(line)}\n\n{json.dumps(line)}".encode())
    model = models[f"raw.{table}"]
    assert model.payload is not None
    snapshot = shelf.land([text, text], suffix="jsonl", source=model.payload)
    assert load_payloads(connection, model, [snapshot]) == 4
    found = connection.execute(f"select distinct {', '.join(columns)} from raw.{table}").fetchall()
    assert found == [tuple(columns.values())]


@pytest.fixture(scope="module")
def shared(models: dict[str, SqlModel]) -> Iterator[duckdb.DuckDBPyConnection]:
    """One warehouse for all examples; each replaces the snapshot of the one before."""
    with open_memory() as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="module")
def of_models(models: dict[str, SqlModel]) -> dict[str, SqlModel]:
    """The three tables of model lists: hypothesis writes out all that a test is given."""
    return {table: models[table] for table in ("raw.models", "raw.snapshots", "staging.models")}


def without_outer_blanks(text: str) -> str:
    """What SQL's trim takes away: separators of space, not tabs or line breaks."""
    blanks = "".join(char for char in set(text) if unicodedata.category(char) == "Zs")
    return text.strip(blanks) if blanks else text


@settings(deadline=None, derandomize=True, max_examples=25)
@given(
    seen=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), min_size=1, max_size=20)
)
def test_any_id_comes_through_unchanged_but_for_outer_blanks(
    shared: duckdb.DuckDBPyConnection, shared_shelf: Shelf, of_models: dict[str, SqlModel], seen: list[str]
) -> None:
    pages = [[{"id": text} for text in seen], [{"id": "the/end"}]]
    load_payloads(shared, of_models["raw.models"], [shared_shelf.land(pages)])
    make_empty(shared, of_models["raw.snapshots"])
    build(shared, of_models["staging.models"])
    assert ids(shared) == [*seen, "the/end"]
    staged = [row[0] for row in shared.execute("select seen_id from staging.models").fetchall()]
    assert sorted(staged) == sorted({without_outer_blanks(text) for text in [*seen, "the/end"]} - {""})


def test_a_raw_table_has_its_comments(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    load_payloads(connection, raw, [shelf.land([[{"id": "a/b"}]])])
    query = (
        "select column_name, comment from duckdb_columns() where table_name = 'models' order by column_index"
    )
    assert connection.execute(query).fetchall() == [(name, text) for name, (_, text) in raw.columns.items()]


def test_without_a_snapshot_the_table_is_there_and_empty(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel
) -> None:
    assert load_payloads(connection, raw, []) == 0
    assert ids(connection) == []


def test_a_snapshot_that_did_not_change_is_not_read_again(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    snapshots = [shelf.land([[{"id": f"{scope}/1"}]], scope=scope) for scope in ("a", "b")]
    assert [load_payloads(connection, raw, snapshots) for _ in range(3)] == [2, 2, 2]
    assert shelf.read == ["a", "b"]


def test_a_snapshot_that_changed_is_replaced_and_no_other_is_touched(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    other = shelf.land([[{"id": "b/1"}]], scope="b")
    load_payloads(connection, raw, [shelf.land([[{"id": "a/1"}, {"id": "a/2"}]], scope="a"), other])
    load_payloads(connection, raw, [shelf.land([[{"id": "a/3"}]], scope="a"), other])
    assert (ids(connection, "a"), ids(connection, "b")) == (["a/3"], ["b/1"])
    assert shelf.read == ["a", "b", "a"]


def test_a_snapshot_that_vanished_goes_out_of_the_table_and_can_come_back(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    a, b = (shelf.land([[{"id": f"{scope}/1"}]], scope=scope) for scope in ("a", "b"))
    assert [load_payloads(connection, raw, these) for these in ([a, b], [b], [b, a])] == [2, 1, 2]
    assert ids(connection, "a") == ["a/1"]


def test_the_same_scope_on_two_days_is_two_snapshots(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    days = [shelf.land([[{"id": f"a/{day}"}]], day=date(2026, 5, day)) for day in (1, 2)]
    load_payloads(connection, raw, days)
    query = "select snapshot_date::varchar, id from raw.models order by all"
    assert connection.execute(query).fetchall() == [("2026-05-01", "a/1"), ("2026-05-02", "a/2")]


def test_another_way_of_parsing_reads_everything_again(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    snapshot = shelf.land([[{"id": "a/b"}]])
    load_payloads(connection, raw, [snapshot])
    shouting = replace(raw, body=raw.body.replace("\n    id,", "\n    upper(id) as id,"))
    load_payloads(connection, shouting, [snapshot])
    assert ids(connection) == ["A/B"]


def test_another_set_of_columns_makes_the_table_anew(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    snapshots = [shelf.land([[{"id": f"{scope}/1"}]], scope=scope) for scope in ("a", "b")]
    load_payloads(connection, raw, snapshots)
    wider = replace(
        raw,
        columns=raw.columns | {"is_new": ("BOOLEAN", "New.")},
        body=raw.body.replace("\nfrom read_json", ", true as is_new\nfrom read_json"),
    )
    assert load_payloads(connection, wider, snapshots) == 2
    assert connection.execute("select distinct is_new from raw.models").fetchall() == [(True,)]


def test_two_raw_tables_do_not_mix_their_snapshots(
    connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel], shelf: Shelf
) -> None:
    snapshot = shelf.land([[{"id": "a/b"}]])
    load_payloads(connection, models["raw.models"], [snapshot])
    load_payloads(connection, models["raw.model_counters"], [])
    assert ids(connection) == ["a/b"]


BAD_PAGES = {
    "truncated JSON": gzip.compress(b'[{"id": "a/2"}, {"id": "a/'),
    "truncated gzip": gzip.compress(b'[{"id": "a/2"}, {"id": "a/3"}]')[:-12],
    "HTML": gzip.compress(b"<html>We are down for maintenance</html>"),
    "an error message": gzip.compress(b'{"error": "Internal error"}'),
    "no object": gzip.compress(b'[{"id": "a/2"}, "a/3"]'),
    "no gzip": b'[{"id": "a/2"}]',
}


@pytest.mark.parametrize("bad", BAD_PAGES.values(), ids=BAD_PAGES)
def test_a_bad_page_is_named_and_all_rows_of_before_stay(
    bad: bytes, connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    other = shelf.land([[{"id": "b/1"}]], scope="b")
    good = [[{"id": "a/1"}], [{"id": "a/2"}]]
    load_payloads(connection, raw, [shelf.land(good, scope="a"), other])
    with pytest.raises(LoadError, match=r"a/page-00002\.json\.gz") as raised:
        load_payloads(connection, raw, [shelf.land([good[0], bad], scope="a"), other])
    assert "huggingface_models 2026-05-01 a cannot be parsed as sql/raw/models*.sql says" in str(raised.value)
    assert (ids(connection, "a"), ids(connection, "b")) == (["a/1", "a/2"], ["b/1"])
    mended = shelf.land([good[0], [{"id": "a/9"}]], scope="a")
    assert load_payloads(connection, raw, [mended, other]) == 3


def test_half_a_character_is_refused_and_its_page_named(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    page = gzip.compress(b'[{"id": "a/1"}, {"id": "a/\\ud83e"}]')
    with pytest.raises(LoadError, match=r"page-00001\.json\.gz"):
        load_payloads(connection, raw, [shelf.land([page])])


@pytest.mark.parametrize("pages", [[[], []], []], ids=["empty pages", "only refusals"])
def test_a_snapshot_without_a_single_row_takes_the_place_of_the_one_before(
    pages: Pages, connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    """Nothing may have been created since the last walk, and every repository may be gone."""
    load_payloads(connection, raw, [shelf.land([[{"id": "a/1"}]]), shelf.land([[{"id": "b/1"}]], scope="b")])
    assert load_payloads(connection, raw, [shelf.land(pages), shelf.land([[{"id": "b/1"}]], scope="b")]) == 1
    assert (ids(connection), ids(connection, "b")) == ([], ["b/1"])
    assert load_payloads(connection, raw, [shelf.land([[{"id": "a/2"}]])]) == 1
    assert ids(connection) == ["a/2"]


def two_parsers(raw: SqlModel) -> SqlModel:
    """The table of models with a second source, whose ids are in another field."""
    body = raw.body.replace("\n    id,", "\n    name as id,").replace("id: 'VARCHAR'", "name: 'VARCHAR'")
    return replace(raw, other_parsers={"other": body})


def test_snapshots_of_two_sources_are_parsed_each_in_its_own_way_into_one_table(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    both = [
        shelf.land([[{"id": "a/1", "name": "wrong"}]]),
        shelf.land([[{"name": "b/1", "id": "wrong"}]], scope="file", source="other"),
    ]
    assert load_payloads(connection, two_parsers(raw), both) == 2
    assert (ids(connection), ids(connection, "file")) == (["a/1"], ["b/1"])


def test_another_way_of_parsing_one_source_leaves_the_other_as_it_is(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    both = [
        shelf.land([[{"id": "a/1"}]]),
        shelf.land([[{"name": "b/1"}]], scope="file", source="other"),
    ]
    model = two_parsers(raw)
    load_payloads(connection, model, both)
    shouting = {"other": model.parsers["other"].replace("name as id", "upper(name) as id")}
    assert load_payloads(connection, replace(model, other_parsers=shouting), both) == 2
    assert ids(connection, "file") == ["B/1"]
    assert shelf.read == ["top", "file", "file"]


def test_a_bad_page_of_a_second_source_is_named_with_its_source(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf
) -> None:
    bad = shelf.land([BAD_PAGES["HTML"]], scope="file", source="other")
    with pytest.raises(LoadError, match=r"(?s)^other 2026-05-01 file cannot .*file/page-00001\.json\.gz"):
        load_payloads(connection, two_parsers(raw), [shelf.land([[{"id": "a/1"}]]), bad])
    assert ids(connection) == ["a/1"]


def test_a_page_that_is_gone_is_a_load_error_too(
    connection: duckdb.DuckDBPyConnection, raw: SqlModel, shelf: Shelf, tmp_path: Path
) -> None:
    gone = replace(shelf.land([[{"id": "a/1"}]]), files=lambda: [tmp_path / "gone.json.gz"])
    with pytest.raises(LoadError, match=r"gone\.json\.gz"):
        load_payloads(connection, raw, [gone])


@pytest.mark.parametrize("name", ["o'hara's; \"home\"", "home [2026]", "home of cambrian 🦙"])
def test_an_odd_name_of_the_home_folder_is_no_obstacle(
    name: str, connection: duckdb.DuckDBPyConnection, raw: SqlModel, tmp_path: Path
) -> None:
    assert load_payloads(connection, raw, [Shelf(tmp_path / name).land([[{"id": "a/1"}]])]) == 1
