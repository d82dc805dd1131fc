"""From tags, configurations and registers to edges: model_ids, told_edges, edges, family_matches."""

from typing import Any

import duckdb
import pytest

from pipelines.settings import SQL_DIR
from pipelines.warehouse.checks import file_checks, run_check
from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, LATER, VERIFIED, ids, staged


def declared(warehouse: Warehouse, *tags: str) -> list[tuple[str, str]]:
    """The parents and relations that a model's tags declare."""
    warehouse.fill("staging.models", [staged("a/m", tags=list(tags))])
    return warehouse.rows("staging.declared_parents", "seen_parent_id", "relation")


@pytest.mark.parametrize("relation", ["finetune", "adapter", "quantized", "merge"])
def test_a_typed_tag_stands_before_an_untyped_one(warehouse: Warehouse, relation: str) -> None:
    assert declared(warehouse, "base_model:b/n", f"base_model:{relation}:b/n") == [("b/n", relation)]


def test_an_untyped_tag_alone_is_unspecified(warehouse: Warehouse) -> None:
    assert declared(warehouse, "base_model:b/n") == [("b/n", "unspecified")]


def test_a_merge_has_several_parents(warehouse: Warehouse) -> None:
    tags = ["base_model:merge:b/n", "base_model:merge:c/o", "base_model:c/o", "base_model:b/n"]
    assert declared(warehouse, *tags) == [("b/n", "merge"), ("c/o", "merge")]


@pytest.mark.parametrize(
    "residue",
    ["- b/n", "  b/n ", "'b/n'", '"b/n"', "['b/n']", "- 'b/n'", "finetune:- b/n", 'finetune:"b/n"'],
)
def test_the_residue_of_yaml_lists_and_quotes_is_taken_off(warehouse: Warehouse, residue: str) -> None:
    ((parent, _),) = declared(warehouse, f"base_model:{residue}")
    assert parent == "b/n"


@pytest.mark.parametrize("name", ["b-1/n-2.x", "b_1/n_2", "gpt2", "org/it's"])
def test_signs_within_an_id_stay(warehouse: Warehouse, name: str) -> None:
    assert declared(warehouse, f"base_model:{name}") == [(name, "unspecified")]


@pytest.mark.parametrize("tag", ["base_model:", "base_model:finetune:", "base_model: - ", "base_model:''"])
def test_a_tag_that_names_nothing_declares_nothing(warehouse: Warehouse, tag: str) -> None:
    assert declared(warehouse, tag) == []


@pytest.mark.parametrize(
    "tag", ["base_models:b/n", "my_base_model:b/n", "Base_model:b/n", "base_model", "finetune:b/n", "merge"]
)
def test_tags_that_only_look_like_relations_declare_nothing(warehouse: Warehouse, tag: str) -> None:
    assert declared(warehouse, tag) == []


@pytest.mark.parametrize("tag", ["base-model:b/n", "base model:b/n"])
def test_the_underscore_of_the_tag_is_an_underscore(warehouse: Warehouse, tag: str) -> None:
    assert declared(warehouse, tag) == []


def test_a_word_that_is_no_relation_is_part_of_the_name(warehouse: Warehouse) -> None:
    """What the Hub would not make is kept as it stands, so that somebody sees it."""
    assert declared(warehouse, "base_model:distilled:b/n") == [("distilled:b/n", "unspecified")]


def test_a_model_that_names_itself_is_kept_here_and_judged_later(warehouse: Warehouse) -> None:
    assert declared(warehouse, "base_model:a/m") == [("a/m", "unspecified")]


def test_a_later_list_stands_before_an_earlier_one_but_not_before_a_typed_tag(warehouse: Warehouse) -> None:
    warehouse.fill(
        "staging.models",
        [
            staged("a/m", tags=["base_model:adapter:b/n", "base_model:merge:c/o"]),
            staged("a/m", tags=["base_model:finetune:b/n", "base_model:c/o"], snapshot_date=LATER),
        ],
    )
    assert warehouse.rows("staging.declared_parents") == [("a/m", "b/n", "finetune"), ("a/m", "c/o", "merge")]


def rename(old: str, new: str, **given: str) -> dict[str, str]:
    return {"alias_id": old, "model_id": new, "kind": "rename"} | VERIFIED | given


