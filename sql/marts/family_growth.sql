/*
description: >
  How a curated generation grew from its release on: what had been born by so many days after it. Only lists
  that tell dates of birth are behind it, each scope for itself. Deleted derivatives are missing from
  births_surviving, so the past was larger than shown, the more so the older it is. Ages that the data does
  not reach have no row, and neither have families that are older than the data or without any dated
  derivative.
columns:
  series: VARCHAR | births_surviving or births_observed, as in core.derivative_births.
  scope: VARCHAR | Which population the lists are of.
  includes_variants: BOOLEAN | Whether quantized copies, mirrors and conversions count as derivatives.
  family: VARCHAR | The generation.
  days_since_release: BIGINT | Age, on a fixed grid of 0 to 1,460 days.
  organization_id: VARCHAR | Who made it.
  release_date: DATE | First release of the generation, by the register.
  as_of_date: DATE | End of the data.
  is_illustration: BOOLEAN | True when the population is partial; then the curve's height says nothing and its form little.
  derivatives: BIGINT | Derivatives that others than its maker had uploaded by the end of that day, those dated before the release included.
  authors: BIGINT | Accounts that had uploaded them.
  undated: BIGINT | Further derivatives of the list without a day of birth, which the curve lacks.
  downloads_30d: BIGINT | Downloads in 30 days of the whole generation, its maker's models included, in the scope's newest list of the seven days up to that age; null when there is no such list or it does not tell them.
  downloads_date: DATE | The day of that list.
key: [series, scope, includes_variants, family, days_since_release]
checks:
  not_null: [organization_id, release_date, as_of_date, is_illustration, derivatives, authors, undated]
  ranges: {derivatives: [0, null], authors: [0, null], undated: [0, null]}
*/
with register as (
    select family, min(organization_id) as organization_id, min(first_release_date) as release_date
    from reference.families
    group by family
),
grid as (
    select days
    from (
        values (0), (7), (14), (30), (60), (90), (120), (180), (270), (365), (545), (730), (1095), (1460)
    ) as g (days)
),
dated as (
    select
        d.series,
        d.scope,
        d.family,
        d.account,
        d.is_variant,
        d.birth_date is null as is_undated,
        d.birth_date - f.release_date as age_days
    from core.derivative_births as d
    inner join register as f on f.family = d.family
    where not d.is_makers_own and f.release_date >= d.data_begin_date
),
by_author as (
    select
        d.series,
        d.scope,
        v.includes_variants,
        d.family,
        d.account,
        d.age_days,
        count(*) as derivatives,
        case
            when
                d.account is not null
                and row_number() over (
                    partition by d.series, d.scope, v.includes_variants, d.family, d.account order by d.age_days
                ) = 1
                then 1
            else 0
        end as new_author
    from dated as d
    inner join (values (true), (false)) as v (includes_variants) on v.includes_variants or not d.is_variant
    where not d.is_undated
    group by d.series, d.scope, v.includes_variants, d.family, d.account, d.age_days
),
by_age as (
    select
        series, scope, includes_variants, family, age_days,
        sum(derivatives) as derivatives,
        sum(new_author) as new_authors
    from by_author
    group by series, scope, includes_variants, family, age_days
),
untold as (
    select
        d.series,
        d.scope,
        v.includes_variants,
        d.family,
        count(case when d.is_undated then 1 end) as undated
    from dated as d
    inner join (values (true), (false)) as v (includes_variants) on v.includes_variants or not d.is_variant
    group by d.series, d.scope, v.includes_variants, d.family
    having count(case when not d.is_undated then 1 end) > 0
),
points as (
    select
        u.series,
        u.scope,
        u.includes_variants,
        u.family,
        g.days,
        f.organization_id,
        f.release_date,
        l.as_of_date,
        l.is_illustration,
        u.undated,
        coalesce(sum(a.derivatives), 0) as derivatives,
        coalesce(sum(a.new_authors), 0) as authors
    from untold as u
    inner join core.derivative_series as l on l.series = u.series and l.scope = u.scope
    inner join register as f on f.family = u.family
    inner join grid as g
        on f.release_date + g.days <= l.as_of_date
    left join by_age as a
        on a.series = u.series
        and a.scope = u.scope
        and a.includes_variants = u.includes_variants
        and a.family = u.family
        and a.age_days <= g.days
    group by
        u.series, u.scope, u.includes_variants, u.family, g.days, f.organization_id, f.release_date,
        l.as_of_date, l.is_illustration, u.undated
),
downloads as (
    select s.scope, s.family, s.snapshot_date, s.downloads_30d
    from marts.family_snapshots as s
    inner join core.snapshots as c
        on c.scope = s.scope and c.snapshot_date = s.snapshot_date and c.is_model_list
    where c.selection is null and s.downloads_30d is not null
)
select
    p.series,
    p.scope,
    p.includes_variants,
    p.family,
    cast(p.days as bigint) as days_since_release,
    p.organization_id,
    p.release_date,
    p.as_of_date,
    p.is_illustration,
    cast(p.derivatives as bigint) as derivatives,
    cast(p.authors as bigint) as authors,
    p.undated,
    d.downloads_30d,
    d.snapshot_date as downloads_date
from points as p
left join downloads as d
    on d.scope = p.scope
    and d.family = p.family
    and d.snapshot_date > p.release_date + p.days - 7
    and d.snapshot_date <= p.release_date + p.days
qualify row_number() over (
    partition by p.series, p.scope, p.includes_variants, p.family, p.days order by d.snapshot_date desc nulls last
) = 1
