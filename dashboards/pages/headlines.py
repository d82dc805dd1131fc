"""The headlines as people quote them: cards with change, bounds, coverage and a sentence to copy.

Other pages show them too: `cards(release, t, "generative_language")`. Here: rows of marts.headlines in, cards
out. Not here: queries, and the page of vintages to which each card leads.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import polars as pl

from dashboards.data import overview
from dashboards.data.release import Release
from dashboards.figures.growth import GROWING
from dashboards.language import Language
from dashboards.pages.page import Card, CardGroup, Quote
from dashboards.words import cut, cut_end, sentence

#: The universe of the numbers of the whole Hub.
HUB = "whole-hub"

#: The order in which they are told; a headline that is not here comes after them.
ORDER = (
    "dependent_share", "openai_meta_share", "organizations_carrying_half", "hub_models",
    "hub_growth_per_week", "hub_doubling_days",
)  # fmt: skip

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Row = dict[str, Any]


def cards(
    release: Release, t: Language, universe: str, only: Iterable[str] | None = None, title: str = ""
) -> CardGroup:
    """Make the cards of one universe (or HUB), of all its headlines or only of those that are named."""
    found = overview.numbers(release).filter(pl.col("universe") == universe)
    paces, rows = paces_of(release), in_order(found)
    if only is not None:
        rows = [row for name in only for row in rows if row["headline"] == name]
    return CardGroup(title or group_title(t, universe), [card(t, row, paces) for row in rows])


def group_title(t: Language, universe: str) -> str:
    """Name a universe as a heading."""
    return t("headlines.whole_hub") if universe == HUB else sentence(t.universe(universe))


def paces_of(release: Release) -> Row:
    """Give what the numbers of the Hub stand on: the newest span, the one before it, and the fitted line."""
    growth = overview.hub_growth(release)
    fit = overview.hub_growth_fit(release).filter(pl.col("growth_pct_per_week").is_not_null())
    newest = growth.row(-1, named=True) if growth.height else None
    before = chain(growth)[-2:-1]
    return {
        "newest": newest,
        "before": before[0] if before else None,
        "fit": fit.row(0, named=True) if fit.height else None,
    }


def chain(growth: pl.DataFrame) -> list[Row]:
    """Pick the spans that follow each other without overlap, ending with the newest one."""
    rows = growth.sort("to_date", "from_date").rows(named=True)
    picked = rows[-1:]
    for row in reversed(rows[:-1]):
        if row["to_date"] <= picked[0]["from_date"]:
            picked.insert(0, row)
    return picked


def in_order(frame: pl.DataFrame) -> list[Row]:
    """Give headlines as they are told: generative language, the Hub, and all models beside."""
    universes = ("generative_language", HUB)
    return sorted(
        frame.rows(named=True),
        key=lambda row: (
            universes.index(row["universe"]) if row["universe"] in universes else len(universes),
            row["universe"],
            ORDER.index(row["headline"]) if row["headline"] in ORDER else len(ORDER),
        ),
    )


def card(t: Language, row: Row, paces: Row) -> Card:
    """Make a headline into a card; a number with bounds shows both, for neither alone is the number."""
    lower, upper = (row["value"], row["value"]) if row["lower"] is None else (row["lower"], row["upper"])
    return Card(
        value=value_text(t, row),
        exact=t.range(t.exact(lower), t.exact(upper)),
        label=label_text(t, row),
        lines=[_bounds(t, row, paces), *facts(t, row)],
        change=change_text(t, row, paces),
        quote=quote(t, row, paces),
    )


def _writers(t: Language) -> dict[str, Callable[[float], str]]:
    return {
        "share": t.percent,
        "models": t.count,
        "days": t.days,
        "organizations": t.exact,
        "percent_per_week": lambda number: t("headlines.percent", number=f"{number:.2f}"),
    }


def written(t: Language, unit: str, number: float) -> str:
    """Write a number in a headline's unit."""
    return _writers(t).get(unit, t.exact)(number)


