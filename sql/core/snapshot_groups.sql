/*
description: >
  The lists once more, with the models of a list that are alike in all that the tables of licences, families and
  coverage tell apart as one row: these join and read thousands of rows, not millions. Evidence is curated.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  universe: VARCHAR | Universe of the task; unknown where the task is not known.
  dependence_class: VARCHAR | first_party, derived, independent or unknown.
  is_derivative: BOOLEAN | True when a parent is known.
  license: VARCHAR | Licence tag; (none) when none is known.
  gate: VARCHAR | gated, open or unknown.
  family: VARCHAR | Nearest curated generation along the main line of descent; (none) when none.
  root_family: VARCHAR | Curated generation of the last known ancestor; (none) when none.
  models: BIGINT | Number of models.
  counted_models: BIGINT | Those of them that tell downloads.
  downloads_30d: BIGINT | Their downloads in 30 days; null where none tells them.
key: [snapshot_date, scope, universe, dependence_class, is_derivative, license, gate, family, root_family]
checks:
  not_null: [models, counted_models]
  accepted:
    dependence_class: [first_party, derived, independent, unknown]
    gate: [gated, open, unknown]
*/
select
    s.snapshot_date,
    s.scope,
    s.universe,
    case when s.is_first_party then 'first_party' else r.upstream_class end as dependence_class,
    r.parents > 0 as is_derivative,
    coalesce(m.license, '(none)') as license,
    case when m.is_gated then 'gated' when not m.is_gated then 'open' else 'unknown' end as gate,
    coalesce(m.family, '(none)') as family,
    coalesce(f.family, '(none)') as root_family,
    count(*) as models,
    count(s.downloads_30d) as counted_models,
    sum(s.downloads_30d)::bigint as downloads_30d
from core.model_snapshots as s
inner join core.models as m on m.model_id = s.model_id
inner join core.model_roots as r on r.model_id = s.model_id and r.evidence = 'curated'
left join staging.family_matches as f on f.model_id = r.root_id
group by
    s.snapshot_date,
    s.scope,
    s.universe,
    case when s.is_first_party then 'first_party' else r.upstream_class end,
    r.parents > 0,
    coalesce(m.license, '(none)'),
    case when m.is_gated then 'gated' when not m.is_gated then 'open' else 'unknown' end,
    coalesce(m.family, '(none)'),
    coalesce(f.family, '(none)')
