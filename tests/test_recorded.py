"""The shipped recording: it is whole, it is what its own index says, and composing gives it again."""

import gzip
import json
import os
import re
import zlib
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.recorded import compose

RECORDING = Path(compose.__file__).parent
REPOSITORY = RECORDING.parents[1]
SHARED_DATA = Path(os.environ.get("CAMBRIAN_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")
SNAPSHOT_KEYS = [
    "source", "day", "scope", "title", "is_whole_population", "date_uncertainty_days", "fields", "origin",
    "licence", "attribution",
]  # fmt: skip
MODEL_KEYS = {
    "_id", "id", "modelId", "author", "createdAt", "lastModified", "downloads", "likes", "gated", "private",
    "library_name", "pipeline_tag", "tags", "safetensors", "config", "sha", "usedStorage",
}  # fmt: skip
API_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
TYPED_EDGE = re.compile(r"base_model:(?:finetune|adapter|quantized|merge):(.+)")

needs_data = pytest.mark.skipif(
    not SHARED_DATA.is_dir(),
    reason=f"the data to compose from is not at {SHARED_DATA}; CAMBRIAN_SHARED_DATA can name it",
)


@cache
def index_lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (RECORDING / name).read_text().splitlines()]


def key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["source"], row["day"], row["scope"]


@cache
def exchanges() -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in index_lines("exchanges.jsonl"):
        found[key(row)].append(row)
    return dict(found)


def unpacked(exchange: dict[str, Any]) -> bytes:
    return gzip.decompress((RECORDING / exchange["body"]).read_bytes())


@cache
def models(scope: str) -> list[dict[str, Any]]:
    pages = [rows for where, rows in exchanges().items() if where[2] == scope]
    return [model for row in pages[0] for model in json.loads(unpacked(row))]


@cache
def series(source: str) -> list[dict[str, Any]]:
    bodies = [row for where, rows in exchanges().items() if where[0] == source for row in rows]
    return [json.loads(line) for row in bodies for line in unpacked(row).splitlines()]


def parents(model: dict[str, Any]) -> set[str]:
    """The bases that the model's tags name, typed or not."""
    tags = [tag for tag in model.get("tags", []) if tag.startswith("base_model:")]
    return {typed[1] if (typed := TYPED_EDGE.fullmatch(tag)) else tag[len("base_model:") :] for tag in tags}


MODEL_SCOPES = [
    row["scope"] for row in index_lines("snapshots.jsonl") if row["source"] == "huggingface_models"
]


def test_snapshots_and_exchanges_are_of_the_same_days_and_scopes() -> None:
    snapshots = [key(row) for row in index_lines("snapshots.jsonl")]
    assert len(set(snapshots)) == len(snapshots)
    assert list(exchanges()) == snapshots, "in the same order, none missing"


def test_a_snapshot_says_all_that_a_page_needs_to_know() -> None:
    for row in index_lines("snapshots.jsonl"):
        assert list(row) == SNAPSHOT_KEYS
        assert row["title"], row["scope"]
        assert row["fields"] == list(dict.fromkeys(row["fields"])), row["scope"]
        assert row["origin"].count("/") == 1, row["scope"]
        assert row["licence"], row["scope"]
        assert row["is_whole_population"] is False, row["scope"]
        assert 0 <= row["date_uncertainty_days"] <= 15, row["scope"]


def test_every_body_is_there_once_and_nothing_else_lies_beside_it() -> None:
    bodies = [row["body"] for row in index_lines("exchanges.jsonl")]
    packed = {path.relative_to(RECORDING).as_posix() for path in RECORDING.rglob("*.gz")}
    assert len(set(bodies)) == len(bodies)
    assert set(bodies) == packed


