-- Every known descendant of one model, with how it descends; change the id in the first line.
with recursive descendants as (
    select child_id, parent_id, relation, evidence, 1 as generation
    from core.lineage
    where parent_id = 'mistralai/Mistral-7B-v0.1'
    union
    select l.child_id, l.parent_id, l.relation, l.evidence, d.generation + 1
    from core.lineage as l
    inner join descendants as d on l.parent_id = d.child_id
    where d.generation < 30
)
select generation, relation, count(distinct child_id) as models
from descendants
group by all
order by all;
