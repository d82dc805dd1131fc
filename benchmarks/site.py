"""How long a reader waits: building the site, painting each page cold and warm, answering a switch.

    python benchmarks/site.py DATABASE [--lighthouse PATH] [--write]

DATABASE is a release's file (`data/cambrian.duckdb`). The site is built into a temporary folder and served on
127.0.0.1. Cold is a browser that was just started with an empty profile; warm is the same page opened once
more in it. A page is painted when its text stands and every figure of which 150 pixels can be seen without
scrolling is drawn, as a still picture or live. It is live after a touch when Plotly has drawn all of these,
counted from a movement of the pointer right after the page was painted. A switch has answered when the next
frame after its change is on the screen. `--lighthouse` is the command of Google's Lighthouse, which is no
dependency of this project (`npm install lighthouse`). `--write` writes benchmarks/SITE.md.
"""

import argparse
import gzip
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.dashboards.conftest import CHROMIUM_OPTIONS, FILES, find_chromium, served

REPORT = Path(__file__).parent / "SITE.md"
WINDOW = {"width": 1440, "height": 900}
LANGUAGES = ("", "zh/")

#: The figures that can be seen, and whether one of them is drawn in either way.
SEEN = """
  const plots = () => [...document.querySelectorAll(".plot")].filter((plot) => {
    const { top, bottom, height } = plot.getBoundingClientRect();
    return height > 0 && top < window.innerHeight - 150 && bottom > 150;
  });
  const live = (plot) => plot.hasAttribute("data-drawn");
  const still = (plot) => [...plot.querySelectorAll(".still")].some((one) => one.getClientRects().length);
"""

#: Resolves with the milliseconds from navigation to the frame in which all that can be seen is drawn.
PAINTED = f"""
() => new Promise((resolve) => {{{SEEN}
  const look = () => {{
    const all = plots();
    const text = performance.getEntriesByName("first-contentful-paint")[0];
    const done = document.readyState === "complete" && all.every((plot) => live(plot) || still(plot));
    if (!text || !done) {{ requestAnimationFrame(look); return; }}
    requestAnimationFrame(() => resolve(
      {{ painted: performance.now(), text: text.startTime, figures: all.length }}));
  }};
  look();
}})
"""

#: Moves the pointer and resolves with the milliseconds until all that can be seen is live.
TOUCHED = f"""
() => new Promise((resolve) => {{{SEEN}
  const began = performance.now();
  window.dispatchEvent(new PointerEvent("pointermove"));
  const look = () => requestAnimationFrame(
    plots().every(live) ? () => resolve(performance.now() - began) : look);
  look();
}})
"""

#: Changes a control as a reader does, and gives the milliseconds until the next frame is on the screen.
SWITCH = """
([selector, value]) => new Promise((resolve) => {
  const control = document.querySelector(selector);
  const began = performance.now();
  if (["checkbox", "radio"].includes(control.type) || control.tagName === "BUTTON") control.click();
  else {
    control.value = value ?? control.value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
})
"""


def built(database: Path, folder: Path) -> dict[str, float]:
    """Build the site in a process of its own; give seconds of the clock and peak memory in MB."""
    code = (
        "import sys, pathlib; from dashboards.build import build_site; "
        "build_site(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))"
    )
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code, str(database), str(folder)], check=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    return {"seconds": time.monotonic() - began, "peak": peak}


def opened(context: BrowserContext, url: str) -> tuple[Page, dict[str, float]]:
    """Open a page; give it and when it was painted."""
    page = context.new_page()
    page.goto(url, wait_until="commit")
    return page, page.evaluate(PAINTED)


def paints(playwright: Any, address: str, name: str) -> dict[str, float]:
    """Open a page in a fresh profile, and again in the same one."""
    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=find_chromium(), args=list(CHROMIUM_OPTIONS), viewport=WINDOW
        )
        page, cold = opened(context, f"{address}/{name}")
        live = page.evaluate(TOUCHED)
        page.close()
        _, warm = opened(context, f"{address}/{name}")
        context.close()
    return {
        "cold": cold["painted"],
        "text": cold["text"],
        "warm": warm["painted"],
        "live": live,
        "figures": cold["figures"],
    }


def switches(playwright: Any, address: str, name: str, widget: str) -> list[float]:
    """Change every control of a widget once and give the milliseconds of each answer."""
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_OPTIONS))
    page = browser.new_page(viewport=WINDOW)
    page.goto(f"{address}/{name}")
    page.locator(f"#{widget}").scroll_into_view_if_needed()
    page.wait_for_timeout(3000)  # shards and the first drawing
    answers = []
    for control in page.locator(f"#{widget} :is(select, input, button):visible:enabled").element_handles():
        if not control.evaluate("(node) => node.isConnected"):  # an earlier answer took it away
            continue
        if not control.is_enabled() or not control.is_visible():
            continue
        page.evaluate("(node) => { node.dataset.measured = '1'; }", control)
        for value in control.evaluate(
            "(node) => node.tagName === 'SELECT'"
            " ? [...node.options].filter((one) => !one.disabled).map((one) => one.value)"
            " : node.type === 'range' ? [node.min, node.max] : [null]"
        ):
            milliseconds: float = page.evaluate(SWITCH, [f"#{widget} [data-measured]", value])
            answers.append(milliseconds)
        page.evaluate(
            "() => document.querySelectorAll('[data-measured]').forEach((n) => delete n.dataset.measured)"
        )
    browser.close()
    return answers


