"""Two models on the same rows: the figures of both, and the paired difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest

from adapters.ml.scoring.model_pairs import ColumnarModelPairs
from application.ports.columns import CustomerBatch, ScoredBatch
from application.ports.model_comparison import ModelPairs, ScoredFile
from application.ports.models import Scorer
from domain.model_comparison import ComparedFigures, PairedFigures
from tests.fakes.model_pairs import PairsInMemory

PAIRS = pytest.mark.parametrize("pairs", [ColumnarModelPairs(), PairsInMemory()], ids=["columns", "in memory"])


@dataclass(frozen=True)
class Reads:
    """A scorer that finds its probabilities in a column."""

    column: str

    def score(self, batch: CustomerBatch) -> ScoredBatch:
        found = batch.data.column(self.column).to_numpy()
        return ScoredBatch(batch.rows, 0.0, found, np.log(found), np.empty(0), np.empty(0), np.empty(0))


Line = tuple[int, str, str | None, bool | None, float, float]
LINES: list[Line] = [
    (1, "A", "2026-08", False, 0.9, 0.9),
    (2, "A", "2026-09", True, 0.8, 0.5),
    (3, "B", "2026-09", False, 0.2, 0.5),
    (4, "C", "2026-09", None, 0.3, 0.3),
    (5, "A", "2026-10", False, 0.5, 0.25),
    (6, "D", None, False, 0.1, 0.1),
]


def read(scorer: str, lines: Sequence[Line] = LINES, *, size: int = 2, names: Sequence[str] = ()) -> ScoredFile:
    table = pa.table(
        {
            "row": pa.array([line[0] for line in lines], pa.int64()),
            "id": pa.array([line[1] for line in lines], pa.string()),
            "month": pa.array([line[2] for line in lines], pa.string()),
            "actual": pa.array([line[3] for line in lines], pa.bool_()),
            "own": pa.array([line[4] for line in lines], pa.float64()),
            "other": pa.array([line[5] for line in lines], pa.float64()),
        }
    )
    table = table.drop_columns(list(names))
    own: Scorer = Reads(scorer)  # type: ignore[assignment]  # only `score` is called
    return ScoredFile(own, [CustomerBatch(part.num_rows, part) for part in table.to_batches(max_chunksize=size)])


@PAIRS
def test_both_models_are_scored_on_the_same_rows_of_the_months(pairs: ModelPairs) -> None:
    found = pairs.compare(read("own"), read("other", size=4), months=("2026-09", "2026-10"))
    assert found is not None
    assert (found.rows, found.left) == (3, 1)
    assert found.champion is not None
    assert found.candidate.log_loss == pytest.approx(0.379811, abs=1e-6)
    assert found.champion.log_loss == pytest.approx(0.557992, abs=1e-6)
    assert (found.candidate.auc, found.champion.auc) == (1.0, 0.75)
    assert (found.candidate.expected, found.champion.expected) == (pytest.approx(1.5), pytest.approx(1.25))
    assert found.candidate.low == pytest.approx(0.020260, abs=1e-6)
    assert found.candidate.high == pytest.approx(2.979740, abs=1e-6)
    assert found.difference == pytest.approx(-0.178181, abs=1e-6)


@PAIRS
def test_the_rows_of_a_customer_count_together(pairs: ModelPairs) -> None:
    """Differences: A −0.470004 and +0.405465, B −0.470004; mean −0.178181."""
    found = pairs.compare(read("own"), read("other"), months=("2026-09", "2026-10"))
    assert found is not None
    assert found.standard_error == pytest.approx((2 * 0.291823**2) ** 0.5 / 3, abs=1e-5)
    apart = [(row, f"{who}{row}", *more) for row, who, *more in LINES]
    alone = pairs.compare(read("own", apart), read("other"), months=("2026-09", "2026-10"))  # type: ignore[arg-type]  # the lines with other ids
    assert alone is not None
    assert alone.standard_error == pytest.approx((2 * 0.291823**2 + 0.583646**2) ** 0.5 / 3, abs=1e-5)


@PAIRS
def test_a_row_that_the_champion_cannot_read_counts_for_neither(pairs: ModelPairs) -> None:
    found = pairs.compare(read("own"), read("other", LINES[:2] + LINES[3:]), months=("2026-09",))
    assert found is not None
    assert (found.rows, found.left, found.candidate.auc) == (1, 1, None)
    assert pairs.compare(read("own"), read("other", LINES[:1]), months=("2026-09",)) is None


@PAIRS
def test_without_a_champion_there_is_one_model(pairs: ModelPairs) -> None:
    found = pairs.compare(read("own"), None, months=("2026-10",))
    low, high = 0.0, pytest.approx(1.479982, abs=1e-6)
    assert found == PairedFigures(1, 0, ComparedFigures(pytest.approx(0.693147, abs=1e-6), None, 0.5, low, high))


@PAIRS
@pytest.mark.parametrize("missing", ["month", "actual"])
def test_without_months_or_outcomes_nothing_can_be_compared(pairs: ModelPairs, missing: str) -> None:
    assert pairs.compare(read("own", names=[missing]), read("other"), months=("2026-09",)) is None
    assert pairs.compare(read("own"), None, months=("2025-01",)) is None
