"""The client, against a server that misbehaves in every way we know of."""

import gzip
import io
import itertools
import logging
import time
import traceback
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3 import HTTPResponse

from pipelines.sources import http
from pipelines.sources.errors import (
    GarbledError,
    PayloadError,
    PermanentError,
    QuotaError,
    SourceError,
    TransientError,
)
from pipelines.sources.http import Client
from pipelines.sources.quota import Quota
from tests.sources.conftest import Reply, Replying, Server, Time

PACKED = gzip.compress(b'[{"id": "a/b"}]', mtime=0)
GZIP = {"Content-Encoding": "gzip"}


def test_a_compressed_answer_is_kept_to_the_byte(server: Server, client: Client) -> None:
    level_1 = gzip.compress(b'[{"id": "a/b"}]', compresslevel=1, mtime=7)
    answer = client.get(server.play("/models", Reply(level_1, headers=GZIP)))
    assert answer.gzip_body == level_1
    assert answer.body == b'[{"id": "a/b"}]'
    assert (answer.url, answer.final_url) == (f"{server.url}/models",) * 2
    assert (answer.status, answer.next_url) == (200, None)


def test_a_plain_answer_is_compressed_the_same_way_each_time(server: Server, client: Client) -> None:
    url = server.play("/models", Reply(b'[{"id": "a/b"}]'))
    first, second = client.get(url), client.get(url)
    assert gzip.decompress(first.gzip_body) == b'[{"id": "a/b"}]'
    assert first.gzip_body == second.gzip_body
    assert first.body == b'[{"id": "a/b"}]'


def test_the_server_learns_who_asks_and_that_we_take_gzip(server: Server, client: Client) -> None:
    client.get(server.play("/models", Reply()))
    assert server.headers[0]["User-Agent"].startswith("cambrian-observatory/")
    assert server.headers[0]["Accept-Encoding"] == "gzip"
    assert "Authorization" not in server.headers[0]


def test_the_next_page_is_what_the_link_header_says(server: Server, client: Client) -> None:
    link = '<https://hub.test/api/models?cursor=2>; rel="next", <https://hub.test/api/models>; rel="first"'
    answer = client.get(server.play("/models", Reply(headers={"Link": link})))
    assert answer.next_url == "https://hub.test/api/models?cursor=2"


def test_a_link_header_without_a_next_page_ends_the_list(server: Server, client: Client) -> None:
    reply = Reply(headers={"Link": '<https://hub.test/api/models>; rel="first"'})
    assert client.get(server.play("/models", reply)).next_url is None


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_trouble_of_the_server_is_sat_out(status: int, server: Server, client: Client) -> None:
    url = server.play("/models", Reply(b"wait", status), Reply(b"wait", status), Reply(PACKED, headers=GZIP))
    assert client.get(url).gzip_body == PACKED
    assert len(server.asked) == 3


def test_a_broken_connection_is_tried_again(server: Server, client: Client) -> None:
    url = server.play("/models", Reply(drops=True), Reply(drops=True), Reply(PACKED, headers=GZIP))
    assert client.get(url).gzip_body == PACKED
    assert len(server.asked) == 3


def test_a_quota_is_waited_for_as_long_as_the_server_says(
    server: Server, client: Client, waits: list[float]
) -> None:
    client.get(server.play("/models", Reply(b"slow down", 429, {"Retry-After": "7"}), Reply()))
    assert waits == [7]


def test_a_server_cannot_park_us_for_hours(server: Server, client: Client, waits: list[float]) -> None:
    client.get(server.play("/models", Reply(b"slow down", 429, {"Retry-After": "21600"}), Reply()))
    assert waits == [http.LONGEST_WAIT_SECONDS]


def test_the_pauses_between_tries_grow(server: Server, client: Client, waits: list[float]) -> None:
    with pytest.raises(TransientError):
        client.get(server.play("/models", Reply(b"trouble", 503)))
    assert waits == sorted(waits)
    assert waits[-1] >= 4


@pytest.mark.parametrize("status", [429, 503])
def test_a_lasting_trouble_is_an_error_that_says_what_to_do(
    status: int, server: Server, client: Client
) -> None:
    with pytest.raises(
        TransientError, match=rf"{server.url}/models answered {status}, 5 times.* run the same command"
    ):
        client.get(server.play("/models?cursor=secret", Reply(b"trouble", status)))


def test_a_lasting_trouble_is_tried_five_times_as_the_message_says(server: Server, client: Client) -> None:
    with pytest.raises(TransientError, match="5 times"):
        client.get(server.play("/models", Reply(b"trouble", 503)))
    assert len(server.asked) == 5


def test_a_server_that_always_hangs_up_is_a_transient_error(server: Server, client: Client) -> None:
    with pytest.raises(TransientError, match=r"did not answer .* run the same command again"):
        client.get(server.play("/models", Reply(drops=True)))


def test_a_server_that_is_not_there_is_a_transient_error(server: Server, client: Client) -> None:
    url = f"{server.url}/models"
    server.server_close()
    with pytest.raises(TransientError, match=f"{url} did not answer"):
        client.get(url)


