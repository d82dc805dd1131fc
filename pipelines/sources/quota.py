"""What a server says of its quota and of waiting, in whichever of the usual headers.

Here: reading headers. Not here: waiting (http).
"""

import email.utils
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Quota:
    """What a server said is left of its quota: calls, and the seconds until it is renewed."""

    left: int
    renewed_in_seconds: float
    of: int | None = None


def told_quota(headers: Mapping[str, str]) -> Quota | None:
    """Read the Hub's `RateLimit` or GitHub's `x-ratelimit-*`; None where a server says nothing sound."""
    hub = re.search(r"\br=(\d+)\s*;\s*t=(\d+)", headers.get("RateLimit", ""))
    if hub:
        policy = re.search(r"\bq=(\d+)", headers.get("RateLimit-Policy", ""))
        return Quota(_sound(hub[1]), float(_sound(hub[2])), _sound(policy[1]) if policy else None)
    left, reset = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-reset", "")
    if left.isdecimal() and reset.isdecimal():
        limit = headers.get("x-ratelimit-limit", "")
        rest = max(0.0, _sound(reset) - _server_time(headers))
        return Quota(_sound(left), rest, _sound(limit) if limit.isdecimal() else None)
    return None


def _sound(digits: str) -> int:
    """Read a number of calls or seconds; an absurd one becomes one that can still be reckoned with."""
    return min(int(digits[:20]), 2**40)


def _server_time(headers: Mapping[str, str]) -> float:
    """Give the server's clock, since ours may be minutes off; ours where it does not tell."""
    told = _told_time(headers.get("Date", ""))
    return time.time() if told is None else told


def _told_time(text: str) -> float | None:
    """Read the date of a header; None where it is none."""
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):  # OverflowError: a day or a zone of twenty digits
        return None


def asked_wait(headers: Mapping[str, str], quota: Quota | None) -> float | None:
    """Give how many seconds the server asks us to wait, None when it does not say."""
    told = headers.get("Retry-After", "").strip()
    if told.isdecimal():
        return float(_sound(told))
    if told:
        until = _told_time(told)
        return None if until is None else max(0.0, until - _server_time(headers))
    return quota.renewed_in_seconds + 1 if quota and quota.left <= 0 else None
