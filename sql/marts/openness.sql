/*
description: >
  How open each list is, by downloads and by number of models: licence class, gated or not, and how the weights that a
  model stands on first came to the public. Licence and gate are those of the newest list that tells them. What no
  list or verified register row tells is a value of its own: it may be any of the others.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  universe: VARCHAR | One universe, or all.
  dependence_class: VARCHAR | first_party, derived, independent or unknown, registers admitted; or all.
  dimension: VARCHAR | license, gate or way_out.
  value: VARCHAR | Of license the classes of the register (osi_approved, open_content, custom, noncommercial, unstated), none_known (no list gives a tag) or unclassified (a tag without verified class); of gate gated, open or unknown; of way_out open_release, gated_release, leaked (not released by their maker after a leak), leaked_and_released, or unknown.
  models: BIGINT | Number of models.
  models_share: DOUBLE | Part of the list's models of that universe and class.
  downloads_30d: BIGINT | Their downloads in 30 days; null where the list tells none.
  downloads_share: DOUBLE | Part of the downloads of that universe and class; null where there are none.
key: [snapshot_date, scope, universe, dependence_class, dimension, value]
checks:
  not_null: [models, models_share]
  ranges: {models_share: [0, 1], downloads_share: [0, 1]}
  accepted:
    dependence_class: [first_party, derived, independent, unknown, all]
    dimension: [license, gate, way_out]
    value: [osi_approved, open_content, custom, noncommercial, unstated, none_known, unclassified, gated, open, unknown, open_release, gated_release, leaked, leaked_and_released]
*/
-- Events of a family's base: of its maker, or of whoever brought out something in it that descends from nothing.
with makers as (
    select family, organization_id from reference.families
    union
    select family, organization_id
    from core.releases
    where status = 'verified' and family is not null and base_name is null
        and kind in ('leak', 'open_release', 'gated_release')
),
events as (
    select r.family, r.kind, r.event_date
    from core.releases as r
    inner join makers as m on m.family = r.family and m.organization_id = r.organization_id
    where r.status = 'verified' and r.kind in ('leak', 'open_release', 'gated_release')
),
leaks as (
    select family, min(event_date) as leak_date from events where kind = 'leak' group by family
),
family_ways as (
    select
        e.family,
        case
            when max(l.leak_date) is null and max(case when e.kind = 'open_release' then 1 else 0 end) = 1
                then 'open_release'
            when max(l.leak_date) is null then 'gated_release'
            when max(case when e.kind <> 'leak' and e.event_date >= l.leak_date then 1 else 0 end) = 1
                then 'leaked_and_released'
            else 'leaked'
        end as way_out
    from events as e
    left join leaks as l on l.family = e.family
    group by e.family
),
judged as (
    select
        c.snapshot_date,
        c.scope,
        c.universe,
        c.dependence_class,
        c.models,
        c.downloads_30d,
        case
            when c.license = '(none)' then 'none_known'
            when l.status = 'verified' then l.license_class
            else 'unclassified'
        end as license,
        c.gate,
        case
            when w.way_out = 'leaked' or o.way_out = 'leaked' then 'leaked'
            else coalesce(o.way_out, w.way_out, 'unknown')
        end as way_out
    from core.snapshot_groups as c
    left join reference.licenses as l on l.license = lower(c.license)
    left join family_ways as w on w.family = c.family
    left join family_ways as o on o.family = c.root_family
),
valued as (
    select snapshot_date, scope, universe, dependence_class, 'license' as dimension, license as value, models,
        downloads_30d
    from judged
    union all
    select snapshot_date, scope, universe, dependence_class, 'gate', gate, models, downloads_30d from judged
    union all
    select snapshot_date, scope, universe, dependence_class, 'way_out', way_out, models, downloads_30d from judged
),
with_all_classes as (
    select * from valued
    union all
    select snapshot_date, scope, universe, 'all', dimension, value, models, downloads_30d from valued
),
summed as (
    select
        snapshot_date,
        scope,
        universe,
        dependence_class,
        dimension,
        value,
        sum(models)::bigint as models,
        sum(downloads_30d)::bigint as downloads_30d
    from (
        select * from with_all_classes
        union all
        select snapshot_date, scope, 'all', dependence_class, dimension, value, models, downloads_30d
        from with_all_classes
    )
    group by snapshot_date, scope, universe, dependence_class, dimension, value
)
select
    snapshot_date,
    scope,
    universe,
    dependence_class,
    dimension,
    value,
    models,
    round(models / sum(models) over list_dimension, 9) as models_share,
    downloads_30d,
    round(downloads_30d / nullif(sum(downloads_30d) over list_dimension, 0), 9) as downloads_share
from summed
window list_dimension as (partition by snapshot_date, scope, universe, dependence_class, dimension)
