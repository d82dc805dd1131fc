"""Core: organizations and accounts with their periods, models as they stand, lists as of their day."""

from datetime import date
from typing import Any

import pytest

from tests.sql.conftest import Warehouse
from tests.sql.made import (
    DAY,
    EVER,
    FOREVER,
    LATER,
    VERIFIED,
    account,
    at,
    held,
    ids,
    known,
    landed,
    named,
    organization,
    rooted,
    shared,
    staged,
)

HANDOVER = date(2026, 1, 1)


def test_an_organization_stands_as_in_its_newest_period(warehouse: Warehouse) -> None:
    warehouse.fill(
        "reference.organizations",
        [
            organization("jina", "modest", valid_to=HANDOVER, name="Jina"),
            organization(
                "jina", "giant", valid_from=HANDOVER, name="Jina (Elastic)", country="DE", note="sold"
            ),
        ],
    )
    warehouse.fill(
        "reference.accounts", [account("jinaai", "jina"), account("jina", "jina", status="unverified")]
    )
    assert warehouse.rows("core.organizations") == [
        ("jina", "Jina (Elastic)", "company", "giant", True, "DE", 2, HANDOVER, "verified", "page", "sold")
    ]


@pytest.mark.parametrize(
    ("funding", "status", "is_well_funded"),
    [
        ("giant", "verified", True),
        ("funded", "verified", True),
        ("modest", "verified", False),
        ("unknown", "verified", None),
        ("giant", "unverified", None),
        ("modest", "unverified", None),
    ],
)
def test_well_funded_follows_from_verified_funding_alone(
    warehouse: Warehouse, funding: str, status: str, is_well_funded: bool | None
) -> None:
    row = organization("ai2", funding, legal_form="nonprofit", status=status)
    warehouse.fill("reference.organizations", [row])
    assert warehouse.rows("core.organizations", "is_well_funded") == [(is_well_funded,)]


def test_an_account_is_counted_once_however_many_periods_it_has(warehouse: Warehouse) -> None:
    warehouse.fill("reference.organizations", [organization("o")])
    periods = [account("a", "o", valid_to=DAY), account("a", "o", valid_from=LATER), account("b", "other")]
    warehouse.fill("reference.accounts", periods)
    assert warehouse.rows("core.organizations", "accounts") == [(1,)]


def test_accounts_are_verified_rows_with_closed_periods(warehouse: Warehouse) -> None:
    rows = [
        account("st", "lab", valid_to=HANDOVER),
        account("st", "company", valid_from=HANDOVER),
        account("guess", "lab", status="unverified"),
    ]
    assert warehouse.fill("reference.accounts", rows).rows("core.accounts") == [
        ("st", "lab", EVER, HANDOVER, "page"),
        ("st", "company", HANDOVER, FOREVER, "page"),
    ]


def test_releases_carry_the_name_of_the_organization_and_stay_unverified_if_they_are(
    warehouse: Warehouse,
) -> None:
    release = {
        "release_id": "2023-02-24-llama", "event_date": date(2023, 2, 24), "date_precision": "day",
        "name": "LLaMA", "organization_id": "meta", "kind": "gated_release", "modality": "language",
        "status": "unverified", "source": "none",
    }  # fmt: skip
    warehouse.fill("core.organizations", [named("meta")]).fill("reference.releases", [release])
    assert warehouse.rows("core.releases", "release_id", "organization", "kind", "status", "family") == [
        ("2023-02-24-llama", "Meta", "gated_release", "unverified", None)
    ]


def manifest(**given: Any) -> dict[str, Any]:
    """A row of raw.snapshots."""
    row = landed(origin="somebody/list", licence="MIT", attribution="thanks", pages=4)
    row |= {"date_uncertainty_days": 3, "content_sha256": "0", "fields": ["tags"], "notes": []}
    return {key: value for key, value in row.items() if key != "is_model_list"} | given


def test_snapshots_are_what_their_manifests_say(warehouse: Warehouse) -> None:
    warehouse.fill("raw.snapshots", [manifest(is_live=True, selection="window", notes=["odd"])])
    assert warehouse.build("core.snapshots").to_dicts() == [
        {
            "source": "huggingface_models",
            "snapshot_date": DAY,
            "scope": "list",
            "title": "what list shows",
            "is_whole_population": False,
            "is_live": True,
            "is_complete": True,
            "is_model_list": True,
            "selection": "window",
            "subjects": None,
            "pages": 4,
            "date_uncertainty_days": 3,
            "origin": "somebody/list",
            "licence": "MIT",
            "attribution": "thanks",
            "notes": ["odd"],
        }
    ]


