/*
description: >
  How diverse each month was and in how few hands: Hill numbers, concentration, turnover and the switch
  factor, one row a measure. Units are uploaders (everybody's), or what the community stands on (origins). The
  community is what no well-funded organization uploaded, as of the day of birth (births) or of the list
  (downloads); unlike in births_daily, who built upon an origin of their own organization belongs to it.
  Weights are new derivatives born in the month, or the 30-day downloads of the last list of the month. Shares
  of origins are of the part whose origin is known; unknown_share says how much is not. Rows of different
  scope are pictures of different populations.
columns:
  month: DATE | First day of the month.
  series: VARCHAR | births_surviving or births_observed (new derivatives, see core.births), or downloads_30d.
  scope: VARCHAR | Which population was listed.
  universe: VARCHAR | all, or generative_language.
  evidence: VARCHAR | Which edges count, declared, curated or inferred; any where lineage plays no part.
  unit: VARCHAR | uploader (organization, else account), origin_organization, origin_family or origin_base (root of the main line).
  metric: VARCHAR | hill_0 (number of units), hill_1 = exp(-sum p ln p), hill_2 = 1 / sum p^2, hhi = sum p^2, gini (among units with weight above 0), top_1_share, top_5_share, top_10_share, turnover (Bray-Curtis of shares, 1 - sum of min(p, q) with the month or list before), switch_50 and switch_80 (least number of organizations that carry that percentage), coverage (Chao and Jost 2012, part of the next derivatives that would come from units already seen), hill_0_at_coverage, hill_1_at_coverage and hill_2_at_coverage (rarefied to a coverage of one half).
  as_of_date: DATE | The list behind the number.
  value: DOUBLE | The measure; null where status says why.
  lower: DOUBLE | Lower end of the 95 % interval of interval_kind, or lower bound; null where there is none.
  upper: DOUBLE | Upper end; null where there is none or it cannot be reached.
  interval_kind: VARCHAR | derivatives_drawn_anew (other derivatives by the same units at the same rates, analytic), uploaders_drawn_anew (bootstrap by uploader), unknown_bounds (the unknown part given to the largest, or to nobody); without an interval, few_uploaders (the downloads rest on so few uploaders that drawing them anew would mislead; see without_one) or census (counted, not sampled).
  without_one_least: DOUBLE | Least value when any one model is left out; downloads only.
  without_one_most: DOUBLE | Greatest value when any one model is left out; downloads only.
  unknown_least: DOUBLE | Least value whatever the unknown origins are; null where nothing is unknown or no bound exists.
  unknown_most: DOUBLE | Greatest value whatever the unknown origins are; null where nothing is unknown or no bound exists.
  units: BIGINT | Number of units with weight above 0, the population of every measure.
  total: DOUBLE | The denominator, derivatives or downloads with a known unit.
  unknown_share: DOUBLE | Part of the whole weight whose unit is unknown and which is left out of value.
  compared_with: DATE | For turnover, the month or list before; null for all others.
  is_unfinished: BOOLEAN | Births only; true where the list was taken before the month had ended. Always false for downloads, which are of the 30 days before the list.
  is_whole_population: BOOLEAN | False where the scope is partial; then nothing here is the Hub's.
  status: VARCHAR | estimated, or why there is no value.
key: [month, series, scope, universe, evidence, unit, metric]
made_by: diversity.diversity_monthly
inputs:
  unit_weights: >
    with lists as (
        select scope, date_trunc('month', snapshot_date)::date as month, max(snapshot_date) as snapshot_date
        from core.snapshots
        where is_model_list
        group by scope, date_trunc('month', snapshot_date)
    ),
    listed as (
        select
            'downloads_30d' as series,
            s.scope,
            l.month,
            s.snapshot_date as as_of_date,
            coalesce('organization ' || s.uploader_id, 'account ' || m.account, 'nobody') as uploader,
            not s.is_first_party as is_community,
            case when m.depth > 0 or m.family is not null then m.base_model_id else 'unknown' end as base,
            coalesce(m.family, 'unknown') as family,
            s.downloads_30d::double as weight,
            case when s.universe = 'generative_language' then s.downloads_30d::double else 0 end as generative
        from core.model_snapshots as s
        inner join lists as l on l.scope = s.scope and l.snapshot_date = s.snapshot_date
        inner join core.models as m on m.model_id = s.model_id
        where s.downloads_30d > 0
    ),
    derived as (
        select
            b.series,
            b.scope,
            date_trunc('month', b.birth_date)::date as month,
            b.as_of_date,
            b.model_id,
            coalesce('organization ' || b.uploader_id, 'account ' || m.account, 'nobody') as uploader,
            not b.is_first_party as is_community,
            m.base_model_id as base,
            coalesce(m.family, 'unknown') as family,
            case when b.universe = 'generative_language' then 1.0::double else 0 end as generative
        from core.births as b
        inner join core.models as m on m.model_id = b.model_id
        where b.is_derivative
    )
    select
        series, scope, month, as_of_date, 'any' as evidence, 'uploader' as unit, uploader as unit_id,
        sum(weight) as weight, sum(generative) as generative
    from listed
    group by series, scope, month, as_of_date, uploader
    union all
    select
        series, scope, month, as_of_date, 'curated', 'origin_family', family, sum(weight), sum(generative)
    from listed
    where is_community
    group by series, scope, month, as_of_date, family
    union all
    select series, scope, month, as_of_date, 'curated', 'origin_base', base, sum(weight), sum(generative)
    from listed
    where is_community
    group by series, scope, month, as_of_date, base
    union all
    select
        'downloads_30d', c.scope, c.month, c.snapshot_date, c.evidence, 'origin_organization', c.origin,
        round(sum(c.downloads_30d), 3),
        round(sum(case when c.universe = 'generative_language' then c.downloads_30d else 0 end), 3)
    from marts.dependence_cube as c
    inner join lists as l on l.scope = c.scope and l.snapshot_date = c.snapshot_date
    where c.dependence_class <> 'first_party' and c.downloads_30d > 0
    group by c.scope, c.month, c.snapshot_date, c.evidence, c.origin
    union all
    select
        series, scope, month, as_of_date, 'curated', 'uploader', uploader, count(*)::double, sum(generative)
    from derived
    group by series, scope, month, as_of_date, uploader
    union all
    select
        series, scope, month, as_of_date, 'curated', 'origin_family', family, count(*)::double,
        sum(generative)
    from derived
    where is_community
    group by series, scope, month, as_of_date, family
    union all
    select
        series, scope, month, as_of_date, 'curated', 'origin_base', base, count(*)::double, sum(generative)
    from derived
    where is_community
    group by series, scope, month, as_of_date, base
    union all
    select
        d.series, d.scope, d.month, d.as_of_date, 'curated', 'origin_organization', a.organization_id,
        round(sum(a.origin_share), 9), round(sum(a.origin_share * d.generative), 9)
    from derived as d
    inner join core.ancestry as a
        on a.model_id = d.model_id and a.evidence = 'curated' and a.origin_share > 0
    where d.is_community
    group by d.series, d.scope, d.month, d.as_of_date, a.organization_id
  heavy_models: >
    with lists as (
        select scope, date_trunc('month', snapshot_date)::date as month, max(snapshot_date) as snapshot_date
        from core.snapshots
        where is_model_list
        group by scope, date_trunc('month', snapshot_date)
    ),
    totals as (
        select s.scope, l.month, s.snapshot_date, sum(s.downloads_30d) as downloads
        from core.model_snapshots as s
        inner join lists as l on l.scope = s.scope and l.snapshot_date = s.snapshot_date
        group by s.scope, l.month, s.snapshot_date
    ),
    heavy as (
        select
            s.scope,
            t.month,
            s.model_id,
            coalesce('organization ' || s.uploader_id, 'account ' || m.account, 'nobody') as uploader,
            not s.is_first_party as is_community,
            case when m.depth > 0 or m.family is not null then m.base_model_id end as base,
            m.family,
            s.downloads_30d::double as weight,
            case when s.universe = 'generative_language' then s.downloads_30d::double else 0 end as generative
        from core.model_snapshots as s
        inner join totals as t on t.scope = s.scope and t.snapshot_date = s.snapshot_date
        inner join core.models as m on m.model_id = s.model_id
        where s.downloads_30d >= t.downloads * 1e-6 and s.downloads_30d > 0
    )
    select scope, month, 'uploader' as unit, uploader as unit_id, model_id, uploader, weight, generative
    from heavy
    union all
    select scope, month, 'origin_family', family, model_id, uploader, weight, generative
    from heavy
    where is_community and family is not null
    union all
    select scope, month, 'origin_base', base, model_id, uploader, weight, generative
    from heavy
    where is_community and base is not null
    union all
    select
        h.scope, h.month, 'origin_organization', a.organization_id, h.model_id, h.uploader,
        h.weight * a.origin_share, h.generative * a.origin_share
    from heavy as h
    inner join core.ancestry as a
        on a.model_id = h.model_id and a.evidence = 'curated' and a.origin_share > 0
    where h.is_community and a.organization_id <> 'unknown'
  scopes: >
    select scope, snapshot_date as as_of_date, is_whole_population from core.snapshots where is_model_list
checks:
  not_null: [as_of_date, interval_kind, units, total, unknown_share, is_unfinished, is_whole_population, status]
  ranges: {unknown_share: [0, 1]}
  accepted:
    series: [births_surviving, births_observed, downloads_30d]
    universe: [all, generative_language]
    evidence: [declared, curated, inferred, any]
    unit: [uploader, origin_organization, origin_family, origin_base]
    interval_kind: [derivatives_drawn_anew, uploaders_drawn_anew, unknown_bounds, few_uploaders, census]
*/
