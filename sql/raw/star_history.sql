/*
description: >
  Weeks of GitHub's star history as given: stars that still exist, by the day on which they were given. Newest
  weeks first; whom a page is about stands in raw.pages.
columns:
  snapshot_date: DATE | The day on which it was asked.
  scope: VARCHAR | Which repositories were asked for; see raw.snapshots.
  position: BIGINT | Place in the snapshot, from 1.
  page: BIGINT | Number of the page.
  week: VARCHAR | First second of the week in Unix time, as given.
  total: VARCHAR | Stars of the week, as given.
  days: JSON | Stars of its seven days, as given.
key: [snapshot_date, scope, position]
payload: github_star_history
*/
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    regexp_extract(filename, 'page-(\d+)', 1)::bigint as page,
    week,
    total,
    days
from read_json(
    getvariable('payload_files'),
    format = 'array',
    filename = true,
    columns = {week: 'VARCHAR', total: 'VARCHAR', days: 'JSON'}
)
