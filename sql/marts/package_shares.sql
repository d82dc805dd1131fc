/*
description: >
  Downloads of Python packages that serve closed models against those that serve open ones, by month. Clients of
  a closed service are proprietary, packages that need none are open, those that work with either are neutral;
  verified packages alone. Of two sets: all, and clients (roles sdk and runtime: what a program that talks to a
  model installs; open libraries such as torch are installed for anything). Only packages on that month's list of
  the most downloaded count; one below its end is censored, not zero, and the list's length changes. What it
  does not mean: installs are by machines, one program installs many packages, and the package openai is used
  against open servers too, so the share is also given without it. Counts of a partial list, no sample: there is
  no sampling error to give.
columns:
  as_of_date: DATE | Day of the list.
  package_set: VARCHAR | all or clients.
  list_length: BIGINT | How many packages the list had.
  open_packages: BIGINT | Open packages on the list.
  proprietary_packages: BIGINT | Proprietary packages on the list.
  neutral_packages: BIGINT | Neutral packages on the list.
  censored_packages: BIGINT | Registered packages of the set that are not on it.
  open_downloads_30d: BIGINT | Downloads of open packages.
  proprietary_downloads_30d: BIGINT | Downloads of proprietary packages.
  neutral_downloads_30d: BIGINT | Downloads of neutral packages.
  openai_downloads_30d: BIGINT | Downloads of the package openai alone, part of the proprietary ones.
  proprietary_share: DOUBLE | proprietary / (open + proprietary); null when neither is on the list.
  proprietary_lower: DOUBLE | The same if the package openai were an open one, as if all its users had open servers.
  proprietary_share_of_three: DOUBLE | proprietary / (open + proprietary + neutral).
  panel_packages: BIGINT | Packages open or proprietary that were on the list a year before, too.
  panel_share: DOUBLE | The share among these alone; free of packages that entered within the year.
  panel_share_before: DOUBLE | Their share a year before; null without a list then.
  note: VARCHAR | Why there is no share; null otherwise.
key: [as_of_date, package_set]
checks:
  not_null: [list_length, open_packages, proprietary_packages, neutral_packages]
  accepted: {package_set: [all, clients]}
  ranges:
    proprietary_share: [0, 1]
    proprietary_lower: [0, 1]
    proprietary_share_of_three: [0, 1]
    panel_share: [0, 1]
    panel_share_before: [0, 1]
*/
with registered as (
    select d.package, d.as_of_date, d.downloads_30d, d.list_length, d.access, d.role
    from marts.package_downloads_30d as d
    inner join reference.packages as p on p.package = d.package
    where p.status = 'verified'
),
sets as (
    select *, 'all' as package_set from registered
    union all
    select *, 'clients' from registered where role in ('sdk', 'runtime')
),
-- The list has one date a month, not always the same day.
paired as (
    select
        n.*,
        b.downloads_30d as downloads_before
    from sets as n
    left join sets as b
        on b.package = n.package and b.package_set = n.package_set
        and date_trunc('month', b.as_of_date) = date_trunc('month', n.as_of_date) - interval 12 month
),
sums as (
    select
        as_of_date,
        package_set,
        max(list_length) as list_length,
        sum(case when access = 'open' and downloads_30d is not null then 1 else 0 end) as open_packages,
        sum(case when access = 'proprietary' and downloads_30d is not null then 1 else 0 end)
            as proprietary_packages,
        sum(case when access = 'neutral' and downloads_30d is not null then 1 else 0 end) as neutral_packages,
        sum(case when downloads_30d is null then 1 else 0 end) as censored_packages,
        sum(case when access = 'open' then coalesce(downloads_30d, 0) else 0 end) as open_downloads,
        sum(case when access = 'proprietary' then coalesce(downloads_30d, 0) else 0 end)
            as proprietary_downloads,
        sum(case when access = 'neutral' then coalesce(downloads_30d, 0) else 0 end) as neutral_downloads,
        sum(case when package = 'openai' then coalesce(downloads_30d, 0) else 0 end) as openai_downloads,
        sum(case when access <> 'neutral' and downloads_before >= 0 and downloads_30d >= 0 then 1 else 0 end)
            as panel_packages,
        sum(case when access <> 'neutral' and downloads_before >= 0 then downloads_30d end) as panel_now,
        sum(case when access = 'proprietary' and downloads_before >= 0 then coalesce(downloads_30d, 0) else 0 end)
            as panel_proprietary_now,
        sum(case when access <> 'neutral' and downloads_30d >= 0 then downloads_before end) as panel_before,
        sum(case when access = 'proprietary' and downloads_30d >= 0 then coalesce(downloads_before, 0) else 0 end)
            as panel_proprietary_before
    from paired
    group by as_of_date, package_set
)
select
    as_of_date,
    package_set,
    list_length,
    cast(open_packages as bigint) as open_packages,
    cast(proprietary_packages as bigint) as proprietary_packages,
    cast(neutral_packages as bigint) as neutral_packages,
    cast(censored_packages as bigint) as censored_packages,
    cast(open_downloads as bigint) as open_downloads_30d,
    cast(proprietary_downloads as bigint) as proprietary_downloads_30d,
    cast(neutral_downloads as bigint) as neutral_downloads_30d,
    cast(openai_downloads as bigint) as openai_downloads_30d,
    round(proprietary_downloads / nullif(open_downloads + proprietary_downloads, 0), 9) as proprietary_share,
    round(
        (proprietary_downloads - openai_downloads) / nullif(open_downloads + proprietary_downloads, 0), 9
    ) as proprietary_lower,
    round(
        proprietary_downloads / nullif(open_downloads + proprietary_downloads + neutral_downloads, 0), 9
    ) as proprietary_share_of_three,
    cast(panel_packages as bigint) as panel_packages,
    round(panel_proprietary_now / nullif(panel_now, 0), 9) as panel_share,
    round(panel_proprietary_before / nullif(panel_before, 0), 9) as panel_share_before,
    case
        when open_downloads + proprietary_downloads = 0 then 'not estimable: no package of either kind on the list'
    end as note
from sums
