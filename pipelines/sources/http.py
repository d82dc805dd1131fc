"""The one HTTP client that every source uses: who we are, how long we wait, how often we try again.

Here: the session, quotas, retries, one bounded GET or POST, one resumable download. Not here: what a path or
a page means.
"""

import gzip
import hashlib
import json
import logging
import random
import re
import time
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import urljoin, urlsplit

import msgspec
import requests
import tenacity
import urllib3
from requests.adapters import BaseAdapter
from requests.auth import AuthBase

from pipelines.sources.errors import (
    GarbledError,
    PayloadError,
    PermanentError,
    QuotaError,
    TransientError,
)
from pipelines.sources.quota import Quota, asked_wait, told_quota

logger = logging.getLogger("cambrian.http")

USER_AGENT = "cambrian-observatory/0.1 (open-model ecosystem statistics)"
CONNECT_TIMEOUT_SECONDS = 10
READ_TIMEOUT_SECONDS = 60
#: A server that drips a byte a minute never runs into the read timeout.
LONGEST_ANSWER_SECONDS = 600
#: A server may ask us to wait; without a bound it could park a worker for hours. The Hub's window is 300 s.
LONGEST_WAIT_SECONDS = 310
MAX_TRIES = 5
#: First pause when a server says 429 and not for how long; then twice as long each time, 300 s in all.
UNTOLD_QUOTA_PAUSE_SECONDS = 20
MAX_RECEIVED_BYTES = 64 * 1024 * 1024
MAX_BODY_BYTES = 512 * 1024 * 1024
MAX_DOWNLOAD_BYTES = 4 * 1024**3
TRANSIENT_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
#: Each member copies what follows it: without a bound a body of empty ones takes hours.
MAX_MEMBERS = 1000
_CHUNK = 1 << 18
_REFUSED = ". What is landed stays; if it happens again, check the endpoint in the environment."
_GARBLED = f", {MAX_TRIES} times in a row. What is landed stays; run the same command later to go on."
#: Checks that JSON is whole without making objects of it: a gigabyte a second.
_RAW = msgspec.json.Decoder(msgspec.Raw)
#: What a server says of itself that is worth keeping beside a payload; nothing that could hold a secret.
KEPT_HEADERS = ("etag", "x-error-code")
#: urllib3 warns of each retry with the whole address, query included; we say it once, without.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Answer:
    """One answer as it lands: its body unpacked and as gzip bytes, and the address of the next page if any.

    `url` is what was asked, `final_url` where redirects led, without its query.
    """

    url: str
    status: int
    gzip_body: bytes
    body: bytes = field(repr=False)
    next_url: str | None = None
    final_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Client:
    """A session with quotas, retries and bounds. Not safe for threads; sources ask serially.

    `adapters` maps an address prefix to what answers for it (a recording). `longest_wait_seconds` is how long
    a quota is waited for; one that is renewed later is a QuotaError. `sleep` and `clock` are the time,
    for tests. `calls` counts the requests that were sent, by host; `quotas` holds what each host said last.
    """

    def __init__(
        self,
        adapters: Mapping[str, BaseAdapter] | None = None,
        *,
        longest_wait_seconds: float = LONGEST_WAIT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = _Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"})
        for prefix, adapter in (adapters or {}).items():
            self._session.mount(prefix, adapter)
        self._longest_wait = longest_wait_seconds
        self._sleep = sleep
        self._clock = clock
        self._renewals: dict[str, float] = {}  # host -> when its used-up quota is renewed
        self.quotas: dict[str, Quota] = {}
        self.calls: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def get(
        self,
        url: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> Answer:
        """GET `url` and give its body, as received where the server compressed it.

        Tried up to MAX_TRIES times on broken connections, broken bodies and TRANSIENT_STATUSES, with jitter
        or as long as the server asks. Statuses from 300 on raise unless they are in `accept`. The token goes
        to this host only: requests drops it when a redirect leads to another. Raises QuotaError,
        TransientError, PermanentError or PayloadError, each saying what was asked and what to do.
        """
        return self._again(lambda: self._ask("GET", url, token, headers, accept, None))

    def post(
        self, url: str, payload: Any, *, token: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """POST a query as JSON and give the answer; tried again like GET: for what changes nothing."""
        return self._again(lambda: self._ask("POST", url, token, headers, (), json.dumps(payload).encode()))

    def download(self, url: str, path: Path, *, token: str | None = None) -> str:
        """Fetch a large file into `path`, go on where an earlier try broke off, and give its ETag or "".

        What is there so far lies in `path` + ".part" beside its ETag, and is begun anew when the server's
        file has changed meanwhile. Gives up after MAX_TRIES tries in a row that brought nothing. Errors as in
        `get`.
        """
        part = path.with_name(path.name + ".part")
        fruitless, furthest = 0, _size(part)
        while True:
            try:
                etag = self._fetch_rest(url, part, token)
            except QuotaError:
                raise
            except TransientError as error:
                # Against the furthest so far: a server that always begins anew would never end.
                fruitless = 0 if _size(part) > furthest else fruitless + 1
                furthest = max(furthest, _size(part))
                if fruitless >= MAX_TRIES:
                    raise
                self._sleep(error.wait_seconds or random.uniform(0.5, 2))  # noqa: S311 - no secret
            else:
                part.replace(path)
                _etag_file(part).unlink(missing_ok=True)
                return etag

    def _again(self, ask: Callable[[], Answer]) -> Answer:
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_pass),
            stop=tenacity.stop_after_attempt(MAX_TRIES),
            wait=_pause,
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(ask)

    def _ask(
        self,
        method: str,
        url: str,
        token: str | None,
        headers: Mapping[str, str] | None,
        accept: Collection[int],
        data: bytes | None,
    ) -> Answer:
        with self._response(method, url, token, headers, data) as response:
            self._check_status(response, url, accept, token)
            received = _read_bounded(response, url, self._clock)
            encoding = response.headers.get("Content-Encoding", "identity").lower()
            next_link = response.links.get("next", {}).get("url")
            next_url = urljoin(response.url, next_link) if next_link else None
            final_url, kept = bare(response.url), _kept(response.headers)
            status = response.status_code
        is_packed = encoding == "gzip" and (bool(received) or status < 300)  # 304 has the header, and no body
        body = _unpacked(received, url) if is_packed else received
        told = "\n".join([next_url or "", final_url, *kept.values()])
        if token and (token.encode() in body or token in told):
            raise PayloadError(f"{bare(url)} repeats the token that it was asked with; not kept.")
        if status < 300:
            _check_json(body, url)
        # Level 5 is as small as 9 within a few percent, in a third of the time.
        packed = received if is_packed else gzip.compress(received, compresslevel=5, mtime=0)
        return Answer(url, status, packed, body, next_url, final_url, kept)

    @contextmanager
    def _response(
        self,
        method: str,
        url: str,
        token: str | None,
        headers: Mapping[str, str] | None,
        data: bytes | None,
    ) -> Iterator[requests.Response]:
        """Send one request, after the pause that the host's quota asks for; what breaks becomes our errors.

        What requests and urllib3 say repeats the query, and a header that they refuse: only the kind is told.
        """
        host, where = _host(url), bare(url)
        self._await_quota(_bucket(url), url)
        self.calls[host] += 1
        content = {"Content-Type": "application/json"} if data is not None else {}
        timeout = (CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS)
        # An auth object, and not a bare header, keeps requests from putting what ~/.netrc says in its place.
        asking: dict[str, Any] = {"auth": _Bearer(token), "timeout": timeout, "stream": True}
        try:
            with self._session.request(
                method, url, data=data, headers={**content, **(headers or {})}, **asking
            ) as response:
                if response.history:
                    self.calls.update(_host(hop.url) for hop in [*response.history[1:], response])
                yield response
        except (requests.ConnectionError, requests.Timeout) as error:
            raise TransientError(
                f"{where} did not answer after {MAX_TRIES} tries ({type(error).__name__}). What is landed "
                "stays; run the same command again to go on."
            ) from None
        except urllib3.exceptions.HTTPError as error:
            raise TransientError(
                f"{where} broke off ({type(error).__name__}). What is landed stays; run again to go on."
            ) from None
        except (
            requests.RequestException,
            ValueError,
        ) as error:  # ValueError: a token that no header can hold
            raise PermanentError(
                f"{where} cannot be asked ({type(error).__name__}): check the endpoint and the token."
            ) from None

    def _await_quota(self, bucket: str, url: str) -> None:
        """Wait until a used-up quota is renewed: before the 429, not after it."""
        rest = self._renewals.get(bucket, 0) - self._clock()
        if rest <= 0:
            return
        if rest > self._longest_wait:
            raise _quota_error(url, rest)
        logger.info("%s: quota used up, waiting %.0f s for the next window", bucket, rest)
        self._sleep(rest)
        self._renewals.pop(bucket, None)

    def _check_status(
        self, response: requests.Response, url: str, accept: Collection[int], token: str | None
    ) -> None:
        bucket, status = _bucket(response.url), response.status_code
        quota = told_quota(response.headers)
        if quota is not None:
            self.quotas[bucket] = quota
            if quota.left <= 0:
                # One second more: both sides round.
                self._renewals[bucket] = self._clock() + quota.renewed_in_seconds + 1
        if status < 300:
            return
        wait = asked_wait(response.headers, quota)
        is_limit = status == 429 or (status == 403 and wait is not None)
        if status in accept and not is_limit:
            return
        if is_limit and wait is not None and wait > self._longest_wait and quota and quota.left <= 0:
            raise _quota_error(url, wait)
        if is_limit or status in TRANSIENT_STATUSES:
            capped = None if wait is None else min(wait, self._longest_wait)
            raise TransientError(
                f"{bare(url)} answered {status}, {MAX_TRIES} times in a row. What is landed stays; run the "
                "same command later to go on." + (" A token raises the quota." if is_limit else ""),
                UNTOLD_QUOTA_PAUSE_SECONDS if is_limit and capped is None else capped,
                is_untold_limit=is_limit and wait is None,
            )
        hint = {
            401: "The token was refused or is needed: check HF_TOKEN, GITHUB_TOKEN or OPENROUTER_API_KEY.",
            403: "Access was refused: check the token's rights.",
            404: "There is no such address: check the endpoint in the environment.",
        }.get(status, "Asking again will not help.")
        said = _said(response, token)
        raise PermanentError(f"{bare(url)} answered {status}{said}. {hint}", status)

    def _fetch_rest(self, url: str, part: Path, token: str | None) -> str:
        """Append what is missing to `part`; give the file's ETag once it is whole."""
        have, known = _size(part), _read_text(_etag_file(part))
        headers = {"Accept-Encoding": "identity"}
        if have and known:
            headers |= {"Range": f"bytes={have}-", "If-Range": known}
        with self._response("GET", url, token, headers, None) as response:
            if response.status_code == 416:  # what lies here is longer than the file is now
                part.unlink(missing_ok=True)
                raise TransientError(f"{bare(url)} has another file than before; beginning anew.")
            self._check_status(response, url, (), token)
            is_rest = response.status_code == 206
            etag = response.headers.get("ETag", "")
            if is_rest and not (etag == known and _is_rest_from(have, response.headers)):
                part.unlink(missing_ok=True)
                raise TransientError(f"{bare(url)} gave another piece than asked for; run again.")
            part.parent.mkdir(parents=True, exist_ok=True)
            _etag_file(part).write_text(etag)
            total = _announced_total(response.headers, have if is_rest else 0)
            with part.open("ab" if is_rest else "wb") as file:
                for chunk in _chunks(response):
                    file.write(chunk)
                    if file.tell() > MAX_DOWNLOAD_BYTES:
                        raise PayloadError(
                            f"{bare(url)} sent more than {MAX_DOWNLOAD_BYTES >> 30} GB; refused."
                        )
        if total is not None and _size(part) != total:
            raise TransientError(f"{bare(url)} broke off after {_size(part)} of {total} bytes; run again.")
        return etag


class _Session(requests.Session):
    """Requests reads ~/.netrc and the whole body of an answer when it follows a redirect; neither is ours."""

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Drop the token when a redirect leads to another host, and put nothing in its place."""
        old, new = response.request.url, prepared_request.url
        if self.should_strip_auth(old, new):  # type: ignore[no-untyped-call]
            prepared_request.headers.pop("Authorization", None)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Give where a redirect leads; its body is not read, whatever its size."""
        target = super().get_redirect_target(resp)
        if target:
            resp.raw.close()
        return target


class _Bearer(AuthBase):
    """Sets the token's header, or nothing where there is none."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def token_name(token: str | None) -> str:
    """Name a token without telling it, to know whether an ETag belongs to it; "anonymous" for none."""
    if token is None:
        return "anonymous"
    return hashlib.sha256(b"cambrian token name\0" + token.encode()).hexdigest()[:12]


def bare(url: str) -> str:
    """Give the address without its query and user: a query may carry a signature or a token."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _host(url: str) -> str:
    """Give host and port, without the user and the password that an address may carry."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _bucket(url: str) -> str:
    """Name the quota that a request counts against: its host's, but GitHub counts GraphQL apart."""
    return _host(url) + ("/graphql" if urlsplit(url).path.endswith("/graphql") else "")


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, TransientError | GarbledError) and not isinstance(error, QuotaError)


def _pause(state: tenacity.RetryCallState) -> float:
    """Wait as long as the server asks; without its word one second, two, four, with jitter."""
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "wait_seconds", None)
    growth = 2 ** (state.attempt_number - 1)
    if getattr(error, "is_untold_limit", False):
        asked *= growth
    pause = asked if asked is not None else growth * random.uniform(1, 1.5)  # noqa: S311 - no secret
    if pause > 5:
        logger.info("%s Next try in %.0f s.", str(error).partition(". ")[0] + ".", pause)
    return float(pause)


