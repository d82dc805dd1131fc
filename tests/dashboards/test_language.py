"""The catalogues are whole in every language, and numbers, dates and names are in each one's form."""

import re
import string
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.language import CODES, Language, TextError, catalogue
from dashboards.words import cut, cut_end, sentence

EN, ZH = Language("en"), Language("zh")
#: Texts that only a language with a plural form has, and names that the release itself gives in English.
PLURAL = re.compile(r"\.(one|other)$")
FROM_THE_RELEASE = "common.scopes."


def texts(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from texts(part, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from texts(part, f"{key}[{place}]")
    else:
        yield key, str(value)


def told(code: str) -> dict[str, str]:
    return {
        PLURAL.sub("", key): text
        for key, text in texts(catalogue(code), "")
        if not key.startswith(FROM_THE_RELEASE)
    }


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_no_text_is_missing_in_any_language() -> None:
    first, *others = ({code: set(told(code)) for code in CODES}).values()
    for other in others:
        assert first - other == set()
        assert other - first == set()


def test_every_text_has_the_same_places_in_all_languages() -> None:
    english, chinese = told("en"), told("zh")
    wrong = {key for key in english if places(english[key]) != places(chinese[key])}
    assert wrong == set()


def test_no_text_is_empty_and_chinese_ones_are_chinese() -> None:
    for code in CODES:
        assert [key for key, text in told(code).items() if not text.strip()] == []
    chinese = re.compile(r"[\u4e00-\u9fff]")
    english, other = told("en"), told("zh")
    same = [
        key
        for key, text in other.items()
        if not chinese.search(text)
        and re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", text)
        and text == english[key]
    ]
    assert same == []


def test_a_text_is_filled_with_what_it_is_given() -> None:
    assert EN("common.range", lower="1 %", upper="2 %") == "1 % to 2 %"
    assert EN("common.lists", n=1) == "1 list"
    assert EN("common.lists", n=1234) == "1,234 lists"
    assert ZH("common.lists", n=2) == "2 份名单"
    assert EN("common.stale.newest", source="{hub}", day=date(2025, 12, 22)).replace("\xa0", " ") == (
        "{hub}: newest day 22 December 2025."
    )


def test_what_is_missing_is_an_error_with_its_name() -> None:
    with pytest.raises(TextError, match=r"common\.nowhere"):
        EN("common.nowhere")
    with pytest.raises(TextError, match="upper"):
        EN("common.range", lower="1")
    with pytest.raises(TypeError, match="share"):
        EN("common.range", share=0.5, lower="", upper="")
    with pytest.raises(TextError, match="no list"):
        EN.lines("common.page")


@pytest.mark.parametrize(
    ("share", "english", "chinese"),
    [
        (0.850825, "85.1 %", "85.1%"),
        (1.0, "100 %", "100%"),
        (0.0, "0 %", "0%"),
        (0.999837, "over 99.9 %", "超过 99.9%"),
        (0.0002, "under 0.1 %", "不足 0.1%"),
        (0.27, "27.0 %", "27.0%"),
        (1 / 80, "1.3 %", "1.3%"),  # an exact half goes up, as in scripts
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, english: str, chinese: str) -> None:
    assert EN.percent(share).replace("\xa0", " ") == english
    assert ZH.percent(share) == chinese


def test_bounds_that_read_the_same_are_one_number() -> None:
    assert EN.percent_range(0.5, 0.50001) == EN.percent(0.5)
    assert EN.percent_range(0.851, 0.986).replace("\xa0", " ") == "85.1 % to 98.6 %"
    assert ZH.percent_range(0.851, 0.986) == "85.1% 至 98.6%"


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [
        (0, "0", "0"),
        (9715, "9,715", "9,715"),
        (10_354, "10.4 k", "1.04万"),
        (450_208, "450 k", "45万"),
        (1_000_000, "1 M", "100万"),
        (3_073_794, "3.07 M", "307万"),
        (1_208_669_257, "1.21 bn", "12.1亿"),
    ],
)
def test_counts_have_three_figures(number: int, english: str, chinese: str) -> None:
    assert EN.count(number).replace("\xa0", " ") == english
    assert ZH.count(number) == chinese


def test_dates_and_names_are_in_the_form_of_the_language() -> None:
    when = date(2026, 9, 17)
    assert [EN.day(when).replace("\xa0", " "), ZH.day(when)] == ["17 September 2026", "2026年9月17日"]
    assert [EN.short_day(when).replace("\xa0", " "), ZH.short_day(when)] == ["17 Sept 2026", "2026年9月17日"]
    assert [EN.month(when).replace("\xa0", " "), ZH.month(when)] == ["September 2026", "2026年9月"]
    assert [EN.country("CN"), ZH.country("CN"), EN.country("??"), EN.country(None)] == [
        "China", "中国", "??", "unknown",
    ]  # fmt: skip
    assert [EN.listing([]), EN.listing(["a"]), EN.listing(["a", "b", "c"])] == ["", "a", "a, b and c"]
    assert ZH.listing(["a", "b", "c"]) == "a、b 和 c"
    assert EN.universe("generative_language") == "generative language models"
    assert EN.universe("something_new") == "something new"
    assert ZH.scope("a-live-scope", "what the release says") == "what the release says"


@given(st.floats(min_value=0, max_value=1, allow_nan=False))
def test_a_written_share_is_near_the_share(share: float) -> None:
    text = EN.percent(share).replace("\xa0%", "")
    number = float(text.split()[-1])
    assert abs(number - 100 * share) <= 0.1000001


def test_cutting_keeps_both_ends_and_makes_one_line() -> None:
    assert cut("short") == "short"
    assert cut("a\nb\t\x00c") == "a b c"
    long = cut("begin-" + "x" * 300 + "-end", 30)
    assert len(long) == 30
    assert long.startswith("begin-")
    assert long.endswith("-end")
    assert "\u202e" not in cut("a\u202eb")
    assert cut_end("a sentence, that goes on", 12) == "a sentence…"
    assert sentence("mT5 is") == "MT5 is"
