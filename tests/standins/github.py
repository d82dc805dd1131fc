"""A stand-in for GitHub: repositories, star history, releases, GraphQL, limits, conditional requests.

Built from what the API documents. Inferred: too large a `page` of the history answers 422, a blocked
repository is FORBIDDEN in GraphQL, Link headers go by the repository's number.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.standins.server import Answer, FixedWindow, Request, StandIn, json_answer

TOKEN = "ghp_standin"
VERSIONS = ("2022-11-28", "2026-03-10")
WEEK_SECONDS = 7 * 86400
LONGEST_HISTORY_PAGE, LAST_HISTORY_PAGE = 30, 100

#: A selection of GraphQL: (name in the answer, field, its arguments, its own selection).
Selection = list[tuple[str, str, dict[str, Any], Any]]


class GitHub(StandIn):
    """The API over `repositories` (see made.repositories for their keys).

    `renamed` maps old names to new ones, `blocked` names repositories that were taken down. An anonymous
    asker has `anonymous_limit` calls an hour, the `token` has `limit` for REST and again for GraphQL. After
    `shifts_after` calls for a history a new week begins and pushes the others back. `bad_weeks` spoils the
    third newest week: "total" (is not the sum), "days" (six) or "gap" (is missing).
    """

    def __init__(
        self,
        repositories: list[dict[str, Any]],
        *,
        token: str = TOKEN,
        renamed: Mapping[str, str] | None = None,
        blocked: tuple[str, ...] = (),
        anonymous_limit: int = 60,
        limit: int = 5000,
        shifts_after: int | None = None,
        bad_weeks: str | None = None,
        **standin: Any,
    ) -> None:
        super().__init__(**standin)
        self.repositories = {each["full_name"].lower(): each for each in repositories}
        self.token = token
        self.renamed = {old.lower(): new.lower() for old, new in (renamed or {}).items()}
        self.blocked = frozenset(name.lower() for name in blocked)
        self.anonymous_limit = anonymous_limit
        self.limit = limit
        self.shifts_after = shifts_after
        self.bad_weeks = bad_weeks
        self._histories = 0
        self._window = FixedWindow(3600, self.clock)

    def answer(self, request: Request) -> Answer:
        """Check who asks and what is left, then answer by the path."""
        if not request.headers.get("user-agent"):
            return Answer(403, {"Content-Type": "text/html"}, b"Request forbidden by administrative rules.")
        if request.headers.get("x-github-api-version", VERSIONS[-1]) not in VERSIONS:
            return _message(400, "Invalid API version")
        if request.token not in (None, self.token):
            return _message(401, "Bad credentials")
        resource = "graphql" if request.path == "/graphql" else "core"
        if self._left(request, resource) <= 0:
            return self._limited(resource).plus(self._limits(request, resource))
        answer = self._graphql(request) if resource == "graphql" else self._rest(request)
        is_free = answer.status == 304 and request.token
        return answer.plus(self._limits(request, resource, cost=0 if is_free else 1))

    def _key(self, request: Request, resource: str) -> tuple[str, int]:
        return f"{request.token} {resource}", self.limit if request.token else self.anonymous_limit

    def _left(self, request: Request, resource: str) -> int:
        key, limit = self._key(request, resource)
        return limit - self._window.used(key)[0]

    def _limits(self, request: Request, resource: str, cost: int = 0) -> dict[str, str]:
        key, limit = self._key(request, resource)
        used, end = self._window.used(key, cost)
        return {
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-remaining": str(max(0, limit - used)),
            "x-ratelimit-reset": str(int(end) + 1),
            "x-ratelimit-used": str(used),
            "x-ratelimit-resource": resource,
        }

    def _limited(self, resource: str) -> Answer:
        if resource == "graphql":  # GraphQL says so with status 200
            return json_answer({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]})
        return _message(403, "API rate limit exceeded")

    def _rest(self, request: Request) -> Answer:
        found = re.fullmatch(r"/(repos/[^/]+/[^/]+|repositories/\d+)(/.*)?", request.path)
        if not found:
            return _message(404, "Not Found")
        place, rest = found[1].removeprefix("repos/").lower(), found[2] or ""
        if place in self.renamed:
            number = self.repositories[self.renamed[place]]["id"]
            address = f"{self.url}/repositories/{number}{rest}?{request.address('').partition('?')[2]}"
            return _message(301, "Moved Permanently").plus({"Location": address.rstrip("?")})
        name = self._name(place)
        if name in self.blocked:
            block = {"reason": "dmca", "created_at": "2026-01-02T03:04:05Z", "html_url": None}
            return json_answer({"message": "Repository access blocked", "block": block}, 451)
        if name not in self.repositories:
            return _message(404, "Not Found")
        return self._of(request, self.repositories[name], rest)

    def _name(self, place: str) -> str:
        """The full name in lower case, from a name or `repositories/<number>`."""
        number = place.removeprefix("repositories/")
        named: dict[str, str] = {str(each["id"]): name for name, each in self.repositories.items()}
        return named.get(number, place)

    def _of(self, request: Request, repository: dict[str, Any], rest: str) -> Answer:
        if rest == "":
            shown = {name: value for name, value in repository.items() if name not in ("weeks", "releases")}
            return self._conditional(request, json_answer(shown))
        if rest == "/stargazers":
            return _message(404 if request.token else 401, "The list of stargazers is not public")
        if rest == "/stargazers/history":
            return self._history(request, repository)
        if rest == "/releases":
            return self._conditional(request, self._page(request, repository, repository["releases"], 100))
        return _message(404, "Not Found")

    def _conditional(self, request: Request, answer: Answer) -> Answer:
        """Add the ETag, which belongs to the asker, or say that nothing has changed."""
        body = answer.body if isinstance(answer.body, bytes) else b""
        etag = f'W/"{hashlib.sha256(body + str(request.token).encode()).hexdigest()}"'
        if request.headers.get("if-none-match") == etag:
            return Answer(304, {"ETag": etag})
        return answer.plus({"ETag": etag})

    def _history(self, request: Request, repository: dict[str, Any]) -> Answer:
        if int(request.first("page", "1")) > LAST_HISTORY_PAGE:
            return _message(422, "Pagination is limited to 100 pages")
        self._histories += 1
        weeks = list(repository["weeks"])
        if self.shifts_after is not None and self._histories > self.shifts_after:
            weeks.insert(0, {"week": weeks[0]["week"] + WEEK_SECONDS, "total": 0, "days": [0] * 7})
        if self.bad_weeks:
            weeks[2:3] = _spoiled(weeks[2], self.bad_weeks)
        return self._page(request, repository, weeks, LONGEST_HISTORY_PAGE)

    def _page(self, request: Request, repository: dict[str, Any], items: list[Any], longest: int) -> Answer:
        size = min(int(request.first("per_page", "30")), longest)
        page = int(request.first("page", "1"))
        base = f"{self.url}/repositories/{repository['id']}/{request.path.split('/', 4)[-1]}"
        last = -(-len(items) // size)
        turns = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        links = [
            f'<{base}?per_page={size}&page={number}>; rel="{turn}"'
            for turn, number in turns.items()
            if 1 <= number <= last and number != page
        ]
        answer = json_answer(items[(page - 1) * size : page * size])
        return answer.plus({"Link": ", ".join(links)}) if links else answer

    def _graphql(self, request: Request) -> Answer:
        if not request.token:
            return _message(401, "This endpoint requires you to be authenticated.")
        try:
            asked = json.loads(request.body)
            selection = parse_query(asked["query"], asked.get("variables") or {})
        except (ValueError, LookupError, TypeError, StopIteration):
            return _message(400, "Problems parsing JSON")
        data: dict[str, Any] = {}
        errors: list[dict[str, Any]] = []
        for alias, name, arguments, inner in selection:
            try:
                data[alias] = _pick(self._root(request, name, arguments), inner)
            except KeyError as error:
                wrong = {"message": f"Field {error} doesn't exist", "extensions": {"code": "undefinedField"}}
                return json_answer({"errors": [wrong]})
            if data[alias] is None:
                errors.append(self._unresolved(alias, arguments))
        return json_answer({"data": data} | ({"errors": errors} if errors else {}))

    def _root(self, request: Request, name: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
        if name == "rateLimit":
            used, end = self._window.used(self._key(request, "graphql")[0])
            reset = datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            left = self.limit - used - 1
            return {"limit": self.limit, "cost": 1, "remaining": left, "used": used + 1, "resetAt": reset}
        if name != "repository":
            raise KeyError(name)
        asked = f"{arguments['owner']}/{arguments['name']}".lower()
        asked = self.renamed.get(asked, asked)
        return None if asked in self.blocked else _node(self.repositories.get(asked))

    def _unresolved(self, alias: str, arguments: dict[str, Any]) -> dict[str, Any]:
        name = f"{arguments['owner']}/{arguments['name']}"
        if name.lower() in self.blocked:
            return {"type": "FORBIDDEN", "path": [alias], "message": "Repository access blocked"}
        message = f"Could not resolve to a Repository with the name '{name}'."
        return {"type": "NOT_FOUND", "path": [alias], "message": message}


def parse_query(text: str, variables: dict[str, Any]) -> Selection:
    """Read the one query of a GraphQL document, with aliases, arguments, variables and fragments."""
    tokens = re.findall(r'"(?:\\.|[^"\\])*"|\.\.\.|\$?\w+|[{}():!=\[\]@]', re.sub(r"#[^\n]*", "", text))
    start = next(
        i for i, token in enumerate(tokens) if token == "{" and "fragment" not in tokens[max(0, i - 4) : i]
    )
    fragments = {tokens[i + 1]: i + 5 for i, token in enumerate(tokens) if token == "fragment"}
    return _selection(tokens, start + 1, fragments, variables)[0]


def _selection(
    tokens: list[str], at: int, fragments: dict[str, int], variables: dict[str, Any]
) -> tuple[Selection, int]:
    """The fields from `at` to the closing brace, and the place after it."""
    found: Selection = []
    while tokens[at] != "}":
        if tokens[at] == "...":
            found += _selection(tokens, fragments[tokens[at + 1]], fragments, variables)[0]
            at += 2
            continue
        alias = name = tokens[at]
        at += 1
        if tokens[at] == ":":
            name, at = tokens[at + 1], at + 2
        arguments: dict[str, Any] = {}
        if tokens[at] == "(":
            end = tokens.index(")", at)
            plain = [token for token in tokens[at + 1 : end] if token != ":"]
            arguments = {
                key: _value(value, variables) for key, value in zip(plain[::2], plain[1::2], strict=False)
            }
            at = end + 1
        inner: Selection = []
        if tokens[at] == "{":
            inner, at = _selection(tokens, at + 1, fragments, variables)
        found.append((alias, name, arguments, inner))
    return found, at + 1


def _value(token: str, variables: dict[str, Any]) -> Any:
    if token.startswith("$"):
        return variables[token[1:]]
    return json.loads(token) if token.startswith('"') or token.isdigit() else token


def _pick(value: Any, selection: Selection) -> Any:
    """What the selection asks of a value; raises KeyError for a field that there is not."""
    if isinstance(value, list):
        return [_pick(each, selection) for each in value]
    if value is None or not selection:
        return value
    return {alias: _pick(value[name], inner) for alias, name, _, inner in selection}


def _node(repository: dict[str, Any] | None) -> dict[str, Any] | None:
    """A repository as GraphQL names its parts."""
    if repository is None:
        return None
    licence = repository["license"]
    releases = [
        {"tagName": each["tag_name"], "publishedAt": each["published_at"], "isPrerelease": each["prerelease"]}
        for each in repository["releases"]
    ]
    return {
        "databaseId": repository["id"],
        "nameWithOwner": repository["full_name"],
        "stargazerCount": repository["stargazers_count"],
        "stargazers": {"totalCount": repository["stargazers_count"]},
        "forkCount": repository["forks_count"],
        "createdAt": repository["created_at"],
        "pushedAt": repository["pushed_at"],
        "isArchived": repository["archived"],
        "isDisabled": repository["disabled"],
        "isFork": repository["fork"],
        "isPrivate": False,
        "description": repository["description"],
        "licenseInfo": licence and {"key": licence["key"], "spdxId": licence["spdx_id"]},
        "repositoryTopics": {"nodes": [{"topic": {"name": name}} for name in repository["topics"]]},
        "releases": {"totalCount": len(releases), "nodes": releases},
    }


def _spoiled(week: dict[str, Any], how: str) -> list[dict[str, Any]]:
    """The week as no week should be."""
    return {
        "total": [week | {"total": week["total"] + 1}],
        "days": [week | {"days": week["days"][:6]}],
        "gap": [],
    }[how]


def _message(status: int, message: str) -> Answer:
    return json_answer({"message": message, "documentation_url": "https://docs.github.com/rest"}, status)
