-- staging.model_ids: today's id is not itself renamed, so that one look-up is enough
select i.seen_id, i.model_id, t.model_id as further
from staging.model_ids as i
inner join staging.model_ids as t on t.seen_id = i.model_id
where t.model_id <> i.model_id
