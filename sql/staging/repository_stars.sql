/*
description: Observed stars with types, one row a name and day.
columns:
  date: DATE | Day.
  full_name: VARCHAR | owner/name on that day.
  stars: BIGINT | Stars.
  forks: BIGINT | Forks.
key: [date, full_name]
checks:
  not_null: [stars]
*/
select
    try_cast(date as date) as date,
    full_name,
    case when regexp_full_match(stargazers_count, '\d{1,9}') then stargazers_count::bigint end as stars,
    case when regexp_full_match(forks_count, '\d{1,9}') then forks_count::bigint end as forks
from raw.repository_stars
where try_cast(date as date) is not null and regexp_full_match(stargazers_count, '\d{1,9}')
qualify row_number() over (
    partition by try_cast(date as date), full_name order by snapshot_date desc, position
) = 1
