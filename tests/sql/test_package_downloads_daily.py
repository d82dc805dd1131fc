"""Package downloads by day: from what was landed to exact rows; revisions, late days, missing days."""

import gzip
import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.sources.http import Answer
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot
from pipelines.warehouse.load import LandedSnapshot, load_payloads
from pipelines.warehouse.models import SqlModel
from tests.sql.conftest import Warehouse
from tests.sql.made import VERIFIED

RAW = "raw.package_downloads_daily"
STAGED = "staging.package_downloads_daily"
VINTAGES = "core.package_download_vintages"
MART = "marts.package_downloads_daily"
SOURCE = "package_downloads_daily"
SCOPE = "registered-packages"
DAY = date(2026, 11, 20)


def on(day: int) -> date:
    """A day of November 2026."""
    return date(2026, 11, day)


def told(day: object, downloads: object, category: object = "without_mirrors") -> dict[str, Any]:
    """A row of an answer."""
    return {"category": category, "date": str(day), "downloads": downloads}


def series(package: object, *rows: object) -> dict[str, Any]:
    """An answer."""
    return {"data": list(rows), "package": package, "type": "overall_downloads"}


def land(store: PayloadStore, day: date, answers: Mapping[str, object]) -> Manifest:
    """Land one answer a package as the source does; None is a 404."""
    manifest = store.resume(Snapshot(source=SOURCE, day=day, scope=SCOPE, title="packages"))
    for subject, said in answers.items():
        body = b"404" if said is None else json.dumps(said).encode()
        url = f"https://stats.test/api/packages/{subject}/overall"
        status = 404 if said is None else 200
        store.add_page(manifest, Answer(url, status, gzip.compress(body, mtime=0), body), subject=subject)
    return manifest


class Landings:
    """Landed answers, brought into the warehouse by the real loader."""

    def __init__(
        self, store: PayloadStore, warehouse: Warehouse, connection: duckdb.DuckDBPyConnection, raw: SqlModel
    ) -> None:
        self._store, self._warehouse = store, warehouse
        self._connection, self._raw = connection, raw
        self._manifests: list[Manifest] = []

    def add(self, day: date, answers: Mapping[str, object]) -> "Landings":
        """Land answers on a day."""
        self._manifests.append(land(self._store, day, answers))
        return self

    def load(self, *packages: str) -> Warehouse:
        """Load all landings, and register `packages`."""
        load_payloads(self._connection, self._raw, [self._landed(manifest) for manifest in self._manifests])
        loaded = self._connection.sql(f"select * from {RAW}").pl()
        self._warehouse.fill(RAW, loaded.to_dicts())
        self._warehouse.fill("raw.pages", [row for m in self._manifests for row in pages(m)])
        return self._warehouse.fill("reference.packages", [package(name) for name in packages])

    def _landed(self, manifest: Manifest) -> LandedSnapshot:
        return LandedSnapshot(
            SOURCE, manifest.snapshot.day, SCOPE, manifest.sha256, lambda: self._store.files(manifest)
        )


@pytest.fixture
def landings(
    tmp_path: Path,
    warehouse: Warehouse,
    connection: duckdb.DuckDBPyConnection,
    models: dict[str, SqlModel],
) -> Landings:
    return Landings(PayloadStore(tmp_path), warehouse, connection, models[RAW])


def pages(manifest: Manifest) -> list[dict[str, Any]]:
    """The rows of raw.pages."""
    about = {"source": SOURCE, "snapshot_date": manifest.snapshot.day, "scope": SCOPE}
    return [
        about | {"page": number, "subject": page.subject, "status": page.status, "url": page.url}
        for number, page in enumerate(manifest.pages, 1)
    ]


def package(name: str) -> dict[str, Any]:
    """A row of reference.packages."""
    return {"package": name, "organization_id": "o", "access": "open", "role": "runtime"} | VERIFIED


