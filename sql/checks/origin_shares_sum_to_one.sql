-- core.ancestry: the origin shares of each model sum to 1
select model_id, evidence, sum(origin_share) as total
from core.ancestry
group by model_id, evidence
having abs(sum(origin_share) - 1) > 1e-9
