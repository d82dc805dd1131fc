"""A day's payloads in one file, to be replayed elsewhere: what was landed, to the byte, and nothing else.

A tar of the snapshots' folders with a first member `recording.json`. The bodies are compressed already. A
replay lands what the file holds and goes on as if it had been asked: from the payload store upwards nothing
knows the difference. (The shipped recording replays through a transport adapter instead, because its bodies
were composed and not received.)
"""

import io
import json
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.sources.errors import PayloadError
from pipelines.sources.payloads import ATTEMPT_NAME, Manifest, PayloadStore

_INDEX = "recording.json"
_FORMAT = 1
#: More than a year of daily lists; a file from a stranger must not fill the disk.
MAX_BYTES = 20_000_000_000
MAX_MEMBER_BYTES = 8_000_000_000
MAX_MEMBERS = 200_000
_MAX_INDEX_BYTES = 10_000_000


@dataclass(frozen=True)
class Packed:
    """What a recording holds: its days, how many snapshots and pages."""

    days: tuple[date, ...]
    snapshots: int
    pages: int

    @property
    def as_of(self) -> date:
        """The day of which it is a picture."""
        return self.days[-1]


def pack(store: PayloadStore, file: Path, since: date, until: date) -> Packed:
    """Write the live snapshots of the days from `since` to `until` into `file`, the same bytes each time.

    Raises PayloadError when there is none, or one of them is damaged or was thinned out.
    """
    chosen = [manifest for manifest in _live(store) if since <= manifest.snapshot.day <= until]
    if not chosen:
        raise PayloadError(
            f"Nothing was landed live from {since} to {until}. `cambrian run --source live` lands a day."
        )
    thinned = [manifest.snapshot.key for manifest in chosen if manifest.is_thinned]
    if thinned:
        raise PayloadError(f"The pages of {thinned[0]} were removed to save room; record younger days.")
    days = tuple(sorted({manifest.snapshot.day for manifest in chosen}))
    packed = Packed(days, len(chosen), sum(manifest.page_count for manifest in chosen))
    index = {"format": _FORMAT, "days": [day.isoformat() for day in days]}
    index |= {"snapshots": packed.snapshots, "pages": packed.pages}
    aside = file.with_name(file.name + ".tmp")
    try:
        with tarfile.open(aside, "w") as archive:
            _add(archive, _INDEX, json.dumps(index, indent=1).encode())
            for manifest in chosen:
                store.files(manifest)  # verifies
                folder = store.folder(manifest.snapshot)
                for path in sorted(folder.iterdir()):
                    if path.suffix not in (".tmp", ".part", ".etag"):
                        name = f"payloads/{path.relative_to(store.root).as_posix()}"
                        _add(archive, name, path.read_bytes())
            for path in _attempts(store, since, until):
                _add(archive, f"payloads/{path.relative_to(store.root).as_posix()}", path.read_bytes())
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
    return packed


def newest_day(store: PayloadStore) -> date:
    """Give the newest day that was landed live. Raises PayloadError when there is none."""
    days = [manifest.snapshot.day for manifest in _live(store)]
    if not days:
        raise PayloadError("Nothing was landed live yet. `cambrian run --source live` lands a day.")
    return max(days)


def look_into(file: Path) -> Packed:
    """Say what a recording holds. Raises PayloadError when `file` is none."""
    try:
        with tarfile.open(file, "r:") as archive:
            return _index(archive)
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise PayloadError(f"{file} is no recording of `cambrian record` ({error}).") from error


