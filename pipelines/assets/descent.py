"""The tables that are a graph: lineage and attribution, each a few tables of one calculation.

Here: which rows the calculation takes, and writing what it gives. Without Dagster: benchmarks make them too.
Not here: the calculation (pipelines/analysis), the assets (tables.py).
"""

from collections.abc import Mapping

import duckdb
import polars as pl

from pipelines.analysis.attribution import Nodes, attribute_places
from pipelines.analysis.lineage import EVIDENCE_LEVELS, break_cycles
from pipelines.warehouse.connection import forget
from pipelines.warehouse.models import SqlModel, write_frames

LINEAGE = ("core.lineage", "core.lineage_problems")
ATTRIBUTION = ("core.descents", "core.credit_ways", "core.credit_shares")

_EDGES = "select child_id, parent_id, relation, evidence, is_superseded from staging.edges"

_CREATED = "select model_id, created_at from staging.known_models"

_ADMITTED = "select child_id, parent_id, evidence, is_superseded from core.lineage"

_ORGANIZATIONS = "select organization_id, is_well_funded from core.organizations"

#: Accounts as held today; unverified families make nobody the origin of anything.
_NODES = """
    with scratch as (
        select i.model_id, min(o.trained_by) as trained_by
        from reference.origins as o
        inner join staging.model_ids as i on i.seen_id = o.model_id
        where o.origin = 'scratch' and o.status = 'verified'
        group by i.model_id
    )
    select
        m.model_id,
        a.organization_id as uploader_id,
        s.trained_by,
        f.family,
        case when f.status = 'verified' then f.organization_id end as family_organization_id
    from staging.known_models as m
    left join core.accounts as a
        on contains(m.model_id, '/')
        and a.account = split_part(m.model_id, '/', 1)
        and a.valid_to = date '9999-12-31'
    left join scratch as s on s.model_id = m.model_id
    left join staging.family_matches as f on f.model_id = m.model_id
"""


def make_lineage(connection: duckdb.DuckDBPyConnection, models: Mapping[str, SqlModel]) -> None:
    """Make core.lineage and core.lineage_problems from staging.edges."""
    edges, created = connection.sql(_EDGES).pl(), connection.sql(_CREATED).pl()
    forget(connection)
    broken = break_cycles(edges, created)
    frames = (broken.lineage, broken.problems)
    write_frames(connection, zip((models[name] for name in LINEAGE), frames, strict=True))


def make_attribution(connection: duckdb.DuckDBPyConnection, models: Mapping[str, SqlModel]) -> None:
    """Make core.descents, core.credit_ways and core.credit_shares from core.lineage.

    A group of columns of core.descents for each level of evidence; the ways are numbered through all levels.
    """
    read = [connection.sql(query).pl() for query in (_NODES, _ORGANIZATIONS, _ADMITTED)]
    forget(connection)
    frames = _attributed(*read)
    del read  # before DuckDB needs the memory again
    write_frames(connection, zip((models[name] for name in ATTRIBUTION), frames, strict=True))


def _attributed(
    models: pl.DataFrame, organizations: pl.DataFrame, edges: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Give the three tables, each level of evidence attributed on its own."""
    nodes = Nodes(models, organizations)
    child, parent, order = nodes.edges(edges["child_id"], edges["parent_id"])
    descents, ways, shares = nodes.model_id.to_frame(), [], []
    first = 0
    for evidence, admitted in EVIDENCE_LEVELS.items():
        rows = order[edges.select(admitted).to_series().to_numpy()[order]]
        made = attribute_places(nodes, child[rows], parent[rows], admit_registers=evidence != "declared")
        number = pl.col("way").cast(pl.Int32) + first
        columns = made.models.select(number, pl.exclude("model_id", "way"))
        descents = descents.hstack([column.alias(f"{evidence}_{column.name}") for column in columns])
        ways.append(made.ways.with_row_index("way").with_columns(number, evidence=pl.lit(evidence)))
        shares.append(made.shares.with_columns(number))
        first += made.ways.height
    return descents, pl.concat(ways), pl.concat(shares)
