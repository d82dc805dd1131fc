/*
description: >
  Values of the model lists that cannot be true: negative, absurd or no numbers, dates to come, ids that are
  empty. They are null in staging.models; nothing is repaired.
columns:
  snapshot_date: DATE | The day of the list.
  scope: VARCHAR | Which population was listed.
  position: BIGINT | Place in the walk.
  seen_id: VARCHAR | Id as given.
  field: VARCHAR | Name of the field in the API.
  value: VARCHAR | The value as given, cut at 100 characters.
key: [snapshot_date, scope, position, field]
*/
select snapshot_date, scope, position, id as seen_id, field, left(value, 100) as value
from (
    select snapshot_date, scope, position, id, 'downloads' as field, downloads as value
    from raw.models
    where not (regexp_full_match(downloads, '\d{1,11}') and try_cast(downloads as bigint) <= 10000000000)
    union all
    select snapshot_date, scope, position, id, 'downloadsAllTime', downloads_all_time
    from raw.models
    where not regexp_full_match(downloads_all_time, '\d{1,12}')
    union all
    select snapshot_date, scope, position, id, 'likes', likes
    from raw.models
    where not regexp_full_match(likes, '\d{1,8}')
    union all
    select snapshot_date, scope, position, id, 'createdAt', created_at
    from raw.models
    where
        created_at is not null
        and coalesce(try_cast(created_at as timestamptz)::date > snapshot_date + 31, true)
    union all
    select snapshot_date, scope, position, id, 'lastModified', last_modified_at
    from raw.models
    where
        last_modified_at is not null
        and coalesce(try_cast(last_modified_at as timestamptz)::date > snapshot_date + 31, true)
    union all
    select snapshot_date, scope, position, id, 'gated', gated
    from raw.models
    where gated not in ('false', 'true', 'auto', 'manual')
    union all
    select snapshot_date, scope, position, id, 'safetensors', safetensors ->> '$.total'
    from raw.models
    where not regexp_full_match(safetensors ->> '$.total', '\d{1,15}')
    union all
    select snapshot_date, scope, position, id, 'gguf', gguf ->> '$.total'
    from raw.models
    where not regexp_full_match(gguf ->> '$.total', '\d{1,15}')
    union all
    select snapshot_date, scope, position, id, 'tags', tags::varchar
    from raw.models
    -- to see that it begins as a list is cheaper than to read it
    where
        tags is not null and tags::varchar <> 'null' and not starts_with(tags::varchar, '[')
        and try_cast(tags as varchar[]) is null
    union all
    select snapshot_date, scope, position, id, 'id', id
    from raw.models
    where id is null or id = '' or (starts_with(id, ' ') and trim(id) = '')
)
