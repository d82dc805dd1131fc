"""Where everything lies and which endpoints are asked: one frozen value, read once from the environment.

Here: paths, addresses, dates. Not here: anything that opens a file or a connection.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, cast, get_args

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

#: The Hub as the recorded data names it; the recording answers for this address whatever HF_ENDPOINT says.
DEFAULT_HF_ENDPOINT = "https://huggingface.co"
DEFAULT_GITHUB_API_URL = "https://api.github.com"


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
    hf_endpoint: str = DEFAULT_HF_ENDPOINT
    github_api_url: str = DEFAULT_GITHUB_API_URL
    hf_token: str | None = field(default=None, repr=False)
    github_token: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str] = os.environ,
        *,
        source: str | None = None,
        as_of: date | None = None,
        today: date | None = None,
    ) -> "Settings":
        """Read CAMBRIAN_HOME, CAMBRIAN_SOURCE, HF_ENDPOINT, HF_TOKEN, GITHUB_API_URL and GITHUB_TOKEN.

        `source` and `as_of` override the environment (the command line passes its options here). `today` is
        the clock, for tests. Raises SettingsError for a source that does not exist or a date to come.
        """
        now = today or datetime.now(UTC).date()
        chosen = source or environ.get("CAMBRIAN_SOURCE") or "recorded"
        if chosen not in get_args(Source):
            raise SettingsError(f"CAMBRIAN_SOURCE is {chosen!r}; it can be `recorded` or `live`.")
        if as_of is not None and as_of > now:
            raise SettingsError(f"--as-of {as_of} lies in the future; today is {now} (UTC).")
        home = Path(environ.get("CAMBRIAN_HOME") or PROJECT_ROOT / "data").expanduser()
        return cls(
            home=home if home.is_absolute() else Path.cwd() / home,
            source=cast(Source, chosen),
            as_of=as_of or now,
            today=now,
            hf_endpoint=(environ.get("HF_ENDPOINT") or DEFAULT_HF_ENDPOINT).rstrip("/"),
            github_api_url=(environ.get("GITHUB_API_URL") or DEFAULT_GITHUB_API_URL).rstrip("/"),
            hf_token=environ.get("HF_TOKEN", "").strip() or None,
            github_token=environ.get("GITHUB_TOKEN", "").strip() or None,
        )

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
