"""Who may import whom, and where things lie: the layout is a promise, held here."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_ROOT, SQL_DIR
from pipelines.warehouse.connection import SCHEMAS
from pipelines.warehouse.models import SqlModel

#: For each room: imports (by prefix) that it must not have.
FORBIDDEN = {
    "pipelines/settings.py": ("dagster", "duckdb", "polars", "requests", "pipelines", "dashboards"),
    "pipelines/sources": ("dagster", "duckdb", "polars", "dashboards", "pipelines.warehouse",
                          "pipelines.analysis", "pipelines.assets", "pipelines.definitions"),
    "pipelines/analysis": ("dagster", "duckdb", "requests", "dashboards", "pipelines.settings",
                           "pipelines.sources", "pipelines.warehouse", "pipelines.assets"),
    "pipelines/warehouse": ("dagster", "requests", "dashboards", "pipelines.sources", "pipelines.analysis",
                            "pipelines.assets", "pipelines.definitions"),
    "pipelines/recorded": ("dagster", "duckdb", "pipelines.warehouse", "pipelines.assets"),
    "pipelines/assets": ("pipelines.definitions", "pipelines.cli"),
    "dashboards": ("dagster", "requests", "pipelines.sources", "pipelines.warehouse", "pipelines.analysis",
                   "pipelines.assets", "pipelines.definitions", "pipelines.cli"),
}  # fmt: skip


def python_files(place: str) -> list[Path]:
    path = PROJECT_ROOT / place
    return [path] if path.suffix else sorted(path.rglob("*.py"))


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("place", FORBIDDEN)
def test_a_room_imports_only_what_it_may(place: str) -> None:
    files = python_files(place)
    assert files
    wrong = {
        f"{path.relative_to(PROJECT_ROOT)} imports {name}"
        for path in files
        for name in imports(path)
        for banned in FORBIDDEN[place]
        if name == banned or name.startswith(banned + ".")
    }
    assert wrong == set()


def test_nothing_imports_the_definitions_but_the_command_line() -> None:
    importing = {
        path.relative_to(PROJECT_ROOT).as_posix()
        for place in ("pipelines", "dashboards")
        for path in python_files(place)
        if any(name.startswith("pipelines.definitions") for name in imports(path))
    }
    assert importing == {"pipelines/cli.py"}


def test_only_one_module_knows_duckdb_among_the_dashboards() -> None:
    knowing = [
        path.relative_to(PROJECT_ROOT).as_posix()
        for path in python_files("dashboards")
        if "duckdb" in imports(path)
    ]
    assert knowing == ["dashboards/data/release.py"]


def test_only_the_warehouse_writes_with_duckdb() -> None:
    knowing = {
        path.relative_to(PROJECT_ROOT).parts[1]
        for path in python_files("pipelines")
        if any(name.split(".")[0] == "duckdb" for name in imports(path))
    }
    assert knowing == {"warehouse", "assets", "cli.py"}  # the latter two for types and for reading


def test_pages_read_published_tables_only() -> None:
    text = "\n".join(path.read_text() for path in python_files("dashboards"))
    read = set(re.findall(r"\b(?:from|join)\s+(raw|staging|reference)\.", text, re.IGNORECASE))
    assert read == set()


def test_every_sql_file_is_a_table_of_a_known_layer(models: dict[str, SqlModel]) -> None:
    paths = [path for path in SQL_DIR.glob("*/*.sql") if "." not in path.stem]  # those are further parsers
    files = {f"{path.parent.name}.{path.stem}" for path in paths}
    assert {name for name in files if name.split(".")[0] in SCHEMAS} == set(models)
    assert {name.split(".")[0] for name in files} - set(SCHEMAS) == {"checks", "examples"}


def test_marts_keep_to_portable_sql(models: dict[str, SqlModel]) -> None:
    engine_only = re.compile(
        r"list_\w+\(|unnest\(|read_\w+\(|getvariable\(|\blambda\b|\[[^\]]*\]", re.IGNORECASE
    )
    wrong = {m.table for m in models.values() if m.schema == "marts" and engine_only.search(m.body)}
    assert wrong == set()


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.relative_to(PROJECT_ROOT).as_posix()
        for place in ("pipelines", "dashboards")
        for path in python_files(place)
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_nothing_that_is_committed_names_a_package_index_or_this_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT_ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    pattern = re.compile(
        r"pypi\.org/simple|pythonhosted|registry\.npmjs|deb\.debian|/root/|/work/(main|shared)"
    )
    names = [name for name in listed if name != "tests/test_architecture.py" and not name.endswith(".gz")]
    wrong = [name for name in names if pattern.search((PROJECT_ROOT / name).read_text(errors="ignore"))]
    assert wrong == []
