"""A day's payloads in one file: packed to the byte, replayed elsewhere, and refused when it is not sound."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.sources import packing
from pipelines.sources.errors import PayloadError
from pipelines.sources.http import Answer
from pipelines.sources.packing import look_into, newest_day, pack, unpack
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)
URL = "https://huggingface.co/api/models?sort=downloads"


def snapshot(day: date = TUESDAY, **about: Any) -> Snapshot:
    told = {"source": "huggingface_models", "scope": "top-2-by-downloads", "is_live": True}
    return Snapshot(day=day, title="two models", **told | about)


def answer(body: bytes, status: int = 200) -> Answer:
    return Answer(URL, status, gzip.compress(body, mtime=0), body, final_url=URL.partition("?")[0])


def land(store: PayloadStore, about: Snapshot, *bodies: bytes, is_complete: bool = True) -> Manifest:
    manifest = store.resume(about)
    for body in bodies:
        store.add_page(manifest, answer(body), records=1)
    if is_complete:
        store.complete(manifest)
    else:
        store.save(manifest)
    return manifest


def content(store: PayloadStore) -> dict[str, bytes]:
    """Everything in a store by its place."""
    files = (path for path in store.root.rglob("*") if path.is_file())
    return {path.relative_to(store.root).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def elsewhere(tmp_path: Path) -> PayloadStore:
    """The payload store of another home."""
    return PayloadStore(tmp_path / "elsewhere" / "payloads")


@pytest.fixture
def file(store: PayloadStore, tmp_path: Path) -> Path:
    """A recording of one list of two pages."""
    land(store, snapshot(), b'[{"id": "a/one"}]', b'[{"id": "b/two"}]')
    path = tmp_path / "day.tar"
    pack(store, path, TUESDAY, TUESDAY)
    return path


def repacked(file: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Path:
    """The same recording with other members."""
    with tarfile.open(file) as archive:
        members = {m.name: archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]
    target = file.with_name("changed.tar")
    with tarfile.open(target, "w") as archive:
        for name, body in change(members).items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return target


def index(**changes: Any) -> bytes:
    return json.dumps({"format": 1, "days": ["2026-11-17"], "snapshots": 1, "pages": 2} | changes).encode()


def test_a_replay_lands_what_was_landed_to_the_byte(
    file: Path, store: PayloadStore, elsewhere: PayloadStore
) -> None:
    (landed,) = unpack(file, elsewhere)
    assert content(elsewhere) == content(store)
    assert (landed.is_complete, len(landed.pages), landed.records) == (True, 2, 2)


def test_the_same_payloads_make_the_same_file(
    file: Path, store: PayloadStore, elsewhere: PayloadStore
) -> None:
    unpack(file, elsewhere)
    again = file.with_name("again.tar")
    pack(elsewhere, again, TUESDAY, TUESDAY)
    assert again.read_bytes() == file.read_bytes()


def test_a_recording_says_what_it_holds(file: Path) -> None:
    packed = look_into(file)
    assert (packed.days, packed.snapshots, packed.pages, packed.as_of) == ((TUESDAY,), 1, 2, TUESDAY)


def test_nobody_and_no_moment_of_packing_stands_in_the_file(file: Path) -> None:
    with tarfile.open(file) as archive:
        told = {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in archive}
    assert told == {(0, 0, 0, "", "", 0o644)}


def test_only_the_days_that_were_asked_for_are_packed(store: PayloadStore, tmp_path: Path) -> None:
    for day in (MONDAY, TUESDAY):
        land(store, snapshot(day), b"[]")
    one, both = tmp_path / "one.tar", tmp_path / "both.tar"
    assert newest_day(store) == TUESDAY
    assert pack(store, one, TUESDAY, TUESDAY).days == (TUESDAY,)
    assert pack(store, both, MONDAY, TUESDAY).days == (MONDAY, TUESDAY)
    assert pack(store, one, MONDAY, MONDAY).days == (MONDAY,)
    assert look_into(one).days == (MONDAY,)


def test_refusals_are_packed_and_half_a_snapshot_as_well(
    store: PayloadStore, elsewhere: PayloadStore, tmp_path: Path
) -> None:
    """Where each row stands for itself, what is there counts before all is there."""
    manifest = store.resume(snapshot(source="github_repositories", scope="registered-repositories"))
    store.add_page(manifest, answer(b'{"message": "gone"}', 404), subject="org/gone")
    pack(store, tmp_path / "day.tar", TUESDAY, TUESDAY)
    (landed,) = unpack(tmp_path / "day.tar", elsewhere)
    assert (landed.is_complete, [page.status for page in landed.pages]) == (False, [404])
    assert content(elsewhere) == content(store)


def test_what_others_recorded_is_not_packed(store: PayloadStore, tmp_path: Path) -> None:
    land(store, snapshot(MONDAY, is_live=False), b"[]")
    with pytest.raises(PayloadError, match="Nothing was landed live yet"):
        newest_day(store)
    with pytest.raises(PayloadError, match="Nothing was landed live from 2026-11-16 to 2026-11-16"):
        pack(store, tmp_path / "day.tar", MONDAY, MONDAY)
    assert not list(tmp_path.glob("day.tar*"))


def test_what_is_under_way_is_not_packed(store: PayloadStore, file: Path) -> None:
    folder = store.folder(snapshot())
    for name in ("arriving-1.parquet.part", "arriving-1.parquet.part.etag", "pages.jsonl.tmp"):
        (folder / name).write_bytes(b"half")
    before = file.read_bytes()
    pack(store, file, TUESDAY, TUESDAY)
    assert file.read_bytes() == before


def test_a_damaged_page_is_not_packed_and_the_older_file_stays(store: PayloadStore, file: Path) -> None:
    before = file.read_bytes()
    (store.folder(snapshot()) / "page-00001.json.gz").write_bytes(b"other")
    with pytest.raises(PayloadError, match="checksum differs"):
        pack(store, file, TUESDAY, TUESDAY)
    assert file.read_bytes() == before
    assert not file.with_name("day.tar.tmp").exists()


def test_a_list_whose_pages_were_removed_is_not_packed(store: PayloadStore, tmp_path: Path) -> None:
    store.thin(land(store, snapshot(), b"[]"))
    with pytest.raises(PayloadError, match="were removed to save room; record younger days"):
        pack(store, tmp_path / "day.tar", TUESDAY, TUESDAY)


def test_replaying_twice_changes_nothing(file: Path, elsewhere: PayloadStore) -> None:
    unpack(file, elsewhere)
    before = content(elsewhere)
    unpack(file, elsewhere)
    assert content(elsewhere) == before
    assert not list(elsewhere.root.glob(".unpacking-*"))


def test_other_days_of_the_home_stay(file: Path, elsewhere: PayloadStore) -> None:
    land(elsewhere, snapshot(MONDAY), b"[]")
    before = content(elsewhere)
    unpack(file, elsewhere)
    assert content(elsewhere).items() >= before.items()
    assert len(elsewhere.manifests("huggingface_models")) == 2


def test_a_home_that_landed_something_else_refuses_and_lands_nothing(
    file: Path, elsewhere: PayloadStore, store: PayloadStore
) -> None:
    land(store, snapshot(source="github_releases", scope="a-first-one"), b"[]")
    pack(store, file, TUESDAY, TUESDAY)
    land(elsewhere, snapshot(), b'[{"id": "c/three"}]')
    before = content(elsewhere)
    with pytest.raises(PayloadError, match="has landed another huggingface_models/2026-11-17/top-2"):
        unpack(file, elsewhere)
    assert content(elsewhere) == before


def test_a_snapshot_that_was_only_begun_here_takes_the_recorded_one(
    file: Path, elsewhere: PayloadStore
) -> None:
    elsewhere.save(Manifest(snapshot()))
    unpack(file, elsewhere)
    assert [m.records for m in elsewhere.manifests("huggingface_models")] == [2]


def truncated(file: Path) -> Path:
    file.write_bytes(file.read_bytes()[:3000])
    return file


def not_a_tar(file: Path) -> Path:
    file.write_bytes(b"PK\x03\x04 a zip, perhaps")
    return file


def empty(file: Path) -> Path:
    file.write_bytes(b"")
    return file


def changed(name: str, body: bytes) -> Callable[[Path], Path]:
    return lambda file: repacked(file, lambda members: {**members, name: body})


def without(name: str) -> Callable[[Path], Path]:
    return lambda file: repacked(
        file, lambda members: {key: body for key, body in members.items() if key != name}
    )


WRONG_INDEX = {
    "no day": index(days=[]),
    "a list": b"[]",
    "a number for days": index(days=7),
}
PLACE = "payloads/huggingface_models/2026-11-17/top-2-by-downloads"
DAMAGED = {
    "cut short": truncated,
    "no tar": not_a_tar,
    "empty": empty,
    "without an index": without("recording.json"),
    "index no JSON": changed("recording.json", b"{"),
    "another format": changed("recording.json", index(format=2)),
    "index without days": changed("recording.json", b'{"format": 1}'),
    "index with other days": changed("recording.json", index(days=["soon"])),
    "a page is missing": without(f"{PLACE}/page-00002.json.gz"),
    "a page is another": changed(f"{PLACE}/page-00002.json.gz", b"other"),
    "a manifest no JSON": changed(f"{PLACE}/manifest.json", b"{"),
    "no journal": without(f"{PLACE}/pages.jsonl"),
    "a member above the folder": changed("../../evil.txt", b"evil"),
    "a member far above the folder": changed("payloads/../../../evil.txt", b"evil"),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_file_that_is_not_sound_is_refused_and_lands_nothing(
    damage: Callable[[Path], Path], file: Path, elsewhere: PayloadStore, tmp_path: Path
) -> None:
    broken = damage(file)
    with pytest.raises(
        PayloadError, match=r"is no recording|is damaged|cannot be read|missing|checksum|journal"
    ):
        unpack(broken, elsewhere)
    assert content(elsewhere) == {}
    assert not list(tmp_path.rglob("evil*"))


def test_a_file_that_has_lost_its_end_unnoticed_by_tar_is_refused(
    store: PayloadStore, elsewhere: PayloadStore, tmp_path: Path
) -> None:
    for scope in ("a-first-one", "the-second"):
        land(store, snapshot(scope=scope), b"[]", b"[]")
    file = tmp_path / "day.tar"
    pack(store, file, TUESDAY, TUESDAY)
    whole = file.read_bytes()
    broken = whole.replace(b"the-second/manifest", b"the-secund/manifest", 1)  # the header's sum is wrong now
    assert broken != whole
    file.write_bytes(broken)
    with pytest.raises(PayloadError, match="is damaged"):
        unpack(file, elsewhere)
    assert content(elsewhere) == {}


@pytest.mark.parametrize("body", WRONG_INDEX.values(), ids=WRONG_INDEX)
def test_an_index_of_another_form_is_refused(body: bytes, file: Path, elsewhere: PayloadStore) -> None:
    with pytest.raises(PayloadError, match="is no recording"):
        unpack(changed("recording.json", body)(file), elsewhere)
    assert content(elsewhere) == {}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_out_of_the_folder_and_devices_are_refused(
    kind: bytes, file: Path, elsewhere: PayloadStore
) -> None:
    with tarfile.open(file, "a") as archive:
        member = tarfile.TarInfo("payloads/link")
        member.type, member.linkname = kind, "../../../../../../etc/hostname"
        archive.addfile(member)
    with pytest.raises(PayloadError, match="is damaged"):
        unpack(file, elsewhere)
    assert content(elsewhere) == {}


def moved(member: str, **about: Any) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """The manifest names another place than it lies at; its pages lie at `member`, so that they are found."""

    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        row = json.loads(members[f"{PLACE}/manifest.json"])
        row["snapshot"] |= about
        pages = {name: body for name, body in members.items() if "page-" in name}
        there = {f"{member}/{Path(name).name}": body for name, body in pages.items()}
        return members | {f"{PLACE}/manifest.json": json.dumps(row).encode()} | there

    return change


def test_a_manifest_that_names_another_place_is_refused_and_nothing_there_is_touched(
    file: Path, elsewhere: PayloadStore
) -> None:
    """Else a file from a stranger could remove a folder of the home, or put another in its place."""
    kept = elsewhere.root.parent / "vintages" / "headlines.jsonl"
    kept.parent.mkdir(parents=True)
    kept.write_text("never to be lost")
    hostile = repacked(file, moved("vintages", scope="../../../vintages"))
    with pytest.raises(PayloadError):
        unpack(hostile, elsewhere)
    assert kept.read_text() == "never to be lost"
    assert [path.name for path in kept.parent.iterdir()] == ["headlines.jsonl"]


def test_a_manifest_of_an_unknown_key_is_refused(file: Path, elsewhere: PayloadStore) -> None:
    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        row = json.loads(members[f"{PLACE}/manifest.json"])
        row["snapshot"]["owner"] = "somebody"
        return members | {f"{PLACE}/manifest.json": json.dumps(row).encode()}

    with pytest.raises(PayloadError, match="cannot be read"):
        unpack(repacked(file, change), elsewhere)
    assert content(elsewhere) == {}


def test_a_compressed_copy_of_a_recording_is_a_recording_or_refused(
    file: Path, elsewhere: PayloadStore, store: PayloadStore
) -> None:
    """People zip what they mail; half of it must not be landed."""
    packed = file.with_name("day.tar.gz")
    packed.write_bytes(gzip.compress(file.read_bytes()))
    try:
        unpack(packed, elsewhere)
    except PayloadError:
        assert content(elsewhere) == {}
    else:
        assert content(elsewhere) == content(store)


def test_every_field_of_a_snapshot_survives(
    store: PayloadStore, elsewhere: PayloadStore, tmp_path: Path
) -> None:
    about = snapshot(
        is_whole_population=True,
        selection="bases",
        subjects=7,
        date_uncertainty_days=1,
        fields=("author", "tags"),
        origin="an API",
        licence="CC BY 4.0",
        attribution='by <somebody> & "others" 🦕',
    )
    manifest = land(store, about, b"[]", is_complete=False)
    manifest.notes.append("a note")
    store.complete(manifest)
    pack(store, tmp_path / "day.tar", TUESDAY, TUESDAY)
    (landed,) = unpack(tmp_path / "day.tar", elsewhere)
    assert landed == manifest


@pytest.mark.parametrize("limit", ["MAX_BYTES", "MAX_MEMBER_BYTES", "MAX_MEMBERS"])
def test_a_file_larger_than_any_recording_is_refused(
    limit: str, file: Path, elsewhere: PayloadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(file) as archive:
        sizes = [member.size for member in archive]
    measured = {"MAX_BYTES": sum(sizes), "MAX_MEMBER_BYTES": max(sizes), "MAX_MEMBERS": len(sizes)}[limit]
    monkeypatch.setattr(packing, limit, measured - 1)
    with pytest.raises(PayloadError, match=r"larger than any recording|no plain file of at most"):
        unpack(file, elsewhere)
    assert content(elsewhere) == {}
    monkeypatch.setattr(packing, limit, measured)
    assert len(unpack(file, elsewhere)) == 1


def test_a_file_that_would_grow_when_unpacked_is_refused(file: Path, elsewhere: PayloadStore) -> None:
    """A sparse member: a terabyte of nothing in a few bytes."""
    with tarfile.open(file, "a", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("payloads/holes")
        body = b"1\n0\n1\n".ljust(512, b"\0") + b"x"
        member.size = len(body)
        member.pax_headers = {
            "GNU.sparse.major": "1",
            "GNU.sparse.minor": "0",
            "GNU.sparse.name": "payloads/holes",
            "GNU.sparse.realsize": str(10**12),
        }
        archive.addfile(member, io.BytesIO(body))
    with pytest.raises(PayloadError, match="'payloads/holes' is no plain file"):
        unpack(file, elsewhere)
    assert content(elsewhere) == {}


def test_an_index_that_is_no_index_by_its_size_is_not_read(file: Path, elsewhere: PayloadStore) -> None:
    huge = changed("recording.json", index(note="x" * 10_000_000))(file)
    with pytest.raises(PayloadError, match="is no recording"):
        unpack(huge, elsewhere)


def test_a_folder_among_the_members_is_refused(file: Path, elsewhere: PayloadStore) -> None:
    with tarfile.open(file, "a") as archive:
        member = tarfile.TarInfo("payloads/empty")
        member.type = tarfile.DIRTYPE
        archive.addfile(member)
    with pytest.raises(PayloadError, match="'payloads/empty' is no plain file"):
        unpack(file, elsewhere)


def test_a_home_that_saved_the_same_under_an_earlier_checksum_takes_the_file(
    store: PayloadStore, elsewhere: PayloadStore, tmp_path: Path
) -> None:
    for place in (store, elsewhere):
        manifest = place.resume(snapshot())
        place.add_page(manifest, answer(b"{}", 404), subject="org/gone")
        place.complete(manifest)
    path = elsewhere.folder(snapshot()) / "manifest.json"
    earlier = hashlib.sha256(manifest.pages[0].sha256.encode()).hexdigest()
    path.write_text(path.read_text().replace(manifest.sha256, earlier))
    pack(store, tmp_path / "day.tar", TUESDAY, TUESDAY)
    unpack(tmp_path / "day.tar", elsewhere)
    assert elsewhere.manifest(snapshot()).sha256 == earlier


def test_another_status_of_the_same_body_is_something_else(
    store: PayloadStore, elsewhere: PayloadStore, tmp_path: Path
) -> None:
    for place, status in ((store, 404), (elsewhere, 451)):
        manifest = place.resume(snapshot())
        place.add_page(manifest, answer(b"{}", status), subject="org/gone")
        place.complete(manifest)
    pack(store, tmp_path / "day.tar", TUESDAY, TUESDAY)
    with pytest.raises(PayloadError, match="has landed another"):
        unpack(tmp_path / "day.tar", elsewhere)
