/*
description: >
  How many derivatives others uploaded on each day of age of a released model, up to 365, by declared and
  registered edges. A derivative counts for every parent that it names. Days without any have no row.
columns:
  series: VARCHAR | births_surviving or births_observed, see core.births.
  scope: VARCHAR | Which population the derivatives are of.
  model_id: VARCHAR | The released model, see core.released_models.
  age_days: BIGINT | Days from its release to the birth of the derivatives.
  derivatives: BIGINT | Derivatives born on that day, those of its own organization left out.
key: [series, scope, model_id, age_days]
checks:
  ranges: {age_days: [0, 365], derivatives: [1, null]}
*/
with edges as (
    select l.child_id, b.model_id, b.organization_id, b.release_date
    from core.lineage as l
    inner join core.released_models as b on b.model_id = l.parent_id
    where l.evidence <> 'inferred' and not l.is_superseded
)
select
    t.series,
    t.scope,
    e.model_id,
    t.birth_date - e.release_date as age_days,
    count(*) as derivatives
from edges as e
inner join core.births as t on t.model_id = e.child_id
inner join core.models as c on c.model_id = e.child_id
where t.birth_date - e.release_date between 0 and 365
    and coalesce(c.organization_id, '') <> e.organization_id
group by t.series, t.scope, e.model_id, t.birth_date - e.release_date
