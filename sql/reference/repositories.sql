/*
description: GitHub repositories whose stars are watched; one row per name under which they were observed.
columns:
  observed_name: VARCHAR | owner/name at the time of observation.
  repository: VARCHAR | owner/name today; renames are followed.
  organization_id: VARCHAR | Who maintains it.
  family: VARCHAR | Model family that it belongs to or stands on, if any.
  stands_on: VARCHAR | Organization on whose weights or closed product it stands, namely of the family, if any, or its own; none when it works with weights of anybody (judged by its role); unknown when nobody looked.
  role: VARCHAR | framework, training, inference, application, agent, model, library or sdk.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [observed_name]
made_by: pipelines.warehouse.registers
checks:
  not_null: [observed_name, repository, organization_id, stands_on, role, status, source]
  accepted:
    role: [framework, training, inference, application, agent, model, library, sdk]
    status: [verified, unverified]
  references: {organization_id: reference.organizations.organization_id}
*/
