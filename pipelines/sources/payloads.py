"""The store of what was answered: `<source>/<day>/<scope>/` with page files, a journal of them, a manifest.

Here: writing pages so that a killed run loses at most one page, and reading back what is whole. A payload is
never changed once its snapshot is complete. Not here: fetching (http), parsing (sql/raw).

`pages.jsonl` gets a line after each page, `manifest.json` says what the snapshot is and whether it is whole.
A manifest or journal may come from elsewhere (see packing): what it says is checked before it is believed.
"""

import gzip
import hashlib
import itertools
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from pipelines.sources.errors import PayloadError
from pipelines.sources.http import Answer

MANIFEST_NAME = "manifest.json"
JOURNAL_NAME = "pages.jsonl"
ATTEMPT_NAME = "last_attempt.json"
_MEND = "remove its folder and run again."
_PAGE_FILE = re.compile(r"page-[0-9]{5,}(\.[A-Za-z]+){1,2}")


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What one walk is a picture of. `scope` names the population; lines never join different scopes.

    `date_uncertainty_days` says how far the true day may be from `day`; `fields` are the API fields that were
    asked for (a field outside them is null in every row because nobody asked, not because it is empty).
    `is_live` tells what we asked an API ourselves from what others recorded; `subjects` is how many
    repositories, packages and so on it should cover, None for a list whose length nobody knows. `selection`
    says what decides who is in it, as far as it matters to readers: `window` (created or changed lately) and
    `bases` (what descends from chosen bases) are no pictures of what people use.
    """

    source: str
    day: date
    scope: str
    title: str
    is_whole_population: bool = False
    is_live: bool = False
    selection: str = ""
    subjects: int | None = None
    date_uncertainty_days: int = 0
    fields: tuple[str, ...] = ()
    origin: str = ""
    licence: str = ""
    attribution: str = ""

    @property
    def key(self) -> str:
        """The snapshot's folder below payloads/."""
        return f"{self.source}/{self.day.isoformat()}/{self.scope}"

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> "Snapshot":
        """Read one snapshot from a manifest or a recording; unknown keys are errors, they mean a typo."""
        return cls(**{**row, "day": date.fromisoformat(row["day"]), "fields": tuple(row.get("fields", ()))})


@dataclass(frozen=True, kw_only=True)
class Page:
    """One landed answer. `subject` is whom it is about where the body does not say (owner/name, a package).

    `records` is how many objects it holds, None where nobody counted. `etag` belongs to the token that
    `asked_as` names (see http.token_name).
    """

    file: str
    url: str
    sha256: str
    bytes: int
    status: int = 200
    subject: str = ""
    records: int | None = None
    next_url: str | None = None
    final_url: str = ""
    etag: str = ""
    asked_as: str = ""


@dataclass(frozen=True)
class SavedPages:
    """What manifest.json says of a complete snapshot's pages; the journal in `folder` must say the same."""

    folder: Path
    count: int
    records: int
    sha256: str

    def read(self) -> list[Page]:
        """Read the journal. Raises PayloadError when it is damaged or not that of the manifest."""
        pages = _read_journal(self.folder)
        self.check(pages)
        return pages

    def check(self, pages: list[Page]) -> None:
        """Raise PayloadError when `pages` are others; in sums of earlier versions only their bodies count."""
        of_bodies = hashlib.sha256("".join(page.sha256 for page in pages).encode()).hexdigest()
        is_same = (self.count, self.records) == (len(pages), _records(pages))
        if not is_same or self.sha256 not in (_sum(pages), of_bodies):
            path = self.folder / MANIFEST_NAME
            raise PayloadError(f"{_place(path)} and its journal {JOURNAL_NAME} disagree; {_MEND}")


