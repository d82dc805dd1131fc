-- The same columns as models.sql, from the one Parquet file of hub-stats. Its schema is nobody's promise:
-- columns come and go in whatever capitals, counts may come as doubles, gated as 'False' or '"auto"', lists and
-- objects as such or as JSON text. So what is there is taken as text or JSON, and what is missing is null. (The
-- row's number stands among the JSON so that COLUMNS always finds one. It is counted here and first: an option
-- that adds it is an error when the file has a column of that name, so the file's is renamed.)
with file as (
    select
        null::varchar as id, null::varchar as author, null::varchar as "createdAt",
        null::varchar as "lastModified", null::varchar as downloads, null::varchar as "downloadsAllTime",
        null::varchar as likes, null::varchar as "trendingScore", null::varchar as gated,
        null::varchar as library_name, null::varchar as pipeline_tag, null::json as tags,
        null::json as safetensors, null::json as gguf, null::json as config, null::json as file_row_number
    where false
    union all by name
    select
        columns(
            '(?i)^(id|author|gated|likes|downloads(AllTime)?|trendingScore|createdAt|lastModified|library_name'
            || '|pipeline_tag)$'
        )::varchar as '\1',
        to_json(columns('(?i)^(tags|safetensors|gguf|config|file_row_number)$')) as '\1'
    from (select row_number() over () as file_row_number, * from read_parquet(getvariable('payload_files')))
)
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    file_row_number::bigint as position,
    id,
    author,
    "createdAt" as created_at,
    "lastModified" as last_modified_at,
    regexp_replace(downloads, '\.0$', '') as downloads,
    regexp_replace("downloadsAllTime", '\.0$', '') as downloads_all_time,
    regexp_replace(likes, '\.0$', '') as likes,
    "trendingScore" as trending_score,
    lower(trim(gated, '"')) as gated,
    library_name,
    pipeline_tag,
    coalesce(try_cast(tags ->> '$' as json), tags) as tags,
    coalesce(try_cast(safetensors ->> '$' as json), safetensors) as safetensors,
    coalesce(try_cast(gguf ->> '$' as json), gguf) as gguf,
    coalesce(try_cast(config ->> '$' as json), config) as config
from file
