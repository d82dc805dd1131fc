"""The tables that are a graph: lineage and attribution, each two tables of one calculation.

Here: which rows the calculation takes, and writing what it gives. Without Dagster: benchmarks make them too.
Not here: the calculation (pipelines/analysis), the assets (tables.py).
"""

from collections.abc import Iterator, Mapping

import duckdb
import polars as pl

from pipelines.analysis.attribution import Nodes, attribute_places
from pipelines.analysis.lineage import EVIDENCE_LEVELS, break_cycles
from pipelines.warehouse.models import SqlModel, write_frame, write_frames

LINEAGE = ("core.lineage", "core.lineage_problems")
ATTRIBUTION = ("core.ancestry", "core.model_roots")

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
    broken = break_cycles(connection.sql(_EDGES).pl(), connection.sql(_CREATED).pl())
    for name, frame in zip(LINEAGE, (broken.lineage, broken.problems), strict=True):
        write_frame(connection, models[name], frame)


def make_attribution(connection: duckdb.DuckDBPyConnection, models: Mapping[str, SqlModel]) -> None:
    """Make core.ancestry and core.model_roots from core.lineage, level by level."""
    nodes = Nodes(connection.sql(_NODES).pl(), connection.sql(_ORGANIZATIONS).pl())
    edges = connection.sql(_ADMITTED).pl()
    edges = edges.select(
        "evidence",
        "is_superseded",
        child=pl.Series(nodes.places(edges["child_id"])),
        parent=pl.Series(nodes.places(edges["parent_id"])),
    )
    write_frames(connection, _parts(models, nodes, edges))


def _parts(
    models: Mapping[str, SqlModel], nodes: Nodes, edges: pl.DataFrame
) -> Iterator[tuple[SqlModel, pl.DataFrame]]:
    """Give both tables level by level: at three million models one level is what memory should hold."""
    for evidence, admitted in EVIDENCE_LEVELS.items():
        places = edges.filter(admitted).select("child", "parent")
        result = attribute_places(
            nodes,
            places["child"].to_numpy(),
            places["parent"].to_numpy(),
            admit_registers=evidence != "declared",
        )
        yield models["core.ancestry"], result.ancestry.with_columns(evidence=pl.lit(evidence))
        yield models["core.model_roots"], result.model_roots.with_columns(evidence=pl.lit(evidence))
        del result
