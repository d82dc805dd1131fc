/*
description: >
  The additive cube behind every share: sum any rows of one scope and one evidence and divide by any other
  sum. A model's weights are split over the organizations at its origin, so each weight's total is that of the
  list. Never add rows of different scope, snapshot or evidence.
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
  downloads_30d: DOUBLE | Downloads in 30 days.
  downloads_all_time: DOUBLE | Downloads since ever, of the models that tell them; null when none does.
  likes: DOUBLE | Likes.
key: [snapshot_date, scope, evidence, universe, is_variant, uploader, origin, dependence_class]
checks:
  not_null: [month, models, derivatives]
  ranges: {models: [0, null], derivatives: [0, null], downloads_30d: [0, null], likes: [0, null]}
  accepted:
    evidence: [declared, curated, inferred]
    dependence_class: [first_party, derived, independent, unknown]
*/
with classed as (
    select
        s.snapshot_date,
        s.scope,
        r.evidence,
        s.universe,
        s.is_variant,
        coalesce(s.uploader_id, 'unregistered') as uploader,
        s.model_id,
        case when s.is_first_party then 'first_party' else r.upstream_class end as dependence_class,
        case when r.parents > 0 then 1 else 0 end as is_derivative,
        s.downloads_30d,
        s.downloads_all_time,
        s.likes
    from core.model_snapshots as s
    inner join core.model_roots as r on r.model_id = s.model_id
)
select
    c.snapshot_date,
    date_trunc('month', c.snapshot_date)::date as month,
    c.scope,
    c.evidence,
    c.universe,
    c.is_variant,
    c.uploader,
    a.organization_id as origin,
    c.dependence_class,
    round(sum(a.origin_share), 6) as models,
    round(sum(a.origin_share * c.is_derivative), 6) as derivatives,
    round(sum(a.origin_share * c.downloads_30d), 3) as downloads_30d,
    round(sum(a.origin_share * c.downloads_all_time), 3) as downloads_all_time,
    round(sum(a.origin_share * c.likes), 3) as likes
from classed as c
inner join core.ancestry as a
    on a.model_id = c.model_id and a.evidence = c.evidence and a.origin_share > 0
group by
    c.snapshot_date, c.scope, c.evidence, c.universe, c.is_variant, c.uploader, a.organization_id,
    c.dependence_class
