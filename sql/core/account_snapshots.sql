/*
description: >
  The counts of each account in each list and universe, with its organization as of that day. Lists that tell no
  downloads are left out.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  universe: VARCHAR | Universe of the models; unknown where the task is not known.
  account: VARCHAR | Account on the Hub today; (none) for ids without one.
  uploader_id: VARCHAR | Organization behind it on that day; null when not registered.
  models: BIGINT | Number of its models that tell downloads.
  downloads_30d: BIGINT | Their downloads in 30 days.
  most_downloads_30d: BIGINT | Downloads of the most downloaded of its models.
  first_party_downloads_30d: BIGINT | Those of them that count as uploaded by a well-funded organization.
key: [snapshot_date, scope, universe, account]
checks:
  not_null: [models, downloads_30d, most_downloads_30d, first_party_downloads_30d]
  references: {uploader_id: core.organizations.organization_id}
*/
select
    snapshot_date,
    scope,
    universe,
    case when contains(model_id, '/') then split_part(model_id, '/', 1) else '(none)' end as account,
    max(uploader_id) as uploader_id,
    count(*) as models,
    sum(downloads_30d)::bigint as downloads_30d,
    max(downloads_30d) as most_downloads_30d,
    sum(case when is_first_party then downloads_30d else 0 end)::bigint as first_party_downloads_30d
from core.model_snapshots
where downloads_30d is not null
group by
    snapshot_date,
    scope,
    universe,
    case when contains(model_id, '/') then split_part(model_id, '/', 1) else '(none)' end
