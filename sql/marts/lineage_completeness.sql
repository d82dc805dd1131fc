/*
description: >
  How many models that descend from another name none. must_name counts models whose name or library shows that
  they have a base, by list; a count of that list, so it has no interval. labelled and known estimate it for
  the recorded lists from the hand-labelled sample; some of these lists tell no tags at all, so among their
  models without a known base are some that do declare one where nobody looked. recaptured compares two finders,
  tags and names, as one counts fish: it holds only if models that declare a base are as likely to have a
  telling name as models that do not; where those who declare also name tellingly it misses models that do
  neither, and its estimate is an upper bound. Rows of different scope are never compared.
columns:
  measure: VARCHAR | must_name (of the models that must have a base, the part that names none), labelled (of the models that name none, the part that descends), known (of the models that descend, the part whose base is known by tags, configurations or registers) or recaptured (of the models that descend, the part that names a base, by capture and recapture).
  kind: VARCHAR | For must_name quantized (by format in its name, or library gguf), adapter (by library peft, or lora in its name), merge (merge or a method of it in its name); for the sample's what is counted, models or downloads_30d; else models.
  scope: VARCHAR | The list; recorded-lists is all recorded lists together.
  as_of_date: DATE | The day of the list; of several, of the newest.
  models: BIGINT | Models that must have a base; labels that are not unclear; models that descend as far as tags or names tell.
  named: BIGINT | Those of them that name a base; of labels, those that descend.
  estimate: DOUBLE | The part that the measure is.
  lower: DOUBLE | Lower end of the 95 % interval; null for counts.
  upper: DOUBLE | Upper end of that interval; null for counts.
  if_unclear_scratch: DOUBLE | The estimate if every unclear label were scratch; null where there are no labels.
  if_unclear_descends: DOUBLE | The estimate if every unclear label were a descendant; null where there are no labels.
  status: VARCHAR | counted, estimated, or not estimable and why; then estimate and interval are null.
key: [measure, kind, scope, as_of_date]
checks:
  not_null: [models, named, status]
  ranges: {estimate: [0, 1], lower: [0, 1], upper: [0, 1], if_unclear_scratch: [0, 1], if_unclear_descends: [0, 1]}
  accepted: {measure: [must_name, labelled, known, recaptured]}
*/
with telling as (
    select distinct s.scope, s.snapshot_date
    from staging.models as s
    inner join core.snapshots as n
        on n.scope = s.scope and n.snapshot_date = s.snapshot_date and n.is_model_list and not n.is_live
    where cast(s.tags as varchar) like '%base\_model:%' escape '\'
),
newest as (
    select n.scope, n.snapshot_date, n.is_live
    from core.snapshots as n
    inner join (
        select scope, max(snapshot_date) as snapshot_date
        from core.snapshots
        where is_model_list and is_complete
        group by scope
    ) as w on w.scope = n.scope and w.snapshot_date = n.snapshot_date
    where
        n.is_model_list
        -- lists that were drawn up by who descends from whom say nothing of who names a base
        and coalesce(n.selection, '') <> 'bases'
        and n.scope not in ('family-trees', 'text-generation-lineage')
        -- and where a list tells no bases, nobody can know what its models declare; live lists do, and are long
        and (
            n.is_live
            or exists (select 1 from telling as t where t.scope = n.scope and t.snapshot_date = n.snapshot_date)
        )
),
told as (
    select distinct child_id from staging.told_edges where evidence in ('declared', 'config') and child_id <> parent_id
),
tagged as (
    select
        s.scope,
        s.snapshot_date,
        coalesce(r.model_id, s.seen_id) as model_id,
        lower(split_part(s.seen_id, '/', 2)) as name,
        lower(s.library_name) as library,
        t.child_id is not null as is_named
    from staging.models as s
    inner join newest as n on n.scope = s.scope and n.snapshot_date = s.snapshot_date
    left join staging.renamed_ids as r on r.seen_id = s.seen_id
    left join told as t on t.child_id = coalesce(r.model_id, s.seen_id)
    where s.has_tags
),
must as (
    select
        scope,
        snapshot_date,
        is_named,
        library = 'gguf'
            or regexp_matches(
                name,
                '(^|-|_|\.)(gguf|ggml|gptq|awq|exl2|exl3|bnb|nf4|fp8|nvfp4|(4|8)bit|int(4|8)|w(4|8)a(4|8|16)|'
                    || 'q\d_(0|k)(_(s|m|l))?)($|-|_|\.)'
            )
            as is_quantized,
        library = 'peft' or regexp_matches(name, '(^|-|_|\.)(q?lora|peft|adapter)($|-|_|\.)') as is_adapter,
        regexp_matches(name, '(^|-|_|\.)(merged?|slerp|ties|dare)($|-|_|\.)') as is_merge
    from tagged
),
must_name as (
    select scope, snapshot_date, 'quantized' as kind, is_named from must where is_quantized
    union all
    select scope, snapshot_date, 'adapter', is_named from must where is_adapter
    union all
    select scope, snapshot_date, 'merge', is_named from must where is_merge
),
counts as (
    select
        'must_name' as measure,
        kind,
        scope,
        snapshot_date as as_of_date,
        count(*) as models,
        count(case when is_named then 1 end) as named
    from must_name
    group by kind, scope, snapshot_date
),
-- The sample was drawn from the recorded lists: what names a base there, and how much that weighs.
recorded as (
    select coalesce(i.model_id, s.seen_id) as model_id, arg_max(s.downloads_30d, (s.snapshot_date, s.scope, s.seen_id)) as downloads_30d,
        max(s.snapshot_date) as as_of_date
    from staging.models as s
    inner join core.snapshots as n
        on n.scope = s.scope and n.snapshot_date = s.snapshot_date and n.is_model_list and not n.is_live
    left join staging.renamed_ids as i on i.seen_id = s.seen_id
    group by coalesce(i.model_id, s.seen_id)
),
told_anyhow as (
    select distinct child_id from staging.told_edges where child_id <> parent_id
),
population as (
    select
        count(case when t.child_id is not null then 1 end) as named_models,
        count(case when t.child_id is null then 1 end) as other_models,
        sum(case when t.child_id is not null then cast(r.downloads_30d as double) end) as named_downloads,
        max(r.as_of_date) as as_of_date
    from recorded as r
    left join told_anyhow as t on t.child_id = r.model_id
),
sampled as (
    select
        case stratum when 'uniform' then 'models' else 'downloads_30d' end as kind,
        count(case when label <> 'unclear' then 1 end) as models,
        count(case when label = 'descends' then 1 end) as named,
        cast(sum(weight) as double) as whole,
        cast(sum(case when label <> 'unclear' then weight end) as double) as decided,
        cast(sum(case when label = 'descends' then weight else 0 end) as double) as descends,
        cast(sum(case when label = 'unclear' then weight else 0 end) as double) as unclear,
        -- in priority sampling what weighs more than the least was certain to be drawn, and adds no chance
        sum(case when label <> 'unclear' and weight = threshold then cast(weight as double) * weight end) as squares
    from (
        select *, min(weight) over (partition by stratum) as threshold
        from reference.lineage_labels
    )
    group by stratum
),
shares as (
    select
        s.*,
        p.as_of_date,
        case s.kind when 'models' then p.named_models else p.named_downloads end as told,
        descends / decided as share,
        decided * decided / squares as size,
        -- a draw from other lists than these is no sample of them
        s.kind <> 'models' or p.other_models between 0.8 * s.whole and 1.05 * s.whole as is_of_these
    from sampled as s
    cross join population as p
    where s.decided > 0 and p.as_of_date is not null
),
bounded as (
    select
        *,
        bool_and(is_of_these) over () and size >= 10 as is_estimable,
        (share + 1.920729410 / size) / (1 + 3.841458821 / size) as middle,
        1.959963985 * sqrt(share * (1 - share) / size + 0.960364705 / (size * size)) / (1 + 3.841458821 / size)
            as half
    from shares
),
-- Two finders: tags, and the inference by name, which is run on declared models as if they declared nothing.
found as (
    select
        t.scope,
        t.snapshot_date,
        t.model_id,
        t.is_named,
        t.is_named and m.rule is not null or not t.is_named and i.rule is not null as is_inferred
    from tagged as t
    left join staging.name_matches as m on m.child_id = t.model_id and m.fold is not null
    left join staging.inferred_parents as i on i.child_id = t.model_id
    where not t.is_named or m.child_id is not null
),
captured as (
    select
        scope,
        snapshot_date,
        cast(count(case when is_named then 1 end) as double) as told,
        cast(count(case when is_inferred then 1 end) as double) as inferred,
        cast(count(case when is_named and is_inferred then 1 end) as double) as twice
    from found
    group by scope, snapshot_date
),
chapman as (
    select
        *,
        (told + 1) * (inferred + 1) / (twice + 1) - 1 as total,
        sqrt(
            (told + 1) * (inferred + 1) * (told - twice) * (inferred - twice)
            / ((twice + 1) * (twice + 1) * (twice + 2))
        ) as deviation
    from captured
)
select
    measure, kind, scope, as_of_date, models, named,
    round(1 - cast(named as double) / models, 9) as estimate,
    cast(null as double) as lower,
    cast(null as double) as upper,
    cast(null as double) as if_unclear_scratch,
    cast(null as double) as if_unclear_descends,
    'counted' as status
