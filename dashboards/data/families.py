"""What the page of families asks: generations of models, what descends from each, and who builds on whom."""

import polars as pl

from dashboards.data.common import ModelList
from dashboards.data.release import Release

#: No more models of a family than these are in its tree, those with the most descendants first.
MOST = 3_000


def families(release: Release) -> pl.DataFrame:
    """Give the curated generations of models."""
    return release.frame(
        """
        select family, organization_id, organization, is_well_funded, modality, first_release_date,
            models, derivatives, finetunes, adapters, quantized, merges, accounts, deepest, named_only
        from marts.families
        order by derivatives desc, family
        """
    )


def downloads(release: Release, chosen: ModelList) -> pl.DataFrame:
    """Give the part of a list's downloads that belongs to each generation."""
    return release.frame(
        """
        select s.family, f.organization_id, f.organization, s.models, s.downloads_30d, s.share
        from marts.family_snapshots as s
        left join marts.families as f on f.family = s.family
        where s.snapshot_date = ? and s.scope = ? and s.share is not null
        order by s.share desc, s.family
        """,
        chosen.snapshot_date,
        chosen.scope,
    )


def known(release: Release) -> tuple[int, int]:
    """Count the models that are known, and those of them that no list had."""
    found = release.frame(
        "select count(*) as models, count(*) filter (is_named_only) as named_only from core.models"
    )
    models, named_only = found.row(0)
    return int(models), int(named_only)


def lists_seen(release: Release) -> pl.DataFrame:
    """Give the lists of models that all counts of families are taken from; a scope walked daily is many."""
    return release.frame(
        """
        select scope, coalesce(first_date, newest_date) as first_date, newest_date,
            coalesce(days, 1) as lists, is_whole_population
        from marts.coverage
        where is_model_list
        order by scope, newest_date
        """
    )


def trees(release: Release) -> pl.DataFrame:
    """Give every model of a family with the one that it hangs below, those with the most descendants first.

    A model hangs below its main parent, the first of its parents by id, as core.model_roots has the main
    line; where that one is of no or another family, it hangs below the family itself (parent_id is null).
    `size` is the model with all that hangs below it in the family; `place` orders a family so that no model
    stands before the one that it hangs below.
    """
    return release.frame(
        """
        with recursive main as (
            select child_id, parent_id, relation, evidence, parents
            from (
                select
                    *,
                    row_number() over (partition by child_id order by parent_id) as place,
                    count(*) over (partition by child_id) as parents
                from core.lineage
                where not is_superseded and evidence <> 'inferred'
            )
            where place = 1
        ),
        members as (
            select
                m.model_id, m.family, m.organization_id, m.downloads_30d, m.downloads_date, m.is_named_only,
                case when p.family = m.family then e.parent_id end as parent_id,
                e.relation, e.evidence, coalesce(e.parents, 0) as parents
            from core.models as m
            left join main as e on e.child_id = m.model_id
            left join core.models as p on p.model_id = e.parent_id
            where m.family is not null
        ),
        above as (
            select model_id, model_id as ancestor_id from members
            union all
            select a.model_id, m.parent_id
            from above as a
            inner join members as m on m.model_id = a.ancestor_id
            where m.parent_id is not null
        ),
        sizes as (select ancestor_id as model_id, count(*) as size from above group by ancestor_id)
        select
            m.family, m.model_id, m.parent_id, o.name as organization, m.relation, m.evidence, m.parents,
            m.downloads_30d, m.downloads_date, m.is_named_only, s.size,
            row_number() over (
                partition by m.family order by s.size desc, m.downloads_30d desc nulls last, m.model_id
            ) - 1 as place
        from members as m
        inner join sizes as s on s.model_id = m.model_id
        left join core.organizations as o on o.organization_id = m.organization_id
        order by m.family, place
        """
    )


def growth(release: Release) -> pl.DataFrame:
    """Give how each family grew from its release on, in each list that tells dates; copies left out."""
    return release.frame(
        """
        select g.series, g.scope, g.family, g.organization_id, g.days_since_release, g.release_date,
            g.as_of_date, g.is_illustration, g.derivatives, g.authors, g.undated, g.downloads_30d,
            coalesce(s.title, g.scope) as title
        from marts.family_growth as g
        left join core.snapshots as s
            on s.scope = g.scope and s.snapshot_date = g.as_of_date and s.is_model_list
        where not g.includes_variants
        order by g.series, g.scope, g.family, g.days_since_release
        """
    )


