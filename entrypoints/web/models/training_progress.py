"""A training's progress as the steps of its page."""

from __future__ import annotations

from dataclasses import replace

from domain.progress import JobStage, share_of_training, training_stages
from domain.run import JobState
from domain.training import Training
from entrypoints.web.steps import Step, steps_through, waiting_steps


def steps_of(training: Training) -> tuple[list[Step], float | None]:
    """The steps of a training, and the share of the work done; None while it is queued or its stage is unknown."""
    algorithm, progress = training.request.algorithm, training.progress
    stages = training_stages(algorithm)
    if training.state is JobState.QUEUED:
        return waiting_steps(stages), None
    if progress.stage is JobStage.STARTING:
        progress = replace(progress, stage=stages[0])
    share = share_of_training(progress, algorithm, training.request.effort)
    if share is None:
        return [Step(progress.words, "now")], None
    return steps_through(stages, progress), share