class Manifest:
    """What has been landed of a snapshot: its pages in order, whether it is whole, notes for readers.

    A complete one that was read from disk has `saved`, and reads its journal when `pages` is first asked for:
    a whole walk has 3,000 pages, and most readers only want to know of which snapshots there are.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        pages: list[Page] | None = None,
        is_complete: bool = False,  # noqa: FBT001, FBT002
        notes: list[str] | None = None,
        thinned_sha256: str = "",
        *,
        saved: SavedPages | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.is_complete = is_complete
        self.notes = notes if notes is not None else []
        self.thinned_sha256 = thinned_sha256
        self.saved = saved
        if pages is not None:
            self.pages = pages

    @cached_property
    def pages(self) -> list[Page]:
        """Its pages in order. Raises PayloadError when the journal is not that of the manifest."""
        return self.saved.read() if self.saved else []

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Manifest) and self._told() == other._told()

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"<Manifest {self.snapshot.key}, {self.page_count} pages>"

    def _told(self) -> tuple[object, ...]:
        return self.snapshot, self.is_complete, self.notes, self.thinned_sha256, self.pages

    @property
    def is_thinned(self) -> bool:
        """True when its pages were removed to save room; its counters are kept elsewhere."""
        return bool(self.thinned_sha256)

    @property
    def next_url(self) -> str | None:
        """Where a walk that was cut off goes on."""
        return self.pages[-1].next_url if not self.is_complete and self.pages else None

    @property
    def sha256(self) -> str:
        """A name for the snapshot's whole content, from its pages' checksums, subjects and statuses."""
        return self.thinned_sha256 or (self.saved.sha256 if self.saved else _sum(self.pages))

    @property
    def page_count(self) -> int:
        """How many pages it has; for most readers there is no need of the pages themselves."""
        return self.saved.count if self.saved else len(self.pages)

    @property
    def records(self) -> int:
        """How many objects its pages hold, as far as they were counted."""
        return self.saved.records if self.saved else _records(self.pages)


@dataclass(frozen=True, kw_only=True)
class _ManifestFile:
    """manifest.json. `pages` is how many; before there was a journal, the pages, with `next_url` of the last.

    `records` is None where it was saved before records were counted there.
    """

    snapshot: dict[str, Any]
    pages: int | list[dict[str, Any]]
    is_complete: bool
    sha256: str
    records: int | None = None
    notes: list[str] = field(default_factory=list)
    thinned_sha256: str = ""
    next_url: str | None = None


class PayloadStore:
    """The folder `payloads/`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, snapshot: Snapshot) -> Path:
        """Give the folder of a snapshot, whether or not it exists."""
        return self.root / snapshot.source / snapshot.day.isoformat() / snapshot.scope

    def manifest(self, snapshot: Snapshot) -> Manifest:
        """Read what has been landed of `snapshot`; an empty manifest when nothing has."""
        path = self.folder(snapshot) / MANIFEST_NAME
        return _read_manifest(path) if path.exists() else Manifest(snapshot)

    def resume(self, snapshot: Snapshot) -> Manifest:
        """Read what has been landed, for going on: from the first page that is not whole, all is left out."""
        manifest = self.manifest(snapshot)
        if self.folder(snapshot).exists() and not manifest.is_complete:
            whole = itertools.takewhile(lambda page: self._is_whole(manifest, page), manifest.pages)
            manifest.pages = list(whole)
            self._rewrite(manifest)  # also takes out the half line that a kill left
            self.save(manifest)  # as landed before there was a journal, its pages stand in the manifest
        return manifest

    def manifests(self, source: str, *, incomplete: bool = False) -> list[Manifest]:
        """Read the snapshots of a source by day and scope, the complete ones or all."""
        found = (_read_manifest(path) for path in sorted(self.root.glob(f"{source}/*/*/{MANIFEST_NAME}")))
        return [manifest for manifest in found if manifest.is_complete or incomplete]

    def files(self, manifest: Manifest) -> list[Path]:
        """Give the paths of a snapshot's pages in order. Raises PayloadError when one is gone or changed.

        Pages that say no (404, 451 and so on) are no data and left out.
        """
        paths = []
        for page in manifest.pages:
            path = self.folder(manifest.snapshot) / page.file
            if not path.exists():
                raise PayloadError(f"{_place(path)} is named in its manifest but missing; {_MEND}")
            if _checksum(path) != page.sha256:
                raise PayloadError(f"{_place(path)} is not what was landed (checksum differs); {_MEND}")
            if page.status < 300:
                paths.append(path)
        return paths

    def bodies(self, manifest: Manifest) -> Iterator[bytes]:
        """Give the unpacked pages in order, one at a time."""
        for path in self.files(manifest):
            yield gzip.decompress(path.read_bytes())

    def add_page(
        self,
        manifest: Manifest,
        answer: Answer,
        *,
        subject: str = "",
        records: int | None = None,
        asked_as: str = "",
    ) -> Page:
        """Write one answer as received, then the journal's line that knows it."""
        suffix = "jsonl" if answer.url.endswith(".jsonl") else "json"
        page = Page(
            file=f"page-{len(manifest.pages) + 1:05d}.{suffix}.gz",
            url=answer.url,
            sha256=hashlib.sha256(answer.gzip_body).hexdigest(),
            bytes=len(answer.body),
            status=answer.status,
            subject=subject,
            records=records,
            next_url=answer.next_url,
            final_url=answer.final_url,
            etag=answer.headers.get("etag", ""),
            asked_as=asked_as,
        )
        _write_whole(self._begun(manifest) / page.file, answer.gzip_body)
        self._append(manifest, page)
        return page

    def add_file(
        self, manifest: Manifest, path: Path, url: str, *, etag: str = "", records: int | None = None
    ) -> Page:
        """Move a downloaded file in as a page; its suffix stays."""
        page = Page(
            file=f"page-{len(manifest.pages) + 1:05d}{path.suffix}",
            url=url,
            sha256=_checksum(path),
            bytes=path.stat().st_size,
            records=records,
            etag=etag,
        )
        path.replace(self._begun(manifest) / page.file)
        self._append(manifest, page)
        return page

    def complete(self, manifest: Manifest) -> None:
        """Say that nothing is missing; from now on the snapshot counts."""
        manifest.is_complete = True
        if manifest.snapshot.is_live:  # cannot be had again: pages and journal reach the disk first
            os.sync()
        self.save(manifest)

    def note_attempt(self, source: str, day: date, failure: str | None) -> None:
        """Remember how the last attempt at a live source went, so that pages can say why it is stale."""
        folder = self.root / source
        folder.mkdir(parents=True, exist_ok=True)
        row = {"day": day.isoformat(), "failure": failure}
        _write_whole(folder / ATTEMPT_NAME, json.dumps(row).encode())

    def last_attempt(self, source: str) -> tuple[date, str | None] | None:
        """Give the day of the last attempt at a live source and why it failed, None where there was none."""
        path = self.root / source / ATTEMPT_NAME
        if not path.exists():
            return None
        row = json.loads(path.read_text())
        return date.fromisoformat(row["day"]), row["failure"]

    def restart(self, manifest: Manifest) -> None:
        """Forget what was landed of a snapshot that is not complete."""
        shutil.rmtree(self.folder(manifest.snapshot), ignore_errors=True)
        manifest.pages, manifest.notes, manifest.is_complete, manifest.saved = [], [], False, None

    def thin(self, manifest: Manifest) -> int:
        """Remove the pages of a complete snapshot, keep what the manifest says of them; give how many went.

        Of one that is thinned already, what a killed run left is removed.
        """
        if not manifest.is_thinned:
            manifest.thinned_sha256 = manifest.sha256
            manifest.notes.append(f"{manifest.page_count} pages removed to save room; the counters are kept")
            self.save(manifest)
        paths = list(self.folder(manifest.snapshot).glob("page-*"))
        for path in paths:
            path.unlink()
        return len(paths)

    def drop_last_page(self, manifest: Manifest) -> None:
        """Forget the last page of a snapshot that is not complete, so that it is asked for again."""
        page = manifest.pages.pop()
        self._rewrite(manifest)
        (self.folder(manifest.snapshot) / page.file).unlink(missing_ok=True)

    def save(self, manifest: Manifest) -> None:
        """Write the manifest in one move; its pages stand in the journal."""
        snapshot = asdict(manifest.snapshot) | {"day": manifest.snapshot.day.isoformat()}
        row = {
            "snapshot": snapshot,
            "is_complete": manifest.is_complete,
            "notes": manifest.notes,
            "pages": manifest.page_count,
            "records": manifest.records,
            "sha256": manifest.sha256,
            "thinned_sha256": manifest.thinned_sha256,
        }
        folder = self.folder(manifest.snapshot)
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(folder / MANIFEST_NAME, json.dumps(row, indent=1).encode(), sync=True)

    def _begun(self, manifest: Manifest) -> Path:
        """Give the folder, with a manifest that says what it is."""
        folder = self.folder(manifest.snapshot)
        if not (folder / MANIFEST_NAME).exists():
            self.save(manifest)
        return folder

    def _append(self, manifest: Manifest, page: Page) -> None:
        manifest.pages.append(page)
        manifest.saved = None  # was true of the pages before
        with (self.folder(manifest.snapshot) / JOURNAL_NAME).open("a") as journal:
            journal.write(_line(page))

    def _rewrite(self, manifest: Manifest) -> None:
        lines = "".join(_line(page) for page in manifest.pages)
        _write_whole(self._begun(manifest) / JOURNAL_NAME, lines.encode())

    def _is_whole(self, manifest: Manifest, page: Page) -> bool:
        path = self.folder(manifest.snapshot) / page.file
        return path.exists() and _checksum(path) == page.sha256


