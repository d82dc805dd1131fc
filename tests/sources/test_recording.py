"""A recording takes the network's place: the same session, the same code, the answers of back then."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.sources.errors import PayloadError, PermanentError
from pipelines.sources.http import Client
from pipelines.sources.recording import Recording
from tests.sources.recordings import MODELS_URL, write_recording

PAGES = [[{"id": "a/1"}], [{"id": "a/2"}], [{"id": "a/3"}]]


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return write_recording(tmp_path / "recording", PAGES)


@pytest.fixture
def replay(recording: Recording) -> Iterator[Client]:
    adapter = recording.session_adapter(recording.snapshots[0])
    with Client({"https://huggingface.co": adapter}) as client:
        yield client


def ids(gzip_body: bytes) -> list[str]:
    return [row["id"] for row in json.loads(gzip.decompress(gzip_body))]


def test_a_page_is_answered_with_the_bytes_and_the_next_page_of_back_then(
    recording: Recording, replay: Client
) -> None:
    answer = replay.get(MODELS_URL)
    recorded = recording.exchanges(recording.snapshots[0])[0]
    assert answer.gzip_body == (recording.root / recorded["body"]).read_bytes()
    assert answer.next_url == f"{MODELS_URL}?cursor=p2"
    assert answer.status == 200


@pytest.mark.parametrize("query", ["", "?limit=10", "?sort=downloads&expand=tags&expand=likes", "?cursor="])
def test_which_fields_are_asked_for_does_not_change_which_page_it_is(query: str, replay: Client) -> None:
    assert ids(replay.get(MODELS_URL + query).gzip_body) == ["a/1"]


@pytest.mark.parametrize("query", ["?cursor=p3", "?limit=1000&cursor=p3&expand=tags"])
def test_the_cursor_decides(query: str, replay: Client) -> None:
    answer = replay.get(MODELS_URL + query)
    assert ids(answer.gzip_body) == ["a/3"]
    assert answer.next_url is None


@pytest.mark.parametrize("path", ["?cursor=p9", "/a/1", "-of-another-kind"])
def test_what_was_not_recorded_is_not_found(path: str, replay: Client) -> None:
    with pytest.raises(PermanentError, match="answered 404"):
        replay.get(MODELS_URL + path)


def test_a_recording_can_be_asked_twice(replay: Client) -> None:
    assert replay.get(MODELS_URL) == replay.get(MODELS_URL)


def test_a_recorded_failure_fails_again(recording: Recording) -> None:
    rows = (recording.root / "exchanges.jsonl").read_text().replace('"status": 200', '"status": 451')
    (recording.root / "exchanges.jsonl").write_text(rows)
    adapter = Recording(recording.root).session_adapter(recording.snapshots[0])
    with (
        Client({"https://huggingface.co": adapter}) as client,
        pytest.raises(PermanentError, match="451"),
    ):
        client.get(MODELS_URL)


def test_a_snapshot_that_is_not_in_the_recording_has_no_answers(recording: Recording, tmp_path: Path) -> None:
    other = write_recording(tmp_path / "other", PAGES, scope="another")
    assert recording.exchanges(other.snapshots[0]) == []


@pytest.mark.parametrize("name", ["snapshots.jsonl", "exchanges.jsonl"])
def test_a_folder_without_its_index_is_no_recording(name: str, recording: Recording) -> None:
    (recording.root / name).unlink()
    with pytest.raises(PayloadError, match=f"is no recording: {name} is missing"):
        Recording(recording.root)


def test_an_index_that_is_no_json_lines_is_named(recording: Recording) -> None:
    (recording.root / "exchanges.jsonl").write_text('{"source": ')
    with pytest.raises(PayloadError, match=r"exchanges\.jsonl is not JSON lines"):
        Recording(recording.root)
