/*
description: >
  Where the weights of much-downloaded models come from that declare no base model: trained from scratch, or
  from which model. One row per model and parent.
columns:
  model_id: VARCHAR | The model.
  origin: VARCHAR | scratch or derived.
  parent_id: VARCHAR | For derived models, the model whose weights it began from.
  relation: VARCHAR | For derived models, finetune, adapter, quantized (conversions too) or merge.
  trained_by: VARCHAR | For scratch models, the organization that trained the weights, whoever uploaded them.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [model_id, parent_id]
made_by: pipelines.warehouse.registers
checks:
  not_null: [model_id, origin, status, source]
  accepted:
    origin: [scratch, derived]
    relation: [finetune, adapter, quantized, merge]
    status: [verified, unverified]
  references: {trained_by: reference.organizations.organization_id}
*/
