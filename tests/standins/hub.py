"""A stand-in for the Hugging Face Hub and for the file server behind it.

Built from what the API documents and its clients rely on. Inferred: a cursor holds a place in a sorted list
(the real one holds the last value), quotas begin with the first call of a window, the exact texts of errors.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.standins.server import (
    Answer,
    FixedWindow,
    Request,
    StandIn,
    json_answer,
    pack_cursor,
    unpack_cursor,
)

HUB_STATS = "/datasets/cfahlgren1/hub-stats/resolve/main/models.parquet"
TOKEN = "hf_standin"
#: A quota that nobody reaches.
NO_QUOTA = 1_000_000
SORTS = ("createdAt", "downloads", "lastModified", "likes", "trendingScore")
EXPANDS = frozenset((
    "author", "baseModels", "cardData", "childrenModelCount", "config", "createdAt", "disabled", "downloads",
    "downloadsAllTime", "evalResults", "gated", "gguf", "inference", "inferenceProviderMapping",
    "lastModified", "library_name", "likes", "mask_token", "model-index", "pipeline_tag", "private",
    "resourceGroup", "safetensors", "sha", "siblings", "spaces", "tags", "transformersInfo", "trendingScore",
    "usedStorage", "widgetData",
))  # fmt: skip
#: Given for one model, refused on the list.
ONLY_FOR_ONE = frozenset(("baseModels", "childrenModelCount", "usedStorage"))
#: What the list gives without `expand`.
DEFAULT_FIELDS = (
    "createdAt", "downloads", "library_name", "likes", "pipeline_tag", "private", "tags", "trendingScore",
)  # fmt: skip
PIECE = 1 << 20


class Cdn(StandIn):
    """The file server to which the Hub redirects: signed addresses, ETag, Range, If-Range.

    `files` maps the Hub's path to a file; put another file in its place and the ETag changes. A signature is
    good for `signature_seconds`. It refuses an Authorization header, as an object store does that was given a
    signature already; `requests` shows whether one was ever sent.
    """

    def __init__(self, files: Mapping[str, Path], *, signature_seconds: float = 3600, **standin: Any) -> None:
        super().__init__(**standin)
        self.files = dict(files)
        self.signature_seconds = signature_seconds
        self._etags: dict[tuple[Path, int, int], str] = {}

    def signed(self, path: str) -> str:
        """An address of a file that works without a token, for a while."""
        day = str(self.clock())
        return f"{self.url}{quote(path)}?" + urlencode(
            {"X-Amz-Date": day, "X-Amz-Signature": _signature(path, day)}
        )

    def etag(self, path: str) -> str:
        """The ETag of a file, by its content."""
        file = self.files[path]
        state = file.stat()
        key = (file, state.st_mtime_ns, state.st_size)
        if key not in self._etags:
            with file.open("rb") as opened:
                self._etags[key] = f'"{hashlib.file_digest(opened, "sha256").hexdigest()}"'
        return self._etags[key]

    def answer(self, request: Request) -> Answer:
        """Serve a file or a part of it, or say why not."""
        day = request.first("X-Amz-Date")
        if "authorization" in request.headers:
            return _xml(400, "InvalidArgument")
        if request.first("X-Amz-Signature") != _signature(request.path, day):
            return _xml(403, "SignatureDoesNotMatch")
        if self.clock() > float(day) + self.signature_seconds:
            return _xml(403, "AccessDenied")
        if request.path not in self.files:
            return _xml(404, "NoSuchKey")
        return self._part(request)

    def _part(self, request: Request) -> Answer:
        file, etag = self.files[request.path], self.etag(request.path)
        size = file.stat().st_size
        headers = {"Content-Type": "application/octet-stream", "ETag": etag, "Accept-Ranges": "bytes"}
        wanted = request.headers.get("range")
        if wanted is None or request.headers.get("if-range", etag) != etag:
            return Answer(200, headers, _read(file, 0, size), length=size)
        start, end = _range(wanted, size)
        if start >= end:
            return Answer(416, headers | {"Content-Range": f"bytes */{size}"})
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        return Answer(206, headers, _read(file, start, end), length=end - start)


class Hub(StandIn):
    """The API over `models` (objects as the API gives them, see made.py).

    `renamed` maps old ids to new ones, `private` names ids that exist for nobody here. With `hides_gone`
    an anonymous asker gets 401 for what does not exist, too. `quota` is what the `token` has per window of
    `window_seconds`, `anonymous_quota` (half of it) what askers without a token share. A cursor is good for
    `cursor_seconds`. Files of data sets are redirected to `cdn`.
    """

    def __init__(
        self,
        models: list[dict[str, Any]] | None = None,
        *,
        token: str = TOKEN,
        quota: int | None = None,
        anonymous_quota: int | None = None,
        window_seconds: float = 300,
        page_limit: int = 1000,
        cursor_seconds: float = 3600,
        renamed: Mapping[str, str] | None = None,
        private: tuple[str, ...] = (),
        organizations: Mapping[str, dict[str, Any]] | None = None,
        hides_gone: bool = False,
        cdn: Cdn | None = None,
        **standin: Any,
    ) -> None:
        super().__init__(**standin)
        self.models = models or []
        self.token = token
        self.quota = quota or NO_QUOTA
        self.anonymous_quota = anonymous_quota or (quota // 2 if quota else NO_QUOTA)
        self.window_seconds = window_seconds
        self.page_limit = page_limit
        self.cursor_seconds = cursor_seconds
        self.renamed = dict(renamed or {})
        self.private = frozenset(private)
        self.organizations = dict(organizations or {})
        self.hides_gone = hides_gone
        self.cdn = cdn
        self._window = FixedWindow(window_seconds, self.clock)

    def answer(self, request: Request) -> Answer:
        """Check the token and the quota, then answer by the path."""
        if request.token not in (None, self.token):
            reason = "Invalid credentials in Authorization header"
            return json_answer({"error": reason}, 401, {"X-Error-Message": reason})
        if not request.path.startswith("/api/"):
            return self._file(request)
        quota = self.quota if request.token else self.anonymous_quota
        used, end = self._window.used(request.token or "anonymous", 1)
        limits = {
            "RateLimit": f'"api";r={max(0, quota - used)};t={self._window.seconds_left(end)}',
            "RateLimit-Policy": f'"fixed window";"api";q={quota};w={self.window_seconds:g}',
        }
        if used > quota:
            return json_answer({"error": "We had to rate limit you"}, 429, limits)
        return self._api(request).plus(limits)

    def list_models(self, request: Request) -> Answer:
        """One page of the list, and the way to the next."""
        sort = request.first("sort", "trendingScore")
        cursor = unpack_cursor(request.first("cursor")) if "cursor" in request.query else {"after": 0}
        if sort not in SORTS:
            return _bad("Invalid sort parameter")
        if cursor is None or cursor.get("sort", sort) != sort or self._is_stale(cursor):
            return _bad("Invalid cursor")
        expand = _expand(request)
        if unknown := [name for name in expand if name not in EXPANDS - ONLY_FOR_ONE]:
            return _bad(f"Invalid enum value for expand: {', '.join(unknown)}")
        limit = request.first("limit", "1000")
        if not limit.isdigit() or not int(limit):
            return _bad("Invalid limit")
        found = self._found(request, sort)
        end = cursor["after"] + min(int(limit), self.page_limit)
        page = [_chosen(model, expand or DEFAULT_FIELDS) for model in found[cursor["after"] : end]]
        link = self._next(request, {"after": end, "sort": sort}) if end < len(found) else {}
        return json_answer(page, 200, link)

    def _api(self, request: Request) -> Answer:
        _, _, kind, *rest = request.path.split("/")
        if kind == "models":
            return self._model(request, "/".join(rest)) if rest else self.list_models(request)
        if kind == "organizations" and rest[1:] == ["overview"]:
            known = self.organizations.get(rest[0])
            return json_answer(known) if known else json_answer({"error": "Organization not found"}, 404)
        return json_answer({"error": "Sorry, we can't find the page you are looking for."}, 404)

    def _next(self, request: Request, cursor: dict[str, Any]) -> dict[str, str]:
        address = request.address(self.url, cursor=pack_cursor(cursor | {"at": self.clock()}))
        return {"Link": f'<{address}>; rel="next"'}

    def _is_stale(self, cursor: dict[str, Any]) -> bool:
        return bool(cursor.get("at")) and self.clock() > cursor["at"] + self.cursor_seconds

    def _found(self, request: Request, sort: str) -> list[dict[str, Any]]:
        """The public models that pass every filter, the greatest first."""
        tags = request.query.get("filter", [])
        equal = [(name, request.first(name)) for name in ("author", "pipeline_tag") if name in request.query]
        found = [
            model
            for model in self.models
            if model["id"] not in self.private
            and all(tag in (model.get("tags") or ()) for tag in tags)
            and all(model.get(name) == value for name, value in equal)
        ]
        return sorted(found, key=lambda model: _rank(model.get(sort)), reverse=True)

    def _model(self, request: Request, name: str) -> Answer:
        if name in self.renamed:
            query = f"?{urlencode(request.query, doseq=True)}" if request.query else ""
            return Answer(307, {"Location": f"/api/models/{quote(self.renamed[name])}{query}"})
        model = next((model for model in self.models if model["id"] == name), None)
        if model is None or name in self.private:
            is_hidden = not request.token and (self.hides_gone or name in self.private)
            return _error(401 if is_hidden else 404, "RepoNotFound", "Repository not found")
        expand = _expand(request)
        if unknown := [name for name in expand if name not in EXPANDS]:
            return _bad(f"Invalid enum value for expand: {', '.join(unknown)}")
        whole = model | self._of_one(model)
        return json_answer(_chosen(whole, expand) if expand else whole)

    def _of_one(self, model: dict[str, Any]) -> dict[str, Any]:
        """What only the single model's page has; its shape is inferred."""
        declared = [tag.split(":")[1:] for tag in model.get("tags") or () if tag.startswith("base_model:")]
        bases = [parts for parts in declared if len(parts) == 2]
        named = {"relation": bases[0][0], "models": [{"id": base} for _, base in bases]} if bases else None
        child = f"base_model:{model['id']}"
        return {
            "baseModels": named,
            "childrenModelCount": sum(child in (other.get("tags") or ()) for other in self.models),
            "usedStorage": 2 * ((model.get("safetensors") or {}).get("total") or 0),
        }

    def _file(self, request: Request) -> Answer:
        limits = {
            "RateLimit": '"resolvers";r=4999;t=300',
            "RateLimit-Policy": '"fixed window";"resolvers";q=5000;w=300',
        }
        if self.cdn and request.path in self.cdn.files:
            linked = {
                "X-Linked-ETag": self.cdn.etag(request.path),
                "X-Linked-Size": str(self.cdn.files[request.path].stat().st_size),
            }
            return Answer(302, limits | linked | {"Location": self.cdn.signed(request.path)})
        gated = {model["id"] for model in self.models if model.get("gated")}
        if request.path.partition("/resolve/")[0].strip("/") in gated:
            return _error(403 if request.token else 401, "GatedRepo", "Access to this model is restricted")
        return _error(404, "EntryNotFound", "Entry not found")


