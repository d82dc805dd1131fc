"""One file for the whole Hub: fetched behind a redirect, whole, resumed, and never booked twice."""

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.sources import hub_stats
from pipelines.sources.errors import PastDayError, PayloadError, PermanentError, TransientError
from pipelines.sources.http import Client
from pipelines.sources.hub_stats import HUB_STATS_SOURCE, land_hub_stats
from pipelines.sources.payloads import Manifest, PayloadStore
from tests.standins.faults import Fault
from tests.standins.hub import HUB_STATS, TOKEN, Cdn, Hub

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)


def parquet(content: bytes = b"models" * 5000) -> bytes:
    """What begins and ends as a Parquet file does."""
    footer = b"footer"
    return b"PAR1" + content + footer + len(footer).to_bytes(4, "little") + b"PAR1"


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


def land(client: Client, hub: Hub, store: PayloadStore, day: date = TODAY, today: date = TODAY) -> Manifest:
    return land_hub_stats(client, hub.url, store, day=day, today=today, token=TOKEN)


def test_the_path_is_the_one_of_the_data_set() -> None:
    assert hub_stats.PATH == HUB_STATS


def test_the_file_lands_as_it_is_under_the_address_that_was_asked(
    client: Client, hub: Hub, cdn: Cdn, store: PayloadStore
) -> None:
    manifest = land(client, hub, store)
    (page,) = manifest.pages
    assert (page.file, page.url, page.bytes) == ("page-00001.parquet", hub.url + HUB_STATS, len(parquet()))
    assert page.etag == cdn.etag(HUB_STATS)
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
    cdn.before = lambda _, number: serve(cdn, parquet(b"newer")) if number == 2 else None
    manifest = land(client, hub, store)
    assert store.files(manifest)[0].read_bytes() == parquet(b"newer")


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
    serve(cdn, parquet(b"newer"))
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
    with pytest.raises(PermanentError, match=r"models\.parquet answered 404") as raised:
        land(client, hub, store)
    assert "X-Amz" not in str(raised.value)
