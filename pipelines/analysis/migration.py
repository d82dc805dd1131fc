"""Migration of authors between the bases that they build on.

Here: shares and their intervals from counts of authors. Not here: whose base a model stands on, and who is an
author (sql/core/derivative_births.sql, sql/core/author_bases.sql).
"""

import polars as pl

from pipelines.analysis.intervals import NORMAL_95

#: A share of fewer authors is not shown: its interval would cover most of 0 to 1.
LEAST_AUTHORS = 10
DECIMALS = 9
NOBODY = "(none)"
_MATRIX = ["series", "scope", "unit", "is_pooled", "to_date"]


def authors_by_base(authors: pl.DataFrame) -> pl.DataFrame:
    """Give each base's share of the authors of a half-year, as sql/marts/authors_by_base.sql declares it.

    authors: a row a series, scope, unit, half_date (its first day) and base, with as_of_date,
    is_illustration, authors and new_authors. share = authors / all authors of the half-year, with Wilson's
    interval; null where there are fewer than LEAST_AUTHORS.
    """
    return authors.with_columns(
        half_year_authors=pl.col("authors").sum().over("series", "scope", "unit", "half_date"),
        half_year=_label(pl.col("half_date")),
        is_unfinished=_is_unfinished(pl.col("half_date")),
    ).with_columns(
        *wilson(pl.col("authors"), pl.col("half_year_authors"), ["share", "lower", "upper"]),
        status=_status(pl.col("half_year_authors")),
    )


def author_migration(moves: pl.DataFrame) -> pl.DataFrame:
    """Give the migration matrix with its shares, as sql/marts/author_migration.sql declares it.

    moves: a row a series, scope, unit, is_pooled, to_date (first day of the later half-year; of the last one
    where is_pooled), from_base and to_base ("(none)" for authors without a derivative in it), with
    as_of_date, is_illustration, dated_share, authors (who made the move) and from_authors (of that from_base,
    active in both).

    share = authors / from_authors; onward_share = authors / (authors + authors_back), the part of the
    exchange between two bases that goes this way. Both with Wilson's interval; null below LEAST_AUTHORS.
    """
    back = moves.select(*_MATRIX, from_base="to_base", to_base="from_base", authors_back="authors")
    is_shared = (pl.col("from_base") != NOBODY) & (pl.col("to_base") != NOBODY)
    is_moved = is_shared & (pl.col("from_base") != pl.col("to_base"))
    from_date = pl.col("to_date").dt.offset_by("-6mo")
    exchanged = pl.col("authors") + pl.col("authors_back")
    return (
        moves.join(back, on=[*_MATRIX, "from_base", "to_base"], how="left")
        .with_columns(
            move=_move(),
            from_authors=pl.when(is_shared).then("from_authors"),
            authors_back=pl.when(is_moved).then(pl.col("authors_back").fill_null(0)),
            from_date=pl.when(~pl.col("is_pooled")).then(from_date),
            is_unfinished=_is_unfinished(pl.col("to_date")),
            dated_share=pl.col("dated_share").round(DECIMALS),
        )
        .with_columns(
            *wilson(pl.col("authors"), pl.col("from_authors"), ["share", "lower", "upper"]),
            *wilson(pl.col("authors"), exchanged, ["onward_share", "onward_lower", "onward_upper"]),
            status=pl.when(is_shared).then(_status(pl.col("from_authors"))).otherwise(pl.lit("count only")),
            from_half=pl.coalesce(_label(pl.col("from_date")), pl.lit("all")),
        )
        .drop("is_pooled", "to_date")
    )


def wilson(successes: pl.Expr, trials: pl.Expr, names: list[str]) -> list[pl.Expr]:
    """Give share, lower and upper end of its 95 % interval.

    Wilson (1927, Journal of the American Statistical Association 22, 209):
    (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n); null with fewer than LEAST_AUTHORS
    trials.
    """
    share = successes / trials
    scale = 1 + NORMAL_95**2 / trials
    middle = (share + NORMAL_95**2 / (2 * trials)) / scale
    half = NORMAL_95 * (share * (1 - share) / trials + NORMAL_95**2 / (4 * trials**2)).sqrt() / scale
    ends = [share, (middle - half).clip(0.0, 1.0), (middle + half).clip(0.0, 1.0)]
    return [
        pl.when(trials >= LEAST_AUTHORS).then(end).round(DECIMALS).alias(name)
        for end, name in zip(ends, names, strict=True)
    ]


def _move() -> pl.Expr:
    return (
        pl.when(pl.col("from_base") == NOBODY)
        .then(pl.lit("started"))
        .when(pl.col("to_base") == NOBODY)
        .then(pl.lit("stopped"))
        .when(pl.col("from_base") == pl.col("to_base"))
        .then(pl.lit("stayed"))
        .otherwise(pl.lit("moved"))
    )


def _is_unfinished(first_day: pl.Expr) -> pl.Expr:
    """Tell whether the half-year's last day lies after the end of the data."""
    return first_day.dt.offset_by("6mo") > pl.col("as_of_date").dt.offset_by("1d")


def _label(first_day: pl.Expr) -> pl.Expr:
    """Name a half-year by its first day: 2024-H2."""
    return pl.format("{}-H{}", first_day.dt.year(), first_day.dt.month() // 6 + 1)


def _status(trials: pl.Expr) -> pl.Expr:
    return (
        pl.when(trials < LEAST_AUTHORS)
        .then(pl.format("not estimable: {} authors; it takes {}", trials, pl.lit(LEAST_AUTHORS)))
        .when("is_illustration")
        .then(pl.format("illustration: {} authors in a partial list", trials))
        .otherwise(pl.lit("estimated"))
    )
