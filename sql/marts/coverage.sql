/*
description: >
  What is there and what is not: each source and scope with its days, its rows, and how much of it tells what
  the metrics need.
columns:
  source: VARCHAR | Where it comes from.
  scope: VARCHAR | Which population.
  title: VARCHAR | The population in words.
  is_whole_population: BOOLEAN | True when it covers all there is.
  is_live: BOOLEAN | True when we asked the API ourselves; then all days of a scope are one row.
  is_model_list: BOOLEAN | True for lists of models.
  first_date: DATE | First day.
  newest_date: DATE | Newest day.
  days: BIGINT | Days that are there.
  missing_days: BIGINT | Days between first and newest that are not; null where the source is no daily series.
  rows: BIGINT | Rows.
  subjects: BIGINT | Models, repositories or packages.
  downloads_30d: BIGINT | Sum of the downloads in 30 days on the newest day; null where not told.
  with_downloads_pct: DOUBLE | Percent of rows that tell downloads.
  with_created_at_pct: DOUBLE | Percent of models with a creation date after the Hub's floor.
  with_task_pct: DOUBLE | Percent of models whose task is known.
  with_parent_pct: DOUBLE | Percent of models with a known parent, registers admitted.
  rejected_values: BIGINT | Values that cannot be true and were set to null.
key: [source, scope, newest_date]
checks:
  not_null: [title, rows, subjects]
  ranges:
    with_downloads_pct: [0, 100]
    with_created_at_pct: [0, 100]
    with_task_pct: [0, 100]
    with_parent_pct: [0, 100]
*/
with landed as (
    select
        source,
        scope,
        max(title) as title,
        bool_and(is_whole_population) as is_whole_population,
        min(snapshot_date) as first_date,
        max(snapshot_date) as newest_date,
        count(case when is_complete then 1 end) as days
    from core.snapshots
    group by source, scope
),
-- A live scope is one daily series of lists, of which the newest is described; whole walks are weekly.
shown as (
    select
        c.source,
        c.scope,
        c.title,
        c.is_whole_population,
        c.is_live,
        c.snapshot_date,
        case when c.is_live then n.first_date else c.snapshot_date end as first_date,
        case when c.is_live then n.days else 1 end as days,
        case
            when c.is_live and not c.is_whole_population
                then date_diff('day', n.first_date, n.newest_date) + 1 - n.days
        end as missing_days
    from core.snapshots as c
    inner join landed as n on n.source = c.source and n.scope = c.scope
    where c.is_model_list and (not c.is_live or c.snapshot_date = n.newest_date)
),
lists as (
    select
        snapshot_date,
        scope,
        sum(models)::bigint as rows,
        sum(downloads_30d)::bigint as downloads_30d,
        100.0 * sum(counted_models) / sum(models) as with_downloads_pct,
        100.0 * sum(case when universe <> 'unknown' then models else 0 end) / sum(models) as with_task_pct,
        100.0 * sum(case when is_derivative then models else 0 end) / sum(models) as with_parent_pct
    from core.snapshot_groups
    group by snapshot_date, scope
),
dated as (
    select snapshot_date, scope, 100.0 * count(created_at) / count(*) as with_created_at_pct
    from staging.models
    group by snapshot_date, scope
),
rejected as (
    select snapshot_date, scope, count(*) as rejected_values
    from staging.rejected_values
    group by snapshot_date, scope
),
counters as (
    select
        scope,
        min(date) as first_date,
        max(date) as newest_date,
        count(distinct date) as days,
        count(*) as rows,
        count(distinct model_id) as subjects,
        100.0 * count(downloads_30d) / count(*) as with_downloads_pct
    from staging.model_counters
    group by scope
),
stars as (
    select
        min(date) as first_date,
        max(date) as newest_date,
        count(distinct date) as days,
        count(*) as rows,
        count(distinct r.repository) as subjects
    from staging.repository_stars as s
    inner join staging.repository_names as r on r.name = lower(s.full_name)
    cross join landed as n
    where n.source = 'github_stars' and s.date <= n.newest_date  -- our own observations come after it
),
-- The history ends before our own readings begin.
ratings as (
    select
        min(r.as_of_date) as first_date,
        max(r.as_of_date) as newest_date,
        count(distinct r.as_of_date) as days,
        count(*) as rows,
        count(distinct r.model_name) as subjects
    from core.arena_ratings as r
    cross join landed as n
    where n.source = 'arena_history' and r.as_of_date <= n.newest_date
),
packages as (
    select
        min(as_of_date) as first_date,
        max(as_of_date) as newest_date,
        count(distinct as_of_date) as days,
        count(case when not is_censored then 1 end) as rows,
        count(distinct package) as subjects
    from marts.package_downloads_30d
)
select
    c.source, c.scope, c.title, c.is_whole_population, c.is_live, true as is_model_list,
    c.first_date, c.snapshot_date as newest_date,
    cast(c.days as bigint) as days, cast(c.missing_days as bigint) as missing_days,
    l.rows, l.rows as subjects, l.downloads_30d,
    round(l.with_downloads_pct, 6) as with_downloads_pct,
    round(d.with_created_at_pct, 6) as with_created_at_pct,
    round(l.with_task_pct, 6) as with_task_pct,
    round(l.with_parent_pct, 6) as with_parent_pct,
    coalesce(r.rejected_values, 0) as rejected_values
