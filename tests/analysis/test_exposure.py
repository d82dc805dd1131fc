"""Exposure: against a twin that knocks organizations out and walks up, on random graphs and made ones."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis.exposure import KEYS, UNKNOWN, WEIGHTS, exposure, minimal
from pipelines.analysis.shutdown import FIGURES, shutdown

DAY = date(2025, 12, 22)
ORGANIZATIONS = ("acme", "botch", "corp")
RELATIONS = ("finetune", "adapter", "quantized", "merge", "copy", "unspecified")
NAMES = ("kilo", "alfa", "Golf", "mike", "echo", "B/1", "hotel")
SCHEMAS: dict[str, dict[str, Any]] = {
    "models": {"model_id": pl.String, "organization_id": pl.String, "is_adapter": pl.Boolean},
    "lineage": {
        "child_id": pl.String,
        "parent_id": pl.String,
        "relation": pl.String,
        "evidence": pl.String,
        "is_superseded": pl.Boolean,
    },
    "origins": dict.fromkeys(("model_id", "evidence", "organization_id", "basis"), pl.String),
    "listed": {
        "snapshot_date": pl.Date,
        "scope": pl.String,
        "model_id": pl.String,
        "universe": pl.String,
        "downloads_30d": pl.Int64,
        "likes": pl.Int64,
    },
}


@dataclass(frozen=True)
class World:
    """Models with their parents, and what is known of each; downloads are powers of two: they name models."""

    uploader: dict[str, str | None] = field(default_factory=dict)
    is_adapter: dict[str, bool | None] = field(default_factory=dict)
    parents: dict[str, dict[str, str]] = field(default_factory=dict)
    origin: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(
        self,
        name: str,
        uploader: str | None = None,
        *,
        is_adapter: bool | None = False,
        trained: tuple[str, str] | None = None,
        **parents: str,
    ) -> "World":
        """Add a model; parents by relation, spaces between several, `trained` by whom and on what basis."""
        above = {parent: relation for relation, names in parents.items() for parent in names.split()}
        return replace(
            self,
            uploader=self.uploader | {name: uploader},
            is_adapter=self.is_adapter | {name: is_adapter},
            parents=self.parents | {name: above},
            origin=self.origin | ({name: trained} if trained and not above else {}),
        )

    @cached_property
    def frames(self) -> dict[str, pl.DataFrame]:
        """The world as exposure takes it, all edges declared."""
        rows: dict[str, list[tuple[Any, ...]]] = {
            "models": [(name, self.uploader[name], self.is_adapter[name]) for name in self.uploader],
            "lineage": [
                (child, parent, relation, "declared", False)
                for child, above in self.parents.items()
                for parent, relation in above.items()
            ],
            "origins": [(name, "declared", *credit) for name, credit in self.origin.items()],
            "listed": [(DAY, "list", name, name, 2**place, None) for place, name in enumerate(self.uploader)],
        }
        return {name: pl.DataFrame(rows[name], schema=SCHEMAS[name], orient="row") for name in SCHEMAS}

    @cached_property
    def exposure(self) -> pl.DataFrame:
        """What the code under test makes of it."""
        return exposure(**self.frames).filter(pl.col("evidence") == "declared")

    def figures(self, stopped: Iterable[str]) -> dict[str, tuple[set[str], set[str]]]:
        """For each figure the models that are hit for sure and those that may be."""
        rows = shutdown(self.exposure, set(stopped)).filter(weight="downloads_30d")
        return {
            figure: (self._models(lower), self._models(upper))
            for figure, lower, upper in rows.select("figure", "lower", "upper").rows()
        }

    def _models(self, downloads: int) -> set[str]:
        return {name for place, name in enumerate(self.uploader) if downloads >> place & 1}


class Twin:
    """The definitions, one model at a time, for one set that stops; with `unknown` in it the upper bound."""

    def __init__(self, world: World, stopped: set[str]) -> None:
        self.world, self.stopped = world, stopped

    def has_vanished(self, name: str) -> bool:
        """Whether nobody holds these weights any more, copies included."""
        same, waiting = {name}, [name]
        while waiting:
            here = waiting.pop()
            for child, above in self.world.parents.items():
                for parent, relation in above.items():
                    if relation == "copy" and here in (child, parent):
                        waiting += {child, parent} - same
                        same |= {child, parent}
        return all((self.world.uploader[each] or "nobody") in self.stopped for each in same)

    def is_root_open(self, name: str) -> bool:
        return self.world.origin.get(name, ("", "uploader"))[1] == "uploader"

    def is_named_after(self, name: str) -> str | None:
        maker, basis = self.world.origin.get(name, (None, None))
        return maker if basis == "family" and maker != self.world.uploader[name] else None

    def lacks_base(self, name: str) -> bool:
        """Whether an adapter cannot work; what may be an adapter only where the unknown falls too."""
        above, kind = self.world.parents[name], self.world.is_adapter[name]
        all_falls = UNKNOWN in self.stopped
        if not above:
            maker = self.is_named_after(name)
            if kind is None:
                return all_falls and (self.is_root_open(name) or maker in self.stopped)
            return all_falls and kind
        return any(self._lacks(name, parent, relation) for parent, relation in above.items())

    def _lacks(self, name: str, parent: str, relation: str) -> bool:
        kind = self.world.is_adapter[name]
        if relation == "copy":
            return self.lacks_base(parent)
        by_library = kind and relation in ("finetune", "unspecified")
        may_be = kind is None and relation == "unspecified" and UNKNOWN in self.stopped
        if relation == "adapter" or by_library or may_be:
            return self.has_vanished(parent) or self.lacks_base(parent)
        return False

    def loses_ancestor(self, name: str) -> bool:
        above = self.world.parents[name]
        if above:
            return any(self.has_vanished(parent) or self.loses_ancestor(parent) for parent in above)
        may_fall = self.is_root_open(name) or bool(self.world.is_adapter[name])
        return (may_fall and UNKNOWN in self.stopped) or self.is_named_after(name) in self.stopped

    def paths(self, name: str) -> list[set[str]]:
        """Organizations on each path to a root."""
        own = {uploader for uploader in [self.world.uploader[name]] if uploader}
        if self.world.parents[name]:
            return [own | path for parent in self.world.parents[name] for path in self.paths(parent)]
        maker = {self.world.origin[name][0]} if name in self.world.origin else set()
        return [own | maker | ({UNKNOWN} if self.is_root_open(name) else set())]

    def figures(self, certain: "Twin") -> dict[str, set[str]]:
        names = set(self.world.uploader)
        gone = {name for name in names if self.world.uploader[name] in self.stopped}
        broken = {name for name in names - gone if self.lacks_base(name)}
        surely = {name for name in names - gone if certain.lacks_base(name)}
        return {
            "gone": gone,
            "broken": broken,
            "lost_now": gone | broken,
            "stranded": {name for name in names - gone - surely if self.loses_ancestor(name)},
            "never_born_any": {n for n in names if any(path & self.stopped for path in self.paths(n))},
            "never_born_all": {n for n in names if all(path & self.stopped for path in self.paths(n))},
        }


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a world: several parents, chains of adapters, copies of copies, roots credited or not."""
    world = World()
    holder = st.none() | st.sampled_from(ORGANIZATIONS)
    basis = st.sampled_from(("register", "family"))
    for place, name in enumerate(NAMES[: draw(st.integers(1, len(NAMES)))]):
        above = draw(st.lists(st.sampled_from(NAMES[:place]), unique=True, max_size=3)) if place else []
        uploader = draw(holder)
        credit = draw(st.none() | st.tuples(st.sampled_from(ORGANIZATIONS), basis))
        if credit is None and uploader and draw(st.booleans()):
            credit = (uploader, "uploader")
        kind = draw(st.sampled_from((True, False, None)))
        world = world.add(name, uploader, is_adapter=kind, trained=credit)
        relations = {parent: draw(st.sampled_from(RELATIONS)) for parent in above}
        origin = {key: value for key, value in world.origin.items() if key != name or not above}
        world = replace(world, parents=world.parents | {name: relations}, origin=origin)
    return world