def lighthouse(command: str, url: str) -> dict[str, int]:
    """Give Lighthouse's scores of a page, for desktop."""
    done = subprocess.run(
        [
            *command.split(), url, "--preset=desktop", "--quiet", "--output=json", "--output-path=stdout",
            "--only-categories=performance,accessibility,best-practices",
            f"--chrome-flags=--headless {' '.join(CHROMIUM_OPTIONS)}",
        ],
        env={**os.environ, "CHROME_PATH": find_chromium() or ""},
        capture_output=True, text=True, check=True, timeout=180,
    )  # fmt: skip
    return {
        name: round(100 * found["score"]) for name, found in json.loads(done.stdout)["categories"].items()
    }


def measure(database: Path, runs: int, command: str | None) -> dict[str, Any]:
    """Measure everything, one thing after another."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        found: dict[str, Any] = {"build": built(database, site), "pages": {}, "switches": {}}
        with served(site) as address, sync_playwright() as playwright:
            for name in [f"{language}{file}" for language in LANGUAGES for file in FILES]:
                times = [paints(playwright, address, name) for _ in range(runs)]
                found["pages"][name] = {
                    key: statistics.median(one[key] for one in times) for key in times[0]
                } | {"bytes": len(gzip.compress((site / name).read_bytes(), mtime=0))}
                if command:
                    found["pages"][name] |= lighthouse(command, f"{address}/{name}")
                print(name, found["pages"][name], flush=True)
            for name, widget in (("dependence.html", "board"), ("shutdown.html", "simulator")):
                found["switches"][widget] = switches(playwright, address, name, widget)
        found["shards"] = {
            path.name: len(gzip.compress(path.read_bytes(), mtime=0)) for path in (site / "data").glob("*.js")
        }
    return found


def report(found: dict[str, Any]) -> str:
    """Write the figures as a page in Markdown."""
    pages = found["pages"]
    scores = [
        key for key in ("performance", "accessibility", "best-practices") if key in next(iter(pages.values()))
    ]
    lines = [
        "# How long a reader waits",
        "",
        (
            f"Made by `python benchmarks/site.py` on {os.cpu_count()} cores ({platform.machine()}, load "
            f"{os.getloadavg()[0]:.1f} at the end), headless Chromium, loopback, 1440 x 900 pixels."
        ),
        "",
        (
            f"Build of all pages in both languages: {found['build']['seconds']:.1f} s (aim 20), peak "
            f"{found['build']['peak']:,.0f} MB, from a started Python."
        ),
        "",
        "| page | text cold, ms | painted cold, ms | painted warm, ms | live after a touch, ms | "
        "figures in sight | page gzipped, kB |" + "".join(f" {name} |" for name in scores),
        "| --- |" + " ---: |" * (6 + len(scores)),
    ]
    lines += [
        f"| {name} | {row['text']:.0f} | {row['cold']:.0f} | {row['warm']:.0f} | {row['live']:.0f} | "
        f"{row['figures']:.0f} | {row['bytes'] / 1e3:.0f} |" + "".join(f" {row[score]} |" for score in scores)
        for name, row in pages.items()
    ]
    lines += [
        "",
        (
            "Aims: the overview painted within 1,200 ms cold and 500 ms warm, every other page within "
            "2,000 ms cold; at most 300 kB a page; Lighthouse (desktop) at least 95."
        ),
        "",
        "| widget | changes | median, ms | slowest, ms | aim |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {widget} | {len(answers)} | {statistics.median(answers):.0f} | {max(answers):.0f} | 100 |"
        for widget, answers in found["switches"].items()
    ]
    heaviest = sorted(found["shards"].items(), key=lambda one: -one[1])
    lines += [
        "",
        f"Shards, loaded when needed: {len(heaviest)} files, {sum(found['shards'].values()) / 1e6:.1f} MB "
        "gzipped; the heaviest: "
        + ", ".join(f"{name} {size / 1e3:.0f} kB" for name, size in heaviest[:5])
        + ".",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print, or write the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("database", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--lighthouse", help="Command of Lighthouse; without it no scores.")
    parser.add_argument("--write", action="store_true", help="Write benchmarks/SITE.md.")
    options = parser.parse_args()
    text = report(measure(options.database.resolve(), options.runs, options.lighthouse))
    print(text)
    if options.write:
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
