"""The session and the bounded GET, against a server that misbehaves in every way we know of."""

import gzip
import traceback
import zlib

import pytest
import requests

from pipelines.sources import http
from pipelines.sources.errors import PayloadError, PermanentError, SourceError, TransientError
from pipelines.sources.http import Answer, get
from tests.sources.conftest import Reply, Server

PACKED = gzip.compress(b'[{"id": "a/b"}]', mtime=0)
GZIP = {"Content-Encoding": "gzip"}


def test_a_compressed_answer_is_kept_to_the_byte(server: Server, session: requests.Session) -> None:
    level_1 = gzip.compress(b'[{"id": "a/b"}]', compresslevel=1, mtime=7)
    answer = get(session, server.play("/models", Reply(level_1, headers=GZIP)))
    assert answer == Answer(f"{server.url}/models", 200, level_1, 15, None)


def test_a_plain_answer_is_compressed_the_same_way_each_time(
    server: Server, session: requests.Session
) -> None:
    url = server.play("/models", Reply(b'[{"id": "a/b"}]'))
    first, second = get(session, url), get(session, url)
    assert gzip.decompress(first.gzip_body) == b'[{"id": "a/b"}]'
    assert first == second
    assert first.body_bytes == 15


def test_the_server_learns_who_asks_and_that_we_take_gzip(server: Server, session: requests.Session) -> None:
    get(session, server.play("/models", Reply()))
    assert server.headers[0]["User-Agent"].startswith("cambrian-observatory/")
    assert server.headers[0]["Accept-Encoding"] == "gzip"
    assert "Authorization" not in server.headers[0]


def test_the_next_page_is_what_the_link_header_says(server: Server, session: requests.Session) -> None:
    link = '<https://hub.test/api/models?cursor=2>; rel="next", <https://hub.test/api/models>; rel="first"'
    answer = get(session, server.play("/models", Reply(headers={"Link": link})))
    assert answer.next_url == "https://hub.test/api/models?cursor=2"


def test_a_link_header_without_a_next_page_ends_the_list(server: Server, session: requests.Session) -> None:
    reply = Reply(headers={"Link": '<https://hub.test/api/models>; rel="first"'})
    assert get(session, server.play("/models", reply)).next_url is None


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_trouble_of_the_server_is_sat_out(
    status: int, server: Server, session: requests.Session
) -> None:
    url = server.play("/models", Reply(b"wait", status), Reply(b"wait", status), Reply(PACKED, headers=GZIP))
    assert get(session, url).gzip_body == PACKED
    assert len(server.asked) == 3


def test_a_broken_connection_is_tried_again(server: Server, session: requests.Session) -> None:
    url = server.play("/models", Reply(drops=True), Reply(drops=True), Reply(PACKED, headers=GZIP))
    assert get(session, url).gzip_body == PACKED
    assert len(server.asked) == 3


def test_a_quota_is_waited_for_as_long_as_the_server_says(
    server: Server, session: requests.Session, waits: list[float]
) -> None:
    get(session, server.play("/models", Reply(b"slow down", 429, {"Retry-After": "7"}), Reply()))
    assert waits == [7]


def test_a_server_cannot_park_us_for_hours(
    server: Server, session: requests.Session, waits: list[float]
) -> None:
    get(session, server.play("/models", Reply(b"slow down", 429, {"Retry-After": "21600"}), Reply()))
    assert waits == [http.LONGEST_WAIT_SECONDS]


def test_the_pauses_between_tries_grow(server: Server, session: requests.Session, waits: list[float]) -> None:
    with pytest.raises(TransientError):
        get(session, server.play("/models", Reply(b"trouble", 503)))
    assert waits == sorted(waits)
    assert waits[-1] >= 4


@pytest.mark.parametrize("status", [429, 503])
def test_a_lasting_trouble_is_an_error_that_says_what_to_do(
    status: int, server: Server, session: requests.Session
) -> None:
    with pytest.raises(
        TransientError, match=rf"{server.url}/models answered {status} .* run the same command"
    ):
        get(session, server.play("/models?cursor=secret", Reply(b"trouble", status)))


