/*
description: Edges that were taken out of the lineage, and why.
columns:
  child_id: VARCHAR | The descendant as declared.
  parent_id: VARCHAR | The base as declared.
  relation: VARCHAR | As in core.lineage.
  evidence: VARCHAR | As in core.lineage.
  problem: VARCHAR | self_loop (names itself as its base) or cycle (descends from its own descendant).
key: [child_id, parent_id]
made_by: pipelines.analysis.lineage
reads: [staging.edges, staging.known_models]
checks:
  accepted: {problem: [self_loop, cycle]}
*/
