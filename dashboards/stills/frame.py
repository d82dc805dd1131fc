"""What is decided about a still picture before anything is drawn: axes, margins and rows of the legend."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dashboards.language import Language
from dashboards.stills.allowed import Undrawable, number, require_known
from dashboards.stills.axes import Axis, kind_of, make_axis, named
from dashboards.stills.bars import Bars
from dashboards.stills.marks import DIGIT, FONT, values
from dashboards.stills.reach import reaches
from dashboards.stills.text import digits_wide

#: Margins of the template (dashboards/theme.py), and the room that Plotly leaves beside what lies in them.
_MARGINS = {"l": 8, "r": 16, "t": 8, "b": 8}
_ROOM = 8
#: Pixels that a drawing needs at least.
_LEAST = 20
#: Height of a line of tick labels and of one of the legend; room of an axis' title; width of a sign in it.
_LABEL, ROW, _TITLE, SWATCH = 17, 16.9, 16, 40


@dataclass(frozen=True)
class Margins:
    """Room around the drawing in pixels; left and right also in widths of a digit, which differ by font."""

    top: float
    bottom: float
    left: tuple[float, float]
    right: tuple[float, float]

    def inner(self, width: float, height: float) -> tuple[float, float]:
        """Give what they leave of a picture."""
        across = sum(digits * DIGIT + more for digits, more in (self.left, self.right))
        return width - across, height - self.top - self.bottom


@dataclass(frozen=True)
class Frame:
    """A figure in one width, with all that is decided about its drawing."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    width: float
    margins: Margins
    x: Axis
    y: Axis
    columns: int

    @property
    def height(self) -> float:
        """Give the height of the whole picture in pixels."""
        return number(self.layout["height"])

    @property
    def inner(self) -> tuple[float, float]:
        """Give width and height of the drawing within its margins, in pixels."""
        return self.margins.inner(self.width, self.height)


def make_frame(data: list[dict[str, Any]], layout: dict[str, Any], width: float, t: Language) -> Frame:
    """Decide how a figure is drawn in a width; raises Undrawable where Plotly alone can do it."""
    layout = {name: value for name, value in layout.items() if name != "template"}
    require_known(data, layout)
    if not data:
        raise Undrawable("Nothing is drawn.")
    given = {side: number(value) for side, value in (_MARGINS | (layout.get("margin") or {})).items()}
    margins = Margins(given["t"], given["b"], (0, given["l"]), (0, given["r"]))
    height = number(layout["height"])
    for _ in range(3):  # ticks depend on the room, and the room on the ticks
        wide, high = margins.inner(width, height)
        if min(wide, high) < _LEAST:
            raise Undrawable("Labels leave no room for a drawing.")
        x, y = _axes(data, layout, (wide, high), t)
        columns = _columns(data, layout, wide)
        margins = _margins(data, layout, given, (x, y), (wide, height), columns)
    _require_apart(x, layout, wide)
    return Frame(data, layout, width, margins, x, y, columns)


def _axes(
    data: list[dict[str, Any]], layout: dict[str, Any], size: tuple[float, float], t: Language
) -> tuple[Axis, Axis]:
    made = Bars(data, layout.get("barmode"))
    found = []
    for letter, length in zip("xy", size, strict=True):
        options = layout.get(f"{letter}axis") or {}
        all_values = [value for trace in data for value in values(trace, letter)]
        kind = kind_of(options, all_values)
        reached = reaches(letter, kind, named(kind, all_values), data, layout, made)
        domain = options.get("domain") or (0, 1)
        long = length * (number(domain[1]) - number(domain[0]))
        found.append(make_axis(letter, options, all_values, reached, long, t))
    return found[0], found[1]


