/*
description: >
  The counts of each model in each list, one row a model and snapshot, with its uploader as of that day. Rows
  of different scope are pictures of different populations.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  model_id: VARCHAR | Id today.
  uploader_id: VARCHAR | Organization that held the account on that day; null when not registered.
  is_first_party: BOOLEAN | True when that organization was well funded on that day.
  universe: VARCHAR | Universe of its task, unknown when the task is not known.
  is_variant: BOOLEAN | True for quantized copies, mirrors and conversions.
  downloads_30d: BIGINT | Downloads in the 30 days before; null when not told.
  downloads_all_time: BIGINT | Downloads since ever; null when not told.
  likes: BIGINT | Likes; null when not told.
key: [snapshot_date, scope, model_id]
checks:
  not_null: [is_first_party, universe, is_variant]
  references: {model_id: core.models.model_id, uploader_id: core.organizations.organization_id}
*/
with held as (
    select
        a.account,
        a.organization_id,
        a.valid_from,
        a.valid_to,
        coalesce(o.valid_from, date '1970-01-01') as class_from,
        coalesce(o.valid_to, date '9999-12-31') as class_to,
        o.status = 'verified' and o.funding in ('giant', 'funded') as is_well_funded
    from core.accounts as a
    inner join reference.organizations as o on o.organization_id = a.organization_id
),
-- Few models had another name: only these can stand under two in one list.
renamed as (
    select seen_id, model_id from staging.renamed_ids
    union
    select model_id, model_id from staging.renamed_ids
),
named as (
    select
        s.snapshot_date, s.scope, s.seen_id as model_id, s.seen_id, s.downloads_30d, s.downloads_all_time, s.likes
    from staging.models as s
    where not exists (select 1 from renamed as r where r.seen_id = s.seen_id)
    union all
    select s.snapshot_date, s.scope, r.model_id, s.seen_id, s.downloads_30d, s.downloads_all_time, s.likes
    from staging.models as s
    inner join renamed as r on r.seen_id = s.seen_id
    qualify row_number() over (
        partition by s.snapshot_date, s.scope, r.model_id order by s.seen_id = r.model_id desc, s.seen_id
    ) = 1
),
listed as (
    select
        snapshot_date,
        scope,
        model_id,
        case when contains(seen_id, '/') then split_part(seen_id, '/', 1) end as seen_account,
        downloads_30d,
        downloads_all_time,
        likes
    from named
)
select
    l.snapshot_date,
    l.scope,
    l.model_id,
    coalesce(h.organization_id, t.organization_id) as uploader_id,
    case when h.account is not null then h.is_well_funded else coalesce(t.is_well_funded, false) end
        as is_first_party,
    coalesce(m.universe, 'unknown') as universe,
    m.is_variant,
    l.downloads_30d,
    l.downloads_all_time,
    l.likes
from listed as l
inner join core.models as m on m.model_id = l.model_id
left join held as h
    on h.account = l.seen_account
    and l.snapshot_date >= h.valid_from and l.snapshot_date < h.valid_to
    and l.snapshot_date >= h.class_from and l.snapshot_date < h.class_to
left join held as t
    on t.account = m.account
    and l.snapshot_date >= t.valid_from and l.snapshot_date < t.valid_to
    and l.snapshot_date >= t.class_from and l.snapshot_date < t.class_to
