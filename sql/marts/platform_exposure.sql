/*
description: >
  The switch that nobody mentions: what would be unseen or lost if a platform itself stopped, and how much of
  that is known. The lists are read from one platform, Hugging Face; no register says which weights also lie
  elsewhere (ModelScope, Ollama, torrents, private disks), so that share is unknown, not zero. The newest list
  of each scope that tells downloads, and what is read from other platforms.
columns:
  platform: VARCHAR | huggingface, github or pypi.
  subject: VARCHAR | read_from_platform (would be unseen), copied_within_platform (has a registered copy in another account there, which would stop too) or known_elsewhere (weights known to lie on another platform).
  scope: VARCHAR | Population, as in core.snapshots; registered for what the registers name.
  snapshot_date: DATE | The day of the list; null for registers.
  unit: VARCHAR | models, repositories or packages.
  number: BIGINT | How many of them; null where it is unknown.
  downloads_30d: BIGINT | Their downloads in 30 days; null where unknown or not told.
  share: DOUBLE | Share of the list's downloads; null where unknown or not told.
  knowledge: VARCHAR | known, lower_bound (registers are not complete) or unknown.
key: [platform, subject, scope]
checks:
  not_null: [unit, knowledge]
  ranges: {number: [0, null], share: [0, 1]}
  accepted:
    platform: [huggingface, github, pypi]
    subject: [read_from_platform, copied_within_platform, known_elsewhere]
    knowledge: [known, lower_bound, unknown]
*/
with newest as (
    select scope, max(snapshot_date) as snapshot_date
    from core.model_snapshots
    where downloads_30d is not null
    group by scope
),
copies as (
    select child_id, parent_id
    from core.lineage
    where relation = 'copy' and evidence <> 'inferred' and not is_superseded
),
copied as (
    select child_id as model_id from copies
    union
    select parent_id from copies
),
listed as (
    select
        s.scope,
        s.snapshot_date,
        count(*) as models,
        sum(s.downloads_30d)::bigint as downloads_30d,
        count(c.model_id) as copied_models,
        sum(case when c.model_id is not null then s.downloads_30d else 0 end)::bigint as copied_downloads_30d
    from core.model_snapshots as s
    inner join newest as n on n.scope = s.scope and n.snapshot_date = s.snapshot_date
    left join copied as c on c.model_id = s.model_id
    group by s.scope, s.snapshot_date
)
select
    'huggingface' as platform,
    'read_from_platform' as subject,
    scope,
    snapshot_date,
    'models' as unit,
    models as number,
    downloads_30d,
    case when downloads_30d > 0 then cast(1 as double) end as share,
    'known' as knowledge
from listed
union all
select
    'huggingface', 'copied_within_platform', scope, snapshot_date, 'models', copied_models, copied_downloads_30d,
    case when downloads_30d > 0 then round(copied_downloads_30d / downloads_30d, 9) end, 'lower_bound'
from listed
union all
select 'huggingface', 'known_elsewhere', scope, snapshot_date, 'models', null, null, null, 'unknown'
from listed
union all
select 'github', 'read_from_platform', 'registered', null, 'repositories', count(*), null, null, 'known'
from core.repositories
having count(*) > 0
union all
select 'pypi', 'read_from_platform', 'registered', null, 'packages', count(*), null, null, 'known'
from reference.packages
having count(*) > 0
