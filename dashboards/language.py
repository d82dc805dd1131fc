"""The language of a page: its catalogue of texts, and numbers, dates and names in its form.

Here: keys and values in, plain text out. Not here: HTML (the templates escape), colours (theme) and texts
themselves, which stand in `locales/<language>/<topic>.toml`: the key `dependence.classes.title` is the entry
`title` of the table `[classes]` in `dependence.toml`.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list

LOCALES = Path(__file__).parent / "locales"
CODES = ("en", "zh")
NBSP = "\u00a0"
_BABEL = {"en": "en_GB", "zh": "zh_Hans_CN"}
_SHORT_DATE = {"en": "d MMM y", "zh": "y年M月d日"}
_MONTH = {"en": "MMMM y", "zh": "y年M月"}
#: From which number on a count is cut to three figures, the size of the unit, and what stands for it.
_UNITS = {
    "en": ((1e9, 1e9, f"{NBSP}bn"), (1e6, 1e6, f"{NBSP}M"), (1e4, 1e3, f"{NBSP}k")),
    "zh": ((1e8, 1e8, "亿"), (1e4, 1e4, "万")),
}
_PERCENT = {"en": f"{NBSP}%", "zh": "%"}

Catalogue = dict[str, Any]


class TextError(KeyError):
    """A page asks for a text that the catalogue of its language does not have, or leaves a place empty."""


@cache
def catalogue(code: str) -> Catalogue:
    """Read all texts of a language: nested tables, the file's name first."""
    return {
        path.stem: _on_one_line(tomllib.loads(path.read_text(encoding="utf-8")), code)
        for path in sorted((LOCALES / code).glob("*.toml"))
    }


def _on_one_line(value: Any, code: str) -> Any:
    """Join the lines of a text: with a space, or with nothing where the script has none between words."""
    if isinstance(value, dict):
        return {key: _on_one_line(part, code) for key, part in value.items()}
    if isinstance(value, list):
        return [_on_one_line(part, code) for part in value]
    return re.sub(r"\s*\n\s*", "" if code == "zh" else " ", str(value).strip())


