"""Building the site: every page in every language from one release's file, into a folder not there yet.

Nothing here asks for the time or for the network, so the same file and site address give the same bytes.
While working on a page: `python -m dashboards.build data/cambrian.duckdb FOLDER --only dependence`.
"""

import csv
import io
import json
import shutil
from collections.abc import Iterable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from dashboards.data import common
from dashboards.data.release import Release, open_release
from dashboards.figures.chart import Chart
from dashboards.language import CODES, Language
from dashboards.libraries import datatables
from dashboards.pages.page import Page, drawn_table
from dashboards.stills import narrow_height, preview, still
from dashboards.theme import template
from dashboards.words import cut

#: The pages in the order of the navigation: modules of dashboards/pages.
PAGES = (
    "overview", "explosion", "dependence", "shutdown", "families", "releases", "open_closed", "models",
    "data", "changes",
)  # fmt: skip
STATIC = Path(__file__).parent / "static"


def build_site(database: Path, folder: Path, site_url: str = "", only: Iterable[str] = PAGES) -> None:
    """Write the pages from the finished file.

    `site_url` is where the site will stand (`https://example.org/cambrian/`): permalinks and the feed are
    absolute with it, and relative without.
    """
    with open_release(database) as release:
        modules = [import_module(f"dashboards.pages.{name}") for name in only]
        for code in CODES:
            t = Language(code, site_url)
            pages = [module.build(release, t) for module in modules]
            _write_pages(folder, t, pages, {"site_url": site_url, **_surroundings(release, t)})
            if code == CODES[0]:
                _write_shared(folder, t, pages)
    _write_assets(folder / "assets")
    _link_downloads(database, folder / "downloads")


