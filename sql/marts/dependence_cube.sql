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
-- Two of three models stand on nothing known: leaving their only row out halves the join.
known as (
    select model_id, evidence, organization_id, origin_share
    from core.ancestry
    where origin_share > 0 and (organization_id <> 'unknown' or origin_share < 1)
),
classed as (
    select
        s.snapshot_date,
        s.scope,
        r.evidence,
        s.universe,
        s.is_variant,
        s.uploader_id,
        case when s.is_first_party then 'first_party' else r.upstream_class end as dependence_class,
        coalesce(k.organization_id, 'unknown') as origin,
        coalesce(k.origin_share, 1) as part,
        case when r.parents > 0 then coalesce(k.origin_share, 1) else 0 end as derived_part,
        case
            when t.scope is null then null
            when r.parents > 0 and b.model_id is not null then coalesce(k.origin_share, 1)
            else 0
        end as born_part,
        s.downloads_30d,
        s.downloads_all_time,
        s.likes
    from core.model_snapshots as s
    inner join core.model_roots as r on r.model_id = s.model_id
    left join known as k on k.model_id = r.model_id and k.evidence = r.evidence
    left join born as b
        on b.model_id = s.model_id and b.scope = s.scope and b.snapshot_date = s.snapshot_date
    left join dated as t on t.scope = s.scope
)
select
    snapshot_date,
    date_trunc('month', snapshot_date)::date as month,
    scope,
    evidence,
    universe,
    is_variant,
    coalesce(uploader_id, 'unregistered') as uploader,
    origin,
    dependence_class,
    round(sum(part), 6) as models,
    round(sum(derived_part), 6) as derivatives,
    round(sum(born_part), 6) as new_derivatives_30d,
    round(sum(part * downloads_30d), 3) as downloads_30d,
    round(sum(part * downloads_all_time), 3) as downloads_all_time,
    round(sum(part * likes), 3) as likes
from classed
group by snapshot_date, scope, evidence, universe, is_variant, uploader_id, origin, dependence_class
