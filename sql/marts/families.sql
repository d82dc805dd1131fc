/*
description: >
  The curated generations of models and what descends from them in all landed lists together. The lists are
  partial, so counts are of what was seen and say nothing of what was not.
columns:
  family: VARCHAR | The generation.
  organization_id: VARCHAR | Who made it.
  organization: VARCHAR | Its name.
  is_well_funded: BOOLEAN | Whether its maker is well funded; null when not known.
  modality: VARCHAR | language, image, audio, video, multimodal, embedding, vision, code or other.
  first_release_date: DATE | First release of the generation.
  models: BIGINT | Models of the family that are known, its maker's own included.
  derivatives: BIGINT | Those that were not uploaded by its maker.
  finetunes: BIGINT | Derivatives that are a finetune; one model can be several things.
  adapters: BIGINT | Derivatives that are an adapter.
  quantized: BIGINT | Derivatives that are quantized copies.
  merges: BIGINT | Derivatives that are merges.
  accounts: BIGINT | Number of accounts behind the derivatives.
  deepest: BIGINT | Longest line of descent, in edges.
  named_only: BIGINT | Models that no list had and that are only named as a base.
key: [family]
checks:
  not_null: [organization_id, organization, modality, models, derivatives]
  ranges: {derivatives: [0, null]}
*/
with register as (
    select
        family,
        min(organization_id) as organization_id,
        min(modality) as modality,
        min(first_release_date) as first_release_date
    from reference.families
    group by family
),
relations as (
    select distinct child_id, relation from core.lineage where not is_superseded and evidence <> 'inferred'
)
select
    f.family,
    f.organization_id,
    o.name as organization,
    o.is_well_funded,
    f.modality,
    f.first_release_date,
    count(distinct m.model_id) as models,
    count(distinct case when m.organization_id is distinct from f.organization_id then m.model_id end)
        as derivatives,
    count(distinct case when r.relation = 'finetune' and m.organization_id is distinct from f.organization_id
        then m.model_id end) as finetunes,
    count(distinct case when r.relation = 'adapter' and m.organization_id is distinct from f.organization_id
        then m.model_id end) as adapters,
    count(distinct case when r.relation = 'quantized' and m.organization_id is distinct from f.organization_id
        then m.model_id end) as quantized,
    count(distinct case when r.relation = 'merge' and m.organization_id is distinct from f.organization_id
        then m.model_id end) as merges,
    count(distinct case when m.organization_id is distinct from f.organization_id then m.account end)
        as accounts,
    coalesce(max(m.depth), 0) as deepest,
    count(distinct case when m.is_named_only then m.model_id end) as named_only
from register as f
inner join core.organizations as o on o.organization_id = f.organization_id
left join core.models as m on m.family = f.family
left join relations as r on r.child_id = m.model_id
group by f.family, f.organization_id, o.name, o.is_well_funded, f.modality, f.first_release_date
