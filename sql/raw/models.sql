/*
description: >
  Objects of the Hub's model list as they were answered, one row an object and page position. Everything that
  can arrive in another type than documented is kept as text or JSON and judged in staging. What comes as one
  Parquet file is parsed by models.hub_stats.sql, into the same columns.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed; see core.snapshots.
  position: BIGINT | Place in the walk, from 1.
  id: VARCHAR | Id as given.
  author: VARCHAR | Account as given.
  created_at: VARCHAR | createdAt as given.
  last_modified_at: VARCHAR | lastModified as given.
  downloads: VARCHAR | Downloads in the last 30 days, as given.
  downloads_all_time: VARCHAR | downloadsAllTime as given.
  likes: VARCHAR | Likes as given.
  trending_score: VARCHAR | trendingScore as given.
  gated: VARCHAR | gated as given; false, auto or manual.
  library_name: VARCHAR | Library as given.
  pipeline_tag: VARCHAR | Task as given.
  tags: JSON | Tags as given; lineage and licence stand in them.
  safetensors: JSON | Parameter counts as given.
  gguf: JSON | What the header of a GGUF file says, as given.
  config: JSON | Extract of config.json as given.
key: [snapshot_date, scope, position]
payload: huggingface_models
*/
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    id,
    author,
    "createdAt" as created_at,
    "lastModified" as last_modified_at,
    downloads,
    "downloadsAllTime" as downloads_all_time,
    likes,
    "trendingScore" as trending_score,
    gated,
    library_name,
    pipeline_tag,
    tags,
    safetensors,
    gguf,
    config
from read_json(
    getvariable('payload_files'),
    format = 'array',
    columns = {
        id: 'VARCHAR', author: 'VARCHAR', "createdAt": 'VARCHAR', "lastModified": 'VARCHAR',
        downloads: 'VARCHAR', "downloadsAllTime": 'VARCHAR', likes: 'VARCHAR',
        "trendingScore": 'VARCHAR', gated: 'VARCHAR', library_name: 'VARCHAR', pipeline_tag: 'VARCHAR',
        tags: 'JSON', safetensors: 'JSON', gguf: 'JSON', config: 'JSON'
    }
)
