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
  derivatives: BIGINT | Those that were neither uploaded by its maker nor, by the register of origins, trained by it from scratch.
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
-- What the maker of a family uploaded itself is no derivative of it, nor what others keep for it (BERT, GPT-2).
members as (
    select
        m.model_id, m.family, m.account, m.depth, m.is_named_only,
        m.organization_id is distinct from f.organization_id
        and o.trained_by is distinct from f.organization_id as is_derivative
    from core.models as m
    inner join register as f on f.family = m.family
    left join reference.origins as o
        on o.model_id = m.model_id and o.origin = 'scratch' and o.status = 'verified'
),
counted as (
    select
        family,
        count(*) as models,
        count(case when is_derivative then 1 end) as derivatives,
        count(distinct case when is_derivative then account end) as accounts,
        max(depth) as deepest,
        count(case when is_named_only then 1 end) as named_only
    from members
    group by family
),
related as (
    select m.family, l.relation, count(distinct m.model_id) as models
    from core.lineage as l
    inner join members as m on m.model_id = l.child_id
    where m.is_derivative and not l.is_superseded and l.evidence <> 'inferred'
    group by m.family, l.relation
),
relations as (
    select
        family,
        sum(case when relation = 'finetune' then models else 0 end)::bigint as finetunes,
        sum(case when relation = 'adapter' then models else 0 end)::bigint as adapters,
        sum(case when relation = 'quantized' then models else 0 end)::bigint as quantized,
        sum(case when relation = 'merge' then models else 0 end)::bigint as merges
    from related
    group by family
)
select
    f.family,
    f.organization_id,
    o.name as organization,
    o.is_well_funded,
    f.modality,
    f.first_release_date,
    coalesce(c.models, 0) as models,
    coalesce(c.derivatives, 0) as derivatives,
    coalesce(r.finetunes, 0) as finetunes,
    coalesce(r.adapters, 0) as adapters,
    coalesce(r.quantized, 0) as quantized,
    coalesce(r.merges, 0) as merges,
    coalesce(c.accounts, 0) as accounts,
    coalesce(c.deepest, 0) as deepest,
    coalesce(c.named_only, 0) as named_only
from register as f
inner join core.organizations as o on o.organization_id = f.organization_id
left join counted as c on c.family = f.family
left join relations as r on r.family = f.family
