"""A server with real faults on 127.0.0.1, and a session that does not wait."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import requests

from pipelines.sources.http import new_session
from pipelines.sources.payloads import PayloadStore


@dataclass(frozen=True)
class Reply:
    """One answer of the server. `announced` is a Content-Length that lies; `drops` hangs up before a word.

    `chunked` sends the body as a first chunk that announces twice as much, and hangs up in the middle of it.
    `stalls` keeps the line open after that without another byte.
    """

    body: bytes = b"[]"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    announced: int | None = None
    drops: bool = False
    chunked: bool = False
    stalls: bool = False


class Server(ThreadingHTTPServer):
    """Answers each path (with its query) with its replies in turn, the last one again and again."""

    daemon_threads = False  # so that closing the server waits for them, and no socket is left open

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: dict[str, list[Reply]] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.is_over = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def play(self, path: str, *replies: Reply) -> str:
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
        self.server.headers.append(dict(self.headers))
        self.close_connection = True
        replies = self.server.replies.get(self.path, [Reply(b"no such page", 404)])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if not reply.drops:
            self._answer(reply)
        if reply.stalls:
            self.server.is_over.wait(5)
        with contextlib.suppress(OSError):  # the client may have hung up first
            self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif reply.status != 304:
            self.send_header("Content-Length", str(reply.announced or len(reply.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if reply.chunked:
            self.wfile.write(f"{2 * len(reply.body):x}\r\n".encode())
        self.wfile.write(reply.body)

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


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, noted instead of waited."""
    noted: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", noted.append)
    return noted


@pytest.fixture
def session(waits: list[float]) -> Iterator[requests.Session]:
    """The one session of all sources, which does not really wait here."""
    with new_session() as opened:
        yield opened


@pytest.fixture
def store(tmp_path: Path) -> PayloadStore:
    """An empty payload store."""
    return PayloadStore(tmp_path / "payloads")
