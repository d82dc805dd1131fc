"""Release effects, multipliers and relative adoption: which rows go in, and what is said of partial lists."""

import math
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.settings import REFERENCE_DIR, SQL_DIR
from pipelines.warehouse.models import load_models
from pipelines.warehouse.registers import read_registers
from tests.sql.conftest import Warehouse
from tests.sql.made import VERIFIED, known, landed, named

FIRST = date(2023, 1, 1)
AS_OF = FIRST + timedelta(days=1000)
EVENT = FIRST + timedelta(days=500)
OBSERVED = "not estimable: the days are those of the lists, not of the uploads"
PARTIAL = "not estimable: the population is partial"


def big(release_id: str = "base-1", **given: Any) -> dict[str, Any]:
    """A row of reference.big_releases."""
    return {"release_id": release_id, "rule": "beginning"} | VERIFIED | given


def released(release_id: str = "base-1", **given: Any) -> dict[str, Any]:
    """A row of core.releases."""
    plain = {"event_date": EVENT, "date_precision": "day", "name": "Base 1", "organization_id": "giant"}
    plain |= {"organization": "Giant", "kind": "open_release", "family": "Base 1"}
    return {"release_id": release_id} | plain | VERIFIED | given


def hub(warehouse: Warehouse, *, whole: bool = True) -> Warehouse:
    """Ten uploads on each of a thousand days; from the release on also five upon the base, and the firm's."""
    births = f"""
        select
            'births_surviving' as series, 'hub' as scope, date '{AS_OF}' as as_of_date,
            kind || '/' || d || '-' || n as model_id, date '{FIRST}' + cast(d as integer) as birth_date,
            'unknown' as universe, false as is_derivative, false as is_variant,
            case when kind = 'g' then 'giant' end as uploader_id, kind = 'g' as is_first_party
        from
            range(1000) as days(d), range(10) as numbers(n),
            (values ('u', 10), ('b', 5), ('g', 9)) as kinds(kind, daily)
        where n < daily and (kind = 'u' or d >= 500)
    """
    warehouse.fill("core.snapshots", [landed("hub", AS_OF, is_whole_population=whole)])
    warehouse.fill("reference.big_releases", [big()]).fill("core.releases", [released()])
    warehouse.fill_by("core.births", births)
    warehouse.fill_by(
        "core.models",
        f"""
        select
            model_id, split_part(model_id, '/', 1) as account, 0 as depth,
            case when starts_with(model_id, 'g/') then 'giant' end as organization_id,
            case when starts_with(model_id, 'b/') then 'Base 1' end as family,
            false as is_named_only, false as is_variant, model_id as root_id, model_id as base_model_id
        from ({births}) as b
        """,
    )
    return warehouse


def test_the_communitys_uploads_step_up_by_those_upon_the_base(warehouse: Warehouse) -> None:
    total, elsewhere = (
        row
        for row in hub(warehouse).build("marts.release_effects").sort("outcome", descending=True).to_dicts()
    )
    assert (total["outcome"], total["status"]) == ("total", "estimated")
    assert total["effect"] == pytest.approx(math.log(1.5))
    assert (total["before_weekly"], total["after_weekly"]) == (70, 105)
    assert elsewhere["effect"] == pytest.approx(0)
    assert (elsewhere["name"], elsewhere["family"], elsewhere["is_illustration"]) == (
        "Base 1",
        "Base 1",
        False,
    )


@pytest.mark.parametrize(
    ("organization_id", "is_first_party", "weekly"),
    [
        ("lab", "d >= 500", (140, 70)),  # well funded from the release on
        ("giant", "false", (70, 70)),  # the releasing firm, before it was well funded
    ],
)
def test_who_uploaded_and_how_it_was_funded_is_asked_on_the_day_of_birth(
    warehouse: Warehouse, organization_id: str, is_first_party: str, weekly: tuple[int, int]
) -> None:
    hub(warehouse).fill("core.organizations", [named("giant"), named("lab")])  # both well funded today
    warehouse.fill_by(
        "core.births",
        f"""
        select
            'births_surviving' as series, 'hub' as scope, date '{AS_OF}' as as_of_date,
            kind || '/' || d || '-' || n as model_id, date '{FIRST}' + cast(d as integer) as birth_date,
            'unknown' as universe, false as is_derivative, false as is_variant,
            case when kind = 'o' then '{organization_id}' end as uploader_id,
            kind = 'o' and {is_first_party} as is_first_party
        from range(1000) as days(d), range(10) as numbers(n), (values ('u'), ('o')) as kinds(kind)
        """,
    )
    table = warehouse.build("marts.release_effects").filter(outcome="total")
    assert table.select("before_weekly", "after_weekly").rows() == [weekly]


