"""Small parts of marks: whiskers from the ends of intervals, and the dot before a direct label."""

from collections.abc import Sequence
from typing import Any


def whiskers(
    values: Sequence[float], lower: Sequence[float | None], upper: Sequence[float | None], colour: str
) -> dict[str, Any]:
    """Give the ends of intervals as Plotly takes them, as distances; an unknown end is not drawn."""
    return {
        "type": "data",
        "symmetric": False,
        "color": colour,
        "thickness": 1.4,
        "width": 3,
        "array": [0 if end is None else end - one for one, end in zip(values, upper, strict=True)],
        "arrayminus": [0 if end is None else one - end for one, end in zip(values, lower, strict=True)],
    }


def dot(colour: str) -> str:
    """Begin a label with a dot in the colour of its line; the words keep the ink that can be read."""
    return f'<span style="color:{colour}">●</span> '
