/*
description: >
  Downloads of registered Python packages by day, without mirrors, newest value. Installs by machines
  dominate: compare shares, not totals. Another source than package_downloads_30d; the two are never joined. A
  day that no landing has, between the first and the newest final day of its package, is a row that says so.
columns:
  package: VARCHAR | Package.
  date: DATE | Day.
  downloads: BIGINT | Downloads as told last; null where the day is missing.
  first_downloads: BIGINT | Downloads as told first.
  first_landed_date: DATE | When the day was told first.
  last_landed_date: DATE | When the day was told last.
  revisions: BIGINT | How often the value changed; see core.package_download_vintages.
  is_final: BOOLEAN | True when it was told two days after the day or later; before, it may still grow.
  is_missing: BOOLEAN | True when no landing has the day. It is not zero.
  organization_id: VARCHAR | Who maintains it.
  access: VARCHAR | proprietary, open or neutral.
  role: VARCHAR | sdk, runtime, training, framework, library, orchestration or application.
key: [package, date]
checks:
  not_null: [is_final, is_missing, organization_id, access, role]
  ranges: {downloads: [0, 10000000000], first_downloads: [0, 10000000000], revisions: [0, null]}
*/
with told as (
    select package, date, max(snapshot_date) as last_landed_date
    from staging.package_downloads_daily
    where problem is null
    group by package, date
),
valued as (
    select
        package,
        date,
        max(case when place = 1 then downloads end) as first_downloads,
        min(landed_date) as first_landed_date,
        max(case when place = values_told then downloads end) as downloads,
        count(*) - 1 as revisions
    from (
        select
            package,
            date,
            landed_date,
            downloads,
            row_number() over (partition by package, date order by landed_date) as place,
            count(*) over (partition by package, date) as values_told
        from core.package_download_vintages
    ) as v
    group by package, date
),
days as (
    select
        v.package,
        v.date,
        v.downloads,
        v.first_downloads,
        v.first_landed_date,
        t.last_landed_date,
        v.revisions,
        t.last_landed_date >= v.date + 2 as is_final
    from valued as v
    inner join told as t on t.package = v.package and t.date = v.date
),
spans as (
    select package, min(date) as first_date, max(date) as last_date
    from days
    where is_final
    group by package
),
digits as (
    select n from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as d (n)
),
calendar as (
    select s.package, s.first_date + (1000 * a.n + 100 * b.n + 10 * c.n + d.n) as date
    from spans as s
    cross join digits as a
    cross join digits as b
    cross join digits as c
    cross join digits as d
    where s.first_date + (1000 * a.n + 100 * b.n + 10 * c.n + d.n) <= s.last_date
),
missing as (
    select c.package, c.date
    from calendar as c
    left join days as d on d.package = c.package and d.date = c.date
    where d.date is null
),
together as (
    select
        package,
        date,
        downloads,
        first_downloads,
        first_landed_date,
        last_landed_date,
        revisions,
        is_final,
        false as is_missing
    from days
    union all
    select package, date, null, null, null, null, 0, false, true
    from missing
)
select
    t.package,
    t.date,
    t.downloads,
    t.first_downloads,
    t.first_landed_date,
    t.last_landed_date,
    t.revisions,
    t.is_final,
    t.is_missing,
    r.organization_id,
    r.access,
    r.role
from together as t
inner join reference.packages as r on r.package = t.package
