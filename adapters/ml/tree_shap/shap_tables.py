"""One table of SHAP values per group of leaves, indexed by the outcomes of the group's splits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ml.tree_shap.forest import Forest
from adapters.ml.tree_shap.leaf_groups import Group, Split, split_of
from adapters.ml.tree_shap.walk import Walk

LANES = 8  # attributes per table row: eight float32 are 32 bytes, which np.take copies at once
GROUPS_PER_RUN = 32  # tables that are summed in float32 before the sum is added in float64
SPLITS_PER_STAGE = 1024  # outcomes computed ahead: at 8,192 rows 8 MB, which stays in the shared cache


@dataclass(frozen=True, eq=False)
class Lookup:
    """One group's table for one eight of attributes: float32 (entries, LANES)."""

    lane_group: int
    table: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Run:
    """Groups with equally many splits, summed in float32. `bits` (splits, groups) indexes the stage's splits."""

    bits: NDArray[np.intp]
    lookups: tuple[tuple[Lookup, ...], ...]


@dataclass(frozen=True, eq=False)
class Stage:
    """Runs that share the outcomes of `columns[i] < thresholds[i]`, grouped by column.

    A column counts twice in the rows' block: 2c has its missing values at +∞ (they go right), 2c + 1 at −∞.
    """

    columns: tuple[tuple[int, int, int], ...]  # column, first split, one past the last
    thresholds: NDArray[np.float32]
    runs: tuple[Run, ...]


def lane_order(forest: Forest, attribute_of_column: NDArray[np.intp], attributes: int) -> NDArray[np.intp]:
    """Attributes ordered by how often trees split on them, so that frequent attributes share lanes."""
    used = attribute_of_column[forest.column[forest.left >= 0]]
    return np.argsort(-np.bincount(used, minlength=attributes), kind="stable").astype(np.intp)


def table_bytes(groups: Sequence[Group], lane_of: NDArray[np.intp]) -> int:
    return sum(group.entries() * len(lane_groups(group, lane_of)) * LANES * 4 for group in groups)


def build_stages(
    forest: Forest, groups: Sequence[Group], lane_of: NDArray[np.intp], attribute_of_column: NDArray[np.intp]
) -> tuple[Stage, ...]:
    """The tables in the order of summation: by number of splits, then by tree."""
    ordered = sorted(groups, key=lambda group: len(group.splits))
    lane_of_column = lane_of[attribute_of_column]
    return tuple(_stage(forest, chosen, lane_of, lane_of_column) for chosen in _by_stage(ordered))


def _by_stage(groups: Sequence[Group]) -> list[list[Group]]:
    stages: list[list[Group]] = []
    splits: set[Split] = set()
    for group in groups:
        if not stages or len(splits | group.splits) > SPLITS_PER_STAGE:
            stages.append([])
            splits = set()
        stages[-1].append(group)
        splits |= group.splits
    return stages


def _stage(forest: Forest, groups: list[Group], lane_of: NDArray[np.intp], lane_of_column: NDArray[np.intp]) -> Stage:
    splits = sorted({_outcome_key(split) for group in groups for split in group.splits})
    place = {split: index for index, split in enumerate(splits)}
    starts = [index for index in range(len(splits)) if index == 0 or splits[index][0] != splits[index - 1][0]]
    columns = tuple(
        (splits[first][0], first, last) for first, last in zip(starts, [*starts[1:], len(splits)], strict=True)
    )
    runs, first = [], 0
    while first < len(groups):
        width = len(groups[first].splits)
        same = [group for group in groups[first : first + GROUPS_PER_RUN] if len(group.splits) == width]
        runs.append(_run(forest, same, place, lane_of, lane_of_column))
        first += len(same)
    return Stage(columns, np.array([threshold for _, threshold in splits], np.float32), tuple(runs))


def _outcome_key(split: Split) -> tuple[int, float]:
    column, threshold, default_left = split
    return 2 * column + default_left, threshold


def _run(
    forest: Forest,
    groups: list[Group],
    place: dict[tuple[int, float], int],
    lane_of: NDArray[np.intp],
    lane_of_column: NDArray[np.intp],
) -> Run:
    bits = np.empty((len(groups[0].splits), len(groups)), np.intp)
    lookups = []
    for index, group in enumerate(groups):
        splits = sorted(group.splits)
        bits[:, index] = [place[_outcome_key(split)] for split in splits]
        lookups.append(_lookups(forest, group, splits, lane_groups(group, lane_of), lane_of_column))
    return Run(bits, tuple(lookups))


