/*
description: >
  The base that an adapter's configuration names, by the newest list that tells one; one row a model. Itself is
  no base.
columns:
  child_id: VARCHAR | The adapter.
  parent_id: VARCHAR | The base that its configuration names.
key: [child_id]
checks:
  not_null: [parent_id]
*/
with told as (
    select c.model_id as child_id, p.model_id as parent_id
    from staging.models as s
    inner join staging.model_ids as c on c.seen_id = s.seen_id
    inner join staging.model_ids as p on p.seen_id = s.config_base_id
    where s.config_base_id is not null
    qualify row_number() over (
        partition by c.model_id order by s.snapshot_date desc, s.scope, s.seen_id = c.model_id desc, s.seen_id
    ) = 1
)
select child_id, parent_id
from told
where child_id <> parent_id
