"""Counters of live lists: keys that hold for ever, files that survive a kill, what the tables read.

And that pages of lists go only when their counters are kept.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.assets.landing import thin_out
from pipelines.assets.resources import Workspace
from pipelines.sources.http import Answer
from pipelines.sources.payloads import PayloadStore, Snapshot
from pipelines.warehouse import counters
from pipelines.warehouse.counters import counters_file, keep_counters, read_counters
from pipelines.warehouse.errors import LoadError
from pipelines.warehouse.models import SqlModel

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)
TOP = "top-10000-by-downloads"
#: An id and its counters: downloads in 30 days, downloads of all time, likes.
Model = tuple[str, int | None, int | None, int | None]
Row = tuple[Any, ...]


class Lists:
    """The lists that the tables hold, put in by hand, and the folder of counters."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel], folder: Path):
        self.folder = folder
        self.connection = connection
        self.models = models
        for table in ("raw.snapshots", "staging.models"):
            columns = ", ".join(f"{name} {kind}" for name, (kind, _) in models[table].columns.items())
            connection.execute(f"create table {table} ({columns})")

    def put(self, day: date, models: Iterable[Model], scope: str = TOP, **about: Any) -> None:
        """Put one list into the tables."""
        told = {"source": "huggingface_models", "snapshot_date": day, "scope": scope}
        told |= {"is_live": True, "is_complete": True, "content_sha256": f"{day} {scope}"} | about
        marks = ", ".join("?" for _ in told)
        self.connection.execute(
            f"insert into raw.snapshots ({', '.join(told)}) values ({marks})", list(told.values())
        )
        for row in models:
            self.connection.execute(
                "insert into staging.models "
                "(snapshot_date, scope, seen_id, downloads_30d, downloads_all_time, likes) "
                "values (?, ?, ?, ?, ?, ?)",
                [day, scope, *row],
            )

    def take_out(self, day: date) -> None:
        """Take a day's lists out of the tables, as those are that are too old for them."""
        self.connection.execute("delete from staging.models where snapshot_date = ?", [day])

    def land_anew(self, day: date, models: Iterable[Model]) -> None:
        """Put another list in the place of a day's."""
        self.take_out(day)
        self.connection.execute("delete from raw.snapshots where snapshot_date = ?", [day])
        self.put(day, models, content_sha256="another")

    def keep(self) -> list[str]:
        """Keep the counters; give the files that were written."""
        found = keep_counters(self.connection, self.models, self.folder)
        return [path.relative_to(self.folder).as_posix() for path in found]

    def read(self, as_of: date = WEDNESDAY) -> list[Row]:
        """Read the files; give day, id and counters of every row."""
        read_counters(self.connection, self.models, self.folder, as_of)
        return self.connection.sql(
            "select c.snapshot_date, m.seen_id, c.downloads_30d, c.downloads_all_time, c.likes "
            "from staging.model_counts as c left join staging.counted_models as m using (model_key) "
            "order by c.snapshot_date, c.scope, m.seen_id"
        ).fetchall()

    def keys(self) -> dict[str, int]:
        """All ids and their keys, by the files."""
        rows = self.connection.sql(
            f"select seen_id, model_key from '{self.folder}/models/*.parquet'"
        ).fetchall()
        assert len({seen_id for seen_id, _ in rows}) == len(rows)
        assert len({key for _, key in rows}) == len(rows)
        return dict(rows)


@pytest.fixture
def lists(connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel], tmp_path: Path) -> Lists:
    return Lists(connection, models, tmp_path / "counters")


def test_what_was_kept_comes_back_as_it_was(lists: Lists) -> None:
    lists.put(MONDAY, [("b/two", 2, 20, 200), ("a/one", 1, 10, 100)])
    assert lists.keep() == [f"{TOP}/2026-11-16.parquet"]
    assert lists.read() == [(MONDAY, "a/one", 1, 10, 100), (MONDAY, "b/two", 2, 20, 200)]


def test_a_counter_that_was_not_told_is_null_and_not_zero(lists: Lists) -> None:
    lists.put(MONDAY, [("a/one", None, None, None), ("b/two", 0, 0, 0)])
    lists.keep()
    assert lists.read() == [(MONDAY, "a/one", None, None, None), (MONDAY, "b/two", 0, 0, 0)]


