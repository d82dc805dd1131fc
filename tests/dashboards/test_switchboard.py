"""What the switchboard is given: the rows of the cube in few bytes, its switches, presets and texts."""

import csv
from datetime import date
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards.data.common import ModelList
from dashboards.data.release import open_release
from dashboards.language import CODES, Language, catalogue
from dashboards.pages import switchboard
from pipelines.settings import REFERENCE_DIR
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import DAY, Rows, write_release

EN = Language("en")
WEIGHTS = {"models": 1.0, "derivatives": 0.5, "new_derivatives_30d": None, "downloads_30d": 10.0,
           "downloads_all_time": None, "likes": 3.0}  # fmt: skip


def cube_row(**changed: Any) -> dict[str, Any]:
    return {
        "universe": "generative_language", "is_variant": False, "dependence_class": "first_party",
        "origin": "meta", "uploader": "meta", **WEIGHTS, **changed,
    }  # fmt: skip


def unrolled(runs: list[int]) -> list[int]:
    pairs = zip(runs[::2], runs[1::2], strict=True)
    return list(chain.from_iterable(repeat(value, times) for value, times in pairs))


def test_columns_give_back_the_rows() -> None:
    rows = pl.DataFrame(
        [
            cube_row(universe="embedding", origin="unknown", uploader="unregistered", downloads_30d=0.125),
            cube_row(uploader="unregistered", dependence_class="derived"),
            cube_row(is_variant=True, likes=None),
        ],
        schema_overrides={"new_derivatives_30d": pl.Float64, "downloads_all_time": pl.Float64},
    )
    traits: dict[str, list[Any]] = {"meta": ["meta", "Meta", "US", "company", "giant", True]}
    found = switchboard.columns(rows, traits)
    assert [found["universes"][one] for one in unrolled(found["universe"])] == rows["universe"].to_list()
    assert unrolled(found["variant"]) == [0, 0, 1]
    assert [found["classes"][one] for one in unrolled(found["class"])] == rows["dependence_class"].to_list()
    assert found["organizations"] == [["meta", "Meta", "US", "company", "giant", 1], [], []]
    assert (found["origin"], found["uploader"]) == ([1, 0, 0], [2, 2, 0])
    assert found["weights"]["downloads_30d"] == [0.125, 10, 10]
    assert found["weights"]["likes"] == [3, 3, None]
    assert set(found["weights"]) == {"models", "derivatives", "downloads_30d", "likes"}


def test_what_the_register_does_not_know_is_unknown() -> None:
    traits: dict[str, list[Any]] = {"x": ["x", "X", None, "unknown", "unknown", None]}
    found = switchboard.columns(pl.DataFrame([cube_row(origin="x", uploader="x")]), traits)
    assert found["organizations"] == [["x", "X", None, None, None, None]]


