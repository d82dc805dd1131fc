"""What every stand-in shares: the exchange, the record of what was asked, quotas, compression, a clean end.

Here: requests and answers as values, and how they get over the wire. Not here: what a path means (hub.py,
github.py ...) or what can go wrong (faults.py).
"""

import base64
import contextlib
import gzip
import json
import math
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

#: Cut the body in the middle, however long it is.
HALF = -1
#: Shorter bodies are not worth compressing.
SHORTEST_GZIP = 200


@dataclass(frozen=True)
class Request:
    """What was asked: the path unquoted, the query with all values of a name, header names in lower case.

    `status` is what was answered (0: the connection was reset), once it is in `StandIn.requests`.
    """

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = field(default=b"", repr=False)
    status: int = 0

    def first(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]

    @property
    def token(self) -> str | None:
        """The bearer token, or None."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind.lower() in ("bearer", "token") else None

    def address(self, base: str, **changed: object) -> str:
        """The address of this request at `base`, with some parameters of the query set anew."""
        query = self.query | {name: [str(value)] for name, value in changed.items()}
        return f"{base}{self.path}?{urlencode(query, doseq=True)}"


@dataclass(frozen=True)
class Answer:
    """What is answered, and how the line behaves.

    A body in pieces is sent with `length` as its Content-Length, or chunked without one. After `cut_after`
    bytes the server hangs up; `resets` breaks the connection before a word; `delay_seconds` comes first.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    length: int | None = None
    cut_after: int | None = None
    resets: bool = False
    delay_seconds: float = 0

    def plus(self, headers: dict[str, str]) -> "Answer":
        """The same answer with further headers."""
        return replace(self, headers=self.headers | headers)

    def json(self) -> Any:
        """The body, unpacked and parsed; raises TypeError for one in pieces."""
        if not isinstance(self.body, bytes):
            raise TypeError("a body in pieces is not parsed")
        is_packed = self.headers.get("Content-Encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if is_packed else self.body)


def json_answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """Answer `value` as JSON."""
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(status, kind | (headers or {}), json.dumps(value, separators=(",", ":")).encode())


def pack_cursor(content: dict[str, Any]) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def unpack_cursor(cursor: str) -> dict[str, Any] | None:
    """What a cursor holds, or None if it is none of ours."""
    try:
        content = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


class FixedWindow:
    """Calls counted per key in windows of fixed length, which begin with the first call."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._windows: dict[str, tuple[float, int]] = {}

    def used(self, key: str, cost: int = 0) -> tuple[int, float]:
        """Charge `cost` calls; give the calls of this window and the second at which it ends."""
        now = self._clock()
        start, calls = self._windows.get(key, (now, 0))
        if now >= start + self._seconds:
            start, calls = now, 0
        self._windows[key] = (start, calls + cost)
        return calls + cost, start + self._seconds

    def seconds_left(self, end: float) -> int:
        """Whole seconds until `end`, never too few."""
        return max(0, math.ceil(end - self._clock()))


class Faulty(Protocol):
    """What `StandIn.faults` holds (see faults.py)."""

    def on(self, request: Request, answer: Answer) -> Answer:
        """Give what is answered instead."""
        ...


class Clock:
    """A time that passes only when somebody waits: for the servers here, and for what asks them."""

    def __init__(self, now: float = 1_795_000_000.0) -> None:
        self.now = now
        self.waits: list[float] = []

    def read(self) -> float:
        """Seconds, as `time.time` gives them."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the time pass, and note it."""
        self.waits.append(seconds)
        self.now += seconds


class StandIn(ThreadingHTTPServer):
    """A server on 127.0.0.1, to be used as a context manager; a subclass says what `answer` is.

    `requests` records every request in the order of its answer, `faults` spoil answers, `clock` gives unix
    seconds for the Date header and the quotas. `before` is called ahead of each answer with the request and
    its number (from 1): the place to change what is served in the middle of a walk.
    """

    daemon_threads = False  # so that the end waits for them and leaves no socket open
    request_queue_size = 128

    def __init__(self, *, port: int = 0, clock: Callable[[], float] = time.time) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.requests: list[Request] = []
        self.faults: list[Faulty] = []
        self.clock = clock
        self.before: Callable[[Request, int], None] | None = None
        self.is_over = Event()
        self._asked = 0
        self._lock = Lock()
        self._connections: set[socket.socket] = set()
        self._errors: list[BaseException] = []
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        """The base address, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, request: Request) -> Answer:
        """What this server says in a good hour. Called by one thread at a time."""
        raise NotImplementedError

    def exchange(self, request: Request) -> Answer:
        """Answer, spoil and record one request."""
        with self._lock:
            self._asked += 1
            if self.before:
                self.before(request, self._asked)
            answer = self.answer(request)
            for fault in self.faults:
                answer = fault.on(request, answer)
            self.requests.append(replace(request, status=0 if answer.resets else answer.status))
        return answer

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.is_over.set()
        self.shutdown()
        with self._lock:
            for connection in self._connections:  # wakes the threads that wait for their client
                with contextlib.suppress(OSError):  # it may have hung up
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._thread.join()
        if self._errors and kind is None:
            raise self._errors[0]

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection, and remember it."""
        connection, address = super().get_request()
        with self._lock:
            self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, and forget it."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *_: object) -> None:
        """Let a client hang up; keep every other error for the end of the test."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, (ConnectionError, TimeoutError)):
            self._errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: StandIn

    def _serve(self) -> None:
        request = self._read()
        answer = self.server.exchange(request)
        if answer.delay_seconds:
            self.server.is_over.wait(answer.delay_seconds)
        if answer.resets:
            self._reset()
        else:
            self._send(request, _compressed(request, answer))

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _read(self) -> Request:
        parts = urlsplit(self.path)
        return Request(
            method=self.command,
            path=unquote(parts.path),
            query=parse_qs(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )

    def _send(self, request: Request, answer: Answer) -> None:
        length = len(answer.body) if isinstance(answer.body, bytes) else answer.length
        limit = (length or 0) // 2 if answer.cut_after == HALF else answer.cut_after
        head = self._head(answer, length)
        self.close_connection = self.close_connection or limit is not None
        if request.method == "HEAD" or answer.status in (204, 304):
            self.wfile.write(head)
        elif isinstance(answer.body, bytes):
            self.wfile.write(head + answer.body[:limit])  # one packet: no stall
        else:
            self.wfile.write(head)
            for piece in _up_to(answer.body, limit):
                self.wfile.write(piece if length is not None else b"%x\r\n%b\r\n" % (len(piece), piece))
            if length is None and limit is None:
                self.wfile.write(b"0\r\n\r\n")

    def _head(self, answer: Answer, length: int | None) -> bytes:
        phrase = self.responses.get(answer.status, ("",))[0]
        lines = [
            f"HTTP/1.1 {answer.status} {phrase}",
            f"Date: {formatdate(self.server.clock(), usegmt=True)}",
        ]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        if length is None:
            lines.append("Transfer-Encoding: chunked")
        elif answer.status != 304:
            lines.append(f"Content-Length: {length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _reset(self) -> None:
        """Close so that the client's kernel says "connection reset": linger for zero seconds."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _up_to(pieces: Iterable[bytes], limit: int | None) -> Iterator[bytes]:
    """The pieces, cut off after `limit` bytes."""
    left = math.inf if limit is None else limit
    for piece in pieces:
        if left <= 0:
            return
        yield piece if len(piece) <= left else piece[: int(left)]
        left -= len(piece)


def _compressed(request: Request, answer: Answer) -> Answer:
    """Compress text for a client that takes gzip, unless the answer has an encoding already."""
    is_text = answer.headers.get("Content-Type", "").startswith(("application/json", "text/"))
    takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
    if not isinstance(answer.body, bytes) or "Content-Encoding" in answer.headers or not is_text:
        return answer
    if not takes_gzip or len(answer.body) < SHORTEST_GZIP:
        return answer
    body = gzip.compress(answer.body, compresslevel=1, mtime=0)
    return replace(answer, body=body).plus({"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
