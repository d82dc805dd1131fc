"""What hangs on the class of one organization, on a handful of models."""

from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, shared


def listed(model_id: str, uploader_id: str | None, downloads: int) -> dict[str, object]:
    return {
        "snapshot_date": DAY, "scope": "a-list", "model_id": model_id, "uploader_id": uploader_id,
        "is_first_party": uploader_id in {"giant", "other"}, "universe": "vision", "is_variant": False,
        "downloads_30d": downloads,
    }  # fmt: skip


def test_at_stake_is_what_stands_on_this_organization_and_on_no_other_funded_one(
    warehouse: Warehouse,
) -> None:
    organizations = [("giant", True), ("other", True), ("lab", False)]
    warehouse.fill(
        "core.organizations",
        [{"organization_id": name, "name": name, "is_well_funded": funded} for name, funded in organizations],
    )
    accounts = {"giant/own": "giant", "giant/tuned": "giant", "lab/tuned": "lab", "lab/alone": "lab"}
    warehouse.fill("core.models", [{"model_id": name, "account": accounts[name]} for name in accounts])
    warehouse.fill(
        "core.model_snapshots",
        [
            listed("giant/own", "giant", 50),
            listed("giant/tuned", "giant", 20),  # stands on `other` too
            listed("lab/tuned", "lab", 20),  # stands on `giant` alone
            listed("lab/alone", "lab", 10),
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
    rows = warehouse.rows("marts.heaviest_accounts", "universe", "account", "share", "at_stake_share")
    assert [row[1:] for row in rows if row[0] == "all"] == [("giant", 0.7, 0.7), ("lab", 0.3, 0.1)]
