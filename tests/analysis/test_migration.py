"""Migration of authors: shares of counts, Wilson's interval against statsmodels, and what is too thin."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from pipelines.analysis.migration import LEAST_AUTHORS, author_migration, authors_by_base, wilson

JULY, JANUARY = date(2024, 7, 1), date(2025, 1, 1)


def moves(*made: tuple[str, str, int], **given_: object) -> pl.DataFrame:
    """Rows as the SQL hands them over: from_base, to_base, authors."""
    plain: dict[str, object] = {
        "series": "births_surviving",
        "scope": "hub",
        "unit": "organization",
        "is_pooled": False,
        "to_date": JANUARY,
        "as_of_date": date(2025, 12, 22),
        "is_illustration": False,
        "dated_share": 2 / 3,
    }
    rows = []
    for before, after, authors in made:
        stayed_on = sum(n for source, target, n in made if source == before and target != "(none)")
        row = {"from_base": before, "to_base": after, "authors": authors, "from_authors": stayed_on}
        rows.append(plain | row | given_)
    return pl.DataFrame(rows)


def row_of(frame: pl.DataFrame, before: str, after: str) -> dict[str, object]:
    return frame.row(by_predicate=(pl.col("from_base") == before) & (pl.col("to_base") == after), named=True)


MADE = moves(
    ("meta", "meta", 30), ("meta", "alibaba", 10), ("meta", "(none)", 25),
    ("alibaba", "alibaba", 15), ("alibaba", "meta", 5), ("google", "meta", 3), ("(none)", "alibaba", 40),
)  # fmt: skip


@given(st.integers(LEAST_AUTHORS, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_that_of_statsmodels(drawn: tuple[int, int]) -> None:
    frame = pl.DataFrame({"count": [drawn[0]], "all": [drawn[1]]})
    share, lower, upper = frame.select(wilson(pl.col("count"), pl.col("all"), ["s", "l", "u"])).row(0)
    assert share == pytest.approx(drawn[0] / drawn[1], abs=1e-9)
    assert (lower, upper) == pytest.approx(proportion_confint(*drawn, method="wilson"), abs=1e-8)


def test_shares_are_of_those_who_were_active_in_both() -> None:
    frame = author_migration(MADE)
    stayed, moved = row_of(frame, "meta", "meta"), row_of(frame, "meta", "alibaba")
    assert (stayed["move"], stayed["share"], stayed["from_authors"]) == ("stayed", 0.75, 40)
    assert (moved["move"], moved["share"], moved["status"]) == ("moved", 0.25, "estimated")


def test_the_exchange_between_two_bases_is_seen_from_both_sides() -> None:
    frame = author_migration(MADE)
    onward, back = row_of(frame, "meta", "alibaba"), row_of(frame, "alibaba", "meta")
    assert (onward["authors_back"], back["authors_back"]) == (5, 10)
    assert (onward["onward_share"], back["onward_share"]) == pytest.approx((2 / 3, 1 / 3), abs=1e-9)
    assert onward["onward_lower"] == pytest.approx(1 - float(str(back["onward_upper"])), abs=1e-8)


def test_who_stays_exchanges_nothing() -> None:
    stayed = row_of(author_migration(MADE), "meta", "meta")
    assert (stayed["authors_back"], stayed["onward_share"]) == (None, None)


def test_where_nobody_came_back_the_exchange_is_all_one_way() -> None:
    frame = author_migration(moves(("meta", "alibaba", 12), ("meta", "meta", 1)))
    moved = row_of(frame, "meta", "alibaba")
    assert (moved["authors_back"], moved["onward_share"], moved["onward_upper"]) == (0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("before", "after", "move", "authors"),
    [("meta", "(none)", "stopped", 25), ("(none)", "alibaba", "started", 40)],
)
def test_stopping_and_starting_are_counts_without_share(
    before: str, after: str, move: str, authors: int
) -> None:
    row = row_of(author_migration(MADE), before, after)
    assert (row["move"], row["authors"], row["status"]) == (move, authors, "count only")
    assert [row[name] for name in ("from_authors", "share", "lower", "upper", "onward_share")] == [None] * 5


def test_too_few_authors_are_not_estimable() -> None:
    row = row_of(author_migration(MADE), "google", "meta")
    assert (row["share"], row["lower"], row["upper"], row["onward_share"]) == (None, None, None, None)
    assert row["status"] == "not estimable: 3 authors; it takes 10"


def test_a_partial_list_is_an_illustration() -> None:
    partial = author_migration(MADE.with_columns(is_illustration=pl.lit(value=True)))
    assert row_of(partial, "meta", "meta")["status"] == "illustration: 40 authors in a partial list"


@pytest.mark.parametrize(
    ("to_date", "as_of", "half", "is_unfinished"),
    [
        (JANUARY, date(2025, 6, 29), "2024-H2", True),
        (JANUARY, date(2025, 6, 30), "2024-H2", False),
        (JULY, date(2024, 12, 30), "2024-H1", True),
        (JULY, date(2024, 12, 31), "2024-H1", False),
    ],
)
def test_a_half_year_is_named_and_unfinished_until_its_last_day(
    to_date: date, as_of: date, half: str, *, is_unfinished: bool
) -> None:
    frame = author_migration(MADE.with_columns(to_date=pl.lit(to_date), as_of_date=pl.lit(as_of)))
    row = row_of(frame, "meta", "meta")
    assert (row["from_half"], row["is_unfinished"]) == (half, is_unfinished)


def test_all_half_years_together_have_no_first_day() -> None:
    row = row_of(author_migration(MADE.with_columns(is_pooled=pl.lit(value=True))), "meta", "meta")
    assert (row["from_half"], row["from_date"], row["share"]) == ("all", None, 0.75)


def test_two_half_years_do_not_exchange_with_each_other() -> None:
    frame = author_migration(
        pl.concat([moves(("meta", "alibaba", 12)), moves(("alibaba", "meta", 50), to_date=JULY)])
    )
    assert frame["authors_back"].to_list() == [0, 0]


def test_bases_share_the_authors_of_a_half_year() -> None:
    plain = {"series": "births_surviving", "scope": "hub", "unit": "family", "is_illustration": False}
    plain |= {"half_date": JULY, "as_of_date": date(2025, 12, 22), "new_authors": 2}
    counted = [plain | {"base": "Llama 3", "authors": 15}, plain | {"base": "Qwen 2", "authors": 5}]
    thin = plain | {"half_date": JANUARY, "base": "Qwen 2", "authors": 9}
    frame = authors_by_base(pl.DataFrame([*counted, thin]))
    assert frame.select("half_year", "base", "half_year_authors", "share", "status").rows() == [
        ("2024-H2", "Llama 3", 20, 0.75, "estimated"),
        ("2024-H2", "Qwen 2", 20, 0.25, "estimated"),
        ("2025-H1", "Qwen 2", 9, None, "not estimable: 9 authors; it takes 10"),
    ]


def test_nothing_in_nothing_out() -> None:
    assert author_migration(MADE.clear()).is_empty()
