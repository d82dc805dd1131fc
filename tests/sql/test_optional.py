"""The optional sources: shares of tokens, and ratings, with nothing guessed."""

import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.warehouse.load import LandedSnapshot, load_payloads
from pipelines.warehouse.models import SqlModel
from tests.sql.conftest import Warehouse
from tests.standins.optional import arena_parquet

TOKENS, SHARES = "raw.token_shares", "core.token_shares_daily"
RATED, RATINGS = "raw.arena_ratings", "core.arena_ratings"
FIRST, SECOND, TODAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)

Load = Callable[..., Warehouse]


@pytest.fixture
def load(warehouse: Warehouse, connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel]) -> Load:
    """Load files into a raw table by the real loader."""

    def loading(table: str, *files: Path, scope: str = "s", source: str | None = None) -> Warehouse:
        source = source or models[table].payload or ""
        landed = LandedSnapshot(source, TODAY, scope, "sha", lambda: list(files))
        load_payloads(connection, models[table], [landed])
        return warehouse.fill(table, connection.sql(f"select * from {table}").pl().to_dicts())

    return loading


def used(day: object, slug: object, tokens: object) -> dict[str, Any]:
    """A row as OpenRouter gives it."""
    return {"date": str(day), "model_permaslug": slug, "total_tokens": tokens}


def tokens(
    day: date, slug: str | None, count: str | None, position: int, landed: date = TODAY
) -> dict[str, Any]:
    """A row of raw.token_shares."""
    told = {"date": str(day), "model_permaslug": slug, "total_tokens": count}
    return {"snapshot_date": landed, "scope": "s", "position": position} | told


def test_a_recorded_day_of_tokens_becomes_shares(load: Load, tmp_path: Path) -> None:
    page = tmp_path / "page-00001.json.gz"
    rows = [used(FIRST, "a/x:free", "30"), used(FIRST, "b/y", 10), used(FIRST, "other", "60")]
    page.write_bytes(gzip.compress(json.dumps({"data": rows, "meta": {"version": "v1"}}).encode()))
    assert load(TOKENS, page).rows(SHARES) == [
        (FIRST, "a/x:free", 30, 0.3, False),
        (FIRST, "b/y", 10, 0.1, False),
        (FIRST, "other", 60, 0.6, True),
    ]


@pytest.mark.parametrize("data", [[], None, {"a": 1}, "x", [1, None, "x", [], {}]])
def test_tokens_of_another_form_give_no_rows(load: Load, tmp_path: Path, data: object) -> None:
    page = tmp_path / "page-00001.json.gz"
    page.write_bytes(gzip.compress(json.dumps({"data": data}).encode()))
    assert load(TOKENS, page).rows(SHARES) == []


def test_a_day_comes_whole_from_the_newest_landing(warehouse: Warehouse) -> None:
    rows = [
        tokens(FIRST, "a/x", "1", 1, SECOND),
        tokens(FIRST, "gone/z", "9", 2, SECOND),
        tokens(FIRST, "a/x", "2", 1),
        tokens(FIRST, "b/y", "6", 2),
    ]
    assert warehouse.fill(TOKENS, rows).rows(SHARES, "model_slug", "tokens", "share_of_day") == [
        ("a/x", 2, 0.25),
        ("b/y", 6, 0.75),
    ]


def test_a_day_that_is_not_over_is_not_shown(warehouse: Warehouse) -> None:
    rows = [tokens(SECOND, "a/x", "1", 1), tokens(TODAY, "a/x", "1", 2)]
    rows.append(tokens(date(2026, 12, 1), "a/x", "1", 3))
    assert warehouse.fill(TOKENS, rows).rows(SHARES, "date") == [(SECOND,)]


@pytest.mark.parametrize("wrong", [None, "-1", "many", "1.5", "1e9", "99999999999999999", ""])
def test_one_broken_count_leaves_the_others_without_share(warehouse: Warehouse, wrong: str | None) -> None:
    rows = [tokens(FIRST, "a/x", "3", 1), tokens(FIRST, "b/y", wrong, 2), tokens(SECOND, "a/x", "5", 3)]
    assert warehouse.fill(TOKENS, rows).rows(SHARES, "date", "tokens", "share_of_day") == [
        (FIRST, 3, None),
        (SECOND, 5, 1.0),
    ]


