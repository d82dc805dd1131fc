"""pypistats.org: downloads of Python packages by day, without mirrors.

An answer always carries the last 180 days; the API knows no range of dates, and asks to be called at most
once a package and day. So each day every package is asked once, and each landing repeats most of the one
before: that is how revisions of late days show. Here: asking and landing. Not here: which days can be
trusted, which are missing, what was revised (sql/core/package_download_vintages and
sql/marts/package_downloads_daily).

About 30 calls a minute are inferred from reports, not documented: hence the pause between calls.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import date
from urllib.parse import quote

import msgspec

from pipelines.sources.errors import (
    PastDayError,
    PayloadError,
    PermanentError,
    QuotaError,
    SourceError,
    TransientError,
)
from pipelines.sources.http import Answer, Client
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot

logger = logging.getLogger("cambrian.pypistats")

DOWNLOADS_SOURCE = "package_downloads_daily"
REGISTERED_PACKAGES = "registered-packages"
PAUSE_SECONDS = 2.0
#: How far back an answer reaches.
KEPT_DAYS = 180
#: Days younger than this at the landing may be absent or still growing.
LATE_DAYS = 2
#: 180 days are 15 kB; what is so much longer is another thing.
MAX_SERIES_BYTES = 4 * 1024 * 1024
#: One package that cannot be had must not hold up the others; so many in a row mean that nothing can.
MAX_FAILURES_IN_A_ROW = 3


class _Series(msgspec.Struct):
    """The envelope; the rows are DuckDB's work."""

    data: list[msgspec.Raw]


_SERIES = msgspec.json.Decoder(_Series)


def land_downloads(
    client: Client,
    api_url: str,
    packages: Sequence[str],
    store: PayloadStore,
    *,
    day: date,
    today: date,
    pause_seconds: float = PAUSE_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> Manifest:
    """Land the series of `packages` (normalized names), one page each; ask none of them twice a day.

    What was landed on `day` is given as it is. A past day without a landing is asked for today, under today's
    date, as far as the API still tells it; before that it raises PastDayError. A package that pypistats does
    not know is landed with its 404. One that cannot be had is left out, the others are landed, and in the end
    SourceError names it; the next call on the same day asks only for what is not there yet. Other errors as
    in Client.get.
    """
    landed = store.manifest(_snapshot(day, packages))
    if landed.is_complete:
        return landed
    if (today - day).days > KEPT_DAYS - LATE_DAYS:
        raise PastDayError(
            f"{day} was not landed while pypistats still told it (it keeps {KEPT_DAYS} days, today is "
            f"{today} UTC). The day stays missing; it is not zero."
        )
    manifest = store.resume(_snapshot(today, packages))
    if manifest.is_complete:
        return manifest
    there = {page.subject for page in manifest.pages}
    missing = [package for package in packages if package not in there]
    _land_each(client, api_url, missing, store, manifest, lambda: sleep(pause_seconds))
    store.complete(manifest)
    return manifest


def _land_each(
    client: Client,
    api_url: str,
    packages: Sequence[str],
    store: PayloadStore,
    manifest: Manifest,
    pause: Callable[[], None],
) -> None:
    failed: list[str] = []
    in_a_row = 0
    for number, package in enumerate(packages):
        if number:
            pause()
        try:
            _land_one(client, api_url, package, store, manifest)
        except (PermanentError, QuotaError):
            raise
        except SourceError as error:
            failed.append(package)
            in_a_row += 1
            # A server that asks to wait is not asked for the next package instead.
            is_limit = isinstance(error, TransientError) and error.wait_seconds is not None
            if is_limit or in_a_row >= MAX_FAILURES_IN_A_ROW:
                raise
            logger.warning("%s: %s", package, error)
        else:
            in_a_row = 0
        logger.info("package downloads: %d of %d packages", len(manifest.pages), manifest.snapshot.subjects)
    if failed:
        raise SourceError(
            f"{api_url} gave no series of {', '.join(failed)}; {len(manifest.pages)} other packages are "
            "landed. Run the same command again to ask for the missing ones."
        )


def _land_one(client: Client, api_url: str, package: str, store: PayloadStore, manifest: Manifest) -> None:
    url = f"{api_url}/api/packages/{quote(package, safe='')}/overall?mirrors=false"
    answer = client.get(url, accept={404})
    records = None if answer.status == 404 else _count(answer, package)
    store.add_page(manifest, answer, subject=package, records=records)


def _count(answer: Answer, package: str) -> int:
    """Give the number of rows; raise PayloadError for what is no series."""
    if len(answer.body) > MAX_SERIES_BYTES:
        raise PayloadError(f"{package}: {len(answer.body)} bytes are no series of {KEPT_DAYS} days.")
    try:
        return len(_SERIES.decode(answer.body).data)
    except msgspec.MsgspecError as error:
        raise PayloadError(f"{package}: pypistats gave no series ({error}).") from None


def _snapshot(day: date, packages: Sequence[str]) -> Snapshot:
    return Snapshot(
        source=DOWNLOADS_SOURCE,
        day=day,
        scope=REGISTERED_PACKAGES,
        title="the registered Python packages, downloads by day without mirrors",
        is_live=True,
        subjects=len(packages),
        origin="pypistats.org",
        attribution="Download counts: pypistats.org, from PyPI's public download logs",
    )
