"""Model versions and the log of promotions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, delete, func, select

from adapters.persistence.json_documents import from_json, to_json
from adapters.persistence.statements import add_rows, change_row, select_for_update
from adapters.persistence.tables.model_tables import model_numbers, model_versions, promotions
from application.ports.trained_models import ModelTitle
from domain.errors import ModelNotFound
from domain.evaluation import Evaluation
from domain.label_rule import MadeLabel
from domain.model import Algorithm, LeftOut, ModelStage, ModelVersion, Promotion
from domain.schema import CustomerSchema

NUMBER_TAKEN = "There is, or was, a model with this number, or there is already a champion."
ONE_CHAMPION = "There is already a champion; retire it first."
KEPT = 16
"""Texts of schemas and of evaluations whose values are kept. A version's never change, and nobody changes them."""


@dataclass(frozen=True, slots=True)
class SqlModels:
    """Model versions in the table `model_versions`, promotions in `promotions`.

    A unique index prevents a second champion. To promote a version, retire the current champion first.
    """

    connection: Connection

    def reserve(self, *, above: int = 0) -> str:
        if self.connection.dialect.name == "postgresql":  # SQLite has one writer anyway
            self.connection.exec_driver_sql("LOCK TABLE model_numbers IN EXCLUSIVE MODE")
        highest = self.connection.execute(select(func.max(model_numbers.c.number))).scalar()
        number = max(highest or 0, above) + 1
        add_rows(self.connection, model_numbers, [{"number": number, "used": False}], clash=NUMBER_TAKEN)
        return f"v{number}"

    def add(self, version: ModelVersion) -> None:
        numbers = model_numbers.c
        if not change_row(
            self.connection, model_numbers, {"used": True}, numbers.number == version.number, numbers.used.is_(False)
        ):
            add_rows(self.connection, model_numbers, [{"number": version.number, "used": True}], clash=NUMBER_TAKEN)
        add_rows(self.connection, model_versions, [_to_row(version)], clash=NUMBER_TAKEN)

    def get(self, version_id: str) -> ModelVersion:
        row = self.connection.execute(
            select_for_update(self.connection, select(model_versions).where(model_versions.c.id == version_id))
        ).first()
        if row is None:
            raise ModelNotFound(version_id)
        return _to_version(row)

    def schema(self, version_id: str) -> CustomerSchema:
        text = self.connection.scalar(select(model_versions.c.schema).where(model_versions.c.id == version_id))
        if text is None:
            raise ModelNotFound(version_id)
        return _schema(text)

    def set_stage(self, version_id: str, stage: ModelStage) -> None:
        """Raises ModelNotFound, or Conflict if another version is the champion."""
        if not change_row(
            self.connection,
            model_versions,
            {"stage": stage.value},
            model_versions.c.id == version_id,
            clash=ONE_CHAMPION,
        ):
            raise ModelNotFound(version_id)

    def save(self, version: ModelVersion) -> None:
        """Raises ModelNotFound, or Conflict if another version is the champion."""
        if not change_row(
            self.connection,
            model_versions,
            _to_row(version),
            model_versions.c.id == version.id,
            clash=ONE_CHAMPION,
        ):
            raise ModelNotFound(version.id)

    def remove(self, version_id: str) -> None:
        """Delete a version. Its number is never used again. Raises ModelNotFound."""
        if not self.connection.execute(delete(model_versions).where(model_versions.c.id == version_id)).rowcount:
            raise ModelNotFound(version_id)

    def champion(self) -> ModelVersion | None:
        row = self.connection.execute(
            select(model_versions).where(model_versions.c.stage == ModelStage.CHAMPION.value)
        ).first()
        return _to_version(row) if row else None

    def all(self) -> Sequence[ModelVersion]:
        rows = self.connection.execute(select(model_versions).order_by(model_versions.c.number.desc()))
        return [_to_version(row) for row in rows]

    def titles(self) -> Sequence[ModelTitle]:
        columns = (model_versions.c.id, model_versions.c.file_name)
        rows = self.connection.execute(select(*columns).order_by(model_versions.c.number.desc()))
        return [ModelTitle(row.id, row.file_name) for row in rows]

    def log(self, promotion: Promotion) -> None:
        add_rows(self.connection, promotions, [_to_promotion_row(promotion)], clash="This promotion is already logged.")

    def promotions(self) -> Sequence[Promotion]:
        rows = self.connection.execute(select(promotions).order_by(promotions.c.at.desc(), promotions.c.id.desc()))
        return [_to_promotion(row) for row in rows]


def _to_row(version: ModelVersion) -> dict[str, Any]:
    return {
        "id": version.id,
        "number": version.number,
        "algorithm": version.algorithm.value,
        "stage": version.stage.value,
        "schema": to_json(version.schema),
        "evaluation": to_json(version.evaluation),
        "threshold": version.threshold,
        "threshold_strategy": version.threshold_strategy,
        "trained_at": version.trained_at,
        "trained_by": version.trained_by,
        "file_name": version.file_name,
        "data_sha256": version.data_sha256,
        "rows": version.rows,
        "churned": version.churned,
        "seed": version.seed,
        "seconds": version.seconds,
        "starter": version.starter,
        "sample": version.sample,
        "horizon": version.horizon,
        "left_out": to_json(version.left_out),
        "notes": to_json(version.notes),
        "parameters": to_json(version.parameters),
        "libraries": to_json(version.libraries),
        "label": to_json(version.label) if version.label else None,
    }


@lru_cache(maxsize=KEPT)
def _schema(text: str) -> CustomerSchema:
    return from_json(CustomerSchema, text)


@lru_cache(maxsize=KEPT)
def _evaluation(text: str) -> Evaluation:
    """Read once, because most requests look at the champion, and reading its curves takes milliseconds."""
    return from_json(Evaluation, text)


def _to_version(row: Any) -> ModelVersion:
    return ModelVersion(
        id=row.id,
        algorithm=Algorithm(row.algorithm),
        schema=_schema(row.schema),
        evaluation=_evaluation(row.evaluation),
        threshold=row.threshold,
        threshold_strategy=row.threshold_strategy,
        trained_at=row.trained_at,
        trained_by=row.trained_by,
        file_name=row.file_name,
        data_sha256=row.data_sha256,
        rows=row.rows,
        churned=row.churned,
        seed=row.seed,
        seconds=row.seconds,
        stage=ModelStage(row.stage),
        starter=row.starter,
        sample=row.sample,
        horizon=row.horizon,
        left_out=from_json(tuple[LeftOut, ...], row.left_out),
        notes=from_json(tuple[str, ...], row.notes),
        parameters=from_json(dict[str, str], row.parameters),
        libraries=from_json(dict[str, str], row.libraries),
        label=from_json(MadeLabel, row.label) if row.label is not None else None,
    )


def _to_promotion_row(promotion: Promotion) -> dict[str, Any]:
    return {
        "version": promotion.version,
        "previous": promotion.previous,
        "by": promotion.by,
        "at": promotion.at,
        "why": promotion.reason,
    }


def _to_promotion(row: Any) -> Promotion:
    return Promotion(version=row.version, previous=row.previous, by=row.by, at=row.at, reason=row.why)
