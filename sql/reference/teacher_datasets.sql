/*
description: >
  Data sets of the Hub that models name as trained on, with the model that wrote or judged them; one row a data set
  and teacher. Those written by people stand here too, so that it shows which were looked at.
columns:
  dataset_id: VARCHAR | Data set as the tag `dataset:` names it; upper and lower case are the same.
  teacher_organization_id: VARCHAR | Organization whose model it was; empty where people wrote it or it is not known.
  teacher_model: VARCHAR | Its name.
  kind: VARCHAR | generated (the model wrote the answers), judged (it chose among answers), mixed (part of a collection) or human.
  teacher_access: VARCHAR | proprietary, open (open weights), none (people) or unknown.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [dataset_id, teacher_organization_id]
made_by: pipelines.warehouse.registers
checks:
  not_null: [dataset_id, kind, teacher_access, status, source]
  accepted:
    kind: [generated, judged, mixed, human]
    teacher_access: [proprietary, open, none, unknown]
    status: [verified, unverified]
  references: {teacher_organization_id: reference.organizations.organization_id}
*/