from shown as c
inner join lists as l on l.snapshot_date = c.snapshot_date and l.scope = c.scope
inner join dated as d on d.snapshot_date = c.snapshot_date and d.scope = c.scope
left join rejected as r on r.snapshot_date = c.snapshot_date and r.scope = c.scope
union all
select
    c.source, c.scope, c.title, c.is_whole_population, false, false, n.first_date, n.newest_date, n.days,
    date_diff('day', n.first_date, n.newest_date) + 1 - n.days, n.rows, n.subjects, null,
    round(n.with_downloads_pct, 6), null, null, null, null
from landed as c
inner join counters as n on n.scope = c.scope
where c.source = 'huggingface_counters'
union all
select
    c.source, c.scope, c.title, c.is_whole_population, false, false, s.first_date, s.newest_date, s.days,
    date_diff('day', s.first_date, s.newest_date) + 1 - s.days, s.rows, s.subjects, null,
    null, null, null, null, null
from landed as c
cross join stars as s
where c.source = 'github_stars'
union all
select
    c.source, c.scope, c.title, c.is_whole_population, false, false, p.first_date, p.newest_date, p.days, null, p.rows,
    p.subjects, null, null, null, null, null, null
from landed as c
cross join packages as p
where c.source = 'package_downloads'
union all
select
    c.source, c.scope, c.title, c.is_whole_population, false, false, a.first_date, a.newest_date, a.days, null, a.rows,
    a.subjects, null, null, null, null, null, null
from landed as c
cross join ratings as a
where c.source = 'arena_history' and a.rows > 0
union all
select
    n.source, n.scope, n.title, n.is_whole_population, true, false, n.first_date, n.newest_date,
    n.days,
    case when n.source in ('github_repositories', 'package_downloads_daily')
        then date_diff('day', n.first_date, n.newest_date) + 1 - n.days end,
    c.pages, coalesce(c.subjects, c.pages), null, null, null, null, null, null
from landed as n
inner join core.snapshots as c
    on c.source = n.source and c.scope = n.scope and c.snapshot_date = n.newest_date
where c.is_live and not c.is_model_list
union all
select
    'hub_totals', 'whole-hub', 'reported totals of the whole Hub', true, false, false, min(as_of_date),
    max(as_of_date),
    count(*), null, count(*), cast(1 as bigint), null, null, null, null, null, null
from reference.hub_totals
where status = 'verified'
having count(*) > 0
