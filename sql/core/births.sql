/*
description: >
  The day on which each model was born, in two series that differ and are never added: births_surviving by
  creation date, from the newest list of each scope that tells one, so what was deleted is missing from the past;
  births_observed by the first of our own whole lists that showed it, the first list itself left out.
columns:
  series: VARCHAR | births_surviving or births_observed.
  scope: VARCHAR | Which population the lists are of.
  as_of_date: DATE | The day of the newest list behind it.
  model_id: VARCHAR | Id today.
  birth_date: DATE | Creation of the repository (UTC), or the day of the list that first showed it.
key: [series, scope, model_id]
checks:
  not_null: [as_of_date, birth_date]
  accepted: {series: [births_surviving, births_observed]}
*/
with newest as (
    select scope, max(snapshot_date) as snapshot_date
    from staging.models
    where created_at is not null
    group by scope
),
births as (
    select
        'births_surviving' as series,
        s.scope,
        s.snapshot_date as as_of_date,
        i.model_id,
        cast(min(s.created_at) as date) as birth_date
    from staging.models as s
    inner join newest as n on n.scope = s.scope and n.snapshot_date = s.snapshot_date
    inner join staging.model_ids as i on i.seen_id = s.seen_id
    where s.created_at is not null
    group by s.scope, s.snapshot_date, i.model_id
),
first_shown as (
    select n.scope, coalesce(i.model_id, k.seen_id) as model_id, min(n.snapshot_date) as birth_date
    from staging.model_counts as n
    inner join core.snapshots as c
        on c.scope = n.scope and c.snapshot_date = n.snapshot_date and c.is_model_list
    inner join staging.counted_models as k on k.model_key = n.model_key
    left join staging.model_ids as i on i.seen_id = k.seen_id  -- none where it is in no list any more
    where c.is_whole_population
    group by n.scope, coalesce(i.model_id, k.seen_id)
),
began as (
    select scope, min(birth_date) as first_date, max(birth_date) as last_date
    from first_shown
    group by scope
),
observed as (
    select 'births_observed' as series, f.scope, b.last_date as as_of_date, f.model_id, f.birth_date
    from first_shown as f
    inner join began as b on b.scope = f.scope
    where f.birth_date > b.first_date
)
select series, scope, as_of_date, model_id, birth_date from births
union all
select series, scope, as_of_date, model_id, birth_date from observed
