"""The curves of an additive model."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.models import ModelRegistry
from domain.account import Account, Permission
from domain.attribute_curve import AttributeCurve
from domain.errors import ModelNotFound, ModelUnreadable
from domain.model import ModelVersion


@dataclass(frozen=True, slots=True)
class ReadCurves:
    """Reads what each attribute adds, strongest first. Empty for trees, and where the version's files are damaged."""

    registry: ModelRegistry

    def __call__(self, model: ModelVersion, *, by: Account) -> tuple[AttributeCurve, ...]:
        by.must_be_able_to(Permission.READ)
        if not model.algorithm.is_additive:
            return ()
        try:
            curves = self.registry.scorer(model.id).curves()
        except (ModelNotFound, ModelUnreadable):
            return ()
        importance = {column.name: column.importance for column in model.schema.columns}
        return tuple(sorted(curves, key=lambda curve: -importance.get(curve.attribute, 0.0)))