@pytest.mark.parametrize(
    ("source", "is_model_list"),
    [("huggingface_models", True), ("hub_stats", True), ("github_repositories", False), ("arena", False)],
)
def test_lists_of_models_are_told_from_other_sources(
    warehouse: Warehouse, source: str, is_model_list: bool
) -> None:
    warehouse.fill("raw.snapshots", [manifest(source=source, is_complete=False, subjects=40)])
    columns = ("is_model_list", "is_complete", "subjects")
    assert warehouse.rows("core.snapshots", *columns) == [(is_model_list, False, 40)]


def own_walk(warehouse: Warehouse, *days: date, models: int = 3, **given: Any) -> None:
    """Live walks over the whole Hub of so many models each, as the counters keep them."""
    whole = {"is_live": True, "is_whole_population": True} | given
    warehouse.fill("core.snapshots", [landed("hub", day, **whole) for day in days])
    counts = [
        {"snapshot_date": day, "scope": "hub", "model_key": key} for day in days for key in range(models)
    ]
    warehouse.fill("staging.model_counts", counts)


def test_totals_of_the_hub_are_reported_ones_and_own_counts_of_whole_walks(warehouse: Warehouse) -> None:
    own_walk(warehouse, LATER)
    report = {"as_of_date": DAY, "models": 100, "note": "spoken"} | VERIFIED
    warehouse.fill("reference.hub_totals", [report])
    assert warehouse.rows("core.hub_totals") == [
        (DAY, 100, "verified", "page", "spoken"),
        (LATER, 3, "verified", "own whole walk over the Hub's list of models", None),
    ]


def test_on_a_day_with_both_the_report_of_the_hub_stands(warehouse: Warehouse) -> None:
    own_walk(warehouse, DAY, LATER)
    warehouse.fill("reference.hub_totals", [{"as_of_date": LATER, "models": 100} | VERIFIED])
    assert warehouse.rows("core.hub_totals", "as_of_date", "models") == [(DAY, 3), (LATER, 100)]


@pytest.mark.parametrize(
    "given",
    [{"is_whole_population": False}, {"is_live": False}, {"source": "hub_stats"}],
    ids=["a part", "somebody else's list", "a file that somebody made"],
)
def test_nothing_but_own_whole_walks_counts_the_hub(warehouse: Warehouse, given: dict[str, Any]) -> None:
    own_walk(warehouse, DAY, **given)
    assert warehouse.rows("core.hub_totals") == []


def with_roots(warehouse: Warehouse, *model_ids: str, **given: Any) -> Warehouse:
    """Fill ids and roots, as if nobody descended from anybody."""
    both = [rooted(name, evidence, **given) for name in model_ids for evidence in ("declared", "curated")]
    return warehouse.fill("staging.model_ids", ids(*model_ids)).fill("core.model_roots", both)


def as_known(warehouse: Warehouse) -> Warehouse:
    """Make from ids and lists what core.models stands on."""
    warehouse.build("staging.renamed_ids")
    if "staging.models" not in warehouse.made:
        warehouse.fill("staging.models")
    warehouse.mark_listed().build("staging.known_models")
    return warehouse


def test_a_model_has_each_fact_from_the_newest_list_that_tells_it(warehouse: Warehouse) -> None:
    with_roots(warehouse, "a/m").fill("core.accounts", [held("a", "acme")])
    warehouse.fill(
        "reference.universes", [{"pipeline_tag": "text-generation", "universe": "generative_language"}]
    )
    warehouse.fill(
        "staging.models",
        [
            staged(
                "a/m", pipeline_tag="fill-mask", library_name="old", license="mit", architecture="bert",
                parameters=7, is_gated=True, downloads_30d=100, likes=5, created_at=at("2023-05-02"),
            ),
            staged(
                "a/m", snapshot_date=LATER, scope="other", pipeline_tag="text-generation", likes=6,
                created_at=at("2023-05-01"),
            ),
        ],
    )  # fmt: skip
    assert as_known(warehouse).build("core.models").row(0, named=True) == {
        "model_id": "a/m",
        "account": "a",
        "organization_id": "acme",
        "is_named_only": False,
        "first_seen_date": DAY,
        "last_seen_date": LATER,
        "created_at": at("2023-05-01"),
        "pipeline_tag": "text-generation",
        "universe": "generative_language",
        "library_name": "old",
        "license": "mit",
        "architecture": "bert",
        "parameters": 7,
        "is_gated": True,
        "downloads_30d": 100,
        "downloads_date": DAY,
        "likes": 6,
        "is_variant": False,
        "root_id": "a/m",
        "base_model_id": "a/m",
        "family": None,
        "depth": 0,
    }


