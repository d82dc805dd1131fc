/*
description: Accounts that were renamed; an id under the old name is the same model under the new one.
columns:
  old_account: VARCHAR | Account before.
  new_account: VARCHAR | Account today.
  renamed_date: DATE | When, if known.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [old_account]
made_by: pipelines.warehouse.registers
checks:
  not_null: [old_account, new_account, status, source]
  accepted: {status: [verified, unverified]}
*/
