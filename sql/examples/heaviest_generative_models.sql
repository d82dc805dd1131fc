-- The ten most downloaded generative language models of the list behind the overview, and what they stand on.
select
    m.place,
    m.model_id,
    m.uploader,
    m.base_model_id,
    m.dependence_class,
    m.downloads_30d,
    round(100 * m.share, 1) as pct
from marts.heaviest_models as m
inner join marts.headlines as h
    on h.headline = 'dependent_share' and h.universe = m.universe
    and h.scope = m.scope and h.as_of_date = m.snapshot_date
where m.universe = 'generative_language'
order by m.place;
