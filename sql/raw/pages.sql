/*
description: >
  The landed pages of those sources that are asked subject by subject (repositories, packages, models by id):
  whom each page is about, and what the server answered. Pages of lists are counted in raw.snapshots.
columns:
  source: VARCHAR | Which source it came from.
  snapshot_date: DATE | The day that it is a picture of.
  scope: VARCHAR | Which population it covers.
  page: BIGINT | Number of the page, as in its file name.
  subject: VARCHAR | Whom it was asked about; null where one page is about several.
  status: BIGINT | HTTP status of the answer.
  url: VARCHAR | What was asked.
  final_url: VARCHAR | Where redirects led, without its query.
  records: BIGINT | Objects on the page, where they were counted.
  has_next: BOOLEAN | Whether the server named a next page.
key: [source, snapshot_date, scope, page]
made_by: pipelines.assets.landing
checks:
  not_null: [status, url]
*/
