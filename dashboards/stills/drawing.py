"""Drawing a still picture whose frame is decided: HTML and SVG in which text keeps its size at any width."""

from typing import Any

from dashboards.stills.allowed import colour, number
from dashboards.stills.axes import Axis
from dashboards.stills.bars import Bars, bars, paint_of_bar
from dashboards.stills.frame import ROW, Frame, in_legend, row_gap, rows_high, scale_of
from dashboards.stills.marks import (
    FONT,
    draw_symbol,
    each,
    faint,
    line_of,
    marker_of,
    painted,
    pixels,
    scatter,
    share,
    stroke,
    written,
)  # fmt: skip
from dashboards.stills.notes import annotation, shape
from dashboards.stills.text import MIDDLE, lines, plain

_INK, _GRID = "var(--ink,#22282f)", "var(--line,#dfe3e8)"
_FAMILY = "system-ui,-apple-system,'Segoe UI',sans-serif"


def draw(frame: Frame, name: str) -> str:
    """Draw a frame; `name` is unlike that of any other drawing on the page."""
    made = Bars(frame.data, frame.layout.get("barmode"))
    x, y = frame.x, frame.y
    shapes = frame.layout.get("shapes", ())
    below = [shape(one, x, y) for one in shapes if one.get("layer") == "below"]
    above = [shape(one, x, y) for one in shapes if one.get("layer") != "below"]
    barred = [
        bars(trace, made, x, y, frame.inner, f"still-{name}-{place}")
        for place, trace in enumerate(frame.data) if trace["type"] == "bar"
    ]  # fmt: skip
    scattered = [scatter(trace, x, y) for trace in frame.data if trace["type"] == "scatter"]
    noted = [annotation(one, x, y) for one in frame.layout.get("annotations", ())]
    inner = "".join([*below, _grid(x, y), *barred, *scattered, *above, _labels(frame), *noted])
    sides = " ".join(_css(part) for part in (
        (0, frame.margins.top), frame.margins.right, (0, frame.margins.bottom), frame.margins.left,
    ))  # fmt: skip
    return (
        f'<div style="position:absolute;inset:0;font:{FONT}px {_FAMILY};color:{_INK}">'
        f'<div style="position:absolute;inset:{sides}"><svg width="100%" height="100%" overflow="visible" '
        f'style="display:block;fill:{_INK};white-space:pre">{inner}</svg></div>'
        f"{_upright_title(frame)}{_legend(frame, name)}</div>"
    )


def _css(part: tuple[float, float]) -> str:
    digits, more = part
    return f"calc({pixels(digits)}ch + {pixels(more)}px)" if digits else f"{pixels(more)}px"


def _grid(x: Axis, y: Axis) -> str:
    drawn = ""
    if x.has_grid:
        ends = f'y1="{share(1 - y.domain[1])}%" y2="{share(1 - y.domain[0])}%"'
        for tick in x.ticks:
            at = share(x.along(tick.value))
            drawn += f'<line x1="{at}%" x2="{at}%" {ends}/>'
    if y.has_grid:
        ends = f'x1="{share(x.domain[0])}%" x2="{share(x.domain[1])}%"'
        for tick in y.ticks:
            at = share(1 - y.along(tick.value))
            drawn += f'<line {ends} y1="{at}%" y2="{at}%"/>'
    return f'<g style="stroke:{_GRID}">{drawn}</g>' if drawn else ""


def _labels(frame: Frame) -> str:
    x, y = frame.x, frame.y
    drawn = ""
    if x.has_labels:
        size = FONT * scale_of(frame.layout, "x")
        for tick in x.ticks:
            at, text = x.along(tick.value), lines(tick.text)
            drawn += written(at, 0, text, anchor="middle", down=size + 1, font={"size": size})
        if x.title:
            middle = (x.domain[0] + x.domain[1]) / 2
            down = frame.margins.bottom - 8
            drawn += written(middle, 0, lines(x.title), anchor="middle", down=down, font={"size": 12})
    if y.has_labels:
        size = FONT * scale_of(frame.layout, "y")
        for tick in y.ticks:
            at, text = y.along(tick.value), lines(tick.text)
            drawn += written(0, at, text, anchor="end", right=-1, down=MIDDLE * size, font={"size": size})
    return drawn


def _upright_title(frame: Frame) -> str:
    """Write the title of the y axis, at the left edge, whatever the labels beside it take."""
    if not frame.y.title:
        return ""
    high = frame.inner[1]
    middle = high * (1 - (frame.y.domain[0] + frame.y.domain[1]) / 2)
    return (
        f'<svg width="24" height="{pixels(high)}" overflow="visible" '
        f'style="position:absolute;left:0;top:{pixels(frame.margins.top)}px;fill:{_INK}">'
        f'<text transform="translate(13 {pixels(middle)}) rotate(-90)" text-anchor="middle" font-size="12">'
        f"{plain(frame.y.title)}</text></svg>"
    )


def _legend(frame: Frame, name: str) -> str:
    told = in_legend(frame.data, frame.layout)
    if not told:
        return ""
    above = number((frame.layout.get("legend") or {}).get("y", 1)) - 1
    top = frame.margins.top - 5 - rows_high(told, frame.columns) - above * frame.inner[1]
    each_column = "max-content" if len(told) <= frame.columns else "1fr"
    entries = "".join(
        f'<div style="display:flex;align-items:center">{_swatch(trace, f"still-{name}-legend-{place}")}'
        f"<span>{'<br/>'.join(plain(line) for line in trace['name'].split('<br>'))}</span></div>"
        for place, trace in enumerate(told)
    )
    return (
        f'<div style="position:absolute;left:{_css(frame.margins.left)};top:{pixels(top)}px;display:grid;'
        f"grid-template-columns:repeat({frame.columns},{each_column});column-gap:5px;width:max-content;"
        f"align-items:start;line-height:{ROW}px;padding-top:1.5px;row-gap:{row_gap(told)}px;"
        f'white-space:nowrap">{entries}</div>'
    )


def _swatch(trace: dict[str, Any], name: str) -> str:
    marker = marker_of(trace)
    mode = str(trace.get("mode") or "")
    drawn = ""
    if trace["type"] == "bar":
        paint, drawn = paint_of_bar(marker, 0, name)
        drawn += f'<rect x="14" y="4" width="12" height="12" fill="{paint}"{faint(marker)}/>'
    elif trace.get("fill"):
        drawn += f'<rect x="5" y="10" width="30" height="6" fill="{colour(trace["fillcolor"])}"/>'
    line = line_of(trace)
    if "lines" in mode and line.get("width", 2):
        at = 'x1="5" x2="35" y1="10" y2="10"'
        drawn += f"<line {at} {stroke(line, min(10.0, number(line.get('width', 2))))}/>"
    if "markers" in mode:
        symbol, size = each(marker.get("symbol"), 0, "circle"), number(each(marker.get("size"), 0, 6))
        point = draw_symbol(symbol, max(2.0, min(16.0, size)), "20", "10")
        drawn += f"<g {painted(marker, 0, symbol)}>{point}</g>"
    return (
        f'<svg width="40" height="16.9" viewBox="0 2 40 16.9" style="flex:none"{faint(trace)}>{drawn}</svg>'
    )