def account_rename(old: str, new: str, **given: str) -> dict[str, str]:
    return {"old_account": old, "new_account": new} | VERIFIED | given


def todays_ids(warehouse: Warehouse) -> dict[str, str]:
    return dict(warehouse.rows("staging.model_ids", "seen_id", "model_id"))


def test_ids_come_from_lists_tags_series_and_registers(warehouse: Warehouse) -> None:
    warehouse.fill("staging.models", [staged("list/m"), staged("list/m", snapshot_date=LATER)])
    warehouse.fill(
        "staging.declared_parents",
        [{"seen_child_id": "list/m", "seen_parent_id": "tag/m", "relation": "merge"}],
    )
    series = [
        {"snapshot_date": DAY, "scope": "s", "position": 1, "id": name} for name in (" series/m ", "", None)
    ]
    warehouse.fill("raw.model_counters", series)
    derived = {"model_id": "origin/m", "origin": "derived", "parent_id": "origin/base"}
    scratch = {"model_id": "scratch/m", "origin": "scratch"}
    warehouse.fill("reference.origins", [derived | VERIFIED, scratch | VERIFIED])
    warehouse.fill("reference.aliases", [rename("alias/m", "alias/original", kind="mirror")])
    found = todays_ids(warehouse)
    assert sorted(found) == [
        "alias/m", "alias/original", "list/m", "origin/base", "origin/m", "scratch/m", "series/m", "tag/m",
    ]  # fmt: skip
    assert all(seen == today for seen, today in found.items()), "a mirror is another model"


def test_a_renamed_repository_is_followed(warehouse: Warehouse) -> None:
    warehouse.fill("staging.models", [staged("a/old")])
    warehouse.fill("reference.aliases", [rename("a/old", "b/new")])
    assert todays_ids(warehouse) == {"a/old": "b/new", "b/new": "b/new"}


def test_a_renamed_account_is_followed_for_all_its_models(warehouse: Warehouse) -> None:
    warehouse.fill("staging.models", [staged("THUDM/glm/x"), staged("THUDM2/glm"), staged("zai-org/glm")])
    warehouse.fill("reference.renamed_accounts", [account_rename("THUDM", "zai-org")])
    assert todays_ids(warehouse) == {
        "THUDM/glm/x": "zai-org/glm/x",
        "THUDM2/glm": "THUDM2/glm",
        "zai-org/glm": "zai-org/glm",
    }


def test_an_account_rename_does_not_touch_a_model_without_account(warehouse: Warehouse) -> None:
    warehouse.fill("staging.models", [staged("gpt2")])
    warehouse.fill("reference.renamed_accounts", [account_rename("gpt2", "openai-community")])
    assert todays_ids(warehouse) == {"gpt2": "gpt2"}


def test_a_repository_rename_leads_on_through_an_account_rename(warehouse: Warehouse) -> None:
    warehouse.fill("reference.aliases", [rename("a/old", "b/new")])
    warehouse.fill("reference.renamed_accounts", [account_rename("b", "c")])
    assert todays_ids(warehouse) == {"a/old": "c/new", "b/new": "c/new"}


def test_unverified_rows_are_not_followed(warehouse: Warehouse) -> None:
    warehouse.fill("staging.models", [staged("a/old"), staged("z/m")])
    warehouse.fill("reference.aliases", [rename("a/old", "b/new", status="unverified")])
    warehouse.fill("reference.renamed_accounts", [account_rename("z", "y", status="unverified")])
    assert todays_ids(warehouse) == {"a/old": "a/old", "b/new": "b/new", "z/m": "z/m"}


def test_spellings_that_differ_in_case_alone_are_one_model(warehouse: Warehouse) -> None:
    warehouse.fill(
        "staging.models", [staged("maker/Model"), staged("Maker/model"), staged("b/X"), staged("b/x")]
    )
    warehouse.fill("reference.accounts", [{"account": "maker", "organization_id": "m"} | VERIFIED])
    found = todays_ids(warehouse)
    assert found == {"maker/Model": "maker/Model", "Maker/model": "maker/Model", "b/X": "b/X", "b/x": "b/X"}


