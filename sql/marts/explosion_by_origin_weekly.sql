/*
description: >
  Births by week and by the organization at whose roots they begin (curated evidence). A model with several
  origins is split among them, so the rows of a week add up to its births. The same two series of births as in
  explosion_weekly, never added to each other.
columns:
  week_date: DATE | Monday of the week.
  series: VARCHAR | births_surviving or births_observed.
  scope: VARCHAR | Which population it is of.
  origin: VARCHAR | Organization at the origin, or unknown where no lineage is known.
  as_of_date: DATE | The day of the list behind the number.
  models: DOUBLE | New models, an organization's own bases included; fractions where a model has several origins.
  derivatives: DOUBLE | Those of them with a known parent.
  quantizations: DOUBLE | Those of them that are quantized copies, mirrors or conversions.
  community_derivatives: DOUBLE | Derivatives that neither a well-funded organization nor the origin itself uploaded.
  is_illustration: BOOLEAN | True when the population is partial; then no growth is read from it.
  is_unfinished: BOOLEAN | True when the week had not ended for certain on the day of the list.
key: [week_date, series, scope, origin, as_of_date]
checks:
  not_null: [models, derivatives, quantizations, community_derivatives, is_illustration, is_unfinished]
  ranges: {models: [0, null], derivatives: [0, null], quantizations: [0, null], community_derivatives: [0, null]}
  accepted: {series: [births_surviving, births_observed]}
*/
-- Two of three models stand on nothing known: leaving their only row out halves the join.
with known as (
    select model_id, organization_id, origin_share
    from core.ancestry
    where evidence = 'curated' and origin_share > 0 and (organization_id <> 'unknown' or origin_share < 1)
),
placed as (
    select
        b.series,
        b.scope,
        b.as_of_date,
        cast(date_trunc('week', b.birth_date) as date) as week_date,
        coalesce(k.organization_id, 'unknown') as origin,
        coalesce(k.origin_share, 1) as credit,
        b.is_derivative,
        b.is_variant,
        b.is_derivative and not b.is_first_party
            and coalesce(b.uploader_id, '') <> coalesce(k.organization_id, 'unknown') as is_community
    from core.births as b
    left join known as k on k.model_id = b.model_id
),
weekly as (
    select
        week_date,
        series,
        scope,
        origin,
        as_of_date,
        sum(credit) as models,
        sum(case when is_derivative then credit else 0 end) as derivatives,
        sum(case when is_variant then credit else 0 end) as quantizations,
        sum(case when is_community then credit else 0 end) as community_derivatives
    from placed
    group by week_date, series, scope, origin, as_of_date
)
select
    w.week_date,
    w.series,
    w.scope,
    w.origin,
    w.as_of_date,
    round(w.models, 6) as models,
    round(w.derivatives, 6) as derivatives,
    round(w.quantizations, 6) as quantizations,
    round(w.community_derivatives, 6) as community_derivatives,
    e.is_illustration,
    e.is_unfinished
from weekly as w
inner join marts.explosion_weekly as e
    on e.week_date = w.week_date and e.series = w.series and e.scope = w.scope
    and e.as_of_date = w.as_of_date and e.universe = 'all'
