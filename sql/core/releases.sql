/*
description: >
  Dated events from GPT-2 on: open and gated releases, leaks, withdrawals, announcements, and proprietary
  launches for comparison.
columns:
  release_id: VARCHAR | Date and short name.
  event_date: DATE | The day; the first of the month where only the month is known.
  date_precision: VARCHAR | day or month.
  name: VARCHAR | What was released, leaked, withdrawn or announced.
  organization_id: VARCHAR | Whose model it is.
  organization: VARCHAR | Its name.
  kind: VARCHAR | open_release, gated_release, leak, withdrawal, proprietary_launch or announcement.
  modality: VARCHAR | language, image, audio, video, multimodal, embedding, vision, code or other.
  family: VARCHAR | Curated generation, if any.
  model_id: VARCHAR | Id of the main repository on the Hub, if any.
  base_name: VARCHAR | What its weights descend from, if known and not from scratch.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Where the row comes from.
  note: VARCHAR | What a reader should know.
key: [release_id]
checks:
  not_null: [event_date, name, organization, kind, status, source]
*/
select
    r.release_id,
    r.event_date,
    r.date_precision,
    r.name,
    r.organization_id,
    o.name as organization,
    r.kind,
    r.modality,
    r.family,
    r.model_id,
    r.base_name,
    r.status,
    r.source,
    r.note
from reference.releases as r
inner join core.organizations as o on o.organization_id = r.organization_id
