/*
description: >
  Growth of the whole Hub between totals, reported or counted, the recorded answer to "is the explosion on". Each report
  is compared with the latest one at least 150 days before it, so that the day of a report hardly matters.
  Models are deleted too: this is net growth. Two totals give no sampling interval; the bounds hold what two
  days of doubt about each date do to the rate, and the regime follows from them alone.
columns:
  from_date: DATE | Earlier report.
  to_date: DATE | Later report.
  from_models: BIGINT | Models on the earlier day.
  to_models: BIGINT | Models on the later day.
  days: BIGINT | Days between them.
  added_per_day: DOUBLE | Models added, net, a day.
  growth_pct_per_week: DOUBLE | Constant weekly growth that leads from one to the other, in percent.
  doubling_days: DOUBLE | Days in which the number doubles at that rate; null when it does not grow.
  growth_lower_pct: DOUBLE | The least weekly growth, in percent, if each date may be two days away.
  growth_upper_pct: DOUBLE | The most.
  regime: VARCHAR | explosive (the lower bound doubles the Hub in 26 weeks), growing, contraction, plateau (slower than doubling in 104 weeks either way) or undetermined, by the bounds alone.
key: [to_date]
checks:
  not_null: [from_date, from_models, to_models, days, growth_lower_pct, growth_upper_pct, regime]
  ranges: {days: [150, null], doubling_days: [0, null]}
  accepted: {regime: [explosive, growing, contraction, plateau, undetermined]}
*/
with reports as (
    select as_of_date, models
    from core.hub_totals
    where status = 'verified'
),
nearest as (
    select later.as_of_date as to_date, max(earlier.as_of_date) as from_date
    from reports as later
    inner join reports as earlier on date_diff('day', earlier.as_of_date, later.as_of_date) >= 150
    group by later.as_of_date
),
paired as (
    select
        n.from_date,
        n.to_date,
        earlier.models as from_models,
        later.models as to_models,
        date_diff('day', n.from_date, n.to_date) as days
    from nearest as n
    inner join reports as earlier on earlier.as_of_date = n.from_date
    inner join reports as later on later.as_of_date = n.to_date
),
bounded as (
    select
        *,
        least(
            ln(to_models / from_models) * 7 / (days + 4), ln(to_models / from_models) * 7 / (days - 4)
        ) as least_growth,
        greatest(
            ln(to_models / from_models) * 7 / (days + 4), ln(to_models / from_models) * 7 / (days - 4)
        ) as most_growth
    from paired
)
select
    from_date,
    to_date,
    from_models,
    to_models,
    days,
    round((to_models - from_models) / days, 6) as added_per_day,
    round(100 * (exp(ln(to_models / from_models) * 7 / days) - 1), 9) as growth_pct_per_week,
    case
        when to_models > from_models then round(ln(2) * days / ln(to_models / from_models), 6)
    end as doubling_days,
    round(100 * (exp(least_growth) - 1), 9) as growth_lower_pct,
    round(100 * (exp(most_growth) - 1), 9) as growth_upper_pct,
    case
        when least_growth >= ln(2) / 26 then 'explosive'
        when least_growth > 0 then 'growing'
        when most_growth < 0 then 'contraction'
        when least_growth >= -ln(2) / 104 and most_growth <= ln(2) / 104 then 'plateau'
        else 'undetermined'
    end as regime
from bounded
