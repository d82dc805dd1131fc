"""The sources there are: what each is, how often it should be asked, and whether rows stand for themselves.

Here: the list that the landing assets, the loader and core.sources share. Not here: asking (landing, live).
"""

from dataclasses import dataclass

from pipelines.settings import Settings


@dataclass(frozen=True, kw_only=True)
class SourceInfo:
    """One source. `cadence_days` is how old its newest day may get; None for what is asked only when needed.

    `is_live` sources are asked by us, `is_recorded` ones come with the project; lists of models are both.
    `is_standalone`: each row is an observation of its own, so a snapshot counts before it is complete.
    `optional` names the switch in CAMBRIAN_OPTIONAL that turns it on, `depth` the one in CAMBRIAN_DEPTH,
    `part_of` the source that it brings answers for. `tells_past`: its API still gives days that are over, so
    one landing brings all of them; of the others each day is a partition. `after` names the source that comes
    first where two share a quota: what cannot be had later.
    """

    description: str
    cadence_days: int | None = None
    is_live: bool = True
    is_recorded: bool = False
    is_standalone: bool = False
    optional: str | None = None
    depth: str | None = None
    part_of: str | None = None
    tells_past: bool = False
    after: str | None = None

    def is_on(self, settings: Settings) -> bool:
        """Whether a live run asks it: always, or when its switch or its depth is chosen."""
        if not self.is_live:
            return False
        if self.optional is not None:
            return self.optional in settings.optional
        return self.depth is None or self.depth in settings.depths


SOURCES = {
    "huggingface_models": SourceInfo(
        description="Hugging Face's list of models: snapshots of several collectors and live walks.",
        cadence_days=1,
        is_recorded=True,
    ),
    "hub_stats": SourceInfo(
        description="The whole Hub as one daily Parquet file by cfahlgren1/hub-stats; only with the depth "
        "`hub-stats`.",
        depth="hub-stats",
    ),
    "huggingface_model_details": SourceInfo(
        description="Single models asked by id: parents that no list has; renamed, gated, hidden or gone.",
        is_standalone=True,
    ),
    "huggingface_organizations": SourceInfo(
        description="What the Hub says of heavy accounts that the register does not know: suggestions only.",
        is_standalone=True,
    ),
    "huggingface_counters": SourceInfo(
        description="Two years of daily downloads and likes of 276 embedding models.",
        is_live=False,
        is_recorded=True,
    ),
    "github_stars": SourceInfo(
        description="Daily stars of AI repositories on GitHub while they were in a top 100.",
        is_live=False,
        is_recorded=True,
    ),
    "github_repositories": SourceInfo(
        description="Stars, forks and state of the registered repositories, one by one.",
        cadence_days=1,
        is_standalone=True,
    ),
    "github_repositories_graphql": SourceInfo(
        description="The same in batches of a hundred, for those who have a token.",
        is_standalone=True,
        part_of="github_repositories",
    ),
    "github_star_history": SourceInfo(
        description="Stars that still exist, by the day on which they were given.",
        cadence_days=7,
        is_standalone=True,
        tells_past=True,
        after="github_repositories",
    ),
    "github_releases": SourceInfo(
        description="Releases of the registered repositories.",
        cadence_days=7,
        is_standalone=True,
        tells_past=True,
        after="github_star_history",
    ),
    "package_downloads": SourceInfo(
        description="Monthly places of Python packages among the most downloaded.",
        is_live=False,
        is_recorded=True,
    ),
    "package_downloads_daily": SourceInfo(
        description="Daily downloads of the registered Python packages, the last 180 days a landing.",
        cadence_days=1,
        is_standalone=True,
        tells_past=True,
    ),
    "token_shares": SourceInfo(
        description="Tokens by model and day on OpenRouter (CC BY 4.0).",
        cadence_days=1,
        is_standalone=True,
        optional="openrouter",
        tells_past=True,
    ),
    "arena_history": SourceInfo(
        description="Ratings of the arena at 98 dates, May 2023 to February 2025.",
        is_live=False,
        is_recorded=True,
    ),
    "arena_ratings": SourceInfo(
        description="Ratings of the arena's leaderboard (CC BY 4.0).", cadence_days=7, optional="arena"
    ),
}

RECORDED_SOURCES = tuple(name for name, info in SOURCES.items() if info.is_recorded)
LIST_SOURCES = ("huggingface_models", "hub_stats")
