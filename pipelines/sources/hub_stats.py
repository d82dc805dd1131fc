"""hub-stats: all models of the Hub in one Parquet file that somebody renews daily (cfahlgren1/hub-stats).

One download instead of three thousand pages, but of a day that its maker chose. Here: fetching the file,
seeing that it is whole and another one than before. Not here: its columns (sql/raw/models.hub_stats.sql).
"""

import hashlib
import logging
from datetime import date
from pathlib import Path

from pipelines.sources.errors import PastDayError, PayloadError, PermanentError
from pipelines.sources.http import Client
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot

logger = logging.getLogger("cambrian.hub_stats")

HUB_STATS_SOURCE = "hub_stats"
SCOPE = "whole-hub-by-hub-stats"
PATH = "/datasets/cfahlgren1/hub-stats/resolve/main/models.parquet"
_MAGIC = b"PAR1"


def land_hub_stats(
    client: Client, endpoint: str, store: PayloadStore, *, day: date, today: date, token: str | None = None
) -> Manifest:
    """Land today's file; go on where an earlier download was cut off; do nothing if it is landed.

    When the file is still the one that was landed last, its manifest is given back and `day` stays missing:
    an old picture is never booked under a new date. Raises PastDayError for a day that is not today and was
    not landed on its day, PayloadError when what came is no whole Parquet file.
    """
    manifest = store.resume(_snapshot(day))
    if manifest.is_complete:
        return manifest
    if day != today:
        raise PastDayError(
            f"{day} was not landed on its day, and hub-stats holds only its newest file ({today} UTC). The "
            "day stays missing; it is not zero."
        )
    if not manifest.pages:
        url = endpoint + PATH
        path = store.root / HUB_STATS_SOURCE / "models.parquet"
        try:
            etag = client.download(url, path, token=token)
        except PermanentError as error:
            if error.status not in (401, 403, 404, 410):
                raise
            raise PermanentError(
                f"{url} is not there any more ({error.status}): its maker took it down or closed it. Walk "
                "the list of models instead (--depth full).",
                error.status,
            ) from None
        _check_parquet(path, url)
        earlier = _same_before(store, path, etag)
        if earlier is not None:
            path.unlink()
            logger.warning("hub-stats was not renewed since %s; %s is not landed", earlier.snapshot.day, day)
            return earlier
        store.add_file(manifest, path, url, etag=etag)
    store.complete(manifest)
    return manifest


def _snapshot(day: date) -> Snapshot:
    return Snapshot(
        source=HUB_STATS_SOURCE,
        day=day,
        scope=SCOPE,
        title="all public models on the Hub, by the daily file of hub-stats",
        is_whole_population=True,
        is_live=True,
        date_uncertainty_days=1,  # its maker walked the Hub before
        origin="cfahlgren1/hub-stats",
        licence="Apache-2.0",
        attribution="hub-stats by Caleb Fahlgren (Apache-2.0)",
    )


def _check_parquet(path: Path, url: str) -> None:
    """See that the file begins and ends as Parquet does; a wrong one is removed, so that it is asked anew."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(len(_MAGIC))
        file.seek(max(0, size - 8))
        tail = file.read()
    footer = int.from_bytes(tail[:4], "little")
    if head != _MAGIC or tail[4:] != _MAGIC or not 0 < footer <= size - 12:
        path.unlink()
        raise PayloadError(
            f"{url}: what came is no whole Parquet file ({size} bytes). It is not used; run again, or walk "
            "the list of models instead (--depth full)."
        )


def _same_before(store: PayloadStore, path: Path, etag: str) -> Manifest | None:
    """Give the newest earlier landing if it holds this very file, by its ETag or its bytes."""
    landed = store.manifests(HUB_STATS_SOURCE)
    if not landed:
        return None
    page = landed[-1].pages[0]
    if etag and etag == page.etag:
        return landed[-1]
    with path.open("rb") as file:
        is_same = hashlib.file_digest(file, "sha256").hexdigest() == page.sha256
    return landed[-1] if is_same else None
