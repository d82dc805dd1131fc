"""Lines, points and their text in a still picture, and what all marks need.

Places are in percent of the drawing, so that it fits any width; points, strokes and text have their sizes in
pixels.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from dashboards.stills.allowed import Undrawable, colour, number
from dashboards.stills.axes import Axis
from dashboards.stills.text import LINE, lines

#: Size of the text, and about how wide its digits are, in pixels.
FONT, DIGIT = 13, 8.0
_OPEN = "-open"
#: Symbols as paths of a size of 1, and those that are but a stroke.
_SYMBOLS: dict[str, list[tuple[float, float]]] = {
    "diamond": [(0.65, 0), (0, 0.65), (-0.65, 0), (0, -0.65)],
    "cross": [(0.6, 0.2), (0.2, 0.2), (0.2, 0.6), (-0.2, 0.6), (-0.2, 0.2), (-0.6, 0.2), (-0.6, -0.2),
              (-0.2, -0.2), (-0.2, -0.6), (0.2, -0.6), (0.2, -0.2), (0.6, -0.2)],
    "x": [(0, 0.283), (0.283, 0.566), (0.566, 0.283), (0.283, 0), (0.566, -0.283), (0.283, -0.566),
          (0, -0.283), (-0.283, -0.566), (-0.566, -0.283), (-0.283, 0), (-0.566, 0.283), (-0.283, 0.566)],
    "triangle-up": [(-0.577, 0.25), (0.577, 0.25), (0, -0.5)],
    "triangle-down": [(-0.577, -0.25), (0.577, -0.25), (0, 0.5)],
    "triangle-left": [(0.25, -0.577), (0.25, 0.577), (-0.5, 0)],
    "triangle-right": [(-0.25, -0.577), (-0.25, 0.577), (0.5, 0)],
}  # fmt: skip
_STROKES: dict[str, list[tuple[float, float]]] = {
    "line-ns": [(0, 0.7), (0, -0.7)],
    "line-ew": [(0.7, 0), (-0.7, 0)],
    "x-thin": [(0.5, 0.5), (-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5)],
    "cross-thin": [(0, 0.7), (0, -0.7), (0.7, 0), (-0.7, 0)],
}

Parts = Mapping[str, Any]


def share(part: float) -> str:
    """Write a part of the drawing in percent, to a hundredth."""
    return f"{100 * part:.2f}".rstrip("0").rstrip(".").replace("-0", "0" if abs(part) < 5e-5 else "-0")


def pixels(value: float) -> str:
    """Write a length in pixels, to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def written(
    x: float, y: float, text: Sequence[str], *, anchor: str = "start", right: float = 0, down: float = 0,
    font: Parts | None = None,
) -> str:  # fmt: skip
    """Write lines of SVG text; `down` is how far the foot of the first line lies below its place."""
    font = font or {}
    size = number(font.get("size", FONT))
    look = f' text-anchor="{anchor}"' if anchor != "start" else ""
    look += f' font-size="{pixels(size)}"' if size != FONT else ""
    look += f' fill="{colour(font["color"])}"' if font.get("color") else ""
    look += f' font-weight="{number(font["weight"]):g}"' if font.get("weight") else ""
    at, dx = f'x="{share(x)}%"', f' dx="{pixels(right)}"' if right else ""
    if len(text) == 1:
        return f'<text {at} y="{share(1 - y)}%"{dx} dy="{pixels(down)}"{look}>{text[0]}</text>'
    spans = "".join(
        f'<tspan {at}{dx} dy="{pixels(down if place == 0 else LINE * size)}">{line}</tspan>'
        for place, line in enumerate(text)
    )
    return f'<text y="{share(1 - y)}%"{look}>{spans}</text>'


def each(value: Any, place: int, otherwise: Any = None) -> Any:
    """Give a property of one point: of its own where the trace has one for each."""
    if isinstance(value, list | tuple):
        if place >= len(value):
            raise Undrawable("A property does not reach to the last point.")
        value = value[place]
    return otherwise if value is None else value


