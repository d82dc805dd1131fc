/*
description: >
  Organizations as they stand today, one row each: the newest period of the register. Funding decides whether
  one is well funded; where the register row is unverified that is null and counts as unknown.
columns:
  organization_id: VARCHAR | Short name.
  name: VARCHAR | Name as people write it.
  legal_form: VARCHAR | company, academic, nonprofit, individual or unknown.
  funding: VARCHAR | giant, funded, modest or unknown.
  is_well_funded: BOOLEAN | True for giant or funded; null when funding is unknown or unverified.
  country: VARCHAR | ISO 3166 alpha-2 of the headquarters, if known.
  accounts: BIGINT | Number of Hugging Face accounts in the register.
  valid_from: DATE | First day of the period; null means since ever.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Where the row comes from.
  note: VARCHAR | What a reader should know.
key: [organization_id]
checks:
  not_null: [name, legal_form, funding, accounts, status, source]
*/
select
    o.organization_id,
    o.name,
    o.legal_form,
    o.funding,
    case
        when o.status = 'verified' and o.funding in ('giant', 'funded') then true
        when o.status = 'verified' and o.funding = 'modest' then false
    end as is_well_funded,
    o.country,
    (
        select count(distinct a.account)
        from reference.accounts as a
        where a.organization_id = o.organization_id
    ) as accounts,
    o.valid_from,
    o.status,
    o.source,
    o.note
from reference.organizations as o
qualify row_number() over (
    partition by o.organization_id order by o.valid_from desc nulls last
) = 1