SETS = st.sets(st.sampled_from(ORGANIZATIONS))


@given(worlds(), SETS)
def test_every_figure_for_any_set_is_that_of_knocking_it_out(world: World, stopped: set[str]) -> None:
    certain, widest = Twin(world, stopped), Twin(world, stopped | {UNKNOWN})
    lower, upper = certain.figures(certain), widest.figures(certain)
    assert world.figures(stopped) == {figure: (lower[figure], upper[figure]) for figure in FIGURES}


@given(worlds(), SETS, SETS)
def test_what_a_set_takes_grows_with_the_set(world: World, stopped: set[str], more: set[str]) -> None:
    less, all_of_it = world.figures(stopped), world.figures(stopped | more)
    for figure in ("gone", "lost_now", "never_born_any", "never_born_all"):
        assert less[figure][0] <= all_of_it[figure][0]
        assert less[figure][1] <= all_of_it[figure][1]


@given(worlds(), SETS)
def test_figures_are_nested_and_bounds_are_in_order(world: World, stopped: set[str]) -> None:
    figures = world.figures(stopped)
    lower = {figure: bounds[0] for figure, bounds in figures.items()}
    assert lower["gone"] | lower["broken"] == lower["lost_now"]
    assert not lower["gone"] & lower["broken"]
    assert not lower["lost_now"] & lower["stranded"]
    assert lower["lost_now"] | lower["stranded"] <= lower["never_born_any"]
    assert lower["never_born_all"] <= lower["never_born_any"]
    assert all(below <= above for below, above in figures.values())