def staged(day: date, downloads: int, landed: date, **given: Any) -> dict[str, Any]:
    """A row of staging.package_downloads_daily."""
    position = (landed - day).days + 1000 * downloads
    row = {"snapshot_date": landed, "scope": SCOPE, "position": position, "package": "vllm"}
    return row | {"date": day, "downloads": downloads} | given


def with_days(warehouse: Warehouse, *rows: dict[str, Any]) -> Warehouse:
    """Fill staging, make the vintages, register vllm."""
    warehouse.fill(STAGED, rows).build(VINTAGES)
    return warehouse.fill("reference.packages", [package("vllm")])


def test_a_recorded_answer_becomes_one_row_a_package_and_day(landings: Landings) -> None:
    answers = {
        "torch": series("torch", told(on(19), 900), told(on(20), 910), told(on(21), 7)),
        "vllm": series("vllm", told(on(20), 0)),
    }
    warehouse = landings.add(on(22), answers).load("torch", "vllm")
    warehouse.build(STAGED)
    warehouse.build(VINTAGES)
    who = ("o", "open", "runtime")
    assert warehouse.rows(MART) == [
        ("torch", on(19), 900, 900, on(22), on(22), 0, True, False, *who),
        ("torch", on(20), 910, 910, on(22), on(22), 0, True, False, *who),
        ("torch", on(21), 7, 7, on(22), on(22), 0, False, False, *who),
        ("vllm", on(20), 0, 0, on(22), on(22), 0, True, False, *who),
    ]


def test_answers_are_kept_as_they_were_given(
    landings: Landings, connection: duckdb.DuckDBPyConnection
) -> None:
    answer = series("Torch", told("soon", -1, "with_mirrors"), {"downloads": {"a": 1}}, 7, None)
    landings.add(on(22), {"torch": answer}).load()
    query = f"select position, page, package, category, date, downloads from {RAW} order by position"
    assert connection.sql(query).fetchall() == [
        (1, 1, "Torch", "with_mirrors", "soon", "-1"),
        (2, 1, "Torch", None, None, '{"a":1}'),
        (3, 1, "Torch", None, None, None),
        (4, 1, "Torch", None, None, None),
    ]


def test_an_unknown_package_and_one_without_days_give_no_rows(landings: Landings) -> None:
    warehouse = landings.add(on(22), {"nobody": None, "empty": series("empty")}).load("nobody", "empty")
    assert warehouse.rows(STAGED) == []
    assert warehouse.rows(MART) == []


def test_pages_keep_their_numbers_behind_an_unknown_package(landings: Landings) -> None:
    answers = {"nobody": None, "vllm": series("vllm", told(on(20), 5))}
    assert landings.add(on(22), answers).load().rows(STAGED, "package", "downloads") == [("vllm", 5)]


@pytest.mark.parametrize(
    "given", ["llama-cpp-python", "llama_cpp_python", "Llama.Cpp__Python", " llama-cpp-python "]
)
def test_a_package_is_known_by_its_normalized_name(landings: Landings, given: str) -> None:
    answers = {"llama-cpp-python": series(given, told(on(20), 5))}
    warehouse = landings.add(on(22), answers).load("llama-cpp-python")
    assert warehouse.rows(STAGED, "package", "problem") == [("llama-cpp-python", None)]