def points_of(trace: Parts, x: Axis, y: Axis) -> list[tuple[float, float] | None]:
    """Give the places of a trace's points; None where one has none."""
    found: list[tuple[float, float] | None] = []
    for one, other in zip(values(trace, "x"), values(trace, "y"), strict=True):
        across, up = x.at(one), y.at(other)
        found.append(None if across is None or up is None else (across, up))
    return found


def values(trace: Parts, letter: str) -> Sequence[Any]:
    """Give what a trace has on one of its axes."""
    found = trace.get(letter)
    if not isinstance(found, list | tuple) or len(found) != len(trace.get("y") or ()):
        raise Undrawable(f"A trace has no {letter} for each of its points.")
    return found


def rectangle(
    left: float, right: float, foot: float, top: float, look: str, size: tuple[float, float] = (1e9, 1e9)
) -> str:
    """Draw a rectangle; what would be thinner than a pixel in a drawing of a size is one pixel thick."""
    wide = f"{share(right - left)}%" if (right - left) * size[0] >= 1 else "1"
    high = f"{share(top - foot)}%" if (top - foot) * size[1] >= 1 else "1"
    return f'<rect x="{share(left)}%" y="{share(1 - top)}%" width="{wide}" height="{high}"{look}/>'


def faint(part: Parts) -> str:
    """Give the attribute of something that lets its ground shine through."""
    opacity = part.get("opacity")
    return "" if opacity in (None, 1) else f' opacity="{pixels(number(opacity))}"'


def within(axis: Axis, part: float) -> float:
    """Give the nearest place on an axis."""
    return max(axis.domain[0], min(axis.domain[1], part))


# Lines, points and their text -------------------------------------------------------------------------------


def scatter(trace: Parts, x: Axis, y: Axis) -> str:
    """Draw a trace of lines, points or text."""
    mode = str(trace.get("mode") or "")
    if not mode:
        raise Undrawable("Plotly would choose between lines and points.")
    points = points_of(trace, x, y)
    parts = [_stretched(_fill(trace, points) + (_line(trace, points) if "lines" in mode else ""))]
    parts += [_clipped(_error_bars(trace, letter, x, y)) for letter in "xy"]
    seen = [(n, p) for n, p in enumerate(points) if p is not None and x.holds(p[0]) and y.holds(p[1])]
    if "markers" in mode:
        drawn = "".join(_markers(trace, seen))
        parts.append(drawn if trace.get("cliponaxis") is False else _clipped(drawn))
    if "text" in mode:
        parts += _texts(trace, seen)
    whole = "".join(parts)
    return f"<g{faint(trace)}>{whole}</g>" if faint(trace) else whole


def _stretched(drawn: str) -> str:
    """Let lines stretch with the drawing, but not their strokes; what leaves it is cut."""
    if not drawn:
        return ""
    return f'<svg viewBox="0 0 100 100" preserveAspectRatio="none">{drawn}</svg>'


def _clipped(drawn: str) -> str:
    return f"<svg>{drawn}</svg>" if drawn else ""


def _path(run: Sequence[tuple[float, float]], shape: str) -> str:
    if shape not in ("linear", "hv"):
        raise Undrawable(f"A line is {shape}.")
    (x, y), *rest = run
    steps = [f"M{share(x)} {share(1 - y)}"]
    for across, up in rest:
        steps.append(
            f"H{share(across)}V{share(1 - up)}" if shape == "hv" else f"L{share(across)} {share(1 - up)}"
        )
    return "".join(steps)


