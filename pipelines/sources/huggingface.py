"""Hugging Face: walks over the list of models.

One walk is one snapshot of one scope. The list has no total and no consistency: it ends when the server gives
no next page, models move while we walk, and duplicates are taken out later (sql/staging), first one first.
Here: which walks there are, walking, landing. Not here: what is asked of single models (huggingface_details).
"""

import hashlib
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode, urlsplit

import msgspec

from pipelines.sources.errors import GarbledError, PastDayError, PayloadError, PermanentError
from pipelines.sources.http import Answer, Client
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot
from pipelines.sources.quota import Quota

logger = logging.getLogger("cambrian.huggingface")

MODELS_SOURCE = "huggingface_models"
WHOLE_HUB = "whole-hub"
_RECENT = ("created-since-last-walk", "modified-since-last-walk")
PAGE_SIZE = 1000
#: Purges take a percent or two of the Hub; a list that lacks more has ended early.
LEAST_OF_LAST = 0.95
#: What the design needs of each model; `expand` gives these and the id, and nothing else.
FIELDS = (
    "author", "config", "createdAt", "downloads", "downloadsAllTime", "gated", "gguf", "lastModified",
    "library_name", "likes", "pipeline_tag", "safetensors", "tags", "trendingScore",
)  # fmt: skip
ORIGIN = "Hugging Face Hub API"
#: Pages in a row without a single new model: a cursor that leads nowhere, and not models that moved.
MAX_BARREN_PAGES = 3
#: What the server answers to a cursor that it does not take any more.
_REFUSED_CURSOR = frozenset({400, 404, 410, 422})


@dataclass(frozen=True, kw_only=True)
class Walk:
    """One walk: what it is a picture of, the queries it makes one after the other, and when it stops early.

    `queries` holds (subject, parameters); a walk with several is over when the last one is. `most` stops
    after that many models, `since` at the first page whose last model has an older `date_field`. `expected`
    is how many models the list held before; None when nobody knows. `least` is the part of them below which
    a list that ends is not believed.
    """

    snapshot: Snapshot
    queries: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    most: int | None = None
    date_field: str = ""
    since: datetime | None = None
    expected: int | None = None
    least: float = LEAST_OF_LAST


class _Listed(msgspec.Struct):
    """What the walk itself reads of a model; everything else is DuckDB's work, and ten times faster there."""

    id: object = None
    created: object = msgspec.field(name="createdAt", default=None)
    modified: object = msgspec.field(name="lastModified", default=None)


_PAGE = msgspec.json.Decoder(list[_Listed])


def whole_walk(day: date) -> Walk:
    """All models, newest first: the one order in which nothing moves while we walk."""
    snapshot = _snapshot(day, WHOLE_HUB, "all public models on the Hub", is_whole=True)
    return Walk(snapshot=snapshot, queries=(("", (("sort", "createdAt"),)),))


def top_walk(day: date, count: int) -> Walk:
    """The `count` models with the most downloads in 30 days."""
    title = f"the {count:,} models with the most downloads in 30 days"
    snapshot = replace(_snapshot(day, f"top-{count}-by-downloads", title), subjects=count)
    return Walk(snapshot=snapshot, queries=(("", (("sort", "downloads"),)),), most=count)


def recent_walks(day: date, since: date) -> list[Walk]:
    """What was created, and what was changed, on or after `since`; two populations, two snapshots."""
    start = datetime(since.year, since.month, since.day, tzinfo=UTC)
    walks = []
    for scope, field, verb in (("created", "createdAt", "created"), ("modified", "lastModified", "changed")):
        title = f"all models {verb} on or after {since}, and the rest of the last page"
        walks.append(
            Walk(
                snapshot=_snapshot(day, f"{scope}-since-last-walk", title, selection="window"),
                queries=(("", (("sort", field),)),),
                date_field=field,
                since=start,
            )
        )
    return walks


