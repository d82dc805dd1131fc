/*
description: >
  How a model's credit of 1 flows up its lineage to organizations, once over declared edges alone and once
  with curated evidence. Origin shares of a model sum to 1; through shares do not.
columns:
  model_id: VARCHAR | The model.
  evidence: VARCHAR | declared (tags alone), curated (also adapter configurations and verified register rows) or inferred (also what names suggest).
  organization_id: VARCHAR | The organization, or unknown where no lineage is known.
  origin_share: DOUBLE | Credit that ends at this organization's roots.
  through_share: DOUBLE | Credit whose path meets this organization at least once; null for unknown.
key: [model_id, evidence, organization_id]
is_view: true
checks:
  not_null: [origin_share]
  ranges: {origin_share: [0, 1.000000001], through_share: [0, 1.000000001]}
  accepted: {evidence: [declared, curated, inferred]}
*/
select d.model_id, 'declared' as evidence, s.organization_id, s.origin_share, s.through_share
from core.descents as d
inner join core.credit_shares as s on s.way = d.declared_way
union all
select d.model_id, 'curated' as evidence, s.organization_id, s.origin_share, s.through_share
from core.descents as d
inner join core.credit_shares as s on s.way = d.curated_way
union all
select d.model_id, 'inferred' as evidence, s.organization_id, s.origin_share, s.through_share
from core.descents as d
inner join core.credit_shares as s on s.way = d.inferred_way
