/*
description: >
  Real cases of weights, or of access to them, that were taken back or never given freely, and what people
  took in their place.
columns:
  withdrawal_id: VARCHAR | Date and short name.
  event_date: DATE | The day; the first day on which somebody noticed, or the first of the month, see event_precision.
  event_precision: VARCHAR | day, about (a source says about), noticed (first notice that was found, the event was earlier) or month.
  name: VARCHAR | What was withdrawn.
  organization_id: VARCHAR | Who withdrew it, or whose it was.
  model_id: VARCHAR | Id of the main repository on the Hub, if any.
  kind: VARCHAR | deleted, blocked (by the host), taken_down (on legal notice), gated (never given freely) or demo_closed (weights stayed).
  substitute_id: VARCHAR | First substitute on the Hub that a source names.
  substitute_kind: VARCHAR | mirror (the same weights elsewhere), leak or successor; empty where none is known.
  substitution_date: DATE | First day on which a source names the substitute; it may have been there before.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [withdrawal_id]
made_by: pipelines.warehouse.registers
checks:
  not_null: [withdrawal_id, event_date, event_precision, name, kind, status, source]
  accepted:
    event_precision: [day, about, noticed, month]
    kind: [deleted, blocked, taken_down, gated, demo_closed]
    substitute_kind: [mirror, leak, successor]
    status: [verified, unverified]
  references: {organization_id: reference.organizations.organization_id}
*/
