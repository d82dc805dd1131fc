/*
description: >
  Every model that is known today, one row each, with what the lists say of it; of each field the newest list
  that tells it counts. What no list had has only its id.
columns:
  model_id: VARCHAR | Id today.
  lists: BIGINT | In how many lists it stands; 0 where it is only named, or kept by its counters.
  first_seen_date: DATE | First list that had it.
  last_seen_date: DATE | Last list that had it.
  created_at: TIMESTAMP | Creation of the repository (UTC), the earliest that is told; null when not known or at the Hub's floor of 2022-03-02.
  created_told_date: DATE | First list that told it.
  created_told_scope: VARCHAR | Its scope.
  pipeline_tag: VARCHAR | Task.
  library_name: VARCHAR | Library.
  license: VARCHAR | Licence tag.
  architecture: VARCHAR | model_type.
  parameters: BIGINT | Number of parameters.
  is_gated: BOOLEAN | Gated.
  downloads_30d: BIGINT | Downloads in 30 days.
  downloads_date: DATE | The day of those downloads.
  likes: BIGINT | Likes.
key: [model_id]
checks:
  not_null: [lists]
*/
-- Most models stand in one list alone and under their own id: there is nothing to join or to choose. Who may
-- stand in several is found by numbers, which are grouped in half the time of ids; one too many does no harm.
with again as (
    select distinct seen_id
    from staging.models
    where hash(seen_id) in (select hash(seen_id) from staging.models group by hash(seen_id) having count(*) > 1)
),
several as (
    select seen_id, model_id from staging.renamed_ids
    union
    select model_id, model_id from staging.renamed_ids
    union
    select a.seen_id, coalesce(r.model_id, a.seen_id)
    from again as a
    left join staging.renamed_ids as r on r.seen_id = a.seen_id
),
single as (
    select
        s.seen_id as model_id,
        1 as lists,
        s.snapshot_date as first_seen_date,
        s.snapshot_date as last_seen_date,
        s.created_at,
        case when s.created_at is not null then s.snapshot_date end as created_told_date,
        case when s.created_at is not null then s.scope end as created_told_scope,
        s.pipeline_tag,
        s.library_name,
        s.license,
        s.architecture,
        s.parameters,
        s.is_gated,
        s.downloads_30d,
        case when s.downloads_30d is not null then s.snapshot_date end as downloads_date,
        s.likes
    from staging.models as s
    where not exists (select 1 from several as v where v.seen_id = s.seen_id)
),
chosen as (
    select
        v.model_id,
        count(s.seen_id) as lists,
        min(s.snapshot_date) as first_seen_date,
        max(s.snapshot_date) as last_seen_date,
        min(s.created_at) as created_at,
        arg_min(s.snapshot_date, (s.created_at, s.snapshot_date, s.scope)) filter (s.created_at is not null)
            as created_told_date,
        arg_min(s.scope, (s.created_at, s.snapshot_date, s.scope)) filter (s.created_at is not null)
            as created_told_scope,
        arg_max(s.pipeline_tag, (s.snapshot_date, s.scope, s.seen_id)) as pipeline_tag,
        arg_max(s.library_name, (s.snapshot_date, s.scope, s.seen_id)) as library_name,
        arg_max(s.license, (s.snapshot_date, s.scope, s.seen_id)) as license,
        arg_max(s.architecture, (s.snapshot_date, s.scope, s.seen_id)) as architecture,
        arg_max(s.parameters, (s.snapshot_date, s.scope, s.seen_id)) as parameters,
        arg_max(s.is_gated, (s.snapshot_date, s.scope, s.seen_id)) as is_gated,
        arg_max(s.downloads_30d, (s.snapshot_date, s.scope, s.seen_id)) as downloads_30d,
        max(case when s.downloads_30d is not null then s.snapshot_date end) as downloads_date,
        arg_max(s.likes, (s.snapshot_date, s.scope, s.seen_id)) as likes
    from several as v
    left join staging.models as s on s.seen_id = v.seen_id
    group by v.model_id
),
unlisted as (
    select i.model_id
    from staging.model_ids as i
    where not i.is_listed and not exists (select 1 from several as v where v.seen_id = i.seen_id)
)
select * from single
union all
select * from chosen
union all by name
select model_id, 0 as lists from unlisted
