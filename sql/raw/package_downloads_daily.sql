/*
description: >
  Downloads of Python packages by day without mirrors, as pypistats answered: each landing repeats up to 180
  days. Whom a page was asked about stands in raw.pages.
columns:
  snapshot_date: DATE | Day of the landing.
  scope: VARCHAR | Which packages were asked for; see core.snapshots.
  position: BIGINT | Place in the landing, from 1.
  page: BIGINT | Number of the page, as in raw.pages.
  package: VARCHAR | Name as the answer gives it.
  category: VARCHAR | Category as given.
  date: VARCHAR | Day as given.
  downloads: VARCHAR | Downloads on that day, as given.
key: [snapshot_date, scope, position]
payload: package_downloads_daily
*/
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    page,
    package,
    item ->> '$.category' as category,
    item ->> '$.date' as date,
    item ->> '$.downloads' as downloads
from (
    select
        cast(regexp_extract(filename, 'page-(\d+)', 1) as bigint) as page,
        json ->> '$.package' as package,
        unnest(json -> '$.data[*]') as item
    from read_json_objects(getvariable('payload_files'), format = 'unstructured', filename = true)
)
