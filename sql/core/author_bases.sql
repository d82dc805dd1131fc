/*
description: >
  What each author built on in each half-year: the base that most of the dated derivatives descend from which the
  account uploaded in it. Quantized copies, mirrors and conversions are left out, for they follow what is
  there, and so is what a maker uploads on its own base.
columns:
  series: VARCHAR | births_surviving or births_observed, as in core.derivative_births.
  scope: VARCHAR | Which population the lists are of.
  unit: VARCHAR | organization (base_organization_id of core.derivative_births) or family (curated generation).
  half_date: DATE | First day of the half-year.
  account: VARCHAR | The author.
  base: VARCHAR | Organization or family; of several with as many derivatives the latest used, then the first by name; several or unknown (core.derivative_births) only where there is no other.
  derivatives: BIGINT | Derivatives of that base which the author uploaded in the half-year.
key: [series, scope, unit, half_date, account]
checks:
  not_null: [base, derivatives]
  accepted: {unit: [organization, family]}
*/
with dated as (
    select
        *,
        cast(
            date_trunc('year', birth_date)
            + case when extract(month from birth_date) > 6 then interval 6 month else interval 0 month end
            as date
        ) as half_date
    from core.derivative_births
    where birth_date is not null and account is not null and not is_variant
),
counted as (
    select
        series, scope, 'organization' as unit, half_date, account, base_organization_id as base,
        count(*) as derivatives,
        max(birth_date) as last_date
    from dated
    where not is_own_base
    group by series, scope, half_date, account, base_organization_id
    union all
    select
        series, scope, 'family', half_date, account, family,
        count(*),
        max(birth_date)
    from dated
    where family is not null and not is_makers_own
    group by series, scope, half_date, account, family
)
select series, scope, unit, half_date, account, base, derivatives
from counted
qualify row_number() over (
    partition by series, scope, unit, half_date, account
    order by base in ('several', 'unknown'), derivatives desc, last_date desc, base
) = 1
