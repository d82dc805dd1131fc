"""The feed of changes: an Atom document (RFC 4287) of what was published and corrected.

Here: entries in, XML out; nothing asks for the time, and an entry keeps its id, wherever the site stands.
Not here: what the entries say (pages/changes).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from dashboards.language import Language
from dashboards.words import cut

NAMESPACE = "http://www.w3.org/2005/Atom"
#: What the ids are made from; it must never change, or readers show every entry anew.
SEED = "https://cambrian.invalid/feed"
#: When nothing was published yet, the feed was last updated then.
NEVER = date(1970, 1, 1)
NEWEST = 50


@dataclass(frozen=True)
class Entry:
    """One entry: `key` tells it from all others, `place` is where on the page of changes it stands.

    Each of `lines` is a paragraph.
    """

    key: str
    when: date
    title: str
    lines: Sequence[str]
    place: str


def atom(entries: Sequence[Entry], t: Language) -> str:
    """Write the newest entries as a feed in one language."""
    told = sorted(entries, key=lambda entry: (entry.when, entry.key), reverse=True)[:NEWEST]
    root = ET.Element("feed", {"xmlns": NAMESPACE, "xml:lang": "zh-Hans" if t.code == "zh" else t.code})
    _add(root, "id", _id(t, "feed"))
    _add(root, "title", t("changes.feed.title"))
    kind = "absolute" if t.site_url else "relative"
    _add(root, "subtitle", t(f"changes.feed.{kind}"))
    _add(root, "updated", _moment(max((entry.when for entry in told), default=NEVER)))
    _add(_add(root, "author"), "name", "Cambrian")
    _link(root, "self", t.address("feed.xml"), "application/atom+xml")
    _link(root, "alternate", t.address("changes.html"), "text/html")
    for entry in told:
        element = _add(root, "entry")
        _add(element, "id", _id(t, entry.key))
        _add(element, "title", cut(entry.title, 300))
        _add(element, "updated", _moment(entry.when))
        _link(element, "alternate", t.address(f"changes.html#{entry.place}"), "text/html")
        _add(element, "content", "\n".join(_paragraph(line) for line in entry.lines), type="html")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _paragraph(line: str) -> str:
    """Write a line as a paragraph of HTML: readers run the lines of plain text together."""
    return f"<p>{escape(cut(line, 2_000), quote=False)}</p>"


def _id(t: Language, key: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{SEED}/{t.code}/{key}')}"


def _moment(when: date) -> str:
    return f"{when.isoformat()}T00:00:00Z"


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text or None
    return element


def _link(parent: ET.Element, rel: str, href: str, kind: str) -> None:
    _add(parent, "link", rel=rel, type=kind, href=href)
