/*
description: >
  What models say of their bases in `base_model:` tags, cleaned of the residue of YAML lists and quotes; one
  row a pair. A typed tag stands before an untyped one, a later list before an earlier one.
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
)
select seen_child_id, seen_parent_id, relation
from named
where seen_parent_id <> ''
qualify row_number() over (
    partition by seen_child_id, seen_parent_id
    order by relation = 'unspecified', snapshot_date desc, scope, relation
) = 1
