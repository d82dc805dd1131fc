/*
description: Places of packages in a monthly list of the most downloaded ones; as given.
columns:
  snapshot_date: DATE | Last day of the series that was landed.
  scope: VARCHAR | Which list was watched; see core.snapshots.
  position: BIGINT | Place in the series, from 1.
  as_of: VARCHAR | Day of the list as given.
  package: VARCHAR | Name as given.
  downloads_30d: VARCHAR | Downloads in the 30 days before, as given.
  rank: VARCHAR | Place in the list, as given.
  list_length: VARCHAR | How many packages the list of that day has.
key: [snapshot_date, scope, position]
payload: package_downloads
*/
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    as_of,
    package,
    downloads_30d,
    rank,
    list_length
from read_json(
    getvariable('payload_files'),
    format = 'newline_delimited',
    columns = {
        as_of: 'VARCHAR', package: 'VARCHAR', downloads_30d: 'VARCHAR', rank: 'VARCHAR', list_length: 'VARCHAR'
    }
)
