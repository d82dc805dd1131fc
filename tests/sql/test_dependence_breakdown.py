"""Shares by organization, country, legal form, funding and backing, and the published headlines on China."""

from typing import Any

import polars as pl
import pytest

from pipelines.settings import REFERENCE_DIR
from tests.sql.conftest import Warehouse
from tests.sql.made import LATER, VERIFIED, counted, landed, named, rooted, shared


def four_uploads(warehouse: Warehouse) -> Warehouse:
    """A giant's model, a university's tune of it, a university's own, and a stranger's."""
    warehouse.fill(
        "core.organizations",
        [
            named("giant", country="US"),
            named("uni", country="DE", legal_form="academic", funding="modest", is_well_funded=False),
            named("institute", country="CN", legal_form="nonprofit", funding="modest", is_well_funded=False),
            named("doubtful", country="CN", status="unverified", funding="modest", is_well_funded=None),
        ],
    )
    rows = [
        counted("giant/base", uploader_id="giant", is_first_party=True, downloads_30d=50),
        counted("uni/tune", uploader_id="uni", downloads_30d=20),
        counted("institute/own", uploader_id="institute", downloads_30d=15),
        counted("x/own", downloads_30d=10),
        counted("doubtful/own", uploader_id="doubtful", downloads_30d=5),
    ]
    warehouse.fill("core.model_snapshots", rows)
    warehouse.fill("core.model_roots", [rooted(row["model_id"]) for row in rows])
    warehouse.fill(
        "core.ancestry",
        [
            shared("giant/base", "giant", 1.0, 1.0),
            shared("uni/tune", "giant", 1.0, 1.0),
            shared("institute/own", "institute", 1.0, 1.0),
            shared("x/own", "unknown", 1.0),
            shared("doubtful/own", "doubtful", 1.0, 1.0),
        ],
    )
    warehouse.build("marts.dependence_cube")
    return warehouse


def by_value(warehouse: Warehouse, dimension: str) -> dict[str, Any]:
    frame = warehouse.build("marts.dependence_breakdown").filter(
        universe="all", weight="downloads_30d", dimension=dimension
    )
    columns = ("uploaded_share", "uploaded_upper", "origin_share", "origin_upper")
    return {value: tuple(shares) for value, *shares in frame.select("value", *columns).rows()}


def test_by_country_what_no_verified_row_places_is_unknown_and_widens_every_other(
    warehouse: Warehouse,
) -> None:
    assert by_value(four_uploads(warehouse), "country") == {
        "US": (0.5, 0.65, 0.7, 0.85),
        "DE": (0.2, 0.35, 0.0, 0.15),
        "CN": (0.15, 0.3, 0.15, 0.3),
        "unknown": (0.15, None, 0.15, None),
    }


def test_by_organization_and_legal_form(warehouse: Warehouse) -> None:
    four_uploads(warehouse)
    assert set(by_value(warehouse, "organization")) == {"giant", "uni", "institute", "unknown"}
    assert {value: shares[0] for value, shares in by_value(warehouse, "legal_form").items()} == {
        "company": 0.5, "academic": 0.2, "nonprofit": 0.15, "unknown": 0.15,
    }  # fmt: skip


def sponsor(organization_id: str, sponsor_class: str = "company", **given: Any) -> dict[str, Any]:
    plain = {"organization_id": organization_id, "sponsor": "somebody", "sponsor_class": sponsor_class}
    return plain | {"kind": "money"} | VERIFIED | given


@pytest.mark.parametrize(
    ("sponsors", "backing"),
    [
        ([], "modest"),
        ([sponsor("uni", sponsor_id="giant")], "company_sponsored"),
        ([sponsor("uni", sponsor_id="giant", status="unverified")], "modest"),
        ([sponsor("uni")], "modest"),
        ([sponsor("uni", sponsor_id="institute")], "modest"),
        ([sponsor("uni", "public")], "public_sponsored"),
        ([sponsor("uni", "individual")], "modest"),
        ([sponsor("uni", "public", kind="staff"), sponsor("uni", sponsor_id="giant")], "company_sponsored"),
    ],
)
def test_backing_follows_from_verified_sponsors_that_are_well_funded(
    warehouse: Warehouse, sponsors: list[dict[str, Any]], backing: str
) -> None:
    warehouse.fill("reference.sponsors", sponsors)
    found = by_value(four_uploads(warehouse), "backing")
    assert found["well_funded"][0] == 0.5
    assert found[backing][0] == (0.35 if backing == "modest" else 0.2)


def test_a_company_is_what_its_own_funding_is_whoever_sponsors_it(warehouse: Warehouse) -> None:
    warehouse.fill(
        "reference.sponsors", [sponsor("giant", "public"), sponsor("institute", sponsor_id="giant")]
    )
    found = by_value(four_uploads(warehouse), "backing")
    assert {value: shares[0] for value, shares in found.items()} == {
        "well_funded": 0.5, "modest": 0.2, "company_sponsored": 0.15, "unknown": 0.15,
    }  # fmt: skip


