"""Attribution: closed forms that one can do in the head, and an exact twin for all the rest."""

import random
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines.analysis.attribution import attribute
from tests.analysis.graphs import (
    ORGANIZATIONS,
    Descent,
    ancestry,
    descents,
    facts_of,
    model_roots,
    shares_of,
)
from tests.analysis.twins import Credit

#: Shares are rounded to twelve decimals.
CLOSE = 1e-11

COMPANIES = Descent(funded={"giant": True, "lab": False, "startup": None, "rival": True})


@given(descents())
def test_origin_and_through_shares_are_those_of_the_exact_twin(descent: Descent) -> None:
    credit, result = Credit(descent), descent.attributed()
    for name in descent.models:
        expected = {}
        for organization in descent.funded:
            shares = credit.origin(name, organization), credit.through(name, {organization})
            if any(shares):
                expected[organization] = tuple(map(float, shares))
        if unknown := credit.origin(name, None):
            expected["unknown"] = (float(unknown), None)
        found = shares_of(result, name)
        assert found.keys() == expected.keys()
        for organization, shares in expected.items():
            assert found[organization] == pytest.approx(shares, abs=CLOSE)


@given(descents())
def test_sums_over_sets_are_those_of_the_exact_twin(descent: Descent) -> None:
    credit, result = Credit(descent), descent.attributed()
    for name in descent.models:
        facts = facts_of(result, name)
        assert facts["well_funded_share"] == pytest.approx(float(credit.well_funded(name)), abs=CLOSE)
        assert facts["registered_independent_share"] == pytest.approx(
            float(credit.independent(name)), abs=CLOSE
        )
        assert facts["unknown_share"] == pytest.approx(float(credit.origin(name, None)), abs=CLOSE)


@given(descents())
def test_roots_bases_and_families_are_those_of_the_twin(descent: Descent) -> None:
    credit, result = Credit(descent), descent.attributed()
    assert model_roots(result)["model_id"].to_list() == sorted(descent.models)
    for name in descent.models:
        facts = facts_of(result, name)
        assert facts["root_id"] == credit.main_line(name)[-1]
        assert facts["parents"] == len(descent.parents(name))
        assert facts["depth"] == credit.depth(name)
        assert facts["origin_basis"] == credit.basis(name)[0]
        assert facts["family"] == credit.family(name)


@given(descents())
def test_the_origin_shares_of_a_model_sum_to_one(descent: Descent) -> None:
    sums = ancestry(descent.attributed()).group_by("model_id").agg(pl.col("origin_share").sum())
    assert sums["model_id"].sort().to_list() == sorted(descent.models)
    assert ((sums["origin_share"] - 1).abs() < CLOSE).all()


@given(descents())
def test_credit_that_ends_at_an_organization_has_met_it(descent: Descent) -> None:
    known = ancestry(descent.attributed()).filter(pl.col("organization_id") != "unknown")
    assert (known["origin_share"] <= known["through_share"] + CLOSE).all()


@given(descents())
def test_shares_lie_between_zero_and_one(descent: Descent) -> None:
    result = descent.attributed()
    columns = [ancestry(result)["origin_share"], ancestry(result)["through_share"].drop_nulls()]
    names = ("well_funded_share", "registered_independent_share", "unknown_share")
    for shares in columns + [model_roots(result)[name] for name in names]:
        assert shares.is_between(0, 1 + CLOSE).all()


@given(descents())
def test_what_is_unknown_is_never_silently_independent(descent: Descent) -> None:
    roots = model_roots(descent.attributed())
    assert (roots["registered_independent_share"] + roots["unknown_share"] <= 1 + CLOSE).all()
    if not descent.admit:
        assert (roots["registered_independent_share"] == 0).all()


@given(descents(), st.sampled_from(ORGANIZATIONS))
def test_one_more_well_funded_organization_never_lowers_the_dependence(
    descent: Descent, organization: str
) -> None:
    more = replace(descent, funded={**descent.funded, organization: True})
    before, after = model_roots(descent.attributed()), model_roots(more.attributed())
    assert (after["well_funded_share"] >= before["well_funded_share"] - CLOSE).all()


