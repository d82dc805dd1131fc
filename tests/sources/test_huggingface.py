"""The walk over the list of models, and the day on which a snapshot can be had."""

import gzip
import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from pipelines.sources.errors import PastDayError, PayloadError, PermanentError, TransientError
from pipelines.sources.huggingface import (
    FIELDS,
    PAGE_SIZE,
    land_models,
    land_today,
    top_models_snapshot,
    walk,
)
from pipelines.sources.payloads import PayloadStore
from tests.sources.conftest import Reply, Server

HUB = "https://hub.test"
LIST = f"{HUB}/api/models"
TODAY = date(2026, 11, 23)
SNAPSHOT = top_models_snapshot(TODAY, 10_000)


def play(cursor: str | None, *, next_page: str | None = None, body: object = None, **answer: object) -> None:
    """Let the hub answer for one cursor (None: the first page), leading on to `next_page`."""
    matches = [] if cursor is None else [responses.matchers.query_param_matcher({"cursor": cursor})]
    answer.setdefault("status", 200)
    if next_page is not None:
        answer["headers"] = {"Link": f'<{next_page}>; rel="next"'}
    page = [{"id": f"page/{cursor}"}] if body is None else body
    strict = responses.matchers.query_param_matcher({"sort": "downloads"}, strict_match=False)
    responses.get(LIST, json=page, match=matches or [strict], **answer)  # type: ignore[arg-type]


def to(cursor: str) -> str:
    return f"{LIST}?cursor={cursor}"


def asked() -> list[str]:
    return [
        parse_qs(urlsplit(call.request.url or "").query).get("cursor", [""])[0] for call in responses.calls
    ]


@responses.activate
def test_the_walk_asks_for_the_most_downloaded_and_for_every_field(session: requests.Session) -> None:
    play(None)
    list(walk(session, HUB))
    query = parse_qs(urlsplit(responses.calls[0].request.url or "").query)
    assert query == {"sort": ["downloads"], "limit": [str(PAGE_SIZE)], "expand": list(FIELDS)}


@responses.activate
def test_the_walk_ends_when_the_server_names_no_next_page_even_after_a_full_one(
    session: requests.Session,
) -> None:
    full = [{"id": f"a/{n}"} for n in range(PAGE_SIZE)]
    play(None, next_page=to("2"), body=full)
    play("2", body=full)
    assert len(list(walk(session, HUB))) == 2


@responses.activate
def test_an_empty_page_in_the_middle_does_not_end_the_walk(session: requests.Session) -> None:
    play(None, next_page=to("2"))
    play("2", next_page=to("3"), body=[])
    play("3")
    assert len(list(walk(session, HUB))) == 3


@responses.activate
def test_the_walk_goes_on_where_it_is_told_to(session: requests.Session) -> None:
    play("2", next_page=to("3"))
    play("3")
    assert [answer.url for answer in walk(session, HUB, start=to("2"))] == [to("2"), to("3")]


@responses.activate
def test_the_token_goes_with_every_page(session: requests.Session) -> None:
    play(None, next_page=to("2"))
    play("2")
    list(walk(session, HUB, token="hf_x"))
    assert [call.request.headers["Authorization"] for call in responses.calls] == ["Bearer hf_x"] * 2


@responses.activate
@pytest.mark.parametrize("target", ["1", "2"])
def test_a_cursor_that_comes_again_is_an_error_and_no_endless_walk(
    target: str, session: requests.Session
) -> None:
    play("1", next_page=to("2"))
    play("2", next_page=to(target))
    with pytest.raises(PayloadError, match="repeats a cursor after 2 pages"):
        list(walk(session, HUB, start=to("1")))
    assert asked() == ["1", "2"]


@responses.activate
def test_a_next_page_on_another_host_is_not_asked(session: requests.Session) -> None:
    play(None, next_page="https://evil.test/api/models?cursor=2")
    with pytest.raises(PayloadError, match=r"another host \(evil\.test\)"):
        list(walk(session, HUB, token="hf_x"))
    assert len(responses.calls) == 1


@responses.activate
def test_a_next_page_on_another_host_is_not_asked_by_the_next_run_either(
    session: requests.Session, store: PayloadStore
) -> None:
    play(None, next_page="https://evil.test/api/models?cursor=2")
    responses.get("https://evil.test/api/models", json=[{"id": "evil/1"}])
    for _ in range(2):
        with pytest.raises(PayloadError, match="another host"):
            land_models(session, HUB, SNAPSHOT, store, token="hf_x")
    assert {urlsplit(call.request.url or "").netloc for call in responses.calls} == {"hub.test"}