def _said(response: requests.Response, token: str | None) -> str:
    """Give what the server says of its refusal, where it says it as these APIs do; never the token."""
    try:
        words = json.loads(response.raw.read(2000, decode_content=True))
        text = str(words.get("error") or words.get("message") or "")
    except (ValueError, AttributeError, RecursionError, urllib3.exceptions.HTTPError):
        return ""
    if not text or (token and token in text):
        return ""
    return f" ({' '.join(text.split())[:200]})"


def _quota_error(url: str, seconds: float) -> QuotaError:
    renewed = datetime.now(UTC) + timedelta(seconds=min(seconds, 30 * 86_400) + 60)  # the minute rounded up
    return QuotaError(
        f"{_host(url)}: the quota is used up and renewed at {renewed:%Y-%m-%d %H:%M} UTC. What is landed "
        "stays; run the same command then to go on. A token raises the quota (HF_TOKEN, GITHUB_TOKEN).",
        seconds,
    )


def _chunks(response: requests.Response) -> Iterator[bytes]:
    # read1 gives what has come; read would wait for a whole chunk, and a drip would never run into a bound.
    while chunk := cast(bytes, response.raw.read1(_CHUNK, decode_content=False)):
        yield chunk


def _read_bounded(response: requests.Response, url: str, clock: Callable[[], float]) -> bytes:
    """Read the raw body, still compressed, and refuse one that is too large, too slow or cut short."""
    started, chunks, size = clock(), [], 0
    for chunk in _chunks(response):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_RECEIVED_BYTES:
            raise PayloadError(f"{bare(url)} sent more than {MAX_RECEIVED_BYTES >> 20} MB; refused{_REFUSED}")
        if clock() - started > LONGEST_ANSWER_SECONDS:
            raise TransientError(f"{bare(url)} sent for more than {LONGEST_ANSWER_SECONDS} s; run again.")
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and size < int(announced):
        raise TransientError(f"{bare(url)} broke off after {size} of {announced} bytes; run again.")
    return b"".join(chunks)


