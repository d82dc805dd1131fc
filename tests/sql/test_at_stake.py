"""What hangs on the class of one organization, on a handful of models."""

from tests.sql.conftest import Warehouse
from tests.sql.made import counted, held, named, rooted, shared

FUNDED = {"well_funded_share": 1.0, "unknown_share": 0.0}


def few_models(warehouse: Warehouse) -> Warehouse:
    """Two well-funded organizations and a lab: who uploaded what, and on whom it stands."""
    warehouse.fill(
        "core.organizations",
        [named("giant"), named("other"), named("lab", funding="modest", is_well_funded=False)],
    )
    warehouse.fill("core.accounts", [held("giant", "giant"), held("lab", "lab")])
    giant = {"uploader_id": "giant", "is_first_party": True}
    warehouse.fill(
        "core.model_snapshots",
        [
            counted("giant/own", downloads_30d=50, **giant),
            counted("giant/tuned", downloads_30d=20, **giant),  # stands on `other` too
            counted("lab/tuned", downloads_30d=20, uploader_id="lab"),  # stands on `giant` alone
            counted("lab/alone", downloads_30d=10, uploader_id="lab"),
        ],
    )
    warehouse.fill(
        "core.ancestry",
        [
            shared("giant/own", "giant", 1.0, 1.0),
            shared("giant/tuned", "giant", 0.0, 1.0),
            shared("giant/tuned", "other", 1.0, 1.0),
            shared("lab/tuned", "lab", 0.0, 1.0),
            shared("lab/tuned", "giant", 1.0, 1.0),
            shared("lab/alone", "lab", 1.0, 1.0),
        ],
    )
    warehouse.fill(
        "core.model_roots",
        [
            rooted("giant/own", origin_basis="register", **FUNDED),
            rooted("giant/tuned", parents=1, **FUNDED),
            rooted("lab/tuned", parents=1, **FUNDED),
            rooted("lab/alone", origin_basis="register", registered_independent_share=1.0, unknown_share=0.0),
        ],
    )
    warehouse.fill(
        "core.lineage",
        [
            {
                "child_id": "lab/tuned",
                "parent_id": "giant/own",
                "evidence": "declared",
                "is_superseded": False,
            },
            {
                "child_id": "giant/tuned",
                "parent_id": "o/base",
                "evidence": "declared",
                "is_superseded": False,
            },
        ],
    )
    for table in ("core.account_snapshots", "marts.dependence_cube", "marts.dependence_shares"):
        warehouse.build(table)
    return warehouse


def test_at_stake_is_what_stands_on_this_organization_and_on_no_other_funded_one(
    warehouse: Warehouse,
) -> None:
    few_models(warehouse).build("marts.headline_sensitivity")
    rows = warehouse.rows("marts.heaviest_accounts", "universe", "account", "share", "at_stake_share")
    assert [row[1:] for row in rows if row[0] == "all"] == [("giant", 0.7, 0.7), ("lab", 0.3, 0.1)]


def test_the_bounds_had_the_class_been_the_other(warehouse: Warehouse) -> None:
    columns = ("universe", "flip", "account", "dependent_lower", "dependent_upper", "flipped_lower")
    rows = few_models(warehouse).rows("marts.headline_sensitivity", *columns, "flipped_upper", "status")
    assert [row[1:] for row in rows if row[0] == "all"] == [
        ("account", "giant", 0.9, 0.9, 0.2, 0.2, "ok"),  # what stands on its registered base is independent
        ("account", "lab", 0.9, 0.9, 1.0, 1.0, "ok"),
        ("all_well_funded", None, 0.9, 0.9, 1.0, 1.0, "ok"),
        ("none_well_funded", None, 0.9, 0.9, 0.2, 0.2, "ok"),
    ]


def test_of_an_account_that_nobody_registered_the_other_class_is_not_estimable(warehouse: Warehouse) -> None:
    warehouse.fill("core.model_snapshots", [counted("x/m", downloads_30d=1)])
    warehouse.fill("core.model_roots", [rooted("x/m")])
    for table in ("core.account_snapshots", "marts.dependence_cube", "marts.dependence_shares"):
        warehouse.build(table)
    frame = warehouse.build("marts.headline_sensitivity").filter(universe="all", flip="account")
    assert frame.select("account", "flipped_lower", "flipped_upper", "status").rows() == [
        ("x", None, None, "not estimable: no organization is registered for the account")
    ]