def value_text(t: Language, row: Row) -> str:
    """Write a headline's number, or its bounds where what is unknown makes them."""
    if not row["is_told"]:
        return t("headlines.not_told")
    if row["unit"] == "percent_per_week" or row["lower"] is None or row["upper"] is None:
        return written(t, row["unit"], row["value"])
    return ends_text(t, row["unit"], row["lower"], row["upper"])


def span_text(t: Language, row: Row) -> str:
    """Write a headline's number with its bounds, whatever makes them."""
    text = value_text(t, row)
    if row["unit"] != "percent_per_week" or row["lower"] is None:
        return text
    return t("headlines.within", value=text, range=ends_text(t, row["unit"], row["lower"], row["upper"]))


def ends_text(t: Language, unit: str, lower: float, upper: float) -> str:
    """Write bounds; the unit stands once, but for shares, where an end may be `over 99.9 %`."""
    first = {"days": lambda: t.exact(round(lower)), "percent_per_week": lambda: f"{lower:.2f}"}.get(unit)
    texts = written(t, unit, lower), written(t, unit, upper)
    return t.range(first() if first and texts[0] != texts[1] else texts[0], texts[1])


def name_text(t: Language, headline: str) -> str:
    """Name a headline in a few words."""
    return t.or_else(f"headlines.names.{headline}", headline.replace("_", " "))


def label_text(t: Language, row: Row) -> str:
    """Say what the number is, as it follows the number."""
    key = f"headlines.labels.{row['headline']}"
    if not t.has(key):
        return str(row["headline"]).replace("_", " ")
    return t(key, n=round(row["upper"] or row["value"]))


def facts(t: Language, row: Row) -> list[str]:
    """Say of which day a number is, of what, of which list, and how complete that is."""
    lines = [t("headlines.as_of", day=row["as_of_date"])]
    lines.append(t("headlines.of", denominator=denominator_text(t, row)))
    if row["scope"] != HUB:
        lines.append(t("headlines.population", scope=population_text(t, row)))
    lines.append(t("headlines.covered", coverage=coverage_text(t, row)))
    return lines


def population_text(t: Language, row: Row) -> str:
    """Name the list of a number, and say where it is only a part of the Hub."""
    scope = cut_end(t.scope(row["scope"], row["title"]), 120)
    return t("headlines.part", scope=scope) if row["is_whole_population"] is False else scope


def coverage_text(t: Language, row: Row) -> str:
    """Say of how many models a number is, and of how much of their downloads what it asks is known."""
    if row["scope"] == HUB:
        return t("headlines.coverage.hub")
    if row["models"] is None:
        return t("common.not_known")
    key, unknown = f"headlines.coverage.{row['headline']}", _unknown_share(row)
    if unknown is None or not t.has(key):
        return t("common.models", n=round(row["models"]))
    return t(key, n=round(row["models"]), share=t.percent(1 - unknown))


def _unknown_share(row: Row) -> float | None:
    """Give the part of the downloads that makes the bounds of a share, or that has no known origin."""
    if row["unit"] == "share" and row["lower"] is not None:
        return float(row["upper"] - row["lower"])
    unknown: float | None = row["unknown_origin_share"]
    return unknown


def _bounds(t: Language, row: Row, paces: Row) -> str:
    """Say how sure the number is, and of what the bounds are."""
    if row["unit"] == "organizations" and row["lower"] == row["upper"]:
        return t("headlines.same_bounds")
    if row["headline"] == "hub_growth_per_week" and row["lower"] is not None:
        ends = ends_text(t, row["unit"], row["lower"], row["upper"])
        return t.joined(t(f"headlines.bounds.{row['headline']}", range=ends), _fit(t, row, paces))
    if row["headline"] == "hub_doubling_days":
        return _fit(t, row, paces) or _no_interval(t, row)
    if row["lower"] is None:
        return _no_interval(t, row)
    return t.or_else(f"headlines.bounds.{row['headline']}", t("headlines.bounds.other"))