def _write_pages(folder: Path, t: Language, pages: list[Page], surroundings: dict[str, Any]) -> None:
    environment = Environment(
        loader=PackageLoader("dashboards"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["figure_json"] = figure_json
    environment.filters["safe_json"] = safe_json
    environment.filters["drawn_table"] = partial(drawn_table, t)
    environment.filters["still"] = partial(still, t=t)
    environment.filters["narrow_height"] = narrow_height
    environment.globals["t"] = t
    page_template = environment.get_template("page.html")
    place = folder / t.folder
    tables = place / "data"
    tables.mkdir(parents=True)
    for page in pages:
        html = page_template.render(page=page, pages=pages, **surroundings)
        (place / page.file).write_text(html, encoding="utf-8")
        for name, text in page.files.items():
            (place / name).write_text(text, encoding="utf-8")
        for chart in page.charts:
            if chart.figure is not None:
                (tables / f"{chart.name}.csv").write_text(csv_text(chart), encoding="utf-8", newline="")


def _write_shared(folder: Path, t: Language, pages: list[Page]) -> None:
    """Write what is there once for all languages: the shards, and figures as picture files in English."""
    shards, previews = folder / "data", folder / "previews"
    previews.mkdir()
    for page in pages:
        for shard in page.shards():
            text = f"Cambrian.deliver({safe_json(shard.name)}, {safe_json(shard.value)});\n"
            (shards / f"{shard.name}.js").write_text(text, encoding="utf-8")
        for chart in page.charts:
            if picture := preview(chart, t):
                (previews / f"{chart.name}.svg").write_text(picture, encoding="utf-8")


def _write_assets(assets: Path) -> None:
    assets.mkdir(parents=True)
    for path in sorted(STATIC.iterdir()):
        shutil.copyfile(path, assets / path.name)
    (assets / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")
    (assets / "datatables.js").write_text(datatables(), encoding="utf-8")
    modes = {mode: template(mode) for mode in ("light", "dark")}
    (assets / "theme.js").write_text(f"window.CAMBRIAN_TEMPLATES = {json.dumps(modes, sort_keys=True)};\n")


def _link_downloads(database: Path, downloads: Path) -> None:
    """Put the file, and the Parquet beside it, below the site, which then stands alone on any web host.

    They are linked, not copied: a release holds its bytes once.
    """
    database = database.resolve()  # a link to a link would not be the file
    parquet = database.parent / "parquet"
    tables = sorted(parquet.rglob("*.parquet"))
    downloads.mkdir()
    for path in [database, *tables]:
        target = downloads / path.relative_to(database.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.hardlink_to(path)
        except OSError:  # another file system, or one without links
            shutil.copyfile(path, target)


def _surroundings(release: Release, t: Language) -> dict[str, Any]:
    """Say what every page carries: how new the data are and whom to thank."""
    newest, newest_list = common.newest_date(release), common.newest_list_date(release)
    snapshots = common.snapshots(release)
    asked = snapshots["attribution"].drop_nulls().unique(maintain_order=True).to_list()
    others = snapshots.filter(snapshots["attribution"].is_null())["origin"].drop_nulls()
    return {
        "stale": [
            stale_words(row, t) for row in common.sources(release).filter("is_stale").iter_rows(named=True)
        ],
        "newest": t.day(newest) if newest else t("common.no_date"),
        "newest_list": t.day(newest_list) if newest_list else t("common.no_date"),
        "big_releases": _big_releases(release),
        "attributions": asked,
        "other_origins": others.unique(maintain_order=True).to_list(),
        "languages": [Language(code) for code in CODES],
    }


def _big_releases(release: Release) -> list[list[str]]:
    """Give the verified leaks and open releases that start a family, to be drawn on any figure of dates."""
    events = common.releases(release)
    told = events.filter(
        (events["status"] == "verified")
        & events["kind"].is_in(["leak", "open_release", "gated_release"])
        & events["family"].is_not_null()
        & (events["date_precision"] == "day")
    ).unique("family", keep="first", maintain_order=True)
    return [[row["event_date"].isoformat(), cut(row["name"], 40)] for row in told.iter_rows(named=True)]


def stale_words(row: dict[str, Any], t: Language) -> str:
    """Say of a stale source how old it is and why."""
    name = row["source"].replace("_", " ")
    if row["newest_date"] is None:
        parts = [t("common.stale.never", source=name)]
    else:
        parts = [t("common.stale.newest", source=name, day=row["newest_date"])]
        if row["age_days"]:
            parts.append(t("common.stale.age", days=t.days(row["age_days"])))
        if not row["newest_is_complete"]:
            parts.append(t("common.stale.part"))
    if row["failure"]:
        reason = row["failure"].partition(". ")[0].removesuffix(".")  # what follows is for whoever runs it
        parts.append(t("common.stale.failure", reason=cut(reason, 200)))
    return " ".join(parts)


def figure_json(chart: Chart) -> Markup:
    """Give a figure as JSON that no text in it can break out of a script element."""
    if chart.figure is None:
        raise ValueError(f"{chart.name} draws nothing.")
    parts = chart.figure.to_plotly_json()
    parts["layout"].pop("template", None)
    try:
        return safe_json({"data": parts["data"], "layout": parts["layout"]})
    except (TypeError, ValueError) as error:
        raise ValueError(f"The figure {chart.name} holds what JSON cannot: {error}") from error


def safe_json(value: Any) -> Markup:
    """Give JSON that is safe inside a script element and as a script: ASCII only, no `<`, `>` or `&`."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for mark in "<>&":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)  # noqa: S704 (escaped above; ASCII only, so no line separators either)


def csv_text(chart: Chart) -> str:
    """Give exactly what a figure draws as CSV, and what is the same for all its rows.

    Floats are written so that they read back the same.
    """
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    frame = chart.table.with_columns(pl.lit(value).alias(name) for name, value in chart.context.items())
    writer.writerow(frame.columns)
    writer.writerows(frame.iter_rows())
    return target.getvalue()


@click.command()
@click.argument("database", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--only", type=click.Choice(PAGES), multiple=True, help="Build these pages alone.")
@click.option("--site-url", default="", help="Where the site will stand; makes links absolute.")
def main(database: Path, folder: Path, only: tuple[str, ...], site_url: str) -> None:
    """Build the site of a release's DATABASE into FOLDER, which is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    build_site(database, folder, site_url, only or PAGES)


if __name__ == "__main__":
    main()
