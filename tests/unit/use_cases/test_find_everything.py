"""One search: what it finds, and that each person finds only what they may see."""

from __future__ import annotations

from pathlib import Path

import pytest

from application.use_cases.search.find_everything import FindEverything, Found
from domain.account import Account, Role
from domain.campaign import CampaignId, CampaignState
from domain.help_pages import HelpGroup
from domain.run import RunId
from tests.builders import a_campaign, a_contact, a_finished_run, a_member, a_model_version, an_account, at
from tests.fakes.help import FakeHelpPages, a_help_page
from tests.unit.use_cases.in_memory import InMemoryApplication

PAGES = FakeHelpPages(listed=(HelpGroup("Tasks", (a_help_page(title="Read November", text="November."),)),))


def person(role: Role, name: str) -> Account:
    return an_account(id=name, name=name, role=role, email=f"{name}@x.example")


ANA, BEN = person(Role.ANALYST, "ana"), person(Role.ANALYST, "ben")
VERA, MAX = person(Role.VIEWER, "vera"), person(Role.MANAGER, "max")


@pytest.fixture
def find(tmp_path: Path) -> FindEverything:
    """Ana's and Ben's predictions of November, of which Ben's second is shared; a campaign of each."""
    installed = InMemoryApplication(tmp_path)
    with installed.new_uow() as uow:
        for account in (ANA, BEN, VERA, MAX):
            uow.accounts.add(account)
        for number, (owner, shared) in enumerate((("ana", False), ("ben", False), ("ben", True)), start=1):
            made = {"file_name": f"November {owner} {number}.csv", "created_at": at(minutes=number)}
            uow.runs.add(a_finished_run(id=f"run-{number}", owner=owner, shared=shared, **made))
            uow.predictions.add(RunId(f"run-{number}"), [a_contact(customer_id="AB-1", probability=number / 10)])
        uow.models.add(a_model_version(id="v1", file_name="trained on November.csv"))
        for owner in ("ana", "ben"):
            made = {"name": f"November calls of {owner}", "shared": False, "state": CampaignState.RUNNING}
            uow.campaigns.add(a_campaign(id=CampaignId(f"of-{owner}"), owner=owner, **made))
        uow.campaigns.add_members(CampaignId("of-ben"), [a_member(number=1, assigned_to="vera")])
        uow.commit()
    return FindEverything(installed.new_reading, PAGES)


def named(found: Found) -> tuple[list[str], list[tuple[str, float]], list[str]]:
    customers = [(own.run_id, own.probability) for own in found.customers]
    return [run.id for run in found.runs], customers, [campaign.id for campaign in found.campaigns]


@pytest.mark.parametrize(
    ("by", "runs", "campaigns"),
    [
        (ANA, ["run-3", "run-1"], ["of-ana"]),
        (BEN, ["run-3", "run-2"], ["of-ben"]),
        (VERA, ["run-3"], ["of-ben"]),
        (MAX, ["run-3", "run-2", "run-1"], ["of-ben", "of-ana"]),
    ],
)
def test_a_person_finds_what_they_may_see(
    find: FindEverything, by: Account, runs: list[str], campaigns: list[str]
) -> None:
    found = find(" NOVEMBER ", by=by)
    assert named(found) == (runs, [], campaigns)
    assert [model.name for model in found.models] == ["Model v1"]
    assert [hit.page.title for hit in found.help] == ["Read November"]
    assert found.count == len(runs) + len(campaigns) + 2


def test_a_customer_is_found_in_the_newest_prediction_that_the_person_may_see(find: FindEverything) -> None:
    assert named(find("ab-1", by=MAX))[1] == [("run-3", 0.3)]
    assert named(find("AB", by=ANA))[1] == [("run-3", 0.3)]
    assert find("AB-2", by=MAX).count == 0


def test_a_private_prediction_gives_nobody_else_its_customers(tmp_path: Path) -> None:
    installed = InMemoryApplication(tmp_path)
    with installed.new_uow() as uow:
        uow.runs.add(a_finished_run(id="run-1", owner="ana", shared=False))
        uow.predictions.add(RunId("run-1"), [a_contact(customer_id="AB-1")])
        uow.commit()
    search = FindEverything(installed.new_reading, PAGES)
    assert len(search("AB-1", by=ANA).customers) == 1
    assert search("AB-1", by=BEN).customers == ()
    assert search("AB-1", by=VERA).customers == ()


@pytest.mark.parametrize("text", ["", "  ", "N"])
def test_a_short_text_finds_nothing(find: FindEverything, text: str) -> None:
    assert find(text, by=MAX).count == 0


def test_a_long_text_is_cut(find: FindEverything) -> None:
    assert len(find("x" * 5000, by=MAX).text) == 200
