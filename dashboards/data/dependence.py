"""What the page on dependence asks: shares by class, organization and money, teachers, openness, the cube.

Here: selecting, joining names, ordering, and sums of the cube, which is made to be added. Not here: words.
"""

from datetime import date

import polars as pl

from dashboards.data import lists
from dashboards.data.common import ModelList
from dashboards.data.release import Release

#: Lists of one population that the switchboard offers, the last of each month, newest first.
OFFERED_DAYS = 6


def class_shares(release: Release, universe: str) -> pl.DataFrame:
    """Give the class shares of every list, by downloads, for both kinds of evidence."""
    return release.frame(
        """
        with counted as (
            select snapshot_date, scope, count(*) as models, count(downloads_30d) as models_with_downloads
            from core.model_snapshots
            where ? in ('all', universe)
            group by snapshot_date, scope
        )
        select d.snapshot_date, d.scope, s.title, d.evidence, d.total, n.models, n.models_with_downloads,
            c.rows as listed,
            d.first_party_share, d.derived_share, d.unknown_share, d.independent_share, d.dependent_lower,
            d.dependent_upper
        from marts.dependence_shares as d
        left join counted as n on n.snapshot_date = d.snapshot_date and n.scope = d.scope
        inner join core.snapshots as s
            on s.scope = d.scope and s.snapshot_date = d.snapshot_date and s.is_model_list
        inner join marts.coverage as c  -- of a live scope it has the newest list alone
            on c.scope = d.scope and c.newest_date = d.snapshot_date and c.is_model_list
        where d.weight = 'downloads_30d' and d.universe = ? and s.selection is null
            and d.evidence in ('curated', 'declared')
        order by listed desc, d.scope, d.snapshot_date, d.evidence
        """,
        universe,
        universe,
    )


def class_shares_over_time(release: Release, universe: str) -> pl.DataFrame:
    """Give the bounds of every population that was listed on more than one day, by downloads."""
    return release.frame(
        """
        select d.scope, s.title, d.snapshot_date, d.total, d.dependent_lower, d.dependent_upper
        from marts.dependence_shares as d
        inner join core.snapshots as s
            on s.scope = d.scope and s.snapshot_date = d.snapshot_date and s.is_model_list
        where d.weight = 'downloads_30d' and d.universe = ? and d.evidence = 'curated' and s.selection is null
        qualify count(*) over (partition by d.scope) > 1
        order by d.scope, d.snapshot_date
        """,
        universe,
    )


def dominant_models(release: Release, universe: str) -> pl.DataFrame:
    """Give the lists in which one model has more than half of the downloads of a universe."""
    return release.frame(
        """
        select h.snapshot_date, h.scope, h.model_id, h.share
        from marts.heaviest_models as h
        inner join core.snapshots as s
            on s.scope = h.scope and s.snapshot_date = h.snapshot_date and s.is_model_list
        inner join marts.coverage as c
            on c.scope = h.scope and c.newest_date = h.snapshot_date and c.is_model_list
        where h.place = 1 and h.share > 0.5 and h.universe = ? and s.selection is null
        order by h.share desc, h.scope, h.snapshot_date
        """,
        universe,
    )


def universes(release: Release, chosen: ModelList) -> pl.DataFrame:
    """Give the class shares of one list by universe, registers admitted."""
    return release.frame(
        """
        select universe, total, first_party_share, derived_share, unknown_share, independent_share,
            dependent_lower, dependent_upper
        from marts.dependence_shares
        where snapshot_date = ? and scope = ? and evidence = 'curated' and weight = 'downloads_30d'
        order by total desc, universe
        """,
        chosen.snapshot_date,
        chosen.scope,
    )


def organizations(release: Release, chosen: ModelList, universe: str) -> pl.DataFrame:
    """Give what each organization uploaded, is the origin of, or stands above, registers admitted."""
    return release.frame(
        """
        select o.organization_id, coalesce(n.name, o.organization_id) as organization, n.country,
            o.downloads_total, o.uploaded_share, o.origin_share, o.through_share, o.any_share
        from marts.organization_shares as o
        left join core.organizations as n on n.organization_id = o.organization_id
        where o.snapshot_date = ? and o.scope = ? and o.universe = ? and o.evidence = 'curated'
        order by o.origin_share desc, o.organization_id
        """,
        chosen.snapshot_date,
        chosen.scope,
        universe,
    )


def breakdown(release: Release, chosen: ModelList, universe: str, weight: str) -> pl.DataFrame:
    """Give a list divided by country, legal form, funding and backing of uploaders and origins."""
    return release.frame(
        """
        select dimension, value, total, uploaded_share, uploaded_upper, origin_share, origin_upper
        from marts.dependence_breakdown
        where snapshot_date = ? and scope = ? and universe = ? and evidence = 'curated' and weight = ?
        order by dimension, origin_share desc, value
        """,
        chosen.snapshot_date,
        chosen.scope,
        universe,
        weight,
    )


def uploads_by_origin(release: Release, chosen: ModelList, universe: str) -> pl.DataFrame:
    """Give for each origin whose accounts its weights are downloaded from, as parts of all downloads."""
    return release.frame(
        """
        select c.origin as organization_id, coalesce(n.name, c.origin) as organization,
            sum(case when c.uploader = c.origin then c.downloads_30d else 0 end) / any_value(w.total)
                as own_share,
            sum(case when c.uploader not in (c.origin, 'unregistered') then c.downloads_30d else 0 end)
                / any_value(w.total) as others_share,
            sum(case when c.uploader = 'unregistered' then c.downloads_30d else 0 end)
                / any_value(w.total) as unregistered_share,
            sum(c.downloads_30d) / any_value(w.total) as origin_share, any_value(w.total) as total
        from marts.dependence_cube as c
        inner join marts.dependence_shares as w
            on w.snapshot_date = c.snapshot_date and w.scope = c.scope and w.evidence = c.evidence
            and w.weight = 'downloads_30d' and w.universe = ?
        left join core.organizations as n on n.organization_id = c.origin
        where c.snapshot_date = ? and c.scope = ? and c.evidence = 'curated'
            and w.universe in ('all', c.universe)
        group by c.origin, n.name
        having origin_share > 0
        order by origin_share desc, c.origin
        """,
        universe,
        chosen.snapshot_date,
        chosen.scope,
    )


