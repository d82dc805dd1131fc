/*
description: >
  The numbers that the overview leads with, each with its bounds, its day and what it is a share of. Shares
  are of the newest list of at least 5,000 models that tells downloads, registers admitted; a list of the
  whole Hub stands above all others for ten days, so that between weekly walks the population does not change.
  They speak of that list and not of the whole Hub unless the list is the whole Hub.
columns:
  headline: VARCHAR | Short name of the number.
  universe: VARCHAR | Universe it is about; all for all models, whole-hub for totals of the Hub.
  as_of_date: DATE | The day that it is about.
  scope: VARCHAR | Which population it is of.
  value: DOUBLE | The number; for a share with an unknown part, its lower bound.
  lower: DOUBLE | Lower bound, as if all that is unknown were independent; of organizations, as if it were the largest one's; of growth by the doubt about the reports' days; null where there is none.
  upper: DOUBLE | Upper bound, as if all that is unknown depended, for openai_meta_share also what is only assumed to be its uploader's own; null where there is none.
  unit: VARCHAR | share (0 to 1), models, days, organizations or percent_per_week.
  denominator: VARCHAR | What the number is a share of, or between which reports it was taken.
key: [headline, universe]
checks:
  not_null: [as_of_date, scope, unit, denominator]
  accepted: {unit: [share, models, days, organizations, percent_per_week]}
*/
with measured as (
    select snapshot_date, scope, count(*) as models
    from core.model_snapshots
    where downloads_30d is not null
    group by snapshot_date, scope
    having count(*) >= 5000
),
-- What was created lately, or descends from chosen bases, is no picture of what people use.
eligible as (
    select
        m.snapshot_date,
        m.scope,
        m.models,
        c.is_whole_population
            and date_diff('day', m.snapshot_date, max(m.snapshot_date) over ()) <= 10 as is_whole,
        c.source = 'huggingface_models' as is_own
    from measured as m
    inner join core.snapshots as c
        on c.snapshot_date = m.snapshot_date and c.scope = m.scope and c.is_model_list
    where c.selection is null
),
newest as (
    select snapshot_date, scope
    from eligible
    qualify row_number() over (order by is_whole desc, is_whole and is_own desc, snapshot_date desc, models desc, scope) = 1
),
shares as (
    select s.*
    from marts.dependence_shares as s
    inner join newest as n on n.snapshot_date = s.snapshot_date and n.scope = s.scope
    where s.evidence = 'curated' and s.weight = 'downloads_30d'
        and s.universe in ('all', 'generative_language')
),
listed as (
    select m.model_id, m.universe, m.downloads_30d, m.is_first_party
    from core.model_snapshots as m
    inner join newest as n on n.snapshot_date = m.snapshot_date and n.scope = m.scope
    where m.downloads_30d is not null
),
with_all as (
    select model_id, universe, downloads_30d from listed where universe = 'generative_language'
    union all
    select model_id, 'all', downloads_30d from listed
),
two_switches as (
    select distinct model_id
    from core.ancestry
    where evidence = 'curated' and organization_id in ('openai', 'meta') and through_share > 0
),
openai_meta as (
    select
        w.universe,
        sum(case when t.model_id is not null then w.downloads_30d else 0 end) / sum(w.downloads_30d) as lower,
        sum(case when t.model_id is not null or r.unknown_share + r.assumed_share > 0 then w.downloads_30d else 0 end)
            / sum(w.downloads_30d) as upper
    from with_all as w
    left join two_switches as t on t.model_id = w.model_id
    inner join core.model_roots as r on r.model_id = w.model_id and r.evidence = 'curated'
    group by w.universe
),
origins as (
    select
        o.universe,
        sum(o.origin_share) over (
            partition by o.universe order by o.origin_share desc, o.organization_id
        ) as carried,
        row_number() over (
            partition by o.universe order by o.origin_share desc, o.organization_id
        ) as organizations
    from marts.organization_shares as o
    inner join newest as n on n.snapshot_date = o.snapshot_date and n.scope = o.scope
    where o.evidence = 'curated' and o.organization_id <> 'unknown'
        and o.universe in ('all', 'generative_language')
),
-- Where the unknown is nobody's, the most organizations are needed; where it is the largest one's, the least.
half as (
    select
        o.universe,
        min(case when o.carried >= 0.5 then o.organizations end) as organizations,
        min(case when o.carried + coalesce(u.origin_share, 0) >= 0.5 then o.organizations end) as least
    from origins as o
    left join newest as n on true
    left join marts.organization_shares as u
        on u.snapshot_date = n.snapshot_date and u.scope = n.scope and u.universe = o.universe
        and u.evidence = 'curated' and u.organization_id = 'unknown'
    group by o.universe
),
growth as (
    select *
    from marts.hub_growth
    qualify row_number() over (order by to_date desc) = 1
)
select
    'dependent_share' as headline,
    universe,
    snapshot_date as as_of_date,
    scope,
    dependent_lower as value,
    dependent_lower as lower,
    dependent_upper as upper,
    'share' as unit,
    'downloads in 30 days of the list' as denominator
from shares
union all
select
    'openai_meta_share', o.universe, n.snapshot_date, n.scope, round(o.lower, 9), round(o.lower, 9),
    round(o.upper, 9), 'share', 'downloads in 30 days of the list'
from openai_meta as o
cross join newest as n
union all
select
    'organizations_carrying_half', h.universe, n.snapshot_date, n.scope, h.organizations, h.least,
    h.organizations, 'organizations',
    'downloads in 30 days of the list, by origin; what is unknown counts as nobody''s'
from half as h
cross join newest as n
where h.organizations is not null
union all
select
    'hub_models', 'whole-hub', to_date, 'whole-hub', to_models, null, null, 'models',
    'all public models on the Hub'
from growth
union all
select
    'hub_doubling_days', 'whole-hub', to_date, 'whole-hub', doubling_days, null, null, 'days',
    'totals of ' || from_date || ' and ' || to_date
from growth
union all
select
    'hub_growth_per_week', 'whole-hub', to_date, 'whole-hub', growth_pct_per_week, growth_lower_pct, growth_upper_pct,
    'percent_per_week', 'totals of ' || from_date || ' and ' || to_date
from growth
