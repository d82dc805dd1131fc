"""The one HTTP session that every source uses: who we are, how long we wait, how often we try again.

Here: the session, its retries, one bounded GET. Not here: what a path or a page means.
"""

import gzip
import logging
import zlib
from dataclasses import dataclass
from typing import cast
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.auth import AuthBase
from urllib3.util import Retry

from pipelines.sources.errors import PayloadError, PermanentError, TransientError

USER_AGENT = "cambrian-observatory/0.1 (open-model ecosystem statistics)"
CONNECT_TIMEOUT_SECONDS = 10
READ_TIMEOUT_SECONDS = 60
#: A server may ask us to wait; without a bound it could park a worker for hours.
LONGEST_WAIT_SECONDS = 310
MAX_COMPRESSED_BYTES = 64 * 1024 * 1024
MAX_BODY_BYTES = 512 * 1024 * 1024
#: urllib3 warns of each retry with the whole address, query included; we say it once, without.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
TRANSIENT_STATUSES = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Answer:
    """One answer as it lands: the gzip bytes, the decompressed size, the address of the next page if any."""

    url: str
    status: int
    gzip_body: bytes
    body_bytes: int
    next_url: str | None


def new_session(adapters: dict[str, BaseAdapter] | None = None) -> requests.Session:
    """Give a session with retries; `adapters` maps an address prefix to what answers for it (a recording).

    Idempotent requests are tried five times on broken connections and on 408, 429 and 5xx, with jitter, and
    wait as `Retry-After` says, at most LONGEST_WAIT_SECONDS.
    """
    retry = Retry(
        total=4,  # after the first try
        backoff_factor=0.5,
        backoff_jitter=0.5,
        backoff_max=60,
        status_forcelist=TRANSIENT_STATUSES,
        allowed_methods=frozenset({"GET", "HEAD"}),
        respect_retry_after_header=True,
        retry_after_max=LONGEST_WAIT_SECONDS,
        raise_on_status=False,
    )
    session = requests.Session()
    session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"})
    session.mount("https://", HTTPAdapter(max_retries=retry))
    session.mount("http://", HTTPAdapter(max_retries=retry))
    for prefix, adapter in (adapters or {}).items():
        session.mount(prefix, adapter)
    return session


def get(session: requests.Session, url: str, *, token: str | None = None) -> Answer:
    """GET `url` and give its body as gzip bytes, as received where the server compressed it.

    The token goes to this address only: requests drops it when a redirect leads to another host. Raises
    TransientError, PermanentError or PayloadError, each saying what was asked and what to do.
    """
    # An auth object, and not a bare header, keeps requests from putting what ~/.netrc says in its place.
    auth = _Bearer(token)
    timeout = (CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS)
    try:
        with session.get(url, auth=auth, timeout=timeout, stream=True) as response:
            _check_status(response, url)
            received = _read_bounded(response, url)
            encoding = response.headers.get("Content-Encoding", "identity").lower()
            next_link = response.links.get("next", {}).get("url")
            next_url = urljoin(response.url, next_link) if next_link else None
    # What requests and urllib3 say repeats the query, and a header that they refuse: only the kind is told.
    except (requests.ConnectionError, requests.Timeout) as error:
        raise TransientError(
            f"{_bare(url)} did not answer after 5 tries ({type(error).__name__}). What is landed stays; "
            "run the same command again to go on."
        ) from None
    except urllib3.exceptions.HTTPError as error:
        raise TransientError(
            f"{_bare(url)} broke off ({type(error).__name__}). What is landed stays; run again to go on."
        ) from None
    except (requests.RequestException, ValueError) as error:  # ValueError: a token that no header can hold
        raise PermanentError(
            f"{_bare(url)} cannot be asked ({type(error).__name__}): check the endpoint and the token."
        ) from None
    compressed = received if encoding == "gzip" else gzip.compress(received, mtime=0)
    return Answer(url, response.status_code, compressed, _body_size(compressed, url), next_url)


class _Bearer(AuthBase):
    """Sets the token's header, or nothing where there is none."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _check_status(response: requests.Response, url: str) -> None:
    status = response.status_code
    if status < 400:
        return
    if status in TRANSIENT_STATUSES:
        raise TransientError(
            f"{_bare(url)} answered {status} five times. What is landed stays; run the same command later."
        )
    hint = {
        401: "The token was refused: check HF_TOKEN or GITHUB_TOKEN, or unset it.",
        403: "Access was refused: check the token's rights, or wait for the quota to be renewed.",
        404: "There is no such address: check the endpoint in the environment.",
    }.get(status, "Asking again will not help.")
    raise PermanentError(f"{_bare(url)} answered {status}. {hint}")


def _read_bounded(response: requests.Response, url: str) -> bytes:
    """Read the raw body, still compressed, and refuse one that is too large or shorter than announced."""
    body = cast(bytes, response.raw.read(MAX_COMPRESSED_BYTES + 1, decode_content=False))
    if len(body) > MAX_COMPRESSED_BYTES:
        raise PayloadError(f"{_bare(url)} sent more than {MAX_COMPRESSED_BYTES >> 20} MB; refused.")
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and len(body) < int(announced):
        raise TransientError(f"{_bare(url)} broke off after {len(body)} of {announced} bytes; run again.")
    return body


def _body_size(compressed: bytes, url: str) -> int:
    """Give the decompressed size without keeping the body; refuse broken gzip and decompression bombs."""
    decoder = zlib.decompressobj(wbits=31)
    size, rest = 0, compressed
    try:
        while rest:
            size += len(decoder.decompress(rest, 1 << 20))
            rest = decoder.unconsumed_tail or decoder.unused_data.lstrip(b"\0")
            if decoder.eof and rest:  # a gzip file may have several members
                decoder = zlib.decompressobj(wbits=31)
            if size > MAX_BODY_BYTES:
                raise PayloadError(f"{_bare(url)} unpacks to more than {MAX_BODY_BYTES >> 20} MB; refused.")
    except zlib.error as error:
        raise PayloadError(f"{_bare(url)} sent a broken gzip body ({error}).") from error
    if not decoder.eof:
        raise PayloadError(f"{_bare(url)} sent a gzip body that ends early.")
    return size


def _bare(url: str) -> str:
    """Give the address without its query: a query may carry a signature or a token."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
