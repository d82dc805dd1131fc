-- What would be lost if OpenAI and Meta deleted their repositories: change the names in the first lines, both
-- times. Lower bounds; for the upper ones add 'unknown' to `names` alone: what is broken without unknown is
-- not stranded in either bound. Who is gone is the same in both.
with stopped as (
    select ['openai', 'meta'] as certain, ['openai', 'meta'] as names
),
marked as (
    select
        e.*,
        list_contains(s.names, e.uploader) as is_gone,
        len(list_filter(string_split(e.needs, '|'), lambda f: list_has_all(s.names, string_split(f, '+')))) > 0
            as lacks_base,
        len(list_filter(string_split(e.needs, '|'), lambda f: list_has_all(s.certain, string_split(f, '+')))) > 0
            as surely_lacks_base,
        len(list_filter(string_split(e.losses, '|'), lambda f: list_has_all(s.names, string_split(f, '+')))) > 0
            as loses_ancestor,
        list_has_any(s.names, string_split(e.upstream, '+')) as has_any,
        len(list_filter(string_split(e.paths, '|'), lambda f: not list_has_any(s.names, string_split(f, '+')))) = 0
            as has_all
    from marts.shutdown_exposure as e
    cross join stopped as s
    where e.evidence = 'curated'
)
select
    scope,
    snapshot_date,
    universe,
    round(100 * sum(case when is_gone then downloads_30d else 0 end) / sum(downloads_30d), 1) as gone_pct,
    round(100 * sum(case when lacks_base and not is_gone then downloads_30d else 0 end) / sum(downloads_30d), 1)
        as broken_pct,
    round(100 * sum(
        case when loses_ancestor and not is_gone and not surely_lacks_base then downloads_30d else 0 end
    ) / sum(downloads_30d), 1) as stranded_pct,
    round(100 * sum(case when has_any then downloads_30d else 0 end) / sum(downloads_30d), 1) as never_born_any_pct,
    round(100 * sum(case when has_all then downloads_30d else 0 end) / sum(downloads_30d), 1) as never_born_all_pct
from marked
where downloads_30d is not null
group by scope, snapshot_date, universe
order by scope, universe;