def test_a_lasting_trouble_is_tried_five_times_as_the_message_says(
    server: Server, session: requests.Session
) -> None:
    with pytest.raises(TransientError, match="five times"):
        get(session, server.play("/models", Reply(b"trouble", 503)))
    assert len(server.asked) == 5


def test_a_server_that_always_hangs_up_is_a_transient_error(
    server: Server, session: requests.Session
) -> None:
    with pytest.raises(TransientError, match=r"did not answer .* run the same command again"):
        get(session, server.play("/models", Reply(drops=True)))


def test_a_server_that_is_not_there_is_a_transient_error(server: Server, session: requests.Session) -> None:
    url = f"{server.url}/models"
    server.server_close()
    with pytest.raises(TransientError, match=f"{url} did not answer"):
        get(session, url)


def test_a_server_that_says_nothing_is_given_up(
    server: Server, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "READ_TIMEOUT_SECONDS", 0.02)
    with pytest.raises(TransientError, match="did not answer"):
        get(session, server.play("/models", Reply(drops=True, stalls=True)))


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "Asking again will not help"),
        (401, "check HF_TOKEN or GITHUB_TOKEN"),
        (403, "check the token's rights"),
        (404, "check the endpoint"),
        (410, "Asking again will not help"),
        (451, "Asking again will not help"),
    ],
)
def test_what_will_not_change_is_asked_once_and_said_plainly(
    status: int, advice: str, server: Server, session: requests.Session
) -> None:
    with pytest.raises(PermanentError, match=f"answered {status}.*{advice}"):
        get(session, server.play("/models", Reply(b"no", status)))
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
def test_no_message_shows_the_token_or_the_query(
    reply: Reply, server: Server, session: requests.Session
) -> None:
    url = server.play("/models?signature=sesame", reply)
    with pytest.raises(SourceError) as raised:
        get(session, url, token="hf_sesame")
    assert "sesame" not in str(raised.value)
    assert f"{server.url}/models" in str(raised.value)


def test_a_token_that_cannot_stand_in_a_header_is_not_shown(
    server: Server, session: requests.Session
) -> None:
    with pytest.raises(SourceError) as raised:
        get(session, server.play("/models", Reply()), token="hf_sesame\n")
    assert "hf_sesame" not in str(raised.value)


def test_a_redirect_that_cannot_be_followed_does_not_show_its_signature(
    server: Server, session: requests.Session
) -> None:
    url = server.play("/file", Reply(b"", 302, {"Location": "ftp://files.test/x?signature=sesame"}))
    with pytest.raises(PermanentError) as raised:
        get(session, url)
    assert "sesame" not in str(raised.value)


def test_no_traceback_shows_the_query(server: Server, session: requests.Session) -> None:
    with pytest.raises(TransientError) as raised:
        get(session, server.play("/models?signature=sesame", Reply(drops=True)))
    # What Dagster and a terminal show is the whole chain, without the lines of code that stand in this test.
    shown = [part for part in traceback.format_exception(raised.value) if not part.startswith("  File")]
    assert "sesame" not in "".join(shown)


def test_no_message_shows_a_password_in_the_address(server: Server, session: requests.Session) -> None:
    with pytest.raises(PermanentError) as raised:
        get(session, f"http://me:sesame@{server.host}/models")
    assert "sesame" not in str(raised.value)
    assert f"{server.host}/models" in str(raised.value)


def test_an_address_without_a_scheme_is_a_permanent_error(session: requests.Session) -> None:
    with pytest.raises(PermanentError, match=r"hub\.test/api/models"):
        get(session, "hub.test/api/models")


def test_redirects_without_end_are_a_permanent_error(server: Server, session: requests.Session) -> None:
    with pytest.raises(PermanentError, match=f"{server.url}/models cannot be asked"):
        get(session, server.play("/models", Reply(b"", 302, {"Location": "/models"})))


def test_the_token_is_sent_to_the_host_it_is_meant_for(server: Server, session: requests.Session) -> None:
    get(session, server.play("/models", Reply()), token="hf_sesame")
    assert server.headers[0]["Authorization"] == "Bearer hf_sesame"


