/*
description: >
  Shares of China that others published, rebuilt from the lists that come closest: all lists of at least 5,000
  models that tell downloads and were not selected by creation or descent. Our value, its bounds and what is not
  reproducible stand beside the published one; they are shares of that list in 30 days, never the Hub's. The bounds
  come from what no register knows and are no confidence interval.
columns:
  headline_id: VARCHAR | Short name.
  country: VARCHAR | Country that the share is of, ISO 3166 alpha-2.
  published_share: DOUBLE | The share as published.
  publisher: VARCHAR | Who published it.
  published_date: DATE | The day of the publication, or of the first report on it that was read.
  definition: VARCHAR | What is a share of what, in our words.
  counted_over: VARCHAR | Over which time they counted downloads.
  status: VARCHAR | Whether a page was read that bears the published share out; verified or unverified.
  source: VARCHAR | The pages that were read.
  list: VARCHAR | The list that it is rebuilt from, day and scope; none where there is none.
  snapshot_date: DATE | Its day; null where there is none.
  scope: VARCHAR | Its population; null where there is none.
  universe: VARCHAR | The universe counted.
  weight: VARCHAR | The weight counted, downloads_30d.
  unit: VARCHAR | uploader (whose account), or origin (where the weights began, registers admitted).
  is_published_unit: BOOLEAN | True for the unit that the publisher used.
  variants: VARCHAR | in or out (quantized copies, mirrors and conversions).
  denominator: VARCHAR | all, or country_and_us (the country and the United States alone).
  value: DOUBLE | The share in the list, what has no known country counted as of another one; null where not estimable.
  lower: DOUBLE | Lower bound; the same as the value unless the denominator leaves the unknown out, and then as if all of it were of the United States.
  upper: DOUBLE | Upper bound, as if all that has no known country were of this one.
  us_value: DOUBLE | The share of the United States in the same terms.
  unknown_share: DOUBLE | Part of all counted downloads whose country no register tells.
  estimate_status: VARCHAR | ok, or not estimable and why.
  not_reproducible: VARCHAR | What of the published share cannot be rebuilt, and why.
key: [headline_id, list, unit]
checks:
  not_null: [published_share, publisher, definition, status, source, weight, unit, estimate_status, not_reproducible]
  accepted:
    unit: [uploader, origin]
    denominator: [all, country_and_us]
    variants: [in, out]
  ranges:
    published_share: [0, 1]
    value: [0, 1]
    lower: [0, 1]
    upper: [0, 1]
    us_value: [0, 1]
    unknown_share: [0, 1]
*/
with measured as (
    select m.snapshot_date, m.scope
    from core.model_snapshots as m
    inner join core.snapshots as s
        on s.snapshot_date = m.snapshot_date and s.scope = m.scope and s.is_model_list and s.selection is null
    where m.downloads_30d is not null
    group by m.snapshot_date, m.scope
    having count(*) >= 5000
),
placed as (
    select organization_id, country from core.organizations where status = 'verified' and country is not null
),
counted as (
    select snapshot_date, scope, universe, is_variant, 'uploader' as unit, uploader as organization_id,
        downloads_30d
    from marts.dependence_cube
    where evidence = 'curated'
    union all
    select snapshot_date, scope, universe, is_variant, 'origin', origin, downloads_30d
    from marts.dependence_cube
    where evidence = 'curated'
),
amounts as (
    select
        h.headline_id,
        c.snapshot_date,
        c.scope,
        c.unit,
        sum(c.downloads_30d) as whole,
        sum(case when p.country = h.country then c.downloads_30d else 0 end) as own,
        sum(case when p.country = 'US' then c.downloads_30d else 0 end) as us,
        sum(case when p.country is null then c.downloads_30d else 0 end) as unknown
    from reference.published_headlines as h
    cross join counted as c
    inner join measured as m on m.snapshot_date = c.snapshot_date and m.scope = c.scope
    left join placed as p on p.organization_id = c.organization_id
    where h.universe in ('all', c.universe) and (h.variants = 'in' or not c.is_variant)
    group by h.headline_id, c.snapshot_date, c.scope, c.unit
),
divided as (
    select
        a.*,
        case h.denominator when 'all' then a.whole else nullif(a.own + a.us, 0) end as base,
        case h.denominator when 'all' then a.whole else nullif(a.own + a.us + a.unknown, 0) end as wide_base
    from amounts as a
    inner join reference.published_headlines as h on h.headline_id = a.headline_id
    where a.whole > 0
)
select
    h.headline_id,
    h.country,
    (h.share_per_mille / 1000)::double as published_share,
    h.publisher,
    h.published_date,
    h.definition,
    h.counted_over,
    h.status,
    h.source,
    coalesce(cast(d.snapshot_date as varchar) || ' ' || d.scope, 'none') as list,
    d.snapshot_date,
    d.scope,
    h.universe,
    'downloads_30d' as weight,
    coalesce(d.unit, h.unit) as unit,
    coalesce(d.unit, h.unit) = h.unit as is_published_unit,
    h.variants,
    h.denominator,
    round(d.own / d.base, 9) as value,
    round(d.own / d.wide_base, 9) as lower,
    round((d.own + d.unknown) / d.wide_base, 9) as upper,
    round(d.us / d.base, 9) as us_value,
    round(d.unknown / d.whole, 9) as unknown_share,
    case
        when d.headline_id is null
            then 'not estimable: no list of at least 5,000 models tells downloads of what it counts'
        when d.base is null then 'not estimable: nothing in the list is known to be of either country'
        else 'ok'
    end as estimate_status,
    h.not_reproducible
from reference.published_headlines as h
left join divided as d on d.headline_id = h.headline_id
