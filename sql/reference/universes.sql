/*
description: Which universe a task of the Hub belongs to; shares are always of one universe, or of all.
columns:
  pipeline_tag: VARCHAR | Task as the Hub names it.
  universe: VARCHAR | generative_language, image_generation, video_generation, embedding, speech, vision, language_task or other.
  note: VARCHAR | Why, where it is not plain.
key: [pipeline_tag]
made_by: pipelines.warehouse.registers
checks:
  not_null: [pipeline_tag, universe]
  accepted: {universe: [generative_language, image_generation, video_generation, embedding, speech, vision, language_task, other]}
*/
