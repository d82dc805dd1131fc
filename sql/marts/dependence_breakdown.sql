/*
description: >
  Each list divided by what is known of the organizations: who uploaded, and where credit originates, by
  organization, country, legal form, funding and backing. What is not known stands as a value of its own, unknown;
  the upper bound of every other value takes all of it in. Registers' verified rows only. From the cube, so any
  other combination of its switches follows in the same way.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  evidence: VARCHAR | declared, curated or inferred; see core.model_roots.
  universe: VARCHAR | One universe, or all.
  weight: VARCHAR | What is counted, as in the cube; downloads_30d, models, derivatives or new_derivatives_30d.
  dimension: VARCHAR | organization, country, legal_form, funding or backing (well_funded, company_sponsored and public_sponsored for academic and nonprofit organizations with a verified sponsor of that kind, modest, unknown).
  value: VARCHAR | The organization, country and so on; unknown where no register tells.
  total: DOUBLE | The denominator, in units of the weight.
  uploaded_share: DOUBLE | Part that it uploaded.
  uploaded_upper: DOUBLE | That part and all whose uploader is unknown in this dimension; null for unknown.
  origin_share: DOUBLE | Part whose credit ends at its roots.
  origin_upper: DOUBLE | That part and all whose origin is unknown in this dimension; null for unknown.
key: [snapshot_date, scope, evidence, universe, weight, dimension, value]
checks:
  not_null: [total, uploaded_share, origin_share]
  accepted:
    weight: [downloads_30d, models, derivatives, new_derivatives_30d]
    dimension: [organization, country, legal_form, funding, backing]
  ranges:
    uploaded_share: [0, 1]
    uploaded_upper: [0, 1]
    origin_share: [0, 1]
    origin_upper: [0, 1]
*/
with sponsored as (
    select
        s.organization_id,
        max(case when s.sponsor_class = 'company' and o.is_well_funded then 1 else 0 end) as by_company,
        max(case when s.sponsor_class = 'public' then 1 else 0 end) as by_public
    from reference.sponsors as s
    left join core.organizations as o on o.organization_id = s.sponsor_id
    where s.status = 'verified'
    group by s.organization_id
),
traits as (
    select
        o.organization_id,
        coalesce(o.country, 'unknown') as country,
        o.legal_form,
        o.funding,
        case
            when o.is_well_funded then 'well_funded'
            when o.legal_form in ('academic', 'nonprofit') and s.by_company = 1 then 'company_sponsored'
            when o.legal_form in ('academic', 'nonprofit') and s.by_public = 1 then 'public_sponsored'
            else o.funding
        end as backing
    from core.organizations as o
    left join sponsored as s on s.organization_id = o.organization_id
    where o.status = 'verified'
),
labels as (
    select organization_id, 'organization' as dimension, organization_id as value from traits
    union all
    select organization_id, 'country', country from traits
    union all
    select organization_id, 'legal_form', legal_form from traits
    union all
    select organization_id, 'funding', funding from traits
    union all
    select organization_id, 'backing', backing from traits
),
dimensions as (
    select dimension from (values ('organization'), ('country'), ('legal_form'), ('funding'), ('backing'))
        as d (dimension)
),
weighted as (
    select snapshot_date, scope, evidence, universe, uploader, origin, 'downloads_30d' as weight,
        downloads_30d as amount
    from marts.dependence_cube
    union all
    select snapshot_date, scope, evidence, universe, uploader, origin, 'models', models
    from marts.dependence_cube
    union all
    select snapshot_date, scope, evidence, universe, uploader, origin, 'derivatives', derivatives
    from marts.dependence_cube
    union all
    select snapshot_date, scope, evidence, universe, uploader, origin, 'new_derivatives_30d',
        new_derivatives_30d
    from marts.dependence_cube
),
-- One row an organization and side: a model counts once as uploaded and once by its origins.
sides as (
    select snapshot_date, scope, evidence, universe, weight, 'uploaded' as side, uploader as organization_id,
        sum(amount) as amount
    from weighted
    group by snapshot_date, scope, evidence, universe, weight, uploader
    union all
    select snapshot_date, scope, evidence, universe, weight, 'origin', origin, sum(amount)
    from weighted
    group by snapshot_date, scope, evidence, universe, weight, origin
),
with_all as (
    select * from sides
    union all
    select snapshot_date, scope, evidence, 'all', weight, side, organization_id, amount from sides
),
summed as (
    select
        w.snapshot_date,
        w.scope,
        w.evidence,
        w.universe,
        w.weight,
        d.dimension,
        coalesce(l.value, 'unknown') as value,
        sum(case when w.side = 'uploaded' then w.amount else 0 end) as uploaded,
        sum(case when w.side = 'origin' then w.amount else 0 end) as origin
    from with_all as w
    cross join dimensions as d
    left join labels as l on l.organization_id = w.organization_id and l.dimension = d.dimension
    group by w.snapshot_date, w.scope, w.evidence, w.universe, w.weight, d.dimension, coalesce(l.value, 'unknown')
),
bounded as (
    select
        *,
        sum(uploaded) over list_dimension as whole,
        sum(case when value = 'unknown' then uploaded else 0 end) over list_dimension as uploaded_unknown,
        sum(case when value = 'unknown' then origin else 0 end) over list_dimension as origin_unknown
    from summed
    window list_dimension as (partition by snapshot_date, scope, evidence, universe, weight, dimension)
)
select
    snapshot_date,
    scope,
    evidence,
    universe,
    weight,
    dimension,
    value,
    round(whole, 3) as total,
    round(uploaded / whole, 9) as uploaded_share,
    case when value <> 'unknown' then round(least((uploaded + uploaded_unknown) / whole, 1), 9) end
        as uploaded_upper,
    round(least(origin / whole, 1), 9) as origin_share,
    case when value <> 'unknown' then round(least((origin + origin_unknown) / whole, 1), 9) end as origin_upper
from bounded
where whole > 0 and (uploaded > 0 or origin > 0 or value = 'unknown')
