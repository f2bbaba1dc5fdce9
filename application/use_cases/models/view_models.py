"""Queries for models: all versions with the champion, and one version in detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import COMMAND_LINE, NewUnitOfWork
from domain.account import SYSTEM_EMAIL, Account, Permission
from domain.champion import comparison_words, must_be_promotable
from domain.curve_demand import kept_sentences
from domain.errors import Conflict
from domain.formats import NO_CURRENCY, Formats, FormatsOf
from domain.forward_words import forward_sentences
from domain.history import gain_sentences
from domain.model import ModelStage, ModelVersion, Promotion, is_starter, learned_alike
from domain.model_comparison import comparison_sentences
from domain.model_limits import chance_sentence, limits_of
from domain.run import SYSTEM_OWNER
from domain.training import Training


@dataclass(frozen=True, slots=True)
class ModelsView:
    """Every version, newest first, and the promotions. `refusals` says why a version needs a forced promotion.

    `comparison` says whether the figures of the versions may be compared.
    """

    champion: ModelVersion | None
    versions: tuple[ModelVersion, ...]
    promotions: tuple[Promotion, ...]
    refusals: dict[str, str]
    people: dict[str, str]
    under_way: tuple[Training, ...]
    comparison: str
    compared: dict[str, tuple[str, ...]]
    """By version, what its comparison with the champion showed on months that it did not learn from."""

    def who(self, promotion: Promotion) -> str:
        """Who promoted a version: "by Rudo Moyo", "from the command line", or the program that made its first model."""
        if promotion.by not in (SYSTEM_OWNER, SYSTEM_EMAIL):
            return f"by {self.people.get(promotion.by, promotion.by)}"
        first = is_starter(promotion.version) and promotion.previous is None
        return "by this program" if first else "from the command line"

    def equal_to(self, version: ModelVersion) -> ModelVersion | None:
        """The oldest other version that learned the same from the same file."""
        others = (own for own in reversed(self.versions) if own.id != version.id)
        return next((own for own in others if learned_alike(own, version)), None)

    @property
    def newest_compared(self) -> ModelVersion | None:
        """The newest candidate that was compared with the champion."""
        candidates = (own for own in self.versions if own.stage is ModelStage.CANDIDATE and own.id in self.compared)
        return next(candidates, None)


@dataclass(frozen=True, slots=True)
class ModelView:
    """One version in full. `limits` are its limits in plain words, derived from facts.

    `forward` says what a test on unseen months showed; empty without one. `kept` says what demanded directions cost;
    empty without demands.
    """

    model: ModelVersion
    all: ModelsView
    limits: tuple[str, ...]
    chance: str | None
    """That the version is no better than chance; None for a better one."""
    forward: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    """What attributes of earlier months gained; empty where none were tried."""

    @property
    def compared(self) -> tuple[str, ...]:
        return self.all.compared.get(self.model.id, ())

    @property
    def refusal(self) -> str | None:
        return self.all.refusals.get(self.model.id)


@dataclass(frozen=True, slots=True)
class ListModels:
    new_uow: NewUnitOfWork
    formats_of: FormatsOf

    def __call__(self, *, by: Account) -> ModelsView:
        with self.new_uow() as uow:
            return _models(uow, by, self.formats_of(NO_CURRENCY))


@dataclass(frozen=True, slots=True)
class OpenModel:
    """Opens one model version. Raises ModelNotFound."""

    new_uow: NewUnitOfWork
    formats_of: FormatsOf

    def __call__(self, version_id: str, *, by: Account) -> ModelView:
        formats = self.formats_of(NO_CURRENCY)
        with self.new_uow() as uow:
            model = uow.models.get(version_id)
            return ModelView(
                model=model,
                all=_models(uow, by, formats),
                limits=limits_of(model, formats),
                chance=chance_sentence(model.evaluation, formats),
                forward=forward_sentences(model.evaluation, formats),
                history=gain_sentences(model.evaluation.history, formats),
                kept=kept_sentences(model.evaluation.kept, formats),
            )


def _models(uow: UnitOfWork, by: Account, formats: Formats) -> ModelsView:
    versions, champion = tuple(uow.models.all()), uow.models.champion()
    owner = None if by.can(Permission.SEE_ALL_RUNS) else str(by.id)
    return ModelsView(
        champion=champion,
        versions=versions,
        promotions=tuple(uow.models.promotions()),
        refusals=_refusals(versions, champion, formats),
        people=_people(uow),
        under_way=tuple(t for t in uow.trainings.latest(owner=owner) if not t.state.ended),
        comparison=comparison_words(versions),
        compared={
            own.id: comparison_sentences(own.evaluation.compared, own.name, formats)
            for own in versions
            if own.evaluation.compared is not None
        },
    )


def _refusals(versions: Sequence[ModelVersion], champion: ModelVersion | None, formats: Formats) -> dict[str, str]:
    refused: dict[str, str] = {}
    for version in versions:
        if version.stage is not ModelStage.CANDIDATE:
            continue
        try:
            must_be_promotable(version, champion, force=False, reason="", formats=formats)
        except Conflict as error:
            refused[version.id] = str(error)
    return refused


def _people(uow: UnitOfWork) -> dict[str, str]:
    """Names by account id and by email. Trainings store the id, promotions the email."""
    names = {SYSTEM_OWNER: COMMAND_LINE, SYSTEM_EMAIL: COMMAND_LINE}
    for account in uow.accounts.all():
        names[str(account.id)] = names[account.email] = account.name
    return names