@pytest.mark.parametrize("given", ["torch", None, "", {"a": 1}, "vllm\u0000", "<b>vllm</b>"])
def test_an_answer_about_another_package_is_not_used(landings: Landings, given: object) -> None:
    warehouse = landings.add(on(22), {"vllm": series(given, told(on(20), 5))}).load("vllm", "torch")
    assert warehouse.rows(STAGED, "package", "problem") == [("vllm", "package")]
    warehouse.build(VINTAGES)
    assert warehouse.rows(MART) == []


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (told(on(20), 5, "with_mirrors"), "category"),
        (told(on(20), 5, None), "category"),
        (told("2026-11-31", 5), "date"),
        (told("20.11.2026", 5), "date"),
        (told("2026-11-20T00:00:00", 5), "date"),
        (told(on(23), 5), "date"),
        (told("9999-12-31", 5), "date"),
        (told("1970-01-01", 5), "date"),
        (told("", 5), "date"),
        (told(on(20), -5), "downloads"),
        (told(on(20), None), "downloads"),
        (told(on(20), "many"), "downloads"),
        (told(on(20), "5; drop table x"), "downloads"),
        (told(on(20), 1.5), "downloads"),
        (told(on(20), 1e30), "downloads"),
        (told(on(20), 99999999999), "downloads"),
        (told(on(20), True), "downloads"),
        (told(on(20), [5]), "downloads"),
        (["a"], "category"),
    ],
)
def test_a_row_that_cannot_be_true_is_counted_and_not_used(
    landings: Landings, row: object, problem: str
) -> None:
    answers = {"vllm": series("vllm", told(on(19), 4), row, told(on(21), 6))}
    warehouse = landings.add(on(22), answers).load("vllm")
    assert warehouse.rows(STAGED, "position", "problem") == [(1, None), (2, problem), (3, None)]
    assert warehouse.rows(VINTAGES, "date", "downloads") == [(on(19), 4), (on(21), 6)]


def test_a_day_told_twice_with_two_values_is_used_with_neither(landings: Landings) -> None:
    rows = [told(on(19), 4), told(on(19), 5), told(on(20), 6), told(on(20), 6)]
    warehouse = landings.add(on(22), {"vllm": series("vllm", *rows)}).load("vllm")
    assert warehouse.rows(STAGED, "date", "problem") == [
        (on(19), "conflict"),
        (on(19), "conflict"),
        (on(20), None),
        (on(20), None),
    ]
    assert warehouse.rows(VINTAGES) == [("vllm", on(20), on(22), 6)]


def test_another_category_contradicts_nothing(landings: Landings) -> None:
    rows = [told(on(20), 6), told(on(20), 12, "with_mirrors")]
    warehouse = landings.add(on(22), {"vllm": series("vllm", *rows)}).load("vllm")
    assert warehouse.rows(STAGED, "downloads", "problem") == [(6, None), (12, "category")]


def test_a_day_told_differently_of_two_packages_is_no_contradiction(landings: Landings) -> None:
    answers = {name: series(name, told(on(20), count)) for name, count in (("torch", 9), ("vllm", 4))}
    warehouse = landings.add(on(22), answers).load("torch", "vllm")
    assert warehouse.rows(STAGED, "package", "problem") == [("torch", None), ("vllm", None)]


def test_numbers_may_come_as_text(landings: Landings) -> None:
    warehouse = landings.add(on(22), {"vllm": series("vllm", told(on(20), "50"))}).load("vllm")
    assert warehouse.rows(STAGED, "downloads", "problem") == [(50, None)]


def test_a_revision_is_a_vintage_and_the_newest_value_counts(warehouse: Warehouse) -> None:
    rows = [staged(DAY, count, on(day)) for day, count in ((21, 10), (22, 90), (23, 90), (24, 91))]
    assert with_days(warehouse, *rows).rows(VINTAGES) == [
        ("vllm", DAY, on(21), 10),
        ("vllm", DAY, on(22), 90),
        ("vllm", DAY, on(24), 91),
    ]
    columns = (
        "downloads",
        "first_downloads",
        "first_landed_date",
        "last_landed_date",
        "revisions",
        "is_final",
    )
    assert warehouse.rows(MART, *columns) == [(91, 10, on(21), on(24), 2, True)]


def test_a_value_that_comes_back_is_a_vintage_again(warehouse: Warehouse) -> None:
    rows = [staged(DAY, count, on(day)) for day, count in ((22, 5), (23, 6), (24, 5))]
    assert with_days(warehouse, *rows).rows(VINTAGES, "landed_date", "downloads") == [
        (on(22), 5),
        (on(23), 6),
        (on(24), 5),
    ]
    assert warehouse.rows(MART, "downloads", "revisions") == [(5, 2)]


