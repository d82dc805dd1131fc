/*
description: >
  Tokens of models by day on OpenRouter, one company's router and not the market; the 50 largest by name. Each
  day comes whole from the newest landing that has it. Tokens are counted by each provider's own tokenizer, so
  those of different providers are only roughly alike.
columns:
  date: DATE | Day (UTC).
  model_slug: VARCHAR | Model and variant as OpenRouter names it; other for all that are not among the 50.
  tokens: BIGINT | Tokens in and out.
  share_of_day: DOUBLE | Part of the day's tokens; null where a row of the day could not be used.
  is_other: BOOLEAN | True for all others together.
key: [date, model_slug]
checks:
  not_null: [tokens, is_other]
  ranges: {tokens: [0, null], share_of_day: [0, 1]}
*/
with typed as (
    select
        snapshot_date,
        case when regexp_full_match(date, '\d{4}-\d{2}-\d{2}') then try_cast(date as date) end as date,
        trim(model_permaslug) as model_slug,
        case when regexp_full_match(total_tokens, '\d{1,16}') then cast(total_tokens as bigint) end as tokens
    from raw.token_shares
),
newest as (
    select
        date,
        model_slug,
        tokens,
        snapshot_date = max(snapshot_date) over (partition by date) as is_newest
    from typed
    where date < snapshot_date
),
models as (
    select
        date,
        model_slug,
        min(tokens) as tokens,
        coalesce(model_slug, '') <> '' and count(*) = count(tokens) and min(tokens) = max(tokens) as is_sound
    from newest
    where is_newest
    group by date, model_slug
),
shared as (
    select
        date,
        model_slug,
        tokens,
        is_sound,
        bool_and(is_sound) over (partition by date) as is_whole,
        sum(tokens) over (partition by date) as tokens_of_day
    from models
)
select
    date,
    model_slug,
    tokens,
    case when is_whole and tokens_of_day > 0 then cast(tokens as double) / tokens_of_day end as share_of_day,
    model_slug = 'other' as is_other
from shared
where is_sound
