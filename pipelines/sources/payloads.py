"""The store of what was answered: `<source>/<day>/<scope>/page-00001.json.gz` and one manifest a snapshot.

Here: writing pages so that a killed run loses at most one page, and reading manifests back. A payload is
never changed once its snapshot is complete. Not here: fetching (http), parsing (sql/raw).
"""

import gzip
import hashlib
import json
import os
import zlib
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.sources.errors import PayloadError
from pipelines.sources.http import Answer

MANIFEST_NAME = "manifest.json"
_MEND = "remove its folder and run again."


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What one walk is a picture of. `scope` names the population; lines never join different scopes.

    `date_uncertainty_days` says how far the true day may be from `day`; `fields` are the API fields that were
    asked for (a field outside them is null in every row because nobody asked, not because it is empty).
    """

    source: str
    day: date
    scope: str
    title: str
    is_whole_population: bool = False
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


@dataclass
class Manifest:
    """What has been landed of a snapshot: its pages in order, where to go on, whether it is whole."""

    snapshot: Snapshot
    pages: list[dict[str, Any]] = field(default_factory=list)
    next_url: str | None = None
    is_complete: bool = False

    @property
    def sha256(self) -> str:
        """A name for the snapshot's whole content, from its pages' checksums."""
        return hashlib.sha256("".join(page["sha256"] for page in self.pages).encode()).hexdigest()


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

    def manifests(self, source: str) -> list[Manifest]:
        """Read the complete snapshots of a source, by day and scope."""
        found = (_read_manifest(path) for path in sorted(self.root.glob(f"{source}/*/*/{MANIFEST_NAME}")))
        return [manifest for manifest in found if manifest.is_complete]

    def files(self, manifest: Manifest) -> list[Path]:
        """Give the paths of a snapshot's pages in order. Raises PayloadError when one is gone or changed."""
        paths = []
        for page in manifest.pages:
            path = self.folder(manifest.snapshot) / page["file"]
            if not path.exists():
                raise PayloadError(
                    f"{path} is named in its manifest but missing; remove its folder and run again."
                )
            if hashlib.sha256(path.read_bytes()).hexdigest() != page["sha256"]:
                raise PayloadError(
                    f"{path} is not what was landed (checksum differs); remove its folder and run again."
                )
            paths.append(path)
        return paths

    def add_page(self, manifest: Manifest, answer: Answer) -> None:
        """Write one page as received, then the manifest that knows it."""
        check_envelope(answer.gzip_body, answer.url)
        suffix = "jsonl" if answer.url.endswith(".jsonl") else "json"
        name = f"page-{len(manifest.pages) + 1:05d}.{suffix}.gz"
        folder = self.folder(manifest.snapshot)
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(folder / name, answer.gzip_body)
        checksum = hashlib.sha256(answer.gzip_body).hexdigest()
        page = {"file": name, "url": answer.url, "sha256": checksum, "bytes": answer.body_bytes}
        manifest.pages.append(page)
        manifest.next_url = answer.next_url
        self.save(manifest)

    def complete(self, manifest: Manifest) -> None:
        """Say that nothing is missing; from now on the snapshot counts."""
        manifest.is_complete = True
        manifest.next_url = None
        self.save(manifest)

    def save(self, manifest: Manifest) -> None:
        """Write the manifest in one move."""
        row = asdict(manifest) | {"sha256": manifest.sha256}
        row["snapshot"]["day"] = manifest.snapshot.day.isoformat()
        folder = self.folder(manifest.snapshot)
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(folder / MANIFEST_NAME, json.dumps(row, indent=1).encode())


def check_envelope(gzip_body: bytes, url: str) -> None:
    """Refuse a body that is no JSON array, object or JSON lines, or breaks off in the middle.

    Only the ends are looked at: whole parsing is DuckDB's work and ten times faster there.
    """
    where = url.split("?", maxsplit=1)[0]
    try:
        body = gzip.decompress(gzip_body).strip()
    except (OSError, EOFError, zlib.error) as error:
        raise PayloadError(f"{where}: the body is no whole gzip file ({error}).") from error
    pairs = {b"[": b"]", b"{": b"}"}
    if not body or pairs.get(body[:1]) != body[-1:]:
        shown = body[:60].decode("utf-8", "replace")
        raise PayloadError(f"{where}: not JSON, or cut off; it begins with {shown!r}.")


def _read_manifest(path: Path) -> Manifest:
    try:
        row = json.loads(path.read_text())
        return Manifest(
            Snapshot.from_json(row["snapshot"]), row["pages"], row["next_url"], row["is_complete"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise PayloadError(
            f"{path} cannot be read ({error}); remove its folder and land it again."
        ) from error


def _write_whole(path: Path, content: bytes) -> None:
    """Write aside and move: a reader, or a kill, never meets half a file."""
    aside = path.with_name(path.name + ".tmp")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
