/*
description: >
  Models whose repository was not made on the day that they came out, and the day on which they did. Makers
  upload weights privately and open them later, or open a new repository for what was out before.
columns:
  model_id: VARCHAR | The model.
  release_date: DATE | The day on which it came out.
  hub_created_date: DATE | The repository's creation as the Hub gave it when the day was corrected.
  status: VARCHAR | verified or unverified; an unverified correction corrects nothing.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [model_id]
made_by: pipelines.warehouse.registers
checks:
  not_null: [model_id, release_date, status, source]
  accepted: {status: [verified, unverified]}
*/
