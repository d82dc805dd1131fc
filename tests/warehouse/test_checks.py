"""Checks: the rows that break a rule, how many there are, and five of them."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.warehouse.checks import Check, Finding, file_checks, header_checks, require, run_check
from pipelines.warehouse.errors import CheckError, ContractError
from tests.warehouse.tables import make_model

COLUMNS = {"id": "VARCHAR", "kind": "VARCHAR", "share": "DOUBLE"}


def findings(
    connection: duckdb.DuckDBPyConnection, rows: str, checks: dict[str, Any], *, table: str = "core.t"
) -> dict[str, int]:
    """Make core.t of (id, kind, share) rows and give the number of bad rows by check."""
    model = make_model(table, COLUMNS, ["id"], checks=checks)
    connection.execute(f"create table {table} (id varchar, kind varchar, share double)")
    connection.execute(f"insert into {table} values {rows}")
    return {check.name: run_check(connection, check).bad_rows for check in header_checks(model)}


def test_a_sound_table_breaks_no_rule(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create table core.kinds as select 'x' as kind")
    checks = {
        "not_null": ["kind"],
        "ranges": {"share": [0, 1]},
        "accepted": {"kind": ["x", "y"]},
        "references": {"kind": "core.kinds.kind"},
    }
    found = findings(connection, "('a', 'x', 0), ('b', 'x', 1), ('c', 'x', null)", checks)
    assert found == {
        "key": 0, "not_null_kind": 0, "range_share": 0, "accepted_kind": 0, "reference_kind": 0,
    }  # fmt: skip


def test_a_key_that_stands_twice_and_a_key_that_is_null_are_bad(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = "('a', 'x', 0), ('a', 'y', 1), ('b', 'x', 0), (null, 'x', 0)"
    assert findings(connection, rows, {}) == {"key": 2}


def test_in_a_register_an_empty_key_cell_says_since_ever(connection: duckdb.DuckDBPyConnection) -> None:
    assert findings(connection, "('a', 'x', 0), (null, 'x', 0)", {}, table="reference.t") == {"key": 0}


def test_a_key_of_two_columns_may_repeat_one_of_them(connection: duckdb.DuckDBPyConnection) -> None:
    model = make_model("core.t", COLUMNS, ["id", "kind"])
    connection.execute("create table core.t (id varchar, kind varchar, share double)")
    connection.execute("insert into core.t values ('a', 'x', 0), ('a', 'y', 0), ('b', 'x', 0), ('b', 'x', 1)")
    (key,) = header_checks(model)
    assert run_check(connection, key).sample == ["b, x"]


def test_a_null_where_none_may_be_is_bad(connection: duckdb.DuckDBPyConnection) -> None:
    rows = "('a', null, 0), ('b', '', 0), ('c', null, 0)"
    assert findings(connection, rows, {"not_null": ["kind"]})["not_null_kind"] == 2


@pytest.mark.parametrize(
    ("bounds", "bad"), [([0, 1], 2), ([0, None], 1), ([None, 1], 1), ([-1, 2], 0)], ids=str
)
def test_what_lies_outside_of_its_range_is_bad_and_null_lies_nowhere(
    bounds: list[float | None], bad: int, connection: duckdb.DuckDBPyConnection
) -> None:
    rows = "('a', 'x', -0.1), ('b', 'x', 0), ('c', 'x', 1), ('d', 'x', 1.1), ('e', 'x', null)"
    assert findings(connection, rows, {"ranges": {"share": bounds}})["range_share"] == bad


@pytest.mark.parametrize("bounds", [[0, 1], [None, 1], [0, None]], ids=str)
def test_nan_lies_in_no_range(bounds: list[float | None], connection: duckdb.DuckDBPyConnection) -> None:
    found = findings(connection, "('a', 'x', 'nan'), ('b', 'x', 0.5)", {"ranges": {"share": bounds}})
    assert found["range_share"] == 1


def test_infinity_is_outside_of_a_range_with_an_end(connection: duckdb.DuckDBPyConnection) -> None:
    rows = "('a', 'x', 'inf'), ('b', 'x', '-inf'), ('c', 'x', 0.5)"
    assert findings(connection, rows, {"ranges": {"share": [0, 1]}})["range_share"] == 2


def test_a_word_that_is_not_accepted_is_bad_and_null_is_not_a_word(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = "('a', 'it''s', 0), ('b', 'X', 0), ('c', 'other', 0), ('d', null, 0)"
    assert findings(connection, rows, {"accepted": {"kind": ["it's", "x"]}})["accepted_kind"] == 2


def test_a_reference_to_what_is_not_there_is_bad_and_null_refers_to_nothing(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("create table core.kinds as select unnest(['x', 'y', null]) as kind")
    rows = "('a', 'x', 0), ('b', 'z', 0), ('c', null, 0)"
    assert findings(connection, rows, {"references": {"kind": "core.kinds.kind"}})["reference_kind"] == 1


def numbers(connection: duckdb.DuckDBPyConnection, rows: int) -> Finding:
    query = f"select n, 'row ' || n as named from range({rows}) as t(n)"
    return run_check(connection, Check("core.t", "none", "there is no row", query))


@pytest.mark.parametrize("rows", [0, 1, 5, 6, 3000])
def test_a_finding_says_how_many_rows_and_shows_five(
    rows: int, connection: duckdb.DuckDBPyConnection
) -> None:
    finding = numbers(connection, rows)
    assert finding.bad_rows == rows
    assert finding.passed is (rows == 0)
    assert finding.sample == [f"{n}, row {n}" for n in range(min(rows, 5))]


def test_a_long_value_is_cut_in_the_sample(connection: duckdb.DuckDBPyConnection) -> None:
    finding = run_check(connection, Check("core.t", "long", "short", "select repeat('x', 5000) as id"))
    assert finding.sample == ["x" * 80]


def test_a_bad_finding_raises_with_table_rule_number_and_sample(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    with pytest.raises(CheckError) as raised:
        require([numbers(connection, 0), numbers(connection, 7)])
    told = str(raised.value)
    assert "core.t: there is no row: broken by 7 rows" in told
    assert all(f"{n}, row {n}" in told for n in range(5))
    assert "row 5" not in told
    assert "the last release stays" in told


def test_all_bad_findings_are_told_at_once(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(CheckError, match=r"(?s)by 2 rows.*by 3 rows"):
        require([numbers(connection, 2), numbers(connection, 3)])


def test_nothing_bad_raises_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    good = [numbers(connection, 0)]
    require(good)
    require([])
    assert good[0].passed


def test_checks_of_several_tables_stand_in_files_by_name(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    (tmp_path / "b.sql").write_text("-- marts.t: shares: they sum to 1\nselect 1 as n\nwhere false;\n")
    (tmp_path / "a.sql").write_text("--core.t: no row\n-- because\nselect 1 as n")
    first, second = file_checks(tmp_path)
    assert (first.table, first.name, first.description) == ("core.t", "a", "no row")
    assert (second.table, second.name, second.description) == ("marts.t", "b", "shares: they sum to 1")
    assert [run_check(connection, check).bad_rows for check in (first, second)] == [1, 0]
    assert not any(check.is_rule for check in (first, second))
    assert all(check.is_rule for check in header_checks(make_model("core.t", COLUMNS, ["id"])))


def test_a_check_may_end_with_a_comment(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    (tmp_path / "a.sql").write_text("-- core.t: no row\nselect 1 as n -- not even one\n")
    assert run_check(connection, file_checks(tmp_path)[0]).bad_rows == 1


@pytest.mark.parametrize("text", ["", "select 1", "core.t: no row\nselect 1", "-- no row\nselect 1"])
def test_a_file_that_does_not_say_what_must_hold_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "shares.sql").write_text(text)
    with pytest.raises(ContractError, match=r"sql/checks/shares\.sql must begin with"):
        file_checks(tmp_path)
