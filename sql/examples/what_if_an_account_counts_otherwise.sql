-- How far the class of one organization moves the first-party share: take Hugging Face (sentence-transformers,
-- timm, distilbert) out of the well-funded ones.
select
    round(100 * sum(downloads_30d) filter (where dependence_class = 'first_party') / sum(downloads_30d), 1)
        as first_party_pct,
    round(100 * sum(downloads_30d) filter (
        where dependence_class = 'first_party' and uploader <> 'hugging-face'
    ) / sum(downloads_30d), 1) as first_party_without_it_pct
from marts.dependence_cube
where scope = 'top-1000-per-task' and snapshot_date = date '2025-12-22' and evidence = 'curated';
