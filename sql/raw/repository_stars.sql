/*
description: Stars and forks of GitHub repositories as observed on a day; as given.
columns:
  snapshot_date: DATE | Last day of the series that was landed.
  scope: VARCHAR | Which repositories were watched; see core.snapshots.
  position: BIGINT | Place in the series, from 1.
  date: VARCHAR | Day as given.
  full_name: VARCHAR | owner/name on that day.
  stargazers_count: VARCHAR | Stars as given.
  forks_count: VARCHAR | Forks as given.
key: [snapshot_date, scope, position]
payload: github_stars
*/
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    date,
    full_name,
    stargazers_count,
    forks_count
from read_json(
    getvariable('payload_files'),
    format = 'newline_delimited',
    columns = {date: 'VARCHAR', full_name: 'VARCHAR', stargazers_count: 'VARCHAR', forks_count: 'VARCHAR'}
)
