"""Axes of a still picture as Plotly makes them: from where to where, which ticks, and what stands at them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil, floor, log10
from typing import Any

from dashboards.language import Language
from dashboards.stills.allowed import Undrawable, number

_DAY = 86_400_000.0
_YEAR, _MONTH = 365.25 * _DAY, 365.25 * _DAY / 12
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
#: How near two ticks are at most, in pixels, and the least and the largest number of steps.
_LEAST_STEP = {"x": 80, "y": 40}
_FEWEST, _MOST = 4, 9
#: What is left free beyond a point, as a part of the axis.
_FREE = 0.05


@dataclass(frozen=True)
class Reach:
    """How far something reaches on an axis: to a value, some pixels beyond, and perhaps a twentieth more."""

    value: float
    before: float = 0
    after: float = 0
    is_free: bool = False


@dataclass(frozen=True)
class Tick:
    """A place on an axis with its words."""

    value: float
    text: str


@dataclass(frozen=True)
class Axis:
    """An axis, its ends in its own numbers: milliseconds of dates, decimal logarithms, places of words."""

    kind: str
    low: float
    high: float
    domain: tuple[float, float] = (0.0, 1.0)
    ticks: tuple[Tick, ...] = ()
    has_grid: bool = True
    has_labels: bool = True
    title: str = ""
    names: Mapping[str, int] = field(default_factory=dict)

    def at(self, value: Any) -> float | None:
        """Give the place of a value as a part of the whole drawing; None where it has none."""
        place = linear(value, self.kind, self.names)
        return None if place is None else self.along(place)

    def along(self, place: float) -> float:
        """Give the place of a number of the axis as a part of the whole drawing."""
        share = (place - self.low) / (self.high - self.low)
        return self.domain[0] + share * (self.domain[1] - self.domain[0])

    def holds(self, part: float) -> bool:
        """Whether a place lies within the axis."""
        return self.domain[0] - 1e-6 <= part <= self.domain[1] + 1e-6


def linear(value: Any, kind: str, names: Mapping[str, int]) -> float | None:
    """Give a value in the axis' own numbers."""
    if value is None:
        return None
    if kind == "category":
        return float(names[value]) if value in names else None
    if kind == "date":
        return _milliseconds(value)
    found = number(value)
    if kind != "log":
        return found
    return log10(found) if found > 0 else None


def _milliseconds(value: Any) -> float:
    if not isinstance(value, str):
        raise Undrawable(f"{value!r} is no date.")
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp() * 1000
    except ValueError:
        raise Undrawable(f"{value!r} is no date.") from None


def kind_of(options: Mapping[str, Any], values: Iterable[Any]) -> str:
    """Tell what an axis is of: numbers, their logarithms, dates or words."""
    if given := options.get("type"):
        if given not in ("linear", "log", "date", "category"):
            raise Undrawable(f"An axis is {given!r}.")
        return str(given)
    first = next((value for value in values if value is not None), 0)
    if not isinstance(first, str):
        return "linear"
    try:
        datetime.fromisoformat(first)
    except ValueError:
        return "category"
    return "date"


def make_axis(
    letter: str, options: Mapping[str, Any], values: Sequence[Any], reaches: Sequence[Reach],
    length: float, t: Language,
) -> Axis:  # fmt: skip
    """Make an axis of a length in pixels; without a range it takes in all that reaches somewhere on it."""
    kind = kind_of(options, values)
    names = named(kind, values)
    domain = tuple(number(end) for end in options.get("domain") or (0, 1))
    ends = options.get("range")
    if ends is None:
        low, high = _automatic(reaches, length, is_from_zero=options.get("rangemode") == "tozero")
    else:
        low, high = (_milliseconds(end) if kind == "date" else number(end) for end in ends)
    if not low < high:
        raise Undrawable("An axis runs backwards, or nowhere.")
    most = options.get("nticks") or max(_FEWEST, min(_MOST, length / _LEAST_STEP[letter])) + 1
    return Axis(
        kind, low, high, (domain[0], domain[1]), _ticks(most, options, kind, (low, high), names, t),
        options.get("showgrid") is not False, options.get("showticklabels") is not False,
        (options.get("title") or {}).get("text") or "", names,
    )  # fmt: skip


