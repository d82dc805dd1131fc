/*
description: >
  How many public models the whole Hub held on a day: as reported by others, with the source of each report,
  and as counted by our own whole walks. On a day with both, the report stands.
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
union all
select
    c.snapshot_date,
    count(*),
    'verified',
    'own whole walk over the Hub''s list of models',
    null
from core.snapshots as c
inner join staging.model_counts as n on n.snapshot_date = c.snapshot_date and n.scope = c.scope
where
    c.source = 'huggingface_models' and c.is_live and c.is_whole_population
    and not exists (select 1 from reference.hub_totals as r where r.as_of_date = c.snapshot_date)
group by c.snapshot_date
