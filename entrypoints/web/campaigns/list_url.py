"""The query parameters of a campaign's list: whose members, filters, order and page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from application.queries import MemberPage, MemberQuery
from domain.account import Account
from domain.campaign import CampaignId
from domain.campaign_members import Status
from domain.campaign_work import OPEN
from entrypoints.web import formats
from entrypoints.web.access import application

PAGE = 25
SORTS = ("number", "risk", "due", "status")
MINE, NOBODY, STILL_OPEN = "mine", "nobody", "open"
ANY = 1_234_567_890
"""A number that no member has, in whose place the members' own numbers are put."""


@dataclass(frozen=True, slots=True)
class ListUrl:
    """Builds the URLs of the list's pages from the current query, without default parameters.

    `whose` is "mine", "nobody", a person's account or "" for everybody. `search_key` stands for the search text, which
    is a customer's id.
    """

    campaign_id: CampaignId
    query: MemberQuery
    whose: str = ""
    search_key: str = ""
    _of_members: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Addresses of member pages by endpoint, for the member ANY: a list has a hundred of them."""

    @classmethod
    def read(
        cls, campaign_id: CampaignId, args: MultiDict[str, str], by: Account, *, search: str = "", search_key: str = ""
    ) -> ListUrl:
        """Parameters that are not valid count as missing."""
        whose, status, sort = args.get("list", ""), args.get("status", ""), args.get("sort", "number")
        sort = sort if sort in SORTS else "number"
        query = MemberQuery(
            search=search,
            statuses=_statuses(status),
            action_id=args.get("action") or None,
            channel=args.get("channel") or None,
            assigned_to={"": None, MINE: str(by.id), NOBODY: ""}.get(whose, whose),
            due_until=formats.policy().today(application().now()) if args.get("due") else None,
            sort=sort,
            descending=args.get("dir", "desc" if sort == "risk" else "asc") == "desc",
            offset=(max(1, args.get("page", 1, type=int)) - 1) * PAGE,
            limit=PAGE,
        )
        return cls(campaign_id, query, whose, search_key)

    @property
    def status(self) -> str:
        return STILL_OPEN if self.query.statuses == OPEN else self.query.statuses[0] if self.query.statuses else ""

    @property
    def filtered(self) -> bool:
        first = {"offset": 0, "sort": "number", "descending": False}
        return replace(self.query, **first) != MemberQuery(limit=PAGE)  # type: ignore[arg-type]  # these are the fields' types

    def parameters(self) -> dict[str, str]:
        query = self.query
        given = {
            "list": self.whose,
            "s": self.search_key if query.search else "",
            "status": self.status,
            "action": query.action_id or "",
            "channel": query.channel or "",
            "due": "1" if query.due_until else "",
        }
        if (query.sort, query.descending) != ("number", False):
            given |= {"sort": query.sort, "dir": "desc" if query.descending else "asc"}
        if query.offset:
            given["page"] = str(self._number)
        return {name: value for name, value in given.items() if value}

    def to(self, endpoint: str = "campaigns.show", **values: int | str) -> str:
        """The URL of a page of this campaign, with the list's parameters and further ones behind it."""
        everything: dict[str, Any] = {"campaign_id": self.campaign_id, **self.parameters(), **values}
        return url_for(endpoint, **everything)

    def of(self, number: int, endpoint: str) -> str:
        """The URL of a page of one member, with the list's parameters behind it."""
        if endpoint not in self._of_members:
            self._of_members[endpoint] = self.to(endpoint, number=ANY)
        before, _, after = self._of_members[endpoint].partition(f"/{ANY}")
        return f"{before}/{number}{after}"

    def _with(self, **changes: Any) -> ListUrl:
        return replace(self, query=replace(self.query, **changes), _of_members={})

    @property
    def everything(self) -> str:
        return url_for("campaigns.show", campaign_id=self.campaign_id)

    @property
    def whole(self) -> ListUrl:
        """The same list without paging."""
        return self._with(offset=0)

    @property
    def first(self) -> int:
        return self.query.offset + 1

    def last(self, page: MemberPage) -> int:
        return self.query.offset + len(page.members)

    def _page(self, number: int) -> str:
        return self._with(offset=(number - 1) * PAGE).to()

    @property
    def previous_page(self) -> str | None:
        return self._page(self._number - 1) if self.query.offset else None

    def next_page(self, page: MemberPage) -> str | None:
        return self._page(self._number + 1) if self.last(page) < page.total else None

    @property
    def _number(self) -> int:
        return self.query.offset // PAGE + 1

    def sorted_by(self, name: str) -> str:
        descending = not self.query.descending if self.query.sort == name else name == "risk"
        return self._with(sort=name, descending=descending, offset=0).to()

    def state(self, name: str) -> str:
        if self.query.sort != name:
            return ""
        return "descending" if self.query.descending else "ascending"


def _statuses(text: str) -> tuple[Status, ...]:
    if text == STILL_OPEN:
        return OPEN
    return (Status(text),) if text in set(Status) else ()
