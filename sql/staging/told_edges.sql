/*
description: >
  Who descends from whom as far as somebody says so, before self-loops and cycles are taken out: declared by
  tags, named by an adapter's configuration, or curated in the registers of aliases and origins (verified rows
  only). One row a pair, the strongest evidence kept.
columns:
  child_id: VARCHAR | The descendant.
  parent_id: VARCHAR | What its weights began from.
  relation: VARCHAR | finetune, adapter, quantized, merge, copy (mirrors and conversions) or unspecified.
  evidence: VARCHAR | declared, config or curated, strongest first.
  is_superseded: BOOLEAN | True where a register names the true original of a copy that declares or is configured otherwise; left out wherever curated evidence is admitted.
key: [child_id, parent_id]
checks:
  not_null: [is_superseded]
  accepted:
    relation: [finetune, adapter, quantized, merge, copy, unspecified]
    evidence: [declared, config, curated]
*/
with declared as (
    select
        coalesce(c.model_id, d.seen_child_id) as child_id,
        coalesce(p.model_id, d.seen_parent_id) as parent_id,
        min(d.relation) as relation
    from staging.declared_parents as d
    left join staging.renamed_ids as c on c.seen_id = d.seen_child_id
    left join staging.renamed_ids as p on p.seen_id = d.seen_parent_id
    group by coalesce(c.model_id, d.seen_child_id), coalesce(p.model_id, d.seen_parent_id)
),
-- What is declared stands before the configuration: where they disagree, marts.lineage_problems says so.
configured as (
    select c.child_id, c.parent_id
    from staging.config_parents as c
    where not exists (
        select 1 from declared as d where d.child_id = c.child_id and d.parent_id <> d.child_id
    )
),
copies as (
    select
        c.model_id as child_id,
        p.model_id as parent_id,
        case a.kind when 'quantized' then 'quantized' else 'copy' end as relation
    from reference.aliases as a
    inner join staging.model_ids as c on c.seen_id = a.alias_id
    inner join staging.model_ids as p on p.seen_id = a.model_id
    where a.kind <> 'rename' and a.status = 'verified' and c.model_id <> p.model_id
),
origins as (
    select
        c.model_id as child_id,
        p.model_id as parent_id,
        o.relation
    from reference.origins as o
    inner join staging.model_ids as c on c.seen_id = o.model_id
    inner join staging.model_ids as p on p.seen_id = o.parent_id
    where
        o.origin = 'derived'
        and o.status = 'verified'
        and not exists (
            select 1 from declared as d where d.child_id = c.model_id and d.parent_id <> d.child_id
        )
        and not exists (select 1 from configured as f where f.child_id = c.model_id)
        and not exists (select 1 from copies as k where k.child_id = c.model_id)
),
curated as (
    select child_id, parent_id, min(relation) as relation
    from (
        select child_id, parent_id, relation from copies
        union all
        select child_id, parent_id, relation from origins
    )
    group by child_id, parent_id
),
told as (
    select child_id, parent_id, relation, 'declared' as evidence from declared
    union all
    select child_id, parent_id, 'adapter', 'config' from configured
)
select
    t.child_id,
    t.parent_id,
    t.relation,
    t.evidence,
    exists (select 1 from copies as k where k.child_id = t.child_id and k.parent_id <> t.parent_id)
        and not exists (select 1 from copies as k where k.child_id = t.child_id and k.parent_id = t.parent_id)
        as is_superseded
from told as t
union all
select c.child_id, c.parent_id, c.relation, 'curated', false
from curated as c
where not exists (
    select 1 from told as t where t.child_id = c.child_id and t.parent_id = c.parent_id
)
