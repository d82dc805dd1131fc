/*
description: How many public models the whole Hugging Face Hub held on a day, as reported.
columns:
  as_of_date: DATE | The day of the count.
  models: BIGINT | Number of public models on the whole Hub.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know, for instance that the figure is rounded.
key: [as_of_date]
made_by: pipelines.warehouse.registers
checks:
  not_null: [as_of_date, models, status, source]
  accepted: {status: [verified, unverified]}
  ranges: {models: [1, 1000000000]}
*/
