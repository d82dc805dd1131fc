-- reference.origins: a derived model names its parent and how it descends, a scratch one who trained it
select model_id, origin, parent_id, relation, trained_by
from reference.origins
where
    (origin = 'derived' and (parent_id is null or relation is null or trained_by is not null))
    or (origin = 'scratch' and (trained_by is null or parent_id is not null))
