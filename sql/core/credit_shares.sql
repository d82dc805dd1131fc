/*
description: The shares of organizations in the credit of each way, one row a way and organization; see core.ancestry.
columns:
  way: INTEGER | The way, see core.credit_ways.
  organization_id: VARCHAR | The organization, or unknown where no lineage is known.
  origin_share: DOUBLE | Credit that ends at this organization's roots.
  through_share: DOUBLE | Credit whose path meets this organization at least once; null for unknown.
key: [way, organization_id]
is_private: true
made_by: pipelines.analysis.attribution
reads: [core.lineage, core.organizations, staging.known_models, staging.model_ids, staging.family_matches, reference.accounts, reference.origins]
checks:
  not_null: [origin_share]
*/
