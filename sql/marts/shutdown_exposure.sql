/*
description: >
  What hangs on which organizations, so that what any set of them would take with it follows exactly, by
  filters alone (sql/examples/what_is_left_without.sql). The newest list of each scope; accounts as held
  today. A family of sets is written as text, names joined by + make a set, sets joined by | a family, minimal
  sets only; an empty text says that there is none. The pseudo-organization unknown stands for whoever may
  be behind what is not known: a figure for a set without it is the lower bound, with it the upper bound; for
  stranded, what is broken without unknown is left out of both bounds. Never add rows of different snapshot,
  scope or evidence.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed; see core.snapshots.
  evidence: VARCHAR | declared (tags alone), curated (also adapter configurations and verified register rows) or inferred (also what names suggest).
  universe: VARCHAR | Universe of the models' task; unknown where the task is not known.
  uploader: VARCHAR | Organization that holds the account, or unregistered. Gone are the models whose uploader is in the set that stops.
  upstream: VARCHAR | Set of all organizations on any path from the model up to its roots, its uploader and the roots' makers included. Never born (any) are the models of whose upstream one is in the set.
  paths: VARCHAR | Family of the organizations on each path up to a root. Never born (all) are the models on each of whose paths one is in the set.
  needs: VARCHAR | Family of the holders of a base that an adapter cannot work without, its mirrors' holders included. Broken are the models that are not gone and have a set of it whole in the set that stops.
  losses: VARCHAR | Family of the holders of an ancestor, its mirrors' included. Stranded are the models that are neither gone nor broken and have a set of it whole in the set that stops.
  models: BIGINT | Number of models.
  derivatives: BIGINT | Those of them with a known parent.
  downloads_30d: BIGINT | Downloads in 30 days; null when none of them tells any.
  likes: BIGINT | Likes; null when none of them tells any.
key: [snapshot_date, scope, evidence, universe, uploader, upstream, paths, needs, losses]
made_by: exposure.exposure
inputs:
  models: >
    select model_id, organization_id, library_name = 'peft' as is_adapter
    from core.models
  lineage: select child_id, parent_id, relation, evidence, is_superseded from core.lineage
  origins: >
    with roots as (
      select model_id, declared_way as way from core.descents where declared_parents = 0
      union all
      select model_id, curated_way from core.descents where curated_parents = 0
      union all
      select model_id, inferred_way from core.descents where inferred_parents = 0
    )
    select r.model_id, w.evidence, s.organization_id, w.origin_basis as basis
    from roots as r
    inner join core.credit_ways as w on w.way = r.way and w.origin_basis <> 'none'
    inner join core.credit_shares as s
        on s.way = r.way and s.organization_id <> 'unknown' and s.origin_share > 0
  listed: >
    select s.snapshot_date, s.scope, s.model_id, s.universe, s.downloads_30d, s.likes
    from core.model_snapshots as s
    inner join (
        select scope, max(snapshot_date) as snapshot_date from core.model_snapshots group by scope
    ) as n on n.scope = s.scope and n.snapshot_date = s.snapshot_date
checks:
  not_null: [models, derivatives]
  ranges: {models: [1, null], derivatives: [0, null], downloads_30d: [0, null], likes: [0, null]}
  accepted:
    evidence: [declared, curated, inferred]
*/
