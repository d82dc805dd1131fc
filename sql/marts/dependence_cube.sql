/*
description: >
  The additive cube behind every share: sum any rows of one list (snapshot and scope) and one evidence, and divide
  by any other sum of the same. A model's weights are split over the organizations at its origin in proportion to
  their origin shares, so each weight's total is that of the list. Never add rows of different scope, snapshot or
  evidence. Downloads of a model's first year are no weight here: no list tells them.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  month: DATE | First day of that month.
  scope: VARCHAR | Which population was listed; see core.snapshots.
  evidence: VARCHAR | declared (tags alone), curated (also adapter configurations and verified register rows) or inferred (also what names suggest).
  universe: VARCHAR | generative_language, image_generation, embedding, ...; unknown where the task is not known.
  is_variant: BOOLEAN | True for quantized copies, mirrors and conversions.
  uploader: VARCHAR | Organization that uploaded, or unregistered.
  origin: VARCHAR | Organization at whose roots the credit ends, or unknown.
  dependence_class: VARCHAR | first_party, derived, independent or unknown.
  models: DOUBLE | Number of models; fractions where a model has several origins.
  derivatives: DOUBLE | Those of them with a known parent.
  new_derivatives_30d: DOUBLE | Those derivatives that were born in the 30 days up to the day, by births_surviving of core.births; null where no list of the scope tells creation dates.
  downloads_30d: DOUBLE | Downloads in 30 days.
  downloads_all_time: DOUBLE | Downloads since ever, of the models that tell them; null when none does.
  likes: DOUBLE | Likes.
key: [snapshot_date, scope, evidence, universe, is_variant, uploader, origin, dependence_class]
checks:
  not_null: [month, models, derivatives]
  ranges:
    models: [0, null]
    derivatives: [0, null]
    new_derivatives_30d: [0, null]
    downloads_30d: [0, null]
    likes: [0, null]
  accepted:
    evidence: [declared, curated, inferred]
    dependence_class: [first_party, derived, independent, unknown]
*/
with days as (
    select distinct snapshot_date, scope from core.model_snapshots
),
dated as (
    select distinct scope from core.births where series = 'births_surviving'
),
born as (
    select d.snapshot_date, b.scope, b.model_id
    from core.births as b
    inner join days as d
        on d.scope = b.scope and b.birth_date <= d.snapshot_date and b.birth_date > d.snapshot_date - 30
    where b.series = 'births_surviving'
),
-- Millions of models are thousands of rows once those of one way and one uploader are added up.
alike as (
    select
        s.snapshot_date,
        s.scope,
        s.universe,
        s.is_variant,
        s.uploader_id,
        s.is_first_party,
        d.declared_way,
        d.curated_way,
        d.inferred_way,
        count(*) as models,
        count(b.model_id) as born_models,
        sum(s.downloads_30d)::bigint as downloads_30d,
        sum(s.downloads_all_time)::bigint as downloads_all_time,
        sum(s.likes)::bigint as likes
    from core.model_snapshots as s
    inner join core.descents as d on d.model_id = s.model_id
    left join born as b
        on b.model_id = s.model_id and b.scope = s.scope and b.snapshot_date = s.snapshot_date
    group by
        s.snapshot_date, s.scope, s.universe, s.is_variant, s.uploader_id, s.is_first_party,
        d.declared_way, d.curated_way, d.inferred_way
),
by_way as (
    select declared_way as way, * from alike
    union all
    select curated_way, * from alike
    union all
    select inferred_way, * from alike
),
-- Whole numbers and shares of twelve decimals are added up exactly: what is rounded does not hang on the order.
shares as (
    select way, organization_id, cast(origin_share as decimal(13, 12)) as part
    from core.credit_shares
    where origin_share > 0
)
select
    a.snapshot_date,
    date_trunc('month', a.snapshot_date)::date as month,
    a.scope,
    w.evidence,
    a.universe,
    a.is_variant,
    coalesce(a.uploader_id, 'unregistered') as uploader,
    c.organization_id as origin,
    case when a.is_first_party then 'first_party' else w.upstream_class end as dependence_class,
    round(sum(c.part * a.models), 6)::double as models,
    round(sum(case when w.is_derivative then c.part * a.models else 0 end), 6)::double as derivatives,
    round(
        sum(
            case
                when t.scope is null then null
                when w.is_derivative then c.part * a.born_models
                else 0
            end
        ),
        6
    )::double as new_derivatives_30d,
    round(sum(c.part * a.downloads_30d), 3)::double as downloads_30d,
    round(sum(c.part * a.downloads_all_time), 3)::double as downloads_all_time,
    round(sum(c.part * a.likes), 3)::double as likes
from by_way as a
inner join core.credit_ways as w on w.way = a.way
inner join shares as c on c.way = a.way
left join dated as t on t.scope = a.scope
group by
    a.snapshot_date, a.scope, w.evidence, a.universe, a.is_variant, a.uploader_id, c.organization_id,
    case when a.is_first_party then 'first_party' else w.upstream_class end
