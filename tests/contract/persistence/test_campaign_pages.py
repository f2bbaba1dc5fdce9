"""Pages of a campaign's list, and the neighbours of a member, in every order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from application.ports.campaign_records import MemberQuery
from domain.campaign_members import Member, Outcome, Status
from domain.customer import CustomerId
from domain.do_not_contact import Entry, Source
from tests import builders as a
from tests.builders import at
from tests.contract.persistence.full import NewUow
from tests.contract.persistence.test_campaigns import ONE, TODAY, a_control, started


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ["number", "risk", "due", "status"])
def test_pages_are_parts_of_the_whole_list_in_every_order(new_uow: NewUow, sort: str, descending: bool) -> None:
    started(
        new_uow,
        *(a.a_member(n, probability=(n * 5 % 4) / 10, channel="sms" if n % 3 else "phone") for n in range(1, 12)),
        a_control(12),
    )
    filters = [
        MemberQuery(sort=sort, descending=descending, limit=0),
        MemberQuery(sort=sort, descending=descending, limit=0, channel="sms"),
        MemberQuery(sort=sort, descending=descending, limit=0, assigned_to="person-2"),
        MemberQuery(sort=sort, descending=descending, limit=0, assigned_to="", statuses=(Status.TO_CONTACT,)),
        MemberQuery(sort=sort, descending=descending, limit=0, due_until=date(2026, 11, 8)),
        MemberQuery(sort=sort, descending=descending, limit=0, reachable=True),
    ]
    with new_uow() as uow:
        uow.campaigns.set_due(ONE, [1, 4, 9], date(2026, 11, 9))
        uow.campaigns.set_due(ONE, [2, 5, 6, 10], date(2026, 11, 3))
        uow.campaigns.assign(ONE, [1, 2, 3, 4, 5, 8], "person-2")
        uow.do_not_contact.add_many([Entry(CustomerId("C-7"), at(), Source.MARKED, "")])
        for number, status in ((2, Status.REACHED), (3, Status.ACCEPTED), (7, Status.REACHED), (11, Status.ACCEPTED)):
            member = uow.campaigns.member(ONE, number).marked(status, at=at(), today=TODAY)
            uow.campaigns.save_member(ONE, member)

        for query, members in zip(filters, (11, 8, 6, 3, 4, 10), strict=True):
            everybody = uow.campaigns.numbers(ONE, query)
            assert len(everybody) == uow.campaigns.count(ONE, query) == members
            assert [one.number for one in uow.campaigns.page(ONE, query).members] == everybody
            for offset in range(members + 2):
                page = uow.campaigns.page(ONE, replace(query, offset=offset, limit=3))
                assert [one.number for one in page.members] == everybody[offset : offset + 3]
                assert page.total == members


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ["number", "risk", "due", "status"])
def test_neighbours_follow_every_order_also_beside_members_that_do_not_match(
    new_uow: NewUow, sort: str, descending: bool
) -> None:
    started(new_uow, *(a.a_member(n, probability=[0.5, 0.2, 0.5, 0.9, 0.2, 0.7][n - 1]) for n in range(1, 7)))
    with new_uow() as uow:
        for number, day in ((2, 9), (5, 4), (6, 9)):
            uow.campaigns.save_member(ONE, uow.campaigns.member(ONE, number).due_on(date(2026, 11, day)))
        for number in (1, 4):
            reached = uow.campaigns.member(ONE, number).marked(Status.REACHED, at=at(), today=TODAY)
            uow.campaigns.save_member(ONE, reached)
        every = uow.campaigns.numbers(ONE, MemberQuery(sort=sort, descending=descending))
        chosen = MemberQuery(sort=sort, descending=descending, statuses=(Status.TO_CONTACT,))
        matching = uow.campaigns.numbers(ONE, chosen)

        assert sorted(every) == [1, 2, 3, 4, 5, 6]
        assert sorted(matching) == [2, 3, 5, 6]
        for place, number in enumerate(every):
            before = [one for one in every[:place] if one in matching]
            after = [one for one in every[place + 1 :] if one in matching]
            expected = (before[-1] if before else None, after[0] if after else None)
            assert uow.campaigns.neighbours(ONE, number, chosen) == expected


def test_every_field_of_a_member_can_be_read_alone(new_uow: NewUow) -> None:
    started(new_uow, a.a_member(1), a.a_member(2), a_control(3))
    names = tuple(Member.__dataclass_fields__)
    with new_uow() as uow:
        uow.campaigns.set_due(ONE, [2], TODAY)
        uow.campaigns.assign(ONE, [2], "person-2")
        reached = uow.campaigns.member(ONE, 2).marked(Status.REACHED, at=at(), today=TODAY)
        uow.campaigns.save_member(ONE, reached)
        uow.campaigns.save_member(ONE, reached.with_outcome(Outcome.LEFT, TODAY))
        members = uow.campaigns.page(ONE, MemberQuery(descending=True)).members

        found = list(uow.campaigns.values(ONE, MemberQuery(descending=True, offset=1, limit=1), names))

        assert found == [[getattr(member, name) for name in names] for member in members]
        assert [values[names.index("status")] for values in found] == [Status.REACHED, Status.TO_CONTACT]
        assert type(found[0][names.index("outcome")]) is Outcome
        some = MemberQuery(statuses=(Status.REACHED, Status.ACCEPTED))
        assert list(uow.campaigns.values(ONE, some, ("reasons", "customer_id"))) == [[members[0].reasons, "C-2"]]
