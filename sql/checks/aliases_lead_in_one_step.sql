-- reference.aliases: an original is not itself an alias
select a.alias_id, a.model_id, b.model_id as further
from reference.aliases as a
inner join reference.aliases as b on b.alias_id = a.model_id