def _no_interval(t: Language, row: Row) -> str:
    return t.or_else(f"headlines.no_interval.{row['headline']}", t("headlines.no_interval.other"))


def _fit(t: Language, row: Row, paces: Row) -> str:
    """Say what the line through the newest totals gives for growth or doubling, with its interval."""
    fit, stem = paces["fit"], {"percent_per_week": "growth", "days": "doubling"}[row["unit"]]
    names = {
        "growth": ("growth_pct_per_week", "growth_lower_pct", "growth_upper_pct"),
        "doubling": ("doubling_days", "doubling_lower_days", "doubling_upper_days"),
    }[stem]
    if fit is None or any(fit[name] is None for name in names):
        return ""
    value, lower, upper = (fit[name] for name in names)
    return t(
        "headlines.fit", n=fit["reports"], day=t.short_day(fit["from_date"]),
        value=written(t, row["unit"], value), range=ends_text(t, row["unit"], lower, upper),
    )  # fmt: skip


def denominator_text(t: Language, row: Row) -> str:
    """Say of what a number is, in the language of the page; other words than the catalogue's stay as told."""
    told, universe = row["denominator"], t.universe(row["universe"])
    slug = re.sub(r"[^a-z]+", "_", _DAY.sub("", told.lower())).strip("_")
    days = [t.short_day(date.fromisoformat(day)) for day in _DAY.findall(told)]
    key = f"headlines.denominators.{slug}"
    if not t.has(key):
        return t("headlines.denominators.other", denominator=cut_end(told, 120), universe=universe)
    return t(key, universe=universe, **dict(zip(("from", "to"), days, strict=False)))


# Change ----------------------------------------------------------------------------------------------------


def change_text(t: Language, row: Row, paces: Row) -> str:
    """Say how the number changed: against another vintage of the same day, else an earlier day or span."""
    if row["is_revision"] and row["previous_value"] is not None:
        return t("headlines.change.revised", value=previous_text(t, row))
    earlier = earlier_of(row, paces)
    if earlier is None:
        return t("headlines.change.none" if row["scope"] != HUB else "headlines.change.none_hub")
    since = t.short_day(earlier["to"])
    if row["unit"] == "models":
        return t("headlines.change.more", value=signed(t.count, row["value"] - earlier["value"]), day=since)
    if row["unit"] == "share" and earlier["lower"] is not None and row["lower"] is not None:
        ends = [_points(row[end] - earlier[end]) for end in ("lower", "upper")]
        return t("headlines.change.points", lower=ends[0], upper=ends[1], day=since)
    before = value_text(t, {**row, **earlier})
    if earlier["from"] is not None:
        return t("headlines.change.span", value=before, start=t.short_day(earlier["from"]), day=since)
    return t("headlines.change.before", value=before, day=since)


def previous_text(t: Language, row: Row) -> str:
    """Write what an earlier vintage of the same number said, with its bounds."""
    ends = {name: row[f"previous_{name}"] for name in ("value", "lower", "upper")}
    return span_text(t, {**row, **ends})


def earlier_of(row: Row, paces: Row) -> Row | None:
    """Find the comparable figure: an earlier day of the same population, for the Hub the span before."""
    if row["earlier_date"] is not None:
        ends = {name: row[f"earlier_{name}"] for name in ("value", "lower", "upper")}
        return {**ends, "from": None, "to": row["earlier_date"]}
    before, newest = paces["before"], paces["newest"]
    columns = {"hub_growth_per_week": "growth_pct_per_week", "hub_doubling_days": "doubling_days"}
    if row["headline"] == "hub_models" and newest is not None:
        return _hub_figure(newest["from_models"], None, newest["from_date"])
    if before is None or row["headline"] not in columns or before[columns[row["headline"]]] is None:
        return None
    if row["headline"] == "hub_doubling_days" and before["regime"] not in GROWING:
        return None
    return _hub_figure(before[columns[row["headline"]]], before["from_date"], before["to_date"])


