"""Loading and scoring any model needs none of the libraries that trained it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.ml.registry.registry import FileModelRegistry
from application.ports.models import ThresholdChoice
from domain.model import Effort
from domain.training import TrainingRequest
from tests.builders import a_model_version
from tests.unit.ml.blending import BlendTrainer
from tests.unit.ml.files import a_table, customers

TRAINING_LIBRARIES = ("xgboost", "lightgbm", "catboost", "sklearn")
PROGRAM = """
import sys
from pathlib import Path
for library in {libraries}:
    sys.modules[library] = None
from adapters.ml.registry.registry import FileModelRegistry
from domain.customer import Customer, CustomerId
scorer = FileModelRegistry(Path(sys.argv[1])).scorer("v1")
print(scorer.explain(Customer(CustomerId("x"), 1, {{"Contract": "One year", "tenure": 3.0}})).probability)
print(sorted(set({libraries}) & {{name for name, module in sys.modules.items() if module is not None}}))
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    request = TrainingRequest(effort=Effort.LOW, seed=11)
    model = BlendTrainer().train(a_table(customers(200)), request, ThresholdChoice(), progress=lambda _: None)
    folder = tmp_path_factory.mktemp("models")
    FileModelRegistry(folder).save(a_model_version(id="v1", schema=model.schema), model)
    return folder


def test_a_blend_is_loaded_and_scores_in_a_process_that_cannot_import_them(models: Path) -> None:
    program = PROGRAM.format(libraries=TRAINING_LIBRARIES)
    done = subprocess.run([sys.executable, "-c", program, str(models)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    probability, imported = done.stdout.splitlines()
    assert 0.0 < float(probability) < 1.0
    assert imported == "[]"


def test_every_kind_of_booster_is_stored_beside_the_trees(models: Path) -> None:
    names = {path.name for path in (models / "v1").iterdir()}
    assert {"trees.npz", "model-0.ubj", "model-1.ubj", "model-2.txt", "model-3.txt"} <= names
