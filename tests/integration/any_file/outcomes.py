"""What becomes of a written table: scores, or what a training learns, or the sentence of a question or a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from adapters.formatting.babel_formats import formats_without_currency
from adapters.intake.reader import CsvCustomerFiles
from adapters.ml.detection.labelled_file import Detected, detect
from adapters.ml.registry.registry import FileModelRegistry
from adapters.ml.training.boosting import Tuned
from adapters.ml.training.cross_fitting import cross_fit_trees
from adapters.ml.training.learning_data import LearningData, learning_data
from adapters.ml.training.validation import random_folds
from adapters.ml.training.xgboost_member import XGBoostSettings
from adapters.ml.training.xgboost_trainer import XGBoostTrainer
from application.ports.models import Scorer, ThresholdChoice
from application.use_cases.files.recognition import recognise_to_score
from domain.errors import DomainError
from domain.file_format import FormatChoice
from domain.model import Effort, ModelVersion
from domain.schema import ColumnKind
from domain.training import TrainingRequest
from tests.builders import a_model_version
from tests.integration.any_file.ways import HEADER, Way, header_of

Scores = tuple[tuple[str, float, tuple[float, ...]], ...]
"""Per row in file order: id, margin, SHAP values."""


@dataclass(frozen=True, repr=False)
class Trained:
    version: ModelVersion
    scorer: Scorer


@dataclass(frozen=True)
class Outcome:
    """`error` is the question or refusal; without one, every row is in `scores` or counted in `rejected`."""

    scores: Scores = ()
    rejected: int = 0
    numbered: bool = False
    error: DomainError | None = None


def trained(path: Path, folder: Path) -> Trained:
    files = CsvCustomerFiles()
    table = files.load(path, format=files.preview(path).format)
    request = TrainingRequest(effort=Effort.LOW)
    model = XGBoostTrainer().train(table, request, ThresholdChoice(), progress=lambda _: None)
    version = a_model_version(schema=model.schema, evaluation=model.evaluation)
    registry = FileModelRegistry(folder)
    registry.save(version, model)
    return Trained(version, registry.scorer(version.id))


def scored(model: Trained, path: Path, choice: FormatChoice | None = None, *, block_bytes: int = 1 << 20) -> Outcome:
    """The outcome of a file, by the steps of a scoring run."""
    try:
        return _scored(model, path, choice, block_bytes)
    except DomainError as error:
        return Outcome(error=error)


def _scored(model: Trained, path: Path, choice: FormatChoice | None, block_bytes: int) -> Outcome:
    files = CsvCustomerFiles(block_bytes)
    recognition, columns = recognise_to_score(
        files, path, model.version, sha256="", formats=formats_without_currency(), format_override=choice
    )
    schema = columns.schema_of(model.version.schema)
    reading = files.read(path, schema=schema, match=columns.match, format=recognition.format)
    rows: list[Any] = []
    for batch in reading.batches():
        result = model.scorer.score(batch)
        ids = batch.data.column("id").to_pylist()
        rows += zip(ids, result.margin.tolist(), map(tuple, result.contributions.tolist()), strict=True)
    return Outcome(tuple(rows), reading.report().rejected, columns.id_header(model.version.schema) is None)


@dataclass(frozen=True, repr=False)
class Learned:
    """What a training learns from a labelled file, by the names of the plain file; or the question or refusal.

    `values` has a customer's value per attribute: a number, the level, 0 and 1 for no and yes, None if missing.
    `held_out` are the log-odds of every customer by trees that did not learn from them.
    """

    roles: dict[str, str | None]
    kinds: dict[str, str]
    left_out: frozenset[str]
    churned: list[bool]
    values: dict[str, list[Any]]
    held_out: list[float] = field(default_factory=list)
    error: DomainError | None = None

    def differences(self, other: Learned) -> list[str]:
        """What differs, in words."""
        parts = ("roles", "kinds", "left_out", "churned", "held_out")
        different = [part for part in parts if getattr(self, part) != getattr(other, part)]
        names = self.values.keys() & other.values.keys()
        return different + sorted(name for name in names if self.values[name] != other.values[name])


def learned(path: Path, way: Way) -> Learned:
    files = CsvCustomerFiles()
    plain_name = {header_of(name, way): name for name in HEADER}
    try:
        detected = detect(files.load(path, format=files.preview(path).format), TrainingRequest())
    except DomainError as error:
        return Learned({}, {}, frozenset(), [], {}, error=error)
    data = learning_data(detected)
    roles = {
        "target": detected.target.column,
        "id": detected.id_column,
        "month": detected.month_column,
        "tenure": detected.tenure_column,
        "revenue": detected.revenue_column,
    }
    return Learned(
        roles={role: plain_name.get(name or "", name) for role, name in roles.items()}
        | {"day": detected.reference_date},
        kinds={plain_name[own.name]: own.kind.value for own in detected.attributes},
        left_out=frozenset(plain_name.get(own.column, own.column) for own in detected.left_out),
        churned=detected.churned.tolist(),
        values={plain_name[own.name]: _values(detected, data, own.name, way) for own in detected.attributes},
        held_out=_held_out(data),
    )


def _held_out(data: LearningData) -> list[float]:
    """Nothing is sampled, so that the order of the columns makes no difference."""
    plain = Tuned(XGBoostSettings(depth=2, columns=1.0, rows=1.0), 8)
    division = random_folds(data, np.arange(data.rows), folds=3, seed=7)
    cross = cross_fit_trees(data, [plain], [division], seed=7, report=lambda _: None)
    held_out: list[float] = cross.log_odds[0, 0].tolist()
    return held_out


def _values(detected: Detected, data: LearningData, name: str, way: Way) -> list[Any]:
    """A mark for missing that is a level stands for no value, as in the plain file. Segments have a level NA."""
    codes = data.codes[:, data.vocabulary.names.index(name)].tolist()
    column = data.schema.column(name)
    levels: list[Any] = list(column.levels) if column.kind is ColumnKind.CATEGORICAL else []
    known = [None if np.isnan(code) else levels[int(code)] if levels else code for code in codes]
    return known if name == header_of("segment", way) else [None if value == way.missing else value for value in known]
