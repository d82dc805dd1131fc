"""The slow and exact twins: what the definitions say, in plain Python, one model at a time."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from tests.analysis.graphs import Descent, Edge, Tangle

WHOLE, NOTHING = Fraction(1), Fraction(0)


def reachable(edges: Sequence[Edge], start: str) -> set[str]:
    """All that a depth-first walk towards the parents meets; `start` only if it lies on a cycle."""
    met: set[str] = set()
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for child, parent in edges:
            if child == here and parent not in met:
                met.add(parent)
                waiting.append(parent)
    return met


def on_cycles(edges: Sequence[Edge]) -> set[Edge]:
    """Edges that some walk leads back to where it began; self-loops are no part of this question."""
    proper = [edge for edge in edges if edge[0] != edge[1]]
    return {(child, parent) for child, parent in proper if child in reachable(proper, parent)}


def taken_out(tangle: Tangle) -> set[Edge]:
    """What break_cycles has to take out: edges on a cycle from an earlier child to a later parent."""
    proper = [edge for edge in tangle.edges if edge[0] != edge[1]]

    def place(name: str) -> tuple[bool, str, int, str]:
        created = tangle.created[name]
        children = sum(parent == name for _, parent in proper)
        return created is None, str(created), -children, name

    return {(child, parent) for child, parent in on_cycles(proper) if place(parent) > place(child)}


def depth(edges: Sequence[tuple[int, int]], node: int) -> int:
    """Longest line of descent above a node, by recursion."""
    return max((1 + depth(edges, parent) for child, parent in edges if child == node), default=0)


def main_parent(edges: Sequence[tuple[int, int]], node: int) -> int:
    """The smallest parent; the node itself when it has none."""
    return min((parent for child, parent in edges if child == node), default=node)


def main_root(edges: Sequence[tuple[int, int]], node: int) -> int:
    """Walk up the main line until it ends."""
    while (above := main_parent(edges, node)) != node:
        node = above
    return node


class Credit:
    """Attribution as the design defines it, by recursion over the parents with exact fractions."""

    def __init__(self, descent: Descent) -> None:
        self.descent = descent

    def basis(self, name: str) -> tuple[str | None, str | None]:
        """Why and to whom a root is credited; (None, None) for what is no root."""
        facts = self.descent.models[name]
        if self.descent.parents(name):
            return None, None
        if self.descent.admit and facts["trained_by"]:
            return "register", facts["trained_by"]
        if self.descent.admit and facts["family_organization_id"]:
            return "family", facts["family_organization_id"]
        if facts["uploader_id"] and self.descent.funded[facts["uploader_id"]]:
            return "uploader", facts["uploader_id"]
        return "none", None

    def _mean(self, name: str, share: Callable[[str], Fraction]) -> Fraction:
        parents = self.descent.parents(name)
        return sum((share(parent) for parent in parents), NOTHING) / len(parents)

    def origin(self, name: str, organization: str | None) -> Fraction:
        """Credit that ends at roots of the organization; None asks for the unknown part."""
        if not self.descent.parents(name):
            return WHOLE if self.basis(name)[1] == organization else NOTHING
        return self._mean(name, lambda parent: self.origin(parent, organization))

    def through(self, name: str, organizations: set[str]) -> Fraction:
        """Credit whose path meets any of the organizations, absorbed where it first does."""
        if self.descent.models[name]["uploader_id"] in organizations:
            return WHOLE
        if not self.descent.parents(name):
            return WHOLE if self.basis(name)[1] in organizations else NOTHING
        return self._mean(name, lambda parent: self.through(parent, organizations))

    def well_funded(self, name: str) -> Fraction:
        """Credit that meets a well-funded organization."""
        return self.through(name, {key for key, funded in self.descent.funded.items() if funded})

    def independent(self, name: str) -> Fraction:
        """Credit that ends at roots registered as trained by an organization known not to be well funded."""
        if not self.descent.parents(name):
            basis, organization = self.basis(name)
            is_independent = basis == "register" and self.descent.funded[organization or ""] is False
            return WHOLE if is_independent else NOTHING
        return self._mean(name, self.independent)

    def depth(self, name: str) -> int:
        """Longest line of descent."""
        return max((1 + self.depth(parent) for parent in self.descent.parents(name)), default=0)

    def main_line(self, name: str) -> list[str]:
        """The model, its main parent, and so on to the root."""
        line = [name]
        while parents := self.descent.parents(line[-1]):
            line.append(parents[0])
        return line

    def family(self, name: str) -> str | None:
        """The nearest family on the main line."""
        families = (self.descent.models[each]["family"] for each in self.main_line(name))
        return next((family for family in families if family), None)
