"""Stores model versions as folders of files with checksums."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import shutil
import threading
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from cachetools import LRUCache

from adapters.durable import flush, publish
from adapters.formatting.figures import significant
from adapters.intake.id_hashes import fingerprint_of
from adapters.ml.registry.additive_file import load_additive, save_additive
from adapters.ml.registry.schema_json import schema_from_json, schema_to_json
from adapters.ml.scoring.encoding import CategoricalEncoder, Vocabulary
from adapters.ml.scoring.golden_rows import GOLDEN_TOLERANCE, draw_golden, golden_batch
from adapters.ml.scoring.scorer import FileScorer
from adapters.ml.scoring.scoring_model import Artefact, ScoringModel, Trees
from adapters.ml.training.linear import LinearModel
from adapters.ml.training.quality_metrics import sigmoid
from adapters.ml.tree_shap.explainer import TreeExplainer
from adapters.results.grouping.training_profile import from_document as profile_from_document
from adapters.results.grouping.training_profile import to_document as profile_to_document
from adapters.storage.problems import storage_problems
from adapters.storage.room import UNLIMITED, DiskRoom
from application.ports.models import TrainedModel
from domain.errors import ModelNotFound, ModelUnreadable
from domain.model import ModelVersion
from domain.schema import CustomerSchema
from domain.training_overlap import IdFingerprint

FORMAT = 2
FIRST_FORMAT = 1
"""The format of models without an additive part, which releases up to 0.2.0 can read."""
KEPT = 4
"""Loaded versions in memory. The least recently used one is evicted."""
MANIFEST, MODEL, TREES, ADDITIVE = "manifest.json", "model.json", "trees.npz", "additive.npz"
UNFINISHED, LEFTOVER = ".unfinished-", ".leftover-"
"""Prefixes of folders that are not versions: unfinished ones, and earlier ones without a row in the database."""
LEFTOVERS_KEPT = 7 * 24 * 3600.0
"""Seconds since the last change after which such folders are deleted when a version is saved."""


class FileModelRegistry:
    """Implements ModelRegistry in `models_dir`. Safe for several threads and processes."""

    def __init__(self, models_dir: Path, *, room: DiskRoom = UNLIMITED) -> None:
        self.models_dir, self._room = models_dir, room
        self._loaded: LRUCache[str, tuple[bytes, FileScorer]] = LRUCache(KEPT)
        self._lock = threading.Lock()

    @storage_problems()
    def save(self, version: ModelVersion, model: TrainedModel) -> None:
        """Write under a temporary name, flush, then rename, so that a version is stored completely or not at all."""
        folder = self._folder(version.id)
        self._room.check()
        unfinished = folder.with_name(f"{UNFINISHED}{version.id}-{secrets.token_hex(4)}")
        unfinished.mkdir(parents=True)
        self._remove_old_leftovers()
        try:
            _write_files(unfinished, version, model)
            if folder.exists():
                os.rename(folder, folder.with_name(f"{LEFTOVER}{version.id}-{secrets.token_hex(4)}"))
            publish(unfinished, folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise

    def _remove_old_leftovers(self) -> None:
        before = time.time() - LEFTOVERS_KEPT
        for prefix in (UNFINISHED, LEFTOVER):
            for folder in self.models_dir.glob(f"{prefix}*"):
                with suppress(OSError):
                    if folder.stat().st_mtime < before:
                        shutil.rmtree(folder, ignore_errors=True)

    def scorer(self, version_id: str) -> FileScorer:
        folder = self._folder(version_id)
        try:
            manifest = (folder / MANIFEST).read_bytes()
        except OSError as err:
            if folder.is_dir():
                raise ModelUnreadable(version_id, "its list of files is missing.") from err
            raise ModelNotFound(version_id) from err
        with self._lock:
            loaded = self._loaded.get(version_id)
            if loaded is not None and loaded[0] == manifest:
                return loaded[1]
            scorer = _load(folder, version_id, manifest)
            self._loaded[version_id] = (manifest, scorer)
            return scorer

    def verify(self, version_id: str) -> None:
        folder = self._folder(version_id)
        try:
            _check_files(folder, version_id, (folder / MANIFEST).read_bytes())
        except FileNotFoundError as error:
            raise ModelNotFound(version_id) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelUnreadable(version_id, "its files are damaged or incomplete.") from error

    def discard(self, version_id: str) -> None:
        """Delete the version if it exists."""
        with self._lock:
            self._loaded.pop(version_id, None)
        shutil.rmtree(self._folder(version_id), ignore_errors=True)

    def versions(self) -> tuple[str, ...]:
        if not self.models_dir.is_dir():
            return ()
        names = [path.name for path in self.models_dir.iterdir() if path.is_dir() and not path.name.startswith(".")]
        return tuple(sorted(names, key=lambda name: (len(name), name)))

    def _folder(self, version_id: str) -> Path:
        if not version_id or version_id.startswith(".") or Path(version_id).name != version_id:
            raise ModelNotFound(version_id)
        return self.models_dir / version_id


def _write_files(folder: Path, version: ModelVersion, model: TrainedModel) -> None:
    artefact: Artefact = model.artefact
    for place, booster in enumerate(artefact.boosters):
        _write(folder / f"model-{place}.{booster.suffix}", booster.content)
    if artefact.model.trees is not None:
        artefact.model.trees.explainer.save(folder / TREES)
        flush(folder / TREES)
    if artefact.model.additive is not None:
        save_additive(folder / ADDITIVE, artefact.model.additive)
        flush(folder / ADDITIVE)
    _write(folder / MODEL, _as_bytes(_document(version, model)))
    files = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    _write(folder / MANIFEST, _as_bytes({"format": _format_of(artefact.model), "sha256": files}))


def _format_of(model: ScoringModel) -> int:
    return FIRST_FORMAT if model.additive is None else FORMAT


def _document(version: ModelVersion, model: TrainedModel) -> dict[str, Any]:
    """The model as JSON, without times and version name, so that trainings with the same seed give the same bytes."""
    artefact: Artefact = model.artefact
    scoring = artefact.model
    golden = draw_golden(model.schema, seed=artefact.seed)
    _, margins = scoring.explain(scoring.vocabulary.codes(golden_batch(model.schema, golden)))
    return {
        "format": _format_of(scoring),
        "algorithm": model.algorithm.value,
        "schema": schema_to_json(model.schema),
        "vocabulary": scoring.vocabulary.to_json(),
        "treatment": None if scoring.trees is None else scoring.trees.treatment.to_json(),
        "linear": None if scoring.linear is None else scoring.linear.to_json(),
        "threshold": model.threshold,
        "parameters": dict(sorted(model.parameters.items())),
        "libraries": dict(sorted(model.libraries.items())),
        "metrics": {name: metric.value for name, metric in sorted(model.evaluation.metrics.items())},
        "left_out": [[own.column, own.why] for own in model.left_out],
        "notes": list(model.notes),
        "rows": model.rows,
        "churned": model.churned,
        "data_sha256": version.data_sha256,
        "seed": artefact.seed,
        "golden": {"rows": golden, "probability": sigmoid(margins).tolist(), "tolerance": GOLDEN_TOLERANCE},
        "profile": None if artefact.profile is None else profile_to_document(artefact.profile),
        "known_ids": _known_ids_document(artefact, version.data_sha256),
    } | ({} if scoring.additive is None else {"additive": True})


def _load(folder: Path, version_id: str, manifest: bytes) -> FileScorer:
    try:
        _check_files(folder, version_id, manifest)
        stored = json.loads((folder / MODEL).read_bytes())
        _check_format(stored.get("format"), version_id)
        schema = schema_from_json(stored["schema"])
        model = _scoring_model(folder, stored)
        _check_golden(schema, model, stored["golden"], version_id)
        known_ids = _known_ids(stored.get("known_ids"))
        profile = None if stored["profile"] is None else profile_from_document(stored["profile"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as err:
        raise ModelUnreadable(version_id, "its files are damaged or incomplete.") from err
    return FileScorer(version_id, schema, profile, model, known_ids)


def _known_ids_document(artefact: Artefact, file_sha256: str) -> dict[str, Any] | None:
    if artefact.id_hashes is None:
        return None
    known = fingerprint_of(artefact.id_hashes, file_sha256=file_sha256, by_month=artefact.ids_by_month)
    return {
        "key": f"{known.key:016x}",
        "sampled_bits": known.sampled_bits,
        "groups": base64.b64encode(known.groups).decode(),
        "by_month": known.by_month,
    }


def _known_ids(document: dict[str, Any] | None) -> IdFingerprint | None:
    """The stored fingerprint. Versions of earlier releases have none."""
    if document is None:
        return None
    groups = base64.b64decode(document["groups"], validate=True)
    return IdFingerprint(int(document["key"], 16), document["sampled_bits"], groups, document["by_month"])


def _check_files(folder: Path, version_id: str, manifest: bytes) -> None:
    listed = json.loads(manifest)
    _check_format(listed.get("format"), version_id)
    names = {path.name for path in folder.iterdir()} - {MANIFEST}
    for name, expected in listed["sha256"].items():
        if name not in names:
            raise ModelUnreadable(version_id, f"its file {name} is missing.")
        if _sha256(folder / name) != expected:
            raise ModelUnreadable(version_id, f"its file {name} was changed after training.")
    if MODEL not in listed["sha256"]:
        raise ModelUnreadable(version_id, f"its file {MODEL} is not listed.")


def _check_format(stored_format: Any, version_id: str) -> None:
    if not isinstance(stored_format, int):
        raise ModelUnreadable(version_id, "its files do not say which format they have.")
    if stored_format > FORMAT:
        raise ModelUnreadable(
            version_id, f"it was written in format {stored_format} by a newer release; this one reads format {FORMAT}."
        )


def _scoring_model(folder: Path, stored: dict[str, Any]) -> ScoringModel:
    trees = None
    if stored["treatment"] is not None:
        trees = Trees(CategoricalEncoder.from_json(stored["treatment"]), TreeExplainer.load(folder / TREES))
    linear = None if stored["linear"] is None else LinearModel.from_json(stored["linear"])
    additive = load_additive(folder / ADDITIVE) if stored.get("additive") else None
    return ScoringModel(Vocabulary.from_json(stored["vocabulary"]), trees, linear, additive)


def _check_golden(schema: CustomerSchema, model: ScoringModel, golden: dict[str, Any], version_id: str) -> None:
    codes = model.vocabulary.codes(golden_batch(schema, golden["rows"]))
    apart = float(np.abs(sigmoid(model.explain(codes)[1]) - np.array(golden["probability"])).max())
    if not apart <= GOLDEN_TOLERANCE:
        raise ModelUnreadable(
            version_id, f"it scores its test customers {significant(apart, 2)} apart from when it was trained."
        )


def _as_bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    flush(path)
