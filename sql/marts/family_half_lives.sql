/*
description: >
  At what age half of a generation's derivatives of its first year had been born: a short half-life is a
  flash, half a year a steady stream. It depends on the horizon, so families are compared at the same one. The
  median of the ages of the derivatives born within the horizon, those dated before the release at age 0. Its
  interval inverts the sign test over authors, since the derivatives of one author are no independent draws;
  the deleted derivatives, which births_surviving lacks, are outside of it.
columns:
  series: VARCHAR | births_surviving or births_observed, as in core.derivative_births.
  scope: VARCHAR | Which population the lists are of.
  includes_variants: BOOLEAN | Whether quantized copies, mirrors and conversions count as derivatives.
  family: VARCHAR | The generation.
  organization_id: VARCHAR | Who made it.
  release_date: DATE | First release of the generation, by the register; null when not known.
  as_of_date: DATE | End of the data.
  is_illustration: BOOLEAN | True when the population is partial.
  horizon_days: BIGINT | Only derivatives up to this age count.
  derivatives: BIGINT | Dated derivatives up to that age.
  authors: BIGINT | Accounts that uploaded them.
  half_life_days: BIGINT | Least age in days by whose end half of them were born; null when not estimable.
  lower_days: BIGINT | Lower end of the 95 % interval.
  upper_days: BIGINT | Upper end of the 95 % interval.
  status: VARCHAR | estimated; illustration, with how much of a partial list is dated; or not estimable, with the reason.
key: [series, scope, includes_variants, family]
made_by: families.half_lives
inputs:
  families: >
    select series, scope, includes_variants, family, organization_id, release_date, as_of_date, data_begin_date,
        is_illustration, derivatives as known_derivatives, dated_derivatives
    from marts.family_lives
  births: >
    with counted as (
        select
            d.series, d.scope, v.includes_variants, d.family, coalesce(d.account, d.model_id) as author,
            greatest(d.birth_date - f.release_date, 0) as age_days,
            count(*) as derivatives
        from core.derivative_births as d
        inner join (values (true), (false)) as v (includes_variants) on v.includes_variants or not d.is_variant
        inner join (
            select family, min(first_release_date) as release_date
            from reference.families
            group by family
        ) as f on f.family = d.family
        where not d.is_makers_own and d.birth_date - f.release_date <= 365
        group by
            d.series, d.scope, v.includes_variants, d.family, coalesce(d.account, d.model_id),
            greatest(d.birth_date - f.release_date, 0)
    ),
    summed as (
        select
            *,
            sum(derivatives) over (
                partition by series, scope, includes_variants, family, author order by age_days
            ) as by_then,
            sum(derivatives) over (partition by series, scope, includes_variants, family, author) as in_all,
            row_number() over (
                partition by series, scope, includes_variants, family, author order by age_days
            ) as place
        from counted
    )
    select
        series, scope, includes_variants, family, cast(age_days as bigint) as age_days,
        cast(sum(derivatives) as bigint) as derivatives,
        cast(sum(case when place = 1 then 1 else 0 end) as bigint) as new_authors,
        cast(sum(by_then * by_then - (by_then - derivatives) * (by_then - derivatives)) as double) as square_step,
        cast(sum(derivatives * in_all) as double) as cross_step
    from summed
    group by series, scope, includes_variants, family, age_days
checks:
  not_null: [organization_id, as_of_date, is_illustration, horizon_days, derivatives, authors, status]
  ranges: {half_life_days: [0, 365], lower_days: [0, 365], upper_days: [0, 365]}
*/
