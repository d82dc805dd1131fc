/*
description: The ten most downloaded models of each list and universe, with what is known of their descent.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  universe: VARCHAR | One universe, or all.
  place: BIGINT | 1 is the most downloaded.
  model_id: VARCHAR | Id today.
  uploader: VARCHAR | Name of the organization that uploaded it; null when not registered.
  base_model_id: VARCHAR | Last known ancestor when registers are admitted.
  dependence_class: VARCHAR | first_party, derived, independent or unknown, registers admitted.
  downloads_30d: BIGINT | Downloads in 30 days.
  share: DOUBLE | Part of the downloads of the list's universe.
key: [snapshot_date, scope, universe, place]
checks:
  not_null: [model_id, dependence_class, downloads_30d, share]
  ranges: {share: [0, 1]}
*/
with listed as (
    select snapshot_date, scope, universe, model_id, uploader_id, is_first_party, downloads_30d
    from core.model_snapshots
    where downloads_30d is not null
    union all
    select snapshot_date, scope, 'all', model_id, uploader_id, is_first_party, downloads_30d
    from core.model_snapshots
    where downloads_30d is not null
),
ranked as (
    select
        *,
        row_number() over (
            partition by snapshot_date, scope, universe order by downloads_30d desc, model_id
        ) as place,
        sum(downloads_30d) over (partition by snapshot_date, scope, universe) as whole
    from listed
)
select
    k.snapshot_date,
    k.scope,
    k.universe,
    k.place,
    k.model_id,
    o.name as uploader,
    r.root_id as base_model_id,
    case when k.is_first_party then 'first_party' else r.upstream_class end as dependence_class,
    k.downloads_30d,
    round(k.downloads_30d / k.whole, 9) as share
from ranked as k
inner join core.model_roots as r on r.model_id = k.model_id and r.evidence = 'curated'
left join core.organizations as o on o.organization_id = k.uploader_id
where k.place <= 10 and k.whole > 0
