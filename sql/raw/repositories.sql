/*
description: >
  Registered GitHub repositories as the API answered on a day, by REST (one page each) or by GraphQL (a
  hundred at once); as given. Whom a REST page is about, and who is gone, stands in raw.pages.
columns:
  snapshot_date: DATE | The day on which it was asked.
  scope: VARCHAR | Which repositories were asked for, and how; see raw.snapshots.
  position: BIGINT | Place in the snapshot, from 1.
  page: BIGINT | Number of the page.
  asked_name: VARCHAR | owner/name that was asked for, where the answer tells it (GraphQL).
  id: VARCHAR | GitHub's number of the repository, as given; it survives renames.
  full_name: VARCHAR | owner/name as answered; another one than asked after a rename.
  stargazers_count: VARCHAR | Stars as given.
  forks_count: VARCHAR | Forks as given.
  created_at: VARCHAR | Creation as given.
  pushed_at: VARCHAR | Last push as given.
  archived: VARCHAR | Whether it is archived, as given.
  license: VARCHAR | SPDX id of the licence, as given.
key: [snapshot_date, scope, position]
payload: github_repositories
*/
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    regexp_extract(filename, 'page-(\d+)', 1)::bigint as page,
    null::varchar as asked_name,
    id,
    full_name,
    stargazers_count,
    forks_count,
    created_at,
    pushed_at,
    archived,
    license ->> '$.spdx_id' as license
from read_json(
    getvariable('payload_files'),
    format = 'unstructured',
    filename = true,
    columns = {
        id: 'VARCHAR', full_name: 'VARCHAR', stargazers_count: 'VARCHAR', forks_count: 'VARCHAR',
        created_at: 'VARCHAR', pushed_at: 'VARCHAR', archived: 'VARCHAR', license: 'JSON'
    }
)
