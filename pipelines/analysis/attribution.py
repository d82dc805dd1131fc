"""Attribution: how a model's credit of 1 flows up its lineage to organizations.

A model's credit goes to its parents in equal parts and stops at roots. The *origin share* of X is what ends
at roots credited to X; the *through share* of X is what meets X at least once on its way, the model itself
and its roots included, absorbed at the first meeting. Definitions: sql/core/ancestry.sql. The graph must be
free of cycles (lineage.break_cycles).

Among millions of models there are few ways in which credit flows: nobody tells apart the roots that are
credited alike, nor a model that hands on its only parent's credit as it is from that parent. So the graph is
condensed to such *ways* first, the credit flows among these, and each model gets the number of its way.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.analysis.lineage import IntArray, distinct, levels, main_roots

FloatArray = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

UNKNOWN = "unknown"
#: Shares are rounded here, far below what any page shows, so that files come out the same to the byte.
SHARE_DECIMALS = 12
#: Why a root is credited to an organization, strongest first; the last is for roots that are not.
BASES = ("register", "family", "uploader", "none")
REGISTER, FAMILY, UPLOADER, NONE = range(len(BASES))
#: Dependence classes of what stands upstream, strongest first.
CLASSES = ("derived", "independent", "unknown")


class Nodes:
    """Models with their organizations as numbers: the same for every level of evidence."""

    def __init__(self, nodes: pl.DataFrame, organizations: pl.DataFrame) -> None:
        """Take the frames that `attribute` takes. Raises ValueError for unregistered organizations."""
        organizations = organizations.sort("organization_id")
        self.names = organizations["organization_id"]
        is_well_funded = organizations["is_well_funded"]
        # The last flag is False, and nobody's number (-1) meets it.
        self.funded: Flags = np.append(is_well_funded.fill_null(value=False).to_numpy(), False)
        self.not_funded: Flags = np.append((~is_well_funded).fill_null(value=False).to_numpy(), False)
        self.model_id = nodes["model_id"]
        self.family = nodes["family"]
        self.uploader = self._numbers(nodes["uploader_id"])
        self.trained_by = self._numbers(nodes["trained_by"])
        self.family_maker = self._numbers(nodes["family_organization_id"])

    def __len__(self) -> int:
        """Number of models."""
        return len(self.model_id)

    def edges(self, child_ids: pl.Series, parent_ids: pl.Series) -> tuple[IntArray, IntArray, IntArray]:
        """Give the places of children and parents, and the order in which parents come first by id."""
        child, parent = self._places_of(child_ids, parent_ids)
        named = np.unique(parent)
        rank = np.zeros(len(self), dtype=np.int64)
        rank[named[self.model_id.gather(named).arg_sort().to_numpy()]] = np.arange(len(named))
        return child, parent, np.argsort(rank[parent], kind="stable")

    def _places_of(self, child_ids: pl.Series, parent_ids: pl.Series) -> list[IntArray]:
        """Give the place of each model, in one join: ids are long. Raises ValueError for a stranger."""
        places = pl.DataFrame({"model_id": self.model_id, "place": np.arange(len(self))})
        ids = pl.concat([child_ids.alias("model_id"), parent_ids.alias("model_id")]).to_frame()
        place = ids.join(places, on="model_id", how="left", maintain_order="left")["place"]
        found = [place.head(len(child_ids)), place.tail(len(parent_ids))]
        for column, each in zip((child_ids, parent_ids), found, strict=True):
            if count := each.null_count():
                raise ValueError(f"{count} edges have a {column.name} that is not among the nodes.")
        return [each.to_numpy() for each in found]

    def _numbers(self, column: pl.Series) -> IntArray:
        """Give the place of each organization in `names`, -1 for null; a stranger is an error."""
        numbers = column.cast(pl.Enum(self.names), strict=False)
        if numbers.null_count() > column.null_count():
            strangers = column.filter(numbers.is_null() & column.is_not_null()).unique().sort().to_list()
            raise ValueError(f"organizations that nobody registered: {strangers[:5]}")
        return numbers.to_physical().cast(pl.Int64).fill_null(-1).to_numpy()


def attribute(
    nodes: pl.DataFrame, edges: pl.DataFrame, organizations: pl.DataFrame, *, admit_registers: bool
) -> "Attribution":
    """Attribute every model's credit to organizations.

    nodes: model_id, uploader_id (organization of the account, null if unregistered), trained_by (organization
    in the register of origins for models trained from scratch, else null), family, family_organization_id
    (of the model's own id, else null).
    edges: child_id, parent_id; without cycles, every id among the nodes.
    organizations: organization_id, is_well_funded (null where not known).
    admit_registers: whether registers may say who trained a root. Without them a root is credited to its
    uploader if that is known to be well funded, else to nobody.
    """
    known = Nodes(nodes, organizations)
    child, parent, order = known.edges(edges["child_id"], edges["parent_id"])
    return attribute_places(known, child[order], parent[order], admit_registers=admit_registers)


def attribute_places(
    nodes: Nodes, child: IntArray, parent: IntArray, *, admit_registers: bool
) -> "Attribution":
    """Do the same with edges as places among the nodes; a child's first edge names its main parent."""
    graph = _Graph(len(nodes), child, parent)
    origin, basis = _credit_roots(nodes, is_root=graph.parents == 0, admit=admit_registers)
    ways = _condense(nodes, graph, origin, basis)
    shares = _Shares(nodes, ways)
    # Who hands on credit as it is stands below its way, whose own organization is upstream for it.
    below, way = distinct(ways.way + ways.count * ways.hands_on, 2 * ways.count)
    of_way, hands_on = ways.way[below], ways.hands_on[below]
    return Attribution(
        models=_models(nodes, graph, way),
        ways=shares.of_ways(of_way, np.where(hands_on, -1, ways.basis[of_way]), hands_on=hands_on),
        shares=shares.entries(of_way),
    )


def _credit_roots(nodes: Nodes, *, is_root: Flags, admit: bool) -> tuple[IntArray, IntArray]:
    """Give for each root which organization it is credited to and on what basis; -1 twice for the others.

    In this order: the register of origins, the maker of the family that its id belongs to, the uploader if
    well funded (a company's own release, unless a register says otherwise), nobody.
    """
    nobody = np.full(len(nodes), -1)
    credited = [
        nodes.trained_by if admit else nobody,
        nodes.family_maker if admit else nobody,
        np.where(nodes.funded[nodes.uploader], nodes.uploader, -1),
    ]
    has = [organization >= 0 for organization in credited]
    origin = np.where(is_root, np.select(has, credited, -1), -1)
    basis = np.where(is_root, np.select(has, [REGISTER, FAMILY, UPLOADER], NONE), -1)
    return origin, basis


class _Graph:
    """Edges by place, and what follows from them: number of parents, depth, main parent and root of each."""

    def __init__(self, count: int, child: IntArray, parent: IntArray) -> None:
        self.child, self.parent = child, parent
        self.parents = np.bincount(child, minlength=count)
        self.depth = np.zeros(count, dtype=np.int64)
        self.main_parent = np.arange(count)
        # Most models are in no lineage: only those that are need a look.
        is_linked = self.parents > 0
        is_linked[parent] = True
        linked = np.flatnonzero(is_linked)
        number = np.cumsum(is_linked) - 1
        among = len(linked), number[child], number[parent]
        self.depth[linked] = levels(*among)
        self.root = self.main_parent.copy()
        self.main_parent[linked], self.root[linked] = (linked[found] for found in main_roots(*among))


@dataclass(frozen=True)
class _Ways:
    """The condensed graph, and which way each model's credit goes.

    `child` and `parent` are its edges, a parent as often as it is named. uploader, origin and basis are those
    of a way's models. `way` gives a model's way, `hands_on` whether it only hands on its parent's credit.
    """

    count: int
    child: IntArray
    parent: IntArray
    uploader: IntArray
    origin: IntArray
    basis: IntArray
    way: IntArray
    hands_on: Flags


def _condense(nodes: Nodes, graph: _Graph, origin: IntArray, basis: IntArray) -> _Ways:
    """Find the ways: roots that are credited alike, children of one way with one uploader, each merge."""
    parents, main_parent = graph.parents, graph.main_parent
    hands_on = (parents == 1) & (nodes.uploader < 0)
    giver = _ends(np.where(hands_on, main_parent, np.arange(len(nodes))))
    way = np.full(len(nodes), -1)
    many = len(nodes.names) + 1

    roots = np.flatnonzero(parents == 0)
    alike = ((origin[roots] + 1) * len(BASES) + basis[roots]) * many + nodes.uploader[roots] + 1
    first_root, way[roots] = distinct(alike, many * len(BASES) * many)
    count = len(first_root)

    single = np.flatnonzero((parents == 1) & ~hands_on)
    above = giver[main_parent[single]]
    stands_on = np.where(way[above] >= 0, way[above], count + above)
    _, first_single, number = np.unique(
        stands_on * many + nodes.uploader[single], return_index=True, return_inverse=True
    )
    way[single] = count + number
    count += len(first_single)

    merges = np.flatnonzero(parents > 1)
    way[merges] = count + np.arange(len(merges))
    count += len(merges)

    way = way[giver]
    members = np.concatenate([roots[first_root], single[first_single], merges])
    singles = single[first_single]
    of_merge = parents[graph.child] > 1
    return _Ways(
        count=count,
        child=np.concatenate([way[singles], way[graph.child[of_merge]]]),
        parent=np.concatenate([way[main_parent[singles]], way[graph.parent[of_merge]]]),
        uploader=nodes.uploader[members],
        origin=origin[members],
        basis=basis[members],
        way=way,
        hands_on=hands_on,
    )


class _Shares:
    """What each way gives to whom; all rounded."""

    def __init__(self, nodes: Nodes, ways: _Ways) -> None:
        self._names = nodes.names
        funded, not_funded = nodes.funded, nodes.not_funded
        uploader, origin, basis = ways.uploader, ways.origin, ways.basis
        flow = _Flow(ways.count, ways.child, ways.parent)
        self._origin = flow.origin(origin, columns=len(nodes.names))
        self._through = flow.through(uploader, origin, columns=len(nodes.names))
        meets_funded = flow.through(
            np.where(funded[uploader], 0, -1), np.where(funded[origin], 0, -1), columns=1
        )
        is_credited_above = (basis == REGISTER) | (basis == FAMILY)
        upstream_funded = flow.above(meets_funded) + flow.one_column(funded[origin] & is_credited_above)
        independent = flow.origin(np.where(not_funded[origin] & (basis == REGISTER), 0, -1), columns=1)
        assumed = flow.origin(np.where(basis == UPLOADER, 0, -1), columns=1)
        self.meets_funded = _column(meets_funded, 0)
        self.upstream_funded = _column(upstream_funded, 0)
        self.independent = _column(independent, 0)
        self.assumed = _column(assumed, 0)
        self.unknown = _column(self._origin, len(nodes.names))

    def of_ways(self, way: IntArray, basis: IntArray, *, hands_on: Flags) -> pl.DataFrame:
        """Describe ways, as sql/core/credit_ways.sql declares them but for number and evidence."""
        upstream_funded = np.where(hands_on, self.meets_funded[way], self.upstream_funded[way])
        return pl.DataFrame(
            {
                "is_derivative": basis < 0,
                "origin_basis": _texts(BASES, basis),
                "well_funded_share": self.meets_funded[way],
                "upstream_well_funded_share": upstream_funded,
                "registered_independent_share": self.independent[way],
                "assumed_share": self.assumed[way],
                "unknown_share": self.unknown[way],
                "upstream_class": _texts(CLASSES, _upstream_classes(upstream_funded, self.independent[way])),
            }
        )

    def entries(self, way: IntArray) -> pl.DataFrame:
        """Give way (its place in `way`), organization_id, origin_share, through_share."""
        labels = pl.concat([self._names, pl.Series([UNKNOWN], dtype=pl.String)])
        frames = []
        for matrix, name in ((self._origin, "origin_share"), (self._through, "through_share")):
            cells = matrix[way].tocoo()
            frame = pl.DataFrame({"way": cells.row, "column": cells.col, name: cells.data})
            frames.append(frame.cast({"way": pl.Int64, "column": pl.Int64}).filter(pl.col(name) > 0))
        joined = frames[0].join(frames[1], on=["way", "column"], how="full", coalesce=True)
        is_known = pl.col("column") < len(self._names)
        return joined.select(
            "way",
            organization_id=labels.gather(joined["column"]),
            origin_share=pl.col("origin_share").fill_null(0.0).round(SHARE_DECIMALS),
            through_share=pl.when(is_known).then(
                pl.col("through_share").fill_null(0.0).round(SHARE_DECIMALS)
            ),
        ).sort("way", "organization_id")


@dataclass(frozen=True)
class Attribution:
    """One level of evidence, condensed; core.model_roots and core.ancestry are joins of the three frames.

    models: model_id, way, root_id (null where it is the model itself), parents, depth, family; as the nodes.
    ways: a row a way, in the order of their numbers from 0; see sql/core/credit_ways.sql.
    shares: way, organization_id, origin_share, through_share.
    """

    models: pl.DataFrame
    ways: pl.DataFrame
    shares: pl.DataFrame


def _models(nodes: Nodes, graph: _Graph, way: IntArray) -> pl.DataFrame:
    own = np.arange(len(nodes))
    root = pl.Series(graph.root).set(pl.Series(graph.root == own), None)
    return pl.DataFrame(
        {
            "model_id": nodes.model_id,
            "way": way,
            "root_id": nodes.model_id.gather(root),
            "parents": graph.parents.astype(np.int64),
            "depth": graph.depth,
            "family": nodes.family.gather(_nearest_family(nodes.family, graph.main_parent)),
        }
    )


class _Flow:
    """Credit flowing along the edges, one sparse matrix product a level."""

    def __init__(self, count: int, child: IntArray, parent: IntArray) -> None:
        from scipy.sparse import csr_array  # noqa: PLC0415 - heavy, and only this class needs it

        depth = levels(count, child, parent)
        self._order = np.argsort(depth, kind="stable")
        self._place = np.empty(count, dtype=np.int64)
        self._place[self._order] = np.arange(count)
        self._ends = np.searchsorted(depth[self._order], np.arange(depth.max(initial=0) + 1), side="right")
        weights = 1.0 / np.bincount(child, minlength=count)[child]
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


def _nearest_family(family: pl.Series, main_parent: IntArray) -> IntArray:
    """Give for each node the nearest node on its main line that has a family of its own, else the root."""
    has_own = family.is_not_null().to_numpy()
    return _ends(np.where(has_own, np.arange(len(family)), main_parent))


def _ends(pointer: IntArray) -> IntArray:
    """Follow pointers until they point to themselves; the number of passes is the logarithm of the way."""
    while True:
        further = pointer[pointer]
        if np.array_equal(further, pointer):
            return pointer
        pointer = further


def _upstream_classes(well_funded: FloatArray, independent: FloatArray) -> IntArray:
    """Class by what stands upstream; rounding leaves shares of thirds a hair below 1."""
    return np.select([well_funded > 0, independent > 1 - 1e-9], [0, 1], 2)


def _texts(texts: tuple[str, ...], numbers: IntArray) -> pl.Series:
    """Give the text of each number, null for -1."""
    return pl.Series([*texts, None], dtype=pl.String).gather(np.where(numbers < 0, len(texts), numbers))


def _column(matrix: Any, column: int) -> FloatArray:
    values: FloatArray = matrix[:, [column]].toarray().ravel().round(SHARE_DECIMALS)
    return values