def test_of_two_lists_of_one_day_the_same_one_counts_in_whatever_order_they_came(
    warehouse: Warehouse,
) -> None:
    rows = [staged("a/m", scope=scope, license=scope, downloads_30d=5) for scope in ("few", "many")]
    with_roots(warehouse, "a/m").fill("staging.models", rows)
    first = as_known(warehouse).rows("core.models", "license")
    warehouse.fill("staging.models", reversed(rows))
    assert as_known(warehouse).rows("core.models", "license") == first


def test_a_model_that_is_only_named_is_one_all_the_same(warehouse: Warehouse) -> None:
    with_roots(warehouse, "gone/base", "gpt2", "a/m").fill("staging.models", [staged("a/m")])
    columns = ("model_id", "account", "is_named_only", "first_seen_date", "downloads_30d")
    assert as_known(warehouse).rows("core.models", *columns) == [
        ("a/m", "a", False, DAY, None),
        ("gone/base", "gone", True, None, None),
        ("gpt2", None, True, None, None),
    ]


def test_names_of_one_model_are_one_row(warehouse: Warehouse) -> None:
    with_roots(warehouse, "b/new").fill("staging.model_ids", ids("b/new", renamed={"a/old": "b/new"}))
    rows = [staged("a/old", downloads_30d=5), staged("b/new", snapshot_date=LATER, downloads_30d=7)]
    warehouse.fill("staging.models", rows)
    columns = ("model_id", "account", "first_seen_date", "last_seen_date", "downloads_30d")
    assert as_known(warehouse).rows("core.models", *columns) == [("b/new", "b", DAY, LATER, 7)]


@pytest.mark.parametrize(
    ("relation", "is_variant"),
    [("quantized", True), ("copy", True), ("finetune", False), ("adapter", False), ("merge", False)],
)
def test_quantized_and_copied_models_are_variants(
    warehouse: Warehouse, relation: str, is_variant: bool
) -> None:
    edge = {"child_id": "a/m", "parent_id": "b/n", "relation": relation, "evidence": "declared"}
    with_roots(warehouse, "a/m", "b/n").fill("core.lineage", [edge | {"is_superseded": False}])
    assert as_known(warehouse).rows("core.models", "model_id", "is_variant") == [
        ("a/m", is_variant),
        ("b/n", False),
    ]


def test_a_model_has_two_roots_by_tags_alone_and_with_registers(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("a/m"))
    by_tags, by_registers = rooted("a/m", "declared"), rooted("a/m", root_id="b/n", depth=2, family="Llama 3")
    warehouse.fill("core.model_roots", [by_tags, by_registers])
    assert as_known(warehouse).rows("core.models", "root_id", "base_model_id", "family", "depth") == [
        ("a/m", "b/n", "Llama 3", 2)
    ]


def test_roots_and_ancestry_are_read_from_their_condensed_form(warehouse: Warehouse) -> None:
    roots = [
        rooted("a/m", "declared", origin_basis="none"),
        rooted("a/m", parents=2, root_id="b/n", depth=3, family="Llama 3", well_funded_share=0.5),
        rooted("b/n", "inferred", origin_basis="register", registered_independent_share=1.0),
    ]
    shares = [
        shared("a/m", "unknown", 1.0, evidence="declared"),
        shared("a/m", "acme", 0.25, 0.5),
        shared("a/m", "unknown", 0.75),
        shared("b/n", "lab", 1.0, 1.0, evidence="inferred"),
    ]
    warehouse.fill("core.model_roots", roots).fill("core.ancestry", shares)
    whole = {"origin_basis": None, "family": None}
    by_key = sorted(roots, key=lambda row: (row["model_id"], row["evidence"]))
    assert warehouse.build("core.model_roots").to_dicts() == [whole | root for root in by_key]
    assert warehouse.build("core.ancestry").to_dicts() == [shares[place] for place in (1, 2, 0, 3)]


def test_today_an_account_belongs_to_who_holds_it_now(warehouse: Warehouse) -> None:
    periods = [held("st", "lab", valid_to=HANDOVER), held("st", "company", valid_from=HANDOVER)]
    with_roots(warehouse, "st/m").fill("core.accounts", [*periods, held("closed", "lab", valid_to=HANDOVER)])
    assert as_known(warehouse).rows("core.models", "organization_id") == [("company",)]


