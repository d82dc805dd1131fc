"""Attribution: how a model's credit of 1 flows up its lineage to organizations.

A model's credit goes to its parents in equal parts and stops at roots. The *origin share* of X is what ends
at roots credited to X; the *through share* of X is what meets X at least once on its way, the model itself
and its roots included, absorbed at the first meeting. Definitions: sql/core/ancestry.sql. The graph must be
free of cycles (lineage.break_cycles).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.analysis.lineage import IntArray, levels, main_roots

UNKNOWN = "unknown"
#: Shares are rounded here, far below what any page shows, so that files come out the same to the byte.
SHARE_DECIMALS = 12


@dataclass(frozen=True)
class Attribution:
    """`ancestry` and `model_roots`, as sql/core declares them but for the column `evidence`."""

    ancestry: pl.DataFrame
    model_roots: pl.DataFrame


def attribute(
    nodes: pl.DataFrame, edges: pl.DataFrame, organizations: pl.DataFrame, *, admit_registers: bool
) -> Attribution:
    """Attribute every model's credit to organizations.

    nodes: model_id, uploader_id (organization of the account, null if unregistered), trained_by (organization
    in the register of origins for models trained from scratch, else null), family, family_organization_id
    (of the model's own id, else null).
    edges: child_id, parent_id; without cycles, every id among the nodes.
    organizations: organization_id, is_well_funded (null where not known).
    admit_registers: whether registers may say who trained a root. Without them a root is credited to its
    uploader if that is known to be well funded, else to nobody.
    """
    nodes = nodes.sort("model_id")
    names = organizations.sort("organization_id")["organization_id"]
    keys = pl.DataFrame({"model_id": nodes["model_id"], "key": np.arange(nodes.height)})
    child = _keys_of(edges, "child_id", keys)
    parent = _keys_of(edges, "parent_id", keys)
    depth = levels(nodes.height, child, parent)
    main_parent, root = main_roots(nodes.height, child, parent)
    parents = np.bincount(child, minlength=nodes.height)
    credited = _credit_roots(nodes, organizations, is_root=pl.Series(parents == 0), admit=admit_registers)

    flow = _Flow(child, parent, parents, depth)
    uploader = _organization_keys(credited["uploader_id"], names)
    origin = _organization_keys(credited["origin_id"], names)
    origin_shares = flow.origin(origin, columns=len(names))
    through_shares = flow.through(uploader, origin, columns=len(names))

    funded = _flags(organizations.filter("is_well_funded"), names)
    not_funded = _flags(organizations.filter(~pl.col("is_well_funded")), names)
    meets_funded = flow.through(np.where(funded[uploader], 0, -1), np.where(funded[origin], 0, -1), columns=1)
    is_registered = credited["origin_basis"].eq_missing(pl.Series(["register"])).to_numpy()
    is_independent = not_funded[origin] & is_registered
    independent = flow.origin(np.where(is_independent, 0, -1), columns=1)

    is_assumed = credited["origin_basis"].eq_missing(pl.Series(["uploader"])).to_numpy()
    assumed = flow.origin(np.where(is_assumed, 0, -1), columns=1)
    is_credited_above = credited["origin_basis"].is_in(["register", "family"]).fill_null(False).to_numpy()  # noqa: FBT003
    upstream_funded = flow.above(meets_funded) + flow.one_column(funded[origin] & is_credited_above)

    model_roots = pl.DataFrame(
        {
            "model_id": nodes["model_id"],
            "root_id": nodes["model_id"].gather(root),
            "parents": parents.astype(np.int64),
            "depth": depth,
            "origin_basis": credited["origin_basis"],
            "well_funded_share": _column(meets_funded, 0),
            "upstream_well_funded_share": _column(upstream_funded, 0),
            "registered_independent_share": _column(independent, 0),
            "assumed_share": _column(assumed, 0),
            "unknown_share": _column(origin_shares, len(names)),
            "upstream_class": _upstream_class(_column(upstream_funded, 0), _column(independent, 0)),
            "family": nodes["family"].gather(_nearest_family(nodes["family"], main_parent)),
        }
    )
    return Attribution(_ancestry(nodes, names, origin_shares, through_shares), model_roots)


def _credit_roots(
    nodes: pl.DataFrame, organizations: pl.DataFrame, *, is_root: pl.Series, admit: bool
) -> pl.DataFrame:
    """Say for each root which organization it is credited to, and on what basis.

    In this order: the register of origins, the maker of the family that its id belongs to, the uploader if
    well funded (a company's own release, unless a register says otherwise), nobody.
    """
    funded = organizations.filter("is_well_funded")["organization_id"].implode()
    trained_by = pl.col("trained_by") if admit else pl.lit(None, pl.String)
    family_maker = pl.col("family_organization_id") if admit else pl.lit(None, pl.String)
    own = pl.when(pl.col("uploader_id").is_in(funded)).then("uploader_id")
    basis = (
        pl.when(trained_by.is_not_null())
        .then(pl.lit("register"))
        .when(family_maker.is_not_null())
        .then(pl.lit("family"))
        .when(own.is_not_null())
        .then(pl.lit("uploader"))
        .otherwise(pl.lit("none"))
    )
    root = pl.when(is_root)
    return nodes.select(
        "uploader_id",
        origin_id=root.then(pl.coalesce(trained_by, family_maker, own)),
        origin_basis=root.then(basis),
    )


class _Flow:
    """Credit flowing along the edges, one sparse matrix product a level."""

    def __init__(self, child: IntArray, parent: IntArray, parents: IntArray, depth: IntArray) -> None:
        from scipy.sparse import csr_array  # noqa: PLC0415 - heavy, and only this class needs it

        count = len(depth)
        self._order = np.argsort(depth, kind="stable")
        self._place = np.empty(count, dtype=np.int64)
        self._place[self._order] = np.arange(count)
        self._ends = np.searchsorted(depth[self._order], np.arange(depth.max(initial=0) + 1), side="right")
        weights = 1.0 / parents[child]
        self._up = csr_array((weights, (self._place[child], self._place[parent])), shape=(count, count))

    def origin(self, origin: IntArray, *, columns: int) -> Any:
        """Give the shares (nodes x columns + 1) of credit that ends at roots; key -1 is the last column."""
        target = np.where(origin < 0, columns, origin)[self._order]
        first = np.arange(self._ends[0])
        shares = self._one_hot(first, target[first], columns + 1, rows=int(self._ends[0]))
        for start, end in zip(self._ends[:-1], self._ends[1:], strict=True):
            shares = _stack(shares, self._up[start:end, :start] @ shares)
        return shares[self._place]

    def through(self, uploader: IntArray, origin: IntArray, *, columns: int) -> Any:
        """Give the shares (nodes x columns) of credit that meets each organization on its way up."""
        own, end_point = uploader[self._order], origin[self._order]
        shares = None
        start = 0
        for end in self._ends:
            rows = np.arange(end - start)
            met = _met(rows, own[start:end], columns)
            if shares is None:
                shares = _maximum(met, _met(rows, end_point[start:end], columns))
            else:
                shares = _stack(shares, _maximum(self._up[start:end, :start] @ shares, met))
            start = end
        assert shares is not None  # noqa: S101 - there is always level 0
        return shares[self._place]

    def above(self, shares: Any) -> Any:
        """Give the mean of the parents' shares; nothing for roots."""
        return (self._up @ shares[self._order])[self._place]

    @staticmethod
    def one_column(flags: npt.NDArray[np.bool_]) -> Any:
        """Give a column that is 1 where the flag is set."""
        from scipy.sparse import csr_array  # noqa: PLC0415

        return csr_array(flags.astype(np.float64).reshape(-1, 1))

    @staticmethod
    def _one_hot(row: IntArray, column: IntArray, columns: int, *, rows: int) -> Any:
        from scipy.sparse import csr_array  # noqa: PLC0415

        return csr_array((np.ones(len(row)), (row, column)), shape=(rows, columns))


def _met(rows: IntArray, organization: IntArray, columns: int) -> Any:
    from scipy.sparse import csr_array  # noqa: PLC0415

    known = organization >= 0
    return csr_array((np.ones(known.sum()), (rows[known], organization[known])), shape=(len(rows), columns))


def _maximum(left: Any, right: Any) -> Any:
    """Elementwise maximum: all of the credit has met an organization where it is met at the node itself."""
    return left.maximum(right)


def _stack(above: Any, below: Any) -> Any:
    from scipy.sparse import vstack  # noqa: PLC0415

    return vstack([above, below], format="csr")


def _ancestry(nodes: pl.DataFrame, names: pl.Series, origin: Any, through: Any) -> pl.DataFrame:
    """Lay the two sparse matrices side by side, a row for each model and organization that has a share."""
    labels = pl.concat([names, pl.Series([UNKNOWN])])
    frames = []
    for matrix, name in ((origin, "origin_share"), (through, "through_share")):
        entries = matrix.tocoo()
        frame = pl.DataFrame({"row": entries.row, "column": entries.col, name: entries.data})
        frames.append(frame.cast({"row": pl.Int64, "column": pl.Int64}).filter(pl.col(name) > 0))
    joined = frames[0].join(frames[1], on=["row", "column"], how="full", coalesce=True)
    is_known = pl.col("column") < len(names)
    return joined.select(
        model_id=nodes["model_id"].gather(joined["row"]),
        organization_id=labels.gather(joined["column"]),
        origin_share=pl.col("origin_share").fill_null(0.0).round(SHARE_DECIMALS),
        through_share=pl.when(is_known).then(pl.col("through_share").fill_null(0.0).round(SHARE_DECIMALS)),
    ).sort("model_id", "organization_id")


def _nearest_family(family: pl.Series, main_parent: IntArray) -> IntArray:
    """Give for each node the nearest node on its main line that has a family of its own, else the root."""
    has_own = family.is_not_null().to_numpy()
    pointer = np.where(has_own, np.arange(len(family)), main_parent)
    while True:
        further = pointer[pointer]
        if np.array_equal(further, pointer):
            return pointer
        pointer = further


def _keys_of(edges: pl.DataFrame, column: str, keys: pl.DataFrame) -> IntArray:
    joined = edges.select(model_id=column).join(keys, on="model_id", how="left", maintain_order="left")
    if joined["key"].null_count():
        raise ValueError(f"{joined['key'].null_count()} edges have a {column} that is not among the nodes.")
    return joined["key"].to_numpy()


def _organization_keys(column: pl.Series, names: pl.Series) -> IntArray:
    """Give the place of each organization in `names`, -1 for null; a name that is not there is an error."""
    table = pl.DataFrame({"name": names, "key": np.arange(len(names))})
    joined = pl.DataFrame({"name": column}).join(table, on="name", how="left", maintain_order="left")
    strangers = joined.filter(pl.col("name").is_not_null() & pl.col("key").is_null())["name"]
    if len(strangers):
        raise ValueError(f"organizations that nobody registered: {strangers.unique().to_list()[:5]}")
    return joined["key"].fill_null(-1).to_numpy()


def _flags(organizations: pl.DataFrame, names: pl.Series) -> npt.NDArray[np.bool_]:
    """One flag for each name and a last one, False, that key -1 (nobody) meets."""
    flags = names.is_in(organizations["organization_id"].implode()).to_numpy()
    return np.append(flags, False)


def _upstream_class(
    well_funded: npt.NDArray[np.float64], independent: npt.NDArray[np.float64]
) -> npt.NDArray[np.str_]:
    """Class of a model by what stands upstream; rounding leaves shares of thirds a hair below 1."""
    return np.select([well_funded > 0, independent > 1 - 1e-9], ["derived", "independent"], "unknown")


def _column(matrix: Any, column: int) -> npt.NDArray[np.float64]:
    values: npt.NDArray[np.float64] = matrix[:, [column]].toarray().ravel().round(SHARE_DECIMALS)
    return values
