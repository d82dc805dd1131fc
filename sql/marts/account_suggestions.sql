/*
description: >
  Which accounts a maintainer should add to the register next: the thousand with the most downloads that have
  no row there, each by that newest list of a scope in which it weighs most; lists more than a year older than
  the newest one are left out. Beside it what the Hub says of them as organizations: a hint where to look,
  never used as a fact.
columns:
  account: VARCHAR | Account on the Hub.
  models: BIGINT | Number of its models on that list.
  downloads_30d: BIGINT | Their downloads in 30 days.
  share_of_list: DOUBLE | Part of the downloads of that list; 0 to 1.
  scope: VARCHAR | Which population was listed.
  snapshot_date: DATE | The day that the list is a picture of.
  is_organization: BOOLEAN | True when the Hub calls it an organization, false for a user; null when not asked, or not told.
  fullname: VARCHAR | Its name as its owner wrote it.
  is_verified: BOOLEAN | True when the Hub has verified who it is.
  followers: BIGINT | Its followers.
  checked_date: DATE | The day the Hub was asked; null when it was not.
key: [account]
checks:
  not_null: [models, downloads_30d, share_of_list, scope, snapshot_date]
  ranges: {share_of_list: [0, 1], followers: [0, 1000000000]}
*/
with newest as (
    select s.scope, max(s.snapshot_date) as snapshot_date
    from core.model_snapshots as s
    left join core.snapshots as c
        on c.snapshot_date = s.snapshot_date and c.scope = s.scope and c.is_model_list
    where s.downloads_30d is not null and c.selection is null
    group by s.scope
),
lists as (
    select scope, snapshot_date
    from newest
    where snapshot_date >= (select max(snapshot_date) from newest) - 365
),
summed as (
    select
        s.scope,
        s.snapshot_date,
        m.account,
        count(*) as models,
        sum(s.downloads_30d) as downloads
    from core.model_snapshots as s
    inner join lists as l on l.scope = s.scope and l.snapshot_date = s.snapshot_date
    inner join core.models as m on m.model_id = s.model_id
    where s.downloads_30d is not null
    group by s.scope, s.snapshot_date, m.account
),
shares as (
    select
        *,
        downloads / nullif(sum(downloads) over (partition by scope, snapshot_date), 0) as share
    from summed
),
heaviest as (
    select
        *,
        row_number() over (partition by lower(account) order by downloads desc, snapshot_date desc, scope)
            as place
    from shares
    where
        downloads > 0
        and account is not null
        and lower(account) not in (select lower(account) from reference.accounts)
),
ranked as (
    select *, row_number() over (order by downloads desc, account) as rank
    from heaviest
    where place = 1
),
asked as (
    select
        lower(p.subject) as folded_account,
        p.snapshot_date as checked_date,
        p.status,
        trim(o.fullname) as fullname,
        o.is_verified,
        try_cast(o.followers as bigint) as followers,
        row_number() over (
            partition by lower(p.subject) order by p.snapshot_date desc, p.page desc
        ) as place
    from raw.pages as p
    left join raw.account_overviews as o
        on o.snapshot_date = p.snapshot_date and o.scope = p.scope and o.page = p.page
    where p.source = 'huggingface_organizations' and p.subject is not null
)
select
    r.account,
    r.models,
    cast(r.downloads as bigint) as downloads_30d,
    r.share as share_of_list,
    r.scope,
    r.snapshot_date,
    case when a.status = 200 then true when a.status = 404 then false end as is_organization,
    nullif(a.fullname, '') as fullname,
    case when a.is_verified = 'true' then true when a.is_verified = 'false' then false end as is_verified,
    case when a.followers between 0 and 1000000000 then a.followers end as followers,
    a.checked_date
from ranked as r
left join asked as a on a.folded_account = lower(r.account) and a.place = 1
where r.rank <= 1000
order by r.downloads desc, r.account
