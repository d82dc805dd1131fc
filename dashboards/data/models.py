"""What the page of models asks: the lists, the models of one, what these stand on, and the lines above."""

import polars as pl

from dashboards.data.common import ModelList
from dashboards.data.lists import with_counts
from dashboards.data.release import Release

#: No more models of a list than these are on the page, the most downloaded first.
MOST = 50_000
#: So many models are in the first part of a list, and so many in each further one.
FIRST_PART = 1_000
FURTHER_PART = 4_000

#: The models of a list that are on the page, with their place in it and the part that they are in.
_LISTED = f"""
    select
        *,
        case when place < {FIRST_PART} then 0 else 1 + (place - {FIRST_PART}) // {FURTHER_PART} end as part
    from (
        select
            *,
            row_number() over (order by downloads_30d desc nulls last, likes desc nulls last, model_id) - 1
                as place
        from core.model_snapshots
        where snapshot_date = ? and scope = ?
    )
    where place < {MOST}
"""  # noqa: S608 (numbers of this module alone)


def lists(release: Release) -> pl.DataFrame:
    """Give the newest list of each population, the newest first; only lists that are pictures of one."""
    found = release.frame(
        """
        select c.newest_date as snapshot_date, c.scope, c.title, c.with_parent_pct, c.is_whole_population
        from marts.coverage as c
        inner join core.snapshots as s
            on s.source = c.source and s.scope = c.scope and s.snapshot_date = c.newest_date
        where c.is_model_list and s.selection is null and exists (
            select 1 from core.model_snapshots as m
            where m.scope = c.scope and m.snapshot_date = c.newest_date
        )
        order by c.newest_date desc, c.scope
        """
    )
    return with_counts(release, found)


def rows(release: Release, chosen: ModelList) -> pl.DataFrame:
    """Give the models of a list, the most downloaded first; class and origins admit registers."""
    return release.frame(
        f"""
        select l.place, l.part, l.model_id, o.name as organization, l.downloads_30d, l.likes,
            m.pipeline_tag as task, l.universe,
            case when l.is_first_party then 'first_party' else r.upstream_class end as dependence_class,
            r.root_id as base_model_id, r.parents, r.origin_basis, m.family, m.license,
            cast(m.created_at as date) as created_date
        from ({_LISTED}) as l
        left join core.models as m on m.model_id = l.model_id
        left join core.model_roots as r on r.model_id = l.model_id and r.evidence = 'curated'
        left join core.organizations as o on o.organization_id = l.uploader_id
        order by l.place
        """,  # noqa: S608 (put together from this module alone)
        chosen.snapshot_date,
        chosen.scope,
    )


def origins(release: Release, chosen: ModelList) -> pl.DataFrame:
    """Give where the credit of a list's models ends, the largest share first; registers admitted."""
    return release.frame(
        f"""
        select l.place, coalesce(o.name, a.organization_id) as organization, a.origin_share
        from ({_LISTED}) as l
        inner join core.ancestry as a on a.model_id = l.model_id and a.evidence = 'curated'
        left join core.organizations as o on o.organization_id = a.organization_id
        where a.origin_share > 0
        order by l.place, a.origin_share desc, a.organization_id
        """,  # noqa: S608 (put together from this module alone)
        chosen.snapshot_date,
        chosen.scope,
    )


def edges(release: Release, chosen: ModelList) -> pl.DataFrame:
    """Give who descends from whom above the models of each part of a list, up to the roots."""
    return release.frame(
        f"""
        with recursive edges as (
            select child_id, parent_id, relation, evidence
            from core.lineage
            where not is_superseded and evidence <> 'inferred'
        ),
        up as (
            select l.part, e.child_id, e.parent_id, e.relation, e.evidence
            from ({_LISTED}) as l
            inner join edges as e on e.child_id = l.model_id
            union
            select u.part, e.child_id, e.parent_id, e.relation, e.evidence
            from up as u
            inner join edges as e on e.child_id = u.parent_id
        )
        select part, child_id, parent_id, relation, evidence
        from up
        order by part, child_id, parent_id, relation, evidence
        """,  # noqa: S608 (put together from this module alone)
        chosen.snapshot_date,
        chosen.scope,
    )


def nodes(release: Release, chosen: ModelList) -> pl.DataFrame:
    """Give what is known of every model in the lines of a list: its maker, and why a root is credited."""
    lines = edges(release, chosen)
    ids = pl.concat([lines["child_id"], lines["parent_id"]]).unique().sort()
    return release.frame(
        """
        select m.model_id, o.name as organization, m.is_named_only, r.origin_basis
        from (select unnest(?) as model_id) as k
        inner join core.models as m on m.model_id = k.model_id
        left join core.model_roots as r on r.model_id = m.model_id and r.evidence = 'curated'
        left join core.organizations as o on o.organization_id = m.organization_id
        order by m.model_id
        """,
        tuple(ids.to_list()),
    )


def classes(release: Release, chosen: ModelList) -> pl.DataFrame:
    """Count the models of a whole list by dependence class; registers admitted."""
    return release.frame(
        """
        select dependence_class, cast(sum(models) as bigint) as models
        from core.snapshot_groups
        where snapshot_date = ? and scope = ?
        group by dependence_class
        order by dependence_class
        """,
        chosen.snapshot_date,
        chosen.scope,
    )