@pytest.mark.parametrize("nobody", [None, "", " "])
def test_tokens_of_nobody_are_not_shown_and_spoil_the_shares(
    warehouse: Warehouse, nobody: str | None
) -> None:
    rows = [tokens(FIRST, "a/x", "3", 1), tokens(FIRST, nobody, "5", 2)]
    assert warehouse.fill(TOKENS, rows).rows(SHARES, "model_slug", "share_of_day") == [("a/x", None)]


def test_a_model_told_twice_counts_once_if_both_agree(warehouse: Warehouse) -> None:
    rows = [tokens(FIRST, "a/x", "3", 1), tokens(FIRST, "a/x", "3", 2), tokens(FIRST, "b/y", "1", 3)]
    assert warehouse.fill(TOKENS, rows).rows(SHARES, "model_slug", "share_of_day") == [
        ("a/x", 0.75),
        ("b/y", 0.25),
    ]


def test_a_model_told_twice_with_two_counts_is_not_shown(warehouse: Warehouse) -> None:
    rows = [tokens(FIRST, "a/x", "3", 1), tokens(FIRST, "a/x", "4", 2), tokens(FIRST, "b/y", "1", 3)]
    columns = ("model_slug", "tokens", "share_of_day")
    assert warehouse.fill(TOKENS, rows).rows(SHARES, *columns) == [("b/y", 1, None)]


def test_a_day_without_any_token_has_no_shares(warehouse: Warehouse) -> None:
    warehouse.fill(TOKENS, [tokens(FIRST, "a/x", "0", 1)])
    assert warehouse.rows(SHARES, "tokens", "share_of_day") == [(0, None)]


def rated(position: int = 1, **given: Any) -> dict[str, Any]:
    """A row of raw.arena_ratings."""
    row = {"snapshot_date": TODAY, "scope": "text", "position": position, "category": "overall"}
    row |= {"leaderboard_publish_date": "2026-11-20", "model_name": "m", "rating": "1400.5"}
    return row | {"rating_lower": "1390.0", "rating_upper": "1410.0", "vote_count": "12000"} | given


def test_a_landed_file_becomes_ratings(load: Load, tmp_path: Path) -> None:
    whole = {"model_name": "m", "organization": "o", "license": "l", "rating": 1400.5, "vote_count": 12000}
    rows = [
        whole | {"rating_lower": 1390.0, "rating_upper": 1410.0},
        {"model_name": "n", "rating": 1200.0, "category": "coding"},
        {"model_name": "no rating"},
        {"model_name": "not a number", "rating": float("nan")},
        {"model_name": "endless", "rating": float("inf")},
    ]
    path = arena_parquet(tmp_path / "page-00001.parquet", rows)
    assert load(RATED, path, scope="text").rows(RATINGS) == [
        (FIRST, "text/coding", "n", 1200.0, None, None, None, None, None),
        (FIRST, "text/overall", "m", 1400.5, 1390.0, 1410.0, 12000, "o", "l"),
    ]


