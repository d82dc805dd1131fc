/*
description: >
  Every model that is known today, one row each: those that some list had, and those that are only named as
  somebody's base (deleted, gated or never public; a finding in itself).
columns:
  model_id: VARCHAR | Id today; renames are followed.
  account: VARCHAR | Account that holds it; null for ids without one.
  organization_id: VARCHAR | Organization behind the account today; null when the account is not registered.
  is_named_only: BOOLEAN | True when no list had it and only lineage or a register names it.
  first_seen_date: DATE | First list that had it.
  last_seen_date: DATE | Last list that had it; absence from a partial list does not mean deletion.
  created_at: TIMESTAMP | Creation of the repository (UTC); null when not known or at the Hub's floor of 2022-03-02.
  pipeline_tag: VARCHAR | Task, from the newest list that tells it.
  universe: VARCHAR | Universe of the task; null when the task is not known.
  library_name: VARCHAR | Library, from the newest list that tells it.
  license: VARCHAR | Licence tag, from the newest list that tells it.
  architecture: VARCHAR | model_type, from the newest list that tells it.
  parameters: BIGINT | Number of parameters, from the newest list that tells it.
  is_gated: BOOLEAN | Gated, from the newest list that tells it.
  downloads_30d: BIGINT | Downloads in 30 days, from the newest list that tells them.
  downloads_date: DATE | The day of those downloads.
  likes: BIGINT | Likes, from the newest list that tells them.
  is_variant: BOOLEAN | True for quantized copies, mirrors and conversions of another model.
  root_id: VARCHAR | Last known ancestor by declared edges alone.
  base_model_id: VARCHAR | Last known ancestor when registers are admitted; copies lead on to their original, finetunes to what they began from.
  family: VARCHAR | Nearest curated generation along its main line of descent.
  depth: BIGINT | Longest known line of descent, in edges, registers admitted.
key: [model_id]
checks:
  not_null: [is_named_only, is_variant, root_id, base_model_id, depth]
  references: {organization_id: core.organizations.organization_id}
*/
with listed as (
    select
        i.model_id,
        min(s.snapshot_date) as first_seen_date,
        max(s.snapshot_date) as last_seen_date,
        min(s.created_at) as created_at,
        arg_max(s.pipeline_tag, (s.snapshot_date, s.scope, s.seen_id)) as pipeline_tag,
        arg_max(s.library_name, (s.snapshot_date, s.scope, s.seen_id)) as library_name,
        arg_max(s.license, (s.snapshot_date, s.scope, s.seen_id)) as license,
        arg_max(s.architecture, (s.snapshot_date, s.scope, s.seen_id)) as architecture,
        arg_max(s.parameters, (s.snapshot_date, s.scope, s.seen_id)) as parameters,
        arg_max(s.is_gated, (s.snapshot_date, s.scope, s.seen_id)) as is_gated,
        arg_max(s.downloads_30d, (s.snapshot_date, s.scope, s.seen_id)) as downloads_30d,
        max(case when s.downloads_30d is not null then s.snapshot_date end) as downloads_date,
        arg_max(s.likes, (s.snapshot_date, s.scope, s.seen_id)) as likes
    from staging.models as s
    inner join staging.model_ids as i on i.seen_id = s.seen_id
    group by i.model_id
),
-- Of old live lists only the counters are kept: they still tell who was in them.
counted as (
    select
        coalesce(i.model_id, k.seen_id) as model_id,
        min(n.snapshot_date) as first_seen_date,
        max(n.snapshot_date) as last_seen_date
    from staging.model_counts as n
    inner join staging.counted_models as k on k.model_key = n.model_key
    left join staging.model_ids as i on i.seen_id = k.seen_id
    group by coalesce(i.model_id, k.seen_id)
),
variants as (
    select distinct child_id from core.lineage where relation in ('quantized', 'copy') and evidence <> 'inferred'
),
ids as (
    select distinct
        model_id,
        case when contains(model_id, '/') then split_part(model_id, '/', 1) end as account
    from staging.model_ids
)
select
    m.model_id,
    m.account,
    a.organization_id,
    l.model_id is null and c.model_id is null as is_named_only,
    least(l.first_seen_date, c.first_seen_date) as first_seen_date,
    greatest(l.last_seen_date, c.last_seen_date) as last_seen_date,
    l.created_at,
    l.pipeline_tag,
    u.universe,
    l.library_name,
    l.license,
    l.architecture,
    l.parameters,
    l.is_gated,
    l.downloads_30d,
    l.downloads_date,
    l.likes,
    v.child_id is not null as is_variant,
    d.root_id,
    r.root_id as base_model_id,
    r.family,
    r.depth
from ids as m
left join listed as l on l.model_id = m.model_id
left join counted as c on c.model_id = m.model_id
left join variants as v on v.child_id = m.model_id
left join core.accounts as a on a.account = m.account and a.valid_to = date '9999-12-31'
left join reference.universes as u on u.pipeline_tag = l.pipeline_tag
inner join core.model_roots as d on d.model_id = m.model_id and d.evidence = 'declared'
inner join core.model_roots as r on r.model_id = m.model_id and r.evidence = 'curated'