def test_a_server_that_says_nothing_is_given_up(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "READ_TIMEOUT_SECONDS", 0.02)
    with pytest.raises(TransientError, match="did not answer"):
        client.get(server.play("/models", Reply(drops=True, stalls=True)))


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "Asking again will not help"),
        (401, "check HF_TOKEN, GITHUB_TOKEN or OPENROUTER_API_KEY"),
        (403, "check the token's rights"),
        (404, "check the endpoint"),
        (410, "Asking again will not help"),
        (451, "Asking again will not help"),
    ],
)
def test_what_will_not_change_is_asked_once_and_said_plainly(
    status: int, advice: str, server: Server, client: Client
) -> None:
    with pytest.raises(PermanentError, match=f"answered {status}.*{advice}"):
        client.get(server.play("/models", Reply(b"no", status)))
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"no", 401),
        Reply(b"no", 404),
        Reply(b"no", 500),
        Reply(drops=True),
        Reply(b"[1, 2", announced=100),
        Reply(b"junk", headers=GZIP),
        Reply(PACKED[:-4], headers=GZIP),
    ],
)
def test_no_message_shows_the_token_or_the_query(reply: Reply, server: Server, client: Client) -> None:
    url = server.play("/models?signature=sesame", reply)
    with pytest.raises(SourceError) as raised:
        client.get(url, token="hf_sesame")
    assert "sesame" not in str(raised.value)
    assert f"{server.url}/models" in str(raised.value)


def test_a_token_that_cannot_stand_in_a_header_is_not_shown(server: Server, client: Client) -> None:
    with pytest.raises(SourceError) as raised:
        client.get(server.play("/models", Reply()), token="hf_sesame\n")
    assert "hf_sesame" not in str(raised.value)


def test_a_redirect_that_cannot_be_followed_does_not_show_its_signature(
    server: Server, client: Client
) -> None:
    url = server.play("/file", Reply(b"", 302, {"Location": "ftp://files.test/x?signature=sesame"}))
    with pytest.raises(PermanentError) as raised:
        client.get(url)
    assert "sesame" not in str(raised.value)


def test_no_traceback_shows_the_query(server: Server, client: Client) -> None:
    with pytest.raises(TransientError) as raised:
        client.get(server.play("/models?signature=sesame", Reply(drops=True)))
    # What Dagster and a terminal show is the whole chain, without the lines of code that stand in this test.
    shown = [part for part in traceback.format_exception(raised.value) if not part.startswith("  File")]
    assert "sesame" not in "".join(shown)


def test_no_message_shows_a_password_in_the_address(server: Server, client: Client) -> None:
    with pytest.raises(PermanentError) as raised:
        client.get(f"http://me:sesame@{server.host}/models")
    assert "sesame" not in str(raised.value)
    assert f"{server.host}/models" in str(raised.value)


def test_an_address_without_a_scheme_is_a_permanent_error(client: Client) -> None:
    with pytest.raises(PermanentError, match=r"hub\.test/api/models"):
        client.get("hub.test/api/models")


def test_redirects_without_end_are_a_permanent_error(server: Server, client: Client) -> None:
    with pytest.raises(PermanentError, match=f"{server.url}/models cannot be asked"):
        client.get(server.play("/models", Reply(b"", 302, {"Location": "/models"})))


def test_the_token_is_sent_to_the_host_it_is_meant_for(server: Server, client: Client) -> None:
    client.get(server.play("/models", Reply()), token="hf_sesame")
    assert server.headers[0]["Authorization"] == "Bearer hf_sesame"


def test_the_token_follows_a_redirect_on_the_same_host(server: Server, client: Client) -> None:
    server.play("/new", Reply(PACKED, headers=GZIP))
    answer = client.get(server.play("/old", Reply(b"", 307, {"Location": "/new"})), token="hf_sesame")
    assert answer.gzip_body == PACKED
    assert server.headers[1]["Authorization"] == "Bearer hf_sesame"


def test_the_token_does_not_follow_a_redirect_to_another_host(
    server: Server, foreign_server: Server, client: Client
) -> None:
    target = foreign_server.play("/file", Reply(PACKED, headers=GZIP))
    answer = client.get(server.play("/file", Reply(b"", 302, {"Location": target})), token="hf_sesame")
    assert answer.gzip_body == PACKED
    assert "Authorization" not in foreign_server.headers[0]


def test_a_token_is_not_kept_for_the_next_request(server: Server, client: Client) -> None:
    url = server.play("/models", Reply())
    client.get(url, token="hf_sesame")
    client.get(url)
    assert "Authorization" not in server.headers[1]


def test_half_a_body_is_a_transient_error_that_says_what_to_do(server: Server, client: Client) -> None:
    with pytest.raises(TransientError, match=r"broke off .*What is landed stays; run again"):
        client.get(server.play("/models", Reply(b"[1, 2,", announced=100)))


def test_a_connection_that_breaks_within_a_chunk_is_a_transient_error(server: Server, client: Client) -> None:
    with pytest.raises(TransientError):
        client.get(server.play("/models", Reply(b"[1, 2,", chunked=True)))


def test_a_body_that_stops_flowing_is_a_transient_error(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "READ_TIMEOUT_SECONDS", 0.05)
    with pytest.raises(TransientError):
        client.get(server.play("/models", Reply(b"[1, 2,", announced=100, stalls=True)))


@pytest.mark.parametrize("body", [b"junk", PACKED[:-4], PACKED[:12] + b"\xff\xff\xff" + PACKED[15:], b""])
def test_broken_gzip_is_a_payload_error(body: bytes, server: Server, client: Client) -> None:
    with pytest.raises(PayloadError, match="gzip body"):
        client.get(server.play("/models", Reply(body, headers=GZIP)))


