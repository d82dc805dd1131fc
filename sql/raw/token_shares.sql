/*
description: Tokens by model and day on OpenRouter, the 50 largest models and all others together; as given.
columns:
  snapshot_date: DATE | Day of the landing.
  scope: VARCHAR | Which models are listed; see core.snapshots.
  position: BIGINT | Place in the landing, from 1.
  date: VARCHAR | Day as given.
  model_permaslug: VARCHAR | Model as given; other for all that are not listed.
  total_tokens: VARCHAR | Tokens in and out on that day, as given.
key: [snapshot_date, scope, position]
payload: token_shares
*/
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    item ->> '$.date' as date,
    item ->> '$.model_permaslug' as model_permaslug,
    item ->> '$.total_tokens' as total_tokens
from (
    select unnest(json -> '$.data[*]') as item
    from read_json_objects(
        getvariable('payload_files'), format = 'unstructured', maximum_object_size = 67108864
    )
)
