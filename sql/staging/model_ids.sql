/*
description: >
  Every id that occurs anywhere and the id that the model has today: renamed repositories and renamed
  accounts are followed, by verified register rows only.
columns:
  seen_id: VARCHAR | Id as it occurs in a list, a tag, a series or a register.
  model_id: VARCHAR | Id today.
key: [seen_id]
checks:
  not_null: [model_id]
*/
with seen as (
    select seen_id from staging.models
    union
    select seen_parent_id from staging.declared_parents
    union
    select trim(id) from raw.model_counters where trim(coalesce(id, '')) <> ''
    union
    select model_id from reference.origins
    union
    select parent_id from reference.origins where parent_id is not null
    union
    select alias_id from reference.aliases
    union
    select model_id from reference.aliases
),
renamed as (
    select s.seen_id, coalesce(a.model_id, s.seen_id) as repository_id
    from seen as s
    left join reference.aliases as a
        on a.alias_id = s.seen_id and a.kind = 'rename' and a.status = 'verified'
)
select
    r.seen_id,
    coalesce(n.new_account || substr(r.repository_id, length(n.old_account) + 1), r.repository_id) as model_id
from renamed as r
left join reference.renamed_accounts as n
    on n.old_account = split_part(r.repository_id, '/', 1)
    and contains(r.repository_id, '/')
    and n.status = 'verified'
