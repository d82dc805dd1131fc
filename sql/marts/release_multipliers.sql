/*
description: >
  How many derivatives a release sets off, by its size: models that other organizations or private accounts
  upload upon a released model (core.released_models) within 90 and 365 days of its release, models without
  any included. Estimated on whole populations only.
columns:
  series: VARCHAR | births_surviving or births_observed, see core.births.
  scope: VARCHAR | Which population the derivatives are of.
  size_class: VARCHAR | Parameters of the released model, below 3B, 3B to 10B, 10B to 40B or above 40B; as told, else as its name says.
  horizon_days: BIGINT | 90 or 365; only releases that the data covers for so long count.
  as_of_date: DATE | The list behind the derivatives.
  bases: BIGINT | Number of releases.
  organizations: BIGINT | Number of organizations that released them.
  derivatives_median: DOUBLE | Median number of derivatives per release, by declared and registered edges; each counts for every parent that it names.
  median_lower: DOUBLE | Lower end of its 95 % interval, from organizations drawn anew (1,000 draws), since the releases of one firm are alike.
  median_upper: DOUBLE | Upper end.
  derivatives_mean: DOUBLE | Mean number.
  mean_lower: DOUBLE | Lower end of its 95 % interval, from the variance between organizations.
  mean_upper: DOUBLE | Upper end.
  without_any_share: DOUBLE | Part of the releases without any derivative.
  is_illustration: BOOLEAN | True when the population is partial.
  status: VARCHAR | estimated, or why not.
key: [series, scope, size_class, horizon_days]
made_by: adoption.release_multipliers
inputs:
  bases: select model_id, organization_id, parameters, release_date from core.released_models
  derivatives: select series, scope, model_id, age_days, derivatives from core.release_derivatives
  scopes: >
    select b.series, b.scope, b.as_of_date, b.first_date, c.is_whole_population
    from (
        select series, scope, as_of_date, min(birth_date) as first_date
        from core.births
        group by series, scope, as_of_date
    ) as b
    inner join core.snapshots as c
        on c.scope = b.scope and c.snapshot_date = b.as_of_date and c.is_model_list
checks:
  not_null: [as_of_date, is_illustration, status]
  ranges: {bases: [0, null], without_any_share: [0, 1], derivatives_mean: [0, null]}
  accepted:
    series: [births_surviving, births_observed]
    size_class: [below 3B, 3B to 10B, 10B to 40B, above 40B]
*/