def test_a_body_that_is_too_large_is_refused(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_RECEIVED_BYTES", 1 << 20)
    url = server.play("/models", Reply(bytes((1 << 20) + 1)))
    with pytest.raises(PayloadError, match="more than 1 MB"):
        client.get(url)


def test_a_decompression_bomb_is_refused_before_it_unpacks(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_BODY_BYTES", 1 << 20)
    bomb = gzip.compress(bytes(1 << 25))
    with pytest.raises(PayloadError, match="unpacks to more than 1 MB"):
        client.get(server.play("/models", Reply(bomb, headers=GZIP)))


def test_a_decompression_bomb_in_a_second_gzip_member_is_refused_too(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_BODY_BYTES", 1 << 20)
    bomb = gzip.compress(b"[]") + gzip.compress(bytes(1 << 23))
    with pytest.raises(PayloadError, match="unpacks to more than 1 MB"):
        client.get(server.play("/models", Reply(bomb, headers=GZIP)))


@pytest.mark.parametrize("size", [1, (1 << 20) - 2, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_body_is_unpacked_whole(size: int, server: Server, client: Client) -> None:
    body = b'"' + b"x" * size + b'"'
    packed = gzip.compress(body, compresslevel=1)
    assert client.get(server.play("/models", Reply(packed, headers=GZIP))).body == body


def test_gzip_in_several_members_is_unpacked_whole(server: Server, client: Client) -> None:
    packed = gzip.compress(b"[1,") + gzip.compress(b"2]") + b"\0" * 8
    assert client.get(server.play("/models", Reply(packed, headers=GZIP))).body == b"[1,2]"


def test_another_encoding_than_gzip_is_not_taken_for_gzip(server: Server, client: Client) -> None:
    deflated = Reply(zlib.compress(b"[]"), headers={"Content-Encoding": "deflate"})
    with pytest.raises(PayloadError, match="not whole JSON"):
        client.get(server.play("/models", deflated))


PAGE = Reply(PACKED, headers=GZIP)
TROUBLES = {
    "408": Reply(b"too slow", 408),
    "429": Reply(b"too many", 429),
    "500": Reply(b"oh", 500),
    "502": Reply(b"<html>bad gateway</html>", 502),
    "503": Reply(b"maintenance", 503),
    "504": Reply(b"deep page", 504),
    "hang-up": Reply(drops=True),
    "half a body": Reply(b"[1, 2,", announced=100),
    "half a chunk": Reply(b"[1, 2,", chunked=True),
    "half a gzip": Reply(PACKED[:-9], headers=GZIP),
    "wrong gzip": Reply(b"[]", headers=GZIP),
    "a page for people": Reply(b"<!DOCTYPE html><html>We are down for maintenance</html>"),
    "truncated JSON": Reply(b'[{"id": "a/b"}, {"id": "c'),
    "nothing": Reply(b""),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("times", [1, 4])
def test_every_passing_trouble_is_followed_by_another_try(
    trouble: Reply, times: int, server: Server, client: Client, waits: list[float]
) -> None:
    url = server.play("/models", *[trouble] * times, PAGE)
    assert client.get(url).gzip_body == PACKED
    assert client.calls == {server.host: times + 1}
    assert len(waits) == times
    assert min(waits) >= 1


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_a_query_that_is_posted_is_tried_again_too(trouble: Reply, server: Server, client: Client) -> None:
    url = server.play("/graphql", trouble, PAGE)
    assert client.post(url, {"query": "{ viewer { login } }"}).body == b'[{"id": "a/b"}]'
    assert server.methods == ["POST", "POST"]
    assert server.bodies == [b'{"query": "{ viewer { login } }"}'] * 2
    assert server.headers[1]["Content-Type"] == "application/json"


@pytest.mark.parametrize("name", ["408", "429", "500", "502", "503", "504", "hang-up", "half a body"])
def test_a_trouble_that_lasts_is_transient_and_says_what_to_do(
    name: str, server: Server, client: Client
) -> None:
    with pytest.raises(
        TransientError, match=rf"^{server.url}/models .*What is landed stays; .*run"
    ) as raised:
        client.get(server.play("/models", TROUBLES[name]))
    assert not isinstance(raised.value, QuotaError)
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    "name", ["half a gzip", "wrong gzip", "a page for people", "truncated JSON", "nothing"]
)
def test_a_body_that_stays_broken_is_no_usable_answer(name: str, server: Server, client: Client) -> None:
    with pytest.raises(GarbledError, match=rf"^{server.url}/models"):
        client.get(server.play("/models", TROUBLES[name]))
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    "name", ["half a gzip", "wrong gzip", "a page for people", "truncated JSON", "nothing"]
)
def test_a_body_that_stays_broken_says_what_was_tried_and_what_to_do(
    name: str, server: Server, client: Client
) -> None:
    with pytest.raises(GarbledError, match=r"5 times.*run"):
        client.get(server.play("/models", TROUBLES[name]))


def test_what_the_server_says_of_its_refusal_is_told(server: Server, client: Client) -> None:
    reply = Reply(b'{"error": "Invalid\\n cursor"}', 400)
    with pytest.raises(PermanentError, match=r"answered 400 \(Invalid cursor\)\. Asking again") as raised:
        client.get(server.play("/models", reply))
    assert raised.value.status == 400


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'{"error": null}', b'{"error": {"a": 1}}', b"\xff\xfe", b""]
)
def test_a_refusal_in_other_words_is_a_refusal_all_the_same(
    body: bytes, server: Server, client: Client
) -> None:
    with pytest.raises(PermanentError, match="answered 400"):
        client.get(server.play("/models", Reply(body, 400)))


@pytest.mark.parametrize("status", [200, 400])
def test_json_without_bottom_is_refused_and_not_followed_down(
    status: int, server: Server, client: Client
) -> None:
    deep = Reply(b"[" * 100_000 + b"]" * 100_000, status)
    with pytest.raises(SourceError):
        client.get(server.play("/models", deep))


@pytest.mark.parametrize("body", [b'[{"id": "\xff"}]', b'[{"tags": ["\xc3("]}]'])
def test_what_is_no_utf_8_is_not_json(body: bytes, server: Server, client: Client) -> None:
    with pytest.raises(PayloadError):
        client.get(server.play("/models", Reply(body)))


def test_an_accepted_refusal_is_an_answer_whatever_its_body(server: Server, client: Client) -> None:
    answer = client.get(server.play("/models", Reply(b"<html>gone</html>", 404)), accept={404})
    assert (answer.status, answer.body) == (404, b"<html>gone</html>")
    assert gzip.decompress(answer.gzip_body) == b"<html>gone</html>"


@pytest.mark.parametrize(
    "headers",
    [{}, GZIP],
)
def test_not_modified_is_an_answer_without_a_body(
    headers: dict[str, str], server: Server, client: Client
) -> None:
    reply = Reply(b"", 304, headers | {"ETag": '"1"'})
    answer = client.get(server.play("/repo", reply), headers={"If-None-Match": '"1"'}, accept={304})
    assert (answer.status, answer.body, gzip.decompress(answer.gzip_body)) == (304, b"", b"")
    assert answer.headers["etag"] == '"1"'
    assert server.headers[0]["If-None-Match"] == '"1"'


def test_only_headers_worth_keeping_are_kept(server: Server, client: Client) -> None:
    headers = {"ETag": '"1"', "Set-Cookie": "session=1", "X-Error-Code": "GatedRepo", "Date": "today"}
    answer = client.get(server.play("/models", Reply(headers=headers)))
    assert answer.headers == {"etag": '"1"', "x-error-code": "GatedRepo"}


@pytest.mark.parametrize("ahead", [-300, 0, 300])
def test_a_date_to_wait_for_is_meant_by_the_clock_of_the_server(
    ahead: int, server: Server, client: Client, waits: list[float]
) -> None:
    server.clock_ahead_seconds = ahead
    now = 1_795_000_000
    headers = {
        "Date": formatdate(now + ahead, usegmt=True),
        "Retry-After": formatdate(now + ahead + 42, usegmt=True),
    }
    client.get(server.play("/models", Reply(b"", 503, headers), PAGE))
    assert waits == [42]


def test_a_date_that_is_past_is_not_waited_for(server: Server, client: Client, waits: list[float]) -> None:
    headers = {"Retry-After": "Fri, 01 Jan 2021 00:00:00 GMT"}
    client.get(server.play("/models", Reply(b"", 429, headers), PAGE))
    assert waits == [0]


@pytest.mark.parametrize("told", ["soon", "-5", "1.5", "", "Mon, 99 Foo 2026", "²"])
def test_a_wait_that_nobody_understands_is_no_wait_told(
    told: str, server: Server, client: Client, waits: list[float]
) -> None:
    client.get(server.play("/models", Reply(b"", 429, {"Retry-After": told}), PAGE))
    assert waits == [20]


ABSURD_DATE = "Mon, 99999999999999999999 Jan 2020 00:00:00 GMT"


def test_an_absurd_date_to_wait_for_is_no_wait_told(
    server: Server, client: Client, waits: list[float]
) -> None:
    client.get(server.play("/models", Reply(b"", 429, {"Retry-After": ABSURD_DATE}), PAGE))
    assert waits == [20]


def test_where_the_clock_of_the_server_is_absurd_ours_counts(server: Server, client: Client) -> None:
    client.get(server.play("/repos", Reply(headers=github_quota(7, 1800) | {"Date": ABSURD_DATE})))
    assert client.quotas[server.host].renewed_in_seconds == pytest.approx(1800, abs=60)


def test_a_wait_is_capped_and_the_client_gives_up_after_five_tries(
    server: Server, client: Client, waits: list[float]
) -> None:
    with pytest.raises(TransientError) as raised:
        client.get(server.play("/models", Reply(b"", 429, {"Retry-After": "21600"})))
    assert waits == [310] * 4
    assert raised.value.wait_seconds == 310


def test_a_quota_without_a_word_on_when_is_waited_for_longer_each_time(
    server: Server, client: Client, waits: list[float]
) -> None:
    client.get(server.play("/models", *[Reply(b"", 429)] * 4, PAGE))
    assert waits == [20, 40, 80, 160]


def test_a_wait_of_twenty_seconds_that_was_told_does_not_grow(
    server: Server, client: Client, waits: list[float]
) -> None:
    client.get(server.play("/models", *[Reply(b"", 429, {"Retry-After": "20"})] * 4, PAGE))
    assert waits == [20, 20, 20, 20]


def hub_quota(left: int, seconds: int) -> dict[str, str]:
    return {
        "RateLimit": f'"api";r={left};t={seconds}',
        "RateLimit-Policy": '"fixed window";"api";q=500;w=300',
    }


def test_a_quota_of_the_hub_is_waited_for_a_second_longer_than_told(
    server: Server, client: Client, waits: list[float]
) -> None:
    client.get(server.play("/models", Reply(b"", 429, hub_quota(0, 17)), PAGE))
    assert waits == [18]


def test_a_used_up_quota_is_waited_for_before_the_next_request(
    server: Server, client: Client, time_of_client: Time
) -> None:
    asked_at: list[float] = []

    def note(_: dict[str, str]) -> Reply:
        asked_at.append(time_of_client.now)
        return Reply(headers=hub_quota(0 if len(asked_at) == 2 else 1, 120))

    url = server.play("/models", note)
    for _ in range(3):
        client.get(url)
    assert asked_at == [1000, 1000, 1121]
    assert time_of_client.waits == [121]


def test_only_what_is_left_of_the_wait_is_waited(
    server: Server, client: Client, time_of_client: Time
) -> None:
    url = server.play("/models", Reply(headers=hub_quota(0, 120)), PAGE)
    client.get(url)
    time_of_client.now += 100
    client.get(url)
    time_of_client.now += 1000
    client.get(url)
    assert time_of_client.waits == [21]


def test_another_host_has_a_quota_of_its_own(
    server: Server, foreign_server: Server, client: Client, waits: list[float]
) -> None:
    client.get(server.play("/models", Reply(headers=hub_quota(0, 120))))
    client.get(foreign_server.play("/models", PAGE))
    assert waits == []


def test_the_quota_shows_what_is_left(server: Server, client: Client) -> None:
    client.get(server.play("/models", Reply(headers=hub_quota(499, 300))))
    assert client.quotas == {server.host: Quota(499, 300.0, 500)}


def github_quota(left: int, seconds: int, *, ahead: int = 0) -> dict[str, str]:
    now = int(time.time()) + ahead
    return {
        "Date": formatdate(now, usegmt=True),
        "x-ratelimit-limit": "60",
        "x-ratelimit-remaining": str(left),
        "x-ratelimit-reset": str(now + seconds),
    }


@pytest.mark.parametrize("ahead", [-300, 0, 300])
def test_a_quota_of_github_is_renewed_by_the_clock_of_github(
    ahead: int, server: Server, client: Client
) -> None:
    client.get(server.play("/repos", Reply(headers=github_quota(7, 1800, ahead=ahead))))
    assert client.quotas == {server.host: Quota(7, 1800.0, 60)}


@pytest.mark.parametrize("status", [403, 429])
def test_a_quota_renewed_in_an_hour_is_not_waited_for_and_not_asked_for_again(
    status: int, server: Server, client: Client, time_of_client: Time
) -> None:
    url = server.play("/repos", Reply(b'{"message": "limit"}', status, github_quota(0, 3600)), PAGE)
    for _ in range(2):
        with pytest.raises(QuotaError, match=r"renewed at [-\d]{10} \d\d:\d\d UTC\. .*the same command"):
            client.get(url)
    assert (len(server.asked), time_of_client.waits) == (1, [])
    assert client.calls == {server.host: 1}
    time_of_client.now += 3602
    assert client.get(url).gzip_body == PACKED


def test_the_last_answer_of_a_quota_is_an_answer(server: Server, client: Client, waits: list[float]) -> None:
    url = server.play("/repos", Reply(headers=github_quota(0, 3600)))
    assert client.get(url).body == b"[]"
    with pytest.raises(QuotaError):
        client.post(url, {})
    assert (len(server.asked), waits) == (1, [])


def test_a_download_does_not_sleep_for_an_hour_either(
    server: Server, client: Client, waits: list[float], tmp_path: Path
) -> None:
    url = server.play("/file", Reply(b"", 403, github_quota(0, 3600)))
    with pytest.raises(QuotaError):
        client.download(url, tmp_path / "file")
    assert (len(server.asked), waits) == (1, [])


@pytest.mark.parametrize("headers", [{"Retry-After": "9"}, github_quota(0, 8)])
def test_a_403_that_tells_of_a_limit_is_waited_for(
    headers: dict[str, str], server: Server, client: Client, waits: list[float]
) -> None:
    client.get(server.play("/repos", Reply(b"", 403, headers), PAGE))
    assert waits == [pytest.approx(9, abs=1)]


def test_a_403_that_tells_of_a_limit_is_no_answer_even_where_403_is_one(
    server: Server, client: Client, waits: list[float]
) -> None:
    url = server.play("/repos", Reply(b"", 403, {"Retry-After": "9"}), Reply(b"gated", 403))
    assert client.get(url, accept={403}).body == b"gated"
    assert waits == [9]


def test_a_403_with_calls_left_is_a_refusal(server: Server, client: Client) -> None:
    with pytest.raises(PermanentError, match="403"):
        client.get(server.play("/repos", Reply(b"", 403, github_quota(9, 3600))))
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"RateLimit": f'"api";r=0;t={"9" * 12}'},
        {"RateLimit": f'"api";r=0;t={"9" * 400}'},
        {"RateLimit": f'"api";r=5;t={"9" * 5000}'},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 400},
        {"Retry-After": "9" * 400},
    ],
)
def test_absurd_quotas_are_no_crash(headers: dict[str, str], server: Server, client: Client) -> None:
    url = server.play("/models", Reply(b"", 429, headers))
    for _ in range(2):
        with pytest.raises(TransientError):
            client.get(url)


