"""What the pages read: read-only queries on the release's file, as Polars frames.

The only module of the dashboards that opens DuckDB. Here: selecting, joining names, ordering. Not here: any
arithmetic that is not in a published table already, and any words.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl


@dataclass(frozen=True)
class ModelList:
    """One list of models: a population on a day."""

    snapshot_date: date
    scope: str
    title: str


@contextmanager
def open_release(database: Path) -> Iterator["Release"]:
    """Open a release's file for reading only, and close it whatever happens."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        connection.execute("set python_enable_replacements = false")
        connection.execute("set enable_progress_bar = false")
        yield Release(connection)
    finally:
        connection.close()


class Release:
    """The published tables of one release, as questions that the pages have."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read through an open connection."""
        self._connection = connection

    def _frame(self, query: str, *parameters: Any) -> pl.DataFrame:
        frame: pl.DataFrame = self._connection.sql(query, params=list(parameters)).pl()
        return frame

    def headlines(self) -> pl.DataFrame:
        """Give the numbers of the overview with their population in words."""
        return self._frame(
            """
            select h.headline, h.universe, h.as_of_date, h.scope, coalesce(s.title, c.title) as title,
                h.value, h.lower, h.upper, h.unit, h.denominator, p.with_parent_pct
            from marts.headlines as h
            left join core.snapshots as s
                on s.scope = h.scope and s.snapshot_date = h.as_of_date and s.is_model_list
            left join marts.coverage as c on c.scope = h.scope and c.source = 'hub_totals'
            left join marts.coverage as p
                on p.scope = h.scope and p.newest_date = h.as_of_date and p.is_model_list
            where h.value is not null
            order by h.headline, h.universe
            """
        )

    def headline_list(self) -> ModelList | None:
        """Give the list that the headlines speak of; None when no list is large enough."""
        found = self._connection.execute(
            """
            select h.as_of_date, h.scope, coalesce(s.title, h.scope)
            from marts.headlines as h
            left join core.snapshots as s
                on s.scope = h.scope and s.snapshot_date = h.as_of_date and s.is_model_list
            where h.headline = 'dependent_share'
            order by h.as_of_date desc, h.scope
            limit 1
            """
        ).fetchall()
        return ModelList(*found[0]) if found else None

    def newest_date(self) -> date | None:
        """Give the newest day that any source speaks of."""
        return self._value("select max(newest_date) from marts.coverage")

    def newest_list_date(self) -> date | None:
        """Give the day of the newest list of models."""
        return self._value("select max(newest_date) from marts.coverage where is_model_list")

    def _value(self, query: str) -> date | None:
        found: date | None = self._connection.execute(query).fetchall()[0][0]
        return found

    def heaviest_models(self, chosen: ModelList, universe: str) -> pl.DataFrame:
        """Give the most downloaded models of a list."""
        return self._frame(
            """
            select place, model_id, uploader, base_model_id, dependence_class, downloads_30d, share
            from marts.heaviest_models
            where snapshot_date = ? and scope = ? and universe = ?
            order by place
            """,
            chosen.snapshot_date, chosen.scope, universe,
        )  # fmt: skip

    def heaviest_accounts(self, chosen: ModelList, universe: str) -> pl.DataFrame:
        """Give the most downloaded accounts of a list."""
        return self._frame(
            """
            select * exclude (snapshot_date, scope, universe)
            from marts.heaviest_accounts
            where snapshot_date = ? and scope = ? and universe = ?
            order by place
            """,
            chosen.snapshot_date, chosen.scope, universe,
        )  # fmt: skip

    def releases(self) -> pl.DataFrame:
        """Give the dated events, verified or not."""
        return self._frame(
            """
            select release_id, event_date, date_precision, name, organization_id, organization, kind,
                modality, family, base_name, status, note
            from core.releases
            order by event_date, release_id
            """
        )

    def hub_totals(self) -> pl.DataFrame:
        """Give the reported totals of the whole Hub, with what the register says of each."""
        return self._frame(
            """
            select e.as_of_date, e.models, t.status, t.source, t.note
            from marts.explosion_weekly as e
            left join core.hub_totals as t on t.as_of_date = e.as_of_date and t.models = e.models
            where e.series = 'net_stock' and not e.is_illustration
            order by e.as_of_date
            """
        )

    def hub_growth(self) -> pl.DataFrame:
        """Give the growth between reports."""
        return self._frame(
            """
            select from_date, to_date, from_models, to_models, days, added_per_day, growth_pct_per_week,
                doubling_days
            from marts.hub_growth
            order by to_date
            """
        )

    def births(self) -> pl.DataFrame:
        """Give the weekly births of each list, with how much of the list tells its creation date."""
        return self._frame(
            """
            select e.scope, s.title, e.as_of_date, e.week_date, e.models, e.derivatives, e.is_illustration,
                c.subjects as listed, c.with_created_at_pct
            from marts.explosion_weekly as e
            left join core.snapshots as s
                on s.scope = e.scope and s.snapshot_date = e.as_of_date and s.is_model_list
            left join marts.coverage as c
                on c.scope = e.scope and c.newest_date = e.as_of_date and c.is_model_list
            where e.series = 'births_surviving' and e.universe = 'all' and s.selection is null
            order by e.scope, e.week_date
            """
        )

    def stars(self) -> pl.DataFrame:
        """Give the observed stars of repositories around families; `is_own` are those we asked GitHub for."""
        return self._frame(
            """
            select s.repository, s.family, s.date, s.stars_observed,
                s.date > coalesce(c.newest_date, date '1970-01-01') as is_own
            from marts.repository_stars_daily as s
            left join marts.coverage as c on c.source = 'github_stars'
            where s.stars_observed is not null and s.family is not null
            order by s.repository, s.date
            """
        )

    def packages(self) -> pl.DataFrame:
        """Give the downloads of open runtimes and of proprietary SDKs, censored days too."""
        return self._frame(
            """
            select package, access, role, organization_id, as_of_date, downloads_30d, is_censored, list_length
            from marts.package_downloads_30d
            where (access = 'open' and role = 'runtime') or (access = 'proprietary' and role = 'sdk')
            order by package, as_of_date
            """
        )

    def dependence(self, universe: str) -> pl.DataFrame:
        """Give the class shares of every list, by downloads, for both kinds of evidence."""
        return self._frame(
            """
            select d.snapshot_date, d.scope, s.title, d.evidence, d.total, n.total as models,
                c.rows as listed,
                d.first_party_share, d.derived_share, d.unknown_share, d.independent_share, d.dependent_lower,
                d.dependent_upper
            from marts.dependence_shares as d
            left join marts.dependence_shares as n
                on n.snapshot_date = d.snapshot_date and n.scope = d.scope and n.evidence = d.evidence
                and n.universe = d.universe and n.weight = 'models'
            inner join core.snapshots as s
                on s.scope = d.scope and s.snapshot_date = d.snapshot_date and s.is_model_list
            inner join marts.coverage as c  -- of a live scope it has the newest list alone
                on c.scope = d.scope and c.newest_date = d.snapshot_date and c.is_model_list
            where d.weight = 'downloads_30d' and d.universe = ? and s.selection is null
            order by listed desc, d.scope, d.snapshot_date, d.evidence
            """,
            universe,
        )

    def dominant_models(self, universe: str) -> pl.DataFrame:
        """Give the lists in which one model has more than half of the downloads of a universe."""
        return self._frame(
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

    def universes(self, chosen: ModelList) -> pl.DataFrame:
        """Give the class shares of one list by universe, registers admitted."""
        return self._frame(
            """
            select universe, total, first_party_share, derived_share, unknown_share, independent_share,
                dependent_lower, dependent_upper
            from marts.dependence_shares
            where snapshot_date = ? and scope = ? and evidence = 'curated' and weight = 'downloads_30d'
            order by total desc, universe
            """,
            chosen.snapshot_date, chosen.scope,
        )  # fmt: skip

    def organizations(self, chosen: ModelList, universe: str) -> pl.DataFrame:
        """Give what each organization uploaded, is the origin of, or stands above, registers admitted."""
        return self._frame(
            """
            select o.organization_id, coalesce(n.name, o.organization_id) as organization, n.country,
                o.downloads_total, o.uploaded_share, o.origin_share, o.through_share, o.any_share
            from marts.organization_shares as o
            left join core.organizations as n on n.organization_id = o.organization_id
            where o.snapshot_date = ? and o.scope = ? and o.universe = ? and o.evidence = 'curated'
            order by o.origin_share desc, o.organization_id
            """,
            chosen.snapshot_date, chosen.scope, universe,
        )  # fmt: skip

    def families(self) -> pl.DataFrame:
        """Give the curated generations of models."""
        return self._frame(
            """
            select family, organization_id, organization, is_well_funded, modality, first_release_date,
                models, derivatives, finetunes, adapters, quantized, merges, accounts, deepest, named_only
            from marts.families
            order by derivatives desc, family
            """
        )

    def family_downloads(self, chosen: ModelList) -> pl.DataFrame:
        """Give the part of a list's downloads that belongs to each generation."""
        return self._frame(
            """
            select s.family, f.organization_id, f.organization, s.models, s.downloads_30d, s.share
            from marts.family_snapshots as s
            left join marts.families as f on f.family = s.family
            where s.snapshot_date = ? and s.scope = ? and s.share is not null
            order by s.share desc, s.family
            """,
            chosen.snapshot_date, chosen.scope,
        )  # fmt: skip

    def coverage(self) -> pl.DataFrame:
        """Give what is there and what is not."""
        return self._frame(
            """
            select source, scope, title, is_whole_population, is_model_list, first_date, newest_date, days,
                missing_days, rows, subjects, downloads_30d, with_downloads_pct, with_created_at_pct,
                with_task_pct, with_parent_pct, rejected_values
            from marts.coverage
            order by source, newest_date, scope
            """
        )

    def snapshots(self) -> pl.DataFrame:
        """Give every list and series with collector, licence and attribution; of live ones the newest."""
        return self._frame(
            """
            select source, snapshot_date, scope, title, is_whole_population, date_uncertainty_days, origin,
                licence, nullif(attribution, '') as attribution
            from core.snapshots
            qualify not is_live
                or row_number() over (partition by source, scope order by snapshot_date desc) = 1
            order by source, snapshot_date, scope
            """
        )

    def sources(self) -> pl.DataFrame:
        """Give how fresh each source is, and why the last attempt at it failed if it did."""
        return self._frame(
            """
            select source, description, is_live, as_of_date, newest_date, newest_is_complete, age_days,
                cadence_days, is_stale, attempted_date, failure
            from core.sources
            order by is_live desc, is_stale desc, source
            """
        )

    def lineage_problems(self) -> pl.DataFrame:
        """Count the edges that were taken out, by reason."""
        return self._frame(
            """
            select problem, evidence, relation, count(*) as edges
            from core.lineage_problems
            group by problem, evidence, relation
            order by problem, evidence, relation
            """
        )

    def lineage(self) -> pl.DataFrame:
        """Count the edges that stand, by evidence and relation."""
        return self._frame(
            """
            select evidence, relation, count(*) as edges
            from core.lineage
            where not is_superseded
            group by evidence, relation
            order by evidence, relation
            """
        )

    def registers(self) -> pl.DataFrame:
        """Count the rows of the registers by whether somebody really looked them up."""
        return self._frame(
            """
            select 'releases' as register, count(*) filter (status = 'verified') as verified,
                count(*) filter (status <> 'verified') as unverified
            from core.releases
            union all
            select 'organizations', count(*) filter (status = 'verified'),
                count(*) filter (status <> 'verified')
            from core.organizations
            order by register
            """
        )

    def dictionary(self) -> pl.DataFrame:
        """Give every published table and column with its description."""
        return self._frame(
            """
            select c.schema_name || '.' || c.table_name as "table", t.comment as about,
                c.column_name as "column", c.data_type as type, c.comment as meaning
            from duckdb_columns() as c
            inner join duckdb_tables() as t
                on t.schema_name = c.schema_name and t.table_name = c.table_name
                and t.database_name = c.database_name
            where c.schema_name in ('core', 'marts')
            order by c.schema_name, c.table_name, c.column_index
            """
        )
