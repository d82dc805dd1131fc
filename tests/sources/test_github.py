"""Counts, star history and releases, landed from a stand-in for GitHub in its good hours and bad ones."""

import gzip
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import duckdb
import pytest

from pipelines.sources.errors import PastDayError, PayloadError, PermanentError, QuotaError, TransientError
from pipelines.sources.github import (
    GRAPHQL_SCOPE,
    MAX_ANSWER_BYTES,
    SCOPE,
    land_releases,
    land_repositories,
    land_star_history,
)
from pipelines.sources.http import Client, token_name
from pipelines.sources.payloads import Manifest, PayloadStore
from pipelines.warehouse.load import LandedSnapshot, load_payloads
from pipelines.warehouse.models import SqlModel
from tests.sources.conftest import Time
from tests.standins.faults import Fault
from tests.standins.github import TOKEN, GitHub
from tests.standins.made import repositories, star_weeks

DAY = date(2026, 11, 23)
NAMES = ["ggml-org/llama.cpp", "vllm-project/vllm", "huggingface/trl"]
HOUR = 3600


class Days:
    """Lands at a stand-in as a client that lives from day to day, with one clock for both."""

    def __init__(self, client: Client, store: PayloadStore, time: Time) -> None:
        self.client, self.store, self.time = client, store, time

    def standin(self, made: list[dict[str, Any]], **given: Any) -> GitHub:
        return GitHub(made, clock=self.time.clock, **given)

    def land(
        self,
        land: Callable[..., Any],
        github: GitHub,
        names: list[str],
        after: int = 0,
        token: str | None = None,
    ) -> Any:
        day = DAY + timedelta(after)
        return land(self.client, github.url, names, self.store, day=day, today=day, token=token)


@pytest.fixture
def days(client: Client, store: PayloadStore, time_of_client: Time) -> Days:
    """The days of one home."""
    return Days(client, store, time_of_client)


def paths(github: GitHub) -> list[str]:
    """What was asked, with the number of the page where there is one."""
    return [
        request.path.removeprefix("/repos/") + (f" {request.first('page')}" if request.query else "")
        for request in github.requests
    ]


def landed(manifest: Manifest) -> list[tuple[str, int]]:
    return [(page.subject, page.status) for page in manifest.pages]


def bodies(store: PayloadStore, manifest: Manifest) -> list[Any]:
    return [json.loads(body) for body in store.bodies(manifest)]


def many(count: int) -> list[str]:
    return [f"o/r{number}" for number in range(count)]


def test_without_a_token_repositories_are_asked_one_by_one(days: Days) -> None:
    with days.standin(repositories(NAMES)) as github:
        (manifest,) = days.land(land_repositories, github, NAMES)
    assert paths(github) == NAMES
    assert landed(manifest) == [(name, 200) for name in NAMES]
    assert manifest.is_complete
    assert (manifest.snapshot.scope, manifest.snapshot.subjects, manifest.snapshot.is_live) == (
        SCOPE,
        3,
        True,
    )
    headers = github.requests[0].headers
    assert headers["accept"] == "application/vnd.github+json"
    assert headers["x-github-api-version"] == "2026-03-10"
    assert "authorization" not in headers


def test_what_was_answered_today_is_not_asked_again(days: Days) -> None:
    with days.standin(repositories(NAMES)) as github:
        for land in (land_repositories, land_star_history, land_releases):
            first = days.land(land, github, NAMES)
            asked = len(github.requests)
            assert days.land(land, github, NAMES) == first
            assert len(github.requests) == asked


def test_gone_taken_down_renamed_and_archived_are_told_apart(days: Days) -> None:
    made = repositories(["a/archived", "b/new", "c/blocked"])
    made[0]["archived"] = True
    names = ["a/archived", "b/old", "c/blocked", "d/gone"]
    with days.standin(made, renamed={"b/old": "b/new"}, blocked=("c/blocked",)) as github:
        (manifest,) = days.land(land_repositories, github, names)
    assert landed(manifest) == [("a/archived", 200), ("b/old", 200), ("c/blocked", 451), ("d/gone", 404)]
    assert manifest.pages[1].final_url == f"{github.url}/repositories/{made[1]['id']}"
    shown = [(body["full_name"], body["archived"]) for body in bodies(days.store, manifest)]
    assert shown == [("a/archived", True), ("b/new", made[1]["archived"])]
    assert manifest.is_complete