_LINE = msgspec.json.Decoder(Page)


def _line(page: Page) -> str:
    # What says nothing is left out: a whole walk has 3,000 of these.
    row = {name: value for name, value in asdict(page).items() if value not in ("", None)}
    return json.dumps(row, ensure_ascii=False) + "\n"


def _read_manifest(path: Path) -> Manifest:
    folder = path.parent
    try:
        row = msgspec.json.decode(path.read_bytes(), type=_ManifestFile)
        pages = None if isinstance(row.pages, int) else _pages_before_the_journal(row, row.pages)
        snapshot = Snapshot.from_json(row.snapshot)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PayloadError(
            f"{_place(path)} cannot be read ({error}); remove its folder and land it again."
        ) from error
    if folder.parts[-3:] != (snapshot.source, snapshot.day.isoformat(), snapshot.scope):
        # A recording from elsewhere may say anything.
        raise PayloadError(f"{_place(path)} cannot be read (it is that of {snapshot.key}); {_MEND}")
    saved = None
    if row.is_complete and isinstance(row.pages, int) and row.records is not None:
        saved = SavedPages(folder, row.pages, row.records, row.sha256)
    else:
        pages = _read_journal(folder) if pages is None else pages
        if row.is_complete:
            saved = SavedPages(folder, len(pages), _records(pages), row.sha256)
            saved.check(pages)
    return Manifest(snapshot, pages, row.is_complete, row.notes, row.thinned_sha256, saved=saved)


