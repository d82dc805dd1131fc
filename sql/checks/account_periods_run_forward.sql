-- reference.accounts: a period ends after it began
select account, valid_from, valid_to
from reference.accounts
where valid_to <= valid_from
