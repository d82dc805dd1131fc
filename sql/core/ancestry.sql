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
made_by: pipelines.analysis.attribution
reads: [core.lineage, core.organizations, staging.known_models, staging.model_ids, staging.family_matches, reference.accounts, reference.origins]
checks:
  not_null: [origin_share]
  ranges: {origin_share: [0, 1.000000001], through_share: [0, 1.000000001]}
  accepted: {evidence: [declared, curated, inferred]}
*/
