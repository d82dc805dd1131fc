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
from pipelines.sources.payloads import JOURNAL_NAME, MANIFEST_NAME, Manifest, PayloadStore, Snapshot
from pipelines.sources.recorded import land_recorded
from pipelines.sources.recording import Recording
from tests.sources.recordings import as_before_the_journal, write_recording

SNAPSHOT = Snapshot(
    source="huggingface_models",
    day=date(2026, 5, 1),
    scope="top-2",
    title="two models",
    fields=("id", "likes"),
)


def answer(body: str, *, url: str = "https://hub.test/api/models", next_url: str | None = None) -> Answer:
    return Answer(url, 200, gzip.compress(body.encode(), mtime=0), body.encode(), next_url)


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
    assert manifest.pages[0].file == "page-00001.jsonl.gz"


def test_after_each_page_the_journal_on_disk_knows_it_and_where_to_go_on(store: PayloadStore) -> None:
    manifest = store.manifest(SNAPSHOT)
    first, second = answer("[1]", next_url="https://hub.test/2"), answer("[2]", next_url="https://hub.test/3")
    store.add_page(manifest, first)
    assert store.manifest(SNAPSHOT).next_url == "https://hub.test/2"
    store.add_page(manifest, second)
    found = store.manifest(SNAPSHOT)
    assert found.next_url == "https://hub.test/3"
    assert not found.is_complete
    assert [page.file for page in found.pages] == ["page-00001.json.gz", "page-00002.json.gz"]
    assert [page.bytes for page in found.pages] == [3, 3]
    assert [page.sha256 for page in found.pages] == [
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


def test_the_checksum_of_plain_pages_is_that_of_their_bodies(store: PayloadStore) -> None:
    """As it always was: what was landed earlier is not loaded again."""
    manifest = two_pages(store)
    named = "".join(page.sha256 for page in manifest.pages)
    assert manifest.sha256 == hashlib.sha256(named.encode()).hexdigest()


def test_another_status_or_subject_is_another_content(store: PayloadStore) -> None:
    checksums = set()
    for scope, status, subject in (
        ("a", 200, ""),
        ("b", 404, ""),
        ("c", 451, ""),
        ("d", 404, "org/one"),
        ("e", 404, "org/two"),
        ("f", 200, "org/one"),
    ):
        manifest = store.manifest(replace(SNAPSHOT, scope=scope))
        store.add_page(manifest, replace(answer("{}"), status=status), subject=subject)
        store.complete(manifest)
        (found,) = (m for m in store.manifests(SNAPSHOT.source) if m.snapshot.scope == scope)
        assert found.sha256 == manifest.sha256
        assert len(store.manifest(manifest.snapshot).pages) == 1
        checksums.add(manifest.sha256)
    assert len(checksums) == 6


@pytest.mark.parametrize("records", [1, None])
def test_a_checksum_of_bodies_alone_as_it_was_saved_earlier_stays_good(
    records: int | None, store: PayloadStore
) -> None:
    manifest = store.resume(SNAPSHOT)
    store.add_page(manifest, replace(answer("{}"), status=404), subject="org/gone", records=1)
    store.complete(manifest)
    earlier = hashlib.sha256(manifest.pages[0].sha256.encode()).hexdigest()
    assert earlier != manifest.sha256
    rewritten(store, sha256=earlier, records=records)
    found = store.manifest(SNAPSHOT)
    assert found.sha256 == earlier
    assert [page.status for page in found.pages] == [404]
    assert found.sha256 == earlier


@pytest.mark.parametrize(
    "name",
    [
        "../top-3/page-00001.json.gz",
        "/etc/page-00001.json",
        "page-00001",
        "page-0001.json.gz",
        "page-00001.json.gz.tmp",
        "page-00001.json.gz\n",
        "page-٠٠٠٠١.json",
        "page-00001.7z",
        "manifest.json",
        "",
        7,
        None,
    ],
)
def test_a_page_that_names_any_other_file_is_refused(name: object, store: PayloadStore) -> None:
    landed(store)
    journal = store.folder(SNAPSHOT) / JOURNAL_NAME
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    journal.write_text("".join(json.dumps(line | {"file": name}) + "\n" for line in lines))
    with pytest.raises(PayloadError, match="cannot be read"):
        store.files(store.manifest(SNAPSHOT))


def test_a_manifest_from_before_the_journal_that_names_any_other_file_is_refused(store: PayloadStore) -> None:
    landed(store)
    as_before_the_journal(store, store.manifest(SNAPSHOT))
    path = store.folder(SNAPSHOT) / MANIFEST_NAME
    path.write_text(path.read_text().replace("page-00002", "../page-00002"))
    with pytest.raises(PayloadError, match="is no name of a page"):
        store.manifests(SNAPSHOT.source)


@pytest.mark.parametrize("changes", [{"status": "404"}, {"sha256": None}, {"records": [1]}, {"subject": 1}])
def test_a_page_of_another_form_is_refused(changes: dict[str, object], store: PayloadStore) -> None:
    landed(store)
    journal = store.folder(SNAPSHOT) / JOURNAL_NAME
    line = json.loads(journal.read_text().splitlines()[0])
    journal.write_text(json.dumps(line | changes) + "\n")
    with pytest.raises(PayloadError, match="cannot be read"):
        store.files(store.manifest(SNAPSHOT))


@pytest.mark.parametrize(
    "changes",
    [{"pages": "2"}, {"records": "many"}, {"is_complete": 1}, {"sha256": 1}, {"notes": [1]}, {"notes": "x"}],
)
def test_a_manifest_of_another_form_is_refused(changes: dict[str, object], store: PayloadStore) -> None:
    landed(store)
    rewritten(store, **changes)
    with pytest.raises(PayloadError, match="cannot be read"):
        store.manifests(SNAPSHOT.source)


def test_errors_tell_the_place_in_the_store_and_not_on_this_machine(store: PayloadStore) -> None:
    """They are published as what the last attempt at a source said."""
    place = "payloads/huggingface_models/2026-05-01/top-2"
    folder = store.folder(SNAPSHOT)
    told = []

    def note(path: Path, content: bytes) -> None:
        before = path.read_bytes()
        path.write_bytes(content)
        with pytest.raises(PayloadError) as caught:
            store.files(store.manifest(SNAPSHOT))
        told.append(str(caught.value))
        path.write_bytes(before)

    (first, second) = landed(store)
    note(first, b"other")
    note(folder / MANIFEST_NAME, b"{")
    note(folder / JOURNAL_NAME, b"{\n")
    note(folder / JOURNAL_NAME, b"")
    note(folder / MANIFEST_NAME, (folder / MANIFEST_NAME).read_bytes().replace(b'"top-2"', b'"top-3"'))
    second.unlink()
    with pytest.raises(PayloadError) as caught:
        store.files(store.manifest(SNAPSHOT))
    told.append(str(caught.value))
    assert [text.split(" ")[0] for text in told] == [
        f"{place}/page-00001.json.gz",
        f"{place}/manifest.json",
        f"{place}/pages.jsonl",
        f"{place}/manifest.json",
        f"{place}/manifest.json",
        f"{place}/page-00002.json.gz",
    ]
    assert not any(str(store.root) in text for text in told)


def test_thinning_removes_pages_and_keeps_what_is_said_of_them(store: PayloadStore) -> None:
    landed(store)
    manifest = store.manifest(SNAPSHOT)
    assert store.thin(manifest) == 2
    (found,) = store.manifests(SNAPSHOT.source)
    assert (found.is_thinned, found.sha256, found.page_count) == (True, manifest.sha256, 2)
    assert found.notes == ["2 pages removed to save room; the counters are kept"]
    assert len(found.pages) == 2
    assert sorted(path.name for path in store.folder(SNAPSHOT).iterdir()) == ["manifest.json", "pages.jsonl"]


def test_what_a_run_killed_while_thinning_left_is_removed_by_the_next(
    store: PayloadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed(store)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            store.thin(store.manifest(SNAPSHOT))
    (found,) = store.manifests(SNAPSHOT.source)
    assert found.is_thinned
    assert store.thin(found) == 2
    assert list(store.folder(SNAPSHOT).glob("page-*")) == []
    before = (store.folder(SNAPSHOT) / MANIFEST_NAME).read_bytes()
    assert store.thin(found) == 0
    assert (store.folder(SNAPSHOT) / MANIFEST_NAME).read_bytes() == before
    assert found.notes == ["2 pages removed to save room; the counters are kept"]


def two_pages(store: PayloadStore, **about: Any) -> Manifest:
    """Land two pages of a walk that goes on."""
    manifest = store.resume(SNAPSHOT)
    for body, to in (("[1]", "2"), ("[2]", "3")):
        store.add_page(manifest, answer(body, next_url=f"https://hub.test/{to}"), **about)
    return manifest


def rewritten(store: PayloadStore, **changes: object) -> None:
    """Change what manifest.json says."""
    path = store.folder(SNAPSHOT) / MANIFEST_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


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


def test_a_page_that_finds_no_room_is_not_there_and_can_be_landed_again(
    store: PayloadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = store.manifest(SNAPSHOT)
    store.add_page(manifest, answer("[1]"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="No space left"):
            store.add_page(manifest, answer("[2]"))
    found = store.resume(SNAPSHOT)
    assert [page.file for page in found.pages] == ["page-00001.json.gz"]
    store.add_page(found, answer("[2]"))
    assert len(store.files(store.manifest(SNAPSHOT))) == 2
    assert list(store.root.rglob("*.tmp")) == []


def test_a_page_that_the_journal_does_not_know_is_landed_again(store: PayloadStore) -> None:
    two_pages(store)
    journal = store.folder(SNAPSHOT) / JOURNAL_NAME
    journal.write_text(journal.read_text().splitlines(keepends=True)[0])
    again = store.resume(SNAPSHOT)
    assert again.next_url == "https://hub.test/2"
    store.add_page(again, answer("[22]"))
    assert list(store.bodies(again)) == [b"[1]", b"[22]"]


KILLED_WALK = """
import os, signal, sys
from pathlib import Path
from pipelines.sources.payloads import PayloadStore
from pipelines.sources.recorded import land_recorded
from pipelines.sources.recording import Recording

class Killed(PayloadStore):
    def add_page(self, manifest, answer, **about):
        super().add_page(manifest, answer, **about)
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


def test_the_manifest_says_all_that_the_warehouse_and_a_reader_need(store: PayloadStore) -> None:
    landed(store)
    row = json.loads((store.folder(SNAPSHOT) / MANIFEST_NAME).read_text())
    assert row["snapshot"]["title"] == "two models"
    assert row["sha256"] == store.manifest(SNAPSHOT).sha256
    assert row["is_complete"] is True
    assert row["pages"] == 2
    assert row["notes"] == []
    journal = (store.folder(SNAPSHOT) / JOURNAL_NAME).read_text().splitlines()
    assert [json.loads(line)["file"] for line in journal] == ["page-00001.json.gz", "page-00002.json.gz"]


@pytest.mark.parametrize("cut", [1, 10, 40])
@pytest.mark.parametrize(
    "kept",
    [0, 1],
)
def test_a_journal_torn_in_the_middle_of_a_line_goes_on_behind_the_last_whole_one(
    kept: int, cut: int, store: PayloadStore
) -> None:
    two_pages(store)
    journal = store.folder(SNAPSHOT) / JOURNAL_NAME
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(lines[:kept]) + lines[kept][:-cut])
    again = store.resume(SNAPSHOT)
    assert [page.file for page in again.pages] == ["page-00001.json.gz"][:kept]
    store.add_page(again, answer("[22]"))
    store.complete(again)
    assert list(store.bodies(store.manifest(SNAPSHOT))) == [b"[1]", b"[22]"][1 - kept :]


def test_a_journal_torn_in_the_middle_of_a_letter_goes_on_too(store: PayloadStore) -> None:
    two_pages(store, subject="a/🦕")
    journal = store.folder(SNAPSHOT) / JOURNAL_NAME
    whole = journal.read_bytes()
    journal.write_bytes(whole[: whole.rindex("🦕".encode()) + 2])
    assert [page.subject for page in store.resume(SNAPSHOT).pages] == ["a/🦕"]


def test_a_journal_with_zeros_at_its_end_goes_on_too(store: PayloadStore) -> None:
    two_pages(store)
    with (store.folder(SNAPSHOT) / JOURNAL_NAME).open("ab") as journal:
        journal.write(bytes(512))
    assert len(store.resume(SNAPSHOT).pages) == 2


@pytest.mark.parametrize("content", [b"", b"\0\0\0", None])
@pytest.mark.parametrize("bad", [0, 1])
def test_after_a_power_cut_a_walk_goes_on_from_the_first_page_that_is_not_whole(
    bad: int, content: bytes | None, store: PayloadStore
) -> None:
    manifest = two_pages(store)
    path = store.folder(SNAPSHOT) / manifest.pages[bad].file
    path.unlink() if content is None else path.write_bytes(content)
    again = store.resume(SNAPSHOT)
    assert again.next_url == [None, "https://hub.test/2"][bad]
    assert len(again.pages) == bad
    store.add_page(again, answer("[22]"))
    store.complete(again)
    assert list(store.bodies(store.manifest(SNAPSHOT))) == [*[b"[1]"][:bad], b"[22]"]


def test_what_is_complete_lies_on_the_disk_before_it_is_called_so(
    store: PayloadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = store.resume(replace(SNAPSHOT, is_live=True))
    store.add_page(manifest, answer("[1]"))
    done: list[str] = []
    monkeypatch.setattr("os.sync", lambda: done.append("all"))
    monkeypatch.setattr("os.fsync", lambda _: done.append("manifest"))
    store.complete(manifest)
    assert done == ["all", "manifest"]


def test_a_complete_snapshot_whose_journal_was_changed_is_refused(store: PayloadStore) -> None:
    landed(store)
    journal = store.folder(SNAPSHOT) / JOURNAL_NAME
    journal.write_text(journal.read_text().splitlines(keepends=True)[0])
    (found,) = store.manifests(SNAPSHOT.source)
    with pytest.raises(PayloadError, match=r"pages\.jsonl disagree; remove its folder and run again"):
        store.files(found)


@pytest.mark.parametrize(("about", "wrong"), [("pages", 3), ("records", 7), ("sha256", "0" * 64)])
def test_a_manifest_that_tells_other_sums_than_its_journal_is_refused(
    about: str, wrong: object, store: PayloadStore
) -> None:
    landed(store)
    rewritten(store, **{about: wrong})
    with pytest.raises(PayloadError, match="disagree"):
        assert store.manifest(SNAPSHOT).pages


def test_what_the_manifest_says_is_told_without_the_journal(store: PayloadStore) -> None:
    manifest = store.resume(SNAPSHOT)
    for number in (1, 2):
        store.add_page(manifest, answer("[1, 2]"), records=number)
    manifest.notes.append("slow")
    store.complete(manifest)
    (store.folder(SNAPSHOT) / JOURNAL_NAME).write_text("junk\n")
    (found,) = store.manifests(SNAPSHOT.source)
    assert (found.page_count, found.records, found.sha256) == (2, 3, manifest.sha256)
    assert (found.is_complete, found.notes, found.next_url, found.snapshot) == (
        True,
        ["slow"],
        None,
        SNAPSHOT,
    )
    assert repr(found) == "<Manifest huggingface_models/2026-05-01/top-2, 2 pages>"
    with pytest.raises(PayloadError, match="cannot be read"):
        assert found.pages


def test_a_manifest_from_before_records_stood_in_it_counts_them_in_the_journal(store: PayloadStore) -> None:
    manifest = store.resume(SNAPSHOT)
    store.add_page(manifest, answer("[1, 2]"), records=2)
    store.complete(manifest)
    rewritten(store, records=None)
    (found,) = store.manifests(SNAPSHOT.source)
    assert (found.page_count, found.records, found.sha256) == (1, 2, manifest.sha256)
    assert found == manifest


def test_pages_can_be_set_and_more_can_be_added_than_were_saved(store: PayloadStore) -> None:
    landed(store)
    manifest = store.manifest(SNAPSHOT)
    store.add_page(manifest, answer("[3]"), records=4)
    assert (manifest.page_count, manifest.records, len(manifest.pages)) == (3, 4, 3)
    manifest.pages = manifest.pages[:1]
    assert manifest.page_count == 1


@pytest.mark.parametrize("line", ["{}", "[]", '{"file": 1, "surprise": 2}', "junk"])
def test_a_journal_that_cannot_be_read_is_refused(line: str, store: PayloadStore) -> None:
    two_pages(store)
    with (store.folder(SNAPSHOT) / JOURNAL_NAME).open("a") as journal:
        journal.write(line + "\n")
    with pytest.raises(PayloadError, match=r"cannot be read .* remove its folder"):
        store.resume(SNAPSHOT)


@pytest.mark.parametrize(("origin", "is_live"), [("Hugging Face Hub API", True), ("someone/else", False)])
def test_a_manifest_from_before_the_journal_is_read(
    origin: str, *, is_live: bool, store: PayloadStore
) -> None:
    snapshot = replace(SNAPSHOT, origin=origin)
    manifest = store.manifest(snapshot)
    for body in ("[1]", "[2]"):
        store.add_page(manifest, answer(body))
    store.complete(manifest)
    as_before_the_journal(store, manifest)
    (found,) = store.manifests(SNAPSHOT.source)
    assert found.snapshot == replace(snapshot, is_live=is_live)
    assert (found.sha256, found.is_complete) == (manifest.sha256, True)
    assert list(store.bodies(found)) == [b"[1]", b"[2]"]


def test_a_manifest_from_before_the_journal_that_is_not_complete_goes_on(store: PayloadStore) -> None:
    as_before_the_journal(store, two_pages(store))
    found = store.resume(SNAPSHOT)
    assert found.next_url == "https://hub.test/3"
    store.add_page(found, answer("[3]"))
    assert len(store.resume(SNAPSHOT).pages) == 3


def test_a_complete_manifest_from_before_the_journal_that_was_changed_is_refused(store: PayloadStore) -> None:
    landed(store)
    as_before_the_journal(store, store.manifest(SNAPSHOT))
    path = store.folder(SNAPSHOT) / MANIFEST_NAME
    path.write_text(
        path.read_text().replace("page-00002", "page-00001").replace('"sha256": "', '"sha256": "0', 1)
    )
    with pytest.raises(PayloadError, match="remove its folder"):
        store.manifests(SNAPSHOT.source)


def test_a_page_that_says_no_is_kept_and_is_no_data(store: PayloadStore) -> None:
    manifest = store.resume(SNAPSHOT)
    gone = replace(answer('{"error": "gone"}'), status=404, headers={"etag": '"7"'})
    store.add_page(manifest, gone, subject="a/b", asked_as="anonymous")
    store.add_page(manifest, answer("[2]"), subject="c/d", records=1)
    store.complete(manifest)
    found = store.manifest(SNAPSHOT)
    assert list(store.bodies(found)) == [b"[2]"]
    assert [(page.subject, page.status, page.records) for page in found.pages] == [
        ("a/b", 404, None),
        ("c/d", 200, 1),
    ]
    assert (found.pages[0].etag, found.pages[0].asked_as, found.records) == ('"7"', "anonymous", 1)


def test_a_downloaded_file_is_moved_in_as_a_page(store: PayloadStore, tmp_path: Path) -> None:
    (tmp_path / "models.parquet").write_bytes(b"PAR1")
    manifest = store.resume(SNAPSHOT)
    store.add_file(manifest, tmp_path / "models.parquet", "https://hub.test/f", etag='"9"', records=5)
    store.complete(manifest)
    (path,) = store.files(store.manifest(SNAPSHOT))
    assert (path.name, path.read_bytes()) == ("page-00001.parquet", b"PAR1")
    assert (manifest.pages[0].bytes, manifest.records) == (4, 5)
    assert not (tmp_path / "models.parquet").exists()


def test_the_last_page_can_be_dropped_and_landed_anew(store: PayloadStore) -> None:
    manifest = two_pages(store)
    store.drop_last_page(manifest)
    assert store.resume(SNAPSHOT).next_url == "https://hub.test/2"
    assert not (store.folder(SNAPSHOT) / "page-00002.json.gz").exists()
    store.drop_last_page(manifest)
    assert store.resume(SNAPSHOT).pages == []


def test_a_restart_forgets_everything(store: PayloadStore) -> None:
    manifest = two_pages(store)
    store.restart(manifest)
    assert (manifest.pages, manifest.notes) == ([], [])
    assert store.resume(SNAPSHOT) == Manifest(SNAPSHOT)
    assert not store.folder(SNAPSHOT).exists()


def test_incomplete_snapshots_are_given_only_on_demand(store: PayloadStore) -> None:
    two_pages(store)
    assert store.manifests(SNAPSHOT.source) == []
    (found,) = store.manifests(SNAPSHOT.source, incomplete=True)
    assert (len(found.pages), found.is_complete) == (2, False)


def test_notes_for_readers_stay_with_the_snapshot(store: PayloadStore) -> None:
    manifest = two_pages(store)
    manifest.notes.append("page 2 added no new model")
    store.complete(manifest)
    assert store.manifest(SNAPSHOT).notes == ["page 2 added no new model"]
