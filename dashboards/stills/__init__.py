"""Still pictures of figures, made with the pages: seen at once, and without any script.

A still is made of the same figure as Plotly's drawing and lies where this will stand: same axes, ticks,
marks, text and legend. It is in HTML and SVG that fit any width, in up to three forms of which the style of
the page shows one. What a figure holds beyond the closed list of `allowed` gives no still, and Plotly alone
draws it.
"""

from copy import deepcopy
from html import escape
from typing import Any

from markupsafe import Markup

from dashboards.figures.chart import Chart
from dashboards.language import Language
from dashboards.stills.allowed import Undrawable
from dashboards.stills.drawing import draw
from dashboards.stills.frame import Frame, make_frame
from dashboards.stills.marks import pixels

#: How wide a drawing is on a page, at least down to 600 pixels, and on phones: ticks and rows of the legend
#: are chosen for it.
WIDE, MIDDLE, NARROW = 920, 560, 350


def still(chart: Chart, t: Language) -> Markup | None:
    """Draw a figure for its page, wide, less wide and for phones; None where Plotly alone can draw it."""
    if chart.figure is None:
        return None
    parts = chart.figure.to_plotly_json()
    data, layout = parts["data"], parts["layout"]
    try:
        frames = {"wide": make_frame(data, layout, WIDE, t), "middle": make_frame(data, layout, MIDDLE, t)}
        if _is_same(frames["wide"], frames["middle"]):
            frames = {"wide middle": frames["wide"]}
        frames["narrow"] = make_frame(data, _narrowed(layout), NARROW, t)
        forms = [
            f'<div class="still {form}" aria-hidden="true">{draw(frame, f"{chart.name}-{form[:4]}")}</div>'
            for form, frame in frames.items()
        ]
    except Undrawable:
        return None
    return Markup("".join(forms))  # noqa: S704 (made of numbers, colours and escaped text alone)


def preview(chart: Chart, t: Language) -> str | None:
    """Draw a figure as a picture file of its own, on white."""
    if chart.figure is None:
        return None
    parts = chart.figure.to_plotly_json()
    try:
        frame = make_frame(parts["data"], parts["layout"], WIDE, t)
        drawn = draw(frame, chart.name).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"')
    except Undrawable:
        return None
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{pixels(frame.height)}">'
        f'<title>{escape(chart.title)}</title><rect width="100%" height="100%" fill="#fff"/>'
        '<foreignObject width="100%" height="100%"><div xmlns="http://www.w3.org/1999/xhtml" '
        f'style="position:relative;height:100%">{drawn}</div></foreignObject></svg>\n'
    )


def narrow_height(chart: Chart) -> int | None:
    """Give the height of a figure on phones where it is another."""
    narrow = ((chart.figure.layout.meta if chart.figure is not None else None) or {}).get("narrow", {})
    height = narrow.get("height")
    return None if height is None else round(height)


def _is_same(one: Frame, other: Frame) -> bool:
    """Whether two frames show the same ticks and legend, and no text that has to fit into a bar."""
    return (
        [tick.text for axis in (one.x, one.y) for tick in axis.ticks]
        == [tick.text for axis in (other.x, other.y) for tick in axis.ticks]
        and one.columns == other.columns
        and not any(trace["type"] == "bar" and trace.get("text") for trace in one.data)
    )


def _narrowed(layout: dict[str, Any]) -> dict[str, Any]:
    """Give the layout with what it has instead on phones, as site.js sets it."""
    whole = deepcopy({name: value for name, value in layout.items() if name not in ("template", "meta")})
    for path, value in ((layout.get("meta") or {}).get("narrow") or {}).items():
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
        target: Any = whole
        for step in steps:
            target = target[step] if isinstance(step, int) else target.setdefault(step, {})
        target[last] = value
    return whole
