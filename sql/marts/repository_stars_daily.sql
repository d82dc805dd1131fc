/*
description: >
  Stars of GitHub repositories by day, under today's name. Observed stars are what a list showed on the day;
  surviving stars (those that still exist) are another series and are never joined to it.
columns:
  repository: VARCHAR | owner/name today.
  date: DATE | Day.
  stars_observed: BIGINT | Stars as shown on that day.
  stars_surviving: BIGINT | Stars given up to that day that still exist; null until the star history is collected.
  forks_observed: BIGINT | Forks as shown on that day.
  observed_name: VARCHAR | Name under which it was shown.
  organization_id: VARCHAR | Who maintains it.
  family: VARCHAR | Model family that it stands on, if any.
  role: VARCHAR | framework, training, inference, application, agent, model, library or sdk.
key: [repository, date]
checks:
  not_null: [observed_name, organization_id, role]
  ranges: {stars_observed: [0, 10000000], forks_observed: [0, 10000000]}
*/
select
    r.repository,
    s.date,
    s.stars as stars_observed,
    cast(null as bigint) as stars_surviving,
    s.forks as forks_observed,
    s.full_name as observed_name,
    r.organization_id,
    r.family,
    r.role
from staging.repository_stars as s
inner join reference.repositories as r on r.observed_name = s.full_name
qualify row_number() over (
    partition by r.repository, s.date order by s.stars desc, s.full_name
) = 1