def half_lives(release: Release) -> pl.DataFrame:
    """Give the half-life of each family's first year, or why there is none; copies left out."""
    return release.frame(
        """
        select h.family, h.organization_id, h.series, h.scope, coalesce(s.title, h.scope) as title,
            h.release_date, h.as_of_date, h.is_illustration, h.horizon_days, h.derivatives, h.authors,
            h.half_life_days, h.lower_days, h.upper_days, h.status
        from marts.family_half_lives as h
        left join core.snapshots as s
            on s.scope = h.scope and s.snapshot_date = h.as_of_date and s.is_model_list
        where not h.includes_variants
        order by h.half_life_days nulls last, h.derivatives desc, h.family, h.series, h.scope
        """
    )


def survival(release: Release) -> pl.DataFrame:
    """Give how long families live, in each series that can show it; copies left out."""
    return release.frame(
        """
        select v.series, v.scope, coalesce(s.title, v.scope) as title, l.as_of_date, v.age_days,
            v.is_illustration, v.at_risk, v.deaths, v.survival, v.lower, v.upper, v.status
        from marts.family_survival as v
        left join (
            select series, scope, max(as_of_date) as as_of_date from marts.family_lives group by series, scope
        ) as l on l.series = v.series and l.scope = v.scope
        left join core.snapshots as s
            on s.scope = v.scope and s.snapshot_date = l.as_of_date and s.is_model_list
        where not v.includes_variants
        order by v.series, v.scope, v.age_days
        """
    )


def lives(release: Release) -> pl.DataFrame:
    """Count the families by whether they were born and whether they are alive, per list; copies left out."""
    return release.frame(
        """
        select l.series, l.scope, coalesce(s.title, l.scope) as title, l.as_of_date, l.birth_state,
            l.life_state, count(*) as families
        from marts.family_lives as l
        left join core.snapshots as s
            on s.scope = l.scope and s.snapshot_date = l.as_of_date and s.is_model_list
        where not l.includes_variants
        group by l.series, l.scope, coalesce(s.title, l.scope), l.as_of_date, l.birth_state, l.life_state
        order by l.series, l.scope, l.birth_state, l.life_state
        """
    )


def migration(release: Release) -> pl.DataFrame:
    """Give what authors build on in one half-year and in the next, organizations by name."""
    return release.frame(
        """
        select m.series, m.scope, coalesce(s.title, m.scope) as title, m.as_of_date, m.is_illustration,
            m.is_unfinished, m.from_base, m.to_base, f.name as from_name, o.name as to_name, m.move,
            m.authors, m.from_authors, m.share, m.lower, m.upper, m.authors_back, m.onward_share, m.status
        from marts.author_migration as m
        left join core.organizations as f on f.organization_id = m.from_base
        left join core.organizations as o on o.organization_id = m.to_base
        left join core.snapshots as s
            on s.scope = m.scope and s.snapshot_date = m.as_of_date and s.is_model_list
        where m.unit = 'organization' and m.from_half = 'all' and m.move in ('stayed', 'moved')
        order by m.series, m.scope, m.from_authors desc, m.from_base, m.authors desc, m.to_base
        """
    )


def authors_by_base(release: Release) -> pl.DataFrame:
    """Give on whose bases the authors of each half-year build."""
    return release.frame(
        """
        select a.series, a.scope, coalesce(s.title, a.scope) as title, a.as_of_date, a.is_illustration,
            a.is_unfinished, a.half_year, a.half_date, a.base, o.name as organization, a.authors,
            a.new_authors, a.half_year_authors, a.share, a.lower, a.upper, a.status
        from marts.authors_by_base as a
        left join core.organizations as o on o.organization_id = a.base
        left join core.snapshots as s
            on s.scope = a.scope and s.snapshot_date = a.as_of_date and s.is_model_list
        where a.unit = 'organization'
        order by a.series, a.scope, a.half_date, a.authors desc, a.base
        """
    )
