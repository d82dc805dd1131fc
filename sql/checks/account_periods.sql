-- core.accounts: an account has one holder at a time
select a.account, a.organization_id, b.organization_id as other
from core.accounts as a
inner join core.accounts as b
    on b.account = a.account
    and (b.organization_id <> a.organization_id or b.valid_from <> a.valid_from)
    and a.valid_from < b.valid_to and b.valid_from < a.valid_to
