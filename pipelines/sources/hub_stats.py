"""hub-stats: all models of the Hub in one Parquet file that somebody renews daily (cfahlgren1/hub-stats).

One download instead of three thousand pages, but of a day that its maker chose. Here: fetching the file,
seeing that it is whole, of these days and another one than before. Not here: its columns
(sql/raw/models.hub_stats.sql).
"""

import hashlib
import logging
from datetime import date, timedelta
from pathlib import Path

from pipelines.sources.errors import PastDayError, PayloadError, PermanentError
from pipelines.sources.http import Client
from pipelines.sources.huggingface import LEAST_OF_LAST
from pipelines.sources.parquet import Contents, is_parquet, read_contents
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot

logger = logging.getLogger("cambrian.hub_stats")

HUB_STATS_SOURCE = "hub_stats"
SCOPE = "whole-hub-by-hub-stats"
PATH = "/datasets/cfahlgren1/hub-stats/resolve/main/models.parquet"
#: Columns without which the list says nothing.
NEEDED = ("id", "downloads")
#: On every day models are created: a list without any of the last days was made before them.
MOST_DAYS_OLD = 3
_INSTEAD = "It is not used; walk the list of models instead (--depth full)"


def land_hub_stats(
    client: Client,
    endpoint: str,
    store: PayloadStore,
    *,
    day: date,
    today: date,
    token: str | None = None,
    least: float = LEAST_OF_LAST,
) -> Manifest:
    """Land today's file; go on where an earlier download was cut off; do nothing if it is landed.

    When the file is still the one that was landed last, its manifest is given back and `day` stays missing:
    an old picture is never booked under a new date. `least` is the part of the models of the last landing
    that there must be. Raises PastDayError for a day that is not today and was not landed on its day,
    PayloadError when what came is no whole Parquet file, misses a column, or holds too few or too old models.
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
        etag = _download(client, url, path, token)
        landed = store.manifests(HUB_STATS_SOURCE)
        try:
            _check_whole(path, url)
            earlier = _same_before(landed, path, etag)
            if earlier is not None:
                last = earlier.snapshot.day
                logger.warning("hub-stats was not renewed since %s; %s is not landed", last, day)
                return earlier
            contents = _read(path, url, day)
            _check_rows(contents.rows, landed[-1].records if landed else 0, least, url)
            if contents.newest is None:
                manifest.notes = ["how old the file is cannot be told: no model says when it was created"]
            store.add_file(manifest, path, url, etag=etag, records=contents.rows)
        finally:
            path.unlink(missing_ok=True)  # one that was refused is asked for anew
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


def _download(client: Client, url: str, path: Path, token: str | None) -> str:
    try:
        return client.download(url, path, token=token)
    except PermanentError as error:
        if error.status not in (401, 403, 404, 410):
            raise
        raise PermanentError(
            f"{url} is not there any more ({error.status}): its maker took it down or closed it. Walk "
            "the list of models instead (--depth full).",
            error.status,
        ) from None


def _check_whole(path: Path, url: str) -> None:
    if not is_parquet(path):
        raise PayloadError(
            f"{url}: what came is no whole Parquet file ({path.stat().st_size} bytes). It is not used; run "
            "again, or walk the list of models instead (--depth full)."
        )


def _read(path: Path, url: str, day: date) -> Contents:
    """Read what the file says of itself; refuse one of another form, and one of another time."""
    try:
        contents = read_contents(path, "createdAt", until=day + timedelta(days=1))
    except PayloadError as error:
        raise PayloadError(f"{url}: {error}. {_INSTEAD}.") from None
    missing = [name for name in NEEDED if name not in contents.columns]
    if missing:
        raise PayloadError(f"{url} has no column {' and no column '.join(missing)} any more. {_INSTEAD}.")
    if contents.newest is not None and contents.newest < day - timedelta(days=MOST_DAYS_OLD):
        raise PayloadError(
            f"{url} is old: its newest model was created on {contents.newest}, and it is {day}. {_INSTEAD}."
        )
    return contents


def _check_rows(rows: int, expected: int, least: float, url: str) -> None:
    if not rows:
        raise PayloadError(f"{url} holds no models. {_INSTEAD}.")
    if rows < least * expected:
        raise PayloadError(
            f"{url} holds {rows:,} models; the file before held {expected:,}. {_INSTEAD}; if so many models "
            f"are really gone, set CAMBRIAN_LEAST_OF_LAST to {rows * 100 // expected / 100:.2f} or less."
        )


def _same_before(landed: list[Manifest], path: Path, etag: str) -> Manifest | None:
    """Give the newest earlier landing if it holds this very file, by its ETag or its bytes."""
    if not landed:
        return None
    page = landed[-1].pages[0]
    if etag and etag == page.etag:
        return landed[-1]
    with path.open("rb") as file:
        is_same = hashlib.file_digest(file, "sha256").hexdigest() == page.sha256
    return landed[-1] if is_same else None
