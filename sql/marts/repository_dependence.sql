/*
description: >
  Stars of the registered repositories that stand on weights or a closed product of a well-funded organization
  against those that do not, at equal dates, by month. Each month is seen on the day on which most repositories
  were seen, all of them on that day. Repositories are in the recorded series only while they are among the most
  starred, so totals grow when one enters; the growth is therefore of those seen in both this and the month
  before. A month that nobody saw has no row, and the month after it no growth. Observed and surviving stars
  are two series. Stars are no downloads and no users.
columns:
  month: DATE | First day of the month.
  series: VARCHAR | observed (as shown on the day) or surviving (given up to the day and still there).
  dependence: VARCHAR | company_weights (stands on a well-funded organization), other_weights (on another one), no_certain_weights (works with anybody's) or unknown.
  as_of_date: DATE | The day of the month that is shown.
  repositories: BIGINT | Repositories of this class seen on that day.
  stars: BIGINT | Their stars.
  star_share: DOUBLE | Of the stars of all classes on that day; unknown makes the bounds, see company_upper.
  compared_date: DATE | The day of the month before; null when that month was not seen.
  compared_repositories: BIGINT | Repositories seen on both days.
  stars_gained: BIGINT | Their stars now less then; may be negative.
  gained_share: DOUBLE | Of what all classes gained; null when nothing was gained or a class lost.
  company_lower: DOUBLE | Share of company_weights in all stars of the day; the same in each row of a month.
  company_upper: DOUBLE | The same if all that is unknown stood on company weights.
key: [month, series, dependence]
checks:
  not_null: [as_of_date, repositories, stars]
  accepted:
    series: [observed, surviving]
    dependence: [company_weights, other_weights, no_certain_weights, unknown]
  ranges:
    stars: [0, null]
    star_share: [0, 1]
    gained_share: [0, 1]
    company_lower: [0, 1]
    company_upper: [0, 1]
*/
with standing as (
    select
        r.repository,
        case
            when min(r.stands_on) <> max(r.stands_on) or max(r.stands_on) = 'unknown'
                or sum(case when r.status <> 'verified' then 1 else 0 end) = count(*) then 'unknown'
            when max(r.stands_on) = 'none' then 'no_certain_weights'
            when bool_or(o.is_well_funded) then 'company_weights'
            when bool_or(o.organization_id is not null) then 'other_weights'
            else 'unknown'
        end as dependence
    from reference.repositories as r
    left join core.organizations as o on o.organization_id = r.stands_on
    group by r.repository
),
seen as (
    select repository, date, 'observed' as series, stars_observed as stars
    from marts.repository_stars_daily
    where stars_observed is not null
    union all
    select repository, date, 'surviving', stars_surviving
    from marts.repository_stars_daily
    where stars_surviving is not null
),
days as (
    select series, cast(date_trunc('month', date) as date) as month, date
    from seen
    group by series, date
    qualify row_number() over (
        partition by series, cast(date_trunc('month', date) as date) order by count(*) desc, date desc
    ) = 1
),
monthly as (
    select d.series, d.month, d.date, s.repository, s.stars, b.dependence
    from days as d
    inner join seen as s on s.series = d.series and s.date = d.date
    inner join standing as b on b.repository = s.repository
),
compared as (
    select
        m.*,
        p.date as compared_date,
        b.stars as stars_before
    from monthly as m
    left join days as p on p.series = m.series and p.month = m.month - interval 1 month
    left join monthly as b
        on b.series = m.series and b.month = p.month and b.repository = m.repository
),
classes as (
    select
        month,
        series,
        dependence,
        max(date) as as_of_date,
        count(*) as repositories,
        sum(stars) as stars,
        max(compared_date) as compared_date,
        sum(case when stars_before is not null then 1 else 0 end) as compared_repositories,
        sum(case when stars_before is not null then stars - stars_before end) as stars_gained
    from compared
    group by month, series, dependence
),
totals as (
    select
        month,
        series,
        sum(stars) as stars,
        sum(stars_gained) as stars_gained,
        min(stars_gained) as least_gained,
        sum(case when dependence = 'company_weights' then stars else 0 end) as company,
        sum(case when dependence = 'unknown' then stars else 0 end) as unknown
    from classes
    group by month, series
)
select
    c.month,
    c.series,
    c.dependence,
    c.as_of_date,
    c.repositories,
    cast(c.stars as bigint) as stars,
    round(c.stars / nullif(t.stars, 0), 9) as star_share,
    c.compared_date,
    cast(case when c.compared_date is not null then c.compared_repositories end as bigint)
        as compared_repositories,
    cast(c.stars_gained as bigint) as stars_gained,
    case
        when t.least_gained >= 0 then round(c.stars_gained / nullif(t.stars_gained, 0), 9)
    end as gained_share,
    round(t.company / nullif(t.stars, 0), 9) as company_lower,
    round((t.company + t.unknown) / nullif(t.stars, 0), 9) as company_upper
from classes as c
inner join totals as t on t.month = c.month and t.series = c.series
