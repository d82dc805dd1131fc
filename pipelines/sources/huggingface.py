"""Hugging Face: the walk over the list of models.

One walk is one snapshot of one scope. The list has no total and no consistency: it ends when the server gives
no next page, models move while we walk, and duplicates are taken out later (sql/staging), first one first.
"""

import logging
from collections.abc import Collection, Iterator
from datetime import date
from urllib.parse import urlencode, urlsplit

import requests

from pipelines.sources.errors import PastDayError, PayloadError
from pipelines.sources.http import Answer, get
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot

logger = logging.getLogger("cambrian.huggingface")

MODELS_SOURCE = "huggingface_models"
PAGE_SIZE = 1000
#: What the design needs of each model; `expand` gives these and the id, and nothing else.
FIELDS = (
    "author", "config", "createdAt", "downloads", "downloadsAllTime", "gated", "gguf", "lastModified",
    "library_name", "likes", "pipeline_tag", "safetensors", "tags", "trendingScore",
)  # fmt: skip


def top_models_snapshot(day: date, count: int) -> Snapshot:
    """Say what a live walk over the `count` most downloaded models is a picture of."""
    return Snapshot(
        source=MODELS_SOURCE,
        day=day,
        scope=f"top-{count}-by-downloads",
        title=f"the {count:,} models with the most downloads in 30 days",
        fields=FIELDS,
        origin="Hugging Face Hub API",
    )


def walk(
    session: requests.Session,
    endpoint: str,
    *,
    start: str | None = None,
    token: str | None = None,
    seen: Collection[str] = (),
) -> Iterator[Answer]:
    """Yield the pages of the model list, most downloaded first, until the server names no next page.

    `start` is the address at which an interrupted walk goes on, `seen` what it had asked before. Raises
    PayloadError when a page leads to one that was already seen or to another host, which would walk for ever
    or carry the token away.
    """
    query = [("sort", "downloads"), ("limit", str(PAGE_SIZE)), *(("expand", name) for name in FIELDS)]
    url: str | None = start or f"{endpoint}/api/models?{urlencode(query)}"
    asked = set(seen)
    while url:
        if url in asked:
            raise PayloadError(f"{endpoint}: the list of models repeats a cursor after {len(asked)} pages.")
        if urlsplit(url)[:2] != urlsplit(endpoint)[:2]:
            raise PayloadError(f"{endpoint}: the next page lies on another host ({urlsplit(url).netloc}).")
        asked.add(url)
        answer = get(session, url, token=token)
        yield answer
        url = answer.next_url


def land_models(
    session: requests.Session,
    endpoint: str,
    snapshot: Snapshot,
    store: PayloadStore,
    *,
    token: str | None = None,
    max_pages: int | None = None,
) -> Manifest:
    """Walk and land one snapshot; go on where an earlier run was cut off; do nothing if it is whole."""
    manifest = store.manifest(snapshot)
    if manifest.is_complete:
        return manifest
    # Cut off after the last page: nothing is left to ask but to say so.
    is_at_end = bool(manifest.pages) and (manifest.next_url is None or len(manifest.pages) == max_pages)
    seen = [page["url"] for page in manifest.pages if "url" in page]
    rest = walk(session, endpoint, start=manifest.next_url, token=token, seen=seen)
    for answer in () if is_at_end else rest:
        store.add_page(manifest, answer)
        logger.info("%s %s: page %d", snapshot.day, snapshot.scope, len(manifest.pages))
        if max_pages is not None and len(manifest.pages) >= max_pages:
            break
    store.complete(manifest)
    return manifest


def land_today(
    session: requests.Session,
    endpoint: str,
    store: PayloadStore,
    *,
    day: date,
    today: date,
    count: int,
    token: str | None = None,
) -> Manifest:
    """Land the `count` most downloaded models of `day`, which must be today unless it has been landed before.

    Raises PastDayError otherwise: the API gives today's counts only, and they are never booked under another
    date.
    """
    snapshot = top_models_snapshot(day, count)
    manifest = store.manifest(snapshot)
    if day != today and not manifest.is_complete:
        raise PastDayError(
            f"{day} was not landed on its day, and the Hub tells only today's counts ({today} UTC). "
            "The day stays missing; it is not zero."
        )
    pages = -(-count // PAGE_SIZE)
    return land_models(session, endpoint, snapshot, store, token=token, max_pages=pages)
