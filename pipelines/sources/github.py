"""GitHub: today's counts of the registered repositories, their star history and their releases.

Here: what is asked for each repository on a day, and landing the answers. Not here: which repositories are
watched (reference/repositories.csv), what an answer says of a repository (sql/staging).
"""

import gzip
import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.sources.errors import (
    GarbledError,
    PastDayError,
    PayloadError,
    PermanentError,
    QuotaError,
    SourceError,
    TransientError,
)
from pipelines.sources.http import Answer, Client, bare, token_name
from pipelines.sources.payloads import Manifest, Page, PayloadStore, Snapshot

logger = logging.getLogger("cambrian.github")

REPOSITORIES_SOURCE = "github_repositories"
GRAPHQL_SOURCE = "github_repositories_graphql"
HISTORY_SOURCE = "github_star_history"
RELEASES_SOURCE = "github_releases"
SCOPE = "registered-repositories"
#: Both kinds of counts go into one raw table, where a scope stands for one snapshot.
GRAPHQL_SCOPE = "registered-repositories-by-graphql"
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2026-03-10"}
#: Answers that tell of a repository that it is not there: gone or private, removed, taken down.
NO_REPOSITORY = frozenset({404, 410, 451})
GRAPHQL_BATCH = 100
HISTORY_PAGE, RELEASES_PAGE = 30, 100
#: The API's own limit for both lists.
MAX_PAGES = 100
#: Unstars lower the past and releases are removed: after so many days the whole list is read again.
WHOLE_AFTER_DAYS = 28
#: How far behind the last whole landing the newest weeks are read again in between.
OVERLAP = timedelta(weeks=5)
#: So many repositories in a row without a usable answer are no trouble of single repositories.
MAX_FAILURES_IN_A_ROW = 3
#: DuckDB refuses objects of 16 MB, and with them all others. A hundred releases have a few MB at most.
MAX_ANSWER_BYTES = 15 * 1024 * 1024
#: Registered names go into addresses: only what can be an owner and a repository is asked for.
_FULL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_COUNTS = (
    "fragment counts on Repository { databaseId nameWithOwner stargazerCount forkCount createdAt pushedAt "
    "isArchived licenseInfo { spdxId } }"
)


def land_repositories(
    client: Client,
    api_url: str,
    names: Iterable[str],
    store: PayloadStore,
    *,
    day: date,
    today: date,
    token: str | None = None,
) -> list[Manifest]:
    """Land today's counts of repositories (owner/name); give the manifests that hold them.

    With a token in batches by GraphQL, and by REST what GraphQL does not know, since only REST tells gone,
    taken down and renamed apart; without a token by REST alone. Names that were answered today are not asked
    again. Raises PastDayError for a day that is over, QuotaError when the quota is renewed too late: the same
    call goes on then.
    """
    asked, refused = _asked(names)
    # How many GraphQL will leave to REST is not known beforehand.
    single = store.resume(_snapshot(REPOSITORIES_SOURCE, day, None if token else len(asked)))
    batches = store.resume(_snapshot(GRAPHQL_SOURCE, day, len(asked)))
    landed = [batches, single]
    if not any(manifest.is_complete for manifest in landed):
        _check_day(day, today)
        batches.notes, single.notes = [], []
        _note_refused(store, batches if token else single, refused)
        if token:
            _land_batches(client, api_url, _without(asked, _subjects(single)), store, batches, token)
        rest = _without(asked, {name for name, node in _batched(store, batches).items() if node})
        visit = _Visit(client, api_url, store, single, token)
        if _land_each(visit, rest, lambda name: visit.pages(name) or visit.ask(name, "", is_list=False)):
            _complete(store, landed)
    return [manifest for manifest in landed if manifest.pages]


def land_star_history(
    client: Client,
    api_url: str,
    names: Iterable[str],
    store: PayloadStore,
    *,
    day: date,
    today: date,
    token: str | None = None,
) -> Manifest:
    """Land the weeks of stars that still exist: all of them once in 28 days, in between the newest ones.

    One page holds 30 weeks, newest first. Raises as land_repositories does; those repositories come first
    that were not landed for the longest time, so that a small quota gets through all of them in turn.
    """
    manifest = store.resume(_snapshot(HISTORY_SOURCE, day, len(_asked(names)[0])))

    def is_enough(visit: _Visit, name: str, page: Page) -> bool:
        last_week = (visit.rows(page) or [{}])[-1].get("week")
        known_to = datetime.combine(visit.whole_days[name], datetime.min.time(), UTC) - OVERLAP
        return isinstance(last_week, int) and last_week < known_to.timestamp()

    visit = _Visit(client, api_url, store, manifest, token)
    path = f"/stargazers/history?per_page={HISTORY_PAGE}"
    return _land_lists(visit, names, path, is_enough, today=today)


