/*
description: >
  How much of a week's births has come by the end of its first, second, ... sixth day, from the last 26 full
  weeks: the profile by which explosion_weekly fills up the unfinished week. Whole lists only.
columns:
  series: VARCHAR | births_surviving or births_observed.
  scope: VARCHAR | Which population the lists are of.
  universe: VARCHAR | One universe, all, or unknown where the task is not known.
  as_of_date: DATE | The day of the newest list behind it.
  days: BIGINT | Full days of the week that have passed, from Monday; 1 to 6.
  weeks: BIGINT | Full weeks behind it.
  share: DOUBLE | Part of the week's births that has come by then, 0 to 1; 1 / (1 + e^m) with m the mean of the weeks' ln((still to come + 1/2) / (come + 1/2)). Null when not estimable.
  share_lower: DOUBLE | Lower end of the 95 % prediction interval for the share of one further week.
  share_upper: DOUBLE | Upper end of it.
  status: VARCHAR | estimated, or not estimable and why.
key: [series, scope, universe, as_of_date, days]
made_by: nowcast.weekly_profile
inputs:
  days: >
    select series, scope, universe, as_of_date, birth_date, models, last_full_date
    from marts.births_daily
    where not is_illustration and birth_date > last_full_date - 200
checks:
  not_null: [weeks, status]
  ranges: {days: [1, 6], weeks: [0, 26], share: [0, 1], share_lower: [0, 1], share_upper: [0, 1]}
*/
