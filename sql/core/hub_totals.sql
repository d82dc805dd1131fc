/*
description: How many public models the whole Hub held on a day, as reported, with the source of each report.
columns:
  as_of_date: DATE | The day of the count.
  models: BIGINT | Number of public models on the whole Hub.
  status: VARCHAR | verified, or unverified and left out of growth.
  source: VARCHAR | Where the figure was read.
  note: VARCHAR | What a reader should know, for instance that it is rounded.
key: [as_of_date]
checks:
  not_null: [models, status, source]
*/
select as_of_date, models, status, source, note
from reference.hub_totals