@pytest.mark.parametrize(
    "link", ["<", "<http://[::1>; rel=next", "; rel=next", "<>; rel=next", '<a b>; rel="next']
)
def test_a_link_header_of_junk_is_no_crash(link: str, server: Server, client: Client) -> None:
    try:
        client.get(server.play("/models", Reply(headers={"Link": link})))
    except SourceError as error:
        assert f"{server.url}/models" in str(error)  # noqa: PT017 - either is fine


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("method", ["get", "post", "download"])
def test_no_redirect_carries_the_token_to_another_host(
    status: int, method: str, server: Server, foreign_server: Server, client: Client, tmp_path: Path
) -> None:
    target = foreign_server.play("/there?signature=abc", PAGE)
    url = server.play("/here", Reply(b"", status, {"Location": target}))
    if method == "get":
        client.get(url, token="hf_sesame")
    elif method == "post":
        client.post(url, {"query": "{}"}, token="hf_sesame")
    else:
        client.download(url, tmp_path / "file", token="hf_sesame")
    assert server.headers[0]["Authorization"] == "Bearer hf_sesame"
    assert len(foreign_server.headers) == 1
    assert "hf_sesame" not in str(foreign_server.headers)


def test_the_final_address_is_told_without_its_signature(
    server: Server, foreign_server: Server, client: Client
) -> None:
    target = foreign_server.play("/there?signature=abc", PAGE)
    answer = client.get(server.play("/here", Reply(b"", 307, {"Location": target})))
    assert (answer.url, answer.final_url) == (f"{server.url}/here", f"{foreign_server.url}/there")


