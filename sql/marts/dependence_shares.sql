/*
description: >
  How much of a list depends on well-funded organizations, by class, for each universe and weight. What has no
  known lineage is a class of its own: it makes the difference between the lower and the upper bound.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  evidence: VARCHAR | declared, curated or inferred; see core.model_roots.
  universe: VARCHAR | One universe, or all.
  weight: VARCHAR | What is counted, as in the cube; downloads_30d, downloads_all_time, likes, models, derivatives or new_derivatives_30d.
  total: DOUBLE | The denominator, in units of the weight.
  first_party_share: DOUBLE | Uploaded by a well-funded organization.
  derived_share: DOUBLE | Uploaded by others, with at least one well-funded organization upstream.
  independent_share: DOUBLE | Every root is registered as trained from scratch by an organization that is not well funded.
  unknown_share: DOUBLE | No lineage known that decides.
  dependent_lower: DOUBLE | first_party + derived, as if all that is unknown were independent.
  dependent_upper: DOUBLE | As if all that is unknown depended.
key: [snapshot_date, scope, evidence, universe, weight]
checks:
  not_null: [total]
  accepted: {weight: [downloads_30d, downloads_all_time, likes, models, derivatives, new_derivatives_30d]}
  ranges:
    first_party_share: [0, 1]
    derived_share: [0, 1]
    independent_share: [0, 1]
    unknown_share: [0, 1]
    dependent_lower: [0, 1]
    dependent_upper: [0, 1]
*/
with classes as (
    select
        snapshot_date,
        scope,
        evidence,
        universe,
        dependence_class,
        sum(downloads_30d) as downloads_30d,
        sum(downloads_all_time) as downloads_all_time,
        sum(likes) as likes,
        sum(models) as models,
        sum(derivatives) as derivatives,
        sum(new_derivatives_30d) as new_derivatives_30d
    from marts.dependence_cube
    group by snapshot_date, scope, evidence, universe, dependence_class
),
weighted as (
    select snapshot_date, scope, evidence, universe, dependence_class, 'downloads_30d' as weight, downloads_30d as amount
    from classes
    union all
    select snapshot_date, scope, evidence, universe, dependence_class, 'downloads_all_time', downloads_all_time
    from classes
    union all
    select snapshot_date, scope, evidence, universe, dependence_class, 'likes', likes
    from classes
    union all
    select snapshot_date, scope, evidence, universe, dependence_class, 'models', models
    from classes
    union all
    select snapshot_date, scope, evidence, universe, dependence_class, 'derivatives', derivatives
    from classes
    union all
    select snapshot_date, scope, evidence, universe, dependence_class, 'new_derivatives_30d', new_derivatives_30d
    from classes
),
with_all as (
    select snapshot_date, scope, evidence, universe, dependence_class, weight, amount
    from weighted
    union all
    select snapshot_date, scope, evidence, 'all', dependence_class, weight, amount
    from weighted
),
sums as (
    select
        snapshot_date,
        scope,
        evidence,
        universe,
        weight,
        sum(amount) as whole,
        sum(case when dependence_class = 'first_party' then amount else 0 end) as first_party,
        sum(case when dependence_class = 'derived' then amount else 0 end) as derived,
        sum(case when dependence_class = 'independent' then amount else 0 end) as independent,
        sum(case when dependence_class = 'unknown' then amount else 0 end) as unknown
    from with_all
    group by snapshot_date, scope, evidence, universe, weight
)
select
    snapshot_date,
    scope,
    evidence,
    universe,
    weight,
    round(whole, 3) as total,
    round(first_party / whole, 9) as first_party_share,
    round(derived / whole, 9) as derived_share,
    round(independent / whole, 9) as independent_share,
    round(unknown / whole, 9) as unknown_share,
    round((first_party + derived) / whole, 9) as dependent_lower,
    round((first_party + derived + unknown) / whole, 9) as dependent_upper
from sums
where whole > 0
