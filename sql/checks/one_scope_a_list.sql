-- core.model_snapshots: every list is a registered snapshot with a scope
select distinct m.snapshot_date, m.scope
from core.model_snapshots as m
left join core.snapshots as s
    on s.snapshot_date = m.snapshot_date and s.scope = m.scope and s.is_model_list
where s.scope is null
