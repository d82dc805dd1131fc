/*
description: What of each list belongs to which curated generation; models without a family are one row.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  family: VARCHAR | The generation, or (none).
  models: BIGINT | Number of models.
  downloads_30d: BIGINT | Their downloads in 30 days; null when the list does not tell them.
  share: DOUBLE | Part of the list's downloads.
key: [snapshot_date, scope, family]
checks:
  not_null: [models]
  ranges: {share: [0, 1]}
*/
select
    snapshot_date,
    scope,
    family,
    sum(models)::bigint as models,
    sum(downloads_30d)::bigint as downloads_30d,
    round(
        sum(downloads_30d) / nullif(sum(sum(downloads_30d)) over (partition by snapshot_date, scope), 0), 9
    ) as share
from core.snapshot_groups
group by snapshot_date, scope, family
