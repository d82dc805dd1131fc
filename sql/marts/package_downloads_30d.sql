/*
description: >
  Downloads of Python packages in the 30 days before, by month. The figures come from a list of the most
  downloaded packages: a package that is not on it had fewer downloads than the list's last place, which is
  censoring and neither zero nor a birth.
columns:
  package: VARCHAR | Package.
  as_of_date: DATE | Day of the list.
  downloads_30d: BIGINT | Downloads in 30 days; null where censored.
  is_censored: BOOLEAN | True when the package was not on that day's list.
  rank: BIGINT | Place in the list.
  list_length: BIGINT | How many packages the list of that day had.
  organization_id: VARCHAR | Who maintains it.
  access: VARCHAR | proprietary, open or neutral.
  role: VARCHAR | sdk, runtime, training, framework, library, orchestration or application.
key: [package, as_of_date]
checks:
  not_null: [is_censored, list_length, organization_id, access, role]
  ranges: {downloads_30d: [0, 100000000000], rank: [1, null]}
*/
with days as (
    select as_of_date, max(list_length) as list_length
    from staging.package_downloads
    group by as_of_date
)
select
    p.package,
    d.as_of_date,
    s.downloads_30d,
    s.package is null as is_censored,
    s.rank,
    d.list_length,
    p.organization_id,
    p.access,
    p.role
from reference.packages as p
cross join days as d
left join staging.package_downloads as s
    on s.package = p.package and s.as_of_date = d.as_of_date
