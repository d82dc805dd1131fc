"""Package downloads: asked once a day, politely, and nothing lost by a bad hour."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.sources.errors import PastDayError, PermanentError, SourceError, TransientError
from pipelines.sources.http import Client
from pipelines.sources.payloads import Manifest, PayloadStore
from pipelines.sources.pypistats import land_downloads
from tests.standins.faults import Fault
from tests.standins.pypistats import PyPIStats
from tests.standins.server import Answer, Request, json_answer

TODAY = date(2026, 11, 23)
OLDEST, NEWEST = TODAY - timedelta(days=180), TODAY - timedelta(days=2)
DAYS = [TODAY - timedelta(days=n) for n in range(400)]
PACKAGES = {name: dict.fromkeys(DAYS, 100) for name in ("torch", "transformers", "vllm")}


class Clock:
    """A time that only sleeping moves on; `pauses` are those between packages."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api(clock: Clock) -> Iterator[PyPIStats]:
    with PyPIStats(PACKAGES, today=TODAY, clock=clock) as server:
        yield server


Land = Callable[..., Manifest]


@pytest.fixture
def land(api: PyPIStats, clock: Clock, store: PayloadStore) -> Land:
    """Land some packages on a day, by default all of them today."""

    def landing(packages: Any = tuple(PACKAGES), day: date = TODAY, today: date = TODAY) -> Manifest:
        with Client(sleep=clock.wait, clock=clock) as client:
            return land_downloads(client, api.url, packages, store, day=day, today=today, sleep=clock.pause)

    return landing


def asked(api: PyPIStats) -> list[str]:
    return [request.path.split("/")[3] for request in api.requests]


def test_each_package_is_one_page_with_the_last_180_days(land: Land, store: PayloadStore) -> None:
    manifest = land()
    assert manifest.is_complete
    assert [(page.subject, page.status, page.records) for page in manifest.pages] == [
        ("torch", 200, 179),
        ("transformers", 200, 179),
        ("vllm", 200, 179),
    ]
    first = json.loads(next(store.bodies(manifest)))
    assert first["data"][0] == {"category": "without_mirrors", "date": str(OLDEST), "downloads": 100}
    assert first["data"][-1]["date"] == str(NEWEST)


def test_the_landing_says_what_it_is(land: Land) -> None:
    snapshot = land().snapshot
    assert (snapshot.source, snapshot.day, snapshot.scope, snapshot.subjects, snapshot.is_live) == (
        "package_downloads_daily",
        TODAY,
        "registered-packages",
        3,
        True,
    )


def test_only_downloads_without_mirrors_are_asked_for(land: Land, api: PyPIStats) -> None:
    land(["vllm"])
    assert [(request.path, request.query) for request in api.requests] == [
        ("/api/packages/vllm/overall", {"mirrors": ["false"]})
    ]


def test_no_package_is_asked_twice_on_a_day(land: Land, api: PyPIStats) -> None:
    assert land().sha256 == land().sha256
    assert asked(api) == ["torch", "transformers", "vllm"]


def test_on_the_next_day_every_package_is_asked_again(land: Land, api: PyPIStats) -> None:
    land(["vllm"])
    api.today = TODAY + timedelta(days=1)
    manifest = land(["vllm"], day=api.today, today=api.today)
    assert manifest.snapshot.day == TODAY + timedelta(days=1)
    assert asked(api) == ["vllm", "vllm"]


def test_there_is_a_pause_between_packages_and_none_before_the_first(land: Land, clock: Clock) -> None:
    land()
    assert clock.pauses == [2.0, 2.0]


def test_at_its_own_pace_no_quota_of_30_calls_a_minute_is_met(land: Land, api: PyPIStats) -> None:
    names = [f"p{n}" for n in range(72)]
    api.packages = {name: {NEWEST: 1} for name in names}
    api.calls_a_minute = 30
    assert land(names).is_complete
    assert {request.status for request in api.requests} == {200}


def test_an_unknown_package_is_landed_with_its_status(land: Land, store: PayloadStore) -> None:
    manifest = land(["nobody-knows-me", "vllm"])
    assert manifest.is_complete
    assert [(page.subject, page.status, page.records) for page in manifest.pages] == [
        ("nobody-knows-me", 404, None),
        ("vllm", 200, 179),
    ]
    assert len(list(store.bodies(manifest))) == 1


def test_a_package_without_any_day_is_landed(land: Land, api: PyPIStats) -> None:
    api.packages["empty"] = {}
    assert [page.records for page in land(["empty"]).pages] == [0]


def test_a_passing_429_is_waited_out(land: Land, api: PyPIStats, clock: Clock) -> None:
    api.faults.append(Fault("429-bare", path_prefix="/api/packages/torch", times=2))
    assert land().is_complete
    assert clock.waits == [20, 40]


