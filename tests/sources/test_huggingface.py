"""The walks over the list of models: which there are, how they end, and how they go on after a kill."""

import gzip
import io
import json
import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from hypothesis import assume, given
from hypothesis import strategies as st
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from pipelines.sources import payloads
from pipelines.sources.errors import (
    PastDayError,
    PayloadError,
    PermanentError,
    QuotaError,
    SourceError,
    TransientError,
)
from pipelines.sources.http import Answer, Client
from pipelines.sources.huggingface import (
    FIELDS,
    PAGE_SIZE,
    Walk,
    families_walk,
    land_walk,
    plan_walks,
    recent_walks,
    seconds_left,
    top_walk,
    whole_walk,
)
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot
from pipelines.sources.quota import Quota
from tests.sources.conftest import Reply, Server
from tests.sources.recordings import as_before_the_journal

HUB = "https://hub.test"
LIST = f"{HUB}/api/models"
TODAY = date(2026, 11, 23)
CREATED, DOWNLOADS, MODIFIED = "createdAt", "downloads", "lastModified"


def model(name: str, when: str | None = None) -> dict[str, Any]:
    return {"id": name} | ({"createdAt": when, "lastModified": when} if when else {})


def models(first: int, count: int) -> list[dict[str, Any]]:
    return [model(f"a/{number}") for number in range(first, first + count)]


class ListOfModels(BaseAdapter):
    """Answers by cursor; the first page of a query goes by its filter, or its order where it has none."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, tuple[int, bytes, dict[str, str]]] = {}
        self.asked: list[str] = []
        self.requests: list[requests.PreparedRequest] = []

    def play(self, page: str, body: object, to: str | None = None, *, status: int = 200) -> None:
        """Let `page` hold `body` and lead on to the cursor, or the address, `to`."""
        address = to if to is None or to.startswith(("/", "http")) else f"{LIST}?cursor={quote(to)}"
        headers = {} if address is None else {"Link": f'<{address}>; rel="next"'}
        self.pages[page] = (status, body if isinstance(body, bytes) else json.dumps(body).encode(), headers)

    def play_all(self, order: str, bodies: list[list[dict[str, Any]]]) -> None:
        """Let a list have these pages, with cursors that name their numbers."""
        names = [order, *(f"{order}-{number}" for number in range(2, len(bodies) + 1))]
        for name, body, to in zip(names, bodies, [*names[1:], None], strict=True):
            self.play(name, body, to)

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        query = parse_qs(urlsplit(request.url or "").query)
        page = next(query[name][0] for name in ("cursor", "filter", "sort") if name in query)
        self.asked.append(page)
        self.requests.append(request)
        response = requests.Response()
        response.status_code, body, headers = self.pages.get(page, (404, b"no such page", {}))
        response.headers = requests.structures.CaseInsensitiveDict(headers)
        response.raw = HTTPResponse(io.BytesIO(body), preload_content=False)
        response.url, response.request = request.url or "", request
        return response

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def hub() -> ListOfModels:
    """A list of models that is empty so far."""
    return ListOfModels()


@pytest.fixture
def client(hub: ListOfModels) -> Iterator[Client]:
    """A client for which https:// is that list."""
    with Client({"https://": hub}, sleep=lambda _: None, clock=lambda: 0.0) as opened:
        yield opened


Land = Callable[..., Manifest]


@pytest.fixture
def land(client: Client, store: PayloadStore) -> Land:
    """Land a walk on its day."""

    def landed(walk: Walk, *, today: date = TODAY, token: str | None = None) -> Manifest:
        return land_walk(client, HUB, walk, store, today=today, token=token)

    return landed


def ids(store: PayloadStore, manifest: Manifest) -> list[str]:
    return [row["id"] for body in store.bodies(manifest) for row in json.loads(body)]


WHOLE = whole_walk(TODAY)


# Which walks there are


def test_the_whole_hub_is_walked_newest_first_with_every_field(hub: ListOfModels, land: Land) -> None:
    hub.play(CREATED, models(0, 2))
    manifest = land(WHOLE)
    query = parse_qs(urlsplit(hub.requests[0].url or "").query)
    assert query == {"sort": ["createdAt"], "limit": [str(PAGE_SIZE)], "expand": list(FIELDS)}
    assert manifest.snapshot == Snapshot(
        source="huggingface_models",
        day=TODAY,
        scope="whole-hub",
        title="all public models on the Hub",
        is_whole_population=True,
        is_live=True,
        fields=FIELDS,
        origin="Hugging Face Hub API",
    )