def lane_groups(group: Group, lane_of: NDArray[np.intp]) -> list[int]:
    """The eights of attributes that a group contributes to. Each costs a line of its table."""
    return sorted({int(lane_of[attribute]) // LANES for attribute in group.attributes})


def _lookups(
    forest: Forest,
    group: Group,
    splits: list[Split],
    lane_groups: list[int],
    lane_of_column: NDArray[np.intp],
) -> tuple[Lookup, ...]:
    """The contributions for every combination of outcomes; the first split is the code's highest bit."""
    codes = np.arange(group.entries())
    outcome = {split: (codes >> (len(splits) - 1 - bit)) & 1 == 1 for bit, split in enumerate(splits)}
    slot = {lane_group: index for index, lane_group in enumerate(lane_groups)}
    values = np.zeros((len(lane_groups), LANES, codes.size))

    def add(column: int, contributions: NDArray[np.float64]) -> None:
        lane = int(lane_of_column[column])
        values[slot[lane // LANES], lane % LANES] += contributions

    walk = Walk(
        forest,
        lambda node: outcome[split_of(forest, node)],
        add,
        rows=codes.size,
        columns_on_path=group.columns_on_path,
    )
    for way in group.ways:
        walk.run(way)
    tables = np.ascontiguousarray(values.transpose(0, 2, 1).astype(np.float32))
    return tuple(Lookup(lane_group, tables[index]) for index, lane_group in enumerate(lane_groups))


class TableSums:
    """Sums the tables for blocks of rows. It reuses its buffers, so each thread needs a separate instance."""

    def __init__(self, stages: Sequence[Stage], *, rows: int, lane_groups: int) -> None:
        self.stages = stages
        self.rows = rows
        widest = max((len(stage.thresholds) for stage in stages), default=0)
        self.bits = np.empty((widest, rows), np.uint8)
        self.bit = np.empty((GROUPS_PER_RUN, rows), np.uint8)
        self.byte = np.empty((GROUPS_PER_RUN, rows), np.uint8)
        self.code = np.empty((GROUPS_PER_RUN, rows), np.uint16)
        self.index = np.empty(rows, np.intp)
        self.terms = np.empty((rows, LANES), np.float32)
        self.run_sums = np.empty((lane_groups, rows, LANES), np.float32)
        self.sums = np.empty((lane_groups, rows, LANES), np.float64)

    def of(self, block: NDArray[np.float32]) -> NDArray[np.float64]:
        """block (2·columns, rows) → sums (lane groups, rows, LANES), valid until the next call."""
        self.sums[:] = 0
        for stage in self.stages:
            for column, first, last in stage.columns:
                np.less(
                    block[column],
                    stage.thresholds[first:last, None],
                    out=self.bits[first:last].view(np.bool_),
                )
            for run in stage.runs:
                self._add(run)
        return self.sums

    def _add(self, run: Run) -> None:
        codes = self._codes(run.bits)
        fresh: set[int] = set()
        for code, lookups in zip(codes, run.lookups, strict=True):
            np.copyto(self.index, code)
            for lookup in lookups:
                self._add_lookup(lookup, fresh)
        for lane_group in sorted(fresh):
            self.sums[lane_group] += self.run_sums[lane_group]

    def _add_lookup(self, lookup: Lookup, fresh: set[int]) -> None:
        """Add one table. mode="clip" never clips here; it lets NumPy write directly into `out`."""
        into = self.run_sums[lookup.lane_group]
        if lookup.lane_group in fresh:
            lookup.table.take(self.index, 0, self.terms, "clip")
            into += self.terms
        else:
            lookup.table.take(self.index, 0, into, "clip")
            fresh.add(lookup.lane_group)

    def _codes(self, bits: NDArray[np.intp]) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Codes of the outcomes, highest bit first.

        Uses bytes if possible, because twice as many fit an instruction.
        """
        low = self._byte(bits[-8:])
        if len(bits) <= 8:
            return low
        codes = self.code[: len(low)]
        np.copyto(codes, low)
        high = self._byte(bits[:-8])
        return np.bitwise_or(codes, np.left_shift(high, 8, dtype=np.uint16), out=codes)

    def _byte(self, bits: NDArray[np.intp]) -> NDArray[np.uint8]:
        groups = bits.shape[1]
        byte, bit = self.byte[:groups], self.bit[:groups]
        self.bits.take(bits[0], 0, byte, "clip")
        for row in bits[1:]:
            self.bits.take(row, 0, bit, "clip")
            np.add(byte, byte, out=byte)
            np.bitwise_or(byte, bit, out=byte)
        return byte
