"""A server with real faults on 127.0.0.1, and a client whose time only passes when it waits."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from pipelines.sources.http import Client
from pipelines.sources.payloads import PayloadStore


@dataclass(frozen=True)
class Reply:
    """One answer of the server. `announced` is a Content-Length that lies; `drops` hangs up before a word.

    `chunked` sends the body as a first chunk that announces twice as much, and hangs up in the middle of it.
    `stalls` keeps the line open after that without another byte. `repeats` sends the body as often.
    """

    body: bytes = b"[]"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    announced: int | None = None
    drops: bool = False
    chunked: bool = False
    stalls: bool = False
    repeats: int = 1


#: A reply, or what makes one from the headers of the request.
Replying = Reply | Callable[[dict[str, str]], Reply]


class Server(ThreadingHTTPServer):
    """Answers each path (with its query) with its replies in turn, the last one again and again."""

    daemon_threads = False  # so that closing the server waits for them, and no socket is left open

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: dict[str, list[Replying]] = {}
        self.asked: list[str] = []
        self.methods: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.clock_ahead_seconds = 0.0
        self.sent_bytes = 0
        self.is_over = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def play(self, path: str, *replies: Replying) -> str:
        """Set the replies of a path and give its address."""
        self.replies[path] = list(replies)
        return self.url + path

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.methods.append(self.command)
        self.server.headers.append(dict(self.headers))
        self.server.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        self.close_connection = True
        replies = self.server.replies.get(self.path, [Reply(b"no such page", 404)])
        made = replies.pop(0) if len(replies) > 1 else replies[0]
        reply = made if isinstance(made, Reply) else made(dict(self.headers))
        if not reply.drops:
            self._answer(reply)
        if reply.stalls:
            self.server.is_over.wait(5)
        with contextlib.suppress(OSError):  # the client may have hung up first
            self.connection.shutdown(socket.SHUT_RDWR)

    do_POST = do_GET  # noqa: N815 - the name is http.server's

    def _answer(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        date = formatdate(time.time() + self.server.clock_ahead_seconds, usegmt=True)
        for name, value in ({"Date": date} | reply.headers).items():
            self.send_header(name, value)
        length = len(reply.body) * reply.repeats
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif reply.status != 304:
            self.send_header("Content-Length", str(reply.announced or length))
        self.send_header("Connection", "close")
        self.end_headers()
        if reply.chunked:
            self.wfile.write(f"{2 * length:x}\r\n".encode())
        with contextlib.suppress(OSError):  # the client may have had enough
            for _ in range(reply.repeats):
                self.wfile.write(reply.body)
                self.server.sent_bytes += len(reply.body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _serve() -> Iterator[Server]:
    with Server() as running:
        thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield running
        running.is_over.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    """The server that is asked."""
    yield from _serve()


@pytest.fixture
def foreign_server() -> Iterator[Server]:
    """Another host, which must not get what is meant for the first."""
    yield from _serve()


class Time:
    """A clock that stands still unless somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def time_of_client() -> Time:
    """The client's time."""
    return Time()


@pytest.fixture
def waits(time_of_client: Time) -> list[float]:
    """The pauses of the client, noted instead of waited."""
    return time_of_client.waits


@pytest.fixture
def client(time_of_client: Time) -> Iterator[Client]:
    """The one client of all sources, which does not really wait here."""
    with Client(sleep=time_of_client.sleep, clock=time_of_client.clock) as opened:
        yield opened


@pytest.fixture
def store(tmp_path: Path) -> PayloadStore:
    """An empty payload store."""
    return PayloadStore(tmp_path / "payloads")