def test_a_redirect_counts_as_the_two_calls_that_it_is(
    server: Server, foreign_server: Server, client: Client
) -> None:
    target = foreign_server.play("/there", PAGE)
    server.play("/new", Reply(b"", 307, {"Location": target}))
    client.get(server.play("/old", Reply(b"", 301, {"Location": "/new"})))
    assert client.calls == {server.host: 2, foreign_server.host: 1}


def test_the_quota_of_another_host_is_not_that_of_the_one_that_was_asked(
    server: Server, foreign_server: Server, client: Client, waits: list[float]
) -> None:
    target = foreign_server.play("/there", Reply(headers=hub_quota(0, 300)))
    url = server.play("/here", Reply(b"", 307, {"Location": target}), PAGE)
    client.get(url)
    client.get(url)
    assert waits == []


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ~/.netrc that knows a password for these hosts."""
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login me password from-netrc\n")
    monkeypatch.setenv("NETRC", str(path))


@pytest.mark.usefixtures("netrc")
@pytest.mark.parametrize("token", [None, "hf_sesame"])
def test_the_netrc_of_the_user_is_not_used(token: str | None, server: Server, client: Client) -> None:
    client.get(server.play("/models", Reply()), token=token)
    assert server.headers[0].get("Authorization") == (token and f"Bearer {token}")


@pytest.mark.usefixtures("netrc")
@pytest.mark.parametrize("token", [None, "hf_sesame"])
def test_the_netrc_of_the_user_is_not_used_after_a_redirect_either(
    token: str | None, server: Server, foreign_server: Server, client: Client
) -> None:
    target = foreign_server.play("/there", PAGE)
    server.play("/new", Reply(b"", 307, {"Location": target}))
    client.get(server.play("/old", Reply(b"", 307, {"Location": "/new"})), token=token)
    assert server.headers[1].get("Authorization") == (token and f"Bearer {token}")
    assert "Authorization" not in foreign_server.headers[0]


def test_certificates_are_verified(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[object] = []

    class Noting(requests.adapters.HTTPAdapter):
        def send(self, *_: Any, **how: Any) -> Any:
            verified.append(how["verify"])
            raise requests.exceptions.SSLError("self-signed")

    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with Client({"https://": Noting()}, sleep=lambda _: None) as strict, pytest.raises(SourceError):
        strict.get("https://hub.test/models")
    assert set(verified) == {True}
    assert "verify=" not in Path(http.__file__).read_text()


def test_a_body_that_repeats_the_token_is_refused(server: Server, client: Client) -> None:
    with pytest.raises(PayloadError, match="repeats the token") as raised:
        client.get(server.play("/models", Reply(b'{"you": "hf_sesame"}')), token="hf_sesame")
    assert "hf_sesame" not in str(raised.value)


def test_a_next_page_that_repeats_the_token_is_refused(server: Server, client: Client) -> None:
    reply = Reply(headers={"Link": '</models?token=hf_sesame>; rel="next"'})
    with pytest.raises(PayloadError, match="repeats the token"):
        client.get(server.play("/models", reply), token="hf_sesame")


def test_a_header_that_repeats_the_token_is_refused(server: Server, client: Client) -> None:
    with pytest.raises(PayloadError, match="repeats the token"):
        client.get(server.play("/models", Reply(headers={"ETag": '"hf_sesame"'})), token="hf_sesame")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize("text", ["hf_sesame is no token", '{"error": "hf_sesame is no token"}'])
def test_no_message_and_no_log_repeats_a_token_that_the_server_repeats(
    text: str, status: int, server: Server, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SourceError) as raised:
        client.get(server.play("/models", Reply(text.encode(), status)), token="hf_sesame")
    assert "hf_sesame" not in "".join(traceback.format_exception_only(raised.value))
    assert "hf_sesame" not in caplog.text


def test_neither_does_the_message_on_a_body_that_is_no_json(
    server: Server, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SourceError) as raised:
        client.get(server.play("/models", Reply(b"hf_sesame is no token")), token="hf_sesame")
    assert "hf_sesame" not in str(raised.value) + caplog.text


def test_a_password_in_the_address_is_in_no_log_and_no_count(
    server: Server, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.play("/models", Reply(headers=hub_quota(0, 100)))
    for _ in range(2):
        client.get(f"http://me:sesame@{server.host}/models")
    assert "sesame" not in caplog.text
    assert client.calls == {server.host: 2}


def test_a_token_is_named_without_being_told() -> None:
    assert http.token_name(None) == "anonymous"
    assert http.token_name("hf_a") == http.token_name("hf_a") != http.token_name("hf_b")
    assert "hf_a" not in http.token_name("hf_a")


@contextmanager
def memory_at_most(megabytes: float) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < megabytes * 2**20


@pytest.mark.parametrize(
    ("status", "error"), [(200, PayloadError), (404, PermanentError), (429, TransientError)]
)
def test_a_body_of_two_gigabytes_takes_neither_memory_nor_time(
    status: int, error: type[SourceError], server: Server, client: Client
) -> None:
    url = server.play("/models", Reply(b" " * (1 << 20), status, repeats=2048))
    with memory_at_most(80), pytest.raises(error):
        client.get(url)
    assert server.sent_bytes < 100 << 20


def test_a_redirect_with_a_body_of_two_gigabytes_takes_no_memory(server: Server, client: Client) -> None:
    server.play("/new", PAGE)
    url = server.play("/old", Reply(b" " * (1 << 20), 302, {"Location": "/new"}, repeats=40))
    with memory_at_most(20):
        client.get(url)


def test_a_bomb_takes_no_more_memory_than_a_body_may(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_BODY_BYTES", 16 << 20)
    packer = zlib.compressobj(1, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(128)) + packer.flush()
    url = server.play("/models", Reply(bomb, headers=GZIP))
    with memory_at_most(16 + 20), pytest.raises(PayloadError, match="unpacks to more than 16 MB"):
        client.get(url)


def test_a_body_of_a_thousand_gzip_members_is_refused(server: Server, client: Client) -> None:
    # Each member that begins copies what follows it: a megabyte of them takes ten seconds, 64 MB take hours.
    url = server.play("/models", Reply(gzip.compress(b"") * 1001 + PACKED, headers=GZIP))
    with pytest.raises(PayloadError, match="members"):
        client.get(url)


def test_a_server_that_drips_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(http, "MAX_TRIES", 1)
    clock = itertools.count(step=http.LONGEST_ANSWER_SECONDS + 1)
    url = server.play("/models", Reply(b"[", announced=1000, stalls=True))
    with (
        Client(sleep=lambda _: None, clock=lambda: float(next(clock))) as patient,
        pytest.raises(TransientError, match="sent for more than 600 s"),
    ):
        patient.get(url)


CONTENT = bytes(range(256)) * 4


def ranged(
    content: bytes, etag: str, *, cut_after: int | None = None, knows_if_range: bool = True
) -> Replying:
    """A file server that hangs up after `cut_after` bytes of each answer."""

    def reply(asked: dict[str, str]) -> Reply:
        start, status, headers = 0, 200, {"ETag": etag}
        is_same = asked.get("If-Range") == etag or not knows_if_range
        if "Range" in asked and is_same:
            start, status = int(asked["Range"].removeprefix("bytes=").rstrip("-")), 206
            if start >= len(content):
                return Reply(b"", 416, {"Content-Range": f"bytes */{len(content)}"})
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        rest = content[start:]
        return Reply(rest[:cut_after], status, headers, announced=len(rest))

    return reply


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a download goes; something older lies there."""
    path = tmp_path / "models.parquet"
    path.write_bytes(b"yesterday's")
    return path