def test_the_greatest_counters_are_kept_to_the_last_digit(lists: Lists) -> None:
    lists.put(MONDAY, [("a/one", 10_000_000_000, 1_000_000_000_000, 100_000_000)])
    lists.keep()
    assert lists.read() == [(MONDAY, "a/one", 10_000_000_000, 1_000_000_000_000, 100_000_000)]


def test_ids_may_be_long_quoted_or_of_any_script(lists: Lists) -> None:
    ids = [
        "x/" + "y" * 298,
        "a/🦕",
        "a/\"quoted\"-and-'single'",
        "a/<script>",
        "A/🦕",
        "a/ü",
        "a/u\u0308",
        "é" * 300,
    ]
    lists.put(MONDAY, [(seen_id, number, None, None) for number, seen_id in enumerate(ids)])
    lists.keep()
    assert {(row[1], row[2]) for row in lists.read()} == {(seen_id, n) for n, seen_id in enumerate(ids)}
    assert len(lists.read()) == len(ids)


def test_a_key_is_given_once_whatever_comes_later(lists: Lists) -> None:
    lists.put(MONDAY, [("m/one", 1, None, None), ("m/two", 2, None, None)])
    lists.keep()
    first = lists.keys()
    assert sorted(first.values()) == [0, 1]
    lists.put(TUESDAY, [("a/before-all", 7, None, None), ("m/two", 3, None, None)])
    lists.put(TUESDAY, [("z/after-all", 8, None, None), ("a/before-all", 7, None, None)], "whole-hub")
    lists.put(WEDNESDAY, [("m/one", 4, None, None)])
    lists.keep()
    assert lists.keys() == first | {"a/before-all": 2, "z/after-all": 3}
    assert [row[1:3] for row in lists.read() if row[0] == WEDNESDAY] == [("m/one", 4)]


def test_keys_hold_over_a_hundred_days_of_comings_and_goings(lists: Lists) -> None:
    """As the Hub's top does: each day a few new ids, a few gone, a few back."""
    given: dict[str, int] = {}
    for number in range(100):
        day = date.fromordinal(MONDAY.toordinal() + number)
        ids = [f"m/{(number * 7 + n * n) % 150:03d}" for n in range(12)]
        lists.put(day, [(seen_id, number, None, None) for seen_id in dict.fromkeys(ids)])
        lists.keep()
        known = lists.keys()
        assert known.items() >= given.items()
        given = known
        lists.take_out(day)
    assert sorted(given.values()) == list(range(len(given)))
    rows = lists.read(date(2027, 12, 31))
    assert len({row[0] for row in rows}) == 100
    assert all(row[2] == (row[0] - MONDAY).days for row in rows)


def test_keeping_twice_writes_nothing_and_changes_nothing(lists: Lists) -> None:
    lists.put(MONDAY, [("a/one", 1, None, None)])
    lists.keep()
    before = {path: path.read_bytes() for path in lists.folder.rglob("*.parquet")}
    assert lists.keep() == []
    assert {path: path.read_bytes() for path in lists.folder.rglob("*.parquet")} == before


def test_the_files_are_the_same_to_the_byte_in_another_home(
    lists: Lists, models: dict[str, SqlModel], tmp_path: Path
) -> None:
    lists.put(TUESDAY, [("b/two", 2, None, None)])
    lists.put(MONDAY, [("c/three", 3, None, 1), ("a/one", 1, 9, None)])
    lists.keep()
    first = {path.relative_to(lists.folder): path.read_bytes() for path in lists.folder.rglob("*.parquet")}
    lists.folder = tmp_path / "elsewhere"
    lists.keep()
    assert {p.relative_to(lists.folder): p.read_bytes() for p in lists.folder.rglob("*.parquet")} == first


