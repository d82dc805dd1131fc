"""The optional sources: OpenRouter's token counts by day, and the arena's ratings as files."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.sources.arena import land_ratings
from pipelines.sources.errors import PastDayError, PayloadError, PermanentError, TransientError
from pipelines.sources.http import Client
from pipelines.sources.openrouter import land_token_shares
from pipelines.sources.payloads import Manifest, PayloadStore
from tests.standins.faults import Fault
from tests.standins.hub import Cdn, Hub
from tests.standins.optional import ARENA_TEXT, TOKEN, OpenRouter, arena_parquet
from tests.standins.server import Answer, Request, json_answer

TODAY = date(2026, 11, 23)
YESTERDAY = TODAY - timedelta(days=1)
ALL_DAYS = [date(2025, 1, 1) + timedelta(days=n) for n in range(800)]


class Saying:
    """A fault that answers a body of its own below one path."""

    def __init__(self, path: str, body: object) -> None:
        self.path = path
        self.body = body

    def on(self, request: Request, answer: Answer) -> Answer:
        return json_answer(self.body) if request.path.startswith(self.path) else answer


@pytest.fixture
def router() -> Iterator[OpenRouter]:
    tokens = {day: {"a/x": 30, "b/y": 10} for day in ALL_DAYS if day < TODAY}
    with OpenRouter(tokens, today=TODAY) as server:
        yield server


Shares = Callable[..., Manifest]


@pytest.fixture
def shares(router: OpenRouter, store: PayloadStore) -> Shares:
    """Land OpenRouter's days, by default today."""

    def land(day: date = TODAY, today: date = TODAY, token: str | None = TOKEN) -> Manifest:
        with Client(sleep=lambda _: None) as client:
            return land_token_shares(client, router.url, store, day=day, today=today, token=token)

    return land


def windows(router: OpenRouter) -> list[tuple[str, str]]:
    return [(request.first("start_date"), request.first("end_date")) for request in router.requests]


def test_the_first_landing_asks_for_all_days_in_windows_of_a_year(shares: Shares, router: OpenRouter) -> None:
    manifest = shares()
    assert windows(router) == [("2025-01-01", "2026-01-01"), ("2026-01-02", "2026-11-22")]
    assert manifest.is_complete
    assert [page.records for page in manifest.pages] == [366 * 2, 325 * 2]


def test_the_days_that_are_missing_are_asked_for_in_one_call(shares: Shares, router: OpenRouter) -> None:
    shares(TODAY - timedelta(days=9), TODAY - timedelta(days=9))
    router.requests.clear()
    shares()
    # 2026-11-13 was the last day of the landing before, and may not have been whole then.
    assert windows(router) == [("2026-11-14", "2026-11-22")]


def test_the_day_before_yesterday_is_asked_for_again(shares: Shares, router: OpenRouter) -> None:
    shares(YESTERDAY, YESTERDAY)
    router.requests.clear()
    shares()
    assert windows(router) == [("2026-11-21", "2026-11-22")]


def test_a_day_without_rows_is_asked_for_again(shares: Shares, router: OpenRouter) -> None:
    hole = router.tokens.pop(date(2026, 11, 18))
    shares(YESTERDAY, YESTERDAY)
    router.requests.clear()
    router.tokens[date(2026, 11, 18)] = hole
    shares()
    assert windows(router) == [("2026-11-18", "2026-11-22")]


def test_a_day_that_never_gets_rows_is_given_up_after_a_week(shares: Shares, router: OpenRouter) -> None:
    router.tokens.pop(date(2026, 10, 1))
    router.tokens.pop(date(2026, 11, 14))
    asked = []
    for day in (TODAY + timedelta(days=n) for n in range(-3, 2)):
        router.today = day
        router.requests.clear()
        router.tokens.setdefault(day - timedelta(days=1), {"a/x": 1})
        shares(day, day)
        asked.append(windows(router)[-1])
    assert asked == [
        ("2026-01-02", "2026-11-19"),
        ("2026-11-14", "2026-11-20"),
        ("2026-11-14", "2026-11-21"),
        ("2026-11-21", "2026-11-22"),  # on the day before, 2026-11-14 was more than a week old
        ("2026-11-22", "2026-11-23"),
    ]


