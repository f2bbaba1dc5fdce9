"""Changes to the playbook. Each saves a new version; predictions keep the version that they were made with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Permission
from domain.actor import Actor
from domain.errors import InvalidInput, NotFound
from domain.playbook import Action, Playbook
from domain.playbook_versions import MAX_NOTE, PlaybookVersion, must_be_latest


@dataclass(frozen=True, slots=True)
class ChangePlaybook:
    """Saves, removes, confirms and restores actions.

    `based_on` is the version that the person saw: raises Conflict if there is a later one. Raises NotAllowed, NotFound
    for an action or version that does not exist, and InvalidInput for a playbook without actions.
    """

    new_uow: NewUnitOfWork
    clock: Clock

    def save(self, action: Action, *, based_on: int, by: Actor, why: str = "") -> PlaybookVersion:
        """Save an action in place of the one with its id, or as a new one. Saving confirms it."""
        with self._changing(by) as uow:
            latest = _latest(uow, based_on)
            known = latest.action(action.id)
            if known is not None and known.same_but_confirmed(action):
                raise InvalidInput(f"Nothing of “{action.name}” was changed.")
            new = latest.with_action(replace(action, confirmed=True).with_rate_of(known))
            return self._add(uow, new, f"{'added' if known is None else 'changed'} “{action.name}”", by, why)

    def adopt(self, action: Action, *, based_on: int, by: Actor) -> PlaybookVersion:
        """Save an action whose save rate a campaign has measured. Whether people confirmed it stays as it is."""
        with self._changing(by) as uow:
            latest = _latest(uow, based_on)
            if latest.action(action.id) is None:
                raise NotFound("There is no such action in the playbook.")
            what = f"took over the save rate of “{action.name}” from “{action.measured_in}”"
            return self._add(uow, latest.with_action(action), what, by, "")

    def remove(self, action_id: str, *, based_on: int, by: Actor, why: str = "") -> PlaybookVersion:
        with self._changing(by) as uow:
            latest = _latest(uow, based_on)
            action = latest.action(action_id)
            if action is None:
                raise NotFound("There is no such action in the playbook.")
            return self._add(uow, latest.without_action(action_id), f"removed “{action.name}”", by, why)

    def confirm(self, action_ids: Collection[str], *, based_on: int, by: Actor) -> PlaybookVersion:
        """Confirm seeded actions as they are."""
        with self._changing(by) as uow:
            latest = _latest(uow, based_on)
            chosen = [action.name for action in latest.unconfirmed if action.id in action_ids]
            if not chosen:
                raise InvalidInput("Choose at least one action to confirm.")
            actions = tuple(
                replace(action, confirmed=True) if action.id in action_ids else action for action in latest.actions
            )
            what = f"confirmed “{chosen[0]}”" if len(chosen) == 1 else f"confirmed {len(chosen)} actions"
            return self._add(uow, Playbook(latest.version + 1, actions), what, by, "")

    def restore(self, version: int, *, based_on: int, by: Actor, why: str = "") -> PlaybookVersion:
        """Save the actions of an earlier version as the newest one."""
        with self._changing(by) as uow:
            latest = _latest(uow, based_on)
            old = uow.playbooks.get(version)
            if old.actions == latest.actions:
                raise InvalidInput(f"Version {version} has the same actions as the latest version.")
            return self._add(uow, Playbook(latest.version + 1, old.actions), f"restored version {version}", by, why)

    def replace_all(self, actions: tuple[Action, ...], *, based_on: int, by: Actor, why: str = "") -> PlaybookVersion:
        """Save imported actions as the newest version."""
        with self._changing(by) as uow:
            latest = _latest(uow, based_on)
            return self._add(uow, Playbook(latest.version + 1, actions), "imported a playbook", by, why)

    def _changing(self, by: Actor) -> UnitOfWork:
        by.account.must_be_able_to(Permission.EDIT_PLAYBOOK)
        return self.new_uow()

    def _add(self, uow: UnitOfWork, playbook: Playbook, what: str, by: Actor, why: str) -> PlaybookVersion:
        if not playbook.actions:
            raise InvalidInput("A playbook has at least one action. Switch the last one off instead.")
        text = f"{what}: {why.strip()}" if why.strip() else what
        version = PlaybookVersion(playbook, by.account.name, _capital(text)[:MAX_NOTE], self.clock.now())
        uow.playbooks.add(version)
        note(uow, self.clock, by, "changed the playbook", f"version {playbook.version}: {text}"[:500])
        uow.commit()
        return version


def _latest(uow: UnitOfWork, based_on: int) -> Playbook:
    latest = uow.playbooks.latest()
    must_be_latest(latest, based_on)
    return latest


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
