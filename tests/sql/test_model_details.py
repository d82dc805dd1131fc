"""Models and accounts that were asked for one by one: what became of them, and whom to ask next."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.settings import SQL_DIR
from pipelines.sources.huggingface_details import ACCOUNTS_TO_ASK, MODELS_TO_ASK
from pipelines.warehouse.checks import file_checks, run_check
from pipelines.warehouse.load import LandedSnapshot, load_payloads
from pipelines.warehouse.models import SqlModel
from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, LATER, VERIFIED, account, counted, known, landed, staged

ASKED = date(2026, 11, 1)
LAST = date(2026, 11, 23)
OLDEST = date(2026, 1, 1)
Row = dict[str, Any]


def load(
    connection: duckdb.DuckDBPyConnection, model: SqlModel, folder: Path, bodies: list[str]
) -> list[tuple[Any, ...]]:
    """The rows of a raw table from pages with these bodies, without day and scope."""
    paths = [folder / f"page-{place:05d}.json" for place in range(3, 3 + len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_text(body)
    assert model.payload
    load_payloads(connection, model, [LandedSnapshot(model.payload, ASKED, "asked", "x", lambda: paths)])
    return connection.sql(
        f"select * exclude (snapshot_date, scope) from {model.table} order by position"
    ).fetchall()


def test_each_answer_is_one_row_with_the_number_of_its_page(
    connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel], tmp_path: Path
) -> None:
    whole = {
        "_id": "1", "id": "a/m", "gated": "auto", "private": False, "disabled": False, "downloads": 7,
        "createdAt": "2024-05-01T00:00:00.000Z", "tags": ["license:mit"], "siblings": [],
    }  # fmt: skip
    folder = tmp_path / "page-99"
    folder.mkdir()
    assert load(connection, models["raw.model_details"], folder, [json.dumps(whole), '{"id": "b/n"}']) == [
        (1, 3, "a/m", "auto", "false", "false", "2024-05-01T00:00:00.000Z", "7", '["license:mit"]'),
        (2, 4, "b/n", None, None, None, None, None, None),
    ]


@pytest.mark.parametrize(
    "body", ["[]", '[{"id": "x"}, {"id": "y"}]', "null", '"text"', "7", "{}", '{"id": null}']
)
@pytest.mark.parametrize("table", ["raw.model_details", "raw.account_overviews"])
def test_an_answer_of_another_shape_tells_nothing_and_harms_no_other(
    connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel], tmp_path: Path, table: str, body: str
) -> None:
    rows = load(connection, models[table], tmp_path, [body, '{"id": "b/n", "name": "b"}'])
    assert [row[:2] for row in rows] == [(1, 3), (2, 4)]
    assert set(rows[0][2:]) == {None}
    assert rows[1][2] in ("b/n", "b")


def test_an_overview_is_one_row(
    connection: duckdb.DuckDBPyConnection, models: dict[str, SqlModel], tmp_path: Path
) -> None:
    whole = {
        "name": "acme", "fullname": "Acme <b>🦕", "isVerified": True, "plan": "team", "numModels": 12,
        "numFollowers": "many", "type": "org",
    }  # fmt: skip
    assert load(connection, models["raw.account_overviews"], tmp_path, [json.dumps(whole)]) == [
        (1, 3, "acme", "Acme <b>🦕", "true", "team", "12", "many")
    ]


def answers(warehouse: Warehouse, *told: tuple[date, str, int | Row]) -> None:
    """Fill raw.pages and raw.model_details: day, id that was asked, and a refusal's status or the body."""
    pages: list[Row] = []
    details: list[Row] = []
    for page, (day, subject, body) in enumerate(told, 1):
        place = {"snapshot_date": day, "scope": "asked-by-id", "page": page}
        status = body if isinstance(body, int) else 200
        whose = {"source": "huggingface_model_details", "subject": subject, "status": status}
        pages.append(place | whose | {"url": "x"})
        if not isinstance(body, int):
            details.append(place | {"position": page} | body)
    warehouse.fill("raw.pages", pages).fill("raw.model_details", details)


