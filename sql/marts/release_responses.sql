/*
description: >
  How soon others built on a release: days from each verified open release, gated release or leak to its first
  and to its tenth derivative. Derivatives are counted thrice: the children of the released model itself, all
  its descendants at any depth, and all of its maker's curated generation, which has further models; what the
  releasing organization uploaded is left out. In a partial list, and in births_surviving, from which the
  deleted ones are missing, a true time is at most the time shown. A repository can be older than the day on
  which it became a derivative, and weights are given to partners early, so times can be negative; they stay.
columns:
  series: VARCHAR | births_surviving or births_observed, as in core.derivative_births.
  scope: VARCHAR | Which population the lists are of.
  includes_variants: BOOLEAN | Whether quantized copies, mirrors and conversions count as derivatives.
  release_id: VARCHAR | The release, as in core.releases.
  measure: VARCHAR | children, descendants or family.
  name: VARCHAR | What was released.
  organization_id: VARCHAR | Who released it.
  kind: VARCHAR | open_release, gated_release or leak.
  release_date: DATE | Its day; the first of the month where only the month is known.
  model_id: VARCHAR | Main repository, by its id today; null for releases without one.
  family: VARCHAR | Curated generation that it is a release of; null when none, or when another organization made it.
  is_first_of_family: BOOLEAN | False when another release of the same generation came earlier, so that the family's derivatives may answer that one; null without a family.
  as_of_date: DATE | End of the data.
  is_illustration: BOOLEAN | True when the population is partial.
  derivatives: BIGINT | Derivatives in the list, dated or not.
  dated_derivatives: BIGINT | Those with a day of birth.
  before_data: BIGINT | Those born by the first day of the data, which have no day; births_observed has none of them.
  before_release: BIGINT | Those whose day lies before the release.
  on_release_day: BIGINT | Those whose day is that of the release.
  date_basis: VARCHAR | What the days rest on, repository_creation or first_list.
  first_model_id: VARCHAR | The first derivative; the first by name of several of that day.
  first_date: DATE | Its day.
  days_to_first: BIGINT | first_date - release_date; null when not estimable.
  first_status: VARCHAR | observed; upper bound (partial list); censored at so many days without one; or not estimable, with the reason.
  tenth_date: DATE | Day of the tenth derivative.
  days_to_tenth: BIGINT | tenth_date - release_date; null when not estimable.
  tenth_status: VARCHAR | As first_status, for the tenth.
key: [series, scope, includes_variants, release_id, measure]
checks:
  not_null: [name, organization_id, kind, release_date, as_of_date, is_illustration, derivatives, first_status, tenth_status]
  ranges: {derivatives: [0, null], before_release: [0, null], on_release_day: [0, null]}
  accepted:
    measure: [children, descendants, family]
    kind: [open_release, gated_release, leak]
*/
with recursive makers as (
    select family, min(organization_id) as organization_id
    from reference.families
    group by family
),
-- What others released on a family's base is no release of the family.
released as (
    select
        r.release_id, r.name, r.organization_id, r.kind, r.event_date, r.date_precision, m.family, r.model_id
    from core.releases as r
    left join makers as m on m.family = r.family and m.organization_id = r.organization_id
    where r.status = 'verified' and r.kind in ('open_release', 'gated_release', 'leak')
),
known as (
    select r.release_id, min(i.model_id) as model_id
    from released as r
    inner join staging.model_ids as i on lower(i.seen_id) = lower(r.model_id)
    group by r.release_id
),
events as (
    select
        r.release_id, r.name, r.organization_id, r.kind, r.event_date, r.date_precision, r.family, k.model_id,
        r.event_date = min(r.event_date) over (partition by r.family) as is_first
    from released as r
    left join known as k on k.release_id = r.release_id
),
edges as (
    select child_id, parent_id
    from core.lineage
    where evidence <> 'inferred' and not is_superseded
),
children as (
    select distinct e.model_id as ancestor_id, g.child_id as model_id
    from events as e
    inner join edges as g on g.parent_id = e.model_id
),
descendants as (
    select ancestor_id, model_id
    from children
    union
    select d.ancestor_id, g.child_id
    from descendants as d
    inner join edges as g on g.parent_id = d.model_id
),
answers as (
    select 'children' as measure, ancestor_id as subject, model_id
    from children
    union all
    select 'descendants', ancestor_id, model_id
    from descendants
),
-- One row a day, not a model: many releases share a family, and a family has many models.
daily as (
    select
        d.series, d.scope, a.measure, a.subject, d.is_variant, d.holder_id, d.birth_date, d.date_basis,
        count(*) as derivatives, min(d.model_id) as model_id
    from answers as a
    inner join core.derivative_births as d on d.model_id = a.model_id
    group by d.series, d.scope, a.measure, a.subject, d.is_variant, d.holder_id, d.birth_date, d.date_basis
    union all
    select
        d.series, d.scope, 'family', d.family, d.is_variant, d.holder_id, d.birth_date, d.date_basis,
        count(*), min(d.model_id)
    from core.derivative_births as d
    where d.family is not null
    group by d.series, d.scope, d.family, d.is_variant, d.holder_id, d.birth_date, d.date_basis
),
asked as (
    select
        l.series, l.scope, l.as_of_date, l.data_begin_date, l.is_illustration, v.includes_variants, e.*, m.measure,
        case m.measure when 'family' then e.family else e.model_id end as subject
    from core.derivative_series as l
    cross join (values (true), (false)) as v (includes_variants)
    inner join events as e on e.event_date <= l.as_of_date
    cross join (values ('children'), ('descendants'), ('family')) as m (measure)
    where case m.measure when 'family' then e.family else e.model_id end is not null
),
answered as (
    select
        q.series, q.scope, q.includes_variants, q.release_id, q.measure, y.birth_date, y.date_basis,
        sum(y.derivatives) as derivatives, min(y.model_id) as model_id
    from asked as q
    inner join daily as y
        on y.series = q.series
        and y.scope = q.scope
        and y.measure = q.measure
        and y.subject = q.subject
        and y.holder_id is distinct from q.organization_id
        and (q.includes_variants or not y.is_variant)
    group by q.series, q.scope, q.includes_variants, q.release_id, q.measure, y.birth_date, y.date_basis
),
-- Ten days with derivatives have at least ten of them: what came later is not put in order.
earliest as (
    select *
    from answered
    where birth_date is not null
    qualify row_number() over (
        partition by series, scope, includes_variants, release_id, measure order by birth_date
    ) <= 10
    union all
    select * from answered where date_basis = 'before_data'
),
ranked as (
    select
        *,
        sum(derivatives) over (
            partition by series, scope, includes_variants, release_id, measure
            order by birth_date is not null, birth_date
        ) as reached
    from earliest
),
reached as (
    select
        series, scope, includes_variants, release_id, measure,
        min(birth_date) as first_date,
        arg_min(case when birth_date is not null then model_id end, birth_date) as first_model_id,
        min(case when reached >= 10 then birth_date end) as tenth_date
    from ranked
    group by series, scope, includes_variants, release_id, measure
),
summed as (
    select
        q.series, q.scope, q.includes_variants, q.release_id, q.measure, q.name, q.organization_id, q.kind,
        q.event_date, q.date_precision, q.model_id, q.family, q.is_first, q.as_of_date, q.data_begin_date,
        q.is_illustration,
        coalesce(sum(a.derivatives), 0) as derivatives,
        coalesce(sum(case when a.birth_date is not null then a.derivatives end), 0) as dated,
        coalesce(sum(case when a.date_basis = 'before_data' then a.derivatives end), 0) as before_data,
        coalesce(sum(case when a.birth_date < q.event_date then a.derivatives end), 0) as before_release,
        coalesce(sum(case when a.birth_date = q.event_date then a.derivatives end), 0) as on_release_day
    from asked as q
    left join answered as a
        on a.series = q.series
        and a.scope = q.scope
        and a.includes_variants = q.includes_variants
        and a.release_id = q.release_id
        and a.measure = q.measure
    group by
        q.series, q.scope, q.includes_variants, q.release_id, q.measure, q.name, q.organization_id, q.kind,
        q.event_date, q.date_precision, q.model_id, q.family, q.is_first, q.as_of_date, q.data_begin_date,
        q.is_illustration
    -- Of a whole population also what has none yet is told; of a partial list its absence says nothing.
    having sum(a.derivatives) > 0 or not q.is_illustration
),
placed as (
    select
        s.*,
        s.is_illustration or s.derivatives > s.dated + s.before_data as is_uncertain,
        case when s.before_data = 0 and s.event_date >= s.data_begin_date then r.first_date end as first_date,
        case when s.before_data = 0 and s.event_date >= s.data_begin_date then r.first_model_id end as first_model_id,
        case when s.before_data < 10 and s.event_date >= s.data_begin_date then r.tenth_date end as tenth_date
    from summed as s
    left join reached as r
        on r.series = s.series
        and r.scope = s.scope
        and r.includes_variants = s.includes_variants
        and r.release_id = s.release_id
        and r.measure = s.measure
)
select
    series,
    scope,
    includes_variants,
    release_id,
    measure,
    name,
    organization_id,
    kind,
    event_date as release_date,
    model_id,
    family,
    case when family is not null then is_first end as is_first_of_family,
    as_of_date,
    is_illustration,
    cast(derivatives as bigint) as derivatives,
    cast(dated as bigint) as dated_derivatives,
    cast(before_data as bigint) as before_data,
    cast(before_release as bigint) as before_release,
    cast(on_release_day as bigint) as on_release_day,
    case series when 'births_surviving' then 'repository_creation' else 'first_list' end as date_basis,
    first_model_id,
    first_date,
    case when date_precision = 'day' then first_date - event_date end as days_to_first,
    case
        when date_precision <> 'day' then 'not estimable: only the month of the release is known'
        when event_date < data_begin_date then 'not estimable: released before the data begins'
        when before_data >= 1 then 'not estimable: it came by ' || data_begin_date || ', where the data begins'
        when first_date is not null and is_uncertain then 'upper bound'
        when first_date is not null then 'observed'
        when is_uncertain then 'not estimable: none with a date in a partial list'
        else 'censored at ' || (as_of_date - event_date) || ' days'
    end as first_status,
    tenth_date,
    case when date_precision = 'day' then tenth_date - event_date end as days_to_tenth,
    case
        when date_precision <> 'day' then 'not estimable: only the month of the release is known'
        when event_date < data_begin_date then 'not estimable: released before the data begins'
        when before_data >= 10 then 'not estimable: it came by ' || data_begin_date || ', where the data begins'
        when tenth_date is not null and is_uncertain then 'upper bound'
        when tenth_date is not null then 'observed'
        when is_uncertain then 'not estimable: ' || (dated + before_data) || ' with a date in a partial list'
        else 'censored at ' || (as_of_date - event_date) || ' days'
    end as tenth_status
from placed
