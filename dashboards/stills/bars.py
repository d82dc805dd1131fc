"""Bars of a still picture: upright or lying, stacked, hatched, with text in their middle."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import sqrt

from dashboards.stills.allowed import Undrawable, colour, number
from dashboards.stills.axes import Axis, linear
from dashboards.stills.marks import (
    DIGIT,
    FONT,
    Parts,
    each,
    faint,
    pixels,
    rectangle,
    values,
    within,
    written,
)
from dashboards.stills.text import LINE, MIDDLE, digits_wide, lines


class Bars:
    """Where the bars of a figure stand, in the numbers of its axes; stacked ones on those before them."""

    def __init__(self, data: Sequence[Parts], barmode: str | None) -> None:
        """Take the traces of a figure."""
        self.traces = [trace for trace in data if trace.get("type") == "bar"]
        if len({trace.get("orientation") for trace in self.traces}) > 1:
            raise Undrawable("Some bars stand and some lie.")
        if len(self.traces) > 1 and barmode not in ("stack", "overlay"):
            raise Undrawable("Bars stand side by side.")
        self.is_lying = any(trace.get("orientation") == "h" for trace in self.traces)
        self.across, self.along = ("y", "x") if self.is_lying else ("x", "y")
        self._is_stacked = barmode == "stack"

    def spans(self, trace: Parts, kind: str, names: Mapping[str, int]) -> list[tuple[float, ...] | None]:
        """Give the two ends of each bar across and the two along."""
        bases: dict[float, float] = {}
        found: list[tuple[float, ...] | None] = []
        for earlier in self.traces:
            found = []
            for place, (at, value) in enumerate(
                zip(values(earlier, self.across), values(earlier, self.along), strict=True)
            ):
                middle = linear(at, kind, names)
                if middle is None or value is None:
                    found.append(None)
                    continue
                if self._is_stacked and number(value) < 0:
                    raise Undrawable("A stack has a bar below zero.")
                base = bases.get(middle, 0.0) if self._is_stacked else 0.0
                bases[middle] = base + number(value)
                half = self._width(earlier, place, kind, names) / 2
                found.append((middle - half, middle + half, base, base + number(value)))
            if earlier is trace:
                break
        return found

    def _width(self, trace: Parts, place: int, kind: str, names: Mapping[str, int]) -> float:
        given = each(trace.get("width"), place)
        if given is not None:
            return number(given)
        places = {linear(at, kind, names) for one in self.traces for at in values(one, self.across)}
        known = sorted(at for at in places if at is not None)
        nearest = min((b - a for a, b in pairwise(known)), default=1.0)
        return 0.8 * nearest


def bars(trace: Parts, made: Bars, x: Axis, y: Axis, size: tuple[float, float], name: str) -> str:
    """Draw a trace of bars; `size` is that of the whole drawing in pixels, `name` unlike any other's."""
    axis, other = (y, x) if made.is_lying else (x, y)
    marker = trace.get("marker") or {}
    if other.kind != "linear" or (marker.get("line") or {}).get("width") or faint(trace):
        raise Undrawable("Bars have a scale, an edge or an opacity that is not drawn.")
    drawn, texts, defined = "", "", dict[str, None]()
    for place, span in enumerate(made.spans(trace, axis.kind, axis.names)):
        if span is None or span[2] == span[3]:
            continue
        low, high = (within(axis, axis.along(end)) for end in span[:2])
        begin, end = sorted(within(other, other.along(end)) for end in span[2:])
        left, right, foot, top = (begin, end, low, high) if made.is_lying else (low, high, begin, end)
        paint, pattern = paint_of_bar(marker, place, name)
        defined[pattern] = None
        drawn += rectangle(left, right, foot, top, f' fill="{paint}"', size)
        if text := each(trace.get("text"), place):
            room = ((right - left) * size[0], (top - foot) * size[1])
            texts += _inside(trace, str(text), ((left + right) / 2, (foot + top) / 2), room)
    return f"{''.join(defined)}<g{faint(marker)}>{drawn}</g>{texts}" if drawn else ""


def paint_of_bar(marker: Parts, place: int, name: str) -> tuple[str, str]:
    """Give what a bar is filled with, and what has to be defined for it."""
    own = colour(each(marker.get("color"), place))
    pattern = marker.get("pattern") or {}
    if not pattern.get("shape"):
        return own, ""
    if pattern["shape"] != "/":
        raise Undrawable(f"Bars have the pattern {pattern['shape']!r}.")
    size = number(pattern.get("size", 8))
    side, wide = size * sqrt(2), size * number(pattern.get("solidity", 0.3))
    quarter = side / 4
    path = (
        f"M-{pixels(quarter)} {pixels(quarter)}l{pixels(2 * quarter)} -{pixels(2 * quarter)}"
        f"M0 {pixels(side)}L{pixels(side)} 0"
        f"M{pixels(3 * quarter)} {pixels(5 * quarter)}l{pixels(2 * quarter)} -{pixels(2 * quarter)}"
    )
    name = f"{name}-{own[1:]}"
    return f"url(#{name})", (
        f'<pattern id="{name}" width="{pixels(side)}" height="{pixels(side)}" patternUnits="userSpaceOnUse">'
        f'<path d="{path}" fill="none" stroke="{own}" stroke-width="{pixels(wide)}"/></pattern>'
    )


def _inside(trace: Parts, text: str, middle: tuple[float, float], room: tuple[float, float]) -> str:
    """Write in the middle of a bar, smaller where it would not go in, as Plotly does."""
    if (trace.get("textposition"), trace.get("insidetextanchor"), trace.get("textangle")) != (
        "inside",
        "middle",
        0,
    ):
        raise Undrawable("The text of a bar stands elsewhere than in its middle.")
    font = trace.get("textfont") or {}
    size = number(font.get("size", FONT))
    heavy = 1.12 if number(font.get("weight", 400)) > 500 else 1
    shown = lines(text)
    wide, high = digits_wide(text) * DIGIT / FONT * size * heavy, size * (1.2 + LINE * (len(shown) - 1))
    scale = min(1.0, (room[0] - 6) / wide, (room[1] - 6) / high)
    if scale * size < 5:  # nobody reads it
        return ""
    size *= scale
    return written(
        *middle, shown, anchor="middle", down=size * (MIDDLE - LINE * (len(shown) - 1) / 2),
        font={**font, "size": size},
    )  # fmt: skip
