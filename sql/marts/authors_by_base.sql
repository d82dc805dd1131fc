/*
description: >
  On whose bases the authors of a half-year build, the newcomers apart: what author_migration says of those
  who stay, this says of all. Each author counts once a half-year (core.author_bases).
columns:
  series: VARCHAR | births_surviving or births_observed, as in core.derivative_births.
  scope: VARCHAR | Which population the lists are of.
  unit: VARCHAR | organization (with more than half of the model's origin credit) or family (curated generation).
  half_year: VARCHAR | Such as 2024-H2.
  base: VARCHAR | Organization or family.
  half_date: DATE | First day of the half-year.
  as_of_date: DATE | End of the data.
  is_illustration: BOOLEAN | True when the population is partial.
  is_unfinished: BOOLEAN | True when the half-year had not ended at the end of the data.
  authors: BIGINT | Authors who built mostly on it.
  new_authors: BIGINT | Those of them of whom the scope dates no earlier derivative.
  half_year_authors: BIGINT | All authors of the half-year.
  share: DOUBLE | authors / half_year_authors; null when not estimable.
  lower: DOUBLE | Lower end of its 95 % interval (Wilson).
  upper: DOUBLE | Upper end of it.
  status: VARCHAR | estimated; illustration, where the list is partial; or not estimable, with the reason.
key: [series, scope, unit, half_year, base]
made_by: migration.authors_by_base
inputs:
  authors: >
    with marked as (
        select
            *,
            half_date = min(half_date) over (
                partition by series, scope, unit, account
            ) as is_new
        from core.author_bases
    )
    select
        m.series, m.scope, m.unit, m.half_date, m.base, l.as_of_date, l.is_illustration,
        count(*) as authors,
        count(case when m.is_new then 1 end) as new_authors
    from marked as m
    inner join core.derivative_series as l on l.series = m.series and l.scope = m.scope
    group by
        m.series, m.scope, m.unit, m.half_date, m.base, l.as_of_date, l.is_illustration
checks:
  not_null: [half_date, as_of_date, is_illustration, is_unfinished, authors, new_authors, half_year_authors, status]
  ranges: {authors: [1, null], share: [0, 1], lower: [0, 1], upper: [0, 1]}
  accepted: {unit: [organization, family]}
*/