def test_every_release_has_its_rows_in_a_partial_list_too(warehouse: Warehouse) -> None:
    hub(warehouse, whole=False)
    warehouse.fill("reference.big_releases", [big(), big("base-2")])
    warehouse.fill("core.releases", [released(), released("base-2", event_date=date(2024, 9, 1))])
    table = warehouse.build("marts.release_effects")
    assert table.height == 4
    assert set(table["status"]) == {PARTIAL}
    assert table["effect"].null_count() == 4


def test_of_observed_births_nothing_is_estimated(warehouse: Warehouse) -> None:
    hub(warehouse)
    born = {"series": "births_observed", "scope": "hub", "as_of_date": AS_OF, "model_id": "u/1"}
    told = {"birth_date": EVENT, "universe": "unknown", "is_derivative": False, "is_variant": False}
    warehouse.fill("core.births", [born | told | {"is_first_party": False}])
    table = warehouse.build("marts.release_effects")
    assert table.select("outcome", "series", "effect", "status").rows() == [
        (outcome, "births_observed", None, OBSERVED) for outcome in ("elsewhere", "total")
    ]


def test_unverified_releases_are_left_out(warehouse: Warehouse) -> None:
    hub(warehouse)
    warehouse.fill("reference.big_releases", [big(), big("base-2", status="unverified")])
    warehouse.fill("core.releases", [released(), released("base-2", event_date=EVENT + timedelta(days=20))])
    table = warehouse.build("marts.release_effects")
    assert set(table["release_id"]) == {"base-1"}
    assert set(table["status"]) == {"estimated"}


def test_the_shipped_register_keeps_to_its_rule() -> None:
    registers = read_registers(load_models(SQL_DIR), REFERENCE_DIR, as_of=date(2026, 9, 30))
    chosen, releases = registers["reference.big_releases"], registers["reference.releases"]
    assert chosen.height <= 25
    joined = chosen.join(releases, on="release_id", suffix="_release")
    assert joined.height == chosen.height
    assert set(joined["date_precision"]) == {"day"}
    assert set(joined["status_release"]) == {"verified"}
    by_rule = joined.filter(rule="most_derivatives")
    assert by_rule["derivatives"].null_count() == 0
    assert by_rule.group_by(by_rule["event_date"].dt.year()).len()["len"].max() <= 3


# -- released models and their derivatives ----------------------------------------------------------------


def edge(child_id: str, parent_id: str, **given: Any) -> dict[str, Any]:
    """A row of core.lineage."""
    plain = {"relation": "finetune", "evidence": "declared", "is_superseded": False}
    return {"child_id": child_id, "parent_id": parent_id} | plain | given


def family_of(warehouse: Warehouse, *, whole: bool = True) -> Warehouse:
    language = {"universe": "generative_language"}
    models = [
        known("g/base-7b", organization_id="giant", **language),
        known("g/copy-7b", organization_id="giant", is_variant=True, **language),
        known("g/vit-7b", organization_id="giant", universe="vision"),
        known("u/base-7b", **language),
        known("g/named-7b", organization_id="giant", is_named_only=True, **language),
        *(known(f"u/tune{i}") for i in range(4)),
        known("g/own", organization_id="giant"),
    ]
    births = [
        {
            "series": "births_surviving",
            "scope": "hub",
            "as_of_date": AS_OF,
            "model_id": model_id,
            "birth_date": day,
        }
        for model_id, day in (
            ("g/base-7b", EVENT),
            ("u/tune0", EVENT),
            ("u/tune1", EVENT + timedelta(days=365)),
            ("u/tune2", EVENT + timedelta(days=366)),
            ("u/tune3", EVENT - timedelta(days=1)),
            ("g/own", EVENT + timedelta(days=3)),
        )
    ]
    dates = [
        {"model_id": row["model_id"], "release_date": EVENT, "evidence": "announcement", "source": "page"}
        for row in models
    ]
    return (
        warehouse.fill("core.models", models)
        .fill("core.release_dates", dates)
        .fill("core.births", births)
        .fill("core.snapshots", [landed("hub", AS_OF, is_whole_population=whole)])
        .fill(
            "core.lineage", [edge(f"u/tune{i}", "g/base-7b") for i in range(4)] + [edge("g/own", "g/base-7b")]
        )
    )


