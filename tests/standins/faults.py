"""The bad hours: one function per kind of fault, each turns a good answer into a bad one.

A fault of a kind acts on the requests number `after + 1` to `after + times` whose path begins with
`path_prefix`. `FAULTS` is the table of all kinds.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from tests.standins.server import HALF, Answer, Request, json_answer, pack_cursor, unpack_cursor

#: "A body of 2 GB".
TWO_GB = 2 * 1024**3
PIECE = 64 * 1024

#: Values of fields as no client wants them; "missing-fields" goes round through them.
BAD_MODELS: tuple[dict[str, Any], ...] = (
    {"id": "bad/no-downloads"},
    {"id": "bad/null-tags", "downloads": 1, "tags": None},
    {"id": "bad/text-downloads", "downloads": "many"},
    {"id": "bad/negative-downloads", "downloads": -5},
    {"id": "bad/endless-downloads", "downloads": 1e30},
    {"id": None, "downloads": 1},
    {"id": 7, "downloads": 1},
    {"id": "bad/" + "x" * 296, "downloads": 1},
    {"id": "bad/<script>alert(1)</script>", "downloads": 1},
    {"id": "bad/🦕\"quoted'", "downloads": 1},
    {"id": "bad/created", "downloads": 1, "createdAt": "yesterday, I think"},
    {"id": "bad/tags-of-numbers", "downloads": 1, "tags": [1, None, {"a": 1}]},
    {"downloads": 1},
)


@dataclass
class Fault:
    """One fault; `value` is what its kind makes of it (seconds, bytes), `seen` counts the requests so far."""

    kind: str
    path_prefix: str = ""
    after: int = 0
    times: float = 1
    value: Any = None
    seen: int = 0
    page_before: Answer = field(default_factory=Answer, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise ValueError(f"{self.kind!r} is no fault; there are {', '.join(FAULTS)}.")

    def on(self, request: Request, answer: Answer) -> Answer:
        """Give what is answered instead of `answer`: the same, if the fault's hour has not come."""
        if not request.path.startswith(self.path_prefix):
            return answer
        self.seen += 1
        is_due = self.after < self.seen <= self.after + self.times
        spoiled = FAULTS[self.kind](self, request, answer) if is_due else answer
        self.page_before = answer
        return spoiled


def _too_many(fault: Fault, request: Request, answer: Answer) -> Answer:
    """Too many requests, and how many seconds to wait."""
    return json_answer({"error": "Too many requests"}, 429, {"Retry-After": str(fault.value or 1)})


def _too_many_ratelimit(fault: Fault, request: Request, answer: Answer) -> Answer:
    """Too many requests, told by the RateLimit headers only, as the Hub does."""
    headers = {
        "RateLimit": f'"api";r=0;t={fault.value or 1}',
        "RateLimit-Policy": '"fixed window";"api";q=1000;w=300',
    }
    return json_answer({"error": "Too many requests"}, 429, headers)


def _too_many_bare(fault: Fault, request: Request, answer: Answer) -> Answer:
    """Too many requests, without a word about when to come again."""
    return json_answer({"error": "Too many requests"}, 429)


def _server_error(fault: Fault, request: Request, answer: Answer) -> Answer:
    """The status that is the kind's name, with the page of a proxy."""
    page = f"<html><body><h1>{fault.kind}</h1></body></html>".encode()
    return Answer(int(fault.kind), {"Content-Type": "text/html"}, page)


def _secondary_limit(fault: Fault, request: Request, answer: Answer) -> Answer:
    """GitHub's secondary limit: 403 although calls are left."""
    message = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}
    kept = {name: text for name, text in answer.headers.items() if name.startswith("x-ratelimit")}
    return json_answer(message, 403, kept | {"Retry-After": str(fault.value or 1)})


def _reset(fault: Fault, request: Request, answer: Answer) -> Answer:
    """The connection is reset before a word."""
    return replace(answer, resets=True)


def _half_body(fault: Fault, request: Request, answer: Answer) -> Answer:
    """The whole length is announced; half of it is sent, or `value` bytes."""
    return replace(answer, cut_after=HALF if fault.value is None else fault.value)


def _wrong_gzip(fault: Fault, request: Request, answer: Answer) -> Answer:
    """Said to be gzip, and is not."""
    return answer.plus({"Content-Encoding": "gzip"})


