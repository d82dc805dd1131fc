/*
description: >
  Every name under which a registered GitHub repository was observed or is asked for today, and what the
  register says of it. GitHub takes names in any case, so they are compared in lower case.
columns:
  name: VARCHAR | owner/name in lower case.
  repository: VARCHAR | owner/name today, as registered.
  organization_id: VARCHAR | Who maintains it.
  family: VARCHAR | Model family that it belongs to or stands on under this name, if any.
  role: VARCHAR | framework, training, inference, application, agent, model, library or sdk.
key: [name]
checks:
  not_null: [repository, organization_id, role]
*/
select lower(name) as name, repository, organization_id, family, role
from (
    select observed_name as name, observed_name, repository, organization_id, family, role
    from reference.repositories
    union all
    -- Today's name need not have been observed by anybody yet.
    select repository, observed_name, repository, organization_id, family, role
    from reference.repositories
)
qualify row_number() over (
    partition by lower(name) order by lower(observed_name) = lower(name) desc, observed_name
) = 1
