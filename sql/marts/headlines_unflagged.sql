/*
description: >
  The headlines that are of a list, once more without the models whose counters the audit flagged around the
  day of the list. Flagged is a model with a finding of marts.counter_ledger, in any list or series, whose time
  from compared_date to snapshot_date comes within 30 days of the list's day; gaps, and days on which a whole
  list stood still, flag nobody. The flagged part is taken off the published share and its denominator. A list
  whose models are in no series and that has no lists before it cannot be flagged; checked_models tells.
columns:
  headline: VARCHAR | dependent_share, openai_meta_share or organizations_carrying_half.
  universe: VARCHAR | Universe it is about.
  as_of_date: DATE | The day of the list.
  scope: VARCHAR | Which population it is of.
  checked_models: BIGINT | Models of the list and universe that some audited list or series had within 30 days; the others cannot be flagged.
  checked_share: DOUBLE | Their share of the downloads.
  flagged_models: BIGINT | Models that are left out.
  flagged_share: DOUBLE | Their share of the downloads.
  value: DOUBLE | As published in marts.headlines.
  lower: DOUBLE | As published.
  upper: DOUBLE | As published.
  value_unflagged: DOUBLE | The same without flagged models; null when nothing is left.
  lower_unflagged: DOUBLE | Its lower bound.
  upper_unflagged: DOUBLE | Its upper bound.
  unit: VARCHAR | share (0 to 1) or organizations.
  note: VARCHAR | Why there is no number, or that nothing could be checked; null otherwise.
key: [headline, universe]
checks:
  not_null: [as_of_date, scope, checked_models, flagged_models, unit]
  ranges:
    checked_share: [0, 1]
    flagged_share: [0, 1]
    lower_unflagged: [0, null]
    upper_unflagged: [0, null]
*/
with published as (
    select headline, universe, as_of_date, scope, value, lower, upper, unit
    from marts.headlines
    where headline in ('dependent_share', 'openai_meta_share', 'organizations_carrying_half')
),
lists as (
    select distinct as_of_date, scope
    from published
),
flagged as (
    select distinct l.as_of_date, l.scope, f.model_id
    from lists as l
    inner join marts.counter_ledger as f
        on f.compared_date <= l.as_of_date + 30 and f.snapshot_date >= l.as_of_date - 30
    where f.finding <> 'gap' and not f.is_list_wide
),
audited_series as (
    select distinct l.as_of_date, l.scope, c.model_id
    from lists as l
    inner join staging.model_counters as c on c.date between l.as_of_date - 30 and l.as_of_date + 30
    where c.downloads_30d is not null
),
-- Two lists of one scope near the day are held against each other, model by model.
audited_lists as (
    select l.as_of_date, l.scope
    from lists as l
    inner join core.snapshots as c on c.scope = l.scope and c.is_model_list and c.is_live
    where c.snapshot_date between l.as_of_date - 35 and l.as_of_date + 30
    group by l.as_of_date, l.scope
    having count(distinct c.snapshot_date) > 1
),
listed as (
    select
        m.snapshot_date as as_of_date,
        m.scope,
        m.model_id,
        m.universe,
        m.downloads_30d,
        m.is_first_party,
        f.model_id is not null as is_flagged,
        coalesce(s.model_id is not null or a.scope is not null or f.model_id is not null, false) as is_checked
    from core.model_snapshots as m
    inner join lists as l on l.as_of_date = m.snapshot_date and l.scope = m.scope
    left join flagged as f
        on f.as_of_date = m.snapshot_date and f.scope = m.scope and f.model_id = m.model_id
    left join audited_series as s
        on s.as_of_date = m.snapshot_date and s.scope = m.scope and s.model_id = m.model_id
    left join audited_lists as a on a.as_of_date = m.snapshot_date and a.scope = m.scope
    where m.downloads_30d is not null
),
in_universes as (
    select universe, model_id, downloads_30d, is_first_party, is_flagged, is_checked
    from listed
    union all
    select 'all', model_id, downloads_30d, is_first_party, is_flagged, is_checked
    from listed
),
totals as (
    select
        universe,
        sum(downloads_30d) as downloads,
        sum(case when is_checked then 1 else 0 end) as checked_models,
        sum(case when is_checked then downloads_30d else 0 end) as checked_downloads,
        sum(case when is_flagged then 1 else 0 end) as flagged_models,
        sum(case when is_flagged then downloads_30d else 0 end) as flagged_downloads
    from in_universes
    group by universe
),
two_switches as (
    select distinct model_id
    from core.ancestry
    where evidence = 'curated' and organization_id in ('openai', 'meta') and through_share > 0
),
-- What the flagged models add to the lower and to the upper bound of a share.
taken as (
    select
        u.universe,
        sum(
            case when u.is_first_party or r.upstream_class = 'derived' then u.downloads_30d else 0 end
        ) as dependent_lower,
        sum(
            case
                when u.is_first_party or r.upstream_class in ('derived', 'unknown') then u.downloads_30d
                else 0
            end
        ) as dependent_upper,
        sum(case when t.model_id is not null then u.downloads_30d else 0 end) as openai_meta_lower,
        sum(
            case
                when t.model_id is not null or r.unknown_share + r.assumed_share > 0 then u.downloads_30d
                else 0
            end
        ) as openai_meta_upper
    from in_universes as u
    inner join core.model_roots as r on r.model_id = u.model_id and r.evidence = 'curated'
    left join two_switches as t on t.model_id = u.model_id
    where u.is_flagged
    group by u.universe
),
taken_origins as (
    select u.universe, a.organization_id, sum(a.origin_share * u.downloads_30d) as origin
    from in_universes as u
    inner join core.ancestry as a on a.model_id = u.model_id and a.evidence = 'curated'
    where u.is_flagged
    group by u.universe, a.organization_id
),
origins as (
    select
        o.universe,
        o.organization_id,
        (o.origin_share * t.downloads - coalesce(k.origin, 0)) / nullif(t.downloads - t.flagged_downloads, 0)
            as origin_share
    from marts.organization_shares as o
    inner join lists as l on l.as_of_date = o.snapshot_date and l.scope = o.scope
    inner join totals as t on t.universe = o.universe
    left join taken_origins as k on k.universe = o.universe and k.organization_id = o.organization_id
    where o.evidence = 'curated' and o.organization_id <> 'unknown'
),
carried as (
    select
        universe,
        sum(origin_share) over (
            partition by universe order by origin_share desc, organization_id
        ) as carried_share,
        row_number() over (
            partition by universe order by origin_share desc, organization_id
        ) as organizations
    from origins
),
half as (
    select universe, min(organizations) as organizations
    from carried
    where carried_share >= 0.5
    group by universe
),
remaining as (
    select
        p.*,
        t.downloads,
        t.checked_models,
        t.checked_downloads,
        t.flagged_models,
        t.flagged_downloads,
        nullif(t.downloads - t.flagged_downloads, 0) as downloads_left,
        case p.headline when 'dependent_share' then k.dependent_lower else k.openai_meta_lower end as taken_lower,
        case p.headline when 'dependent_share' then k.dependent_upper else k.openai_meta_upper end as taken_upper,
        h.organizations
    from published as p
    inner join totals as t on t.universe = p.universe
    left join taken as k on k.universe = p.universe
    left join half as h on h.universe = p.universe
),
recomputed as (
    select
        *,
        case
            when flagged_models = 0 then value
            when unit = 'organizations' then organizations
            else round(greatest(lower * downloads - taken_lower, 0) / downloads_left, 9)
        end as value_unflagged,
        case
            when unit = 'organizations' or flagged_models = 0 then lower
            else round(greatest(lower * downloads - taken_lower, 0) / downloads_left, 9)
        end as lower_unflagged,
        case
            when unit = 'organizations' or flagged_models = 0 then upper
            else round(greatest(upper * downloads - taken_upper, 0) / downloads_left, 9)
        end as upper_unflagged
    from remaining
)
select
    headline,
    universe,
    as_of_date,
    scope,
    cast(checked_models as bigint) as checked_models,
    round(checked_downloads / nullif(downloads, 0), 9) as checked_share,
    cast(flagged_models as bigint) as flagged_models,
    round(flagged_downloads / nullif(downloads, 0), 9) as flagged_share,
    value,
    lower,
    upper,
    cast(value_unflagged as double) as value_unflagged,
    lower_unflagged,
    upper_unflagged,
    unit,
    case
        when checked_models = 0 then 'nothing checked: no audited list or series had its models near the day'
        when value is not null and value_unflagged is null then 'not estimable: nothing is left, or no number of organizations carries half of it'
    end as note
from recomputed