def land_releases(
    client: Client,
    api_url: str,
    names: Iterable[str],
    store: PayloadStore,
    *,
    day: date,
    today: date,
    token: str | None = None,
) -> Manifest:
    """Land the releases: all of them once in 28 days, in between up to a page with one that is known.

    Raises as land_repositories does, and goes by the same order as land_star_history.
    """
    manifest = store.resume(_snapshot(RELEASES_SOURCE, day, len(_asked(names)[0])))
    path = f"/releases?per_page={RELEASES_PAGE}"

    def is_enough(visit: _Visit, name: str, page: Page) -> bool:
        before = visit.before(name, f"{path}&page=1")
        # By their text: an id may be anything, also what cannot be in a set.
        known = {repr(row.get("id")) for row in _objects(gzip.decompress(before[1]))} if before else set()
        return any(repr(row.get("id")) in known for row in visit.rows(page))

    return _land_lists(_Visit(client, api_url, store, manifest, token), names, path, is_enough, today=today)


class _Visit:
    """One source on one day: what is landed, what was landed before, and asking for one page."""

    def __init__(
        self, client: Client, api_url: str, store: PayloadStore, manifest: Manifest, token: str | None
    ) -> None:
        self._client, self._api_url, self._token = client, api_url, token
        self.store, self.manifest = store, manifest
        self._before: dict[tuple[str, str], tuple[Path, Page]] = {}
        self._last_days: dict[str, date] = {}
        #: For each subject the newest earlier day on which its list was landed up to its end.
        self.whole_days: dict[str, date] = {}
        for earlier in store.manifests(manifest.snapshot.source, incomplete=True):
            if earlier.snapshot.day < manifest.snapshot.day:
                self._remember(earlier)

    def _remember(self, earlier: Manifest) -> None:
        folder, day = self.store.folder(earlier.snapshot), earlier.snapshot.day
        for page in earlier.pages:
            self._before[page.subject, page.url] = folder / page.file, page
            self._last_days[page.subject] = day
        last_pages = {page.subject: page for page in earlier.pages}
        self.whole_days |= {
            subject: day
            for subject, page in last_pages.items()
            if page.next_url is None and page.status < 300
        }

    def in_turn(self, names: list[str]) -> list[str]:
        """Give the names in the order in which they are asked: what was not landed for longest first."""
        return sorted(names, key=lambda name: self._last_days.get(name, date.min))

    def is_whole_due(self, name: str) -> bool:
        """Tell whether the whole list is to be read, and not only what is new."""
        whole_day = self.whole_days.get(name, date.min)
        return self.manifest.snapshot.day - whole_day >= timedelta(days=WHOLE_AFTER_DAYS)

    def pages(self, name: str) -> list[Page]:
        """Give what was landed of a subject today, in order."""
        return [page for page in self.manifest.pages if page.subject == name]

    def rows(self, page: Page) -> list[dict[str, Any]]:
        """Give the objects on one of today's pages."""
        path = self.store.folder(self.manifest.snapshot) / page.file
        return _objects(gzip.decompress(path.read_bytes()))

    def before(self, name: str, path: str) -> tuple[Page, bytes] | None:
        """Give the newest earlier page of this address with its body as landed, if it is still whole."""
        file, page = self._before.get((name, self._url(name, path)), (None, None))
        if file is None or page is None or page.status >= 300 or not file.exists():
            return None
        packed = file.read_bytes()
        return (page, packed) if hashlib.sha256(packed).hexdigest() == page.sha256 else None

    def ask(self, name: str, path: str, *, is_list: bool) -> Page:
        """Ask for one page of a repository and land it; what has not changed is landed again as it was.

        So each day's payload stands alone. An ETag is only sent with the token that it was given for.
        Raises PayloadError when the answer is not of the kind that was asked for.
        """
        before = self.before(name, path)
        if before and not (before[0].etag and before[0].asked_as == token_name(self._token)):
            before = None
        headers = HEADERS | ({"If-None-Match": before[0].etag} if before else {})
        accepted = NO_REPOSITORY | ({304} if before else set())
        answer = self._client.get(self._url(name, path), token=self._token, headers=headers, accept=accepted)
        if answer.status == 304 and before:
            answer = _as_landed(*before)
        records = None
        if answer.status < 300:
            records = len(_checked(answer, is_list=is_list))
        asked_as = token_name(self._token)
        return self.store.add_page(self.manifest, answer, subject=name, records=records, asked_as=asked_as)

    def _url(self, name: str, path: str) -> str:
        return f"{self._api_url}/repos/{name}{path}"


