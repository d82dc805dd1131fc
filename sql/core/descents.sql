/*
description: >
  Where each model's main line of descent begins and which way its credit goes, one row a model, a group of
  columns a level of evidence: what core.model_roots and core.ancestry are read from. Millions of models share
  a few ways; written out, these tables would be nine times as long.
columns:
  model_id: VARCHAR | The model.
  declared_way: INTEGER | The way its credit goes, by tags alone; see core.credit_ways.
  declared_root_id: VARCHAR | Last known ancestor along the main line; null where it is the model itself.
  declared_parents: BIGINT | Number of known parents.
  declared_depth: BIGINT | Longest known line of descent, in edges.
  declared_family: VARCHAR | Nearest curated family along the main line, the model itself included.
  curated_way: INTEGER | The way its credit goes, registers and configurations admitted; see core.credit_ways.
  curated_root_id: VARCHAR | Last known ancestor along the main line; null where it is the model itself.
  curated_parents: BIGINT | Number of known parents.
  curated_depth: BIGINT | Longest known line of descent, in edges.
  curated_family: VARCHAR | Nearest curated family along the main line, the model itself included.
  inferred_way: INTEGER | The way its credit goes, what names suggest admitted too; see core.credit_ways.
  inferred_root_id: VARCHAR | Last known ancestor along the main line; null where it is the model itself.
  inferred_parents: BIGINT | Number of known parents.
  inferred_depth: BIGINT | Longest known line of descent, in edges.
  inferred_family: VARCHAR | Nearest curated family along the main line, the model itself included.
key: [model_id]
is_private: true
made_by: pipelines.analysis.attribution
reads: [core.lineage, core.organizations, staging.known_models, staging.model_ids, staging.family_matches, reference.accounts, reference.origins]
checks:
  not_null: [declared_way, declared_parents, declared_depth, curated_way, curated_parents, curated_depth, inferred_way, inferred_parents, inferred_depth]
*/
