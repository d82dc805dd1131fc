/*
description: Names of models in the arena, and whether the weights behind a name are public.
columns:
  model_name: VARCHAR | Model as the arena names it.
  organization_id: VARCHAR | Whose model it is; empty where that organization has no row.
  weights: VARCHAR | open (its weights could be downloaded by the public when it was listed), proprietary or unknown.
  opened_date: DATE | The day from which the weights of a proprietary model were public, if that came later.
  model_id: VARCHAR | Repository of the weights on the Hub, if any.
  status: VARCHAR | verified or unverified; of unverified names neither is believed.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [model_name]
made_by: pipelines.warehouse.registers
checks:
  not_null: [model_name, weights, status, source]
  accepted:
    weights: [open, proprietary, unknown]
    status: [verified, unverified]
  references: {organization_id: reference.organizations.organization_id}
*/
