"""SQL models: what a file must say, in which order tables are made, and that they are what was said."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines.settings import SQL_DIR
from pipelines.warehouse.connection import SCHEMAS, open_memory
from pipelines.warehouse.errors import ContractError
from pipelines.warehouse.models import (
    SqlModel,
    build,
    identifiers,
    literal,
    load_models,
    parse_model,
    preview,
    transaction,
    write_frame,
    write_frames,
)
from tests.warehouse.tables import make_model, write_sql

TEXT = """
/*
description: >
  How many models
  a family has.
columns:
  family: VARCHAR | The curated generation; "Llama 3", for instance.
  models: BIGINT | How many | at all.
key: [family]
checks:
  not_null: [models]
*/
select family, count(*) as models from staging.models group by family;
"""


def parse(text: str) -> SqlModel:
    return parse_model(text, schema="marts", name="families")


def test_a_header_says_what_the_table_is() -> None:
    model = parse(TEXT)
    assert model.table == "marts.families"
    assert model.description == "How many models a family has."
    assert model.columns == {
        "family": ("VARCHAR", 'The curated generation; "Llama 3", for instance.'),
        "models": ("BIGINT", "How many | at all."),
    }
    assert model.key == ("family",)
    assert model.checks == {"not_null": ["models"]}
    assert model.body == "select family, count(*) as models from staging.models group by family"
    assert (model.made_by, model.payload) == (None, None)


@pytest.mark.parametrize(
    "text", ["", "select 1", "-- description: x\nselect 1", "select 1 /* description: x */"]
)
def test_a_file_without_a_header_is_named(text: str) -> None:
    with pytest.raises(ContractError, match=r"sql/marts/families\.sql has no header comment"):
        parse(text)


@pytest.mark.parametrize("wrong", ["columns: [", "description: a: b", "\tdescription: x"])
def test_a_header_that_is_no_yaml_is_named(wrong: str) -> None:
    with pytest.raises(ContractError, match=r"sql/marts/families\.sql: the header is not YAML"):
        parse(f"/*\n{wrong}\n*/ select 1")


@pytest.mark.parametrize("wrong", ["", "Families, by number of models.", "- description", "42"])
def test_a_header_that_is_yaml_but_says_nothing_is_named(wrong: str) -> None:
    with pytest.raises(ContractError, match=r"sql/marts/families\.sql"):
        parse(f"/*\n{wrong}\n*/ select 1")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("key:", "keys:", "unknown ['keys'], lacks ['key']"),
        ("not_null:", "notnull:", "unknown ['notnull'], lacks []"),
        ("description:", "about:", "unknown ['about'], lacks ['description']"),
        ("columns:", "fields:", "unknown ['fields'], lacks ['columns']"),
    ],
)
def test_a_word_that_no_header_has_is_named(old: str, new: str, named: str) -> None:
    with pytest.raises(ContractError) as raised:
        parse(TEXT.replace(old, new))
    assert named in str(raised.value)


@pytest.mark.parametrize("column", ["BIGINT", "BIGINT |", "BIGINT |   "])
def test_a_column_without_a_comment_is_named(column: str) -> None:
    with pytest.raises(ContractError, match=r"families\.sql: column models needs `TYPE \| comment`"):
        parse(TEXT.replace("BIGINT | How many | at all.", column))


def test_a_column_without_a_type_is_named() -> None:
    with pytest.raises(ContractError, match="column models needs"):
        parse(TEXT.replace("BIGINT | How many", '"| How many').replace("at all.", 'at all."'))


def test_a_table_reads_what_its_select_and_its_references_name() -> None:
    body = """
    -- from raw.not_this
    select n from staging.b inner JOIN Core.C using (n) where n in (select n from reference.d)
    union all select n from marts.a
    """
    checks = {"references": {"n": "core.e.n"}}
    model = make_model("marts.a", {"n": "INTEGER"}, ["n"], body, checks=checks, reads=["core.f"])
    assert model.reads == ("core.c", "core.e", "core.f", "reference.d", "staging.b")


def test_the_projects_own_models_come_after_what_they_read(models: dict[str, SqlModel]) -> None:
    order = list(models)
    files = [path for schema in SCHEMAS for path in (SQL_DIR / schema).glob("*.sql")]
    assert len(order) == sum("." not in path.stem for path in files)  # the others are further parsers
    for table, model in models.items():
        assert all(order.index(read) < order.index(table) for read in model.reads), table


def test_a_raw_table_has_a_select_for_each_source_that_it_is_parsed_from(tmp_path: Path) -> None:
    write_sql(tmp_path, "raw.models", "select 1 as n", payload="lists")
    write_sql(tmp_path, "raw.models_more", "select 2 as n", payload="others")
    (tmp_path / "raw" / "models.one_file.sql").write_text("-- from a file\nselect 3 as n;\n")
    models = load_models(tmp_path)
    assert list(models) == ["raw.models", "raw.models_more"]
    assert models["raw.models"].parsers == {
        "lists": "select 1 as n",
        "one_file": "-- from a file\nselect 3 as n",
    }
    assert models["raw.models_more"].parsers == {"others": "select 2 as n"}


def test_a_table_that_is_not_parsed_has_no_parsers(tmp_path: Path) -> None:
    write_sql(tmp_path, "core.a", "select 1 as n")
    assert load_models(tmp_path)["core.a"].parsers == {}


def test_the_projects_models_are_parsed_from_pages_and_from_one_file(models: dict[str, SqlModel]) -> None:
    assert set(models["raw.models"].parsers) == {"huggingface_models", "hub_stats"}
    repositories = {"github_repositories", "github_repositories_graphql"}
    assert set(models["raw.repositories"].parsers) == repositories


def test_tables_are_ordered_whatever_their_names_are(tmp_path: Path) -> None:
    write_sql(tmp_path, "core.a", "select n from core.b")
    write_sql(tmp_path, "core.b", "select n from core.c")
    write_sql(tmp_path, "core.c", "select n from raw.z")
    write_sql(tmp_path, "raw.z", "select 1 as n")
    assert list(load_models(tmp_path)) == ["raw.z", "core.c", "core.b", "core.a"]


def test_a_table_that_reads_a_higher_layer_is_refused(tmp_path: Path) -> None:
    write_sql(tmp_path, "marts.high", "select 1 as n")
    write_sql(tmp_path, "core.low", "select n from marts.high")
    with pytest.raises(ContractError, match=r"core\.low reads marts\.high, which lies in a higher layer"):
        load_models(tmp_path)


def test_a_table_that_nobody_makes_is_named(tmp_path: Path) -> None:
    write_sql(tmp_path, "core.a", "select n from staging.b")
    with pytest.raises(ContractError, match=r"core\.a reads staging\.b, which no file in sql/ makes"):
        load_models(tmp_path)


def test_a_table_that_only_a_check_refers_to_must_exist_as_well(tmp_path: Path) -> None:
    write_sql(tmp_path, "core.a", "select 1 as n", checks={"references": {"n": "core.b.n"}})
    with pytest.raises(ContractError, match=r"core\.a reads core\.b"):
        load_models(tmp_path)


def test_a_register_that_does_not_exist_is_named(tmp_path: Path) -> None:
    write_sql(tmp_path, "core.a", "select n from reference.organisations")
    with pytest.raises(ContractError, match=r"core\.a reads reference\.organisations"):
        load_models(tmp_path)


def test_tables_that_read_each_other_in_a_circle_are_named(tmp_path: Path) -> None:
    write_sql(tmp_path, "core.a", "select n from core.b")
    write_sql(tmp_path, "core.b", "select n from core.a")
    with pytest.raises(ContractError, match=r"in a circle: .*core\.a.*core\.b"):
        load_models(tmp_path)


COLUMNS = {"family": "VARCHAR", "models": "BIGINT"}
GOOD = "select 'Llama 3' as family, 7::bigint as models"


def made(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute("select * from marts.families").fetchall()


def comments(connection: duckdb.DuckDBPyConnection) -> list[str]:
    query = """
        select comment from duckdb_tables() where table_name = 'families'
        union all
        select comment from duckdb_columns() where table_name = 'families'
    """
    return [row[0] for row in connection.execute(query).fetchall()]


def test_a_table_is_made_from_its_select_with_its_comments(connection: duckdb.DuckDBPyConnection) -> None:
    assert build(connection, make_model("marts.families", COLUMNS, ["family"], GOOD)) == 1
    assert made(connection) == [("Llama 3", 7)]
    assert comments(connection) == ["A table made by hand.", "The family.", "The models."]


def test_making_a_table_again_replaces_it_and_keeps_its_comments(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    for body in (GOOD, GOOD.replace("7", "8")):
        build(connection, make_model("marts.families", COLUMNS, ["family"], body))
    assert made(connection) == [("Llama 3", 8)]
    assert comments(connection) == ["A table made by hand.", "The family.", "The models."]


def test_a_description_with_quotes_arrives_in_the_database(connection: duckdb.DuckDBPyConnection) -> None:
    told = "What's a \"family\"? -- 🦙 '); drop schema marts; --"
    build(connection, make_model("marts.families", COLUMNS, ["family"], GOOD, description=told))
    assert comments(connection)[0] == told


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("select 'x' as family", "models is declared but not made"),
        (f"{GOOD}, 1 as extra", "extra is made but not declared"),
        ("select 'x' as family, 7 as models", "models is INTEGER, declared BIGINT"),
        ("select 7::bigint as models, 'x' as family", "another order"),
    ],
)
def test_a_table_that_is_not_what_its_header_says_is_refused_and_the_old_one_stays(
    body: str, problem: str, connection: duckdb.DuckDBPyConnection
) -> None:
    build(connection, make_model("marts.families", COLUMNS, ["family"], GOOD))
    with pytest.raises(ContractError, match=rf"sql/marts/families\.sql: {problem}"):
        build(connection, make_model("marts.families", COLUMNS, ["family"], body))
    assert made(connection) == [("Llama 3", 7)]
    assert comments(connection) == ["A table made by hand.", "The family.", "The models."]


def test_all_differences_are_told_at_once(connection: duckdb.DuckDBPyConnection) -> None:
    body = "select 1 as family, 2 as extra"
    with pytest.raises(ContractError) as raised:
        build(connection, make_model("marts.families", COLUMNS, ["family"], body))
    assert "models is declared" in str(raised.value)
    assert "extra is made" in str(raised.value)
    assert "family is INTEGER" in str(raised.value)


@pytest.mark.parametrize("body", ["selekt 1", "select * from core.nowhere", "select 'x'::integer as models"])
def test_a_select_that_fails_leaves_the_old_table(body: str, connection: duckdb.DuckDBPyConnection) -> None:
    build(connection, make_model("marts.families", COLUMNS, ["family"], GOOD))
    with pytest.raises(ContractError, match=r"sql/marts/families\.sql, after its header"):
        build(connection, make_model("marts.families", COLUMNS, ["family"], body))
    assert made(connection) == [("Llama 3", 7)]


FAMILIES = make_model("marts.families", COLUMNS, ["family"])


def test_a_frame_is_written_by_name_not_by_position(connection: duckdb.DuckDBPyConnection) -> None:
    frame = pl.DataFrame({"models": [7, 8], "family": ["Llama 3", "Qwen 3"]})
    assert write_frame(connection, FAMILIES, frame) == 2
    assert made(connection) == [("Llama 3", 7), ("Qwen 3", 8)]
    assert comments(connection) == ["A table made by hand.", "The family.", "The models."]


def test_a_frame_keeps_nulls_lists_dates_and_any_text(connection: duckdb.DuckDBPyConnection) -> None:
    columns = {"id": "VARCHAR", "tags": "VARCHAR[]", "day": "DATE", "share": "DOUBLE", "is_open": "BOOLEAN"}
    model = make_model("core.mixed", columns, ["id"])
    frame = pl.DataFrame(
        {
            "id": ["<b>'\"🦙\u0000", "", None],
            "tags": [["a", None], [], None],
            "day": [None, "2026-05-01", "1970-01-01"],
            "share": [0.1 + 0.2, None, -0.0],
            "is_open": [True, None, False],
        }
    ).with_columns(pl.col("day").str.to_date())
    write_frame(connection, model, frame)
    assert_frame_equal(connection.sql("select * from core.mixed").pl(), frame)


def test_a_frame_without_rows_makes_an_empty_table(connection: duckdb.DuckDBPyConnection) -> None:
    assert (
        write_frame(connection, FAMILIES, pl.DataFrame(schema={"family": pl.String, "models": pl.Null})) == 0
    )
    assert made(connection) == []


@pytest.mark.parametrize(
    ("frame", "differing"),
    [
        (pl.DataFrame({"family": ["x"]}), r"\['models'\]"),
        (pl.DataFrame({"family": ["x"], "models": [1], "extra": [1]}), r"\['extra'\]"),
        (pl.DataFrame({"family": ["x"], "Models": [1]}), r"\['Models', 'models'\]"),
    ],
)
def test_a_frame_with_other_columns_is_refused_and_the_old_table_stays(
    frame: pl.DataFrame, differing: str, connection: duckdb.DuckDBPyConnection
) -> None:
    build(connection, make_model("marts.families", COLUMNS, ["family"], GOOD))
    with pytest.raises(ContractError, match=rf"marts\.families: frame and header differ in {differing}"):
        write_frame(connection, FAMILIES, frame)
    assert made(connection) == [("Llama 3", 7)]


def test_a_frame_that_does_not_fit_its_types_leaves_the_old_table_and_a_working_connection(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    build(connection, make_model("marts.families", COLUMNS, ["family"], GOOD))
    with pytest.raises((ContractError, duckdb.Error)):
        write_frame(connection, FAMILIES, pl.DataFrame({"family": ["x"], "models": ["many"]}))
    assert made(connection) == [("Llama 3", 7)]
    assert write_frame(connection, FAMILIES, pl.DataFrame({"family": ["x"], "models": [1]})) == 1


def test_a_frame_whose_numbers_would_be_rounded_is_refused(connection: duckdb.DuckDBPyConnection) -> None:
    frame = pl.DataFrame({"family": ["x"], "models": [0.6]})
    with pytest.raises((ContractError, duckdb.Error)):
        write_frame(connection, FAMILIES, frame)


def test_a_written_frame_is_not_left_behind_as_a_view(connection: duckdb.DuckDBPyConnection) -> None:
    write_frame(connection, FAMILIES, pl.DataFrame({"family": ["x"], "models": [1]}))
    views = connection.execute("select view_name from duckdb_views() where not internal").fetchall()
    assert views == []


def tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [
        row[0] for row in connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
    ]


OTHERS = make_model("marts.others", {"family": "VARCHAR"}, ["family"])


def test_tables_that_belong_together_come_together(connection: duckdb.DuckDBPyConnection) -> None:
    one = pl.DataFrame({"family": ["a"], "models": [1]})
    write_frames(connection, [(FAMILIES, one), (OTHERS, one.select("family"))])
    assert connection.execute(f"select * from {FAMILIES.table}").fetchall() == [("a", 1)]
    assert connection.execute(f"select * from {OTHERS.table}").fetchall() == [("a",)]


def test_when_one_of_them_is_wrong_all_old_tables_stay(connection: duckdb.DuckDBPyConnection) -> None:
    old, new = (pl.DataFrame({"family": [name], "models": [1]}) for name in ("old", "new"))
    write_frame(connection, FAMILIES, old)
    with pytest.raises(ContractError, match="differ"):
        write_frames(connection, [(FAMILIES, new), (OTHERS, new)])
    assert connection.execute(f"select family from {FAMILIES.table}").fetchall() == [("old",)]
    write_frames(connection, [(FAMILIES, new)])
    assert connection.execute(f"select family from {FAMILIES.table}").fetchall() == [("new",)]
    assert tables(connection) == [FAMILIES.name]


def kinds(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    found = connection.execute("select table_name, table_type from information_schema.tables order by 1")
    return found.fetchall()


def test_a_view_says_what_it_is_and_follows_what_it_reads(connection: duckdb.DuckDBPyConnection) -> None:
    view = make_model("marts.doubled", {"n": "INTEGER"}, ["n"], "select 2 * n as n from raw.n", is_view=True)
    connection.execute("create table raw.n as select 1 as n")
    assert build(connection, view) == 1
    connection.execute("create or replace table raw.n as select 5 as n")
    assert connection.execute("select n from marts.doubled").fetchall() == [(10,)]
    assert kinds(connection) == [("doubled", "VIEW"), ("n", "BASE TABLE")]
    told = "select comment from duckdb_views() where view_name = 'doubled'"
    assert connection.execute(told).fetchall() == [(view.description,)]


@pytest.mark.parametrize("is_view", [True, False])
def test_what_was_a_table_may_become_a_view_and_the_reverse(
    connection: duckdb.DuckDBPyConnection, is_view: bool
) -> None:
    for now in (is_view, not is_view, is_view):
        model = make_model("marts.n", {"n": "INTEGER"}, ["n"], "select 1 as n", is_view=now)
        assert build(connection, model) == 1
    assert kinds(connection) == [("n", "VIEW" if is_view else "BASE TABLE")]


def test_a_preview_shows_the_first_rows_by_key(connection: duckdb.DuckDBPyConnection) -> None:
    frame = pl.DataFrame({"family": ["c", "a", "b"], "models": [1, 2, 3]})
    write_frame(connection, FAMILIES, frame)
    assert preview(connection, FAMILIES, rows=2).rows() == [("a", 2), ("b", 3)]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_breaks_a_transaction_takes_all_of_it_back(
    error: type[BaseException], connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute("create table marts.n as select 1 as n")

    def break_off() -> None:
        with transaction(connection):
            connection.execute("insert into marts.n values (2)")
            raise error

    with pytest.raises(error):
        break_off()
    with transaction(connection):
        connection.execute("insert into marts.n values (3)")
    assert connection.execute("select n from marts.n order by n").fetchall() == [(1,), (3,)]


@pytest.fixture(scope="module")
def shared() -> Iterator[duckdb.DuckDBPyConnection]:
    """One connection for all examples; what they write does not matter to the next."""
    with open_memory() as opened:
        yield opened


@settings(deadline=None, derandomize=True, max_examples=200)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_from_a_literal(shared: duckdb.DuckDBPyConnection, text: str) -> None:
    assert shared.execute(f"select {literal(text)}").fetchall() == [(text,)]


@settings(deadline=None, derandomize=True, max_examples=50)
@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_name_can_be_a_columns_name(shared: duckdb.DuckDBPyConnection, name: str) -> None:
    shared.execute(f"create or replace table raw.odd ({identifiers([name])} integer)")
    assert [row[0] for row in shared.execute("describe raw.odd").fetchall()] == [name]


def test_names_are_quoted_one_by_one() -> None:
    assert identifiers(["order", 'a"b', "c, d"]) == '"order", "a""b", "c, d"'
