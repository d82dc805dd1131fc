"""Which function of pipelines/analysis makes a table. Without Dagster: tests and benchmarks ask too."""

from collections.abc import Callable
from importlib import import_module

import polars as pl

from pipelines.warehouse.errors import ContractError
from pipelines.warehouse.models import SqlModel


def maker(model: SqlModel) -> Callable[..., pl.DataFrame]:
    """Give the function that the table's header names as `made_by: module.function`.

    Raises ContractError when pipelines/analysis has no such function.
    """
    module, _, name = (model.made_by or "").rpartition(".")
    try:
        function: Callable[..., pl.DataFrame] = getattr(import_module(f"pipelines.analysis.{module}"), name)
    except (ImportError, AttributeError) as error:
        lacking = f"{model.table} is made by {model.made_by}, which pipelines/analysis lacks."
        raise ContractError(lacking) from error
    return function
