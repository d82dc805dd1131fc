/*
description: >
  Registered GitHub repositories as they were last observed live. Those that were never asked for, as in
  recorded mode, have a row without status and counts. A repository that is not there has no counts.
columns:
  repository: VARCHAR | owner/name today, as registered.
  observed_name: VARCHAR | owner/name that was asked for.
  full_name_observed: VARCHAR | owner/name as answered; another one when it was renamed since.
  status: VARCHAR | there, renamed (to a name that the register does not know), gone (or private) or taken_down.
  is_archived: BOOLEAN | True when it is read-only.
  stars_observed: BIGINT | Stars on that day.
  forks_observed: BIGINT | Forks on that day.
  license: VARCHAR | SPDX id of the licence; NOASSERTION where GitHub recognizes none.
  created_at: TIMESTAMP | Creation (UTC).
  pushed_at: TIMESTAMP | Last push (UTC).
  observed_date: DATE | The day of the newest observation.
  github_id: BIGINT | GitHub's number of the repository; it survives renames.
  problems: VARCHAR | Fields of the answer that cannot be true or are missing; they are null here.
  organization_id: VARCHAR | Who maintains it.
  family: VARCHAR | Model family that it belongs to or stands on, if any.
  role: VARCHAR | framework, training, inference, application, agent, model, library or sdk.
key: [repository]
checks:
  not_null: [organization_id, role]
  accepted: {status: [there, renamed, gone, taken_down]}
  ranges: {stars_observed: [0, 10000000], forks_observed: [0, 10000000]}
*/
with newest as (
    select *
    from staging.repositories
    qualify row_number() over (
        partition by repository
        order by
            date desc, status in ('there', 'renamed') desc, lower(asked_name) = lower(repository) desc,
            asked_name
    ) = 1
)
select
    n.repository,
    s.asked_name as observed_name,
    s.full_name as full_name_observed,
    s.status,
    s.is_archived,
    s.stars as stars_observed,
    s.forks as forks_observed,
    s.license,
    s.created_at,
    s.pushed_at,
    s.date as observed_date,
    s.github_id,
    s.problems,
    n.organization_id,
    n.family,
    n.role
from staging.repository_names as n
left join newest as s on s.repository = n.repository
where n.name = lower(n.repository)