def test_days_between_landings_are_no_revisions(warehouse: Warehouse) -> None:
    rows = [staged(DAY, 5, on(21)), staged(DAY, 5, date(2027, 4, 1))]
    columns = ("downloads", "first_landed_date", "last_landed_date", "revisions")
    assert with_days(warehouse, *rows).rows(MART, *columns) == [(5, on(21), date(2027, 4, 1), 0)]


def test_a_rejected_value_revises_nothing(warehouse: Warehouse) -> None:
    rows = [staged(DAY, 5, on(22)), staged(DAY, 7, on(23), problem="conflict"), staged(DAY, 5, on(24))]
    assert with_days(warehouse, *rows).rows(VINTAGES) == [("vllm", DAY, on(22), 5)]


@pytest.mark.parametrize(("days_later", "is_final"), [(0, False), (1, False), (2, True), (180, True)])
def test_a_day_is_final_when_it_was_told_two_days_after(
    warehouse: Warehouse, days_later: int, is_final: bool
) -> None:
    row = staged(DAY, 5, DAY + timedelta(days=days_later))
    assert with_days(warehouse, row).rows(MART, "downloads", "is_final") == [(5, is_final)]


def test_a_day_that_no_landing_has_is_listed_as_missing_and_not_zero(warehouse: Warehouse) -> None:
    rows = [staged(on(day), 5, on(22)) for day in (15, 18, 20)]
    columns = ("date", "downloads", "is_missing", "is_final", "revisions", "first_landed_date", "role")
    assert with_days(warehouse, *rows).rows(MART, *columns) == [
        (on(15), 5, False, True, 0, on(22), "runtime"),
        (on(16), None, True, False, 0, None, "runtime"),
        (on(17), None, True, False, 0, None, "runtime"),
        (on(18), 5, False, True, 0, on(22), "runtime"),
        (on(19), None, True, False, 0, None, "runtime"),
        (on(20), 5, False, True, 0, on(22), "runtime"),
    ]


def test_late_days_are_not_missing_yet(warehouse: Warehouse) -> None:
    rows = [staged(on(day), 5, on(22)) for day in (16, 17, 21)]
    assert with_days(warehouse, *rows).rows(MART, "date", "is_missing") == [
        (on(16), False),
        (on(17), False),
        (on(21), False),
    ]


def test_a_day_that_a_later_landing_brings_is_not_missing_any_more(warehouse: Warehouse) -> None:
    rows = [staged(on(day), 5, on(22)) for day in (18, 20)] + [staged(on(19), 4, on(24))]
    assert with_days(warehouse, *rows).rows(MART, "date", "downloads", "is_missing") == [
        (on(18), 5, False),
        (on(19), 4, False),
        (on(20), 5, False),
    ]


def test_a_day_that_only_one_landing_had_is_kept(warehouse: Warehouse) -> None:
    rows = [staged(on(18), 5, on(20)), staged(on(19), 5, on(21)), staged(on(19), 5, on(22))]
    assert with_days(warehouse, *rows).rows(MART, "date", "last_landed_date") == [
        (on(18), on(20)),
        (on(19), on(22)),
    ]


def test_half_a_year_without_landings_is_missing_day_by_day(warehouse: Warehouse) -> None:
    rows = [staged(date(2025, 1, 1), 5, date(2025, 1, 3)), staged(date(2026, 1, 1), 6, date(2026, 1, 3))]
    days = with_days(warehouse, *rows).build(MART)
    assert (days.height, days["is_missing"].sum(), days["downloads"].sum()) == (366, 364, 11)


def test_packages_that_nobody_registered_are_not_shown(warehouse: Warehouse) -> None:
    row = staged(DAY, 5, on(22), package="stranger")
    assert with_days(warehouse, row).rows(MART) == []