def test_bodies_are_packed_without_time_or_name_and_are_of_the_declared_form() -> None:
    for row in index_lines("exchanges.jsonl"):
        packed = (RECORDING / row["body"]).read_bytes()
        assert packed[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", row["body"]
        assert row["status"] == 200
        assert row["headers"]["Content-Encoding"] == "gzip"
        text = gzip.decompress(packed).decode()
        if row["headers"]["Content-Type"] == "application/x-ndjson":
            assert row["body"].endswith(".jsonl.gz")
            assert text.endswith("\n")
            assert all(isinstance(json.loads(line), dict) for line in text.splitlines()), row["body"]
        else:
            assert row["body"].endswith(".json.gz")
            assert 1 <= len(json.loads(text)) <= compose.MODELS_A_PAGE, row["body"]


@pytest.mark.parametrize("scope", MODEL_SCOPES)
def test_the_chain_of_links_leads_through_all_pages(scope: str) -> None:
    (rows,) = [rows for where, rows in exchanges().items() if where[2] == scope]
    links = [row["headers"].get("Link") for row in rows]
    assert rows[0]["url"] == compose.MODELS_URL
    assert links == [f'<{row["url"]}>; rel="next"' for row in rows[1:]] + [None]
    assert len({row["url"] for row in rows}) == len(rows)


def test_a_series_has_one_address_per_period() -> None:
    rows = [row for row in index_lines("exchanges.jsonl") if row["source"] != "huggingface_models"]
    for row in rows:
        period = Path(row["body"]).name.removesuffix(".jsonl.gz")
        assert row["url"] == f"recorded:///{row['source']}/{period}.jsonl"
        assert "Link" not in row["headers"]
        dates = [next(iter(json.loads(line).values())) for line in unpacked(row).splitlines()]
        assert dates == sorted(dates), row["body"]
        assert all(date.startswith(period) for date in dates), row["body"]


@pytest.mark.parametrize("scope", MODEL_SCOPES)
def test_models_are_in_the_form_of_the_api_and_have_only_what_was_asked_for(scope: str) -> None:
    (snapshot,) = [row for row in index_lines("snapshots.jsonl") if row["scope"] == scope]
    asked = {field.split(":")[0] for field in snapshot["fields"]}
    prefixes = tuple(f"{field[5:]}:" for field in snapshot["fields"] if field.startswith("tags:"))
    seen: set[str] = set()
    for model in models(scope):
        seen |= model.keys()
        assert None not in model.values(), model
        assert all(
            API_MOMENT.fullmatch(model[name]) for name in ("createdAt", "lastModified") if name in model
        )
        assert model.get("author", model["id"].split("/")[0]) == model["id"].split("/")[0]
        if prefixes:
            assert all(tag.startswith(prefixes) for tag in model.get("tags", [])), model
    assert seen == asked
    assert seen <= MODEL_KEYS


@pytest.mark.parametrize("scope", MODEL_SCOPES)
def test_models_come_once_and_in_order(scope: str) -> None:
    rows = models(scope)
    assert len({model["id"] for model in rows}) == len(rows)
    assert rows == sorted(rows, key=lambda model: (-model.get("downloads", -1), model["id"]))


@pytest.mark.parametrize("scope", MODEL_SCOPES)
def test_a_typed_edge_stands_there_bare_as_well(scope: str) -> None:
    for model in models(scope):
        typed = {match[1] for tag in model.get("tags", []) if (match := TYPED_EDGE.fullmatch(tag))}
        assert all(f"base_model:{base}" in model["tags"] for base in typed), model["id"]


def test_no_text_was_carried_over() -> None:
    for scope in MODEL_SCOPES:
        for model in models(scope):
            assert "siblings" not in model
            assert set(model.get("config", {})) <= set(compose.CONFIG_FACTS), model["id"]
            assert all(len(tag) < 200 and "\n" not in tag for tag in model.get("tags", [])), model["id"]


def test_the_recording_is_small() -> None:
    size = sum(path.stat().st_size for path in RECORDING.rglob("*") if path.suffix in {".gz", ".jsonl"})
    assert size <= 6_000_000


def test_it_has_enough_models_and_edges() -> None:
    ids = {model["id"] for scope in MODEL_SCOPES for model in models(scope)}
    edges = {
        (model["id"], base) for scope in MODEL_SCOPES for model in models(scope) for base in parents(model)
    }
    assert len(ids) >= 59_000
    assert sum(child != base for child, base in edges) >= 32_000


def test_it_has_the_daily_counters_of_276_models() -> None:
    rows = series("huggingface_counters")
    assert all(row.keys() == {"date", "id", "downloads", "likes"} for row in rows)
    assert len({row["id"] for row in rows}) == 276
    assert len({(row["date"], row["id"]) for row in rows}) == len(rows) == 111_873
    assert len({row["date"] for row in rows}) == 721


def test_it_has_the_stars_of_at_least_60_repositories() -> None:
    rows = series("github_stars")
    required = {"date", "full_name", "stargazers_count", "forks_count"}
    assert all(required <= row.keys() <= required | {"language"} for row in rows)
    assert len({row["full_name"] for row in rows}) >= 60
    assert len({(row["date"], row["full_name"]) for row in rows}) == len(rows)


def test_it_has_at_least_40_packages_once_a_month() -> None:
    rows = series("package_downloads")
    assert all(row.keys() == {"as_of", "package", "downloads_30d", "rank", "list_length"} for row in rows)
    assert len({row["package"] for row in rows}) >= 40
    months = {row["as_of"][:7] for row in rows}
    assert len({row["as_of"] for row in rows}) == len(months) == 97
    assert max(Counter((row["package"], row["as_of"][:7]) for row in rows).values()) == 1


def test_the_known_traps_are_still_in_it() -> None:
    """What is odd in the real data must reach the pipeline; a tidied recording would test nothing."""
    lineage = models("text-generation-lineage")
    assert sum(model["id"] in parents(model) for model in lineage) == 42
    assert sum(model["id"] in parents(model) for model in models("open-llm-leaderboard")) == 3_233
    assert any("tiny-random" in model["id"] for model in models("top-9715-by-downloads")[:1000])
    floor = [m for m in models("catalogue-of-7-organizations") if m["createdAt"].startswith("2022-03-02")]
    assert len(floor) == 616
    assert any(model["lastModified"] < model["createdAt"] for model in floor)
    assert sum("likes" not in model for model in models("llmfit-list")) == 1_726
    everywhere = {model["id"] for scope in MODEL_SCOPES for model in models(scope)}
    named = {base for scope in MODEL_SCOPES for model in models(scope) for base in parents(model)}
    assert "runwayml/stable-diffusion-v1-5" in named - everywhere


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compose.main(["--from", str(tmp_path / "nothing"), "--to", str(tmp_path / "out")]) == 1
    assert "models_2024-09-20.jsonl.gz is missing" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_unexpected_key_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = tmp_path / "huggingface" / "models_2024-09-20.jsonl.gz"
    name.parent.mkdir()
    row = {"id": "a/b", "author": "a", "downloads": 1, "lastModified": "2024-01-01T00:00:00Z", "tags": []}
    name.write_bytes(gzip.compress(f"{json.dumps(row)}\n{json.dumps(row | {'stars': 1})}\n".encode()))
    assert compose.main(["--from", str(tmp_path), "--to", str(tmp_path / "out")]) == 1
    assert "line 2: unexpected keys ['stars']" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"id": "a/b", "downloads": None}, "`downloads` is None, expected int"),
        ({"id": "a/b", "downloads": True}, "`downloads` is True, expected int"),
        ({"downloads": 1}, "`id` is None, expected str"),
        ([], "expected an object"),
    ],
)
def test_an_unexpected_value_is_named(row: object, complaint: str) -> None:
    with pytest.raises(compose.ComposeError, match=re.escape(complaint)):
        compose.check_object(row, {"id": (str,), "downloads": (int,)}, "file, line 1")


