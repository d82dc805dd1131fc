"""Numbers, dates and names as people read them."""

from datetime import date

import pytest

from dashboards import words


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.850825, "85.1 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.999837, "over 99.9 %"),
        (0.0002, "under 0.1 %"),
        (0.27, "27.0 %"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, text: str) -> None:
    assert words.percent(share).replace(words.NBSP, " ") == text


def test_bounds_that_read_the_same_are_one_number() -> None:
    assert words.percent_range(0.5, 0.50001) == words.percent(0.5)
    assert words.percent_range(0.851, 0.986).replace(words.NBSP, " ") == "85.1 % to 98.6 %"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (9715, "9,715"),
        (10_354, "10.4 k"),
        (450_208, "450 k"),
        (1_000_000, "1 M"),
        (3_073_794, "3.07 M"),
        (1_208_669_257, "1.21 bn"),
    ],
)
def test_counts_have_three_figures(number: int, text: str) -> None:
    assert words.count(number).replace(words.NBSP, " ") == text


def test_dates_do_not_depend_on_the_locale() -> None:
    assert words.day(date(2026, 9, 17)).replace(words.NBSP, " ") == "17 September 2026"
    assert words.short_day(date(2026, 9, 17)).replace(words.NBSP, " ") == "17 Sep 2026"


def test_cutting_keeps_both_ends_and_makes_one_line() -> None:
    assert words.cut("short") == "short"
    assert words.cut("a\nb\t\x00c") == "a b c"
    long = words.cut("begin-" + "x" * 300 + "-end", 30)
    assert len(long) == 30
    assert long.startswith("begin-")
    assert long.endswith("-end")
    assert "\u202e" not in words.cut("a\u202eb")


def test_listing_reads_as_a_sentence() -> None:
    assert words.listing([]) == ""
    assert words.listing(["a"]) == "a"
    assert words.listing(["a", "b", "c"]) == "a, b and c"


def test_prose_is_split_at_empty_lines() -> None:
    assert words.paragraphs("\n  one\n  line\n\n  two\n") == ["one line", "two"]
    assert words.definitions("word: meaning: more") == [("word", "meaning: more")]
