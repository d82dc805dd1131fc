/*
description: >
  The ten most downloaded accounts of each list and universe. One account can carry a fifth of all downloads,
  so the class of each of these moves the headline.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  universe: VARCHAR | One universe, or all.
  place: BIGINT | 1 is the most downloaded.
  account: VARCHAR | Account on the Hub.
  organization: VARCHAR | Organization behind it on that day; null when not registered.
  funding: VARCHAR | Its funding in the register; null when not registered.
  models: BIGINT | Number of its models in the list's universe.
  downloads_30d: BIGINT | Their downloads in 30 days.
  share: DOUBLE | Part of the downloads of the list's universe.
  first_party_share: DOUBLE | Part of those downloads that counts as first party.
key: [snapshot_date, scope, universe, place]
checks:
  not_null: [account, models, downloads_30d, share]
  ranges: {share: [0, 1], first_party_share: [0, 1]}
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
summed as (
    select
        l.snapshot_date,
        l.scope,
        l.universe,
        coalesce(m.account, '(none)') as account,
        max(l.uploader_id) as uploader_id,
        count(*) as models,
        sum(l.downloads_30d)::bigint as downloads,
        sum(case when l.is_first_party then l.downloads_30d else 0 end)::bigint as first_party
    from listed as l
    inner join core.models as m on m.model_id = l.model_id
    group by l.snapshot_date, l.scope, l.universe, coalesce(m.account, '(none)')
),
ranked as (
    select
        *,
        row_number() over (
            partition by snapshot_date, scope, universe order by downloads desc, account
        ) as place,
        sum(downloads) over (partition by snapshot_date, scope, universe) as whole
    from summed
)
select
    k.snapshot_date,
    k.scope,
    k.universe,
    k.place,
    k.account,
    o.name as organization,
    o.funding,
    k.models,
    k.downloads as downloads_30d,
    round(k.downloads / k.whole, 9) as share,
    round(k.first_party / nullif(k.downloads, 0), 9) as first_party_share
from ranked as k
left join core.organizations as o on o.organization_id = k.uploader_id
where k.place <= 10 and k.whole > 0
