/*
description: >
  What became of models that were asked for by id, by the newest answer: bases that no list has, and families
  that vanished. Without a token the Hub does not tell private from gone; with one it calls both gone.
columns:
  model_id: VARCHAR | Id that was asked for; not followed, so it may be a former one.
  status: VARCHAR | there; renamed; gated (there, but files need an acceptance or approval); private; hidden (private or gone, the asker had no token); gone; taken_down (by the Hub or for legal reasons); unknown.
  current_id: VARCHAR | Id that the Hub answered with; null where it refused.
  checked_date: DATE | The day of that answer.
key: [model_id]
checks:
  not_null: [status, checked_date]
  accepted: {status: [there, renamed, gated, private, hidden, gone, taken_down, unknown]}
*/
with answered as (
    select
        p.subject as model_id,
        p.snapshot_date as checked_date,
        p.status as http_status,
        d.gated,
        d.private,
        d.disabled,
        case when regexp_full_match(d.id, '[\w.-]{1,96}(/[\w.-]{1,96})?') then d.id end as current_id
    from raw.pages as p
    left join raw.model_details as d
        on d.snapshot_date = p.snapshot_date and d.scope = p.scope and d.page = p.page
    where p.source = 'huggingface_model_details' and p.subject is not null
    qualify row_number() over (partition by p.subject order by p.snapshot_date desc, p.page desc) = 1
)
select
    model_id,
    case
        when http_status = 401 then 'hidden'
        when http_status = 403 then 'gated'
        when http_status in (404, 410) then 'gone'
        when http_status = 451 or disabled = 'true' then 'taken_down'
        when http_status <> 200 or current_id is null then 'unknown'
        when lower(current_id) <> lower(model_id) then 'renamed'
        when private = 'true' then 'private'
        when gated in ('true', 'auto', 'manual') then 'gated'
        else 'there'
    end as status,
    current_id,
    checked_date
from answered
