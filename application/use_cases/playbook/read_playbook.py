"""The playbook for people who edit it: actions, versions, differences, and what the champion's attributes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account, Permission
from domain.playbook import Action, Playbook
from domain.playbook_versions import ActionChange, PlaybookVersion, changes_between
from domain.schema import CustomerSchema


@dataclass(frozen=True, slots=True)
class PlaybookView:
    """A version, whether it is the latest, and the schema of the champion (None: no champion)."""

    version: PlaybookVersion
    latest: int
    schema: CustomerSchema | None

    @property
    def playbook(self) -> Playbook:
        return self.version.playbook

    @property
    def is_latest(self) -> bool:
        return self.version.number == self.latest

    def action(self, action_id: str) -> Action | None:
        return self.playbook.action(action_id)


@dataclass(frozen=True, slots=True)
class ReadPlaybook:
    """Raises NotAllowed, and NotFound for a version that does not exist."""

    new_uow: NewUnitOfWork

    def __call__(self, version: int | None = None, *, by: Account) -> PlaybookView:
        by.must_be_able_to(Permission.EDIT_PLAYBOOK)
        with self.new_uow() as uow:
            latest = uow.playbooks.latest().version
            champion = uow.models.champion()
            shown = uow.playbooks.version(latest if version is None else version)
            return PlaybookView(shown, latest, champion.schema if champion else None)

    def versions(self, *, by: Account) -> Sequence[PlaybookVersion]:
        """Newest first."""
        by.must_be_able_to(Permission.EDIT_PLAYBOOK)
        with self.new_uow() as uow:
            return uow.playbooks.versions()

    def compare(self, before: int, after: int, *, by: Account) -> tuple[ActionChange, ...]:
        by.must_be_able_to(Permission.EDIT_PLAYBOOK)
        with self.new_uow() as uow:
            return changes_between(uow.playbooks.get(before), uow.playbooks.get(after))
