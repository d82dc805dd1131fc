/*
description: >
  When each curated generation was born and when it died, by its derivatives. Born: the tenth derivative came
  within 90 days of the release; pending: it has not, and the release is not more than 90 days old. Dead: the
  last derivative before the first 180 days without any; who has had none such is followed until 180 days
  before the end of the data. A partial list can show that a family was born and that it was never silent,
  never that it was not born or that it died, so then the state is not_known. Deleted derivatives are missing
  from births_surviving, so true births are earlier, and true lives longer. Growth of many families by month
  follows from born_date and death_date.
columns:
  series: VARCHAR | births_surviving or births_observed, as in core.derivative_births.
  scope: VARCHAR | Which population the lists are of.
  includes_variants: BOOLEAN | Whether quantized copies, mirrors and conversions count as derivatives.
  family: VARCHAR | The generation.
  organization_id: VARCHAR | Who made it.
  as_of_date: DATE | End of the data.
  data_begin_date: DATE | Where the data begins; earlier births have no day.
  release_date: DATE | First release of the generation, by the register; null when not known.
  is_illustration: BOOLEAN | True when the population is partial.
  derivatives: BIGINT | Derivatives in the list that others than its maker uploaded, dated or not.
  dated_derivatives: BIGINT | Those of them with a day of birth.
  before_data: BIGINT | Those born on data_begin_date or earlier, which have no day; for births_observed those that the newest list still shows.
  before_release: BIGINT | Those with a day before the release (the repository was there first, or the register gives a late day).
  first_derivative_date: DATE | Day of the first; null when it has none. On a partial list the true one may be earlier.
  tenth_derivative_date: DATE | Day of the tenth; null when it has none. On a partial list the true one may be earlier.
  last_derivative_date: DATE | Day of the newest.
  birth_state: VARCHAR | born; born_before_data (ten were there when the data begins, the day is not known); pending; unborn (no tenth within 90 days); not_known.
  born_date: DATE | Day of the tenth derivative of a family that is born; null when the day is not known.
  life_state: VARCHAR | alive (no 180 silent days so far), dead, dead_before_data (silent since before the data begins, the day is not known), not_born or not_known.
  death_date: DATE | The last derivative before 180 silent days.
  after_death: BIGINT | Derivatives born after that silence; the family stays dead.
  entry_date: DATE | From when on the life can be followed, born_date, or data_begin_date for families that are older than the data; null when it cannot.
  exit_date: DATE | Until when it was followed, death_date, or 180 days before as_of_date for the living; null when that is before entry_date.
  reason: VARCHAR | Why the states are what they are.
key: [series, scope, includes_variants, family]
checks:
  not_null: [organization_id, as_of_date, is_illustration, derivatives, dated_derivatives, birth_state, life_state, reason]
  ranges: {derivatives: [0, null], after_death: [0, null]}
  accepted:
    birth_state: [born, born_before_data, pending, unborn, not_known]
    life_state: [alive, dead, dead_before_data, not_born, not_known]
*/
with daily as (
    select series, scope, is_variant, family, birth_date, count(*) as derivatives
    from core.derivative_births
    where family is not null and not is_makers_own
    group by series, scope, is_variant, family, birth_date
),
counted as (
    select d.series, d.scope, v.includes_variants, d.family, d.birth_date, sum(d.derivatives) as derivatives
    from daily as d
    inner join (values (true), (false)) as v (includes_variants) on v.includes_variants or not d.is_variant
    group by d.series, d.scope, v.includes_variants, d.family, d.birth_date
),
told as (
    select *, max(case when series = 'births_surviving' then 1 else 0 end) over (partition by scope) as knows_earlier
    from core.derivative_series
),
-- births_observed has no rows of what was there when it began; the newest list of the scope still shows it.
earlier as (
    select
        l.series,
        l.scope,
        v.includes_variants,
        d.family,
        count(*) as before_data
    from core.derivative_series as l
    inner join core.derivative_births as d
        on d.scope = l.scope
        and d.series = 'births_surviving'
        and case l.series
            when 'births_surviving' then d.date_basis = 'before_data'
            else d.first_seen_date <= l.data_begin_date
        end
    inner join (values (true), (false)) as v (includes_variants) on v.includes_variants or not d.is_variant
    where d.family is not null and not d.is_makers_own
    group by l.series, l.scope, v.includes_variants, d.family
),
register as (
    select family, min(organization_id) as organization_id, min(first_release_date) as release_date
    from reference.families
    group by family
),
subjects as (
    select
        l.series,
        l.scope,
        v.includes_variants,
        f.family,
        f.organization_id,
        l.as_of_date,
        l.data_begin_date,
        f.release_date,
        l.is_illustration,
        l.knows_earlier,
        coalesce(sum(c.derivatives), 0)
            + case when l.series = 'births_observed' then coalesce(max(e.before_data), 0) else 0 end as derivatives,
        coalesce(sum(case when c.birth_date is not null then c.derivatives end), 0) as dated,
        coalesce(max(e.before_data), 0) as before_data,
        coalesce(sum(case when c.birth_date < f.release_date then c.derivatives end), 0) as before_release,
        max(c.birth_date) as last_date
    from told as l
    cross join register as f
    cross join (values (true), (false)) as v (includes_variants)
    left join counted as c
        on c.series = l.series
        and c.scope = l.scope
        and c.includes_variants = v.includes_variants
        and c.family = f.family
    left join earlier as e
        on e.series = l.series
        and e.scope = l.scope
        and e.includes_variants = v.includes_variants
        and e.family = f.family
    group by
        l.series, l.scope, v.includes_variants, f.family, f.organization_id, l.as_of_date, l.data_begin_date,
        f.release_date, l.is_illustration, l.knows_earlier
    -- A whole population shows also what has no derivative yet; of a partial list its absence says nothing.
    having coalesce(sum(c.derivatives), max(e.before_data)) > 0 or (not l.is_illustration and f.release_date <= l.as_of_date)
),
ranked as (
    select
        c.series,
        c.scope,
        c.includes_variants,
        c.family,
        c.birth_date,
        s.before_data + sum(c.derivatives) over (
            partition by c.series, c.scope, c.includes_variants, c.family order by c.birth_date
        ) as reached
    from counted as c
    inner join subjects as s
        on s.series = c.series
        and s.scope = c.scope
        and s.includes_variants = c.includes_variants
        and s.family = c.family
    where c.birth_date is not null
),
reached as (
    select
        series,
        scope,
        includes_variants,
        family,
        min(birth_date) as first_date,
        min(case when reached >= 10 then birth_date end) as tenth_date
    from ranked
    group by series, scope, includes_variants, family
),
born as (
    select
        s.*,
        -- What is not dated may have come first, so it takes the day of the first and of the tenth away.
        case when s.before_data = 0 then r.first_date end as first_date,
        case when s.before_data < 10 then r.tenth_date end as tenth_date,
        s.is_illustration or s.derivatives > s.dated + s.before_data as is_uncertain
    from subjects as s
    left join reached as r
        on r.series = s.series
        and r.scope = s.scope
        and r.includes_variants = s.includes_variants
        and r.family = s.family
),
judged as (
    select
        *,
        case
            when release_date is null then 'not_known'
            when knows_earlier = 0 and release_date < data_begin_date then 'not_known'
            when before_data >= 10 then 'born_before_data'
            when tenth_date - release_date <= 90 then 'born'
            when is_uncertain then 'not_known'
            when as_of_date - release_date <= 90 then 'pending'
            else 'unborn'
        end as birth_state
    from born
),
entered as (
    select
        *,
        case birth_state when 'born' then tenth_date when 'born_before_data' then data_begin_date end as entry_date
    from judged
),
-- A family that is older than the data is known to have been alive on its first day only if the silence that
-- it began with ended in time: that day stands as a birth of its own.
alive_days as (
    select
        e.series, e.scope, e.includes_variants, e.family, e.as_of_date, c.birth_date as alive_date, c.derivatives
    from entered as e
    inner join counted as c
        on c.series = e.series
        and c.scope = e.scope
        and c.includes_variants = e.includes_variants
        and c.family = e.family
        and c.birth_date >= e.entry_date
    union all
    select series, scope, includes_variants, family, as_of_date, data_begin_date, 0
    from entered
    where birth_state = 'born_before_data'
),
silences as (
    select
        *,
        coalesce(
            lead(alive_date) over (
                partition by series, scope, includes_variants, family order by alive_date, derivatives
            ),
            as_of_date + 1
        ) - alive_date > 180 as is_followed_by_silence
    from alive_days
),
deaths as (
    select series, scope, includes_variants, family, min(alive_date) as death_date
    from silences
    where is_followed_by_silence
    group by series, scope, includes_variants, family
),
later as (
    select d.series, d.scope, d.includes_variants, d.family, sum(a.derivatives) as after_death
    from deaths as d
    inner join alive_days as a
        on a.series = d.series
        and a.scope = d.scope
        and a.includes_variants = d.includes_variants
        and a.family = d.family
        and a.alive_date > d.death_date
    group by d.series, d.scope, d.includes_variants, d.family
),
lived as (
    select
        e.*,
        d.death_date as silent_date,
        coalesce(l.after_death, 0) as after_silence,
        case
            when e.birth_state in ('pending', 'unborn') then 'not_born'
            when e.birth_state = 'not_known' then 'not_known'
            when d.death_date is null then 'alive'
            when e.is_uncertain then 'not_known'
            when e.birth_state = 'born_before_data' and d.death_date = e.data_begin_date then 'dead_before_data'
            else 'dead'
        end as life_state
    from entered as e
    left join deaths as d
        on d.series = e.series
        and d.scope = e.scope
        and d.includes_variants = e.includes_variants
        and d.family = e.family
    left join later as l
        on l.series = e.series
        and l.scope = e.scope
        and l.includes_variants = e.includes_variants
        and l.family = e.family
)
select
    series,
    scope,
    includes_variants,
    family,
    organization_id,
    as_of_date,
    data_begin_date,
    release_date,
    is_illustration,
    cast(derivatives as bigint) as derivatives,
    cast(dated as bigint) as dated_derivatives,
    cast(before_data as bigint) as before_data,
    cast(before_release as bigint) as before_release,
    first_date as first_derivative_date,
    tenth_date as tenth_derivative_date,
    last_date as last_derivative_date,
    birth_state,
    case when birth_state = 'born' then tenth_date end as born_date,
    life_state,
    case when life_state = 'dead' then silent_date end as death_date,
    cast(case when life_state = 'dead' then after_silence else 0 end as bigint) as after_death,
    case when life_state in ('alive', 'dead') then entry_date end as entry_date,
    case
        when life_state = 'dead' then silent_date
        when life_state = 'alive' and as_of_date - 180 >= entry_date then as_of_date - 180
    end as exit_date,
    case
        when release_date is null then 'not estimable: no day of release is known'
        when knows_earlier = 0 and release_date < data_begin_date then
            'not estimable: older than the data, and no list tells what was there when it begins'
        when birth_state = 'not_known' then
            'not estimable: ' || derivatives || ' derivatives in a partial list, '
            || dated || ' dated; no tenth by day 90 among them'
        when birth_state = 'pending' then 'released ' || (as_of_date - release_date) || ' days before the end of the data'
        when birth_state = 'unborn' then 'no tenth derivative within 90 days of the release'
        when life_state = 'not_known' then
            'not estimable: 180 silent days from ' || silent_date || ' in a partial list are no silence of the Hub'
        when life_state = 'dead_before_data' then 'silent for 180 days when the data begins'
        when life_state = 'dead' then 'no derivative in 180 days from ' || silent_date
        else 'no 180 silent days by ' || as_of_date
    end as reason
from lived
