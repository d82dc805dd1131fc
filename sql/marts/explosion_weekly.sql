/*
description: >
  Three series that differ and are kept apart. births_surviving counts by creation date in today's lists, so
  what was deleted is missing from the past; births_observed counts what whole lists showed for the first
  time; net_stock is the reported total of the whole Hub. Weeks begin on Monday.
columns:
  week_date: DATE | Monday of the week.
  series: VARCHAR | births_surviving, births_observed or net_stock.
  scope: VARCHAR | Which population it is of; whole-hub for net_stock.
  universe: VARCHAR | One universe, all, or unknown where the task is not known.
  as_of_date: DATE | The day of the list or report behind the number.
  models: BIGINT | New models in the week; for net_stock the total on as_of_date.
  derivatives: BIGINT | Those of them with a known parent; null for net_stock.
  is_illustration: BOOLEAN | True when the population is partial; then no growth is read from it.
key: [week_date, series, scope, universe, as_of_date]
checks:
  not_null: [models, is_illustration]
  ranges: {models: [0, null]}
  accepted: {series: [births_surviving, births_observed, net_stock]}
*/
with described as (
    select
        t.series,
        t.scope,
        t.as_of_date,
        cast(date_trunc('week', t.birth_date) as date) as week_date,
        coalesce(m.universe, 'unknown') as universe,
        case when r.parents > 0 then 1 else 0 end as is_derivative
    from core.births as t
    left join core.models as m on m.model_id = t.model_id
    left join core.model_roots as r on r.model_id = t.model_id and r.evidence = 'curated'
),
with_all as (
    select week_date, series, scope, universe, as_of_date, is_derivative from described
    union all
    select week_date, series, scope, 'all', as_of_date, is_derivative from described
)
select
    b.week_date,
    b.series,
    b.scope,
    b.universe,
    b.as_of_date,
    count(*) as models,
    cast(sum(b.is_derivative) as bigint) as derivatives,
    not c.is_whole_population as is_illustration
from with_all as b
inner join core.snapshots as c
    on c.scope = b.scope and c.snapshot_date = b.as_of_date and c.is_model_list
group by b.week_date, b.series, b.scope, b.universe, b.as_of_date, c.is_whole_population
union all
select
    cast(date_trunc('week', as_of_date) as date),
    'net_stock',
    'whole-hub',
    'all',
    as_of_date,
    models,
    null,
    false
from core.hub_totals
where status = 'verified'