def test_the_scope_says_of_how_many_models_it_is_a_picture() -> None:
    snapshot = top_walk(TODAY, 10_000).snapshot
    assert snapshot.key == "huggingface_models/2026-11-23/top-10000-by-downloads"
    assert snapshot.title == "the 10,000 models with the most downloads in 30 days"
    assert (snapshot.is_whole_population, snapshot.is_live) == (False, True)


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (1000, 1), (1001, 2), (2000, 2), (2001, 3)])
def test_the_top_is_landed_with_as_many_pages_as_the_count_takes(
    count: int, pages: int, hub: ListOfModels, land: Land
) -> None:
    hub.play_all(DOWNLOADS, [models(1000 * page, 1000) for page in range(4)])
    manifest = land(top_walk(TODAY, count))
    assert (len(manifest.pages), len(hub.asked), manifest.is_complete) == (pages, pages, True)


def test_a_model_that_comes_twice_does_not_count_twice_for_the_top(hub: ListOfModels, land: Land) -> None:
    hub.play_all(DOWNLOADS, [models(0, 1000), models(1, 1000), models(1001, 1000)])
    assert len(land(top_walk(TODAY, 1002)).pages) == 3


def test_another_count_of_the_same_day_is_another_snapshot(
    hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play(DOWNLOADS, models(0, 1000))
    for count in (1000, 500):
        land(top_walk(TODAY, count))
    scopes = [manifest.snapshot.scope for manifest in store.manifests("huggingface_models")]
    assert scopes == ["top-1000-by-downloads", "top-500-by-downloads"]


def test_what_is_new_and_what_has_changed_are_two_snapshots() -> None:
    created, modified = recent_walks(TODAY, date(2026, 11, 20))
    assert created.snapshot.scope == "created-since-last-walk"
    rest = ", and the rest of the last page"
    assert created.snapshot.title == "all models created on or after 2026-11-20" + rest
    assert created.queries == (("", (("sort", "createdAt"),)),)
    assert modified.snapshot.scope == "modified-since-last-walk"
    assert modified.snapshot.title == "all models changed on or after 2026-11-20" + rest
    assert modified.queries == (("", (("sort", "lastModified"),)),)
    assert created.since == modified.since == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_walk_over_what_is_new_stops_at_the_first_page_that_ends_before_its_day(
    hub: ListOfModels, land: Land
) -> None:
    days = [
        "2026-11-22T10:00:00.000Z",
        "2026-11-20T00:00:00.000Z",
        "2026-11-19T23:59:59.999Z",
        "2026-11-01T00:00:00Z",
    ]
    hub.play_all(CREATED, [[model(f"a/{day}", day)] for day in days])
    created, _ = recent_walks(TODAY, date(2026, 11, 20))
    assert len(land(created).pages) == 3


@pytest.mark.parametrize("moment", [None, "", "yesterday, I think", 7, "2026-13-99T00:00:00Z", {"a": 1}])
def test_a_model_without_a_sound_date_does_not_end_the_walk(
    moment: object, hub: ListOfModels, land: Land
) -> None:
    hub.play_all(CREATED, [[{"id": "a/1", "createdAt": moment}], [model("a/2", "2026-11-01T00:00:00")], [{}]])
    created, _ = recent_walks(TODAY, date(2026, 11, 20))
    assert len(land(created).pages) == 2


@pytest.mark.parametrize("page", [[], models(0, 2)])
def test_a_window_whose_list_ends_before_its_start_is_not_believed(
    page: list[dict[str, Any]], hub: ListOfModels, land: Land
) -> None:
    """Without a filter the list reaches back to the Hub's beginning: an earlier end is the server's fault."""
    hub.play(CREATED, page)
    created, _ = recent_walks(TODAY, date(2026, 11, 20))
    with pytest.raises(PayloadError, match=r"is empty|ended before it reached 2026-11-20"):
        land(created)


def test_the_first_whole_walk_is_held_against_what_others_counted(store: PayloadStore) -> None:
    assert [walk.expected for walk in plan(store, "full", hub_models=3_073_794)] == [3_073_794]


def test_the_derivatives_of_bases_are_asked_for_base_by_base(hub: ListOfModels, land: Land) -> None:
    hub.play("base_model:a/x", models(0, 2), "x2")
    hub.play("x2", models(2, 2))
    hub.play("base_model:b/y", models(4, 1))
    manifest = land(families_walk(TODAY, ["b/y", "a/x", "b/y"]))
    assert hub.asked == ["base_model:a/x", "x2", "base_model:b/y"]
    assert [page.subject for page in manifest.pages] == ["a/x", "a/x", "b/y"]
    assert [page.records for page in manifest.pages] == [2, 2, 1]
    assert manifest.snapshot.title == "models that name as base: a/x, b/y"


def test_other_bases_are_another_scope() -> None:
    one, two = families_walk(TODAY, ["a/x", "b/y"]), families_walk(TODAY, ["a/x", "c/z"])
    assert one.snapshot.scope.startswith("derivatives-of-2-bases-")
    assert one.snapshot.scope != two.snapshot.scope
    assert one.snapshot.scope == families_walk(TODAY, ["b/y", "a/x"]).snapshot.scope
    many = families_walk(TODAY, [f"a/{n}" for n in range(5)])
    assert many.snapshot.title == "models that name as base: a/0, a/1, a/2 and 2 others"


def test_a_walk_over_families_goes_on_in_the_middle_of_the_second(
    hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play("base_model:a/x", models(0, 2))
    hub.play("base_model:b/y", models(2, 2), "y2")
    hub.play("y2", b"", status=503)
    hub.play("base_model:c/z", models(6, 1))
    walk = families_walk(TODAY, ["a/x", "b/y", "c/z"])
    with pytest.raises(TransientError):
        land(walk)
    hub.play("y2", models(4, 2))
    hub.asked.clear()
    manifest = land(walk)
    assert hub.asked == ["y2", "base_model:c/z"]
    assert ids(store, manifest) == [f"a/{n}" for n in range(7)]


def test_a_model_of_two_families_does_not_look_like_a_loss_the_next_day(
    hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    for base in ("a/x", "b/y"):
        hub.play(f"base_model:{base}", models(0, 10))
    yesterday = TODAY - timedelta(days=1)
    land(families_walk(yesterday, ["a/x", "b/y"]), today=yesterday)
    (walk,) = plan_walks(store, depth="families", day=TODAY, top=0, bases=["a/x", "b/y"])
    assert land(walk).notes == []


def test_a_family_that_lies_within_another_is_walked_to_its_end(hub: ListOfModels, land: Land) -> None:
    hub.play("base_model:a/x", models(0, 5))
    hub.play_all("base_model:b/y", [models(n, 1) for n in range(5)])
    assert len(land(families_walk(TODAY, ["a/x", "b/y"])).pages) == 6


# What a refresh of a depth is made of


def landed_before(
    store: PayloadStore,
    scope: str,
    days_ago: int,
    *,
    count: int = 7,
    is_live: bool = True,
    is_complete: bool = True,
) -> None:
    day = TODAY - timedelta(days=days_ago)
    snapshot = replace(WHOLE.snapshot, day=day, scope=scope, is_live=is_live)
    manifest = store.resume(snapshot)
    page = json.dumps(models(0, count)).encode()
    store.add_page(manifest, _answer(page), records=count)
    if is_complete:
        store.complete(manifest)


def _answer(body: bytes) -> Any:

    return Answer(LIST, 200, gzip.compress(body), body)


def plan(store: PayloadStore, depth: str, **more: Any) -> list[Walk]:
    return plan_walks(store, depth=depth, day=TODAY, top=5000, bases=["a/x"], **more)


def scopes(walks: list[Walk]) -> list[str]:
    return [walk.snapshot.scope for walk in walks]


def test_a_full_refresh_is_one_walk(store: PayloadStore) -> None:
    assert scopes(plan(store, "full")) == ["whole-hub"]


def test_a_refresh_of_families_is_one_walk(store: PayloadStore) -> None:
    assert plan(store, "families") == [families_walk(TODAY, ["a/x"])]


def test_a_daily_refresh_is_the_top_and_what_is_new_and_changed(store: PayloadStore) -> None:
    walks = plan(store, "top")
    assert scopes(walks) == ["top-5000-by-downloads", "created-since-last-walk", "modified-since-last-walk"]


def since(walks: list[Walk]) -> set[date | None]:
    return {walk.since.date() for walk in walks[1:] if walk.since}


def test_without_an_earlier_walk_a_week_is_looked_back(store: PayloadStore) -> None:
    assert since(plan(store, "top")) == {TODAY - timedelta(days=7)}


@pytest.mark.parametrize("scope", ["whole-hub", "created-since-last-walk"])
def test_after_an_earlier_walk_its_day_and_the_one_before_are_looked_at_again(
    scope: str, store: PayloadStore
) -> None:
    landed_before(store, scope, 20)
    landed_before(store, scope, 4)
    landed_before(store, scope, 0)
    _, created, _ = plan(store, "top")
    assert created.since == datetime(2026, 11, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    "about",
    [
        {"scope": "whole-hub", "is_complete": False},
        {"scope": "whole-hub", "is_live": False},
        {"scope": "top-5000-by-downloads"},
    ],
)
def test_what_did_not_list_every_new_model_is_no_earlier_walk(about: Any, store: PayloadStore) -> None:
    landed_before(store, days_ago=2, **about)
    assert since(plan(store, "top")) == {TODAY - timedelta(days=7)}


def test_changes_are_looked_for_since_the_last_walk_that_looked_for_changes(store: PayloadStore) -> None:
    for scope, days_ago in (("created", 5), ("modified", 5), ("created", 1)):
        landed_before(store, f"{scope}-since-last-walk", days_ago)
    _, _, modified = plan(store, "top")
    assert modified.since == datetime(2026, 11, 17, tzinfo=UTC)


def test_a_walk_expects_what_the_newest_of_its_scope_found(store: PayloadStore) -> None:
    assert plan(store, "full")[0].expected is None
    landed_before(store, "whole-hub", 9, count=30)
    landed_before(store, "whole-hub", 2, count=40)
    landed_before(store, "whole-hub", 1, count=99, is_complete=False)
    landed_before(store, "whole-hub", 0, count=98)
    landed_before(store, "top-5000-by-downloads", 1, count=50)
    landed_before(store, "created-since-last-walk", 1, count=60)
    assert [walk.expected for walk in plan(store, "full")] == [40]
    assert [walk.expected for walk in plan(store, "top")] == [50, None, None]
    assert [walk.expected for walk in plan(store, "families")] == [None]


def test_a_walk_expects_nothing_of_one_whose_models_nobody_counted(store: PayloadStore) -> None:
    landed_before(store, "whole-hub", 1)
    manifest = store.manifests("huggingface_models")[0]
    as_before_the_journal(store, manifest)
    assert plan(store, "full")[0].expected is None


def test_the_least_that_is_believed_goes_with_every_walk(store: PayloadStore) -> None:
    assert {walk.least for walk in plan(store, "top")} == {0.95}
    assert {walk.least for walk in plan(store, "top", least=0.5)} == {0.5}


# How a walk ends


def test_the_walk_ends_when_the_server_names_no_next_page_even_after_a_full_one(
    hub: ListOfModels, land: Land
) -> None:
    hub.play_all(CREATED, [models(0, 1000), models(1000, 1000)])
    assert len(land(WHOLE).pages) == 2


def test_the_token_goes_with_every_page_and_into_none(
    hub: ListOfModels, land: Land, store: PayloadStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hub.play_all(CREATED, [models(0, 1), models(1, 1)])
    land(WHOLE, token="hf_sesame")
    assert [request.headers["Authorization"] for request in hub.requests] == ["Bearer hf_sesame"] * 2
    landed = [path.read_bytes() for path in store.root.rglob("*") if path.is_file()]
    assert len(landed) == 4
    assert not any(b"hf_sesame" in content for content in landed)
    assert "hf_sesame" not in caplog.text


@pytest.mark.parametrize("target", ["one", "two"])
def test_a_cursor_that_comes_again_is_an_error_and_no_endless_walk(
    target: str, hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play(CREATED, models(0, 1), "one")
    hub.play("one", models(1, 1), "two")
    hub.play("two", models(2, 1), target)
    for _ in range(3):
        with pytest.raises(PayloadError, match=r"repeats a cursor after 3 pages.*run the same command again"):
            land(WHOLE)
    assert hub.asked == [CREATED, "one", *["two"] * 6]  # each run asks once more before it gives up
    hub.play("two", models(2, 1))
    assert ids(store, land(WHOLE)) == ["a/0", "a/1", "a/2"]


@pytest.mark.parametrize(
    "target", ["https://evil.test/api/models?cursor=2", "http://hub.test/api/models?cursor=2"]
)
def test_a_next_page_on_another_host_or_without_encryption_is_never_asked(
    target: str, hub: ListOfModels, land: Land
) -> None:
    hub.play(CREATED, models(0, 1), target)
    for _ in range(2):
        with pytest.raises(PayloadError, match="another host"):
            land(WHOLE, token="hf_x")
    assert {urlsplit(request.url or "")[:2] for request in hub.requests} == {("https", "hub.test")}


def test_a_link_to_another_host_is_asked_for_anew_by_the_next_run(hub: ListOfModels, land: Land) -> None:
    hub.play(CREATED, models(0, 1), "https://evil.test/api/models?cursor=2")
    with pytest.raises(PayloadError, match="another host"):
        land(WHOLE)
    hub.play(CREATED, models(0, 1))
    assert land(WHOLE).is_complete


def test_a_link_relative_to_the_page_is_followed(hub: ListOfModels, land: Land) -> None:
    hub.play(CREATED, models(0, 1), "/api/models?cursor=2")
    hub.play("2", models(1, 1))
    assert [page.url for page in land(WHOLE).pages][1:] == [f"{LIST}?cursor=2"]


def test_an_empty_page_in_the_middle_is_noted_and_passed(
    hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play_all(CREATED, [models(0, 2), [], models(2, 2)])
    land(WHOLE)
    (manifest,) = store.manifests("huggingface_models")
    assert manifest.notes == ["page 2 added no new model"]
    assert (len(manifest.pages), manifest.records) == (3, 4)


def test_a_note_survives_a_kill(hub: ListOfModels, land: Land) -> None:
    hub.play_all(CREATED, [models(0, 2), [], models(2, 2)])
    last = hub.pages[f"{CREATED}-3"]
    hub.play(f"{CREATED}-3", b"", status=503)
    with pytest.raises(TransientError):
        land(WHOLE)
    hub.pages[f"{CREATED}-3"] = last
    assert land(WHOLE).notes == ["page 2 added no new model"]


def test_an_empty_last_page_is_no_news(hub: ListOfModels, land: Land) -> None:
    hub.play_all(CREATED, [models(0, 2), []])
    assert land(WHOLE).notes == []


@pytest.mark.parametrize("barren", [[], models(0, 2)])
def test_three_pages_without_a_new_model_are_a_cursor_that_leads_nowhere(
    barren: list[dict[str, Any]], hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play_all(CREATED, [models(0, 2), barren, barren, barren, models(2, 2)])
    with pytest.raises(
        PayloadError, match=r"3 pages in a row without a new model.*after 2 models.*run again"
    ):
        land(WHOLE)
    assert len(store.resume(WHOLE.snapshot).pages) == 1
    hub.play_all(CREATED, [models(0, 2), barren, barren, models(4, 1), barren, models(2, 2)])
    assert ids(store, land(WHOLE))[-2:] == ["a/2", "a/3"]


def test_models_that_come_again_are_landed_as_they_came(
    hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play_all(CREATED, [models(0, 3), models(2, 3)])
    manifest = land(WHOLE)
    assert ids(store, manifest) == ["a/0", "a/1", "a/2", "a/2", "a/3", "a/4"]
    assert manifest.records == 6


def test_models_that_came_again_yesterday_are_not_missed_today(
    hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play_all(CREATED, [models(0, 3), models(2, 3)])
    yesterday = TODAY - timedelta(days=1)
    land(whole_walk(yesterday), today=yesterday)
    hub.play_all(CREATED, [models(0, 3), models(2, 3)])
    assert land(plan(store, "full", least=1.0)[0]).notes == []


def test_a_list_that_ends_early_is_not_used_and_its_end_is_asked_for_again(
    hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play_all(CREATED, [models(0, 5), models(5, 3)])
    walk = replace(WHOLE, expected=10)
    for _ in range(2):
        with pytest.raises(
            PayloadError,
            match=r"ended after 8 models; it held 10 before\..*CAMBRIAN_LEAST_OF_LAST below 0\.80",
        ):
            land(walk)
        assert store.manifests("huggingface_models") == []
    assert hub.asked == [CREATED, *[f"{CREATED}-2"] * 4]  # each run asks once more before it gives up
    hub.play(f"{CREATED}-2", models(5, 3), "more")
    hub.play("more", models(8, 2))
    assert ids(store, land(walk)) == [f"a/{n}" for n in range(10)]


@pytest.mark.parametrize(("found", "least", "notes"), [
    (9, 0.9, ["1 models fewer than the walk before"]),
    (8, 0.79, ["2 models fewer than the walk before"]),
    (10, 0.9, []),
    (11, 1.0, []),
])  # fmt: skip
def test_a_list_that_is_a_little_shorter_is_believed_and_noted(
    found: int, least: float, notes: list[str], hub: ListOfModels, land: Land
) -> None:
    hub.play(CREATED, models(0, found))
    manifest = land(replace(WHOLE, expected=10, least=least))
    assert (manifest.notes, manifest.is_complete) == (notes, True)


def test_an_empty_list_is_an_error_and_lands_nothing(
    hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play(CREATED, [])
    with pytest.raises(PayloadError, match="the list of whole-hub is empty"):
        land(WHOLE)
    assert not store.folder(WHOLE.snapshot).exists()
    hub.play(CREATED, models(0, 1))
    assert land(WHOLE).is_complete


def test_families_without_bases_are_an_error(land: Land) -> None:
    with pytest.raises(PayloadError, match="is empty"):
        land(families_walk(TODAY, []))


HOSTILE = [
    {"id": None}, {"id": 7}, {"id": 1.5}, {"id": ["a/b"]}, {"id": {"a": 1}}, {}, {"id": True},
    {"id": "bad/" + "x" * 296}, {"id": "bad/🦕\"quoted'"}, {"id": "<script>alert(1)</script>"},
    {"id": "a/b", "createdAt": 7, "lastModified": [], "downloads": -5, "tags": None, "likes": 1e300},
]  # fmt: skip


def test_hostile_ids_are_landed_as_they_came_and_do_not_count_where_they_are_no_text(
    hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play_all(DOWNLOADS, [HOSTILE, models(0, 1)])
    manifest = land(top_walk(TODAY, 5))
    assert json.loads(next(store.bodies(manifest))) == HOSTILE
    assert [page.records for page in manifest.pages] == [len(HOSTILE), 1]


def fails(value: object, reason: str) -> Any:
    return value


@pytest.mark.parametrize(
    "body",
    [
        *(b'{"error": "no"}', b"null", b"[1]", b"[null]", b'["a/b"]', b"<html>maintenance</html>", b""),
        *(b'[{"id": "a', b'[{"id": 1e999}]', b'[{"id": "\\ud800"}]'),
        fails(b'[{"id": "\xff"}]', "UnicodeDecodeError"),
        fails(b"[" * 5000 + b"]" * 5000, "RecursionError"),
    ],
)
def test_a_page_that_is_no_list_of_models_is_not_landed_and_the_pages_before_stay(
    body: bytes, hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play(CREATED, models(0, 1), "2")
    hub.play("2", body)
    with pytest.raises(SourceError, match=LIST):
        land(WHOLE)
    manifest = store.manifest(WHOLE.snapshot)
    assert (len(manifest.pages), manifest.next_url, manifest.is_complete) == (1, f"{LIST}?cursor=2", False)


def test_a_304_that_nobody_asked_for_lands_nothing(
    hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play(CREATED, b"", status=304)
    with pytest.raises(PermanentError, match="304"):
        land(WHOLE)
    assert not store.root.exists()


def test_a_refused_token_lands_nothing(hub: ListOfModels, land: Land, store: PayloadStore) -> None:
    hub.play(CREATED, b"", status=401)
    with pytest.raises(PermanentError, match="HF_TOKEN"):
        land(WHOLE, token="hf_x")
    assert not store.root.exists()


# On which day


def test_a_past_day_that_was_not_landed_is_refused_with_the_reason_and_lands_nothing(
    hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    with pytest.raises(PastDayError, match=r"2026-11-22 was not landed on its day.*2026-11-23 UTC.*not zero"):
        land(whole_walk(date(2026, 11, 22)))
    assert hub.asked == []
    assert not store.root.exists()


def test_a_past_day_that_was_landed_half_is_refused_too(hub: ListOfModels, land: Land) -> None:
    hub.play(CREATED, models(0, 1), "2")
    hub.play("2", b"", status=401)
    with pytest.raises(PermanentError):
        land(WHOLE)
    hub.asked.clear()
    with pytest.raises(PastDayError):
        land(WHOLE, today=date(2026, 11, 24))
    assert hub.asked == []


def test_a_landed_walk_is_not_fetched_again_on_its_day_or_later(hub: ListOfModels, land: Land) -> None:
    hub.play(CREATED, models(0, 1))
    first = land(WHOLE)
    assert land(WHOLE) == first
    assert land(WHOLE, today=date(2027, 1, 1)) == first
    assert hub.asked == [CREATED]


# Going on


def test_a_walk_cut_off_goes_on_at_its_cursor_and_asks_no_page_twice(
    hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play_all(CREATED, [models(0, 1), models(1, 1), models(2, 1)])
    last = hub.pages[f"{CREATED}-3"]
    hub.play(f"{CREATED}-3", b"", status=504)
    with pytest.raises(TransientError, match="504"):
        land(WHOLE)
    assert store.manifests("huggingface_models") == []
    hub.pages[f"{CREATED}-3"] = last
    hub.asked.clear()
    manifest = land(WHOLE)
    assert hub.asked == [f"{CREATED}-3"]
    assert ids(store, manifest) == ["a/0", "a/1", "a/2"]
    assert manifest.is_complete


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_cursor_that_is_not_taken_any_more_lets_the_walk_begin_anew_once(
    status: int, hub: ListOfModels, land: Land, store: PayloadStore
) -> None:
    hub.play(CREATED, models(0, 1), "old")
    hub.play("old", b"", status=503)
    with pytest.raises(TransientError):
        land(WHOLE)
    hub.play(CREATED, models(5, 1), "new")
    hub.play("old", b"", status=status)
    hub.play("new", models(6, 1))
    hub.asked.clear()
    assert ids(store, land(WHOLE)) == ["a/5", "a/6"]
    assert hub.asked == ["old", CREATED, "new"]


def test_a_cursor_that_is_never_taken_is_an_error_after_one_new_beginning(
    hub: ListOfModels, land: Land
) -> None:
    hub.play(CREATED, models(0, 1), "old")
    hub.play("old", b'{"error": "Invalid cursor"}', status=400)
    with pytest.raises(PermanentError, match="Invalid cursor"):
        land(WHOLE)
    assert hub.asked == [CREATED, "old"] * 2


def test_a_query_that_is_refused_does_not_throw_the_walk_before_it_away(
    hub: ListOfModels, land: Land
) -> None:
    hub.play("base_model:a/x", models(0, 1))
    hub.play("base_model:b/y", b'{"error": "Invalid filter"}', status=400)
    with pytest.raises(PermanentError, match="Invalid filter"):
        land(families_walk(TODAY, ["a/x", "b/y"]))
    assert hub.asked == ["base_model:a/x", "base_model:b/y"]


@pytest.mark.parametrize(
    "walk",
    [WHOLE, top_walk(TODAY, 2), recent_walks(TODAY, date(2026, 11, 20))[0]],
    ids=["whole", "top", "recent"],
)
def test_a_walk_killed_after_its_last_page_has_nothing_left_to_ask(
    walk: Walk, hub: ListOfModels, land: Land, store: PayloadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [[model("a/0", "2026-11-22T00:00:00Z")], [model("a/1", "2026-11-19T00:00:00Z")], models(2, 1)]
    order = walk.queries[0][1][0][1]
    hub.play_all(order, pages[:2] if walk is WHOLE else pages)
    with monkeypatch.context() as killed:
        killed.setattr(PayloadStore, "complete", lambda *_: None)
        land(walk)
    assert not store.manifest(walk.snapshot).is_complete
    manifest = land(walk)
    assert (len(manifest.pages), manifest.is_complete) == (2, True)
    assert hub.asked == [order, f"{order}-2"]


def test_a_walk_from_before_the_journal_goes_on(hub: ListOfModels, land: Land, store: PayloadStore) -> None:
    hub.play(DOWNLOADS, models(0, 1), "2")
    hub.play("2", b"", status=503)
    walk = top_walk(TODAY, 1000)
    with pytest.raises(TransientError):
        land(walk)
    as_before_the_journal(store, store.manifest(walk.snapshot))
    hub.play("2", models(1, 1))
    assert ids(store, land(walk)) == ["a/0", "a/1"]


def test_a_used_up_quota_leaves_what_is_landed(
    hub: ListOfModels, client: Client, store: PayloadStore
) -> None:
    hub.play_all(CREATED, [models(0, 1), models(1, 1)])
    status, body, headers = hub.pages[CREATED]
    hub.pages[CREATED] = (status, body, headers | {"RateLimit": '"api";r=0;t=3600'})
    with pytest.raises(QuotaError):
        land_walk(client, HUB, WHOLE, store, today=TODAY)
    assert len(store.manifest(WHOLE.snapshot).pages) == 1
    with Client({"https://": hub}) as fresh:
        assert land_walk(fresh, HUB, WHOLE, store, today=TODAY).is_complete


class Killed(BaseException):
    """Nobody catches it, as nobody catches a SIGKILL."""


def killer(chance: random.Random) -> Callable[[str], None]:
    """Kill at one step in eight or so."""

    def maybe(_: str) -> None:
        if chance.random() < 0.12:
            raise Killed

    return maybe


def kill_at_random(monkeypatch: pytest.MonkeyPatch, chance: random.Random) -> None:
    """Let writing stop at any moment: before, within and after a page, and within its line."""
    maybe = killer(chance)
    write_whole, append = payloads._write_whole, PayloadStore._append

    def torn_write(path: Path, content: bytes, **how: Any) -> None:
        maybe("before")
        if chance.random() < 0.05:
            path.with_name(path.name + ".tmp").write_bytes(content[: len(content) // 2])
            raise Killed
        write_whole(path, content, **how)
        maybe("between")

    def torn_append(store: PayloadStore, manifest: Manifest, page: Any) -> None:
        journal = store.folder(manifest.snapshot) / payloads.JOURNAL_NAME
        before = journal.stat().st_size if journal.exists() else 0
        append(store, manifest, page)
        if chance.random() < 0.1:
            with journal.open("r+b") as file:
                file.truncate(chance.randint(before, journal.stat().st_size))
            raise Killed
        maybe("after")

    monkeypatch.setattr(payloads, "_write_whole", torn_write)
    monkeypatch.setattr(PayloadStore, "_append", torn_append)


@pytest.mark.parametrize("seed", range(4))
def test_a_walk_killed_at_random_and_resumed_is_the_same_as_an_undisturbed_one(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = ListOfModels()
    bases = ["a/x", "b/y", "c/z"]
    for number, base in enumerate(bases):
        pages = [models(1000 * number + 10 * page, 12) for page in range(12)]
        pages[5] = []
        hub.play_all(f"base_model:{base}", pages)
    walk = families_walk(TODAY, bases)
    whole, cut = PayloadStore(tmp_path / "whole"), PayloadStore(tmp_path / "cut")
    with Client({"https://": hub}) as client:
        undisturbed = land_walk(client, HUB, walk, whole, today=TODAY)
        kills = 0
        with monkeypatch.context() as dangerous:
            kill_at_random(dangerous, random.Random(seed))
            while kills < 20:
                try:
                    land_walk(client, HUB, walk, cut, today=TODAY)
                    cut.restart(cut.manifest(walk.snapshot))
                except Killed:
                    kills += 1
        resumed = land_walk(client, HUB, walk, cut, today=TODAY)
    assert resumed.pages == undisturbed.pages
    assert resumed.sha256 == undisturbed.sha256
    assert [path.read_bytes() for path in cut.files(resumed)] == [
        path.read_bytes() for path in whole.files(undisturbed)
    ]


def test_a_walk_over_a_real_connection_survives_a_quota_and_a_hang_up(
    server: Server, store: PayloadStore
) -> None:
    packed = gzip.compress(b'[{"id": "a/1"}]')
    query = [("sort", CREATED), ("limit", str(PAGE_SIZE)), *(("expand", name) for name in FIELDS)]
    first = requests.Request("GET", f"{server.url}/api/models", params=query).prepare().path_url
    link = {"Content-Encoding": "gzip", "Link": f'<{server.url}/api/models?cursor=2>; rel="next"'}
    server.play(first, Reply(b"slow down", 429, {"Retry-After": "3"}), Reply(packed, headers=link))
    server.play("/api/models?cursor=2", Reply(drops=True), Reply(b'[{"id": "a/2"}]'))
    waits: list[float] = []
    with Client(sleep=waits.append) as client:
        manifest = land_walk(client, server.url, WHOLE, store, today=TODAY)
    assert [page.bytes for page in manifest.pages] == [15, 15]
    assert store.files(manifest)[0].read_bytes() == packed
    assert waits[0] == 3


# What is told


def test_progress_tells_models_pages_calls_left_and_an_end(
    hub: ListOfModels, land: Land, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cambrian.huggingface")
    hub.play_all(DOWNLOADS, [models(0, 1000), models(1000, 1000)])
    hub.pages = {
        page: (status, body, headers | {"RateLimit": '"api";r=77;t=100'})
        for page, (status, body, headers) in hub.pages.items()
    }
    land(top_walk(TODAY, 2000))
    told = caplog.messages[-1]
    assert told.startswith("top-2000-by-downloads: 2,000 models, 2 pages, 77 calls left, done about ")
    assert told.endswith(" UTC")


@pytest.mark.parametrize("digits", [14, 400])
def test_an_absurd_quota_does_not_end_the_walk(digits: int, hub: ListOfModels, land: Land) -> None:
    hub.play_all(DOWNLOADS, [models(0, 1000), models(1000, 1000)])
    absurd = {
        "RateLimit": f'"api";r=1;t={"9" * digits}',
        "RateLimit-Policy": '"fixed window";"api";q=1;w=300',
    }
    status, body, headers = hub.pages[DOWNLOADS]
    hub.pages[DOWNLOADS] = (status, body, headers | absurd)
    assert land(replace(top_walk(TODAY, 2000), expected=90_000_000, most=None, least=0)).is_complete


quotas = st.builds(
    Quota,
    left=st.integers(0, 3000),
    renewed_in_seconds=st.floats(0, 300),
    of=st.one_of(st.none(), st.integers(0, 3000)),
)


@given(st.integers(0, 10_000), st.floats(0, 10), st.one_of(st.none(), quotas))
def test_the_time_that_is_left_is_never_less_than_the_pace_says(
    pages: int, pace: float, quota: Quota | None
) -> None:
    assert seconds_left(pages, pace, quota) >= pages * pace


def by_windows(pages: int, pace: float, quota: Quota) -> float:
    """Walk page by page through windows of 300 s; give when the last page has come."""
    now, left, end = 0.0, quota.left, quota.renewed_in_seconds
    for _ in range(pages):
        if left == 0:
            now, end = max(now, end), max(now, end) + 300
            left = quota.of or 0
        now += pace
        left -= 1
    return now


@given(st.integers(0, 3000), st.integers(0, 1000), st.integers(1, 300), st.integers(100, 1000))
def test_the_time_that_is_left_is_no_less_than_the_windows_of_the_quota_take(
    pages: int, left: int, renewed_in: int, of: int
) -> None:
    pace = 0.2
    assume(left * pace <= renewed_in)
    quota = Quota(left, renewed_in, of)
    told, true = seconds_left(pages, pace, quota), by_windows(pages, pace, quota)
    assert told >= true - 1
    assert told <= 2 * true + 300


def test_the_last_window_takes_its_time_too() -> None:
    assert seconds_left(1000, 0.25, Quota(0, 300, 1000)) == 550
    assert seconds_left(2000, 0.25, Quota(0, 300, 1000)) == 850
    assert seconds_left(1000, 0.25, Quota(1000, 300, 1000)) == 250
