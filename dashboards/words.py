"""Text from the data, made fit to be read: short, on one line. What a language decides is elsewhere."""

from unicodedata import east_asian_width


def is_wide(mark: str) -> bool:
    """Whether a sign takes the room of two, as those of Chinese do."""
    return east_asian_width(mark) in "WF"


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


def sentence(text: str) -> str:
    """Begin with a capital letter, and leave the rest as it is."""
    return text[:1].upper() + text[1:]
