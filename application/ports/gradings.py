"""Gradings of earlier predictions: their store, and the figures of scored customers whose outcome is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from application.ports.snapshots import Outcomes
from domain.evaluation import Evaluation
from domain.grading import GradedFigures, Grading, GradingId, GradingOffer
from domain.run import RunId


class OutcomeEvaluator(Protocol):
    """Figures of scored customers against what became of them, computed as in scikit-learn."""

    def evaluate(
        self, outcomes: Outcomes, *, threshold: float, held_out: Evaluation, without_treated: bool = False
    ) -> GradedFigures | None:
        """`held_out` is the model's quality, which says how uncertain the expected number is. None for no customer."""


class Gradings(Protocol):
    """Gradings and offers to grade. Both are removed with their run; a grading outlives the file that graded it."""

    def add(self, grading: Grading) -> None:
        """Raises Conflict if the run is graded already, RunNotFound if it was deleted."""

    def get(self, grading_id: GradingId) -> Grading:
        """Raises NotFound."""

    def of_run(self, run_id: RunId) -> Grading | None: ...
    def remove(self, grading_id: GradingId) -> None:
        """Raises NotFound."""

    def all(self, *, model_version: str | None = None, visible_to: str | None = None) -> Sequence[Grading]:
        """The newest month first. `visible_to` selects those of an account's own runs and of shared ones."""

    def offer(self, offer: GradingOffer) -> None:
        """Add an offer, in place of an earlier one of the same two runs. Raises RunNotFound if one was deleted."""

    def offers_of(self, run_id: RunId) -> Sequence[GradingOffer]:
        """The offers to grade this run, newest first."""

    def offers_by(self, run_id: RunId) -> Sequence[GradingOffer]:
        """The offers to grade earlier runs by this one's file, newest first."""

    def withdraw_offers(self, run_id: RunId) -> None:
        """Remove the offers to grade this run."""
