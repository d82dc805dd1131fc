"""What the page of data and methods asks: counters, lineage, registers, and the dictionary of all tables."""

from datetime import date

import polars as pl

from dashboards.data.release import Release


def release_dates(release: Release) -> tuple[date | None, date | None]:
    """Give the as-of date of the release and the newest day of its data, for citing it."""
    found = release.frame(
        """
        select
            coalesce(
                (select max(as_of_date) from core.sources),
                (select max(published_as_of_date) from marts.headline_vintages)
            ) as as_of_date,
            (select max(newest_date) from marts.coverage) as newest_date
        """
    )
    as_of, newest = found.row(0)
    return as_of, newest


def freshness(release: Release) -> pl.DataFrame:
    """Give how old each source is, those that are kept by hand too; stale is open where nothing says when."""
    return release.frame(
        """
        select source, newest_date, age_days, cadence_days,
            case when cadence_days is not null then is_stale end as is_stale,
            newest_is_complete, attempted_date, is_live, failure
        from core.sources
        union all by name
        select source, max(newest_date) as newest_date,
            (select max(as_of_date) from core.sources) - max(newest_date) as age_days, false as is_live
        from marts.coverage
        where source not in (select source from core.sources)
        group by source
        order by is_live desc, is_stale desc, source
        """
    )


def ledger(release: Release) -> pl.DataFrame:
    """Count the findings of the counter audit by population and kind."""
    return release.frame(
        """
        select scope, finding, is_list_wide, count(*) as findings, count(distinct model_id) as models,
            min(snapshot_date) as first_date, max(snapshot_date) as newest_date
        from marts.counter_ledger
        group by scope, finding, is_list_wide
        order by scope, finding, is_list_wide
        """
    )


def audited(release: Release) -> pl.DataFrame:
    """Give the daily series of counters that were audited, with the findings in each."""
    return release.frame(
        """
        select c.scope, c.title, c.subjects, c.rows, c.first_date, c.newest_date, c.missing_days,
            count(f.finding) as findings, count(distinct f.model_id) as models_with_findings
        from marts.coverage as c
        left join marts.counter_series_findings as f on f.scope = c.scope
        where c.source = 'huggingface_counters'
        group by c.scope, c.title, c.subjects, c.rows, c.first_date, c.newest_date, c.missing_days
        order by c.scope
        """
    )


def unflagged(release: Release) -> pl.DataFrame:
    """Give the headlines without the models whose counters were flagged, beside them as published."""
    return release.frame(
        """
        select u.*, h.denominator
        from marts.headlines_unflagged as u
        left join marts.headlines as h on h.headline = u.headline and h.universe = u.universe
        order by u.universe desc, u.headline
        """
    )


def lineage(release: Release) -> pl.DataFrame:
    """Count the edges that stand, by evidence and relation."""
    return release.frame(
        """
        select evidence, relation, count(*) as edges
        from core.lineage
        where not is_superseded
        group by evidence, relation
        order by evidence, relation
        """
    )


def lineage_quality(release: Release) -> pl.DataFrame:
    """Give how often inference is right and how much it finds, the whole first, then its parts."""
    return release.frame(
        """
        select evaluation, dimension, part, weight, measure, criterion, cases, authors,
            estimate as estimate_share, lower as lower_share, upper as upper_share, status
        from marts.lineage_quality
        order by dimension <> 'all', evaluation, dimension, part, weight, measure, criterion
        """
    )


def lineage_completeness(release: Release) -> pl.DataFrame:
    """Give how much of the lineage that must be there is known."""
    return release.frame(
        """
        select measure, kind, scope, as_of_date, models, named, estimate as estimate_share,
            lower as lower_share, upper as upper_share, status
        from marts.lineage_completeness
        order by measure, kind, scope
        """
    )


def lineage_problems(release: Release) -> pl.DataFrame:
    """Count what is wrong with edges, and whether these stay."""
    return release.frame(
        """
        select problem, evidence, is_edge, count(*) as edges
        from marts.lineage_problems
        group by problem, evidence, is_edge
        order by problem, evidence, is_edge
        """
    )


def registers(release: Release) -> pl.DataFrame:
    """Count the rows of the registers by whether somebody really looked them up."""
    return release.frame(
        """
        with rows as (
            select 'releases' as register, status from core.releases
            union all
            select 'organizations', status from core.organizations
            union all
            select 'hub_totals', status from core.hub_totals
            union all
            select 'withdrawals', status from marts.withdrawals where basis = 'register'
        )
        select register, count(*) filter (status = 'verified') as verified,
            count(*) filter (status is distinct from 'verified') as unverified
        from rows
        group by register
        order by register
        """
    )


def dictionary(release: Release) -> pl.DataFrame:
    """Give every published table and column with its description."""
    return release.frame(
        """
        select c.schema_name || '.' || c.table_name as "table", t.comment as about,
            t.estimated_size as rows, c.column_name as "column", c.data_type as type, c.comment as meaning
        from duckdb_columns() as c
        inner join duckdb_tables() as t
            on t.schema_name = c.schema_name and t.table_name = c.table_name
            and t.database_name = c.database_name
        where c.schema_name in ('core', 'marts')
        order by c.schema_name, c.table_name, c.column_index
        """
    )
