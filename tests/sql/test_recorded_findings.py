"""What the recorded data must show once it has gone all the way into a release.

These read the published file as any user would. Where a number is asserted, it is one that the articles and
pages rest on, with room for registers to grow.
"""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from pipelines.settings import Settings
from pipelines.warehouse.connection import open_published
from pipelines.warehouse.models import SqlModel
from pipelines.warehouse.release import published_models

#: Scopes with downloads whose naive comparison would tell a story of growth.
EARLY, LATE = date(2024, 9, 20), date(2026, 5, 9)


@pytest.fixture(scope="module")
def published(released: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The released file, read-only."""
    with open_published(released.published_path) as connection:
        yield connection


def value(connection: duckdb.DuckDBPyConnection, query: str, *parameters: object) -> float:
    """The one number that a query gives."""
    ((found,),) = connection.execute(query, list(parameters)).fetchall()
    assert found is not None, "the query found nothing to measure"
    return float(found)


def unknown_share(connection: duckdb.DuckDBPyConnection, evidence: str) -> float:
    return value(
        connection,
        "select unknown_share from marts.dependence_shares where snapshot_date = date '2025-12-22' "
        "and scope = 'top-1000-per-task' and universe = 'all' and weight = 'downloads_30d' and evidence = ?",
        evidence,
    )


def test_at_most_a_quarter_of_the_largest_list_has_no_known_lineage(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert unknown_share(published, "curated") <= 0.25


def test_without_the_registers_more_is_unknown(published: duckdb.DuckDBPyConnection) -> None:
    assert unknown_share(published, "declared") > unknown_share(published, "curated") + 0.05


def test_registers_only_ever_explain_more(published: duckdb.DuckDBPyConnection) -> None:
    worse = """
        select count(*) from marts.dependence_shares as c
        inner join marts.dependence_shares as d using (snapshot_date, scope, universe, weight)
        where c.evidence = 'curated' and d.evidence = 'declared'
            and c.weight = 'downloads_30d' and c.unknown_share > d.unknown_share + 1e-8
    """
    assert value(published, worse) == 0


def naive_first_party_share(connection: duckdb.DuckDBPyConnection, day: date) -> float:
    return value(
        connection,
        "select sum(case when is_first_party then downloads_30d else 0 end) / sum(downloads_30d) "
        "from core.model_snapshots where snapshot_date = ?",
        day,
    )


def test_a_line_through_lists_of_different_scope_would_show_a_rise_that_nobody_measured(
    published: duckdb.DuckDBPyConnection,
) -> None:
    rise = naive_first_party_share(published, LATE) - naive_first_party_share(published, EARLY)
    assert rise > 0.2
    scopes = published.execute(
        "select distinct scope from core.model_snapshots where snapshot_date in (?, ?)", [EARLY, LATE]
    ).fetchall()
    assert len(scopes) == 2, (
        "they are different populations, so the rise is of the choice and not of the world"
    )


#: Shares of a board, of packages, of stars.
OF_NO_LIST = {"arena_gap", "package_shares", "repository_dependence"}
#: Their rows are also of daily series and registers, whose days are no lists.
OF_SERIES = {"marts.counter_series_findings", "marts.counter_ledger", "marts.platform_exposure"}


def test_every_mart_with_shares_has_the_scope_in_its_key(models: dict[str, SqlModel]) -> None:
    with_shares = [
        model
        for model in models.values()
        if model.schema == "marts" and any(column.endswith("share") for column in model.columns)
    ]
    assert {model.name for model in with_shares} >= {"dependence_shares", "organization_shares"}
    of_lists = [model for model in with_shares if model.name not in OF_NO_LIST]
    # A headline is of one list and a preset of one text that names the list: both say its scope.
    one_a_row = {"published_headlines", "headlines_unflagged"}
    assert [m.table for m in of_lists if "scope" not in m.key and m.name not in one_a_row] == []
    assert all("scope" in model.columns for model in of_lists)


def test_every_row_of_a_list_is_of_a_scope_and_day_that_was_landed(
    published: duckdb.DuckDBPyConnection, models: dict[str, SqlModel]
) -> None:
    keyed = [m.table for m in published_models(models) if {"scope", "snapshot_date"} <= set(m.columns)]
    assert len(keyed) >= 7
    for table in set(keyed) - OF_SERIES:
        strangers = (
            f"select count(*) from {table} as t where not exists (select 1 from core.snapshots as s "
            "where s.scope = t.scope and s.snapshot_date = t.snapshot_date)"
        )
        assert value(published, strangers) == 0, table


def test_a_headline_is_of_one_list_and_says_which(published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute("select headline, universe, as_of_date, scope, denominator from marts.headlines")
    headlines = rows.fetchall()
    assert {row[0] for row in headlines} >= {"dependent_share", "openai_meta_share", "hub_doubling_days"}
    of_lists = {(day, scope) for _, _, day, scope, _ in headlines if scope != "whole-hub"}
    assert of_lists == {(date(2025, 12, 22), "top-1000-per-task")}
    assert all(denominator for *_, denominator in headlines)


def test_all_recorded_births_are_illustrations_and_none_were_observed(
    published: duckdb.DuckDBPyConnection,
) -> None:
    series = published.execute(
        "select series, bool_and(is_illustration), bool_or(is_illustration) from marts.explosion_weekly "
        "group by series order by series"
    ).fetchall()
    assert series == [("births_surviving", True, True), ("net_stock", False, False)]


def test_the_hub_still_grows_but_doubles_more_slowly_than_it_did(
    published: duckdb.DuckDBPyConnection,
) -> None:
    doubling = published.execute("select doubling_days from marts.hub_growth order by to_date").fetchall()
    assert doubling[0][0] < 200
    assert doubling[-1][0] > 400


def test_the_origin_shares_of_every_model_sum_to_one(published: duckdb.DuckDBPyConnection) -> None:
    sums = "select model_id, sum(origin_share) as total from core.ancestry group by model_id, evidence"
    assert value(published, f"select max(abs(total - 1)) from ({sums})") < 1e-9
    assert value(published, f"select count(*) from ({sums})") == 3 * value(
        published, "select count(*) from core.models"
    )


def test_credit_that_ends_at_an_organization_has_met_it(published: duckdb.DuckDBPyConnection) -> None:
    above = "select count(*) from core.ancestry where {} and origin_share > coalesce(through_share, 0) + 1e-9"
    assert value(published, above.format("organization_id <> 'unknown'")) == 0
    assert value(published, above.format("organization_id = 'unknown'")) > 0, (
        "the unknown part has no through"
    )


@pytest.mark.parametrize("weight", ["models", "downloads_30d", "downloads_all_time", "likes"])
def test_the_cube_adds_up_to_each_list(published: duckdb.DuckDBPyConnection, weight: str) -> None:
    """Cells are rounded to a thousandth of a download, so a sum may be off by half of that a cell."""
    counted = "count(*)" if weight == "models" else f"sum({weight})"
    apart = published.execute(
        f"""
        with lists as (
            select snapshot_date, scope, {counted} as total
            from core.model_snapshots
            group by snapshot_date, scope
        ),
        cubes as (
            select snapshot_date, scope, evidence, sum({weight}) as total, count(*) as cells
            from marts.dependence_cube
            group by snapshot_date, scope, evidence
        )
        select count(*), count(*) filter (
            l.total is distinct from c.total and coalesce(abs(l.total - c.total) > c.cells * 0.0005, true)
        )
        from lists as l
        inner join cubes as c using (snapshot_date, scope)
        """
    ).fetchall()
    assert apart == [(24, 0)], "eight lists, each with three kinds of evidence"


def test_what_an_account_uploaded_is_counted_once(published: duckdb.DuckDBPyConnection) -> None:
    uploaded = value(
        published,
        "select sum(uploaded_share) from marts.organization_shares where universe = 'all' "
        "and evidence = 'curated' and scope = 'top-1000-per-task'",
    )
    registered = value(
        published,
        "select sum(case when uploader_id is not null then downloads_30d else 0 end) / sum(downloads_30d) "
        "from core.model_snapshots where scope = 'top-1000-per-task'",
    )
    assert uploaded == pytest.approx(registered, abs=1e-6)


def test_every_published_table_and_column_says_what_it_is(
    published: duckdb.DuckDBPyConnection, models: dict[str, SqlModel]
) -> None:
    tables = published.execute(
        "select schema_name || '.' || table_name, comment from duckdb_tables() "
        "where schema_name in ('core', 'marts')"
    ).fetchall()
    assert {name for name, _ in tables} == {model.table for model in published_models(models)}
    assert [name for name, comment in tables if not comment] == []
    columns = published.execute(
        "select schema_name || '.' || table_name || '.' || column_name, comment from duckdb_columns() "
        "where schema_name in ('core', 'marts')"
    ).fetchall()
    assert len(columns) == sum(len(model.columns) for model in published_models(models))
    assert [name for name, comment in columns if not comment] == []


@pytest.mark.parametrize(
    ("query", "at_least"),
    [
        ("select count(*) from core.releases where status = 'verified'", 120),
        ("select count(distinct repository) from marts.repository_stars_daily", 60),
        ("select count(distinct package) from marts.package_downloads_30d", 40),
        ("select count(*) from core.models where not is_named_only", 59_000),
        ("select count(*) from core.lineage", 32_000),
    ],
)
def test_there_is_enough_to_look_at(published: duckdb.DuckDBPyConnection, query: str, at_least: int) -> None:
    assert value(published, query) >= at_least


def test_self_loops_are_reported_and_no_edge_is_lost(published: duckdb.DuckDBPyConnection) -> None:
    assert value(published, "select count(*) from core.lineage where child_id = parent_id") == 0
    loops = "select count(*) from core.lineage_problems where problem = 'self_loop' and child_id = parent_id"
    assert value(published, loops) > 3000


def test_a_base_that_vanished_is_a_model_all_the_same(published: duckdb.DuckDBPyConnection) -> None:
    query = (
        "select count(*) from core.lineage as l inner join core.models as m on m.model_id = l.parent_id "
        "where m.is_named_only and m.model_id = 'runwayml/stable-diffusion-v1-5'"
    )
    assert value(published, query) > 0


def test_an_account_that_changed_hands_has_another_uploader_in_each_list(
    published: duckdb.DuckDBPyConnection,
) -> None:
    rows = published.execute(
        "select distinct s.snapshot_date, s.uploader_id, s.is_first_party from core.model_snapshots as s "
        "inner join core.models as m using (model_id) "
        "where m.account = 'sentence-transformers' and s.snapshot_date in (?, ?) order by 1",
        [EARLY, date(2025, 12, 22)],
    ).fetchall()
    assert rows == [(EARLY, "tu-darmstadt", False), (date(2025, 12, 22), "hugging-face", True)]


def test_the_earlier_holder_of_a_large_account_is_in_the_earlier_list(
    published: duckdb.DuckDBPyConnection,
) -> None:
    """7.1 % of the downloads of 2024-09-20 are sentence-transformers', then a university's."""
    held = "select max(uploaded_share) from marts.organization_shares where organization_id = 'tu-darmstadt'"
    early = " and snapshot_date = date '2024-09-20' and universe = 'all'"
    assert published.execute(held + early).fetchall()[0][0] == pytest.approx(0.0714, abs=0.01)


def test_no_root_depends_on_who_took_its_account_over_later(published: duckdb.DuckDBPyConnection) -> None:
    """A root of 2024 whose uploader was not well funded then stands on nobody, whoever holds it now."""
    query = """
        select count(*)
        from marts.dependence_cube
        where snapshot_date = date '2024-09-20' and evidence = 'declared'
            and uploader = 'tu-darmstadt' and origin = 'hugging-face' and dependence_class = 'derived'
    """
    assert value(published, query) == 0


def test_names_that_differ_in_case_alone_are_one_model(published: duckdb.DuckDBPyConnection) -> None:
    pairs = "select count(*) from (select 1 from core.models group by lower(model_id) having count(*) > 1)"
    assert value(published, pairs) == 0
