/*
description: >
  The day on which each model was born, in two series that differ and are never added: births_surviving by
  creation date, from the newest list of each scope that tells one, so what was deleted is missing from the
  past; births_observed by the first of our own whole lists that showed it, unless some list of any scope had
  it by the day of the first whole one. What the tables of births tell apart stands beside the day.
columns:
  series: VARCHAR | births_surviving or births_observed.
  scope: VARCHAR | Which population the lists are of.
  as_of_date: DATE | The day of the newest list behind it.
  model_id: VARCHAR | Id today.
  birth_date: DATE | Creation of the repository (UTC), or the day of the list that first showed it.
  universe: VARCHAR | Universe of its task, unknown when the task is not known.
  is_derivative: BOOLEAN | True when a parent is known (curated evidence).
  is_variant: BOOLEAN | True for quantized copies, mirrors and conversions.
  uploader_id: VARCHAR | Organization that held the account on the day of birth; null when not registered.
  is_first_party: BOOLEAN | True when that organization was well funded on that day.
key: [series, scope, model_id]
checks:
  not_null: [as_of_date, birth_date, universe, is_derivative, is_variant, is_first_party]
  accepted: {series: [births_surviving, births_observed]}
  references: {uploader_id: core.organizations.organization_id}
*/
with newest as (
    select scope, max(snapshot_date) as snapshot_date
    from staging.models
    where created_at is not null
    group by scope
),
-- Few models are known under several names: only of these the days are compared.
several as (
    select seen_id, model_id from staging.renamed_ids
    union
    select model_id, model_id from staging.renamed_ids
),
listed as (
    select s.scope, s.snapshot_date as as_of_date, s.seen_id, v.model_id, cast(s.created_at as date) as birth_date
    from staging.models as s
    inner join newest as n on n.scope = s.scope and n.snapshot_date = s.snapshot_date
    left join several as v on v.seen_id = s.seen_id
    where s.created_at is not null
),
shown as (
    select n.scope, n.snapshot_date, n.model_key
    from staging.model_counts as n
    inner join core.snapshots as c
        on c.scope = n.scope and c.snapshot_date = n.snapshot_date and c.is_model_list
    where c.is_whole_population
),
began as (
    select scope, min(snapshot_date) as first_date
    from shown
    group by scope
),
-- Other lists up to the first whole one are asked as well: what one of them had was not born later.
lists_at_first as (
    select distinct b.scope, c.scope as listed_scope, c.snapshot_date
    from began as b
    inner join core.snapshots as c on c.snapshot_date <= b.first_date and c.is_model_list
),
at_first as (
    select l.scope, n.model_key
    from lists_at_first as l
    inner join staging.model_counts as n on n.scope = l.listed_scope and n.snapshot_date = l.snapshot_date
),
there_at_first as (
    select distinct f.scope, v.model_id
    from several as v
    inner join staging.counted_models as k on k.seen_id = v.seen_id
    inner join at_first as f on f.model_key = k.model_key
),
-- Most of a later list was there at first: what was not is little, and only it gets names.
came_later as (
    select
        s.scope, b.first_date, coalesce(r.model_id, k.seen_id) as model_id, min(s.snapshot_date) as birth_date
    from shown as s
    inner join began as b on b.scope = s.scope and s.snapshot_date > b.first_date
    inner join staging.counted_models as k on k.model_key = s.model_key
    left join staging.renamed_ids as r on r.seen_id = k.seen_id
    where not exists (select 1 from at_first as f where f.scope = s.scope and f.model_key = s.model_key)
    group by s.scope, b.first_date, coalesce(r.model_id, k.seen_id)
),
births as (
    select
        'births_surviving' as series, scope, as_of_date, seen_id as model_id, birth_date,
        cast(null as date) as first_date
    from listed
    where model_id is null
    union all
    select 'births_surviving', scope, as_of_date, model_id, min(birth_date), null
    from listed
    where model_id is not null
    group by scope, as_of_date, model_id
    union all
    select
        'births_observed', l.scope, max(l.birth_date) over (partition by l.scope), l.model_id, l.birth_date,
        l.first_date
    from came_later as l
    where not exists (select 1 from there_at_first as t where t.scope = l.scope and t.model_id = l.model_id)
),
held as (
    select
        a.account,
        a.organization_id,
        greatest(a.valid_from, coalesce(o.valid_from, date '1970-01-01')) as from_date,
        least(a.valid_to, coalesce(o.valid_to, date '9999-12-31')) as to_date,
        o.status = 'verified' and o.funding in ('giant', 'funded') as is_well_funded
    from core.accounts as a
    inner join reference.organizations as o on o.organization_id = a.organization_id
)
select
    b.series,
    b.scope,
    b.as_of_date,
    b.model_id,
    b.birth_date,
    coalesce(m.universe, 'unknown') as universe,
    coalesce(m.depth > 0, false) as is_derivative,  -- nothing is known of what vanished before it was asked for
    coalesce(m.is_variant, false) as is_variant,
    h.organization_id as uploader_id,
    coalesce(h.is_well_funded, false) as is_first_party
from births as b
left join core.models as m on m.model_id = b.model_id
left join held as h
    on h.account = coalesce(
        m.account, case when contains(b.model_id, '/') then split_part(b.model_id, '/', 1) end
    )
    and b.birth_date >= h.from_date and b.birth_date < h.to_date
-- Of old lists that were not counted live core.models knows who was in them.
where b.first_date is null or m.first_seen_date is null or m.first_seen_date > b.first_date