def unpack(file: Path, store: PayloadStore) -> list[Manifest]:
    """Land all that a recording holds; what is landed already stays.

    Raises PayloadError when the file is damaged or larger than any recording, or when this home has landed
    something else for the same day and scope; nothing of the file is landed then.
    """
    packed = look_into(file)
    store.root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store.root, prefix=".unpacking-") as folder:
        try:
            with tarfile.open(file, "r:") as archive:
                archive.extractall(folder, _members(archive), filter="data")
        except (OSError, ValueError, tarfile.TarError) as error:
            raise PayloadError(f"{file} is damaged ({error}).") from error
        incoming = PayloadStore(Path(folder) / "payloads")
        found = _live(incoming)
        pages = sum(manifest.page_count for manifest in found)
        if (len(found), pages) != (packed.snapshots, packed.pages):  # tar takes a broken header for the end
            raise PayloadError(f"{file} is damaged ({pages} of {packed.pages} pages are left).")
        for manifest in found:
            incoming.files(manifest)
            landed = store.manifest(manifest.snapshot)
            if landed.page_count and _answers(landed) != _answers(manifest):
                raise PayloadError(
                    f"This home has landed another {manifest.snapshot.key} than {file} holds. Replay it in a "
                    "home of its own (CAMBRIAN_HOME)."
                )
        for manifest in found:
            target = store.folder(manifest.snapshot)
            if not store.manifest(manifest.snapshot).is_complete:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.rmtree(target, ignore_errors=True)
                incoming.folder(manifest.snapshot).rename(target)
        for path in sorted(incoming.root.glob(f"*/{ATTEMPT_NAME}")):
            told = store.root / path.relative_to(incoming.root)
            if not told.exists():
                told.parent.mkdir(parents=True, exist_ok=True)
                path.rename(told)
    return found


def _live(store: PayloadStore) -> list[Manifest]:
    sources = sorted(path.name for path in store.root.glob("*") if path.is_dir())
    manifests = [m for source in sources for m in store.manifests(source, incomplete=True)]
    return [manifest for manifest in manifests if manifest.snapshot.is_live and manifest.page_count]


def _answers(manifest: Manifest) -> list[tuple[str, int, str]]:
    """Tell what a snapshot holds. (Its checksum would differ from one of an earlier version.)"""
    return [(page.sha256, page.status, page.subject) for page in manifest.pages]


def _members(archive: tarfile.TarFile) -> list[tarfile.TarInfo]:
    """Give the members. Raises ValueError when one is no plain file, or all are more than a recording has."""
    members: list[tarfile.TarInfo] = []
    total = 0
    for member in archive:
        members.append(member)
        total += member.size
        if not _is_plain(member, MAX_MEMBER_BYTES):
            raise ValueError(f"{member.name!r} is no plain file of at most {MAX_MEMBER_BYTES} bytes")
        if total > MAX_BYTES or len(members) > MAX_MEMBERS:
            raise ValueError(f"with {member.name!r} it is larger than any recording")
    return members


def _is_plain(member: tarfile.TarInfo, most: int) -> bool:
    """Tell whether it is a file of at most `most` bytes, all of which are in the archive."""
    return member.isreg() and not member.issparse() and member.size <= most


def _attempts(store: PayloadStore, since: date, until: date) -> list[Path]:
    """Give the files that tell how the last attempt at each source went, as far as it was in these days."""
    paths = sorted(store.root.glob(f"*/{ATTEMPT_NAME}"))
    attempts = {path: store.last_attempt(path.parent.name) for path in paths}
    return [path for path, told in attempts.items() if told and since <= told[0] <= until]


def _index(archive: tarfile.TarFile) -> Packed:
    member = archive.next()
    is_index = member is not None and member.name == _INDEX and _is_plain(member, _MAX_INDEX_BYTES)
    content = archive.extractfile(_INDEX) if is_index else None
    if content is None:
        raise ValueError(f"it does not begin with {_INDEX}")
    row: dict[str, Any] = json.loads(content.read())
    if row["format"] != _FORMAT:
        raise ValueError(f"its format is {row['format']}, this version reads {_FORMAT}")
    days = tuple(date.fromisoformat(day) for day in row["days"])
    if not days:
        raise ValueError("it names no day")
    return Packed(days, row["snapshots"], row["pages"])


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    """Add a member without owner and time, so that the same payloads give the same file."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o644
    archive.addfile(member, io.BytesIO(content))
