"""Exact TreeSHAP by table look-up: the libraries' own contributions at a small multiple of prediction.

Path-dependent SHAP values as Lundberg et al. (2018, 2020) define them; what is precomputed and why it is
exact is derived in docs/tree-shap.md.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.tree_shap.forest import NODE_FIELDS, BoosterTrees, Forest, joined
from adapters.ml.tree_shap.grouping import TABLE_BYTES, grouped, microseconds_per_row
from adapters.ml.tree_shap.shap_tables import LANES, Stage, TableSums, build_stages
from adapters.ml.tree_shap.walk import Walk, expected_value
from adapters.ml.tree_shap.xgboost_trees import xgboost_trees

BLOCK_ROWS = 16_384  # each block loads the tables into a core's cache once, which is slow for deep models
WALK_ROWS = 4096  # the walk has several arrays per level; with fewer rows, the overhead of calls dominates

FORMAT = 1


@dataclass(frozen=True, eq=False)
class Plan:
    """The work of `explain`: tables for most trees, walks for trees with too large tables."""

    stages: tuple[Stage, ...]
    walked: tuple[tuple[int, int], ...]  # root, distinct columns on its longest path
    lanes: NDArray[np.intp]  # the attribute in each lane
    microseconds_per_row: float  # counted, see `grouping.microseconds_per_row`

    @property
    def table_bytes(self) -> int:
        """Bytes of the tables in memory."""
        lookups = (lookup for stage in self.stages for run in stage.runs for one in run.lookups for lookup in one)
        return sum(lookup.table.nbytes for lookup in lookups)


@dataclass(frozen=True, eq=False)
class TreeExplainer:
    """Explains each row's log-odds by its attributes.

    `margin = base_value + contributions, summed in order`, after bag weights and Platt scaling. A row's numbers do not
    depend, to the bit, on the batch, the threads or other rows.
    """

    base_value: float
    attributes: int
    attribute_of_column: NDArray[np.intp]
    forest: Forest = field(repr=False)
    plan: Plan = field(repr=False)

    @classmethod
    def build(
        cls,
        models: Sequence[bytes],
        *,
        weights: Sequence[float] | None = None,
        attribute_of_column: Sequence[int],
        slope: float = 1.0,
        shift: float = 0.0,
        table_bytes: int = TABLE_BYTES,
    ) -> "TreeExplainer":
        """Build an explainer of XGBoost's boosters, `Booster.save_raw("json")` of binary:logistic; see `of`."""
        return cls.of(
            [xgboost_trees(model) for model in models],
            weights=weights,
            attribute_of_column=attribute_of_column,
            slope=slope,
            shift=shift,
            table_bytes=table_bytes,
        )

    @classmethod
    def of(
        cls,
        boosters: Sequence[BoosterTrees],
        *,
        weights: Sequence[float] | None = None,
        attribute_of_column: Sequence[int],
        slope: float = 1.0,
        shift: float = 0.0,
        table_bytes: int = TABLE_BYTES,
    ) -> "TreeExplainer":
        """Build an explainer of `slope · m + shift`, where m is the weighted mean of the boosters in log-odds.

        `attribute_of_column` is the attribute of each matrix column, from 0. Tables take at most `table_bytes` of
        memory; trees beyond the limit are explained as exactly, but more slowly. Raises ValueError if the columns do
        not match.
        """
        if not (np.isfinite(slope) and np.isfinite(shift)):
            raise ValueError("slope and shift must be finite")
        forest = joined(boosters, [1.0] * len(boosters) if weights is None else weights, slope=slope, shift=shift)
        return cls._of(forest, np.asarray(attribute_of_column), table_bytes)

    @classmethod
    def _of(cls, forest: Forest, attribute_of_column: NDArray[Any], table_bytes: int) -> "TreeExplainer":
        if attribute_of_column.shape != (forest.columns,):
            raise ValueError(f"the model has {forest.columns} columns, not {attribute_of_column.shape}")
        if attribute_of_column.dtype.kind not in "iu" or attribute_of_column.min(initial=0) < 0:
            raise ValueError("attributes are counted from 0")
        attribute_of = attribute_of_column.astype(np.intp)
        attributes = int(attribute_of.max(initial=-1)) + 1
        base_value = forest.intercept + sum(expected_value(forest, int(root)) for root in forest.roots)
        grouping = grouped(forest, attribute_of, limit=table_bytes)
        stages = build_stages(forest, grouping.groups, grouping.lane_of, attribute_of)
        plan = Plan(stages, grouping.walked, grouping.lanes, microseconds_per_row(grouping))
        return cls(base_value, attributes, attribute_of, forest, plan)

    def save(self, path: Path) -> None:
        """Write the trees as one .npz file. The tables are built again on loading."""
        arrays = {item.name: np.asarray(getattr(self.forest, item.name)) for item in fields(Forest)}
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                allow_pickle=False,
                format=np.array(FORMAT),
                attributes=self.attribute_of_column,
                **arrays,
            )

    @classmethod
    def load(cls, path: Path, *, table_bytes: int = TABLE_BYTES) -> "TreeExplainer":
        """Load a saved explainer. Raises ValueError if `save` did not write the file, OSError if it cannot be read."""
        forest, attribute_of_column = _read(path)
        return cls._of(forest, attribute_of_column, table_bytes)

    def explain(
        self, matrix: NDArray[np.float32], *, threads: int = 1
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Float32 (rows, columns), NaN where missing → contributions (rows, attributes), margins (rows,).

        Log-odds. Raises ValueError for any other shape or type. The GIL is free during most of the work.
        """
        if matrix.ndim != 2 or matrix.shape[1] != self.forest.columns or matrix.dtype != np.float32:
            raise ValueError(
                f"a float32 matrix of {self.forest.columns} columns is expected, not {matrix.dtype} {matrix.shape}"
            )
        contributions = np.empty((len(matrix), self.attributes))
        margins = np.empty(len(matrix))
        blocks = -(-len(matrix) // BLOCK_ROWS)
        threads = max(1, min(threads, blocks))
        if blocks == 0:
            return contributions, margins
        size = -(-len(matrix) // blocks)
        workers: SimpleQueue[_Worker] = SimpleQueue()
        for _ in range(threads):
            workers.put(_Worker(self, size))

        def explain_block(first: int) -> None:
            rows, worker = slice(first, first + size), workers.get()
            try:
                worker.explain(matrix[rows], contributions[rows], margins[rows])
            finally:
                workers.put(worker)

        if threads == 1:
            for first in range(0, len(matrix), size):
                explain_block(first)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(explain_block, range(0, len(matrix), size)))
        return contributions, margins


class _Worker:
    """One thread's buffers."""

    def __init__(self, explainer: TreeExplainer, rows: int) -> None:
        self.explainer = explainer
        self.lane_groups = -(-explainer.attributes // LANES)
        self.sums = TableSums(explainer.plan.stages, rows=rows, lane_groups=self.lane_groups)
        self.block = np.zeros((2 * explainer.forest.columns, rows), np.float32)  # the last may be shorter

    def explain(
        self, matrix: NDArray[np.float32], contributions: NDArray[np.float64], margins: NDArray[np.float64]
    ) -> None:
        rows, base = len(matrix), self.explainer
        self.block[0::2, :rows] = matrix.T
        missing = np.isnan(self.block[0::2])
        self.block[1::2] = self.block[0::2]
        np.copyto(self.block[0::2], np.inf, where=missing)
        np.copyto(self.block[1::2], -np.inf, where=missing)
        sums = self.sums.of(self.block)
        lanes = base.plan.lanes
        for lane_group in range(self.lane_groups):
            chosen = lanes[lane_group * LANES : (lane_group + 1) * LANES]
            contributions[:, chosen] = sums[lane_group, :rows, : len(chosen)]
        for first in range(0, rows if base.plan.walked else 0, WALK_ROWS):
            part = slice(first, min(first + WALK_ROWS, rows))
            self._walk(self.block[:, part], contributions[part])
        margins[:] = base.base_value
        for attribute in range(base.attributes):
            margins += contributions[:, attribute]

    def _walk(self, block: NDArray[np.float32], contributions: NDArray[np.float64]) -> None:
        forest, attribute_of_column = self.explainer.forest, self.explainer.attribute_of_column

        def goes_left(node: int) -> NDArray[np.bool_]:
            left: NDArray[np.bool_] = (
                block[2 * forest.column[node] + forest.default_left[node]] < forest.threshold[node]
            )
            return left

        def add(column: int, values: NDArray[np.float64]) -> None:
            contributions[:, attribute_of_column[column]] += values

        for root, columns_on_path in self.explainer.plan.walked:
            walk = Walk(forest, goes_left, add, rows=block.shape[1], columns_on_path=columns_on_path)
            walk.run([root])


def _read(path: Path) -> tuple[Forest, NDArray[Any]]:
    """Read a saved explainer. Converts the various errors of np.load for damaged files to ValueError."""
    kinds = NODE_FIELDS | {"roots": "i4"}
    content = BytesIO(path.read_bytes())
    try:
        with np.load(content, allow_pickle=False) as file:
            if int(file["format"]) != FORMAT:
                raise ValueError(f"format {int(file['format'])}, not {FORMAT}")
            arrays = {name: np.ascontiguousarray(file[name]) for name in kinds}
            wrong = [name for name, kind in kinds.items() if arrays[name].dtype != np.dtype(kind)]
            if wrong or any(array.ndim != 1 for array in arrays.values()):
                raise ValueError(f"{wrong or 'arrays'} of another type or shape")
            forest = Forest(**arrays, intercept=float(file["intercept"]), columns=int(file["columns"]))
            return forest, file["attributes"]
    except Exception as err:
        raise ValueError(f"{path.name} is not a saved explainer: {err}") from err
