/*
description: >
  How far the best open model is behind the best proprietary one in the arena, at equal dates. A rating is
  relative to the others of its board on its day, so only differences within one board and day are taken.
  Where the models of two neighbouring dates shift by more than 25 points in the median, the way of rating
  changed, and another scale begins. Which names are open, reference.arena_models says; verified names alone
  make the gap, the others bound it. The best of many noisy ratings is biased upwards on both sides. On a scale
  on which ratings move by more than 10 points from date to date, the lag is not estimable: somebody is always
  above somebody for a day.
columns:
  board: VARCHAR | Board and category; see core.arena_ratings.
  as_of_date: DATE | Day of the ratings.
  scale: BIGINT | Number of the scale on this board, from 1; gaps of different scales are not comparable.
  shift_points: DOUBLE | Median change of the models listed on the date before, too; null on the first.
  noise_points: DOUBLE | How far nine in ten of these changes are from their median at most; a hint at what one rating is uncertain by where no interval is given.
  models: BIGINT | Names on the board that day.
  unverified_models: BIGINT | Of them those whose openness is not verified or not registered.
  open_model: VARCHAR | Best verified open model.
  open_rating: DOUBLE | Its rating.
  proprietary_model: VARCHAR | Best verified proprietary model.
  proprietary_rating: DOUBLE | Its rating.
  gap_points: DOUBLE | Best proprietary less best open rating, verified names alone; negative when open leads.
  gap_lower: DOUBLE | The same if all unverified names were open.
  gap_upper: DOUBLE | The same if all unverified names were proprietary.
  interval_lower: DOUBLE | Lower end of the gap from the intervals of both ratings (their ends apart, so wider than 95 percent); null where not given.
  interval_upper: DOUBLE | Upper end.
  open_win_share: DOUBLE | Share of votes that the formula of Elo gives the best open against the best proprietary model, 1 / (1 + 10^(gap / 400)); ties aside.
  caught_up_date: DATE | First date from this one on when an open model stood at or above this day's best proprietary model, both as rated on that date; null when censored or not estimable.
  lag_days: BIGINT | Days from this date until then; where censored, days for which it is known not to have happened. By months divide by 30.44.
  lag_status: VARCHAR | caught up, or why it is not known.
  note: VARCHAR | What is missing; null when nothing is.
key: [board, as_of_date]
checks:
  not_null: [scale, models, unverified_models]
  ranges: {open_win_share: [0, 1], lag_days: [0, null], noise_points: [0, null]}
  accepted:
    lag_status:
      - caught up
      - "censored: the data end"
      - "censored: the model left the board"
      - "not estimable: ratings of this scale move too much from date to date"
*/
with rated as (
    select
        r.board,
        r.as_of_date,
        r.model_name,
        r.rating,
        r.lower,
        r.upper,
        case
            when m.status <> 'verified' then 'unverified'
            when m.weights = 'proprietary' and r.as_of_date >= m.opened_date then 'open'
            else coalesce(m.weights, 'unverified')
        end as weights
    from core.arena_ratings as r
    left join reference.arena_models as m on m.model_name = r.model_name
),
days as (
    select
        board,
        as_of_date,
        lag(as_of_date) over (partition by board order by as_of_date) as before_date,
        max(as_of_date) over (partition by board) as last_date
    from (select distinct board, as_of_date from rated) as d
),
changes as (
    select
        d.board,
        d.as_of_date,
        r.rating - b.rating as change,
        median(r.rating - b.rating) over (partition by d.board, d.as_of_date) as shift
    from days as d
    inner join rated as r on r.board = d.board and r.as_of_date = d.as_of_date
    inner join rated as b
        on b.board = d.board and b.as_of_date = d.before_date and b.model_name = r.model_name
),
shifts as (
    select board, as_of_date, max(shift) as shift, quantile_cont(abs(change - shift), 0.9) as noise
    from changes
    group by board, as_of_date
),
scales as (
    select
        d.board,
        d.as_of_date,
        d.last_date,
        s.shift,
        s.noise,
        1 + sum(case when abs(s.shift) > 25 then 1 else 0 end) over (
            partition by d.board order by d.as_of_date
        ) as scale
    from days as d
    left join shifts as s on s.board = d.board and s.as_of_date = d.as_of_date
),
-- A first date alone says nothing of noise; neither does the date on which the scale changed.
noisy as (
    select
        board,
        scale,
        coalesce(median(case when abs(shift) <= 25 then noise end) > 10, false) as is_noisy
    from scales
    group by board, scale
),
counts as (
    select
        board,
        as_of_date,
        count(*) as models,
        sum(case when weights not in ('open', 'proprietary') then 1 else 0 end) as unverified_models,
        max(case when weights not in ('open', 'proprietary') then rating end) as unverified_rating
    from rated
    group by board, as_of_date
),
leaders as (
    select board, as_of_date, weights, model_name, rating, lower, upper
    from rated
    where weights in ('open', 'proprietary')
    qualify row_number() over (
        partition by board, as_of_date, weights order by rating desc, model_name
    ) = 1
),
-- The leader of a day and the best open model meet on every later date on which the leader is still listed.
meetings as (
    select
        p.board,
        p.as_of_date,
        max(r.as_of_date) as seen_until,
        min(case when o.rating >= r.rating then r.as_of_date end) as caught_up_date
    from leaders as p
    inner join rated as r
        on r.board = p.board and r.model_name = p.model_name and r.as_of_date >= p.as_of_date
    left join leaders as o
        on o.board = r.board and o.as_of_date = r.as_of_date and o.weights = 'open'
    where p.weights = 'proprietary'
    group by p.board, p.as_of_date
)
select
    s.board,
    s.as_of_date,
    cast(s.scale as bigint) as scale,
    round(s.shift, 3) as shift_points,
    round(s.noise, 3) as noise_points,
    c.models,
    cast(c.unverified_models as bigint) as unverified_models,
    o.model_name as open_model,
    o.rating as open_rating,
    p.model_name as proprietary_model,
    p.rating as proprietary_rating,
    round(p.rating - o.rating, 3) as gap_points,
    round(p.rating - greatest(o.rating, coalesce(c.unverified_rating, o.rating)), 3) as gap_lower,
    round(greatest(p.rating, coalesce(c.unverified_rating, p.rating)) - o.rating, 3) as gap_upper,
    round(p.lower - o.upper, 3) as interval_lower,
    round(p.upper - o.lower, 3) as interval_upper,
    round(1 / (1 + power(10, (p.rating - o.rating) / 400)), 9) as open_win_share,
    case when not n.is_noisy then m.caught_up_date end as caught_up_date,
    case
        when not n.is_noisy then date_diff('day', s.as_of_date, coalesce(m.caught_up_date, m.seen_until))
    end as lag_days,
    case
        when m.seen_until is null then null
        when n.is_noisy then 'not estimable: ratings of this scale move too much from date to date'
        when m.caught_up_date is not null then 'caught up'
        when m.seen_until = s.last_date then 'censored: the data end'
        when m.seen_until is not null then 'censored: the model left the board'
    end as lag_status,
    case
        when p.rating is null and o.rating is null then 'not estimable: no verified name on the board'
        when p.rating is null then 'not estimable: no verified proprietary name on the board'
        when o.rating is null then 'not estimable: no verified open name on the board'
        when p.lower is null or o.lower is null then 'the intervals of the ratings are not given'
    end as note
from scales as s
inner join noisy as n on n.board = s.board and n.scale = s.scale
inner join counts as c on c.board = s.board and c.as_of_date = s.as_of_date
left join leaders as o on o.board = s.board and o.as_of_date = s.as_of_date and o.weights = 'open'
left join leaders as p on p.board = s.board and p.as_of_date = s.as_of_date and p.weights = 'proprietary'
left join meetings as m on m.board = s.board and m.as_of_date = s.as_of_date