def test_each_dimension_adds_up_to_the_whole(warehouse: Warehouse) -> None:
    frame = four_uploads(warehouse).build("marts.dependence_breakdown")
    keys = ("scope", "snapshot_date", "evidence", "universe", "weight", "dimension")
    sums = frame.group_by(keys).agg(pl.col("uploaded_share", "origin_share").sum())
    assert (sums["uploaded_share"] - 1).abs().max() < 1e-8
    assert (sums["origin_share"] - 1).abs().max() < 1e-8


def headline(**given: Any) -> dict[str, Any]:
    plain = {"headline_id": "china", "country": "CN", "share_per_mille": 171, "us_share_per_mille": 158}
    plain |= {
        "publisher": "somebody",
        "published_date": LATER,
        "counted_over": "a year",
        "definition": "parts",
    }
    plain |= {"universe": "all", "denominator": "all", "unit": "uploader", "variants": "in"}
    return plain | VERIFIED | {"not_reproducible": "a year is not told"} | given


def many(warehouse: Warehouse, **more: Any) -> Warehouse:
    """5,000 models of a stranger with no downloads beside the four uploads: a list large enough."""
    four_uploads(warehouse).fill("core.snapshots", [landed(**more)])
    warehouse._connection.execute(
        """
        insert into core.model_snapshots
            (snapshot_date, scope, model_id, is_first_party, universe, is_variant, downloads_30d)
        select date '2025-12-22', 'list', 'z/' || i, false, 'embedding', false, 0 from range(5000) as t(i)
        """
    )
    return warehouse


VALUES = (
    "unit",
    "is_published_unit",
    "value",
    "lower",
    "upper",
    "us_value",
    "unknown_share",
    "estimate_status",
)


def test_the_published_share_rebuilt_with_the_bounds_of_what_is_not_placed(warehouse: Warehouse) -> None:
    many(warehouse).fill("reference.published_headlines", [headline()])
    assert warehouse.rows("marts.published_headlines", "published_share", *VALUES) == [
        (0.171, "origin", False, 0.15, 0.15, 0.3, 0.7, 0.15, "ok"),
        (0.171, "uploader", True, 0.15, 0.15, 0.3, 0.5, 0.15, "ok"),
    ]


def test_of_two_countries_alone_the_unknown_may_be_of_either(warehouse: Warehouse) -> None:
    many(warehouse).fill("reference.published_headlines", [headline(denominator="country_and_us")])
    rows = warehouse.rows("marts.published_headlines", *VALUES)
    known = (round(15 / 65, 9), round(15 / 80, 9), round(30 / 80, 9), round(50 / 65, 9))
    assert rows[1] == ("uploader", True, *known, 0.15, "ok")


def test_copies_and_other_universes_are_left_out_where_the_definition_leaves_them_out(
    warehouse: Warehouse,
) -> None:
    headlines = [headline(variants="out"), headline(headline_id="vision", universe="vision")]
    many(warehouse).fill("reference.published_headlines", headlines)
    warehouse._connection.execute(
        "update marts.dependence_cube set is_variant = true where uploader = 'giant'"
    )
    frame = warehouse.build("marts.published_headlines")
    assert frame.filter(headline_id="china", unit="uploader")["value"].to_list() == [0.3]
    assert frame.filter(headline_id="vision")["value"].to_list() == [None]


@pytest.mark.parametrize(
    "landed_as", [{"selection": "window"}, {"is_model_list": False}, {"scope": "elsewhere"}]
)
def test_without_a_fitting_list_there_is_no_value_but_a_reason(
    warehouse: Warehouse, landed_as: dict[str, Any]
) -> None:
    many(warehouse, **landed_as).fill("reference.published_headlines", [headline()])
    assert warehouse.rows("marts.published_headlines", "snapshot_date", "value", "estimate_status") == [
        (None, None, "not estimable: no list of at least 5,000 models tells downloads of what it counts")
    ]


def test_the_shipped_headlines_are_verified() -> None:
    rows = pl.read_csv(REFERENCE_DIR / "published_headlines.csv")
    assert rows["share_per_mille"].to_list() == [171, 410, 614]
    assert set(rows["status"]) == {"verified"}


def test_the_shipped_sponsors_do_not_sponsor_themselves_and_say_what_a_sum_is() -> None:
    rows = pl.read_csv(REFERENCE_DIR / "sponsors.csv")
    assert rows.filter(pl.col("sponsor_id") == pl.col("organization_id")).is_empty()
    told = rows.filter(pl.col("amount").is_not_null())
    assert told.height >= 5
    assert told.select("currency", "period", "definition").null_count().row(0) == (0, 0, 0)
    assert rows.filter(pl.col("amount").is_null(), pl.col("currency").is_not_null()).is_empty()
