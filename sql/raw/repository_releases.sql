/*
description: Releases of registered GitHub repositories as given. Whom a page is about stands in raw.pages.
columns:
  snapshot_date: DATE | The day on which it was asked.
  scope: VARCHAR | Which repositories were asked for; see raw.snapshots.
  position: BIGINT | Place in the snapshot, from 1.
  page: BIGINT | Number of the page.
  tag_name: VARCHAR | Tag as given.
  name: VARCHAR | Title as given.
  published_at: VARCHAR | Publication as given.
  prerelease: VARCHAR | Whether it is a pre-release, as given.
  draft: VARCHAR | Whether it is a draft, as given; only owners see drafts.
key: [snapshot_date, scope, position]
payload: github_releases
*/
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    regexp_extract(filename, 'page-(\d+)', 1)::bigint as page,
    tag_name,
    name,
    published_at,
    prerelease,
    draft
from read_json(
    getvariable('payload_files'),
    format = 'array',
    filename = true,
    columns = {
        tag_name: 'VARCHAR', name: 'VARCHAR', published_at: 'VARCHAR', prerelease: 'VARCHAR', draft: 'VARCHAR'
    }
)