def _land_lists(
    visit: _Visit,
    names: Iterable[str],
    path: str,
    is_enough: Callable[[_Visit, str, Page], bool],
    *,
    today: date,
) -> Manifest:
    """Land a list of several pages for each repository, up to its end or to what is enough.

    Pages are asked for by number and not by the address that the server names: so no answer leads the token
    to another host, and a page has the same address, and its ETag, every day.
    """
    asked, refused = _asked(names)
    manifest = visit.manifest
    if manifest.is_complete:
        return manifest
    _check_day(manifest.snapshot.day, today)
    manifest.notes = []
    _note_refused(visit.store, manifest, refused)

    def land(name: str) -> None:
        pages, reads_all = visit.pages(name), visit.is_whole_due(name)
        while not pages or (pages[-1].next_url and (reads_all or not is_enough(visit, name, pages[-1]))):
            if len(pages) == MAX_PAGES:
                _note(visit.store, manifest, f"{name}: more than {MAX_PAGES} pages; the rest is missing.")
                return
            pages.append(visit.ask(name, f"{path}&page={len(pages) + 1}", is_list=True))

    if _land_each(visit, asked, land):
        _complete(visit.store, [manifest])
    return manifest


def _land_each(visit: _Visit, names: list[str], land: Callable[[str], object]) -> bool:
    """Land one repository after the other; trouble with one is noted, and the others go on.

    Give True when every one has an answer, even if it is that there is no such repository. Raises
    what concerns all of them: the quota, the token, a server in trouble several times in a row; and when not
    one could be landed.
    """
    source, failure, in_a_row = visit.manifest.snapshot.source, None, 0
    for number, name in enumerate(visit.in_turn(names), 1):
        try:
            land(name)
            in_a_row = 0
        except SourceError as error:
            failure = error
            in_a_row += isinstance(error, TransientError | GarbledError)
            if _concerns_all(error) or in_a_row == MAX_FAILURES_IN_A_ROW:
                raise
            _note(visit.store, visit.manifest, f"{name} has no answer today: {error}")
        if number % 25 == 0 or number == len(names):
            logger.info("%s: %d of %d repositories", source, number, len(names))
    if failure and not visit.manifest.pages:
        raise failure
    return failure is None


def _land_batches(
    client: Client, api_url: str, names: list[str], store: PayloadStore, manifest: Manifest, token: str
) -> None:
    """Land the counts of repositories by GraphQL; when it fails REST has to do, and a note says so."""
    todo = _without(names, set(_batched(store, manifest)))
    for start in range(0, len(todo), GRAPHQL_BATCH):
        batch = todo[start : start + GRAPHQL_BATCH]
        try:
            answer = client.post(f"{api_url}/graphql", _query(batch), token=token, headers=HEADERS)
            _check_size(answer)
            nodes = _nodes(answer.body)
            if not nodes:
                raise PayloadError(f"{bare(answer.url)} answered without data.")
        except SourceError as error:
            if _concerns_all(error):
                raise
            _note(store, manifest, f"GraphQL failed, so repositories are asked one by one: {error}")
            return
        answered = sum(node is not None for node in nodes.values())
        store.add_page(manifest, answer, records=answered, asked_as=token_name(token))
        logger.info("%s: %d of %d repositories", GRAPHQL_SOURCE, start + len(batch), len(todo))


def _query(names: list[str]) -> dict[str, Any]:
    """Make the query for one batch; an alias is the name in hexadecimal, so that the answer tells it."""
    variables, declared, fields = {}, [], []
    for number, name in enumerate(names):
        owner, repository = f"o{number}", f"n{number}"
        variables[owner], variables[repository] = name.split("/")
        declared += [f"${owner}: String!", f"${repository}: String!"]
        fields.append(f"{_alias(name)}: repository(owner: ${owner}, name: ${repository}) {{ ...counts }}")
    query = f"query({', '.join(declared)}) {{ {' '.join(fields)} }} {_COUNTS}"
    return {"query": query, "variables": variables}


