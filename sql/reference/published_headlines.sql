/*
description: >
  Shares that others published, with their definition in the terms of our cube as far as it has them; what stands in
  the way of computing the same is said.
columns:
  headline_id: VARCHAR | Short name.
  country: VARCHAR | Country that the share is of, ISO 3166 alpha-2.
  share_per_mille: BIGINT | The published share, in thousandths.
  us_share_per_mille: BIGINT | The share of the United States published with it, in thousandths.
  publisher: VARCHAR | Who published it.
  published_date: DATE | The day of the publication, or of the first report on it that was read.
  counted_over: VARCHAR | Over which time downloads were counted.
  definition: VARCHAR | What is a share of what, in our words.
  universe: VARCHAR | The closest universe of ours, or all.
  denominator: VARCHAR | all, or country_and_us (the country and the United States alone).
  unit: VARCHAR | uploader or origin.
  variants: VARCHAR | in or out (quantized copies, mirrors and conversions).
  status: VARCHAR | verified or unverified.
  source: VARCHAR | The pages that were read.
  not_reproducible: VARCHAR | What of it cannot be rebuilt from recorded data, and why.
key: [headline_id]
made_by: pipelines.warehouse.registers
checks:
  not_null: [headline_id, country, share_per_mille, publisher, published_date, counted_over, definition, universe, denominator, unit, variants, status, source, not_reproducible]
  ranges: {share_per_mille: [0, 1000], us_share_per_mille: [0, 1000]}
  accepted:
    denominator: [all, country_and_us]
    unit: [uploader, origin]
    variants: [in, out]
    status: [verified, unverified]
*/