def sensitivity(release: Release, chosen: ModelList, universe: str) -> pl.DataFrame:
    """Give the bounds as if the ten heaviest accounts were of the other class."""
    return release.frame(
        """
        select h.place, h.flip, h.account, coalesce(n.name, h.organization_id) as organization,
            h.is_well_funded, h.dependent_lower, h.dependent_upper, h.flipped_lower, h.flipped_upper, h.status
        from marts.headline_sensitivity as h
        left join core.organizations as n on n.organization_id = h.organization_id
        where h.snapshot_date = ? and h.scope = ? and h.universe = ?
        order by h.place = 0, h.place, h.flip
        """,
        chosen.snapshot_date,
        chosen.scope,
        universe,
    )


def teachers(release: Release) -> pl.DataFrame:
    """Give what is known of teacher data in the newest list of every population, registers admitted."""
    return release.frame(
        """
        select t.scope, s.title, t.snapshot_date, t.universe, t.weight, t.teacher,
            coalesce(n.name, t.teacher) as name, t.total, t.named_share, t.judged_share, t.own_share, t.lower,
            t.lower_with_unverified, t.status
        from marts.teacher_shares as t
        inner join core.snapshots as s
            on s.scope = t.scope and s.snapshot_date = t.snapshot_date and s.is_model_list
        inner join marts.coverage as c
            on c.scope = t.scope and c.newest_date = t.snapshot_date and c.is_model_list
        left join core.organizations as n on n.organization_id = t.teacher
        where t.evidence = 'curated' and t.universe in ('generative_language', 'all') and s.selection is null
        order by c.rows desc, t.scope, t.snapshot_date, t.universe desc, t.weight, t.teacher
        """
    )


def openness(release: Release, chosen: ModelList) -> pl.DataFrame:
    """Give licence class, gate and way out of the weights of one list."""
    return release.frame(
        """
        select universe, dependence_class, dimension, value, models, models_share, downloads_30d,
            downloads_share
        from marts.openness
        where snapshot_date = ? and scope = ? and universe in ('generative_language', 'all')
        order by universe desc, dependence_class, dimension, value
        """,
        chosen.snapshot_date,
        chosen.scope,
    )


def published_headlines(release: Release) -> pl.DataFrame:
    """Give the shares that others published beside what comes closest here."""
    found = release.frame(
        """
        select h.*, s.title
        from marts.published_headlines as h
        left join core.snapshots as s
            on s.scope = h.scope and s.snapshot_date = h.snapshot_date and s.is_model_list
        order by h.published_date, h.headline_id, h.snapshot_date desc nulls last, h.scope,
            h.is_published_unit desc
        """
    )
    return lists.with_counts(release, found)


# The switchboard ------------------------------------------------------------------------------------------


def board_lists(release: Release) -> pl.DataFrame:
    """Give the lists that the switchboard offers, the largest population first, and how complete they are.

    Those chosen by creation or descent are no picture of anything and stay out.
    """
    found = release.frame(
        """
        with listed as (
            select snapshot_date, scope, sum(models) as models
            from marts.dependence_cube
            where evidence = 'curated'
            group by snapshot_date, scope
        ),
        monthly as (
            select l.*, s.title
            from listed as l
            inner join core.snapshots as s
                on s.scope = l.scope and s.snapshot_date = l.snapshot_date and s.is_model_list
            where s.selection is null
            qualify row_number() over (
                partition by l.scope, date_trunc('month', l.snapshot_date) order by l.snapshot_date desc
            ) = 1
        )
        select snapshot_date, scope, coalesce(title, scope) as title
        from monthly
        qualify row_number() over (partition by scope order by snapshot_date desc) <= ?
        order by max(models) over (partition by scope) desc, scope, snapshot_date desc
        """,
        OFFERED_DAYS,
    )
    return lists.with_counts(release, found)


def board_totals(release: Release) -> pl.DataFrame:
    """Give how much each list tells of each weight and universe; where that is nothing there is no share."""
    return release.frame(
        """
        select snapshot_date, scope, universe, weight, total
        from marts.dependence_shares
        where evidence = 'curated'
        order by snapshot_date, scope, universe, weight
        """
    )


def cube(release: Release, day: date, scope: str, evidence: str) -> pl.DataFrame:
    """Give the rows of one list and evidence, ordered so that equal values stand together."""
    return release.frame(
        """
        select universe, is_variant, dependence_class, origin, uploader, models, derivatives,
            new_derivatives_30d, downloads_30d, downloads_all_time, likes
        from marts.dependence_cube
        where snapshot_date = ? and scope = ? and evidence = ?
        order by universe, is_variant, dependence_class, origin, uploader
        """,
        day,
        scope,
        evidence,
    )


def registered(release: Release) -> pl.DataFrame:
    """Give what verified register rows say of organizations, as marts.dependence_breakdown reads them."""
    return release.frame(
        """
        select organization_id, name, country, legal_form, funding, is_well_funded
        from core.organizations
        where status = 'verified'
        order by organization_id
        """
    )