@given(worlds())
def test_without_everybody_are_left_those_of_whom_nobody_is_known_upstream(world: World) -> None:
    hit, maybe = world.figures(ORGANIZATIONS)["never_born_any"]
    nobody = {name for name in world.uploader if not set().union(*Twin(world, set()).paths(name)) - {UNKNOWN}}
    assert set(world.uploader) - hit == nobody
    assert maybe == set(world.uploader)


@given(worlds())
def test_no_weight_is_lost(world: World) -> None:
    rows = world.exposure
    assert rows["models"].sum() == len(world.uploader)
    assert rows["downloads_30d"].sum() == 2 ** len(world.uploader) - 1
    assert rows["derivatives"].sum() == sum(map(bool, world.parents.values()))
    assert rows["likes"].null_count() == rows.height


def base_and_adapter() -> World:
    return World().add("llama", "acme", trained=("acme", "register")).add("lora", adapter="llama")


def test_an_adapter_breaks_with_its_base() -> None:
    figures = base_and_adapter().figures({"acme"})
    assert figures["gone"] == ({"llama"}, {"llama"})
    assert figures["broken"] == ({"lora"}, {"lora"})


def test_a_copy_that_a_stranger_holds_keeps_an_adapter_alive() -> None:
    world = base_and_adapter().add("mirror", copy="llama")
    figures = world.figures({"acme"})
    assert figures["broken"] == (set(), set())
    assert figures["stranded"] == (set(), set())
    assert figures["never_born_any"][0] == {"llama", "lora", "mirror"}


def test_a_copy_that_an_organization_holds_keeps_it_alive_until_that_one_stops_too() -> None:
    world = base_and_adapter().add("mirror", "botch", copy="llama")
    assert world.figures({"acme"})["broken"][0] == set()
    assert world.figures({"acme", "botch"})["broken"][0] == {"lora"}


def test_an_adapter_of_an_adapter_needs_both_bases() -> None:
    world = base_and_adapter().add("style", "botch", adapter="lora").add("user", adapter="style")
    assert world.figures({"acme"})["broken"][0] == {"lora", "style", "user"}
    assert world.figures({"botch"})["broken"][0] == {"user"}


