/*
description: >
  Who replaced whom: what authors build on in one half-year and in the next (core.author_bases, so without
  quantized copies, mirrors and what a maker uploads on its own base). Shares are of the authors who were
  active in both, since a list's silence is no stop. from_half 'all' takes all pairs of neighbouring
  half-years together and counts each author once a move, those who stopped or started left out.
columns:
  series: VARCHAR | births_surviving or births_observed, as in core.derivative_births.
  scope: VARCHAR | Which population the lists are of.
  unit: VARCHAR | organization (with more than half of the model's origin credit) or family (curated generation).
  from_half: VARCHAR | The earlier half-year, such as 2024-H2, or all.
  from_base: VARCHAR | Base in the earlier half-year; (none) for authors without a derivative in it.
  to_base: VARCHAR | Base in the later half-year; (none) for authors without a derivative in it.
  from_date: DATE | First day of the earlier half-year; null for all.
  as_of_date: DATE | End of the data.
  is_illustration: BOOLEAN | True when the population is partial.
  is_unfinished: BOOLEAN | True when the later half-year had not ended at the end of the data; for all, when one of them had not.
  move: VARCHAR | stayed, moved, stopped (no derivative in the later half-year) or started (none in the earlier).
  authors: BIGINT | Authors who made it.
  from_authors: BIGINT | Authors of from_base who were active in both half-years; null for stopped and started.
  share: DOUBLE | authors / from_authors; null when not estimable.
  lower: DOUBLE | Lower end of the share's 95 % interval (Wilson).
  upper: DOUBLE | Upper end of it.
  authors_back: BIGINT | Authors who moved the other way at the same time; null but for moved.
  onward_share: DOUBLE | authors / (authors + authors_back), one half when the two exchange as many; null when not estimable.
  onward_lower: DOUBLE | Lower end of its 95 % interval (Wilson).
  onward_upper: DOUBLE | Upper end of it.
  dated_share: DOUBLE | Part of the scope's derivatives, of those that count here, whose birth has a day.
  status: VARCHAR | estimated; illustration, where the list is partial; not estimable, with the reason; or count only, for stopped and started.
key: [series, scope, unit, from_half, from_base, to_base]
made_by: migration.author_migration
inputs:
  moves: >
    with coverage as (
        select
            series, scope, 'organization' as unit,
            count(birth_date) * 1.0 / count(*) as dated_share
        from core.derivative_births
        where not is_variant and not is_own_base and account is not null
        group by series, scope
        union all
        select series, scope, 'family', count(birth_date) * 1.0 / count(*)
        from core.derivative_births
        where not is_variant and not is_makers_own and account is not null and family is not null
        group by series, scope
    ),
    neighbours as (
        select
            b.series,
            b.scope,
            b.unit,
            b.account,
            b.base,
            b.half_date,
            cast(b.half_date + interval 6 month as date) as next_date,
            lag(b.half_date) over w as earlier_date,
            lead(b.half_date) over w as later_date,
            lead(b.base) over w as later_base
        from core.author_bases as b
        window w as (partition by b.series, b.scope, b.unit, b.account order by b.half_date)
    ),
    first_halves as (
        select series, scope, unit, min(half_date) as half_date
        from core.author_bases
        group by series, scope, unit
    ),
    pairs as (
        select
            series, scope, unit, account, next_date as to_date, base as from_base,
            case when later_date = next_date then later_base else '(none)' end as to_base
        from neighbours
        union all
        select n.series, n.scope, n.unit, n.account, n.half_date, '(none)', n.base
        from neighbours as n
        inner join first_halves as f on f.series = n.series and f.scope = n.scope and f.unit = n.unit
        where
            n.half_date > f.half_date
            and (n.earlier_date is null or cast(n.earlier_date + interval 6 month as date) < n.half_date)
    ),
    placed as (
        select p.*, l.as_of_date, l.is_illustration, v.dated_share
        from pairs as p
        inner join core.derivative_series as l on l.series = p.series and l.scope = p.scope
        inner join coverage as v on v.series = p.series and v.scope = p.scope and v.unit = p.unit
        where p.to_date <= l.as_of_date
    ),
    single as (
        select
            series, scope, unit, to_date, from_base, to_base,
            min(as_of_date) as as_of_date, min(is_illustration) as is_illustration,
            min(dated_share) as dated_share, count(*) as authors
        from placed
        group by series, scope, unit, to_date, from_base, to_base
    ),
    active as (
        select distinct series, scope, unit, from_base, to_base, account
        from placed
        where from_base <> '(none)' and to_base <> '(none)'
    ),
    together as (
        select series, scope, unit, from_base, to_base, count(*) as authors
        from active
        group by series, scope, unit, from_base, to_base
    ),
    totals as (
        select series, scope, unit, from_base, count(distinct account) as authors
        from active
        group by series, scope, unit, from_base
    ),
    populations as (
        select
            series, scope, unit, max(to_date) as last_date,
            min(as_of_date) as as_of_date, min(is_illustration) as is_illustration,
            min(dated_share) as dated_share
        from single
        group by series, scope, unit
    )
    select
        s.series, s.scope, s.unit, false as is_pooled, s.to_date, s.from_base, s.to_base,
        s.as_of_date, s.is_illustration, s.dated_share, s.authors,
        cast(
            sum(case when s.to_base <> '(none)' then s.authors end) over (
                partition by s.series, s.scope, s.unit, s.to_date, s.from_base
            ) as bigint
        ) as from_authors
    from single as s
    union all
    select
        t.series, t.scope, t.unit, true, l.last_date, t.from_base, t.to_base,
        l.as_of_date, l.is_illustration, l.dated_share, t.authors, a.authors
    from together as t
    inner join populations as l on l.series = t.series and l.scope = t.scope and l.unit = t.unit
    inner join totals as a
        on a.series = t.series and a.scope = t.scope and a.unit = t.unit and a.from_base = t.from_base
checks:
  not_null: [as_of_date, is_illustration, is_unfinished, move, authors, dated_share, status]
  ranges:
    authors: [1, null]
    share: [0, 1]
    lower: [0, 1]
    upper: [0, 1]
    onward_share: [0, 1]
    onward_lower: [0, 1]
    onward_upper: [0, 1]
    dated_share: [0, 1]
  accepted:
    unit: [organization, family]
    move: [stayed, moved, stopped, started]
*/
