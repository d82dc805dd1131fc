/*
description: >
  Births by day, the small table behind the weekly and monthly series; see core.births for the two series.
  The community is what no well-funded organization uploaded (on the day of birth) and nobody upon a base of
  their own organization; accounts that no register knows count as community.
columns:
  birth_date: DATE | Creation of the repository (UTC), or the day of the list that first showed it.
  series: VARCHAR | births_surviving or births_observed.
  scope: VARCHAR | Which population the lists are of.
  universe: VARCHAR | One universe, all, or unknown where the task is not known.
  as_of_date: DATE | The day of the newest list behind it.
  models: BIGINT | New models.
  derivatives: BIGINT | Those of them with a known parent (curated evidence).
  quantizations: BIGINT | Those of them that are quantized copies, mirrors or conversions.
  community_models: BIGINT | New models of the community.
  community_derivatives: BIGINT | Those of them with a known parent.
  community_quantizations: BIGINT | Those of them that are quantized copies, mirrors or conversions.
  is_illustration: BOOLEAN | True when the population is partial; then no growth is read from it.
  last_full_date: DATE | The last day whose births are all in, the day before the list, less the uncertainty of its date; for births_observed the day of the newest list.
key: [birth_date, series, scope, universe, as_of_date]
checks:
  not_null: [models, derivatives, quantizations, community_models, community_derivatives, community_quantizations, is_illustration, last_full_date]
  ranges: {models: [1, null], derivatives: [0, null], quantizations: [0, null], community_models: [0, null]}
  accepted: {series: [births_surviving, births_observed]}
*/
-- Only registered organizations can have built upon a base of their own; they are few.
with own_base as (
    select b.series, b.scope, b.model_id
    from core.births as b
    inner join core.ancestry as a on a.model_id = b.model_id and a.organization_id = b.uploader_id
    where b.is_derivative and a.evidence = 'curated' and a.origin_share > 0
),
described as (
    select
        b.birth_date,
        b.series,
        b.scope,
        b.as_of_date,
        b.universe,
        case when b.is_derivative then 1 else 0 end as is_derivative,
        case when b.is_variant then 1 else 0 end as is_quantization,
        case when b.is_first_party or o.model_id is not null then 0 else 1 end as is_community
    from core.births as b
    left join own_base as o on o.model_id = b.model_id and o.series = b.series and o.scope = b.scope
),
by_universe as (
    select
        birth_date,
        series,
        scope,
        as_of_date,
        universe,
        count(*) as models,
        sum(is_derivative) as derivatives,
        sum(is_quantization) as quantizations,
        sum(is_community) as community_models,
        sum(is_community * is_derivative) as community_derivatives,
        sum(is_community * is_quantization) as community_quantizations
    from described
    group by birth_date, series, scope, as_of_date, universe
),
with_all as (
    select * from by_universe
    union all
    select
        birth_date, series, scope, as_of_date, 'all', sum(models), sum(derivatives), sum(quantizations),
        sum(community_models), sum(community_derivatives), sum(community_quantizations)
    from by_universe
    group by birth_date, series, scope, as_of_date
),
lists as (
    select
        scope,
        snapshot_date,
        bool_and(not is_whole_population) as is_partial,
        max(coalesce(date_uncertainty_days, 0)) as uncertain_days
    from core.snapshots
    where is_model_list
    group by scope, snapshot_date
)
select
    b.birth_date,
    b.series,
    b.scope,
    b.universe,
    b.as_of_date,
    cast(b.models as bigint) as models,
    cast(b.derivatives as bigint) as derivatives,
    cast(b.quantizations as bigint) as quantizations,
    cast(b.community_models as bigint) as community_models,
    cast(b.community_derivatives as bigint) as community_derivatives,
    cast(b.community_quantizations as bigint) as community_quantizations,
    c.is_partial as is_illustration,
    case
        when b.series = 'births_observed' then b.as_of_date
        else cast(b.as_of_date - cast(1 + c.uncertain_days as integer) as date)
    end as last_full_date
from with_all as b
inner join lists as c on c.scope = b.scope and c.snapshot_date = b.as_of_date
