/*
description: Places of packages in the monthly list with types, one row a package and day.
columns:
  as_of_date: DATE | Day of the list.
  package: VARCHAR | Normalized name.
  downloads_30d: BIGINT | Downloads in the 30 days before; null where the value given is no number.
  rank: BIGINT | Place in the list.
  list_length: BIGINT | How many packages the list of that day has.
key: [as_of_date, package]
checks:
  not_null: [list_length]
*/
select
    try_cast(as_of as date) as as_of_date,
    lower(regexp_replace(trim(package), '[-_.]+', '-', 'g')) as package,
    case when regexp_full_match(downloads_30d, '\d{1,12}') then downloads_30d::bigint end as downloads_30d,
    try_cast(rank as bigint) as rank,
    try_cast(list_length as bigint) as list_length
from raw.package_downloads
where try_cast(as_of as date) is not null
qualify row_number() over (
    partition by try_cast(as_of as date), lower(regexp_replace(trim(package), '[-_.]+', '-', 'g'))
    order by snapshot_date desc, position
) = 1
