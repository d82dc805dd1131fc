"""Series that somebody else kept day by day and no API gives back: counters, stars, downloads, ratings.

They come as JSON lines from a recording, one file a month or a year.
"""

import logging

from pipelines.sources.http import Client
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot

logger = logging.getLogger("cambrian.series")

COUNTERS_SOURCE = "huggingface_counters"
STARS_SOURCE = "github_stars"
PACKAGES_SOURCE = "package_downloads"


def land_series(client: Client, urls: list[str], snapshot: Snapshot, store: PayloadStore) -> Manifest:
    """Land the files of one series in order; do nothing if they are all there."""
    manifest = store.resume(snapshot)
    if manifest.is_complete:
        return manifest
    for url in urls[len(manifest.pages) :]:
        store.add_page(manifest, client.get(url))
        logger.info("%s: %d of %d files", snapshot.source, len(manifest.pages), len(urls))
    store.complete(manifest)
    return manifest