def test_released_models_are_originals_of_organizations(warehouse: Warehouse) -> None:
    assert family_of(warehouse).rows("core.released_models", "model_id") == [("g/base-7b",)]


def test_derivatives_are_counted_by_age_and_without_the_firms_own(warehouse: Warehouse) -> None:
    family_of(warehouse).build("core.released_models")
    assert warehouse.rows("core.release_derivatives", "model_id", "age_days", "derivatives") == [
        ("g/base-7b", 0, 1),
        ("g/base-7b", 365, 1),
    ]


@pytest.mark.parametrize("given", [{"evidence": "inferred"}, {"is_superseded": True}])
def test_inferred_and_superseded_edges_are_left_out(warehouse: Warehouse, given: dict[str, Any]) -> None:
    family_of(warehouse).fill("core.lineage", [edge("u/tune0", "g/base-7b", **given)])
    warehouse.build("core.released_models")
    assert warehouse.build("core.release_derivatives").is_empty()


def test_one_release_is_no_multiplier(warehouse: Warehouse) -> None:
    family_of(warehouse).build("core.released_models")
    warehouse.build("core.release_derivatives")
    table = warehouse.build("marts.release_multipliers")
    assert table.height == 8
    assert set(table["status"]) == {"not estimable: fewer than 20 releases or 20 organizations"}
    row = table.filter(size_class="3B to 10B", horizon_days=90).row(0, named=True)
    assert (row["bases"], row["derivatives_mean"]) == (1, None)


def test_multipliers_of_a_partial_list_say_so(warehouse: Warehouse) -> None:
    family_of(warehouse, whole=False).build("core.released_models")
    table = warehouse.build("marts.release_multipliers")
    assert set(table["status"]) == {PARTIAL}


def test_readings_come_from_lists_counters_and_kept_counts(warehouse: Warehouse) -> None:
    names = [f"o/m{i}-7b" for i in range(12)]
    models = [
        {"model_id": name, "organization_id": "o", "parameters": None, "release_date": EVENT}
        for name in names
    ]
    at_90, at_30 = EVENT + timedelta(days=91), EVENT + timedelta(days=29)
    warehouse.fill("core.released_models", models)
    warehouse.fill("core.snapshots", [landed("hub", at_90, is_whole_population=True)])
    warehouse.fill("staging.model_ids", [{"seen_id": name, "model_id": name} for name in names])
    warehouse.fill(
        "staging.counted_models", [{"model_key": i, "seen_id": name} for i, name in enumerate(names)]
    )
    warehouse.fill(
        "staging.model_counts",
        [
            {
                "snapshot_date": at_90, "scope": "hub", "model_key": i, "downloads_30d": 10 + i,
                "downloads_all_time": 100 * (i + 1),
            }
            for i in range(12)
        ],
    )  # fmt: skip
    warehouse.fill(
        "staging.model_counters", [{"date": at_30, "scope": "hub", "model_id": names[0], "downloads_30d": 7}]
    )
    table = warehouse.build("marts.relative_adoption")
    best = table.filter(model_id="o/m11-7b", measure="downloads_30d").row(0, named=True)
    assert (best["age_days"], best["value"], best["baseline"], best["place"]) == (90, 21.0, 12.0, 1)
    assert best["ratio"] == pytest.approx(21 / 12)
    assert (best["baseline_version"], best["is_illustration"], best["status"]) == (at_90, False, "estimated")
    assert table.filter(measure="downloads_all_time", model_id="o/m0-7b")["ratio"].to_list() == [0.333333333]
    lone = table.filter(age_days=30).row(0, named=True)
    assert (lone["value"], lone["ratio"]) == (7.0, None)
    assert lone["status"] == "not estimable: fewer than 10 models of that size at that age"
