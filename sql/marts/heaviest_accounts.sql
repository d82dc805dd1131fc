/*
description: >
  The ten most downloaded accounts of each list and universe. One account can carry a large part of all
  downloads, so the class of its organization can move the headline; at_stake_share says by how much.
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
  at_stake_share: DOUBLE | Part of the universe's downloads that would leave the lower bound of dependence were the account's organization not well funded, or would enter it were it well funded; owners upstream as of today, registers admitted; null when not registered.
key: [snapshot_date, scope, universe, place]
checks:
  not_null: [account, models, downloads_30d, share]
  ranges: {share: [0, 1], first_party_share: [0, 1], at_stake_share: [0, 1]}
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
),
named as (
    select distinct snapshot_date, scope, universe, uploader_id as organization_id, whole
    from ranked
    where place <= 10 and uploader_id is not null
),
standing as (
    -- Every organization that a listed model stands on: its uploader on that day, and whoever is upstream.
    select snapshot_date, scope, universe, model_id, downloads_30d, uploader_id as organization_id
    from listed
    where uploader_id is not null
    union
    select l.snapshot_date, l.scope, l.universe, l.model_id, l.downloads_30d, a.organization_id
    from listed as l
    inner join core.ancestry as a
        on a.model_id = l.model_id and a.evidence = 'curated' and a.through_share > 0
),
funded as (
    select
        s.snapshot_date,
        s.scope,
        s.universe,
        s.model_id,
        count(*) as well_funded
    from standing as s
    inner join core.organizations as o on o.organization_id = s.organization_id and o.is_well_funded
    group by s.snapshot_date, s.scope, s.universe, s.model_id
),
at_stake as (
    select
        n.snapshot_date,
        n.scope,
        n.universe,
        n.organization_id,
        sum(
            case
                when coalesce(f.well_funded, 0) = (case when o.is_well_funded then 1 else 0 end)
                    then s.downloads_30d
                else 0
            end
        ) / max(n.whole) as share
    from named as n
    inner join core.organizations as o on o.organization_id = n.organization_id
    inner join standing as s
        on s.snapshot_date = n.snapshot_date and s.scope = n.scope and s.universe = n.universe
        and s.organization_id = n.organization_id
    left join funded as f
        on f.snapshot_date = s.snapshot_date and f.scope = s.scope and f.universe = s.universe
        and f.model_id = s.model_id
    group by n.snapshot_date, n.scope, n.universe, n.organization_id
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
    round(k.first_party / nullif(k.downloads, 0), 9) as first_party_share,
    round(s.share, 9) as at_stake_share
from ranked as k
left join core.organizations as o on o.organization_id = k.uploader_id
left join at_stake as s
    on s.snapshot_date = k.snapshot_date and s.scope = k.scope and s.universe = k.universe
    and s.organization_id = k.uploader_id
where k.place <= 10 and k.whole > 0
