"""Small recordings made by hand, in the form of the shipped one, and payloads as they were kept before."""

import gzip
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipelines.sources.payloads import JOURNAL_NAME, MANIFEST_NAME, Manifest, PayloadStore
from pipelines.sources.recording import Recording

MODELS_URL = "https://huggingface.co/api/models"
SNAPSHOT = {
    "source": "huggingface_models",
    "day": "2026-05-01",
    "scope": "hand-made",
    "title": "a few models",
    "fields": ["id", "downloads"],
}


def write_recording(
    root: Path, pages: list[list[dict[str, Any]]], *, links: bool = True, **snapshot: object
) -> Recording:
    """Write a walk over `pages` and give it; without `links` no page leads to the next."""
    row = SNAPSHOT | snapshot
    exchanges = []
    for number, page in enumerate(pages, 1):
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        if links and number < len(pages):
            headers["Link"] = f'<{MODELS_URL}?cursor=p{number + 1}>; rel="next"'
        exchange = _exchange(root, row, f"page-{number:04d}.json", json.dumps(page))
        url = MODELS_URL if number == 1 else f"{MODELS_URL}?cursor=p{number}"
        exchanges.append(exchange | {"url": url, "headers": headers})
    return _write_index(root, row, exchanges)


def write_series(root: Path, files: dict[str, list[dict[str, Any]]]) -> Recording:
    """Write a series of counters, one file a period, and give it."""
    row = SNAPSHOT | {"source": "huggingface_counters"}
    exchanges = [
        _exchange(root, row, f"{period}.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        | {"url": f"recorded:///huggingface_counters/{period}.jsonl"}
        for period, lines in files.items()
    ]
    return _write_index(root, row, exchanges)


def _exchange(root: Path, row: dict[str, Any], name: str, text: str) -> dict[str, Any]:
    body = Path(row["source"]) / row["day"] / row["scope"] / f"{name}.gz"
    (root / body).parent.mkdir(parents=True, exist_ok=True)
    (root / body).write_bytes(gzip.compress(text.encode(), mtime=0))
    key = {name: row[name] for name in ("source", "day", "scope")}
    return key | {"status": 200, "headers": {"Content-Encoding": "gzip"}, "body": body.as_posix()}


def _write_index(root: Path, row: dict[str, Any], exchanges: list[dict[str, Any]]) -> Recording:
    (root / "snapshots.jsonl").write_text(json.dumps(row) + "\n")
    (root / "exchanges.jsonl").write_text("".join(json.dumps(line) + "\n" for line in exchanges))
    return Recording(root)


#: What a manifest said of its snapshot then.
BEFORE_THE_JOURNAL = (
    *("source", "day", "scope", "title", "is_whole_population", "date_uncertainty_days", "fields"),
    *("origin", "licence", "attribution"),
)


def as_before_the_journal(store: PayloadStore, manifest: Manifest) -> None:
    """Write a manifest as it was before there was a journal: with the list of its pages."""
    snapshot = asdict(manifest.snapshot) | {"day": manifest.snapshot.day.isoformat()}
    row = {
        "snapshot": {name: value for name, value in snapshot.items() if name in BEFORE_THE_JOURNAL},
        "pages": [
            {"file": page.file, "url": page.url, "sha256": page.sha256, "bytes": page.bytes}
            for page in manifest.pages
        ],
        "next_url": manifest.next_url,
        "is_complete": manifest.is_complete,
        "sha256": manifest.sha256,
    }
    folder = store.folder(manifest.snapshot)
    (folder / MANIFEST_NAME).write_text(json.dumps(row, indent=1))
    (folder / JOURNAL_NAME).unlink()
