/*
description: Models whose own id belongs to a curated family; the longest matching pattern wins.
columns:
  model_id: VARCHAR | Id today.
  family: VARCHAR | The curated generation.
  organization_id: VARCHAR | Who made it.
  status: VARCHAR | verified or unverified, as in the register.
key: [model_id]
*/
select m.model_id, f.family, f.organization_id, f.status
from (select distinct model_id from staging.model_ids) as m
inner join reference.families as f
    on lower(m.model_id) like replace(f.pattern, '_', '\_') escape '\'
qualify row_number() over (partition by m.model_id order by length(f.pattern) desc, f.pattern) = 1