def named(kind: str, values: Iterable[Any]) -> dict[str, int]:
    """Give words their places in the order in which they come."""
    if kind != "category":
        return {}
    return {value: place for place, value in enumerate(dict.fromkeys(v for v in values if v is not None))}


# Ends ------------------------------------------------------------------------------------------------------


def _automatic(reaches: Sequence[Reach], length: float, *, is_from_zero: bool) -> tuple[float, float]:
    """Give the narrowest ends between which all has its room in pixels too, as Plotly looks for them."""
    if not reaches:
        raise Undrawable("Nothing stands on an axis.")
    free = _FREE * length
    lows: dict[float, float] = {}
    highs: dict[float, float] = {}
    for one in reaches:
        more = free if one.is_free else 0.0
        lows[one.before + more] = min(lows.get(one.before + more, one.value), one.value)
        highs[one.after + more] = max(highs.get(one.after + more, one.value), one.value)
    best, low, high = 0.0, (0.0, 0.0), (0.0, 0.0)
    for before, least in lows.items():
        for after, most in highs.items():
            room = length - before - after
            if room > length / 10 and (most - least) / room > best:
                best, low, high = (most - least) / room, (least, before), (most, after)
    if best == 0:
        raise Undrawable("All on an axis stands in one place.")
    if is_from_zero:
        low = (0.0, 0.0) if low[0] >= 0 else low
        high = (0.0, 0.0) if high[0] <= 0 else high
    step = (high[0] - low[0]) / (length - low[1] - high[1])
    return low[0] - step * low[1], high[0] + step * high[1]


# Ticks -----------------------------------------------------------------------------------------------------


def _ticks(
    most: float, options: Mapping[str, Any], kind: str, ends: tuple[float, float], names: Mapping[str, int],
    t: Language,
) -> tuple[Tick, ...]:  # fmt: skip
    """Give the ticks of an axis, about `most` of them where the figure does not say which."""
    if options.get("showticklabels") is False and options.get("showgrid") is False:
        return ()
    if kind == "category":
        return tuple(Tick(float(place), str(name)) for name, place in names.items())
    rough = (ends[1] - ends[0]) / most
    given = options.get("tickvals")
    step = options.get("dtick") if given is None else None
    if given is not None:
        step = _round_step(rough)
        texts = options.get("ticktext") or [_written(number(v), options, kind, step, ends) for v in given]
        found = [
            Tick(place, text) for value, text in zip(given, texts, strict=True)
            if (place := linear(value, kind, names)) is not None
        ]  # fmt: skip
    elif kind == "date":
        months = _months(step, rough)
        found = [Tick(value, text) for value, text in _dates(months, ends, options.get("tickformat"), t)]
    else:
        step = _log_step(step, rough) if kind == "log" else number(step) if step else _round_step(rough)
        first = ceil(ends[0] / step - 1e-6)
        values = [place * step for place in range(first, floor(ends[1] / step + 1e-6) + 1)]
        shown = [10.0 ** round(value) if kind == "log" else value for value in values]
        found = [
            Tick(value, _written(one, options, kind, step, ends))
            for value, one in zip(values, shown, strict=True)
        ]
    slack = 1e-6 * (ends[1] - ends[0])
    return tuple(tick for tick in found if ends[0] - slack <= tick.value <= ends[1] + slack)


def _round_step(rough: float) -> float:
    """Give the first round number from a rough one on; Plotly has no step of just one."""
    power = 10.0 ** floor(log10(rough))
    return next(step * power for step in (2, 5, 10) if step * power >= rough)


