"""Divides trees into groups of leaves that depend on few splits, so that each group fits into a small table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from adapters.ml.tree_shap.forest import Forest

Split = tuple[int, float, bool]  # column, threshold, default_left: equal splits of all trees share one bit

RECENT_GROUPS = 64  # unfilled groups that are tried for merging with another group


@dataclass
class Group:
    """Leaves whose contributions depend only on the outcomes of `splits`.

    Each of the `ways` leads from a root to the top of a subtree, all of whose leaves belong to the group. `attributes`
    are those that the ways and subtrees split on. `columns_on_path` is an upper bound of the distinct columns on any of
    the paths.
    """

    splits: frozenset[Split]
    attributes: frozenset[int]
    columns_on_path: int
    ways: list[list[int]] = field(default_factory=list)

    def entries(self) -> int:
        return 1 << len(self.splits)


def split_of(forest: Forest, node: int) -> Split:
    return int(forest.column[node]), float(forest.threshold[node]), bool(forest.default_left[node])


def cut(forest: Forest, root: int, attribute_of_column: list[int], *, bits: int) -> list[Group] | None:
    """Cut the tree into groups of at most `bits` splits, each as large as possible.

    Returns None if a single path has more splits.
    """
    below: dict[int, frozenset[Split] | None] = {}
    for node in reversed(list(_nodes(forest, root))):
        below[node] = _splits_below(forest, node, below, bits)
    columns_on_path = distinct_columns(forest, root)
    groups: list[Group] = []
    stack: list[tuple[list[int], frozenset[Split]]] = [([root], frozenset())]
    while stack:
        way, above = stack.pop()
        node, own = way[-1], below[way[-1]]
        if own is not None and len(above | own) <= bits:
            nodes = [*way[:-1], *(inner for inner in _nodes(forest, node) if forest.left[inner] >= 0)]
            attributes = frozenset(attribute_of_column[forest.column[inner]] for inner in nodes)
            groups.append(Group(above | own, attributes, columns_on_path, [way]))
        elif forest.left[node] < 0:
            return None
        else:
            above = above | {split_of(forest, node)}
            stack += [([*way, int(child)], above) for child in (forest.right[node], forest.left[node])]
    return [group for group in groups if group.splits]


def merged(groups: Iterable[Group], *, bits: int) -> list[Group]:
    """Join groups, first fit, if their union has at most `bits` splits.

    Each group costs a table look-up per row, so fewer groups are faster.
    """
    done: list[Group] = []
    for group in groups:
        room = next((other for other in done[-RECENT_GROUPS:] if len(other.splits | group.splits) <= bits), None)
        if room is None:
            done.append(Group(group.splits, group.attributes, group.columns_on_path, list(group.ways)))
        else:
            room.splits |= group.splits
            room.attributes |= group.attributes
            room.columns_on_path = max(room.columns_on_path, group.columns_on_path)
            room.ways += group.ways
    return done


def _splits_below(
    forest: Forest, node: int, below: dict[int, frozenset[Split] | None], bits: int
) -> frozenset[Split] | None:
    """The splits below each node; None for more than `bits` splits."""
    if forest.left[node] < 0:
        return frozenset()
    left, right = below[int(forest.left[node])], below[int(forest.right[node])]
    if left is None or right is None:
        return None
    splits = left | right | {split_of(forest, node)}
    return splits if len(splits) <= bits else None


def _nodes(forest: Forest, root: int) -> Iterator[int]:
    """The nodes at and below one node, parents first."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if forest.left[node] >= 0:
            stack += [int(forest.right[node]), int(forest.left[node])]


def distinct_columns(forest: Forest, root: int) -> int:
    """The largest number of distinct columns on one of the tree's paths."""
    most, stack = 0, [(root, frozenset[int]())]
    while stack:
        node, columns = stack.pop()
        if forest.left[node] < 0:
            most = max(most, len(columns))
        else:
            columns = columns | {int(forest.column[node])}
            stack += [(int(forest.left[node]), columns), (int(forest.right[node]), columns)]
    return most
