/*
description: Which organization holds a Hugging Face account, by period; verified register rows only.
columns:
  account: VARCHAR | Account on the Hub.
  organization_id: VARCHAR | The organization behind it.
  valid_from: DATE | First day of the period; 1970-01-01 means since ever.
  valid_to: DATE | First day after the period; 9999-12-31 means until further notice.
  source: VARCHAR | Where the row comes from.
key: [account, valid_from]
checks:
  not_null: [organization_id, valid_to]
  references: {organization_id: core.organizations.organization_id}
*/
select
    account,
    organization_id,
    coalesce(valid_from, date '1970-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    source
from reference.accounts
where status = 'verified'
