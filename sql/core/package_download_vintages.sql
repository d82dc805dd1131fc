/*
description: >
  What was told about the downloads of a package on a day, and when: the first value, and each that differs
  from the landing before. Days late in a series grow for a while, and counts are corrected later.
columns:
  package: VARCHAR | Normalized name.
  date: DATE | Day of the downloads.
  landed_date: DATE | Day on which this value was told first, or again after another one.
  downloads: BIGINT | Downloads without mirrors on that day, as told then.
key: [package, date, landed_date]
checks:
  not_null: [downloads]
  ranges: {downloads: [0, 10000000000]}
*/
with compared as (
    select
        package,
        date,
        snapshot_date as landed_date,
        downloads,
        lag(downloads) over (partition by package, date order by snapshot_date) as downloads_before
    from staging.package_downloads_daily
    where problem is null
)
select package, date, landed_date, downloads
from compared
where downloads_before is null or downloads <> downloads_before
