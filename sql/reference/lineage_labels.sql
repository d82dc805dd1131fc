/*
description: >
  A random sample of models of the recorded lists for which neither a tag nor a configuration nor a register
  named a base when it was drawn, labelled one by one by hand before anything was inferred for them. Half was
  drawn uniformly, half by downloads; a model may have been drawn twice.
columns:
  model_id: VARCHAR | The model.
  stratum: VARCHAR | uniform (every model alike) or downloads (priority sampling by downloads in 30 days).
  weight: BIGINT | What the row stands for, models in the uniform stratum, downloads in the other.
  downloads_30d: BIGINT | Downloads by the newest list that told them when it was drawn; null where none did.
  label: VARCHAR | descends (its weights began from others), scratch or unclear.
  parent_id: VARCHAR | The base, or the base of its family where the note says so; null where it is not certain.
  relation: VARCHAR | finetune, adapter, quantized, merge or copy; null unless it descends.
  basis: VARCHAR | What the label rests on, one or more of id, task, architecture, tags, data (another row of the given data or registers), general (what is generally known, looked up nowhere) or none.
  status: VARCHAR | verified where the source bears the label out, else unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [model_id, stratum]
made_by: pipelines.warehouse.registers
checks:
  not_null: [model_id, stratum, weight, label, basis, status, source]
  ranges: {weight: [0, null], downloads_30d: [0, null]}
  accepted:
    stratum: [uniform, downloads]
    label: [descends, scratch, unclear]
    relation: [finetune, adapter, quantized, merge, copy]
    status: [verified, unverified]
*/