@pytest.mark.parametrize("written", [0, 1, 2, 3])
def test_a_run_killed_between_two_files_is_made_good_by_the_next(
    written: int, lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two lists, four files: of ids and of counts in turn."""
    lists.put(MONDAY, [("a/one", 1, None, None)])
    lists.put(TUESDAY, [("b/two", 2, None, None), ("a/one", 3, None, None)])
    calls, write = 0, counters._write

    def killed(*arguments: Any) -> None:
        nonlocal calls
        if calls == written:
            arguments[2].parent.mkdir(parents=True, exist_ok=True)
            arguments[2].with_name(arguments[2].name + ".tmp").write_bytes(b"PAR1 half a file")
            raise KeyboardInterrupt
        calls += 1
        write(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(counters, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            lists.keep()
    lists.keep()
    assert lists.keys() == {"a/one": 0, "b/two": 1}
    assert [row[:3] for row in lists.read()] == [
        (MONDAY, "a/one", 1), (TUESDAY, "a/one", 3), (TUESDAY, "b/two", 2),
    ]  # fmt: skip
    assert not list(lists.folder.rglob("*.tmp"))


def test_a_key_that_a_killed_run_gave_is_not_given_to_another_id(lists: Lists, tmp_path: Path) -> None:
    """The ids of Monday were written, its counts were not, and on Tuesday other ids come first."""
    lists.put(MONDAY, [("m/one", 1, None, None), ("m/two", 2, None, None)])
    lists.keep()
    counters_file(lists.folder, MONDAY, TOP).unlink()
    lists.take_out(MONDAY)
    lists.put(TUESDAY, [("a/new", 5, None, None), ("m/two", 6, None, None)])
    lists.keep()
    assert lists.keys() == {"m/one": 0, "m/two": 1, "a/new": 2}
    assert [row[1:3] for row in lists.read()] == [("a/new", 5), ("m/two", 6)]


def test_a_list_that_left_the_tables_keeps_its_counters(lists: Lists) -> None:
    lists.put(MONDAY, [("a/one", 1, None, None)], "whole-hub")
    lists.keep()
    lists.take_out(MONDAY)
    lists.put(TUESDAY, [("a/one", 2, None, None)], "whole-hub")
    lists.keep()
    assert [row[:3] for row in lists.read()] == [(MONDAY, "a/one", 1), (TUESDAY, "a/one", 2)]


def test_the_tables_end_with_the_as_of_day_and_grow_again(lists: Lists) -> None:
    for number, day in enumerate((MONDAY, TUESDAY, WEDNESDAY)):
        lists.put(day, [("a/one", number, None, None)])
    lists.keep()
    assert [row[0] for row in lists.read(TUESDAY)] == [MONDAY, TUESDAY]
    assert [row[0] for row in lists.read(WEDNESDAY)] == [MONDAY, TUESDAY, WEDNESDAY]
    assert [row[0] for row in lists.read(MONDAY)] == [MONDAY]
    assert lists.read(date(2026, 11, 15)) == []


def test_a_file_that_was_removed_leaves_the_tables(lists: Lists) -> None:
    lists.put(MONDAY, [("a/one", 1, None, None)])
    lists.put(TUESDAY, [("a/one", 2, None, None)])
    lists.keep()
    lists.read()
    counters_file(lists.folder, MONDAY, TOP).unlink()
    assert [row[0] for row in lists.read()] == [TUESDAY]


def test_what_is_in_the_tables_is_not_read_again(lists: Lists) -> None:
    lists.put(MONDAY, [("a/one", 1, None, None)])
    lists.keep()
    rows = lists.read()
    path = counters_file(lists.folder, MONDAY, TOP)
    table = pq.read_table(path)
    pq.write_table(table.set_column(3, "likes", pa.array([99], pa.int64())), path)  # made from the same
    assert lists.read() == rows


def test_a_list_that_was_landed_anew_is_counted_anew_and_keys_stay(lists: Lists) -> None:
    lists.put(MONDAY, [("m/one", 1, None, None), ("m/two", 2, None, None)])
    lists.keep()
    lists.read()
    first = lists.keys()
    lists.land_anew(MONDAY, [("a/new", 9, None, None), ("m/two", 7, 70, 5)])
    assert lists.keep() == [f"{TOP}/2026-11-16.parquet"]
    assert lists.read() == [(MONDAY, "a/new", 9, None, None), (MONDAY, "m/two", 7, 70, 5)]
    assert lists.keys() == first | {"a/new": 2}
    assert lists.keep() == []


@pytest.mark.parametrize("table", ["raw.models", "staging.models"])
def test_a_list_that_is_parsed_or_typed_in_another_way_is_counted_anew(table: str, lists: Lists) -> None:
    lists.put(MONDAY, [("a/one", 1, None, None)])
    lists.keep()
    lists.read()
    lists.connection.execute("update staging.models set downloads_30d = 2")
    assert lists.keep() == []
    lists.models = lists.models | {table: replace(lists.models[table], body="select 'mended'")}
    assert lists.keep() == [f"{TOP}/2026-11-16.parquet"]
    assert lists.read() == [(MONDAY, "a/one", 2, None, None)]


def test_the_parser_of_another_source_is_of_no_concern_to_a_list(lists: Lists) -> None:
    lists.put(MONDAY, [("a/one", 1, None, None)])
    lists.keep()
    mended = replace(lists.models["raw.models"], other_parsers={"hub_stats": "select 'mended'"})
    lists.models = lists.models | {"raw.models": mended}
    assert lists.keep() == []


def test_a_list_that_left_the_tables_keeps_its_counters_whatever_is_mended(lists: Lists) -> None:
    lists.put(MONDAY, [("a/one", 1, None, None)])
    lists.keep()
    lists.take_out(MONDAY)
    mended = replace(lists.models["staging.models"], body="select 'mended'")
    lists.models = lists.models | {"staging.models": mended}
    assert lists.keep() == []
    assert lists.read() == [(MONDAY, "a/one", 1, None, None)]


def test_a_file_that_does_not_say_what_it_was_made_from_is_read_and_made_anew_if_it_can_be(
    lists: Lists,
) -> None:
    """As they were at first."""
    for number, day in enumerate((MONDAY, TUESDAY)):
        lists.put(day, [("a/one", number, None, None)])
    lists.keep()
    for day in (MONDAY, TUESDAY):
        path = counters_file(lists.folder, day, TOP)
        pq.write_table(pq.read_table(path).replace_schema_metadata(None), path)
    lists.take_out(MONDAY)
    assert [row[:3] for row in lists.read()] == [(MONDAY, "a/one", 0), (TUESDAY, "a/one", 1)]
    assert lists.keep() == [f"{TOP}/2026-11-17.parquet"]
    assert [row[:3] for row in lists.read()] == [(MONDAY, "a/one", 0), (TUESDAY, "a/one", 1)]


def test_rows_of_which_nobody_knows_what_they_were_made_from_are_read_again(lists: Lists) -> None:
    """A warehouse of an earlier version has no table of loads."""
    lists.put(MONDAY, [("a/one", 1, None, None)])
    lists.keep()
    rows = lists.read()
    lists.connection.execute("drop table raw.counter_loads")
    lists.connection.execute("update staging.model_counts set likes = 99")
    assert lists.read() == rows


def test_a_table_that_was_made_anew_is_filled_again(lists: Lists) -> None:
    lists.put(MONDAY, [("a/one", 1, None, None)])
    lists.keep()
    rows = lists.read()
    lists.connection.execute("drop table staging.model_counts")
    assert lists.read() == rows


def test_a_damaged_file_is_made_anew_while_its_list_is_there_and_an_error_after_that(lists: Lists) -> None:
    lists.put(MONDAY, [("a/one", 1, None, None)])
    lists.keep()
    rows = lists.read()
    path = counters_file(lists.folder, MONDAY, TOP)
    path.write_bytes(b"PAR1 no more")
    assert lists.keep() == [f"{TOP}/2026-11-16.parquet"]
    assert lists.read() == rows
    lists.take_out(MONDAY)
    path.write_bytes(b"PAR1 no more")
    assert lists.keep() == []
    with pytest.raises(LoadError, match=f"^counters/{TOP}/2026-11-16.parquet is damaged"):
        lists.read()


def test_counters_lie_on_the_disk_before_pages_may_go(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(counters, "_sync", lambda path: synced.append(path.name))
    lists.put(MONDAY, [("a/one", 1, None, None)])
    lists.keep()
    assert synced == [
        "0000000000.parquet.tmp", "models", "counters", "2026-11-16.parquet.tmp", TOP, "counters",
    ]  # fmt: skip


def test_only_complete_live_lists_are_counted(lists: Lists) -> None:
    models = [("a/one", 1, None, None)]
    lists.put(MONDAY, models, "recorded", is_live=False)
    lists.put(MONDAY, models, "cut-off", is_complete=False)
    lists.put(MONDAY, models, "series", source="huggingface_counters")
    lists.put(MONDAY, models, "whole-hub-by-hub-stats", source="hub_stats")
    assert lists.keep() == ["whole-hub-by-hub-stats/2026-11-16.parquet"]


def test_a_list_without_new_ids_writes_no_file_of_ids(lists: Lists) -> None:
    lists.put(MONDAY, [("a/one", 1, None, None)])
    lists.put(TUESDAY, [("a/one", 2, None, None)])
    lists.keep()
    assert [path.name for path in (lists.folder / "models").iterdir()] == ["0000000000.parquet"]


def test_nothing_landed_live_is_two_empty_tables(lists: Lists) -> None:
    assert lists.keep() == []
    assert lists.read() == []
    assert lists.connection.sql("from staging.counted_models").fetchall() == []


def test_three_counters_of_a_model_take_a_few_bytes(lists: Lists) -> None:
    """3 M of them at most 8 MB a day: most models have no downloads, and the keys are sorted."""
    lists.put(MONDAY, [])
    lists.connection.execute(
        "insert into staging.models "
        "(snapshot_date, scope, seen_id, downloads_30d, downloads_all_time, likes) "
        f"select date '{MONDAY}', '{TOP}', 'user-' || (hash(n) % 9999) || '/model-' || n, "
        "case when hash(n, 1) % 10 < 7 then 0 else (10 / (1e-6 + hash(n, 2) / 2**64))::bigint % 50000000 end "
        "as d, d * 7 + hash(n, 3) % 50, case when hash(n, 4) % 10 < 8 then 0 else hash(n, 5) % 40 end "
        "from range(300000) as r(n)"
    )
    lists.keep()
    assert counters_file(lists.folder, MONDAY, TOP).stat().st_size < 8e6 / 3e6 * 300_000


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    """A home with four whole walks of one quarter: the pages of the first two may go."""
    store = PayloadStore(tmp_path / "payloads")
    for number in range(4):
        day = date.fromordinal(MONDAY.toordinal() + 7 * number)
        about = Snapshot(
            source="huggingface_models",
            day=day,
            scope="whole-hub",
            title="all",
            is_whole_population=True,
            is_live=True,
        )
        manifest = store.resume(about)
        store.add_page(manifest, Answer("https://hub.test", 200, b"packed", b"[]"))
        store.complete(manifest)
    settings = SimpleNamespace(counters_dir=tmp_path / "counters")
    return cast("Workspace", SimpleNamespace(payloads=store, settings=settings))


def pages_of(home: Workspace) -> list[int]:
    """How many page files each walk has."""
    manifests = home.payloads.manifests("huggingface_models")
    return [len(list(home.payloads.folder(m.snapshot).glob("page-*"))) for m in manifests]


def counted(home: Workspace, day: date) -> None:
    path = counters_file(home.settings.counters_dir, day, "whole-hub")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_only_pages_of_old_walks_whose_counters_are_kept_are_removed(home: Workspace) -> None:
    thin_out(home)
    assert pages_of(home) == [1, 1, 1, 1]
    counted(home, MONDAY)
    thin_out(home)
    assert pages_of(home) == [0, 1, 1, 1]


def test_pages_that_a_killed_run_left_of_a_thinned_walk_are_removed(home: Workspace) -> None:
    counted(home, MONDAY)
    thin_out(home)
    first = home.payloads.manifests("huggingface_models")[0]
    (home.payloads.folder(first.snapshot) / "page-00001.json.gz").write_bytes(b"left")
    thin_out(home)
    assert pages_of(home) == [0, 1, 1, 1]
    (again, *_) = home.payloads.manifests("huggingface_models")
    assert again == first
