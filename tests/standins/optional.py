"""Stand-ins for the optional sources: OpenRouter's daily rankings and the arena's leaderboard file.

OpenRouter, as its reference says: at most 50 models a day and one row `other`, which comes last; token counts
are decimal texts; `meta` echoes the window as it was taken, with the last whole day as its latest end; the
data begin on 2025-01-01. Inferred: the texts of errors.

The arena's data set has one folder per board (`text`, `vision` ...) and two splits each (`latest`, `full`).
Inferred from code that reads it: the file's name and the columns' types.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.standins.server import Answer, FixedWindow, Request, StandIn, json_answer

TOKEN = "or_standin"
FIRST_DAY = date(2025, 1, 1)
ARENA_TEXT = "/datasets/lmarena-ai/leaderboard-dataset/resolve/main/text/latest-00000-of-00001.parquet"


class OpenRouter(StandIn):
    """The rankings over `tokens`: per day the tokens of each model."""

    def __init__(
        self,
        tokens: Mapping[date, Mapping[str, int]],
        *,
        today: date,
        token: str = TOKEN,
        calls_a_minute: int = 30,
        **standin: Any,
    ) -> None:
        super().__init__(**standin)
        self.tokens = {day: dict(models) for day, models in tokens.items()}
        self.today = today
        self.token = token
        self.calls_a_minute = calls_a_minute
        self._window = FixedWindow(60, self.clock)

    def answer(self, request: Request) -> Answer:
        """The rows of the days asked for, or why not."""
        if request.token != self.token:
            return _error(401, "No auth credentials found")
        if self._window.used(self.token, 1)[0] > self.calls_a_minute:
            return _error(429, "Rate limit exceeded")
        if request.path != "/api/v1/datasets/rankings-daily":
            return _error(404, "Not Found")
        last = self.today - timedelta(days=1)
        try:
            end = min(last, date.fromisoformat(request.first("end_date", last.isoformat())))
            start = date.fromisoformat(request.first("start_date", (end - timedelta(days=30)).isoformat()))
        except ValueError:
            return _error(400, "Invalid date")
        start = max(start, FIRST_DAY)
        if end < start:
            return _error(400, "start_date must not be after end_date")
        rows = [row for day in sorted(self.tokens) if start <= day <= end for row in self._day(day)]
        meta = {"as_of": f"{self.today}T02:00:00Z", "start_date": str(start), "end_date": str(end)}
        return json_answer({"data": rows, "meta": meta | {"version": "v1"}})

    def _day(self, day: date) -> list[dict[str, str]]:
        ranked = sorted(self.tokens[day].items(), key=lambda pair: -pair[1])
        rest = sum(tokens for _, tokens in ranked[50:])
        named = ranked[:50] + ([("other", rest)] if rest else [])
        return [{"date": str(day), "model_permaslug": n, "total_tokens": str(t)} for n, t in named]


def arena_parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write the leaderboard file; `rows` have model_name, organization, license, rating, vote_count, rank."""
    schema = pa.schema(
        [
            ("model_name", pa.string()),
            ("organization", pa.string()),
            ("license", pa.string()),
            ("rating", pa.float64()),
            ("rating_lower", pa.float64()),
            ("rating_upper", pa.float64()),
            ("variance", pa.float64()),
            ("vote_count", pa.int64()),
            ("rank", pa.int64()),
            ("category", pa.string()),
            ("leaderboard_publish_date", pa.string()),
        ]
    )
    default = {"category": "overall", "leaderboard_publish_date": "2026-11-20"}
    pq.write_table(pa.Table.from_pylist([default | row for row in rows], schema=schema), path)
    return path


def _error(status: int, message: str) -> Answer:
    return json_answer({"error": {"code": status, "message": message}}, status)
