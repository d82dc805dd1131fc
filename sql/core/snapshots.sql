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
  is_live: BOOLEAN | True when we asked the API ourselves; false for what others recorded.
  is_complete: BOOLEAN | False while some of its subjects are still to be asked.
  is_model_list: BOOLEAN | True for lists of models.
  selection: VARCHAR | window (created or changed lately) or bases (what descends from chosen ones), no pictures of what people use; null for all others.
  subjects: BIGINT | How many repositories, packages and so on it should cover; null for lists.
  pages: BIGINT | Number of landed answers.
  date_uncertainty_days: BIGINT | How many days the true day may be away.
  origin: VARCHAR | Who collected it.
  licence: VARCHAR | Licence as its collector states it.
  attribution: VARCHAR | What a page that shows it has to say.
  notes: VARCHAR[] | What went oddly while it was landed.
key: [source, snapshot_date, scope]
checks:
  not_null: [title, is_whole_population, is_live, is_complete, is_model_list]
*/
select
    source,
    snapshot_date,
    scope,
    title,
    is_whole_population,
    is_live,
    is_complete,
    source in ('huggingface_models', 'hub_stats') as is_model_list,
    selection,
    subjects,
    pages,
    date_uncertainty_days,
    origin,
    licence,
    attribution,
    notes
from raw.snapshots
