/*
description: >
  What the Hub said of single models that were asked for by id, one row an answer with a body; refusals are in
  raw.pages only. Kept as text and judged in core.model_statuses.
columns:
  snapshot_date: DATE | The day it was asked.
  scope: VARCHAR | What was asked for.
  position: BIGINT | Place among the answers, from 1.
  page: BIGINT | Number of the page; whom it was asked about stands in raw.pages.
  id: VARCHAR | Id as given; another one than was asked for after a rename.
  gated: VARCHAR | gated as given; false, auto or manual.
  private: VARCHAR | private as given.
  disabled: VARCHAR | disabled as given; true when the Hub took it down.
  created_at: VARCHAR | createdAt as given.
  downloads: VARCHAR | Downloads in the last 30 days, as given.
  tags: JSON | Tags as given; lineage and licence stand in them.
key: [snapshot_date, scope, position]
payload: huggingface_model_details
*/
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    regexp_extract(filename, 'page-(\d+)[^/]*$', 1)::bigint as page,
    json ->> '$.id' as id,
    json ->> '$.gated' as gated,
    json ->> '$.private' as private,
    json ->> '$.disabled' as disabled,
    json ->> '$.createdAt' as created_at,
    json ->> '$.downloads' as downloads,
    json -> '$.tags' as tags
from read_json_objects(getvariable('payload_files'), format = 'unstructured', filename = true)
