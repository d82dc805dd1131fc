"""Where everything lies and which endpoints are asked: one frozen value, read once from the environment.

Here: paths, addresses, dates. Not here: anything that opens a file or a connection.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args
from urllib.parse import urlsplit

PROJECT_ROOT = Path(__file__).resolve().parents[1]
SQL_DIR = PROJECT_ROOT / "sql"
REFERENCE_DIR = PROJECT_ROOT / "pipelines" / "reference"
RECORDED_DIR = PROJECT_ROOT / "pipelines" / "recorded"

#: Everything in the project that a table or a page follows from.
CODE_PATHS = (
    PROJECT_ROOT / "pipelines",
    SQL_DIR,
    PROJECT_ROOT / "dashboards",
    PROJECT_ROOT / "requirements.lock",
)

Source = Literal["recorded", "live"]
#: How much of the Hub a live run lists; several at once are separated by commas.
Depth = Literal["top", "full", "families", "hub-stats"]
#: Sources that are asked only when CAMBRIAN_OPTIONAL names them.
Optional = Literal["openrouter", "arena"]

#: The Hub as the recorded data names it; the recording answers for this address whatever HF_ENDPOINT says.
DEFAULT_HF_ENDPOINT = "https://huggingface.co"
DEFAULT_GITHUB_API_URL = "https://api.github.com"
DEFAULT_PYPISTATS_URL = "https://pypistats.org"
DEFAULT_OPENROUTER_URL = "https://openrouter.ai"
DEFAULT_TOP = 10_000


N = TypeVar("N", int, float)


class SettingsError(ValueError):
    """A variable of the environment has a value that Cambrian cannot use."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that a run needs to know about its surroundings.

    Tokens are kept out of `repr`, so that a logged Settings never shows one.
    """

    home: Path
    source: Source = "recorded"
    as_of: date
    today: date
    is_today_by_clock: bool = False
    recording: Path | None = None
    depths: tuple[Depth, ...] = ("top",)
    top: int = DEFAULT_TOP
    bases: tuple[str, ...] = ()
    optional: tuple[Optional, ...] = ()
    least_of_last: float = 0.95
    pypistats_pause_seconds: float = 2.0
    patience_minutes: float = 5.2
    hf_endpoint: str = DEFAULT_HF_ENDPOINT
    github_api_url: str = DEFAULT_GITHUB_API_URL
    pypistats_url: str = DEFAULT_PYPISTATS_URL
    openrouter_url: str = DEFAULT_OPENROUTER_URL
    site_url: str = ""
    hf_token: str | None = field(default=None, repr=False)
    github_token: str | None = field(default=None, repr=False)
    openrouter_key: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str] = os.environ,
        *,
        as_of: date | None = None,
        today: date | None = None,
        **options: str | None,
    ) -> "Settings":
        """Read the CAMBRIAN_* variables, the endpoints and the tokens; the README lists them all.

        `options` are source, recording, depth, top and bases, as the command line has them: they stand above
        the environment (CAMBRIAN_SOURCE and so on). `today` is the clock, for tests. Raises SettingsError for
        a value that cannot be used or a date to come.
        """
        now = today or utc_today()
        if as_of is not None and as_of > now:
            raise SettingsError(f"--as-of {as_of} lies in the future; today is {now} (UTC).")

        def chosen(name: str, default: str = "") -> str:
            return options.get(name) or environ.get(f"CAMBRIAN_{name.upper()}") or default

        def address(name: str, default: str) -> str:
            return _address(name, environ.get(name) or default)

        def secret(name: str) -> str | None:
            return _secret(name, environ.get(name, "").strip())

        home = Path(environ.get("CAMBRIAN_HOME") or PROJECT_ROOT / "data").expanduser()
        recording = chosen("recording")
        return cls(
            home=home if home.is_absolute() else Path.cwd() / home,
            source=cast(Source, _one_of("CAMBRIAN_SOURCE", chosen("source", "recorded"), Source)),
            as_of=as_of or now,
            today=now,
            is_today_by_clock=today is None,
            recording=Path(recording).expanduser() if recording else None,
            depths=depths_of(chosen("depth", "top")),
            top=_number("CAMBRIAN_TOP", chosen("top", str(DEFAULT_TOP)), 1, 10_000_000),
            bases=tuple(part.strip() for part in chosen("bases").split(",") if part.strip()),
            optional=cast(tuple[Optional, ...], _some_of("CAMBRIAN_OPTIONAL", chosen("optional"), Optional)),
            least_of_last=_number("CAMBRIAN_LEAST_OF_LAST", chosen("least_of_last", "0.95"), 0.0, 1.0),
            pypistats_pause_seconds=_number(
                "CAMBRIAN_PYPISTATS_PAUSE_SECONDS", chosen("pypistats_pause_seconds", "2.0"), 0.0, 60.0
            ),
            patience_minutes=_number(
                "CAMBRIAN_PATIENCE_MINUTES", chosen("patience_minutes", "5.2"), 0.0, 24 * 60.0
            ),
            hf_endpoint=address("HF_ENDPOINT", DEFAULT_HF_ENDPOINT),
            github_api_url=address("GITHUB_API_URL", DEFAULT_GITHUB_API_URL),
            pypistats_url=address("PYPISTATS_URL", DEFAULT_PYPISTATS_URL),
            openrouter_url=address("OPENROUTER_URL", DEFAULT_OPENROUTER_URL),
            site_url=_site_address(environ.get("CAMBRIAN_SITE_URL", "").strip()),
            hf_token=secret("HF_TOKEN"),
            github_token=secret("GITHUB_TOKEN"),
            openrouter_key=secret("OPENROUTER_API_KEY"),
        )

    @property
    def is_day_over(self) -> bool:
        """Whether the day of this run has ended while it ran: what an API tells now is not of that day."""
        return self.is_today_by_clock and utc_today() != self.today

    @property
    def payloads_dir(self) -> Path:
        """What the APIs answered: `<source>/<day>/<scope>/page-*.gz` and a manifest."""
        return self.home / "payloads"

    @property
    def vintages_dir(self) -> Path:
        """Published headlines, appended and never rewritten."""
        return self.home / "vintages"

    @property
    def warehouse_path(self) -> Path:
        """The private DuckDB file; only the pipeline opens it."""
        return self.home / "warehouse.duckdb"

    @property
    def releases_dir(self) -> Path:
        """One folder per release: cambrian.duckdb, parquet/, site/, manifest.json."""
        return self.home / "releases"

    @property
    def current_release(self) -> Path:
        """The symlink that decides what readers see."""
        return self.home / "current"

    @property
    def published_path(self) -> Path:
        """The DuckDB file that people open."""
        return self.home / "cambrian.duckdb"

    @property
    def site_dir(self) -> Path:
        """The pages of the current release."""
        return self.home / "site"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own history; the command line and the UI share it."""
        return self.home / "dagster"

    @property
    def lock_path(self) -> Path:
        """The advisory lock that every writing command takes."""
        return self.home / "writer.lock"

    @property
    def counters_dir(self) -> Path:
        """Daily counters of whole lists of models, kept when the lists themselves are thinned out."""
        return self.home / "counters"


