"""Building the site: every page from one release's file, into a folder that does not exist yet.

Nothing here asks for the time or for the network, so the same file gives the same bytes.
"""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from dashboards.data import Release, open_release
from dashboards.figures.chart import Chart
from dashboards.pages import data, dependence, explosion, families, overview
from dashboards.pages.page import drawn_table
from dashboards.theme import template
from dashboards.words import cut, day, plural

PAGES = (overview, explosion, dependence, families, data)
STATIC = Path(__file__).parent / "static"


def build_site(database: Path, folder: Path) -> None:
    """Write the pages from the finished file."""
    with open_release(database) as release:
        pages = [module.build(release) for module in PAGES]
        surroundings = _surroundings(release)
    folder.mkdir(parents=True)
    for path in sorted(STATIC.iterdir()):
        shutil.copyfile(path, folder / path.name)
    (folder / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")
    (folder / "theme.js").write_text(_theme_script(), encoding="utf-8")
    tables = folder / "data"
    tables.mkdir()
    environment = Environment(
        loader=PackageLoader("dashboards"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["figure_json"] = figure_json
    environment.filters["drawn_table"] = drawn_table
    page_template = environment.get_template("page.html")
    for page in pages:
        html = page_template.render(page=page, pages=pages, **surroundings)
        (folder / page.file).write_text(html, encoding="utf-8")
        for chart in page.charts:
            if chart.figure is not None:
                (tables / f"{chart.name}.csv").write_text(csv_text(chart), encoding="utf-8", newline="")


def _surroundings(release: Release) -> dict[str, Any]:
    """Say what every page carries: how new the data are and whom to thank."""
    newest, newest_list = release.newest_date(), release.newest_list_date()
    snapshots = release.snapshots()
    asked = snapshots["attribution"].drop_nulls().unique(maintain_order=True).to_list()
    others = snapshots.filter(snapshots["attribution"].is_null())["origin"].drop_nulls()
    return {
        "stale": [stale_words(row) for row in release.sources().filter("is_stale").iter_rows(named=True)],
        "newest": day(newest) if newest else "no date",
        "newest_list": day(newest_list) if newest_list else "no date",
        "attributions": asked,
        "other_origins": others.unique(maintain_order=True).to_list(),
    }


def stale_words(row: dict[str, Any]) -> str:
    """Say of a stale source how old it is and why."""
    name = row["source"].replace("_", " ")
    if row["newest_date"] is None:
        text = f"{name}: never landed"
    else:
        text = f"{name}: newest day {day(row['newest_date'])}"
        if row["age_days"]:
            text += f", {plural(row['age_days'], 'day')} old"
        if not row["newest_is_complete"]:
            text += ", not whole yet"
    if not row["failure"]:
        return f"{text}."
    reason = row["failure"].partition(". ")[0].removesuffix(".")  # what follows is for whoever runs it
    return f"{text}. The last attempt failed: {cut(reason, 200)}."


def figure_json(chart: Chart) -> Markup:
    """Give a figure as JSON that no text in it can break out of a script element."""
    if chart.figure is None:
        raise ValueError(f"{chart.name} draws nothing.")
    parts = chart.figure.to_plotly_json()
    parts["layout"].pop("template", None)
    text = json.dumps(
        {"data": parts["data"], "layout": parts["layout"]}, allow_nan=False, separators=(",", ":")
    )
    for mark in "<>&":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)  # noqa: S704 (escaped above; ASCII only, so no line separators either)


def csv_text(chart: Chart) -> str:
    """Give exactly what a figure draws as CSV; floats are written so that they read back the same."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(chart.table.columns)
    writer.writerows(chart.table.iter_rows())
    return target.getvalue()


def _theme_script() -> str:
    modes = {mode: template(mode) for mode in ("light", "dark")}
    return f"window.CAMBRIAN_TEMPLATES = {json.dumps(modes, sort_keys=True)};\n"
