"""The page of models: what stands on it without scripts, and the parts that the script loads."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards.build import build_site
from dashboards.data import models as data
from dashboards.data.common import ModelList
from dashboards.data.release import open_release
from dashboards.language import Language
from dashboards.pages import models as page
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import DAY, HOSTILE, Rows, write_release

EN, ZH = Language("en"), Language("zh")
LIST = ModelList(DAY, "a-list", "a made-up list")


def listed(names: tuple[str, ...], parents: dict[str, list[str]] | None = None) -> Rows:
    """Make a list of models, the first the most downloaded, and who descends from whom."""
    above = parents or {}
    everybody = dict.fromkeys([*names, *above, *(one for some in above.values() for one in some)])
    return {
        "core.snapshots": [
            {"source": "huggingface_models", "snapshot_date": DAY, "scope": "a-list", "title": LIST.title,
             "is_model_list": True, "is_live": True, "is_complete": True, "is_whole_population": False},
            {"source": "huggingface_models", "snapshot_date": DAY, "scope": "a-window", "title": "a window",
             "is_model_list": True, "is_live": True, "is_complete": True, "selection": "window"},
        ],
        "marts.coverage": [
            {"source": "huggingface_models", "scope": scope, "title": scope, "is_model_list": True,
             "newest_date": DAY, "subjects": len(names), "rows": len(names), "with_parent_pct": 40.0}
            for scope in ("a-list", "a-window", "an-empty-list")
        ],
        "core.snapshot_groups": [
            {"snapshot_date": DAY, "scope": "a-list", "dependence_class": "derived", "models": len(names)}
        ],
        "core.organizations": [{"organization_id": "o", "name": names[0]}],
        "core.model_snapshots": [
            {"snapshot_date": DAY, "scope": scope, "model_id": name, "uploader_id": "o" if place else None,
             "universe": "generative_language", "is_first_party": None if place else True,
             "downloads_30d": None if name == names[-1] else 1000 - place, "likes": place}
            for scope in ("a-list", "a-window") for place, name in enumerate(names)
        ],
        "core.models": [
            {"model_id": name, "pipeline_tag": names[0], "license": names[0], "family": names[0],
             "created_at": datetime(2024, 5, 1, tzinfo=UTC), "is_named_only": name not in names}
            for name in everybody
        ],
        "core.model_roots": [
            {"model_id": name, "evidence": "curated", "root_id": above.get(name, [name])[0],
             "parents": len(above.get(name, [])), "upstream_class": "unknown", "origin_basis": "none"}
            for name in everybody
        ],
        "core.ancestry": [
            {"model_id": name, "evidence": "curated", "organization_id": "unknown", "origin_share": 1.0}
            for name in names
        ],
        "core.lineage": [
            {"child_id": child, "parent_id": parent, "relation": "merge", "evidence": evidence,
             "is_superseded": False}
            for child, some in above.items() for parent in some for evidence in ("declared", "inferred")
        ],
    }  # fmt: skip


def test_lists_are_pictures_of_a_population_that_have_models(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    with open_release(write_release(tmp_path / "r.duckdb", models, listed(("a/b", "c/d")))) as release:
        assert data.lists(release)["scope"].to_list() == ["a-list"]
        rows = data.rows(release, LIST)
        assert rows["model_id"].to_list() == ["a/b", "c/d"]
        assert rows["dependence_class"].to_list() == ["first_party", "unknown"]
        assert rows["part"].to_list() == [0, 0]


def test_a_line_goes_up_to_the_roots_without_what_is_inferred(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    above = {"a/child": ["b/father", "c/mother"], "b/father": ["d/root"], "e/stranger": ["d/root"]}
    rows = listed(("a/child", "x/lonely"), above)
    with open_release(write_release(tmp_path / "r.duckdb", models, rows)) as release:
        edges, nodes = data.edges(release, LIST), data.nodes(release, LIST)
        value = page.lineage_value(edges, nodes)
        shards = page.list_shards(release, LIST, 3)
    told = [(value["ids"][child], value["ids"][parent]) for child, parent, *_ in value["edges"]]
    assert sorted(told) == [("a/child", "b/father"), ("a/child", "c/mother"), ("b/father", "d/root")]
    assert {value["evidence"][why] for *_, why in value["edges"]} == {"declared"}
    assert [value["ids"][place] for place in value["named_only"]] == ["b/father", "c/mother", "d/root"]
    assert [shard.name for shard in shards] == ["models-3-0", "models-3-0-lineage"]
    assert shards[0].value["parents"] == [2, 0]


def test_parts_say_each_name_once_and_keep_what_is_not_known() -> None:
    assert page.numbered(["x", None, "x", "", "y"]) == {"names": ["x", "y"], "rows": [0, -1, 0, -1, 1]}
    rows = pl.DataFrame(
        {
            "place": [0, 1], "part": [0, 0], "model_id": ["a/b", "c/d"], "organization": ["A", None],
            "downloads_30d": [10, None], "likes": [None, 2], "task": ["t", "t"], "universe": ["u", "u"],
            "dependence_class": ["derived", "unknown"], "base_model_id": ["a/b", "a/b"], "parents": [0, 1],
            "origin_basis": ["none", None], "family": [None, None], "license": ["mit", "mit"],
            "created_date": [date(2024, 5, 1), None],
        }
    )  # fmt: skip
    value = page.rows_value(rows, {0: [("A", 0.5), ("B", 0.5)]})
    assert value["ids"] == ["a/b", "c/d"]
    assert value["base"] == {"names": ["a/b"], "rows": [-1, 0]}
    assert value["origins"] == {"names": [(("A", 0.5), ("B", 0.5))], "rows": [0, -1]}
    assert value["created"] == ["2024-05-01", None]
    assert value["license"] == {"names": ["mit"], "rows": [0, 0]}


@pytest.mark.parametrize(
    ("place", "part"), [(0, 0), (999, 0), (1_000, 1), (4_999, 1), (5_000, 2), (49_999, 13)]
)
def test_parts_are_a_small_one_first_and_then_larger_ones(place: int, part: int) -> None:
    expected = 0 if place < data.FIRST_PART else 1 + (place - data.FIRST_PART) // data.FURTHER_PART
    assert expected == part


@pytest.mark.parametrize("t", [EN, ZH])
def test_the_page_says_what_is_in_the_list(models: dict[str, SqlModel], tmp_path: Path, t: Language) -> None:
    path = write_release(tmp_path / "r.duckdb", models, listed(("a/b", "c/d"), {"c/d": ["a/b"]}))
    with open_release(path) as release:
        built = page.build(release, t)
    table = built.sections[0].widgets[0].values["table"]
    assert [row[0].text for row in table.rows] == ["a/b", "c/d"]
    assert table.rows[0][0].link == "https://huggingface.co/a/b"
    assert [row[7].text for row in table.rows] == [t("models.script.no_base"), "a/b"], "unknown is no scratch"
    assert "a/b" in built.answer[0]
    settings = built.sections[0].widgets[0].settings
    assert [one["models"] for one in settings["lists"]] == [2]
    assert settings["lists"][0]["parts"] == 1


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_list_of_the_whole_hub_is_not_said_to_be_a_part(
    is_whole: bool, models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows = listed(("a/b", "c/d"))
    rows["marts.coverage"][0]["is_whole_population"] = is_whole
    with open_release(write_release(tmp_path / "r.duckdb", models, rows)) as release:
        limits = page.build(release, EN).limits
    assert limits[0].startswith(
        "The list is of the whole Hub" if is_whole else "The list is a part of the Hub"
    )


@pytest.mark.parametrize("t", [EN, ZH])
def test_without_a_list_the_page_says_so(empty_release: Path, t: Language) -> None:
    with open_release(empty_release) as release:
        built = page.build(release, t)
    assert built.answer == [t("models.answer.none")]
    assert built.sections == []


def test_hostile_names_are_text_in_page_and_parts(models: dict[str, SqlModel], tmp_path: Path) -> None:
    rows = listed(HOSTILE, {HOSTILE[0]: [HOSTILE[1]]})
    build_site(write_release(tmp_path / "r.duckdb", models, rows), tmp_path / "site", only=["models"])
    html = (tmp_path / "site" / "models.html").read_text(encoding="utf-8")
    assert "<img src=x" not in html
    assert "alert(2)</script>" not in html
    assert "%3Cimg%20src%3Dx" in html, "the address of a model is quoted"
    for name in ("models-0-0", "models-0-0-lineage"):
        text = (tmp_path / "site" / "data" / f"{name}.js").read_text(encoding="utf-8")
        assert not set(text) & set("<>&"), "nothing ends the script"
        value: dict[str, Any] = json.loads(text.partition(",")[2].rpartition(")")[0])
        assert HOSTILE[0] in value["ids"]