def test_after_429s_without_end_the_same_day_goes_on_where_it_stopped(
    land: Land, api: PyPIStats, store: PayloadStore
) -> None:
    api.faults.append(Fault("429-bare", path_prefix="/api/packages/transformers", times=5))
    with pytest.raises(TransientError, match="429"):
        land()
    (cut,) = store.manifests("package_downloads_daily", incomplete=True)
    assert (cut.is_complete, [page.subject for page in cut.pages]) == (False, ["torch"])
    assert asked(api) == ["torch"] + ["transformers"] * 5
    manifest = land()
    assert manifest.is_complete
    assert [page.subject for page in manifest.pages] == ["torch", "transformers", "vllm"]
    assert asked(api)[6:] == ["transformers", "vllm"]


@pytest.mark.parametrize("kind", ["html", "half-body", "reset", "wrong-gzip", "500"])
def test_a_package_that_cannot_be_had_does_not_hold_up_the_others(
    land: Land, api: PyPIStats, kind: str
) -> None:
    api.faults.append(Fault(kind, path_prefix="/api/packages/torch", times=5))
    with pytest.raises(SourceError, match="gave no series of torch; 2 other packages are landed"):
        land()
    manifest = land()
    assert manifest.is_complete
    assert [page.subject for page in manifest.pages] == ["transformers", "vllm", "torch"]


def test_a_server_that_fails_three_packages_in_a_row_is_left_alone(land: Land, api: PyPIStats) -> None:
    names = [f"p{n}" for n in range(9)]
    api.packages = {name: {} for name in names}
    api.faults.append(Fault("500", times=99))
    with pytest.raises(TransientError, match="500"):
        land(names)
    assert set(asked(api)) == {"p0", "p1", "p2"}


class Saying:
    """A fault that answers a body of its own for one package."""

    def __init__(self, body: object, status: int = 200) -> None:
        self.body = body
        self.status = status

    def on(self, request: Request, answer: Answer) -> Answer:
        return json_answer(self.body, self.status) if "/torch/" in request.path else answer


@pytest.mark.parametrize("body", [[], {}, "gone", None, {"data": None}, {"data": {"a": 1}}, {"message": "x"}])
def test_what_is_no_series_is_not_landed(land: Land, api: PyPIStats, body: object) -> None:
    api.faults.append(Saying(body))
    with pytest.raises(SourceError, match="torch"):
        land(["torch", "vllm"])
    api.faults.clear()
    assert [page.subject for page in land(["torch", "vllm"]).pages] == ["vllm", "torch"]


def test_a_series_of_megabytes_is_not_landed(
    land: Land, api: PyPIStats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.sources.pypistats.MAX_SERIES_BYTES", 100)
    with pytest.raises(SourceError, match="torch"):
        land(["torch"])
    assert asked(api) == ["torch"]


def test_a_refusal_ends_the_landing_at_once(land: Land, api: PyPIStats) -> None:
    api.faults.append(Saying({"message": "no"}, 403))
    with pytest.raises(PermanentError, match="403"):
        land()
    assert asked(api) == ["torch"]


def test_a_past_day_comes_with_todays_landing(land: Land, api: PyPIStats) -> None:
    manifest = land(["vllm"], day=TODAY - timedelta(days=100))
    assert manifest.snapshot.day == TODAY
    assert land(["vllm"], day=TODAY - timedelta(days=50)).sha256 == manifest.sha256
    assert asked(api) == ["vllm"]


def test_what_was_landed_on_a_past_day_is_given_as_it_was(land: Land, api: PyPIStats) -> None:
    before = TODAY - timedelta(days=300)
    manifest = land(["vllm"], day=before, today=before)
    assert land(["vllm"], day=before, today=TODAY).sha256 == manifest.sha256
    assert len(api.requests) == 1


def test_a_day_that_is_not_told_any_more_is_refused(land: Land, api: PyPIStats) -> None:
    land(["vllm"], day=TODAY - timedelta(days=178))
    with pytest.raises(PastDayError, match="keeps 180 days"):
        land(["vllm"], day=TODAY - timedelta(days=179))


def test_a_killed_landing_goes_on_behind_its_last_whole_page(
    land: Land, api: PyPIStats, store: PayloadStore
) -> None:
    whole = land()
    folder = store.folder(whole.snapshot)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"is_complete": true', '"is_complete": false'))
    (folder / "page-00003.json.gz").write_bytes(gzip.compress(b'{"data": ['))
    assert land().sha256 == whole.sha256
    assert asked(api) == ["torch", "transformers", "vllm", "vllm"]
