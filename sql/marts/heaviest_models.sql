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
-- Ten accounts have a model of at least this many downloads, so the ten models have no fewer.
with thresholds as (
    select snapshot_date, scope, universe, min(most_downloads_30d) as most_downloads_30d
    from (
        select snapshot_date, scope, universe, most_downloads_30d
        from core.account_snapshots
        qualify row_number() over (
            partition by snapshot_date, scope, universe order by most_downloads_30d desc
        ) <= 10
    )
    group by snapshot_date, scope, universe
    having count(*) = 10
),
candidates as (
    select s.snapshot_date, s.scope, s.universe, s.model_id, s.uploader_id, s.is_first_party, s.downloads_30d
    from core.model_snapshots as s
    left join thresholds as t
        on t.snapshot_date = s.snapshot_date and t.scope = s.scope and t.universe = s.universe
    where s.downloads_30d >= coalesce(t.most_downloads_30d, 0)
),
wholes as (
    select snapshot_date, scope, universe, sum(downloads_30d) as whole
    from core.account_snapshots
    group by snapshot_date, scope, universe
),
totals as (
    select snapshot_date, scope, universe, whole from wholes
    union all
    select snapshot_date, scope, 'all', sum(whole) from wholes group by snapshot_date, scope
),
ranked as (
    select
        *,
        row_number() over (
            partition by snapshot_date, scope, universe order by downloads_30d desc, model_id
        ) as place
    from (
        select * from candidates
        union all
        select snapshot_date, scope, 'all', model_id, uploader_id, is_first_party, downloads_30d from candidates
    )
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
    round(k.downloads_30d / t.whole, 9) as share
from ranked as k
inner join totals as t
    on t.snapshot_date = k.snapshot_date and t.scope = k.scope and t.universe = k.universe
inner join core.model_roots as r on r.model_id = k.model_id and r.evidence = 'curated'
left join core.organizations as o on o.organization_id = k.uploader_id
where k.place <= 10 and t.whole > 0
