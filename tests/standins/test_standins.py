"""The stand-ins do what the APIs do, in good hours and bad ones."""

import gzip
import json
from collections.abc import Iterator
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
import requests

from tests.standins import made
from tests.standins.faults import FAULTS, Fault, gzip_of_zeros
from tests.standins.github import TOKEN, GitHub, parse_query
from tests.standins.hub import HUB_STATS, BulkHub, Cdn, Hub
from tests.standins.optional import ARENA_TEXT, OpenRouter, arena_parquet
from tests.standins.pypistats import PyPIStats

MODELS = made.models(250, seed=1)
LIST = "/api/models?sort=downloads&limit=100"
HUB_TOKEN = {"Authorization": "Bearer hf_standin"}
GITHUB_TOKEN = {"Authorization": f"Bearer {TOKEN}"}
TODAY = made.TODAY


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: float = 1_795_000_000) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """A client without retries and without the machine's proxies and netrc."""
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


@pytest.fixture
def repositories() -> list[dict[str, Any]]:
    """Four made-up repositories."""
    return made.repositories(["o/first", "o/second", "o/blocked", "o/new-name"], today=TODAY)


def walk(session: requests.Session, url: str, most: int = 20) -> list[list[dict[str, Any]]]:
    """The pages from `url` on, at most `most`."""
    pages: list[list[dict[str, Any]]] = []
    following: str | None = url
    while following and len(pages) < most:
        answer = session.get(following)
        pages.append(answer.json())
        following = answer.links.get("next", {}).get("url")
    return pages


def ids(pages: list[list[dict[str, Any]]]) -> list[str]:
    """The ids on some pages."""
    return [model["id"] for page in pages for model in page]


# The Hub


def test_a_walk_gives_each_model_once_and_the_most_downloaded_first(session: requests.Session) -> None:
    with Hub(MODELS) as hub:
        pages = walk(session, hub.url + LIST)
    assert [len(page) for page in pages] == [100, 100, 50]
    assert sorted(ids(pages)) == sorted(model["id"] for model in MODELS)
    downloads = [model["downloads"] for page in pages for model in page]
    assert downloads == sorted(downloads, reverse=True)
    assert hub.requests[0].query == {"sort": ["downloads"], "limit": ["100"]}
    assert [each.status for each in hub.requests] == [200, 200, 200]


def test_expand_gives_the_named_fields_and_the_ids_only(session: requests.Session) -> None:
    with Hub(MODELS) as hub:
        page = session.get(f"{hub.url}{LIST}&expand=downloads&expand=tags").json()
        refused = session.get(f"{hub.url}{LIST}&expand=baseModels")
        unknown = session.get(f"{hub.url}{LIST}&expand=shoe_size")
        one = session.get(f"{hub.url}/api/models/Qwen/Qwen3-8B?expand=childrenModelCount").json()
    assert set(page[0]) == {"_id", "id", "downloads", "tags"}
    assert (refused.status_code, unknown.status_code) == (400, 400)
    assert one["childrenModelCount"] == sum("base_model:Qwen/Qwen3-8B" in model["tags"] for model in MODELS)


def test_filters_are_anded(session: requests.Session) -> None:
    base = "base_model:finetune:Qwen/Qwen3-8B"
    with Hub(MODELS) as hub:
        page = session.get(hub.url + "/api/models", params={"filter": [base, "qwen3"]}).json()
        of_author = session.get(hub.url + "/api/models?author=Qwen").json()
    assert sorted(ids([page])) == sorted(m["id"] for m in MODELS if base in m["tags"])
    assert sorted(ids([of_author])) == ["Qwen/Qwen2.5-7B", "Qwen/Qwen3-8B"]


def test_a_cursor_of_another_sort_or_of_another_day_is_refused(session: requests.Session) -> None:
    clock = Clock()
    with Hub(MODELS, clock=clock, cursor_seconds=60) as hub:
        following = session.get(hub.url + LIST).links["next"]["url"]
        assert session.get(following).status_code == 200
        assert session.get(following.replace("downloads", "createdAt")).status_code == 400
        clock.now += 61
        assert session.get(following).status_code == 400


