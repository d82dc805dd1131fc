/*
description: >
  What is odd in who descends from whom, one row an edge and problem, and what becomes of the edge. Self-loops
  and edges that close a cycle are taken out of core.lineage. Children older than their parents stay, for a
  repository may be made anew long after its release or filled long after it was made. Parents that no list has
  stay as nodes of their own. Where a configuration names another base than the tags do, the tags count.
columns:
  child_id: VARCHAR | The descendant.
  parent_id: VARCHAR | The base, as named.
  problem: VARCHAR | self_loop, cycle, child_older_than_parent, dangling_parent (named, but in no list; deleted, gated, misspelt or never public) or config_disagrees (the adapter's configuration names a base that its tags do not).
  relation: VARCHAR | As in core.lineage.
  evidence: VARCHAR | As in core.lineage.
  is_edge: BOOLEAN | True where the edge stays in core.lineage.
  days: BIGINT | Days from the child's creation to the parent's; null for other problems.
  detail: VARCHAR | The fact that shows it, in words.
key: [child_id, parent_id, problem]
checks:
  not_null: [is_edge, relation, evidence, detail]
  ranges: {days: [1, null]}
  accepted:
    problem: [self_loop, cycle, child_older_than_parent, dangling_parent, config_disagrees]
*/
with told_bases as (
    select child_id, min(parent_id) as first_base, count(*) as bases
    from staging.told_edges
    where evidence = 'declared' and parent_id <> child_id
    group by child_id
)
select
    child_id,
    parent_id,
    problem,
    relation,
    evidence,
    false as is_edge,
    cast(null as bigint) as days,
    case problem when 'self_loop' then 'names itself as its base' else 'descends from its own descendant' end as detail
from core.lineage_problems
union all
select
    l.child_id,
    l.parent_id,
    'child_older_than_parent',
    l.relation,
    l.evidence,
    true,
    date_diff('day', cast(c.created_at as date), cast(p.created_at as date)),
    'child of ' || cast(cast(c.created_at as date) as varchar) || ', parent of '
        || cast(cast(p.created_at as date) as varchar)
from core.lineage as l
inner join core.models as c on c.model_id = l.child_id
inner join core.models as p on p.model_id = l.parent_id
where cast(c.created_at as date) < cast(p.created_at as date)
union all
select l.child_id, l.parent_id, 'dangling_parent', l.relation, l.evidence, true, null, 'in no list'
from core.lineage as l
inner join core.models as p on p.model_id = l.parent_id
where p.is_named_only
union all
select
    f.child_id,
    f.parent_id,
    'config_disagrees',
    'adapter',
    'config',
    false,
    null,
    'its tags name ' || b.first_base || case when b.bases > 1 then ' and others' else '' end
from staging.config_parents as f
inner join told_bases as b on b.child_id = f.child_id
where not exists (
    select 1
    from staging.told_edges as t
    where t.child_id = f.child_id and t.parent_id = f.parent_id and t.evidence = 'declared'
)
