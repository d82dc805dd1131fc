/*
description: >
  The counters of every live list of models ever landed, one row a list and model; kept in counters/ when the
  lists themselves are thinned out. A model that is not in a list has no row: it is not zero. One row a list
  and model by the way it is made; no check proves it, since a year of whole lists has 150 million rows.
columns:
  snapshot_date: DATE | The day of the list.
  scope: VARCHAR | Which population was listed.
  model_key: INTEGER | Key of the id, see staging.counted_models.
  downloads_30d: BIGINT | Downloads in the 30 days before; null when not told.
  downloads_all_time: BIGINT | Downloads since ever; null when not told.
  likes: BIGINT | Likes; null when not told.
key: []
made_by: pipelines.warehouse.counters
reads: [staging.models]
*/
