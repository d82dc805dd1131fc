/*
description: >
  Every snapshot and series that was landed, with the population that it is a picture of. A line never joins
  rows of different scope.
columns:
  source: VARCHAR | Which source it came from.
  snapshot_date: DATE | The day that it is a picture of; for a series its last day.
  scope: VARCHAR | Short name of the population.
  title: VARCHAR | The population in words.
  is_whole_population: BOOLEAN | True when it covers all there is, for instance the whole Hub.
  date_uncertainty_days: BIGINT | How many days the true day may be away.
  origin: VARCHAR | Who collected it.
  licence: VARCHAR | Licence as its collector states it.
  attribution: VARCHAR | What a page that shows it has to say.
key: [source, snapshot_date, scope]
checks:
  not_null: [title, is_whole_population]
*/
select
    source,
    snapshot_date,
    scope,
    title,
    is_whole_population,
    date_uncertainty_days,
    origin,
    licence,
    attribution
from raw.snapshots
