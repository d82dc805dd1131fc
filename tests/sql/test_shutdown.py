"""The shutdown's tables from hand-made core tables: exposure, curve, freeze, withdrawals, platform."""

from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.analysis.shutdown import shutdown
from pipelines.settings import SQL_DIR
from pipelines.warehouse.checks import file_checks, run_check
from tests.sql.conftest import Warehouse
from tests.sql.made import DAY, counted, held, ids, known, landed, organization, rooted, shared

LAST = date(2025, 3, 1)


def edge(child: str, parent: str, relation: str = "finetune", **given: Any) -> dict[str, Any]:
    """A row of core.lineage."""
    plain = {"relation": relation, "evidence": "declared", "is_superseded": False}
    return {"child_id": child, "parent_id": parent} | plain | given


def small_hub(warehouse: Warehouse) -> Warehouse:
    """Two bases with an adapter each and a merge of both, a copy of one of them, a stranger's own model."""
    models = [
        ("meta-llama/base", "meta", None, 100),
        ("mistralai/base", "mistral", None, 50),
        ("user/lora", None, "peft", 20),
        ("user/blend", None, "transformers", 8),
        ("mirror/base", None, "transformers", 4),
        ("user/other-lora", None, "peft", 2),
        ("stranger/own", None, "transformers", 1),
    ]
    warehouse.fill(
        "core.models",
        [known(name, organization_id=holder, library_name=library) for name, holder, library, _ in models],
    )
    warehouse.fill(
        "core.model_snapshots",
        [
            counted(name, uploader_id=holder, universe="generative_language", downloads_30d=downloads)
            for name, holder, _, downloads in models
        ],
    )
    edges = [
        edge("user/lora", "meta-llama/base", "adapter"),
        edge("user/other-lora", "mistralai/base"),
        edge("user/blend", "meta-llama/base", "merge"),
        edge("user/blend", "mistralai/base", "merge"),
        edge("mirror/base", "mistralai/base", "copy", evidence="curated"),
    ]
    above = {e["child_id"]: [f["parent_id"] for f in edges if f["child_id"] == e["child_id"]] for e in edges}
    maker = {"meta-llama/base": "meta", "mistralai/base": "mistral"}
    roots, shares = [], []
    for name, *_ in models:
        ends = above.get(name, [name])
        basis = None if name in above else "register" if name in maker else "none"
        unknown = 0.0 if ends[0] in maker else 1.0
        roots.append(
            rooted(name, parents=len(above.get(name, [])), origin_basis=basis, unknown_share=unknown)
        )
        shares += [shared(name, maker.get(end, "unknown"), 1 / len(ends), 1 / len(ends)) for end in ends]
    return warehouse.fill("core.lineage", edges).fill("core.model_roots", roots).fill("core.ancestry", shares)


def exposed_row(uploader: str, downloads: int, upstream: str = "meta", **given: Any) -> dict[str, Any]:
    """A row of marts.shutdown_exposure, all of whose roots' makers are on each path."""
    plain = {"snapshot_date": DAY, "scope": "list", "evidence": "curated", "universe": "generative_language"}
    plain |= {"uploader": uploader, "upstream": upstream, "paths": upstream, "needs": "", "losses": ""}
    return plain | {"models": 1, "derivatives": 1, "downloads_30d": downloads, "likes": 0} | given


def exposed(warehouse: Warehouse) -> pl.DataFrame:
    return small_hub(warehouse).build("marts.shutdown_exposure").filter(evidence="curated")


def hit(rows: pl.DataFrame, *stopped: str) -> dict[str, tuple[int, int]]:
    made = shutdown(rows, stopped).filter(weight="downloads_30d")
    return {figure: (low, high) for figure, low, high in made.select("figure", "lower", "upper").rows()}


def test_the_exposure_of_a_small_hub(warehouse: Warehouse) -> None:
    rows = exposed(warehouse)
    assert rows.select("uploader", "upstream", "paths", "needs", "losses", "downloads_30d").rows() == [
        ("meta", "meta", "meta", "", "", 100),
        ("mistral", "mistral", "mistral", "", "", 50),
        ("unregistered", "meta", "meta", "meta", "meta", 20),
        ("unregistered", "meta+mistral", "meta|mistral", "", "meta", 8),
        ("unregistered", "mistral", "mistral", "", "", 6),
        ("unregistered", "unknown", "unknown", "", "unknown", 1),
    ]


def test_a_finetune_by_an_adapter_s_library_is_one_and_a_copy_keeps_it(warehouse: Warehouse) -> None:
    rows = exposed(warehouse)
    assert hit(rows, "meta")["broken"] == (20, 20)
    assert hit(rows, "mistral")["broken"] == (0, 0)
    assert hit(rows, "mistral")["never_born_any"] == (64, 65)


