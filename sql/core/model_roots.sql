/*
description: >
  Where the main line of a model's descent begins, and how much of its credit meets well-funded
  organizations; one row a model and evidence. The main parent of a model with several is the first by id.
columns:
  model_id: VARCHAR | The model.
  evidence: VARCHAR | declared (tags alone), curated (also adapter configurations and verified register rows) or inferred (also what names and architectures suggest).
  root_id: VARCHAR | The last known ancestor along the main line; the model itself when it names no base.
  parents: BIGINT | Number of known parents.
  depth: BIGINT | Longest known line of descent, in edges.
  origin_basis: VARCHAR | For roots, why an organization is credited, register, family, uploader or none; null for others.
  well_funded_share: DOUBLE | Credit whose path meets a well-funded organization, the model's own uploader included.
  upstream_well_funded_share: DOUBLE | The same without the model's own uploader, which may have been another on the day of a list.
  registered_independent_share: DOUBLE | Credit that ends in roots registered as trained from scratch by an organization known not to be well funded.
  assumed_share: DOUBLE | Credit that ends in roots credited to their well-funded uploader for want of a register row; such a root may silently stand on another.
  unknown_share: DOUBLE | Credit that ends where no lineage is known.
  upstream_class: VARCHAR | Dependence class of the model where its uploader is not well funded, derived (any well-funded credit upstream), independent (all credit is registered so) or unknown.
  family: VARCHAR | The nearest curated family along the main line, the model itself included.
key: [model_id, evidence]
is_view: true
checks:
  not_null: [root_id, parents, depth, well_funded_share, upstream_well_funded_share, registered_independent_share, assumed_share, unknown_share, upstream_class]
  ranges:
    well_funded_share: [0, 1.000000001]
    upstream_well_funded_share: [0, 1.000000001]
    registered_independent_share: [0, 1.000000001]
    assumed_share: [0, 1.000000001]
    unknown_share: [0, 1.000000001]
  accepted:
    evidence: [declared, curated, inferred]
    upstream_class: [derived, independent, unknown]
*/
select
    d.model_id,
    'declared' as evidence,
    coalesce(d.declared_root_id, d.model_id) as root_id,
    d.declared_parents as parents,
    d.declared_depth as depth,
    w.origin_basis,
    w.well_funded_share,
    w.upstream_well_funded_share,
    w.registered_independent_share,
    w.assumed_share,
    w.unknown_share,
    w.upstream_class,
    d.declared_family as family
from core.descents as d
inner join core.credit_ways as w on w.way = d.declared_way
union all
select
    d.model_id,
    'curated' as evidence,
    coalesce(d.curated_root_id, d.model_id) as root_id,
    d.curated_parents as parents,
    d.curated_depth as depth,
    w.origin_basis,
    w.well_funded_share,
    w.upstream_well_funded_share,
    w.registered_independent_share,
    w.assumed_share,
    w.unknown_share,
    w.upstream_class,
    d.curated_family as family
from core.descents as d
inner join core.credit_ways as w on w.way = d.curated_way
union all
select
    d.model_id,
    'inferred' as evidence,
    coalesce(d.inferred_root_id, d.model_id) as root_id,
    d.inferred_parents as parents,
    d.inferred_depth as depth,
    w.origin_basis,
    w.well_funded_share,
    w.upstream_well_funded_share,
    w.registered_independent_share,
    w.assumed_share,
    w.unknown_share,
    w.upstream_class,
    d.inferred_family as family
from core.descents as d
inner join core.credit_ways as w on w.way = d.inferred_way
