/*
description: >
  Downloads of packages by day as each landing told them, with types. What cannot be true keeps its row and
  says why in `problem`; such rows are counted here and used nowhere.
columns:
  snapshot_date: DATE | Day of the landing.
  scope: VARCHAR | Which packages were asked for.
  position: BIGINT | Place in the landing.
  package: VARCHAR | Normalized name of the package that was asked for.
  date: DATE | Day; null where what is given is no day.
  downloads: BIGINT | Downloads on that day; null where what is given is no count.
  problem: VARCHAR | Why the row is not used; null where it is.
key: [snapshot_date, scope, position]
checks:
  accepted: {problem: [package, category, date, downloads, conflict]}
*/
with asked as (
    select snapshot_date, scope, page, lower(regexp_replace(trim(subject), '[-_.]+', '-', 'g')) as package
    from raw.pages
    where source = 'package_downloads_daily'
),
-- By joins and not by windows: landings repeat each other, and a year of them is five million rows.
contradicted as (
    select snapshot_date, scope, page, date
    from raw.package_downloads_daily
    where category = 'without_mirrors'
    group by snapshot_date, scope, page, date
    having min(downloads) <> max(downloads)
),
typed as (
    select
        d.snapshot_date,
        d.scope,
        d.position,
        d.category,
        a.package,
        d.package as told_package,
        case when regexp_full_match(d.date, '\d{4}-\d{2}-\d{2}') then try_cast(d.date as date) end as date,
        case
            when regexp_full_match(d.downloads, '\d{1,10}') then cast(d.downloads as bigint)
        end as downloads,
        c.date is not null as is_contradicted
    from raw.package_downloads_daily as d
    left join asked as a
        on a.snapshot_date = d.snapshot_date and a.scope = d.scope and a.page = d.page
    left join contradicted as c
        on c.snapshot_date = d.snapshot_date
        and c.scope = d.scope
        and c.page = d.page
        and c.date = d.date
)
select
    snapshot_date,
    scope,
    position,
    package,
    date,
    downloads,
    case
        when package is null then 'package'
        when
            package is distinct from told_package
            and package is distinct from lower(regexp_replace(trim(told_package), '[-_.]+', '-', 'g'))
            then 'package'
        when category is distinct from 'without_mirrors' then 'category'
        -- pypistats keeps 180 days; an older day is no observation, and would open years of missing days.
        when date is null or date > snapshot_date or date < snapshot_date - 366 then 'date'
        when downloads is null then 'downloads'
        when is_contradicted then 'conflict'
    end as problem
from typed