class BulkHub(Hub):
    """A list of pages made beforehand, which costs hardly any time to serve.

    `page_source` gives page 0, 1, 2 ... as (gzip bytes, whether there is a next one); sort, filter and expand
    are not looked at. Quotas and faults are the Hub's.
    """

    def __init__(self, page_source: Callable[[int], tuple[bytes, bool]], **hub: Any) -> None:
        super().__init__(**hub)
        self.page_source = page_source

    def list_models(self, request: Request) -> Answer:
        """One page as it is, and the way to the next."""
        cursor = unpack_cursor(request.first("cursor")) or {"after": 0}
        body, has_next = self.page_source(cursor["after"])
        headers = {"Content-Type": "application/json; charset=utf-8", "Content-Encoding": "gzip"}
        link = self._next(request, {"after": cursor["after"] + 1}) if has_next else {}
        return Answer(200, headers | link, body)


def _expand(request: Request) -> list[str]:
    return request.query.get("expand", []) + request.query.get("expand[]", [])


def _chosen(model: dict[str, Any], names: list[str] | tuple[str, ...]) -> dict[str, Any]:
    """The ids and the named fields, where the model has them."""
    return {name: model[name] for name in ("_id", "id", *names) if name in model}


def _rank(value: object) -> tuple[bool, Any]:
    """Order texts among texts and numbers among numbers, with what is neither at the end."""
    return (isinstance(value, (int, float, str)), value if isinstance(value, (int, float, str)) else 0)


def _error(status: int, code: str, message: str) -> Answer:
    return json_answer({"error": message}, status, {"X-Error-Code": code, "X-Error-Message": message})


def _bad(message: str) -> Answer:
    return json_answer({"error": message}, 400, {"X-Error-Message": message})


def _xml(status: int, code: str) -> Answer:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code></Error>'
    return Answer(status, {"Content-Type": "application/xml"}, body.encode())


def _signature(path: str, day: str) -> str:
    return hashlib.sha256(f"{path} {day}".encode()).hexdigest()[:32]


def _range(wanted: str, size: int) -> tuple[int, int]:
    """First byte and the byte after the last one; empty where nothing of it exists."""
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1 if last else size)


def _read(file: Path, start: int, end: int) -> Iterator[bytes]:
    """The bytes of a file from `start` to before `end`, in pieces."""
    with file.open("rb") as opened:
        opened.seek(start)
        left = end - start
        while left and (piece := opened.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
