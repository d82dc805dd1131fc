/*
description: >
  Where the monthly growth of the community's births turned, by the rules of Bry and Boschan, one row a turn,
  and one with turn 0 for each series that says whether turns could be looked for. Whole lists only. Method:
  pipelines/analysis/turning_points.py.
columns:
  series: VARCHAR | births_surviving or births_observed.
  scope: VARCHAR | Which population it is of.
  universe: VARCHAR | One universe, all, or unknown where the task is not known.
  as_of_date: DATE | The day of the newest list behind it.
  turn: BIGINT | Number of the turn in time, from 1; 0 for the row that only carries the status.
  month_date: DATE | First day of the month of the turn; null on the row of the status.
  kind: VARCHAR | peak (growth was highest, slower since) or trough; null on the row of the status.
  growth_pct_per_month: DOUBLE | Smoothed growth in that month, in percent a month.
  is_provisional: BOOLEAN | True until it has been there for six months, that is, while it is not found without the last six months of data; it may still vanish. Null on the row of the status.
  least_swing_pct: DOUBLE | How far noise alone moves the smoothed growth, in points of percent a month, in one series of 20, at least 1; growth moves further on either side of a turn.
  months: BIGINT | Full months behind the series.
  status: VARCHAR | estimated, or not estimable and why.
key: [series, scope, universe, as_of_date, turn]
made_by: turning_points.turning_points
inputs:
  months: >
    select series, scope, universe, as_of_date, is_illustration,
        cast(date_trunc('month', birth_date) as date) as month_date, last_full_date,
        sum(community_models)::bigint as births
    from marts.births_daily
    group by series, scope, universe, as_of_date, is_illustration,
        cast(date_trunc('month', birth_date) as date), last_full_date
checks:
  not_null: [months, status]
  ranges: {turn: [0, null], months: [0, null]}
  accepted: {kind: [peak, trough]}
*/
