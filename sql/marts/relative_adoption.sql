/*
description: >
  Each released model against the tenth-best of its size class at the same age; above 1 it is on its way into
  the top ten. After the Relative Adoption Metric of the ATOM project, which divides by the median of the ten
  most downloaded. Models are those of core.released_models; one row a model, measure, scope and age with a reading
  above 0. The baseline belongs to the data up to baseline_version and is of the same scope; published releases
  keep their own.
columns:
  model_id: VARCHAR | The released model.
  measure: VARCHAR | derivatives_surviving or derivatives_observed (uploaded by others up to that age, see core.births), downloads_30d or downloads_all_time (as read at that age, at most three days away).
  scope: VARCHAR | Which population it is read in.
  age_days: BIGINT | Days since release, 30, 90, 180 or 365.
  baseline_version: DATE | Last day of the data behind the baseline.
  organization_id: VARCHAR | Who released it.
  release_date: DATE | When, see core.release_dates.
  size_class: VARCHAR | Parameters, below 3B, 3B to 10B, 10B to 40B or above 40B.
  size_basis: VARCHAR | parameters (as told) or name.
  value: DOUBLE | What was read or counted at that age.
  place: BIGINT | Place among the models of its size at that age; equals share the better one.
  models: BIGINT | How many of them have a value above 0.
  baseline: DOUBLE | The tenth-best of them, the model itself included; null where status says why.
  ratio: DOUBLE | value / baseline. Counted, not sampled; how firm the tenth place is show the next two.
  ratio_to_ninth: DOUBLE | value / ninth-best.
  ratio_to_eleventh: DOUBLE | value / eleventh-best; null where there are but ten.
  is_illustration: BOOLEAN | True when the population is partial; then the tenth-best is that of the list.
  status: VARCHAR | estimated, or why not.
key: [model_id, measure, scope, age_days]
made_by: adoption.relative_adoption
inputs:
  bases: select model_id, organization_id, parameters, release_date from core.released_models
  derivatives: select series, scope, model_id, age_days, derivatives from core.release_derivatives
  counts: >
    with counted as (
        select n.scope, i.model_id, n.snapshot_date as date, n.downloads_30d, n.downloads_all_time
        from staging.model_counts as n
        inner join staging.counted_models as k on k.model_key = n.model_key
        inner join staging.model_ids as i on i.seen_id = k.seen_id
        inner join core.released_models as b on b.model_id = i.model_id
        where n.snapshot_date <= b.release_date + interval 368 day
        union all
        select s.scope, s.model_id, s.snapshot_date, s.downloads_30d, s.downloads_all_time
        from core.model_snapshots as s
        inner join core.released_models as b on b.model_id = s.model_id
        where s.snapshot_date <= b.release_date + interval 368 day
        union all
        select s.scope, s.model_id, s.date, s.downloads_30d, cast(null as bigint)
        from staging.model_counters as s
        inner join core.released_models as b on b.model_id = s.model_id
        where s.date <= b.release_date + interval 368 day
    )
    select
        scope,
        model_id,
        date,
        max(downloads_30d) as downloads_30d,
        max(downloads_all_time) as downloads_all_time
    from counted
    group by scope, model_id, date
  scopes: >
    select b.series, b.scope, b.as_of_date, b.first_date, c.is_whole_population
    from (
        select series, scope, as_of_date, min(birth_date) as first_date
        from core.births
        group by series, scope, as_of_date
    ) as b
    inner join core.snapshots as c
        on c.scope = b.scope and c.snapshot_date = b.as_of_date and c.is_model_list
  populations: >
    select scope, max(snapshot_date) as version, bool_and(is_whole_population) as is_whole_population
    from core.snapshots
    group by scope
checks:
  not_null: [baseline_version, organization_id, release_date, size_class, size_basis, value, place, models, is_illustration, status]
  ranges: {value: [0, null], place: [1, null], ratio: [0, null]}
  accepted:
    measure: [derivatives_surviving, derivatives_observed, downloads_30d, downloads_all_time]
    size_class: [below 3B, 3B to 10B, 10B to 40B, above 40B]
    size_basis: [parameters, name]
*/
