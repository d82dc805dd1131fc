"""Rarefaction: how diverse counts are at equal coverage, whatever their number.

Here: the coverage of counts, their Hill numbers at a given coverage, and the interval of these. Not here:
measures of weights as they are, downloads among them (diversity).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Counts are compared at this coverage: half of the next derivatives come from units already seen.
COVERAGE = 0.5


def coverage(counts: IntArray) -> float:
    """Estimate which part of the next individuals would come from units already seen.

    Chao and Jost 2012 (Ecology 93, 2533-2547), equation 4a: 1 - f1/n * (n-1)f1 / ((n-1)f1 + 2 f2), where f1
    units were seen once and f2 twice; with f2 = 0, (f1 - 1) and 2 stand for f1 and 2 f2.
    """
    total, once, twice = counts.sum(), (counts == 1).sum(), (counts == 2).sum()
    if once == 0:
        return 1.0
    ahead = (total - 1) * (once if twice else once - 1)
    return float(1 - once / total * ahead / (ahead + (2 * twice if twice else 2)))


def coverage_error(counts: IntArray) -> float:
    """Give the standard error of `coverage` (Esty 1983): sqrt(f1 (n - f1) / n + 2 f2) / n."""
    total, once, twice = int(counts.sum()), int((counts == 1).sum()), int((counts == 2).sum())
    return math.sqrt(once * (total - once) / total + 2 * twice) / total


def coverage_at_size(counts: IntArray, size: int) -> float:
    """Give the expected coverage of a random part of `size` individuals, 1 <= size < n.

    1 - sum over units of x/n * C(n-x, size) / C(n-1, size) (Chao and Jost 2012, equation 4a for m < n).
    """
    from scipy.special import gammaln  # noqa: PLC0415 - heavy, and only rarefaction needs it

    total = int(counts.sum())
    values, times = np.unique(counts[counts <= total - size], return_counts=True)
    missed = gammaln(total - values + 1) - gammaln(total - values - size + 1)
    missed += gammaln(total - size) - gammaln(total)
    return float(1 - (times * values / total * np.exp(missed)).sum())


def size_at_coverage(counts: IntArray, wanted: float) -> int | None:
    """Give the least size of a random part whose expected coverage is `wanted`; None when all lack it."""
    total = int(counts.sum())
    if coverage(counts) < wanted:
        return None
    low, high = 0, total  # the whole has it, nothing has not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if coverage_at_size(counts, middle) >= wanted else (middle, high)
    return high


@dataclass(frozen=True)
class Rarefied:
    """Hill numbers of order 0, 1, 2 at equal coverage, and the standard errors of their logarithms."""

    size: int
    hill: tuple[float, float, float]
    log_errors: tuple[float, float, float]


def rarefy(counts: IntArray, wanted: float = COVERAGE) -> Rarefied | None:
    """Give the Hill numbers that a random part of coverage `wanted` would show; None when it is not reached.

    counts: individuals of each unit, whole and above 0. Expectations over all parts of that size are exact
    (hypergeometric; Chao et al. 2014, Ecological Monographs 84, 45-67, for orders 1 and 2 of the expected
    frequencies). The errors are those of other derivatives by the same units at the same rates, unseen ones
    included, and of the size moving with them.
    """
    size = size_at_coverage(counts, wanted)
    if size is None:
        return None
    values, times = np.unique(counts, return_counts=True)
    total = int(counts.sum())
    richness = float((times * (1 - _missing(values, total, size))).sum())
    entropy = math.log(size) - float((times * _mean_k_log_k(values, total, size)).sum()) / size
    pairs = float((times * values * (values - 1.0)).sum())
    simpson = 1 / size + (size - 1) / size * pairs / (total * max(total - 1.0, 1.0))
    hill = (richness, math.exp(entropy), 1 / simpson)
    return Rarefied(size, hill, _log_errors(values, times, size / total, wanted, hill))


def _missing(values: IntArray, total: int, size: int) -> FloatArray:
    """Give the probability that a random part of `size` holds none of a unit's individuals."""
    from scipy.special import gammaln  # noqa: PLC0415

    can = values <= total - size
    few = np.where(can, values, 0)
    logarithm = gammaln(total - few + 1) - gammaln(total - few - size + 1)
    logarithm += gammaln(total - size + 1) - gammaln(total + 1)
    missing: FloatArray = np.where(can, np.exp(logarithm), 0.0)
    return missing


def _mean_k_log_k(values: IntArray, total: int, size: int) -> FloatArray:
    """Give E[k ln k] for the number k of each unit's individuals in a random part of `size`.

    Summed over the twelve standard deviations around the mean; what lies beyond is below 1e-30.
    """
    from scipy.special import gammaln  # noqa: PLC0415

    mean = (values * (size / total)).astype(np.float64)
    around = 12 * np.sqrt(mean * (1 - size / total)) + 12
    low = np.maximum(np.maximum(2, size - (total - values)), np.floor(mean - around)).astype(np.int64)
    high = np.minimum(np.minimum(values, size), np.ceil(mean + around)).astype(np.int64)
    lengths = np.maximum(high - low + 1, 0)
    unit = np.repeat(np.arange(len(values)), lengths)
    k = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + low[unit]
    x: IntArray = values[unit]
    fixed = gammaln(size + 1) + gammaln(total - size + 1) - gammaln(total + 1)
    per_unit = fixed + gammaln(values + 1) + gammaln(total - values + 1)
    logarithm = per_unit[unit] - gammaln(k + 1) - gammaln(x - k + 1)
    logarithm -= gammaln(size - k + 1) + gammaln(total - x - size + k + 1)
    return np.bincount(unit, np.exp(logarithm) * k * np.log(k), minlength=len(values)).astype(np.float64)