def test_a_file_with_few_and_other_columns_gives_what_it_has(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "page-00001.parquet"
    frame = {"model_name": ["m"], "rating": ["1400"], "vote_count": [12000.0], "style": [True]}
    pl.DataFrame(frame).write_parquet(path)
    assert load(RATED, path, scope="vision").rows(RATINGS) == [
        (TODAY, "vision", "m", 1400.0, None, None, 12000, None, None)
    ]


def test_a_file_of_other_columns_gives_no_ratings(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "page-00001.parquet"
    pl.DataFrame({"Model": ["m"], "Arena Score": [1]}).write_parquet(path)
    assert load(RATED, path).rows(RATINGS) == []


def test_dates_may_come_as_dates_and_moments(load: Load, tmp_path: Path) -> None:
    for number, kind in enumerate((pl.Date, pl.Datetime), 1):
        frame = {"model_name": [f"m{number}"], "rating": [1.0], "leaderboard_publish_date": [FIRST]}
        dated = pl.DataFrame(frame).with_columns(pl.col("leaderboard_publish_date").cast(kind))
        dated.write_parquet(tmp_path / f"page-0000{number}.parquet")
        warehouse = load(RATED, tmp_path / f"page-0000{number}.parquet", scope=f"b{number}")
        assert warehouse.rows(RATINGS, "as_of_date") == [(FIRST,)]


@pytest.mark.parametrize(
    ("lower", "upper"),
    [("1401", "1410"), ("1390", "1400"), (None, "1410"), ("1390", None), ("x", "1410"), ("-inf", "inf")],
)
def test_an_interval_that_does_not_hold_its_rating_is_none(
    warehouse: Warehouse, lower: str | None, upper: str | None
) -> None:
    warehouse.fill(RATED, [rated(rating_lower=lower, rating_upper=upper)])
    assert warehouse.rows(RATINGS, "rating", "lower", "upper") == [(1400.5, None, None)]


@pytest.mark.parametrize("wrong", [None, "", "high", "NaN", "Infinity", "1e300"])
def test_without_a_rating_there_is_no_row(warehouse: Warehouse, wrong: str | None) -> None:
    assert warehouse.fill(RATED, [rated(rating=wrong)]).rows(RATINGS) == []


@pytest.mark.parametrize(
    ("given", "votes"),
    [("12000.0", 12000), ("0", 0), ("-1", None), ("0.5", None), ("many", None), ("NaN", None), (None, None)],
)
def test_votes_are_counts_or_nothing(warehouse: Warehouse, given: str | None, votes: int | None) -> None:
    assert warehouse.fill(RATED, [rated(vote_count=given)]).rows(RATINGS, "votes") == [(votes,)]


@pytest.mark.parametrize("no_day", [None, "", "soon", "2026-12-24", "2026-02-30"])
def test_without_a_day_ratings_are_of_the_day_of_landing(warehouse: Warehouse, no_day: str | None) -> None:
    warehouse.fill(RATED, [rated(leaderboard_publish_date=no_day)])
    assert warehouse.rows(RATINGS, "as_of_date") == [(TODAY,)]


def test_the_newest_landing_of_a_day_counts(warehouse: Warehouse) -> None:
    rows = [rated(rating="1395", snapshot_date=SECOND), rated(rating="1405"), rated(2, rating="1406")]
    assert warehouse.fill(RATED, rows).rows(RATINGS, "rating") == [(1405.0,)]


def test_boards_and_categories_are_kept_apart(warehouse: Warehouse) -> None:
    rows = [rated(), rated(scope="text_style_control"), rated(2, category="coding"), rated(3, category=" ")]
    assert warehouse.fill(RATED, rows).rows(RATINGS, "board") == [
        ("text",),
        ("text/coding",),
        ("text/overall",),
        ("text_style_control/overall",),
    ]


def test_a_hostile_name_is_only_a_name(warehouse: Warehouse) -> None:
    name = "<script>\"'🦕" + "x" * 300
    assert warehouse.fill(RATED, [rated(model_name=name), rated(2, model_name="")]).rows(
        RATINGS, "model_name"
    ) == [(name,)]


def test_recorded_ratings_of_other_dates_stand_beside_landed_ones(load: Load, tmp_path: Path) -> None:
    rows = [
        {"leaderboard_publish_date": "2024-05-01", "model_name": "m", "rating": 1200.123456789012},
        {"leaderboard_publish_date": "2024-05-01", "model_name": "n", "rating": None},
        {"leaderboard_publish_date": "2024-06-01", "model_name": "m", "rating": 1201},
    ]
    page = tmp_path / "2024.jsonl.gz"
    page.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    assert load(RATED, page, scope="history", source="arena_history").rows(RATINGS) == [
        (date(2024, 5, 1), "history", "m", 1200.123456789012, None, None, None, None, None),
        (date(2024, 6, 1), "history", "m", 1201.0, None, None, None, None, None),
    ]