def test_a_day_that_is_over_is_refused(days: Days) -> None:
    with days.standin(repositories(NAMES)) as github:
        for land in (land_repositories, land_star_history, land_releases):
            with pytest.raises(PastDayError, match="2026-11-22 was not landed on its day"):
                land(days.client, github.url, NAMES, days.store, day=DAY - timedelta(1), today=DAY)
    assert github.requests == []


def test_a_day_that_was_landed_on_its_day_is_still_there_when_it_is_over(days: Days) -> None:
    with days.standin(repositories(NAMES)) as github:
        for land in (land_repositories, land_star_history, land_releases):
            first = days.land(land, github, NAMES)
            later = land(days.client, github.url, NAMES, days.store, day=DAY, today=DAY + timedelta(1))
            assert later == first


@pytest.mark.parametrize(
    "hostile",
    ["", "owner", "a/b/c", "a/..", "../b", "a/b?x=1", 'a/b") { id } x: repository(owner: "c', "a/é"],
)
def test_what_cannot_be_a_name_is_not_asked_but_said(days: Days, hostile: str) -> None:
    with days.standin(repositories(NAMES)) as github:
        for token in (None, TOKEN):
            (manifest,) = days.land(land_repositories, github, [hostile, *NAMES], bool(token), token)
            assert manifest.notes == [f"{hostile!a} is no owner/name and was not asked."]
            assert manifest.is_complete
    assert [request.path for request in github.requests] == [
        *(f"/repos/{name}" for name in NAMES),
        "/graphql",
    ]


def test_a_name_in_two_cases_is_one_repository(days: Days) -> None:
    with days.standin(repositories(NAMES)) as github:
        days.land(land_repositories, github, [NAMES[0], NAMES[0].upper()])
    assert paths(github) == NAMES[:1]


def test_with_a_token_a_hundred_are_asked_at_once(days: Days) -> None:
    with days.standin(repositories(many(230))) as github:
        (manifest,) = days.land(land_repositories, github, many(230), token=TOKEN)
    assert [request.path for request in github.requests] == ["/graphql"] * 3
    assert [page.records for page in manifest.pages] == [100, 100, 30]
    assert manifest.snapshot.scope == GRAPHQL_SCOPE
    assert manifest.is_complete


def test_what_graphql_does_not_know_is_asked_one_by_one(days: Days) -> None:
    made = repositories(["a/there", "b/new", "c/blocked"])
    names = ["a/there", "b/old", "c/blocked", "d/gone"]
    with days.standin(made, renamed={"b/old": "b/new"}, blocked=("c/blocked",)) as github:
        batches, single = days.land(land_repositories, github, names, token=TOKEN)
    assert paths(github) == ["/graphql", "c/blocked", "d/gone"]
    assert [page.records for page in batches.pages] == [2]
    assert landed(single) == [("c/blocked", 451), ("d/gone", 404)]
    assert [batches.is_complete, single.is_complete] == [True, True]


def test_a_run_that_broke_off_after_a_batch_goes_on_with_the_rest(days: Days) -> None:
    names = [*many(120), "d/gone"]
    with days.standin(repositories(many(120))) as github:
        github.faults = [Fault("reset", "/repos/d/gone", times=5)]
        with pytest.raises(TransientError):
            days.land(land_repositories, github, names, token=TOKEN)
        asked = len(github.requests)
        manifests = days.land(land_repositories, github, names, token=TOKEN)
    assert paths(github)[asked:] == ["d/gone"]
    assert [manifest.is_complete for manifest in manifests] == [True, True]


