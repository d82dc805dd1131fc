"""A recording and the transport adapter that answers from it.

The adapter takes the network's place below the session, so whatever walks the live API walks a recording with
the same code. A recording is a folder with `snapshots.jsonl`, `exchanges.jsonl` and the bodies.
"""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from pipelines.sources.errors import PayloadError
from pipelines.sources.payloads import Snapshot

#: Series that no API serves (counters, stars and downloads kept by others) have addresses of this form.
SERIES_PREFIX = "recorded://"


class Recording:
    """The snapshots of a recording and their answers."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.snapshots = [Snapshot.from_json(row) for row in self._lines("snapshots.jsonl")]
        self._exchanges: dict[str, list[dict[str, Any]]] = {}
        for row in self._lines("exchanges.jsonl"):
            self._exchanges.setdefault(f"{row['source']}/{row['day']}/{row['scope']}", []).append(row)

    def exchanges(self, snapshot: Snapshot) -> list[dict[str, Any]]:
        """Give the recorded answers of one snapshot, in the order in which they were given."""
        return self._exchanges.get(snapshot.key, [])

    def session_adapter(self, snapshot: Snapshot) -> "RecordedAdapter":
        """Give the adapter that answers as the API did when `snapshot` was taken."""
        return RecordedAdapter(self.root, self.exchanges(snapshot))

    def _lines(self, name: str) -> list[dict[str, Any]]:
        path = self.root / name
        try:
            return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
        except FileNotFoundError as error:
            raise PayloadError(f"{self.root} is no recording: {name} is missing.") from error
        except ValueError as error:
            raise PayloadError(f"{path} is not JSON lines ({error}).") from error


class RecordedAdapter(BaseAdapter):
    """Answers requests from recorded exchanges; whatever was not recorded is 404.

    Only path and cursor decide: which fields a walk asks for (`expand`, `limit`) changes what a page carries,
    not which page it is.
    """

    def __init__(self, root: Path, exchanges: list[dict[str, Any]]) -> None:
        super().__init__()
        self._root = root
        self._answers = {_key(row["url"]): row for row in exchanges}

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002, ARG002 - the signature is requests' own
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,  # noqa: ARG002
        verify: bool | str = True,  # noqa: FBT001, FBT002, ARG002
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """Answer `request` from the recording."""
        row = self._answers.get(_key(request.url or ""))
        body = (self._root / row["body"]).read_bytes() if row else b"not in the recording"
        headers: dict[str, str] = row["headers"] if row else {}
        raw = HTTPResponse(
            body=io.BytesIO(body),
            headers=headers,
            status=row["status"] if row else 404,
            preload_content=False,
        )
        response = requests.Response()
        response.status_code = raw.status
        response.headers = requests.structures.CaseInsensitiveDict(headers)
        response.raw = raw
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is kept open."""


def _key(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.path, parse_qs(parts.query).get("cursor", [""])[0]
