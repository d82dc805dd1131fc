"""Do the estimators find the truth, and do their 95 % intervals hold it 95 times in a hundred?

    python -m benchmarks.calibration [--only growth] [--write]

Simulates ecosystems with known truth (benchmarks/calibrations/), runs each estimator on a few hundred draws
and prints the table; --write puts it into benchmarks/CALIBRATION.md. Every draw has its own seed, made from
the names of its case, so a new case changes no other. The exit code is 1 when a coverage lies outside 90 to
98 %.
"""

import argparse
import math
import pkgutil
import sys
import time
import zlib
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks import calibrations
from benchmarks.calibrations import Case, Interval

SEED = 20260917
PROCESSES = 2
LEAST, MOST = 0.90, 0.98
TARGET = Path(__file__).with_name("CALIBRATION.md")


@dataclass(frozen=True)
class Result:
    """What came of one case: `drawn` draws, of which `refused` were called not estimable."""

    estimator: str
    setting: str
    truth: float
    mean: float
    coverage: float
    half_width: float
    drawn: int
    refused: int
    seconds: float

    @property
    def bias(self) -> float:
        """Mean of the finite estimates less the truth, in the estimate's unit."""
        return self.mean - self.truth

    @property
    def is_within(self) -> bool:
        """Whether the coverage lies where it must."""
        return LEAST <= self.coverage <= MOST


def groups() -> list[str]:
    """Name the modules of benchmarks/calibrations."""
    return sorted(module.name for module in pkgutil.iter_modules(calibrations.__path__))


def cases_of(group: str) -> list[Case]:
    """Give the cases of one module."""
    return list(import_module(f"benchmarks.calibrations.{group}").cases())


def generator(case: Case, number: int) -> np.random.Generator:
    """Give the generator of one draw; it depends on nothing but the case's names and the draw's number."""
    name = zlib.crc32(f"{case.estimator}|{case.setting}".encode())
    return np.random.default_rng([SEED, name, number])


def summarise(case: Case, drawn: list[Interval], seconds: float) -> Result:
    """Sum up the draws of a case."""
    answered = [row for row in drawn if not all(math.isnan(value) for value in row)]
    finite = [estimate for estimate, _, _ in answered if math.isfinite(estimate)]
    held = [lower <= case.truth <= upper for _, lower, upper in answered]
    widths = [upper - lower for _, lower, upper in answered if math.isfinite(upper - lower)]
    return Result(
        case.estimator,
        case.setting,
        case.truth,
        mean=float(np.mean(finite)) if finite else math.nan,
        coverage=float(np.mean(held)) if held else math.nan,
        half_width=float(np.median(widths)) / 2 if widths else math.nan,
        drawn=len(drawn),
        refused=len(drawn) - len(answered),
        seconds=seconds,
    )


def run_case(place: tuple[str, int]) -> Result:
    """Run one case, named by its module and its number there (a case itself does not travel)."""
    group, number = place
    case = cases_of(group)[number]
    started = time.perf_counter()
    drawn = [case.draw(generator(case, draw)) for draw in range(case.draws)]
    return summarise(case, drawn, time.perf_counter() - started)


def run(chosen: Iterable[str]) -> list[Result]:
    """Run every case of the chosen modules, in PROCESSES processes."""
    places = [(group, number) for group in chosen for number in range(len(cases_of(group)))]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        return list(pool.map(run_case, places))


def table(results: list[Result]) -> str:
    """Write the results as a table in Markdown."""
    lines = [
        "| estimator | setting | truth | mean bias | coverage | half width, median | draws | not estimable |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for result in results:
        mark = "" if result.is_within else " **outside**"
        lines.append(
            f"| {result.estimator} | {result.setting} | {result.truth:.4g} | {result.bias:+.2g} "
            f"| {100 * result.coverage:.1f} %{mark} | {result.half_width:.2g} | {result.drawn} "
            f"| {result.refused} |"
        )
    return "\n".join(lines)


def page(results: list[Result]) -> str:
    """Write CALIBRATION.md."""
    within = sum(result.is_within for result in results)
    return (
        "# Calibration of the estimators\n\n"
        "Written by `python -m benchmarks.calibration --write`. Simulated ecosystems with known truth: how "
        "far the mean of the estimates is from the truth (bias, in its unit), and how often the 95 % "
        "interval holds the truth (coverage). The coverage must lie between 90 and 98 %. Where the truth "
        "differs from draw to draw, estimate and interval are divided by it and the truth is 1. Draws that "
        "the estimator refused are counted as not estimable and left out of bias and coverage. The coverage "
        "of 400 draws has itself an error of about 2 points (95 %).\n\n"
        f"Seed {SEED}; {within} of {len(results)} cases within.\n\n{table(results)}\n"
    )


def main() -> int:
    """Run and print; write the page if asked. Give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=groups(), default=groups(), help="modules to run")
    parser.add_argument("--write", action="store_true", help="write CALIBRATION.md; needs all modules")
    given = parser.parse_args()
    if given.write and given.only != groups():
        parser.error("--write writes the whole table: leave --only away.")
    started = time.perf_counter()
    results = run(given.only)
    print(table(results))
    spent = sum(result.seconds for result in results)
    print(f"\n{time.perf_counter() - started:.0f} s in {PROCESSES} processes, {spent:.0f} s of work")
    if given.write:
        TARGET.write_text(page(results))
        print(f"wrote {TARGET.name}")
    return 0 if all(result.is_within for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