def test_what_was_landed_one_by_one_is_not_asked_in_a_batch_when_a_token_comes(days: Days) -> None:
    with days.standin(repositories(NAMES), anonymous_limit=2) as github:
        with pytest.raises(QuotaError):
            days.land(land_repositories, github, NAMES)
        days.time.now += HOUR
        batches, single = days.land(land_repositories, github, NAMES, token=TOKEN)
    assert list(bodies(days.store, batches)[0]["data"]) == ["r_" + NAMES[2].encode().hex()]
    assert landed(single) == [(name, 200) for name in NAMES[:2]]


@pytest.mark.parametrize("fault", ["502", "html", "reset"])
def test_when_graphql_fails_repositories_are_asked_one_by_one(days: Days, fault: str) -> None:
    with days.standin(repositories(NAMES)) as github:
        github.faults = [Fault(fault, "/graphql", times=5)]
        (manifest,) = days.land(land_repositories, github, NAMES, token=TOKEN)
    assert landed(manifest) == [(name, 200) for name in NAMES]
    assert manifest.is_complete
    (notes,) = [m.notes for m in days.store.manifests("github_repositories_graphql", incomplete=True)]
    assert notes[0].startswith("GraphQL failed, so repositories are asked one by one: ")


def test_a_refused_token_is_said_at_once_and_does_not_show(days: Days) -> None:
    with days.standin(repositories(NAMES)) as github:
        for land in (land_repositories, land_star_history, land_releases):
            with pytest.raises(PermanentError, match="401") as refusal:
                days.land(land, github, NAMES, token="ghp_wrong")
            assert "ghp_wrong" not in str(refusal.value)
    assert len(github.requests) == 3


def conditions(github: GitHub, asked: int) -> list[bool]:
    """Which of the requests after the first `asked` were conditional."""
    return ["if-none-match" in request.headers for request in github.requests[asked:]]


def test_what_has_not_changed_is_landed_again_as_it_was(days: Days) -> None:
    with days.standin(repositories(NAMES)) as github:
        (first,) = days.land(land_repositories, github, NAMES)
        (second,) = days.land(land_repositories, github, NAMES, after=1)
    assert [request.status for request in github.requests] == [200] * 3 + [304] * 3
    assert landed(second) == landed(first)
    assert bodies(days.store, second) == bodies(days.store, first)
    assert [page.etag for page in second.pages] == [page.etag for page in first.pages]


def test_what_has_changed_is_landed_anew(days: Days) -> None:
    made = repositories(NAMES)
    with days.standin(made) as github:
        days.land(land_repositories, github, NAMES)
        made[1]["stargazers_count"] = 77
        (second,) = days.land(land_repositories, github, NAMES, after=1)
    assert [request.status for request in github.requests[3:]] == [304, 200, 304]
    assert bodies(days.store, second)[1]["stargazers_count"] == 77


def test_an_etag_is_not_sent_with_another_token(days: Days) -> None:
    with days.standin(repositories(NAMES)) as github:
        days.land(land_releases, github, NAMES, token=TOKEN)
        days.land(land_releases, github, NAMES, after=1)
        assert conditions(github, 0) == [False] * 6
        (page, *_) = days.land(land_releases, github, NAMES, after=2).pages
    assert conditions(github, 6) == [True] * 3
    assert page.asked_as == token_name(None)


def test_without_the_earlier_body_the_whole_answer_is_asked_for(days: Days) -> None:
    with days.standin(repositories(NAMES)) as github:
        (first,) = days.land(land_repositories, github, NAMES)
        folder = days.store.folder(first.snapshot)
        (folder / first.pages[0].file).unlink()
        (folder / first.pages[1].file).write_bytes(gzip.compress(b"{}"))
        days.land(land_repositories, github, NAMES, after=1)
    assert conditions(github, 3) == [False, False, True]


@pytest.mark.parametrize("land", [land_repositories, land_star_history, land_releases])
def test_a_quota_that_is_used_up_is_resumed_without_asking_twice(
    days: Days, land: Callable[..., Any]
) -> None:
    names = many(70)
    with days.standin(repositories(names)) as github:
        for _ in range(20):
            try:
                days.land(land, github, names)
                break
            except QuotaError:
                days.time.now += HOUR
        else:
            pytest.fail("never done")
    assert max(Counter(paths(github)).values()) == 1
    assert {request.status for request in github.requests} == {200}
    assert {path.partition("/")[2].partition("/")[0] for path in paths(github)} >= {"r0", "r69"}


