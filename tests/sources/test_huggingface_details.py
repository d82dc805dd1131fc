"""Models by id and accounts by name: one page each, refusals as answers, at most so many a day."""

import gzip
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.sources.errors import PastDayError, PermanentError, QuotaError, SourceError, TransientError
from pipelines.sources.http import Client, token_name
from pipelines.sources.huggingface_details import (
    DETAILS_SOURCE,
    FIELDS,
    MAX_ANSWER_BYTES,
    MOST_ACCOUNTS_A_DAY,
    MOST_MODELS_A_DAY,
    land_details,
    land_overviews,
)
from pipelines.sources.payloads import Manifest, PayloadStore
from tests.sources.conftest import Reply, Server
from tests.standins.faults import Fault
from tests.standins.hub import TOKEN, Hub

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)
MODELS: list[dict[str, Any]] = [
    {"id": "a/there", "gated": False, "private": False, "downloads": 7, "siblings": ["a file"] * 99},
    {"id": "b/new", "gated": "auto", "downloads": 1},
    {"id": "c/hidden", "downloads": 1},
    {"id": "gpt2", "downloads": 5},
]


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A Hub with a renamed model, a hidden one, and an organization."""
    overviews = {"acme": {"name": "acme", "fullname": "Acme <b>Corp</b>", "isVerified": True}}
    with Hub(MODELS, renamed={"a/old": "b/new"}, private=("c/hidden",), organizations=overviews) as running:
        yield running


def details(client: Client, hub: Hub, ids: list[str], store: PayloadStore, **given: Any) -> Manifest:
    return land_details(client, hub.url, ids, store, **({"day": TODAY, "today": TODAY} | given))


def landed(manifest: Manifest) -> list[tuple[str, int]]:
    return [(page.subject, page.status) for page in manifest.pages]


def body(store: PayloadStore, manifest: Manifest, place: int = 0) -> Any:
    path = store.folder(manifest.snapshot) / manifest.pages[place].file
    return json.loads(gzip.decompress(path.read_bytes()))


def test_a_model_lands_under_the_id_that_was_asked_with_the_fields_that_are_needed(
    client: Client, hub: Hub, store: PayloadStore
) -> None:
    manifest = details(client, hub, ["a/there"], store)
    assert landed(manifest) == [("a/there", 200)]
    assert body(store, manifest) == {"id": "a/there", "gated": False, "private": False, "downloads": 7}
    assert hub.requests[0].query == {"expand": list(FIELDS)}
    assert manifest.is_complete
    assert manifest.snapshot.subjects == 1


def test_a_renamed_model_answers_under_its_new_id(client: Client, hub: Hub, store: PayloadStore) -> None:
    manifest = details(client, hub, ["a/old"], store)
    assert landed(manifest) == [("a/old", 200)]
    assert body(store, manifest)["id"] == "b/new"
    assert manifest.pages[0].final_url == f"{hub.url}/api/models/b/new"


def test_refusals_are_answers(client: Client, hub: Hub, store: PayloadStore) -> None:
    manifest = details(client, hub, ["x/gone", "c/hidden", "gpt2"], store)
    assert landed(manifest) == [("x/gone", 404), ("c/hidden", 401), ("gpt2", 200)]
    assert manifest.is_complete


@pytest.mark.parametrize("status", [403, 410, 451])
def test_so_are_rarer_ones(client: Client, server: Server, store: PayloadStore, status: int) -> None:
    for name in ("a", "b"):
        server.play(f"/api/organizations/{name}/overview", Reply(b"{}", status))
    manifest = land_overviews(client, server.url, ["a", "b"], store, day=TODAY, today=TODAY)
    assert landed(manifest) == [("a", status), ("b", status)]


def test_with_a_token_a_hidden_model_is_an_answer_and_named_after_the_token(
    client: Client, hub: Hub, store: PayloadStore
) -> None:
    manifest = details(client, hub, ["c/hidden"], store, token=TOKEN)
    assert landed(manifest) == [("c/hidden", 404)]
    assert manifest.pages[0].asked_as == token_name(TOKEN)


def test_a_refused_token_is_not_taken_for_the_absence_of_every_model(
    client: Client, hub: Hub, store: PayloadStore
) -> None:
    with pytest.raises(PermanentError, match="HF_TOKEN") as raised:
        details(client, hub, ["a/there", "gpt2"], store, token="hf_wrong")
    assert "hf_wrong" not in str(raised.value)
    assert len(hub.requests) == 1
    assert store.manifests(DETAILS_SOURCE, incomplete=True) == []


@pytest.mark.parametrize("code", ["RepoNotFound", "GatedRepo"])
def test_a_refusal_that_names_the_repository_is_one_of_the_model(
    client: Client, server: Server, store: PayloadStore, code: str
) -> None:
    server.play("/api/organizations/a/overview", Reply(b"{}", 401, {"X-Error-Code": code}))
    manifest = land_overviews(client, server.url, ["a"], store, day=TODAY, today=TODAY, token="hf_x")
    assert landed(manifest) == [("a", 401)]


@pytest.mark.parametrize(
    "name",
    ["", "../../datasets", "a/../b", "a/b?expand=x", "a/b#c", "a/b/c", "a b", "a/ü", "a/🦕", "/a", "a/", ".",
     "..", "-a/b", "a/b--c", "a/" + "x" * 97, "<script>", "https://evil.test/a", "a/b\n"],
)  # fmt: skip
def test_what_is_no_id_is_not_asked(client: Client, hub: Hub, store: PayloadStore, name: str) -> None:
    details(client, hub, [name], store)
    assert land_overviews(client, hub.url, [name], store, day=TODAY, today=TODAY).pages == []
    assert hub.requests == []


def test_with_nothing_to_ask_nothing_is_landed(client: Client, hub: Hub, store: PayloadStore) -> None:
    assert details(client, hub, [], store).pages == []
    assert not store.root.exists()


def test_a_run_that_was_cut_off_goes_on_and_asks_nothing_twice(
    client: Client, hub: Hub, store: PayloadStore
) -> None:
    hub.faults.append(Fault("reset", after=1, times=1000))
    with pytest.raises(TransientError):
        details(client, hub, ["a/there", "b/new", "gpt2", "x/gone"], store)
    (cut,) = store.manifests(DETAILS_SOURCE, incomplete=True)
    assert (landed(cut), cut.is_complete, cut.snapshot.subjects) == ([("a/there", 200)], False, 4)
    hub.faults.clear()
    hub.requests.clear()
    manifest = details(client, hub, ["b/new", "a/there", "gpt2"], store)
    assert landed(manifest) == [("a/there", 200), ("b/new", 200), ("gpt2", 200)]
    assert [request.path for request in hub.requests] == ["/api/models/b/new", "/api/models/gpt2"]
    assert store.manifest(manifest.snapshot).snapshot.subjects == 3


def test_a_complete_day_is_left_alone(client: Client, hub: Hub, store: PayloadStore) -> None:
    details(client, hub, ["a/there"], store)
    assert landed(details(client, hub, ["gpt2"], store, today=TOMORROW)) == [("a/there", 200)]
    assert len(hub.requests) == 1


def test_a_past_day_is_refused(client: Client, hub: Hub, store: PayloadStore) -> None:
    with pytest.raises(PastDayError, match="only of today"):
        details(client, hub, ["a/there"], store, today=TOMORROW)
    assert hub.requests == []


def test_no_more_are_asked_than_a_day_allows_whatever_was_landed_before(
    client: Client, hub: Hub, store: PayloadStore
) -> None:
    hub.faults.append(Fault("429-ratelimit", after=10, times=1, value=3600))
    with pytest.raises(QuotaError):
        details(client, hub, [f"x/{n}" for n in range(20)], store)
    with Client() as later:
        manifest = details(later, hub, [f"y/{n}" for n in range(600)], store)
    assert len(manifest.pages) == MOST_MODELS_A_DAY
    assert landed(manifest)[9:11] == [("x/9", 404), ("y/0", 404)]


def test_one_id_that_upsets_the_server_does_not_keep_the_others_away(
    client: Client, hub: Hub, store: PayloadStore
) -> None:
    hub.faults.append(Fault("500", path_prefix="/api/models/b/new", times=1000))
    with pytest.raises(SourceError, match=r"no answer about b/new; 2 others are landed\. Run the same"):
        details(client, hub, ["a/there", "b/new", "gpt2"], store)
    (manifest,) = store.manifests(DETAILS_SOURCE, incomplete=True)
    assert (landed(manifest), manifest.is_complete) == ([("a/there", 200), ("gpt2", 200)], False)


def test_a_server_in_trouble_is_left_in_peace_after_three(
    client: Client, hub: Hub, store: PayloadStore
) -> None:
    hub.faults.append(Fault("html", times=10_000))
    with pytest.raises(SourceError, match="not whole JSON"):
        details(client, hub, [f"x/{n}" for n in range(20)], store)
    assert {request.path for request in hub.requests} == {f"/api/models/x/{n}" for n in range(3)}


def test_an_answer_of_many_megabytes_is_refused(client: Client, server: Server, store: PayloadStore) -> None:
    huge = b'{"name": "' + b"x" * MAX_ANSWER_BYTES + b'"}'
    server.play("/api/organizations/a/overview", Reply(huge))
    with pytest.raises(SourceError, match="no answer about a; 0 others"):
        land_overviews(client, server.url, ["a"], store, day=TODAY, today=TODAY)


def test_an_organization_has_an_overview_and_a_user_none(
    client: Client, hub: Hub, store: PayloadStore
) -> None:
    names = ["acme", "somebody", "acme/model"]
    manifest = land_overviews(client, hub.url, names, store, day=TODAY, today=TODAY)
    assert landed(manifest) == [("acme", 200), ("somebody", 404)]
    assert body(store, manifest) == {"name": "acme", "fullname": "Acme <b>Corp</b>", "isVerified": True}
    assert manifest.snapshot.key == "huggingface_organizations/2026-11-23/unregistered-accounts"


def test_accounts_have_their_own_limit(client: Client, hub: Hub, store: PayloadStore) -> None:
    names = [f"user{n}" for n in range(300)]
    manifest = land_overviews(client, hub.url, names, store, day=TODAY, today=TODAY)
    assert len(manifest.pages) == MOST_ACCOUNTS_A_DAY
