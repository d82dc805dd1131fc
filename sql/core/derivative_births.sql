/*
description: >
  When each derivative was born and on whose base: the models of each dated list that have a known parent
  (curated evidence), with the day of core.births or the reason why there is none. One row a series, scope and
  model. Copies and quantized models are in it and marked; so are a maker's own further models.
columns:
  series: VARCHAR | births_surviving or births_observed, as in core.births; never added up.
  scope: VARCHAR | Which population the lists are of.
  as_of_date: DATE | The day of the newest list behind it, the end of the data.
  data_begin_date: DATE | Where the data begins, the Hub's floor of 2022-03-02 for births_surviving, the first whole list for births_observed; what was born by then has no day, and in births_observed no row.
  model_id: VARCHAR | Id today.
  birth_date: DATE | Creation of the repository (UTC), or the day of the list that first showed it; null where no day is known.
  date_basis: VARCHAR | What the day rests on, repository_creation or first_list; before_data (at the Hub's floor, so born on data_begin_date or earlier) or not_told (the list gives no date) where there is none.
  first_seen_date: DATE | First list of any scope that had it; null where none did.
  account: VARCHAR | The author, the account that holds it; null for ids without one.
  holder_id: VARCHAR | Organization behind that account today, not on the day of birth (uploader_id of core.births); null when not registered.
  is_variant: BOOLEAN | True for quantized copies, mirrors and conversions.
  family: VARCHAR | Nearest curated generation along its main line of descent; null when none.
  is_makers_own: BOOLEAN | True when the maker of that generation uploaded it, then it is no derivative of the family.
  base_organization_id: VARCHAR | Organization with more than half of its origin credit (core.ancestry); several where none has that much, unknown where that half ends in unknown roots.
  is_own_base: BOOLEAN | True when that organization uploaded it itself.
key: [series, scope, model_id]
checks:
  not_null: [as_of_date, data_begin_date, date_basis, is_variant, is_makers_own, base_organization_id, is_own_base]
  accepted:
    series: [births_surviving, births_observed]
    date_basis: [repository_creation, first_list, before_data, not_told]
*/
with lists as (
    select series, scope, min(as_of_date) as as_of_date
    from core.births
    group by series, scope
),
reached as (
    select
        l.series,
        l.scope,
        l.as_of_date,
        case l.series
            when 'births_surviving' then date '2022-03-02'
            else (
                select min(c.snapshot_date)
                from core.snapshots as c
                where c.is_model_list and c.is_whole_population and c.scope = l.scope
            )
        end as data_begin_date
    from lists as l
),
makers as (
    select family, min(organization_id) as organization_id
    from reference.families
    group by family
),
undated as (
    select
        l.scope,
        coalesce(r.model_id, s.seen_id) as model_id,
        max(case when s.is_created_at_floor then 1 else 0 end) as is_at_floor
    from lists as l
    inner join staging.models as s
        on s.scope = l.scope and s.snapshot_date = l.as_of_date and s.created_at is null
    left join staging.renamed_ids as r on r.seen_id = s.seen_id
    where l.series = 'births_surviving'
    group by l.scope, coalesce(r.model_id, s.seen_id)
),
placed as (
    select
        b.series,
        b.scope,
        b.model_id,
        b.birth_date,
        case b.series when 'births_surviving' then 'repository_creation' else 'first_list' end as date_basis
    from core.births as b
    where b.is_derivative
    union all
    select
        'births_surviving',
        u.scope,
        u.model_id,
        null,
        case when u.is_at_floor = 1 then 'before_data' else 'not_told' end
    from undated as u
    where
        not exists (
            select 1
            from core.births as b
            where b.series = 'births_surviving' and b.scope = u.scope and b.model_id = u.model_id
        )
)
select
    p.series,
    p.scope,
    l.as_of_date,
    l.data_begin_date,
    p.model_id,
    p.birth_date,
    p.date_basis,
    m.first_seen_date,
    m.account,
    m.organization_id as holder_id,
    m.is_variant,
    m.family,
    coalesce(m.organization_id = o.organization_id, false) as is_makers_own,
    coalesce(b.organization_id, 'several') as base_organization_id,
    coalesce(m.organization_id = b.organization_id, false) as is_own_base
from placed as p
inner join reached as l on l.series = p.series and l.scope = p.scope
inner join core.models as m on m.model_id = p.model_id and m.depth > 0
left join makers as o on o.family = m.family
-- At most one organization has more than half of a model's credit.
left join core.ancestry as b on b.model_id = p.model_id and b.evidence = 'curated' and b.origin_share > 0.5
