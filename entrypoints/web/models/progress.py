"""A training's progress as steps that a person can follow."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.model import Algorithm
from domain.run import RunState
from domain.training import Training

_COUNTED = re.compile(r"(\d+) of (\d+)")
WEIGHTS = {
    "Reading the file": 1,
    "Looking at the columns": 2,
    "Trying settings": 6,
    "Comparing the best settings": 2,
    "Checking on held-out customers": 5,
    "Fitting the logistic baseline": 1,
    "Learning from all customers": 1,
}
"""The stages of a training in order, with their usual share of its time."""
ONLY_BOOSTED = frozenset({"Comparing the best settings", "Fitting the logistic baseline"})


@dataclass(frozen=True, slots=True)
class Step:
    """`state` is done, now or next; `detail` counts within it, such as "2 of 5"."""

    words: str
    state: str
    detail: str = ""


def steps_of(training: Training) -> tuple[list[Step], float | None]:
    """The steps of a training, and the share of the work that is done; None while it waits or says something new."""
    names = [name for name in WEIGHTS if training.request.algorithm is Algorithm.XGBOOST or name not in ONLY_BOOSTED]
    if training.state is RunState.QUEUED:
        return [Step("Waiting for its turn", "now"), *(Step(name, "next") for name in names)], None
    stage = training.progress.stage or names[0]
    at = next((place for place, name in enumerate(names) if _same(name, stage)), None)
    if at is None:
        return [Step(stage, "now")], None
    counted = _COUNTED.search(stage)
    done, of = (int(counted[1]) - 1, int(counted[2])) if counted else (0, 1)
    steps = [
        Step(name, "done" if place < at else "now" if place == at else "next", _detail(place == at, counted))
        for place, name in enumerate(names)
    ]
    total = sum(WEIGHTS[name] for name in names)
    before = sum(WEIGHTS[name] for name in names[:at])
    return steps, (before + WEIGHTS[names[at]] * done / max(of, 1)) / total


def _same(name: str, stage: str) -> bool:
    """Stages count within themselves: "Trying settings 2 of 9", "Comparing the best 2 settings"."""
    return re.sub(r"[\d\s]+", " ", stage).startswith(name)


def _detail(now: bool, counted: re.Match[str] | None) -> str:
    return f"{counted[1]} of {counted[2]}" if now and counted else ""
