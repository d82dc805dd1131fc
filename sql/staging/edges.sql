/*
description: >
  Who descends from whom, before self-loops and cycles are taken out: what somebody says (staging.told_edges),
  and for models of which nobody says anything what their names suggest (staging.inferred_parents). One row a
  pair, the strongest evidence kept.
columns:
  child_id: VARCHAR | The descendant.
  parent_id: VARCHAR | What its weights began from.
  relation: VARCHAR | finetune, adapter, quantized, merge, copy (mirrors and conversions) or unspecified.
  evidence: VARCHAR | declared, config, curated or inferred; see core.model_roots.
  is_superseded: BOOLEAN | True where a register names the true original of a copy that declares or is configured otherwise; left out wherever curated evidence is admitted.
key: [child_id, parent_id]
checks:
  not_null: [is_superseded]
  accepted:
    relation: [finetune, adapter, quantized, merge, copy, unspecified]
    evidence: [declared, config, curated, inferred]
*/
select child_id, parent_id, relation, evidence, is_superseded
from staging.told_edges
union all
select child_id, parent_id, relation, 'inferred', false
from staging.inferred_parents
