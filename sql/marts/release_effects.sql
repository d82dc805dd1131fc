/*
description: >
  What big releases did to the community's uploads, one row a release, series and outcome. Estimated on whole
  populations only: in a partial list the weeks are no random part of what was uploaded. The community is what
  no organization uploaded that was well funded on the day of birth; unlike in births_daily, who built upon an
  origin of their own organization belongs to it. The releasing firm's own uploads are left out. Two booms may
  begin in the same weeks for another reason; the test says that uploads rose, not why.
columns:
  release_id: VARCHAR | The release, see core.releases and reference.big_releases.
  series: VARCHAR | births_surviving or births_observed, see core.births.
  scope: VARCHAR | Which population the uploads are of.
  outcome: VARCHAR | total (all uploads of the community) or elsewhere (those not on the released family).
  as_of_date: DATE | The list behind the uploads; its own day is not counted.
  event_date: DATE | Day of the release.
  name: VARCHAR | What was released.
  organization_id: VARCHAR | Whose model it is.
  family: VARCHAR | The released generation.
  before_weekly: DOUBLE | Mean weekly uploads in the eight weeks before.
  after_weekly: DOUBLE | Mean weekly uploads in the eight weeks from the day on.
  effect: DOUBLE | Step in the logarithm of weekly uploads, those eight weeks after against those before, beyond the local linear trend; 0.1 is about 10 %.
  lower: DOUBLE | Lower end of the 95 % interval, effect - t * root mean square of the placebos' steps.
  upper: DOUBLE | Upper end.
  p_value: DOUBLE | Two-sided p of no step, from the same t with as many degrees of freedom as the placebos are worth.
  q_value: DOUBLE | p_value after Benjamini and Hochberg, over the releases of the series, scope and outcome.
  p_placebo: DOUBLE | (1 + placebos at least as large) / (1 + placebos); too small, since it counts overlapping placebos as if each stood alone.
  placebos: BIGINT | Placebo dates, days within a year of the release and eight weeks away from every big one.
  placebos_effective: DOUBLE | How many independent ones they are worth.
  pre_effect: DOUBLE | The same step eight weeks before the release, where there should be none.
  pre_p_value: DOUBLE | Its p; a small one says that the rise began before the release.
  is_illustration: BOOLEAN | True when the population is partial.
  status: VARCHAR | estimated, or why not.
key: [release_id, series, scope, outcome]
made_by: events.release_effects
inputs:
  births: >
    with big as (
        select r.family, r.organization_id
        from reference.big_releases as b
        inner join core.releases as r on r.release_id = b.release_id
        where b.status = 'verified' and r.status = 'verified'
    ),
    families as (select distinct family from big where family is not null),
    firms as (select distinct organization_id from big),
    based as (
        select m.model_id, m.family
        from core.models as m
        inner join families as f on f.family = m.family
    )
    select
        b.series,
        b.scope,
        b.as_of_date,
        b.birth_date,
        d.family,
        w.organization_id,
        count(*) as models
    from core.births as b
    left join based as d on d.model_id = b.model_id
    left join firms as w on w.organization_id = b.uploader_id
    where not b.is_first_party
    group by b.series, b.scope, b.as_of_date, b.birth_date, d.family, w.organization_id
  releases: >
    select r.release_id, r.event_date, r.date_precision, r.name, r.organization_id, r.family
    from reference.big_releases as b
    inner join core.releases as r on r.release_id = b.release_id
    where b.status = 'verified' and r.status = 'verified'
  scopes: >
    select b.series, b.scope, b.as_of_date, c.is_whole_population
    from (select distinct series, scope, as_of_date from core.births) as b
    inner join core.snapshots as c
        on c.scope = b.scope and c.snapshot_date = b.as_of_date and c.is_model_list
checks:
  not_null: [as_of_date, event_date, name, organization_id, is_illustration, status]
  ranges: {p_value: [0, 1], q_value: [0, 1], p_placebo: [0, 1], pre_p_value: [0, 1], placebos: [0, null]}
  accepted:
    series: [births_surviving, births_observed]
    outcome: [total, elsewhere]
*/
