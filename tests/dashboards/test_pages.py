"""What the pages say of the list that the headlines use."""

from datetime import date

import polars as pl
import pytest

from dashboards.data import ModelList
from dashboards.pages import overview
from dashboards.pages.page import card

DAY = date(2026, 11, 22)
CHOSEN = ModelList(DAY, "whole-hub", "all public models on the Hub")


def coverage(*, is_whole: bool) -> pl.DataFrame:
    row = {"scope": "whole-hub", "newest_date": DAY, "is_whole_population": is_whole, "is_model_list": True}
    return pl.DataFrame([row | {"title": "all public models on the Hub", "rows": 3_000_000}])


def test_a_list_of_the_whole_hub_is_not_called_a_part_of_it() -> None:
    words = [
        *overview.choice(CHOSEN, coverage(is_whole=True)),
        *overview.list_limit(CHOSEN, coverage(is_whole=True)),
    ]
    assert "stands above newer lists of a part of it for ten days" in words[0]
    assert "of all public models that the Hub listed on that day" in words[1]
    assert not any("partial" in text for text in words)


def test_a_list_of_a_part_says_so() -> None:
    assert "the newest list of at least 5,000 models" in overview.choice(CHOSEN, coverage(is_whole=False))[0]
    assert "is partial" in overview.list_limit(CHOSEN, coverage(is_whole=False))[0]


@pytest.mark.parametrize(
    ("headline", "unit"), [("dependent_share", "share"), ("organizations_carrying_half", "organizations")]
)
def test_every_number_of_a_list_says_how_much_of_it_is_known(headline: str, unit: str) -> None:
    row = {
        "headline": headline, "unit": unit, "value": 0.5, "lower": None, "upper": None, "as_of_date": DAY,
        "denominator": "downloads", "title": "a list", "scope": "list", "with_parent_pct": 4.7,
    }  # fmt: skip
    lines = [line.replace("\xa0", " ") for line in card(row).lines]
    assert lines[:3] == ["As of 22 November 2026", "Of: downloads", "Scope: a list"]
    assert lines[3].startswith("Coverage: 4.7 % of that list's models have a known parent")
