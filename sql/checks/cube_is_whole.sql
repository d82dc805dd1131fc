-- marts.dependence_cube: the cube holds exactly the downloads of each list, for every evidence
select c.snapshot_date, c.scope, c.evidence, c.downloads, l.downloads as listed
from (
    select snapshot_date, scope, evidence, sum(downloads_30d) as downloads
    from marts.dependence_cube
    group by snapshot_date, scope, evidence
) as c
inner join (
    select snapshot_date, scope, sum(downloads_30d) as downloads
    from core.model_snapshots
    group by snapshot_date, scope
) as l on l.snapshot_date = c.snapshot_date and l.scope = c.scope
where abs(coalesce(c.downloads, 0) - coalesce(l.downloads, 0)) > 1
