"""Building the site."""

from pathlib import Path


def build_site(database: Path, folder: Path) -> None:
    """Write the pages from the finished file."""
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(f"<!doctype html><title>Cambrian</title>{database.name}")
