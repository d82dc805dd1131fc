/*
description: >
  How much of each list learned from data that a proprietary model wrote or judged, by its own tags or those of its
  ancestors: a line beside the dependence on weights, never added to it. It is a lower bound without an upper one:
  few models name their data, and of the data named only verified register rows are judged; both parts stand here.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  evidence: VARCHAR | Which lineage is followed upwards, declared, curated or inferred.
  universe: VARCHAR | One universe, or all.
  weight: VARCHAR | What is counted, downloads_30d, models or derivatives.
  teacher: VARCHAR | Organization whose proprietary model it was; any_proprietary for at least one of them, any_open for at least one model with open weights.
  total: DOUBLE | The denominator, in units of the weight.
  named_share: DOUBLE | Part whose models name any data set themselves.
  judged_share: DOUBLE | Part whose models name a data set of which a verified register row tells who wrote it.
  own_share: DOUBLE | Part whose models themselves name such data.
  lower: DOUBLE | Part whose models or ancestors name such data; the lower bound.
  lower_with_unverified: DOUBLE | The same with rows of the register that no page bears out; no headline.
  status: VARCHAR | ok, or not estimable and why; then the shares are null.
key: [snapshot_date, scope, evidence, universe, weight, teacher]
checks:
  not_null: [total, status]
  accepted:
    evidence: [declared, curated, inferred]
    weight: [downloads_30d, models, derivatives]
  ranges: {named_share: [0, 1], judged_share: [0, 1], own_share: [0, 1], lower: [0, 1], lower_with_unverified: [0, 1]}
*/
with named as (
    select
        d.model_id,
        max(case when t.dataset_id is null then 0 else 1 end) as is_judged
    from staging.model_datasets as d
    left join reference.teacher_datasets as t
        on lower(t.dataset_id) = d.dataset_id and t.status = 'verified' and t.teacher_access <> 'unknown'
    group by d.model_id
),
-- A teacher stands for itself and for all of its kind.
taught as (
    select
        model_id,
        evidence,
        teacher,
        max(case when is_verified then 1 else 0 end) as is_verified,
        max(case when is_verified and basis = 'own' then 1 else 0 end) as is_own
    from (
        select model_id, evidence, teacher_organization_id as teacher, is_verified, basis
        from core.teacher_data
        where is_proprietary
        union all
        select model_id, evidence, 'any_proprietary', is_verified, basis
        from core.teacher_data
        where is_proprietary
        union all
        select model_id, evidence, 'any_open', is_verified, basis from core.teacher_data where not is_proprietary
    )
    group by model_id, evidence, teacher
),
-- What concerns only models that name data or descend from such is counted apart from the totals.
parts as (
    select
        s.snapshot_date,
        s.scope,
        t.evidence,
        s.universe,
        t.teacher,
        sum(s.downloads_30d) as downloads_30d,
        count(*) as models,
        sum(case when r.parents > 0 then 1 else 0 end) as derivatives,
        sum(t.is_verified * s.downloads_30d) as verified_downloads_30d,
        sum(t.is_verified) as verified_models,
        sum(case when r.parents > 0 then t.is_verified else 0 end) as verified_derivatives,
        sum(t.is_own * s.downloads_30d) as own_downloads_30d,
        sum(t.is_own) as own_models,
        sum(case when r.parents > 0 then t.is_own else 0 end) as own_derivatives
    from core.model_snapshots as s
    inner join taught as t on t.model_id = s.model_id
    inner join core.model_roots as r on r.model_id = s.model_id and r.evidence = t.evidence
    group by s.snapshot_date, s.scope, t.evidence, s.universe, t.teacher
),
naming as (
    select s.snapshot_date, s.scope, s.universe, s.model_id, s.downloads_30d, n.is_judged
    from core.model_snapshots as s
    inner join named as n on n.model_id = s.model_id
),
naming_all as (
    select
        n.snapshot_date,
        n.scope,
        e.evidence,
        n.universe,
        sum(n.downloads_30d) as downloads_30d,
        count(*) as models,
        sum(n.is_judged * n.downloads_30d) as judged_downloads_30d,
        sum(n.is_judged) as judged_models
    from naming as n
    cross join (values ('declared'), ('curated'), ('inferred')) as e (evidence)
    group by n.snapshot_date, n.scope, e.evidence, n.universe
),
naming_derivatives as (
    select
        n.snapshot_date,
        n.scope,
        r.evidence,
        n.universe,
        count(*) as derivatives,
        sum(n.is_judged) as judged_derivatives
    from naming as n
    inner join core.model_roots as r on r.model_id = n.model_id and r.parents > 0
    group by n.snapshot_date, n.scope, r.evidence, n.universe
),
weighted as (
    select snapshot_date, scope, evidence, universe, teacher, 'downloads_30d' as weight,
        coalesce(downloads_30d, 0) as amount, coalesce(verified_downloads_30d, 0) as verified,
        coalesce(own_downloads_30d, 0) as own
    from parts
    union all
    select snapshot_date, scope, evidence, universe, teacher, 'models', models, verified_models, own_models
    from parts
    union all
    select snapshot_date, scope, evidence, universe, teacher, 'derivatives', derivatives, verified_derivatives,
        own_derivatives
    from parts
    union all
    select snapshot_date, scope, evidence, universe, 'naming', 'downloads_30d', coalesce(downloads_30d, 0),
        coalesce(judged_downloads_30d, 0), 0
    from naming_all
    union all
    select snapshot_date, scope, evidence, universe, 'naming', 'models', models, judged_models, 0 from naming_all
    union all
    select snapshot_date, scope, evidence, universe, 'naming', 'derivatives', derivatives, judged_derivatives, 0
    from naming_derivatives
),
summed as (
    select
        snapshot_date, scope, evidence, universe, weight, teacher,
        sum(amount) as amount, sum(verified) as verified, sum(own) as own
    from (
        select * from weighted
        union all
        select snapshot_date, scope, evidence, 'all', teacher, weight, amount, verified, own from weighted
    )
    group by snapshot_date, scope, evidence, universe, weight, teacher
),
teachers as (
    select distinct teacher from taught
    union
    select 'any_proprietary'
    union
    select 'any_open'
)
select
    d.snapshot_date,
    d.scope,
    d.evidence,
    d.universe,
    d.weight,
    t.teacher,
    d.total,
    round(coalesce(n.amount, 0) / d.total, 9) as named_share,
    round(coalesce(n.verified, 0) / d.total, 9) as judged_share,
    case when n.verified > 0 or p.verified > 0 then round(coalesce(p.own, 0) / d.total, 9) end as own_share,
    case when n.verified > 0 or p.verified > 0 then round(coalesce(p.verified, 0) / d.total, 9) end as lower,
    case when n.amount > 0 or p.amount > 0 then round(coalesce(p.amount, 0) / d.total, 9) end
        as lower_with_unverified,
    case
        when n.verified > 0 or p.verified > 0 then 'ok'
        when n.amount > 0 then 'not estimable: no verified register row tells of the data that these models name'
        else 'not estimable: no list names the training data of these models'
    end as status
from marts.dependence_shares as d
cross join teachers as t
left join summed as n
    on n.snapshot_date = d.snapshot_date and n.scope = d.scope and n.evidence = d.evidence
    and n.universe = d.universe and n.weight = d.weight and n.teacher = 'naming'
left join summed as p
    on p.snapshot_date = d.snapshot_date and p.scope = d.scope and p.evidence = d.evidence
    and p.universe = d.universe and p.weight = d.weight and p.teacher = t.teacher
where d.weight in ('downloads_30d', 'models', 'derivatives')