def test_the_token_follows_a_redirect_on_the_same_host(server: Server, session: requests.Session) -> None:
    server.play("/new", Reply(PACKED, headers=GZIP))
    answer = get(session, server.play("/old", Reply(b"", 307, {"Location": "/new"})), token="hf_sesame")
    assert answer.gzip_body == PACKED
    assert server.headers[1]["Authorization"] == "Bearer hf_sesame"


def test_the_token_does_not_follow_a_redirect_to_another_host(
    server: Server, foreign_server: Server, session: requests.Session
) -> None:
    target = foreign_server.play("/file", Reply(PACKED, headers=GZIP))
    answer = get(session, server.play("/file", Reply(b"", 302, {"Location": target})), token="hf_sesame")
    assert answer.gzip_body == PACKED
    assert "Authorization" not in foreign_server.headers[0]


def test_a_token_is_not_kept_for_the_next_request(server: Server, session: requests.Session) -> None:
    url = server.play("/models", Reply())
    get(session, url, token="hf_sesame")
    get(session, url)
    assert "Authorization" not in server.headers[1]


def test_half_a_body_is_a_transient_error_that_says_how_much_came(
    server: Server, session: requests.Session
) -> None:
    with pytest.raises(TransientError, match="broke off after 6 of 100 bytes"):
        get(session, server.play("/models", Reply(b"[1, 2,", announced=100)))


def test_a_connection_that_breaks_within_a_chunk_is_a_transient_error(
    server: Server, session: requests.Session
) -> None:
    with pytest.raises(TransientError):
        get(session, server.play("/models", Reply(b"[1, 2,", chunked=True)))


def test_a_body_that_stops_flowing_is_a_transient_error(
    server: Server, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "READ_TIMEOUT_SECONDS", 0.05)
    with pytest.raises(TransientError):
        get(session, server.play("/models", Reply(b"[1, 2,", announced=100, stalls=True)))


@pytest.mark.parametrize("body", [b"junk", PACKED[:-4], PACKED[:12] + b"\xff\xff\xff" + PACKED[15:], b""])
def test_broken_gzip_is_a_payload_error(body: bytes, server: Server, session: requests.Session) -> None:
    with pytest.raises(PayloadError, match="gzip body"):
        get(session, server.play("/models", Reply(body, headers=GZIP)))


def test_a_body_that_is_too_large_is_refused(
    server: Server, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_COMPRESSED_BYTES", 1 << 20)
    url = server.play("/models", Reply(bytes((1 << 20) + 1)))
    with pytest.raises(PayloadError, match="more than 1 MB"):
        get(session, url)


def test_a_decompression_bomb_is_refused_before_it_unpacks(
    server: Server, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_BODY_BYTES", 1 << 20)
    bomb = gzip.compress(bytes(1 << 25))
    with pytest.raises(PayloadError, match="unpacks to more than 1 MB"):
        get(session, server.play("/models", Reply(bomb, headers=GZIP)))


def test_a_decompression_bomb_in_a_second_gzip_member_is_refused_too(
    server: Server, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_BODY_BYTES", 1 << 20)
    bomb = gzip.compress(b"[]") + gzip.compress(bytes(1 << 23))
    with pytest.raises(PayloadError, match="unpacks to more than 1 MB"):
        get(session, server.play("/models", Reply(bomb, headers=GZIP)))


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_the_size_that_is_noted_is_the_unpacked_one(
    size: int, server: Server, session: requests.Session
) -> None:
    packed = gzip.compress(bytes(size), compresslevel=1)
    assert get(session, server.play("/models", Reply(packed, headers=GZIP))).body_bytes == size


def test_another_encoding_than_gzip_is_not_taken_for_gzip(server: Server, session: requests.Session) -> None:
    deflated = zlib.compress(b"[]")
    answer = get(session, server.play("/models", Reply(deflated, headers={"Content-Encoding": "deflate"})))
    assert gzip.decompress(answer.gzip_body) == deflated
