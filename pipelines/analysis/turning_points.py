"""Turning points of growth: the months in which the community's births sped up or slowed down for long.

Here: smoothing, and the rules of Bry and Boschan (Cyclical Analysis of Time Series, NBER 1971) as Harding and
Pagan state them (Journal of Monetary Economics 2002). Not here: how fast things grow (growth).

The rules speak of a series without seasons; here it is the growth of births, so these are turns of a growth
rate: after a peak births may well go on growing, only more slowly.

1. Births of full months, a day, in logarithms; smoothed by the centred 12-month average (half weights at its
   ends), which takes the seasons out and loses six months at either end; growth is its monthly difference.
2. A turn is a month whose growth is the highest (lowest) of the five months on either side.
3. Peaks and troughs alternate: of neighbours of one kind the higher peak (lower trough) stays.
4. From peak to peak and from trough to trough are 15 months at least: of two that are nearer the lesser one
   goes; from peak to trough are five.
5. Turns nearer than six months to an end of the smoothed series are left out.
6. Ours: a turn counts only if growth moves on either side of it by more than noise alone would ever make it
   move in 19 of 20 series of that length. Smoothed noise has turns too, and rules 1 to 5 find some in any
   series that only grows steadily. The noise is what smoothing and the means of the calendar months leave, a
   first-order autoregression; what it does to smoothed growth is simulated, with the same seed every time.
   And growth moves by 1 % a month at least: less is no news.

A turn is provisional until it has been there for six months: until it is found without the last six too.

The simplification: the published routine goes on to look for the same turn in less smoothed series (Spencer's
curve, a short average, the series itself) to date it to the month. Monthly growth of births is too rough for
that; a turn is dated to a few months.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

FloatArray = npt.NDArray[np.float64]

WINDOW_MONTHS = 5
LEAST_PHASE_MONTHS = 5
LEAST_CYCLE_MONTHS = 15
END_MONTHS = 6
PROVISIONAL_MONTHS = 6
#: Half of the 12-month average.
LOST_MONTHS = 6
#: Two cycles' length beside what smoothing and the ends take.
LEAST_MONTHS = 2 * LEAST_CYCLE_MONTHS + 2 * (LOST_MONTHS + END_MONTHS)
LEAST_BIRTHS_A_MONTH = 30
SMALLEST_SWING = 0.01

ESTIMATED = "estimated"
_DRAWS = 300
_RHO = np.linspace(0, 0.9, 7)
_KEYS = ("series", "scope", "universe", "as_of_date")


@dataclass(frozen=True)
class Turn:
    """A turn: its place in the series, and whether growth was highest there."""

    place: int
    is_peak: bool


def smoothed_growth(births_a_day: FloatArray) -> FloatArray:
    """Give the monthly growth of the centred 12-month average of ln(births).

    births_a_day: n months, above 0. Gives n - 13 numbers; number i is the growth into month i + 7.
    """
    return np.diff(_smooth(np.log(births_a_day)[None, :])[0])


def _smooth(rows: FloatArray) -> FloatArray:
    """Give the centred 12-month average of every row."""
    averages = np.lib.stride_tricks.sliding_window_view(rows, 12, axis=1).mean(axis=2)
    centred: FloatArray = (averages[:, 1:] + averages[:, :-1]) / 2
    return centred


def turns_of(growth: FloatArray, least_swing: float = 0.0) -> list[Turn]:
    """Find the turns of a series by rules 2 to 5, and by rule 6 if noise swings by `least_swing`."""
    turns = _alternating(_extremes(growth), growth)
    while True:
        worst = _too_near(turns, growth)
        if worst is None:
            break
        turns = _alternating([turn for turn in turns if turn is not worst], growth)
    last = len(growth) - 1
    return _that_stand_out(
        [turn for turn in turns if END_MONTHS <= turn.place <= last - END_MONTHS], growth, least_swing
    )


def _that_stand_out(turns: list[Turn], growth: FloatArray, least_swing: float) -> list[Turn]:
    """Take out phases that swing less than that, the smallest first: both their turns, at an end the one."""
    while turns:
        swings = _swings(turns, growth)
        smallest = int(np.argmin(swings))
        if swings[smallest] >= least_swing:
            break
        turns = turns[: max(smallest - 1, 0)] + turns[smallest + 1 :]
    return turns


def _swings(turns: list[Turn], growth: FloatArray) -> list[float]:
    """Give how far growth moves before the first turn, between neighbours, and after the last one."""
    places = [turn.place for turn in turns]
    first, last = growth[: places[0] + 1], growth[places[-1] :]
    between = [abs(float(growth[one] - growth[other])) for one, other in pairwise(places)]
    before = first[-1] - first.min() if turns[0].is_peak else first.max() - first[-1]
    after = last[0] - last.min() if turns[-1].is_peak else last.max() - last[0]
    return [float(before), *between, float(after)]


def least_swing(births_a_day: FloatArray) -> float:
    """Give the swing of smoothed growth (logarithmic, a month) that noise exceeds in one series of 20.

    births_a_day: n months, above 0. At least SMALLEST_SWING.
    """
    known = _of_noise(len(births_a_day))
    noise = _noise(np.log(births_a_day)[None, :])
    rho = np.interp(_first_autocorrelation(noise)[0], known.autocorrelation, _RHO)
    swing = np.interp(rho, _RHO, known.swing / known.deviation)
    return max(float(swing * np.sqrt((noise * noise).mean())), SMALLEST_SWING)


@dataclass(frozen=True)
class _Noise:
    """What comes of autoregressions of standard deviation 1, one for each of _RHO.

    The autocorrelation and the standard deviation of what _noise gives, and the swing of smoothed growth.
    """

    autocorrelation: FloatArray
    deviation: FloatArray
    swing: FloatArray


@lru_cache(maxsize=8)
def _of_noise(months: int) -> _Noise:
    shocks = np.random.default_rng(0).standard_normal((_DRAWS, months))
    known = []
    for rho in _RHO:
        values = shocks.copy()
        for month in range(1, months):
            values[:, month] = rho * values[:, month - 1] + np.sqrt(1 - rho * rho) * shocks[:, month]
        noise = _noise(values)
        swing = np.quantile(np.ptp(np.diff(_smooth(values), axis=1), axis=1), 0.95)
        known.append((_first_autocorrelation(noise).mean(), np.sqrt((noise * noise).mean()), swing))
    return _Noise(*np.array(known).T)


def _noise(logarithms: FloatArray) -> FloatArray:
    """Give what the 12-month average and the means of the calendar months leave; n rows."""
    rest = logarithms[:, LOST_MONTHS:-LOST_MONTHS] - _smooth(logarithms)
    for month in range(12):
        rest[:, month::12] -= rest[:, month::12].mean(axis=1, keepdims=True)
    return rest


def _first_autocorrelation(rows: FloatArray) -> FloatArray:
    squares = (rows * rows).sum(axis=1)
    products = (rows[:, 1:] * rows[:, :-1]).sum(axis=1)
    ratio: FloatArray = np.divide(products, squares, out=np.zeros(len(rows)), where=squares > 0)
    return ratio


def _extremes(growth: FloatArray) -> list[Turn]:
    """Give the months that are the highest or lowest of the window around them; of a tie the first."""
    turns = []
    for place in range(WINDOW_MONTHS, len(growth) - WINDOW_MONTHS):
        around = growth[place - WINDOW_MONTHS : place + WINDOW_MONTHS + 1]
        if around.max() == around.min():
            continue
        if np.argmax(around) == WINDOW_MONTHS:
            turns.append(Turn(place, is_peak=True))
        elif np.argmin(around) == WINDOW_MONTHS:
            turns.append(Turn(place, is_peak=False))
    return turns


def _strength(turn: Turn, growth: FloatArray) -> float:
    """Say how pronounced a turn is among those of its kind: higher peaks and lower troughs are more so."""
    return float(growth[turn.place]) if turn.is_peak else -float(growth[turn.place])


def _alternating(turns: list[Turn], growth: FloatArray) -> list[Turn]:
    """Keep of neighbours of one kind the more pronounced, of equals the first."""
    kept: list[Turn] = []
    for turn in turns:
        if not kept or kept[-1].is_peak != turn.is_peak:
            kept.append(turn)
        elif _strength(turn, growth) > _strength(kept[-1], growth):
            kept[-1] = turn
    return kept


def _too_near(turns: list[Turn], growth: FloatArray) -> Turn | None:
    """Give the first turn that breaks rule 4: the lesser of two of a kind, or the end of a short phase."""
    for before, turn, after in zip(turns, turns[1:], turns[2:], strict=False):
        if after.place - before.place < LEAST_CYCLE_MONTHS:
            return before if _strength(before, growth) < _strength(after, growth) else after
        if turn.place - before.place < LEAST_PHASE_MONTHS:
            return turn
    if len(turns) >= 2 and turns[-1].place - turns[-2].place < LEAST_PHASE_MONTHS:
        return turns[-1]
    return None


def turning_points(months: pl.DataFrame) -> pl.DataFrame:
    """Find the turns of every series; see sql/marts/turning_points.sql for the columns.

    months: series, scope, universe, as_of_date, is_illustration, month_date, last_full_date, births.
    """
    frames = [pl.DataFrame(schema=_SCHEMA)]
    for keys, rows in sorted(months.partition_by(_KEYS, as_dict=True).items()):
        named = dict(zip(_KEYS, keys, strict=True))
        frames.append(pl.DataFrame([named | row for row in _of_series(rows)], schema=_SCHEMA))
    return pl.concat(frames)


_SCHEMA = pl.Schema(
    {
        "series": pl.String(),
        "scope": pl.String(),
        "universe": pl.String(),
        "as_of_date": pl.Date(),
        "turn": pl.Int64(),
        "month_date": pl.Date(),
        "kind": pl.String(),
        "growth_pct_per_month": pl.Float64(),
        "is_provisional": pl.Boolean(),
        "least_swing_pct": pl.Float64(),
        "months": pl.Int64(),
        "status": pl.String(),
    }
)


def _of_series(rows: pl.DataFrame) -> list[dict[str, object]]:
    """Give the row of the status of one series, and a row for each of its turns."""
    full = _full_months(rows)
    first: dict[str, object] = {"turn": 0, "months": full.height, "status": ESTIMATED}
    reason = _why_not(rows, full)
    if reason:
        return [first | {"status": f"not estimable: {reason}"}]
    births = full["births_a_day"].to_numpy()
    growth, swing = smoothed_growth(births), least_swing(births)
    first["least_swing_pct"] = round(100 * float(np.expm1(swing)), 6)
    dates = full["month_date"].to_list()
    seen_before: list[Turn] = []
    if full.height - PROVISIONAL_MONTHS >= LEAST_MONTHS:
        earlier = births[:-PROVISIONAL_MONTHS]
        seen_before = turns_of(smoothed_growth(earlier), least_swing(earlier))
    found = []
    for number, turn in enumerate(turns_of(growth, swing), start=1):
        place = turn.place + LOST_MONTHS + 1
        found.append(
            {
                "turn": number,
                "month_date": dates[place],
                "kind": "peak" if turn.is_peak else "trough",
                "growth_pct_per_month": round(100 * (float(np.exp(growth[turn.place])) - 1), 9),
                "is_provisional": turn not in seen_before,
                "least_swing_pct": first["least_swing_pct"],
                "months": full.height,
                "status": ESTIMATED,
            }
        )
    return [first, *found]


def _full_months(rows: pl.DataFrame) -> pl.DataFrame:
    """Give every month from the second one (the first may be cut) to the last that has ended, gaps as 0."""
    first = rows["month_date"].min()
    ended = rows.filter(pl.col("month_date").dt.month_end() <= pl.col("last_full_date"))
    if ended.is_empty():
        return pl.DataFrame(schema={"month_date": pl.Date(), "births_a_day": pl.Float64()})
    calendar = pl.DataFrame(
        {"month_date": pl.date_range(first, ended["month_date"].max(), "1mo", eager=True)}  # type: ignore[arg-type]
    )[1:]
    length = pl.col("month_date").dt.month_end().dt.day()
    return calendar.join(ended, on="month_date", how="left", maintain_order="left").select(
        "month_date", births_a_day=pl.col("births").fill_null(0) / length
    )


def _why_not(rows: pl.DataFrame, full: pl.DataFrame) -> str | None:
    """Say why turns cannot be looked for, if so."""
    if rows["is_illustration"][0]:
        return "a partial list"
    if full.height < LEAST_MONTHS:
        return f"fewer than {LEAST_MONTHS} full months"
    if full["births_a_day"].min() * 28 < LEAST_BIRTHS_A_MONTH:  # type: ignore[operator]
        return f"a month with fewer than {LEAST_BIRTHS_A_MONTH} births"
    return None
