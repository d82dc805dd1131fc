"""Shapes and annotations of a still picture."""

from typing import Any

from dashboards.stills.allowed import Undrawable, colour, number
from dashboards.stills.axes import Axis
from dashboards.stills.marks import FONT, Parts, faint, rectangle, share, stroke, within, written
from dashboards.stills.text import LINE, MIDDLE, lines

#: Room around the text of an annotation, in pixels.
PADDING = 2


def _on(axis: Axis, reference: str | None, letter: str, value: Any) -> float | None:
    """Give the place of a value on what it refers to: the axis, its domain, or the whole drawing."""
    if reference == "paper":
        return number(value)
    if reference == f"{letter} domain":
        return axis.domain[0] + number(value) * (axis.domain[1] - axis.domain[0])
    if reference not in (None, letter):
        raise Undrawable(f"Something refers to {reference!r}.")
    return axis.at(value)


def _noted(axis: Axis, one: Parts, letter: str) -> float | None:
    """Give the place of an annotation, which has the logarithm itself where its axis has one."""
    if axis.kind == "log" and one.get(f"{letter}ref") in (None, letter):
        return axis.along(number(one[letter]))
    return _on(axis, one.get(f"{letter}ref"), letter, one[letter])


def shape(one: Parts, x: Axis, y: Axis) -> str:
    """Draw a line or a rectangle."""
    ends = [_on(x, one.get("xref"), "x", one[name]) for name in ("x0", "x1")]
    rises = [_on(y, one.get("yref"), "y", one[name]) for name in ("y0", "y1")]
    if None in ends or None in rises:
        raise Undrawable("A shape has no place.")
    (left, right), (foot, top) = (sorted(part or 0.0 for part in parts) for parts in (ends, rises))
    if left > x.domain[1] or right < x.domain[0] or foot > y.domain[1] or top < y.domain[0]:
        return ""
    line = one.get("line") or {}
    width = number(line.get("width", 2))
    if one["type"] == "line":
        (x0, x1), (y0, y1) = ends, rises
        if left != right and foot != top:
            raise Undrawable("A line is neither upright nor level.")
        x0, x1 = within(x, x0 or 0.0), within(x, x1 or 0.0)
        y0, y1 = within(y, y0 or 0.0), within(y, y1 or 0.0)
        return (
            f'<line x1="{share(x0)}%" x2="{share(x1)}%" y1="{share(1 - y0)}%" y2="{share(1 - y1)}%" '
            f"{stroke(line, width)}{faint(one)}/>"
        )
    if width:
        raise Undrawable("A rectangle has an edge.")
    left, right, foot, top = within(x, left), within(x, right), within(y, foot), within(y, top)
    return rectangle(left, right, foot, top, f' fill="{colour(one.get("fillcolor"))}"{faint(one)}')


def anchor_of(one: Parts, letter: str) -> str:
    """Give where on its text an annotation's place lies."""
    names = {"x": ("left", "center", "right"), "y": ("bottom", "middle", "top")}[letter]
    given = one.get(f"{letter}anchor") or "auto"
    if given != "auto":
        if given not in names:
            raise Undrawable(f"An annotation is anchored at {given!r}.")
        return str(given)
    if one.get(f"{letter}ref") != "paper":
        return names[1]
    value = number(one[letter])
    return names[0] if value < 1 / 3 else names[2] if value > 2 / 3 else names[1]


def annotation(one: Parts, x: Axis, y: Axis) -> str:
    """Write an annotation."""
    across, up = _noted(x, one, "x"), _noted(y, one, "y")
    if across is None or up is None:
        return ""
    if (one.get("xref") != "paper" and not x.holds(across)) or (
        one.get("yref") != "paper" and not y.holds(up)
    ):
        return ""
    font = one.get("font") or {}
    size = number(font.get("size", FONT))
    shown = lines(one["text"])
    if len(shown) > 1 and one.get("align") != anchor_of(one, "x") and anchor_of(one, "x") != "center":
        raise Undrawable("The lines of an annotation do not begin where it is anchored.")
    anchor, pad = {
        "left": ("start", PADDING), "center": ("middle", 0), "right": ("end", -PADDING),
    }[anchor_of(one, "x")]  # fmt: skip
    more = LINE * size * (len(shown) - 1)
    down = {
        "top": PADDING + 0.95 * size,
        "middle": MIDDLE * size - more / 2,
        "bottom": -PADDING - 0.25 * size - more,
    }[anchor_of(one, "y")]
    return written(
        across, up, shown, anchor=anchor, right=number(one.get("xshift") or 0) + pad,
        down=down - number(one.get("yshift") or 0), font=font,
    )  # fmt: skip
