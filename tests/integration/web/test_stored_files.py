"""Files without a record under Storage and health, and the page of a damaged result."""

from __future__ import annotations

import io
import os

import pytest

from application.ports.stored_files import FileKind
from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.run import JobState
from domain.training import TrainingRequest
from tests.integration.web.conftest import Office

LONG_AGO = 1_600_000_000


def customers(*, training: bool = False) -> io.BytesIO:
    lines = ["customerID,tenure,Contract,MonthlyCharges" + (",Churn" if training else "")]
    for n in range(240):
        leaves = (n * 7919) % 100 < (55 if n % 2 else 8)
        line = f"{n:05d}-AAAAA,{n % 72},{'Month-to-month' if n % 2 else 'Two year'},{20 + n % 90}"
        lines.append(f"{line},{'Yes' if leaves else 'No'}" if training else line)
    return io.BytesIO("\n".join(lines).encode())


@pytest.fixture
def office_with_run(office: Office) -> tuple[Office, str]:
    """With a scored run that no page has opened yet in this process."""
    application, admin = office.application, office.people[Role.ADMIN]
    request = TrainingRequest(algorithm="logistic", effort="low")
    application.models.train_model(
        application.models.submit_training(customers(training=True), "labelled.csv", request, by=Actor(admin)).id
    )
    run = application.predictions.submit_scoring(customers(), "customers.csv", by=Actor(admin))
    ended = application.predictions.score_run(run.id)
    assert ended is not None
    assert ended.state is JobState.DONE, ended.error
    return office, run.id


def orphans(office: Office, count: int) -> list[str]:
    names = [f"orphan-{n:02d}" for n in range(count)]
    for name in names:
        folder = office.folder / "results" / name
        folder.mkdir(parents=True)
        (folder / "customers.parquet").write_bytes(b"PAR1")
        os.utime(folder, (LONG_AGO, LONG_AGO))
    return names


def test_an_administrator_sees_files_without_a_record_and_moves_them_to_the_trash(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    assert "Files without a record" not in admin.get("/admin/health").get_data(as_text=True)
    names = orphans(office, 21)

    page = admin.get("/admin/health").get_data(as_text=True)
    assert "21 files or folders" in page
    assert names[0] in page
    assert "until you decide" in page

    moved = admin.post("/admin/health/leftovers/trash", htmx=True).get_data(as_text=True)
    assert "21 files or folders were moved to the trash." in moved
    assert "Every file has a database record." in moved
    assert "The trash holds 21 items" in moved
    assert not (office.folder / "results" / names[0]).exists()
    audit = admin.get("/admin/audit").get_data(as_text=True)
    assert "moved leftovers to the trash" in audit


def test_a_damaged_result_has_a_page_that_names_its_file(office_with_run: tuple[Office, str]) -> None:
    office, run_id = office_with_run
    parquet = office.folder / "results" / run_id / "customers.parquet"
    content = bytearray(parquet.read_bytes())
    content[len(content) // 2] ^= 4
    parquet.write_bytes(content)

    answer = office.browser(Role.ADMIN).get(f"/predictions/{run_id}")

    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "The stored results of customers.csv are damaged" in page
    assert "Score the file again." in page
    assert "Nothing was changed" not in page


def test_an_unreadable_result_of_an_older_version_has_a_page_that_names_its_file(
    office_with_run: tuple[Office, str],
) -> None:
    office, run_id = office_with_run
    folder = office.folder / "results" / run_id
    (folder / "manifest.json").unlink()
    (folder / "customers.parquet").write_bytes(b"PAR1" + bytes(500) + b"PAR1")
    with ports_of(office.application).new_uow() as uow:
        uow.hashes.remove(FileKind.RESULTS, run_id)
        uow.commit()

    page = office.browser(Role.ADMIN).get(f"/predictions/{run_id}").get_data(as_text=True)

    assert "The stored results of customers.csv are damaged" in page
