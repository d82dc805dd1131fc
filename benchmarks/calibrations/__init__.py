"""Cases of the calibration: simulated ecosystems whose truth is known. One module, one group of estimators.

Each module beside this one has a function `cases() -> Iterable[Case]`; benchmarks/calibration.py runs them
all and writes the table. What belongs here is the simulation; the estimator comes from pipelines/analysis.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: Estimate, lower and upper end of its 95 % interval. An open end is infinite. Three times nan says that the
#: estimator itself refused ("not estimable"); that is counted apart and is no miss.
Interval = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One estimator in one setting, drawn again and again.

    draw: simulates one ecosystem with the generator and gives what the estimator says of it. Where the truth
    differs from draw to draw, give the ratio of estimate and truth, and 1 as truth.
    """

    estimator: str
    setting: str
    truth: float
    draw: Callable[[np.random.Generator], Interval]
    draws: int = 400
