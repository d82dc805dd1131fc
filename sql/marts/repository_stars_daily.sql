/*
description: >
  Stars of GitHub repositories by day, under today's name. Observed stars are what was shown on the day;
  surviving stars are those given up to the day that still exist. These are two series that are never joined
  to one line: where a day has both, their difference is churn. A repository and day may have one or the other.
columns:
  repository: VARCHAR | owner/name today.
  date: DATE | Day.
  stars_observed: BIGINT | Stars as shown on that day.
  stars_surviving: BIGINT | Stars given up to that day that still exist; null where the history is not known.
  survivors_as_of_date: DATE | The day on which the survivors were counted; null where they were not.
  forks_observed: BIGINT | Forks as shown on that day.
  observed_name: VARCHAR | Name under which it was shown; where it was not, the name whose history was asked for.
  organization_id: VARCHAR | Who maintains it.
  family: VARCHAR | Model family that it stands on, if any.
  role: VARCHAR | framework, training, inference, application, agent, model, library or sdk.
key: [repository, date]
checks:
  not_null: [observed_name, organization_id, role]
  ranges: {stars_observed: [0, 10000000], forks_observed: [0, 10000000]}
*/
with observed as (
    select n.repository, s.date, s.stars, s.forks, s.full_name
    from staging.repository_stars as s
    inner join staging.repository_names as n on n.name = lower(s.full_name)
    qualify row_number() over (
        partition by n.repository, s.date order by s.stars desc, s.full_name
    ) = 1
),
both_series as (
    select
        coalesce(o.repository, v.repository) as repository,
        coalesce(o.date, v.date) as date,
        o.stars as stars_observed,
        v.stars_surviving,
        v.survivors_as_of_date,
        o.forks as forks_observed,
        coalesce(o.full_name, v.asked_name) as observed_name
    from observed as o
    full outer join staging.surviving_stars as v on v.repository = o.repository and v.date = o.date
)
select
    b.repository,
    b.date,
    b.stars_observed,
    b.stars_surviving,
    b.survivors_as_of_date,
    b.forks_observed,
    b.observed_name,
    n.organization_id,
    n.family,
    n.role
from both_series as b
inner join staging.repository_names as n on n.name = lower(b.observed_name)
