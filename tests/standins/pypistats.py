"""A stand-in for pypistats.org: daily downloads of packages, the last 180 days, with the newest ones late."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from tests.standins.server import Answer, FixedWindow, Request, StandIn, json_answer

DAYS_KEPT = 180


class PyPIStats(StandIn):
    """The API over `packages`: downloads without mirrors by day.

    Days older than 180 are forgotten, the newest `absent_days` before `today` are not there yet. `revise`
    gets the name, the number of the call (from 1) and the series, and gives the series as it is told: the
    place for days that still grow. `calls_a_minute` sets a quota (inferred: 30).
    """

    def __init__(
        self,
        packages: Mapping[str, Mapping[date, int]],
        *,
        today: date,
        absent_days: int = 1,
        revise: Callable[[str, int, dict[date, int]], dict[date, int]] | None = None,
        calls_a_minute: int | None = None,
        **standin: Any,
    ) -> None:
        super().__init__(**standin)
        self.packages = {name: dict(series) for name, series in packages.items()}
        self.today = today
        self.absent_days = absent_days
        self.revise = revise
        self.calls_a_minute = calls_a_minute
        self._window = FixedWindow(60, self.clock)
        self._calls: dict[str, int] = {}

    def answer(self, request: Request) -> Answer:
        """The series of one package, or why not."""
        used, _ = self._window.used("all", 1)
        if self.calls_a_minute is not None and used > self.calls_a_minute:
            return Answer(429, {"Content-Type": "text/html"}, b"RATE LIMIT EXCEEDED")
        found = re.fullmatch(r"/api/packages/([^/]+)/overall", request.path)
        name = re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""
        if name not in self.packages:
            return Answer(404, {"Content-Type": "text/html"}, b"404")
        mirrors = request.first("mirrors")
        rows = self._rows(name, 1, "without_mirrors") if mirrors != "true" else []
        if mirrors != "false":
            rows += self._rows(name, 2, "with_mirrors")
        return json_answer({"data": rows, "package": name, "type": "overall_downloads"})

    def _rows(self, name: str, factor: int, category: str) -> list[dict[str, Any]]:
        self._calls[name] = self._calls.get(name, 0) + 1
        oldest = self.today - timedelta(days=DAYS_KEPT)
        newest = self.today - timedelta(days=1 + self.absent_days)
        series = {day: n for day, n in self.packages[name].items() if oldest <= day <= newest}
        if self.revise:
            series = self.revise(name, self._calls[name], series)
        return [
            {"category": category, "date": day.isoformat(), "downloads": factor * series[day]}
            for day in sorted(series)
        ]
