"""The cube and the sensitivity of the headline against plain counting, on small made-up ecosystems."""

from collections.abc import Iterable
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.analysis.attribution import attribute
from tests.analysis.graphs import ancestry, model_roots
from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, counted, held, named

#: What is well funded today. `grown` was not yet on the day of the list.
TODAY = {"giant": True, "rich": True, "lab": False, "club": False, "grown": True, "unclear": None}
THEN = TODAY | {"grown": False}
#: Accounts, who holds them today, and who held them on the day of the list.
HOLDERS = {
    "g": "giant",
    "r": "rich",
    "l": "lab",
    "c": "club",
    "w": "grown",
    "u": "unclear",
    "m": "giant",
    "x": None,
}
EARLIER = HOLDERS | {"m": "lab"}
WEIGHTS = ("models", "derivatives", "new_derivatives_30d", "downloads_30d", "downloads_all_time", "likes")
EVIDENCES = ("declared", "curated", "inferred")


class Ecosystem:
    """Models with parents, accounts and what the registers say of roots; plain functions of a class."""

    def __init__(self, seed: int) -> None:
        random = Random(seed)
        self.names = [f"{random.choice(list(HOLDERS))}/{number}" for number in range(random.randint(1, 9))]
        self.edges = {
            (child, parent): random.choice(EVIDENCES)
            for place, child in enumerate(self.names)
            for parent in random.sample(self.names[:place], min(place, random.choice([0, 1, 1, 2])))
        }
        self.trained_by = {name: random.choice([None, None, *TODAY]) for name in self.names}
        self.family_of = {name: random.choice([None, None, None, *TODAY]) for name in self.names}
        self.listed = {
            name: counted(
                name,
                uploader_id=EARLIER[name[0]],
                is_first_party=bool(THEN.get(EARLIER[name[0]] or "")),
                universe=random.choice(["vision", "embedding"]),
                is_variant=random.random() < 0.3,
                downloads_30d=random.choice([None, 0, 3, 10, 100]),
                downloads_all_time=random.choice([None, 7]),
                likes=random.choice([None, 2]),
            )
            for name in self.names
        }
        self.born = {name for name in self.names if random.random() < 0.5}

    def parents(self, name: str, evidence: str) -> list[str]:
        admitted = EVIDENCES[: EVIDENCES.index(evidence) + 1]
        return [p for (c, p), how in self.edges.items() if c == name and how in admitted]

    def above(self, name: str, evidence: str) -> set[str]:
        """Strict ancestors."""
        found: set[str] = set()
        for parent in self.parents(name, evidence):
            found |= {parent} | self.above(parent, evidence)
        return found

    def upstream(self, name: str) -> set[str]:
        """Organizations that a model stands on besides its uploader, registers admitted."""
        above = self.above(name, "curated")
        holders = {HOLDERS[model[0]] for model in above}
        roots = [model for model in above | {name} if not self.parents(model, "curated")]
        makers = {self.trained_by[root] or self.family_of[root] for root in roots}
        return {name for name in holders | makers if name is not None}

    def is_independent(self, name: str, funded: dict[str, bool | None]) -> bool:
        roots = [m for m in self.above(name, "curated") | {name} if not self.parents(m, "curated")]
        return all(funded.get(self.trained_by[root] or "", True) is False for root in roots)

    def bounds(self, flips: dict[str, bool], universe: str) -> tuple[float, float]:
        """Lower and upper bound of dependence by downloads, some classes overruled."""
        today, lower, upper, whole = TODAY | flips, 0, 0, 0
        for name, row in self.listed.items():
            if universe not in ("all", row["universe"]) or not row["downloads_30d"]:
                continue
            uploader = row["uploader_id"]
            first_party = flips[uploader] if uploader in flips else row["is_first_party"]
            depends = first_party or any(today[other] for other in self.upstream(name))
            whole += row["downloads_30d"]
            lower += row["downloads_30d"] * depends
            upper += row["downloads_30d"] * (depends or not self.is_independent(name, today))
        return lower / whole, upper / whole

    def fill(self, warehouse: Warehouse) -> None:
        """Fill the core tables, ancestry by the attribution itself, which has a twin of its own."""
        organizations = pl.DataFrame(
            {"organization_id": list(TODAY), "is_well_funded": list(TODAY.values())},
            schema={"organization_id": pl.String, "is_well_funded": pl.Boolean},
        )
        text = pl.String
        nodes = pl.DataFrame(
            {
                "model_id": self.names,
                "uploader_id": [HOLDERS[name[0]] for name in self.names],
                "trained_by": [self.trained_by[name] for name in self.names],
                "family": [None] * len(self.names),
                "family_organization_id": [self.family_of[name] for name in self.names],
            },
            schema=dict.fromkeys(
                ("model_id", "uploader_id", "trained_by", "family", "family_organization_id"), text
            ),
        )
        roots: list[dict[str, Any]] = []
        shares: list[dict[str, Any]] = []
        for evidence in EVIDENCES:
            pairs = [(name, parent) for name in self.names for parent in self.parents(name, evidence)]
            edges = pl.DataFrame(pairs, schema={"child_id": text, "parent_id": text}, orient="row")
            made = attribute(nodes, edges, organizations, admit_registers=evidence != "declared")
            roots += [row | {"evidence": evidence} for row in model_roots(made).to_dicts()]
            shares += [row | {"evidence": evidence} for row in ancestry(made).to_dicts()]
        warehouse.fill("core.model_roots", roots).fill("core.ancestry", shares)
        warehouse.fill("core.organizations", [named(name, is_well_funded=is_) for name, is_ in TODAY.items()])
        warehouse.fill("core.accounts", [held(name, by) for name, by in HOLDERS.items() if by])
        warehouse.fill(
            "core.lineage",
            [
                {"child_id": c, "parent_id": p, "evidence": how, "is_superseded": False}
                for (c, p), how in self.edges.items()
            ],
        )
        warehouse.fill(
            "core.births",
            [
                {
                    "series": "births_surviving",
                    "scope": "list",
                    "as_of_date": DAY,
                    "model_id": name,
                    "birth_date": DAY,
                }
                for name in self.born
            ],
        )
        warehouse.fill("core.model_snapshots", self.listed.values())