def test_by_tags_alone_the_copy_is_unknown_and_the_adapter_breaks(warehouse: Warehouse) -> None:
    declared = small_hub(warehouse).build("marts.shutdown_exposure").filter(evidence="declared")
    assert hit(declared, "mistral")["broken"][0] == 2


def test_never_born_is_what_meets_them_anywhere_in_the_ancestry(warehouse: Warehouse) -> None:
    rows = exposed(warehouse)
    headlines = warehouse.build("marts.organization_shares").filter(evidence="curated", universe="all")
    for name, share in (
        headlines.filter(pl.col("organization_id") != "unknown").select("organization_id", "any_share").rows()
    ):
        assert round(hit(rows, name)["never_born_any"][0] / 185, 9) == share


def test_the_newest_list_of_each_scope_is_exposed(warehouse: Warehouse) -> None:
    small_hub(warehouse)
    older = [counted("stranger/own", snapshot_date=DAY - timedelta(days=7), downloads_30d=9)]
    newer = [counted("stranger/own", downloads_30d=1), counted("stranger/own", scope="other")]
    warehouse.fill("core.model_snapshots", older + newer)
    rows = warehouse.build("marts.shutdown_exposure").filter(evidence="curated")
    assert rows.select("snapshot_date", "scope", "downloads_30d").rows() == [
        (DAY, "list", 1),
        (DAY, "other", None),
    ]