def _html(fault: Fault, request: Request, answer: Answer) -> Answer:
    """A page for people with status 200, as proxies and maintenance windows give."""
    page = b"<!doctype html><html><body>We are back in a moment.</body></html>"
    return Answer(200, {"Content-Type": "text/html; charset=utf-8"}, page)


def _empty_page(fault: Fault, request: Request, answer: Answer) -> Answer:
    """Nothing on this page, but a next one."""
    return _with_list(answer, [])


def _repeated_cursor(fault: Fault, request: Request, answer: Answer) -> Answer:
    """The next page is this page, by the same cursor."""
    return answer.plus({"Link": f'<{request.address(_base(request))}>; rel="next"'})


def _endless(fault: Fault, request: Request, answer: Answer) -> Answer:
    """A next page for ever, each by a new cursor, all with the models of this one."""
    cursor = unpack_cursor(request.first("cursor")) or {"after": 0, "sort": request.first("sort"), "at": None}
    again = pack_cursor(cursor | {"turn": fault.seen})
    return answer.plus({"Link": f'<{request.address(_base(request), cursor=again)}>; rel="next"'})


def _duplicate(fault: Fault, request: Request, answer: Answer) -> Answer:
    """The first model of the page before stands on this page, too."""
    repeated = fault.page_before.json()[:1] if fault.page_before.body else []
    return _with_list(answer, repeated + answer.json())


def _missing_fields(fault: Fault, request: Request, answer: Answer) -> Answer:
    """Objects with fields missing, null, or of another type, in front of the good ones."""
    return _with_list(answer, [*BAD_MODELS, *answer.json()])


def _early_end(fault: Fault, request: Request, answer: Answer) -> Answer:
    """No next page, although more would follow."""
    return replace(answer, headers={name: text for name, text in answer.headers.items() if name != "Link"})


def _huge(fault: Fault, request: Request, answer: Answer) -> Answer:
    """A body of 2 GB (or `value` bytes) in pieces, without an announced length."""
    return Answer(200, {"Content-Type": "application/json"}, _blanks(fault.value or TWO_GB))


def _bomb(fault: Fault, request: Request, answer: Answer) -> Answer:
    """Two megabytes of gzip that are 2 GB (or `value` bytes) of zeros."""
    kind = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return Answer(200, kind, gzip_of_zeros(fault.value or TWO_GB))


def _slow(fault: Fault, request: Request, answer: Answer) -> Answer:
    """No byte for `value` seconds (5)."""
    return replace(answer, delay_seconds=5 if fault.value is None else fault.value)


FAULTS: dict[str, Callable[[Fault, Request, Answer], Answer]] = {
    "429": _too_many,
    "429-ratelimit": _too_many_ratelimit,
    "429-bare": _too_many_bare,
    "500": _server_error,
    "502": _server_error,
    "503": _server_error,
    "504": _server_error,
    "403-secondary": _secondary_limit,
    "reset": _reset,
    "half-body": _half_body,
    "wrong-gzip": _wrong_gzip,
    "html": _html,
    "empty-page": _empty_page,
    "repeated-cursor": _repeated_cursor,
    "endless": _endless,
    "duplicate": _duplicate,
    "missing-fields": _missing_fields,
    "early-end": _early_end,
    "huge": _huge,
    "bomb": _bomb,
    "slow": _slow,
}


@cache
def gzip_of_zeros(size: int) -> bytes:
    """One gzip member of `size` zero bytes (rounded up to 16 MB), put together from one compressed block."""
    block_size = 16 * 1024**2
    zeros = bytes(block_size)
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)  # after it, a block stands alone
    count, checksum = -(-size // block_size), 0
    for _ in range(count):
        checksum = zlib.crc32(zeros, checksum)
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    tail = b"\x03\x00" + struct.pack("<II", checksum, (count * block_size) % 2**32)
    return head + block * count + tail


def _blanks(size: int) -> Iterator[bytes]:
    piece = b" " * PIECE
    for _ in range(size // PIECE):
        yield piece


def _with_list(answer: Answer, items: list[Any]) -> Answer:
    kept = {name: text for name, text in answer.headers.items() if name != "Content-Encoding"}
    return json_answer(items, answer.status, kept)


def _base(request: Request) -> str:
    return f"http://{request.headers['host']}"
