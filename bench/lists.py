"""Measures the server's cost of a campaign's pages with many members. Prints one JSON object.

python -m bench.lists FOLDER FILE [--members 100000] [--repeats 20]

Requests go through the web application with login, database and templates. Members repeat the reasons and messages of
the file's customers. Every request is sent once before it is measured; each figure is a median.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from application.ports.campaign_records import MemberQuery
from application.ports.results import ScoredCustomer
from bench.pages import Site
from bench.ports import ports_of
from bench.reference import scorer_of
from domain.allocation import Worth
from domain.campaign import Campaign, CampaignId, CampaignPlan, CampaignRequest, PlannedAction
from domain.campaign_members import Arm, Member, Side, Status
from domain.customer_query import CustomerQuery
from domain.playbook import Playbook
from domain.run import Run, RunId

CAMPAIGN = CampaignId("campaign-of-the-benchmark")
PAGE = 25
CONTROL_EVERY = 10
STATUSES = (Status.TO_CONTACT,) * 6 + (Status.NO_ANSWER, Status.REACHED, Status.ACCEPTED, Status.DECLINED)
SORTS = ("risk", "due", "status")
FILTERS = {
    "one status": "status=accepted",
    "still to contact": "status=open",
    "one action": "action={action}",
    "one channel": "channel={channel}",
    "due by today": "due=1",
    "my list": "list=mine",
    "nobody’s list": "list=nobody",
    "another person’s list": "list=another-person",
    "my list, one status, due": "list=mine&due=1&status=to_contact",
}


def fill(site: Site, run_id: str, members: int) -> None:
    """Add a running campaign, of which the logged-in person has a third on the list."""
    ports = ports_of(site.application)
    with ports.new_uow() as uow:
        run, playbook, policy = uow.runs.get(RunId(run_id)), uow.playbooks.latest(), uow.policies.get()
        mine = max(uow.accounts.all(), key=lambda one: one.created_at).id
        query = CustomerQuery(run.threshold, limit=1_000)
        scored = ports.results.page(run.id, query, bands=policy.bands).customers
        campaign = _campaign(run, playbook, members, at=site.application.now(), owner=mine)
        uow.campaigns.add(campaign)
        uow.campaigns.add_members(CAMPAIGN, _members(scored, playbook, members))
        numbers = uow.campaigns.numbers(CAMPAIGN, MemberQuery())
        uow.campaigns.assign(CAMPAIGN, numbers[::3], mine)
        uow.campaigns.assign(CAMPAIGN, numbers[1::3], "another-person")
        today = policy.today(site.application.now())
        for day in range(5):
            uow.campaigns.set_due(CAMPAIGN, numbers[day::10], today + timedelta(days=day - 2))
        uow.campaigns.hold(CAMPAIGN, held=True)
        uow.commit()


def _campaign(run: Run, playbook: Playbook, members: int, *, at: Any, owner: str) -> Campaign:
    actions = tuple(
        PlannedAction(one.id, one.name, one.channel.value, 1, 0, 0.0, 0.0, 0.0) for one in playbook.actions[:4]
    )
    plan = CampaignPlan(
        matching=members,
        excluded=(),
        actions=actions,
        churn=0.4,
        gain=0.0,
        bound=0.0,
        worth=Worth(),
        playbook_version=playbook.version,
        model_version=run.model_version,
        fingerprint="",
        planned_at=at,
    )
    draft = Campaign(
        id=CAMPAIGN,
        name="Many customers",
        owner=owner,
        run_id=run.id,
        run_name=run.file_name,
        request=CampaignRequest(CustomerQuery(run.threshold)),
        key="k" * 64,
        created_at=at,
    )
    return draft.started(plan, at=at)


def _members(scored: tuple[ScoredCustomer, ...], playbook: Playbook, members: int) -> Iterator[Member]:
    """Contacted members, and at the end controls, with different risks."""
    contacted = members - members // CONTROL_EVERY
    for number in range(1, members + 1):
        own = scored[number % len(scored)]
        action = playbook.actions[number % 4]
        yield Member(
            number=number,
            customer_id=f"{own.customer.id}-{number}",
            row=number,
            side=Side.CONTACT if number <= contacted else Side.CONTROL,
            arm=Arm.BEST,
            action_id=action.id,
            action_name=action.name,
            channel=action.channel.value,
            message=action.message,
            probability=(number * 7_919 % members) / members,
            monthly_revenue=own.monthly_revenue,
            value=300.0,
            offer_cost=float(number % 50),
            contact_cost=action.contact_cost,
            save_rate=action.save_rate,
            expected_gain=float(members - number),
            pause_days=action.pause_days,
            reasons=own.prediction.raises,
            fifth=number % 5 + 1,
            stratum=number % 5 + 1,
            status=STATUSES[number * 31 % len(STATUSES)] if number <= contacted else Status.TO_CONTACT,
        )


@dataclass(frozen=True)
class Lists:
    site: Site
    members: int
    repeats: int

    def pages(self, action: str, channel: str) -> dict[str, list[str]]:
        """Queries of the list by name. The slowest of a name counts."""
        last = (self.members - self.members // CONTROL_EVERY) // PAGE
        pages = {"first page": [""], "middle page": [f"page={last // 2}"], "last page": [f"page={last}"]}
        for sort in SORTS:
            orders = [f"sort={sort}&dir={direction}" for direction in ("asc", "desc")]
            pages[f"by {sort}, either way, first, middle and last page"] = [
                f"{order}&page={page}" for order in orders for page in (1, last // 2, last)
            ]
        for name, query in FILTERS.items():
            chosen = query.format(action=action, channel=channel)
            orders = [
                "",
                f"&page={last // 8}",
                *(f"&sort={sort}&dir={way}" for sort in SORTS for way in ("asc", "desc")),
            ]
            pages[f"{name}, in every order"] = [f"{chosen}{order}" for order in orders]
        return pages

    def cost(self, ask: Callable[[], object]) -> float:
        """CPU milliseconds of a request."""
        ask()
        taken = []
        for _ in range(self.repeats):
            before = time.process_time()
            ask()
            taken.append((time.process_time() - before) * 1e3)
        return statistics.median(taken)

    def changes(self) -> dict[str, float]:
        """CPU milliseconds of a status change and of its undo, each with the row that is drawn again."""
        listed = self.site.browser.get(f"/campaigns/{CAMPAIGN}").get_data(as_text=True)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', listed)
        assert token is not None  # noqa: S101 - every form has a token
        taken: dict[str, list[float]] = {"status change": [], "undo": []}
        for member in self._first():
            chosen = Status.DECLINED if member.status is Status.ACCEPTED else Status.ACCEPTED
            form = {"csrf_token": token[1], "version": str(member.version), "status": chosen.value}
            self._change(taken["status change"], member, "status", form)
            self._change(taken["undo"], member, "undo", form | {"version": str(member.version + 1)})
        return {name: statistics.median(own[1:]) for name, own in taken.items()}

    def _change(self, taken: list[float], member: Member, path: str, form: dict[str, str]) -> None:
        address = f"/campaigns/{CAMPAIGN}/members/{member.number}/{path}"
        before = time.process_time()
        answer = self.site.browser.post(address, data=form, headers={"HX-Request": "true"})
        taken.append((time.process_time() - before) * 1e3)
        assert answer.status_code == 200, answer.get_data(as_text=True)[:500]  # noqa: S101 - otherwise the figure is not valid

    def _first(self) -> tuple[Member, ...]:
        with ports_of(self.site.application).new_reading() as uow:
            return uow.campaigns.page(CAMPAIGN, MemberQuery(limit=self.repeats + 1)).members


def measured(site: Site, run: str, *, members: int, repeats: int) -> dict[str, dict[str, float]]:
    """CPU milliseconds: of pages of the list, of other pages, and of changes."""
    fill(site, run, members)
    lists = Lists(site, members, repeats)
    with ports_of(site.application).new_reading() as uow:
        (first,) = uow.campaigns.page(CAMPAIGN, MemberQuery(limit=1)).members
    here = f"/campaigns/{CAMPAIGN}"
    pages = {
        name: max(lists.cost(_whole(site, f"{here}?{query}")) for query in queries)
        for name, queries in lists.pages(first.action_id, first.channel).items()
    }
    searched = site.browser.get(f"{here}?q={first.customer_id}").headers["Location"]
    pages["search by id"] = lists.cost(_whole(site, searched))
    half = f"{here}/members/{members // 2}"
    others = {
        "call card": max(lists.cost(_whole(site, f"{half}?sort={sort}")) for sort in ("number", *SORTS)),
        "effect": lists.cost(_whole(site, f"{here}/effect")),
        "outcomes": lists.cost(_whole(site, f"{here}/outcomes")),
        "all campaigns": lists.cost(_whole(site, "/campaigns")),
        "my lists": lists.cost(_whole(site, "/campaigns/mine")),
    }
    return {"pages": pages, "others": others, "changes": lists.changes()}


def _whole(site: Site, url: str) -> Callable[[], None]:
    def ask() -> None:
        answer = site.browser.get(url)
        assert answer.status_code == 200, answer.get_data(as_text=True)[:500]  # noqa: S101 - otherwise the figure is not valid

    return ask


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("file", type=Path)
    arguments.add_argument("--members", type=int, default=100_000)
    arguments.add_argument("--repeats", type=int, default=20)
    options = arguments.parse_args()
    site = Site.open(options.folder)
    run = site.scored(options.file, scorer_of(site.application, options.folder))
    results = measured(site, run, members=options.members, repeats=options.repeats)
    _remove(site)
    print(json.dumps(results))


def _remove(site: Site) -> None:
    with ports_of(site.application).new_uow() as uow:
        uow.campaigns.remove(CAMPAIGN)
        uow.commit()


if __name__ == "__main__":
    main()
