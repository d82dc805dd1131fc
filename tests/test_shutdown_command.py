"""`cambrian shutdown` as people use it: what it says, of which list, and how it ends when it cannot."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from pipelines import cli
from pipelines.settings import Settings
from pipelines.warehouse.connection import open_published, open_warehouse
from pipelines.warehouse.models import SqlModel
from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, counted, held, known, landed, named, rooted, shared

Ask = Callable[..., Result]
PUBLISHED = ("core.accounts", "core.organizations", "core.snapshots", "core.models", "core.model_roots",
             "core.ancestry", "core.model_snapshots", "marts.headlines", "marts.shutdown_exposure",
             "marts.shutdown_freeze")  # fmt: skip


def exposed(uploader: str, upstream: str, downloads: int, **given: Any) -> dict[str, Any]:
    """A row of marts.shutdown_exposure."""
    plain = {"snapshot_date": DAY, "scope": "list", "evidence": "curated", "universe": "generative_language"}
    plain |= {"uploader": uploader, "upstream": upstream, "paths": upstream, "needs": "", "losses": ""}
    return plain | {"models": 1, "derivatives": 1, "downloads_30d": downloads, "likes": 0} | given


def frozen(organization_id: str, loss: float | None, error: float | None, **given: Any) -> dict[str, Any]:
    """A row of marts.shutdown_freeze."""
    plain = {"scope": "list", "as_of_date": DAY, "organization_id": organization_id, "bases": 40}
    plain |= {"releases": 20, "derivatives": 100, "undated_derivatives": 10, "past_year_of_new_bases": 60}
    plain |= {"past_year_flow": 200, "loss": loss, "loss_error": error, "lower": loss, "upper": loss}
    return plain | {"status": "estimated" if loss else "not estimable: 3 releases in the past year"} | given


@pytest.fixture
def home(tmp_path: Path, models: dict[str, SqlModel]) -> Path:
    """A home whose published file has one small list: Meta 60 %, Mistral 10 %, 20 % on both, 10 % unknown."""
    with open_warehouse(tmp_path / "cambrian.duckdb") as connection:
        made = Warehouse(connection, models)
        for table in PUBLISHED:
            made.fill(table)
        made.fill(
            "core.organizations", [named("meta", name="Meta <Platforms>", country="US"), named("mistral")]
        )
        made.fill("core.accounts", [held("meta-llama", "meta"), held("mistralai", "mistral")])
        made.fill("core.snapshots", [landed(title="a small [bold]list[/bold]")])
        made.fill(
            "marts.shutdown_exposure",
            [
                exposed("meta", "meta", 60),
                exposed("mistral", "mistral", 10),
                exposed("unregistered", "meta+mistral", 20, needs="meta", losses="meta|mistral"),
                exposed("unregistered", "unknown", 10, needs="unknown", losses="unknown"),
                exposed("unregistered", "unknown", 900, universe="vision"),
            ],
        )
        made.fill("marts.shutdown_freeze", [frozen("meta", 100.0, 30.0), frozen("mistral", None, None)])
        listed = {"meta-llama/base": 60, "u/blend": 20}
        made.fill("core.models", [known("meta-llama/base", organization_id="meta"), known("u/blend")])
        made.fill(
            "core.model_snapshots",
            [counted(name, universe="generative_language", downloads_30d=n) for name, n in listed.items()],
        )
        made.fill("core.model_roots", [rooted(name, family="Llama <3>", parents=1) for name in listed])
        made.fill("core.ancestry", [shared(name, "meta", 1.0, 1.0) for name in listed])
    return tmp_path


@pytest.fixture
def ask(home: Path) -> Ask:
    """Call the command in that home."""

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli.main, ["shutdown", *arguments], env={"CAMBRIAN_HOME": str(home)})

    return invoke


def flat(result: Result) -> str:
    return " ".join(result.output.split())


def test_the_answer_comes_first_with_bounds_list_and_day(ask: Ask) -> None:
    result = ask("meta")
    assert result.exit_code == 0
    assert flat(result).startswith(
        "If Meta <Platforms> deleted its repositories, 80.0 to 90.0 % of this list's downloads in 30 days "
        "would be lost at once and 10.0 to 20.0 % left; 80.0 to 90.0 % are of models that would never have "
        "been born without it."
    )
    assert "generative language models of a small [bold]list[/bold] (list list, not the whole Hub)" in flat(
        result
    )
    assert "as of 2025-12-22; 100 downloads in 30 days, 4 models." in flat(result)
    assert "10.0 % of the downloads stand on roots of which not all is known." in flat(result)


def test_figures_families_and_countries_stand_in_tables_of_80_columns(ask: Ask) -> None:
    result = ask("meta", "mistral")
    assert max(map(len, result.output.splitlines())) <= 80
    assert "broken: adapters without a base 20.0 % 30.0 % 20" in flat(result)
    assert "Llama <3> 80.0 %" in flat(result)
    assert "US 60.0 % not known 20.0 %" in flat(result)
    assert "What this does not say:" in result.output


@pytest.mark.parametrize("word", ["meta", "META", "Meta <Platforms>", "meta-llama"])
def test_an_organization_goes_by_id_name_or_account(ask: Ask, word: str) -> None:
    assert json.loads(ask(word, "--json").output)["organizations"] == ["meta"]


def test_json_has_the_same_figures(ask: Ask) -> None:
    facts = json.loads(ask("mistralai", "meta", "--json").output)
    assert facts["organizations"] == ["mistral", "meta"]
    assert (facts["scope"], facts["universe"], facts["as_of_date"]) == (
        "list",
        "generative_language",
        "2025-12-22",
    )
    assert facts["figures"]["lost_now"] == {
        "lower": 90, "upper": 100, "lower_share": 0.9, "upper_share": 1.0
    }  # fmt: skip
    assert facts["never_born_by"]["country of the uploader"] == {"US": 60, "not known": 20}


def test_another_weight_and_universe_are_counted(ask: Ask) -> None:
    result = ask("meta", "--weight", "derivatives", "--universe", "all")
    assert "40.0 to 60.0 % of this list's models with a known parent would be lost" in flat(result)
    assert "all models of a small" in flat(result)


def test_a_freeze_is_estimated_and_counted(ask: Ask) -> None:
    result = ask("meta", "--kind", "freeze", "--substitution", "0.5")
    assert result.exit_code == 0
    assert flat(result).startswith(
        "If Meta <Platforms> released nothing more, about 50 fewer of the derivatives that this list shows "
        "would be born within a year (95 % interval 29 to 93), if others make good 50.0 %. Counted, not "
        "estimated:"
    )
    assert "would have cost 30 to 35 of this list's 200 derivatives (15.0 to 17.5 %)" in flat(result)


def test_a_freeze_by_a_partial_list_is_called_an_illustration(ask: Ask, home: Path) -> None:
    with open_warehouse(home / "cambrian.duckdb") as connection:
        status = (
            "update marts.shutdown_freeze set status = 'illustration: a partial list' where loss is not null"
        )
        connection.execute(status)
    result = ask("meta", "--kind", "freeze")
    assert "if others make good 0.0 %. An illustration by a partial list, no estimate for the Hub." in flat(
        result
    )
    facts = json.loads(ask("meta", "--kind", "freeze", "--json").output)
    assert facts["status"] == {"meta": "illustration: a partial list"}
    assert facts["estimate"]["loss"] == 100


def test_substitution_is_linear_and_one_leaves_nothing(ask: Ask) -> None:
    def estimate(share: str) -> dict[str, float]:
        facts: dict[str, dict[str, float]] = json.loads(
            ask("meta", "--kind", "freeze", "--substitution", share, "--json").output
        )
        return facts["estimate"]

    whole = estimate("0")
    assert estimate("0.25") == pytest.approx({name: 0.75 * amount for name, amount in whole.items()})
    assert set(estimate("1").values()) == {0.0}


def test_what_is_not_estimable_says_why(ask: Ask) -> None:
    result = ask("meta", "mistral", "--kind", "freeze")
    assert "of Meta <Platforms> and Mistral would cost cannot be estimated from this list." in flat(result)
    assert "Mistral: not estimable: 3 releases in the past year." in flat(result)
    assert json.loads(ask("meta", "mistral", "--kind", "freeze", "--json").output)["estimate"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mtea"], "No registered organization is called 'mtea'. Did you mean meta"),
        (["zzzzzzz"], "No registered organization is called 'zzzzzzz'. `cambrian query"),
        (["unknown"], "No registered organization is called 'unknown'."),
        (
            ["meta", "--universe", "smell"],
            "has no universe 'smell'. There are generative_language, vision, all.",
        ),
        (["meta", "--scope", "moon"], "There is no list moon. There are list."),
        (["meta", "--kind", "freeze", "--scope", "moon"], "No births of derivatives are known of moon."),
        (["meta", "--kind", "freeze", "--weight", "downloads"], "A freeze is counted in derivatives only"),
        (["meta", "--substitution", "0.5"], "--substitution means nothing with --kind delete."),
        (["meta", "--kind", "freeze", "--universe", "all"], "--universe means nothing with --kind freeze."),
        (["meta", "--kind", "freeze", "--substitution", "2"], "2.0 is not in the range 0<=x<=1"),
        ([], "Missing argument 'ORGANIZATION...'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_hint(ask: Ask, arguments: list[str], said: str) -> None:
    result = ask(*arguments)
    assert result.exit_code == 2
    assert said in flat(result)


def test_nothing_published_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.main, ["shutdown", "meta"], env={"CAMBRIAN_HOME": str(tmp_path)})
    assert result.exit_code == 5
    assert "cambrian run" in result.output


def test_a_file_without_the_tables_is_an_error_of_its_own(tmp_path: Path) -> None:
    open_warehouse(tmp_path / "cambrian.duckdb").close()
    result = CliRunner().invoke(cli.main, ["shutdown", "meta"], env={"CAMBRIAN_HOME": str(tmp_path)})
    assert result.exit_code == 7


def test_on_the_recorded_data_it_agrees_with_the_headline(released: Settings) -> None:
    with open_published(released.published_path) as connection:
        query = "select universe, lower, upper from marts.headlines where headline = 'openai_meta_share'"
        headlines: pl.DataFrame = connection.sql(query).pl()
    assert headlines.height == 2
    for universe, lower, upper in headlines.rows():
        arguments = ["shutdown", "openai", "meta", "--universe", universe, "--json"]
        result = CliRunner().invoke(cli.main, arguments, env={"CAMBRIAN_HOME": str(released.home)})
        never_born = json.loads(result.output)["figures"]["never_born_any"]
        assert (never_born["lower_share"], never_born["upper_share"]) == (lower, upper)


def test_on_the_recorded_data_a_freeze_of_meta_is_counted_but_not_estimable(released: Settings) -> None:
    arguments = ["shutdown", "meta", "--kind", "freeze", "--json"]
    result = CliRunner().invoke(cli.main, arguments, env={"CAMBRIAN_HOME": str(released.home)})
    facts = json.loads(result.output)
    assert facts["estimate"] is None
    assert facts["status"]["meta"].startswith("not estimable: ")
    assert 0 < facts["past_year"]["lower"] <= facts["past_year"]["upper"] < facts["past_year"]["flow"]
