/*
description: >
  Each source that was ever asked: its newest day, how old that may get, and why the last attempt failed if it
  did. A source that is stale leaves the others as they are; what stands on it is older than it should be.
columns:
  source: VARCHAR | Name of the source.
  description: VARCHAR | What it is.
  is_live: BOOLEAN | True when we ask the API ourselves; false for what others recorded.
  as_of_date: DATE | The day of this release.
  newest_date: DATE | Newest day that was landed; null when nothing was.
  newest_is_complete: BOOLEAN | False while some subjects of that day are still to be asked.
  age_days: BIGINT | Days from the newest day to the day of this release.
  cadence_days: BIGINT | How many days it may be old; null for what is not asked again.
  is_stale: BOOLEAN | True when it is older than that, was never landed, or its last attempt failed.
  attempted_date: DATE | Day of the last attempt.
  failure: VARCHAR | Why the last attempt failed; null when it did not.
key: [source, is_live]
made_by: pipelines.assets.landing
checks:
  not_null: [description, is_live, as_of_date, is_stale]
*/