def test_a_file_is_fetched_whole_and_its_etag_told(server: Server, client: Client, file: Path) -> None:
    assert client.download(server.play("/file", ranged(CONTENT, '"1"')), file, token="hf_x") == '"1"'
    assert file.read_bytes() == CONTENT
    assert [path.name for path in file.parent.iterdir()] == ["models.parquet"]
    assert server.headers[0]["Authorization"] == "Bearer hf_x"
    assert server.headers[0]["Accept-Encoding"] == "identity"


def test_a_file_without_an_etag_is_fetched_too(server: Server, client: Client, file: Path) -> None:
    assert client.download(server.play("/file", Reply(CONTENT)), file) == ""
    assert file.read_bytes() == CONTENT


def test_a_download_goes_on_where_it_broke_off(
    server: Server, client: Client, file: Path, waits: list[float]
) -> None:
    assert client.download(server.play("/file", ranged(CONTENT, '"1"', cut_after=300)), file) == '"1"'
    assert file.read_bytes() == CONTENT
    assert [asked.get("Range") for asked in server.headers] == [
        None,
        "bytes=300-",
        "bytes=600-",
        "bytes=900-",
    ]
    assert [asked.get("If-Range") for asked in server.headers] == [None, '"1"', '"1"', '"1"']
    assert len(waits) == 3


