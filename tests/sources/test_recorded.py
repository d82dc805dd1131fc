"""Landing a recording: all of it, once, and anew when a new version of the project corrects it."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.settings import RECORDED_DIR
from pipelines.sources.errors import PayloadError
from pipelines.sources.http import Answer
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot
from pipelines.sources.recorded import land_recorded
from pipelines.sources.recording import Recording
from tests.sources.recordings import as_before_the_journal, write_recording, write_series

MODELS, COUNTERS = "huggingface_models", "huggingface_counters"
PAGES: list[list[dict[str, Any]]] = [[{"id": "a/1"}, {"id": "a/2"}], [{"id": "a/3"}], [{"id": "a/4"}]]
MONTHS: dict[str, list[dict[str, Any]]] = {
    "2026-03": [{"date": "2026-03-01", "id": "a/1", "downloads": 1}],
    "2026-04": [{"date": "2026-04-01", "id": "a/1", "downloads": 2}],
}


def bodies(store: PayloadStore, manifest: Manifest) -> list[Any]:
    texts = [gzip.decompress(path.read_bytes()).decode() for path in store.files(manifest)]
    return [
        json.loads(text) if text[0] == "[" else [json.loads(line) for line in text.splitlines()]
        for text in texts
    ]


def times(store: PayloadStore) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in store.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("source", [MODELS, COUNTERS, "github_stars", "package_downloads"])
def test_the_whole_shipped_recording_lands_byte_for_byte(source: str, store: PayloadStore) -> None:
    recording = Recording(RECORDED_DIR)
    manifests = land_recorded(recording, source, store)
    assert [manifest.snapshot for manifest in manifests] == [
        snapshot for snapshot in recording.snapshots if snapshot.source == source
    ]
    for manifest in manifests:
        recorded = [recording.root / row["body"] for row in recording.exchanges(manifest.snapshot)]
        assert [path.read_bytes() for path in store.files(manifest)] == [
            path.read_bytes() for path in recorded
        ]
    assert len(store.manifests(source)) == len(manifests) > 0


def test_the_pages_of_a_walk_land_in_its_order(tmp_path: Path, store: PayloadStore) -> None:
    (manifest,) = land_recorded(write_recording(tmp_path / "r", PAGES), MODELS, store)
    assert bodies(store, manifest) == PAGES
    assert manifest.is_complete
    assert manifest.snapshot.title == "a few models"


def test_the_files_of_a_series_land_in_its_order(tmp_path: Path, store: PayloadStore) -> None:
    (manifest,) = land_recorded(write_series(tmp_path / "r", MONTHS), COUNTERS, store)
    assert bodies(store, manifest) == list(MONTHS.values())
    assert manifest.is_complete


def test_landing_twice_writes_nothing_the_second_time(tmp_path: Path, store: PayloadStore) -> None:
    recording = write_recording(tmp_path / "r", PAGES)
    land_recorded(recording, MODELS, store)
    before = times(store)
    land_recorded(recording, MODELS, store)
    assert times(store) == before


@pytest.mark.parametrize("done", [1, 2])
def test_a_series_cut_off_in_the_middle_goes_on(done: int, tmp_path: Path, store: PayloadStore) -> None:
    recording = write_series(tmp_path / "r", MONTHS | {"2026-05": [{"date": "2026-05-01", "id": "a/1"}]})
    (manifest,) = land_recorded(recording, COUNTERS, store)
    whole = bodies(store, manifest)
    del manifest.pages[done:]
    manifest.is_complete = False
    store.save(manifest)
    before = times(store)
    (again,) = land_recorded(recording, COUNTERS, store)
    assert bodies(store, again) == whole
    kept = store.files(again)[:done]
    assert [times(store)[path] for path in kept] == [before[path] for path in kept]


def test_a_corrected_page_replaces_the_older_landing(tmp_path: Path, store: PayloadStore) -> None:
    land_recorded(write_recording(tmp_path / "r", PAGES), MODELS, store)
    corrected = [PAGES[0], [{"id": "a/3", "downloads": 7}], PAGES[2]]
    (manifest,) = land_recorded(write_recording(tmp_path / "r", corrected), MODELS, store)
    assert bodies(store, manifest) == corrected


def test_a_corrected_description_replaces_the_older_landing(tmp_path: Path, store: PayloadStore) -> None:
    land_recorded(write_recording(tmp_path / "r", PAGES), MODELS, store)
    land_recorded(write_recording(tmp_path / "r", PAGES, date_uncertainty_days=9), MODELS, store)
    (manifest,) = store.manifests(MODELS)
    assert manifest.snapshot.date_uncertainty_days == 9


def test_a_recording_that_lost_a_page_replaces_the_older_landing(tmp_path: Path, store: PayloadStore) -> None:
    land_recorded(write_recording(tmp_path / "r", PAGES), MODELS, store)
    (manifest,) = land_recorded(write_recording(tmp_path / "r", PAGES[:2]), MODELS, store)
    assert bodies(store, manifest) == PAGES[:2]
    assert len(list(store.folder(manifest.snapshot).glob("page-*"))) == 2


def test_a_recording_that_won_a_page_replaces_the_older_landing(tmp_path: Path, store: PayloadStore) -> None:
    land_recorded(write_recording(tmp_path / "r", PAGES[:2]), MODELS, store)
    (manifest,) = land_recorded(write_recording(tmp_path / "r", PAGES), MODELS, store)
    assert bodies(store, manifest) == PAGES


def test_a_series_that_won_a_month_replaces_the_older_landing(tmp_path: Path, store: PayloadStore) -> None:
    land_recorded(write_series(tmp_path / "r", {"2026-03": MONTHS["2026-03"]}), COUNTERS, store)
    (manifest,) = land_recorded(write_series(tmp_path / "r", MONTHS), COUNTERS, store)
    assert bodies(store, manifest) == list(MONTHS.values())


def test_pages_that_do_not_follow_one_another_are_an_error_with_the_numbers(
    tmp_path: Path, store: PayloadStore
) -> None:
    recording = write_recording(tmp_path / "r", PAGES, links=False)
    with pytest.raises(PayloadError, match="hand-made: landed 1 pages where the recording has 3"):
        land_recorded(recording, MODELS, store)


def test_pages_that_do_not_follow_one_another_do_not_count_as_a_snapshot(
    tmp_path: Path, store: PayloadStore
) -> None:
    with pytest.raises(PayloadError):
        land_recorded(write_recording(tmp_path / "r", PAGES, links=False), MODELS, store)
    assert store.manifests(MODELS) == []


def test_a_chain_that_leads_out_of_the_recording_is_an_error_and_does_not_count(
    tmp_path: Path, store: PayloadStore
) -> None:
    recording = write_recording(tmp_path / "r", PAGES)
    rows = (recording.root / "exchanges.jsonl").read_text().splitlines()
    (recording.root / "exchanges.jsonl").write_text("\n".join(rows[:2]))
    with pytest.raises(Exception, match="answered 404"):
        land_recorded(Recording(recording.root), MODELS, store)
    assert store.manifests(MODELS) == []


def test_a_missing_body_is_an_error_of_the_recording(tmp_path: Path, store: PayloadStore) -> None:
    recording = write_recording(tmp_path / "r", PAGES)
    next(recording.root.rglob("page-0002.json.gz")).unlink()
    with pytest.raises(PayloadError, match=r"page-0002\.json\.gz"):
        land_recorded(recording, MODELS, store)


def test_a_source_that_the_recording_does_not_have_is_an_error(tmp_path: Path, store: PayloadStore) -> None:
    with pytest.raises(PayloadError, match="has nothing of github_stars"):
        land_recorded(write_recording(tmp_path / "r", PAGES), "github_stars", store)


def test_what_the_recording_calls_otherwise_now_is_dropped_lest_it_counts_twice(
    tmp_path: Path, store: PayloadStore
) -> None:
    land_recorded(write_recording(tmp_path / "r", PAGES, scope="old-name"), MODELS, store)
    land_recorded(write_recording(tmp_path / "s", PAGES), MODELS, store)
    assert [manifest.snapshot.scope for manifest in store.manifests(MODELS)] == ["hand-made"]


def test_live_snapshots_and_other_sources_are_left_alone(tmp_path: Path, store: PayloadStore) -> None:
    live = Snapshot(source=MODELS, day=date(2026, 5, 2), scope="top-1", title="live", is_live=True)
    manifest = store.resume(live)
    store.add_page(manifest, Answer("https://hub.test", 200, gzip.compress(b"[]"), b"[]"))
    land_recorded(write_series(tmp_path / "t", MONTHS), COUNTERS, store)
    before = times(store)
    land_recorded(write_recording(tmp_path / "s", PAGES), MODELS, store)
    assert before.items() <= times(store).items()


def test_an_older_landing_without_a_journal_is_not_landed_again(tmp_path: Path, store: PayloadStore) -> None:
    recording = write_recording(tmp_path / "r", PAGES)
    (manifest,) = land_recorded(recording, MODELS, store)
    as_before_the_journal(store, manifest)
    before = times(store)
    land_recorded(recording, MODELS, store)
    assert times(store) == before
