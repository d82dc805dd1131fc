-- marts.dependence_cube: the cube holds exactly the downloads of each list, for every evidence
select l.snapshot_date, l.scope, e.evidence, c.downloads, l.downloads as listed
from (
    select snapshot_date, scope, sum(downloads_30d) as downloads
    from core.model_snapshots
    group by snapshot_date, scope
) as l
cross join (values ('declared'), ('curated'), ('inferred')) as e (evidence)
left join (
    select snapshot_date, scope, evidence, sum(downloads_30d) as downloads
    from marts.dependence_cube
    group by snapshot_date, scope, evidence
) as c on c.snapshot_date = l.snapshot_date and c.scope = l.scope and c.evidence = e.evidence
where abs(coalesce(c.downloads, 0) - coalesce(l.downloads, 0)) > 1
