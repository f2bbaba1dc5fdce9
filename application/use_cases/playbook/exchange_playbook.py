"""The playbook as a file: written for people, and read back with every problem named."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.campaigns import PlaybookTexts
from application.use_cases.permissions import NewUnitOfWork
from application.use_cases.playbook.change_playbook import ChangePlaybook
from domain.account import Account, Permission
from domain.actor import Actor
from domain.errors import InvalidInput
from domain.message import MessageColumns
from domain.playbook_versions import ActionChange, PlaybookVersion, changes_between


@dataclass(frozen=True, slots=True)
class ExportPlaybook:
    """A version as text; the latest one without a number. Raises NotAllowed and NotFound."""

    new_uow: NewUnitOfWork
    texts: PlaybookTexts

    def __call__(self, version: int | None = None, *, by: Account) -> tuple[int, str]:
        by.must_be_able_to(Permission.EDIT_PLAYBOOK)
        with self.new_uow() as uow:
            playbook = uow.playbooks.latest() if version is None else uow.playbooks.get(version)
        return playbook.version, self.texts.write(playbook)


@dataclass(frozen=True, slots=True)
class ImportPlaybook:
    """Saves the actions of a text as the newest version, and tells what it changed.

    Nothing is saved of a text with a problem. Raises InvalidInput for a text that says the same as the latest version.
    """

    new_uow: NewUnitOfWork
    texts: PlaybookTexts
    change: ChangePlaybook

    def __call__(self, content: bytes, *, based_on: int, by: Actor) -> tuple[PlaybookVersion, tuple[ActionChange, ...]]:
        by.account.must_be_able_to(Permission.EDIT_PLAYBOOK)
        with self.new_uow() as uow:
            before, champion = uow.playbooks.get(based_on), uow.models.champion()
        actions = self.texts.read(content, champion.message_columns if champion else MessageColumns())
        if actions == before.actions:
            raise InvalidInput("The file has the same actions as the playbook. Nothing was changed.", field="file")
        saved = self.change.replace_all(actions, based_on=based_on, by=by)
        return saved, changes_between(before, saved.playbook)
