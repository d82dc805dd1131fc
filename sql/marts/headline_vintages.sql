/*
description: >
  Every headline as it was published, one row a number and vintage. A revision is a new row and the old one
  stays, so a number that was quoted can be found again. Kept in vintages/headlines.jsonl from release to
  release; the rows of this release are in here before they are appended there, where the release's id stands
  beside them. Releases of a later as-of date are not shown.
columns:
  headline: VARCHAR | Short name of the number, see marts.headlines.
  universe: VARCHAR | Universe it is about.
  as_of_date: DATE | The day that it is about.
  scope: VARCHAR | Which population it is of.
  vintage: BIGINT | Number of the vintage, from 1.
  published_as_of_date: DATE | As-of date of the release that first said so.
  value: DOUBLE | The number.
  lower: DOUBLE | Lower bound; null where there is none.
  upper: DOUBLE | Upper bound; null where there is none.
  is_revision: BOOLEAN | True when an earlier release said something else of the same number.
  previous_value: DOUBLE | What it said; null for the first vintage.
  is_newest: BOOLEAN | True for the vintage that stands.
  unit: VARCHAR | Unit, see marts.headlines.
  denominator: VARCHAR | What the number is a share of.
key: [headline, universe, as_of_date, scope, vintage]
made_by: pipelines.warehouse.vintages
reads: [marts.headlines]
checks:
  not_null: [published_as_of_date, is_revision, is_newest, unit, denominator]
  ranges: {vintage: [1, null]}
*/
