/*
description: >
  Who holds the switch: for each organization the share of a list that it uploaded, that originates with it,
  and that meets it anywhere upstream. Uploader and origin shares add up; through shares do not. Organizations
  whose part of the list has no downloads are left out.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  evidence: VARCHAR | declared, curated or inferred; see core.model_roots.
  universe: VARCHAR | One universe, or all.
  organization_id: VARCHAR | The organization, unknown for credit without known origin.
  downloads_total: BIGINT | The denominator, downloads in 30 days of the list's universe.
  uploaded_share: DOUBLE | Share of downloads that it uploaded itself.
  origin_share: DOUBLE | Share of downloads whose credit ends at its roots.
  through_share: DOUBLE | Share of downloads whose credit meets it; null for unknown.
  any_share: DOUBLE | Share of downloads of models with it anywhere upstream; null for unknown.
key: [snapshot_date, scope, evidence, universe, organization_id]
checks:
  ranges:
    uploaded_share: [0, 1]
    origin_share: [0, 1]
    through_share: [0, 1]
    any_share: [0, 1]
*/
with listed as (
    select snapshot_date, scope, universe, model_id, uploader_id, downloads_30d
    from core.model_snapshots
    where downloads_30d > 0
),
totals as (
    select snapshot_date, scope, universe, sum(downloads_30d)::bigint as whole
    from listed
    group by snapshot_date, scope, universe
),
-- Millions of models are thousands of rows once those of one way are added up.
alike as (
    select
        l.snapshot_date, l.scope, l.universe, d.declared_way, d.curated_way, d.inferred_way,
        sum(l.downloads_30d) as downloads_30d
    from listed as l
    inner join core.descents as d on d.model_id = l.model_id
    group by l.snapshot_date, l.scope, l.universe, d.declared_way, d.curated_way, d.inferred_way
),
by_way as (
    select snapshot_date, scope, universe, declared_way as way, downloads_30d from alike
    union all
    select snapshot_date, scope, universe, curated_way, downloads_30d from alike
    union all
    select snapshot_date, scope, universe, inferred_way, downloads_30d from alike
),
-- Two of three models stand on nothing known: their credit is what is left of the whole.
upstream as (
    select
        a.snapshot_date,
        a.scope,
        w.evidence,
        a.universe,
        c.organization_id,
        sum(c.origin_share * a.downloads_30d) as origin,
        sum(c.through_share * a.downloads_30d) as through,
        sum(case when c.through_share > 0 then a.downloads_30d else 0 end) as any_path
    from by_way as a
    inner join core.credit_ways as w on w.way = a.way
    inner join core.credit_shares as c on c.way = a.way and c.organization_id <> 'unknown'
    group by a.snapshot_date, a.scope, w.evidence, a.universe, c.organization_id
),
levels as (
    select evidence from (values ('declared'), ('curated'), ('inferred')) as e (evidence)
),
unknown as (
    select t.snapshot_date, t.scope, e.evidence, t.universe, t.whole - coalesce(sum(u.origin), 0) as origin
    from totals as t
    cross join levels as e
    left join upstream as u
        on u.snapshot_date = t.snapshot_date and u.scope = t.scope and u.universe = t.universe
        and u.evidence = e.evidence
    group by t.snapshot_date, t.scope, e.evidence, t.universe, t.whole
    having t.whole - coalesce(sum(u.origin), 0) > 1e-9 * t.whole
),
-- Who held an account on the day of the list may be in no ancestry: another holds it today.
uploaded as (
    select snapshot_date, scope, universe, uploader_id, sum(downloads_30d) as own
    from listed
    where uploader_id is not null
    group by snapshot_date, scope, universe, uploader_id
),
amounts as (
    select snapshot_date, scope, evidence, universe, organization_id, 0 as own, origin, through, any_path
    from upstream
    union all
    select snapshot_date, scope, evidence, universe, 'unknown', 0, origin, 0, 0 from unknown
    union all
    select u.snapshot_date, u.scope, e.evidence, u.universe, u.uploader_id, u.own, 0, 0, 0
    from uploaded as u
    cross join levels as e
),
summed as (
    select
        snapshot_date,
        scope,
        evidence,
        universe,
        organization_id,
        sum(own) as own,
        sum(origin) as origin,
        sum(through) as through,
        sum(any_path) as any_path
    from (
        select * from amounts
        union all
        select snapshot_date, scope, evidence, 'all', organization_id, own, origin, through, any_path from amounts
    )
    group by snapshot_date, scope, evidence, universe, organization_id
)
select
    s.snapshot_date,
    s.scope,
    s.evidence,
    s.universe,
    s.organization_id,
    t.whole as downloads_total,
    round(s.own / t.whole, 9) as uploaded_share,
    round(s.origin / t.whole, 9) as origin_share,
    case when s.organization_id <> 'unknown' then round(s.through / t.whole, 9) end as through_share,
    case when s.organization_id <> 'unknown' then round(s.any_path / t.whole, 9) end as any_share
from summed as s
inner join (
    select snapshot_date, scope, universe, whole from totals
    union all
    select snapshot_date, scope, 'all', sum(whole)::bigint from totals group by snapshot_date, scope
) as t on t.snapshot_date = s.snapshot_date and t.scope = s.scope and t.universe = s.universe