def families_walk(day: date, bases: Iterable[str]) -> Walk:
    """All models that name one of `bases` as their base, with one query a base."""
    named = sorted(set(bases))
    digest = hashlib.sha256("\n".join(named).encode()).hexdigest()[:8]
    shown = ", ".join(named[:3]) + (f" and {len(named) - 3} others" if len(named) > 3 else "")
    scope = f"derivatives-of-{len(named)}-bases-{digest}"
    snapshot = _snapshot(day, scope, f"models that name as base: {shown}", selection="bases")
    queries = tuple((base, (("filter", f"base_model:{base}"), ("sort", "createdAt"))) for base in named)
    return Walk(snapshot=snapshot, queries=queries)


def plan_walks(
    store: PayloadStore,
    *,
    depth: str,
    day: date,
    top: int,
    bases: Iterable[str] = (),
    least: float = LEAST_OF_LAST,
    hub_models: int | None = None,
) -> list[Walk]:
    """Say which walks make up a refresh of `depth`: full, top or families.

    `top` is the most downloaded models plus all that was created or changed since the last walk, with a day
    of overlap; a week where there was none. Each walk knows what the same one found before, the first whole
    walk what others counted (`hub_models`).
    """
    if depth == "full":
        walks = [replace(whole_walk(day), expected=hub_models)]
    elif depth == "families":
        walks = [families_walk(day, bases)]
    else:
        looks = [_last_look(store, day, scope) - timedelta(days=1) for scope in _RECENT]
        walks = [top_walk(day, top), recent_walks(day, looks[0])[0], recent_walks(day, looks[1])[1]]
    return [
        replace(walk, expected=found_before(store, walk.snapshot) or walk.expected, least=least)
        for walk in walks
    ]


def _live_before(store: PayloadStore, day: date) -> list[Manifest]:
    return [m for m in store.manifests(MODELS_SOURCE) if m.snapshot.is_live and m.snapshot.day < day]


def _last_look(store: PayloadStore, day: date, scope: str) -> date:
    """Give the last day before `day` up to which everything that `scope` is a picture of was listed."""
    days = [m.snapshot.day for m in _live_before(store, day) if m.snapshot.scope in (WHOLE_HUB, scope)]
    return max(days, default=day - timedelta(days=6))


def found_before(store: PayloadStore, snapshot: Snapshot) -> int | None:
    """Give how many models the newest earlier walk of the same scope found; of moving windows, nothing."""
    if snapshot.selection == "window":
        return None
    earlier = [m for m in _live_before(store, snapshot.day) if m.snapshot.scope == snapshot.scope]
    return (earlier[-1].records or None) if earlier else None


def _snapshot(day: date, scope: str, title: str, *, is_whole: bool = False, selection: str = "") -> Snapshot:
    return Snapshot(
        source=MODELS_SOURCE,
        day=day,
        scope=scope,
        title=title,
        is_whole_population=is_whole,
        is_live=True,
        selection=selection,
        fields=FIELDS,
        origin=ORIGIN,
    )


def land_walk(
    client: Client,
    endpoint: str,
    walk: Walk,
    store: PayloadStore,
    *,
    today: date,
    token: str | None = None,
) -> Manifest:
    """Walk and land one snapshot; go on where an earlier run was cut off; do nothing if it is whole.

    Raises PastDayError when its day is not today and was not landed on its day: the API gives today's counts
    only, and they are never booked under another date. Raises PayloadError when the list leads nowhere (a
    cursor that repeats, pages that add nothing, another host) or ends far below what it held before.
    """
    manifest = store.resume(walk.snapshot)
    if manifest.is_complete:
        return manifest
    if walk.snapshot.day != today:
        raise PastDayError(
            f"{walk.snapshot.day} was not landed on its day, and the Hub tells only today's counts "
            f"({today} UTC). The day stays missing; it is not zero."
        )
    began = datetime.now(UTC).date()
    for is_last_turn in (False, True):
        try:
            _Walker(client, endpoint, walk, store, manifest, token).go()
            break
        except PermanentError as error:
            # A query that is refused at its first page has no cursor.
            if is_last_turn or error.status not in _REFUSED_CURSOR or manifest.next_url is None:
                raise
            logger.warning("%s: the cursor is not taken any more; beginning anew", walk.snapshot.scope)
            store.restart(manifest)
        except GarbledError:
            raise  # the client has asked several times
        except PayloadError as error:
            if is_last_turn:
                raise
            logger.warning("%s Once more from the last sound page.", error)
    if datetime.now(UTC).date() != began:
        manifest.notes.append("the walk ended on the day after")
    store.complete(manifest)
    return manifest


