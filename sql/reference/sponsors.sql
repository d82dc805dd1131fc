/*
description: >
  Who pays for academic and nonprofit organizations, and what is known of the sum; one row an organization, sponsor
  and kind of support. A sum is of its own definition and period: sums are never added or compared without it.
columns:
  organization_id: VARCHAR | The organization that is supported.
  sponsor: VARCHAR | Who supports it, as people write it.
  sponsor_id: VARCHAR | Its row among the organizations, if it has one; that tells how well it is funded.
  sponsor_class: VARCHAR | company, public (state, city, public body), foundation or individual.
  kind: VARCHAR | money, compute or staff.
  amount: BIGINT | The sum in units of the currency; empty where it is not known.
  currency: VARCHAR | ISO 4217.
  period: VARCHAR | The time that the sum is for.
  definition: VARCHAR | What the sum is; promised, spent, in kind.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [organization_id, sponsor, kind]
made_by: pipelines.warehouse.registers
checks:
  not_null: [organization_id, sponsor, sponsor_class, kind, status, source]
  ranges: {amount: [1, null]}
  accepted:
    sponsor_class: [company, public, foundation, individual]
    kind: [money, compute, staff]
    status: [verified, unverified]
  references:
    organization_id: reference.organizations.organization_id
    sponsor_id: reference.organizations.organization_id
*/
