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
-- Which accounts are the ten stands beside their sensitivity already.
with named as (
    select
        a.snapshot_date,
        a.scope,
        s.universe,
        s.place,
        s.account,
        s.organization_id,
        s.downloads_total,
        abs(s.flipped_lower - s.dependent_lower) as at_stake,
        sum(a.models)::bigint as models,
        sum(a.downloads_30d)::bigint as downloads_30d,
        sum(a.first_party_downloads_30d)::bigint as first_party_downloads_30d
    from marts.headline_sensitivity as s
    inner join core.account_snapshots as a
        on a.snapshot_date = s.snapshot_date and a.scope = s.scope and a.account = s.account
        and s.universe in (a.universe, 'all')
    where s.flip = 'account'
    group by
        a.snapshot_date, a.scope, s.universe, s.place, s.account, s.organization_id, s.downloads_total,
        abs(s.flipped_lower - s.dependent_lower)
)
select
    n.snapshot_date,
    n.scope,
    n.universe,
    n.place,
    n.account,
    o.name as organization,
    o.funding,
    n.models,
    n.downloads_30d,
    round(n.downloads_30d / n.downloads_total, 9) as share,
    round(n.first_party_downloads_30d / nullif(n.downloads_30d, 0), 9) as first_party_share,
    round(n.at_stake, 9) as at_stake_share
from named as n
left join core.organizations as o on o.organization_id = n.organization_id