@given(descents(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(descent: Descent, chance: random.Random) -> None:
    def shuffled(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.sample(fraction=1, shuffle=True, seed=chance.randrange(1000))

    again = attribute(
        shuffled(descent.node_frame()),
        shuffled(descent.edge_frame()),
        shuffled(descent.organization_frame()),
        admit_registers=descent.admit,
    )
    first = descent.attributed()
    assert_frame_equal(ancestry(again), ancestry(first), check_exact=True)
    assert_frame_equal(model_roots(again), model_roots(first), check_exact=True)


def test_a_chain_carries_all_credit_to_its_root() -> None:
    chain = COMPANIES.model("llama", uploader_id="giant").model("tune", "llama").model("quant", "tune")
    result = chain.attributed()
    for name in ("llama", "tune", "quant"):
        assert shares_of(result, name) == {"giant": (1.0, 1.0)}
    assert facts_of(result, "quant") == {
        "model_id": "quant",
        "root_id": "llama",
        "parents": 1,
        "depth": 2,
        "origin_basis": None,
        "well_funded_share": 1.0,
        "upstream_well_funded_share": 1.0,
        "assumed_share": 1.0,
        "registered_independent_share": 0.0,
        "unknown_share": 0.0,
        "upstream_class": "derived",
        "family": None,
    }


def test_a_diamond_brings_the_whole_credit_together_again() -> None:
    diamond = COMPANIES.model("top", uploader_id="giant").model("left", "top").model("right", "top")
    result = diamond.model("bottom", "left", "right").attributed()
    assert shares_of(result, "bottom") == {"giant": (1.0, 1.0)}
    assert facts_of(result, "bottom")["depth"] == 2
    assert facts_of(result, "bottom")["parents"] == 2


def test_a_merge_of_three_gives_a_third_to_each() -> None:
    merge = (
        COMPANIES.model("a", uploader_id="giant")
        .model("b", trained_by="lab")
        .model("c")
        .model("merge", "c", "a", "b")
    )
    result = merge.attributed()
    third = pytest.approx(1 / 3, abs=CLOSE)
    assert shares_of(result, "merge") == {
        "giant": (third, third),
        "lab": (third, third),
        "unknown": (third, None),
    }
    facts = facts_of(result, "merge")
    assert (facts["well_funded_share"], facts["registered_independent_share"]) == (third, third)
    assert facts["root_id"] == "a", "the main parent is the first by id"


def test_a_merge_of_uneven_depth_weighs_by_parents_and_not_by_roots() -> None:
    merge = (
        COMPANIES.model("g", uploader_id="giant")
        .model("r", uploader_id="rival")
        .model("both", "g", "r")
        .model("again", "both", "g")
    )
    assert shares_of(merge.attributed(), "again") == {"giant": (0.75, 0.75), "rival": (0.25, 0.25)}


def test_credit_is_absorbed_where_it_first_meets_an_organization() -> None:
    """A company's finetune of a merge is all the company's on the way, whatever its parents are."""
    tune = (
        COMPANIES.model("g", uploader_id="giant")
        .model("u")
        .model("merge", "g", "u")
        .model("tune", "merge", uploader_id="giant")
        .model("below", "tune")
    )
    result = tune.attributed()
    assert shares_of(result, "below") == {"giant": (0.5, 1.0), "unknown": (0.5, None)}
    assert facts_of(result, "below")["well_funded_share"] == 1.0
    assert facts_of(result, "below")["unknown_share"] == 0.5


def test_two_companies_on_one_path_are_counted_once_in_the_set_and_whole_each() -> None:
    path = COMPANIES.model("g", uploader_id="giant").model("r", "g", uploader_id="rival").model("x", "r")
    result = path.attributed()
    assert shares_of(result, "x") == {"giant": (1.0, 1.0), "rival": (0.0, 1.0)}
    assert facts_of(result, "x")["well_funded_share"] == 1.0


def test_a_root_trained_by_another_than_its_uploader_is_credited_to_who_trained_it() -> None:
    mirror = COMPANIES.model("mirror", uploader_id="lab", trained_by="giant").model("tune", "mirror")
    result = mirror.attributed()
    assert shares_of(result, "tune") == {"giant": (1.0, 1.0), "lab": (0.0, 1.0)}
    assert facts_of(result, "mirror")["origin_basis"] == "register"


def test_a_company_that_uploads_what_a_lab_trained_is_met_but_is_no_origin() -> None:
    result = COMPANIES.model("m", uploader_id="giant", trained_by="lab").attributed()
    assert shares_of(result, "m") == {"giant": (0.0, 1.0), "lab": (1.0, 1.0)}
    assert facts_of(result, "m")["well_funded_share"] == 1.0


def test_the_maker_of_its_family_is_credited_with_a_root_that_no_register_explains() -> None:
    copy = COMPANIES.model("x/llama-2-copy", family="Llama 2", family_organization_id="giant")
    result = copy.model("tune", "x/llama-2-copy").attributed()
    assert shares_of(result, "tune") == {"giant": (1.0, 1.0)}
    assert facts_of(result, "x/llama-2-copy")["origin_basis"] == "family"
    assert facts_of(result, "tune")["family"] == "Llama 2"


def test_the_register_stands_before_the_family_and_the_family_before_the_uploader() -> None:
    facts = {"uploader_id": "giant", "family_organization_id": "rival"}
    by_family = COMPANIES.model("m", **facts).attributed()
    by_register = COMPANIES.model("m", trained_by="lab", **facts).attributed()
    assert facts_of(by_family, "m")["origin_basis"] == "family"
    assert shares_of(by_family, "m") == {"giant": (0.0, 1.0), "rival": (1.0, 1.0)}
    assert facts_of(by_register, "m")["origin_basis"] == "register"
    assert shares_of(by_register, "m") == {"giant": (0.0, 1.0), "lab": (1.0, 1.0)}


def test_declared_edges_alone_ask_no_register() -> None:
    facts = {"uploader_id": "lab", "trained_by": "giant", "family_organization_id": "rival"}
    result = replace(COMPANIES, admit=False).model("m", **facts).attributed()
    assert shares_of(result, "m") == {"lab": (0.0, 1.0), "unknown": (1.0, None)}
    assert facts_of(result, "m")["origin_basis"] == "none"


@pytest.mark.parametrize("uploader", ["lab", "startup", None])
def test_a_root_of_nobody_who_is_known_to_be_well_funded_is_unknown(uploader: str | None) -> None:
    result = COMPANIES.model("m", uploader_id=uploader).attributed()
    facts = facts_of(result, "m")
    assert (facts["origin_basis"], facts["unknown_share"]) == ("none", 1.0)
    assert facts["registered_independent_share"] == 0.0, "unknown is not independent"


@pytest.mark.parametrize(("trained_by", "independent"), [("lab", 1.0), ("startup", 0.0), ("giant", 0.0)])
def test_independent_needs_a_register_row_and_known_modest_funding(
    trained_by: str, independent: float
) -> None:
    result = COMPANIES.model("m", trained_by=trained_by).attributed()
    assert facts_of(result, "m")["registered_independent_share"] == independent


def test_what_a_register_says_of_a_model_with_parents_is_not_asked() -> None:
    tune = COMPANIES.model("base", uploader_id="giant").model("tune", "base", trained_by="lab")
    assert shares_of(tune.attributed(), "tune") == {"giant": (1.0, 1.0)}


def test_the_nearest_family_on_the_main_line_counts() -> None:
    line = (
        COMPANIES.model("a", family="Old 1")
        .model("b", "a", family="New 2")
        .model("c", "b")
        .model("z", family="Aside 3")
        .model("d", "c", "z")
    )
    result = line.attributed()
    assert [facts_of(result, name)["family"] for name in "abcdz"] == [
        "Old 1",
        "New 2",
        "New 2",
        "New 2",
        "Aside 3",
    ]


def test_a_named_base_that_no_list_has_is_a_node_all_the_same() -> None:
    result = COMPANIES.model("gone/base").model("tune", "gone/base", uploader_id="lab").attributed()
    assert facts_of(result, "tune")["root_id"] == "gone/base"
    assert shares_of(result, "tune") == {"lab": (0.0, 1.0), "unknown": (1.0, None)}


def test_no_model_at_all_gives_empty_frames() -> None:
    result = Descent().attributed()
    assert ancestry(result).is_empty()
    assert model_roots(result).is_empty()


def test_without_any_organization_everything_is_unknown() -> None:
    result = Descent().model("base").model("tune", "base").attributed()
    assert shares_of(result, "tune") == {"unknown": (1.0, None)}


def test_a_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match="break cycles first"):
        COMPANIES.model("a", "b").model("b", "a").attributed()


@pytest.mark.parametrize("fact", ["uploader_id", "trained_by", "family_organization_id"])
def test_an_organization_that_nobody_registered_is_refused(fact: str) -> None:
    with pytest.raises(ValueError, match=r"nobody registered: \['stranger'\]"):
        COMPANIES.model("m", **{fact: "stranger"}).attributed()


@pytest.mark.parametrize(("edge", "column"), [(("m", "gone"), "parent_id"), (("gone", "m"), "child_id")])
def test_an_edge_outside_the_nodes_is_refused(edge: tuple[str, str], column: str) -> None:
    with pytest.raises(ValueError, match=f"1 edges have a {column} that is not among the nodes"):
        replace(COMPANIES.model("m"), edges=[edge]).attributed()
