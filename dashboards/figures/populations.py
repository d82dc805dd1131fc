"""Of which population a figure is: the last columns of its CSV, and words for several lists together.

Here: what figures of rows of a list say in the same way. Not here: a list that was chosen beforehand (lists),
and how a single list is named (language).
"""

from datetime import date
from typing import Any

import polars as pl

from dashboards.language import Language


def context(row: dict[str, Any], *columns: str) -> dict[str, str | date | None]:
    """Give series, list and day of a row, for all rows of its figure; or the columns that are named."""
    return {name: row[name] for name in columns or ("series", "scope", "as_of_date")}


def lists_words(rows: pl.DataFrame, t: Language) -> str:
    """Say how many lists the rows are of, from when to when, and whether these are partial."""
    lists = rows.select("scope", "as_of_date", "is_illustration").unique()
    days = lists["as_of_date"].to_list()
    partial = lists.filter("is_illustration").height
    kind = "whole" if not partial else "partial" if partial == lists.height else "mixed"
    return t(
        f"explosion.lists.{kind}", n=lists.height, partial=partial,
        days=t.range(t.short_day(min(days)), t.short_day(max(days))),
    )  # fmt: skip


def day_words(day: date | None, t: Language) -> str:
    """Write the day of lists or of a register, if there is one."""
    return t.day(day) if day else t("common.no_date")
