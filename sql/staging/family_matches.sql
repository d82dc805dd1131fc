/*
description: Models whose own id belongs to a curated family; the longest matching pattern wins.
columns:
  model_id: VARCHAR | Id today.
  family: VARCHAR | The curated generation.
  organization_id: VARCHAR | Who made it.
  status: VARCHAR | verified or unverified, as in the register.
key: [model_id]
made_by: family_names.match
inputs:
  ids: select model_id from staging.model_ids
  patterns: select pattern, family, organization_id, status from reference.families
checks:
  not_null: [family, organization_id, status]
*/