class _Walker:
    """One walk under way."""

    def __init__(
        self,
        client: Client,
        endpoint: str,
        walk: Walk,
        store: PayloadStore,
        manifest: Manifest,
        token: str | None,
    ) -> None:
        self._client = client
        self._endpoint = endpoint
        self._walk = walk
        self._store = store
        self._manifest = manifest
        self._token = token
        self._asked = {page.url for page in manifest.pages}
        #: Hashes instead of ids: a quarter of the memory for three million of them.
        self._seen: set[int] = set()  # by the query under way
        self._subject = ""
        self._barren = 0
        self._is_over = False
        self._started = time.monotonic()
        self._begun_at = len(manifest.pages)

    def go(self) -> None:
        """Walk to the end; every page is landed before the next is asked for."""
        for number, body in enumerate(self._store.bodies(self._manifest), 1):
            page = self._manifest.pages[number - 1]
            self._begin_query(page.subject)
            if not self._take(_models(body, self._endpoint)) and page.next_url:
                self._note(f"page {number} added no new model")
        done = _finished_queries(self._manifest)
        for subject, parameters in self._walk.queries[done:]:
            self._follow(subject, parameters)
        self._check_end()

    def _begin_query(self, subject: str) -> None:
        """What an earlier query has found is new to this one all the same."""
        if subject != self._subject:
            self._subject, self._seen, self._barren = subject, set(), 0

    def _follow(self, subject: str, parameters: tuple[tuple[str, str], ...]) -> None:
        self._begin_query(subject)
        query = [*parameters, ("limit", str(PAGE_SIZE)), *(("expand", name) for name in FIELDS)]
        pages = [page for page in self._manifest.pages if page.subject == subject]
        url = pages[-1].next_url if pages else f"{self._endpoint}/api/models?{urlencode(query)}"
        while url and not self._is_over:
            if url in self._asked:
                self._store.drop_last_page(self._manifest)  # the next run asks again where to go on
                raise PayloadError(
                    f"{self._endpoint}: the list of models repeats a cursor after {len(self._asked)} pages. "
                    "What is landed stays; run the same command again to go on from there."
                )
            if urlsplit(url)[:2] != urlsplit(self._endpoint)[:2]:
                self._store.drop_last_page(self._manifest)
                raise PayloadError(
                    f"{self._endpoint}: the next page lies on another host ({urlsplit(url).netloc}). What is "
                    "landed stays; run the same command again to ask once more where to go on."
                )
            self._asked.add(url)
            answer = self._client.get(url, token=self._token)
            if answer.next_url and not _models(answer.body, url):
                answer = self._client.get(url, token=self._token)  # amid a list it may be a hiccup
            self._land(subject, answer)
            url = answer.next_url

    def _land(self, subject: str, answer: Answer) -> None:
        models = _models(answer.body, answer.url)
        self._store.add_page(self._manifest, answer, subject=subject, records=len(models))
        new = self._take(models)
        self._barren = 0 if new else self._barren + 1
        if not new and answer.next_url:
            self._note(f"page {len(self._manifest.pages)} added no new model")
        if self._barren >= MAX_BARREN_PAGES and answer.next_url:
            for _ in range(self._barren):
                self._store.drop_last_page(self._manifest)
            raise PayloadError(
                f"{self._endpoint}: {self._barren} pages in a row without a new model, yet the list goes on; "
                f"stopped after {len(self._seen):,} models. What is landed stays; run again to go on."
            )
        self._tell()

    def _take(self, models: Sequence[_Listed]) -> int:
        """Count the models of a page that no page before had, and see whether the walk may stop."""
        before = len(self._seen)
        self._seen.update(hash(model.id) for model in models if isinstance(model.id, str))
        walk = self._walk
        if walk.most is not None and len(self._seen) >= walk.most:
            self._is_over = True
        if walk.since is not None and models:
            last = models[-1].created if walk.date_field == "createdAt" else models[-1].modified
            moment = _moment(last)
            self._is_over |= moment is not None and moment < walk.since
        return len(self._seen) - before

    def _check_end(self) -> None:
        walk, found = self._walk, self._manifest.records  # repeats included, as in what is expected
        if not found:
            self._store.restart(self._manifest)
            raise PayloadError(f"{self._endpoint}: the list of {walk.snapshot.scope} is empty; run again.")
        if self._is_over:
            return
        if walk.since is not None:  # no filter: the list reaches back further than any window
            self._store.drop_last_page(self._manifest)
            raise PayloadError(
                f"{self._endpoint}: the list of {walk.snapshot.scope} ended before it reached "
                f"{walk.since:%Y-%m-%d}. What is landed stays; run again to ask for its end once more."
            )
        if walk.expected is None:
            if walk.most is not None:
                self._note(f"ended after {found:,} of {walk.most:,} models")
            return
        if found < walk.least * walk.expected:
            self._store.drop_last_page(self._manifest)  # it may have been the server that stopped
            raise PayloadError(
                f"{self._endpoint}: the list of {walk.snapshot.scope} ended after {found:,} models; it held "
                f"{walk.expected:,} before. It is not used: an early end looks like this. Run again "
                "to ask for its end once more; if so many models are really gone, set CAMBRIAN_LEAST_OF_LAST "
                f"below {found / walk.expected:.2f}."
            )
        if found < walk.expected:
            self._note(f"{walk.expected - found:,} models fewer than the walk before")

    def _note(self, text: str) -> None:
        logger.warning("%s: %s", self._walk.snapshot.scope, text)
        self._manifest.notes.append(text)

    def _tell(self) -> None:
        pages = len(self._manifest.pages)
        quota = self._client.quotas.get(urlsplit(self._endpoint).netloc)
        found = self._manifest.records
        told = f"{self._walk.snapshot.scope}: {found:,} models, {pages} pages"
        if quota is not None:
            told += f", {quota.left} calls left"
        goal = self._walk.most or self._walk.expected
        if goal:
            pace = (time.monotonic() - self._started) / max(1, pages - self._begun_at)
            pages_left = max(0, -(-(goal - found) // PAGE_SIZE))
            # What takes longer than a month is told as a month: a quota may be absurd.
            rest = min(seconds_left(pages_left, pace, quota), 30 * 86_400)
            end = datetime.now(UTC) + timedelta(seconds=rest)
            told += f", done about {end:%H:%M} UTC"
        logger.info("%s", told)


def seconds_left(pages: int, seconds_a_page: float, quota: Quota | None) -> float:
    """Give how long `pages` more will take: by the pace so far, or by the windows of the quota if longer."""
    by_pace = pages * seconds_a_page
    if quota is None or not quota.of or pages <= quota.left:
        return by_pace
    further_windows, in_last = divmod(pages - quota.left - 1, quota.of)
    by_windows = quota.renewed_in_seconds + further_windows * 300 + (in_last + 1) * seconds_a_page
    return max(by_pace, by_windows)


def _finished_queries(manifest: Manifest) -> int:
    """Count the queries that are walked to their end; the next one may have been cut off in the middle."""
    return sum(1 for page in manifest.pages if page.next_url is None)


def _models(body: bytes, url: str) -> list[_Listed]:
    try:
        return _PAGE.decode(body)
    except (msgspec.MsgspecError, ValueError) as error:  # ValueError: no UTF-8
        raise PayloadError(f"{url.partition('?')[0]}: a page is no list of models ({error}).") from None


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