def test_unexpected_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / "table.csv.gz").write_bytes(gzip.compress(b"parent,kind\na,b\n"))
    with pytest.raises(compose.ComposeError, match=r"the columns are \['parent', 'kind'\]"):
        compose.read_table(tmp_path, "table.csv.gz", {"parent": pl.String})


def test_a_value_that_does_not_fit_its_column_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "table.csv.gz").write_bytes(gzip.compress(b"stars\nmany\n"))
    with pytest.raises(compose.ComposeError, match="does not fit"):
        compose.read_table(tmp_path, "table.csv.gz", {"stars": pl.Int64})


@pytest.mark.parametrize(
    ("moment", "stamp"),
    [
        ("2024-04-13", "2024-04-13T00:00:00.000Z"),
        ("2024-02-19T11:06:12Z", "2024-02-19T11:06:12.000Z"),
        ("2024-02-19T11:06:12.000Z", "2024-02-19T11:06:12.000Z"),
    ],
)
def test_moments_are_written_as_the_api_writes_them(moment: str, stamp: str) -> None:
    assert compose.stamp(moment) == stamp


@needs_data
def test_composing_again_gives_the_same_recording(tmp_path: Path) -> None:
    """To the byte where the same compressor is at work; other builds of zlib may pack otherwise."""
    assert compose.main(["--from", str(SHARED_DATA), "--to", str(tmp_path)]) == 0
    composed = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*") if path.is_file()}
    shipped = {row["body"] for row in index_lines("exchanges.jsonl")} | {"exchanges.jsonl", "snapshots.jsonl"}
    assert set(composed) == shipped
    is_plain_zlib = "ng" not in zlib.ZLIB_RUNTIME_VERSION
    for name, path in composed.items():
        ours, theirs = path.read_bytes(), (RECORDING / name).read_bytes()
        if is_plain_zlib or not name.endswith(".gz"):
            assert ours == theirs, name
        else:
            assert gzip.decompress(ours) == gzip.decompress(theirs), name
