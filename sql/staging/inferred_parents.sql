/*
description: >
  What names suggest: the parent of models of which no tag, configuration or register says anything, with the
  measured worth of the rule that says so; at most one a model.
columns:
  child_id: VARCHAR | The descendant.
  parent_id: VARCHAR | What its name points to; a model of some list.
  relation: VARCHAR | finetune, adapter, quantized, merge or copy, as its name tells.
  rule: VARCHAR | The rule, see staging.name_matches.
  confidence: DOUBLE | Of the masked models for which the rule names a parent, the part that declare this very one (marts.lineage_quality has the interval, and how often the root is right); null where there is none.
key: [child_id]
checks:
  not_null: [parent_id, relation, rule]
  ranges: {confidence: [0, 1]}
*/
with measured as (
    select m.rule, cast(count(t.child_id) as double) / count(*) as confidence
    from staging.name_matches as m
    left join staging.told_edges as t
        on t.child_id = m.child_id and t.parent_id = m.parent_id and t.evidence = 'declared'
    where m.fold is not null and m.rule is not null
    group by m.rule
)
select n.child_id, n.parent_id, n.relation, n.rule, round(c.confidence, 9) as confidence
from staging.name_matches as n
left join measured as c on c.rule = n.rule
where n.fold is null
