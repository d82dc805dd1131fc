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
    select snapshot_date, scope, seen_id, substr(tag, 12) as rest, split_part(substr(tag, 12), ':', 1) as kind
    from (select snapshot_date, scope, seen_id, unnest(tags) as tag from staging.models)
    where starts_with(tag, 'base_model:')
),
split as (
    select
        snapshot_date,
        scope,
        seen_id,
        case
            when kind in ('finetune', 'adapter', 'quantized', 'merge') and length(rest) > length(kind) then kind
            else 'unspecified'
        end as relation,
        kind,
        rest
    from tags
),
named as (
    select
        snapshot_date,
        scope,
        seen_id as seen_child_id,
        relation,
        case when relation = 'unspecified' then rest else substr(rest, length(kind) + 2) end as written_id
    from split
),
-- The greatest place is that of the newest list, of one day that of the first by scope.
lists as (
    select snapshot_date, scope, row_number() over (order by snapshot_date, scope desc) as place
    from (select distinct snapshot_date, scope from staging.models)
),
-- One row a pair and relation. Most ids need no trimming, and to see that is cheaper than to trim.
cleaned as (
    select
        n.seen_child_id,
        case
            when
                contains(' -"''[]', left(n.written_id, 1)) or contains(' -"''[]', right(n.written_id, 1))
                then trim(n.written_id, ' -"''[]')
            else n.written_id
        end as seen_parent_id,
        n.relation,
        max(l.place) as place
    from named as n
    inner join lists as l on l.snapshot_date = n.snapshot_date and l.scope = n.scope
    group by n.seen_child_id, seen_parent_id, n.relation
),
pairs as (
    select
        seen_child_id,
        seen_parent_id,
        lower(seen_parent_id) = lower(seen_child_id) as is_self,
        max(place) as place,
        arg_min(relation, (relation = 'unspecified', -place, relation)) as relation
    from cleaned
    where seen_parent_id <> ''
    group by seen_child_id, seen_parent_id
),
-- A card can change: the newest list in which a model names another one says which; itself is no base.
newest as (
    select seen_child_id, max(place) as place
    from pairs
    where not is_self
    group by seen_child_id
)
select p.seen_child_id, p.seen_parent_id, p.relation
from pairs as p
left join newest as n on n.seen_child_id = p.seen_child_id
where p.is_self or p.place = n.place
