/*
description: The daily counter series with types, one row a model and day.
columns:
  date: DATE | Day.
  scope: VARCHAR | Which population was watched.
  model_id: VARCHAR | Id today.
  downloads_30d: BIGINT | Downloads in the 30 days before.
  likes: BIGINT | Likes.
key: [date, scope, model_id]
checks:
  ranges: {downloads_30d: [0, 10000000000], likes: [0, 100000000]}
*/
select
    try_cast(c.date as date) as date,
    c.scope,
    i.model_id,
    case when regexp_full_match(c.downloads, '\d{1,10}') then c.downloads::bigint end as downloads_30d,
    case when regexp_full_match(c.likes, '\d{1,8}') then c.likes::bigint end as likes
from raw.model_counters as c
inner join staging.model_ids as i on i.seen_id = trim(c.id)
where try_cast(c.date as date) is not null
qualify row_number() over (
    partition by try_cast(c.date as date), c.scope, i.model_id
    order by c.snapshot_date desc, c.id = i.model_id desc, c.position
) = 1
