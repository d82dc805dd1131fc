/*
description: >
  What hangs on the class of the ten most downloaded accounts: the bounds of the headline, dependence by downloads
  with registers admitted, recomputed model by model as if the organization behind an account were of the other
  class, and as if all ten were well funded, or none of them. A class that is flipped holds for all models of the
  organization, as uploader and upstream. Nothing is estimated, so there is no interval.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  universe: VARCHAR | One universe, or all.
  flip: VARCHAR | account (the organization of one account is of the other class), all_well_funded or none_well_funded (those of all ten accounts at once).
  place: BIGINT | Place of the account by downloads, from 1; 0 for the ten together.
  account: VARCHAR | Account on the Hub; null for the ten together.
  organization_id: VARCHAR | Organization behind it on that day; null when not registered, and for the ten together.
  is_well_funded: BOOLEAN | What the register says of it today; null where it does not know, which counts as not.
  downloads_total: BIGINT | The denominator, downloads in 30 days of the list's universe.
  dependent_lower: DOUBLE | Lower bound as published, what is unknown counted as independent.
  dependent_upper: DOUBLE | Upper bound as published, what is unknown counted as dependent.
  flipped_lower: DOUBLE | The lower bound had the class been the other; null where not estimable.
  flipped_upper: DOUBLE | The upper bound had the class been the other; null where not estimable.
  status: VARCHAR | ok, or not estimable and why.
key: [snapshot_date, scope, universe, flip, place]
checks:
  not_null: [downloads_total, dependent_lower, dependent_upper, status]
  ranges:
    dependent_lower: [0, 1]
    dependent_upper: [0, 1]
    flipped_lower: [0, 1]
    flipped_upper: [0, 1]
  accepted: {flip: [account, all_well_funded, none_well_funded]}
*/
with recursive in_universes as (
    select snapshot_date, scope, universe, account, uploader_id, downloads_30d from core.account_snapshots
    union all
    select snapshot_date, scope, 'all', account, max(uploader_id), sum(downloads_30d)::bigint
    from core.account_snapshots
    group by snapshot_date, scope, account
),
-- What the tenth has is quickly found; only who has no less is put in order, ties by name.
thresholds as (
    select snapshot_date, scope, universe, min(downloads_30d) as downloads_30d
    from (
        select snapshot_date, scope, universe, downloads_30d
        from in_universes
        qualify row_number() over (partition by snapshot_date, scope, universe order by downloads_30d desc) <= 10
    )
    group by snapshot_date, scope, universe
),
ranked as (
    select
        u.*,
        row_number() over (
            partition by u.snapshot_date, u.scope, u.universe order by u.downloads_30d desc, u.account
        ) as place
    from in_universes as u
    inner join thresholds as t
        on t.snapshot_date = u.snapshot_date and t.scope = u.scope and t.universe = u.universe
        and u.downloads_30d >= t.downloads_30d
),
heaviest as (
    select snapshot_date, scope, universe, place, account, uploader_id as organization_id
    from ranked
    where place <= 10
),
-- Each organization by itself, and those of the ten together: the ten of a universe and the ten of all differ.
chosen as (
    select distinct snapshot_date, scope, 'one' as kind, organization_id as chosen_name, organization_id
    from heaviest
    where organization_id is not null
    union all
    select distinct snapshot_date, scope, 'ten', universe, organization_id
    from heaviest
    where organization_id is not null
),
-- What is listed and counts, with who holds its account today; a model without downloads can move no bound.
listed as (
    select
        s.snapshot_date,
        s.scope,
        s.universe,
        s.model_id,
        s.uploader_id,
        s.is_first_party,
        s.downloads_30d,
        a.organization_id as holder_id
    from core.model_snapshots as s
    left join core.accounts as a
        on a.account = split_part(s.model_id, '/', 1) and contains(s.model_id, '/')
        and a.valid_to = date '9999-12-31'
    where s.downloads_30d > 0
),
-- Whoever holds an account today is in its models' ancestry; where it was another on the day of the list, or of
-- another class, its models tell only by their parents and roots whether it stands upstream too.
handed_on as (
    select distinct l.model_id, l.holder_id
    from listed as l
    inner join core.organizations as o on o.organization_id = l.holder_id
    where l.holder_id is distinct from l.uploader_id or l.is_first_party <> coalesce(o.is_well_funded, false)
),
holders_upstream as (
    select h.model_id
    from handed_on as h
    inner join core.lineage as e
        on e.child_id = h.model_id and e.evidence <> 'inferred' and not e.is_superseded
    inner join core.ancestry as a
        on a.model_id = e.parent_id and a.organization_id = h.holder_id and a.evidence = 'curated'
        and a.through_share > 0
    union
    select h.model_id
    from handed_on as h
    inner join core.model_roots as r
        on r.model_id = h.model_id and r.evidence = 'curated' and r.origin_basis in ('register', 'family')
    inner join core.ancestry as a
        on a.model_id = h.model_id and a.organization_id = h.holder_id and a.evidence = 'curated'
        and a.origin_share > 0
),
-- The organizations that a model stands on, and those that its credit ends at. Whoever only holds the account
-- today is credited without being stood on. An uploader that stands upstream too has two rows, counted alike.
standing as (
    select
        snapshot_date, scope, universe, model_id, is_first_party, downloads_30d,
        uploader_id as organization_id,
        1 as is_stood_on,
        case when is_first_party then 1 else 0 end as is_funded,
        cast(0 as double) as origin_share  -- a recursive WITH takes types from the first part
    from listed
    where uploader_id is not null
    union all
    select
        l.snapshot_date, l.scope, l.universe, l.model_id, l.is_first_party, l.downloads_30d,
        a.organization_id,
        case when a.organization_id is distinct from l.holder_id or h.model_id is not null then 1 else 0 end,
        case
            when (a.organization_id is distinct from l.holder_id or h.model_id is not null) and o.is_well_funded
                then 1
            else 0
        end,
        a.origin_share
    from listed as l
    inner join core.ancestry as a
        on a.model_id = l.model_id and a.evidence = 'curated' and a.through_share > 0
    inner join core.organizations as o on o.organization_id = a.organization_id
    left join holders_upstream as h on h.model_id = l.model_id
),
-- Roots that no register calls trained from scratch although somebody is credited with them, and what descends
-- from them: of these a class that is not well funded makes no independents.
assumed (model_id) as (
    select model_id
    from core.model_roots
    where evidence = 'curated' and origin_basis in ('family', 'uploader')
    union
    select e.child_id
    from assumed as p
    inner join core.lineage as e
        on e.parent_id = p.model_id and e.evidence <> 'inferred' and not e.is_superseded
),
funded as (
    select snapshot_date, scope, model_id, sum(is_funded) as funded
    from standing
    group by snapshot_date, scope, model_id
),
-- What of a model's standing lies within the chosen ones; those not well funded count in its registered share.
touched as (
    select
        s.snapshot_date,
        s.scope,
        s.universe,
        c.kind,
        c.chosen_name,
        s.model_id,
        s.is_first_party,
        s.downloads_30d,
        sum(s.is_stood_on) > 0 as is_stood_on,
        sum(s.is_funded) as funded_within,
        sum(case when o.is_well_funded = false then 0 else s.origin_share end) as origin_within
    from standing as s
    inner join chosen as c
        on c.snapshot_date = s.snapshot_date and c.scope = s.scope and c.organization_id = s.organization_id
        and (c.kind = 'one' or c.chosen_name in (s.universe, 'all'))
    inner join core.organizations as o on o.organization_id = s.organization_id
    group by
        s.snapshot_date, s.scope, s.universe, c.kind, c.chosen_name, s.model_id, s.is_first_party,
        s.downloads_30d
),
judged as (
    select
        t.snapshot_date,
        t.scope,
        t.universe,
        t.kind,
        t.chosen_name,
        t.downloads_30d,
        t.is_stood_on,
        f.funded > 0 as is_dependent,
        f.funded > t.funded_within as stays_dependent,
        not t.is_first_party and r.upstream_class = 'independent' as is_independent,
        r.registered_independent_share + t.origin_within > 1 - 1e-9 and a.model_id is null as may_be_independent
    from touched as t
    inner join funded as f
        on f.snapshot_date = t.snapshot_date and f.scope = t.scope and f.model_id = t.model_id
    inner join core.model_roots as r on r.model_id = t.model_id and r.evidence = 'curated'
    left join assumed as a on a.model_id = t.model_id
),
moved as (
    select
        snapshot_date,
        scope,
        universe,
        kind,
        chosen_name,
        sum(case when is_stood_on and not is_dependent then downloads_30d else 0 end) as enters_lower,
        sum(case when is_stood_on and is_independent then downloads_30d else 0 end) as enters_upper,
        sum(case when is_dependent and not stays_dependent then downloads_30d else 0 end) as leaves_lower,
        sum(
            case
                when not stays_dependent and not is_independent and may_be_independent then downloads_30d
                else 0
            end
        ) as leaves_upper
    from judged
    group by snapshot_date, scope, universe, kind, chosen_name
),
effects as (
    select * from moved where kind = 'one' or chosen_name = universe
    union all
    select
        snapshot_date, scope, 'all', kind, chosen_name,
        sum(enters_lower), sum(enters_upper), sum(leaves_lower), sum(leaves_upper)
    from moved
    where kind = 'one' or chosen_name = 'all'
    group by snapshot_date, scope, kind, chosen_name
),
flips as (
    select snapshot_date, scope, universe, 'account' as flip, place, account, organization_id
    from heaviest
    union all
    select distinct h.snapshot_date, h.scope, h.universe, f.flip, 0, null, null
    from heaviest as h
    cross join (values ('all_well_funded'), ('none_well_funded')) as f (flip)
)
select
    f.snapshot_date,
    f.scope,
    f.universe,
    f.flip,
    f.place::bigint as place,
    f.account,
    f.organization_id,
    o.is_well_funded,
    d.total::bigint as downloads_total,
    d.dependent_lower,
    d.dependent_upper,
    case
        when f.flip = 'account' and f.organization_id is null then null
        when f.flip = 'none_well_funded' or o.is_well_funded
            then round(greatest(d.dependent_lower - coalesce(e.leaves_lower, 0) / d.total, 0), 9)
        else round(least(d.dependent_lower + coalesce(e.enters_lower, 0) / d.total, 1), 9)
    end as flipped_lower,
    case
        when f.flip = 'account' and f.organization_id is null then null
        when f.flip = 'none_well_funded' or o.is_well_funded
            then round(greatest(d.dependent_upper - coalesce(e.leaves_upper, 0) / d.total, 0), 9)
        else round(least(d.dependent_upper + coalesce(e.enters_upper, 0) / d.total, 1), 9)
    end as flipped_upper,
    case
        when f.flip = 'account' and f.organization_id is null
            then 'not estimable: no organization is registered for the account'
        else 'ok'
    end as status
from flips as f
inner join marts.dependence_shares as d
    on d.snapshot_date = f.snapshot_date and d.scope = f.scope and d.universe = f.universe
    and d.evidence = 'curated' and d.weight = 'downloads_30d'
left join effects as e
    on e.snapshot_date = f.snapshot_date and e.scope = f.scope and e.universe = f.universe
    and e.kind = case f.flip when 'account' then 'one' else 'ten' end
    and e.chosen_name = case f.flip when 'account' then f.organization_id else f.universe end
left join core.organizations as o on o.organization_id = f.organization_id
