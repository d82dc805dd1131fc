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
-- Of old live lists only the counters are kept: they still tell who was in them.
with spans as (
    select model_key, min(snapshot_date) as first_seen_date, max(snapshot_date) as last_seen_date
    from staging.model_counts
    group by model_key
),
counted as (
    select k.seen_id, n.first_seen_date, n.last_seen_date
    from spans as n
    inner join staging.counted_models as k on k.model_key = n.model_key
),
counted_before as (
    select r.model_id, min(n.first_seen_date) as first_seen_date, max(n.last_seen_date) as last_seen_date
    from staging.renamed_ids as r
    inner join staging.counted_models as k on k.seen_id = r.seen_id
    inner join spans as n on n.model_key = k.model_key
    group by r.model_id
),
variants as (
    select distinct child_id from core.lineage where relation in ('quantized', 'copy') and evidence <> 'inferred'
)
select
    m.model_id,
    m.account,
    a.organization_id,
    m.lists = 0 and c.seen_id is null and b.model_id is null as is_named_only,
    least(m.first_seen_date, c.first_seen_date, b.first_seen_date) as first_seen_date,
    greatest(m.last_seen_date, c.last_seen_date, b.last_seen_date) as last_seen_date,
    m.created_at,
    m.pipeline_tag,
    u.universe,
    m.library_name,
    m.license,
    m.architecture,
    m.parameters,
    m.is_gated,
    m.downloads_30d,
    m.downloads_date,
    m.likes,
    v.child_id is not null as is_variant,
    coalesce(d.declared_root_id, m.model_id) as root_id,
    coalesce(d.curated_root_id, m.model_id) as base_model_id,
    d.curated_family as family,
    d.curated_depth as depth
from (
    select *, case when contains(model_id, '/') then split_part(model_id, '/', 1) end as account
    from staging.known_models
) as m
left join counted as c on c.seen_id = m.model_id
left join counted_before as b on b.model_id = m.model_id
left join variants as v on v.child_id = m.model_id
inner join core.descents as d on d.model_id = m.model_id
left join core.accounts as a on a.account = m.account and a.valid_to = date '9999-12-31'
left join reference.universes as u on u.pipeline_tag = m.pipeline_tag
