/*
description: >
  Models that organizations released: generative language models of registered accounts, with a known day of
  release, that are no quantized copies, mirrors or conversions. What release_multipliers and
  relative_adoption are about.
columns:
  model_id: VARCHAR | Id today.
  organization_id: VARCHAR | Who released it.
  parameters: BIGINT | Number of parameters; null when not told.
  release_date: DATE | The day, see core.release_dates.
key: [model_id]
checks:
  not_null: [organization_id, release_date]
*/
select m.model_id, m.organization_id, m.parameters, d.release_date
from core.models as m
inner join core.release_dates as d on d.model_id = m.model_id
where m.organization_id is not null
    and m.universe = 'generative_language'
    and not m.is_variant
    and not m.is_named_only