def _runs(points: Iterable[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    found = []
    for is_known, run in groupby(points, lambda point: point is not None):
        if is_known:
            found.append([point for point in run if point is not None])
    return found


def _line(trace: Parts, points: Sequence[tuple[float, float] | None]) -> str:
    line = line_of(trace)
    width = number(line.get("width", 2))
    if not width:
        return ""
    path = "".join(_path(run, line.get("shape") or "linear") for run in _runs(points) if len(run) > 1)
    return f'<path d="{path}" fill="none" {stroke(line, width)}/>' if path else ""


def line_of(trace: Parts) -> dict[str, Any]:
    """Give how a trace's line looks; it has the colour of the points where it has none of its own."""
    return {"color": (trace.get("marker") or {}).get("color")} | dict(trace.get("line") or {})


def marker_of(trace: Parts) -> dict[str, Any]:
    """Give how a trace's points look; they have the colour of the line where they have none of their own."""
    return {"color": (trace.get("line") or {}).get("color")} | dict(trace.get("marker") or {})


def stroke(line: Parts, width: float) -> str:
    """Give the attributes of a line's stroke, whose width no stretching changes."""
    return (
        f'stroke="{colour(line.get("color"))}" stroke-width="{pixels(width)}"{_dashes(line, width)} '
        'vector-effect="non-scaling-stroke"'
    )


def _dashes(line: Parts, width: float) -> str:
    dash = line.get("dash") or "solid"
    if dash == "solid":
        return ""
    lengths = {"dot": 1, "dash": 3}
    if dash not in lengths:
        raise Undrawable(f"A line is dashed as {dash!r}.")
    return f' stroke-dasharray="{pixels(lengths[dash] * max(width, 3))}"'


def _fill(trace: Parts, points: Sequence[tuple[float, float] | None]) -> str:
    if not trace.get("fill"):
        return ""
    path = "".join(f"{_path(run, 'linear')}Z" for run in _runs(points))
    return f'<path d="{path}" fill="{colour(trace.get("fillcolor"))}"/>' if path else ""


def _markers(trace: Parts, seen: Sequence[tuple[int, tuple[float, float]]]) -> Iterator[str]:
    marker = marker_of(trace)

    def look(one: tuple[int, tuple[float, float]]) -> tuple[str, float, str]:
        size = number(each(marker.get("size"), one[0], 6))
        symbol = each(marker.get("symbol"), one[0], "circle")
        return symbol, size, painted(marker, one[0], symbol)

    for (symbol, size, paint), same in groupby(seen, look):
        places = [(share(x), share(1 - y)) for _, (x, y) in same]
        yield f"<g {paint}>{''.join(draw_symbol(symbol, size, f'{x}%', f'{y}%') for x, y in places)}</g>"


def painted(marker: Parts, place: int, symbol: str) -> str:
    """Give the attributes of a point's colours."""
    line = marker.get("line") or {}
    width = number(each(line.get("width"), place, 0))
    own = colour(each(marker.get("color"), place))
    if symbol.endswith(_OPEN):
        paint = f'fill="none" stroke="{own}" stroke-width="{pixels(width or 1)}"'
    elif symbol in _STROKES:
        raise Undrawable(f"{symbol} is filled.")
    elif width:
        edge = colour(each(line.get("color"), place))
        paint = f'fill="{own}" stroke="{edge}" stroke-width="{pixels(width)}"'
    else:
        paint = f'fill="{own}"'
    opacity = each(marker.get("opacity"), place, 1)
    return paint + (f' opacity="{pixels(number(opacity))}"' if opacity != 1 else "")


def draw_symbol(symbol: str, size: float, x: str, y: str) -> str:
    """Draw a point at a place that is written as SVG has it."""
    base = symbol.removesuffix(_OPEN)
    if base == "circle":
        return f'<circle cx="{x}" cy="{y}" r="{pixels(size / 2)}"/>'
    if base == "square":
        half = pixels(size / 2)
        path = f"M{half} {half}H-{half}V-{half}H{half}Z"
    elif base in _SYMBOLS:
        path = "M" + "L".join(f"{pixels(a * size)} {pixels(b * size)}" for a, b in _SYMBOLS[base]) + "Z"
    elif base in _STROKES:
        corners = [f"{pixels(a * size)} {pixels(b * size)}" for a, b in _STROKES[base]]
        path = "".join(f"M{one}L{other}" for one, other in zip(corners[::2], corners[1::2], strict=True))
    else:
        raise Undrawable(f"A point is {symbol!r}.")
    return f'<svg x="{x}" y="{y}" overflow="visible"><path d="{path}"/></svg>'


def _texts(trace: Parts, seen: Sequence[tuple[int, tuple[float, float]]]) -> Iterator[str]:
    font = trace.get("textfont") or {}
    size = number(font.get("size", FONT))
    for place, (x, y) in seen:
        text = each(trace.get("text"), place, "")
        if not text:
            continue
        upright, _, across = str(each(trace.get("textposition"), place, "middle center")).partition(" ")
        anchor = {"left": "end", "center": "middle", "right": "start"}[across]
        has_marker = "markers" in trace["mode"]
        away = number(each((trace.get("marker") or {}).get("size"), place, 6)) / 1.6 + 1 if has_marker else 0
        right = {"end": -away, "middle": 0.0, "start": away}[anchor]
        side = {"top": -1, "middle": 0, "bottom": 1}[upright]
        shown = lines(str(text))
        tall = (len(shown) - 1) * LINE + 1
        down = size * 0.75 + side * away + (side - 1) * tall * size / 2
        yield written(x, y, shown, anchor=anchor, right=right, down=down, font=font)


def _error_bars(trace: Parts, letter: str, x: Axis, y: Axis) -> str:
    bars = trace.get(f"error_{letter}")
    if not bars or bars.get("visible") is False:
        return ""
    thick, cap = number(bars.get("thickness", 2)), number(bars.get("width", 4))
    drawn, caps = "", ""
    for one, other, (low, high) in zip(
        values(trace, "x"), values(trace, "y"), error_ends(trace, letter), strict=True
    ):
        across, up = x.at(one), y.at(other)
        if across is None or up is None or low is None or high is None:
            continue
        ends = [(x if letter == "x" else y).at(end) for end in (low, high)]
        if None in ends:
            raise Undrawable("An error bar leaves a logarithmic axis.")
        for end in ends:
            caps += _cap(letter, across, up, end or 0.0, thick, cap)
        one_end, other_end = (share(end or 0.0) if letter == "x" else share(1 - (end or 0.0)) for end in ends)
        fixed = share(1 - up) if letter == "x" else share(across)
        drawn += (
            f'<line x1="{one_end}%" x2="{other_end}%" y1="{fixed}%" y2="{fixed}%"/>' if letter == "x"
            else f'<line x1="{fixed}%" x2="{fixed}%" y1="{one_end}%" y2="{other_end}%"/>'
        )  # fmt: skip
    if not drawn:
        return ""
    paint = colour(bars.get("color"))
    shift = (-thick / 2, -cap) if letter == "x" else (-cap, -thick / 2)
    return (
        f'<g stroke="{paint}" stroke-width="{pixels(thick)}">{drawn}</g>'
        f'<g fill="{paint}" transform="translate({pixels(shift[0])} {pixels(shift[1])})">{caps}</g>'
    )


def _cap(letter: str, across: float, up: float, end: float, thick: float, cap: float) -> str:
    x, y = (end, up) if letter == "x" else (across, end)
    wide, high = (thick, 2 * cap) if letter == "x" else (2 * cap, thick)
    return f'<rect x="{share(x)}%" y="{share(1 - y)}%" width="{pixels(wide)}" height="{pixels(high)}"/>'


def error_ends(trace: Parts, letter: str) -> list[tuple[float | None, float | None]]:
    """Give the ends of the error bars of a trace on one axis, in the numbers of its data."""
    bars = trace.get(f"error_{letter}") or {}
    found: list[tuple[float | None, float | None]] = []
    for place, value in enumerate(values(trace, letter)):
        above, below = each(bars.get("array"), place), each(bars.get("arrayminus"), place)
        if value is None or above is None or below is None:
            found.append((None, None))
        else:
            found.append((number(value) - number(below), number(value) + number(above)))
    return found
