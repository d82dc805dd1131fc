"""Rows made by hand, with what a test does not care about filled in."""

import json
from datetime import date, datetime
from typing import Any

DAY = date(2025, 12, 22)
LATER = date(2026, 5, 9)
EVER = date(1970, 1, 1)
FOREVER = date(9999, 12, 31)
VERIFIED = {"status": "verified", "source": "page"}


def at(text: str) -> datetime:
    """A moment without zone, as the tables keep them (UTC)."""
    return datetime.fromisoformat(text)


def listed(model_id: str | None, position: int = 1, **given: Any) -> dict[str, Any]:
    """A row of raw.models; lists and objects become JSON."""
    row = {"snapshot_date": DAY, "scope": "list", "position": position, "id": model_id} | given
    return {key: json.dumps(value) if isinstance(value, list | dict) else value for key, value in row.items()}


def staged(model_id: str, **given: Any) -> dict[str, Any]:
    """A row of staging.models."""
    row = {"snapshot_date": DAY, "scope": "list", "seen_id": model_id, "tags": []} | given
    return row | {"has_tags": bool(row["tags"])}


def counted(model_id: str, **given: Any) -> dict[str, Any]:
    """A row of core.model_snapshots."""
    plain = {"uploader_id": None, "is_first_party": False, "universe": "embedding", "is_variant": False}
    return {"snapshot_date": DAY, "scope": "list", "model_id": model_id} | plain | given


def rooted(model_id: str, evidence: str = "curated", **given: Any) -> dict[str, Any]:
    """A row of core.model_roots: a root of which nothing is known."""
    plain_root = {"model_id": model_id, "evidence": evidence, "root_id": model_id, "parents": 0, "depth": 0}
    plain_root["upstream_class"] = "unknown"
    shares = {"well_funded_share": 0.0, "registered_independent_share": 0.0, "unknown_share": 1.0}
    shares["assumed_share"] = 0.0
    shares["upstream_well_funded_share"] = given.get("well_funded_share", 0.0)
    made = plain_root | shares | given
    if made["upstream_well_funded_share"] > 0:
        made["upstream_class"] = "derived"
    elif made["registered_independent_share"] > 1 - 1e-9:
        made["upstream_class"] = "independent"
    return made


def shared(
    model_id: str,
    organization_id: str,
    origin: float,
    through: float | None = None,
    evidence: str = "curated",
) -> dict[str, Any]:
    """A row of core.ancestry."""
    return {
        "model_id": model_id,
        "evidence": evidence,
        "organization_id": organization_id,
        "origin_share": origin,
        "through_share": through,
    }


def known(model_id: str, **given: Any) -> dict[str, Any]:
    """A row of core.models."""
    account = model_id.partition("/")[0] if "/" in model_id else None
    plain = {"is_named_only": False, "is_variant": False, "root_id": model_id, "base_model_id": model_id}
    return {"model_id": model_id, "account": account, "depth": 0} | plain | given


def organization(organization_id: str, funding: str = "giant", **given: Any) -> dict[str, Any]:
    """A row of reference.organizations."""
    plain = {"name": organization_id.title(), "legal_form": "company", "funding": funding}
    return {"organization_id": organization_id} | plain | VERIFIED | given


def named(organization_id: str, **given: Any) -> dict[str, Any]:
    """A row of core.organizations."""
    return organization(organization_id) | {"accounts": 1, "is_well_funded": True} | given


def account(name: str, organization_id: str, **given: Any) -> dict[str, Any]:
    """A row of reference.accounts."""
    return {"account": name, "organization_id": organization_id} | VERIFIED | given


def held(name: str, organization_id: str, **given: Any) -> dict[str, Any]:
    """A row of core.accounts."""
    period = {"valid_from": EVER, "valid_to": FOREVER, "source": "page"}
    return {"account": name, "organization_id": organization_id} | period | given


def landed(scope: str = "list", day: date = DAY, **given: Any) -> dict[str, Any]:
    """A row of core.snapshots."""
    plain = {"title": f"what {scope} shows", "is_whole_population": False, "date_uncertainty_days": 0}
    plain |= {"is_live": False, "is_complete": True, "is_model_list": True, "pages": 1}
    return {"source": "huggingface_models", "snapshot_date": day, "scope": scope} | plain | given


def ids(*model_ids: str, renamed: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Rows of staging.model_ids: each id is its own, but for those that were renamed."""
    pairs = {model_id: model_id for model_id in model_ids} | (renamed or {})
    return [{"seen_id": seen_id, "model_id": model_id} for seen_id, model_id in pairs.items()]
