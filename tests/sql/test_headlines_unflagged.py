"""Headlines without the models whose counters were flagged: equal to the published ones where none is."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, counted, rooted, shared

OF_LIST = {"as_of_date": DAY, "scope": "list"}
NAMES = ("dependent_share", "openai_meta_share", "organizations_carrying_half")
Model = tuple[str, int, str]  # id, downloads, who is upstream: meta, other, unknown


def flag(model: str, finding: str = "infeasible", day: date = DAY, **given: Any) -> dict[str, Any]:
    """A row of marts.counter_ledger."""
    row = {"scope": "series", "snapshot_date": day, "compared_date": day, "model_id": model, "days": 1}
    return row | {"finding": finding, "is_list_wide": False} | given


def shares(models: Iterable[Model]) -> tuple[float, float]:
    """Lower and upper bound of what depends on Meta, straight from the models."""
    models = list(models)
    whole = sum(downloads for _, downloads, _ in models)
    lower = sum(downloads for _, downloads, upstream in models if upstream == "meta")
    unknown = sum(downloads for _, downloads, upstream in models if upstream == "unknown")
    return round(lower / whole, 9), round((lower + unknown) / whole, 9)


def fill(warehouse: Warehouse, models: list[Model], flags: list[dict[str, Any]]) -> None:
    """Fill what the published headlines are made of, for one list and the universe all."""
    lower, upper = shares(models)
    classes = {"meta": "derived", "other": "independent", "unknown": "unknown"}
    rows = [counted(name, downloads_30d=downloads, universe="vision") for name, downloads, _ in models]
    warehouse.fill("core.model_snapshots", rows)
    roots = [
        rooted(name, upstream_class=classes[upstream], unknown_share=float(upstream == "unknown"))
        | {"upstream_class": classes[upstream]}
        for name, _, upstream in models
    ]
    warehouse.fill("core.model_roots", roots)
    warehouse.fill("core.ancestry", [shared(name, upstream, 1.0, 1.0) for name, _, upstream in models])
    whole = sum(downloads for _, downloads, _ in models)
    held = {
        up: sum(n for _, n, other in models if other == up) / whole for up in ("meta", "other", "unknown")
    }
    plain = {"snapshot_date": DAY, "scope": "list", "evidence": "curated", "universe": "all"}
    origins = [plain | {"organization_id": name, "origin_share": share} for name, share in held.items()]
    warehouse.fill("marts.organization_shares", origins)
    bounds = {"universe": "all", "value": lower, "lower": lower, "upper": upper, "unit": "share"}
    half = OF_LIST | {"headline": NAMES[2], "universe": "all", "value": 1, "unit": "organizations"}
    published = [OF_LIST | {"headline": name} | bounds for name in NAMES[:2]]
    warehouse.fill("marts.headlines", [*published, half])
    warehouse.fill("marts.counter_ledger", flags)


MODELS: list[Model] = [("m", 40, "meta"), ("o", 30, "other"), ("u", 20, "unknown"), ("m2", 10, "meta")]
COLUMNS = ("headline", "flagged_models", "flagged_share", "lower_unflagged", "upper_unflagged")


def test_where_nothing_is_flagged_the_numbers_are_the_published_ones(warehouse: Warehouse) -> None:
    fill(warehouse, MODELS, [])
    columns = ("headline", "value", "value_unflagged", "upper", "upper_unflagged", "checked_models")
    assert warehouse.rows("marts.headlines_unflagged", *columns) == [
        ("dependent_share", 0.5, 0.5, 0.7, 0.7, 0),
        ("openai_meta_share", 0.5, 0.5, 0.7, 0.7, 0),
        ("organizations_carrying_half", 1, 1, None, None, 0),
    ]


def test_a_flagged_model_leaves_share_and_denominator(warehouse: Warehouse) -> None:
    fill(warehouse, MODELS, [flag("m"), flag("m", "jump"), flag("on no list")])
    lower, upper = shares(MODELS[1:])
    assert warehouse.rows("marts.headlines_unflagged", *COLUMNS)[:2] == [
        ("dependent_share", 1, 0.4, lower, upper),
        ("openai_meta_share", 1, 0.4, lower, upper),
    ]


def test_who_carries_half_may_be_another_without_the_flagged(warehouse: Warehouse) -> None:
    fill(warehouse, MODELS, [flag("m")])
    row = warehouse.rows("marts.headlines_unflagged", "value", "value_unflagged", "lower_unflagged")[2]
    assert row == (1, 1, None), "the other one, with 30 of 60"


def test_a_gap_or_a_list_that_stood_still_flags_nobody(warehouse: Warehouse) -> None:
    fill(warehouse, MODELS, [flag("m", "gap"), flag("o", "list_stuck", is_list_wide=True)])
    assert {row[1] for row in warehouse.rows("marts.headlines_unflagged", *COLUMNS)} == {0}


@pytest.mark.parametrize(
    ("first", "last", "flagged"),
    [(-60, -31, 0), (-60, -30, 1), (0, 0, 1), (30, 60, 1), (31, 60, 0), (-60, 60, 1)],
)
def test_a_finding_flags_for_thirty_days_around_it(
    warehouse: Warehouse, first: int, last: int, flagged: int
) -> None:
    found = flag("m", day=DAY + timedelta(last), compared_date=DAY + timedelta(first))
    fill(warehouse, MODELS, [found])
    assert {row[1] for row in warehouse.rows("marts.headlines_unflagged", *COLUMNS)} == {flagged}


def test_how_much_could_be_checked_at_all_is_told(warehouse: Warehouse) -> None:
    day = DAY - timedelta(30)
    watched = [{"date": day, "scope": "s", "model_id": name, "downloads_30d": 1} for name in ("m", "x")]
    fill(warehouse, MODELS, [])
    warehouse.fill("staging.model_counters", watched)
    columns = ("checked_models", "checked_share", "note")
    assert set(warehouse.rows("marts.headlines_unflagged", *columns)) == {(1, 0.4, None)}


def test_when_nothing_is_left_there_is_no_number(warehouse: Warehouse) -> None:
    fill(warehouse, MODELS, [flag(name) for name, _, _ in MODELS])
    columns = ("value_unflagged", "lower_unflagged", "note")
    note = "not estimable: nothing is left, or no number of organizations carries half of it"
    assert set(warehouse.rows("marts.headlines_unflagged", *columns)) == {(None, None, note)}


upstreams = st.sampled_from(("meta", "other", "unknown"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 10**8), upstreams, st.booleans()), min_size=2, max_size=8))
def test_taking_off_is_the_same_as_counting_anew(
    warehouse: Warehouse, drawn: list[tuple[int, str, bool]]
) -> None:
    models = [(f"m{place}", downloads, upstream) for place, (downloads, upstream, _) in enumerate(drawn)]
    flagged = [f"m{place}" for place, (_, _, is_flagged) in enumerate(drawn) if is_flagged]
    fill(warehouse, models, [flag(name) for name in flagged])
    left = [model for model in models if model[0] not in flagged]
    found = warehouse.rows("marts.headlines_unflagged", *COLUMNS)[:2]
    if not left:
        assert {row[3:] for row in found} == {(None, None)}
        return
    for row in found:
        # The published share has nine digits; what is taken off may be most of it.
        margin = 1e-8 * sum(n for _, n, _ in models) / sum(n for _, n, _ in left)
        assert row[3:] == pytest.approx(shares(left), abs=margin)
