/*
description: >
  The big releases of the event study, chosen before any effect was estimated; at most 25. The rule: the two
  with which the booms of images and of language models began, and of each calendar year the three first
  releases, dated to the day, whose families have the most derivatives in the list of text models of June 2025
  (hf/lineage-2025-06), with at least 500. More is not better: placebo dates must lie eight weeks away from
  every one of them. Later years are added after their end by the same rule and a newer list.
columns:
  release_id: VARCHAR | Row of releases.csv.
  rule: VARCHAR | beginning or most_derivatives.
  derivatives: BIGINT | Derivatives of its family in that list, as counted when it was chosen; empty for a beginning.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [release_id]
made_by: pipelines.warehouse.registers
checks:
  not_null: [release_id, rule, status, source]
  ranges: {derivatives: [500, null]}
  accepted:
    rule: [beginning, most_derivatives]
    status: [verified, unverified]
  references: {release_id: reference.releases.release_id}
*/
