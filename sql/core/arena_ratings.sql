/*
description: >
  Ratings of models by people's votes in the arena. A rating is relative to the others of its board on its
  day; the scale moves between days, and those of different boards are not comparable.
columns:
  as_of_date: DATE | Day of the ratings; where the file does not say it, the day on which it was landed.
  board: VARCHAR | Board and category, for instance text/overall.
  model_name: VARCHAR | Model as the arena names it.
  rating: DOUBLE | Rating.
  lower: DOUBLE | Lower end of its interval; null without both ends around the rating.
  upper: DOUBLE | Upper end of its interval.
  votes: BIGINT | Votes that it rests on.
  organization: VARCHAR | Organization as the arena names it.
  license: VARCHAR | Licence as the arena names it.
key: [as_of_date, board, model_name]
checks:
  not_null: [rating]
  ranges: {rating: [-10000, 10000], votes: [0, null]}
*/
with typed as (
    select
        snapshot_date,
        position,
        try_cast(left(leaderboard_publish_date, 10) as date) as published_date,
        scope || coalesce('/' || nullif(trim(category), ''), '') as board,
        trim(model_name) as model_name,
        try_cast(rating as double) as rating,
        try_cast(rating_lower as double) as lower,
        try_cast(rating_upper as double) as upper,
        -- A column with gaps may come as floats: 12000.0 votes are 12000, half a vote is none.
        case
            when regexp_full_match(vote_count, '\d{1,12}(\.0+)?') then try_cast(vote_count as double)
        end as votes,
        nullif(trim(organization), '') as organization,
        nullif(trim(license), '') as license
    from raw.arena_ratings
),
judged as (
    select
        *,
        -- A day ahead is another time zone; what lies further on is no day of ratings.
        case
            when published_date <= snapshot_date + 1 then published_date
            else snapshot_date
        end as as_of_date,
        coalesce(lower between -100000 and rating and upper between rating and 100000, false) as has_interval
    from typed
    where model_name <> '' and rating between -10000 and 10000
)
select
    as_of_date,
    board,
    model_name,
    rating,
    case when has_interval then lower end as lower,
    case when has_interval then upper end as upper,
    cast(votes as bigint) as votes,
    organization,
    license
from judged
qualify row_number() over (
    partition by as_of_date, board, model_name order by snapshot_date desc, position
) = 1
