"""The reasons that the tables give for an estimate that is not there, in the language of the page.

A table says `not estimable: 6 with a date in a partial list`; the catalogue has the sentence under the same
words, with places `first`, `second` ... for the numbers and days in it.
"""

import re
from collections.abc import Iterable
from datetime import date

import polars as pl

from dashboards.language import Language
from dashboards.words import sentence

_NUMBER = re.compile(r"\d{4}-\d{2}-\d{2}|\d+")
_PLACES = ("first", "second", "third")


def reason(t: Language, topic: str, status: str | None) -> str:
    """Say a status in words; one that the catalogue does not know stands as the table gives it."""
    if not status:
        return ""
    key = f"{topic}.status.{_slug(status)}"
    if not t.has(key):
        return status
    numbers = _NUMBER.findall(status)
    return t(key, **{place: _written(t, number) for place, number in zip(_PLACES, numbers, strict=False)})


def _slug(status: str) -> str:
    words = _NUMBER.sub(" n ", status.lower())
    return re.sub(r"[^a-z]+", "_", words).strip("_")


def _written(t: Language, number: str) -> str:
    return t.short_day(date.fromisoformat(number)) if "-" in number else t.exact(int(number))


def spoken(column: str, topic: str, t: Language) -> pl.Expr:
    """Put the words of a table of texts in place of a column's names; others stand as they are."""
    return pl.col(column).map_elements(lambda one: t.or_else(f"{topic}.{one}", one), return_dtype=pl.String)


def reasoned(column: str, topic: str, t: Language) -> pl.Expr:
    """Put the words of statuses in place of a column's."""
    return pl.col(column).map_elements(lambda one: reason(t, topic, one), return_dtype=pl.String)


def reasons(t: Language, topic: str, statuses: Iterable[str | None]) -> str:
    """Say several statuses, each once and as a sentence."""
    told = dict.fromkeys(reason(t, topic, status) for status in statuses)
    return t.joined(*(sentence(words) + t("common.stop") for words in told if words))
