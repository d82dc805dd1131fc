/*
description: >
  Growth of the whole Hub's stock as one line through its totals of the last two years, the latest total of
  every four weeks counted back from the newest. One row. It averages over the two years; hub_growth tells of
  the single spans.
columns:
  from_date: DATE | Earliest total that was used.
  to_date: DATE | Newest total.
  reports: BIGINT | How many totals were used.
  growth_pct_per_week: DOUBLE | Growth a week of the fitted line, in percent. Null when not estimable.
  growth_lower_pct: DOUBLE | Lower end of the 95 % interval; it holds how far the totals lie from one line, not how they were counted.
  growth_upper_pct: DOUBLE | Upper end of it.
  doubling_days: DOUBLE | Days in which the number doubles at that rate; only where the interval excludes zero.
  doubling_lower_days: DOUBLE | Lower end of its 95 % interval.
  doubling_upper_days: DOUBLE | Upper end of it; null where there is none.
  regime: VARCHAR | explosive, growing, contraction, plateau or undetermined, from the interval alone.
  status: VARCHAR | estimated, or not estimable and why.
key: [to_date]
made_by: growth.hub_growth_fit
inputs:
  reports: >
    with verified as (
        select as_of_date, models, max(as_of_date) over () as newest_date
        from core.hub_totals
        where status = 'verified' and models > 0
    ),
    placed as (
        select
            as_of_date,
            models,
            row_number() over (
                partition by floor(date_diff('day', as_of_date, newest_date) / 28) order by as_of_date desc
            ) as place
        from verified
        where date_diff('day', as_of_date, newest_date) <= 730
    )
    select as_of_date, models from placed where place = 1
checks:
  not_null: [from_date, reports, status]
  accepted: {regime: [explosive, growing, contraction, plateau, undetermined]}
*/
