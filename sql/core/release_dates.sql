/*
description: >
  The day on which each model came out, as far as one is known, and the evidence for it. The earliest of the
  verified correction and the verified announcements (open release, gated release or leak, dated to the day)
  is the release. The creation of the repository counts only where there is neither: weights are often
  uploaded privately before the launch, and repositories made anew long after it (corrected by -51 to +33
  days), so an earlier creation is no earlier release. Unverified rows decide nothing, and neither does an
  announcement of which only the month is known; that month is shown. Where correction and announcement
  agree, the correction is named. Models without any day have no row.
columns:
  model_id: VARCHAR | Id today; renames are followed.
  release_date: DATE | The day on which it came out.
  evidence: VARCHAR | What the day rests on, correction, announcement or repository_creation.
  correction_date: DATE | The day in the register of corrections, if verified.
  announcement_date: DATE | First verified announcement that is dated to the day.
  announcement_month: DATE | First of the month of the first verified announcement of which only the month is known.
  created_date: DATE | Creation of the repository (UTC); where no list tells it, as the correction noted it.
  days_from_creation: BIGINT | release_date - created_date; positive when the repository was there before; null when no creation is known.
  source: VARCHAR | Source of the register row that decided, or the first list that told the creation.
key: [model_id]
checks:
  not_null: [release_date, evidence, source]
  accepted: {evidence: [correction, announcement, repository_creation]}
*/
-- The registers' ids need not stand in staging.model_ids in the same case; one that meets no id is no model that
-- is known.
with named as (
    select lower(model_id) as folded_id from reference.release_date_corrections
    union
    select lower(model_id) from reference.releases
),
met as (
    select lower(i.seen_id) as folded_id, i.model_id
    from staging.model_ids as i
    inner join named as n on n.folded_id = lower(i.seen_id)
),
corrections as (
    select
        i.model_id,
        min(c.release_date) as release_date,
        arg_min(c.hub_created_date, (c.release_date, c.model_id)) as hub_created_date,
        arg_min(c.source, (c.release_date, c.model_id)) as source
    from reference.release_date_corrections as c
    inner join met as i on i.folded_id = lower(c.model_id)
    where c.status = 'verified'
    group by i.model_id
),
announcements as (
    select i.model_id, r.date_precision, r.event_date, r.source, r.release_id
    from reference.releases as r
    inner join met as i on i.folded_id = lower(r.model_id)
    where r.status = 'verified' and r.kind in ('open_release', 'gated_release', 'leak')
),
announced_days as (
    select model_id, min(event_date) as event_date, arg_min(source, (event_date, release_id)) as source
    from announcements
    where date_precision = 'day'
    group by model_id
),
announced_months as (
    select model_id, min(event_date) as event_date
    from announcements
    where date_precision = 'month'
    group by model_id
),
lists as (
    select
        t.created_told_date,
        t.created_told_scope,
        coalesce(n.origin || ': ', '') || t.created_told_scope || ' of ' || t.created_told_date as source
    from (select distinct created_told_date, created_told_scope from staging.known_models) as t
    left join core.snapshots as n
        on n.is_model_list and n.snapshot_date = t.created_told_date and n.scope = t.created_told_scope
),
candidates as (
    select
        m.model_id,
        c.release_date as correction_date,
        d.event_date as announcement_date,
        o.event_date as announcement_month,
        coalesce(m.created_at::date, c.hub_created_date) as created_date,
        c.source as correction_source,
        d.source as announcement_source,
        l.source as creation_source,
        case
            when c.release_date <= coalesce(d.event_date, c.release_date) then 'correction'
            when d.event_date is not null then 'announcement'
            when m.created_at is not null then 'repository_creation'
        end as evidence
    from staging.known_models as m
    left join corrections as c on c.model_id = m.model_id
    left join announced_days as d on d.model_id = m.model_id
    left join announced_months as o on o.model_id = m.model_id
    left join lists as l
        on l.created_told_date = m.created_told_date and l.created_told_scope = m.created_told_scope
),
decided as (
    select
        *,
        case evidence
            when 'correction' then correction_date
            when 'announcement' then announcement_date
            else created_date
        end as release_date
    from candidates
    where evidence is not null
)
select
    model_id,
    release_date,
    evidence,
    correction_date,
    announcement_date,
    announcement_month,
    created_date,
    release_date - created_date as days_from_creation,
    case evidence
        when 'correction' then correction_source
        when 'announcement' then announcement_source
        else creation_source
    end as source
from decided
