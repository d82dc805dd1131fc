-- One object a page; each of its members is one repository under an alias, `r_` and the name asked for in
-- hexadecimal, or null where GraphQL knows none.
select
    getvariable('snapshot_date') as snapshot_date,
    getvariable('scope') as scope,
    row_number() over () as position,
    page,
    decode(unhex(substr(member.key, 3))) as asked_name,
    member.value ->> '$.databaseId' as id,
    member.value ->> '$.nameWithOwner' as full_name,
    member.value ->> '$.stargazerCount' as stargazers_count,
    member.value ->> '$.forkCount' as forks_count,
    member.value ->> '$.createdAt' as created_at,
    member.value ->> '$.pushedAt' as pushed_at,
    member.value ->> '$.isArchived' as archived,
    member.value ->> '$.licenseInfo.spdxId' as license
from (
    select regexp_extract(filename, 'page-(\d+)', 1)::bigint as page, unnest(map_entries(data)) as member
    from read_json(
        getvariable('payload_files'),
        format = 'unstructured',
        filename = true,
        columns = {data: 'MAP(VARCHAR, JSON)'}
    )
)
where regexp_full_match(member.key, 'r_([2-7][0-9a-f])+') and json_type(member.value) = 'OBJECT'
