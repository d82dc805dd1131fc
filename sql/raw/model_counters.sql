/*
description: Counters of single models, kept day by day by somebody else; as given.
columns:
  snapshot_date: DATE | Last day of the series that was landed.
  scope: VARCHAR | Which population was watched; see core.snapshots.
  position: BIGINT | Place in the series, from 1.
  date: VARCHAR | Day as given.
  id: VARCHAR | Id as given.
  downloads: VARCHAR | Downloads in the last 30 days, as given.
  likes: VARCHAR | Likes as given.
key: [snapshot_date, scope, position]
payload: huggingface_counters
*/
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    date,
    id,
    downloads,
    likes
from read_json(
    getvariable('payload_files'),
    format = 'newline_delimited',
    columns = {date: 'VARCHAR', id: 'VARCHAR', downloads: 'VARCHAR', likes: 'VARCHAR'}
)
