"""An application with a champion model and an analyst."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.model import ModelStage
from tests.builders import a_model_version, a_schema
from tests.fakes.models import FakeScorer, LevelModel
from tests.unit.use_cases.scoring.application import ANALYST, ScoringApplication


@pytest.fixture
def app(tmp_path: Path) -> ScoringApplication:
    made = ScoringApplication(tmp_path)
    schema = a_schema(month_column=None)
    made.registry.kept["v1"] = FakeScorer("v1", schema, LevelModel(-1.0, 3, {"Month-to-month": 2.0, "Two year": -2.0}))
    with made.new_uow() as uow:
        uow.accounts.add(ANALYST)
        uow.models.add(a_model_version(id="v1", schema=schema, threshold=0.5, stage=ModelStage.CHAMPION))
        uow.commit()
    return made