def test_a_download_goes_on_in_the_next_run(server: Server, client: Client, file: Path) -> None:
    url = server.play("/file", ranged(CONTENT, '"1"', cut_after=300), Reply(b"no", 404))
    with pytest.raises(PermanentError):
        client.download(url, file)
    assert file.read_bytes() == b"yesterday's"
    server.play("/file", ranged(CONTENT, '"1"'))
    client.download(url, file)
    assert file.read_bytes() == CONTENT
    assert server.headers[-1]["Range"] == "bytes=300-"


@pytest.mark.parametrize(
    "knows_if_range",
    [
        True,
        False,
    ],
)
def test_a_file_that_changed_meanwhile_is_begun_anew(
    knows_if_range: bool, server: Server, client: Client, file: Path
) -> None:
    after = ranged(CONTENT[::-1], '"2"', knows_if_range=knows_if_range)
    assert client.download(server.play("/file", ranged(CONTENT, '"1"', cut_after=300), after), file) == '"2"'
    assert file.read_bytes() == CONTENT[::-1]


def test_a_part_that_is_longer_than_the_file_is_begun_anew(
    server: Server, client: Client, file: Path
) -> None:
    shorter = ranged(CONTENT[:100], '"1"')
    client.download(server.play("/file", ranged(CONTENT, '"1"', cut_after=300), shorter), file)
    assert file.read_bytes() == CONTENT[:100]