@pytest.mark.parametrize(
    ("body", "status", "current_id"),
    [
        ({"id": "a/m"}, "there", "a/m"),
        ({"id": "A/M", "gated": "false"}, "there", "A/M"),
        ({"id": "b/n"}, "renamed", "b/n"),
        ({"id": "b/n", "gated": "auto"}, "renamed", "b/n"),
        ({"id": "a/m", "gated": "manual"}, "gated", "a/m"),
        ({"id": "a/m", "gated": "true"}, "gated", "a/m"),
        ({"id": "a/m", "gated": "perhaps"}, "there", "a/m"),
        ({"id": "a/m", "private": "true", "gated": "auto"}, "private", "a/m"),
        ({"id": "a/m", "disabled": "true"}, "taken_down", "a/m"),
        ({"id": None}, "unknown", None),
        ({"id": ""}, "unknown", None),
        ({"id": "a/m/<script>"}, "unknown", None),
        ({"id": "a/" + "x" * 300}, "unknown", None),
        (401, "hidden", None),
        (403, "gated", None),
        (404, "gone", None),
        (410, "gone", None),
        (451, "taken_down", None),
    ],
)
def test_the_answer_tells_what_became_of_a_model(
    warehouse: Warehouse, body: int | Row, status: str, current_id: str | None
) -> None:
    answers(warehouse, (ASKED, "a/m", body))
    assert warehouse.rows("core.model_statuses") == [("a/m", status, current_id, ASKED)]


def test_the_newest_answer_counts_and_other_sources_do_not(warehouse: Warehouse) -> None:
    answers(
        warehouse, (ASKED, "a/m", {"id": "a/m"}), (LAST, "a/m", 404), (OLDEST, "a/m", 451), (LAST, "b", 404)
    )
    assert warehouse.rows("core.model_statuses") == [
        ("a/m", "gone", None, LAST),
        ("b", "gone", None, LAST),
    ]
    other = {"source": "github_repositories", "snapshot_date": LAST, "scope": "s", "page": 1, "status": 200}
    warehouse.fill("raw.pages", [other | {"subject": "o/r", "url": "x"}])
    assert warehouse.rows("core.model_statuses") == []


def test_pages_of_another_day_with_the_same_number_are_not_mixed_up(warehouse: Warehouse) -> None:
    answers(warehouse, (ASKED, "a/m", {"id": "b/n"}))
    place = {"scope": "asked-by-id", "page": 1, "position": 1}
    warehouse.fill(
        "raw.model_details",
        [place | {"snapshot_date": ASKED, "id": "b/n"}, place | {"snapshot_date": LAST, "id": "c/o"}],
    )
    assert warehouse.rows("core.model_statuses") == [("a/m", "renamed", "b/n", ASKED)]


