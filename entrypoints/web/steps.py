"""The stages of a job as the list of steps on its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.progress import STAGE_WORDS, JobStage, Progress, Stage


@dataclass(frozen=True, slots=True)
class Step:
    """`state` is done, now or next. `detail` is the current part, such as "2 of 5"."""

    words: str
    state: str
    detail: str = ""


def steps_through(stages: Sequence[Stage], progress: Progress) -> list[Step]:
    """One step per stage. All are "next" if the progress has none of these stages."""
    at = next((place for place, stage in enumerate(stages) if stage is progress.stage), -1)
    return [
        Step(STAGE_WORDS[stage], _state(place, at), progress.part if place == at else "")
        for place, stage in enumerate(stages)
    ]


def waiting_steps(stages: Sequence[Stage]) -> list[Step]:
    """A step for waiting, followed by the stages."""
    return [Step(STAGE_WORDS[JobStage.WAITING], "now"), *(Step(STAGE_WORDS[stage], "next") for stage in stages)]


def _state(place: int, at: int) -> str:
    return "done" if place < at else "now" if place == at else "next"