class Language:
    """One language: call it with a key and values to get a text."""

    def __init__(self, code: str, site_url: str = "") -> None:
        """Take one of CODES, and the address at which the site will stand where it is known."""
        self.code = code
        self.site_url = site_url
        self._locale = Locale.parse(_BABEL[code])

    @property
    def folder(self) -> str:
        """Where the pages of the language lie, seen from the root of the site."""
        return "" if self.code == "en" else f"{self.code}/"

    @property
    def up(self) -> str:
        """The way from a page of the language to the root of the site."""
        return "" if self.code == "en" else "../"

    def address(self, path: str) -> str:
        """Give the address of a page or a place on it: absolute where the site's is known."""
        return f"{self.site_url}{self.folder}{path}" if self.site_url else path

    def _find(self, key: str) -> Any:
        found: Any = catalogue(self.code)
        for step in key.split("."):
            if not isinstance(found, Mapping) or step not in found:
                return None
            found = found[step]
        return found

    def has(self, key: str) -> bool:
        """Whether the catalogue has a text."""
        return self._find(key) is not None

    def __call__(self, key: str, **values: Any) -> str:
        """Give a text with values in its places.

        Whole numbers are written out and dates in full; a float must be written first (percent, count, ...),
        for only its reader knows its unit. An entry with the forms `one` and `other` chooses by the value
        `n`. Raises TextError for a key or a place without value.
        """
        found = self._find(key)
        if isinstance(found, Mapping) and "other" in found:
            if "n" not in values:
                raise TextError(f"{self.code} {key!r} chooses its form by n, which is not given.")
            form = self._locale.plural_form(abs(values["n"]))
            found = found.get(form, found["other"])
        if not isinstance(found, str):
            raise TextError(f"{self.code} has no text {key!r}.")
        return self._fill(key, found, values)

    def _fill(self, key: str, text: str, values: dict[str, Any]) -> str:
        try:
            return text.format_map({name: self._written(name, value) for name, value in values.items()})
        except KeyError as error:
            raise TextError(f"{self.code} {key!r} has a place {error} that no value fills.") from None

    def _written(self, name: str, value: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return self.exact(value)
        if isinstance(value, date):
            return self.day(value)
        raise TypeError(f"The value {name} = {value!r} must be written as text first.")

    def lines(self, key: str, **values: Any) -> list[str]:
        """Give a list of texts, such as the paragraphs of a section."""
        found = self._find(key)
        if not isinstance(found, list):
            raise TextError(f"{self.code} has no list of texts {key!r}.")
        return [self._fill(key, text, values) for text in found]

    def pairs(self, key: str) -> list[tuple[str, str]]:
        """Give a table of texts as pairs, such as words and their meanings: each has `word` and `meaning`."""
        found = self._find(key)
        if not isinstance(found, list):
            raise TextError(f"{self.code} has no pairs {key!r}.")
        return [(part["word"], part["meaning"]) for part in found]

    def table(self, key: str) -> dict[str, Any]:
        """Give all texts below a key, for a script that fills their places itself."""
        found = self._find(key)
        if not isinstance(found, dict):
            raise TextError(f"{self.code} has no texts {key!r}.")
        return found

    def or_else(self, key: str, otherwise: str) -> str:
        """Give a text of something that the data name, or what stands for one that no catalogue knows."""
        found = self._find(key)
        return found if isinstance(found, str) else otherwise

    # Numbers ---------------------------------------------------------------------------------------------

    def percent(self, share: float) -> str:
        """Write a share with one decimal; what is not quite all or nothing is never rounded to it."""
        sign = _PERCENT[self.code]
        text = _fixed(100 * share, 1)
        if share < 1 and text == "100.0":
            return self("common.over", number=f"99.9{sign}")
        if share > 0 and text == "0.0":
            return self("common.under", number=f"0.1{sign}")
        return f"{100 if text == '100.0' else 0 if text in ('0.0', '-0.0') else text}{sign}"

    def percent_change(self, percent: float) -> str:
        """Write a rate that is told in percent, such as growth a week, with two decimals."""
        return f"{percent:.2f}{_PERCENT[self.code]}"

    def percent_range(self, lower: float, upper: float) -> str:
        """Write bounds: `85.1 % to 98.6 %`, or one number where both read the same."""
        return self.range(self.percent(lower), self.percent(upper))

    def range(self, lower: str, upper: str) -> str:
        """Write two written numbers as a range, or one where both read the same."""
        return lower if lower == upper else self("common.range", lower=lower, upper=upper)

    def count(self, number: float) -> str:
        """Write a count with three figures: 9,715 and 450 k and 3.07 M."""
        for least, size, unit in _UNITS[self.code]:
            if abs(number) >= least:
                return f"{_three_figures(number / size)}{unit}"
        return self.exact(int(_fixed(number, 0)))

    def exact(self, number: float) -> str:
        """Write all of a number, with thousands apart."""
        if float(number).is_integer():
            return f"{int(number):,}"
        return f"{number:,.9f}".rstrip("0").rstrip(".")

    def days(self, number: float) -> str:
        """Write a number of days, whole."""
        return self("common.days", n=round(number))

    def times(self, ratio: float) -> str:
        """Write how many times something is something else."""
        return f"{ratio:.1f}" if ratio < 10 else f"{round(ratio):,}"

    # Dates and names -------------------------------------------------------------------------------------

    def day(self, when: date) -> str:
        """Write a date in full: 17 September 2026."""
        return format_date(when, "long", self._locale).replace(" ", NBSP)

    def short_day(self, when: date) -> str:
        """Write a date briefly: 17 Sep 2026."""
        return format_date(when, _SHORT_DATE[self.code], self._locale).replace(" ", NBSP)

    def month(self, when: date) -> str:
        """Write a month: September 2026."""
        return format_date(when, _MONTH[self.code], self._locale).replace(" ", NBSP)

    def listing(self, names: Iterable[str]) -> str:
        """Join names as in a sentence: a, b and c."""
        text = format_list(list(names), locale=self._locale)
        return re.sub(r"(?<=[!-~])和", " 和", re.sub(r"和(?=[!-~])", "和 ", text))  # Chinese beside Latin

    def joined(self, *texts: str) -> str:
        """Put sentences one after the other, spaced as the script has it; empty ones are left out."""
        return ("" if self.code == "zh" else " ").join(filter(None, texts))

    def country(self, code: str | None) -> str:
        """Name a country by its ISO code; a code that nobody knows stands as it is."""
        if not code:
            return self("common.unknown")
        name: str = self._locale.territories.get(code, code)
        return name

    def universe(self, name: str) -> str:
        """Name a universe of models as in a sentence."""
        return self.or_else(f"common.universes.{name}", name.replace("_", " "))

    def scope(self, scope: str, title: str | None) -> str:
        """Describe a population; `title` is what the release says of it, in English."""
        return self.or_else(f"common.scopes.{scope}", title or scope)

    def model_list(self, scope: str, title: str | None, when: date) -> str:
        """Name a list of models in a sentence."""
        return self("common.list", day=self.short_day(when), title=self.scope(scope, title))


def _fixed(number: float, places: int) -> str:
    """Write a number with some decimals, an exact half away from zero, as scripts do (toFixed)."""
    return str(Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def _three_figures(number: float) -> str:
    text = _fixed(number, 2 if abs(number) < 10 else 1 if abs(number) < 100 else 0)
    return text.rstrip("0").rstrip(".") if "." in text else text