from counts
union all
select
    'labelled', kind, 'recorded-lists', as_of_date, models, named,
    case when is_estimable then round(share, 9) end,
    case when is_estimable then round(greatest(0, middle - half), 9) end,
    case when is_estimable then round(least(1, middle + half), 9) end,
    case when is_estimable then round(descends / whole, 9) end,
    case when is_estimable then round((descends + unclear) / whole, 9) end,
    case when is_estimable then 'estimated' else 'not estimable: the labels are of other lists, or too few' end
from bounded
union all
select
    'known', kind, 'recorded-lists', as_of_date, models, named,
    case when is_estimable then round(told / (told + whole * share), 9) end,
    case when is_estimable then round(told / (told + whole * least(1, middle + half)), 9) end,
    case when is_estimable then round(told / (told + whole * greatest(0, middle - half)), 9) end,
    case when is_estimable then round(told / (told + descends), 9) end,
    case when is_estimable then round(told / (told + descends + unclear), 9) end,
    case when is_estimable then 'estimated' else 'not estimable: the labels are of other lists, or too few' end
from bounded
union all
select
    'recaptured', 'models', scope, snapshot_date, cast(inferred + told - twice as bigint), cast(told as bigint),
    case when twice >= 10 then round(least(1, told / total), 9) end,
    case when twice >= 10 then round(told / (total + 1.959963985 * deviation), 9) end,
    case when twice >= 10 then round(least(1, told / greatest(total - 1.959963985 * deviation, told)), 9) end,
    null,
    null,
    case when twice >= 10 then 'estimated' else 'not estimable: fewer than 10 models found both ways' end
from chapman
