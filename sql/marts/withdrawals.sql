/*
description: >
  Roots that went away, or never were free: the registered cases with the days until a substitute was named,
  and models that at least five others name as their base while no landed list has them. Lists are partial,
  so the latter may be there all the same unless hub_status says otherwise. Days to substitution run from the
  event to the first day on which a source names the substitute: an upper bound, since the copy may have stood
  there before; only where both are known to the day, so not where the event was about then, noticed later or
  known by its month, nor where nobody named one.
columns:
  basis: VARCHAR | register, or named_only (a base that no list has).
  subject: VARCHAR | Register row, or id of the model.
  name: VARCHAR | What went away.
  organization_id: VARCHAR | Whose it was.
  model_id: VARCHAR | Id today of the main repository, if any.
  kind: VARCHAR | deleted, blocked, taken_down, gated or demo_closed; null for named_only.
  event_date: DATE | Day of the event, or of the first notice; see event_precision.
  event_precision: VARCHAR | day, about, noticed or month.
  substitute_id: VARCHAR | Id today of the first substitute that a source names.
  substitute_kind: VARCHAR | mirror, leak or successor.
  substitution_date: DATE | First day on which a source names the substitute.
  days_to_substitution: BIGINT | From event_date to substitution_date; null unless both are known to the day.
  is_in_no_list: BOOLEAN | True when no landed list has the model; null where the register names none that is known.
  hub_status: VARCHAR | Answer of the Hub when asked for the id; null when it was never asked.
  hub_checked_date: DATE | The day of that answer.
  children: BIGINT | Models that name it as a base, copies left out (curated evidence); null where it is in no lineage.
  adapters: BIGINT | Those of them that are adapters and need it.
  copies: BIGINT | Its registered copies in other accounts.
  dated_children: BIGINT | Those children whose birth some list tells.
  children_born_after: BIGINT | Those of them born after event_date; null where no birth is known or the event is not known to the day.
  substitute_downloads_30d: BIGINT | Downloads in 30 days of the substitute, by the newest list that tells them.
  substitute_downloads_date: DATE | The day of that list.
  status: VARCHAR | verified or unverified; null for named_only.
  source: VARCHAR | Source of the register row; for named_only the lineage.
  note: VARCHAR | What a reader should know.
key: [basis, subject]
checks:
  not_null: [name, source]
  ranges: {days_to_substitution: [0, null], children: [0, null]}
  accepted:
    basis: [register, named_only]
*/
with edges as (
    select child_id, parent_id, relation
    from core.lineage
    where evidence <> 'inferred' and not is_superseded
),
named as (
    select lower(model_id) as folded_id from reference.withdrawals
    union
    select lower(substitute_id) from reference.withdrawals
),
today as (
    select n.folded_id as seen_id, min(i.model_id) as model_id
    from staging.model_ids as i
    inner join named as n on n.folded_id = lower(i.seen_id)
    group by n.folded_id
),
registered as (
    select
        w.*,
        coalesce(i.model_id, w.model_id) as current_id,
        coalesce(t.model_id, w.substitute_id) as current_substitute_id
    from reference.withdrawals as w
    left join today as i on i.seen_id = lower(w.model_id)
    left join today as t on t.seen_id = lower(w.substitute_id)
),
counted as (
    select
        parent_id,
        count(case when relation <> 'copy' then 1 end) as children,
        count(case when relation = 'adapter' then 1 end) as adapters,
        count(case when relation = 'copy' then 1 end) as copies
    from edges
    group by parent_id
),
heirs as (
    select r.withdrawal_id, r.event_precision, r.event_date, e.child_id
    from registered as r
    inner join edges as e on e.parent_id = r.current_id and e.relation <> 'copy'
),
born as (
    select model_id, min(birth_date) as birth_date
    from core.births
    where series = 'births_surviving' and model_id in (select child_id from heirs)
    group by model_id
),
after_event as (
    select
        h.withdrawal_id,
        count(*) as dated_children,
        case
            when h.event_precision = 'day' then count(case when b.birth_date > h.event_date then 1 end)
        end as children_born_after
    from heirs as h
    inner join born as b on b.model_id = h.child_id
    group by h.withdrawal_id, h.event_precision
),
missing as (
    select m.model_id, m.organization_id, c.children, c.adapters, c.copies
    from core.models as m
    inner join counted as c on c.parent_id = m.model_id
    where m.is_named_only
        and c.children >= 5
        and not exists (select 1 from registered as r where r.current_id = m.model_id)
)
select
    'register' as basis,
    r.withdrawal_id as subject,
    r.name,
    r.organization_id,
    r.current_id as model_id,
    r.kind,
    r.event_date,
    r.event_precision,
    r.current_substitute_id as substitute_id,
    r.substitute_kind,
    r.substitution_date,
    case when r.event_precision = 'day' then r.substitution_date - r.event_date end as days_to_substitution,
    m.is_named_only as is_in_no_list,
    s.status as hub_status,
    s.checked_date as hub_checked_date,
    c.children,
    c.adapters,
    c.copies,
    a.dated_children,
    a.children_born_after,
    u.downloads_30d as substitute_downloads_30d,
    u.downloads_date as substitute_downloads_date,
    r.status,
    r.source,
    r.note
from registered as r
left join core.models as m on m.model_id = r.current_id
left join core.model_statuses as s on s.model_id = r.current_id
left join counted as c on c.parent_id = r.current_id
left join after_event as a on a.withdrawal_id = r.withdrawal_id
left join core.models as u on u.model_id = r.current_substitute_id
union all
select
    'named_only', m.model_id, m.model_id, m.organization_id, m.model_id, null, null, null, null, null, null, null,
    true, s.status, s.checked_date, m.children, m.adapters, m.copies, null, null, null, null, null,
    'core.lineage', null
from missing as m
left join core.model_statuses as s on s.model_id = m.model_id
