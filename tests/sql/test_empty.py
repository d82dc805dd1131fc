"""Nothing in, nothing out: a home without data builds, and says nothing that nobody knows."""

import pytest

from pipelines.settings import SQL_DIR
from pipelines.warehouse.models import load_models
from tests.sql.conftest import Warehouse

BUILT = [
    table
    for table, model in load_models(SQL_DIR).items()
    if model.schema in {"staging", "core", "marts"} and (model.inputs or not model.made_by)
]


@pytest.mark.parametrize("table", BUILT)
def test_from_empty_tables_comes_an_empty_table(warehouse: Warehouse, table: str) -> None:
    assert warehouse.build(table).is_empty()
