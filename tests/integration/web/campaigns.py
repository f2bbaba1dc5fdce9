"""A scored file, and campaigns made from it."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Role
from domain.campaign import Campaign, CampaignId
from domain.task import Task, TaskId
from tests.integration.web.conftest import Browser, Office


@dataclass
class Planner:
    """A person who makes campaigns, with a worker that does each task when it is asked to."""

    office: Office
    browser: Browser
    run_id: str

    @classmethod
    def of(cls, office: Office, role: Role = Role.ANALYST) -> Planner:
        with ports_of(office.application).new_reading() as uow:
            run = uow.runs.find(RunQuery(limit=1)).runs[0]
        return cls(office, office.browser(role), run.id)

    def work(self) -> list[Task]:
        """Do every waiting task."""
        with ports_of(self.office.application).new_reading() as uow:
            waiting = [task.id for task in uow.tasks.unfinished()]
        done = [self.office.application.campaigns.run_task(TaskId(task)) for task in waiting]
        return [task for task in done if task is not None]

    def draft(self, address: str = "", **fields: str) -> str:
        """Ask for a campaign, and let it be planned. Returns its address."""
        given = {"name": "Spring calls", "control": "10", **fields}
        answer = self.browser.post(f"/campaigns/new?run={self.run_id}{address}", given)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        self.work()
        return str(answer.headers["Location"])

    def start(self, address: str) -> None:
        campaign = self.campaign(address)
        answer = self.browser.post(f"{address}/start", {"based_on": str(campaign.version), "confirmed": "yes"})
        assert answer.status_code == 303
        self.work()

    def campaign(self, address: str) -> Campaign:
        with ports_of(self.office.application).new_reading() as uow:
            return uow.campaigns.get(CampaignId(address.rpartition("/")[2]))

    def page(self, address: str) -> str:
        answer = self.browser.get(address)
        assert answer.status_code == 200, answer.status
        return answer.get_data(as_text=True)
