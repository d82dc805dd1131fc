"""The science's core analyses the usual way: pandas and networkx, model by model, in dictionaries.

    python benchmarks/science_peer.py FOLDER

FOLDER holds a warehouse in which core and marts are made (science.py does that). Prints one line of JSON: the
seconds of each analysis, the peak memory, and how far its results are from ours at most. One level of
evidence, curated; who is credited for a root is taken from ours, what follows from it is not.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT_ROOT))

from benchmarks.usage import peak_mb  # noqa: E402

#: Whose end is computed.
KNOCKED_OUT = "meta"


def run_peer(folder: Path) -> None:
    """Do roots, shares, dependence and one organization's end with pandas and networkx; compare with ours."""
    import duckdb

    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        frames = {name: connection.sql(query).df() for name, query in _PEER_INPUTS.items()}
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[..., Any], *given: Any) -> Any:
        started = time.monotonic()
        result = work(*given)
        seconds[name] = time.monotonic() - started
        return result

    peak_mb()
    graph = timed("graph", _peer_graph, frames["models"], frames["lineage"])
    origin, through = timed("origin and through shares", _peer_shares, graph)
    classes = timed("dependence by class", _peer_classes, graph, origin, through, frames)
    share = timed(f"what {KNOCKED_OUT} is upstream of", _peer_knock_out, graph, frames["listed"])
    peak = peak_mb()
    ours = frames["ancestry"]
    difference = 0.0
    for model, organization, o, t in ours.itertuples(index=False):
        difference = max(difference, abs(origin[model].get(organization, 0.0) - o))
        if organization != "unknown":
            difference = max(difference, abs(through[model].get(organization, 0.0) - t))
    rows = sum(len(origin[model].keys() | through[model].keys()) for model in origin)
    if rows != len(ours):
        raise SystemExit(f"the peer has {rows} shares, core.ancestry {len(ours)}")
    expected = frames["classes"].iloc[0]
    print(
        json.dumps(
            {
                "seconds": seconds,
                "peak_mb": peak,
                "compared": {"shares": rows},
                "difference": {
                    "shares": difference,
                    "classes": max(abs(classes.get(name, 0.0) - expected[name]) for name in expected.index),
                    "knock_out": abs(share - float(frames["knocked_out"].iloc[0, 0])),
                },
            }
        )
    )


_LISTED = """
    (select * from core.model_snapshots where scope = 'whole-hub' and downloads_30d is not null)
"""

_PEER_INPUTS = {
    "models": """
        select
            r.model_id,
            m.organization_id as uploader,
            case when r.parents = 0 then a.organization_id end as origin,
            r.origin_basis,
            coalesce(o.is_well_funded, false) as is_well_funded
        from core.model_roots as r
        inner join core.models as m on m.model_id = r.model_id
        left join core.ancestry as a
            on a.model_id = r.model_id and a.evidence = 'curated' and r.parents = 0 and a.origin_share = 1
        left join core.organizations as o on o.organization_id = a.organization_id
        where r.evidence = 'curated'
    """,
    "lineage": """
        select child_id, parent_id from core.lineage where evidence <> 'inferred' and not is_superseded
    """,
    "organizations": "select organization_id, is_well_funded from core.organizations",
    "listed": f"select model_id, is_first_party, downloads_30d from {_LISTED}",
    "ancestry": """
        select model_id, organization_id, origin_share, through_share
        from core.ancestry where evidence = 'curated'
    """,
    "classes": """
        select first_party_share as first_party, derived_share as derived,
            independent_share as independent, unknown_share as unknown
        from marts.dependence_shares
        where scope = 'whole-hub' and evidence = 'curated' and universe = 'all' and weight = 'downloads_30d'
    """,
    "knocked_out": f"""
        select any_share from marts.organization_shares
        where scope = 'whole-hub' and evidence = 'curated' and universe = 'all'
            and organization_id = '{KNOCKED_OUT}'
    """,
}


def _peer_graph(models: Any, lineage: Any) -> Any:
    import networkx as nx

    graph = nx.DiGraph()
    for row in models.to_dict("records"):
        known = {key: None if value != value else value for key, value in row.items()}  # noqa: PLR0124 - NaN
        graph.add_node(row["model_id"], **known)
    graph.add_edges_from(lineage.itertuples(index=False, name=None))
    return graph


def _peer_shares(graph: Any) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    import networkx as nx

    origin: dict[str, dict[str, float]] = {}
    through: dict[str, dict[str, float]] = {}
    for model in reversed(list(nx.topological_sort(graph))):
        facts, parents = graph.nodes[model], list(graph.successors(model))
        own: dict[str, float] = {}
        met: dict[str, float] = {}
        if not parents:
            own[facts["origin"]] = 1.0
            if facts["origin"] != "unknown":
                met[facts["origin"]] = 1.0
        for parent in parents:
            for organization, share in origin[parent].items():
                own[organization] = own.get(organization, 0.0) + share / len(parents)
            for organization, share in through[parent].items():
                met[organization] = met.get(organization, 0.0) + share / len(parents)
        if facts["uploader"]:
            met[facts["uploader"]] = 1.0
        origin[model], through[model] = own, met
    return origin, through


def _peer_classes(graph: Any, origin: Any, through: Any, frames: dict[str, Any]) -> dict[str, float]:
    organizations = frames["organizations"]
    funded = set(organizations.organization_id[organizations.is_well_funded.eq(other=True)])
    modest = set(organizations.organization_id[organizations.is_well_funded.eq(other=False)])
    independent: dict[str, float] = {}
    for model in origin:  # parents stand before their children
        parents = list(graph.successors(model))
        facts = graph.nodes[model]
        if parents:
            independent[model] = sum(independent[parent] for parent in parents) / len(parents)
        else:
            independent[model] = float(facts["origin_basis"] == "register" and facts["origin"] in modest)

    def upstream(model: str) -> str:
        parents = list(graph.successors(model))
        facts = graph.nodes[model]
        above = any(funded & through[parent].keys() for parent in parents)
        if above or (facts["origin"] in funded and facts["origin_basis"] in {"register", "family"}):
            return "derived"
        return "independent" if independent[model] > 1 - 1e-9 else "unknown"

    listed = frames["listed"]
    classes = listed.model_id.map(upstream).where(~listed.is_first_party, "first_party")
    sums = listed.downloads_30d.groupby(classes).sum() / listed.downloads_30d.sum()
    return {str(name): float(share) for name, share in sums.items()}


def _peer_knock_out(graph: Any, listed: Any) -> float:
    import networkx as nx

    standing = {
        model
        for model, facts in graph.nodes(data=True)
        if KNOCKED_OUT in {facts["uploader"], facts["origin"]}
    }
    reached = set(standing)
    below = graph.reverse(copy=False)
    for model in standing:
        if model in reached and not below.degree(model):
            continue
        reached |= nx.descendants(below, model)
    return float(listed.downloads_30d[listed.model_id.isin(reached)].sum() / listed.downloads_30d.sum())


if __name__ == "__main__":
    run_peer(Path(sys.argv[1]))