def _pages_before_the_journal(row: _ManifestFile, told: list[dict[str, Any]]) -> list[Page]:
    row.snapshot["is_live"] = row.snapshot["origin"] == "Hugging Face Hub API"
    following = [*(page["url"] for page in told[1:]), row.next_url]
    pages = [page | {"next_url": url} for page, url in zip(told, following, strict=False)]
    return _checked(msgspec.convert(pages, list[Page]))


def _read_journal(folder: Path) -> list[Page]:
    """Read the lines that are whole: a killed run may have left half a line, or half a letter."""
    path = folder / JOURNAL_NAME
    content = path.read_bytes() if path.exists() else b""
    try:
        return _checked([_LINE.decode(line) for line in content.split(b"\n")[:-1]])
    except ValueError as error:
        raise PayloadError(f"{_place(path)} cannot be read ({error}); {_MEND}") from error


def _checked(pages: list[Page]) -> list[Page]:
    """Refuse files that are none of a snapshot's own pages, in another folder for instance."""
    for page in pages:
        if not _PAGE_FILE.fullmatch(page.file):
            raise ValueError(f"{page.file!r} is no name of a page")
    return pages


def _records(pages: list[Page]) -> int:
    return sum(page.records or 0 for page in pages)


def _sum(pages: list[Page]) -> str:
    """Sum up what was answered: the bodies, and of whom and with which status where a page tells that."""
    named = (
        page.sha256
        if (page.status, page.subject) == (200, "")
        else page.sha256 + json.dumps([page.status, page.subject])
        for page in pages
    )
    return hashlib.sha256("".join(named).encode()).hexdigest()


def _place(path: Path) -> str:
    """Tell a file by its place in the store; where the store lies is nobody's business who reads an error."""
    return "/".join(("payloads", *path.parts[-4:]))


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_whole(path: Path, content: bytes, *, sync: bool = False) -> None:
    """Write aside and move: a reader, or a kill, never meets half a file.

    Pages are not synced one by one: their checksums tell what a power cut took; a walk goes on from there.
    """
    aside = path.with_name(path.name + ".tmp")
    with aside.open("wb") as file:
        file.write(content)
        if sync:
            file.flush()
            os.fsync(file.fileno())
    aside.replace(path)
