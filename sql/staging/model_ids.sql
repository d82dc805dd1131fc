/*
description: >
  Every id that occurs anywhere and the id that the model has today. Renamed repositories and renamed accounts
  are followed: by verified register rows, and from where these lead by the renames that the Hub showed when
  it was asked for an id. The Hub takes ids in any case, so spellings that differ in case alone are one model,
  under a registered account's spelling if there is one.
columns:
  seen_id: VARCHAR | Id as it occurs in a list, a tag, a series or a register.
  model_id: VARCHAR | Id today.
  is_listed: BOOLEAN | True when some list has it under the id as it occurs.
key: [seen_id]
checks:
  not_null: [model_id, is_listed]
*/
with recursive shown as (
    -- What the Hub called a model that was asked for: (snapshot_date, page) puts the answers in order.
    select p.subject as asked_id, d.id as current_id, p.snapshot_date, p.page
    from raw.pages as p
    inner join raw.model_details as d
        on d.snapshot_date = p.snapshot_date and d.scope = p.scope and d.page = p.page
    where
        p.source = 'huggingface_model_details'
        and p.status = 200
        and p.subject is not null
        and regexp_full_match(d.id, '[\w.-]{1,96}(/[\w.-]{1,96})?')
),
seen as (
    select seen_id, bool_or(is_listed) as is_listed
    from (
        select seen_id, true as is_listed from staging.models
        union all
        select seen_id, false from staging.counted_models
        union all
        select seen_parent_id, false from staging.declared_parents
        union all
        select config_base_id, false from staging.models where config_base_id is not null
        union all
        select trim(id), false from raw.model_counters where trim(coalesce(id, '')) <> ''
        union all
        select model_id, false from reference.origins
        union all
        select parent_id, false from reference.origins where parent_id is not null
        union all
        select alias_id, false from reference.aliases
        union all
        select model_id, false from reference.aliases
        union all
        select asked_id, false from shown
        union all
        select current_id, false from shown
    )
    group by seen_id
),
renamed as (
    select s.seen_id, s.is_listed, coalesce(a.model_id, s.seen_id) as repository_id
    from seen as s
    left join reference.aliases as a
        on a.alias_id = s.seen_id and a.kind = 'rename' and a.status = 'verified'
),
registered as (
    select
        r.seen_id,
        r.is_listed,
        coalesce(n.new_account || substr(r.repository_id, length(n.old_account) + 1), r.repository_id)
            as register_id
    from renamed as r
    left join reference.renamed_accounts as n
        on n.old_account = split_part(r.repository_id, '/', 1)
        and contains(r.repository_id, '/')
        and n.status = 'verified'
),
-- A register row stands above what the Hub showed: an id that it renames is never followed otherwise, and
-- where the Hub leads to such an id, the register leads on.
observed as (
    select
        lower(s.asked_id) as old_id,
        lower(t.register_id) as new_id,
        t.register_id as new_spelling,
        s.snapshot_date,
        s.page
    from shown as s
    inner join registered as o on o.seen_id = s.asked_id and lower(o.register_id) = lower(s.asked_id)
    inner join registered as t on t.seen_id = s.current_id
),
-- An old name can be taken again. It counts as renamed no more once the Hub calls a model by it in a later
-- answer, or in a list of a later day (two days more: lists lag). So no renames run in a circle, either: of
-- those in a circle the last one shows that its target is a name in use.
followed as (
    select r.old_id, r.new_id, r.new_spelling
    from observed as r
    where
        r.old_id <> r.new_id
        and not exists (
            select 1
            from observed as l
            where l.new_id = r.old_id and (l.snapshot_date, l.page) > (r.snapshot_date, r.page)
        )
        and not exists (
            select 1
            from staging.models as m
            where lower(m.seen_id) = r.old_id and m.snapshot_date > r.snapshot_date + 2
        )
    qualify row_number() over (partition by r.old_id order by r.snapshot_date desc, r.page desc) = 1
),
chains as (
    select old_id, new_id, new_spelling, 1 as steps from followed
    union all
    select c.old_id, f.new_id, f.new_spelling, c.steps + 1
    from chains as c
    inner join followed as f on f.old_id = c.new_id
),
ends as (
    select old_id, new_spelling
    from chains
    qualify row_number() over (partition by old_id order by steps desc) = 1
),
moved as (
    select r.seen_id, coalesce(e.new_spelling, r.register_id) as today_id, r.is_listed
    from registered as r
    left join ends as e on e.old_id = lower(r.register_id)
),
-- Few ids are spelled in several ways: only these are sorted. Numbers are grouped in less time than ids; what
-- has the number of another by chance is a spelling of its own.
several as (
    select hash(lower(today_id)) as number
    from moved
    group by hash(lower(today_id))
    having count(*) > 1
),
spelled as (
    select m.folded_id, m.today_id as model_id
    from (
        select lower(today_id) as folded_id, today_id, bool_or(is_listed) as is_listed
        from moved
        where hash(lower(today_id)) in (select number from several)
        group by today_id
    ) as m
    left join (select distinct account from reference.accounts) as a
        on a.account = split_part(m.today_id, '/', 1)
    qualify row_number() over (
        partition by m.folded_id order by a.account is null, not m.is_listed, m.today_id
    ) = 1
)
select m.seen_id, coalesce(s.model_id, m.today_id) as model_id, m.is_listed
from moved as m
left join spelled as s on s.folded_id = lower(m.today_id)
