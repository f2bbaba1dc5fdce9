"""What a model registry promises, in memory and on disk."""

from __future__ import annotations

import functools
import hashlib
import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from adapters.intake.id_hashes import IdHasher, fingerprint_of
from adapters.ml.detection.labelled_file import detect
from adapters.ml.registry.registry import MANIFEST, MODEL, FileModelRegistry
from adapters.ml.scoring.additive import AdditiveModel, LevelTerm, NumberTerm, PairTerm
from adapters.ml.scoring.scoring_model import ScoringModel
from adapters.ml.training.learning_data import arrow_batch
from adapters.ml.training.logistic_trainer import LogisticTrainer
from adapters.ml.training.xgboost_trainer import XGBoostTrainer
from application.ports.columns import CustomerBatch
from application.ports.models import ModelRegistry, ThresholdChoice, TrainedModel
from domain.errors import ModelNotFound, ModelUnreadable, StorageFull
from domain.model import Algorithm, Effort
from domain.training import TrainingRequest
from tests.builders import a_model_version
from tests.builders.additive import an_additive_model
from tests.fakes.models import FakeTrainer, InMemoryModelRegistry
from tests.unit.ml.blending import BlendTrainer
from tests.unit.ml.files import a_table, customers

REQUEST = TrainingRequest(effort=Effort.LOW, seed=11)
TRAINERS: dict[str, Any] = {"fake": FakeTrainer, "logistic": LogisticTrainer, "xgboost": XGBoostTrainer}
TRAINERS["blend"] = BlendTrainer


@functools.cache
def trained(kind: str) -> TrainedModel:
    if kind == "additive":
        return additive(trained("logistic"))
    return TRAINERS[kind]().train(a_table(customers(200)), REQUEST, ThresholdChoice(), progress=lambda _: None)


def additive(model: TrainedModel) -> TrainedModel:
    """The same schema with an additive model made by hand: no library trains it."""
    vocabulary = model.artefact.model.vocabulary
    months = an_additive_model().terms[0]
    terms = tuple(months if own is None else LevelTerm(np.arange(len(own) + 2) / 8.0) for own in vocabulary.levels)
    pair = PairTerm(1, 4, np.arange(9.0).reshape(3, 3) / 4.0)
    assert [isinstance(term, NumberTerm) for term in terms] == [False, True, False, False, True]
    artefact = replace(model.artefact, model=ScoringModel(vocabulary, additive=AdditiveModel(-0.5, terms, (pair,))))
    return replace(model, algorithm=Algorithm.NEURAL, artefact=artefact)


@pytest.fixture(params=["fake", "logistic", "xgboost", "blend", "additive"])
def kind(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def registry(kind: str, tmp_path: Path) -> ModelRegistry:
    return InMemoryModelRegistry() if kind == "fake" else FileModelRegistry(tmp_path / "models")


def save(registry: ModelRegistry, kind: str, version: str = "v1") -> TrainedModel:
    model = trained(kind)
    registry.save(a_model_version(id=version, schema=model.schema, algorithm=model.algorithm), model)
    return model


def the_batch() -> CustomerBatch:
    table = a_table(customers(200))
    return CustomerBatch(table.rows, arrow_batch(detect(table, REQUEST)))


def test_a_saved_version_scores_under_its_name_and_schema(registry: ModelRegistry, kind: str) -> None:
    model = save(registry, kind)
    scorer = registry.scorer("v1")
    assert scorer.version == "v1"
    assert scorer.schema == model.schema
    assert scorer.score(the_batch()).rows == 200


def test_versions_are_listed_in_order_and_discarded(registry: ModelRegistry, kind: str) -> None:
    assert registry.versions() == ()
    for version in ("v10", "v2", "v1"):
        save(registry, kind, version)
    assert registry.versions() == ("v1", "v2", "v10")
    registry.discard("v2")
    registry.discard("v2")
    assert registry.versions() == ("v1", "v10")
    with pytest.raises(ModelNotFound):
        registry.scorer("v2")


def test_an_unknown_version_is_not_found(registry: ModelRegistry) -> None:
    for version in ("v9", "../v1", "", ".", "/etc"):
        with pytest.raises(ModelNotFound):
            registry.scorer(version)


def test_a_leftover_of_the_same_name_does_not_keep_a_version_from_being_saved(
    registry: ModelRegistry, kind: str
) -> None:
    """The caller has reserved the number, so a folder that already exists belongs to no listed version."""
    save(registry, kind)
    save(registry, kind)
    assert registry.versions() == ("v1",)
    assert registry.scorer("v1").score(the_batch()).rows == 200


def test_a_loaded_version_is_kept(registry: ModelRegistry, kind: str) -> None:
    save(registry, kind)
    assert registry.scorer("v1") is registry.scorer("v1")


# ------------------------------------------------------------------------------------------------- on disk alone


def test_a_leftover_folder_is_renamed_with_its_files(tmp_path: Path) -> None:
    registry = FileModelRegistry(tmp_path)
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / MODEL).write_text("left by a kill", encoding="utf-8")
    save(registry, "logistic")
    leftovers = list(tmp_path.glob(".leftover-v1-*"))
    assert [(leftover / MODEL).read_text(encoding="utf-8") for leftover in leftovers] == ["left by a kill"]
    assert registry.versions() == ("v1",)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["v1", leftovers[0].name])


@pytest.fixture(params=["logistic", "xgboost", "additive"])
def folder(request: Any, tmp_path: Path) -> Path:
    save(FileModelRegistry(tmp_path), str(request.param))
    return tmp_path / "v1"