def _alias(name: str) -> str:
    return "r_" + name.encode().hex()


def _nodes(body: bytes) -> dict[str, Any]:
    """Give what GraphQL said of each name; null where it does not know one, empty when there are no data."""
    answer = _loaded(body)
    data = answer.get("data") if isinstance(answer, dict) else None
    nodes = {}
    for alias, node in (data if isinstance(data, dict) else {}).items():
        if re.fullmatch(r"r_(?:[2-7][0-9a-f])+", alias):
            nodes[bytes.fromhex(alias[2:]).decode()] = node if isinstance(node, dict) else None
    return nodes


def _batched(store: PayloadStore, manifest: Manifest) -> dict[str, Any]:
    """Give what the landed batches said of each name."""
    return {name: node for body in store.bodies(manifest) for name, node in _nodes(body).items()}


def _asked(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Part names into those to be asked, each once in whatever case, and those that cannot be names."""
    asked: dict[str, str] = {}
    refused = []
    for name in names:
        if _FULL_NAME.fullmatch(name):
            asked.setdefault(name.lower(), name)
        else:
            refused.append(name)
    return list(asked.values()), refused


def _snapshot(source: str, day: date, subjects: int | None) -> Snapshot:
    is_graphql = source == GRAPHQL_SOURCE
    return Snapshot(
        source=source,
        day=day,
        scope=GRAPHQL_SCOPE if is_graphql else SCOPE,
        title="the registered repositories on GitHub",
        is_live=True,
        subjects=subjects,
        origin="GitHub GraphQL API" if is_graphql else "GitHub REST API",
    )


def _without(names: list[str], done: set[str]) -> list[str]:
    return [name for name in names if name not in done]


def _subjects(manifest: Manifest) -> set[str]:
    return {page.subject for page in manifest.pages}


def _check_day(day: date, today: date) -> None:
    if day != today:
        raise PastDayError(
            f"{day} was not landed on its day, and GitHub tells only what there is today ({today} UTC). The "
            "day stays missing; what the star history knows of it comes with today's landing."
        )


def _note_refused(store: PayloadStore, manifest: Manifest, refused: list[str]) -> None:
    for name in refused:
        _note(store, manifest, f"{name[:120]!a} is no owner/name and was not asked.")


def _note(store: PayloadStore, manifest: Manifest, text: str) -> None:
    logger.warning("%s: %s", manifest.snapshot.source, text)
    manifest.notes.append(text)
    store.save(manifest)


def _complete(store: PayloadStore, landed: list[Manifest]) -> None:
    """Complete what was begun."""
    for manifest in landed:
        if manifest.pages:
            store.complete(manifest)


def _concerns_all(error: SourceError) -> bool:
    """Tell whether the next repository would meet the same: a used-up quota, a refused token."""
    return isinstance(error, QuotaError) or (isinstance(error, PermanentError) and error.status == 401)


def _as_landed(page: Page, packed: bytes) -> Answer:
    """Make the answer of an earlier day anew, for what has not changed since."""
    kept = {"etag": page.etag}
    return Answer(page.url, page.status, packed, gzip.decompress(packed), page.next_url, page.final_url, kept)


def _checked(answer: Answer, *, is_list: bool) -> list[dict[str, Any]]:
    """Give the objects of an answer; raise PayloadError when it is too large or of another kind."""
    _check_size(answer)
    value = _loaded(answer.body)
    rows = value if is_list else [value]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PayloadError(
            f"{bare(answer.url)} did not answer with {'a list of objects' if is_list else 'an object'}."
        )
    if not is_list and "full_name" not in rows[0]:
        raise PayloadError(f"{bare(answer.url)} answered with no repository.")
    return rows


def _check_size(answer: Answer) -> None:
    if len(answer.body) > MAX_ANSWER_BYTES:
        raise PayloadError(
            f"{bare(answer.url)} answered with more than {MAX_ANSWER_BYTES >> 20} MB, which no table takes."
        )


def _objects(body: bytes) -> list[dict[str, Any]]:
    """Give the objects on a page that was checked when it was landed; none for a page that says no."""
    rows = _loaded(body)
    return rows if isinstance(rows, list) else []


def _loaded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # no UTF-8, or nested a thousand times
        return None
