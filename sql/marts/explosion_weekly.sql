/*
description: >
  Three series that differ and are kept apart. births_surviving counts by creation date in today's lists, so
  what was deleted is missing from the past; births_observed counts what whole lists showed for the first
  time; net_stock is the reported total of the whole Hub. Weeks begin on Monday. Models without a known parent
  are models less derivatives; what the community is, marts.births_daily says.
columns:
  week_date: DATE | Monday of the week.
  series: VARCHAR | births_surviving, births_observed or net_stock.
  scope: VARCHAR | Which population it is of; whole-hub for net_stock.
  universe: VARCHAR | One universe, all, or unknown where the task is not known.
  as_of_date: DATE | The day of the list or report behind the number.
  models: BIGINT | New models in the week; for net_stock the total on as_of_date.
  derivatives: BIGINT | Those of them with a known parent; null for net_stock.
  is_illustration: BOOLEAN | True when the population is partial; then no growth is read from it.
  quantizations: BIGINT | New models that are quantized copies, mirrors or conversions; null for net_stock.
  community_models: BIGINT | New models that no well-funded organization uploaded and nobody upon their own organization's base; null for net_stock.
  community_derivatives: BIGINT | Those of them with a known parent; null for net_stock.
  community_quantizations: BIGINT | Those of them that are quantized copies, mirrors or conversions; null for net_stock.
  observed_days: BIGINT | Days whose births the number holds, 7 in a full week; for births_observed the days since the list before, summed over the lists of the week, so more than 7 after a gap; null for net_stock.
  is_unfinished: BOOLEAN | True when the week had not ended for certain on the day of the list; the number is then too small. False for net_stock.
  models_nowcast: BIGINT | What the unfinished week will come to, by the profile of the last 26 full weeks (marts.weekly_profile); null for finished weeks.
  models_nowcast_lower: BIGINT | Lower end of its 95 % prediction interval.
  models_nowcast_upper: BIGINT | Upper end of it.
  nowcast_status: VARCHAR | For unfinished weeks, estimated, or not estimable and why.
key: [week_date, series, scope, universe, as_of_date]
checks:
  not_null: [models, is_illustration, is_unfinished]
  ranges: {models: [0, null], observed_days: [0, null], models_nowcast: [0, null]}
  accepted: {series: [births_surviving, births_observed, net_stock]}
*/
with lists as (
    select distinct scope, snapshot_date
    from core.snapshots
    where is_model_list and is_whole_population
),
spans as (
    select
        scope,
        snapshot_date,
        date_diff('day', lag(snapshot_date) over (partition by scope order by snapshot_date), snapshot_date)
            as days
    from lists
),
observed as (
    select scope, cast(date_trunc('week', snapshot_date) as date) as week_date, sum(days) as days
    from spans
    group by scope, cast(date_trunc('week', snapshot_date) as date)
),
weekly as (
    select
        cast(date_trunc('week', birth_date) as date) as week_date,
        series,
        scope,
        universe,
        as_of_date,
        is_illustration,
        last_full_date,
        sum(models) as models,
        sum(derivatives) as derivatives,
        sum(quantizations) as quantizations,
        sum(community_models) as community_models,
        sum(community_derivatives) as community_derivatives,
        sum(community_quantizations) as community_quantizations,
        sum(case when birth_date <= last_full_date then models else 0 end) as models_so_far
    from marts.births_daily
    group by
        cast(date_trunc('week', birth_date) as date), series, scope, universe, as_of_date, is_illustration,
        last_full_date
),
dated as (
    select
        w.*,
        least(7, greatest(0, date_diff('day', w.week_date, w.last_full_date) + 1)) as full_days,
        o.days as list_days
    from weekly as w
    left join observed as o
        on o.scope = w.scope and o.week_date = w.week_date and w.series = 'births_observed'
)
select
    d.week_date,
    d.series,
    d.scope,
    d.universe,
    d.as_of_date,
    cast(d.models as bigint) as models,
    cast(d.derivatives as bigint) as derivatives,
    d.is_illustration,
    cast(d.quantizations as bigint) as quantizations,
    cast(d.community_models as bigint) as community_models,
    cast(d.community_derivatives as bigint) as community_derivatives,
    cast(d.community_quantizations as bigint) as community_quantizations,
    cast(case when d.series = 'births_observed' then d.list_days else d.full_days end as bigint)
        as observed_days,
    d.full_days < 7 as is_unfinished,
    cast(round(d.models_so_far / p.share) as bigint) as models_nowcast,
    cast(greatest(d.models, floor(d.models_so_far / p.share_upper)) as bigint) as models_nowcast_lower,
    cast(greatest(d.models, ceil(d.models_so_far / p.share_lower)) as bigint) as models_nowcast_upper,
    case
        when d.full_days = 7 then null
        when d.is_illustration then 'not estimable: a partial list'
        when d.full_days = 0 then 'not estimable: no day of the week has ended'
        else coalesce(p.status, 'not estimable: no full week before it')
    end as nowcast_status
from dated as d
left join marts.weekly_profile as p
    on p.series = d.series and p.scope = d.scope and p.universe = d.universe
    and p.as_of_date = d.as_of_date and p.days = d.full_days and d.full_days < 7
union all
select
    cast(date_trunc('week', as_of_date) as date),
    'net_stock',
    'whole-hub',
    'all',
    as_of_date,
    models,
    null,
    false,
    null,
    null,
    null,
    null,
    null,
    false,
    null,
    null,
    null,
    null
from core.hub_totals
where status = 'verified'
