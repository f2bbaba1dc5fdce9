"""What a person sees who waits: how many jobs come before, and when no more files are taken."""

from __future__ import annotations

import io
import re
from dataclasses import replace

from bench.ports import ports_of
from domain.account import Role
from domain.model import ModelStage
from domain.progress import Progress, ScoringStage, SoFar
from domain.run import RunId
from tests.builders import a_model_version, a_run, a_training
from tests.integration.web.conftest import Office

FILE = b"customerID,tenure,MonthlyCharges,Contract,PaperlessBilling\nC-1,5,70.5,Month-to-month,Yes\n"


def queue(office: Office, name: str, role: Role) -> None:
    run = a_run(id=RunId(name), owner=office.people[role].id, created_at=office.application.now())
    with ports_of(office.application).new_uow() as uow:
        if not uow.models.all():
            uow.models.add(a_model_version(id="v1", stage=ModelStage.CHAMPION))
        uow.runs.add(run)
        uow.commit()


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


def test_the_progress_page_says_how_many_files_are_before_one(office: Office) -> None:
    for name, role in (("theirs-1", Role.MANAGER), ("theirs-2", Role.ADMIN), ("mine-1", Role.ANALYST)):
        queue(office, name, role)
    queue(office, "mine-2", Role.ANALYST)
    browser = office.browser(Role.ANALYST)
    page = words(browser.get("/predictions/mine-2").get_data(as_text=True))
    assert "The file was received. 2 files of other people and 1 of yours are before it." in page

    browser.post("/predictions/mine-1/cancel", {})
    page = words(browser.get("/predictions/mine-2").get_data(as_text=True))
    assert "The file was received. 2 files of other people are before it." in page


def test_the_progress_page_of_a_queued_training_says_that_it_waits(office: Office) -> None:
    queue(office, "theirs", Role.MANAGER)
    training = a_training(owner=office.people[Role.ANALYST].id, created_at=office.application.now())
    with ports_of(office.application).new_uow() as uow:
        uow.trainings.add(replace(training))
        uow.commit()
    page = words(office.browser(Role.ANALYST).get("/models/trainings/training-1").get_data(as_text=True))
    assert "The file was received. 1 file of other people is before it." in page


def shown(office: Office, progress: Progress) -> str:
    with ports_of(office.application).new_uow() as uow:
        if not uow.models.all():
            uow.models.add(a_model_version(id="v1", stage=ModelStage.CHAMPION))
            owner, now = office.people[Role.ANALYST].id, office.application.now()
            uow.runs.add(a_run(id=RunId("mine"), owner=owner, created_at=now).started(worker="w", at=now))
        uow.runs.save(replace(uow.runs.get(RunId("mine")), progress=progress))
        uow.commit()
    return words(office.browser(Role.ANALYST).get("/predictions/mine").get_data(as_text=True))


def test_the_progress_page_counts_customers_and_then_names_what_is_left_to_do(office: Office) -> None:
    page = shown(office, Progress(ScoringStage.RECOGNISING, of=140_619, whole=0.0))
    assert "Recognising the columns of about 141,000 customers…" in page
    assert "0 customers are scored" not in page
    assert "Likely to leave–" in page

    so_far = SoFar(scored=16_384, rejected=2, likely=4_096, at_risk=363_920.4)
    page = shown(office, Progress(ScoringStage.SCORING, 16_384, 140_619, so_far, whole=0.1, left=30))
    assert "16,384 customers are scored. About 30 seconds left." in page
    assert "Scoring and explaining each customer 16,384 of about 141,000" in page
    assert "Likely to leave4,096 · 25.0%Monthly revenue at risk$363,920Rejected rows2" in page

    so_far = replace(so_far, scored=140_000, at_risk=None)
    page = shown(office, Progress(ScoringStage.SORTING, 70_000, 140_000, so_far, whole=0.45, left=10))
    assert "All 140,000 customers are scored. Sorting by risk and writing… About 10 seconds left." in page
    assert "45%" in page
    assert "Look again" in page
    assert "Monthly revenue at risk" not in page


def test_the_twenty_first_waiting_file_is_rejected_with_a_message(office: Office) -> None:
    for number in range(20):
        queue(office, f"run-{number}", Role.ANALYST)
    browser = office.browser(Role.ANALYST)
    answer = browser.post("/predictions", {"file": (io.BytesIO(FILE), "customers.csv")})
    assert answer.status_code == 429
    assert "You have 20 files waiting." in answer.get_data(as_text=True)
