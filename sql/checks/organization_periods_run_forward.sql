-- reference.organizations: a period ends after it began
select organization_id, valid_from, valid_to
from reference.organizations
where valid_to <= valid_from