def snapshots(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        "core.model_snapshots", "snapshot_date", "model_id", "uploader_id", "is_first_party"
    )


def test_an_account_that_changed_hands_counts_for_each_holder_in_its_time(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("st/m")).fill("core.models", [known("st/m")])
    warehouse.fill("staging.models", [staged("st/m"), staged("st/m", snapshot_date=LATER)])
    warehouse.fill("reference.organizations", [organization("lab", "modest"), organization("company")])
    periods = [held("st", "lab", valid_to=HANDOVER), held("st", "company", valid_from=HANDOVER)]
    warehouse.fill("core.accounts", periods)
    assert snapshots(warehouse) == [(DAY, "st/m", "lab", False), (LATER, "st/m", "company", True)]


def test_the_first_day_of_a_period_is_the_new_holders(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("st/m")).fill("core.models", [known("st/m")])
    warehouse.fill("staging.models", [staged("st/m", snapshot_date=HANDOVER)])
    warehouse.fill("reference.organizations", [organization("lab", "modest"), organization("company")])
    periods = [held("st", "lab", valid_to=HANDOVER), held("st", "company", valid_from=HANDOVER)]
    warehouse.fill("core.accounts", periods)
    assert snapshots(warehouse) == [(HANDOVER, "st/m", "company", True)]


def test_an_organization_that_became_rich_is_first_party_from_then_on(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("j/m")).fill("core.models", [known("j/m")])
    warehouse.fill("staging.models", [staged("j/m"), staged("j/m", snapshot_date=LATER)])
    periods = [organization("jina", "modest", valid_to=HANDOVER), organization("jina", valid_from=HANDOVER)]
    warehouse.fill("reference.organizations", periods).fill("core.accounts", [held("j", "jina")])
    assert snapshots(warehouse) == [(DAY, "j/m", "jina", False), (LATER, "j/m", "jina", True)]


@pytest.mark.parametrize(
    ("row", "is_first_party"),
    [
        (organization("o", "funded"), True),
        (organization("o", "funded", status="unverified"), False),
        (organization("o", "unknown"), False),
    ],
)
def test_only_verified_funding_makes_a_first_party(
    warehouse: Warehouse, row: dict[str, Any], is_first_party: bool
) -> None:
    warehouse.fill("staging.model_ids", ids("a/m")).fill("core.models", [known("a/m")])
    warehouse.fill("staging.models", [staged("a/m")]).fill("reference.organizations", [row])
    warehouse.fill("core.accounts", [held("a", "o")])
    assert snapshots(warehouse) == [(DAY, "a/m", "o", is_first_party)]


def test_an_account_that_nobody_registered_has_no_organization(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("a/m", "gpt2"))
    warehouse.fill("core.models", [known("a/m", universe="embedding", is_variant=True), known("gpt2")])
    warehouse.fill("staging.models", [staged("a/m", downloads_30d=5, likes=1), staged("gpt2")])
    assert warehouse.rows("core.model_snapshots") == [
        (DAY, "list", "a/m", None, False, "embedding", True, 5, None, 1),
        (DAY, "list", "gpt2", None, False, "unknown", False, None, None, None),
    ]


def test_of_two_names_in_one_list_todays_name_counts(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("b/new", renamed={"a/older": "b/new", "a/old": "b/new"}))
    warehouse.build("staging.renamed_ids")
    warehouse.fill("core.models", [known("b/new")])
    rows = [
        staged("a/old", downloads_30d=1),
        staged("b/new", downloads_30d=2),
        staged("a/older", scope="other", downloads_30d=3),
        staged("a/old", scope="other", downloads_30d=4),
    ]
    warehouse.fill("staging.models", rows)
    assert warehouse.rows("core.model_snapshots", "scope", "downloads_30d") == [("list", 2), ("other", 4)]


def test_a_model_that_moved_counts_for_the_account_that_it_was_in(warehouse: Warehouse) -> None:
    warehouse.fill("staging.model_ids", ids("rich/m", renamed={"poor/m": "rich/m"}))
    warehouse.build("staging.renamed_ids")
    warehouse.fill("core.models", [known("rich/m")])
    warehouse.fill("staging.models", [staged("poor/m"), staged("rich/m", snapshot_date=LATER)])
    warehouse.fill("reference.organizations", [organization("poor", "modest"), organization("rich")])
    warehouse.fill("core.accounts", [held("poor", "poor"), held("rich", "rich")])
    assert snapshots(warehouse) == [(DAY, "rich/m", "poor", False), (LATER, "rich/m", "rich", True)]
