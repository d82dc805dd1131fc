"""The payload store: what was answered stays, whole or not at all, and a killed walk goes on."""

import gzip
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.sources.errors import PayloadError
from pipelines.sources.http import Answer
from pipelines.sources.payloads import MANIFEST_NAME, PayloadStore, Snapshot, check_envelope
from pipelines.sources.recorded import land_recorded
from pipelines.sources.recording import Recording
from tests.sources.recordings import write_recording

SNAPSHOT = Snapshot(
    source="huggingface_models",
    day=date(2026, 5, 1),
    scope="top-2",
    title="two models",
    fields=("id", "likes"),
)


def answer(body: str, *, url: str = "https://hub.test/api/models", next_url: str | None = None) -> Answer:
    packed = gzip.compress(body.encode(), mtime=0)
    return Answer(url, 200, packed, len(body.encode()), next_url)


def test_nothing_landed_is_an_empty_manifest_and_makes_no_folder(store: PayloadStore) -> None:
    manifest = store.manifest(SNAPSHOT)
    assert (manifest.pages, manifest.next_url, manifest.is_complete) == ([], None, False)
    assert not store.root.exists()


def test_a_page_lies_where_its_source_day_and_scope_say_exactly_as_it_came(store: PayloadStore) -> None:
    page = answer('[{"id": "a/b"}]')
    store.add_page(store.manifest(SNAPSHOT), page)
    path = store.root / "huggingface_models" / "2026-05-01" / "top-2" / "page-00001.json.gz"
    assert path.read_bytes() == page.gzip_body


def test_json_lines_keep_their_suffix(store: PayloadStore) -> None:
    manifest = store.manifest(SNAPSHOT)
    store.add_page(manifest, answer('{"a": 1}\n{"a": 2}\n', url="recorded:///series/2026.jsonl"))
    assert manifest.pages[0]["file"] == "page-00001.jsonl.gz"


def test_after_each_page_the_manifest_on_disk_knows_it_and_where_to_go_on(store: PayloadStore) -> None:
    manifest = store.manifest(SNAPSHOT)
    first, second = answer("[1]", next_url="https://hub.test/2"), answer("[2]", next_url="https://hub.test/3")
    store.add_page(manifest, first)
    assert store.manifest(SNAPSHOT).next_url == "https://hub.test/2"
    store.add_page(manifest, second)
    found = store.manifest(SNAPSHOT)
    assert found.next_url == "https://hub.test/3"
    assert not found.is_complete
    assert [page["file"] for page in found.pages] == ["page-00001.json.gz", "page-00002.json.gz"]
    assert [page["bytes"] for page in found.pages] == [3, 3]
    assert [page["sha256"] for page in found.pages] == [
        hashlib.sha256(page.gzip_body).hexdigest() for page in (first, second)
    ]


def test_a_manifest_reads_back_as_it_was_written(store: PayloadStore) -> None:
    snapshot = replace(SNAPSHOT, title="zwei „Modelle“ 🤗", is_whole_population=True, date_uncertainty_days=3)
    manifest = store.manifest(snapshot)
    store.add_page(manifest, answer("[1]"))
    store.complete(manifest)
    assert store.manifest(snapshot) == manifest
    assert store.manifest(snapshot).snapshot == snapshot


def test_a_snapshot_with_an_unknown_key_is_refused() -> None:
    row = {"source": "s", "day": "2026-05-01", "scope": "x", "title": "x", "is_whole": True}
    with pytest.raises(TypeError, match="is_whole"):
        Snapshot.from_json(row)


def test_only_complete_snapshots_count_by_day_and_scope(store: PayloadStore) -> None:
    days = [
        (date(2026, 5, 2), "b"),
        (date(2026, 5, 2), "a"),
        (date(2026, 5, 1), "z"),
        (date(2026, 5, 3), "a"),
    ]
    for day, scope in days:
        manifest = store.manifest(replace(SNAPSHOT, day=day, scope=scope))
        store.add_page(manifest, answer("[1]"))
        if day.day != 3:
            store.complete(manifest)
    found = [
        (manifest.snapshot.day.day, manifest.snapshot.scope) for manifest in store.manifests(SNAPSHOT.source)
    ]
    assert found == [(1, "z"), (2, "a"), (2, "b")]
    assert store.manifests("another_source") == []


