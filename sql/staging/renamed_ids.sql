/*
description: >
  The ids of staging.model_ids under which a model is not known today, few among millions. Whoever joins only
  these takes coalesce(model_id, seen_id), which is much quicker than a join with them all.
columns:
  seen_id: VARCHAR | Id as it occurs somewhere.
  model_id: VARCHAR | Id today, another one.
key: [seen_id]
checks:
  not_null: [model_id]
*/
select seen_id, model_id
from staging.model_ids
where seen_id <> model_id
