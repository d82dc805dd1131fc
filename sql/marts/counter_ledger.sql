/*
description: >
  Where the Hub's counters contradict each other in our own lists. The 30-day counter d and the all-time
  counter A must agree: with a list 30 days before, d(t) = A(t) - A(t-30); with weekly lists,
  A(t) - A(t-28) <= d(t) <= A(t) - A(t-35). A may never fall. Lists of one scope are compared with one another
  only, models from 1,000 all-time downloads on; a difference below 10 downloads and 2 percent of d is let
  pass, since two counters are not read in the same second. A missing day is missing, nothing is filled in;
  lists whose own day is in doubt are only held against a fall, since their thirty days may be twenty-nine.
columns:
  scope: VARCHAR | Which population was listed.
  snapshot_date: DATE | The day of the list in which it shows.
  model_id: VARCHAR | Id today.
  finding: VARCHAR | all_time_fall, identity_broken or bounds_broken.
  compared_date: DATE | The earlier list; of the two for bounds the nearer one.
  downloads_30d: BIGINT | d on the day.
  downloads_all_time: BIGINT | A on the day.
  lower: BIGINT | Least value that would agree; of A for a fall, of d for the others.
  upper: BIGINT | Greatest value that would agree; null for a fall.
key: [scope, snapshot_date, model_id, finding]
checks:
  not_null: [compared_date]
  accepted: {finding: [all_time_fall, identity_broken, bounds_broken]}
*/
with days as (
    select n.scope, n.snapshot_date, coalesce(c.date_uncertainty_days, 0) = 0 as is_certain
    from (select distinct scope, snapshot_date from staging.model_counts) as n
    left join core.snapshots as c
        on c.scope = n.scope and c.snapshot_date = n.snapshot_date and c.is_model_list
),
pairs as (
    select
        d.scope,
        d.snapshot_date,
        e.snapshot_date as earlier_date,
        case
            when d.is_certain and e.is_certain then date_diff('day', e.snapshot_date, d.snapshot_date)
        end as certain_days
    from days as d
    inner join days as e on e.scope = d.scope and e.snapshot_date < d.snapshot_date
),
spans as (
    select
        scope,
        snapshot_date,
        max(earlier_date) as before_date,
        max(case when certain_days = 28 then earlier_date end) as date_28,
        max(case when certain_days = 30 then earlier_date end) as date_30,
        max(case when certain_days = 35 then earlier_date end) as date_35
    from pairs
    group by scope, snapshot_date
),
heavy as (
    select scope, snapshot_date, model_key, downloads_30d, downloads_all_time
    from staging.model_counts
    where downloads_all_time >= 1000
),
falls as (
    select
        h.scope, h.snapshot_date, h.model_key, 'all_time_fall' as finding, s.before_date as compared_date,
        h.downloads_30d, h.downloads_all_time, b.downloads_all_time as lower, cast(null as bigint) as upper
    from spans as s
    inner join heavy as b on b.scope = s.scope and b.snapshot_date = s.before_date
    inner join staging.model_counts as h
        on h.scope = s.scope and h.snapshot_date = s.snapshot_date and h.model_key = b.model_key
    where h.downloads_all_time < b.downloads_all_time
),
identities as (
    select
        h.scope, h.snapshot_date, h.model_key, 'identity_broken' as finding, s.date_30 as compared_date,
        h.downloads_30d, h.downloads_all_time,
        h.downloads_all_time - b.downloads_all_time as lower,
        h.downloads_all_time - b.downloads_all_time as upper
    from spans as s
    inner join heavy as h on h.scope = s.scope and h.snapshot_date = s.snapshot_date
    inner join staging.model_counts as b
        on b.scope = s.scope and b.snapshot_date = s.date_30 and b.model_key = h.model_key
),
bounds as (
    select
        h.scope, h.snapshot_date, h.model_key, 'bounds_broken' as finding, s.date_28 as compared_date,
        h.downloads_30d, h.downloads_all_time,
        h.downloads_all_time - b.downloads_all_time as lower,
        h.downloads_all_time - c.downloads_all_time as upper
    from spans as s
    inner join heavy as h on h.scope = s.scope and h.snapshot_date = s.snapshot_date
    inner join staging.model_counts as b
        on b.scope = s.scope and b.snapshot_date = s.date_28 and b.model_key = h.model_key
    inner join staging.model_counts as c
        on c.scope = s.scope and c.snapshot_date = s.date_35 and c.model_key = h.model_key
    where s.date_30 is null  -- the identity says more
),
found as (
    select * from falls
    union all
    select * from identities
    where
        abs(downloads_30d - lower) > 10
        and abs(downloads_30d - lower) > 0.02 * downloads_30d
    union all
    select * from bounds
    where
        (lower - downloads_30d > 10 and lower - downloads_30d > 0.02 * downloads_30d)
        or (downloads_30d - upper > 10 and downloads_30d - upper > 0.02 * downloads_30d)
)
select
    f.scope,
    f.snapshot_date,
    coalesce(i.model_id, k.seen_id) as model_id,
    f.finding,
    f.compared_date,
    f.downloads_30d,
    f.downloads_all_time,
    f.lower,
    f.upper
from found as f
inner join staging.counted_models as k on k.model_key = f.model_key
left join staging.model_ids as i on i.seen_id = k.seen_id
-- A renamed model may be in one list under two names; the larger counter is the one that is kept.
qualify row_number() over (
    partition by f.scope, f.snapshot_date, coalesce(i.model_id, k.seen_id), f.finding
    order by f.downloads_all_time desc, f.model_key
) = 1
