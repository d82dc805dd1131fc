/*
description: >
  How long generations of models live. S(t): of those that were alive 90 days after their release, the share
  that was still alive at age t, that is without 180 silent days by then (marts.family_lives). Families that
  are older than the data come under observation at their age on its first day, and count from then on; the
  living are followed until 180 days before the end of the data. Kaplan and Meier's estimate with Greenwood's
  variance and a log-log interval. The register holds generations that became known, so the curve is theirs;
  of those older than the data, ten derivatives are asked for, whenever they came. A partial list cannot show
  a death, so it gives no curve.
columns:
  series: VARCHAR | births_surviving or births_observed, as in core.derivative_births.
  scope: VARCHAR | Which population the lists are of.
  includes_variants: BOOLEAN | Whether quantized copies, mirrors and conversions count as derivatives.
  age_days: BIGINT | Age t in days since the release, every 90 days to five years.
  is_illustration: BOOLEAN | True when the population is partial.
  at_risk: BIGINT | Families under observation and alive at that age.
  deaths: BIGINT | Deaths after day 90 and up to that age.
  least_at_risk: BIGINT | The smallest number at risk on a day of death up to that age, or at that age itself.
  survival: DOUBLE | S(t); 0 to 1; null when not estimable.
  lower: DOUBLE | Lower end of the 95 % interval; null before the first death.
  upper: DOUBLE | Upper end of the 95 % interval; null before the first death.
  status: VARCHAR | estimated; estimated without interval, where nobody has died yet; or not estimable, with the reason.
key: [series, scope, includes_variants, age_days]
made_by: survival.family_survival
inputs:
  lives: >
    select
        series, scope, includes_variants, is_illustration,
        cast(entry_date - release_date as bigint) as entry_days,
        cast(exit_date - release_date as bigint) as exit_days,
        life_state = 'dead' as is_dead
    from marts.family_lives
checks:
  not_null: [is_illustration, at_risk, deaths, least_at_risk, status]
  ranges: {survival: [0, 1], lower: [0, 1], upper: [0, 1]}
*/
