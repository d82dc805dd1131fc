"""The feed: a valid Atom document whose ids and days come from the data alone."""

from datetime import date
from html import escape
from xml.etree import ElementTree as ET

from dashboards.feed import NEWEST, Entry, atom
from dashboards.language import Language
from tests.dashboards.conftest import HOSTILE

ATOM = {"a": "http://www.w3.org/2005/Atom"}
ENTRIES = [
    Entry("published/2025-12-22", date(2025, 12, 22), "Numbers", ["a", "b < c"], "vintages"),
    Entry(
        "correction/2026-01-02/data.html",
        date(2026, 1, 2),
        HOSTILE[1],
        ["\x00 \x0b".join(HOSTILE)],
        "corrections",
    ),
]


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)


def texts(root: ET.Element, path: str) -> list[str | None]:
    return [found.text for found in root.findall(path, ATOM)]


def test_the_feed_has_what_atom_asks_for() -> None:
    root = parsed(atom(ENTRIES, Language("en", "https://example.org/c/")))
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    for place in [root, *root.findall("a:entry", ATOM)]:
        for name in ("id", "title", "updated"):
            assert len(place.findall(f"a:{name}", ATOM)) == 1
    assert texts(root, "a:author/a:name") == ["Cambrian"]
    assert texts(root, "a:updated") == ["2026-01-02T00:00:00Z"]
    links = {link.get("rel"): link.get("href") for link in root.findall("a:link", ATOM)}
    assert links == {
        "self": "https://example.org/c/feed.xml",
        "alternate": "https://example.org/c/changes.html",
    }
    ids = texts(root, ".//a:id")
    assert len(set(ids)) == len(ids) == 3


def test_the_newest_entry_is_first_and_hostile_texts_come_back_as_text() -> None:
    root = parsed(atom(ENTRIES, Language("en")))
    titles = texts(root, "a:entry/a:title")
    assert titles == [HOSTILE[1], "Numbers"]
    hostile, numbers = texts(root, "a:entry/a:content")
    assert escape(HOSTILE[0], quote=False) in (hostile or "")
    assert "<img" not in (hostile or "")
    assert numbers == "<p>a</p>\n<p>b &lt; c</p>"


def test_without_an_address_links_are_relative_and_the_feed_says_so() -> None:
    for code in ("en", "zh"):
        t = Language(code)
        root = parsed(atom(ENTRIES, t))
        assert texts(root, "a:subtitle") == [t("changes.feed.relative")]
        assert {link.get("href") for link in root.findall("a:link", ATOM)} == {"feed.xml", "changes.html"}


def test_ids_stay_when_the_site_moves_and_differ_between_languages() -> None:
    def ids(t: Language) -> list[str | None]:
        return texts(parsed(atom(ENTRIES, t)), ".//a:id")

    assert ids(Language("en")) == ids(Language("en", "https://elsewhere.example/"))
    assert not set(ids(Language("en"))) & set(ids(Language("zh")))


def test_two_feeds_of_the_same_entries_are_equal_and_an_empty_one_is_valid() -> None:
    assert atom(ENTRIES, Language("en")) == atom(list(reversed(ENTRIES)), Language("en"))
    assert texts(parsed(atom([], Language("en"))), "a:updated") == ["1970-01-01T00:00:00Z"]


def test_a_feed_ends_at_some_number_of_entries() -> None:
    many = [Entry(f"e/{place:03}", date(2025, 1, 1), "t", ["x"], "p") for place in range(NEWEST + 5)]
    assert len(parsed(atom(many, Language("en"))).findall("a:entry", ATOM)) == NEWEST