@pytest.mark.parametrize(
    ("aliases", "accounts"),
    [
        ([rename("a/1", "a/2"), rename("a/2", "a/3")], []),
        ([rename("b/1", "b/2")], [account_rename("a", "b")]),
    ],
)
def test_a_rename_of_a_rename_is_found_by_the_check(
    connection: duckdb.DuckDBPyConnection,
    warehouse: Warehouse,
    aliases: list[dict[str, str]],
    accounts: list[dict[str, str]],
) -> None:
    warehouse.fill("staging.models", [staged("a/1"), staged("b/1")])
    warehouse.fill("reference.aliases", aliases).fill("reference.renamed_accounts", accounts)
    todays_ids(warehouse)
    check = next(c for c in file_checks(SQL_DIR / "checks") if c.name == "model_ids_are_final")
    assert not run_check(connection, check).passed


def tagged(child: str, parent: str, relation: str = "finetune") -> dict[str, str]:
    return {"seen_child_id": child, "seen_parent_id": parent, "relation": relation}


def copy(child: str, original: str, kind: str = "mirror", **given: str) -> dict[str, str]:
    return {"alias_id": child, "model_id": original, "kind": kind} | VERIFIED | given


def derived(child: str, parent: str, **given: str) -> dict[str, str]:
    row = {"model_id": child, "origin": "derived", "parent_id": parent, "relation": "finetune"}
    return row | VERIFIED | given


def known(warehouse: Warehouse) -> None:
    names = ids("m", "base", "other", "original", renamed={"m-old": "m", "base-old": "base"})
    warehouse.fill("staging.model_ids", names).build("staging.renamed_ids")


