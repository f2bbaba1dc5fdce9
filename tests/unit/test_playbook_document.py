"""A playbook as a document: what goes in comes out, and each problem is named where it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.playbook import Channel, Comparison, Condition, Playbook
from domain.playbook_document import NotAPlaybook, action_from, actions_from, document_of
from tests.builders import an_action

WRITTEN: dict[str, Any] = {
    "id": "call",
    "name": "Call",
    "message": "Hello.",
    "answers": [{"attributes": ["*"]}],
}

ONE_TEST = "Use one of is, at_most, not several."
EXAMPLE = "Write {bill}, {reduced_bill} or a column of the customers such as {Contract}."
PERSONAL = (
    "“{name}” cannot be filled in: such a column identifies a customer or a person, and messages are stored and "
    "exported. Leave it out."
)


def problems_of(document: object) -> list[tuple[str, str]]:
    with pytest.raises(NotAPlaybook) as refused:
        action_from(document)
    return list(refused.value.problems)


def test_a_playbook_is_the_same_after_it_was_written_and_read() -> None:
    conditions = (
        Condition(("*",)),
        Condition(("Contract", "Plan"), Comparison.IS_NOT, ("Two year",)),
        Condition(("tenure",), Comparison.AT_MOST, limit=-2.5),
    )
    first = an_action(answers=conditions[:1])
    actions = (first, an_action(id="b-2", answers=conditions, requires=(), switched_on=False, valid_until=None))

    assert actions_from(document_of(Playbook(7, actions))) == actions


def test_what_is_left_out_has_the_usual_value() -> None:
    action = action_from(WRITTEN)

    assert (action.contact_cost, action.save_rate, action.pause_days, action.channel) == (1.0, 0.30, 90, Channel.PHONE)
    assert (action.offer_fixed, action.offer_share, action.offer_months) == (0.0, 0.0, 0.0)
    assert (action.switched_on, action.confirmed, action.save_rate_measured) == (True, False, False)
    assert action.save_rate_weight == 20.0
    assert (action.requires, action.valid_from, action.valid_until) == ((), None, None)


def test_values_are_read_as_people_write_them() -> None:
    action = action_from(
        WRITTEN
        | {
            "channel": "SMS",
            "save_rate": "12.5%",
            "save_rate_weight": "37.5",
            "offer": {"share": "8 %".replace(" ", ""), "months": "6", "fixed": 3},
            "valid_from": "2026-12-01",
            "valid_until": date(2027, 1, 31),
            "measured_in": "Spring offer",
            "requires": [{"attributes": "TechSupport", "is": False}, {"attributes": ["tenure"], "at_least": "12"}],
        }
    )

    assert (action.channel, action.save_rate, action.save_rate_measured) == (Channel.SMS, 0.125, True)
    assert action.save_rate_weight == 37.5
    assert (action.offer_fixed, action.offer_share, action.offer_months) == (3.0, 0.08, 6.0)
    assert (action.valid_from, action.valid_until) == (date(2026, 12, 1), date(2027, 1, 31))
    assert action.requires == (
        Condition(("TechSupport",), Comparison.IS, ("No",)),
        Condition(("tenure",), Comparison.AT_LEAST, limit=12.0),
    )


@pytest.mark.parametrize(
    ("given", "where", "what"),
    [
        ({"id": "Call us"}, "id", "“Call us” is not made of small letters, digits and hyphens."),
        ({"id": ""}, "id", "Enter a text."),
        ({"name": ["a"]}, "name", "Enter a text."),
        ({"name": "x" * 121}, "name", "At most 120 characters."),
        ({"message": None}, "message", "Enter a text."),
        ({"message": "Hi {name}."}, "message", PERSONAL),
        ({"message": "Hi {.}."}, "message", f"There is no name between the braces. {EXAMPLE}"),
        ({"message": "Hi {a{b}."}, "message", f"The braces at “{{a{{b}}.” do not match. {EXAMPLE}"),
        ({"channel": "fax"}, "channel", "“fax” is none of phone, sms, email, app, letter, shop."),
        ({"save_rate": 1.5}, "save_rate", "Enter a number from 0 to 1."),
        ({"save_rate": "often"}, "save_rate", "“often” is not a number."),
        ({"save_rate": True}, "save_rate", "“True” is not a number."),
        ({"save_rate": "nan"}, "save_rate", "“nan” is not a number."),
        ({"contact_cost": -1}, "contact_cost", "Enter a number from 0 to 1000000000."),
        ({"pause_days": 1.5}, "pause_days", "Enter a whole number."),
        ({"pause_days": 3_651}, "pause_days", "Enter a number from 0 to 3650."),
        ({"offer": {"share": 2}}, "offer.share", "Enter a number from 0 to 1."),
        ({"offer": 5}, "offer", "Write it as {fixed, share, months}."),
        ({"offer": {"fixd": 5}}, "offer.fixd", "There is no such key. Known are fixed, share, months."),
        ({"valid_from": "soon"}, "valid_from", "“soon” is not a date such as 2026-11-30."),
        ({"valid_from": "2027-02-01", "valid_until": "2027-01-31"}, "valid_until", "The last day is before the first."),
        ({"switched_on": "perhaps"}, "switched_on", "Write true or false."),
        ({"answers": []}, "answers", "Name at least one reason that the action answers; “*” is any reason."),
        ({"answers": "tenure"}, "answers", "Write a list of at most 50 conditions."),
        ({"answers": ["tenure"]}, "answers.0", "A condition has the key “attributes”."),
        ({"requires": [{"is": ["x"]}]}, "requires.0", "Name at least one attribute; “*” is any."),
        (
            {"requires": [{"attributes": "a", "is": "x", "at_most": 3}]},
            "requires.0",
            "Use one of is, at_most, not several.",
        ),
        ({"requires": [{"attributes": "a", "at_most": "low"}]}, "requires.0", "“low” is not a number."),
    ],
)
def test_each_problem_is_named_where_it_is(given: dict[str, Any], where: str, what: str) -> None:
    assert (where, what) in problems_of(WRITTEN | given)


def test_an_unknown_key_is_named_with_those_that_are_known() -> None:
    ((where, what),) = problems_of(WRITTEN | {"saverate": 0.5})

    assert where == "saverate"
    assert what.startswith("There is no such key. Known are id, name, message, channel,")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (None, "A playbook is a list of actions under the key “actions”."),
        ([WRITTEN], "A playbook is a list of actions under the key “actions”."),
        ({"format": 2, "actions": [WRITTEN]}, "This version reads format 1 of a playbook, not 2."),
        ({"actions": []}, "A playbook has at least one action."),
        ({"actions": [WRITTEN, WRITTEN]}, "The id “call” is used by two actions."),
        ({"actions": [WRITTEN, 3]}, "action 2: An action has keys such as “id”, “name” and “message”."),
        ({"actions": [WRITTEN | {"save_rate": 2}]}, "action 1 “Call”, save rate: Enter a number from 0 to 1."),
        ({"actions": [WRITTEN | {"id": f"a{n}"} for n in range(501)]}, "A playbook has at most 500 actions."),
    ],
)
def test_a_document_that_is_no_playbook_is_refused_in_words(document: object, words: str) -> None:
    with pytest.raises(NotAPlaybook) as refused:
        actions_from(document)

    assert str(refused.value) == words


def test_the_first_ten_problems_are_told_and_the_rest_counted() -> None:
    wrong = [WRITTEN | {"id": f"a{n}", "save_rate": 2} for n in range(12)]

    with pytest.raises(NotAPlaybook, match=r"And 2 more\.$") as refused:
        actions_from({"actions": wrong})
    assert len(refused.value.problems) == 12
