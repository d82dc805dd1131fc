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
    assert found.recording is None
    assert found.home == PROJECT_ROOT / "data"
    assert found.as_of == found.today == TODAY
    assert found.hf_endpoint == "https://huggingface.co"
    assert found.github_api_url == "https://api.github.com"
    assert found.pypistats_url == "https://pypistats.org"
    assert found.openrouter_url == "https://openrouter.ai"
    assert found.hf_token is None
    assert found.github_token is None
    assert found.openrouter_key is None


def test_an_empty_environment_means_the_daily_depth_and_no_optional_source() -> None:
    found = settings()
    assert (found.depths, found.top, found.bases, found.optional) == (("top",), 10_000, (), ())
    assert (found.least_of_last, found.pypistats_pause_seconds) == (0.95, 2.0)


def test_an_empty_variable_counts_as_unset() -> None:
    names = (
        "CAMBRIAN_HOME", "CAMBRIAN_SOURCE", "CAMBRIAN_RECORDING", "CAMBRIAN_DEPTH", "CAMBRIAN_TOP",
        "CAMBRIAN_BASES", "CAMBRIAN_OPTIONAL", "CAMBRIAN_LEAST_OF_LAST", "CAMBRIAN_PYPISTATS_PAUSE_SECONDS",
        "HF_ENDPOINT", "HF_TOKEN", "GITHUB_API_URL", "GITHUB_TOKEN", "PYPISTATS_URL", "OPENROUTER_URL",
        "OPENROUTER_API_KEY",
    )  # fmt: skip
    assert settings(dict.fromkeys(names, "")) == settings()


