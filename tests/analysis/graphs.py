"""Random graphs and hand-made ones, as the frames that pipelines.analysis takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import polars as pl
from hypothesis import strategies as st

from pipelines.analysis.attribution import Attribution, attribute

Edge = tuple[str, str]

EDGE_SCHEMA = {
    "child_id": pl.String,
    "parent_id": pl.String,
    "relation": pl.String,
    "evidence": pl.String,
    "is_superseded": pl.Boolean,
}
NODE_FACTS = ("uploader_id", "trained_by", "family", "family_organization_id")

#: Ids whose alphabetical order has nothing to do with who descends from whom.
NAMES = ("kilo", "alfa", "Golf", "mike", "echo", "B/1", "hotel", "delta", "j-9")
ORGANIZATIONS = ("acme", "botch", "corp", "dorm")
MOMENTS = tuple(map(datetime.fromisoformat, ("2023-03-01", "2023-07-18", "2024-04-18")))


def edge_frame(edges: Iterable[Edge]) -> pl.DataFrame:
    """Edges as staging.edges has them."""
    rows = [(child, parent, "finetune", "declared", False) for child, parent in edges]
    return pl.DataFrame(rows, schema=EDGE_SCHEMA, orient="row")


def node_frame(created: Mapping[str, datetime | None]) -> pl.DataFrame:
    """Nodes as break_cycles takes them."""
    return pl.DataFrame(
        {"model_id": list(created), "created_at": list(created.values())},
        schema={"model_id": pl.String, "created_at": pl.Datetime},
    )


@dataclass(frozen=True)
class Tangle:
    """Any directed graph: self-loops, cycles, several parents, nodes of unknown age or without edges."""

    created: dict[str, datetime | None]
    edges: list[Edge]


@st.composite
def tangles(draw: st.DrawFn) -> Tangle:
    """Draw a small graph in which cycles are common."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    created = {name: draw(st.sampled_from((*MOMENTS, None))) for name in names}
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names))
    return Tangle(created, draw(st.lists(pairs, unique=True, max_size=18)))


@dataclass(frozen=True)
class Descent:
    """A graph without cycles with all that attribution wants to know of it."""

    edges: list[Edge] = field(default_factory=list)
    models: dict[str, dict[str, str | None]] = field(default_factory=dict)
    funded: dict[str, bool | None] = field(default_factory=dict)
    admit: bool = True

    def model(self, name: str, *parents: str, **facts: str | None) -> "Descent":
        """Add a model with its parents and what is known of it."""
        return replace(
            self,
            edges=[*self.edges, *((name, parent) for parent in parents)],
            models={**self.models, name: dict.fromkeys(NODE_FACTS) | facts},
        )

    def parents(self, name: str) -> list[str]:
        """Parents of a model, by id."""
        return sorted(parent for child, parent in self.edges if child == name)

    def attributed(self) -> Attribution:
        """Let the code under test attribute it."""
        return attribute(
            self.node_frame(), self.edge_frame(), self.organization_frame(), admit_registers=self.admit
        )

    def node_frame(self) -> pl.DataFrame:
        """Nodes as attribute takes them."""
        rows = [{"model_id": name, **facts} for name, facts in self.models.items()]
        return pl.DataFrame(rows, schema=dict.fromkeys(("model_id", *NODE_FACTS), pl.String))

    def edge_frame(self) -> pl.DataFrame:
        """Edges as attribute takes them."""
        return edge_frame(self.edges).select("child_id", "parent_id")

    def organization_frame(self) -> pl.DataFrame:
        """Organizations as attribute takes them."""
        return pl.DataFrame(
            {"organization_id": list(self.funded), "is_well_funded": list(self.funded.values())},
            schema={"organization_id": pl.String, "is_well_funded": pl.Boolean},
        )


@st.composite
def descents(draw: st.DrawFn) -> Descent:
    """Draw a graph without cycles: each model may descend from any number of those drawn before it."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    organization = st.none() | st.sampled_from(ORGANIZATIONS)
    family = st.none() | st.sampled_from(("Alpha 1", "Beta 2"))
    drawn = Descent(
        funded={name: draw(st.sampled_from((True, False, None))) for name in ORGANIZATIONS},
        admit=draw(st.booleans()),
    )
    for place, name in enumerate(names):
        above = draw(st.lists(st.sampled_from(names[:place]), unique=True, max_size=4)) if place else []
        facts = {"uploader_id": draw(organization), "trained_by": draw(organization), "family": draw(family)}
        drawn = drawn.model(name, *above, family_organization_id=draw(organization), **facts)
    return drawn


def model_roots(attribution: Attribution) -> pl.DataFrame:
    """Join the rows of core.model_roots of one level of evidence, by id."""
    ways = attribution.ways.drop("is_derivative").with_row_index("way").cast({"way": pl.Int64})
    joined = attribution.models.join(ways, on="way", how="left").sort("model_id")
    return joined.with_columns(pl.col("root_id").fill_null(pl.col("model_id"))).drop("way")


def ancestry(attribution: Attribution) -> pl.DataFrame:
    """Join the rows of core.ancestry of one level of evidence, by id and organization."""
    joined = attribution.models.select("model_id", "way").join(attribution.shares, on="way", how="inner")
    return joined.drop("way").sort("model_id", "organization_id")


def facts_of(attribution: Attribution, model_id: str) -> dict[str, Any]:
    """The row of core.model_roots of one model."""
    return model_roots(attribution).row(by_predicate=pl.col("model_id") == model_id, named=True)


def shares_of(attribution: Attribution, model_id: str) -> dict[str, tuple[float, float | None]]:
    """Origin and through share of a model by organization."""
    rows = ancestry(attribution).filter(pl.col("model_id") == model_id)
    return {row["organization_id"]: (row["origin_share"], row["through_share"]) for row in rows.to_dicts()}
