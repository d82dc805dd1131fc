"""Settings: what the environment says, what it may not say, and what never shows."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_ROOT, Settings, SettingsError

TODAY = date(2026, 11, 23)


def settings(environ: dict[str, str] | None = None, **options: object) -> Settings:
    return Settings.from_environment(environ or {}, today=TODAY, **options)  # type: ignore[arg-type]


def test_an_empty_environment_means_the_recorded_data_in_the_projects_own_folder() -> None:
    found = settings()
    assert found.source == "recorded"
    assert found.home == PROJECT_ROOT / "data"
    assert found.as_of == found.today == TODAY
    assert found.hf_endpoint == "https://huggingface.co"
    assert found.github_api_url == "https://api.github.com"
    assert found.hf_token is None
    assert found.github_token is None


def test_an_empty_variable_counts_as_unset() -> None:
    names = ("CAMBRIAN_HOME", "CAMBRIAN_SOURCE", "HF_ENDPOINT", "HF_TOKEN", "GITHUB_API_URL", "GITHUB_TOKEN")
    assert settings(dict.fromkeys(names, "")) == settings()


def test_the_environment_decides() -> None:
    found = settings(
        {
            "CAMBRIAN_HOME": "/somewhere",
            "CAMBRIAN_SOURCE": "live",
            "HF_ENDPOINT": "https://mirror.test/",
            "HF_TOKEN": "hf_x",
            "GITHUB_API_URL": "https://git.test/api/v3/",
            "GITHUB_TOKEN": "ghp_x",
        }
    )
    assert found.source == "live"
    assert found.home == Path("/somewhere")
    assert found.hf_endpoint == "https://mirror.test"
    assert found.github_api_url == "https://git.test/api/v3"
    assert (found.hf_token, found.github_token) == ("hf_x", "ghp_x")


def test_an_option_of_the_command_line_goes_before_the_environment() -> None:
    found = settings({"CAMBRIAN_SOURCE": "live"}, source="recorded", as_of=date(2025, 1, 1))
    assert found.source == "recorded"
    assert found.as_of == date(2025, 1, 1)
    assert found.today == TODAY


@pytest.mark.parametrize("source", ["Live", "cache", "recorded "])
def test_a_source_that_does_not_exist_is_refused_with_those_that_do(source: str) -> None:
    with pytest.raises(SettingsError, match=r"CAMBRIAN_SOURCE is .* `recorded` or `live`"):
        settings({"CAMBRIAN_SOURCE": source})


def test_a_date_to_come_is_refused_with_the_day_it_is() -> None:
    with pytest.raises(SettingsError, match=r"2026-11-24 lies in the future; today is 2026-11-23 \(UTC\)"):
        settings(as_of=date(2026, 11, 24))


def test_today_can_be_asked_for() -> None:
    assert settings(as_of=TODAY).as_of == TODAY


def test_without_a_clock_the_day_is_the_one_in_utc() -> None:
    before = datetime.now(UTC).date()
    found = Settings.from_environment({})
    assert before <= found.today <= datetime.now(UTC).date()


def test_a_relative_home_is_below_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings({"CAMBRIAN_HOME": "data/mine"}).home == tmp_path / "data" / "mine"


def test_a_tilde_is_the_users_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert settings({"CAMBRIAN_HOME": "~/cambrian"}).home == Path("/home/somebody/cambrian")


def test_a_logged_settings_shows_no_token() -> None:
    shown = repr(settings({"HF_TOKEN": "hf_secret", "GITHUB_TOKEN": "ghp_secret"}))
    assert "secret" not in shown
    assert "huggingface.co" in shown


def test_blanks_around_a_token_are_no_part_of_it() -> None:
    assert settings({"HF_TOKEN": " hf_x\n", "GITHUB_TOKEN": "ghp_x\r\n"}).hf_token == "hf_x"
    assert settings({"HF_TOKEN": " \n"}).hf_token is None


def test_settings_cannot_be_changed_and_all_paths_lie_in_the_home_folder(tmp_path: Path) -> None:
    found = settings({"CAMBRIAN_HOME": str(tmp_path)})
    with pytest.raises(FrozenInstanceError):
        found.home = Path("/")  # type: ignore[misc]
    paths = [
        found.payloads_dir, found.vintages_dir, found.warehouse_path, found.releases_dir, found.lock_path,
        found.current_release, found.published_path, found.site_dir, found.dagster_home,
    ]  # fmt: skip
    assert all(path.parent == tmp_path for path in paths)
    assert len(set(paths)) == len(paths)


def test_reading_settings_makes_nothing(tmp_path: Path) -> None:
    found = settings({"CAMBRIAN_HOME": str(tmp_path / "home")})
    assert not found.home.exists()
