/*
description: >
  What kind of licence a licence tag of the Hub is. Being on the list of the Open Source Initiative says nothing of
  training data or method.
columns:
  license: VARCHAR | Tag as the Hub writes it, without `license:`.
  license_class: VARCHAR | osi_approved, open_content (free use, but no licence of the OSI's list), custom (terms of one's own or restricted uses), noncommercial, or unstated (the tag does not tell).
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [license]
made_by: pipelines.warehouse.registers
checks:
  not_null: [license, license_class, status, source]
  accepted:
    license_class: [osi_approved, open_content, custom, noncommercial, unstated]
    status: [verified, unverified]
*/