def test_token_counts_are_landed_once_a_day(shares: Shares, router: OpenRouter) -> None:
    assert shares().sha256 == shares().sha256
    assert len(router.requests) == 2


def test_a_landing_that_broke_off_goes_on_with_its_second_window(shares: Shares, router: OpenRouter) -> None:
    router.faults.append(Fault("429-bare", after=1, times=5))
    with pytest.raises(TransientError, match="429"):
        shares()
    router.requests.clear()
    assert len(shares().pages) == 2
    assert windows(router) == [("2026-01-02", "2026-11-22")]


def test_a_past_day_of_tokens_comes_with_todays_landing(shares: Shares) -> None:
    assert shares(day=date(2026, 3, 1)).snapshot.day == TODAY


def test_before_the_data_begin_there_is_nothing_to_land(shares: Shares, router: OpenRouter) -> None:
    with pytest.raises(PastDayError, match="2025-01-01"):
        shares(day=date(2025, 1, 1))
    assert router.requests == []


def test_without_a_key_openrouter_is_not_asked(shares: Shares, router: OpenRouter) -> None:
    with pytest.raises(PermanentError, match="OPENROUTER_API_KEY"):
        shares(token=None)
    assert router.requests == []


def test_the_key_goes_into_the_header_and_into_no_payload(
    shares: Shares, router: OpenRouter, store: PayloadStore
) -> None:
    manifest = shares()
    assert [request.token for request in router.requests] == [TOKEN, TOKEN]
    files = [path for path in store.folder(manifest.snapshot).iterdir() if path.suffix != ".gz"]
    assert all(TOKEN not in path.read_text() for path in files)
    assert all(TOKEN.encode() not in body for body in store.bodies(manifest))


def test_the_landing_carries_the_attribution_that_openrouter_wants(shares: Shares) -> None:
    snapshot = shares().snapshot
    assert snapshot.licence == "CC BY 4.0"
    assert snapshot.attribution == "Source: OpenRouter (openrouter.ai/rankings), as of 2026-11-23."


@pytest.mark.parametrize("body", [[], {}, {"data": None}, "x", {"data": [1]}])
def test_what_is_no_list_of_tokens_is_not_landed(
    shares: Shares, router: OpenRouter, store: PayloadStore, body: object
) -> None:
    router.faults.append(Saying("/api", body))
    with pytest.raises(PayloadError, match="no list of daily token counts"):
        shares()
    assert store.manifests("token_shares", incomplete=True) == []


RATED = {"model_name": "m", "organization": "o", "license": "l", "rating": 1400.5, "vote_count": 9, "rank": 1}
STYLED = ARENA_TEXT.replace("/text/", "/text_style_control/")


@pytest.fixture
def ratings_file(tmp_path: Path) -> Path:
    return arena_parquet(tmp_path / "latest.parquet", [RATED])


@pytest.fixture
def cdn(ratings_file: Path) -> Iterator[Cdn]:
    with Cdn({ARENA_TEXT: ratings_file, STYLED: ratings_file}) as server:
        yield server


@pytest.fixture
def hub(cdn: Cdn) -> Iterator[Hub]:
    with Hub(cdn=cdn) as server:
        yield server


Ratings = Callable[..., list[Manifest]]


@pytest.fixture
def ratings(hub: Hub, store: PayloadStore) -> Ratings:
    """Land the arena's boards, by default today."""

    def land(day: date = TODAY, token: str | None = None) -> list[Manifest]:
        with Client(sleep=lambda _: None) as client:
            return land_ratings(client, hub.url, store, day=day, today=TODAY, token=token)

    return land


def test_each_board_is_landed_as_its_file(ratings: Ratings, store: PayloadStore, ratings_file: Path) -> None:
    landed = ratings()
    assert [(m.snapshot.scope, m.is_complete, len(m.pages)) for m in landed] == [
        ("text", True, 1),
        ("text_style_control", True, 1),
    ]
    (path,) = store.files(landed[0])
    assert (path.name, path.read_bytes()) == ("page-00001.parquet", ratings_file.read_bytes())
    assert {p.name for p in store.folder(landed[0].snapshot).iterdir()} == {
        "manifest.json",
        "pages.jsonl",
        "page-00001.parquet",
    }


