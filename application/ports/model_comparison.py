"""Two models on the same rows of a labelled file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from application.ports.columns import CustomerBatch
from application.ports.models import Scorer
from domain.model_comparison import PairedFigures


@dataclass(frozen=True, slots=True)
class ScoredFile:
    """A model, and a labelled file with months as it is read for this model."""

    scorer: Scorer
    batches: Iterable[CustomerBatch]


class ModelPairs(Protocol):
    def compare(
        self, candidate: ScoredFile, champion: ScoredFile | None, *, months: tuple[str, ...]
    ) -> PairedFigures | None:
        """The figures on the rows of these months that both can score; None where no row of them has an outcome.

        Months and outcomes are those of the candidate's reading. The standard error of the paired difference sums the
        rows of a customer, which depend on each other.
        """
