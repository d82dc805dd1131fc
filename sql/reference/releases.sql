/*
description: >
  Dated events from GPT-2 on: open and gated releases, leaks, withdrawals, and proprietary launches for
  comparison.
columns:
  release_id: VARCHAR | Date and short name.
  event_date: DATE | The day; the first of the month where only the month is known.
  date_precision: VARCHAR | day or month.
  name: VARCHAR | What was released, leaked, withdrawn or announced.
  organization_id: VARCHAR | Whose model it is.
  kind: VARCHAR | open_release, gated_release, leak, withdrawal, proprietary_launch or announcement.
  modality: VARCHAR | language, image, audio, video, multimodal, embedding, vision, code or other.
  family: VARCHAR | Curated generation, if any.
  model_id: VARCHAR | Id of the main repository on the Hub, if any.
  base_name: VARCHAR | What its weights descend from, if known and not from scratch.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [release_id]
made_by: pipelines.warehouse.registers
checks:
  not_null: [release_id, event_date, date_precision, name, organization_id, kind, modality, status, source]
  accepted:
    date_precision: [day, month]
    kind: [open_release, gated_release, leak, withdrawal, proprietary_launch, announcement]
    modality: [language, image, audio, video, multimodal, embedding, vision, code, other]
    status: [verified, unverified]
  references: {organization_id: reference.organizations.organization_id}
*/
