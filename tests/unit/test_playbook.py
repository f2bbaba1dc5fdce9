"""Actions in force, the next version of a playbook, and what differs between two."""

from __future__ import annotations

from datetime import date

import pytest

from domain.errors import Conflict
from domain.playbook import Channel, Playbook
from domain.playbook_versions import ChangeKind, changes_between, must_be_latest
from tests.builders import an_action

TODAY = date(2026, 6, 15)


@pytest.mark.parametrize(
    ("given", "offered"),
    [
        ({"valid_from": None, "valid_until": None}, True),
        ({"valid_from": date(2026, 6, 15), "valid_until": date(2026, 6, 15)}, True),
        ({"valid_from": date(2026, 6, 16), "valid_until": None}, False),
        ({"valid_from": None, "valid_until": date(2026, 6, 14)}, False),
        ({"valid_from": None, "valid_until": None, "switched_on": False}, False),
    ],
)
def test_an_action_is_offered_between_its_days_while_it_is_switched_on(given: dict[str, object], offered: bool) -> None:
    action = an_action(**given)

    assert action.in_force(TODAY) is offered
    assert Playbook(3, (action,)).in_force(TODAY) == Playbook(3, (action,) if offered else ())


@pytest.mark.parametrize(
    "given",
    [
        {"pause_days": -1},
        {"pause_days": 3_651},
        {"valid_from": date(2026, 6, 15), "valid_until": date(2026, 6, 14)},
        {"save_rate": 1.01},
    ],
)
def test_an_action_refuses_what_cannot_be(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"pause|last day|save rate"):
        an_action(**given)


def test_a_saved_action_keeps_its_place_and_a_new_one_comes_last() -> None:
    first, second = an_action(id="a"), an_action(id="b")
    playbook = Playbook(4, (first, second))

    changed = playbook.with_action(an_action(id="a", contact_cost=9.0))
    added = playbook.with_action(an_action(id="c"))

    assert (changed.version, [action.id for action in changed.actions]) == (5, ["a", "b"])
    assert changed.actions[0].contact_cost == 9.0
    assert (added.version, [action.id for action in added.actions]) == (5, ["a", "b", "c"])
    assert playbook.without_action("a") == Playbook(5, (second,))


def test_the_differences_name_each_action_and_its_properties() -> None:
    kept, gone, old = (
        an_action(id="kept"),
        an_action(id="gone"),
        an_action(id="old", save_rate=0.2, channel=Channel.SMS),
    )
    new, changed = an_action(id="new"), an_action(id="old", save_rate=0.25, channel=Channel.SMS)

    changes = changes_between(Playbook(1, (kept, gone, old)), Playbook(2, (kept, changed, new)))

    assert [(change.kind, change.action.id) for change in changes] == [
        (ChangeKind.CHANGED, "old"),
        (ChangeKind.ADDED, "new"),
        (ChangeKind.REMOVED, "gone"),
    ]
    assert [(field.name, field.before, field.after) for field in changes[0].fields] == [("save_rate", 0.2, 0.25)]
    assert changes_between(Playbook(1, (kept,)), Playbook(2, (kept,))) == ()


def test_a_change_of_an_older_version_is_refused() -> None:
    must_be_latest(Playbook(4, ()), 4)
    with pytest.raises(Conflict, match="in the meantime"):
        must_be_latest(Playbook(5, ()), 4)
