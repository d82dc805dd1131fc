"""Completeness of lineage: of models that descend, how many are known to; by labels and by recapture.

A made list is put into a warehouse in memory, and marts.lineage_completeness is built over it for every draw:
what is tested is the SQL that publishes. Labels are drawn and judged as reference.lineage_labels was.
"""

from collections.abc import Iterator
from functools import cache, partial

import duckdb
import numpy as np
import polars as pl

from benchmarks.calibrations import Case, Interval
from pipelines.settings import SQL_DIR
from pipelines.warehouse.connection import open_memory
from pipelines.warehouse.models import SqlModel, build, load_models

TABLE = "marts.lineage_completeness"
DAY = np.datetime64("2026-01-01")
SCOPE = "made"
NAMED, OTHERS, LABELS = 2000, 12_000, 120
UNCLEAR = 0.1
#: Of the models that descend, the part that declares a base, where the list is captured twice.
DECLARING = 0.4


def cases() -> Iterator[Case]:
    """Few and many undeclared descendants, by models and by downloads; two finders that find alone."""
    for share in (0.2, 0.5, 0.85):
        for kind in ("models", "downloads_30d"):
            yield Case(
                estimator=f"undeclared models that descend, by {kind}",
                setting=f"{LABELS} labels, {share:.0%} of {OTHERS} descend, {UNCLEAR:.0%} unclear",
                truth=1.0,
                draw=partial(labelled, share=share, kind=kind),
                draws=300,
            )
    for descendants, telling in ((400, 0.5), (400, 0.15), (2000, 0.35)):
        yield Case(
            estimator="models that name a base, by recapture",
            setting=f"{descendants} descend, {telling:.0%} have a telling name, the two independent",
            truth=1.0,
            draw=partial(recaptured, descendants=descendants, telling=telling),
            draws=300,
        )


@cache
def _models() -> dict[str, SqlModel]:
    return load_models(SQL_DIR)


@cache
def _warehouse() -> duckdb.DuckDBPyConnection:
    """Make every table that the mart reads, empty."""
    connection = open_memory()
    models = _models()
    for table in models[TABLE].reads:
        columns = ", ".join(f"{name} {kind}" for name, (kind, _) in models[table].columns.items())
        connection.execute(f"create table {table} ({columns})")
    connection.execute(
        "insert into core.snapshots (scope, snapshot_date, is_live, is_complete, is_model_list) "
        f"values ('{SCOPE}', date '{DAY}', false, true, true)"
    )
    return connection


def _fill(table: str, frame: pl.DataFrame) -> None:
    connection = _warehouse()
    connection.execute(f"delete from {table}")
    connection.register("filling", frame.to_arrow())
    connection.execute(f"insert into {table} by name select * from filling")
    connection.unregister("filling")


def _fill_list(names: pl.Series, downloads: np.ndarray, is_named: np.ndarray) -> None:
    tags = pl.when(pl.Series(is_named)).then(pl.lit("base_model:finetune:a/base")).otherwise(pl.lit("text"))
    frame = pl.DataFrame({"seen_id": names, "downloads_30d": downloads})
    _fill(
        "staging.models",
        frame.with_columns(snapshot_date=pl.lit(DAY), scope=pl.lit(SCOPE), tags=pl.concat_list(tags)),
    )
    told = frame.filter(pl.Series(is_named)).select(child_id="seen_id")
    _fill("staging.told_edges", told.with_columns(parent_id=pl.lit("a/base"), evidence=pl.lit("declared")))


def _published(measure: str, kind: str) -> Interval:
    connection = _warehouse()
    build(connection, _models()[TABLE])
    rows = connection.execute(
        f"select estimate, lower, upper from {TABLE} where measure = ? and kind = ?", [measure, kind]
    ).fetchall()
    if not rows or rows[0][0] is None:
        return np.nan, np.nan, np.nan
    return rows[0]


def labelled(random: np.random.Generator, *, share: float, kind: str) -> Interval:
    """Draw a list and a sample of its undeclared models, judge it, and give estimate / truth."""
    downloads = np.exp(random.normal(4, 1.5, NAMED + OTHERS)).astype(np.int64) + 1
    names = pl.Series([f"a/m{number}" for number in range(NAMED + OTHERS)])
    _fill_list(names, downloads, np.arange(NAMED + OTHERS) < NAMED)
    weight = downloads[NAMED:].astype(np.float64)
    descends = random.random(OTHERS) < share
    if kind == "models":
        drawn = random.choice(OTHERS, LABELS, replace=False)
        stands_for = np.full(LABELS, OTHERS / LABELS)
        truth = descends.mean()
    else:
        # Priority sampling: the greatest weight / u; each stands for its weight, or for the next priority.
        priority = weight / random.random(OTHERS)
        order = np.argsort(-priority)
        drawn = order[:LABELS]
        stands_for = np.maximum(weight[drawn], priority[order[LABELS]])
        truth = weight[descends].sum() / weight.sum()
    label = np.where(descends[drawn], "descends", "scratch")
    label = np.where(random.random(LABELS) < UNCLEAR, "unclear", label)
    frame = pl.DataFrame(
        {
            "model_id": names[NAMED:].gather(drawn),
            "stratum": ["uniform" if kind == "models" else "downloads"] * LABELS,
            "weight": np.round(stands_for).astype(np.int64),
            "label": label,
        }
    )
    _fill("reference.lineage_labels", frame)
    estimate, lower, upper = _published("labelled", kind)
    return estimate / truth, lower / truth, upper / truth


def recaptured(random: np.random.Generator, *, descendants: int, telling: float) -> Interval:
    """Draw which descendants declare a base and which bear a telling name; give estimate / truth."""
    names = pl.Series([f"a/m{number}" for number in range(2 * descendants)])
    descends = np.arange(2 * descendants) < descendants
    is_named = descends & (random.random(2 * descendants) < DECLARING)
    tells = descends & (random.random(2 * descendants) < telling)
    _fill_list(names, np.ones(2 * descendants, dtype=np.int64), is_named)
    frame = pl.DataFrame({"child_id": names, "named": is_named, "tells": tells})
    rule = pl.when("tells").then(pl.lit("format"))
    masked = frame.filter("named").select("child_id", rule=rule, fold=pl.lit(1))
    _fill("staging.name_matches", masked)
    inferred = frame.filter(pl.col("tells") & ~pl.col("named")).select("child_id", rule=pl.lit("format"))
    _fill("staging.inferred_parents", inferred)
    truth = is_named.sum() / descendants
    estimate, lower, upper = _published("recaptured", "models")
    return estimate / truth, lower / truth, upper / truth
