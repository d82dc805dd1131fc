/*
description: >
  What the Hub said of accounts that were asked for as organizations, one row an answer with a body; that an
  account is none (404) is in raw.pages only. Kept as text.
columns:
  snapshot_date: DATE | The day it was asked.
  scope: VARCHAR | What was asked for.
  position: BIGINT | Place among the answers, from 1.
  page: BIGINT | Number of the page; whom it was asked about stands in raw.pages.
  name: VARCHAR | Account as given.
  fullname: VARCHAR | Name in words, as its owner wrote it.
  is_verified: VARCHAR | isVerified as given.
  plan: VARCHAR | plan as given.
  models: VARCHAR | numModels as given.
  followers: VARCHAR | numFollowers as given.
key: [snapshot_date, scope, position]
payload: huggingface_organizations
*/
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    regexp_extract(filename, 'page-(\d+)[^/]*$', 1)::bigint as page,
    json ->> '$.name' as name,
    json ->> '$.fullname' as fullname,
    json ->> '$.isVerified' as is_verified,
    json ->> '$.plan' as plan,
    json ->> '$.numModels' as models,
    json ->> '$.numFollowers' as followers
from read_json_objects(getvariable('payload_files'), format = 'unstructured', filename = true)
