/*
description: >
  Where the Hub's counters contradict each other, stand still, jump or are missing, one row a finding with what
  was expected. In our own lists the 30-day counter d and the all-time counter A must agree. With a list 30 days
  before, d(t) = A(t) - A(t-30); with weekly lists, A(t) - A(t-28) <= d(t) <= A(t) - A(t-35). A may never fall.
  Lists of one scope are compared with one another only, models from 1,000 all-time downloads on; a difference
  below 10 downloads and 2 percent of d is let pass, since two counters are not read in the same second. A model
  is stuck when neither counter moved in seven to fourteen days though d is 1,000 or more; a jump is a
  hundredfold from one day to the next. A missing day is missing, nothing is filled in; lists whose own day is
  in doubt are only held against a fall, since their thirty days may be twenty-nine. Daily series that have d
  alone are audited by other rules, see marts.counter_series_findings, whose rows stand here too.
columns:
  scope: VARCHAR | Which population was listed or watched.
  snapshot_date: DATE | The day on which it shows; of a gap the first day after it.
  model_id: VARCHAR | Id today.
  finding: VARCHAR | all_time_fall, identity_broken, bounds_broken, infeasible, stuck, list_stuck, jump or gap.
  compared_date: DATE | The earlier reading; of the two for bounds the nearer one, of a window or run its first day.
  downloads_30d: BIGINT | d on the day.
  downloads_all_time: BIGINT | A on the day; null in series that lack it.
  lower: BIGINT | Least value that would agree; of A for a fall, of d on compared_date for infeasible, of d on the day for the others.
  upper: BIGINT | Greatest value that would agree, for infeasible the value that was read; null for a fall and where nothing is expected.
  days: BIGINT | Days from compared_date to the day; of a gap how many days are missing.
  likelihood: DOUBLE | Of stuck and list_stuck, how probable it is by chance. In lists (1 + d/30)^-days, as if daily downloads were geometric; in series see there.
  is_list_wide: BOOLEAN | True when most of the list or all of it stood still or was not read, which says nothing of the model.
key: [scope, snapshot_date, model_id, finding]
checks:
  not_null: [compared_date, days, is_list_wide]
  accepted:
    finding: [all_time_fall, identity_broken, bounds_broken, infeasible, stuck, list_stuck, jump, gap]
  ranges: {days: [1, null], likelihood: [0, 1]}
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
        max(case when certain_days = 1 then earlier_date end) as date_1,
        max(case when certain_days between 7 and 14 then earlier_date end) as date_week,
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
-- Counters of a model that stand still say something if those of the others moved.
standing as (
    select
        h.scope, h.snapshot_date, h.model_key, s.date_week as compared_date,
        h.downloads_30d, h.downloads_all_time,
        h.downloads_all_time = b.downloads_all_time and h.downloads_30d = b.downloads_30d as is_stuck,
        avg(
            case
                when h.downloads_all_time = b.downloads_all_time and h.downloads_30d = b.downloads_30d then 1
                else 0
            end
        ) over (partition by h.scope, h.snapshot_date) as stuck_share,
        count(*) over (partition by h.scope, h.snapshot_date) as compared
    from spans as s
    inner join heavy as h
        on h.scope = s.scope and h.snapshot_date = s.snapshot_date and h.downloads_30d >= 1000
    inner join heavy as b
        on b.scope = s.scope and b.snapshot_date = s.date_week and b.model_key = h.model_key
),
jumps as (
    select
        h.scope, h.snapshot_date, h.model_key, 'jump' as finding, s.date_1 as compared_date,
        h.downloads_30d, h.downloads_all_time,
        cast(b.downloads_30d / 100 as bigint) as lower,
        100 * greatest(b.downloads_30d, 1) as upper
    from spans as s
    inner join staging.model_counts as h on h.scope = s.scope and h.snapshot_date = s.snapshot_date
    inner join staging.model_counts as b
        on b.scope = s.scope and b.snapshot_date = s.date_1 and b.model_key = h.model_key
    where
        greatest(h.downloads_30d, b.downloads_30d) >= 1000
        and greatest(h.downloads_30d, b.downloads_30d)
        >= 100 * greatest(least(h.downloads_30d, b.downloads_30d), 1)
),
found as (
    select * from falls
    union all
    select * from jumps
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
),
of_lists as (
    select *, cast(null as double) as likelihood, false as is_list_wide
    from found
    union all
    select
        scope, snapshot_date, model_key, 'stuck', compared_date, downloads_30d, downloads_all_time, null, null,
        round(power(1 + downloads_30d / 30, -date_diff('day', compared_date, snapshot_date)), 12),
        stuck_share >= 0.5 and compared >= 20
    from standing
    where is_stuck
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
    f.upper,
    date_diff('day', f.compared_date, f.snapshot_date) as days,
    f.likelihood,
    f.is_list_wide
from of_lists as f
inner join staging.counted_models as k on k.model_key = f.model_key
left join staging.renamed_ids as i on i.seen_id = k.seen_id
-- A renamed model may be in one list under two names; the larger counter is the one that is kept.
qualify row_number() over (
    partition by f.scope, f.snapshot_date, coalesce(i.model_id, k.seen_id), f.finding
    order by f.downloads_all_time desc, f.model_key
) = 1
union all
select
    scope,
    snapshot_date,
    model_id,
    finding,
    compared_date,
    downloads_30d,
    null as downloads_all_time,
    lower,
    upper,
    days,
    likelihood,
    is_list_wide
from marts.counter_series_findings
