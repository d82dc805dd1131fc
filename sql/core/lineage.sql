/*
description: >
  Who descends from whom: a directed graph without cycles, one row an edge. What was taken out stands in
  core.lineage_problems; marts.lineage_problems reports all that is wrong.
columns:
  child_id: VARCHAR | The descendant.
  parent_id: VARCHAR | What its weights began from; it may be a model that no list has.
  relation: VARCHAR | finetune, adapter, quantized, merge, copy (mirrors and conversions) or unspecified (a tag without relation).
  evidence: VARCHAR | declared, config, curated or inferred; see staging.edges.
  is_superseded: BOOLEAN | True where a register names the true original of a copy; leave these out wherever curated evidence is admitted.
key: [child_id, parent_id]
made_by: pipelines.analysis.lineage
reads: [staging.edges, staging.known_models]
checks:
  not_null: [relation, evidence, is_superseded]
  accepted:
    relation: [finetune, adapter, quantized, merge, copy, unspecified]
    evidence: [declared, config, curated, inferred]
*/
