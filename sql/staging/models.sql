/*
description: >
  The Hub's model lists with types, one row a snapshot and id as given. A model that a walk met twice is
  kept where it came first. What cannot be true is null here and named in staging.rejected_values.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  seen_id: VARCHAR | Id as given on that day.
  created_at: TIMESTAMP | Creation of the repository (UTC); null at the Hub's floor of 2022-03-02, which only says "before".
  is_created_at_floor: BOOLEAN | True when the Hub gave its floor date; null when no date was given.
  last_modified_at: TIMESTAMP | Last change of the repository (UTC).
  downloads_30d: BIGINT | Downloads in the 30 days before.
  downloads_all_time: BIGINT | Downloads since ever, as the Hub counts today.
  likes: BIGINT | Likes.
  is_gated: BOOLEAN | True when the files need an acceptance or approval.
  library_name: VARCHAR | Library.
  pipeline_tag: VARCHAR | Task.
  architecture: VARCHAR | model_type of the configuration; that of the GGUF file where there is none.
  parameters: BIGINT | Number of parameters by the safetensors files; by the GGUF file where there are none.
  config_base_id: VARCHAR | Base that an adapter's configuration names; null where it names a folder.
  license: VARCHAR | Licence tag.
  has_tags: BOOLEAN | True where the list tells any tag of it.
  tags: VARCHAR[] | The tags that name bases or data sets, base_model:... and dataset:...; of most models there are many others.
key: [snapshot_date, scope, seen_id]
checks:
  ranges: {downloads_30d: [0, 10000000000], downloads_all_time: [0, 1000000000000], likes: [0, 100000000]}
*/
-- Few models are met twice, and few lists have a set length: what is left out is small, so no row but these
-- is sorted. Who may be met twice is found by numbers, which are grouped in half the time of ids.
-- To see that an id needs no trimming is cheaper than to trim it.
with named as (
    select
        snapshot_date,
        scope,
        position,
        case when starts_with(id, ' ') or ends_with(id, ' ') then trim(id) else id end as seen_id
    from raw.models
    where id <> ''
),
alike as (
    select hash(snapshot_date, scope, seen_id) as number
    from named
    group by hash(snapshot_date, scope, seen_id)
    having count(*) > 1
),
met_again as (
    select snapshot_date, scope, position
    from named
    where hash(snapshot_date, scope, seen_id) in (select number from alike)
    qualify row_number() over (partition by snapshot_date, scope, seen_id order by position) > 1
),
-- A page may hold more than the list is of: the first so many different models are it.
beyond as (
    select n.snapshot_date, n.scope, n.position
    from named as n
    inner join raw.snapshots as s
        on s.snapshot_date = n.snapshot_date and s.scope = n.scope and s.is_live and s.source = 'huggingface_models'
    where
        s.subjects is not null
        and n.seen_id <> ''
        and not exists (
            select 1
            from met_again as m
            where m.snapshot_date = n.snapshot_date and m.scope = n.scope and m.position = n.position
        )
    qualify row_number() over (partition by n.snapshot_date, n.scope order by n.position) > s.subjects
),
left_out as (
    select snapshot_date, scope, position from met_again
    union all
    select snapshot_date, scope, position from beyond
),
listed as (
    select
        r.*,
        case when starts_with(r.id, ' ') or ends_with(r.id, ' ') then trim(r.id) else r.id end as seen_id
    from raw.models as r
    where
        r.id <> ''
        and not exists (
            select 1
            from left_out as o
            where o.snapshot_date = r.snapshot_date and o.scope = r.scope and o.position = r.position
        )
),
typed as (
    select
        *,
        try_cast(created_at as timestamptz)::timestamp as created,
        try_cast(last_modified_at as timestamptz)::timestamp as modified,
        safetensors ->> '$.total' as safetensors_total,
        gguf ->> '$.total' as gguf_total,
        trim(config ->> '$.peft.base_model_name_or_path') as peft_base,
        coalesce(try_cast(tags as varchar[]), []) as tag_list
    from listed
    where seen_id <> ''
),
-- Most tags are single words: what is sought further has a colon.
tagged as (
    select * exclude (tags), list_filter(tag_list, lambda tag: contains(tag, ':')) as pairs
    from typed
)
select
    snapshot_date,
    scope,
    seen_id,
    case
        when created > timestamp '2022-03-02 23:29:05' and created::date <= snapshot_date + 31 then created
    end as created_at,
    created <= timestamp '2022-03-02 23:29:05' as is_created_at_floor,
    case when modified::date <= snapshot_date + 31 then modified end as last_modified_at,
    case
        when regexp_full_match(downloads, '\d{1,11}') and downloads::bigint <= 10000000000 then downloads::bigint
    end as downloads_30d,
    case when regexp_full_match(downloads_all_time, '\d{1,12}') then downloads_all_time::bigint end
        as downloads_all_time,
    case when regexp_full_match(likes, '\d{1,8}') then likes::bigint end as likes,
    case when gated in ('false', 'true', 'auto', 'manual') then gated <> 'false' end as is_gated,
    nullif(trim(library_name), '') as library_name,
    nullif(trim(pipeline_tag), '') as pipeline_tag,
    coalesce(nullif(config ->> '$.model_type', ''), nullif(gguf ->> '$.architecture', '')) as architecture,
    coalesce(
        case when regexp_full_match(safetensors_total, '\d{1,15}') then safetensors_total::bigint end,
        case when regexp_full_match(gguf_total, '\d{1,15}') then gguf_total::bigint end
    ) as parameters,
    case when regexp_full_match(peft_base, '[A-Za-z0-9][\w.-]{0,95}/[\w.-]{1,96}') then peft_base end
        as config_base_id,
    list_min(
        list_transform(list_filter(pairs, lambda tag: tag like 'license:%'), lambda tag: substr(tag, 9))
    ) as license,
    len(tag_list) > 0 as has_tags,
    list_filter(pairs, lambda tag: starts_with(tag, 'base_model:') or starts_with(tag, 'dataset:')) as tags
from tagged
