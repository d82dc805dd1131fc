/*
description: The manifests of all landed snapshots and series, one row each.
columns:
  source: VARCHAR | Which source it came from.
  snapshot_date: DATE | The day that it is a picture of; for a series its last day.
  scope: VARCHAR | Which population it covers.
  title: VARCHAR | The population in words.
  is_whole_population: BOOLEAN | True when it covers all there is, for instance the whole Hub.
  is_live: BOOLEAN | True when we asked the API ourselves; false for what others recorded.
  is_complete: BOOLEAN | False while some of its subjects are still to be asked.
  selection: VARCHAR | What decides who is in it; window and bases are no pictures of what people use.
  subjects: BIGINT | How many repositories, packages and so on it should cover; null for lists.
  date_uncertainty_days: BIGINT | How many days the true day may be away.
  fields: VARCHAR[] | Which fields were asked for; others are null because nobody asked.
  origin: VARCHAR | Who collected it.
  licence: VARCHAR | Licence as its collector states it.
  attribution: VARCHAR | What a page that shows it has to say.
  pages: BIGINT | Number of landed pages.
  notes: VARCHAR[] | What went oddly while it was landed.
  content_sha256: VARCHAR | Checksum over all pages.
key: [source, snapshot_date, scope]
made_by: pipelines.assets.landing
checks:
  not_null: [title, is_whole_population, is_live, is_complete, date_uncertainty_days, pages, content_sha256]
*/