def test_the_checksum_of_a_snapshot_follows_its_pages_and_their_order(store: PayloadStore) -> None:
    checksums = set()
    for scope, bodies in {"a": "12", "b": "21", "c": "1", "d": "12"}.items():
        manifest = store.manifest(replace(SNAPSHOT, scope=scope))
        for body in bodies:
            store.add_page(manifest, answer(f"[{body}]"))
        checksums.add(manifest.sha256)
    assert len(checksums) == 3


def landed(store: PayloadStore) -> list[Path]:
    manifest = store.manifest(SNAPSHOT)
    for body in ("[1]", "[2]"):
        store.add_page(manifest, answer(body))
    store.complete(manifest)
    return store.files(store.manifest(SNAPSHOT))


def test_the_files_of_a_snapshot_come_in_the_order_of_the_walk(store: PayloadStore) -> None:
    assert [gzip.decompress(path.read_bytes()) for path in landed(store)] == [b"[1]", b"[2]"]


def test_a_missing_page_is_an_error_that_names_it(store: PayloadStore) -> None:
    pages = landed(store)
    pages[1].unlink()
    with pytest.raises(PayloadError, match=r"page-00002\.json\.gz is named in its manifest but missing"):
        store.files(store.manifest(SNAPSHOT))


def test_a_changed_page_is_an_error_that_names_it(store: PayloadStore) -> None:
    pages = landed(store)
    pages[0].write_bytes(gzip.compress(b"[3]"))
    with pytest.raises(PayloadError, match=r"page-00001\.json\.gz is not what was landed"):
        store.files(store.manifest(SNAPSHOT))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"snapshot": {"day": "someday"}, "pages": []}'])
def test_an_unreadable_manifest_is_an_error_that_says_what_to_do(text: str, store: PayloadStore) -> None:
    landed(store)
    (store.folder(SNAPSHOT) / MANIFEST_NAME).write_text(text)
    with pytest.raises(PayloadError, match=r"manifest\.json cannot be read .* remove its folder"):
        store.manifests(SNAPSHOT.source)


def test_a_page_that_is_refused_leaves_nothing_behind(store: PayloadStore) -> None:
    manifest = store.manifest(SNAPSHOT)
    with pytest.raises(PayloadError):
        store.add_page(manifest, answer("<html>"))
    assert manifest.pages == []
    assert not store.root.exists()


