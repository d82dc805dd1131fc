"""A small stand-in for all APIs on 127.0.0.1: pages of hand-made models, and "not found" for all else.

What the APIs really do is in tests/standins; this is for tests that need a live run, but not what it brings.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


def everywhere(endpoint: str) -> dict[str, str]:
    """Give the variables that lead a live run to one address for all APIs, without a pause between calls."""
    names = ("HF_ENDPOINT", "GITHUB_API_URL", "PYPISTATS_URL", "OPENROUTER_URL")
    return dict.fromkeys(names, endpoint) | {"CAMBRIAN_PYPISTATS_PAUSE_SECONDS": "0"}


@contextmanager
def hub(pages: list[list[dict[str, Any]]]) -> Iterator[str]:
    """Serve `pages` as /api/models, whatever the query, and give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            number = int(parse_qs(address.query).get("cursor", ["0"])[0])
            is_list = address.path == "/api/models"
            body = json.dumps(pages[number] if is_list else {"message": "Not Found"}).encode()
            self.send_response(200 if is_list else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if is_list and number + 1 < len(pages):
                host = self.headers["Host"]
                self.send_header("Link", f'<http://{host}/api/models?cursor={number + 1}>; rel="next"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