def release_rows() -> Rows:
    day = {"snapshot_date": DAY, "scope": "a-list"}
    days = [date(2025, 10, 1), date(2025, 12, 1), DAY]
    return {
        "core.snapshots": [
            {"source": "huggingface_models", "snapshot_date": one, "scope": "a-list", "title": "a list",
             "is_model_list": True, "is_live": True} for one in days
        ],
        "marts.dependence_cube": [
            {"snapshot_date": one, "scope": "a-list", "month": one, "evidence": "curated",
             **cube_row()} for one in days
        ],
        "marts.published_headlines": [
            {"headline_id": "china-61", "country": "CN", "published_share": 0.614, "publisher": "ATOM: it",
             "published_date": DAY, "definition": "changed since", "counted_over": "all time to March 2026",
             "universe": "generative_language", "weight": "downloads_30d", "unit": unit,
             "is_published_unit": unit == "uploader", "variants": "out", "denominator": "country_and_us",
             "value": 0.6, "lower": 0.5, "upper": 0.7, "not_reproducible": "much", "status": "verified",
             "estimate_status": "ok", **day}
            for unit in ("origin", "uploader")
        ],
        "marts.dependence_shares": [
            {**day, "evidence": "curated", "universe": universe, "weight": "downloads_30d", "total": 10.0,
             "first_party_share": 1.0, "derived_share": 0.0, "independent_share": 0.0, "unknown_share": 0.0,
             "dependent_lower": 1.0, "dependent_upper": 1.0}
            for universe in ("all", "generative_language")
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def database(models: dict[str, SqlModel], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("board") / "release.duckdb"
    return write_release(path, models, release_rows())


def test_lists_are_the_last_of_each_month_and_each_has_a_shard(database: Path) -> None:
    with open_release(database) as release:
        made = switchboard.shards(release)
        start = switchboard.start_of(
            switchboard.dependence.board_lists(release), ModelList(DAY, "a-list", "a list")
        )
        assert start is not None
        settings = switchboard.widget(release, EN, start).settings
    names = ["cube-a-list-2025-12-22-curated", "cube-a-list-2025-10-01-curated"]
    assert [shard.name for shard in made] == names
    assert [f"{one['shard']}-curated" for one in settings["lists"]] == names
    assert settings["lists"][0]["totals"] == {"downloads_30d": {"all": 10.0, "generative_language": 10.0}}
    assert settings["lists"][0]["evidences"] == ["curated"]


def test_a_preset_sets_the_switches_as_the_published_share_was_counted(database: Path) -> None:
    with open_release(database) as release:
        start = switchboard.start_of(
            switchboard.dependence.board_lists(release), ModelList(DAY, "a-list", "a list")
        )
        assert start is not None
        presets = switchboard.widget(release, EN, start).settings["presets"]
    assert presets[0]["settings"] == {}
    assert presets[-1]["label"].replace("\xa0", " ") == "61.4 % China (ATOM)"
    assert presets[-1]["settings"] == {
        "list": 0, "universe": "generative_language", "weight": "downloads_30d", "unit": "uploader",
        "variants": "out", "breakdown": "country", "about": "CN", "among": "pair",
    }  # fmt: skip


def test_a_translation_is_used_only_of_the_text_that_stands_in_the_register() -> None:
    row = {"headline_id": "china-61", "counted_over": "all time to March 2026", "definition": "changed since"}
    assert switchboard.told(Language("zh"), row, "counted_over") == "截至 2026 年 3 月的累计"
    assert switchboard.told(Language("zh"), row, "definition") == "changed since"


def test_what_was_not_read_is_said_once(models: dict[str, SqlModel], tmp_path: Path) -> None:
    rows = release_rows()
    for row in rows["marts.published_headlines"]:
        row.update(definition="Part of all; which models was not read", counted_over="not read")
    with open_release(write_release(tmp_path / "release.duckdb", models, rows)) as release:
        ((_, reason),) = switchboard.reasons(release, EN)
    assert reason.count("not read") == 1


def test_what_the_register_says_of_published_shares_is_translated() -> None:
    with (REFERENCE_DIR / "published_headlines.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    english: dict[str, Any] = catalogue("en")["dependence"]["registered"]
    for row in rows:
        texts = english[row["headline_id"].replace("-", "_")]
        assert texts == {key: row[key] for key in switchboard.REGISTERED}
    assert len(english) == len(rows)


@pytest.mark.parametrize("code", CODES)
def test_every_choice_of_a_switch_has_its_words(code: str) -> None:
    t = Language(code)
    for control, choices in switchboard.RADIOS.items():
        table = "variants" if control == "variants" else f"{control}s"
        assert set(t.table(f"dependence.switchboard.script.{table}")) == set(choices)
    assert set(t.table("dependence.switchboard.script.of")) == set(switchboard.WEIGHTS)


def test_without_its_list_there_is_no_board(database: Path) -> None:
    with open_release(database) as release:
        lists = switchboard.dependence.board_lists(release)
        assert switchboard.start_of(lists, ModelList(DAY, "elsewhere", "another")) is None
