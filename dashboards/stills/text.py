"""Text of a still picture: what Plotly would read as HTML in it, and about how wide it is."""

import re
from html import escape, unescape

from dashboards.words import is_wide

#: Height of a line, in times the size of the font, and where a line's middle lies above its foot.
LINE, MIDDLE = 1.3, 0.35
_MARK = re.compile(r'(<br>|</?b>|<span style="color:#[0-9a-fA-F]{6}">|</span>)')
#: Spaces that HTML would swallow.
_SPACES = re.compile(r"^ +| +$| {2,}")
#: How wide signs are, in digits; what is not named is as wide as a digit.
_WIDTHS = {sign: width for signs, width in (
    ("ijlI.,:;'|!\u2009", 0.45), (" \u00a0ftr()-[]/", 0.6), ("mMW%@", 1.5), ("ABCDEGHKNOPQRUVXYZw", 1.15),
    ("−+<>=~", 1.3),
) for sign in signs}  # fmt: skip


def digits_wide(text: str) -> float:
    """Estimate how wide the widest line of a text is, in widths of a digit (in CSS: `ch`)."""
    return max(
        sum(1.6 if is_wide(sign) else _WIDTHS.get(sign, 1.0) for sign in unescape(_tagless(line)))
        for line in text.split("<br>")
    )


def lines(text: str) -> list[str]:
    """Give the lines of a text as SVG, in which only breaks, bold and coloured parts are more than text."""
    done: list[str] = []
    opened: list[str] = []
    line = ""
    for part in _MARK.split(text):
        if part == "<br>":
            done.append(line + "</tspan>" * len(opened))
            line = "".join(opened)
        elif part == "<b>":
            opened.append('<tspan font-weight="bold">')
            line += opened[-1]
        elif part.startswith("<span") and _MARK.fullmatch(part):
            opened.append(f'<tspan fill="{part[19:26]}">')
            line += opened[-1]
        elif part in ("</b>", "</span>"):
            line += "</tspan>" if opened else ""
            opened = opened[:-1]
        else:
            line += plain(part)
    return [*done, line + "</tspan>" * len(opened)]


def plain(text: str) -> str:
    """Give text with entities as text that is nothing else, in HTML and in XML."""
    return _SPACES.sub(lambda found: "\u00a0" * len(found[0]), escape(unescape(text)))


def _tagless(text: str) -> str:
    return _MARK.sub("", text)
