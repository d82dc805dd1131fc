"""How large and how complete a list is, in words, and what a CSV says of it."""

from datetime import date

from dashboards.data.common import ModelList
from dashboards.data.exposure import ExposedList
from dashboards.language import Language
from dashboards.words import cut_end

#: Longer titles are cut at their end.
_LONGEST_TITLE = 90


def telling(t: Language, models: int | None, told: int | None, weight: str = "downloads_30d") -> str:
    """Say in a sentence how many models tell a counter; nothing where all do, or it is no counter."""
    key = f"lists.telling.{weight}"
    if models is None or told is None or told == models or not t.has(key):
        return ""
    return t(key, n=models, told=told)


def option(t: Language, when: date, title: str, models: int | None, told: int | None) -> str:
    """Name a list where one is chosen: day, population, size, and of how many it tells downloads."""
    named = {"day": t.short_day(when), "title": cut_end(title, _LONGEST_TITLE)}
    if models is None or told is None or (told == models and t.exact(models) in title):
        return t("lists.option", **named)
    key = "all" if told == models else "part" if told else "none"
    return t("lists.sized", size=t(f"lists.size.{key}", n=models, told=told), **named)


def denominator(t: Language, weight: str, total: float) -> str:
    """Write what a share is of: downloads with three figures, models and derivatives whole."""
    return t.count(total) if weight == "downloads_30d" else t.exact(round(total))


def context(one: ModelList | ExposedList, **same: str) -> dict[str, str | date | None]:
    """Give what the CSV of a figure of one list carries beside its rows: the list, and `same`."""
    return {"scope": one.scope, "as_of_date": one.snapshot_date, **same}
