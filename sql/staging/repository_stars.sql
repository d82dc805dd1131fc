/*
description: >
  Observed stars with types, one row a name and day: from recorded series, and from what GitHub told us on the
  day, which stands first.
columns:
  date: DATE | Day.
  full_name: VARCHAR | owner/name on that day; for our own observations the name that was asked for.
  stars: BIGINT | Stars.
  forks: BIGINT | Forks.
key: [date, full_name]
checks:
  not_null: [stars]
*/
with recorded as (
    select
        try_cast(date as date) as date,
        full_name,
        case when regexp_full_match(stargazers_count, '\d{1,8}') then stargazers_count::bigint end as stars,
        case when regexp_full_match(forks_count, '\d{1,8}') then forks_count::bigint end as forks,
        false as is_own,
        snapshot_date,
        position
    from raw.repository_stars
),
observed as (
    select
        date, full_name, stars, case when forks <= 10000000 then forks end as forks, is_own, snapshot_date,
        position
    from recorded
    where date is not null and stars <= 10000000
    union all
    select date, asked_name, stars, forks, true, date, 1
    from staging.repositories
    where stars is not null
)
select date, full_name, stars, forks
from observed
qualify row_number() over (
    partition by date, full_name order by is_own desc, snapshot_date desc, position
) = 1
