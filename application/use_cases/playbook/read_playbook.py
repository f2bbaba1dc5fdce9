"""The playbook for people who edit it: actions, versions, differences, and what the champion's attributes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.runs import RunQuery
from application.use_cases.permissions import NewUnitOfWork, visible_to
from domain.account import Account, Permission
from domain.errors import NotFound
from domain.message import MessageColumns
from domain.playbook import Action, Playbook
from domain.playbook_versions import ActionChange, PlaybookVersion, changes_between
from domain.run import ActionTotal, JobState, Run


@dataclass(frozen=True, slots=True)
class PlaybookView:
    """A version, the number of the latest one, the champion's columns, and the latest prediction; None without one."""

    version: PlaybookVersion
    latest: int
    columns: MessageColumns
    run: Run | None = None

    @property
    def playbook(self) -> Playbook:
        return self.version.playbook

    @property
    def next(self) -> int:
        """The number that the next saved version gets."""
        return self.latest + 1

    @property
    def confirmed(self) -> int:
        """How many actions the company has confirmed."""
        return len(self.playbook.actions) - len(self.playbook.unconfirmed)

    @property
    def is_latest(self) -> bool:
        return self.version.number == self.latest

    def action(self, action_id: str) -> Action:
        """Raises NotFound."""
        action = self.playbook.action(action_id)
        if action is None:
            raise NotFound("There is no such action in the playbook.")
        return action

    def unknown_names(self, action: Action) -> tuple[str, ...]:
        """Names in the action's message that neither the champion nor a condition of an action knows."""
        conditions = [own for one in (*self.playbook.actions, action) for own in (*one.answers, *one.requires)]
        return tuple(
            name for name in self.columns.unknown_in(action.message) if not any(own.names(name) for own in conditions)
        )

    def total_of(self, action: Action) -> ActionTotal | None:
        """To how many customers of the latest prediction it was recommended; None without a prediction."""
        contacting = self.run.summary.contacting if self.run and self.run.summary else None
        if contacting is None:
            return None
        totals = {total.action_id: total for total in contacting.actions}
        return totals.get(action.id, ActionTotal(action.id, action.name, 0, 0.0))


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
            runs = uow.runs.find(RunQuery(visible_to=visible_to(by), states=(JobState.DONE,), limit=1)).runs
            columns = champion.message_columns if champion else MessageColumns()
            return PlaybookView(shown, latest, columns, runs[0] if runs else None)

    def versions(self, *, by: Account) -> Sequence[PlaybookVersion]:
        """Newest first."""
        by.must_be_able_to(Permission.EDIT_PLAYBOOK)
        with self.new_uow() as uow:
            return uow.playbooks.versions()

    def compare(self, before: int, after: int, *, by: Account) -> tuple[ActionChange, ...]:
        by.must_be_able_to(Permission.EDIT_PLAYBOOK)
        with self.new_uow() as uow:
            return changes_between(uow.playbooks.get(before), uow.playbooks.get(after))