@responses.activate
def test_a_next_page_without_encryption_is_not_asked(session: requests.Session) -> None:
    play(None, next_page="http://hub.test/api/models?cursor=2")
    responses.get("http://hub.test/api/models", json=[])
    with pytest.raises(PayloadError):
        list(walk(session, HUB, token="hf_x"))


@responses.activate
def test_a_cursor_that_comes_again_does_not_let_each_run_land_more_pages(
    session: requests.Session, store: PayloadStore
) -> None:
    play(None, next_page=to("1"))
    play("1", next_page=to("2"))
    play("2", next_page=to("1"))
    for _ in range(3):
        with pytest.raises(PayloadError, match="repeats a cursor"):
            land_models(session, HUB, SNAPSHOT, store)
    assert len(store.manifest(SNAPSHOT).pages) <= 3


@responses.activate
def test_a_link_relative_to_the_page_is_followed(session: requests.Session) -> None:
    play(None, next_page="/api/models?cursor=2")
    play("2")
    assert [answer.url for answer in walk(session, HUB)][1:] == [to("2")]


@responses.activate
def test_a_landed_walk_is_not_fetched_again(session: requests.Session, store: PayloadStore) -> None:
    play(None, next_page=to("2"))
    play("2")
    first = land_models(session, HUB, SNAPSHOT, store)
    assert land_models(session, HUB, SNAPSHOT, store) == first
    assert len(responses.calls) == 2


@responses.activate
def test_a_walk_cut_off_goes_on_at_its_cursor_and_asks_no_page_twice(
    session: requests.Session, store: PayloadStore
) -> None:
    play(None, next_page=to("2"))
    play("2", next_page=to("3"))
    responses.get(to("3"), status=504)
    with pytest.raises(TransientError, match="504"):
        land_models(session, HUB, SNAPSHOT, store)
    assert store.manifests(SNAPSHOT.source) == []
    responses.remove("GET", to("3"))
    play("3")
    responses.calls.reset()
    manifest = land_models(session, HUB, SNAPSHOT, store)
    assert asked() == ["3"]
    pages = [json.loads(gzip.decompress(path.read_bytes()))[0]["id"] for path in store.files(manifest)]
    assert pages == ["page/None", "page/2", "page/3"]
    assert manifest.is_complete


