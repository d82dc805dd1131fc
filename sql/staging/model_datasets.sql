/*
description: >
  Data sets that models name in `dataset:` tags of any list, one row a pair. Few models name one, and many names are
  not of the Hub: that a model names none says nothing.
columns:
  model_id: VARCHAR | Id today.
  dataset_id: VARCHAR | The data set as named, in lower case.
key: [model_id, dataset_id]
checks:
  not_null: [model_id, dataset_id]
*/
with tags as (
    select seen_id, unnest(list_filter(tags, lambda tag: tag like 'dataset:_%')) as tag
    from staging.models
)
select distinct coalesce(r.model_id, t.seen_id) as model_id, lower(trim(substr(t.tag, 9))) as dataset_id
from tags as t
left join staging.renamed_ids as r on r.seen_id = t.seen_id
where trim(substr(t.tag, 9)) <> ''
