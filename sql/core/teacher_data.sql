/*
description: >
  Whose models wrote or judged the data that a model, or any of its ancestors, names as trained on: a dependence
  beside that of weights. Models rarely name their data, so this is a lower bound. One row a model, evidence of its
  lineage, teacher, access, and status of the register rows behind it.
columns:
  model_id: VARCHAR | The model.
  evidence: VARCHAR | Which lineage is followed upwards, declared, curated or inferred; see core.model_roots.
  teacher_organization_id: VARCHAR | Organization whose model wrote or judged the data.
  is_proprietary: BOOLEAN | True where that model's weights are not open.
  is_verified: BOOLEAN | True where a verified register row says so; the others are left out of headlines.
  basis: VARCHAR | own (the model itself names the data) or inherited (only ancestors do).
key: [model_id, evidence, teacher_organization_id, is_proprietary, is_verified]
checks:
  not_null: [is_verified, basis]
  accepted:
    evidence: [declared, curated, inferred]
    basis: [own, inherited]
*/
with recursive own as (
    select distinct
        d.model_id,
        t.teacher_organization_id,
        t.teacher_access = 'proprietary' as is_proprietary,
        t.status = 'verified' as is_verified
    from staging.model_datasets as d
    inner join reference.teacher_datasets as t on lower(t.dataset_id) = d.dataset_id
    where t.kind <> 'human' and t.teacher_access in ('proprietary', 'open') and t.teacher_organization_id is not null
),
edges as (
    select child_id, parent_id, 'declared' as evidence from core.lineage where evidence = 'declared'
    union all
    select child_id, parent_id, 'curated' from core.lineage where evidence <> 'inferred' and not is_superseded
    union all
    select child_id, parent_id, 'inferred' from core.lineage where not is_superseded
),
taught (model_id, evidence, teacher_organization_id, is_proprietary, is_verified) as (
    select o.model_id, e.evidence, o.teacher_organization_id, o.is_proprietary, o.is_verified
    from own as o
    cross join (values ('declared'), ('curated'), ('inferred')) as e (evidence)
    union
    select e.child_id, e.evidence, t.teacher_organization_id, t.is_proprietary, t.is_verified
    from taught as t
    inner join edges as e on e.parent_id = t.model_id and e.evidence = t.evidence
)
select
    t.model_id,
    t.evidence,
    t.teacher_organization_id,
    t.is_proprietary,
    t.is_verified,
    case when o.model_id is null then 'inherited' else 'own' end as basis
from taught as t
left join own as o
    on o.model_id = t.model_id and o.teacher_organization_id = t.teacher_organization_id
    and o.is_proprietary = t.is_proprietary and o.is_verified = t.is_verified