@responses.activate
@pytest.mark.parametrize("max_pages", [None, 2])
def test_a_walk_killed_after_its_last_page_has_nothing_left_to_ask(
    max_pages: int | None, session: requests.Session, store: PayloadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(None, next_page=to("2"))
    play("2", next_page=to("3") if max_pages else None)
    play("3")
    with monkeypatch.context() as killed:
        killed.setattr(PayloadStore, "complete", lambda *_: None)
        land_models(session, HUB, SNAPSHOT, store, max_pages=max_pages)
    assert not store.manifest(SNAPSHOT).is_complete
    manifest = land_models(session, HUB, SNAPSHOT, store, max_pages=max_pages)
    assert (len(manifest.pages), manifest.is_complete) == (2, True)
    assert asked() == ["", "2"]


@responses.activate
def test_a_walk_of_a_given_length_stops_there_and_is_complete(
    session: requests.Session, store: PayloadStore
) -> None:
    play(None, next_page=to("2"))
    play("2", next_page=to("3"))
    manifest = land_models(session, HUB, SNAPSHOT, store, max_pages=2)
    assert (len(manifest.pages), manifest.is_complete, manifest.next_url) == (2, True, None)
    assert asked() == ["", "2"]


@responses.activate
@pytest.mark.parametrize(
    "body", ["<html>We are down for maintenance</html>", '[{"id": "a/b"}, {"id": "c', ""]
)
def test_a_page_that_is_no_json_is_not_landed_and_the_pages_before_stay(
    body: str, session: requests.Session, store: PayloadStore
) -> None:
    play(None, next_page=to("2"))
    responses.get(LIST, body=body, match=[responses.matchers.query_param_matcher({"cursor": "2"})])
    with pytest.raises(PayloadError, match=f"{LIST}: not JSON, or cut off"):
        land_models(session, HUB, SNAPSHOT, store)
    manifest = store.manifest(SNAPSHOT)
    assert (len(manifest.pages), manifest.next_url, manifest.is_complete) == (1, to("2"), False)


@responses.activate
def test_a_304_that_nobody_asked_for_lands_nothing(session: requests.Session, store: PayloadStore) -> None:
    responses.get(LIST, status=304)
    with pytest.raises(PayloadError):
        land_models(session, HUB, SNAPSHOT, store)
    assert not store.manifest(SNAPSHOT).pages


@responses.activate
def test_a_refused_token_lands_nothing(session: requests.Session, store: PayloadStore) -> None:
    responses.get(LIST, status=401)
    with pytest.raises(PermanentError, match="HF_TOKEN"):
        land_models(session, HUB, SNAPSHOT, store, token="hf_x")
    assert not store.root.exists()


def test_a_walk_over_a_real_connection_survives_a_quota_and_a_hang_up(
    server: Server, session: requests.Session, store: PayloadStore, waits: list[float]
) -> None:
    packed = gzip.compress(b'[{"id": "a/1"}]')
    first = requests.Request("GET", f"{server.url}/api/models", params=_query()).prepare().path_url
    server.play(
        first,
        Reply(b"slow down", 429, {"Retry-After": "3"}),
        Reply(
            packed,
            headers={"Content-Encoding": "gzip", "Link": f'<{server.url}/api/models?cursor=2>; rel="next"'},
        ),
    )
    server.play("/api/models?cursor=2", Reply(drops=True), Reply(b'[{"id": "a/2"}]'))
    manifest = land_models(session, server.url, SNAPSHOT, store)
    assert [page["bytes"] for page in manifest.pages] == [15, 15]
    assert store.files(manifest)[0].read_bytes() == packed
    assert waits[0] == 3


def _query() -> list[tuple[str, str]]:
    return [("sort", "downloads"), ("limit", str(PAGE_SIZE)), *(("expand", name) for name in FIELDS)]


def test_the_scope_says_of_how_many_models_it_is_a_picture() -> None:
    assert SNAPSHOT.key == "huggingface_models/2026-11-23/top-10000-by-downloads"
    assert SNAPSHOT.title == "the 10,000 models with the most downloads in 30 days"
    assert SNAPSHOT.is_whole_population is False
    assert SNAPSHOT.fields == FIELDS


@responses.activate
@pytest.mark.parametrize(("count", "pages"), [(1, 1), (1000, 1), (1001, 2), (2000, 2)])
def test_today_is_landed_with_as_many_pages_as_the_count_takes(
    count: int, pages: int, session: requests.Session, store: PayloadStore
) -> None:
    play(None, next_page=to("2"))
    play("2", next_page=to("3"))
    manifest = land_today(session, HUB, store, day=TODAY, today=TODAY, count=count)
    assert len(manifest.pages) == pages
    assert manifest.is_complete


@responses.activate
def test_a_past_day_that_was_not_landed_is_refused_with_the_reason_and_lands_nothing(
    session: requests.Session, store: PayloadStore
) -> None:
    with pytest.raises(PastDayError, match=r"2026-11-22 was not landed on its day.*2026-11-23 UTC.*not zero"):
        land_today(session, HUB, store, day=date(2026, 11, 22), today=TODAY, count=1000)
    assert len(responses.calls) == 0
    assert not store.root.exists()


@responses.activate
def test_a_past_day_that_was_landed_half_is_refused_too(
    session: requests.Session, store: PayloadStore
) -> None:
    play(None, next_page=to("2"))
    responses.get(to("2"), status=404)
    with pytest.raises(PermanentError):
        land_today(session, HUB, store, day=TODAY, today=TODAY, count=2000)
    responses.calls.reset()
    with pytest.raises(PastDayError):
        land_today(session, HUB, store, day=TODAY, today=date(2026, 11, 24), count=2000)
    assert len(responses.calls) == 0


@responses.activate
def test_a_past_day_that_was_landed_is_given_back(session: requests.Session, store: PayloadStore) -> None:
    play(None)
    landed = land_today(session, HUB, store, day=TODAY, today=TODAY, count=1000)
    again = land_today(session, HUB, store, day=TODAY, today=date(2027, 1, 1), count=1000)
    assert again == landed
    assert len(responses.calls) == 1


@responses.activate
def test_another_count_of_the_same_day_is_another_snapshot(
    session: requests.Session, store: PayloadStore
) -> None:
    play(None)
    for count in (1000, 500):
        land_today(session, HUB, store, day=TODAY, today=TODAY, count=count)
    scopes = [manifest.snapshot.scope for manifest in store.manifests(SNAPSHOT.source)]
    assert scopes == ["top-1000-by-downloads", "top-500-by-downloads"]
