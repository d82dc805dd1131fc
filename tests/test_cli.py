"""The command as people use it: what it prints and with which exit code it ends."""

import json
from pathlib import Path

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner, Result

from pipelines import cli
from pipelines.settings import Settings
from tests.hub import hub


@pytest.fixture
def ask(released: Settings):
    def invoke(*arguments: str, **environ: str) -> Result:
        return CliRunner().invoke(
            cli.main, list(arguments), env={"CAMBRIAN_HOME": str(released.home), **environ}
        )

    return invoke


def test_help_lists_commands_and_exit_codes() -> None:
    result = CliRunner().invoke(cli.main, ["--help"])
    assert result.exit_code == 0
    assert all(name in result.output for name in ("run", "serve", "query", "status", "tables", "Exit codes"))


def test_query_prints_a_table(ask) -> None:
    result = ask("query", "select headline, unit from marts.headlines order by all limit 1")
    assert result.exit_code == 0
    assert result.output.split() == ["headline", "unit", "dependent_share", "share"]


def test_query_gives_csv_json_and_parquet(ask, tmp_path: Path) -> None:
    sql = "select 1 as one, 'a,\"b\"' as text"
    assert ask("query", sql, "--format", "csv").output == 'one,text\n1,"a,""b"""\n'
    assert json.loads(ask("query", sql, "--format", "json").output) == [{"one": 1, "text": 'a,"b"'}]
    target = tmp_path / "out.parquet"
    assert ask("query", sql, "--format", "parquet", "--output", str(target)).exit_code == 0
    assert pl.read_parquet(target).rows() == [(1, 'a,"b"')]


def test_query_takes_a_file_and_sql_that_begins_with_a_comment(ask, tmp_path: Path) -> None:
    sql = "-- a comment\nselect 7 as seven"
    (tmp_path / "q.sql").write_text(sql)
    assert ask("query", str(tmp_path / "q.sql")).output == ask("query", sql).output


def test_query_shows_markup_from_the_data_as_it_is(ask) -> None:
    assert "[red]<b>x</b>[/red]" in ask("query", "select '[red]<b>x</b>[/red]' as name").output


def test_wrong_sql_ends_with_7_and_the_reason(ask) -> None:
    result = ask("query", "from nowhere")
    assert (result.exit_code, "nowhere" in result.output) == (7, True)


def test_the_published_file_cannot_be_written(ask) -> None:
    assert ask("query", "drop table marts.headlines").exit_code == 7


def test_status_shows_each_source_with_its_newest_day(ask) -> None:
    result = ask("status")
    assert result.exit_code == 0
    assert all(
        text in result.output
        for text in ("github_stars", "package_downloads", "top-1000-per-task", "2025-12-22", "17,974")
    )


def test_tables_is_the_data_dictionary(ask) -> None:
    assert "marts.dependence_cube" in ask("tables").output
    assert "first_party, derived, independent or unknown" in ask("tables", "marts.dependence_cube").output
    assert ask("tables", "marts.nothing").exit_code == 2


def test_without_a_release_every_reader_says_what_to_do(tmp_path: Path) -> None:
    for arguments in (["query", "select 1"], ["status"], ["tables"], ["serve"]):
        result = CliRunner().invoke(cli.main, arguments, env={"CAMBRIAN_HOME": str(tmp_path)})
        assert result.exit_code == 5, arguments
        assert "cambrian run" in result.output


def test_a_wrong_source_or_a_day_to_come_ends_with_2(tmp_path: Path) -> None:
    home = {"CAMBRIAN_HOME": str(tmp_path)}
    wrong = CliRunner().invoke(cli.main, ["run"], env={**home, "CAMBRIAN_SOURCE": "elsewhere"})
    assert (wrong.exit_code, "recorded" in wrong.output) == (2, True)
    future = CliRunner().invoke(cli.main, ["run", "--as-of", "2999-01-01"], env=home)
    assert (future.exit_code, "future" in future.output) == (2, True)


def test_a_run_with_nothing_new_ends_at_once(ask) -> None:
    result = ask("run")
    assert result.exit_code == 0
    assert "nothing new" in result.output


def test_a_live_run_lands_checks_and_publishes(tmp_path: Path) -> None:
    pages = [
        [{"id": "maker/base", "downloads": 90, "pipeline_tag": "text-generation", "tags": []}],
        [
            {"id": "user/<b>tuned</b>", "downloads": -5, "tags": ["base_model:finetune:maker/base"]},
            {"id": "maker/base", "downloads": 91, "tags": []},
        ],
    ]
    with hub(pages) as endpoint:
        environ = {"CAMBRIAN_HOME": str(tmp_path), "HF_ENDPOINT": endpoint, "HF_TOKEN": "hf_secret"}
        result = CliRunner().invoke(cli.main, ["run", "--source", "live"], env=environ)
    assert (result.exit_code, "published" in result.output) == (0, True)
    with duckdb.connect(str(tmp_path / "cambrian.duckdb"), read_only=True) as reader:
        rows = reader.sql(
            "select model_id, downloads_30d from core.model_snapshots "
            "where scope = 'top-10000-by-downloads' order by all"
        ).fetchall()
        edges = reader.sql(
            "select parent_id from core.lineage where child_id = 'user/<b>tuned</b>'"
        ).fetchall()
    assert rows == [("maker/base", 90), ("user/<b>tuned</b>", None)]
    assert edges == [("maker/base",)]
    landed = b"".join(path.read_bytes() for path in (tmp_path / "payloads").rglob("*.json"))
    assert b"hf_secret" not in landed


def test_a_source_that_fails_ends_with_4_and_leaves_the_release(released: Settings, ask) -> None:
    before = released.current_release.resolve()
    result = ask("run", "--source", "live", HF_ENDPOINT="http://127.0.0.1:9")
    assert (result.exit_code, "did not answer" in result.output) == (4, True)
    assert released.current_release.resolve() == before


def test_as_of_tells_nothing_that_came_later(tmp_path: Path) -> None:
    environ = {"CAMBRIAN_HOME": str(tmp_path)}
    result = CliRunner().invoke(cli.main, ["run", "--as-of", "2025-04-30"], env=environ)
    assert result.exit_code == 0, result.output
    with duckdb.connect(str(tmp_path / "cambrian.duckdb"), read_only=True) as reader:
        newest = reader.sql(
            "select max(as_of_date), (select max(snapshot_date) from core.snapshots), "
            "(select max(event_date) from core.releases) from marts.headlines"
        ).fetchall()
    assert [day.isoformat()[:7] for day in newest[0]] == ["2025-03", "2025-04", "2025-04"]


def test_as_of_before_anything_was_landed_says_so(tmp_path: Path) -> None:
    environ = {"CAMBRIAN_HOME": str(tmp_path)}
    result = CliRunner().invoke(cli.main, ["run", "--as-of", "2020-01-01"], env=environ)
    assert result.exit_code == 3
    assert result.output.strip() == "Error: Nothing was landed up to 2020-01-01; try a later --as-of."


def test_a_query_without_rows_is_an_empty_table(ask) -> None:
    result = ask("query", "select 1 as one where false", "--format", "csv")
    assert (result.exit_code, result.output) == (0, "one\n")


def test_what_duckdb_finds_only_while_running_ends_with_7(ask) -> None:
    assert ask("query", "select cast(headline as integer) from marts.headlines").exit_code == 7
    assert ask("query", "no-such-file.sql").exit_code == 2
