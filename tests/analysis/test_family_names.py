"""Matching ids with the patterns of families: one pass over all gives what comparing one by one gives."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis.family_names import match

PATTERN_SCHEMA = dict.fromkeys(("pattern", "family", "organization_id", "status"), pl.String)


def pattern_frame(*patterns: str) -> pl.DataFrame:
    """Patterns of as many families, each named like its pattern."""
    rows = [(pattern, f"family {pattern}", "acme", "verified") for pattern in patterns]
    return pl.DataFrame(rows, schema=PATTERN_SCHEMA, orient="row")


def matched(ids: list[str], patterns: list[str]) -> dict[str, str]:
    """Which family each id belongs to."""
    frame = match(pl.DataFrame({"model_id": ids}, schema={"model_id": pl.String}), pattern_frame(*patterns))
    return dict(frame.select("model_id", "family").iter_rows())


def fits(text: str, pattern: str) -> bool:
    """Whether `%` for anything makes the pattern the text: by its first piece, one letter at a time."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return fits(text, pattern[1:]) or (bool(text) and fits(text[1:], pattern))
    return bool(text) and text[0] == pattern[0] and fits(text[1:], pattern[1:])


def one_by_one(ids: list[str], patterns: list[str]) -> dict[str, str]:
    """The twin: each id with each pattern, the longest, of these the first by alphabet."""
    found = {}
    for name in ids:
        fitting = [pattern for pattern in patterns if fits(name.lower(), pattern)]
        if fitting:
            found[name] = f"family {min(fitting, key=lambda pattern: (-len(pattern), pattern))}"
    return found


@given(
    ids=st.lists(st.text("abA/.-(", max_size=8), unique=True, max_size=8),
    patterns=st.lists(st.text("ab/.-(%", min_size=1, max_size=6), unique=True, max_size=6),
)
def test_matches_are_those_of_comparing_one_by_one(ids: list[str], patterns: list[str]) -> None:
    assert matched(ids, patterns) == one_by_one(ids, patterns)


def test_a_pattern_that_is_all_percent_takes_what_no_other_does() -> None:
    assert matched(["a/x", "b/y", ""], ["%", "a/%"]) == {
        "a/x": "family a/%",
        "b/y": "family %",
        "": "family %",
    }


def test_signs_of_other_pattern_languages_are_letters_like_all_others() -> None:
    patterns = ["a.c%", "x_y%", "\\d%", "(b%", "[a]%"]
    assert matched(["abc", "xzy", "7", "b", "a"], patterns) == {}
    assert len(matched(["a.cd", "x_yz", "\\d", "(bc", "[a]"], patterns)) == len(patterns)


def test_a_line_break_hides_nothing() -> None:
    assert matched(["a/\nphi"], ["%phi"]) == {"a/\nphi": "family %phi"}


def test_an_id_that_comes_several_times_is_one_row() -> None:
    ids = pl.DataFrame({"model_id": ["a/phi", "a/phi"]})
    assert match(ids, pattern_frame("%phi")).rows() == [("a/phi", "family %phi", "acme", "verified")]


def test_without_patterns_or_ids_nothing_matches() -> None:
    assert matched(["a/phi"], []) == matched([], ["%phi"]) == {}
    assert match(pl.DataFrame({"model_id": ["a"]}), pattern_frame()).columns == [
        "model_id", "family", "organization_id", "status"
    ]  # fmt: skip
