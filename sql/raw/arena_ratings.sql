/*
description: >
  Ratings of the arena as its Parquet files give them, read by way of JSON: a column that is missing in a file
  is null in its rows, and one of another type is text. Recorded ratings of other dates come as JSON lines.
columns:
  snapshot_date: DATE | Day of the landing.
  scope: VARCHAR | The board.
  position: BIGINT | Place in the file, from 1.
  category: VARCHAR | Category within the board, as given.
  leaderboard_publish_date: VARCHAR | Day of the ratings, as given.
  model_name: VARCHAR | Model as given.
  rating: VARCHAR | Rating as given.
  rating_lower: VARCHAR | Lower end of its interval, as given.
  rating_upper: VARCHAR | Upper end of its interval, as given.
  vote_count: VARCHAR | Votes as given.
  organization: VARCHAR | Organization as given.
  license: VARCHAR | Licence as given.
key: [snapshot_date, scope, position]
payload: arena_ratings
*/
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    item ->> '$.category' as category,
    item ->> '$.leaderboard_publish_date' as leaderboard_publish_date,
    item ->> '$.model_name' as model_name,
    item ->> '$.rating' as rating,
    item ->> '$.rating_lower' as rating_lower,
    item ->> '$.rating_upper' as rating_upper,
    item ->> '$.vote_count' as vote_count,
    item ->> '$.organization' as organization,
    item ->> '$.license' as license
from (
    select to_json(t) as item from read_parquet(getvariable('payload_files'), union_by_name = true) as t
)