def todays_ids(warehouse: Warehouse, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The ids, after the check that one look-up is enough."""
    found = dict(warehouse.rows("staging.model_ids", "seen_id", "model_id"))
    (final,) = (check for check in file_checks(SQL_DIR / "checks") if check.name == "model_ids_are_final")
    assert run_check(connection, final).passed
    return found


def renames(*pairs: tuple[str, str], status: str = "verified") -> list[Row]:
    plain = {"kind": "rename", "source": "page", "status": status}
    return [{"alias_id": old, "model_id": new} | plain for old, new in pairs]


def accounts_renamed(*pairs: tuple[str, str]) -> list[Row]:
    return [{"old_account": old, "new_account": new} | VERIFIED for old, new in pairs]


def test_a_rename_that_the_hub_showed_is_followed(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    answers(
        warehouse, (ASKED, "a/old", {"id": "b/new"}), (ASKED, "c/m", {"id": "c/m"}), (ASKED, "d/gone", 404)
    )
    warehouse.fill("staging.models", [staged("a/old"), staged("e/other")])
    assert todays_ids(warehouse, connection) == {
        "a/old": "b/new", "b/new": "b/new", "c/m": "c/m", "e/other": "e/other",
    }  # fmt: skip


def test_every_spelling_of_the_old_id_is_followed(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    answers(warehouse, (ASKED, "a/old", {"id": "B/New"}))
    warehouse.fill("staging.models", [staged("A/Old"), staged("B/New"), staged("b/new")])
    assert set(todays_ids(warehouse, connection).values()) == {"B/New"}


def test_a_chain_of_renames_ends_in_one_step(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    answers(
        warehouse,
        (OLDEST, "a/1", {"id": "a/2"}), (ASKED, "a/2", {"id": "a/3"}), (LAST, "a/3", {"id": "a/4"}),
    )  # fmt: skip
    assert set(todays_ids(warehouse, connection).values()) == {"a/4"}


def test_the_newest_answer_about_an_id_is_followed(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    answers(warehouse, (LAST, "a/old", {"id": "c/new"}), (ASKED, "a/old", {"id": "b/new"}))
    assert todays_ids(warehouse, connection)["a/old"] == "c/new"


def test_a_later_refusal_leaves_a_rename_as_it_was(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    answers(warehouse, (ASKED, "a/old", {"id": "b/new"}), (LAST, "a/old", 404))
    assert todays_ids(warehouse, connection)["a/old"] == "b/new"


def test_a_model_that_is_renamed_back_has_its_first_name(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    answers(warehouse, (ASKED, "a/1", {"id": "a/2"}), (LAST, "a/2", {"id": "a/1"}))
    assert todays_ids(warehouse, connection) == {"a/1": "a/1", "a/2": "a/1"}


@pytest.mark.parametrize(
    ("days", "today"),
    [
        ((OLDEST, ASKED, LAST), ("a/1", "a/1", "a/1")),
        ((LAST, OLDEST, ASKED), ("a/2", "a/2", "a/2")),
        ((ASKED, LAST, OLDEST), ("a/3", "a/3", "a/3")),
        ((LAST, LAST, LAST), ("a/1", "a/1", "a/1")),
        # a/3 was a name in use after it had led to a/1, and nobody showed otherwise since.
        ((LAST, ASKED, OLDEST), ("a/2", "a/2", "a/3")),
    ],
)
def test_renames_in_a_circle_end_where_a_name_was_last_in_use(
    warehouse: Warehouse,
    connection: duckdb.DuckDBPyConnection,
    days: tuple[date, date, date],
    today: tuple[str, str, str],
) -> None:
    pairs = [("a/1", "a/2"), ("a/2", "a/3"), ("a/3", "a/1")]
    answers(warehouse, *((day, old, {"id": new}) for day, (old, new) in zip(days, pairs, strict=True)))
    found = todays_ids(warehouse, connection)
    assert (found["a/1"], found["a/2"], found["a/3"]) == today


@pytest.mark.parametrize(("lag", "today"), [(0, "b/new"), (2, "b/new"), (3, "a/old")])
def test_an_old_name_that_a_later_list_has_again_is_another_model(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection, lag: int, today: str
) -> None:
    answers(warehouse, (ASKED, "a/old", {"id": "b/new"}))
    warehouse.fill(
        "staging.models", [staged("A/old", snapshot_date=ASKED + timedelta(days=lag)), staged("a/old")]
    )
    assert todays_ids(warehouse, connection)["a/old"].lower() == today


def test_what_is_no_id_is_not_followed(warehouse: Warehouse, connection: duckdb.DuckDBPyConnection) -> None:
    answers(
        warehouse,
        (ASKED, "a/1", {"id": "b/<script>"}), (ASKED, "a/2", {"id": ""}), (ASKED, "a/3", {"id": None}),
    )  # fmt: skip
    warehouse.fill("staging.models", [staged("a/1"), staged("a/2"), staged("a/3")])
    found = todays_ids(warehouse, connection)
    assert found == {name: name for name in ("a/1", "a/2", "a/3")}


@pytest.mark.parametrize("shown", ["c/shown", "a/old", "b/registered"])
def test_the_register_stands_above_what_the_hub_showed(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection, shown: str
) -> None:
    answers(warehouse, (LAST, "a/old", {"id": shown}))
    warehouse.fill("reference.aliases", renames(("a/old", "b/registered")))
    assert todays_ids(warehouse, connection)["a/old"] == "b/registered"


def test_an_unverified_row_of_the_register_does_not(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    answers(warehouse, (LAST, "a/old", {"id": "c/shown"}))
    warehouse.fill("reference.aliases", renames(("a/old", "b/registered"), status="unverified"))
    assert todays_ids(warehouse, connection)["a/old"] == "c/shown"


def test_where_the_hub_leads_to_an_id_that_the_register_renames_the_register_leads_on(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    answers(warehouse, (LAST, "a/1", {"id": "a/2"}), (LAST, "b/1", {"id": "Old/m"}))
    warehouse.fill("reference.aliases", renames(("a/2", "a/3")))
    warehouse.fill("reference.renamed_accounts", accounts_renamed(("Old", "New")))
    assert todays_ids(warehouse, connection) == {
        "a/1": "a/3", "a/2": "a/3", "a/3": "a/3", "b/1": "New/m", "Old/m": "New/m",
    }  # fmt: skip


def test_where_the_register_leads_to_a_renamed_id_the_hub_leads_on(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    answers(warehouse, (LAST, "a/2", {"id": "a/3"}))
    warehouse.fill("reference.aliases", renames(("a/1", "a/2")))
    assert set(todays_ids(warehouse, connection).values()) == {"a/3"}


def test_register_and_hub_in_a_circle_end_at_the_registers_name(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    answers(warehouse, (LAST, "a/1", {"id": "a/2"}))
    warehouse.fill("reference.aliases", renames(("a/2", "a/1")))
    assert set(todays_ids(warehouse, connection).values()) == {"a/1"}


def test_a_rename_moves_a_model_together_with_its_lineage(warehouse: Warehouse) -> None:
    answers(warehouse, (ASKED, "a/old", {"id": "b/new"}))
    warehouse.fill("staging.models", [staged("b/new"), staged("c/child", tags=["base_model:finetune:a/old"])])
    warehouse.build("staging.declared_parents")
    warehouse.build("staging.model_ids")
    warehouse.build("staging.renamed_ids")
    assert warehouse.rows("staging.told_edges", "child_id", "parent_id") == [("c/child", "b/new")]


# --- whom to ask next


def to_ask(connection: duckdb.DuckDBPyConnection, query: str, day: date = LAST) -> list[str]:
    return [row[0] for row in connection.execute(query, {"day": day}).fetchall()]


def with_children(warehouse: Warehouse, **children: int) -> None:
    rows = [
        {"child_id": f"x/{parent}{n}", "parent_id": f"a/{parent}", "relation": "merge",
         "evidence": "declared", "is_superseded": False}
        for parent, count in children.items() for n in range(count)
    ]  # fmt: skip
    warehouse.fill("core.lineage", rows)


def whole_list(warehouse: Warehouse, day: date = LAST) -> None:
    warehouse.fill(
        "core.snapshots", [landed("whole-hub", day, is_whole_population=True), landed("top", LAST)]
    )


def test_dangling_bases_are_asked_for_the_heaviest_first(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    rows = [known(f"a/{name}", is_named_only=True) for name in ("few", "many", "none")]
    rows += [known("a/listed", last_seen_date=DAY), known("a/bad<id>", is_named_only=True)]
    warehouse.fill("core.models", rows).fill("core.model_statuses").fill("core.snapshots")
    with_children(warehouse, few=1, many=3, listed=5, **{"bad<id>": 9})
    assert to_ask(connection, MODELS_TO_ASK) == ["a/many", "a/few"]


def test_bases_and_roots_of_families_that_vanished_from_the_whole_list_are_asked_for(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    warehouse.fill(
        "core.models",
        [
            known("a/base", last_seen_date=DAY),
            known("a/there", last_seen_date=LAST),
            known("a/leaf", last_seen_date=DAY),
            known("a/root", last_seen_date=DAY, family="Llama 3"),
            known("a/deep", last_seen_date=DAY, family="Llama 3", depth=1),
        ],
    )
    warehouse.fill("core.model_statuses")
    with_children(warehouse, base=2, there=2)
    whole_list(warehouse)
    assert to_ask(connection, MODELS_TO_ASK) == ["a/base", "a/root"]
    whole_list(warehouse, DAY)
    assert to_ask(connection, MODELS_TO_ASK) == [], "absence from a partial list says nothing"


def test_what_was_asked_within_28_days_is_not_asked_again(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    names = ["old", "new", "target", "never"]
    warehouse.fill("core.models", [known(f"a/{name}", is_named_only=True) for name in names])
    warehouse.fill("core.snapshots")
    with_children(warehouse, **dict.fromkeys(names, 1))
    gone = {"status": "gone"}
    warehouse.fill(
        "core.model_statuses",
        [
            {"model_id": "a/old", "checked_date": LAST - timedelta(days=28)} | gone,
            {"model_id": "A/new", "checked_date": LAST - timedelta(days=27)} | gone,
            {"model_id": "a/x", "current_id": "a/target", "checked_date": LAST, "status": "renamed"},
        ],
    )
    assert to_ask(connection, MODELS_TO_ASK) == ["a/never", "a/old"]


# --- accounts that the register does not know


def overviews(warehouse: Warehouse, *told: tuple[date, str, int, Row]) -> None:
    """Fill raw.pages and raw.account_overviews: day, account, status, and what the body says."""
    places = [{"snapshot_date": day, "scope": "s", "page": page} for page, (day, *_) in enumerate(told, 1)]
    source = {"source": "huggingface_organizations", "url": "x"}
    pages = [
        place | source | {"subject": name, "status": status}
        for place, (_, name, status, _) in zip(places, told, strict=True)
    ]
    rows = [
        place | {"position": place["page"]} | body
        for place, (_, _, status, body) in zip(places, told, strict=True)
        if status == 200
    ]
    warehouse.fill("raw.pages", pages).fill("raw.account_overviews", rows)


def lists(warehouse: Warehouse, *rows: Row) -> None:
    warehouse.fill("core.model_snapshots", rows)
    warehouse.fill("core.models", [known(name) for name in sorted({row["model_id"] for row in rows})])


def test_the_heaviest_accounts_without_a_row_are_suggested_without_any_overview(warehouse: Warehouse) -> None:
    lists(
        warehouse,
        counted("big/1", downloads_30d=50), counted("big/2", downloads_30d=10),
        counted("known/1", downloads_30d=30), counted("doubtful/1", downloads_30d=5),
        counted("small/1", downloads_30d=5), counted("silent/1"), counted("zero/1", downloads_30d=0),
    )  # fmt: skip
    rows = [account("Known", "meta"), account("doubtful", "x", status="unverified")]
    warehouse.fill("reference.accounts", rows)
    nothing = (None,) * 5
    assert warehouse.rows("marts.account_suggestions") == [
        ("big", 2, 60, 0.6, "list", DAY, *nothing),
        ("small", 1, 5, 0.05, "list", DAY, *nothing),
    ]


def test_ids_without_an_account_are_nobodys(warehouse: Warehouse) -> None:
    lists(warehouse, counted("gpt2", downloads_30d=50), counted("a/m", downloads_30d=50))
    assert warehouse.rows("marts.account_suggestions", "account", "share_of_list") == [("a", 0.5)]


def test_each_account_stands_with_the_newest_list_of_a_scope_in_which_it_weighs_most(
    warehouse: Warehouse,
) -> None:
    lists(
        warehouse,
        counted("a/m", downloads_30d=900), counted("a/m", downloads_30d=70, snapshot_date=LATER),
        counted("a/m", downloads_30d=50, scope="top"), counted("b/m", downloads_30d=50, scope="top"),
        counted("c/m", downloads_30d=9999, scope="ancient", snapshot_date=LATER - timedelta(days=366)),
    )  # fmt: skip
    columns = ("account", "downloads_30d", "share_of_list", "scope", "snapshot_date")
    assert warehouse.rows("marts.account_suggestions", *columns) == [
        ("a", 70, 1.0, "list", LATER),
        ("b", 50, 0.5, "top", DAY),
    ]


def test_a_thousand_are_enough(warehouse: Warehouse) -> None:
    warehouse.fill_by(
        "core.model_snapshots",
        "select date '2025-12-22' as snapshot_date, 'list' as scope, 'u' || i || '/m' as model_id, "
        "i as downloads_30d from range(1, 1502) as r (i)",
    )
    warehouse.fill_by(
        "core.models",
        "select 'u' || i || '/m' as model_id, 'u' || i as account from range(1, 1502) as r (i)",
    )
    suggested = warehouse.build("marts.account_suggestions")
    assert (suggested.height, suggested["downloads_30d"].min()) == (1000, 502)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (
            200,
            {"fullname": " Big <b>Corp</b> ", "is_verified": "true", "followers": "12"},
            (True, "Big <b>Corp</b>", True, 12),
        ),
        (200, {"fullname": "", "is_verified": "false", "followers": "-1"}, (True, None, False, None)),
        (200, {"fullname": None, "is_verified": "perhaps", "followers": "9" * 30}, (True, None, None, None)),
        (200, {"followers": "many"}, (True, None, None, None)),
        (404, {}, (False, None, None, None)),
        (401, {}, (None, None, None, None)),
    ],
)
def test_beside_it_stands_what_the_hub_says_of_the_account(
    warehouse: Warehouse, status: int, body: Row, told: tuple[Any, ...]
) -> None:
    lists(warehouse, counted("Big/1", downloads_30d=50))
    overviews(warehouse, (ASKED, "big", status, body))
    columns = ("is_organization", "fullname", "is_verified", "followers", "checked_date")
    assert warehouse.rows("marts.account_suggestions", *columns) == [(*told, ASKED)]


def test_the_newest_overview_counts(warehouse: Warehouse) -> None:
    lists(warehouse, counted("big/1", downloads_30d=50))
    overviews(warehouse, (LAST, "big", 404, {}), (ASKED, "big", 200, {"fullname": "Big"}))
    assert warehouse.rows("marts.account_suggestions", "is_organization", "fullname", "checked_date") == [
        (False, None, LAST)
    ]


def test_accounts_are_asked_about_the_heaviest_first_and_every_90_days(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    lists(
        warehouse,
        *(counted(f"{name}/m", downloads_30d=n) for n, name in enumerate(["new", "old", "b<d", "z"], 1)),
    )
    overviews(
        warehouse, (LAST - timedelta(days=89), "new", 404, {}), (LAST - timedelta(days=90), "old", 404, {})
    )
    warehouse.build("marts.account_suggestions")
    assert to_ask(connection, ACCOUNTS_TO_ASK) == ["z", "old"]