def modest(function: Any) -> Any:
    shared = [HealthCheck.function_scoped_fixture]  # every example fills all tables anew
    return settings(max_examples=20, deadline=None, suppress_health_check=shared)(function)


def credit(frame: pl.DataFrame, name: str, evidence: str) -> dict[str, float]:
    rows = frame.filter(
        pl.col("model_id") == name, pl.col("evidence") == evidence, pl.col("origin_share") > 0
    )
    return dict(rows.select("organization_id", "origin_share").rows())


def amount(row: dict[str, Any], weight: str, is_derivative: bool, is_born: bool) -> float | None:
    """A model's own amount of a weight."""
    plain = {
        "models": 1,
        "derivatives": int(is_derivative),
        "new_derivatives_30d": int(is_derivative and is_born),
    }
    return plain[weight] if weight in plain else row[weight]


def total(values: Iterable[float | None]) -> float:
    return sum(value for value in values if value is not None)


@modest
@given(seed=st.integers(0, 2**32), switches=st.randoms(use_true_random=False))
def test_any_combination_of_switches_follows_from_the_cube(
    warehouse: Warehouse, seed: int, switches: Random
) -> None:
    made = Ecosystem(seed)
    made.fill(warehouse)
    cube = warehouse.build("marts.dependence_cube")
    ancestry = warehouse._connection.sql("select * from core.ancestry").pl()
    for _ in range(6):
        evidence = switches.choice(EVIDENCES)
        weight = switches.choice(WEIGHTS)
        universe = switches.choice(["vision", "embedding", None])
        variants = switches.choice([True, False])
        unit, who = switches.choice(
            [("uploader", "lab"), ("origin", "giant"), ("origin", "unknown"), (None, None)]
        )
        found = cube.filter(
            pl.col("evidence") == evidence,
            pl.lit(universe is None) | (pl.col("universe") == (universe or "")),
            pl.lit(variants) | ~pl.col("is_variant"),
            pl.lit(unit is None) | (pl.col(unit or "uploader") == (who or "")),
        )[weight].sum()
        expected = total(
            value * part
            for name, row in made.listed.items()
            if universe in (None, row["universe"]) and (variants or not row["is_variant"])
            for value in [amount(row, weight, bool(made.parents(name, evidence)), name in made.born)]
            if value is not None and not (weight == "new_derivatives_30d" and not made.born)
            for part in [
                credit(ancestry, name, evidence).get(who or "", 0.0)
                if unit == "origin"
                else float(unit is None or row["uploader_id"] == who)
            ]
        )
        assert found == pytest.approx(expected, abs=1e-3)


@modest
@given(seed=st.integers(0, 2**32))
def test_flipping_a_class_is_the_same_as_counting_anew(warehouse: Warehouse, seed: int) -> None:
    made = Ecosystem(seed)
    made.fill(warehouse)
    for table in ("core.account_snapshots", "marts.dependence_cube", "marts.dependence_shares"):
        warehouse.build(table)
    for row in warehouse.build("marts.headline_sensitivity").to_dicts():
        universe = row["universe"]
        ten = {
            EARLIER[name[0]]
            for name, model in made.listed.items()
            if model["downloads_30d"] is not None and universe in ("all", model["universe"])
        } - {None}
        flips = {
            "account": {row["organization_id"]: not TODAY.get(row["organization_id"])},
            "all_well_funded": dict.fromkeys(ten, True),
            "none_well_funded": dict.fromkeys(ten, False),
        }[row["flip"]]
        published = (row["dependent_lower"], row["dependent_upper"])
        assert published == pytest.approx(made.bounds({}, universe), abs=2e-9)
        if row["status"] == "ok":
            flipped = (row["flipped_lower"], row["flipped_upper"])
            assert flipped == pytest.approx(made.bounds(flips, universe), abs=3e-9)
        else:
            assert row["organization_id"] is None
