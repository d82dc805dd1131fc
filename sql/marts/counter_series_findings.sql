/*
description: >
  Where daily series of the 30-day counter alone contradict or repeat themselves, jump or have gaps, one row a
  finding. The rules stand in pipelines/analysis/counters.py: infeasible means that no non-negative daily
  downloads have these rolling sums of thirty days, tested in windows of at most 60 days with a tolerance of 10
  downloads and 5 percent; daily downloads are never backed out.
columns:
  scope: VARCHAR | Which population was watched.
  snapshot_date: DATE | The day on which it shows; of a gap the first day after it.
  model_id: VARCHAR | Id today.
  finding: VARCHAR | infeasible, stuck, list_stuck, jump or gap.
  compared_date: DATE | The earlier reading that it is held against; of a window or run its first day.
  downloads_30d: BIGINT | The counter on the day.
  lower: BIGINT | For infeasible the least counter on compared_date that would agree, for jump what was to be expected at least.
  upper: BIGINT | For infeasible the counter on compared_date, for jump what was to be expected at most.
  days: BIGINT | Days from compared_date to the day; of a gap how many days are missing.
  likelihood: DOUBLE | For stuck and list_stuck the probability of so many repeats by chance, see the rules.
  is_list_wide: BOOLEAN | True when the whole list stood still or was not read, which says nothing of the model.
key: [scope, snapshot_date, model_id, finding]
checks:
  not_null: [compared_date, downloads_30d, days, is_list_wide]
  accepted: {finding: [infeasible, stuck, list_stuck, jump, gap]}
  ranges: {days: [1, null], likelihood: [0, 1]}
made_by: counters.series_findings
inputs:
  series: select scope, date, model_id, downloads_30d from staging.model_counters
*/