def test_the_environment_decides() -> None:
    found = settings(
        {
            "CAMBRIAN_HOME": "/somewhere",
            "CAMBRIAN_SOURCE": "live",
            "CAMBRIAN_RECORDING": "/somewhere/day.tar",
            "CAMBRIAN_DEPTH": "families, full,families",
            "CAMBRIAN_TOP": "500",
            "CAMBRIAN_BASES": " org/one,,org/two ",
            "CAMBRIAN_OPTIONAL": "arena,openrouter",
            "CAMBRIAN_LEAST_OF_LAST": "0.5",
            "CAMBRIAN_PYPISTATS_PAUSE_SECONDS": "0",
            "PYPISTATS_URL": "http://127.0.0.1:8003/",
            "OPENROUTER_URL": "https://router.test",
            "OPENROUTER_API_KEY": "sk_x",
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
    assert found.pypistats_url == "http://127.0.0.1:8003"
    assert found.openrouter_url == "https://router.test"
    assert (found.hf_token, found.github_token, found.openrouter_key) == ("hf_x", "ghp_x", "sk_x")
    assert found.recording == Path("/somewhere/day.tar")
    assert found.depths == ("families", "full")
    assert found.top == 500
    assert found.bases == ("org/one", "org/two")
    assert found.optional == ("arena", "openrouter")
    assert (found.least_of_last, found.pypistats_pause_seconds) == (0.5, 0.0)


@pytest.mark.parametrize(
    ("name", "option", "environment", "field", "expected"),
    [
        ("depth", "full", "top", "depths", ("full",)),
        ("top", "7", "8", "top", 7),
        ("bases", "a/b", "c/d", "bases", ("a/b",)),
        ("recording", "mine.tar", "theirs.tar", "recording", Path("mine.tar")),
        ("depth", None, "full", "depths", ("full",)),
        ("bases", "", "c/d", "bases", ("c/d",)),
    ],
)
def test_each_option_of_a_live_run_goes_before_its_variable(
    name: str, option: str | None, environment: str, field: str, expected: object
) -> None:
    found = settings({f"CAMBRIAN_{name.upper()}": environment}, **{name: option})
    assert getattr(found, field) == expected


DEPTHS = "can be `top`, `full`, `families`, `hub-stats`"
TOPS = "must be a number from 1 to 10000000"
SHARES = "must be a number from 0.0 to 1.0"


@pytest.mark.parametrize(
    ("name", "value", "wrong", "rule"),
    [
        ("CAMBRIAN_DEPTH", "top,whole", "whole", DEPTHS),
        ("CAMBRIAN_DEPTH", "Top", "Top", DEPTHS),
        ("CAMBRIAN_OPTIONAL", "arena;openrouter", "arena;openrouter", "can be `openrouter`, `arena`"),
        ("CAMBRIAN_TOP", "0", "0", TOPS),
        ("CAMBRIAN_TOP", "10000001", "10000001", TOPS),
        ("CAMBRIAN_TOP", "1.5", "1.5", TOPS),
        ("CAMBRIAN_TOP", "many", "many", TOPS),
        ("CAMBRIAN_LEAST_OF_LAST", "1.1", "1.1", SHARES),
        ("CAMBRIAN_LEAST_OF_LAST", "nan", "nan", SHARES),
        ("CAMBRIAN_LEAST_OF_LAST", "90%", "90%", SHARES),
        ("CAMBRIAN_PYPISTATS_PAUSE_SECONDS", "-1", "-1", "must be a number from 0.0 to 60.0"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_those_that_can(
    name: str, value: str, wrong: str, rule: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        settings({name: value})
    assert str(raised.value) == f"{name} is '{wrong}'; it {rule}."


ADDRESSES = ("HF_ENDPOINT", "GITHUB_API_URL", "PYPISTATS_URL", "OPENROUTER_URL")
WRONG_ADDRESSES = (
    "huggingface.co", "ftp://host", "https://", "https:///path", "/some/path",
    "https://user:secret@host", "https://host?token=secret", "https://secret@host/api",
    *(value for value in (
        "https://:secret@host", "https://host#part", "https://[half", "https://host:port",
    )),
)  # fmt: skip


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("value", WRONG_ADDRESSES)
def test_an_address_with_anything_else_in_it_is_refused_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        settings({name: value})
    words = "must be an address like https://host, without user, password or query."
    assert str(raised.value) == f"{name} {words}"


def test_an_option_of_the_command_line_goes_before_the_environment() -> None:
    found = settings({"CAMBRIAN_SOURCE": "live"}, source="recorded", as_of=date(2025, 1, 1))
    assert found.source == "recorded"
    assert found.as_of == date(2025, 1, 1)
    assert found.today == TODAY


@pytest.mark.parametrize("source", ["Live", "cache", "recorded "])
def test_a_source_that_does_not_exist_is_refused_with_those_that_do(source: str) -> None:
    with pytest.raises(SettingsError, match=r"CAMBRIAN_SOURCE is .*; it can be `recorded`, `live`\."):
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
    shown = repr(settings(dict.fromkeys(("HF_TOKEN", "GITHUB_TOKEN", "OPENROUTER_API_KEY"), "secret")))
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
        found.current_release, found.published_path, found.site_dir, found.dagster_home, found.counters_dir,
    ]  # fmt: skip
    assert all(path.parent == tmp_path for path in paths)
    assert len(set(paths)) == len(paths)


def test_reading_settings_makes_nothing(tmp_path: Path) -> None:
    found = settings({"CAMBRIAN_HOME": str(tmp_path / "home")})
    assert not found.home.exists()


@pytest.mark.parametrize("token", ["hf_a\nb", "hf_a b", "hf_é", "hf_a\x00"])
def test_a_token_that_is_none_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(SettingsError, match="HF_TOKEN holds a line break") as refused:
        settings({"HF_TOKEN": token})
    assert token not in str(refused.value)


def test_the_address_of_the_site_ends_in_a_slash_and_holds_no_secret() -> None:
    assert settings({"CAMBRIAN_SITE_URL": "https://example.org/cambrian"}).site_url == (
        "https://example.org/cambrian/"
    )
    assert settings({"CAMBRIAN_SITE_URL": " https://example.org/ "}).site_url == "https://example.org/"
    assert settings({}).site_url == ""
    for wrong in ("example.org", "https://user:hunter2@example.org", "https://example.org/?a=b"):
        with pytest.raises(SettingsError, match="CAMBRIAN_SITE_URL must be an address") as refused:
            settings({"CAMBRIAN_SITE_URL": wrong})
        assert "hunter2" not in str(refused.value)
