/*
description: >
  Releases of registered GitHub repositories, as the newest landing that listed them gives them. Many
  repositories tag versions without making releases of them; those have no row.
columns:
  repository: VARCHAR | owner/name today, as registered.
  release_tag: VARCHAR | Tag.
  published_at: TIMESTAMP | Publication (UTC).
  is_prerelease: BOOLEAN | True when it is marked as no final release; null where that is not told.
  name: VARCHAR | Title, cut at 200 characters; null for none.
key: [repository, release_tag]
checks:
  not_null: [published_at]
*/
with listed as (
    select
        n.repository,
        trim(r.tag_name) as release_tag,
        try_cast(r.published_at as timestamptz)::timestamp as published_at,
        case when r.prerelease in ('true', 'false') then r.prerelease = 'true' end as is_prerelease,
        nullif(trim(left(regexp_replace(r.name, '[\x00-\x1F\x7F]+', ' ', 'g'), 200)), '') as name,
        r.snapshot_date,
        r.position
    from raw.repository_releases as r
    inner join raw.pages as p
        on p.source = 'github_releases' and p.snapshot_date = r.snapshot_date and p.scope = r.scope
        and p.page = r.page
    inner join staging.repository_names as n on n.name = lower(p.subject)
    where r.draft is distinct from 'true' and regexp_full_match(trim(r.tag_name), '[^\x00-\x1F\x7F]{1,255}')
)
select repository, release_tag, published_at, is_prerelease, name
from listed
where published_at::date between date '2007-10-01' and snapshot_date + 1
qualify row_number() over (
    partition by repository, release_tag order by snapshot_date desc, position desc
) = 1