def _unpacked(compressed: bytes, url: str) -> bytes:
    """Unpack gzip of one or several members; refuse broken gzip and decompression bombs."""
    parts, size, rest = [], 0, compressed
    decoder, members = zlib.decompressobj(wbits=31), 1
    try:
        while rest:
            parts.append(decoder.decompress(rest, MAX_BODY_BYTES - size + 1))
            size += len(parts[-1])
            if size > MAX_BODY_BYTES:
                raise PayloadError(
                    f"{bare(url)} unpacks to more than {MAX_BODY_BYTES >> 20} MB; refused{_REFUSED}"
                )
            rest = decoder.unconsumed_tail or decoder.unused_data.lstrip(b"\0")
            if decoder.eof and rest:
                decoder, members = zlib.decompressobj(wbits=31), members + 1
                if members > MAX_MEMBERS:
                    raise PayloadError(f"{bare(url)} sent more than {MAX_MEMBERS} gzip members; refused.")
    except zlib.error as error:
        raise GarbledError(f"{bare(url)} sent a broken gzip body ({error}){_GARBLED}") from error
    if not decoder.eof:
        raise GarbledError(f"{bare(url)} sent a gzip body that ends early{_GARBLED}")
    return b"".join(parts)


def _check_json(body: bytes, url: str) -> None:
    """Refuse what is no whole JSON (lines of it for .jsonl), such as the HTML page of a server in trouble."""
    try:
        if url.endswith(".jsonl"):
            _RAW.decode_lines(body)
        else:
            _RAW.decode(body)
        body.decode()  # msgspec looks at no bytes within texts; DuckDB does, too late
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        shown = body.strip()[:60].decode("utf-8", "replace")
        raise GarbledError(
            f"{bare(url)}: not whole JSON ({error}); it begins with {shown!r}{_GARBLED}"
        ) from None


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in KEPT_HEADERS if name in headers}


def _announced_total(headers: Mapping[str, str], have: int) -> int | None:
    length = headers.get("Content-Length", "")
    return have + int(length) if length.isdecimal() else None


def _is_rest_from(have: int, headers: Mapping[str, str]) -> bool:
    """Say whether a piece begins where ours ends, and goes on to the end of the file."""
    told = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", headers.get("Content-Range", "").strip())
    return told is not None and int(told[1]) == have and int(told[2]) + 1 == int(told[3])


def _etag_file(part: Path) -> Path:
    return part.with_name(part.name + ".etag")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _read_text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
