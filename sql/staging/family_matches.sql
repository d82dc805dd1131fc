/*
description: Models whose own id belongs to a curated family; the longest matching pattern wins.
columns:
  model_id: VARCHAR | Id today.
  family: VARCHAR | The curated generation.
  organization_id: VARCHAR | Who made it.
  status: VARCHAR | verified or unverified, as in the register.
key: [model_id]
*/
-- Most patterns begin with an account and a name: comparing that beginning first spares most LIKEs.
select m.model_id, f.family, f.organization_id, f.status
from (select distinct model_id, lower(model_id) as lower_id from staging.model_ids) as m
inner join (select *, split_part(pattern, '%', 1) as beginning from reference.families) as f
    on starts_with(m.lower_id, f.beginning)
    and m.lower_id like replace(f.pattern, '_', '\_') escape '\'
qualify row_number() over (partition by m.model_id order by length(f.pattern) desc, f.pattern) = 1
