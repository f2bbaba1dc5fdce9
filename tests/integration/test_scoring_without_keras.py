"""A stored neural model is scored, and other models are trained, in a process that cannot import Keras."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from adapters.ml.registry.registry import FileModelRegistry
from adapters.ml.scoring.scoring_model import ScoringModel
from adapters.ml.training.logistic_trainer import LogisticTrainer
from application.ports.models import ThresholdChoice
from domain.model import Algorithm, Effort
from domain.training import TrainingRequest
from tests.builders import a_model_version
from tests.builders.additive import an_additive_model
from tests.unit.ml.files import a_table

SCRIPT = """
import sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("keras", "tensorflow"):
            raise SystemExit(f"{name} was imported")

sys.meta_path.insert(0, Refusing())
from pathlib import Path
from adapters.ml.registry.registry import FileModelRegistry
from domain.customer import Customer, CustomerId
from domain.model import Algorithm
import entrypoints.wiring.adapters as adapters

scorer = FileModelRegistry(Path(sys.argv[1])).scorer("v1")
customer = Customer(CustomerId("x"), 1, {"Months": 15.0, "Plan": "M"})
explained = scorer.explain(customer)
print(explained.probability, explained.base_value, [reason.contribution for reason in explained.reasons])
adapters.installed_algorithms = lambda: frozenset(Algorithm)
print(sorted(adapters.load_trainers()))
"""


def a_file(rows: int = 60) -> dict[str, list[str]]:
    return {
        "Months": [str(row % 41) for row in range(rows)],
        "Plan": ["S" if row % 3 else "M" for row in range(rows)],
        "Churn": ["Yes" if row % 4 == 0 else "No" for row in range(rows)],
    }


def test_neither_scoring_nor_a_worker_imports_keras(tmp_path: Path) -> None:
    request = TrainingRequest(effort=Effort.LOW, seed=1)
    trained = LogisticTrainer().train(a_table(a_file()), request, ThresholdChoice(), progress=lambda _: None)
    vocabulary = trained.artefact.model.vocabulary
    assert vocabulary.levels == (None, ("S", "M"))
    model = ScoringModel(vocabulary, additive=an_additive_model())
    neural = replace(trained, algorithm=Algorithm.NEURAL, artefact=replace(trained.artefact, model=model))
    FileModelRegistry(tmp_path).save(a_model_version(id="v1", schema=trained.schema), neural)

    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        "0.5039061705290805 -1.0 [0.765625, 0.25]",
        "[<Algorithm.LOGISTIC: 'logistic'>, <Algorithm.NEURAL: 'neural'>, <Algorithm.XGBOOST: 'xgboost'>]",
    ]
