/*
description: >
  Copies that lead to the true original: mirrors, re-uploads, format conversions, quantized copies, and ids
  that were renamed.
columns:
  alias_id: VARCHAR | The copy, or the old id.
  model_id: VARCHAR | The original, as its maker published it.
  kind: VARCHAR | rename (the same repository), mirror, conversion or quantized.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [alias_id]
made_by: pipelines.warehouse.registers
checks:
  not_null: [alias_id, model_id, kind, status, source]
  accepted:
    kind: [rename, mirror, conversion, quantized]
    status: [verified, unverified]
*/
