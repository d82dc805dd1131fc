/*
description: >
  How fast births grow: a log-link quasi-Poisson fit of the weekly births on time over each window of 26
  finished weeks, by universe and by the organization at the origin. Windows that can be estimated, and the
  newest one in any case. The growth of the Hub's stock is in hub_growth. Method: pipelines/analysis/growth.py.
columns:
  series: VARCHAR | births_surviving (what was deleted is missing from the past, which makes growth look faster) or births_observed.
  scope: VARCHAR | Which population it is of.
  as_of_date: DATE | The day of the newest list behind it.
  subject_kind: VARCHAR | universe or origin.
  subject: VARCHAR | The universe (or all), or the organization at the origin (or unknown).
  measure: VARCHAR | What is counted, models, derivatives, quantizations, community_models or community_derivatives; see explosion_weekly.
  from_date: DATE | First day of the window, a Monday.
  to_date: DATE | Last day of the window, a Sunday.
  weeks: BIGINT | Weeks of the window that were observed, at most 26.
  births: DOUBLE | Births in them.
  growth_pct_per_week: DOUBLE | Growth of the births in percent a week, 100 (e^slope - 1). Null when not estimable.
  growth_lower_pct: DOUBLE | Lower end of the 95 % interval.
  growth_upper_pct: DOUBLE | Upper end of it.
  dispersion: DOUBLE | Pearson's chi-square by degrees of freedom; 1 if births came like Poisson's.
  autocorrelation: DOUBLE | Of the residuals of neighbouring weeks, corrected for the bias of short series; 0 to 0.95.
  doubling_days: DOUBLE | Days in which births double at that rate; only where the interval excludes zero.
  doubling_lower_days: DOUBLE | Lower end of its 95 % interval; the only thing known where the interval of growth includes zero. Null when births shrink for certain.
  doubling_upper_days: DOUBLE | Upper end of it; null where there is none.
  regime: VARCHAR | explosive, growing, contraction, plateau or undetermined, from the interval alone; null when not estimable.
  status: VARCHAR | estimated, or not estimable and why.
key: [series, scope, as_of_date, subject_kind, subject, measure, to_date]
made_by: growth.growth_rates
inputs:
  weeks: >
    select series, scope, as_of_date, is_illustration, week_date, observed_days
    from marts.explosion_weekly
    where series <> 'net_stock' and universe = 'all' and not is_unfinished
  births: >
    select series, scope, as_of_date, 'universe' as subject_kind, universe as subject, 'models' as measure,
        week_date, cast(models as double) as births
    from marts.explosion_weekly where series <> 'net_stock' and not is_unfinished
    union all
    select series, scope, as_of_date, 'universe', universe, 'derivatives', week_date, cast(derivatives as double)
    from marts.explosion_weekly where series <> 'net_stock' and not is_unfinished
    union all
    select series, scope, as_of_date, 'universe', universe, 'quantizations', week_date,
        cast(quantizations as double)
    from marts.explosion_weekly where series <> 'net_stock' and not is_unfinished
    union all
    select series, scope, as_of_date, 'universe', universe, 'community_models', week_date,
        cast(community_models as double)
    from marts.explosion_weekly where series <> 'net_stock' and not is_unfinished
    union all
    select series, scope, as_of_date, 'universe', universe, 'community_derivatives', week_date,
        cast(community_derivatives as double)
    from marts.explosion_weekly where series <> 'net_stock' and not is_unfinished
    union all
    select series, scope, as_of_date, 'origin', origin, 'derivatives', week_date, derivatives
    from marts.explosion_by_origin_weekly where not is_unfinished
    union all
    select series, scope, as_of_date, 'origin', origin, 'community_derivatives', week_date,
        community_derivatives
    from marts.explosion_by_origin_weekly where not is_unfinished
checks:
  not_null: [from_date, weeks, births, status]
  ranges:
    weeks: [0, 26]
    dispersion: [0, null]
    autocorrelation: [0, 0.95]
    doubling_days: [0, null]
    doubling_lower_days: [0, null]
    doubling_upper_days: [0, null]
  accepted:
    subject_kind: [universe, origin]
    regime: [explosive, growing, contraction, plateau, undetermined]
*/
