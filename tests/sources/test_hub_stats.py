"""One file for the whole Hub: fetched behind a redirect, whole, of these days, and never booked twice."""

import io
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.sources import hub_stats
from pipelines.sources import parquet as parquet_module
from pipelines.sources.errors import PastDayError, PayloadError, PermanentError, TransientError
from pipelines.sources.http import Client
from pipelines.sources.hub_stats import HUB_STATS_SOURCE, land_hub_stats
from pipelines.sources.parquet import read_contents
from pipelines.sources.payloads import Manifest, PayloadStore
from tests.standins.faults import Fault
from tests.standins.hub import HUB_STATS, TOKEN, Cdn, Hub

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)
EVENING = datetime(2026, 11, 23, 23, tzinfo=UTC).replace(tzinfo=None)  # hub-stats writes no zones


def parquet(rows: int = 1000, created: Any = EVENING, **columns: Any) -> bytes:
    """A file of so many models, each created at the same moment, or at those of a list."""
    moments = created if isinstance(created, list | pa.Array) else [created] * rows
    ids = [f"someone/model-{number}" for number in range(len(moments))]
    downloads = list(range(len(moments)))
    return written(pa.table({"id": ids, "downloads": downloads, "createdAt": moments, **columns}))


def written(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


@pytest.fixture
def cdn(tmp_path: Path) -> Iterator[Cdn]:
    """The server of files, with one."""
    file = tmp_path / "served.parquet"
    file.write_bytes(parquet())
    with Cdn({HUB_STATS: file}) as running:
        yield running


@pytest.fixture
def hub(cdn: Cdn) -> Iterator[Hub]:
    """The Hub, which redirects to it."""
    with Hub(cdn=cdn) as running:
        yield running


def serve(cdn: Cdn, content: bytes) -> None:
    cdn.files[HUB_STATS].write_bytes(content)


def land(
    client: Client, hub: Hub, store: PayloadStore, day: date = TODAY, today: date = TODAY, **options: Any
) -> Manifest:
    return land_hub_stats(client, hub.url, store, day=day, today=today, token=TOKEN, **options)


def test_the_path_is_the_one_of_the_data_set() -> None:
    assert hub_stats.PATH == HUB_STATS


def test_the_file_lands_as_it_is_under_the_address_that_was_asked(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore
) -> None:
    manifest = land(client, hub, store)
    (page,) = manifest.pages
    assert (page.file, page.url, page.bytes) == ("page-00001.parquet", hub.url + HUB_STATS, len(parquet()))
    assert (page.etag, page.records) == (cdn.etag(HUB_STATS), 1000)
    assert store.files(manifest)[0].read_bytes() == parquet()
    assert "X-Amz" not in "".join(path.read_text() for path in store.root.rglob("*.json*"))
    assert [path.name for path in (store.root / HUB_STATS_SOURCE).iterdir()] == ["2026-11-23"]


def test_its_snapshot_says_what_it_is(client: Client, hub: Hub, store: PayloadStore) -> None:
    land(client, hub, store)
    (manifest,) = store.manifests(HUB_STATS_SOURCE)
    told = manifest.snapshot
    assert (told.scope, told.day, told.licence) == ("whole-hub-by-hub-stats", TODAY, "Apache-2.0")
    assert (told.is_whole_population, told.is_live, told.date_uncertainty_days) == (True, True, 1)


def test_the_token_goes_to_the_hub_and_not_to_the_server_of_files(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore
) -> None:
    land(client, hub, store)
    assert [request.token for request in hub.requests] == [TOKEN]
    assert ["authorization" in request.headers for request in cdn.requests] == [False]


def test_what_is_landed_is_not_asked_again(client: Client, hub: Hub, store: PayloadStore) -> None:
    land(client, hub, store)
    land(client, hub, store, day=TODAY, today=TOMORROW)
    assert len(hub.requests) == 1


def test_a_past_day_is_refused_before_anything_is_asked(
    client: Client, hub: Hub, store: PayloadStore
) -> None:
    with pytest.raises(PastDayError, match="2026-11-23 was not landed on its day"):
        land(client, hub, store, day=TODAY, today=TOMORROW)
    assert hub.requests == []


def test_a_download_that_breaks_off_goes_on_where_it_was(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore
) -> None:
    cdn.faults.append(Fault("half-body", times=2))
    manifest = land(client, hub, store)
    assert store.files(manifest)[0].read_bytes() == parquet()
    assert [request.status for request in cdn.requests] == [200, 206, 206]


def test_a_later_run_goes_on_too(client: Client, hub: Hub, cdn: Cdn, store: PayloadStore) -> None:
    cdn.faults += [Fault("half-body", times=1), Fault("reset", after=1, times=20)]
    with pytest.raises(TransientError):
        land(client, hub, store)
    assert store.manifests(HUB_STATS_SOURCE, incomplete=True) == []
    cdn.faults.clear()
    cdn.requests.clear()
    assert store.files(land(client, hub, store))[0].read_bytes() == parquet()
    assert [(request.status, "range" in request.headers) for request in cdn.requests] == [(206, True)]


def test_a_file_that_is_renewed_in_the_middle_is_begun_anew(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore
) -> None:
    cdn.faults.append(Fault("half-body", times=1))
    cdn.before = lambda _, number: serve(cdn, parquet(1001)) if number == 2 else None
    manifest = land(client, hub, store)
    assert store.files(manifest)[0].read_bytes() == parquet(1001)


def test_a_kill_between_the_page_and_its_completion_costs_no_second_download(
    client: Client, hub: Hub, store: PayloadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(PayloadStore, "complete", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            land(client, hub, store)
    assert land(client, hub, store).is_complete
    assert len(hub.requests) == 1


def test_a_file_that_was_not_renewed_is_not_booked_under_today(
    client: Client, hub: Hub, store: PayloadStore, caplog: pytest.LogCaptureFixture
) -> None:
    land(client, hub, store)
    with caplog.at_level(logging.WARNING, "cambrian.hub_stats"):
        manifest = land(client, hub, store, TOMORROW, TOMORROW)
    assert manifest.snapshot.day == TODAY
    assert "hub-stats was not renewed since 2026-11-23; 2026-11-24 is not landed" in caplog.text
    assert [path.name for path in (store.root / HUB_STATS_SOURCE).iterdir()] == ["2026-11-23"]


def test_the_same_bytes_under_another_etag_are_not_renewed_either(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(client, hub, store)
    monkeypatch.setattr(cdn, "etag", lambda _: '"another"')
    assert land(client, hub, store, TOMORROW, TOMORROW).snapshot.day == TODAY


def test_a_renewed_file_is_the_next_day(client: Client, hub: Hub, cdn: Cdn, store: PayloadStore) -> None:
    land(client, hub, store)
    serve(cdn, parquet(1001))
    land(client, hub, store, TOMORROW, TOMORROW)
    assert [m.snapshot.day for m in store.manifests(HUB_STATS_SOURCE)] == [TODAY, TOMORROW]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1",
        b"PAR1PAR1",
        b"<html>back in a moment</html>",
        parquet()[:-1],
        parquet()[:-8] + (10**6).to_bytes(4, "little") + b"PAR1",
        parquet()[:-8] + bytes(4) + b"PAR1",
        b"PARE" + parquet()[4:],
    ],
)
def test_what_is_no_whole_parquet_file_is_refused_and_removed(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore, content: bytes
) -> None:
    serve(cdn, content)
    with pytest.raises(PayloadError, match=r"no whole Parquet file .*run again"):
        land(client, hub, store)
    assert list((store.root / HUB_STATS_SOURCE).iterdir()) == []
    serve(cdn, parquet())
    assert land(client, hub, store).is_complete


def test_a_file_that_is_gone_is_said_without_the_signed_address(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore
) -> None:
    cdn.files.clear()
    with pytest.raises(PermanentError, match=r"models\.parquet is not there any more \(404\)") as raised:
        land(client, hub, store)
    assert "X-Amz" not in str(raised.value)


@pytest.mark.parametrize(
    ("dropped", "said"),
    [
        (["id"], "has no column id any more"),
        (["downloads"], "has no column downloads any more"),
        (["id", "downloads"], "has no column id and no column downloads any more"),
    ],
)
def test_a_file_without_a_needed_column_is_refused_and_removed(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore, dropped: list[str], said: str
) -> None:
    serve(cdn, written(pq.read_table(io.BytesIO(parquet())).drop_columns(dropped)))
    with pytest.raises(PayloadError, match=rf"{said}\. It is not used; .*--depth full"):
        land(client, hub, store)
    assert list((store.root / HUB_STATS_SOURCE).iterdir()) == []


def test_columns_may_have_other_capitals(client: Client, hub: Hub, cdn: Cdn, store: PayloadStore) -> None:
    table = pq.read_table(io.BytesIO(parquet())).rename_columns(["ID", "Downloads", "createdat"])
    serve(cdn, written(table))
    manifest = land(client, hub, store)
    assert (manifest.is_complete, manifest.records, manifest.notes) == (True, 1000, [])


def test_a_file_with_a_footer_that_nobody_can_read_is_refused(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore
) -> None:
    serve(cdn, b"PAR1" + b"models" * 5000 + b"footer" + (6).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(PayloadError, match=r"cannot be read as Parquet .*--depth full"):
        land(client, hub, store)


def test_a_file_without_models_is_refused(client: Client, hub: Hub, cdn: Cdn, store: PayloadStore) -> None:
    serve(cdn, parquet(created=pa.array([], pa.timestamp("us"))))
    with pytest.raises(PayloadError, match="holds no models"):
        land(client, hub, store)


def test_a_file_that_lost_many_models_is_refused(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore
) -> None:
    land(client, hub, store)
    serve(cdn, parquet(899))
    with pytest.raises(PayloadError) as raised:
        land(client, hub, store, TOMORROW, TOMORROW)
    assert str(raised.value) == (
        f"{hub.url}{HUB_STATS} holds 899 models; the file before held 1,000. It is not used; walk the list "
        "of models instead (--depth full); if so many models are really gone, set CAMBRIAN_LEAST_OF_LAST to "
        "0.89 or less."
    )
    assert [path.name for path in (store.root / HUB_STATS_SOURCE).iterdir()] == ["2026-11-23"]


@pytest.mark.parametrize(("rows", "least"), [(900, 0.9), (899, 0.89), (1, 0.0)])
def test_a_file_that_lost_few_models_is_landed(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore, rows: int, least: float
) -> None:
    land(client, hub, store)
    serve(cdn, parquet(rows))
    land(client, hub, store, TOMORROW, TOMORROW, least=least)
    assert [manifest.records for manifest in store.manifests(HUB_STATS_SOURCE)] == [1000, rows]


DAYS_AGO = {days: EVENING - timedelta(days) for days in (-2, -1, 0, 3, 4, 200)}


@pytest.mark.parametrize(
    "created",
    [
        [DAYS_AGO[4], DAYS_AGO[200], None],
        pa.array([DAYS_AGO[4]], pa.timestamp("ns")),
        pa.array([DAYS_AGO[4]], pa.timestamp("us", tz="UTC")),
        pa.array([DAYS_AGO[4].date()]),
        [f"{DAYS_AGO[4]:%Y-%m-%dT%H:%M:%S.000Z}", "yesterday, I think", "", None],
        [DAYS_AGO[4], DAYS_AGO[-2]],
        pa.array([DAYS_AGO[4].date().toordinal() - 719163, 2**31 - 1], pa.int32()).cast(pa.date32()),
    ],
    ids=["times", "nanoseconds", "zone", "days", "texts", "of-the-future", "no-year-of-ours"],
)
def test_a_file_that_was_not_renewed_for_days_is_refused(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore, created: Any
) -> None:
    serve(cdn, parquet(created=created))
    with pytest.raises(PayloadError, match=r"newest model was created on 2026-11-19, and it is 2026-11-23"):
        land(client, hub, store)
    assert list((store.root / HUB_STATS_SOURCE).iterdir()) == []


@pytest.mark.parametrize("days", [3, 0, -1])
def test_a_file_of_these_days_is_landed(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore, days: int
) -> None:
    serve(cdn, parquet(created=[DAYS_AGO[days], DAYS_AGO[200]]))
    assert land(client, hub, store).notes == []


def test_the_newest_model_may_be_in_any_part_of_the_file(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore
) -> None:
    table = pq.read_table(io.BytesIO(parquet(created=[DAYS_AGO[200], DAYS_AGO[3], DAYS_AGO[200]])))
    for with_statistics in (True, False):
        serve(cdn, written(table, row_group_size=1, write_statistics=with_statistics))
        contents = read_contents(cdn.files[HUB_STATS], "createdAt", until=TODAY)
        assert (contents.rows, contents.newest) == (3, date(2026, 11, 20))


def test_where_statistics_tell_no_column_is_read(
    cdn: Cdn, hub: Hub, client: Client, store: PayloadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_module, "_newest_by_reading", None)
    assert land(client, hub, store).is_complete


@pytest.mark.parametrize(
    "created",
    [
        [5, 6],
        [None, None],
        ["soon", ""],
        [["2026-11-22"]],
        [{"at": DAYS_AGO[0]}],
        [b"\xff\xfe"],
        [DAYS_AGO[-2]],
    ],
)
def test_where_the_age_cannot_be_told_a_note_says_so(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore, created: list[Any]
) -> None:
    serve(cdn, parquet(created=created))
    land(client, hub, store)
    (manifest,) = store.manifests(HUB_STATS_SOURCE)
    assert manifest.notes == ["how old the file is cannot be told: no model says when it was created"]


def test_without_times_of_creation_a_note_says_so_too(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore
) -> None:
    serve(cdn, written(pa.table({"id": ["a/m"], "downloads": [1]})))
    assert land(client, hub, store).notes == [
        "how old the file is cannot be told: no model says when it was created"
    ]


def test_a_column_that_is_garbled_is_refused(client: Client, hub: Hub, cdn: Cdn, store: PayloadStore) -> None:
    content = parquet(created=["2026-11-22T10:00:00Z"] * 9)
    start = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(0).column(2).dictionary_page_offset
    serve(cdn, content[:start] + b"\xff" * 20 + content[start + 20 :])
    with pytest.raises(PayloadError, match="cannot be read as Parquet"):
        land(client, hub, store)
