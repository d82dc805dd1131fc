"""The store of what was answered: `<source>/<day>/<scope>/` with page files, a journal of them, a manifest.

Here: writing pages so that a killed run loses at most one page, and reading back what is whole. A payload is
never changed once its snapshot is complete. Not here: fetching (http), parsing (sql/raw).

`pages.jsonl` gets a line after each page, `manifest.json` says what the snapshot is and whether it is whole.
"""

import gzip
import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.sources.errors import PayloadError
from pipelines.sources.http import Answer

MANIFEST_NAME = "manifest.json"
JOURNAL_NAME = "pages.jsonl"
ATTEMPT_NAME = "last_attempt.json"
_MEND = "remove its folder and run again."


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


@dataclass
class Manifest:
    """What has been landed of a snapshot: its pages in order, whether it is whole, notes for readers."""

    snapshot: Snapshot
    pages: list[Page] = field(default_factory=list)
    is_complete: bool = False
    notes: list[str] = field(default_factory=list)
    thinned_sha256: str = ""

    @property
    def is_thinned(self) -> bool:
        """True when its pages were removed to save room; its counters are kept elsewhere."""
        return bool(self.thinned_sha256)

    @property
    def next_url(self) -> str | None:
        """Where a walk that was cut off goes on."""
        return self.pages[-1].next_url if self.pages and not self.is_complete else None

    @property
    def sha256(self) -> str:
        """A name for the snapshot's whole content, from its pages' checksums."""
        return (
            self.thinned_sha256
            or hashlib.sha256("".join(page.sha256 for page in self.pages).encode()).hexdigest()
        )

    @property
    def records(self) -> int:
        """How many objects its pages hold, as far as they were counted."""
        return sum(page.records or 0 for page in self.pages)


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
                raise PayloadError(f"{path} is named in its manifest but missing; {_MEND}")
            if _checksum(path) != page.sha256:
                raise PayloadError(f"{path} is not what was landed (checksum differs); {_MEND}")
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

    def add_file(self, manifest: Manifest, path: Path, url: str, *, etag: str = "") -> Page:
        """Move a downloaded file in as a page; its suffix stays."""
        page = Page(
            file=f"page-{len(manifest.pages) + 1:05d}{path.suffix}",
            url=url,
            sha256=_checksum(path),
            bytes=path.stat().st_size,
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
        manifest.pages, manifest.notes, manifest.is_complete = [], [], False

    def thin(self, manifest: Manifest) -> None:
        """Remove the pages of a complete snapshot and keep what the manifest says of them."""
        manifest.thinned_sha256 = manifest.sha256
        manifest.notes.append(f"{len(manifest.pages)} pages removed to save room; the counters are kept")
        self.save(manifest)
        for path in self.folder(manifest.snapshot).glob("page-*"):
            path.unlink()

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
            "pages": len(manifest.pages),
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
        with (self.folder(manifest.snapshot) / JOURNAL_NAME).open("a") as journal:
            journal.write(_line(page))

    def _rewrite(self, manifest: Manifest) -> None:
        lines = "".join(_line(page) for page in manifest.pages)
        _write_whole(self._begun(manifest) / JOURNAL_NAME, lines.encode())

    def _is_whole(self, manifest: Manifest, page: Page) -> bool:
        path = self.folder(manifest.snapshot) / page.file
        return path.exists() and _checksum(path) == page.sha256


def _line(page: Page) -> str:
    # What says nothing is left out: a whole walk has 3,000 of these.
    row = {name: value for name, value in asdict(page).items() if value not in ("", None)}
    return json.dumps(row, ensure_ascii=False) + "\n"


def _read_manifest(path: Path) -> Manifest:
    try:
        row = json.loads(path.read_text())
        journal = path.with_name(JOURNAL_NAME)
        content = journal.read_bytes() if journal.exists() else b""
        # A killed run may have left half a line, or half a letter.
        pages = [Page(**json.loads(line)) for line in content.split(b"\n")[:-1]]
        if isinstance(row["pages"], list):  # as landed before there was a journal
            following = [*(page["url"] for page in row["pages"][1:]), row["next_url"]]
            pages = [Page(**page, next_url=url) for page, url in zip(row["pages"], following, strict=False)]
            row["snapshot"]["is_live"] = row["snapshot"]["origin"] == "Hugging Face Hub API"
        snapshot = Snapshot.from_json(row["snapshot"])
        thinned = row.get("thinned_sha256", "")
        manifest = Manifest(snapshot, pages, row["is_complete"], row.get("notes", []), thinned)
        is_sound = not manifest.is_complete or manifest.sha256 == row["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise PayloadError(
            f"{path} cannot be read ({error}); remove its folder and land it again."
        ) from error
    if path.parent.parts[-3:] != (snapshot.source, snapshot.day.isoformat(), snapshot.scope):
        # A recording from elsewhere may say anything.
        raise PayloadError(f"{path} cannot be read (it is that of {snapshot.key}); {_MEND}")
    if not is_sound:
        raise PayloadError(f"{path} and its journal {JOURNAL_NAME} disagree; {_MEND}")
    return manifest


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
