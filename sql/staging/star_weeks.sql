/*
description: >
  Landed weeks of the star history with types, one row a landed week. A week that cannot be true has a
  `problem` and is never used. The same week stands here once for each day on which it was landed, and twice
  where a new week pushed it onto the next page in between.
columns:
  landed_date: DATE | The day on which it was asked.
  scope: VARCHAR | Which repositories were asked for.
  position: BIGINT | Place in the snapshot; pages come newest weeks first.
  repository: VARCHAR | owner/name today, as registered.
  asked_name: VARCHAR | owner/name that was asked for.
  week_date: DATE | First day of the week; GitHub's days need not be those of UTC, so the nearest midnight counts.
  stars: BIGINT | Stars of the week as its total says.
  days: BIGINT[] | Stars of the seven days, in order.
  problem: VARCHAR | Why the week is not used; null for a sound one.
key: [landed_date, scope, position]
checks:
  not_null: [repository, asked_name]
*/
with typed as (
    select
        h.snapshot_date as landed_date,
        h.scope,
        h.position,
        n.repository,
        p.subject as asked_name,
        case
            when regexp_full_match(h.week, '\d{9,10}')
                then (make_timestamp(h.week::bigint * 1000000) + interval 12 hours)::date
        end as week_date,
        case when regexp_full_match(h.total, '\d{1,7}') then h.total::bigint end as stars,
        coalesce(json_array_length(h.days), 0) as given_days,
        case
            when regexp_full_match(h.days::varchar, '\[\s*\d{1,7}(\s*,\s*\d{1,7}){6}\s*\]')
                then h.days::bigint[]
        end as days
    from raw.star_history as h
    inner join raw.pages as p
        on p.source = 'github_star_history' and p.snapshot_date = h.snapshot_date and p.scope = h.scope
        and p.page = h.page
    inner join staging.repository_names as n on n.name = lower(p.subject)
),
-- On which weekday most weeks of a landing begin.
weekdays as (
    select landed_date, asked_name, dayofweek(week_date) as weekday
    from typed
    where week_date is not null
    group by landed_date, asked_name, dayofweek(week_date)
    qualify row_number() over (
        partition by landed_date, asked_name order by count(*) desc, dayofweek(week_date)
    ) = 1
)
select
    t.landed_date,
    t.scope,
    t.position,
    t.repository,
    t.asked_name,
    t.week_date,
    t.stars,
    t.days,
    case
        when t.week_date is null then 'the week is no moment'
        when t.week_date > t.landed_date + 1 then 'the week is to come'
        when dayofweek(t.week_date) <> w.weekday then 'the week begins on another weekday'
        when t.given_days <> 7 then 'not seven days'
        when t.days is null then 'a day is no count'
        when coalesce(t.stars <> list_sum(t.days), true) then 'the total is not the sum of the days'
    end as problem
from typed as t
left join weekdays as w using (landed_date, asked_name)
