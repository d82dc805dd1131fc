"""marts.diversity_monthly: what counts for whom, and what is said of it."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, counted, known, landed, named, shared

MAY, JUNE = date(2025, 5, 1), date(2025, 6, 1)


def born(model_id: str, day: date, **given: Any) -> dict[str, Any]:
    """A row of core.births: a derivative of the community."""
    plain = {"series": "births_surviving", "scope": "list", "as_of_date": DAY, "universe": "unknown"}
    plain |= {"is_derivative": True, "is_variant": False, "uploader_id": None, "is_first_party": False}
    return plain | {"model_id": model_id, "birth_date": day} | given


def cube(origin: str, downloads: float, **given: Any) -> dict[str, Any]:
    """A row of marts.dependence_cube."""
    plain = {
        "snapshot_date": DAY, "month": date(2025, 12, 1), "scope": "list", "evidence": "curated",
        "universe": "generative_language", "is_variant": False, "uploader": "unregistered",
        "dependence_class": "derived", "models": 1.0, "derivatives": 1.0,
    }  # fmt: skip
    return plain | {"origin": origin, "downloads_30d": downloads} | given


def of(table: pl.DataFrame, metric: str, **key: Any) -> dict[str, Any]:
    """The one row of a metric."""
    found = table.filter(pl.col("metric") == metric, **{"universe": "all"} | key)
    assert found.height == 1, found
    return found.row(0, named=True)


def births(warehouse: Warehouse) -> Warehouse:
    """May: three derivatives on two bases by two accounts and a giant; June: one of them again."""
    models = [
        known("u/one", depth=1, family="Llama 3", base_model_id="g/base"),
        known("u/two", depth=1, family="Llama 3", base_model_id="g/base"),
        known("v/one", depth=1, base_model_id="x/base"),
        known("g/tune", depth=1, organization_id="giant", family="Llama 3", base_model_id="g/base"),
        known("u/later", depth=2, family="Llama 3", base_model_id="g/base"),
        known("u/root"),
    ]
    day = date(2025, 5, 9)
    rows = [
        born("u/one", day),
        born("u/two", day, universe="generative_language"),
        born("v/one", day),
        born("g/tune", day, uploader_id="giant", is_first_party=True),
        born("u/root", day, is_derivative=False),
    ]
    shares = [
        shared("u/one", "giant", 1.0, 1.0),
        shared("u/two", "giant", 0.5, 0.5),
        shared("u/two", "unknown", 0.5),
        shared("v/one", "unknown", 1.0),
        shared("g/tune", "giant", 1.0, 1.0),
        shared("u/later", "giant", 1.0, 1.0),
    ]
    return (
        warehouse.fill("core.snapshots", [landed()])
        .fill("core.models", models)
        .fill("core.births", [*rows, born("u/later", date(2025, 6, 2))])
        .fill("core.ancestry", shares)
    )


def test_uploaders_are_everybody_and_organizations_stand_for_their_accounts(warehouse: Warehouse) -> None:
    table = births(warehouse).build("marts.diversity_monthly").filter(month=MAY)
    row = of(table, "top_1_share", unit="uploader")
    assert (row["units"], row["total"], row["value"]) == (3, 4.0, 0.5)  # u has two, v and the giant one each
    assert of(table, "hill_0", unit="uploader", universe="generative_language")["total"] == 1.0


def test_origins_are_what_the_community_stands_on(warehouse: Warehouse) -> None:
    table = births(warehouse).build("marts.diversity_monthly").filter(month=MAY)
    organizations = of(table, "hill_0", unit="origin_organization")
    assert (organizations["units"], organizations["total"], organizations["unknown_share"]) == (1, 1.5, 0.5)
    families = of(table, "hill_0", unit="origin_family")
    assert (families["units"], families["total"]) == (1, 2.0)
    assert families["unknown_share"] == pytest.approx(1 / 3, abs=1e-9)
    assert of(table, "hill_0", unit="origin_base")["units"] == 2


def test_the_community_is_who_was_not_well_funded_on_the_day_of_birth(warehouse: Warehouse) -> None:
    then = {"uploader_id": "lab", "is_first_party": False}
    models = [known(f"lab/{name}", depth=1, organization_id="lab", family="Llama 3") for name in "abc"]
    rows = [born("lab/a", date(2025, 5, 9), **then), born("lab/b", date(2025, 6, 2), uploader_id="lab")]
    rows += [born("lab/c", date(2025, 6, 2), uploader_id="lab", is_first_party=True)]
    births(warehouse).fill("core.models", models).fill("core.births", rows)
    warehouse.fill("core.organizations", [named("lab")])  # today it is well funded
    table = warehouse.build("marts.diversity_monthly").filter(metric="hill_0", universe="all")
    totals = table.filter(pl.col("unit").is_in(["uploader", "origin_family"]))
    assert totals.select("month", "unit", "total").rows() == [
        (MAY, "origin_family", 1.0),
        (MAY, "uploader", 1.0),
        (JUNE, "origin_family", 1.0),
        (JUNE, "uploader", 2.0),
    ]


def test_an_account_that_no_organization_held_yet_is_an_uploader_of_its_own(warehouse: Warehouse) -> None:
    models = [known(name, depth=1, organization_id="lab") for name in ("lab/a", "lab-2/b")]
    rows = [born("lab/a", date(2025, 5, 9), uploader_id="lab"), born("lab-2/b", date(2025, 5, 9))]
    births(warehouse).fill("core.models", models).fill("core.births", rows)
    table = warehouse.build("marts.diversity_monthly").filter(month=MAY)
    assert of(table, "hill_0", unit="uploader")["units"] == 2


def test_roots_are_no_derivatives(warehouse: Warehouse) -> None:
    table = births(warehouse).build("marts.diversity_monthly")
    assert of(table, "hill_0", unit="uploader", month=MAY)["total"] == 4.0


def test_the_switch_is_bounded_by_what_is_unknown(warehouse: Warehouse) -> None:
    table = births(warehouse).build("marts.diversity_monthly").filter(month=MAY)
    half = of(table, "switch_50")
    assert (half["value"], half["lower"], half["upper"], half["interval_kind"]) == (1, 1, 1, "unknown_bounds")
    most = of(table, "switch_80")
    assert (most["value"], most["lower"], most["upper"]) == (1, 1, None)
    assert most["status"] == "estimated; without upper bound: too much is unknown"


def test_turnover_compares_with_the_calendar_month_before(warehouse: Warehouse) -> None:
    table = births(warehouse).build("marts.diversity_monthly")
    first = of(table, "turnover", unit="uploader", month=MAY)
    assert (first["value"], first["compared_with"]) == (None, None)
    assert first["status"] == "not estimable: nothing of this scope to compare with"
    second = of(table, "turnover", unit="uploader", month=JUNE)
    assert (second["value"], second["compared_with"]) == (0.5, MAY)


def test_a_gap_of_a_month_ends_the_line(warehouse: Warehouse) -> None:
    births(warehouse).fill(
        "core.births", [born("u/one", date(2025, 4, 1)), born("u/later", date(2025, 6, 2))]
    )
    table = warehouse.build("marts.diversity_monthly")
    assert of(table, "turnover", unit="uploader", month=JUNE)["value"] is None


def test_the_month_of_the_list_is_unfinished(warehouse: Warehouse) -> None:
    births(warehouse).fill(
        "core.births", [born("u/one", date(2025, 12, 3)), born("u/two", date(2025, 11, 30))]
    )
    table = warehouse.build("marts.diversity_monthly")
    months = table.select("month", "is_unfinished").unique().sort("month").rows()
    assert months == [(date(2025, 11, 1), False), (date(2025, 12, 1), True)]


@pytest.mark.parametrize(("listed", "is_unfinished"), [(30, True), (31, False)])
def test_on_the_day_of_a_list_its_month_has_not_ended(
    warehouse: Warehouse, listed: int, *, is_unfinished: bool
) -> None:
    as_of = date(2025, 10, 31) + timedelta(days=listed)  # the last of November, the first of December
    births(warehouse).fill("core.snapshots", [landed(day=as_of)])
    warehouse.fill("core.births", [born("u/one", date(2025, 11, 3), as_of_date=as_of)])
    table = warehouse.build("marts.diversity_monthly")
    assert table.select("month", "is_unfinished").unique().rows() == [(date(2025, 11, 1), is_unfinished)]


def test_downloads_of_a_list_are_never_unfinished(warehouse: Warehouse) -> None:
    for day in (date(2025, 11, 3), date(2025, 11, 30)):
        lists(warehouse, counted("u/tune", downloads_30d=60, snapshot_date=day))
        table = warehouse.build("marts.diversity_monthly").filter(unit="uploader")
        assert set(table["is_unfinished"]) == {False}


def test_too_few_derivatives_have_no_value_at_equal_coverage(warehouse: Warehouse) -> None:
    table = births(warehouse).build("marts.diversity_monthly").filter(month=MAY)
    row = of(table, "hill_1_at_coverage", unit="uploader")
    assert row["value"] is None
    assert row["status"] == "not estimable: fewer than 20 derivatives or 5 units"


def lists(warehouse: Warehouse, *rows: dict[str, Any]) -> Warehouse:
    models = [
        known("u/tune", depth=1, family="Llama 3", base_model_id="g/base"),
        known("v/what"),
        known("g/base", organization_id="giant", family="Llama 3"),
    ]
    return (
        warehouse.fill(
            "core.snapshots", [landed(day=day) for day in sorted({r["snapshot_date"] for r in rows})]
        )
        .fill("core.models", models)
        .fill("core.model_snapshots", rows)
        .fill("core.ancestry", [shared("u/tune", "giant", 1.0, 1.0), shared("v/what", "unknown", 1.0)])
        .fill("marts.dependence_cube", [cube("giant", 60.0), cube("unknown", 40.0), cube("x", 0.0)])
    )


def test_downloads_of_a_list(warehouse: Warehouse) -> None:
    lists(
        warehouse,
        counted("u/tune", downloads_30d=60),
        counted("v/what", downloads_30d=40),
        counted("g/base", downloads_30d=100, uploader_id="giant", is_first_party=True),
    )
    table = warehouse.build("marts.diversity_monthly")
    row = of(table, "hhi", unit="uploader")
    assert (row["series"], row["evidence"], row["units"], row["total"]) == ("downloads_30d", "any", 3, 200.0)
    assert row["value"] == pytest.approx(0.25 + 0.09 + 0.04)
    assert row["interval_kind"] == "few_uploaders"
    # Without the tune there are 100 and 40; no other model less makes it less even.
    assert row["without_one_least"] == pytest.approx(0.38)
    assert row["without_one_most"] == pytest.approx((100**2 + 40**2) / 140**2, abs=1e-9)
    family = of(table, "hill_0", unit="origin_family")
    assert (family["units"], family["total"], family["unknown_share"]) == (1, 60.0, 0.4)
    base = of(table, "hill_0", unit="origin_base")
    assert (base["units"], base["unknown_share"]) == (1, 0.4)


def test_origins_of_downloads_are_those_of_the_cube_without_first_party(warehouse: Warehouse) -> None:
    lists(warehouse, counted("u/tune", downloads_30d=60), counted("v/what", downloads_30d=40))
    warehouse.fill(
        "marts.dependence_cube",
        [
            cube("giant", 60.0),
            cube("unknown", 40.0),
            cube("giant", 900.0, dependence_class="first_party", uploader="giant"),
            cube("giant", 5.0, evidence="declared"),
        ],
    )
    table = warehouse.build("marts.diversity_monthly").filter(unit="origin_organization")
    row = of(table, "hill_1", evidence="curated")
    assert (row["value"], row["total"], row["unknown_share"], row["unknown_least"]) == (1.0, 60.0, 0.4, 1.0)
    assert of(table, "hill_1", evidence="declared")["total"] == 5.0


def test_only_the_last_list_of_a_month_counts_and_is_compared_with_the_list_before(
    warehouse: Warehouse,
) -> None:
    lists(
        warehouse,
        counted("u/tune", downloads_30d=60, snapshot_date=date(2025, 9, 30)),
        counted("v/what", downloads_30d=999, snapshot_date=date(2025, 12, 1)),
        counted("u/tune", downloads_30d=60),
        counted("v/what", downloads_30d=60),
    )
    table = warehouse.build("marts.diversity_monthly").filter(
        unit="uploader", metric="turnover", universe="all"
    )
    assert table.select("month", "as_of_date", "value", "compared_with").rows() == [
        (date(2025, 9, 1), date(2025, 9, 30), None, None),
        (date(2025, 12, 1), DAY, 0.5, date(2025, 9, 30)),
    ]


def test_lists_of_other_scopes_are_never_compared(warehouse: Warehouse) -> None:
    lists(
        warehouse,
        counted("u/tune", downloads_30d=60, snapshot_date=date(2025, 11, 30), scope="other"),
        counted("u/tune", downloads_30d=60),
    ).fill("core.snapshots", [landed("other", date(2025, 11, 30)), landed()])
    table = warehouse.build("marts.diversity_monthly").filter(metric="turnover")
    assert table["value"].null_count() == table.height


def test_what_has_no_downloads_is_no_unit(warehouse: Warehouse) -> None:
    lists(
        warehouse,
        counted("u/tune", downloads_30d=60),
        counted("v/what", downloads_30d=0),
        counted("g/base", downloads_30d=None),
    )
    assert of(warehouse.build("marts.diversity_monthly"), "hill_0", unit="uploader")["value"] == 1


def test_an_account_may_be_called_like_an_organization(warehouse: Warehouse) -> None:
    warehouse.fill("core.snapshots", [landed()])
    warehouse.fill("core.models", [known("giant/fan"), known("g/base", organization_id="giant")])
    warehouse.fill(
        "core.model_snapshots",
        [
            counted("giant/fan", downloads_30d=10),
            counted("g/base", downloads_30d=10, uploader_id="giant", is_first_party=True),
        ],
    )
    assert of(warehouse.build("marts.diversity_monthly"), "hill_2", unit="uploader")["value"] == 2


def test_many_uploaders_of_like_weight_have_an_interval(warehouse: Warehouse) -> None:
    warehouse.fill("core.snapshots", [landed()])
    warehouse.fill_by(
        "core.models",
        "select 'u' || i || '/m' as model_id, 'u' || i as account, false as is_named_only, "
        "false as is_variant, 'x' as root_id, 'x' as base_model_id, 0 as depth from range(400) as r(i)",
    )
    warehouse.fill_by(
        "core.model_snapshots",
        "select date '2025-12-22' as snapshot_date, 'list' as scope, 'u' || i || '/m' as model_id, "
        "false as is_first_party, 'vision' as universe, false as is_variant, 100 + i as downloads_30d "
        "from range(400) as r(i)",
    )
    first = warehouse.build("marts.diversity_monthly")
    for metric in ("hill_1", "hill_2", "hhi", "gini"):
        row = of(first, metric, unit="uploader")
        assert row["interval_kind"] == "uploaders_drawn_anew"
        assert row["lower"] < row["value"] < row["upper"]
    assert of(first, "hill_0", unit="uploader")["interval_kind"] == "census"
    assert warehouse.build("marts.diversity_monthly").equals(first)