def test_those_that_were_not_landed_for_longest_come_first(days: Days) -> None:
    names = many(5)
    with days.standin(repositories(names), anonymous_limit=3) as github:
        for day in range(3):
            with pytest.raises(QuotaError):
                days.land(land_repositories, github, names, after=day)
            days.time.now += 24 * HOUR
    assert paths(github) == [f"o/r{number}" for number in (0, 1, 2, 3, 4, 0, 1, 2, 0)]


def with_weeks(count: int) -> list[dict[str, Any]]:
    (made,) = repositories(["o/r"])
    return [made | {"weeks": star_weeks(count, Random(0), DAY)}]


def history(*pages: int) -> list[str]:
    return [f"o/r/stargazers/history {page}" for page in pages]


def test_the_whole_history_is_read_first_then_its_newest_weeks_and_after_28_days_the_whole(
    days: Days,
) -> None:
    with days.standin(with_weeks(75)) as github:
        first = days.land(land_star_history, github, ["o/r"])
        for after in (1, 27, 28):
            days.land(land_star_history, github, ["o/r"], after)
    assert paths(github) == history(1, 2, 3, 1, 1, 1, 2, 3)
    assert [request.first("per_page") for request in github.requests] == ["30"] * 8
    assert [page.records for page in first.pages] == [30, 30, 15]
    assert [page.next_url is None for page in first.pages] == [False, False, True]


def test_a_history_goes_on_at_the_page_where_the_quota_ended(days: Days) -> None:
    with days.standin(with_weeks(75), anonymous_limit=2) as github:
        with pytest.raises(QuotaError):
            days.land(land_star_history, github, ["o/r"])
        days.time.now += HOUR
        assert days.land(land_star_history, github, ["o/r"]).is_complete
    assert paths(github) == history(1, 2, 3)


def test_a_history_that_was_cut_off_on_an_earlier_day_is_read_anew(days: Days) -> None:
    with days.standin(with_weeks(75), anonymous_limit=2) as github:
        with pytest.raises(QuotaError):
            days.land(land_star_history, github, ["o/r"])
        days.time.now += 24 * HOUR
        github.anonymous_limit = 60
        days.land(land_star_history, github, ["o/r"], after=1)
    assert paths(github) == history(1, 2, 1, 2, 3)


def test_short_pages_are_read_until_they_reach_what_is_known(days: Days) -> None:
    with days.standin(with_weeks(75)) as github:
        days.land(land_star_history, github, ["o/r"])
        asked = len(github.requests)
        github.faults = [Fault("empty-page", "/repos", times=2)]
        days.land(land_star_history, github, ["o/r"], after=1)
    assert paths(github)[asked:] == history(1, 2, 3)


