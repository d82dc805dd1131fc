/*
description: >
  The series of births in which derivatives are known, one row a series and scope: what list they end with, where
  their data begins, and whether the population is partial. All that counts derivatives over time reads it from here.
columns:
  series: VARCHAR | births_surviving or births_observed.
  scope: VARCHAR | Which population the lists are of.
  as_of_date: DATE | The day of the newest list behind it.
  data_begin_date: DATE | The first day on which a birth could be seen.
  is_illustration: BOOLEAN | True when the population is partial.
key: [series, scope]
checks:
  not_null: [as_of_date, is_illustration]
*/
select
    d.series,
    d.scope,
    min(d.as_of_date) as as_of_date,
    min(d.data_begin_date) as data_begin_date,
    not min(c.is_whole_population) as is_illustration
from core.derivative_births as d
inner join core.snapshots as c
    on c.scope = d.scope and c.snapshot_date = d.as_of_date and c.is_model_list
group by d.series, d.scope
