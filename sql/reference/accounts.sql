/*
description: Which organization holds a Hugging Face account; one row per account and period.
columns:
  account: VARCHAR | Account as spelled on the Hub.
  organization_id: VARCHAR | The organization behind it.
  valid_from: DATE | First day of the period; empty means since ever.
  valid_to: DATE | First day after the period; empty means until further notice.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [account, valid_from]
made_by: pipelines.warehouse.registers
checks:
  not_null: [account, organization_id, status, source]
  accepted: {status: [verified, unverified]}
  references: {organization_id: reference.organizations.organization_id}
*/
