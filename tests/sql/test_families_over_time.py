"""Families over time: births of derivatives, lives of families, moves of authors, answers to releases."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.conftest import Warehouse
from tests.sql.made import VERIFIED, at, ids, known, landed, shared, staged

AS_OF = date(2026, 5, 9)
RELEASE = date(2024, 1, 1)
FLOOR = date(2022, 3, 2)


def over_time(warehouse: Warehouse, mart: str) -> pl.DataFrame:
    """Build a mart of derivatives over time, and before it what it knows of the lists."""
    warehouse.build("core.derivative_series")
    return warehouse.build(f"marts.{mart}")


def born(model_id: str, birth_date: date | None, **given_: Any) -> dict[str, Any]:
    """A row of core.derivative_births: somebody's finetune of Meta's Llama."""
    plain = {"series": "births_surviving", "scope": "hub", "as_of_date": AS_OF, "data_begin_date": FLOOR}
    plain |= {"date_basis": "repository_creation" if birth_date else "not_told", "is_variant": False}
    plain |= {"family": "Llama", "is_makers_own": False, "base_organization_id": "meta", "is_own_base": False}
    account = model_id.partition("/")[0]
    return {"model_id": model_id, "birth_date": birth_date, "account": account} | plain | given_


def births(*days: int, account: str = "u", **given_: Any) -> list[dict[str, Any]]:
    """Derivatives born so many days after RELEASE, each by an author of its own."""
    return [
        born(f"{account}{number}/m", RELEASE + timedelta(day), **given_) for number, day in enumerate(days)
    ]


def pattern(family: str, released: date | None = RELEASE, **given_: Any) -> dict[str, Any]:
    row = {"family": family, "organization_id": "meta", "modality": "language", "pattern": family.lower()}
    return row | VERIFIED | {"first_release_date": released} | given_


def hub(*, is_whole: bool = True, day: date = AS_OF, scope: str = "hub") -> dict[str, Any]:
    return landed(scope, day, is_whole_population=is_whole)


def stage(
    warehouse: Warehouse, rows: Iterable[dict[str, Any]], *, is_whole: bool = True, **given_: Any
) -> None:
    """Fill in derivatives of one family on one list."""
    warehouse.fill("core.derivative_births", rows)
    warehouse.fill("core.snapshots", [hub(is_whole=is_whole), hub(is_whole=is_whole, scope="list")])
    warehouse.fill("reference.families", [pattern("Llama", **given_)])


def life(warehouse: Warehouse) -> dict[str, Any]:
    frame = over_time(warehouse, "family_lives").filter(pl.col("includes_variants"))
    return frame.row(by_predicate=pl.col("family") == "Llama", named=True)


class TestDerivativeBirths:
    def stage(self, warehouse: Warehouse) -> None:
        names = ["meta/llama", "u/tune", "u/quant", "meta/llama-chat", "u/old", "u/untold", "x/root"]
        warehouse.fill("staging.model_ids", ids(*names))
        warehouse.fill("core.snapshots", [hub()])
        llama: dict[str, Any] = {"family": "Llama", "depth": 1}
        warehouse.fill(
            "core.models",
            [
                known("u/quant", is_variant=True, **llama),
                known("meta/llama-chat", organization_id="meta", **llama),
                *(known(name, **llama) for name in ("u/tune", "u/old", "u/untold")),
                *(known(name) for name in ("meta/llama", "x/root")),
            ],
        )
        warehouse.fill(
            "core.ancestry",
            [
                shared("u/tune", "meta", 0.75),
                shared("u/tune", "unknown", 0.25),
                shared("u/quant", "meta", 0.5),
                shared("u/quant", "mistral", 0.5),
                shared("meta/llama-chat", "meta", 1.0),
                shared("u/old", "unknown", 1.0),
            ],
        )
        warehouse.fill("reference.families", [pattern("Llama")])
        moment = at("2024-02-03T10:00:00")
        dated = [
            staged(name, scope="hub", snapshot_date=AS_OF, created_at=moment)
            for name in (*names[:4], names[6])
        ]
        floor = staged("u/old", scope="hub", snapshot_date=AS_OF, is_created_at_floor=True)
        warehouse.fill(
            "staging.models", [*dated, floor, staged("u/untold", scope="hub", snapshot_date=AS_OF)]
        )
        warehouse.build("core.births")

    def test_only_what_has_a_known_parent_is_a_derivative(self, warehouse: Warehouse) -> None:
        self.stage(warehouse)
        assert warehouse.rows("core.derivative_births", "model_id", "birth_date", "date_basis") == [
            ("meta/llama-chat", date(2024, 2, 3), "repository_creation"),
            ("u/old", None, "before_data"),
            ("u/quant", date(2024, 2, 3), "repository_creation"),
            ("u/tune", date(2024, 2, 3), "repository_creation"),
            ("u/untold", None, "not_told"),
        ]

    def test_the_holder_is_who_has_the_account_today(self, warehouse: Warehouse) -> None:
        self.stage(warehouse)
        row = {"series": "births_surviving", "scope": "hub", "as_of_date": AS_OF, "birth_date": RELEASE}
        row |= {"model_id": "meta/llama-chat", "uploader_id": "before", "is_derivative": True}
        warehouse.fill("core.births", [row])
        table = warehouse.build("core.derivative_births")
        assert table.filter(model_id="meta/llama-chat")["holder_id"].to_list() == ["meta"]

    def test_the_base_is_whose_credit_is_more_than_half(self, warehouse: Warehouse) -> None:
        self.stage(warehouse)
        columns = ("model_id", "base_organization_id", "is_own_base", "is_makers_own", "is_variant")
        assert warehouse.rows("core.derivative_births", *columns) == [
            ("meta/llama-chat", "meta", True, True, False),
            ("u/old", "unknown", False, False, False),
            ("u/quant", "several", False, False, True),
            ("u/tune", "meta", False, False, False),
            ("u/untold", "several", False, False, False),
        ]

    def test_observed_births_are_those_of_core_births_and_begin_with_the_first_whole_list(
        self, warehouse: Warehouse
    ) -> None:
        self.stage(warehouse)
        observed = {"series": "births_observed", "scope": "hub", "as_of_date": AS_OF, "birth_date": AS_OF}
        rows = [("u/tune", True), ("x/root", False)]
        warehouse.fill(
            "core.births", [observed | {"model_id": name, "is_derivative": child} for name, child in rows]
        )
        warehouse.fill("core.snapshots", [hub(), hub(day=date(2026, 5, 2))])
        assert warehouse.rows("core.derivative_births", "model_id", "data_begin_date", "date_basis") == [
            ("u/tune", date(2026, 5, 2), "first_list")
        ]


class TestFamilyLives:
    def test_ten_derivatives_within_ninety_days_are_a_birth(self, warehouse: Warehouse) -> None:
        stage(warehouse, births(*range(9), 90, 500, 600, 770))
        row = life(warehouse)
        assert (row["birth_state"], row["born_date"]) == ("born", RELEASE + timedelta(90))
        assert (row["first_derivative_date"], row["derivatives"]) == (RELEASE, 13)

    def test_a_tenth_on_day_ninety_one_is_none(self, warehouse: Warehouse) -> None:
        stage(warehouse, births(*range(9), 91))
        row = life(warehouse)
        assert (row["birth_state"], row["born_date"], row["life_state"]) == ("unborn", None, "not_born")
        assert row["tenth_derivative_date"] == RELEASE + timedelta(91)
        assert row["reason"] == "no tenth derivative within 90 days of the release"

    @pytest.mark.parametrize(("age", "state"), [(90, "pending"), (91, "unborn")])
    def test_a_young_family_is_pending(self, warehouse: Warehouse, age: int, state: str) -> None:
        stage(warehouse, [born("u/m", AS_OF)], released=AS_OF - timedelta(age))
        assert life(warehouse)["birth_state"] == state

    @pytest.mark.parametrize(
        ("silence", "state", "death"), [(180, "alive", None), (181, "dead", RELEASE + timedelta(40))]
    )
    def test_one_hundred_and_eighty_silent_days_are_death(
        self, warehouse: Warehouse, silence: int, state: str, death: date | None
    ) -> None:
        ends = (AS_OF - RELEASE).days
        later = range(40 + silence, ends, 100)
        stage(warehouse, births(*range(10), 40, *later))
        row = life(warehouse)
        assert (row["life_state"], row["death_date"]) == (state, death)
        assert row["after_death"] == (len(later) if death else 0)
        assert row["exit_date"] == (death or AS_OF - timedelta(180))
        assert row["entry_date"] == RELEASE + timedelta(9)

    @pytest.mark.parametrize(("silent", "state"), [(179, "alive"), (180, "dead")])
    def test_the_end_of_the_data_ends_a_silence_too(
        self, warehouse: Warehouse, silent: int, state: str
    ) -> None:
        last = (AS_OF - RELEASE).days - silent
        stage(warehouse, births(*range(0, last, 100), *range(10), last))
        assert life(warehouse)["life_state"] == state

    def test_a_family_that_was_born_lately_is_alive_and_cannot_be_followed(
        self, warehouse: Warehouse
    ) -> None:
        released = AS_OF - timedelta(100)
        stage(warehouse, [born(f"u{n}/m", released) for n in range(10)], released=released)
        row = life(warehouse)
        assert (row["birth_state"], row["life_state"], row["exit_date"]) == ("born", "alive", None)

    def test_a_family_older_than_the_data_enters_when_the_data_begins(self, warehouse: Warehouse) -> None:
        old = [born(f"o{n}/m", None, date_basis="before_data") for n in range(10)]
        later = [born(f"n{n}/m", FLOOR + timedelta(n)) for n in range(100, (AS_OF - FLOOR).days, 100)]
        stage(warehouse, old + later, released=date(2018, 10, 11))
        row = life(warehouse)
        assert (row["birth_state"], row["born_date"], row["before_data"]) == ("born_before_data", None, 10)
        assert (row["life_state"], row["entry_date"]) == ("alive", FLOOR)
        assert (row["first_derivative_date"], row["tenth_derivative_date"]) == (None, None)

    def test_a_family_that_was_silent_when_the_data_begins_is_not_followed(
        self, warehouse: Warehouse
    ) -> None:
        old = [born(f"o{n}/m", None, date_basis="before_data") for n in range(10)]
        stage(warehouse, [*old, born("n/m", FLOOR + timedelta(181))], released=date(2018, 10, 11))
        row = life(warehouse)
        assert (row["life_state"], row["entry_date"], row["exit_date"]) == ("dead_before_data", None, None)

    def test_what_is_not_dated_may_have_come_before_the_tenth(self, warehouse: Warehouse) -> None:
        old = [born(f"o{n}/m", None, date_basis="before_data") for n in range(3)]
        stage(warehouse, old + births(*range(7)), released=RELEASE)
        row = life(warehouse)
        assert (row["first_derivative_date"], row["born_date"]) == (None, RELEASE + timedelta(6))

    def test_a_partial_list_shows_births_but_neither_stillbirth_nor_death(self, warehouse: Warehouse) -> None:
        stage(warehouse, births(*range(10)), is_whole=False)
        row = life(warehouse)
        assert (row["birth_state"], row["life_state"], row["is_illustration"]) == ("born", "not_known", True)
        assert row["reason"] == (
            "not estimable: 180 silent days from 2024-01-10 in a partial list are no silence of the Hub"
        )
        stage(warehouse, births(*range(9)), is_whole=False)
        row = life(warehouse)
        assert (row["birth_state"], row["life_state"]) == ("not_known", "not_known")
        assert row["reason"].startswith("not estimable: 9 derivatives in a partial list, 9 dated")

    def test_without_a_release_nothing_is_known(self, warehouse: Warehouse) -> None:
        stage(warehouse, births(*range(12)), released=None)
        row = life(warehouse)
        assert (row["birth_state"], row["reason"]) == (
            "not_known",
            "not estimable: no day of release is known",
        )

    def test_makers_and_copies_do_not_make_a_family(self, warehouse: Warehouse) -> None:
        own = births(*range(20), account="meta", is_makers_own=True)
        copies = births(*range(20), account="q", is_variant=True)
        stage(warehouse, own + copies + births(*range(3)))
        frame = over_time(warehouse, "family_lives")
        assert frame.select("includes_variants", "derivatives", "birth_state").rows() == [
            (False, 3, "unborn"),
            (True, 23, "born"),
        ]

    def test_a_whole_list_shows_also_the_family_that_nobody_builds_on(self, warehouse: Warehouse) -> None:
        stage(warehouse, births(0))
        warehouse.fill(
            "reference.families",
            [pattern("Llama"), pattern("Bare"), pattern("To come", AS_OF + timedelta(1))],
        )
        frame = over_time(warehouse, "family_lives").filter(pl.col("includes_variants"))
        assert frame.select("family", "derivatives", "birth_state").rows() == [
            ("Bare", 0, "unborn"),
            ("Llama", 1, "unborn"),
        ]

    def test_observed_births_know_what_was_there_from_the_newest_list(self, warehouse: Warehouse) -> None:
        began = date(2025, 6, 1)
        surviving = births(*range(12), first_seen_date=began)
        observed = {"series": "births_observed", "data_begin_date": began, "date_basis": "first_list"}
        seen = [born("n/m", began + timedelta(150), **observed)]
        stage(warehouse, surviving + seen)
        frame = over_time(warehouse, "family_lives").filter(pl.col("includes_variants"))
        row = frame.row(by_predicate=pl.col("series") == "births_observed", named=True)
        assert (row["birth_state"], row["before_data"], row["derivatives"]) == ("born_before_data", 12, 13)
        assert (row["life_state"], row["death_date"]) == ("dead", date(2025, 10, 29))

    def test_observed_births_alone_say_nothing_of_older_families(self, warehouse: Warehouse) -> None:
        began = date(2025, 6, 1)
        observed = {"series": "births_observed", "data_begin_date": began, "date_basis": "first_list"}
        stage(warehouse, [born("n/m", began + timedelta(10), **observed)])
        row = life(warehouse)
        assert row["birth_state"] == "not_known"
        assert row["reason"].startswith("not estimable: older than the data")


def slow_life(days: list[int], ends: int) -> tuple[str, str, int | None]:
    """State of birth, state of life and age of death, day by day."""
    days = sorted(days)
    if len(days) < 10 or days[9] > 90:
        return "unborn", "not_born", None
    last = days[9]
    for day in range(days[9], ends + 1):
        if day in days:
            last = day
        if day - last >= 180:
            return "born", "dead", last
    return "born", "alive", None


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.integers(0, 120), min_size=8, max_size=12), st.lists(st.integers(0, 850), max_size=6))
def test_lives_are_those_of_the_slow_twin(warehouse: Warehouse, early: list[int], late: list[int]) -> None:
    days = [*early, *late]
    stage(warehouse, births(*days))
    row = life(warehouse)
    death = (row["death_date"] - RELEASE).days if row["death_date"] else None
    assert (row["birth_state"], row["life_state"], death) == slow_life(days, (AS_OF - RELEASE).days)


class TestFamilyGrowth:
    def grown(self, warehouse: Warehouse) -> pl.DataFrame:
        return over_time(warehouse, "family_growth").filter(pl.col("includes_variants"))

    def test_derivatives_and_authors_by_age(self, warehouse: Warehouse) -> None:
        twice = [born("u0/second", RELEASE + timedelta(20)), born("v/early", RELEASE - timedelta(3))]
        stage(warehouse, births(0, 8, 31) + twice)
        rows = self.grown(warehouse).select("days_since_release", "derivatives", "authors").rows()
        assert rows[:6] == [(0, 2, 2), (7, 2, 2), (14, 3, 3), (30, 4, 3), (60, 5, 4), (90, 5, 4)]
        assert rows[-1][0] == 730  # the data ends on day 859, before 1,095

    def test_quantized_copies_are_in_or_out(self, warehouse: Warehouse) -> None:
        stage(warehouse, births(1, 2) + births(1, 2, 3, account="q", is_variant=True))
        frame = over_time(warehouse, "family_growth").filter(pl.col("days_since_release") == 7)
        assert frame.select("includes_variants", "derivatives").rows() == [(False, 2), (True, 5)]

    def test_what_has_no_date_is_said_and_not_counted(self, warehouse: Warehouse) -> None:
        stage(warehouse, [*births(1), born("x/y", None), born("x/z", None)], is_whole=False)
        row = self.grown(warehouse).row(-1, named=True)
        assert (row["derivatives"], row["undated"], row["is_illustration"]) == (1, 2, True)

    def test_a_family_without_any_date_or_older_than_the_data_has_no_curve(
        self, warehouse: Warehouse
    ) -> None:
        stage(warehouse, [born("x/y", None)])
        assert self.grown(warehouse).is_empty()
        stage(warehouse, births(1), released=FLOOR - timedelta(1))
        assert self.grown(warehouse).is_empty()

    def test_downloads_are_those_of_a_list_of_the_week_before(self, warehouse: Warehouse) -> None:
        stage(warehouse, births(1))
        days = [(0, 10), (3, 20), (24, 30), (31, 40)]
        counts = [("hub", RELEASE + timedelta(day), downloads) for day, downloads in days]
        told = [*counts, ("other", RELEASE + timedelta(7), 99), ("part", RELEASE + timedelta(7), 88)]
        warehouse.fill(
            "marts.family_snapshots",
            [
                {"snapshot_date": day, "scope": scope, "family": "Llama", "models": 1, "downloads_30d": n}
                for scope, day, n in told
            ],
        )
        lists = [hub(day=day, scope=scope) for scope, day, _ in told]
        warehouse.fill("core.snapshots", [hub(), *lists])
        rows = self.grown(warehouse).select("days_since_release", "downloads_30d").rows()
        assert rows[:5] == [(0, 10), (7, 20), (14, None), (30, 30), (60, None)]


def test_half_lives_take_what_the_lists_say(warehouse: Warehouse) -> None:
    stage(warehouse, births(*[5] * 10, *[50] * 5, *[300] * 7, 366, 400))
    over_time(warehouse, "family_lives")
    frame = warehouse.build("marts.family_half_lives").filter(pl.col("includes_variants"))
    row = frame.row(0, named=True)
    assert (row["derivatives"], row["authors"], row["status"]) == (22, 22, "estimated")
    assert (row["half_life_days"], row["lower_days"], row["upper_days"]) == (50, 5, 300)


def test_survival_follows_from_lives(warehouse: Warehouse) -> None:
    stage(warehouse, births(*range(10), 30, 500))
    over_time(warehouse, "family_lives")
    frame = warehouse.build("marts.family_survival").filter(pl.col("includes_variants"))
    assert frame.select("at_risk", "status").row(0) == (
        0,
        "not estimable: 0 families at risk up to this age; it takes 10",
    )


class TestAuthors:
    def stage(self, warehouse: Warehouse, *rows: tuple[str, str, str, str]) -> None:
        """Fill in account, name, day and base of derivatives."""
        made = [
            born(f"{account}/{name}", date.fromisoformat(day), base_organization_id=base, family=base)
            for account, name, day, base in rows
        ]
        stage(warehouse, made)
        warehouse.build("core.author_bases")

    def bases(self, warehouse: Warehouse) -> list[tuple[Any, ...]]:
        frame = warehouse.build("core.author_bases").filter(pl.col("unit") == "organization")
        return frame.select("half_date", "account", "base", "derivatives").rows()

    def test_the_base_of_a_half_year_is_the_most_used(self, warehouse: Warehouse) -> None:
        self.stage(
            warehouse,
            ("a", "1", "2024-01-01", "meta"),
            ("a", "2", "2024-06-30", "meta"),
            ("a", "3", "2024-05-01", "google"),
            ("a", "4", "2024-07-01", "google"),
        )
        assert self.bases(warehouse) == [
            (date(2024, 1, 1), "a", "meta", 2),
            (date(2024, 7, 1), "a", "google", 1),
        ]

    def test_of_two_as_much_used_the_later_counts_and_unknown_last(self, warehouse: Warehouse) -> None:
        self.stage(
            warehouse,
            ("a", "1", "2024-02-01", "meta"),
            ("a", "2", "2024-03-01", "google"),
            ("b", "1", "2024-02-01", "meta"),
            ("b", "2", "2024-02-02", "unknown"),
            ("b", "3", "2024-02-03", "unknown"),
            ("c", "1", "2024-02-03", "several"),
        )
        assert [row[2] for row in self.bases(warehouse)] == ["google", "meta", "several"]

    def test_copies_and_own_bases_are_no_choice(self, warehouse: Warehouse) -> None:
        day = date(2024, 2, 1)
        stage(warehouse, [born("a/q", day, is_variant=True), born("meta/m", day, is_own_base=True)])
        assert self.bases(warehouse) == []

    def test_who_stays_moves_stops_and_starts(self, warehouse: Warehouse) -> None:
        self.stage(
            warehouse,
            ("stays", "1", "2024-02-01", "meta"),
            ("stays", "2", "2024-08-01", "meta"),
            ("moves", "1", "2024-02-01", "meta"),
            ("moves", "2", "2024-08-01", "alibaba"),
            ("stops", "1", "2024-02-01", "meta"),
            ("starts", "1", "2024-08-01", "alibaba"),
            ("pauses", "1", "2024-02-01", "google"),
            ("pauses", "2", "2025-02-01", "google"),
        )
        frame = over_time(warehouse, "author_migration").filter(pl.col("unit") == "organization")
        first = frame.filter(pl.col("from_half") == "2024-H1")
        assert first.select("from_base", "to_base", "move", "authors", "from_authors").rows() == [
            ("(none)", "alibaba", "started", 1, None),
            ("google", "(none)", "stopped", 1, None),
            ("meta", "(none)", "stopped", 1, None),
            ("meta", "alibaba", "moved", 1, 2),
            ("meta", "meta", "stayed", 1, 2),
        ]
        back = frame.filter((pl.col("from_half") == "2024-H2") & (pl.col("from_base") == "(none)"))
        assert back.select("to_base", "authors").rows() == [("google", 1)]

    def test_together_an_author_counts_once_a_move(self, warehouse: Warehouse) -> None:
        self.stage(
            warehouse,
            ("a", "1", "2024-02-01", "meta"),
            ("a", "2", "2024-08-01", "meta"),
            ("a", "3", "2025-02-01", "meta"),
            ("b", "1", "2024-02-01", "meta"),
            ("b", "2", "2024-08-01", "google"),
        )
        frame = over_time(warehouse, "author_migration").filter(
            (pl.col("unit") == "organization") & (pl.col("from_half") == "all")
        )
        assert frame.select("from_base", "to_base", "authors", "from_authors").rows() == [
            ("meta", "google", 1, 2),
            ("meta", "meta", 1, 2),
        ]

    def test_how_much_has_a_date_is_told(self, warehouse: Warehouse) -> None:
        days = [date(2024, 2, 1), date(2024, 8, 1), None, None]
        stage(warehouse, [born(f"a/{number}", day) for number, day in enumerate(days)])
        warehouse.build("core.author_bases")
        assert set(over_time(warehouse, "author_migration")["dated_share"]) == {0.5}

    def test_bases_of_a_half_year_and_its_newcomers(self, warehouse: Warehouse) -> None:
        self.stage(
            warehouse,
            ("a", "1", "2024-02-01", "meta"),
            ("a", "2", "2024-08-01", "alibaba"),
            ("b", "1", "2024-08-01", "alibaba"),
        )
        frame = over_time(warehouse, "authors_by_base").filter(pl.col("unit") == "family")
        assert frame.select("half_year", "base", "authors", "new_authors", "half_year_authors").rows() == [
            ("2024-H1", "meta", 1, 1, 1),
            ("2024-H2", "alibaba", 2, 1, 2),
        ]


class TestReleaseResponses:
    def stage(
        self, warehouse: Warehouse, rows: list[dict[str, Any]], *, is_whole: bool = True, **given_: Any
    ) -> None:
        release = {"release_id": "r", "event_date": RELEASE, "date_precision": "day", "name": "Llama"}
        release |= {"organization_id": "meta", "organization": "Meta", "kind": "open_release"}
        release |= {"modality": "language", "family": "Llama", "model_id": "Meta/llama"} | VERIFIED
        stage(warehouse, rows, is_whole=is_whole)
        warehouse.fill("core.releases", [release | given_])
        warehouse.fill(
            "staging.model_ids", ids("meta/llama", "meta/chat", *(row["model_id"] for row in rows))
        )

    def edges(self, warehouse: Warehouse, *pairs: tuple[str, str], evidence: str = "declared") -> None:
        plain = {"relation": "finetune", "evidence": evidence, "is_superseded": False}
        rows = [{"child_id": child, "parent_id": parent} | plain for child, parent in pairs]
        warehouse.fill("core.lineage", rows)

    def answers(self, warehouse: Warehouse, *columns: str) -> dict[str, tuple[Any, ...]]:
        frame = over_time(warehouse, "release_responses").filter(pl.col("includes_variants"))
        return {row[0]: row[1:] for row in frame.select("measure", *columns).rows()}

    def test_children_descendants_and_family(self, warehouse: Warehouse) -> None:
        self.stage(warehouse, births(5, 2, 1, 0))
        self.edges(
            warehouse, ("u0/m", "meta/llama"), ("u1/m", "u0/m"), ("u2/m", "meta/chat"), ("u3/m", "u1/m")
        )
        columns = ("derivatives", "first_model_id", "days_to_first", "first_status", "tenth_status")
        late = "censored at 859 days"
        assert self.answers(warehouse, *columns) == {
            "children": (1, "u0/m", 5, "observed", late),
            "descendants": (3, "u3/m", 0, "observed", late),
            "family": (4, "u3/m", 0, "observed", late),
        }

    def test_the_tenth_and_what_came_before_the_release(self, warehouse: Warehouse) -> None:
        self.stage(warehouse, births(-20, 0, 0, *range(1, 9), account="u"))
        self.edges(warehouse)
        columns = ("days_to_first", "days_to_tenth", "before_release", "on_release_day", "tenth_status")
        assert self.answers(warehouse, *columns)["family"] == (-20, 7, 1, 2, "observed")

    def test_in_a_partial_list_times_are_upper_bounds(self, warehouse: Warehouse) -> None:
        self.stage(warehouse, births(3, 4), is_whole=False)
        self.edges(warehouse)
        assert self.answers(warehouse, "days_to_first", "first_status", "tenth_status") == {
            "family": (3, "upper bound", "not estimable: 2 with a date in a partial list")
        }

    def test_of_a_whole_list_also_the_release_without_an_answer_is_told(self, warehouse: Warehouse) -> None:
        self.stage(warehouse, births(3, family="Other"))
        self.edges(warehouse)
        rows = self.answers(warehouse, "derivatives", "days_to_first", "first_status")
        assert rows == dict.fromkeys(("children", "descendants", "family"), (0, None, "censored at 859 days"))

    def test_inferred_edges_and_the_makers_own_do_not_count(self, warehouse: Warehouse) -> None:
        self.stage(warehouse, [*births(5), born("meta/chat", RELEASE, holder_id="meta")])
        self.edges(warehouse, ("u0/m", "meta/llama"), evidence="inferred")
        counts = self.answers(warehouse, "derivatives")
        assert counts == {"children": (0,), "descendants": (0,), "family": (1,)}

    def test_a_month_is_no_day(self, warehouse: Warehouse) -> None:
        self.stage(warehouse, births(5), date_precision="month")
        self.edges(warehouse)
        days, status = self.answers(warehouse, "days_to_first", "first_status")["family"]
        assert (days, status) == (None, "not estimable: only the month of the release is known")

    def test_a_release_before_the_data_has_no_time(self, warehouse: Warehouse) -> None:
        self.stage(warehouse, births(5), event_date=date(2018, 10, 11))
        self.edges(warehouse)
        answer = self.answers(warehouse, "first_date", "days_to_first", "first_status", "tenth_status")[
            "family"
        ]
        assert answer == (None, None, *["not estimable: released before the data begins"] * 2)

    def test_what_others_released_on_a_family_is_no_release_of_it(self, warehouse: Warehouse) -> None:
        self.stage(warehouse, births(5), organization_id="ai2")
        self.edges(warehouse, ("u0/m", "meta/llama"))
        assert set(self.answers(warehouse, "family")) == {"children", "descendants"}

    @pytest.mark.parametrize("given_", [{"status": "unverified"}, {"kind": "announcement"}])
    def test_only_verified_releases_and_leaks_are_asked_for(
        self, warehouse: Warehouse, given_: dict[str, Any]
    ) -> None:
        self.stage(warehouse, births(5), **given_)
        self.edges(warehouse)
        assert self.answers(warehouse) == {}