def utc_today() -> date:
    """Give the day by the clock, in UTC as all days here."""
    return datetime.now(UTC).date()


def depths_of(text: str) -> tuple[Depth, ...]:
    """Read depths as CAMBRIAN_DEPTH has them. Raises SettingsError for an unknown one."""
    return cast(tuple[Depth, ...], _some_of("CAMBRIAN_DEPTH", text, Depth))


def _one_of(name: str, value: str, accepted: Any) -> str:
    if value not in get_args(accepted):
        listed = ", ".join(f"`{choice}`" for choice in get_args(accepted))
        raise SettingsError(f"{name} is {value!r}; it can be {listed}.")
    return value


def _some_of(name: str, text: str, accepted: Any) -> tuple[str, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts and text.strip():
        raise SettingsError(f"{name} is {text!r}; it names nothing.")
    return tuple(dict.fromkeys(_one_of(name, part, accepted) for part in parts))


def _address(name: str, value: str) -> str:
    if not _is_plain(value):
        # The value itself is not told: it may hold a password.
        raise SettingsError(f"{name} must be an address like https://host, without user, password or query.")
    return value.rstrip("/")


def _site_address(value: str) -> str:
    """Read where the site will stand, with the slash that page names follow; empty for nowhere yet."""
    return f"{_address('CAMBRIAN_SITE_URL', value)}/" if value else ""


def _secret(name: str, value: str) -> str | None:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise SettingsError(f"{name} holds a line break, a space or another sign that no token has.")
    return value or None


def _is_plain(address: str) -> bool:
    """Tell whether it is scheme, host, port and path, and nothing that could hold a secret."""
    try:
        parts = urlsplit(address)
        has_port = parts.port != 0  # reading it raises ValueError when it is no number
    except ValueError:
        return False
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and has_port
    return is_web and "@" not in parts.netloc and not parts.query and not parts.fragment


def _number(name: str, value: str, least: N, most: N) -> N:
    """Read a number of the type of its bounds."""
    try:
        number = type(least)(value)
    except ValueError:
        number = None
    if number is None or not least <= number <= most:
        raise SettingsError(f"{name} is {value!r}; it must be a number from {least} to {most}.")
    return number
