/*
description: The short keys of models in staging.model_counts, given once and kept for ever in counters/models.
columns:
  model_key: INTEGER | Key, from 0.
  seen_id: VARCHAR | Id as given in the list that first had it.
key: [model_key]
made_by: pipelines.warehouse.counters
reads: [staging.models]
checks:
  not_null: [seen_id]
*/
