"""Numbers, dates and names as people read them.

Here: values in, plain text out. Not here: HTML (the templates escape) and colours (theme).
"""

import re
from datetime import date

NBSP = "\u00a0"
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


#: How the universes of tasks are called in a sentence.
UNIVERSES = {
    "all": "all models",
    "generative_language": "generative language models",
    "image_generation": "image generation models",
    "video_generation": "video generation models",
    "embedding": "embedding models",
    "language_task": "models for single language tasks",
    "speech": "speech and audio models",
    "vision": "vision models",
    "other": "other models",
    "unknown": "models of unknown task",
}


def percent(share: float) -> str:
    """Write a share as percent with one decimal; what is not quite all or nothing is never rounded to it."""
    text = f"{100 * share:.1f}"
    if share < 1 and text == "100.0":
        return f"over{NBSP}99.9{NBSP}%"
    if share > 0 and text == "0.0":
        return f"under{NBSP}0.1{NBSP}%"
    return f"{100 if text == '100.0' else 0 if text == '0.0' else text}{NBSP}%"


def percent_range(lower: float, upper: float) -> str:
    """Write bounds: `85.1 % to 98.6 %`, or one number where both read the same."""
    low, high = percent(lower), percent(upper)
    return low if low == high else f"{low} to {high}"


def count(number: float) -> str:
    """Write a count with three figures: 9,715 and 450 k and 3.07 M."""
    for size, unit in ((1e9, "bn"), (1e6, "M"), (1e4, "k")):
        if abs(number) >= size:
            scale = 1e3 if unit == "k" else size
            return f"{_three_figures(number / scale)}{NBSP}{unit}"
    return exact(round(number))


def _three_figures(number: float) -> str:
    text = f"{number:.{2 if abs(number) < 10 else 1 if abs(number) < 100 else 0}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact(number: float) -> str:
    """Write all of a number, with thousands apart."""
    if float(number).is_integer():
        return f"{int(number):,}"
    return f"{number:,.9f}".rstrip("0")


def days(number: float) -> str:
    """Write a number of days, whole."""
    return f"{round(number):,}{NBSP}{'day' if round(number) == 1 else 'days'}"


def times(ratio: float) -> str:
    """Write how many times something is something else."""
    return f"{ratio:.1f}" if ratio < 10 else f"{round(ratio):,}"


def day(when: date) -> str:
    """Write a date in full: 17 September 2026."""
    return f"{when.day}{NBSP}{MONTHS[when.month - 1]}{NBSP}{when.year}"


def short_day(when: date) -> str:
    """Write a date briefly: 17 Sep 2026."""
    return f"{when.day}{NBSP}{MONTHS[when.month - 1][:3]}{NBSP}{when.year}"


def plural(number: int, noun: str, several: str = "") -> str:
    """Write `1 list`, `6 lists`."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def listing(names: list[str]) -> str:
    """Join names as in a sentence: a, b and c."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def cut(text: str, length: int = 48) -> str:
    """Make one line of any text and shorten it in the middle; ids differ at both ends."""
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    if len(line) <= length:
        return line
    tail = length // 3
    return f"{line[: length - tail - 1]}…{line[-tail:]}"


def cut_end(text: str, length: int) -> str:
    """Make one line of a sentence or a title and shorten it at its end."""
    line = cut(text, 10_000)
    return line if len(line) <= length else f"{line[: length - 1].rstrip(' ,.;')}…"


def list_words(title: str, when: date) -> str:
    """Name a list of models in a sentence."""
    return f"the list of {short_day(when)} ({title})"


def sentence(text: str) -> str:
    """Begin with a capital letter, and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def universe(name: str) -> str:
    """Name a universe as in a sentence."""
    return UNIVERSES.get(name, name.replace("_", " "))


def paragraphs(text: str) -> list[str]:
    """Split prose at its empty lines and put each paragraph on one line."""
    return [re.sub(r"[ \n]+", " ", part).strip() for part in text.split("\n\n") if part.strip()]


def definitions(text: str) -> list[tuple[str, str]]:
    """Split paragraphs that begin with `word: ` into words and their meanings."""
    return [(word, meaning) for word, _, meaning in (part.partition(": ") for part in paragraphs(text))]
