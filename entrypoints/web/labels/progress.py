"""Where the work of a labelling leads."""

from __future__ import annotations

from flask import url_for

from application.use_cases.labels.labelling import LabellingView
from domain.labelling import LabelStep
from domain.training import TrainingId


def next_page(view: LabellingView) -> str:
    """The address of the training that was started, or of the page."""
    if view.finding.training and not view.busy:
        return url_for("models.training", training_id=TrainingId(view.finding.training))
    choice = view.order.choice
    if view.order.step is LabelStep.FILE:
        return url_for("labels.index", horizon=choice.horizon, returning=choice.returning.value)
    return url_for("labels.index")
