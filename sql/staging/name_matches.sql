/*
description: >
  Which model the name of a model points to, once for models of which no tag, configuration or register says
  anything, and once, to measure this, for models that declare a base, as if neither they nor any model
  of the authors of their fold (a fifth of all, by a hash of the account) declared one. At most one a model; a rule is tried where those before it found nothing.
  Of several candidates of one name a model of the own account is taken, then one of the maker of the family,
  then the one on which most other authors build, then the most downloaded, then the first by id; never one that
  is younger by more than a day or of another architecture where both are told, and none that would close a
  circle. Shared papers and data sets were tried and left out, too few of them led to the right root (22 to 37
  in 100). Where more than 60,000 models declare a base, authors drawn by the same hash stand for all.
columns:
  child_id: VARCHAR | The model.
  fold: BIGINT | For masked models, which fifth of the authors theirs is in; null for models of which nothing is told.
  parent_id: VARCHAR | What its name points to, a model of some list; null for masked models whose name tells nothing.
  relation: VARCHAR | finetune, adapter, quantized, merge or copy, as its name tells.
  rule: VARCHAR | account_in_name (bartowski/google_gemma-2-9b-it-GGUF), format (the name without -GGUF, -AWQ, -4bit ... is a model's), same_name (its account deals in copies, or the other is the maker, or was there before), training (the name without -lora, -dpo, -instruct ... is a model's) or base_in_name (the longest name of a known base within it).
key: [child_id]
made_by: inference.name_matches
inputs:
  models: >
    with holders as (
      select account, arg_max(organization_id, coalesce(valid_from, date '1970-01-01')) as organization_id
      from reference.accounts
      where status = 'verified'
      group by account
    ),
    settled as (
      select child_id as model_id from staging.told_edges where child_id <> parent_id
      union
      select coalesce(r.model_id, o.model_id)
      from reference.origins as o
      left join staging.renamed_ids as r on r.seen_id = o.model_id
      where o.origin = 'scratch' and o.status = 'verified'
    )
    select
      m.model_id,
      m.architecture,
      m.created_at,
      m.downloads_30d,
      coalesce(coalesce(f.organization_id, h.organization_id) = h.organization_id, false) as is_maker,
      t.model_id is not null as is_settled
    from staging.known_models as m
    left join holders as h on contains(m.model_id, '/') and h.account = split_part(m.model_id, '/', 1)
    left join staging.family_matches as f on f.model_id = m.model_id
    left join settled as t on t.model_id = m.model_id
    where m.lists > 0
  other_names: select model_id, seen_id from staging.renamed_ids
  masked: >
    with declaring as (
      select distinct
        child_id,
        case when contains(child_id, '/') then lower(split_part(child_id, '/', 1)) else '' end as account
      from staging.told_edges
      where evidence = 'declared' and child_id <> parent_id
    ),
    authors as (
      select account, ('0x' || left(md5(account), 8))::bigint as hash
      from (select distinct account from declaring)
    )
    select d.child_id, a.hash % 5 as fold
    from declaring as d
    inner join authors as a on a.account = d.account
    where a.hash <= 4294967295 * least(1.0, 60000.0 / (select count(*) from declaring))
  builders: >
    with built as (
      select distinct
        parent_id,
        case when contains(child_id, '/') then lower(split_part(child_id, '/', 1)) else '' end as account
      from staging.told_edges
      where lower(split_part(child_id, '/', 1)) <> lower(split_part(parent_id, '/', 1))
    ),
    authors as (
      select account, ('0x' || left(md5(account), 8))::bigint % 5 as fold
      from (select distinct account from built)
    )
    select b.parent_id, a.fold, count(*) as authors
    from built as b
    inner join authors as a on a.account = b.account
    group by b.parent_id, a.fold
  edges: >
    select child_id, parent_id from staging.told_edges where child_id <> parent_id
checks:
  ranges: {fold: [0, 4]}
  accepted:
    relation: [finetune, adapter, quantized, merge, copy]
    rule: [account_in_name, format, same_name, training, base_in_name]
*/
