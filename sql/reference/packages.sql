/*
description: Python packages whose downloads are watched.
columns:
  package: VARCHAR | Normalized name of the package.
  organization_id: VARCHAR | Who maintains it.
  access: VARCHAR | proprietary (client of a closed service), open (needs no closed service) or neutral (works with either).
  role: VARCHAR | sdk, runtime, training, framework, library, orchestration or application.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [package]
made_by: pipelines.warehouse.registers
checks:
  not_null: [package, organization_id, access, role, status, source]
  accepted:
    access: [proprietary, open, neutral]
    role: [sdk, runtime, training, framework, library, orchestration, application]
    status: [verified, unverified]
  references: {organization_id: reference.organizations.organization_id}
*/
