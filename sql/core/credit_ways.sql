/*
description: >
  The distinct ways in which a model's credit flows up its lineage, one row a way; models of one way differ in
  nothing that is said here. Definitions: pipelines/analysis/attribution.py.
columns:
  way: INTEGER | Number of the way, of one level of evidence.
  evidence: VARCHAR | declared, curated or inferred.
  is_derivative: BOOLEAN | True where its models have a known parent.
  origin_basis: VARCHAR | See core.model_roots, as all that follows.
  well_funded_share: DOUBLE | Credit whose path meets a well-funded organization.
  upstream_well_funded_share: DOUBLE | The same without the model's own uploader.
  registered_independent_share: DOUBLE | Credit that ends in roots registered as independent.
  assumed_share: DOUBLE | Credit that ends in roots credited to their uploader.
  unknown_share: DOUBLE | Credit that ends where no lineage is known.
  upstream_class: VARCHAR | derived, independent or unknown.
key: [way]
is_private: true
made_by: pipelines.analysis.attribution
reads: [core.lineage, core.organizations, staging.known_models, staging.model_ids, staging.family_matches, reference.accounts, reference.origins]
checks:
  not_null: [evidence, is_derivative, well_funded_share, upstream_well_funded_share, registered_independent_share, assumed_share, unknown_share, upstream_class]
*/