def refusal(folder: Path) -> str:
    with pytest.raises(ModelUnreadable) as caught:
        FileModelRegistry(folder.parent).scorer("v1")
    return str(caught.value)


@pytest.mark.parametrize("kind", ["xgboost", "blend", "additive"])
def test_a_version_scores_the_same_to_the_bit_after_loading(kind: str, tmp_path: Path) -> None:
    model = save(FileModelRegistry(tmp_path), kind)
    batch = the_batch()
    scored = FileModelRegistry(tmp_path).scorer("v1").score(batch)
    scoring = model.artefact.model
    contributions, margins = scoring.explain(scoring.vocabulary.codes(batch.data))
    assert scored.margin.tobytes() == margins.tobytes()
    assert scored.contributions.tobytes() == contributions.astype(np.float32).tobytes()


def test_the_fingerprint_of_the_customers_comes_back_and_holds_no_id(folder: Path) -> None:
    known = FileModelRegistry(folder.parent).scorer("v1").known_ids
    hashes = IdHasher()(pa.array(customers(200)["customerID"]))
    assert known == fingerprint_of(hashes, file_sha256=a_model_version().data_sha256, by_month=False)
    assert known is not None
    assert len(known.groups) == 128, "four groups or more for each of 200 customers"


def test_a_version_of_an_earlier_release_has_no_fingerprint(folder: Path) -> None:
    stored = json.loads((folder / MODEL).read_text())
    del stored["known_ids"]
    (folder / MODEL).write_text(json.dumps(stored))
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["sha256"][MODEL] = hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))
    assert FileModelRegistry(folder.parent).scorer("v1").known_ids is None


def test_a_tampered_file_is_refused(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        kept = path.read_bytes()
        path.write_bytes(kept[:-20] + bytes([kept[-20] ^ 1]) + kept[-19:])
        assert "v1 cannot be used" in refusal(folder), path.name
        path.write_bytes(kept)
    FileModelRegistry(folder.parent).scorer("v1")


def test_a_truncated_or_missing_file_is_refused(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        kept = path.read_bytes()
        path.write_bytes(kept[: len(kept) // 2])
        assert "v1 cannot be used" in refusal(folder), path.name
        path.unlink()
        assert "missing" in refusal(folder), path.name
        path.write_bytes(kept)


def rewrite(folder: Path, **changed: Any) -> None:
    """Change model.json and make the list of files agree, as a careful forger would."""
    import hashlib

    model = json.loads((folder / MODEL).read_bytes()) | changed
    (folder / MODEL).write_text(json.dumps(model))
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["sha256"][MODEL] = hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(("kind", "stored_format"), [("logistic", 1), ("xgboost", 1), ("additive", 2)])
def test_only_models_that_older_releases_cannot_read_have_a_newer_format(
    tmp_path: Path, kind: str, stored_format: int
) -> None:
    save(FileModelRegistry(tmp_path), kind)
    for name in (MODEL, MANIFEST):
        assert json.loads((tmp_path / "v1" / name).read_bytes())["format"] == stored_format


def test_a_future_format_is_refused_by_name(folder: Path) -> None:
    rewrite(folder, format=99)
    assert "format 99 by a newer release" in refusal(folder)


def test_a_version_that_does_not_reproduce_its_test_customers_is_refused(folder: Path) -> None:
    golden = json.loads((folder / MODEL).read_bytes())["golden"]
    golden["probability"][3] += 1e-4
    rewrite(folder, golden=golden)
    assert "apart from when it was trained" in refusal(folder)


def test_a_damaged_new_version_does_not_affect_the_loaded_champion(tmp_path: Path) -> None:
    registry = FileModelRegistry(tmp_path)
    save(registry, "logistic", "v1")
    save(registry, "logistic", "v2")
    champion = registry.scorer("v1")
    (tmp_path / "v2" / MODEL).write_bytes(b"{}")
    with pytest.raises(ModelUnreadable):
        registry.scorer("v2")
    assert registry.scorer("v1") is champion


def test_a_version_that_changed_on_disk_is_loaded_again(folder: Path) -> None:
    registry = FileModelRegistry(folder.parent)
    registry.scorer("v1")
    rewrite(folder, format=99)
    with pytest.raises(ModelUnreadable):
        registry.scorer("v1")


def test_few_versions_stay_in_memory(tmp_path: Path) -> None:
    registry = FileModelRegistry(tmp_path)
    for number in range(1, 7):
        save(registry, "logistic", f"v{number}")
    first = registry.scorer("v1")
    for number in range(2, 7):
        registry.scorer(f"v{number}")
    assert registry.scorer("v1") is not first


def test_threads_share_one_loaded_version(folder: Path) -> None:
    registry = FileModelRegistry(folder.parent)
    scorers: list[Any] = []
    threads = [threading.Thread(target=lambda: scorers.append(registry.scorer("v1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(scorers) == 8
    assert len({id(scorer) for scorer in scorers}) == 1


def test_a_save_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    registry = FileModelRegistry(tmp_path)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("adapters.ml.registry.registry.publish", full)
    with pytest.raises(StorageFull, match="The disk of this installation is full"):
        save(registry, "logistic")
    assert list(tmp_path.iterdir()) == []
    assert registry.versions() == ()


def test_the_files_name_no_time_and_no_customer(folder: Path) -> None:
    text = (folder / MODEL).read_text()
    assert "C-00" not in text
    assert "trained_at" not in text
    stored = json.loads(text)
    assert stored["data_sha256"] == a_model_version().data_sha256
    assert stored["libraries"]["xgboost"]
