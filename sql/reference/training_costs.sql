/*
description: What the training of a model cost, each figure with its definition; a model may have several.
columns:
  model: VARCHAR | Name of the model.
  definition: VARCHAR | What is counted. final_run_gpu_hours, hours of A100 for the published run; final_run_cloud_price, what that run cost or would cost in a cloud then, USD; final_run_amortized, Epoch AI's estimate of hardware and energy for it, USD of 2023, own run only; final_run_amortized_perhaps_with_base, the same where the base's run may be contained; data_and_run_price, data bought and run, USD; development_price, all that was rented and bought, failed runs too, USD.
  organization_id: VARCHAR | Who trained it; empty where that organization has no row.
  kind: VARCHAR | base (trained from scratch) or derivative.
  base_model: VARCHAR | What a derivative began from.
  amount: BIGINT | The figure, in USD or hours as defined.
  precision: VARCHAR | exact (as reported), about or at_most.
  model_date: DATE | Day of the model.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [model, definition]
made_by: pipelines.warehouse.registers
checks:
  not_null: [model, definition, kind, amount, precision, model_date, status, source]
  ranges: {amount: [1, null]}
  accepted:
    definition:
      - final_run_gpu_hours
      - final_run_cloud_price
      - final_run_amortized
      - final_run_amortized_perhaps_with_base
      - data_and_run_price
      - development_price
    kind: [base, derivative]
    precision: [exact, about, at_most]
    status: [verified, unverified]
  references: {organization_id: reference.organizations.organization_id}
*/
