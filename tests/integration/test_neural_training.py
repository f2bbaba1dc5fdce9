"""Training with Keras: repeatable, silent, offline, and stored without approximation."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapters.ml.training import neural_trainer
from adapters.ml.training.neural import fitting
from adapters.ml.training.neural.keras_runtime import repeatable_keras
from adapters.ml.training.neural.networks import NetworkSettings, TrainedTerms
from adapters.ml.training.neural_trainer import NeuralTrainer
from application.ports.models import ThresholdChoice
from domain.model import Effort
from domain.training import TrainingRequest
from tests.keras_needed import needs_keras
from tests.unit.ml.files import a_table, customers

pytestmark = needs_keras
SHORT = NetworkSettings(epochs=2)
REQUEST = TrainingRequest(effort=Effort.LOW, seed=11)
SCRIPT = """
import hashlib, socket, sys

def refuse(*_, **__):
    raise AssertionError("a network connection was opened")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
from pathlib import Path
from adapters.ml.registry.additive_file import save_additive
from tests.integration.test_neural_training import a_short_training

model = a_short_training()
save_additive(Path(sys.argv[1]), model.artefact.model.additive)
"""


def a_short_training() -> Any:
    """A model of 200 customers after two epochs."""
    settings, neural_trainer.SETTINGS = neural_trainer.SETTINGS, (SHORT,)
    try:
        return NeuralTrainer().train(a_table(customers(200)), REQUEST, ThresholdChoice(), progress=lambda _: None)
    finally:
        neural_trainer.SETTINGS = settings


def test_a_seed_gives_the_same_bytes_in_every_process_without_a_word_or_a_file(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for name in ("one.npz", "two.npz"):
        ended = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tmp_path / name)],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).resolve().parents[2],
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
        )
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert [path for path in home.rglob("*") if "keras" in str(path) or "tensorflow" in str(path)] == []


def test_what_is_stored_is_what_keras_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[TrainedTerms] = []
    train_terms = fitting.train_terms

    def noted(*given: Any, **named: Any) -> TrainedTerms:
        trained.append(train_terms(*given, **named))
        return trained[-1]

    monkeypatch.setattr(fitting, "train_terms", noted)
    data = neural_trainer.learning_data(neural_trainer.detect(a_table(customers(400)), REQUEST, None))
    with repeatable_keras(3) as keras:
        fitted = fitting.fit_additive(
            keras, data, NetworkSettings(epochs=12), seed=3, pairs=True, each_epoch=lambda: None
        )
    for model, terms in zip((fitted.alone, fitted.paired), trained, strict=True):
        assert model is not None
        stored = model.explain(data.codes)[1]
        assert np.ptp(stored) > 0.5
        np.testing.assert_allclose(stored, terms.log_odds.mean(axis=1), atol=2e-5)
    assert fitted.paired is not None
    assert fitted.paired.pairs


@pytest.mark.parametrize("kept", [("Contract", "Internet"), ("Town", "Constant", "tenure")], ids=["levels", "wide"])
def test_unusual_attributes_are_learned_from(kept: tuple[str, ...]) -> None:
    """No number at all; an attribute of many levels, a number that never changes, one that is often missing."""
    raw = customers(300)
    raw["Town"] = [f"town {row % 29}" for row in range(300)]
    raw["Constant"] = [1.5 if row % 50 else None for row in range(300)]
    raw["tenure"] = [None if row % 3 == 0 else months for row, months in enumerate(raw["tenure"])]
    data = neural_trainer.learning_data(
        neural_trainer.detect(a_table({name: raw[name] for name in (*kept, "Churn")}), REQUEST, None)
    )
    assert set(data.vocabulary.names) == set(kept)
    with repeatable_keras(1) as keras:
        fitted = fitting.fit_additive(keras, data, SHORT, seed=1, pairs=True, each_epoch=lambda: None)
    for model in (fitted.alone, fitted.paired or fitted.alone):
        contributions, margins = model.explain(data.codes)
        assert np.isfinite(margins).all()
        np.testing.assert_allclose(contributions.mean(axis=0), 0.0, atol=1e-9)
        assert model.base_value == pytest.approx(float(margins.mean()), abs=1e-9)


def test_the_random_states_of_the_process_are_left_alone() -> None:
    random.seed(4)
    of_python, of_numpy = random.getstate(), np.random.get_state()
    with repeatable_keras(1):
        pass
    assert "KERAS_HOME" not in os.environ
    assert random.getstate() == of_python
    assert np.random.get_state()[1].tolist() == of_numpy[1].tolist()  # type: ignore[index]


def test_a_cancelled_training_stops_within_an_epoch() -> None:
    data = neural_trainer.learning_data(neural_trainer.detect(a_table(customers(200)), REQUEST, None))
    epochs: list[int] = []

    def cancel() -> None:
        epochs.append(1)
        raise KeyboardInterrupt

    with repeatable_keras(1) as keras, pytest.raises(KeyboardInterrupt):
        fitting.fit_additive(keras, data, SHORT, seed=1, pairs=False, each_epoch=cancel)
    assert len(epochs) == 1
