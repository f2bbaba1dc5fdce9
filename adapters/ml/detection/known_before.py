"""Finds columns that give the answer away, and asks a person about those of which the figures leave it open."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adapters.formatting.figures import number
from adapters.ml.detection.earlier_work import earlier_work
from adapters.ml.detection.leakage import examined
from adapters.ml.detection.text_columns import TextColumn
from domain.errors import KnownUnclear
from domain.leakage import must_be_asked_about
from domain.model import LEAKAGE
from domain.question import KNOWN_AFTERWARDS, KNOWN_BEFORE, Choice, Question, Subject
from domain.training import TrainingRequest

KNOWN = (Choice(KNOWN_BEFORE, "Yes, before: use it"), Choice(KNOWN_AFTERWARDS, "No, only afterwards: leave it out"))


def leak_or_question(column: TextColumn, churned: NDArray[np.bool_], request: TrainingRequest) -> str | None:
    """Why a column gives the answer away, in words; None if it does not.

    Raises KnownUnclear if it ranks customers so well that a person has to say whether it was known before they left.
    """
    if column.name in request.known_afterwards:
        return f"{LEAKAGE}: a person said that it is known only once a customer has left"
    leak, auc = examined(column, churned, seed=request.seed)
    why = leak or earlier_work(column, churned, seed=request.seed)
    if why is None and column.name not in request.known_before and must_be_asked_about(auc):
        text = (
            f"“{column.name}” alone ranks customers very well (AUC {number(auc, decimals=3)}). Was it known before "
            "they left?"
        )
        raise KnownUnclear(Question(Subject.KNOWN, text, KNOWN, column.name))
    return why