def test_ratings_carry_licence_and_attribution(ratings: Ratings) -> None:
    snapshot = ratings()[0].snapshot
    assert snapshot.licence == "CC BY 4.0"
    assert (
        snapshot.attribution
        == "Ratings: Arena (LMArena), lmarena-ai/leaderboard-dataset, CC BY 4.0, unchanged"
    )


def test_ratings_are_landed_once_a_day(ratings: Ratings, hub: Hub) -> None:
    ratings()
    ratings()
    assert len(hub.requests) == 2


def test_the_token_stays_with_the_hub(ratings: Ratings, hub: Hub, cdn: Cdn) -> None:
    ratings(token=hub.token)
    assert {request.token for request in hub.requests} == {hub.token}
    assert {request.token for request in cdn.requests} == {None}


def test_a_past_day_of_ratings_cannot_be_had(ratings: Ratings, hub: Hub) -> None:
    with pytest.raises(PastDayError, match="stays missing"):
        ratings(day=YESTERDAY)
    assert hub.requests == []


def test_a_file_of_another_name_is_found_in_the_list_of_files(
    ratings: Ratings, hub: Hub, cdn: Cdn, ratings_file: Path
) -> None:
    base = ARENA_TEXT.removesuffix("text/latest-00000-of-00001.parquet")
    parts = ["text/latest-00000-of-00002.parquet", "text/latest-00001-of-00002.parquet"]
    cdn.files = {base + part: ratings_file for part in parts} | {STYLED: ratings_file}
    others = [
        "README.md",
        "text/full-0.parquet",
        "text/../latest.parquet",
        "text_factuality/latest-0.parquet",
    ]
    listed = {"siblings": [{"rfilename": name} for name in [*reversed(parts), *others]]}
    hub.faults.append(Saying("/api/datasets/lmarena-ai/leaderboard-dataset", listed))
    landed = ratings()
    assert [page.url.removeprefix(hub.url + base) for page in landed[0].pages] == parts


def test_a_board_that_is_gone_does_not_take_the_others_with_it(ratings: Ratings, hub: Hub, cdn: Cdn) -> None:
    del cdn.files[STYLED]
    hub.faults.append(Saying("/api/datasets", {"siblings": [{}, {"rfilename": "README.md"}]}))
    assert [manifest.snapshot.scope for manifest in ratings()] == ["text"]


def test_without_any_board_nothing_is_landed(
    ratings: Ratings, hub: Hub, cdn: Cdn, store: PayloadStore
) -> None:
    cdn.files.clear()
    hub.faults.append(Saying("/api/datasets", {"siblings": []}))
    with pytest.raises(PermanentError, match="404"):
        ratings()
    assert store.manifests("arena_ratings", incomplete=True) == []


@pytest.mark.parametrize(
    "content",
    [
        b"<html>busy</html>",
        b"PAR1",
        b"",
        b"PAR1 cut off in the middle",
        b"PAR1 cut off, and more PAR1",
        b"PAR1 a footer of none\0\0\0\0PAR1",
    ],
)
def test_a_file_that_is_no_parquet_is_not_landed(
    ratings: Ratings, store: PayloadStore, ratings_file: Path, content: bytes
) -> None:
    whole = ratings_file.read_bytes()
    ratings_file.write_bytes(content)
    with pytest.raises(PayloadError, match="no Parquet"):
        ratings()
    ratings_file.write_bytes(whole)
    assert [manifest.is_complete for manifest in ratings()] == [True, True]


def test_a_download_that_breaks_off_goes_on(
    ratings: Ratings, cdn: Cdn, store: PayloadStore, ratings_file: Path
) -> None:
    cdn.faults.append(Fault("half-body"))
    (path,) = store.files(ratings()[0])
    assert path.read_bytes() == ratings_file.read_bytes()
    assert "range" in cdn.requests[1].headers


def test_a_list_of_files_of_another_form_is_refused(ratings: Ratings, hub: Hub, cdn: Cdn) -> None:
    cdn.files.clear()
    hub.faults.append(Saying("/api/datasets", json.loads('{"siblings": {"a": 1}}')))
    with pytest.raises(PayloadError, match="another form"):
        ratings()
