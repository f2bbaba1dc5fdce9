"""A column that ranks customers very well alone is asked about."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.ml.detection.labelled_file import detect
from application.ports.intake import TrainingTable
from domain.errors import KnownUnclear
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers


def with_column(*, agrees: float, rows: int = 2_000) -> TrainingTable:
    """Customers with a level that agrees with the label for this share of each outcome: its AUC is this share."""
    columns = customers(rows)
    left = columns["Churn"] == "Yes"
    place = np.where(left, np.cumsum(left) / left.sum(), np.cumsum(~left) / (~left).sum())
    return a_table(columns | {"team": np.where((place <= agrees) == left, "retention", "sales")})


@pytest.mark.parametrize("agrees", [0.91, 0.96])
def test_a_column_between_driver_and_leakage_is_asked_about(agrees: float) -> None:
    with pytest.raises(KnownUnclear) as asked:
        detect(with_column(agrees=agrees), TrainingRequest())
    question = asked.value.question
    assert question is not None
    assert question.text.startswith("“team” alone ranks customers very well (AUC 0.9")
    assert question.text.endswith("Was it known before they left?")
    assert question.column == "team"
    assert question.values == ("before", "afterwards")


def test_a_weaker_column_is_used_and_a_stronger_one_left_out_without_a_question() -> None:
    assert "team" in detect(with_column(agrees=0.88), TrainingRequest()).recognised().attributes
    left_out = detect(with_column(agrees=0.985), TrainingRequest()).left_out
    assert [own.column for own in left_out if own.is_leakage] == ["team"]


def test_the_answer_decides_whether_the_column_is_used() -> None:
    table = with_column(agrees=0.93)
    used = detect(table, TrainingRequest(known_before=("team",)))
    assert "team" in used.recognised().attributes
    unused = detect(table, TrainingRequest(known_afterwards=("team",)))
    assert "team" not in unused.recognised().attributes
    why = next(own for own in unused.left_out if own.column == "team")
    assert why.why == "gives the answer away: a person said that it is known only once a customer has left"
    assert why.can_be_used


def test_a_column_that_is_used_anyway_is_not_asked_about() -> None:
    assert "team" in detect(with_column(agrees=0.93), TrainingRequest(keep=("team",))).recognised().attributes
