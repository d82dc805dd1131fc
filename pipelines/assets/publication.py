"""Publication: the release that people see."""

from base64 import b64encode
from functools import partial
from pathlib import Path

import dagster as dg

from dashboards.build import build_site
from pipelines.assets.landing import OWNERS
from pipelines.assets.resources import Result, Workspace
from pipelines.assets.tables import table_key
from pipelines.warehouse.checks import require, run_check
from pipelines.warehouse.models import SqlModel
from pipelines.warehouse.release import made_from, publish, published_models, seal
from pipelines.warehouse.vintages import append_headlines

#: Figures whose still pictures stand in the metadata of the release.
PREVIEWED = ("overview-pace", "overview-switch", "hub-totals", "classes-generative-language")


def release_asset(models: dict[str, SqlModel]) -> dg.AssetsDefinition:
    """Make the asset that publishes; it stands behind every published table and all their checks."""

    @dg.asset(
        key=dg.AssetKey(["publication", "release"]),
        deps=[table_key(model.table) for model in published_models(models)],
        description="One release: the DuckDB file, the tables as Parquet, and the site; swapped in whole.",
        group_name="publication",
        kinds={"duckdb", "parquet", "plotly"},
        owners=OWNERS,
    )
    def release(context: dg.AssetExecutionContext, workspace: dg.ResourceParam[Workspace]) -> Result:
        """Publish; a run that did not make every table checks all of them first.

        A check blocks only within its own run, and this asset can be materialized alone. Only a run that made
        every table says what the release was made from.
        """
        selected = context.run.asset_selection
        is_whole = not selected or selected >= {table_key(table) for table in workspace.models}
        settings = workspace.settings
        if not is_whole:
            checks = [check for of_table in workspace.checks.values() for check in of_table]
            require([run_check(workspace.connection, check) for check in checks])
        published = publish(
            workspace.connection,
            published_models(workspace.models),
            settings.home,
            settings.as_of,
            partial(build_site, site_url=settings.site_url),
        )
        revised = append_headlines(
            workspace.connection, settings.vintages_dir, published.release_id, settings.as_of
        )
        if is_whole:
            seal(published, made_from(workspace.code_sha256, settings.payloads_dir))
        site = settings.site_dir / "index.html"
        return dg.MaterializeResult(
            metadata={
                "release": published.release_id,
                "is_new": published.is_new,
                "new_vintages": revised,
                "rows": sum(published.rows.values()),
                "site": dg.MetadataValue.path(str(site)),
                "database": dg.MetadataValue.path(str(Path(settings.published_path))),
                "previews": dg.MetadataValue.md(_previews(settings.site_dir / "previews")),
            }
        )

    return release


def _previews(folder: Path) -> str:
    """Show the first figures of the pages as still pictures, for Dagster's pages."""
    pictures = [folder / f"{name}.svg" for name in PREVIEWED]
    lines = [
        f"**{path.stem}**\n\n![{path.stem}](data:image/svg+xml;base64,{b64encode(path.read_bytes()).decode()})"
        for path in pictures
        if path.is_file()
    ]
    return "\n\n".join(lines) or "No figure of this release has a still picture."
