"""How far what a figure holds reaches on an axis that has no range of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dashboards.stills.allowed import number
from dashboards.stills.axes import Reach, linear
from dashboards.stills.bars import Bars
from dashboards.stills.marks import DIGIT, FONT, Parts, each, error_ends, values
from dashboards.stills.notes import PADDING, anchor_of
from dashboards.stills.text import LINE, digits_wide


def reaches(
    letter: str, kind: str, names: Mapping[str, int], data: Sequence[Parts], layout: Parts, made: Bars
) -> list[Reach]:
    """Give what an axis without a range has to take in."""

    def line_up(value: Any) -> float | None:
        return linear(value, kind, names)

    found: list[Reach] = []
    for trace in data:
        if trace["type"] == "bar":
            found += _reaches_of_bars(letter, trace, made, kind, names)
        else:
            found += _reaches_of_scatter(letter, trace, line_up)
    for one in layout.get("shapes", ()):
        if one.get(f"{letter}ref") in (None, letter):
            pad = number((one.get("line") or {}).get("width", 2)) / 2
            ends = [line_up(one[f"{letter}{end}"]) for end in (0, 1)]
            found += [Reach(end, pad, pad) for end in ends if end is not None]
    for one in layout.get("annotations", ()):
        if one.get(f"{letter}ref") not in (None, letter):
            continue
        value = number(one[letter]) if kind == "log" else line_up(one[letter])
        if value is not None:
            found.append(_reach_of_annotation(letter, one, value))
    return found


def _reaches_of_scatter(letter: str, trace: Parts, line_up: Callable[[Any], float | None]) -> Iterator[Reach]:
    mode = str(trace.get("mode") or "")
    other = trace.get("error_y") or {}
    has_bars = bool(other) and other.get("visible") is not False
    is_free = letter == "y" or "markers" in mode or "text" in mode or has_bars
    for place, value in enumerate(values(trace, letter)):
        at = line_up(value)
        if at is None:
            continue
        size = number(each((trace.get("marker") or {}).get("size"), place, 6))
        pad = max(size / 1.6, 3) if "markers" in mode else 0.0
        yield Reach(at, pad if is_free else 0, pad if is_free else 0, is_free)
    bars_there = trace.get(f"error_{letter}") or {}
    if bars_there and bars_there.get("visible") is not False:
        for ends in error_ends(trace, letter):
            yield from (Reach(at, is_free=True) for end in ends if (at := line_up(end)) is not None)


def _reaches_of_bars(
    letter: str, trace: Parts, made: Bars, kind: str, names: Mapping[str, int]
) -> Iterator[Reach]:
    if letter == made.across:
        for span in made.spans(trace, kind, names):
            if span is not None:
                yield from (Reach(span[0]), Reach(span[1]))
        return
    where = "category" if any(isinstance(at, str) for at in values(trace, made.across)) else "linear"
    places = {at: n for n, at in enumerate(dict.fromkeys(values(trace, made.across)))}
    for span in made.spans(trace, where, places):
        if span is not None:
            yield Reach(0)
            yield Reach(span[3], is_free=span[3] != 0)


def _reach_of_annotation(letter: str, one: Parts, value: float) -> Reach:
    size = number((one.get("font") or {}).get("size", FONT))
    text = str(one["text"])
    length = (
        digits_wide(text) * DIGIT / FONT * size if letter == "x" else size * (1.2 + LINE * text.count("<br>"))
    ) + 2 * PADDING
    shift = number(one.get(f"{letter}shift") or 0)
    before = {"left": 0.0, "bottom": 0.0, "center": 0.5, "middle": 0.5, "right": 1.0, "top": 1.0}
    part = before[anchor_of(one, letter)] * length
    return Reach(value, part - shift, length - part + shift)
