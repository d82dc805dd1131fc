"""One release: built aside, verified, swapped in as a whole, byte for byte the same from the same content."""

import contextlib
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.warehouse.connection import open_memory, open_published, open_warehouse
from pipelines.warehouse.errors import WarehouseError
from pipelines.warehouse.models import SqlModel
from pipelines.warehouse.release import (
    Release,
    current_manifest,
    inputs_checksum,
    made_from,
    publish,
    published_models,
    seal,
)
from tests.warehouse.tables import make_model

DAY = date(2026, 11, 23)
TOLD = 'What\'s a family? 🦙 One row; "curated".'
MODELS = [
    make_model("core.models", {"model_id": "VARCHAR", "likes": "BIGINT"}, ["model_id"]),
    make_model(
        "marts.families",
        {"family": "VARCHAR", "month": "DATE", "share": "DOUBLE"},
        ["family", "month"],
        description=TOLD,
    ),
]


def fill(connection: duckdb.DuckDBPyConnection, *, likes: int = 1, order: str = "asc") -> None:
    """Make the two tables; `order` is how their rows happen to lie."""
    connection.execute(
        f"create or replace table core.models as select 'a/' || n as model_id, {likes}::bigint as likes "
        f"from range(5000) as t(n) order by n {order}"
    )
    connection.execute(
        "create or replace table marts.families as select * from (values "
        "('Llama 3', date '2026-05-01', 0.1::double + 0.2), ('Qwen 3', date '2026-05-01', null), "
        "('Llama 3', date '2026-04-01', 'nan'::double)) as t(family, month, share) "
        f"order by month {order}, family"
    )


def pages(database: Path, folder: Path) -> None:
    """A site of one page, made from the finished file."""
    with open_published(database) as reader:
        likes = reader.execute("select max(likes) from core.models").fetchall()[0][0]
    write_page(folder, f"{likes} likes")


def write_page(folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / "index.html").write_text(f"<p>{text}")


def release(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    *,
    site: Callable[[Path, Path], None] | None = None,
    as_of: date = DAY,
    likes: int = 1,
    order: str = "asc",
) -> Release:
    """Fill the warehouse and publish it, by default with a page that says the likes."""
    fill(connection, likes=likes, order=order)
    plain = site or (lambda _, folder: write_page(folder, f"{likes} likes"))
    return publish(connection, MODELS, home, as_of, plain)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def likes(home: Path) -> object:
    """What a reader of the Parquet files sees, which is quicker than opening the database each time."""
    return pl.read_parquet(home / "parquet" / "core" / "models.parquet")["likes"].max()


def page(home: Path) -> str:
    return (home / "site" / "index.html").read_text()


def kept(home: Path) -> set[str]:
    return {path.name for path in (home / "releases").iterdir()}