def _log_step(given: Any, rough: float) -> float:
    """Give a step of whole powers of ten; what Plotly does between them is not done here."""
    step = number(given) if given else float(ceil(rough)) if rough > 0.7 else 0.0
    if step < 1:
        raise Undrawable("A logarithmic axis has ticks between the powers of ten.")
    return step


def _months(given: Any, rough: float) -> int:
    if given is not None:
        if isinstance(given, str) and given.startswith("M") and given[1:].isdigit():
            return int(given[1:])
        raise Undrawable(f"Dates have steps of {given!r}.")
    if 2 * rough > _YEAR:
        return round(12 * _round_step(rough / _YEAR))
    if 2 * rough > _MONTH:
        return next((months for months in (1, 2, 3, 6, 12) if months >= rough / _MONTH), 12)
    raise Undrawable("Dates have ticks within a month.")


def _dates(
    months: int, ends: tuple[float, float], form: str | None, t: Language
) -> Iterable[tuple[float, str]]:
    first, last = (datetime.fromtimestamp(end / 1000, UTC).year for end in ends)
    for month in range(12 * 2000, 12 * (last + 1)):
        if (month - 12 * 2000) % months or month < 12 * first:
            continue
        when = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
        yield when.timestamp() * 1000, _date_text(when, months, form, t)


def _date_text(when: datetime, months: int, form: str | None, t: Language) -> str:
    if form is not None:
        if form.replace("%Y", "").replace("%y", "").count("%"):
            raise Undrawable(f"Dates are written as {form!r}.")
        return form.replace("%Y", str(when.year)).replace("%y", f"{when.year % 100:02d}")
    if months % 12 == 0:
        return f"{when.year}年" if t.code == "zh" else str(when.year)
    if t.code == "zh":
        return f"{when.year}年{when.month}月"
    return f"{_MONTHS[when.month - 1]} {when.year}"


def _written(
    value: float, options: Mapping[str, Any], kind: str, step: float, ends: tuple[float, float]
) -> str:
    """Write a number at a tick as Plotly does, with what stands before and after it."""
    form = options.get("tickformat")
    if form is not None:
        text = _formatted(value, form)
    elif kind == "log":
        text = _with_unit(value, 4)
    else:
        text = _plain_number(value, step, ends)
    whole = f"{options.get('tickprefix') or ''}{text}{options.get('ticksuffix') or ''}"
    return whole.replace("-", "−")


def _formatted(value: float, form: str) -> str:
    if form == ".0%":
        return f"{100 * value:.0f}%"
    if form in (",d", ",") and abs(value - round(value)) < 1e-9:
        return f"{value:,.0f}"
    if form == "~s" and value >= 1:
        return _with_unit(value, 3).replace("B", "G")
    raise Undrawable(f"Numbers are written as {form!r}.")


def _with_unit(value: float, least: int) -> str:
    """Write a number from a power of ten on in thousands, millions or billions."""
    power = floor(log10(value) + 1e-9)
    if not -3 <= power < 12:
        raise Undrawable("A number is too large or too small for a tick.")
    if power < least:
        return f"{value:g}"
    size, unit = next((size, unit) for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")) if value >= size)
    return f"{value / size:g}{unit}"


def _plain_number(value: float, step: float, ends: tuple[float, float]) -> str:
    """Write a number without a form of its own: all of an axis in one unit where its ends are large."""
    power = floor(log10(max(abs(end) for end in ends)) + 0.01)
    if power > 11 or power < -3:
        raise Undrawable("Numbers are too large or too small for a tick.")
    size, unit = 1.0, ""
    if power > 3:
        groups = round((power - 1) / 3)
        size, unit = 1000.0**groups, "kMB"[groups - 1]
    places = max(0, 2 - floor(log10(step / size) + 0.01))
    text = f"{value / size:.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{'0' if text == '-0' else text}{unit}" if float(text) else "0"
