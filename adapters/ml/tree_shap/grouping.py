"""Decides how each tree of a forest is explained: by tables within a limit of memory, or by a walk."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from adapters.ml.tree_shap.forest import Forest
from adapters.ml.tree_shap.leaf_groups import Group, cut, distinct_columns, merged
from adapters.ml.tree_shap.shap_tables import LANES, lane_groups, lane_order, table_bytes

TABLE_BITS = (
    10,
    8,
)  # larger tables need fewer look-ups; smaller ones serve if memory is short
TABLE_BYTES = 400 * 2**20  # for the whole model


@dataclass(frozen=True, eq=False)
class Grouping:
    """Groups with tables, and trees that are walked: root, distinct columns on its longest path."""

    groups: tuple[Group, ...]
    walked: tuple[tuple[int, int], ...]
    walked_leaves: int
    lanes: NDArray[np.intp]  # the attribute in each lane

    @property
    def lane_of(self) -> NDArray[np.intp]:
        """The lane of each attribute."""
        lane_of = np.empty_like(self.lanes)
        lane_of[self.lanes] = np.arange(self.lanes.size)
        return lane_of


def grouped(forest: Forest, attribute_of_column: NDArray[np.intp], *, limit: int = TABLE_BYTES) -> Grouping:
    """Tables take at most `limit` bytes.

    If the largest tables take more together, the trees that take most get smaller ones; if these take more as well,
    the trees that take most are walked.
    """
    attributes = int(attribute_of_column.max(initial=-1)) + 1
    lanes = lane_order(forest, attribute_of_column, attributes)
    lane_of = np.empty_like(lanes)
    lane_of[lanes] = np.arange(lanes.size)
    within = _groups_within(forest, attribute_of_column.tolist(), lane_of, limit)
    groups = [group for own in within for group in own or ()]
    roots = pairwise([*forest.roots.tolist(), forest.left.size])
    walked = [(root, end) for (root, end), own in zip(roots, within, strict=True) if own is None]
    joined = merged(groups, bits=TABLE_BITS[0])
    return Grouping(
        tuple(joined if table_bytes(joined, lane_of) <= limit else groups),
        tuple((root, distinct_columns(forest, root)) for root, _ in walked),
        sum(int((forest.left[root:end] < 0).sum()) for root, end in walked),
        lanes,
    )


def _groups_within(
    forest: Forest, attribute_of_column: list[int], lane_of: NDArray[np.intp], limit: int
) -> list[list[Group] | None]:
    """Every tree's groups; None for a tree that is walked."""

    def groups_of(place: int, bits: int) -> list[Group] | None:
        return cut(forest, int(forest.roots[place]), attribute_of_column, bits=bits)

    def taken(groups: list[Group] | None) -> int:
        return 0 if groups is None else table_bytes(groups, lane_of)

    within = [groups_of(place, TABLE_BITS[0]) for place in range(forest.roots.size)]
    for bits in (*TABLE_BITS[1:], None):
        sizes = [taken(groups) for groups in within]
        excess = sum(sizes) - limit
        for place in sorted(range(len(sizes)), key=lambda place: -sizes[place]):
            if excess <= 0:
                return within
            smaller = None if bits is None else groups_of(place, bits)
            if bits is None or (smaller is not None and taken(smaller) < sizes[place]):
                excess -= sizes[place] - taken(smaller)
                within[place] = smaller
    return within


LINE = 0.002
"""Microseconds of reading one line of a table (eight attributes) and adding it up."""
KILOBYTE = 0.00003
"""Microseconds more for each kilobyte of the table: large tables leave the processor's cache."""
ATTRIBUTE = 0.016
"""Microseconds of preparing the row and adding up the margin, for each attribute."""
WALKED_LEAF = 0.6
"""Microseconds for each leaf of a tree without tables."""


def microseconds_per_row(grouping: Grouping) -> float:
    """The cost of reasons and margin per customer, the same on every machine, because it is counted and not measured.

    The factors were fitted to measurements of `python -m bench.shap_cost` on one core of an AMD EPYC, with thousands of
    rows at once. Joining the outcomes of splits to codes grows with the lines and is part of their factor.
    """
    lane_of, cost = grouping.lane_of, ATTRIBUTE * grouping.lanes.size
    for group in grouping.groups:
        kilobytes = group.entries() * LANES * 4 / 1024
        cost += len(lane_groups(group, lane_of)) * (LINE + KILOBYTE * kilobytes)
    return cost + WALKED_LEAF * grouping.walked_leaves
