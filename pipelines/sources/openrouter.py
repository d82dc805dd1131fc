"""OpenRouter: tokens by model and day, the 50 largest and the sum of all others. Optional, off by default.

The API documents its form: rows of date, model_permaslug and total_tokens (decimal text), with `other` for
all models outside the 50; a window includes both its ends and is at most 366 days long; the data begin on
2025-01-01; any key opens it; whoever shows the numbers names the source. Not documented, and therefore not
relied on: that every day has rows, and that a day that is over changes no more. Here: asking and landing.
Not here: shares and what is believed (sql/core/token_shares_daily).
"""

import logging
import re
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from pipelines.sources.errors import PastDayError, PayloadError, PermanentError
from pipelines.sources.http import Client
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot

logger = logging.getLogger("cambrian.openrouter")

TOKENS_SOURCE = "token_shares"
TOP_MODELS = "openrouter-top-50"
FIRST_DAY = date(2025, 1, 1)
LONGEST_WINDOW_DAYS = 366
#: A day without rows is asked for again so long; then it is one that has none.
PATIENCE = timedelta(days=7)


class _Row(msgspec.Struct):
    """What landing itself reads of a row."""

    date: object = None


class _Rankings(msgspec.Struct):
    data: list[_Row]


_RANKINGS = msgspec.json.Decoder(_Rankings)


def land_token_shares(
    client: Client, api_url: str, store: PayloadStore, *, day: date, today: date, token: str | None
) -> Manifest:
    """Land all days up to yesterday that no landing has yet, as a rule in one call.

    The last two days are asked for in any case: the younger of them may have been landed before it was whole.
    What was landed on `day` is given as it is; a past day without a landing comes with today's, under today's
    date. Raises PermanentError without a key, PastDayError for a day before the data begin, PayloadError for
    an answer of another form; else as Client.get.
    """
    landed = store.manifest(_snapshot(day))
    if landed.is_complete:
        return landed
    if day <= FIRST_DAY:
        raise PastDayError(f"OpenRouter's data begin on {FIRST_DAY}; there is nothing to land on {day}.")
    if not token:
        raise PermanentError("OpenRouter answers only with a key: set OPENROUTER_API_KEY.")
    manifest = store.resume(_snapshot(today))
    if manifest.is_complete:
        return manifest
    there = {page.url for page in manifest.pages}
    for start, end in _windows(_first_missing(store, today), today - timedelta(days=1)):
        url = f"{api_url}/api/v1/datasets/rankings-daily?start_date={start}&end_date={end}"
        if url in there:
            continue
        answer = client.get(url, token=token)
        rows = _rows(answer.body)
        store.add_page(manifest, answer, records=len(rows))
        logger.info("token shares: %d rows from %s to %s", len(rows), start, end)
    store.complete(manifest)
    return manifest


def _first_missing(store: PayloadStore, today: date) -> date:
    """Give the first day that may still come, at the latest the day before yesterday.

    Those do not come any more that some landing has rows of, or asked for when they were older than PATIENCE.
    """
    landed, latest = store.manifests(TOKENS_SOURCE), today - timedelta(days=2)
    known = {
        row.date
        for manifest in landed
        for body in store.bodies(manifest)
        for row in _rows(body)
        if isinstance(row.date, str)
    }
    asked = {day for manifest in landed for day in _asked_late(manifest)}
    missing = (day for day in _days(FIRST_DAY, latest) if day.isoformat() not in known and day not in asked)
    return next(missing, max(FIRST_DAY, latest))


def _asked_late(manifest: Manifest) -> Iterator[date]:
    """Give the days that a landing asked for when they were older than PATIENCE, by its addresses."""
    for page in manifest.pages:
        window = re.search(r"start_date=(\d{4}-\d\d-\d\d)&end_date=(\d{4}-\d\d-\d\d)$", page.url)
        if window:
            start, end = map(date.fromisoformat, window.groups())
            yield from _days(start, min(end, manifest.snapshot.day - PATIENCE - timedelta(days=1)))


def _days(start: date, end: date) -> Iterator[date]:
    """Give the days from `start` to `end`, both included."""
    for number in range((end - start).days + 1):
        yield start + timedelta(days=number)


def _windows(start: date, end: date) -> Iterator[tuple[date, date]]:
    """Cut the days from `start` to `end`, both included, into windows that the API takes."""
    while start <= end:
        last = min(end, start + timedelta(days=LONGEST_WINDOW_DAYS - 1))
        yield start, last
        start = last + timedelta(days=1)


def _rows(body: bytes) -> list[_Row]:
    try:
        return _RANKINGS.decode(body).data
    except msgspec.MsgspecError as error:
        raise PayloadError(f"OpenRouter gave no list of daily token counts ({error}).") from None


def _snapshot(day: date) -> Snapshot:
    return Snapshot(
        source=TOKENS_SOURCE,
        day=day,
        scope=TOP_MODELS,
        title="tokens by day on OpenRouter: the 50 largest models, and all others together",
        is_live=True,
        origin="OpenRouter",
        licence="CC BY 4.0",
        attribution=f"Source: OpenRouter (openrouter.ai/rankings), as of {day}.",
    )
