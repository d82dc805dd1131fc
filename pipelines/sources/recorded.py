"""Landing the shipped recording: every snapshot and series in it, by the code that lands live answers."""

import hashlib
import shutil

from pipelines.settings import DEFAULT_HF_ENDPOINT
from pipelines.sources.errors import PayloadError
from pipelines.sources.http import Client
from pipelines.sources.huggingface import MODELS_SOURCE, Walk, land_walk
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot
from pipelines.sources.recording import SERIES_PREFIX, Recording
from pipelines.sources.series import land_series


def land_recorded(recording: Recording, source: str, store: PayloadStore) -> list[Manifest]:
    """Land all snapshots of `source`. Raises PayloadError when the recording has none."""
    snapshots = [snapshot for snapshot in recording.snapshots if snapshot.source == source]
    if not snapshots:
        raise PayloadError(f"The recording {recording.root} has nothing of {source}.")
    _drop_renamed(snapshots, source, store)
    return [_land_one(recording, snapshot, store) for snapshot in snapshots]


def _land_one(recording: Recording, snapshot: Snapshot, store: PayloadStore) -> Manifest:
    _drop_if_corrected(recording, snapshot, store)
    adapter = recording.session_adapter(snapshot)
    with Client({DEFAULT_HF_ENDPOINT: adapter, SERIES_PREFIX: adapter}) as client:
        manifest = _land(recording, snapshot, store, client)
    expected = len(recording.exchanges(snapshot))
    if len(manifest.pages) != expected:
        shutil.rmtree(store.folder(snapshot))
        raise PayloadError(
            f"{snapshot.key}: landed {len(manifest.pages)} pages where the recording has {expected}; "
            "its pages do not follow one another."
        )
    return manifest


def _drop_renamed(snapshots: list[Snapshot], source: str, store: PayloadStore) -> None:
    """A snapshot that an earlier version of the recording had under another name would count twice."""
    keys = {snapshot.key for snapshot in snapshots}
    for manifest in store.manifests(source, incomplete=True):
        if not manifest.snapshot.is_live and manifest.snapshot.key not in keys:
            shutil.rmtree(store.folder(manifest.snapshot))


def _drop_if_corrected(recording: Recording, snapshot: Snapshot, store: PayloadStore) -> None:
    """A recording can be corrected by a new version of the project; then its older landing is no truth."""
    try:
        recorded = [
            hashlib.sha256((recording.root / row["body"]).read_bytes()).hexdigest()
            for row in recording.exchanges(snapshot)
        ]
    except FileNotFoundError as error:
        raise PayloadError(f"The recording {recording.root} lacks {error.filename}.") from error
    landed = store.manifest(snapshot)
    is_prefix = [page.sha256 for page in landed.pages] == recorded[: len(landed.pages)]
    is_outgrown = landed.is_complete and len(landed.pages) < len(recorded)
    if not is_prefix or is_outgrown or landed.snapshot != snapshot:
        shutil.rmtree(store.folder(snapshot))


def _land(recording: Recording, snapshot: Snapshot, store: PayloadStore, client: Client) -> Manifest:
    if snapshot.source == MODELS_SOURCE:
        walk = Walk(snapshot=snapshot, queries=(("", ()),))
        return land_walk(client, DEFAULT_HF_ENDPOINT, walk, store, today=snapshot.day)
    return land_series(client, [row["url"] for row in recording.exchanges(snapshot)], snapshot, store)