def test_the_quota_is_told_ends_in_429_and_is_renewed(session: requests.Session) -> None:
    clock = Clock()
    with Hub(MODELS, quota=4, clock=clock) as hub:
        answers = [session.get(hub.url + LIST) for _ in range(3)]
        with_token = session.get(hub.url + LIST, headers=HUB_TOKEN)
        clock.now += 300
        renewed = session.get(hub.url + LIST)
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit"] for answer in answers] == [
        '"api";r=1;t=300', '"api";r=0;t=300', '"api";r=0;t=300',
    ]  # fmt: skip
    assert with_token.headers["RateLimit"] == '"api";r=3;t=300'
    assert with_token.headers["RateLimit-Policy"] == '"fixed window";"api";q=4;w=300'
    assert renewed.status_code == 200


def test_models_are_renamed_gone_private_or_gated(session: requests.Session) -> None:
    gated = next(model["id"] for model in MODELS if model["gated"] == "manual")
    with Hub(MODELS, renamed={"old/name": "Qwen/Qwen3-8B"}, private=("Qwen/Qwen2.5-7B",)) as hub:
        base = hub.url + "/api/models/"
        moved = session.get(base + "old/name", allow_redirects=False)
        assert (moved.status_code, moved.headers["Location"]) == (307, "/api/models/Qwen/Qwen3-8B")
        assert session.get(base + "old%2Fname").json()["id"] == "Qwen/Qwen3-8B"
        gone = session.get(base + "no/where")
        assert (gone.status_code, gone.headers["X-Error-Code"]) == (404, "RepoNotFound")
        assert gone.json() == {"error": "Repository not found"}
        assert session.get(base + "Qwen/Qwen2.5-7B").status_code == 401
        assert session.get(base + "Qwen/Qwen2.5-7B", headers=HUB_TOKEN).status_code == 404
        assert session.get(base + gated).json()["gated"] == "manual"
        assert (
            session.get(f"{hub.url}/{gated}/resolve/main/config.json").headers["X-Error-Code"] == "GatedRepo"
        )
        assert session.get(base + gated, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_organizations_have_an_overview(session: requests.Session) -> None:
    with Hub(MODELS, organizations=made.organizations(MODELS)) as hub:
        assert session.get(hub.url + "/api/organizations/Qwen/overview").json()["numModels"] == 2
        assert session.get(hub.url + "/api/organizations/nobody/overview").status_code == 404


def test_a_bulk_hub_serves_its_pages_as_they_are(session: requests.Session) -> None:
    pages = [gzip.compress(json.dumps([{"id": f"o/{number}"}]).encode()) for number in range(3)]
    with BulkHub(lambda number: (pages[number], number < 2)) as hub:
        assert ids(walk(session, hub.url + LIST)) == ["o/0", "o/1", "o/2"]


def test_the_clock_can_be_five_minutes_off(session: requests.Session) -> None:
    with Hub(MODELS, clock=Clock(1_795_000_300)) as hub:
        told = parsedate_to_datetime(session.get(hub.url + LIST).headers["Date"])
    assert told.timestamp() == 1_795_000_300


def test_the_state_can_change_in_the_middle_of_a_walk(session: requests.Session) -> None:
    with Hub(MODELS[:200]) as hub:
        hub.before = lambda _, number: hub.models.extend(MODELS[200:]) if number == 2 else None
        assert len(walk(session, hub.url + LIST)) == 3


# The file server


def test_a_file_is_redirected_signed_and_served_in_parts(session: requests.Session, tmp_path: Path) -> None:
    file = made.hub_parquet(tmp_path / "models.parquet", MODELS)
    content = file.read_bytes()
    with Cdn({HUB_STATS: file}) as cdn, Hub(MODELS, cdn=cdn) as hub:
        redirect = session.get(hub.url + HUB_STATS, headers=HUB_TOKEN, allow_redirects=False)
        address = redirect.headers["Location"]
        assert redirect.status_code == 302
        assert address.startswith(cdn.url)
        assert "X-Amz-Signature=" in address
        head = session.head(address)
        assert (head.headers["Content-Length"], head.content) == (str(len(content)), b"")
        assert session.get(address).content == content
        part = session.get(address, headers={"Range": "bytes=10-19", "If-Range": head.headers["ETag"]})
        assert (part.status_code, part.content) == (206, content[10:20])
        assert part.headers["Content-Range"] == f"bytes 10-19/{len(content)}"
        assert session.get(address, headers={"Range": "bytes=-4"}).content == b"PAR1"
        assert session.get(address, headers={"Range": f"bytes={len(content)}-"}).status_code == 416
        assert not any("authorization" in each.headers for each in cdn.requests)
        assert session.get(address, headers=HUB_TOKEN).status_code == 400


def test_a_new_file_has_a_new_etag_and_is_sent_whole(session: requests.Session, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old content")
    (tmp_path / "b").write_bytes(b"new content")
    with Cdn({"/file": tmp_path / "a"}) as cdn:
        address = cdn.signed("/file")
        etag = session.get(address).headers["ETag"]
        cdn.files["/file"] = tmp_path / "b"
        answer = session.get(address, headers={"Range": "bytes=4-", "If-Range": etag})
    assert (answer.status_code, answer.content) == (200, b"new content")


def test_a_file_can_break_off_and_a_signature_ends(session: requests.Session, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    clock = Clock()
    with Cdn({"/file": tmp_path / "a"}, clock=clock) as cdn:
        address = cdn.signed("/file")
        cdn.faults = [Fault("half-body", value=3)]
        answer = session.get(address, stream=True)
        assert answer.raw.read(3) == b"012"
        assert session.get(address).content == b"0123456789"
        clock.now += 3601
        assert session.get(address).status_code == 403


# Faults


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_acts_as_often_as_it_is_told(session: requests.Session, kind: str) -> None:
    value = {"slow": 0.01, "huge": 1_000_000, "bomb": 1_000_000}.get(kind)
    with Hub(MODELS) as hub:
        hub.faults = [Fault(kind, "/api/models", after=2, value=value)]
        seen: list[object] = []
        for _ in range(4):
            try:
                answer = session.get(hub.url + LIST)
                seen.append((answer.status_code, answer.content, answer.links.keys()))
            except requests.RequestException as error:
                seen.append(type(error))
    assert seen[0] == seen[1] == seen[3]
    # These three change an address or the time only (see below).
    assert (seen[2] == seen[0]) == (kind in ("slow", "repeated-cursor", "endless"))


def test_headers_tell_how_long_to_wait_or_nothing(session: requests.Session) -> None:
    with Hub(MODELS) as hub:
        hub.faults = [
            Fault("429", value=7),
            Fault("429-ratelimit", after=1, value=8),
            Fault("429-bare", after=2),
        ]
        told = [session.get(hub.url + LIST) for _ in range(3)]
    assert [answer.status_code for answer in told] == [429, 429, 429]
    assert [answer.headers.get("Retry-After") for answer in told] == ["7", None, None]
    assert [answer.headers.get("RateLimit") for answer in told] == [None, '"api";r=0;t=8', None]


def test_wrong_lists_can_be_walked(session: requests.Session) -> None:
    with Hub(MODELS) as hub:
        plain = ids(walk(session, hub.url + LIST))
        hub.faults = [Fault("empty-page", after=1)]
        assert ids(walk(session, hub.url + LIST)) == plain[:100] + plain[200:]
        hub.faults = [Fault("repeated-cursor", after=1)]
        assert ids(walk(session, hub.url + LIST)) == plain[:200] + plain[100:]
        hub.faults = [Fault("early-end", after=1)]
        assert ids(walk(session, hub.url + LIST)) == plain[:200]
        hub.faults = [Fault("duplicate", after=1)]
        assert ids(walk(session, hub.url + LIST)) == plain[:100] + plain[:1] + plain[100:]
        hub.faults = [Fault("endless", times=1e9)]
        hub.requests.clear()
        assert ids(walk(session, hub.url + LIST, most=5)) == plain[:100] * 5
        assert len({each.first("cursor") for each in hub.requests}) == 5


def test_a_connection_is_reset_or_breaks_off(session: requests.Session) -> None:
    with Hub(MODELS) as hub:
        hub.faults = [Fault("reset"), Fault("half-body", after=1), Fault("wrong-gzip", after=2)]
        with pytest.raises(requests.ConnectionError, match="Connection reset by peer"):
            session.get(hub.url + LIST)
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
            session.get(hub.url + LIST)
        with pytest.raises(requests.exceptions.ContentDecodingError):
            session.get(hub.url + LIST)
    assert [each.status for each in hub.requests] == [0, 200, 200]


def test_two_gigabytes_are_sent_until_the_client_hangs_up(session: requests.Session) -> None:
    with Hub(MODELS) as hub:
        hub.faults = [Fault("huge")]
        with session.get(hub.url + LIST, stream=True) as answer:
            assert answer.raw.read(100_000) == b" " * 100_000
        assert session.get(hub.url + LIST).status_code == 200


def test_a_bomb_is_one_valid_gzip_member() -> None:
    assert gzip.decompress(gzip_of_zeros(17 * 1024**2)) == bytes(32 * 1024**2)


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="'rain' is no fault"):
        Fault("rain")


# GitHub


def test_repositories_are_renamed_blocked_or_gone(
    session: requests.Session, repositories: list[dict[str, Any]]
) -> None:
    with GitHub(repositories, renamed={"o/old-name": "o/new-name"}, blocked=("o/blocked",)) as github:
        base = github.url + "/repos/"
        moved = session.get(base + "o/old-name", allow_redirects=False)
        assert (moved.status_code, moved.headers["Location"]) == (301, f"{github.url}/repositories/100003")
        assert session.get(base + "o/old-name").json()["full_name"] == "o/new-name"
        assert session.get(base + "O/First").json()["stargazers_count"] == repositories[0]["stargazers_count"]
        assert session.get(base + "o/blocked").json()["block"]["reason"] == "dmca"
        assert session.get(base + "o/blocked").status_code == 451
        assert session.get(base + "o/gone").status_code == 404
        assert session.get(base + "o/first/stargazers").status_code == 401
        assert session.get(base + "o/first", headers={"User-Agent": ""}).status_code == 403
        assert (
            session.get(base + "o/first", headers={"X-GitHub-Api-Version": "1999-01-01"}).status_code == 400
        )


def test_an_unchanged_repository_costs_nothing_with_a_token(
    session: requests.Session, repositories: list[dict[str, Any]]
) -> None:
    with GitHub(repositories) as github:
        url = github.url + "/repos/o/first"
        first = session.get(url, headers=GITHUB_TOKEN)
        anonymous = session.get(url)
        known = {"If-None-Match": first.headers["ETag"]}
        again = session.get(url, headers=GITHUB_TOKEN | known)
        foreign = session.get(url, headers=known)
    assert first.headers["ETag"] != anonymous.headers["ETag"]
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"] == "4999"
    assert foreign.status_code == 200


def test_past_the_limit_github_answers_403_until_the_hour_is_over(
    session: requests.Session, repositories: list[dict[str, Any]]
) -> None:
    clock = Clock()
    with GitHub(repositories, anonymous_limit=1, clock=clock) as github:
        url = github.url + "/repos/o/first"
        assert session.get(url).status_code == 200
        limited = session.get(url)
        assert (limited.status_code, limited.headers["x-ratelimit-remaining"]) == (403, "0")
        clock.now = int(limited.headers["x-ratelimit-reset"])
        github.faults = [Fault("403-secondary", after=0, value=3)]
        secondary = session.get(url)
        assert (secondary.status_code, secondary.headers["Retry-After"]) == (403, "3")
        assert github.requests[-1].status == 403


def test_star_history_comes_in_weeks_newest_first(
    session: requests.Session, repositories: list[dict[str, Any]]
) -> None:
    with GitHub(repositories) as github:
        pages = walk(session, github.url + "/repos/o/first/stargazers/history?per_page=50")
    weeks = [week for page in pages for week in page]
    assert weeks == repositories[0]["weeks"]
    assert {len(page) for page in pages[:-1]} == {30}
    assert sum(week["total"] for week in weeks) == repositories[0]["stargazers_count"]
    assert weeks[0]["days"][2:] == [0] * 5  # 2026-11-23 is a Monday, and the week began on Sunday
    assert {newer["week"] - older["week"] for newer, older in pairwise(weeks)} == {604_800}


def test_a_new_week_shifts_the_pages_and_weeks_can_be_bad(session: requests.Session) -> None:
    repository = made.repositories(["o/r"])[0] | {"weeks": made.star_weeks(35, Random(0))}
    weeks = repository["weeks"]
    path = "/repos/o/r/stargazers/history"
    with GitHub([repository], shifts_after=1) as github:
        pages = walk(session, github.url + path + "?per_page=30")
    assert pages[1][0] == pages[0][-1]
    with GitHub([repository], bad_weeks="total") as github:
        assert session.get(github.url + path).json()[2]["total"] == weeks[2]["total"] + 1
    with GitHub([repository], bad_weeks="days") as github:
        assert len(session.get(github.url + path).json()[2]["days"]) == 6
    with GitHub([repository], bad_weeks="gap") as github:
        assert session.get(github.url + path).json()[2] == weeks[3]


def test_releases_come_in_pages(session: requests.Session, repositories: list[dict[str, Any]]) -> None:
    with GitHub(repositories) as github:
        pages = walk(session, github.url + "/repos/o/first/releases?per_page=5")
    assert [release for page in pages for release in page] == repositories[0]["releases"]


def test_graphql_answers_in_part(session: requests.Session, repositories: list[dict[str, Any]]) -> None:
    query = """
      query($owner: String!) {
        r0: repository(owner: "o", name: "first") { ...counts }
        r1: repository(owner: $owner, name: "gone") { ...counts }
        r2: repository(owner: "o", name: "old-name") { nameWithOwner licenseInfo { spdxId } }
        rateLimit { cost remaining }
      }
      fragment counts on Repository { stars: stargazerCount isArchived }
    """
    body = {"query": query, "variables": {"owner": "o"}}
    with GitHub(repositories, renamed={"o/old-name": "o/new-name"}) as github:
        assert session.post(github.url + "/graphql", json=body).status_code == 401
        answer = session.post(github.url + "/graphql", json=body, headers=GITHUB_TOKEN)
    told = answer.json()
    assert answer.status_code == 200
    assert told["data"]["r0"]["stars"] == repositories[0]["stargazers_count"]
    assert told["data"]["r1"] is None
    assert told["data"]["r2"]["nameWithOwner"] == "o/new-name"
    assert told["data"]["rateLimit"] == {"cost": 1, "remaining": 4999}
    assert [(error["type"], error["path"]) for error in told["errors"]] == [("NOT_FOUND", ["r1"])]
    assert (answer.headers["x-ratelimit-resource"], answer.headers["x-ratelimit-used"]) == ("graphql", "1")


def test_a_query_is_read_with_its_nested_fields() -> None:
    query = '{ a: repository(owner: "x", name: "y") { releases(first: 3) { totalCount } } }'
    assert parse_query(query, {}) == [
        ("a", "repository", {"owner": "x", "name": "y"}, [
            ("releases", "releases", {"first": 3}, [("totalCount", "totalCount", {}, [])]),
        ]),
    ]  # fmt: skip


# Packages and the optional sources


def test_pypistats_keeps_180_days_and_is_late(session: requests.Session) -> None:
    series = made.packages(["vllm"], today=TODAY)
    with PyPIStats(series, today=TODAY, calls_a_minute=3, clock=Clock()) as server:
        told = session.get(server.url + "/api/packages/vllm/overall?mirrors=false").json()
        both = session.get(server.url + "/api/packages/vllm/overall").json()
        unknown = session.get(server.url + "/api/packages/none/overall?mirrors=false")
        limited = session.get(server.url + "/api/packages/vllm/overall?mirrors=false")
    assert (told["package"], told["type"]) == ("vllm", "overall_downloads")
    assert told["data"][0]["date"] == str(TODAY - timedelta(days=180))
    last = TODAY - timedelta(days=2)
    row = {"category": "without_mirrors", "date": str(last), "downloads": series["vllm"][last]}
    assert told["data"][-1] == row
    assert {row["category"] for row in both["data"]} == {"without_mirrors", "with_mirrors"}
    assert (unknown.status_code, limited.status_code) == (404, 429)


def test_days_of_pypistats_can_grow(session: requests.Session) -> None:
    day = date(2026, 11, 20)

    def grow(name: str, call: int, told: dict[date, int]) -> dict[date, int]:
        return told | {day: call * 100}

    with PyPIStats({"vllm": {day: 300}}, today=TODAY, revise=grow) as server:
        url = server.url + "/api/packages/vllm/overall?mirrors=false"
        counts = [session.get(url).json()["data"][-1]["downloads"] for _ in range(3)]
    assert counts == [100, 200, 300]


def test_openrouter_gives_fifty_models_a_day_and_the_rest(session: requests.Session) -> None:
    with OpenRouter(made.rankings(), today=TODAY) as server:
        url = server.url + "/api/v1/datasets/rankings-daily?start_date=2026-11-21&end_date=2026-11-23"
        key = {"Authorization": "Bearer or_standin"}
        assert session.get(url).status_code == 401
        told = session.get(url, headers=key).json()
        beyond = session.get(url.replace("start_date=2026-11-21", "start_date=2026-11-23"), headers=key)
    assert len(told["data"]) == 2 * 51
    assert [row["model_permaslug"] for row in told["data"]][50] == "other"
    assert told["meta"]["end_date"] == "2026-11-22"
    assert beyond.status_code == 400


def test_the_arena_file_lies_behind_the_hub(session: requests.Session, tmp_path: Path) -> None:
    file = arena_parquet(tmp_path / "arena.parquet", [{"model_name": "m", "rating": 1.5, "rank": 1}])
    with Cdn({ARENA_TEXT: file}) as cdn, Hub([], cdn=cdn) as hub:
        (tmp_path / "got").write_bytes(session.get(hub.url + ARENA_TEXT).content)
    assert pq.read_table(tmp_path / "got").to_pylist()[0]["category"] == "overall"


# The made-up data


def test_made_models_are_the_same_for_the_same_seed_and_mostly_unused() -> None:
    many = made.models(2000, seed=3)
    assert many == made.models(2000, seed=3)
    assert len({model["id"] for model in many}) == len({model["_id"] for model in many}) == 2000
    unused = sum(model["downloads"] == 0 for model in many) / 2000
    assert 0.65 < unused < 0.75
    further = made.models(10, seed=3, first=2000)
    assert not {model["id"] for model in many} & {model["id"] for model in further}


@pytest.mark.parametrize("json_text", [False, True])
def test_the_parquet_file_holds_every_model(tmp_path: Path, *, json_text: bool) -> None:
    table = pq.read_table(made.hub_parquet(tmp_path / "m.parquet", MODELS, json_text=json_text))
    assert table.column("id").to_pylist() == [model["id"] for model in MODELS]
    assert str(table.schema.field("createdAt").type) == "timestamp[us]"
    assert str(table.schema.field("safetensors").type).startswith("string" if json_text else "struct")