def in_legend(data: list[dict[str, Any]], layout: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the traces that the legend names."""
    if layout.get("showlegend") is None and len(data) > 1:
        raise Undrawable("Plotly would choose whether there is a legend.")
    if not layout.get("showlegend"):
        return []
    if layout.get("barmode") == "stack" and (layout.get("legend") or {}).get("traceorder") != "normal":
        raise Undrawable("The legend of a stack runs backwards.")
    told = [trace for trace in data if trace.get("showlegend") is not False]
    groups = [trace["legendgroup"] for trace in told if trace.get("legendgroup")]
    if len(groups) > len(set(groups)) or any(not trace.get("name") for trace in told):
        raise Undrawable("The legend has groups, or traces without a name.")
    if any(re.search(r"<(?!br>)", trace["name"]) for trace in told):
        raise Undrawable("A name in the legend holds more than text.")
    return told


def _columns(data: list[dict[str, Any]], layout: dict[str, Any], width: float) -> int:
    """Give the number of columns of the legend: all in one row, or as many of the widest as fit."""
    wide = [digits_wide(trace["name"]) * DIGIT + SWATCH + 5 for trace in in_legend(data, layout)]
    if not wide or sum(wide) <= width:
        return len(wide)
    return max(1, int(width // max(wide)))


def row_gap(told: list[dict[str, Any]]) -> float:
    """Give the room between two rows of the legend; groups stand further apart."""
    return 3.1 + 10 * any(trace.get("legendgroup") for trace in told)


def rows_high(told: list[dict[str, Any]], columns: int) -> float:
    """Give the height of all rows of the legend."""
    tall: list[float] = [ROW * (1 + trace["name"].count("<br>")) for trace in told]
    rows = [max(tall[first : first + columns]) for first in range(0, len(tall), columns)]
    return sum(rows) + row_gap(told) * (len(rows) - 1) + 3.1


def _margins(
    data: list[dict[str, Any]], layout: dict[str, Any], given: dict[str, float], axes: tuple[Axis, Axis],
    size: tuple[float, float], columns: int,
) -> Margins:  # fmt: skip
    x, y = axes
    wide, height = size
    bottom, left, right = given["b"], (0.0, given["l"]), (0.0, given["r"])
    if y.has_labels and y.ticks:
        widest = max(digits_wide(tick.text) for tick in y.ticks) * scale_of(layout, "y")
        left = max(left, (widest, 1 + _ROOM + _TITLE * bool(y.title)), key=_long)
    if x.has_labels and x.ticks:
        tall = max(tick.text.count("<br>") for tick in x.ticks)
        bottom = max(bottom, _LABEL * scale_of(layout, "x") * (tall + 1) + _ROOM + _TITLE * bool(x.title))
        for tick in x.ticks:
            half, at = digits_wide(tick.text) / 2 * scale_of(layout, "x"), x.along(tick.value) * wide
            left = max(left, (half, _ROOM - at), key=_long)
            right = max(right, (half, _ROOM - (wide - at)), key=_long)
    top = given["t"]
    if columns:
        above = number((layout.get("legend") or {}).get("y", 1)) - 1
        needed = rows_high(in_legend(data, layout), columns) + 10 + _ROOM
        top = max(top, (needed + above * (height - bottom)) / (1 + above))
    return Margins(top, bottom, left, right)


def _long(part: tuple[float, float]) -> float:
    return part[0] * DIGIT + part[1]


def scale_of(layout: dict[str, Any], letter: str) -> float:
    """Give how large the labels of an axis are beside the other text."""
    font = (layout.get(f"{letter}axis") or {}).get("tickfont") or {}
    return number(font.get("size", FONT)) / FONT


def _require_apart(x: Axis, layout: dict[str, Any], wide: float) -> None:
    """Raise Undrawable where Plotly would turn the labels because they lie on each other."""
    if not x.has_labels or (layout.get("xaxis") or {}).get("tickangle") == 0:
        return
    for one, other in pairwise(x.ticks):
        least = (digits_wide(one.text) + digits_wide(other.text)) / 2 * DIGIT * scale_of(layout, "x")
        if (x.along(other.value) - x.along(one.value)) * wide < least + 2:
            raise Undrawable("Labels lie on each other.")
