/*
description: >
  What a derivative cost to train against its base, one row a derivative and definition of its cost. A ratio
  stands only between two verified costs of the same definition; else the reason stands in its place. No
  interval is known for any of the figures; how exact a ratio is follows from how exact the figures are. That
  a derivative is cheap says what it takes once somebody has released the base.
columns:
  derivative: VARCHAR | Name of the model.
  definition: VARCHAR | What is counted; see reference.training_costs.
  unit: VARCHAR | usd or gpu_hours.
  derivative_amount: BIGINT | The derivative's cost by this definition.
  derivative_precision: VARCHAR | exact, about or at_most.
  base_model: VARCHAR | What it began from.
  base_amount: BIGINT | The base's cost by the same definition; null when there is none.
  base_precision: VARCHAR | exact, about or at_most.
  ratio: DOUBLE | Derivative's cost divided by the base's; null when the two may not be compared.
  ratio_precision: VARCHAR | exact, about, at_most or at_least.
  note: VARCHAR | Why there is no ratio; null where there is one.
key: [derivative, definition]
checks:
  not_null: [unit, derivative_amount, derivative_precision]
  accepted:
    unit: [usd, gpu_hours]
    ratio_precision: [exact, about, at_most, at_least]
  ranges: {ratio: [0, null]}
*/
with paired as (
    select
        d.model as derivative,
        d.definition,
        case when d.definition = 'final_run_gpu_hours' then 'gpu_hours' else 'usd' end as unit,
        d.amount as derivative_amount,
        d.precision as derivative_precision,
        d.base_model,
        b.amount as base_amount,
        b.precision as base_precision,
        case
            when d.base_model is null then 'not estimable: its base is not known'
            when d.status <> 'verified' then 'not estimable: its cost is not verified'
            when d.definition = 'final_run_amortized_perhaps_with_base'
                then 'not estimable: its cost may contain that of the base'
            when b.model is null and not exists (
                select 1 from reference.training_costs as o
                where o.model = d.base_model and o.status = 'verified'
            ) then 'not estimable: no cost of the base is known'
            when b.model is null then 'not estimable: the base has no cost by this definition'
            when d.precision = 'at_most' and b.precision = 'at_most' then 'not estimable: both are upper bounds'
        end as note
    from reference.training_costs as d
    left join reference.training_costs as b
        on b.model = d.base_model and b.definition = d.definition and b.status = 'verified'
    where d.kind = 'derivative'
)
select
    derivative,
    definition,
    unit,
    derivative_amount,
    derivative_precision,
    base_model,
    base_amount,
    base_precision,
    case when note is null then round(derivative_amount / base_amount, 9) end as ratio,
    case
        when note is not null then null
        when base_precision = 'at_most' then 'at_least'
        when derivative_precision = 'at_most' then 'at_most'
        when derivative_precision = 'about' or base_precision = 'about' then 'about'
        else 'exact'
    end as ratio_precision,
    note
from paired
