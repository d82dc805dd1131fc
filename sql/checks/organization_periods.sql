-- reference.organizations: the periods of an organization do not overlap
select a.organization_id, a.valid_from, b.valid_from as other
from reference.organizations as a
inner join reference.organizations as b
    on b.organization_id = a.organization_id
    and b.valid_from is distinct from a.valid_from
    and coalesce(a.valid_from, date '1970-01-01') < coalesce(b.valid_to, date '9999-12-31')
    and coalesce(b.valid_from, date '1970-01-01') < coalesce(a.valid_to, date '9999-12-31')
