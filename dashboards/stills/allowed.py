"""What a figure may hold to have a still picture: a closed list, so that none says something else than meant.

A property that is not named here, or a value that is not, means that Plotly alone draws the figure.
"""

import re
from collections.abc import Iterator
from typing import Any


class Undrawable(Exception):  # noqa: N818 (no error: Plotly draws the figure)
    """A figure holds what a still picture cannot show as Plotly does."""


#: What only a pointer would see, or changes nothing in what is seen.
_UNSEEN = re.compile(r"(trace|layout)\.(customdata|hover\w*|meta|legendgroup|[xy]axis\.fixedrange)(\.|$)")


def _named(kind: str, names: str) -> set[str]:
    return {f"{kind}.{name}" for name in names.split()}


#: What may have any value; whoever draws it looks at the value.
_FREE = (
    _named(
        "trace", "x y name mode text textposition orientation width opacity showlegend cliponaxis fillcolor"
    )
    | _named("trace.textfont", "size color weight")
    | _named("trace.marker", "color size symbol opacity line.color line.width")
    | _named("trace.marker.pattern", "shape size solidity")
    | _named("trace.line", "color width dash shape")
    | _named("trace.error_x", "array arrayminus color thickness width visible")
    | _named("trace.error_y", "array arrayminus color thickness width visible")
    | _named("layout", "height showlegend legend.y margin.l margin.r margin.t margin.b")
    | _named("annotation", "text x y xref yref xanchor yanchor xshift yshift align")
    | _named("annotation.font", "size color weight")
    | _named("shape", "x0 x1 y0 y1 xref yref opacity fillcolor line.color line.width line.dash")
)
_OF_AXIS = (
    "type range title.text tickvals ticktext tickformat tickprefix ticksuffix tickfont.size dtick nticks "
    "showgrid showticklabels domain"
)
_FREE |= _named("layout.xaxis", _OF_AXIS) | _named("layout.yaxis", _OF_AXIS)

#: What may have these values alone.
_ONLY: dict[str, tuple[Any, ...]] = {
    "trace.type": ("scatter", "bar"),
    "trace.connectgaps": (False,),
    "trace.fill": ("toself",),
    "trace.insidetextanchor": ("middle",),
    "trace.textangle": (0,),
    "trace.error_x.symmetric": (False,),
    "trace.error_y.symmetric": (False,),
    "trace.error_x.type": ("data",),
    "trace.error_y.type": ("data",),
    "layout.barmode": ("stack", "overlay"),
    "layout.legend.traceorder": ("normal",),
    "layout.xaxis.zeroline": (False,),
    "layout.yaxis.zeroline": (False,),
    "layout.xaxis.rangemode": ("tozero", "normal"),
    "layout.yaxis.rangemode": ("tozero", "normal"),
    "layout.xaxis.tickangle": (0,),
    "annotation.showarrow": (False,),
    "shape.type": ("line", "rect"),
    "shape.layer": ("below", "above"),
}


def require_known(data: list[dict[str, Any]], layout: dict[str, Any]) -> None:
    """Raise Undrawable where a figure holds anything else than what is drawn here."""
    rest = {name: value for name, value in layout.items() if name not in ("annotations", "shapes")}
    found = [*_leaves("layout", rest)]
    for kind, parts in (
        ("trace", data),
        ("annotation", layout.get("annotations", ())),
        ("shape", layout.get("shapes", ())),
    ):
        for part in parts:
            found += _leaves(kind, part)
    for path, value in found:
        if value is None or _UNSEEN.match(path):
            continue
        if path in _ONLY:
            if value not in _ONLY[path]:
                raise Undrawable(f"{path} is {value!r}.")
        elif path not in _FREE:
            raise Undrawable(f"{path} is not known.")


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        yield path, value
        return
    for name, part in value.items():
        yield from _leaves(f"{path}.{name}", part)


def colour(value: Any) -> str:
    """Give a colour that may stand in an attribute: hexadecimal ones alone."""
    if isinstance(value, str) and re.fullmatch(r"#[0-9a-fA-F]{3,8}", value):
        return value
    raise Undrawable(f"{value!r} is no colour.")


def number(value: Any) -> float:
    """Give a number that may stand in an attribute."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Undrawable(f"{value!r} is no number.")
    return float(value)
