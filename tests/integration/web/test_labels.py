"""Make labels: files are sent or chosen, looked at, and become a training file or a model."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from application.use_cases.labels import labelling
from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.labelling import SMALL_BYTES
from domain.task import TaskId, TaskKind
from domain.training import TrainingId
from tests.integration.web.conftest import Browser, Office

URL = "/models/labels"
HEADER = "customer_id,plan,tenure,bill"


def base(start: int, stop: int, month: int) -> bytes:
    """Customers C1000, C1001 …: a month older each month."""
    rows = [f"C{1000 + own},{('Basic', 'Pro')[own % 2]},{own + month},{20 + own % 7}" for own in range(start, stop)]
    return "\n".join([HEADER, *rows]).encode()


def three_months() -> dict[str, bytes]:
    """200 customers a month; the first 10 leave each month, and 10 join."""
    return {f"base_2026-{4 + k:02d}.csv": base(10 * k, 200 + 10 * k, k) for k in range(3)}


def send(browser: Browser, files: dict[str, bytes]) -> Any:
    parts = [(io.BytesIO(data), name) for name, data in files.items()]
    return browser.post(f"{URL}/files", {"file": parts}, content_type="multipart/form-data")


def page_of(browser: Browser, query: str = "") -> str:
    return str(browser.get(f"{URL}{query}").get_data(as_text=True))


def temporary(office: Office) -> list[str]:
    return sorted(path.name for path in (office.folder / "uploads").glob("check-labels-*"))


def test_files_are_looked_at_at_once_and_shown_before_anything_is_stored(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    assert "from your monthly files" in page_of(browser)
    assert send(browser, three_months()).headers["Location"] == URL
    page = page_of(browser)
    assert "<strong>20</strong> of 400 rows of customers (5.0%) left." in page
    assert "Left means: missing in the file of the next month" in page
    assert re.search(r"Apr 2026</th><td class=\"num\">200</td>", page)
    assert "The newest month is too young" in page
    assert "In these files, nobody who was missing returns." in page
    assert "customer_id, the month, 3 columns, and Churn" in page
    with ports_of(office.application).new_reading() as uow:
        assert not uow.trainings.latest()


def test_horizon_and_treatment_are_in_the_address_and_need_no_other_look(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    send(browser, three_months())
    before = tasks_of(office)
    part = browser.htmx(f"{URL}?horizon=2&returning=out").get_data(as_text=True)
    assert part.lstrip().startswith('<div id="labelling"')
    assert "<strong>20</strong> of 200 rows of customers (10.0%) left." in part
    assert "A risk is about the next 2 months" in part
    assert tasks_of(office) == before


def tasks_of(office: Office) -> list[TaskId]:
    with ports_of(office.application).new_reading() as uow:
        latest = [uow.tasks.latest_of(labelling.subject_of(account)) for account in uow.accounts.all()]
        return [task.id for task in latest if task is not None]


def test_the_training_file_is_made_and_downloaded(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    send(browser, three_months())
    assert browser.get(f"{URL}/file.csv").status_code == 404
    made = browser.post(f"{URL}/make", {"then": "file", "horizon": "1", "returning": "left"})
    assert made.headers["Location"] == f"{URL}?horizon=1&returning=left"
    page = page_of(browser, "?horizon=1&returning=left")
    assert "Download labels 2026-04 to 2026-05.csv" in page
    assert "Download labels" not in page_of(browser, "?horizon=2&returning=left")
    answer = browser.get(f"{URL}/file.csv")
    assert "labels 2026-04 to 2026-05.csv" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    lines = answer.data.decode("utf-8-sig").splitlines()
    answer.close()  # the file is open until then
    assert lines[:2] == ["customer_id,SnapshotMonth,plan,tenure,bill,Churn", "C1000,2026-04,Basic,0,20,Yes"]
    assert len(lines) == 401


def test_one_click_trains_and_the_model_says_how_its_label_was_made(office: Office) -> None:
    browser = office.browser(Role.MANAGER)
    send(browser, three_months())
    fields = {"then": "train", "horizon": "1", "returning": "left", "algorithm": "logistic", "effort": "low"}
    address = browser.post(f"{URL}/make", fields).headers["Location"]
    training = TrainingId(address.rpartition("/")[2])
    assert address == f"/models/trainings/{training}"
    assert browser.get(address).status_code == 200
    ended = office.application.models.train_model(training)
    assert ended is not None
    assert ended.version is not None, ended.error
    page = browser.get(f"/models/{ended.version}").get_data(as_text=True)
    assert "The label was made here from 3 files, April 2026 to May 2026." in page
    assert "Left means: missing in the file of the next month." in page
    card = browser.get(f"/models/{ended.version}/card?format=md").get_data(as_text=True)
    assert "- Label: The label was made here from 3 files" in card
    assert f'href="{address}"' in page_of(browser)


def test_more_files_are_added_and_one_is_left_out(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    files = three_months()
    first, second, third = files
    send(browser, {first: files[first], third: files[third]})
    assert "There is no file of May 2026 between April 2026 and June 2026." in page_of(browser)
    send(browser, {second: files[second]})
    assert "of 400 rows" in page_of(browser)
    upload = re.findall(r'name="upload" value="([^"]*)"', page_of(browser))[1]
    browser.post(f"{URL}/remove", {"upload": upload})
    assert "<strong>10</strong> of 200 rows" in page_of(browser)
    assert len(temporary(office)) == 2


def test_a_question_is_answered_on_the_page(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    send(browser, {"base_2026-04.csv": base(0, 200, 0), "export.csv": base(10, 210, 1)})
    page = page_of(browser)
    assert "What we need to know" in page
    assert "About export.csv" in page
    assert '<option value="2026-05">May 2026</option>' in page
    assert browser.post(f"{URL}/answer", {"answer": "soon"}).status_code == 422
    browser.post(f"{URL}/answer", {"answer": "2026-05"})
    assert "<strong>10</strong> of 200 rows" in page_of(browser)


def test_another_way_of_leaving_is_chosen(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    rows = base(0, 200, 0).decode().splitlines()
    dated = [f"{rows[0]},seen_on", *(f"{row},2026-0{4 if k < 30 else 6}-20" for k, row in enumerate(rows[1:]))]
    send(browser, {"base.csv": "\n".join(dated).encode()})
    assert "One month alone does not show who left" in page_of(browser)
    fields = {"source": "inactive", "column": "seen_on", "days": "45", "as_of": ""}
    browser.post(f"{URL}/choose", fields)
    page = page_of(browser)
    assert "<strong>30</strong> of 200 customers (15.0%) left." in page
    assert "Inactive customers by days" in page
    assert "It defines the label" in page
    assert browser.post(f"{URL}/choose", fields | {"source": "stars"}).status_code == 422
    assert browser.post(f"{URL}/choose", fields | {"as_of": "soon"}).status_code == 422


def test_what_is_unusual_has_to_be_accepted(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    files = three_months()
    files["base_2026-06.csv"] = base(20, 190, 2)
    send(browser, files)
    assert "June 2026 has 15.0% fewer customers than May 2026" in page_of(browser)
    fields = {"then": "file", "horizon": "1", "returning": "left"}
    browser.post(f"{URL}/make", fields)
    assert "Look at this first" in page_of(browser)
    assert "Download labels" not in page_of(browser)
    browser.post(f"{URL}/make", fields | {"accept": "yes"})
    assert "Download labels 2026-04 to 2026-05.csv" in page_of(browser)


def test_earlier_uploads_can_be_used_and_are_not_deleted(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    rows = base(0, 100, 0).decode().splitlines()
    labelled = [f"{rows[0]},Churn", *(f"{row},{'Yes' if k % 3 else 'No'}" for k, row in enumerate(rows[1:]))]
    fields = {"algorithm": "logistic", "effort": "low", "horizon": "a month"}
    file = (io.BytesIO("\n".join(labelled).encode()), "customers 2026-07.csv")
    browser.post("/models/new", fields | {"file": file}, content_type="multipart/form-data")
    page = page_of(browser)
    assert "customers 2026-07.csv" in page
    upload = re.search(r'type="checkbox" name="upload" value="([^"]*)"', page)
    assert upload is not None
    browser.post(f"{URL}/uploads", {"upload": upload[1]})
    assert "earlier upload" in page_of(browser)
    assert browser.post(f"{URL}/uploads", {"upload": "check-labels-else"}).status_code == 404
    browser.post(f"{URL}/start-over")
    assert (office.folder / "uploads" / f"{upload[1]}.upload").is_file()
    assert "from your monthly files" in page_of(browser)


def test_a_worker_looks_at_large_files_and_a_second_click_starts_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.labelling.SMALL_BYTES", 100)
    browser = office.browser(Role.ANALYST)
    send(browser, three_months())
    page = page_of(browser)
    assert "The files are being <strong>looked at</strong>." in page
    assert f'hx-get="{URL}?waiting=1"' in page
    again = send(browser, three_months())
    assert again.status_code == 409
    assert "Wait until that is done" in again.get_data(as_text=True) or "looked at" in again.get_data(as_text=True)
    (task,) = tasks_of(office)
    part = browser.htmx(f"{URL}?waiting=1")
    assert part.get_data(as_text=True).lstrip().startswith('<div id="labelling"')
    done = office.application.campaigns.run_task(task)
    assert done is not None
    assert done.kind is TaskKind.LABEL
    assert browser.htmx(f"{URL}?waiting=1").headers["HX-Redirect"] == URL
    assert "of 400 rows" in page_of(browser)
    assert SMALL_BYTES == 8 * 1024**2


def test_work_can_be_stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.labelling.SMALL_BYTES", 100)
    browser = office.browser(Role.ANALYST)
    send(browser, three_months())
    browser.post(f"{URL}/stop")
    page = page_of(browser)
    assert "being" not in page[page.index('<p class="answer">') : page.index('<p class="answer-note">')]
    browser.post(f"{URL}/start-over")
    assert temporary(office) == []


def test_files_that_were_swept_are_asked_for_again(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    send(browser, three_months())
    for path in (office.folder / "uploads").glob("check-labels-*"):
        path.unlink()
    browser.post(f"{URL}/make", {"then": "file", "horizon": "1", "returning": "left"})
    assert "The files are no longer here" in page_of(browser)


def test_each_person_has_a_labelling_of_their_own(office: Office) -> None:
    first, second = office.browser(Role.ANALYST), office.browser(Role.MANAGER)
    send(first, three_months())
    assert "from your monthly files" in page_of(second)
    assert second.get(f"{URL}/file.csv").status_code == 404
    assert office.browser(Role.VIEWER).get(URL).status_code == 403


def test_erasing_a_customer_deletes_the_files_of_labellings(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    send(browser, three_months())
    assert len(temporary(office)) == 3
    office.application.privacy.erase_customer("C1050", by=Actor(office.people[Role.ADMIN]))
    assert temporary(office) == []
    assert "of 400 rows" in page_of(browser)  # figures name no customer


def test_no_file_and_an_empty_one_are_mistakes(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    answer = browser.post(f"{URL}/files", {}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Choose at least one file first." in answer.get_data(as_text=True)
    answer = send(browser, {"2026-04.csv": base(0, 20, 0), "2026-05.csv": b""})
    assert answer.status_code == 422
    assert "The file is empty." in answer.get_data(as_text=True)
    assert temporary(office) == []


def test_the_page_is_found_from_the_models(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    for address in ("/models", "/models/new"):
        assert f'href="{URL}"' in browser.get(address).get_data(as_text=True)