def test_a_416_that_nobody_asked_for_is_a_transient_error(server: Server, client: Client, file: Path) -> None:
    with pytest.raises(TransientError):
        client.download(server.play("/file", Reply(b"", 416)), file)
    assert len(server.asked) == 5


@pytest.mark.parametrize("told", ["bytes 0-1023/1024", "bytes 301-1023/1024", "bytes 300-399/1024"])
def test_a_piece_that_is_not_the_one_asked_for_does_not_get_into_the_file(
    told: str, server: Server, client: Client, file: Path
) -> None:
    first, last = map(int, told.removeprefix("bytes ").partition("/")[0].split("-"))
    wrong = Reply(CONTENT[first : last + 1], 206, {"ETag": '"1"', "Content-Range": told})
    url = server.play("/file", ranged(CONTENT, '"1"', cut_after=300), wrong, ranged(CONTENT, '"1"'))
    client.download(url, file)
    assert file.read_bytes() == CONTENT


def test_five_tries_in_a_row_that_bring_nothing_are_the_end(
    server: Server, client: Client, file: Path, waits: list[float]
) -> None:
    some, nothing = ranged(CONTENT, '"1"', cut_after=300), ranged(CONTENT, '"1"', cut_after=0)
    url = server.play("/file", some, *[nothing] * 4, some, nothing)
    with pytest.raises(TransientError, match="run again"):
        client.download(url, file)
    assert len(server.asked) == 11
    assert file.read_bytes() == b"yesterday's"
    assert len(waits) == 10


def test_a_server_that_always_begins_anew_and_breaks_off_is_given_up(
    server: Server, client: Client, file: Path, waits: list[float]
) -> None:
    lengths = itertools.cycle([500, 600])

    def reply(_: dict[str, str]) -> Reply:
        if len(server.asked) > 50:
            return Reply(b"enough", 410)
        return Reply(CONTENT[: next(lengths)], announced=1024)

    with pytest.raises(TransientError):
        client.download(server.play("/file", reply), file)
    assert len(server.asked) < 20


def test_a_download_waits_as_long_as_it_is_told(
    server: Server, client: Client, file: Path, waits: list[float]
) -> None:
    client.download(server.play("/file", Reply(b"", 429, {"Retry-After": "7"}), Reply(CONTENT)), file)
    assert waits == [7]


def test_a_download_is_bounded(
    server: Server, client: Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_DOWNLOAD_BYTES", 1 << 20)
    url = server.play("/file", Reply(bytes(1 << 20), repeats=2048))
    with memory_at_most(10), pytest.raises(PayloadError, match="refused"):
        client.download(url, file)
    assert file.read_bytes() == b"yesterday's"
    assert sum(path.stat().st_size for path in file.parent.iterdir()) < 2 << 20
    assert server.sent_bytes < 50 << 20


def test_a_download_larger_than_memory_stays_on_the_disk(server: Server, client: Client, file: Path) -> None:
    with memory_at_most(10):
        client.download(server.play("/file", Reply(bytes(1 << 20), repeats=100)), file)
    assert file.stat().st_size == 100 << 20


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60))
@pytest.mark.parametrize(
    "name", ["Retry-After", "RateLimit", "x-ratelimit-reset", "Date", "Link", "RateLimit-Policy"]
)
def test_no_header_whatever_it_says_is_a_crash(name: str, text: str) -> None:
    headers = requests.structures.CaseInsensitiveDict({"x-ratelimit-remaining": "0", name: text})
    exchange = Canned(200 if name == "Link" else 429, headers)
    with Client({"https://hub.test": exchange}, sleep=lambda _: None) as client, suppress(SourceError):
        client.get("https://hub.test/models")


class Canned(requests.adapters.BaseAdapter):
    """Gives one answer again and again, without a network."""

    def __init__(self, status: int, headers: requests.structures.CaseInsensitiveDict[str]) -> None:
        super().__init__()
        self._status, self._headers = status, headers

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.headers = self._status, self._headers
        response.raw = HTTPResponse(io.BytesIO(b"[]"), preload_content=False)
        response.url = request.url or ""
        return response

    def close(self) -> None:
        """Nothing is open."""