def test_a_tag_makes_a_declared_edge(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("staging.declared_parents", [tagged("m", "base", "adapter")])
    assert warehouse.rows("staging.told_edges") == [("m", "base", "adapter", "declared", False)]


def test_tags_under_old_names_are_one_edge_and_the_typed_one_counts(warehouse: Warehouse) -> None:
    known(warehouse)
    tags = [tagged("m", "base", "unspecified"), tagged("m-old", "base-old", "quantized")]
    warehouse.fill("staging.declared_parents", tags)
    assert warehouse.rows("staging.told_edges") == [("m", "base", "quantized", "declared", False)]


@pytest.mark.parametrize(
    ("kind", "relation"), [("mirror", "copy"), ("conversion", "copy"), ("quantized", "quantized")]
)
def test_a_copy_leads_to_its_original(warehouse: Warehouse, kind: str, relation: str) -> None:
    known(warehouse)
    warehouse.fill("reference.aliases", [copy("m", "original", kind)])
    assert warehouse.rows("staging.told_edges") == [("m", "original", relation, "curated", False)]


def test_a_rename_is_no_edge(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("reference.aliases", [copy("m-old", "m", "rename"), copy("base-old", "base", "mirror")])
    assert warehouse.rows("staging.told_edges") == []


def test_what_a_copy_declares_is_superseded_where_a_register_knows_better(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("staging.declared_parents", [tagged("m", "base"), tagged("other", "base")])
    warehouse.fill("reference.aliases", [copy("m", "original")])
    assert warehouse.rows("staging.told_edges") == [
        ("m", "base", "finetune", "declared", True),
        ("m", "original", "copy", "curated", False),
        ("other", "base", "finetune", "declared", False),
    ]


def test_where_tag_and_register_agree_the_declared_edge_counts(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("staging.declared_parents", [tagged("m", "original", "quantized"), tagged("m", "base")])
    warehouse.fill("reference.aliases", [copy("m", "original")])
    assert warehouse.rows("staging.told_edges") == [
        ("m", "base", "finetune", "declared", True),
        ("m", "original", "quantized", "declared", False),
    ]


def test_a_copy_of_two_originals_may_declare_either(warehouse: Warehouse) -> None:
    """Two old names of one model may stand in the register, each with an original."""
    known(warehouse)
    warehouse.fill("staging.declared_parents", [tagged("m", "original", "merge"), tagged("m", "base")])
    warehouse.fill("reference.aliases", [copy("m", "original"), copy("m-old", "other")])
    assert warehouse.rows("staging.told_edges") == [
        ("m", "base", "finetune", "declared", True),
        ("m", "original", "merge", "declared", False),
        ("m", "other", "copy", "curated", False),
    ]


def test_the_register_of_origins_speaks_for_models_that_declare_nothing(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("reference.origins", [derived("m", "base"), derived("m", "other", relation="merge")])
    assert warehouse.rows("staging.told_edges") == [
        ("m", "base", "finetune", "curated", False),
        ("m", "other", "merge", "curated", False),
    ]


def test_declared_is_stronger_than_the_register_of_origins(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("staging.declared_parents", [tagged("m", "other")])
    warehouse.fill("reference.origins", [derived("m", "base"), derived("m", "other")])
    assert warehouse.rows("staging.told_edges") == [("m", "other", "finetune", "declared", False)]


def test_a_model_that_only_names_itself_declares_nothing_that_is_stronger(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("staging.declared_parents", [tagged("m", "m-old")])
    warehouse.fill("reference.origins", [derived("m", "base")])
    assert warehouse.rows("staging.told_edges") == [
        ("m", "base", "finetune", "curated", False),
        ("m", "m", "finetune", "declared", False),
    ]


def test_a_known_copy_is_stronger_than_the_register_of_origins(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("reference.aliases", [copy("m", "original")])
    warehouse.fill("reference.origins", [derived("m", "base")])
    assert warehouse.rows("staging.told_edges") == [("m", "original", "copy", "curated", False)]


def test_unverified_rows_and_models_from_scratch_make_no_edge(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("staging.declared_parents", [tagged("other", "base")])
    warehouse.fill("reference.aliases", [copy("other", "original", status="unverified")])
    scratch = derived("base", "original", origin="scratch")
    warehouse.fill("reference.origins", [derived("m", "base", status="unverified"), scratch])
    assert warehouse.rows("staging.told_edges") == [("other", "base", "finetune", "declared", False)]


def configured(child: str, base: str | None, **given: Any) -> dict[str, Any]:
    return staged(child, config_base_id=base, **given)


def test_the_configuration_names_the_base_of_an_adapter_that_declares_none(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("staging.models", [configured("m", "base")])
    warehouse.build("staging.config_parents")
    assert warehouse.rows("staging.told_edges") == [("m", "base", "adapter", "config", False)]


def test_a_pair_that_is_declared_stays_declared(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("staging.declared_parents", [tagged("m", "base", "finetune")])
    warehouse.fill("staging.config_parents", [{"child_id": "m", "parent_id": "base"}])
    assert warehouse.rows("staging.told_edges") == [("m", "base", "finetune", "declared", False)]


def test_declared_stands_before_a_configuration_that_disagrees(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("staging.declared_parents", [tagged("m", "other")])
    warehouse.fill("staging.config_parents", [{"child_id": "m", "parent_id": "base"}])
    assert warehouse.rows("staging.told_edges") == [("m", "other", "finetune", "declared", False)]


def test_a_model_that_only_names_itself_still_has_its_configuration(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("staging.declared_parents", [tagged("m", "m")])
    warehouse.fill("staging.config_parents", [{"child_id": "m", "parent_id": "base"}])
    assert warehouse.rows("staging.told_edges", "parent_id", "evidence") == [
        ("base", "config"),
        ("m", "declared"),
    ]


def test_a_configuration_is_stronger_than_registers_but_superseded_by_a_known_original(
    warehouse: Warehouse,
) -> None:
    known(warehouse)
    warehouse.fill("staging.config_parents", [{"child_id": "m", "parent_id": "base"}])
    warehouse.fill("reference.origins", [derived("m", "other")])
    assert warehouse.rows("staging.told_edges") == [("m", "base", "adapter", "config", False)]
    warehouse.fill("reference.aliases", [copy("m", "original")])
    assert warehouse.rows("staging.told_edges") == [
        ("m", "base", "adapter", "config", True),
        ("m", "original", "copy", "curated", False),
    ]


def test_where_configuration_and_register_agree_the_configuration_counts(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("staging.config_parents", [{"child_id": "m", "parent_id": "original"}])
    warehouse.fill("reference.aliases", [copy("m", "original")])
    assert warehouse.rows("staging.told_edges") == [("m", "original", "adapter", "config", False)]


def test_the_newest_list_that_tells_a_configuration_counts_and_renames_are_followed(
    warehouse: Warehouse,
) -> None:
    known(warehouse)
    rows = [
        configured("m", "other"),
        configured("m-old", "base-old", snapshot_date=LATER),
        configured("m", None, snapshot_date=LATER, scope="silent"),
    ]
    warehouse.fill("staging.models", rows)
    assert warehouse.rows("staging.config_parents") == [("m", "base")]


def test_a_configuration_that_names_the_model_itself_tells_nothing(warehouse: Warehouse) -> None:
    known(warehouse)
    warehouse.fill("staging.models", [configured("m-old", "m")])
    assert warehouse.rows("staging.config_parents") == []


def test_edges_are_what_is_told_and_below_it_what_is_inferred(warehouse: Warehouse) -> None:
    told = {"child_id": "m", "parent_id": "base", "relation": "merge", "evidence": "declared"}
    warehouse.fill("staging.told_edges", [told | {"is_superseded": True}])
    guess = {"child_id": "other", "parent_id": "base", "relation": "quantized", "rule": "format"}
    warehouse.fill("staging.inferred_parents", [guess])
    assert warehouse.rows("staging.edges") == [
        ("m", "base", "merge", "declared", True),
        ("other", "base", "quantized", "inferred", False),
    ]


def family(name: str, pattern: str, **given: str) -> dict[str, str]:
    row = {"family": name, "organization_id": "meta", "modality": "language", "pattern": pattern}
    return row | VERIFIED | given


def matches(warehouse: Warehouse, *model_ids: str) -> dict[str, str]:
    warehouse.fill("staging.model_ids", ids(*model_ids))
    return dict(warehouse.rows("staging.family_matches", "model_id", "family"))


def test_the_longest_pattern_wins(warehouse: Warehouse) -> None:
    patterns = [
        family("Llama", "meta-llama/%"),
        family("Llama 3.1", "%llama-3.1%"),
        family("Llama 3", "%llama-3%"),
    ]
    warehouse.fill("reference.families", patterns)
    assert matches(warehouse, "meta-llama/Llama-3.1-8B", "x/llama-3-8b", "x/mistral") == {
        "meta-llama/Llama-3.1-8B": "Llama",
        "x/llama-3-8b": "Llama 3",
    }


def test_of_patterns_of_one_length_the_first_wins(warehouse: Warehouse) -> None:
    warehouse.fill("reference.families", [family("B", "%bb%"), family("A", "%aa%")])
    assert matches(warehouse, "x/aabb") == {"x/aabb": "A"}


def test_an_underscore_is_an_underscore(warehouse: Warehouse) -> None:
    warehouse.fill("reference.families", [family("OpenLLaMA", "%open_llama%")])
    found = matches(warehouse, "x/open_llama_7b", "x/open-llama-7b", "x/openxllama")
    assert found == {"x/open_llama_7b": "OpenLLaMA"}


def test_a_pattern_without_percent_is_the_whole_id_in_any_case(warehouse: Warehouse) -> None:
    warehouse.fill("reference.families", [family("GPT-2", "gpt2")])
    assert matches(warehouse, "GPT2", "gpt2-xl", "x/gpt2") == {"GPT2": "GPT-2"}


def test_a_match_tells_who_made_it_and_whether_that_was_verified(warehouse: Warehouse) -> None:
    warehouse.fill("reference.families", [family("Phi", "%phi%", status="unverified", organization_id="ms")])
    warehouse.fill("staging.model_ids", ids("x/phi-2", renamed={"y/phi-2": "x/phi-2"}))
    assert warehouse.rows("staging.family_matches") == [("x/phi-2", "Phi", "ms", "unverified")]


def test_the_newest_list_that_tells_a_base_decides_and_the_relation_may_come_from_an_older_one(
    warehouse: Warehouse,
) -> None:
    old = staged("a/m", tags=["base_model:merge:b/kept", "base_model:finetune:b/dropped", "base_model:a/m"])
    new = staged("a/m", snapshot_date=LATER, tags=["base_model:b/kept", "base_model:adapter:b/added"])
    warehouse.fill("staging.models", [old, new, staged("a/m", snapshot_date=LATER, scope="silent", tags=[])])
    rows = warehouse.rows("staging.declared_parents", "seen_parent_id", "relation")
    assert rows == [("a/m", "unspecified"), ("b/added", "adapter"), ("b/kept", "merge")]