def test_a_release_is_reached_through_file_parquet_and_site(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    made = release(connection, home, site=pages)
    assert made.is_new
    assert made.rows == {"core.models": 5000, "marts.families": 3}
    with open_published(home / "cambrian.duckdb") as reader:
        assert reader.execute("select max(likes), count(*) from core.models").fetchall() == [(1, 5000)]
    assert page(home) == "<p>1 likes"
    assert connection.sql(f"from '{home}/parquet/core/models.parquet'").shape == (5000, 2)
    assert (home / "current").resolve() == made.path
    assert made.path.name == made.release_id
    assert made.release_id.startswith("2026-11-23-")
    manifest = json.loads((home / "current" / "manifest.json").read_text())
    assert manifest["release_id"] == made.release_id
    assert manifest["rows"] == made.rows


def test_only_core_and_marts_are_for_people(models: dict[str, SqlModel]) -> None:
    assert {model.schema for model in published_models(models)} == {"core", "marts"}


def test_what_is_private_is_not_for_people(models: dict[str, SqlModel]) -> None:
    kept_back = {table for table, model in models.items() if model.is_private}
    assert kept_back == {"core.descents", "core.credit_ways", "core.credit_shares"}
    assert not kept_back & {model.table for model in published_models(models)}


def test_the_file_has_descriptions_and_column_comments(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    release(connection, home)
    with open_published(home / "cambrian.duckdb") as reader:
        tables = reader.execute(
            "select schema_name || '.' || table_name, comment from duckdb_tables()"
        ).fetchall()
        columns = reader.execute(
            "select column_name, comment from duckdb_columns() where not internal"
        ).fetchall()
    assert dict(tables) == {"core.models": "A table made by hand.", "marts.families": TOLD}
    assert dict(columns) == {
        name: f"The {name}." for name in ("model_id", "likes", "family", "month", "share")
    }


def test_the_file_is_in_a_storage_version_that_older_shells_open(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    release(connection, home)
    with open_published(home / "cambrian.duckdb") as reader:
        tags = reader.execute("select tags from duckdb_databases() where path is not null").fetchall()[0][0]
    assert tags["storage_version"].startswith("v1.5")


def test_the_file_opens_for_reading_only_and_leaves_nothing_beside_it(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    made = release(connection, home)
    with open_published(home / "cambrian.duckdb") as reader, pytest.raises(duckdb.Error, match="read-only"):
        reader.execute("delete from core.models")
    assert {path.name for path in made.path.iterdir()} == {
        "cambrian.duckdb",
        "parquet",
        "site",
        "manifest.json",
    }


def test_parquet_says_what_the_table_is(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    release(connection, home)
    query = f"select decode(value) from parquet_kv_metadata('{home}/parquet/marts/families.parquet')"
    assert connection.execute(query).fetchall() == [(TOLD,)]


def test_rows_come_out_in_the_order_of_their_key(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    release(connection, home, order="desc")
    found = connection.execute(f"select family, month::varchar from '{home}/parquet/marts/families.parquet'")
    assert found.fetchall() == [
        ("Llama 3", "2026-04-01"),
        ("Llama 3", "2026-05-01"),
        ("Qwen 3", "2026-05-01"),
    ]


def checksums(home: Path) -> dict[str, str]:
    files = sorted((home / "parquet" / "").rglob("*.parquet"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_same_content_gives_the_same_parquet_to_the_byte_and_the_same_name(
    order: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    first = release(connection, tmp_path / "one")
    with open_memory() as rebuilt:
        second = release(rebuilt, tmp_path / "two", order=order)
    assert checksums(tmp_path / "one") == checksums(tmp_path / "two")
    assert len(checksums(tmp_path / "one")) == 2
    assert first.release_id == second.release_id


def test_publishing_the_same_again_is_no_new_release(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    first = release(connection, home)
    before = (home / "cambrian.duckdb").stat()
    again = release(connection, home)
    assert (again.release_id, again.path, again.is_new) == (first.release_id, first.path, False)
    assert (home / "cambrian.duckdb").stat() == before
    assert kept(home) == {first.release_id}


def test_what_a_release_was_made_from_is_noted_also_when_nothing_else_is_new(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    assert current_manifest(home) == {}
    for inputs in ("first", "second"):
        fill(connection)
        made = publish(connection, MODELS, home, DAY, other_pages, inputs)
        assert current_manifest(home)["inputs_sha256"] == inputs
        assert current_manifest(home)["release_id"] == made.release_id
    assert not made.is_new
    assert len(kept(home)) == 1


def test_the_inputs_have_the_same_name_as_long_as_no_file_of_them_differs(tmp_path: Path) -> None:
    code, payloads = tmp_path / "code", tmp_path / "payloads"
    for path in (code / "a.py", code / "sub" / "b.sql", payloads / "page.gz"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)
    first = inputs_checksum(DAY, [code, payloads])
    (code / "__pycache__").mkdir()
    (code / "__pycache__" / "a.pyc").write_text("compiled")
    assert inputs_checksum(DAY, [code, payloads]) == first
    names = {first, inputs_checksum(date(2026, 11, 24), [code, payloads])}
    (code / "a.py").write_text("changed")
    names.add(inputs_checksum(DAY, [code, payloads]))
    (code / "a.py").rename(code / "c.py")
    names.add(inputs_checksum(DAY, [code, payloads]))
    (payloads / "page.gz").unlink()
    names.add(inputs_checksum(DAY, [code, payloads]))
    assert len(names) == 5


def landed_manifest(payloads: Path, key: str, text: str) -> None:
    folder = payloads / key
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(text)


def test_what_a_release_follows_from_is_the_code_and_each_manifest_of_the_payloads(tmp_path: Path) -> None:
    names = {made_from("code", tmp_path), made_from("other code", tmp_path)}
    landed_manifest(tmp_path, "source/2026-11-23/top", "three pages")
    names.add(made_from("code", tmp_path))
    landed_manifest(tmp_path, "source/2026-11-23/top", "four pages")
    names.add(made_from("code", tmp_path))
    (tmp_path / "source" / "2026-11-23").rename(tmp_path / "source" / "2026-11-24")
    names.add(made_from("code", tmp_path))
    landed_manifest(tmp_path, "source/2026-11-24/full", "four pages")
    names.add(made_from("code", tmp_path))
    assert len(names) == 6


def test_what_a_release_follows_from_is_told_without_reading_a_page(tmp_path: Path) -> None:
    """A year of pages is 20 GB; the manifest has the checksum of each."""
    landed_manifest(tmp_path, "source/2026-11-23/top", "one page")
    before = made_from("code", tmp_path)
    page = tmp_path / "source" / "2026-11-23" / "top" / "page-00001.json.gz"
    page.mkdir()  # whoever reads it as a file fails
    assert made_from("code", tmp_path) == before


def test_a_seal_changes_nothing_else_in_the_manifest(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    made = release(connection, home)
    before = current_manifest(home)
    seal(made, "all of it")
    assert current_manifest(home) == before | {"inputs_sha256": "all of it"}
    assert not list(made.path.glob(".*"))


def other_pages(_database: Path, folder: Path) -> None:
    write_page(folder, "another look")


def test_other_data_another_day_and_another_page_are_each_a_new_release(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    made = [
        release(connection, home),
        release(connection, home, likes=2),
        release(connection, home, likes=2, as_of=date(2026, 11, 24)),
        release(connection, home, likes=2, as_of=date(2026, 11, 24), site=other_pages),
    ]
    assert [each.is_new for each in made] == [True] * 4
    assert kept(home) == {each.release_id for each in made}
    assert page(home) == "<p>another look"


def test_the_release_before_stays_for_a_rollback_by_one_link(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    first = release(connection, home)
    second = release(connection, home, likes=2)
    assert (likes(home), page(home)) == (2, "<p>2 likes")
    (home / "current").unlink()
    (home / "current").symlink_to(Path("releases") / first.release_id)
    assert (likes(home), page(home)) == (1, "<p>1 likes")
    again = release(connection, home, likes=2)
    assert (again.release_id, again.is_new) == (second.release_id, True)
    assert likes(home) == 2


def failing_site(_database: Path, folder: Path) -> None:
    write_page(folder, "half")
    raise RuntimeError("no figure")


def interrupted_site(_database: Path, _folder: Path) -> None:
    raise KeyboardInterrupt


def site_without_pages(_database: Path, folder: Path) -> None:
    folder.mkdir()


def site_that_changes_the_file(database: Path, folder: Path) -> None:
    write_page(folder, "changed")
    with duckdb.connect(str(database)) as writer:
        writer.execute("delete from core.models where model_id = 'a/1'")


def site_that_drops_a_description(database: Path, folder: Path) -> None:
    write_page(folder, "changed")
    with duckdb.connect(str(database)) as writer:
        writer.execute("comment on table core.models is null")


@pytest.mark.parametrize(
    ("site", "error", "told"),
    [
        (failing_site, RuntimeError, "no figure"),
        (interrupted_site, KeyboardInterrupt, None),
        (site_without_pages, WarehouseError, r"without index\.html"),
        (site_that_changes_the_file, WarehouseError, r"core\.models: wrote \(4999, 5000\) rows"),
        (site_that_drops_a_description, WarehouseError, "1 published tables came out without description"),
    ],
)
def test_a_release_that_fails_leaves_the_current_one_and_nothing_half_built(
    site: Callable[[Path, Path], None],
    error: type[BaseException],
    told: str | None,
    connection: duckdb.DuckDBPyConnection,
    home: Path,
) -> None:
    first = release(connection, home)
    with pytest.raises(error, match=told):
        release(connection, home, likes=2, site=site)
    assert (likes(home), page(home)) == (1, "<p>1 likes")
    assert kept(home) == {first.release_id}
    assert release(connection, home, likes=2).is_new


def test_a_file_that_cannot_be_written_leaves_the_current_release_and_a_connection_that_goes_on(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    release(connection, home)
    missing = make_model("core.missing", {"n": "INTEGER"}, ["n"])
    untyped = make_model("core.models", {"model_id": "DATE", "likes": "BIGINT"}, ["model_id"])
    for wrong in (missing, untyped):
        with pytest.raises((WarehouseError, duckdb.Error)):
            publish(connection, [MODELS[1], wrong], home, DAY, other_pages)
        assert (likes(home), len(kept(home))) == (1, 1)
    assert release(connection, home, likes=2).is_new


def test_a_first_release_that_fails_leaves_no_release(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    with pytest.raises(RuntimeError):
        release(connection, home, site=failing_site)
    assert kept(home) == set()
    assert not (home / "cambrian.duckdb").exists()


def test_what_a_killed_run_left_is_cleaned_away(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    first = release(connection, home)
    building = home / "releases" / ".building"
    (building / "site").mkdir(parents=True)
    (building / "cambrian.duckdb").write_bytes(b"half a file")
    (building / "site" / "old.html").write_text("old")
    (home / ".current.new").symlink_to("releases/nowhere")
    second = release(connection, home, likes=2)
    assert kept(home) == {first.release_id, second.release_id}
    assert {path.name for path in (home / "site").iterdir()} == {"index.html"}
    assert not (home / ".current.new").is_symlink()


def test_a_release_that_was_built_but_never_swapped_in_is_swapped_in_by_the_next_run(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    first = release(connection, home)
    second = release(connection, home, likes=2)
    (home / "current").unlink()
    (home / "current").symlink_to(Path("releases") / first.release_id)
    (second.path / "cambrian.duckdb").write_bytes(b"half a file")
    assert release(connection, home, likes=2).is_new
    assert likes(home) == 2


def test_five_releases_are_kept_the_newest_ones(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    made = [release(connection, home, likes=number).release_id for number in range(1, 7)]
    assert kept(home) == set(made[-5:])
    assert likes(home) == 6


def test_a_rollback_does_not_lose_the_release_that_people_see(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    made = [release(connection, home, likes=number).release_id for number in (1, 2)]
    (home / "current").unlink()
    (home / "current").symlink_to(Path("releases") / made[0])
    assert not release(connection, home, likes=1).is_new
    assert likes(home) == 1
    assert kept(home) == set(made)


def test_two_homes_do_not_meet(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    release(connection, tmp_path / "one", likes=1)
    release(connection, tmp_path / "two", likes=2)
    assert (likes(tmp_path / "one"), likes(tmp_path / "two")) == (1, 2)


def test_a_home_folder_can_be_moved(
    connection: duckdb.DuckDBPyConnection, home: Path, tmp_path: Path
) -> None:
    release(connection, home)
    moved = home.rename(tmp_path / "moved")
    assert (likes(moved), page(moved)) == (1, "<p>1 likes")


@pytest.mark.parametrize("name", ["o'hara's \"home\" 🦙"])
def test_an_odd_name_of_the_home_folder_is_no_obstacle(
    name: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert release(connection, tmp_path / name).is_new
    assert likes(tmp_path / name) == 1


def test_a_warehouse_file_is_published_and_stays_usable(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        release(connection, tmp_path)
        connection.execute("create table raw.after as select 1 as n")
        databases = connection.execute("select database_name from duckdb_databases() where not internal")
        assert databases.fetchall() == [("warehouse",)]
    assert likes(tmp_path) == 1


READER = """
import sys
import duckdb

with duckdb.connect(sys.argv[1], read_only=True) as reader:
    open_query = reader.execute("select model_id, likes from core.models order by model_id")
    rows = open_query.fetchmany(10)
    print("reading", flush=True)
    sys.stdin.readline()
    rows += open_query.fetchall()
    again = reader.execute("select max(likes), count(*) from core.models").fetchall()
    print(len(rows), {likes for _, likes in rows}, again, flush=True)
"""


@contextlib.contextmanager
def reader_of(database: Path) -> Iterator["subprocess.Popen[str]"]:
    """A reader in another process, stopped in the middle of its query."""
    command = [sys.executable, "-c", READER, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        yield process
        process.kill()


def test_a_reader_in_the_middle_of_a_query_keeps_what_it_opened_even_when_it_is_pruned(
    connection: duckdb.DuckDBPyConnection, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.warehouse.release.KEPT_RELEASES", 1)
    first = release(connection, home)
    with reader_of(home / "cambrian.duckdb") as process:
        release(connection, home, likes=2)
        assert first.release_id not in kept(home)
        with open_published(home / "cambrian.duckdb") as reader:
            assert reader.execute("select max(likes) from core.models").fetchall() == [(2,)]
        told, _ = process.communicate("\n", timeout=5)
    assert told == "5000 {1} [(1, 5000)]\n"


# as long as nothing is new.
def test_a_missing_path_into_the_release_is_made_again_even_when_nothing_is_new(
    connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    release(connection, home)
    for name in ("cambrian.duckdb", "site"):
        (home / name).unlink()
    assert not release(connection, home).is_new
    assert (home / "cambrian.duckdb").is_file()
    assert page(home) == "<p>1 likes"


# the next run says that nothing is new.
@pytest.mark.parametrize("name", ["parquet", "site"])
def test_a_folder_in_the_place_of_a_link_is_told_before_anything_is_swapped(
    name: str, connection: duckdb.DuckDBPyConnection, home: Path
) -> None:
    (home / name).mkdir(parents=True)
    with pytest.raises(WarehouseError, match=name):
        release(connection, home)
    assert not (home / "current").is_symlink()
