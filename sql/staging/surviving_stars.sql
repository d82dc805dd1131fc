/*
description: >
  Stars of each repository that still exist, summed up to each day on which they were given. They are counted
  from the newest landing that reached the beginning of the history, and what was landed again since; a later
  landing of a week replaces an earlier one. From a week on that is missing or cannot be true the sum is not
  known, and there is no row until it is landed soundly. Days to come have no row.
columns:
  repository: VARCHAR | owner/name today, as registered.
  date: DATE | Day on which the stars were given, as GitHub counts days.
  stars_surviving: BIGINT | Stars given up to and on that day that still exist.
  survivors_as_of_date: DATE | Newest landing among the weeks counted; the oldest is at most 28 days older.
  asked_name: VARCHAR | owner/name that was asked for.
key: [repository, date]
checks:
  not_null: [stars_surviving, survivors_as_of_date, asked_name]
*/
with whole as (
    select n.repository, p.subject as asked_name, p.snapshot_date as whole_date
    from raw.pages as p
    inner join staging.repository_names as n on n.name = lower(p.subject)
    where p.source = 'github_star_history' and p.status < 300 and not p.has_next
    qualify row_number() over (
        partition by n.repository
        order by p.snapshot_date desc, lower(p.subject) = lower(n.repository) desc, p.subject
    ) = 1
),
-- The last week of a whole landing is the first of the repository; without it no sum is known.
begun as (
    select w.repository, w.asked_name, w.whole_date
    from whole as w
    inner join staging.star_weeks as s on s.asked_name = w.asked_name and s.landed_date = w.whole_date
    qualify row_number() over (partition by w.repository order by s.position desc) = 1 and s.problem is null
),
newest as (
    select s.*
    from staging.star_weeks as s
    inner join begun as b on b.asked_name = s.asked_name and s.landed_date >= b.whole_date
    where s.week_date is not null and s.problem is distinct from 'the week begins on another weekday'
    qualify row_number() over (
        partition by s.repository, s.week_date
        order by s.landed_date desc, s.problem is null desc, s.position desc
    ) = 1
),
followed as (
    select
        *,
        lag(week_date) over (partition by repository order by week_date) as previous_week,
        lag(landed_date) over (partition by repository order by week_date) as previous_landing
    from newest
),
unbroken as (
    select *
    from followed
    qualify sum(
        case
            when problem is not null or previous_week <> week_date - 7 or previous_landing < week_date then 1
            else 0
        end
    ) over (partition by repository order by week_date) = 0
),
given as (
    select
        repository,
        asked_name,
        week_date + place.range::integer as date,
        days[place.range + 1] as stars,
        max(landed_date) over (partition by repository) as survivors_as_of_date,
        landed_date
    from unbroken
    cross join range(7) as place
)
select
    repository,
    date,
    sum(stars) over (partition by repository order by date)::bigint as stars_surviving,
    survivors_as_of_date,
    asked_name
from given
where date <= landed_date
