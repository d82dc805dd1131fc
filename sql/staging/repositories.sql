/*
description: >
  What GitHub said of registered repositories on a day, with types, one row a name asked for and day. Counts
  that cannot be true are null, and `problems` names them; nothing is repaired.
columns:
  date: DATE | The day on which it was asked.
  asked_name: VARCHAR | owner/name that was asked for.
  repository: VARCHAR | owner/name today, as registered.
  status: VARCHAR | there, renamed (to a name that the register does not know), gone (or private) or taken_down.
  full_name: VARCHAR | owner/name as answered.
  github_id: BIGINT | GitHub's number of the repository; it survives renames.
  stars: BIGINT | Stars.
  forks: BIGINT | Forks.
  is_archived: BOOLEAN | True when it is read-only.
  license: VARCHAR | SPDX id of the licence; NOASSERTION where GitHub recognizes none.
  created_at: TIMESTAMP | Creation (UTC).
  pushed_at: TIMESTAMP | Last push (UTC).
  problems: VARCHAR | Fields of the answer that cannot be true or are missing, with commas; null for none.
key: [date, asked_name]
checks:
  not_null: [repository, status]
  accepted: {status: [there, renamed, gone, taken_down]}
  ranges: {stars: [0, 10000000], forks: [0, 10000000]}
*/
with answers as (
    select
        r.*,
        coalesce(r.asked_name, p.subject) as name,
        p.subject is not null as is_by_rest,
        200 as http_status
    from raw.repositories as r
    left join raw.pages as p
        on p.source = 'github_repositories' and p.snapshot_date = r.snapshot_date and p.scope = r.scope
        and p.page = r.page
    union all by name
    select snapshot_date, page, subject as name, true as is_by_rest, status as http_status
    from raw.pages
    where source = 'github_repositories' and status in (404, 410, 451)
),
once as (
    select *
    from answers
    where name is not null
    qualify row_number() over (
        partition by snapshot_date, lower(name) order by http_status, is_by_rest desc, page desc, position desc
    ) = 1
),
typed as (
    select
        o.snapshot_date as date,
        o.name as asked_name,
        n.repository,
        o.http_status,
        case
            when regexp_full_match(o.full_name, '[A-Za-z0-9_-]{1,100}/[A-Za-z0-9._-]{1,100}') then o.full_name
        end as full_name,
        case when regexp_full_match(o.id, '\d{1,15}') then o.id::bigint end as github_id,
        case
            when regexp_full_match(o.stargazers_count, '\d{1,8}') and o.stargazers_count::bigint <= 10000000
                then o.stargazers_count::bigint
        end as stars,
        case
            when regexp_full_match(o.forks_count, '\d{1,8}') and o.forks_count::bigint <= 10000000
                then o.forks_count::bigint
        end as forks,
        case when o.archived in ('true', 'false') then o.archived = 'true' end as is_archived,
        case when regexp_full_match(o.license, '[A-Za-z0-9.+-]{1,60}') then o.license end as license,
        case
            when
                try_cast(o.created_at as timestamptz)::date between date '2007-10-01' and o.snapshot_date + 1
                then try_cast(o.created_at as timestamptz)::timestamp
        end as created_at,
        case
            when try_cast(o.pushed_at as timestamptz)::date between date '2007-10-01' and o.snapshot_date + 1
                then try_cast(o.pushed_at as timestamptz)::timestamp
        end as pushed_at,
        o.license is not null as has_license,
        o.pushed_at is not null as has_push
    from once as o
    inner join staging.repository_names as n on n.name = lower(o.name)
)
select
    date,
    asked_name,
    repository,
    case
        when http_status = 451 then 'taken_down'
        when http_status >= 300 then 'gone'
        when lower(full_name) <> lower(repository) then 'renamed'
        else 'there'
    end as status,
    full_name,
    github_id,
    stars,
    forks,
    is_archived,
    license,
    created_at,
    pushed_at,
    case
        when http_status < 300
            then nullif(concat_ws(
                ', ',
                case when full_name is null then 'full_name' end,
                case when github_id is null then 'id' end,
                case when stars is null then 'stargazers_count' end,
                case when forks is null then 'forks_count' end,
                case when is_archived is null then 'archived' end,
                case when has_license and license is null then 'license' end,
                case when created_at is null then 'created_at' end,
                case when has_push and pushed_at is null then 'pushed_at' end
            ), '')
    end as problems
from typed
