select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    null as category,
    leaderboard_publish_date,
    model_name,
    rating,
    null as rating_lower,
    null as rating_upper,
    null as vote_count,
    null as organization,
    null as license
from read_json(
    getvariable('payload_files'),
    format = 'newline_delimited',
    columns = {leaderboard_publish_date: 'VARCHAR', model_name: 'VARCHAR', rating: 'VARCHAR'}
)