class _Response:
    """How ln hill at equal coverage responds to a unit's number of individuals, x.

    With every individual kept with probability `part`, a unit with x moves the coverage by a(x), hence the
    part that reaches the wanted coverage by a(x) / |A'|, and each Hill number directly and through the part.
    """

    def __init__(self, values: IntArray, times: IntArray, part: float, wanted: float) -> None:
        x = values.astype(np.float64)
        self.part, self.wanted, self.kept = part, wanted, 1 - part
        self.total = float((times * x).sum())
        self.slope = float((times * x * (x - 1) * self.kept ** np.maximum(x - 2, 0)).sum())
        self.singles = float((times * x * self.kept ** (x - 1)).sum())
        self.pairs = float((times * x * (x - 1)).sum())
        held, grown = _thinned_k_log_k(values, part), _thinned_k_log_k(values, part * 1.001)
        self.held = float((times * held).sum())
        self.rise = float((times * (grown - held)).sum()) / (0.001 * part)

    def of(self, values: IntArray, hill: tuple[float, float, float]) -> FloatArray:
        """Give the parts of ln hill of order 0, 1, 2 that units with `values` make up; shape (3, units)."""
        x, size = values.astype(np.float64), self.part * self.total
        alone = np.where(x > 0, x * self.kept ** np.maximum(x - 1, 0), 0.0)
        moved = (alone - (1 - self.wanted) * x) / self.slope
        grown = self.part * x + self.total * moved
        richness = 1 - self.kept**x + self.singles * moved
        entropy = grown / size - (_thinned_k_log_k(values, self.part) + self.rise * moved) / size
        entropy += self.held * grown / size**2
        simpson = x * (x - 1) / self.total**2 - 2 * self.pairs * x / self.total**3
        simpson -= x / (self.part * self.total**2) + moved / (self.part**2 * self.total)
        return np.stack([richness / hill[0], entropy, -simpson * hill[2]])


def _log_errors(
    values: IntArray, times: IntArray, part: float, wanted: float, hill: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Give the standard errors of ln(hill) over other derivatives of the same units at the same rates.

    The number of each unit is Poisson with its estimated rate: what was counted, less for rare units what
    the unseen ones have (see _rates). nan where no slope is known: the whole is needed, or no unit was seen
    twice.
    """
    if part >= 1 or values.max() < 2:
        return math.nan, math.nan, math.nan
    response = _Response(values, times, part, wanted)
    rates, units = _rates(values, times)
    variance = np.zeros(3)
    is_rare = rates <= _RARE
    if is_rare.any():
        number = np.arange(4 * _RARE)
        parts = response.of(number, hill)
        chance = _poisson(rates[is_rare], number)
        mean, square = parts @ chance.T, parts**2 @ chance.T
        variance += ((square - mean**2) * units[is_rare]).sum(axis=1)
    if not is_rare.all():
        many, spread = rates[~is_rare], np.sqrt(rates[~is_rare])
        above = response.of(np.rint(many + spread).astype(np.int64), hill)
        below = response.of(np.rint(many - spread).astype(np.int64), hill)
        variance += (((above - below) / 2) ** 2 * units[~is_rare]).sum(axis=1)
    errors = np.sqrt(variance)
    return float(errors[0]), float(errors[1]), float(errors[2])


#: Up to this rate the variance of a response is summed over the Poisson numbers, above it is taken as linear.
_RARE = 40


def _rates(values: IntArray, times: IntArray) -> tuple[FloatArray, FloatArray]:
    """Give estimated rates and how many units have each, unseen ones last (Chao et al. 2014, appendix G)."""
    counts, total = np.repeat(values, times), float((times * values).sum())
    share, lacking = values / total, 1 - coverage(counts)
    rare = share * (1 - share) ** total
    rates = values * (1 - lacking * (1 - share) ** total / max(float((times * rare).sum()), 1e-300))
    once, twice = float((counts == 1).sum()), float((counts == 2).sum())
    unseen = math.ceil((total - 1) / total * (once**2 / (2 * twice) if twice else once * (once - 1) / 2))
    if not unseen:
        return rates.astype(np.float64), times.astype(np.float64)
    return np.append(rates, total * lacking / unseen), np.append(times, unseen).astype(np.float64)


def _poisson(rates: FloatArray, numbers: IntArray) -> FloatArray:
    """Give the probability of each number at each rate; shape (rates, numbers)."""
    from scipy.special import gammaln, xlogy  # noqa: PLC0415

    chance: FloatArray = np.exp(xlogy(numbers, rates[:, None]) - rates[:, None] - gammaln(numbers + 1))
    return chance


def _thinned_k_log_k(values: IntArray, part: float) -> FloatArray:
    """Give E[k ln k] where each of a unit's individuals is kept with probability `part` (binomial)."""
    from scipy.special import gammaln  # noqa: PLC0415

    part = min(part, 1 - 1e-9)
    mean = (values * part).astype(np.float64)
    around = 12 * np.sqrt(mean * (1 - part)) + 12
    low = np.maximum(2, np.floor(mean - around)).astype(np.int64)
    high = np.minimum(values, np.ceil(mean + around)).astype(np.int64)
    lengths = np.maximum(high - low + 1, 0)
    unit = np.repeat(np.arange(len(values)), lengths)
    k = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + low[unit]
    x = values[unit]
    logarithm = gammaln(x + 1) - gammaln(k + 1) - gammaln(x - k + 1)
    logarithm += k * math.log(part) + (x - k) * math.log1p(-part)
    return np.bincount(unit, np.exp(logarithm) * k * np.log(k), minlength=len(values)).astype(np.float64)
