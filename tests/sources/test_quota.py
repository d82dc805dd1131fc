"""Walks over several windows of a quota: nearly all of it is used, and a 429 is never met.

Server and client share one clock that passes only by the calls and by what the client waits.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from pipelines.sources.errors import QuotaError
from pipelines.sources.github import land_star_history
from pipelines.sources.http import Client
from pipelines.sources.huggingface import land_walk, whole_walk
from pipelines.sources.payloads import PayloadStore
from tests.standins import made
from tests.standins.github import TOKEN, GitHub
from tests.standins.hub import Hub
from tests.standins.server import Clock

TODAY = date(2026, 11, 23)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[Client]:
    with Client(sleep=clock.sleep, clock=clock.read) as opened:
        yield opened


@contextmanager
def hub_in_windows(
    clock: Clock, *, pages: int, quota: int, window: float, call: float, ahead: float = 0
) -> Iterator[tuple[Hub, Counter[int]]]:
    """A Hub of one model a page whose every call takes `call` seconds; gives the calls by window, too."""
    calls: Counter[int] = Counter()
    begun: list[float] = []

    def before(_request: object, _number: int) -> None:
        begun.append(clock.now)
        calls[int((clock.now - begun[0]) // (window + 1))] += 1  # the client waits a second past the end
        clock.now += call

    models = made.models(pages, hostile=False)
    with Hub(
        models,
        quota=quota,
        anonymous_quota=quota,
        window_seconds=window,
        page_limit=1,
        cursor_seconds=1e9,
        clock=lambda: clock.now + ahead,
    ) as hub:
        hub.before = before
        yield hub, calls


@pytest.mark.parametrize("ahead", [-300, 0, 300])
@pytest.mark.parametrize("limits", [(40, 3, 0.01), (40, 300, 0.5), (7, 30, 1.7)])
def test_a_walk_uses_its_windows_up_and_never_meets_a_429(
    ahead: float, limits: tuple[int, float, float], clock: Clock, client: Client, store: PayloadStore
) -> None:
    quota, window, call = limits  # calls a window, seconds a window, seconds a call
    pages = 5 * quota
    started = clock.now
    with hub_in_windows(clock, pages=pages, quota=quota, window=window, call=call, ahead=ahead) as (hub, _):
        manifest = land_walk(client, hub.url, whole_walk(TODAY), store, today=TODAY)
        statuses = Counter(request.status for request in hub.requests)
    assert (manifest.is_complete, len(manifest.pages), statuses) == (True, pages, {200: pages})
    # The last of the five needs no end. A window begins with the answer to its first call; its rest is told
    # in whole seconds, and we wait one more.
    least = 4 * window + quota * call
    assert least <= clock.now - started <= least + 4 * (2 + call)
    assert len(clock.waits) == 4


def test_at_least_95_percent_of_every_window_is_used(
    clock: Clock, client: Client, store: PayloadStore
) -> None:
    with hub_in_windows(clock, pages=1000, quota=200, window=300, call=1.2) as (hub, calls):
        land_walk(client, hub.url, whole_walk(TODAY), store, today=TODAY)
    assert sum(calls.values()) == 1000
    assert all(count >= 0.95 * 200 for count in calls.values())


def test_a_slow_walk_never_waits(clock: Clock, client: Client, store: PayloadStore) -> None:
    with hub_in_windows(clock, pages=100, quota=40, window=3, call=0.1) as (hub, _):
        land_walk(client, hub.url, whole_walk(TODAY), store, today=TODAY)
    assert clock.waits == []


def test_what_others_at_the_same_address_used_is_waited_for_after_one_429(
    clock: Clock, client: Client, store: PayloadStore
) -> None:
    """Without a token all askers at an address share a quota; another one may take the last call."""

    def others_take_the_rest(request: object, number: int) -> None:
        if number == 5:
            hub._window.used("anonymous", 100)

    with Hub(
        made.models(20, hostile=False),
        anonymous_quota=40,
        window_seconds=200,
        page_limit=1,
        clock=clock.read,
    ) as hub:
        hub.before = others_take_the_rest
        manifest = land_walk(client, hub.url, whole_walk(TODAY), store, today=TODAY)
        statuses = Counter(request.status for request in hub.requests)
    assert (len(manifest.pages), statuses) == (20, {200: 20, 429: 1})
    assert sum(clock.waits) == 201


def repositories(n: int) -> list[str]:
    return [f"org/repository-{number}" for number in range(n)]


@pytest.mark.parametrize("ahead", [-300, 0, 300])
def test_githubs_quota_is_used_to_the_last_call_and_its_403_never_met(
    ahead: float, clock: Clock, client: Client, store: PayloadStore
) -> None:
    """Its hour is longer than we are willing to wait: a landing goes on in the next one."""
    names = repositories(50)
    with GitHub(
        [known | {"weeks": known["weeks"][:20]} for known in made.repositories(names, today=TODAY)],
        limit=20,
        clock=lambda: clock.now + ahead,
    ) as github:
        for hour in (1, 2):
            with pytest.raises(QuotaError, match=r"quota is used up and renewed at [-\d]{10} \d\d:\d\d UTC"):
                land_star_history(client, github.url, names, store, day=TODAY, today=TODAY, token=TOKEN)
            assert len(github.requests) == 20 * hour
            clock.now += 3602
        manifest = land_star_history(client, github.url, names, store, day=TODAY, today=TODAY, token=TOKEN)
        statuses = Counter(request.status for request in github.requests)
    assert manifest.is_complete
    assert statuses == {200: 50}
    assert [page.subject for page in manifest.pages] == names
    assert clock.waits == []


@pytest.mark.parametrize("ahead", [-300, 0, 300])
def test_the_end_of_githubs_hour_is_waited_for_by_the_clock_of_the_server(
    ahead: float, clock: Clock, client: Client, store: PayloadStore
) -> None:
    names = repositories(30)

    def calls_take_time(_request: object, number: int) -> None:
        clock.now += 3400 if number == 20 else 0

    with GitHub(
        [known | {"weeks": known["weeks"][:20]} for known in made.repositories(names, today=TODAY)],
        limit=20,
        clock=lambda: clock.now + ahead,
    ) as github:
        github.before = calls_take_time
        manifest = land_star_history(client, github.url, names, store, day=TODAY, today=TODAY, token=TOKEN)
        statuses = Counter(request.status for request in github.requests)
    assert (manifest.is_complete, statuses) == (True, {200: 30})
    assert len(clock.waits) == 1
    assert 199 <= clock.waits[0] <= 203