def test_a_finetune_of_an_adapter_goes_on() -> None:
    world = base_and_adapter().add("merged", merge="lora")
    assert world.figures({"acme"})["stranded"][0] == {"merged"}


def test_a_merge_falls_with_any_of_its_parents_and_wholly_with_all() -> None:
    world = (
        World()
        .add("llama", "acme", trained=("acme", "register"))
        .add("mistral", "botch", trained=("botch", "register"))
        .add("blend", merge="llama mistral")
    )
    blend = world.exposure.filter(universe="blend")
    assert blend.select("upstream", "paths").rows() == [("acme+botch", "acme|botch")]
    assert "blend" in world.figures({"acme"})["never_born_any"][0]
    assert "blend" not in world.figures({"acme"})["never_born_all"][0]
    assert "blend" in world.figures({"acme", "botch"})["never_born_all"][0]


def test_who_only_trained_it_does_not_take_it_down() -> None:
    world = World().add("gpt2", "botch", trained=("acme", "register"))
    assert world.figures({"acme"})["gone"][0] == set()
    assert world.figures({"acme"})["stranded"][1] == set()
    assert world.figures({"acme"})["never_born_all"][0] == {"gpt2"}
    assert world.figures({"botch"})["gone"][0] == {"gpt2"}


def test_a_stranger_s_model_named_after_a_family_is_stranded_without_its_maker() -> None:
    world = World().add("my-llama", trained=("acme", "family"))
    assert world.figures({"acme"})["stranded"] == ({"my-llama"}, {"my-llama"})


def test_an_assumed_root_may_stand_on_anybody() -> None:
    world = World().add("base", "botch", trained=("botch", "uploader"))
    figures = world.figures({"acme"})
    assert figures["never_born_any"] == (set(), {"base"})
    assert figures["broken"] == (set(), set())


def test_what_may_be_an_adapter_may_break() -> None:
    world = World().add("what", is_adapter=None).add("son", is_adapter=None, unspecified="what")
    assert world.figures({"acme"})["broken"] == (set(), {"what", "son"})


def test_evidence_admits_edges_as_the_lineage_says() -> None:
    frames = World().add("llama", "acme").add("copy").add("guess").frames | {
        "lineage": pl.DataFrame(
            [
                ("copy", "llama", "finetune", "declared", True),
                ("guess", "llama", "finetune", "inferred", False),
            ],
            schema=SCHEMAS["lineage"],
            orient="row",
        )
    }
    rows = exposure(**frames).filter(pl.col("derivatives") > 0)
    assert rows.select("evidence", "universe").rows() == [("declared", "copy"), ("inferred", "guess")]


def test_nothing_gives_nothing() -> None:
    made = exposure(**World().frames)
    assert made.is_empty()
    assert made.columns == [*KEYS, *WEIGHTS]


def test_a_model_that_nobody_knows_is_an_error() -> None:
    frames = base_and_adapter().frames
    frames["models"] = frames["models"].head(1)
    with pytest.raises(ValueError, match="not among the models"):
        exposure(**frames)


def test_a_cycle_is_an_error() -> None:
    world = replace(base_and_adapter(), parents={"llama": {"lora": "merge"}, "lora": {"llama": "adapter"}})
    with pytest.raises(ValueError, match="cycle"):
        exposure(**replace(world, origin={}).frames)


def test_the_order_of_rows_does_not_matter() -> None:
    world = base_and_adapter().add("mirror", "botch", copy="llama").add("blend", merge="lora mirror")
    shuffled = {name: frame.reverse() for name, frame in world.frames.items()}
    assert exposure(**shuffled).sort(KEYS).equals(exposure(**world.frames).sort(KEYS))


@given(st.lists(st.integers(1, 63), max_size=12))
def test_minimal_sets_decide_like_the_whole_family(family: list[int]) -> None:
    kept = minimal(family)
    for chosen in range(64):
        assert any(members & chosen == members for members in kept) == any(
            members & chosen == members for members in family
        )
    assert all(one & other != one for one in kept for other in kept if one != other)