def test_no_list_has_more_than_a_hundred_pages(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.sources.github.MAX_PAGES", 2)
    with days.standin(with_weeks(75)) as github:
        manifest = days.land(land_star_history, github, ["o/r"])
    assert paths(github) == history(1, 2)
    assert manifest.notes == ["o/r: more than 2 pages; the rest is missing."]


def released(count: int) -> list[dict[str, Any]]:
    (made,) = repositories(["o/r"])
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    stamps = [(moment + timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M:%SZ") for number in range(count)]
    shape = {"name": "r", "prerelease": False, "draft": False}
    releases = [
        shape | {"id": number, "tag_name": f"b{number}", "published_at": stamp}
        for number, stamp in enumerate(stamps)
    ]
    return [made | {"releases": releases[::-1]}]


def test_after_the_first_time_releases_are_read_up_to_a_known_one(days: Days) -> None:
    older, newer, newest = (released(count)[0]["releases"] for count in (250, 260, 390))
    made = released(250)
    with days.standin(made) as github:
        for after, releases in enumerate((older, older, newer, newest)):
            github.repositories["o/r"]["releases"] = releases
            days.land(land_releases, github, ["o/r"], after)
    asked = [path.removeprefix("o/r/releases ") for path in paths(github)]
    assert asked == ["1", "2", "3", "1", "1", "1", "2"]
    assert github.requests[3].status == 304


def test_the_id_of_a_release_may_be_anything(days: Days) -> None:
    made = released(250)
    for number, release in enumerate(made[0]["releases"]):
        release["id"] = [number, {"a": 1}]
    with days.standin(made) as github:
        manifests = [days.land(land_releases, github, ["o/r"], after) for after in range(2)]
    assert [(manifest.is_complete, manifest.notes) for manifest in manifests] == [(True, [])] * 2
    assert paths(github) == [f"o/r/releases {page}" for page in (1, 2, 3, 1)]


@pytest.mark.parametrize("land", [land_repositories, land_star_history, land_releases])
def test_an_answer_that_no_table_takes_leaves_out_one_repository_only(
    days: Days, land: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.sources.github.MAX_ANSWER_BYTES", 100_000)
    made = repositories(NAMES)
    long = "x" * 100_000
    made[1] |= {
        "description": long,
        "weeks": [{"week": 0, "total": long}],
        "releases": [{"id": 1, "b": long}],
    }
    with days.standin(made) as github:
        given = days.land(land, github, NAMES)
    (manifest,) = given if isinstance(given, list) else [given]
    assert {subject for subject, _ in landed(manifest)} == {NAMES[0], NAMES[2]}
    assert not manifest.is_complete
    (note,) = manifest.notes
    assert note.startswith(f"{NAMES[1]} has no answer today: ")
    assert note.endswith("which no table takes.")


def test_a_batch_that_no_table_takes_is_asked_one_by_one(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    class Talkative(GitHub):
        def answer(self, request: Any) -> Any:
            answer = super().answer(request)
            is_batch = request.path == "/graphql"
            return type(answer)(200, answer.headers, answer.body + b" " * 100_000) if is_batch else answer

    monkeypatch.setattr("pipelines.sources.github.MAX_ANSWER_BYTES", 100_000)
    with Talkative(repositories(NAMES), clock=days.time.clock) as github:
        (manifest,) = days.land(land_repositories, github, NAMES, token=TOKEN)
    assert {subject for subject, _ in landed(manifest)} == set(NAMES)


def test_the_largest_answer_that_is_landed_can_be_loaded(
    days: Days, connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel]
) -> None:
    made = repositories(["o/r"])
    made[0]["description"] = "x" * (MAX_ANSWER_BYTES - 10_000)
    with days.standin(made) as github:
        (manifest,) = days.land(land_repositories, github, ["o/r"])
    assert len(load(connection, models["raw.repositories"], days.store, manifest)) == 1


def test_a_repository_in_trouble_does_not_stop_the_others(days: Days) -> None:
    with days.standin(repositories(NAMES)) as github:
        github.faults = [Fault("html", f"/repos/{NAMES[1]}", times=5)]
        manifest = days.land(land_star_history, github, NAMES)
        assert {subject for subject, _ in landed(manifest)} == {NAMES[0], NAMES[2]}
        assert not manifest.is_complete
        (note,) = manifest.notes
        assert note.startswith(f"{NAMES[1]} has no answer today: ")
        again = days.land(land_star_history, github, NAMES)
    assert again.is_complete
    assert again.notes == []


def test_a_server_in_trouble_is_not_asked_for_every_repository(days: Days) -> None:
    with days.standin(repositories(many(9))) as github:
        github.faults = [Fault("502", "/repos", after=1, times=1000)]
        with pytest.raises(TransientError, match="502"):
            days.land(land_repositories, github, many(9))
    assert len(github.requests) == 1 + 3 * 5


@pytest.mark.parametrize("land", [land_repositories, land_star_history, land_releases])
@pytest.mark.parametrize("body", ["null", "7", '"x"', '{"message": "hello"}', "[1]", "[[]]", "[null]"])
def test_an_answer_of_another_kind_is_not_landed(days: Days, land: Callable[..., Any], body: str) -> None:
    class Odd(GitHub):
        def answer(self, request: Any) -> Any:
            answer = super().answer(request)
            return type(answer)(200, {"Content-Type": "application/json"}, body.encode())

    with Odd(repositories(["o/r"])) as github, pytest.raises(PayloadError, match=r"did not|no repository"):
        days.land(land, github, ["o/r"])


def load(
    connection: duckdb.DuckDBPyConnection, model: SqlModel, store: PayloadStore, *manifests: Manifest
) -> list[tuple[Any, ...]]:
    """Load manifests into a raw table as the pipeline does, and give its rows without day and scope."""
    snapshots = [
        LandedSnapshot(
            manifest.snapshot.source,
            manifest.snapshot.day,
            manifest.snapshot.scope,
            manifest.sha256,
            lambda manifest=manifest: store.files(manifest),  # type: ignore[misc]
        )
        for manifest in manifests
    ]
    load_payloads(connection, model, snapshots)
    rows = connection.sql(
        f"select * exclude (snapshot_date, scope) from {model.table} order by scope, position"
    )
    return rows.fetchall()


def test_landed_counts_become_the_same_rows_by_either_way(
    days: Days, connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel]
) -> None:
    made = repositories(["o/r", "o/new"])
    made[0] |= {"id": 5, "stargazers_count": 10, "forks_count": 2, "archived": True, "license": None}
    made[1] |= {"id": 6, "stargazers_count": 20, "forks_count": 3, "archived": False}
    made[1]["license"] = {"key": "mit", "spdx_id": "MIT"}
    for each in made:
        each |= {"created_at": "2023-01-01T00:00:00Z", "pushed_at": None}
    names = ["o/gone", "o/r", "o/old"]
    with days.standin(made, renamed={"o/old": "o/new"}) as github:
        by_rest = days.land(land_repositories, github, names)
        by_graphql = days.land(land_repositories, github, names, after=1, token=TOKEN)
    rest = ["2023-01-01T00:00:00Z", None]
    expected = [
        ("5", "o/r", "10", "2", *rest, "true", None),
        ("6", "o/new", "20", "3", *rest, "false", "MIT"),
    ]
    table = models["raw.repositories"]
    rows = load(connection, table, days.store, *by_rest)
    assert rows == [(1, 2, None, *expected[0]), (2, 3, None, *expected[1])]
    rows = load(connection, table, days.store, *by_graphql)
    assert rows == [(1, 1, "o/r", *expected[0]), (2, 1, "o/old", *expected[1])]


def test_landed_weeks_and_releases_become_rows_with_their_page(
    days: Days, connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel]
) -> None:
    made = with_weeks(31)
    week = {"week": 1763251200, "total": 3, "days": [1, 2, 0, 0, 0, 0, 0]}
    made[0]["weeks"][30] = week
    made[0]["releases"] = released(1)[0]["releases"]
    with days.standin([*made, *repositories(["a/none"])]) as github:
        github.repositories["a/none"] |= {"weeks": [], "releases": []}
        weeks = days.land(land_star_history, github, ["a/none", "o/r"])
        releases = days.land(land_releases, github, ["a/none", "o/r"])
    rows = load(connection, models["raw.star_history"], days.store, weeks)
    assert (len(rows), rows[30]) == (31, (31, 3, "1763251200", "3", "[1,2,0,0,0,0,0]"))
    assert load(connection, models["raw.repository_releases"], days.store, releases) == [
        (1, 2, "b0", "r", "2025-01-01T00:00:00Z", "false", "false")
    ]


def test_weeks_that_shift_between_two_pages_are_landed_twice_and_never_lost(days: Days) -> None:
    with days.standin(with_weeks(75), shifts_after=1) as github:
        manifest = days.land(land_star_history, github, ["o/r"])
    seen = Counter(week["week"] for page in bodies(days.store, manifest) for week in page)
    assert set(seen) == {week["week"] for week in star_weeks(75, Random(0), DAY)}
    assert sorted(seen.values())[-2:] == [1, 2]