def _hub_figure(value: float, start: date | None, end: date) -> Row:
    return {"value": value, "lower": None, "upper": None, "from": start, "to": end}


def signed(write: Callable[[float], str], number: float) -> str:
    """Write a difference with its sign."""
    return f"{'+' if number > 0 else '−' if number < 0 else '±'}{write(abs(number))}"


def _points(share: float) -> str:
    return signed(lambda number: f"{number:.1f}", round(100 * share, 1))


# Quotes ----------------------------------------------------------------------------------------------------


def anchor(row: Row) -> str:
    """Give the place of a vintage on the page of changes; it never changes."""
    parts = (row["headline"], row["universe"], row["as_of_date"].isoformat(), row["scope"])
    return re.sub(r"[^a-z0-9]+", "-", "-".join((*parts, f"v{row['vintage']}")).lower()).strip("-")


def quote(t: Language, row: Row, paces: Row) -> Quote:
    """Give the sentence to copy, the address of its vintage, and what it does not mean."""
    is_kept = row["vintage"] is not None
    address = t.address(f"changes.html#{anchor(row) if is_kept else 'vintages'}")
    return Quote(
        sentence=t.joined(_claim(t, row, paces), _source(t, row, address)),
        address=address,
        not_meant=_not_meant(t, row),
    )


def _not_meant(t: Language, row: Row) -> str:
    text = t.or_else(f"headlines.not_meant.{row['headline']}", t("headlines.not_meant.other"))
    grows = row["headline"] == "hub_growth_per_week" and _grows(row)
    return t.joined(text, t("headlines.not_meant.hub_growth_lower") if grows else "")


def _grows(row: Row) -> bool:
    """Whether a growth is sure: its lower bound, where it has one, is above zero."""
    return bool((row["value"] if row["lower"] is None else row["lower"]) > 0)


def _claim(t: Language, row: Row, paces: Row) -> str:
    key = f"headlines.sentences.{row['headline']}"
    if row["headline"] == "hub_growth_per_week" and not _grows(row):
        key = "headlines.sentences.hub_change_per_week"
    scope = cut_end(t.scope(row["scope"], row["title"]), 120)
    values = {
        "value": value_text(t, row),
        "day": row["as_of_date"],
        "list": t.model_list(row["scope"], scope, row["as_of_date"]),
        "universe": t.universe(row["universe"]),
    }
    newest, fit = paces["newest"], ""
    if row["scope"] == HUB and newest is not None:
        values |= {"from": t.day(newest["from_date"]), "to": t.day(newest["to_date"])}
        fit = _fit(t, row, paces) if row["unit"] in ("days", "percent_per_week") else ""
    if row["headline"] == "hub_models":
        values["value"] = t.exact(row["value"])
    if row["headline"] == "hub_growth_per_week" and row["lower"] is not None:
        values["range"] = ends_text(t, row["unit"], row["lower"], row["upper"])
    if not t.has(key) or (row["scope"] == HUB and newest is None):
        label = label_text(t, row)
        return t("headlines.sentences.other", label=label, **values)
    if row["headline"] == "organizations_carrying_half":
        kind = "same" if row["lower"] == row["upper"] else "differ"
        values["clause"] = t(f"headlines.clauses.{kind}")
    return t.joined(t(key, n=round(row["upper"] or row["value"]), **values), fit)


def _source(t: Language, row: Row, address: str) -> str:
    if row["vintage"] is None:
        return t("headlines.source.unkept")
    values = {"vintage": row["vintage"], "day": t.short_day(row["published_as_of_date"])}
    if not t.site_url:
        return t("headlines.source.relative", **values)
    return t("headlines.source.absolute", address=cut(address, 400), **values)
