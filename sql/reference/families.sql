/*
description: Curated generations of models ("Llama 3", "Qwen 2.5"); one row per family and pattern.
columns:
  family: VARCHAR | Name of the generation.
  organization_id: VARCHAR | Who made it.
  modality: VARCHAR | language, image, audio, video, multimodal, embedding, vision, code or other.
  pattern: VARCHAR | Matched against the lower-cased id of the base model; `%` stands for anything, all else for itself; the longest match wins.
  first_release_date: DATE | First release of the generation.
  status: VARCHAR | verified or unverified.
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [pattern]
made_by: pipelines.warehouse.registers
checks:
  not_null: [family, organization_id, modality, pattern, status, source]
  accepted:
    modality: [language, image, audio, video, multimodal, embedding, vision, code, other]
    status: [verified, unverified]
  references: {organization_id: reference.organizations.organization_id}
*/
