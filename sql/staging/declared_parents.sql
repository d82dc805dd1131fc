/*
description: >
  What models say of their bases in `base_model:` tags, cleaned of the residue of YAML lists and quotes; one
  row a pair. The newest list that tells a model's bases decides which they are; how it descends from each is
  taken from the newest typed tag of any list.
columns:
  seen_child_id: VARCHAR | The model, as given.
  seen_parent_id: VARCHAR | The base that it names, as given but cleaned.
  relation: VARCHAR | finetune, adapter, quantized, merge, or unspecified where the tag names no relation.
key: [seen_child_id, seen_parent_id]
checks:
  accepted: {relation: [finetune, adapter, quantized, merge, unspecified]}
*/
with tags as (
    select snapshot_date, scope, seen_id, substr(tag, 12) as rest
    from (select snapshot_date, scope, seen_id, unnest(tags) as tag from staging.models)
    where tag like 'base\_model:%' escape '\'
),
named as (
    select
        snapshot_date,
        scope,
        seen_id as seen_child_id,
        coalesce(nullif(regexp_extract(rest, '^(finetune|adapter|quantized|merge):', 1), ''), 'unspecified')
            as relation,
        trim(regexp_replace(rest, '^(finetune|adapter|quantized|merge):', ''), ' -"''[]') as seen_parent_id
    from tags
),
-- A card can change: the newest list in which a model names another one says which; itself is no base.
newest as (
    select seen_child_id, snapshot_date, scope
    from named
    where seen_parent_id <> '' and lower(seen_parent_id) <> lower(seen_child_id)
    qualify row_number() over (partition by seen_child_id order by snapshot_date desc, scope) = 1
),
told as (
    select n.seen_child_id, n.seen_parent_id
    from named as n
    inner join newest as w
        on w.seen_child_id = n.seen_child_id and w.snapshot_date = n.snapshot_date and w.scope = n.scope
    where n.seen_parent_id <> ''
    union
    select seen_child_id, seen_parent_id
    from named
    where seen_parent_id <> '' and lower(seen_parent_id) = lower(seen_child_id)
)
select n.seen_child_id, n.seen_parent_id, n.relation
from named as n
inner join told as t on t.seen_child_id = n.seen_child_id and t.seen_parent_id = n.seen_parent_id
qualify row_number() over (
    partition by n.seen_child_id, n.seen_parent_id
    order by n.relation = 'unspecified', n.snapshot_date desc, n.scope, n.relation
) = 1