def test_the_example_gives_what_the_function_gives(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    rows = exposed(warehouse)
    example = (SQL_DIR / "examples" / "what_is_left_without.sql").read_text()
    for words, stopped in ((("'openai'", "'meta'"), ("openai", "meta")), (("'mistral'",), ("mistral",))):
        query = example.replace("'openai', 'meta'", ", ".join(words))
        shown = connection.sql(query).pl().row(0, named=True)
        figures = hit(rows, *stopped)
        for figure in ("gone", "broken", "stranded", "never_born_any", "never_born_all"):
            assert shown[f"{figure}_pct"] == round(100 * figures[figure][0] / 185, 1), figure


def test_with_unknown_among_its_names_the_example_gives_the_upper_bounds(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    # Of the 10 nobody knows whether they are broken, so they may be stranded; the 20 are broken for sure.
    unsure = {"needs": "mistral|unknown", "losses": "meta|mistral|unknown"}
    rows = [
        exposed_row("meta", 100),
        exposed_row("unregistered", 20, needs="meta", losses="meta|mistral"),
        exposed_row("unregistered", 10, upstream="meta+unknown", **unsure),
        exposed_row("unregistered", 5, upstream="unknown", needs="unknown", losses="unknown"),
    ]
    warehouse.fill("marts.shutdown_exposure", rows)
    figures = hit(connection.sql("from marts.shutdown_exposure").pl(), "meta")
    assert (figures["broken"], figures["stranded"]) == ((20, 35), (10, 15))
    example = (SQL_DIR / "examples" / "what_is_left_without.sql").read_text()
    example = example.replace("'openai', 'meta'", "'meta'")
    upper = example.replace("['meta'] as names", "['meta', 'unknown'] as names")
    assert upper != example
    for bound, query in enumerate((example, upper)):
        shown = connection.sql(query).pl().row(0, named=True)
        for figure in ("gone", "broken", "stranded", "never_born_any", "never_born_all"):
            assert shown[f"{figure}_pct"] == round(100 * figures[figure][bound] / 135, 1), (bound, figure)


def test_the_curve_of_a_small_hub(warehouse: Warehouse) -> None:
    exposed(warehouse)
    worst = warehouse.build("marts.shutdown_curve").filter(
        universe="all", weight="downloads_30d", loss="never_born", removal_order="worst_first"
    )
    assert worst.select("removed", "organization_id", "remaining_share", "lower").rows() == [
        (0, None, 1.0, 1.0),
        (1, "meta", round(57 / 185, 9), round(56 / 185, 9)),
        (2, "mistral", round(1 / 185, 9), 0.0),
    ]


def test_a_freeze_counts_derivatives_by_others_at_the_root_of_their_line(warehouse: Warehouse) -> None:
    warehouse.fill("core.accounts", [held("meta-llama", "meta")])
    warehouse.fill(
        "core.model_roots",
        [rooted("meta-llama/base"), rooted("meta-llama/chat", root_id="meta-llama/base", parents=1)]
        + [rooted(name, root_id="meta-llama/base", parents=1) for name in ("user/lora", "user/undated")],
    )
    warehouse.fill("core.release_dates", [{"model_id": "meta-llama/base", "release_date": LAST}])
    births = [("meta-llama/base", LAST), ("meta-llama/chat", LAST), ("user/lora", LAST)]
    births += [("stranger/old", LAST - timedelta(days=364))]
    warehouse.fill(
        "core.births",
        [
            {
                "series": "births_surviving",
                "scope": "list",
                "as_of_date": LAST,
                "model_id": name,
                "birth_date": day,
            }
            for name, day in births
        ],
    )
    warehouse.fill("core.snapshots", [landed(day=LAST)])
    made = warehouse.build("marts.shutdown_freeze").row(0, named=True)
    assert (made["organization_id"], made["derivatives"], made["past_year_of_new_bases"]) == ("meta", 1, 1)
    assert made["loss"] is None
    assert made["status"].startswith("not estimable: the list tells the birth of 1 derivatives")


@pytest.mark.parametrize(
    ("given_list", "status"),
    [
        ({"is_whole_population": True}, "estimated"),
        ({}, "illustration: a partial list"),
        ({"selection": "bases"}, None),
        ({"selection": "window"}, None),
    ],
)
def test_only_the_whole_hub_gives_an_estimate_and_a_selection_nothing(
    warehouse: Warehouse, given_list: dict[str, Any], status: str | None
) -> None:
    # Meta releases a base every ten days; each has six derivatives five days later. Strangers fill the list.
    bases = {f"meta-llama/b{age}": LAST - timedelta(days=age) for age in range(0, 720, 10)}
    born = {
        f"u/{number}-{age}": (f"meta-llama/b{age}", LAST - timedelta(days=age - 5))
        for age in range(10, 360, 10)
        for number in range(6)
    }
    born |= {f"v/{place}": (f"x/{place}", LAST - timedelta(days=place)) for place in range(365)}
    warehouse.fill("core.snapshots", [landed(day=LAST, **given_list)])
    warehouse.fill("core.accounts", [held("meta-llama", "meta")])
    warehouse.fill(
        "core.release_dates", [{"model_id": name, "release_date": day} for name, day in bases.items()]
    )
    warehouse.fill(
        "core.model_roots",
        [rooted(name) for name in bases]
        + [rooted(name, root_id=root, parents=1) for name, (root, _) in born.items()],
    )
    shared_fields = {"series": "births_surviving", "scope": "list", "as_of_date": LAST}
    warehouse.fill(
        "core.births",
        [shared_fields | {"model_id": name, "birth_date": day} for name, (_, day) in born.items()],
    )
    made = warehouse.build("marts.shutdown_freeze")
    assert made["status"].to_list() == ([] if status is None else [status])


def withdrawal(**given: Any) -> dict[str, Any]:
    """A row of reference.withdrawals: a base that its maker deleted."""
    plain = {"withdrawal_id": "2024-08-29-base", "event_date": date(2024, 8, 29), "event_precision": "day"}
    plain |= {"name": "Base", "organization_id": "runway", "model_id": "runwayml/base", "kind": "deleted"}
    return plain | {"status": "verified", "source": "page"} | given


def test_a_withdrawal_with_its_substitute_its_children_and_what_the_hub_says(warehouse: Warehouse) -> None:
    warehouse.fill(
        "reference.withdrawals",
        [
            withdrawal(
                substitute_id="mirror/base", substitute_kind="mirror", substitution_date=date(2024, 9, 3)
            ),
            withdrawal(withdrawal_id="2022-06-month", event_precision="month", model_id=None),
        ],
    )
    warehouse.fill("staging.model_ids", ids("RunwayML/base"))
    warehouse.fill(
        "core.models",
        [
            known("RunwayML/base", is_named_only=True),
            known("mirror/base", downloads_30d=7, downloads_date=DAY),
            known("u/before"),
            known("u/after"),
        ],
    )
    warehouse.fill(
        "core.lineage",
        [
            edge("u/before", "RunwayML/base", "adapter"),
            edge("u/after", "RunwayML/base"),
            edge("u/guessed", "RunwayML/base", evidence="inferred"),
            edge("mirror/base", "RunwayML/base", "copy", evidence="curated"),
        ],
    )
    warehouse.fill(
        "core.model_statuses", [{"model_id": "RunwayML/base", "status": "gone", "checked_date": DAY}]
    )
    births = {"u/before": date(2024, 8, 29), "u/after": date(2024, 8, 30)}
    warehouse.fill(
        "core.births",
        [
            {
                "series": "births_surviving",
                "scope": "list",
                "as_of_date": DAY,
                "model_id": name,
                "birth_date": day,
            }
            for name, day in births.items()
        ],
    )
    month, made = warehouse.build("marts.withdrawals").rows(named=True)
    assert (made["model_id"], made["days_to_substitution"], made["hub_status"]) == (
        "RunwayML/base",
        5,
        "gone",
    )
    assert (made["is_in_no_list"], made["substitute_downloads_30d"]) == (True, 7)
    counts = ("children", "adapters", "copies", "dated_children", "children_born_after")
    assert [made[name] for name in counts] == [2, 1, 1, 2, 1]
    assert (month["days_to_substitution"], month["children"], month["is_in_no_list"]) == (None, None, None)


@pytest.mark.parametrize("precision", ["about", "noticed", "month"])
def test_an_event_that_is_not_known_to_the_day_has_no_days_after_it(
    warehouse: Warehouse, precision: str
) -> None:
    substitute = {"substitute_id": "mirror/base", "substitution_date": date(2024, 9, 3)}
    warehouse.fill("reference.withdrawals", [withdrawal(event_precision=precision, **substitute)])
    warehouse.fill("core.lineage", [edge("u/after", "runwayml/base")])
    birth = {"series": "births_surviving", "scope": "list", "as_of_date": DAY, "model_id": "u/after"}
    warehouse.fill("core.births", [birth | {"birth_date": date(2024, 8, 30)}])
    made = warehouse.build("marts.withdrawals").row(0, named=True)
    assert (made["days_to_substitution"], made["children_born_after"]) == (None, None)
    assert (made["dated_children"], made["substitution_date"]) == (1, date(2024, 9, 3))


def test_a_substitute_is_found_by_its_name_today_in_any_case(warehouse: Warehouse) -> None:
    cases = {"1-renamed": "Old/Base", "2-case": "MIRROR/base", "3-nowhere": "no/where", "4-none": None}
    warehouse.fill(
        "reference.withdrawals",
        [withdrawal(withdrawal_id=name, substitute_id=substitute) for name, substitute in cases.items()],
    )
    warehouse.fill("staging.model_ids", ids("mirror/base", renamed={"old/base": "new/base"}))
    warehouse.fill("core.models", [known("mirror/base", downloads_30d=7), known("new/base", downloads_30d=9)])
    made = warehouse.build("marts.withdrawals").sort("subject")
    assert made.select("substitute_id", "substitute_downloads_30d").rows() == [
        ("new/base", 9),
        ("mirror/base", 7),
        ("no/where", None),
        (None, None),
    ]


def test_a_base_that_five_name_and_no_list_has_is_a_finding(warehouse: Warehouse) -> None:
    warehouse.fill(
        "core.models", [known("gone/base", is_named_only=True), known("rare/base", is_named_only=True)]
    )
    children = [edge(f"u/{place}", "gone/base") for place in range(5)]
    warehouse.fill("core.lineage", [*children, *(edge(f"v/{place}", "rare/base") for place in range(4))])
    made = warehouse.build("marts.withdrawals")
    assert made.select("basis", "subject", "children", "is_in_no_list", "hub_status").rows() == [
        ("named_only", "gone/base", 5, True, None)
    ]


def test_what_lies_elsewhere_is_unknown_and_not_zero(warehouse: Warehouse) -> None:
    small_hub(warehouse)
    warehouse.fill("core.snapshots", [landed()])
    made = warehouse.build("marts.platform_exposure").select(
        "subject", "number", "downloads_30d", "share", "knowledge"
    )
    assert made.sort("subject").rows() == [
        ("copied_within_platform", 2, 54, round(54 / 185, 9), "lower_bound"),
        ("known_elsewhere", None, None, None, "unknown"),
        ("read_from_platform", 7, 185, 1.0, "known"),
    ]


def test_organization_ids_that_sets_of_them_could_not_be_written_with_are_refused(
    warehouse: Warehouse, connection: duckdb.DuckDBPyConnection
) -> None:
    (check,) = [each for each in file_checks(SQL_DIR / "checks") if each.name == "organization_ids_are_plain"]
    plain = ["meta", "01-ai", "user-ykilcher", "x.ai"]
    bad = ["a+b", "a|b", "unknown", "unregistered", "Meta", "-meta", "a b", "", "o'neil"]
    warehouse.fill("reference.organizations", [organization(name) for name in plain])
    assert run_check(connection, check).passed
    for name in bad:
        warehouse.fill("reference.organizations", [organization(each) for each in (*plain, name)])
        found = run_check(connection, check)
        assert (found.bad_rows, found.sample) == (1, [name])
