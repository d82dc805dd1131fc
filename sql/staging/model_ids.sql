/*
description: >
  Every id that occurs anywhere and the id that the model has today: renamed repositories and renamed
  accounts are followed, by verified register rows only. The Hub takes ids in any case, so spellings that
  differ in case alone are one model, under a registered account's spelling if there is one.
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
),
moved as (
    select
        r.seen_id,
        coalesce(n.new_account || substr(r.repository_id, length(n.old_account) + 1), r.repository_id)
            as today_id,
        exists (select 1 from staging.models as l where l.seen_id = r.seen_id) as is_listed
    from renamed as r
    left join reference.renamed_accounts as n
        on n.old_account = split_part(r.repository_id, '/', 1)
        and contains(r.repository_id, '/')
        and n.status = 'verified'
),
spelled as (
    select lower(m.today_id) as folded_id, m.today_id as model_id
    from (select today_id, bool_or(is_listed) as is_listed from moved group by today_id) as m
    left join (select distinct account from reference.accounts) as a
        on a.account = split_part(m.today_id, '/', 1)
    qualify row_number() over (
        partition by lower(m.today_id) order by a.account is null, not m.is_listed, m.today_id
    ) = 1
)
select m.seen_id, s.model_id
from moved as m
inner join spelled as s on s.folded_id = lower(m.today_id)
