/*
description: >
  How right the inferred lineage is and how much it finds. masked_declared puts it to the test on models that
  declare a base, all models of an author masked together; it is measured on the lists that there are (mostly
  language models in the recorded ones), and models that declare are no random sample of those that do not.
  hand_labelled is a random sample of the models that name no base, labelled by hand before anything was
  inferred for them; of its labels those that say unclear are left out, and whatever is judged by the parent
  leaves out labels that are certain of a descent but not of the parent. Two mistakes that a first look at the
  labels showed were mended in the rules, so recall on them is flattered a little (before, 61 of 149 found, now 67).
columns:
  evaluation: VARCHAR | masked_declared or hand_labelled.
  dimension: VARCHAR | What the row is a part by, all, relation (as declared), birth_year (of the child), rule (of the inference) or label_status (verified labels alone).
  part: VARCHAR | Which part of the dimension; all, a relation, a year or not told, a rule, a status.
  weight: VARCHAR | What a case counts, edges (each alike), models (each alike, by the sample's weights) or downloads_30d (of the child; cases without are left out).
  measure: VARCHAR | precision (of the inferred parents, the part that is right) or recall (of the true edges, the part that is inferred; by rule there is none).
  criterion: VARCHAR | What is right, parent (the very model that is declared, after renames), root (a model of the same root, registers admitted, so a grandparent or a sibling counts too), organization (the same organization at the origin) or descends (that it descends at all; for labels only).
  cases: BIGINT | Inferred parents, or true edges.
  authors: BIGINT | Authors of these; edges of one author are alike.
  effective_cases: DOUBLE | As many independent cases of equal weight would give the same variance (between authors; for labels between models).
  estimate: DOUBLE | Weighted part of the cases that is right or found.
  lower: DOUBLE | Lower end of the 95 % interval (Wilson at effective_cases).
  upper: DOUBLE | Upper end of that interval.
  status: VARCHAR | estimated, or not estimable and why; then estimate and interval are null.
key: [evaluation, dimension, part, weight, measure, criterion]
checks:
  not_null: [cases, authors, status]
  ranges: {estimate: [0, 1], lower: [0, 1], upper: [0, 1], effective_cases: [0, null]}
  accepted:
    evaluation: [masked_declared, hand_labelled]
    dimension: [all, relation, birth_year, rule, label_status]
    weight: [edges, models, downloads_30d]
    measure: [precision, recall]
    criterion: [parent, root, organization, descends]
*/
with labels as (
    select
        l.model_id,
        l.stratum,
        l.weight,
        l.label,
        l.status,
        coalesce(p.model_id, l.parent_id) as parent_id,
        i.parent_id as inferred_id,
        i.rule
    from reference.lineage_labels as l
    inner join staging.model_ids as c on c.seen_id = l.model_id
    left join staging.model_ids as p on p.seen_id = l.parent_id
    left join staging.inferred_parents as i on i.child_id = c.model_id
    where
        l.label <> 'unclear'
        and not exists (
            select 1 from staging.told_edges as t where t.child_id = c.model_id and t.parent_id <> t.child_id
        )
),
declared as (
    select m.child_id, t.parent_id, t.relation, m.parent_id as inferred_id, m.rule
    from staging.name_matches as m
    inner join staging.told_edges as t on t.child_id = m.child_id
    where m.fold is not null and t.evidence = 'declared' and t.parent_id <> t.child_id
),
pairs as (
    select parent_id, inferred_id from declared where inferred_id is not null
    union
    select parent_id, inferred_id from labels where inferred_id is not null and parent_id is not null
),
named as (
    select parent_id as model_id from pairs
    union
    select inferred_id from pairs
),
makers as (
    select a.model_id, a.organization_id
    from core.ancestry as a
    inner join named as n on n.model_id = a.model_id
    where a.evidence = 'curated' and a.organization_id <> 'unknown' and a.origin_share > 0
    qualify row_number() over (
        partition by a.model_id order by a.origin_share desc, a.organization_id
    ) = 1
),
compared as (
    select
        p.parent_id,
        p.inferred_id,
        p.parent_id = p.inferred_id as same_parent,
        coalesce(r.root_id, p.parent_id) = coalesce(s.root_id, p.inferred_id) as same_root,
        coalesce(r.root_id, p.parent_id) = coalesce(s.root_id, p.inferred_id)
            or coalesce(x.organization_id = y.organization_id, false) as same_organization
    from pairs as p
    left join core.model_roots as r on r.model_id = p.parent_id and r.evidence = 'curated'
    left join core.model_roots as s on s.model_id = p.inferred_id and s.evidence = 'curated'
    left join makers as x on x.model_id = p.parent_id
    left join makers as y on y.model_id = p.inferred_id
),
edges as (
    select
        d.child_id,
        d.relation,
        d.inferred_id,
        d.rule,
        coalesce(c.same_parent, false) as same_parent,
        coalesce(c.same_root, false) as same_root,
        coalesce(c.same_organization, false) as same_organization,
        split_part(d.child_id, '/', 1) as author,
        coalesce(cast(extract(year from m.created_at) as varchar), 'not told') as birth_year,
        m.downloads_30d
    from declared as d
    left join compared as c on c.parent_id = d.parent_id and c.inferred_id = d.inferred_id
    inner join core.models as m on m.model_id = d.child_id
),
guesses as (
    select
        child_id,
        min(relation) as relation,
        min(rule) as rule,
        bool_or(same_parent) as same_parent,
        bool_or(same_root) as same_root,
        bool_or(same_organization) as same_organization,
        min(author) as author,
        min(birth_year) as birth_year,
        min(downloads_30d) as downloads_30d
    from edges
    where inferred_id is not null
    group by child_id
),
trials as (
    select 'recall' as measure, author, relation, birth_year, cast(null as varchar) as rule, downloads_30d,
        same_parent, same_root, same_organization
    from edges
    union all
    select 'precision', author, relation, birth_year, rule, downloads_30d, same_parent, same_root,
        same_organization
    from guesses
),
judged as (
    select measure, author, relation, birth_year, rule, downloads_30d, 'parent' as criterion,
        same_parent as is_right
    from trials
    union all
    select measure, author, relation, birth_year, rule, downloads_30d, 'root', same_root
    from trials
    union all
    select measure, author, relation, birth_year, rule, downloads_30d, 'organization', same_organization
    from trials
),
by_author as (
    select
        case
            when grouping(relation) = 0 then 'relation'
            when grouping(birth_year) = 0 then 'birth_year'
            when grouping(rule) = 0 then 'rule'
            else 'all'
        end as dimension,
        case
            when grouping(relation) = 0 then relation
            when grouping(birth_year) = 0 then birth_year
            when grouping(rule) = 0 then rule
            else 'all'
        end as part,
        measure,
        criterion,
        author,
        count(*) as cases,
        count(case when is_right then 1 end) as right_cases,
        count(case when downloads_30d > 0 then 1 end) as counted_cases,
        coalesce(sum(cast(downloads_30d as double)), 0) as downloads,
        coalesce(sum(case when is_right then cast(downloads_30d as double) end), 0) as right_downloads
    from judged
    group by grouping sets (
        (measure, criterion, author),
        (measure, criterion, author, relation),
        (measure, criterion, author, birth_year),
        (measure, criterion, author, rule)
    )
),
label_cases as (
    select
        stratum, status, model_id, weight, 'precision' as measure, criterion,
        case criterion
            when 'descends' then label = 'descends'
            when 'parent' then coalesce(same_parent, false)
            when 'root' then coalesce(same_root, false)
            else coalesce(same_organization, false)
        end as is_right
    from (
        select l.*, k.criterion, c.same_parent, c.same_root, c.same_organization
        from labels as l
        cross join (values ('descends'), ('parent'), ('root'), ('organization')) as k (criterion)
        left join compared as c on c.parent_id = l.parent_id and c.inferred_id = l.inferred_id
        where
            l.inferred_id is not null
            and (k.criterion = 'descends' or l.label = 'scratch' or l.parent_id is not null)
    )
    union all
    select
        stratum, status, model_id, weight, 'recall', criterion,
        case criterion
            when 'descends' then inferred_id is not null
            when 'parent' then coalesce(same_parent, false)
            when 'root' then coalesce(same_root, false)
            else coalesce(same_organization, false)
        end
    from (
        select l.*, k.criterion, c.same_parent, c.same_root, c.same_organization
        from labels as l
        cross join (values ('descends'), ('parent'), ('root'), ('organization')) as k (criterion)
        left join compared as c on c.parent_id = l.parent_id and c.inferred_id = l.inferred_id
        where l.label = 'descends' and (k.criterion = 'descends' or l.parent_id is not null)
    )
),
-- One row a slice and author (for labels: and model): how many cases, their weight, and the weight that is right.
clusters as (
    select 'masked_declared' as evaluation, dimension, part, 'edges' as weight, measure, criterion,
        author as cluster, cases, cast(cases as double) as whole, cast(right_cases as double) as hit
    from by_author
    where dimension <> 'rule' or measure = 'precision'
    union all
    select 'masked_declared', dimension, part, 'downloads_30d', measure, criterion, author, counted_cases,
        downloads, right_downloads
    from by_author
    where counted_cases > 0 and (dimension <> 'rule' or measure = 'precision')
    union all
    select 'hand_labelled', 'all', 'all', case stratum when 'uniform' then 'models' else 'downloads_30d' end,
        measure, criterion, model_id, 1, weight, case when is_right then weight else 0 end
    from label_cases
    union all
    select 'hand_labelled', 'label_status', 'verified',
        case stratum when 'uniform' then 'models' else 'downloads_30d' end, measure, criterion, model_id, 1,
        weight, case when is_right then weight else 0 end
    from label_cases
    where status = 'verified'
),
sums as (
    select
        evaluation, dimension, part, weight, measure, criterion,
        cast(sum(cases) as bigint) as cases,
        count(distinct split_part(cluster, '/', 1)) as authors,
        sum(whole) as whole,
        sum(hit) as hit,
        sum(hit * hit) as hit_hit,
        sum(hit * whole) as hit_whole,
        sum(whole * whole) as whole_whole
    from clusters
    group by evaluation, dimension, part, weight, measure, criterion
),
shares as (
    select
        *,
        hit / whole as share,
        -- variance of a ratio of sums over authors; where all or nothing is right it tells nothing
        (hit_hit - 2 * hit / whole * hit_whole + hit / whole * (hit / whole) * whole_whole) / (whole * whole)
            as variance,
        whole * whole / whole_whole as equal_clusters
    from sums
),
sized as (
    select
        *,
        case
            when share < 1e-9 or share > 1 - 1e-9 or variance < 1e-12 then equal_clusters
            else least(cast(cases as double), share * (1 - share) / variance)
        end as size
    from shares
)
select
    evaluation,
    dimension,
    part,
    weight,
    measure,
    criterion,
    cases,
    authors,
    round(size, 3) as effective_cases,
    case when is_enough then round(share, 9) end as estimate,
    case when is_enough then round(greatest(0, middle - half), 9) end as lower,
    case when is_enough then round(least(1, middle + half), 9) end as upper,
    case
        when is_enough then 'estimated'
        when authors < 10 then 'not estimable: fewer than 10 authors'
        else 'not estimable: fewer than 5 effective cases'
    end as status
from (
    select
        *,
        authors >= 10 and size >= 5 as is_enough,
        (share + 1.920729410 / size) / (1 + 3.841458821 / size) as middle,
        1.959963985 * sqrt(share * (1 - share) / size + 0.960364705 / (size * size)) / (1 + 3.841458821 / size)
            as half
    from sized
)
