"""Versions of the playbook: who made which, when, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from domain.errors import Conflict
from domain.playbook import Action, Playbook

SEEDED_BY = "The product"
"""Author of the version that every installation begins with."""
MAX_NOTE = 300
OVERTAKEN = "The playbook was changed in the meantime, by someone else or in another window. Look at it as it is now."


@dataclass(frozen=True, slots=True)
class PlaybookVersion:
    """A stored playbook, who saved it and why. `at` is None for the version of a new installation."""

    playbook: Playbook
    by: str = SEEDED_BY
    note: str = ""
    at: datetime | None = None

    @property
    def number(self) -> int:
        return self.playbook.version


class ChangeKind(StrEnum):
    """What happened to an action between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A property of an action that differs. The values are those of `Action`."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class ActionChange:
    """An action that was added, removed or changed, and its properties that differ if it was changed."""

    kind: ChangeKind
    action: Action
    fields: tuple[FieldChange, ...] = ()


def changes_between(before: Playbook, after: Playbook) -> tuple[ActionChange, ...]:
    """What differs, in the order of the later playbook; removed actions last."""
    return tuple(_changes(before, after))


def _changes(before: Playbook, after: Playbook) -> Iterator[ActionChange]:
    for action in after.actions:
        old = before.action(action.id)
        if old is None:
            yield ActionChange(ChangeKind.ADDED, action)
        elif old != action:
            yield ActionChange(ChangeKind.CHANGED, action, _fields(old, action))
    for action in before.actions:
        if after.action(action.id) is None:
            yield ActionChange(ChangeKind.REMOVED, action)


def _fields(before: Action, after: Action) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(field.name, getattr(before, field.name), getattr(after, field.name))
        for field in fields(Action)
        if getattr(before, field.name) != getattr(after, field.name)
    )


def must_be_latest(latest: Playbook, based_on: int) -> None:
    """Raises Conflict where a change began with an older version: somebody else has saved one meanwhile."""
    if latest.version != based_on:
        raise Conflict(OVERTAKEN)