def test_a_file_is_moved_into_place_only_when_it_is_whole(
    store: PayloadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = store.manifest(SNAPSHOT)
    store.add_page(manifest, answer("[1]"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.add_page(manifest, answer("[2]"))
    monkeypatch.undo()
    found = store.manifest(SNAPSHOT)
    assert [page["file"] for page in found.pages] == ["page-00001.json.gz"]
    assert not (store.folder(SNAPSHOT) / "page-00002.json.gz").exists()
    store.add_page(found, answer("[2]"))
    assert len(store.files(store.manifest(SNAPSHOT))) == 2
    assert list(store.root.rglob("*.tmp")) == []


def test_a_page_whose_manifest_was_not_written_any_more_is_landed_again(
    store: PayloadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = store.manifest(SNAPSHOT)
    store.add_page(manifest, answer("[1]", next_url="https://hub.test/2"))
    with monkeypatch.context() as killed:
        killed.setattr(PayloadStore, "save", lambda *_: None)
        store.add_page(manifest, answer("[2]", next_url="https://hub.test/3"))
    again = store.manifest(SNAPSHOT)
    assert again.next_url == "https://hub.test/2"
    store.add_page(again, answer("[22]"))
    assert [gzip.decompress(path.read_bytes()) for path in store.files(again)] == [b"[1]", b"[22]"]


KILLED_WALK = """
import os, signal, sys
from pathlib import Path
from pipelines.sources.payloads import PayloadStore
from pipelines.sources.recorded import land_recorded
from pipelines.sources.recording import Recording

class Killed(PayloadStore):
    def add_page(self, manifest, answer):
        super().add_page(manifest, answer)
        if len(manifest.pages) == 2:
            os.kill(os.getpid(), signal.SIGKILL)

land_recorded(Recording(Path(sys.argv[1])), "huggingface_models", Killed(Path(sys.argv[2])))
"""


def test_a_walk_killed_in_the_middle_goes_on_at_its_cursor(tmp_path: Path) -> None:
    pages: list[list[dict[str, Any]]] = [[{"id": f"a/{n}"}] for n in range(4)]
    recording = write_recording(tmp_path / "recording", pages)
    command = [sys.executable, "-c", KILLED_WALK, str(recording.root), str(tmp_path / "payloads")]
    assert subprocess.run(command, check=False, timeout=20).returncode == -9

    store = PayloadStore(tmp_path / "payloads")
    (snapshot,) = Recording(recording.root).snapshots
    cut_off = store.manifest(snapshot)
    assert (len(cut_off.pages), cut_off.is_complete) == (2, False)
    assert cut_off.next_url == "https://huggingface.co/api/models?cursor=p3"
    assert store.manifests("huggingface_models") == []

    before = [path.stat().st_mtime_ns for path in store.files(cut_off)]
    (whole,) = land_recorded(recording, "huggingface_models", store)
    assert [json.loads(gzip.decompress(path.read_bytes())) for path in store.files(whole)] == pages
    assert [path.stat().st_mtime_ns for path in store.files(whole)][:2] == before


@pytest.mark.parametrize("body", ["[]", "{}", " [1]\n", '{"a": 1}\n{"b": 2}\n', '\n\n{"a": "]"}'])
def test_an_array_an_object_and_json_lines_pass_the_envelope(body: str) -> None:
    check_envelope(gzip.compress(body.encode()), "https://hub.test")


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \n ",
        "null",
        '"text"',
        "<!DOCTYPE html><html>maintenance</html>",
        '[{"id": "a/b"}, {"id": "c',
        '[{"id": "a/b"}',
        '{"a": 1}\n{"b": ',
        "not in the recording",
    ],
)
def test_what_is_no_json_or_breaks_off_is_refused_with_its_beginning(body: str) -> None:
    with pytest.raises(PayloadError, match=r"^https://hub\.test/x: not JSON, or cut off") as raised:
        check_envelope(gzip.compress(body.encode()), "https://hub.test/x?signature=sesame")
    assert repr(body.strip()[:60]) in str(raised.value)
    assert "sesame" not in str(raised.value)


@pytest.mark.parametrize("packed", [b"[]", gzip.compress(b"[1, 2, 3]")[:-3], gzip.compress(b"[]") + b"junk"])
def test_what_is_no_whole_gzip_file_is_refused(packed: bytes) -> None:
    with pytest.raises(PayloadError, match="no whole gzip file"):
        check_envelope(packed, "https://hub.test/x")


def test_a_page_of_bytes_that_are_no_text_is_refused_all_the_same() -> None:
    with pytest.raises(PayloadError, match="not JSON"):
        check_envelope(gzip.compress(bytes(range(128, 255))), "https://hub.test/x")


def test_the_manifest_says_all_that_the_warehouse_and_a_reader_need(store: PayloadStore) -> None:
    landed(store)
    row = json.loads((store.folder(SNAPSHOT) / MANIFEST_NAME).read_text())
    assert row["snapshot"]["title"] == "two models"
    assert row["sha256"] == store.manifest(SNAPSHOT).sha256
    assert row["is_complete"] is True
    assert row["next_url"] is None
