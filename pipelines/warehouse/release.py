"""One release: the file that people query, the same tables as Parquet, and the pages, swapped in as a whole.

Built aside in `releases/.building`, verified, then published by one symlink. `cambrian.duckdb`, `parquet` and
`site` in the home folder are paths through that link. A reader in the middle of a query keeps what it opened.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.warehouse.connection import open_published, tightly_packed
from pipelines.warehouse.errors import WarehouseError
from pipelines.warehouse.models import SqlModel, comment, count, identifiers, literal

logger = logging.getLogger("cambrian.release")

#: Files in this storage version open in every DuckDB shell from 1.5 on, whatever version wrote them.
STORAGE_VERSION = "v1.5.0"
KEPT_RELEASES = 5
DATABASE_NAME = "cambrian.duckdb"
PUBLISHED_SCHEMAS = ("core", "marts")


@dataclass(frozen=True)
class Release:
    """A published release; `is_new` is False when nothing differed from the one before."""

    release_id: str
    path: Path
    rows: dict[str, int]
    is_new: bool


def published_models(models: dict[str, SqlModel]) -> list[SqlModel]:
    """Give the tables that people get: all of core and marts but what is marked private."""
    return [m for m in models.values() if m.schema in PUBLISHED_SCHEMAS and not m.is_private]


def publish(
    connection: duckdb.DuckDBPyConnection,
    models: Iterable[SqlModel],
    home: Path,
    as_of: date,
    build_site: Callable[[Path, Path], None],
    inputs_sha256: str = "",
) -> Release:
    """Build, verify and swap in a release of `models`.

    `inputs_sha256` names what it was made from, so that a later run can tell that nothing changed; empty
    until `seal` when more is to be done before that may be said. `build_site(database, folder)` writes the
    pages from the finished file. Raises WarehouseError when what was written is not what the warehouse holds;
    then the current release stays and the half-built one is removed.
    """
    models = list(models)
    releases = home / "releases"
    building = releases / ".building"
    shutil.rmtree(building, ignore_errors=True)  # what a killed run left
    building.mkdir(parents=True)
    try:
        rows = {model.table: count(connection, model.table) for model in models}
        with tightly_packed(connection):
            write_database(connection, models, building / DATABASE_NAME)
        checksums = _write_parquet(connection, models, building / "parquet")
        build_site(building / DATABASE_NAME, building / "site")
        _verify(building, models, rows)
        manifest = {"as_of": as_of.isoformat(), "rows": rows, "parquet_sha256": checksums}
        # Below downloads/ lie the file, whose bytes are others each time, and the Parquet, which has its own.
        manifest["site_sha256"] = _folder_checksum(building / "site", without="downloads")
        digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
        release_id = f"{as_of.isoformat()}-{digest[:12]}"
        target = releases / release_id
        whole = json.dumps({"release_id": release_id, "inputs_sha256": inputs_sha256, **manifest}, indent=1)
        (building / "manifest.json").write_text(whole)
        if target.exists() and _points_to(home, target) and _is_whole(target, models, rows):
            (building / "manifest.json").replace(target / "manifest.json")
            _link(home)
            logger.info("release %s: nothing new", release_id)
            return Release(release_id, target, rows, is_new=False)
        _sync(building)
        replaced = releases / f".replaced-{release_id}"
        if target.exists():  # damaged, or kept for rollback: a reader keeps what it opened
            target.rename(replaced)
        building.rename(target)
        _swap_in(home, target)
        shutil.rmtree(replaced, ignore_errors=True)
        _prune(releases, keep=target)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    logger.info("release %s: published", release_id)
    return Release(release_id, target, rows, is_new=True)


def inputs_checksum(as_of: date, paths: Iterable[Path], site_url: str = "") -> str:
    """Name what a release follows from: its as-of date, its site's address, every file below `paths`.

    Caches are left out.
    """
    digest = hashlib.sha256(f"{as_of.isoformat()}{site_url}".encode())
    for path in paths:
        digest.update(_folder_checksum(path).encode())
    return digest.hexdigest()


def made_from(code_sha256: str, payloads: Path) -> str:
    """Name what a release follows from: the code as a run found it, and the payloads as it left them.

    Of the payloads only their manifests are read, which hold the checksum of every page: a year of them is
    20 GB.
    """
    digest = hashlib.sha256(code_sha256.encode())
    for path in sorted(payloads.glob("*/*/*/manifest.json")):
        digest.update(path.relative_to(payloads).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def seal(release: Release, inputs_sha256: str) -> None:
    """Write into a release what it was made from, as the last step of a whole run (see made_from)."""
    path = release.path / "manifest.json"
    manifest = json.loads(path.read_text()) | {"inputs_sha256": inputs_sha256}
    aside = path.with_name(".manifest.json.new")
    aside.write_text(json.dumps(manifest, indent=1))
    aside.replace(path)


def current_manifest(home: Path) -> dict[str, Any]:
    """Read the manifest of the release that people see; empty when there is none."""
    path = home / "current" / "manifest.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def write_database(connection: duckdb.DuckDBPyConnection, models: Iterable[SqlModel], path: Path) -> None:
    """Write tables with descriptions and column comments into a new DuckDB file, each sorted by its key.

    No primary keys: the checks have proven them, and their indexes would double the file and the time.
    """
    connection.execute(f"attach {literal(str(path))} as published (storage_version '{STORAGE_VERSION}')")
    try:
        for schema in PUBLISHED_SCHEMAS:
            connection.execute(f"create schema published.{schema}")
        for model in models:
            columns = ", ".join(f"{name} {kind}" for name, (kind, _) in model.columns.items())
            connection.execute(f"create table published.{model.table} ({columns})")
            connection.execute(f"insert into published.{model.table} by name {_ordered(model)}")
        connection.execute("use published")
        for model in models:
            comment(connection, model)
        connection.execute("checkpoint published")
    finally:
        connection.execute("use warehouse" if _is_attached(connection, "warehouse") else "use memory")
        connection.execute("detach published")


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, models: Iterable[SqlModel], folder: Path
) -> dict[str, str]:
    checksums = {}
    for model in models:
        path = folder / model.schema / f"{model.name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"copy ({_ordered(model)}) to {literal(str(path))} (format parquet, compression zstd, "
            f"kv_metadata {{description: {literal(model.description)}}})"
        )
        checksums[model.table] = hashlib.sha256(path.read_bytes()).hexdigest()
    return checksums


def _ordered(model: SqlModel) -> str:
    return f"select {identifiers(model.columns)} from {model.table} order by {identifiers(model.key)}"


def _verify(folder: Path, models: list[SqlModel], rows: dict[str, int]) -> None:
    """Open what was written as a reader would and compare it with what was meant."""
    with open_published(folder / DATABASE_NAME) as reader:
        for model in models:
            parquet = literal(str(folder / "parquet" / model.schema / f"{model.name}.parquet"))
            found = (count(reader, model.table), count(reader, f"read_parquet({parquet})"))
            if found != (rows[model.table],) * 2:
                raise WarehouseError(
                    f"{model.table}: wrote {found} rows, the warehouse has {rows[model.table]}."
                )
            if _content(reader, model.table) != _content(reader, f"read_parquet({parquet})"):
                raise WarehouseError(f"{model.table}: the file and its Parquet differ.")
        described = reader.execute(
            "select count(*) from duckdb_tables() where comment is not null "
            "and schema_name in ('core', 'marts')"
        ).fetchall()[0][0]
    if described != len(models):
        raise WarehouseError(f"{len(models) - described} published tables came out without description.")
    if not (folder / "site" / "index.html").is_file():
        raise WarehouseError("The site came out without index.html.")


def _is_whole(folder: Path, models: list[SqlModel], rows: dict[str, int]) -> bool:
    """Whether a release that was published before is still what it was."""
    try:
        _verify(folder, models, rows)
    except (duckdb.Error, OSError, WarehouseError):
        return False
    return True


def _swap_in(home: Path, target: Path) -> None:
    """Point `current` to the new release in one move; the paths through it need to be made only once."""
    _link(home)
    _replace_link(home / "current", Path("releases") / target.name)


def _link(home: Path) -> None:
    """Make the paths through `current`, as far as they are missing; refuse a real folder in their place."""
    for name in (DATABASE_NAME, "parquet", "site"):
        if (home / name).is_dir() and not (home / name).is_symlink():
            raise WarehouseError(f"{home / name} is a folder where the link to the release must be; move it.")
        if not (home / name).is_symlink():
            _replace_link(home / name, Path("current") / name)


def _replace_link(link: Path, destination: Path) -> None:
    aside = link.with_name(f".{link.name}.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(destination)
    aside.replace(link)


def _points_to(home: Path, target: Path) -> bool:
    return (home / "current").is_symlink() and (home / "current").resolve() == target.resolve()


def _prune(releases: Path, keep: Path) -> None:
    """Keep the newest few for rollback, and the current one whatever its age."""
    by_age = sorted(releases.glob("[0-9]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in by_age[KEPT_RELEASES:]:
        if path != keep:
            shutil.rmtree(path)


def _sync(folder: Path) -> None:
    for path in (path for path in folder.rglob("*") if path.is_file()):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _content(reader: duckdb.DuckDBPyConnection, source: str) -> str:
    """Name the rows of a table, whatever their order."""
    return str(reader.execute(f"select bit_xor(hash(t)), sum(hash(t)) from {source} as t").fetchall())


def _folder_checksum(folder: Path, without: str = "__pycache__") -> str:
    if folder.is_file():
        return hashlib.sha256(folder.read_bytes()).hexdigest()
    digest = hashlib.sha256()
    files = (path for path in folder.rglob("*") if path.is_file() and without not in path.parts)
    for path in sorted(files):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _is_attached(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = connection.execute(
        "select count(*) from duckdb_databases() where database_name = ?", [name]
    ).fetchall()
    return bool(found[0][0])
